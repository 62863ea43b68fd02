"""What a plan costs: one row per cost line, made from the same statements of price as the objective."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from planner.costs import CostLines
from planner.decisions import Model
from planner.model.build import Built
from planner.program import Floats
from planner.units import month_label

COLUMNS = [
    "component", "category", "month", "item", "unit", "quantity", "unit_cost_usd", "cost_usd", "present_usd",
    "timing", "treatment", "source",
]  # fmt: skip
"""`month` counts from 0; H and later lie after the horizon. USD are nominal but for `present_usd`; `treatment` is for
tax and profit and loss (planner/costs/lines.py)."""
_TYPES = {"month": "int64"} | dict.fromkeys(("quantity", "unit_cost_usd", "cost_usd", "present_usd"), "float64")


def build_ledger(built: Built, x: Floats) -> pd.DataFrame:
    """Return the ledger of plan `x` (array [column]): rows of COLUMNS, in the order of the components and months."""
    columns = ledger_columns(built, x)
    return pd.DataFrame({name: pd.Series(values, dtype=_TYPES.get(name, "str")) for name, values in columns.items()})


def ledger_columns(built: Built, x: Floats) -> dict[str, list[Any]]:
    """Return the ledger of plan `x` as plain lists by column: a table takes twice as long, and sums need none."""
    parts = [_rows(built.model, lines, factor, x) for lines, factor in zip(built.lines, built.factors, strict=True)]
    return {name: [*chain.from_iterable(part[name] for part in parts)] for name in COLUMNS}


def dated(ledger: pd.DataFrame, months: Sequence[str]) -> pd.DataFrame:
    """Return `ledger` with the labels of its months, which go on after `months`; the horizon ends in their last."""
    labels = [
        months[-1] if timing == "horizon" else month_label(months[0], t)
        for t, timing in zip(ledger["month"], ledger["timing"], strict=True)
    ]
    return ledger.assign(month=labels)


def _rows(model: Model, lines: CostLines, factor: Floats, x: Floats) -> dict[str, list[Any]]:
    """Sum the entries of `lines` by item, month and price. Not by pandas, which takes 3 ms for each small table."""
    quantity = lines.view.coefficients * x[lines.view.columns] * lines.amount
    used = np.flatnonzero(quantity)
    by = [*(lines.view.keys[key][used] for key in lines.items), lines.month[used], lines.price[used]]
    order = np.lexsort(by[::-1])
    by, used = [key[order] for key in by], used[order]
    changed = np.any([np.diff(key) != 0 for key in by], axis=0)
    first = np.flatnonzero(np.concatenate([[len(used) > 0], changed]))
    *items, month, price = (key[first] for key in by)
    units = np.add.reduceat(quantity[used], first)
    present = np.add.reduceat((quantity * lines.price * factor)[used], first)
    labels = [[model.program.label(key, int(n)) for n in at] for key, at in zip(lines.items, items, strict=True)]
    return {
        "component": [lines.component] * len(first), "category": [lines.category] * len(first),
        "month": month.tolist(), "item": [" @ ".join(parts) for parts in zip(*labels, strict=True)],
        "unit": [lines.unit] * len(first), "quantity": units.tolist(), "unit_cost_usd": price.tolist(),
        "cost_usd": (units * price).tolist(), "present_usd": present.tolist(), "timing": [lines.timing] * len(first),
        "treatment": [lines.treatment] * len(first), "source": [lines.source[int(n)] for n in items[0]],
    }  # fmt: skip
