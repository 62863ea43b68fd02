"""Where the numbers come from: how each price was made, and what the plan pays at it."""

from __future__ import annotations

import inspect
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from planner.analysis.study import Study
from planner.case import Case, all_series
from planner.components import NEGOTIATED
from planner.costs import COMPONENTS, TAXES, contingency
from planner.costs.negotiated import SOURCE, listed_and_negotiated
from planner.units import MONTHS_PER_YEAR


def made_prices(case: Case) -> list[dict[str, Any]]:
    """Return every price of `case` with the factors it was made of; their product is the price in the first month."""
    return [
        {
            "thing": thing, "price": name, "rows": list(series.rows),
            "factors": [asdict(factor) for factor in series.factors],
            "first": series.now, "last": float(series.values[-1]),
        }
        for thing, name, series in all_series(case)
    ]  # fmt: skip


def paid_lines(study: Study) -> list[dict[str, Any]]:
    """Return the plan's ledger with the months of each line taken together; their present USD sum to the objective."""
    ledger, horizon = study.plan.ledger, study.case.horizon
    by = ["component", "category", "item", "unit", "timing", "source"]
    return [
        _line(study, dict(zip(by, key, strict=True)), part, horizon)
        for key, part in ledger.groupby(by, sort=False)
    ]  # fmt: skip


def _line(study: Study, keys: dict[str, Any], part: pd.DataFrame, horizon: int) -> dict[str, Any]:
    month = part["month"].to_numpy(int)
    year = np.minimum(month, horizon - 1) // MONTHS_PER_YEAR
    years = -(-horizon // MONTHS_PER_YEAR)
    labels = study.case.months
    return keys | {
        "rows": [
            row for product in keys["source"].split(" × ") for row in product.split(" + ") if not row.startswith(SOURCE)
        ],
        "first_month": labels[min(int(month.min()), horizon - 1)],
        "last_month": labels[min(int(month.max()), horizon - 1)],
        "payments": len(part),
        "quantity": float(part["quantity"].sum()),
        "lowest_unit_cost_usd": float(part["unit_cost_usd"].min()),
        "highest_unit_cost_usd": float(part["unit_cost_usd"].max()),
        "cost_usd": float(part["cost_usd"].sum()),
        "present_usd": float(part["present_usd"].sum()),
        "by_year": np.bincount(year, part["cost_usd"].to_numpy(float), years).tolist(),
    }


def component_formulas(study: Study) -> list[dict[str, str]]:
    """Return the formula of every cost component, from its docstring; and of what was negotiated on them."""
    found = [_formula(component.__name__, component) for component in (*COMPONENTS, contingency, *TAXES)]
    differences = {name for name in study.plan.ledger["component"].unique() if name.startswith(NEGOTIATED)}
    return found + [_formula(name, listed_and_negotiated) for name in sorted(differences)]


def _formula(name: str, function: object) -> dict[str, str]:
    formula, _, text = (inspect.getdoc(function) or "").partition("\n")
    return {"component": name, "formula": formula, "text": " ".join(text.split())}
