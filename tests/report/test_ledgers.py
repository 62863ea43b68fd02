"""What part of the present cost hangs on resale and on a server's price, and what the memo says of it."""

from __future__ import annotations

from typing import Any

import pytest

from planner.report.ledgers import present, present_above
from planner.report.memo.contents import memo
from planner.report.memo.facts import npv_without_resale, tied_price
from tests.report.documents import document
from tests.report.test_memo import said

SERVER = "server-8xa100-80gb"
_PRICE, _SHARE = f"{SERVER}/gpu_usd_per_gpu", f"{SERVER}/resale_fraction/12"


def line(component: str, timing: str, month: int, usd: float, *rows: str) -> dict[str, Any]:
    return {"component": component, "timing": timing, "month": [month], "quantity": [2.0], "unit_cost_usd": [usd / 2],
            "source": " × ".join(rows)}  # fmt: skip


def with_ledgers() -> dict[str, Any]:
    """Return a plan at 8 % whose server is sold at the end of 2 months, and a baseline that sells an old one."""
    ours = [
        line("servers", "start", 0, 100_000, _PRICE), line("resale", "horizon", 2, -50_000, _PRICE, _SHARE),
        line("tax_on_disposal", "year_end", 11, 10_000, _PRICE, _SHARE, "scenario finance.tax"),
        line("tax_on_disposal", "year_end", 11, -3_000, f"{SERVER}/decommissioning_usd_per_server"),
        line("support", "running", 0, 1_000, _PRICE, f"{SERVER}/support_fraction_per_year"),
        line("on_demand", "running", 0, 9_000, "big/on_demand_usd_per_gpu_hour"),
    ]  # fmt: skip
    theirs = [line("resale", "start", 0, -4_000, "old/gpu_usd_per_gpu", "old/resale_fraction/12")]
    return document(ledgers={"plan": ours, "cloud": theirs, "on_demand": theirs})


def test_lines_are_discounted_from_when_they_are_paid() -> None:
    made = with_ledgers()
    month = 1.08 ** (-1 / 12)
    expected = {"servers": 100_000, "resale": -50_000 * month**2, "support": 1_000 * month}
    for component, usd in expected.items():
        found = present(made, "plan", lambda one, component=component: one["component"] == component)  # type: ignore[misc]
        assert found == pytest.approx(usd)
    assert present(made, "plan", lambda one: "tax" in one["component"]) == pytest.approx(7_000 * month**12)


def test_without_resale_the_tax_on_it_falls_away_and_the_baselines_resale_too() -> None:
    made, month = with_ledgers(), 1.08 ** (-1 / 12)
    sold = -50_000 * month**2 + 10_000 * month**12 + 4_000
    assert npv_without_resale(made) == pytest.approx(99_001.5 + sold)
    made["tco"]["plan"]["by_component"]["resale"] = -50_000.0
    shown = f"{99_001.5 + sold:,.0f} USD"
    for section in ("risks", "residual-value"):
        assert shown in said(memo(made).section[section])


def test_the_order_as_asked_ties_with_renting_where_what_it_saves_is_spent() -> None:
    """A price higher by a share costs that share of all that is reckoned from it: server, resale, its tax, support."""
    made, month = with_ledgers(), 1.08 ** (-1 / 12)
    tied = 100_000 - 50_000 * month**2 + 10_000 * month**12 + 1_000 * month
    saved = made["tco"]["cloud"]["present_usd"] - made["tco"]["plan"]["present_usd"]
    expected = 199_200.4 * (1 + saved / tied)
    assert tied_price(made, SERVER, 199_200.4) == pytest.approx(expected)
    text = said(memo(made).section["quotation"])
    assert f"Walk-away price for this order\n{expected:,.0f} USD a server" in text
    assert "Price at which none is bought\nnone" in text


def test_without_ledgers_neither_is_said() -> None:
    made = document()
    made["tco"]["plan"]["by_component"]["resale"] = -50_000.0
    assert npv_without_resale(made) is tied_price(made, SERVER, 1.0) is present_above(made, "cloud", bool) is None
    assert "Were nothing paid" not in said(memo(made).section["residual-value"])


def test_a_bound_is_said_to_be_the_least_and_what_is_not_known_is_said_so() -> None:
    made = document()
    row = made["prices_that_change_the_answer"][0]
    row |= {"price_at_change_usd": 210_000.0, "basis": "bound: the option cloud is as good from here"}
    assert "none is bought\nat least 210,000 USD/server" in said(memo(made).section["quotation"])
    row |= {"price_at_change_usd": None, "basis": "unknown: the time limit came first"}
    assert "none is bought\n– unknown: the time limit came first" in said(memo(made).section["quotation"])
