"""What is said of a cost that differs from future to future, each as probable as any other."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from planner.program import Floats

DECILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}


def tail(count: int, alpha: float) -> float:
    """Return the probability of the dearest futures that CVaR looks at: one future at least."""
    return max(1.0 - alpha, 1.0 / count)


def cvar(usd: Floats, alpha: float) -> float:
    """Return the mean of the dearest 1 − alpha of the futures; of the dearest one where that is less than one."""
    share = tail(len(usd), alpha)
    left = np.maximum(share - np.arange(len(usd)) / len(usd), 0.0)
    weights = np.minimum(left, 1 / len(usd))
    return float(np.sort(usd)[::-1] @ weights / weights.sum())


def weighed(usd: Floats, aversion: float, alpha: float) -> float:
    """Return (1 − aversion) · mean + aversion · CVaR."""
    return (1 - aversion) * float(usd.mean()) + (aversion * cvar(usd, alpha) if aversion else 0.0)


def spread(usd: Floats, alpha: float) -> dict[str, float | int | None]:
    """Return deciles, mean and CVaR, and the number of futures without a cost; where there are such, only that.

    Figures of the other futures would stand beside those of all.
    """
    known = usd[np.isfinite(usd)]
    said: dict[str, float | int | None] = {"infeasible_futures": len(usd) - len(known)}
    if len(known) < len(usd):
        return said | dict.fromkeys((*DECILES, "mean", "cvar", "least", "most"))
    deciles = {name: float(np.quantile(known, at)) for name, at in DECILES.items()}
    ends = {"least": float(known.min()), "most": float(known.max())}
    return said | deciles | {"mean": float(known.mean()), "cvar": cvar(known, alpha)} | ends


def regrets(costs: Mapping[str, Floats], best: Floats) -> dict[str, float]:
    """Return by choice the most by which it is dearer than the best of its future; inf where it breaks a rule in one.

    Parameters
    ----------
    best : least cost of each future, known beforehand
    """
    return {name: float((usd - best).max()) for name, usd in costs.items()}
