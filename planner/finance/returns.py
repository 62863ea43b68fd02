"""Net present value, and the rates of return at which it is zero.

A flow is signed, benefits − costs, at a time in years; at time 0 it is not discounted (a spreadsheet's NPV() would).
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner.finance.arguments import require, require_rate, vector

LOWEST_GROWTH, HIGHEST_GROWTH = 1e-4, 1e12  # of 1 + r: nobody decides by a rate of return beyond them
NEGLIGIBLE_FLOW = 1e-12  # of the largest flow: rounding noise must not add a root
DECIMALS_OF_TIME = 9  # times nearer than a thirtieth of a second are one time, however they were computed
NEGLIGIBLE_NPV = 1e-12  # of the sum of the absolute present values: the curve touches zero

Vector = NDArray[np.float64]


def npv(wacc_fraction: float, flows: ArrayLike, times_in_years: ArrayLike) -> float:
    """Net present value: Σ flow · (1 + r)^(−time).

    Parameters
    ----------
    wacc_fraction : float
        Discount rate, per year, above −1.
    flows : array_like, shape (n,)
        USD, benefits − costs.
    times_in_years : array_like, shape (n,)
        When each flow is paid, in any order.

    Raises
    ------
    ValueError
        When the shapes differ, a number is not finite or the rate is not above −1.

    Examples
    --------
    >>> round(npv(0.25, [-100, 50, 100], [0, 1, 2]), 9)
    4.0
    """
    require_rate(wacc_fraction=wacc_fraction)
    amounts, times = _flows(flows, times_in_years)
    return float(amounts @ (1.0 + wacc_fraction) ** -times)


def irr_roots(flows: ArrayLike, times_in_years: ArrayLike) -> list[float]:
    """All annual rates at which the net present value is zero, rising.

    In λ = ln(1 + r) the value is f(λ) = Σ c·e^(−λt), and Descartes' rule holds: f has at most as many roots as c has
    sign changes in order of time. Its proof (Pólya and Szegő, *Problems and Theorems in Analysis*, part V) is the
    method: for a time s inside a sign change, e^(λs)·f has the roots of f, and its derivative, Σ c·(s − t)·e^(λ(s−t)),
    one sign change fewer. By Rolle's theorem f is monotone (times e^(λs)) between the derivative's roots, so each gap
    holds at most one root and bisection finds it. No grid, no starting guess.

    Parameters
    ----------
    flows : array_like, shape (n,)
        USD, benefits − costs.
    times_in_years : array_like, shape (n,)
        When each flow is paid, in any order; flows at one time are added.

    Returns
    -------
    list of float
        Empty for flows of one sign or all zero. A root where the curve only touches zero counts once.

    Raises
    ------
    ValueError
        When the shapes differ or a number is not finite.

    Notes
    -----
    1 + r is searched from 1e-4 to 1e12; flows below 1e-12 of the largest count as zero; two roots so near that
    the value between them stays below 1e-12 of the sum of its absolute terms are given as one.

    Examples
    --------
    >>> [round(rate, 9) for rate in irr_roots([-100, 230, -132], [0, 1, 2])]
    [0.1, 0.2]
    """
    amounts, times = _flows(flows, times_in_years)
    _, indices, places = np.unique(times.round(DECIMALS_OF_TIME), return_index=True, return_inverse=True)
    sums = np.bincount(places, weights=amounts, minlength=indices.size)
    kept = np.abs(sums) > NEGLIGIBLE_FLOW * np.abs(sums).max(initial=0.0)
    sums, times = sums[kept], times[indices][kept]
    derivatives, signs = [sums], np.sign(sums)
    while (changes := np.flatnonzero(np.diff(signs))).size:
        after = changes[0] + 1
        terms = derivatives[-1] * (times[after - 1 : after + 1].mean() - times)
        derivatives.append(terms / np.abs(terms).max())
        signs[after:] *= -1
    roots: list[float] = []
    for terms in reversed(derivatives[:-1]):
        roots = _roots_between(terms, times, [math.log(LOWEST_GROWTH), *roots, math.log(HIGHEST_GROWTH)])
    return [math.expm1(root) for root in roots]


def irr(flows: ArrayLike, times_in_years: ArrayLike) -> float | None:
    """Annual internal rate of return, or None when no rate, or more than one, makes the value zero.

    With None, judge by `npv`; `irr_roots` says which case it is. Flows with one sign change have at most one root;
    Norstrom's criterion (1972): when the cumulative flows change sign once, one root is positive, but others may lie
    between −1 and 0. Arguments and errors are those of `irr_roots`.

    Examples
    --------
    >>> round(irr([-100, 121], [0, 2]), 9)
    0.1
    >>> irr([-100, 230, -132], [0, 1, 2]) is None
    True
    """
    roots = irr_roots(flows, times_in_years)
    return roots[0] if len(roots) == 1 else None


def signed_parts(flows: ArrayLike, times_in_years: ArrayLike) -> tuple[Vector, Vector, Vector]:
    """Return costs (0 or less), benefits (0 or more) and times; errors are those of `npv`.

    >>> signed_parts([-100, 121], [0, 2])[:2]
    (array([-100.,    0.]), array([  0., 121.]))
    """
    amounts, times = _flows(flows, times_in_years)
    return np.minimum(amounts, 0.0), np.maximum(amounts, 0.0), times


def _flows(flows: ArrayLike, times_in_years: ArrayLike) -> tuple[Vector, Vector]:
    amounts, times = vector("flows", flows), vector("times_in_years", times_in_years)
    require(amounts.size == times.size, "times_in_years", f"{times.size} times", f"one for each of {amounts.size}")
    return amounts, times


def _sign(terms: Vector, times: Vector, log_growth: float, tolerance: float = 0.0) -> int:
    """Sign of Σ c·e^(−λt); the largest exponent is taken out, so nothing overflows."""
    exponents = -log_growth * times
    values = terms * np.exp(exponents - exponents.max())
    total = float(values.sum())
    return 0 if abs(total) <= tolerance * float(np.abs(values).sum()) else int(math.copysign(1, total))


def _roots_between(terms: Vector, times: Vector, points: list[float]) -> list[float]:
    """Roots of Σ c·e^(−λt), which changes sign at most once between neighbouring `points`."""
    signed = [(point, _sign(terms, times, point, NEGLIGIBLE_NPV)) for point in points]
    touched = [point for point, sign in signed if sign == 0]
    crossed = [_bisect(terms, times, low, high) for (low, a), (high, b) in pairwise(signed) if a * b < 0]
    return sorted(touched + crossed)


def _bisect(terms: Vector, times: Vector, low: float, high: float) -> float:
    """Root of Σ c·e^(−λt) between two points where its signs differ, to the last digit of λ."""
    before = _sign(terms, times, low)
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if _sign(terms, times, middle) == before else (low, middle)
    return middle
