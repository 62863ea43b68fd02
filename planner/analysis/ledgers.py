"""The ledger of every option for plan.json: each line with its months, so that whoever reads it can add up again."""

from __future__ import annotations

from typing import Any

import pandas as pd

from planner.analysis.study import Study

_LINE = ["component", "category", "item", "unit", "timing", "treatment", "source"]


def ledgers(study: Study) -> dict[str, list[dict[str, Any]] | None]:
    """Return the lines of every option, each with month, quantity and unit cost of its payments; null where none."""
    return {name: None if outcome is None else _lines(outcome.ledger) for name, outcome in study.outcomes.items()}


def _lines(ledger: pd.DataFrame) -> list[dict[str, Any]]:
    if ledger.empty:
        return []
    return [
        dict(zip(_LINE, key, strict=True)) | {
            "month": part["month"].astype(int).tolist(),
            "quantity": part["quantity"].astype(float).tolist(),
            "unit_cost_usd": part["unit_cost_usd"].astype(float).tolist(),
        }
        for key, part in ledger.groupby(_LINE, sort=False)
    ]  # fmt: skip
