"""The range of a total: every uncertain input drawn by Latin hypercube, the project priced once for all draws."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from planner.finetune.inputs import Floats, Inputs, Span, Tree, Value

SAMPLES = 2000
SEED = 1
_QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}


@dataclass(frozen=True)
class Swing:
    """What the total is with one input at its low and at its high end, all others at their likely values."""

    input: str
    low: float
    high: float
    usd_at_low: float
    usd_at_high: float


def draws(spans: dict[str, Span], seed: int, samples: int = SAMPLES) -> dict[str, Floats]:
    """Return `samples` values of each input, triangular between low and high with its peak at likely.

    Latin hypercube (McKay, Beckman and Conover 1979): each of so many equal slices of probability is drawn from once,
    in random order. The order of an input follows from the seed and its path alone, so that neither the order of the
    file nor another range changes it.
    """
    return {path: triangular(_slices(seed, path, samples), *span) for path, span in spans.items()}


def _slices(seed: int, path: str, samples: int) -> Floats:
    key = int.from_bytes(sha256(path.encode()).digest()[:8], "big")
    random = np.random.default_rng([seed, key])
    return (random.permutation(samples) + random.random(samples)) / samples


def triangular(share: Floats, low: float, likely: float, high: float) -> Floats:
    """Return the values below which a triangular distribution has these shares of its probability.

    >>> triangular(np.array([0.0, 0.5, 1.0]), 0, 1, 2).tolist(), triangular(np.array([0.3]), 4, 4, 4).tolist()
    ([0.0, 1.0, 2.0], [4.0])
    """
    width = high - low
    if width == 0:
        return np.full_like(share, likely)
    rising = low + np.sqrt(share * width * (likely - low))
    falling = high - np.sqrt((1 - share) * width * (high - likely))
    return np.where(share * width < likely - low, rising, falling)


def range_of(usd: Value) -> dict[str, float]:
    """Return quantiles and extremes of a total over all draws."""
    values = np.atleast_1d(usd)
    quantiles = {name: float(np.quantile(values, share)) for name, share in _QUANTILES.items()}
    return {**quantiles, "low": float(values.min()), "high": float(values.max())}


def swings(inputs: Inputs, price: Callable[[Tree], Value], paths: Iterable[str]) -> list[Swing]:
    """Return how far each input alone moves the total, the widest swing first; those that do not move it are left out.

    Parameters
    ----------
    price : the total of a tree
    """
    found = []
    for path in paths:
        low, _, high = inputs.spans[path]
        ends = (float(price(inputs.at({path: end}))) for end in (low, high))
        found.append(Swing(path, low, high, *ends))
    moving = [one for one in found if one.usd_at_low != one.usd_at_high]
    return sorted(moving, key=lambda one: -abs(one.usd_at_high - one.usd_at_low))
