"""What is proven of an answer, from the arrays alone: feasibility, and a bound from the multipliers."""

from __future__ import annotations

import numpy as np

from planner.program import INF, Arrays, Floats


def activity(arrays: Arrays, x: Floats) -> Floats:
    """Left side of every row at `x`."""
    row = np.repeat(np.arange(len(arrays.row_lower)), np.diff(arrays.starts))
    return np.asarray(np.bincount(row, arrays.values * x[arrays.indices], len(arrays.row_lower)), float)


def violation(arrays: Arrays, x: Floats) -> float:
    """Largest violation of a row or bound, relative to max(1, |limit|); of wholeness, absolute."""
    left = activity(arrays, x)
    worst = 0.0
    for value, low, high in ((left, arrays.row_lower, arrays.row_upper), (x, arrays.lower, arrays.upper)):
        for excess, limit in ((low - value, low), (value - high, high)):
            bounded = np.isfinite(limit)
            if bounded.any():
                scale = np.maximum(1.0, np.abs(limit[bounded]))
                worst = max(worst, float((excess[bounded] / scale).max()))
    whole = x[arrays.whole]
    return max(worst, float(np.abs(whole - np.round(whole)).max(initial=0.0)))


def reduced_costs(arrays: Arrays, multipliers: Floats) -> Floats:
    """Cost − yᵀA, by column."""
    row = np.repeat(np.arange(len(multipliers)), np.diff(arrays.starts))
    return arrays.cost - np.bincount(arrays.indices, multipliers[row] * arrays.values, len(arrays.cost))


def lower_bound(arrays: Arrays, multipliers: Floats) -> float:
    """Bound on the relaxation's optimum that holds for any multipliers (weak duality).

    min cost·x ≥ Σ_rows y·limit + Σ_columns d·bound with d = cost − yᵀA, each taken at the side where it is least.
    A multiplier that would need a limit which does not exist is set to zero first. A column without an upper bound
    whose d is negative by rounding counts nothing if its d is below 1e-9 of its cost scale, else the bound is −∞.
    """
    y = np.where((multipliers > 0) & np.isneginf(arrays.row_lower), 0.0, multipliers)
    y = np.where((y < 0) & np.isposinf(arrays.row_upper), 0.0, y)
    row = np.repeat(np.arange(len(y)), np.diff(arrays.starts))
    weight = y[row] * arrays.values
    d = arrays.cost - np.bincount(arrays.indices, weight, len(arrays.cost))
    scale = np.abs(arrays.cost) + np.bincount(arrays.indices, np.abs(weight), len(arrays.cost))
    d = np.where(np.abs(d) <= 1e-9 * np.maximum(1.0, scale), 0.0, d)
    rows = np.where(y > 0, arrays.row_lower, np.where(y < 0, arrays.row_upper, 0.0))
    columns = np.where(d > 0, arrays.lower, np.where(d < 0, arrays.upper, 0.0))
    if not (np.isfinite(rows).all() and np.isfinite(columns).all()):
        return -INF
    return float(y @ rows + d @ columns)
