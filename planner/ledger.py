"""What a plan costs: one row per cost line, made from the same statements of price as the objective."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from planner.costs import CostLines
from planner.decisions import Model
from planner.model.build import Built
from planner.program import Floats

COLUMNS = [
    "component", "category", "month", "item", "unit", "quantity", "unit_cost_usd", "cost_usd", "present_usd",
    "timing", "treatment", "source",
]  # fmt: skip
"""`month` counts from 0; H and later lie after the horizon. USD are nominal but for `present_usd`; `treatment` is for
tax and profit and loss (planner/costs/lines.py)."""


def build_ledger(built: Built, x: Floats) -> pd.DataFrame:
    """Return the ledger of plan `x` (array [column]): rows of COLUMNS, in the order of the components and months."""
    parts = [
        _rows(built.model, lines, factor, x) for lines, factor in zip(built.lines, built.factors, strict=True)
    ]  # fmt: skip
    kept = [part for part in parts if len(part)]
    return pd.concat(kept, ignore_index=True)[COLUMNS] if kept else pd.DataFrame(columns=COLUMNS)


def dated(ledger: pd.DataFrame, months: Sequence[str]) -> pd.DataFrame:
    """Return `ledger` with the labels of its months: the horizon ends in the last; what is paid after it says so."""
    labels = [
        months[-1] if timing == "horizon" else months[t] if t < len(months) else f"after {months[-1]}"
        for t, timing in zip(ledger["month"], ledger["timing"], strict=True)
    ]
    return ledger.assign(month=labels)


def _rows(model: Model, lines: CostLines, factor: Floats, x: Floats) -> pd.DataFrame:
    quantity = lines.view.coefficients * x[lines.view.columns] * lines.amount
    used = np.flatnonzero(quantity)
    if not len(used):
        return pd.DataFrame(columns=COLUMNS)
    entries = pd.DataFrame(
        {key: lines.view.keys[key][used] for key in lines.items}
        | {
            "month": lines.month[used], "unit_cost_usd": lines.price[used], "quantity": quantity[used],
            "present_usd": (quantity * lines.price * factor)[used],
        }
    )  # fmt: skip
    by = [*lines.items, "month", "unit_cost_usd"]
    rows = entries.groupby(by, sort=True, as_index=False).sum()
    items = [[model.program.label(key, int(index)) for index in rows[key]] for key in lines.items]
    return pd.DataFrame(
        {
            "component": lines.component, "category": lines.category, "month": rows["month"],
            "item": [" @ ".join(labels) for labels in zip(*items, strict=True)], "unit": lines.unit,
            "quantity": rows["quantity"], "unit_cost_usd": rows["unit_cost_usd"],
            "cost_usd": rows["quantity"] * rows["unit_cost_usd"], "present_usd": rows["present_usd"],
            "timing": lines.timing, "treatment": lines.treatment,
            "source": [lines.source[int(index)] for index in rows[lines.items[0]]],
        }
    )  # fmt: skip
