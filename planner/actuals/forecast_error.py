"""How far a forecast of demand was from what was used, beside a naive one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from planner.actuals.forecast import bias, mape
from planner.units import month_label

_Pairs = Sequence[tuple[float | None, float]]
"""Forecast, where there is one, and actual."""


def forecast_error(labels: Sequence[str], planned: Sequence[float], history: Mapping[str, float]) -> dict[str, Any]:
    """Return errors of the plan's GPU-hours, and of the naive forecast that a month is as the one before.

    Parameters
    ----------
    labels : months that are compared
    history : actual GPU-hours by month
    """
    plan = [(said, history.get(label, 0.0)) for label, said in zip(labels, planned, strict=True)]
    naive = [(history.get(month_label(label, -1)), history.get(label, 0.0)) for label in labels]
    both = [(one, other) for one, other in zip(plan, naive, strict=True) if other[0] is not None]
    (own, off), (naive_own, naive_off), (own_then, _) = (_errors(pairs) for pairs in (
        plan, [other for _, other in both], [one for one, _ in both]))  # fmt: skip
    return {
        "months": len(labels), "mape": own, "bias": off, "naive_months": len(both), "naive_mape": naive_own,
        "naive_bias": naive_off, "plan_mape_in_these": own_then,
    }  # fmt: skip


def _errors(pairs: _Pairs) -> tuple[float | None, float | None]:
    """Return MAPE and bias of what was forecast."""
    known = [(said, actual) for said, actual in pairs if said is not None]
    said, actual = [one for one, _ in known], [one for _, one in known]
    return mape(said, actual), bias(said, actual)
