"""Sums by month."""

from __future__ import annotations

import numpy as np

from planner.program import Floats, Ints


def by_months(month: Ints, amount: Floats, horizon: int) -> Floats:
    """Return the sum of `amount` in each month, array [t]; what lies after the horizon falls into its last month."""
    return np.asarray(np.bincount(np.minimum(month, horizon - 1), amount, horizon), float)
