"""The cost of waiting and of not proceeding, and the ways to pay beside each other, worked out by hand."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
import pytest

from planner.analysis.financing import cost_of_debt, ways_to_pay
from planner.analysis.options import BASELINES
from planner.analysis.study import Study, solve_case
from planner.analysis.waiting import not_proceeding, waiting
from planner.assemble import build_case
from planner.model.solve import Effort
from planner.report.financing import financing
from planner.report.parts import Table, Text
from planner.scenario.load import load_scenario
from tests.shipped import shipped_catalog
from tests.small import DEAR, SERVER, SITE, WHOLE, serving, small

ROOT = Path(__file__).parents[2]
EXACT = Effort(gap=1e-9)
HALF = {f"{SERVER}/resale_fraction/{age}": 0.5 for age in (12, 24, 36, 48, 60)}
MONTH = 8 * 4 * 730
LOAN = {"name": "bank", "kind": "loan", "term_months": 24, "rate_fraction": 0.12, "source": "by hand"}
LEASE = {"name": "lessor", "kind": "operating_lease", "term_months": 8, "rate_fraction": 0, "residual_fraction": 0.36,
         "source": "by hand"}  # fmt: skip


@cache
def study(
    months: int = 12, wacc: float = 0.0, tax: float | None = None, until: str = "2027-12", ways: bool = False
) -> Study:
    finance: dict[str, Any] = {"wacc_fraction": wacc, "source": "by hand"}
    if tax is not None:
        rule = {"rate_fraction": tax, "depreciation": {"method": "straight_line", "life_years": 1}, "source": "by hand"}
        finance |= {"wacc_is": "after_tax", "tax": rule}
    servers = {"consider": [SERVER], "order_until": until}
    case = small(Path(mkdtemp()), sites=[{"id": SITE}], horizon_months=months, prices=HALF, finance=finance,
                 servers=servers, financing=[LOAN, LEASE] if ways else [])  # fmt: skip
    return solve_case(case, EXACT)


def test_waiting_costs_the_rent_of_a_quarter() -> None:
    # A server loses 50,000 USD whenever it is bought; until then 8 GPUs are rented.
    found = waiting(study(), EXACT)
    assert found is not None
    assert found["costs_usd"] == pytest.approx(3 * MONTH)
    assert found["present_usd"] == pytest.approx(50_000 + 3 * MONTH)
    assert found["relative_gap"] == pytest.approx(0, abs=1e-9)
    assert found["orders_later"]


def test_waiting_when_orders_end_is_not_buying() -> None:
    found = waiting(study(until="2027-01"), EXACT)
    assert found is not None
    assert not found["orders_later"]
    assert found["present_usd"] == pytest.approx(12 * MONTH)


def test_waiting_is_nothing_where_nothing_is_bought() -> None:
    assert waiting(study(2), EXACT) is None
    found = not_proceeding(study(2), EXACT)
    assert found == {
        "against": "plan", "present_usd": pytest.approx(2 * MONTH), "costs_usd": 0, "relative_gap": pytest.approx(0)
    }  # fmt: skip


def test_not_proceeding_costs_the_rent() -> None:
    found = not_proceeding(study(), EXACT)
    assert found is not None
    assert found["against"] == "without_a_purchase"
    assert found["costs_usd"] == pytest.approx(12 * MONTH - 50_000)


def test_not_proceeding_keeps_what_is_owned_and_rents_the_rest_as_cheaply_as_can_be() -> None:
    # 32 GPUs for two years, 16 of them owned: every baseline closes the servers, or the commitment at 0.5 USD.
    held = {"server": SERVER, "site": SITE, "servers": 2, "in_service": "2026-11", "paid_usd_per_server": 100_000}
    case = small(
        Path(mkdtemp()), sites=[{"id": SITE}], horizon_months=24, workloads=[serving(32)], existing_servers=[held],
        offers={"consider": [DEAR, WHOLE]}, prices=HALF,
        finance={"wacc_fraction": 0, "source": "by hand"}, servers={"consider": [SERVER]},
    )  # fmt: skip
    found = solve_case(case, EXACT)
    told = not_proceeding(found, EXACT)
    assert told is not None
    # Two servers more lose 50,000 USD each; without them 16 GPUs are committed.
    assert told["costs_usd"] == pytest.approx(16 * 0.5 * 24 * 730 - 2 * 50_000)
    baselines = [one.answer.objective for name in BASELINES if (one := found.outcomes[name]) is not None]
    assert len(baselines) == 3
    assert found.plan.answer.objective <= told["present_usd"] < min(baselines) - 1


def test_both_are_proven_in_a_program_of_middle_size() -> None:
    catalog = shipped_catalog()
    found = solve_case(build_case(catalog, load_scenario(ROOT / "examples" / "financing.yaml", catalog)), Effort())
    assert len(found.built.arrays.values) > 20_000
    for told in (waiting(found, Effort()), not_proceeding(found, Effort())):
        assert told is not None
        assert told["relative_gap"] <= Effort().gap


def test_ways_to_pay_by_hand() -> None:
    rows = {row["name"]: row for row in ways_to_pay(study(wacc=0.0, ways=True))}
    assert list(rows) == ["cash", "bank", "lessor"]
    interest = sum(0.01 * owed for owed in _owed(12))
    assert rows["cash"]["present_usd_per_server"] == pytest.approx(50_000)
    assert rows["cash"]["service_month_usd_per_server"] == pytest.approx(50_000 / 12)
    assert rows["bank"]["present_usd_per_server"] == pytest.approx(50_000 + interest)
    assert rows["bank"]["monthly_usd_per_server"] == pytest.approx(1_000 / (1 - 1.01**-24))
    assert rows["lessor"]["present_usd_per_server"] == pytest.approx(64_000)
    assert rows["lessor"]["service_months"] == 8
    assert rows["lessor"]["service_month_usd_per_server"] == pytest.approx(8_000)
    assert [row["chosen_servers"] for row in rows.values()] == [1, 0, 0]


def _owed(months: int) -> list[float]:
    payment, owed = 1_000 / (1 - 1.01**-24), [100_000.0]
    for _ in range(months - 1):
        owed.append(owed[-1] * 1.01 - payment)
    return owed


def test_debt_is_worth_nothing_at_its_own_cost() -> None:
    """At the rate of the loan what is lent is worth what is paid back, so that cash and loan cost the same."""
    found = study(wacc=0.2, ways=True)
    cash, bank, _ = ways_to_pay(found)
    assert cost_of_debt(found) == pytest.approx(1.01**12 - 1)
    assert bank["present_at_debt_usd_per_server"] == pytest.approx(cash["present_at_debt_usd_per_server"])
    assert bank["present_usd_per_server"] < cash["present_usd_per_server"]


def test_ways_to_pay_after_tax_by_hand() -> None:
    # 40 %: of 64,000 paid in the year that ends with the horizon 38,400 are left; a server loses 50,000, of which
    # 30,000 are left. Debt at 12 % costs 7.2 % by months.
    found = study(tax=0.4, ways=True)
    cash, _, lessor = ways_to_pay(found)
    assert cash["present_usd_per_server"] == pytest.approx(30_000)
    assert lessor["present_usd_per_server"] == pytest.approx(38_400)
    assert cost_of_debt(found) == pytest.approx(1.006**12 - 1)
    discounted = 8_000 * (1.006 ** -np.arange(8)).sum() - 0.4 * 64_000 * 1.006**-12
    assert lessor["present_at_debt_usd_per_server"] == pytest.approx(discounted)


def test_what_the_page_says() -> None:
    found = study(ways=True)
    document = {
        "currency": "USD",
        "finance": {"financing": ways_to_pay(found), "waiting": waiting(found, EXACT),
                    "not_proceeding": not_proceeding(found, EXACT)},
    }  # fmt: skip
    section = financing(document)
    assert section is not None
    table, _, *texts = section.blocks
    assert isinstance(table, Table)
    assert [row[1].text for row in table.rows] == [
        "cash", "bank: loan, 24 months", "lessor: operating lease, 8 months"
    ]  # fmt: skip
    told = " ".join(one.text for one in texts if isinstance(one, Text))
    assert "costs 70,080 USD more in present value" in told
    assert "Not proceeding: the best without any purchase costs 280,320 USD, 230,320 USD more." in told
    assert financing({"currency": "USD", "finance": {}}) is None
