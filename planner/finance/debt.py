"""Debt that is paid back in equal payments: what is paid at each instant, and what is owed.

Rates are per period; instant 0 is the start, n the end of the last period. Payments in arrears fall at instants 1 … n,
payments in advance at 0 … n − 1; a balloon is paid at n. Source: Brealey, Myers, Allen, *Principles of Corporate
Finance*, chapters 2 (annuities) and 25 (leasing).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.finance.arguments import require, require_finite, require_rate
from planner.finance.discounting import NEGLIGIBLE_RATE

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Amortisation:
    """A debt by instants 0 … n; principal paid sums to the amount.

    Attributes
    ----------
    interest, principal : paid at each instant
    interest_owed, principal_owed : what settles the debt at each instant, after a payment in arrears, before one in
        advance; nothing once the balloon is paid
    """

    interest: Floats
    principal: Floats
    interest_owed: Floats
    principal_owed: Floats


def level_payment(amount: float, rate: float, periods: int, balloon: float = 0.0, *, in_advance: bool = False) -> float:
    """Equal payment that repays `amount` but for `balloon` at the end: (A − B·v^n) · i ÷ (1 − v^n), v = 1 ÷ (1 + i).

    In advance each is a period earlier, so ÷ (1 + i).

    >>> round(level_payment(10_000, 0.01, 12), 2)
    888.49
    >>> level_payment(1_200, 0, 12, balloon=600)
    50.0
    """
    require_rate(rate=rate)
    require_finite(amount=amount, balloon=balloon)
    require(periods >= 1, "periods", periods, "1 or more")
    if abs(rate) < NEGLIGIBLE_RATE:
        return (amount - balloon) / periods
    worth = float((1 + rate) ** -periods)
    payment = (amount - balloon * worth) * rate / (1 - worth)
    return payment / (1 + rate) if in_advance else payment


def amortisation(
    amount: float, rate: float, periods: int, balloon: float = 0.0, *, in_advance: bool = False
) -> Amortisation:
    """Return what is paid and owed by instant: each payment covers the interest since the last, the rest is principal.

    >>> amortisation(300, 0.1, 2).principal.round(2).tolist()
    [0.0, 142.86, 157.14]
    >>> amortisation(300, 0.1, 2, in_advance=True).interest.round(2).tolist()
    [0.0, 14.29, 0.0]
    """
    payment = level_payment(amount, rate, periods, balloon, in_advance=in_advance)
    paid = np.full(periods + 1, payment)
    paid[periods if in_advance else 0] = 0.0
    paid[periods] += balloon
    interest, left = np.zeros(periods + 1), np.zeros(periods + 1)
    before = amount
    for instant in range(periods + 1):
        interest[instant] = rate * before if instant else 0.0
        left[instant] = before = before - (paid[instant] - interest[instant])
    left[periods] = 0.0  # but for rounding
    earlier = np.concatenate([[amount], left[:-1]])
    if in_advance:
        return Amortisation(interest, earlier - left, interest, earlier)
    return Amortisation(interest, earlier - left, np.zeros(periods + 1), left)
