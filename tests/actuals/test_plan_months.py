"""The plan's side of a comparison with actuals, by hand."""

from __future__ import annotations

from typing import Any

import pytest

from planner.actuals.plan_months import plan_months
from planner.catalog.load import Catalog


def line(component: str, item: str, quantity: float, price: float) -> dict[str, Any]:
    return {"component": component, "item": item, "month": [0], "quantity": [quantity], "unit_cost_usd": [price],
            "category": "opex", "treatment": "expense", "timing": "end"}  # fmt: skip


@pytest.fixture
def plan(catalog: Catalog) -> dict[str, Any]:
    """A month of two kinds of commitment, 1,000 GPU-hours reserved and a savings plan beside, and of electricity."""
    first, other = (
        next(name for name, offer in catalog.section("offers").items() if offer.gpu == gpu)
        for gpu in ("h100-sxm-80gb", "a100-sxm-80gb")
    )
    month = {"month": "2027-01", "committed_gpu_hours": 1200.0, "owned_gpu_hours": 0.0, "owned_gpus": 0.0}
    return {
        "start": "2027-01", "horizon_months": 1, "hours_per_month": 730.0, "unit_costs": [], "service": [],
        "ledgers": {"plan": [
            line("commitments", f"{first}/12m@2027-01", 1000, 2), line("savings_plans", "some-plan", 730, 1),
            line("electricity", "server @ room", 6000, 0.1),
            line("negotiated_electricity", "server @ room", 6000, -0.01),
        ]},
        "decisions": {
            "by_month": [month], "commitments": [{"offer": first, "term": "12m", "month": "x", "term_months": 12}],
            "savings_plans": [],
            "rentals": [{"kind": "committed", "offer": name, "gpu_hours": 1.0} for name in (first, other)],
        },
    }  # fmt: skip


def test_what_reserved_hours_leave_is_of_the_savings_plans(plan: dict[str, Any], catalog: Catalog) -> None:
    uses = {item.gpu: use for item, (use,) in plan_months(plan, catalog).uses.items()}
    assert uses == {"h100-sxm-80gb": (1000, 2000, 0), "a100-sxm-80gb": (200, 730, 0)}


def test_what_is_negotiated_on_electricity_takes_no_more_of_it(plan: dict[str, Any], catalog: Catalog) -> None:
    found = plan_months(plan, catalog)
    assert found.kwh == [6000] and found.payments["electricity"] == pytest.approx([540])
