"""Debt in equal payments: against hand-worked figures and by its own laws."""

from __future__ import annotations

import numpy as np
import pytest

from planner.finance import amortisation, level_payment


@pytest.mark.parametrize("in_advance", [False, True])
@pytest.mark.parametrize(
    ("rate", "periods", "balloon"), [(0, 12, 0), (0.01, 12, 0), (0.0075, 36, 15_000), (0.02, 1, 1)]
)
def test_payments_are_worth_the_amount_and_what_is_owed_is_worth_the_rest(
    rate: float, periods: int, balloon: float, in_advance: bool
) -> None:
    found = amortisation(100_000, rate, periods, balloon, in_advance=in_advance)
    paid = found.interest + found.principal
    worth = (1.0 + rate) ** -np.arange(periods + 1)
    assert paid @ worth == pytest.approx(100_000)
    assert found.principal.sum() == pytest.approx(100_000)
    later = int(not in_advance)
    for instant in range(periods + 1):
        rest = paid[instant + later :] @ worth[: periods + 1 - instant - later] * (1 + rate) ** -later
        assert found.interest_owed[instant] + found.principal_owed[instant] == pytest.approx(rest, abs=1e-6), instant


def test_a_payment_by_hand() -> None:
    # 100,000 at 6 % a year over 30 years: 599.55 a month, as any mortgage table has it.
    assert level_payment(100_000, 0.005, 360) == pytest.approx(599.55, abs=0.005)
    # Paid at the start of each month it is a month's interest less.
    assert level_payment(100_000, 0.005, 360, in_advance=True) == pytest.approx(599.55 / 1.005, abs=0.005)
    with pytest.raises(ValueError, match="periods"):
        level_payment(1, 0.1, 0)
