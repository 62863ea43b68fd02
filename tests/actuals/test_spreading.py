"""Over which months payments are spread that are for more than their own."""

from __future__ import annotations

from typing import Any

import pytest

from planner.actuals.spreading import months_of

PLAN: dict[str, Any] = {
    "start": "2027-01", "horizon_months": 36,
    "evidence": [{"row": "server-x/useful_life_months", "value": 48.0}],
    "decisions": {
        "commitments": [{"term": "azure-y/12m", "month": "2027-03", "term_months": 12}],
        "savings_plans": [{"plan": "aws-sp", "month": "2027-02", "term_months": 36}],
        "purchases": [{"server": "server-x", "month": "2027-05", "in_service": "2027-08"}],
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("component", "item", "category", "treatment", "t", "months"),
    [
        ("commitments", "azure-y/12m@2027-03", "opex", "spread", 2, (2, 12)),
        ("negotiated_commitments", "azure-y/12m@2027-03", "opex", "spread", 2, (2, 12)),
        ("commitments", "azure-y/12m@2027-03", "opex", "expense", 5, None),  # paid by the hour
        ("savings_plans", "aws-sp", "opex", "spread", 1, (1, 36)),
        ("electricity", "server-x @ room", "opex", "expense", 9, None),
        ("servers", "server-x @ room", "capex", "asset", 4, (7, 48)),  # from delivery on
        ("servers", "server-x @ room", "capex", "asset", 0, (0, 48)),
        ("network", "room", "capex", "asset", 30, (30, 6)),  # the rest of the horizon
        ("resale", "server-x @ room", "capex", "disposal", 35, None),
    ],
)
def test_months_of_a_payment(
    component: str, item: str, category: str, treatment: str, t: int, months: tuple[int, int] | None
) -> None:
    line = {"component": component, "item": item, "category": category, "treatment": treatment}
    assert months_of(PLAN, line, t) == months
