"""Statements that are worked out by hand: fiscal years from April, the plan from January 2027."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from planner.analysis.returns import finance, flows
from planner.analysis.statements import cash_kind
from planner.analysis.study import Study, solve_case
from planner.finance import irr_roots
from planner.model.solve import Effort
from tests.costs.test_components import HELD, WORTHLESS, existing, in_months, rented
from tests.costs.test_tax import NOW, SPACE, taxed
from tests.small import SERVER, SITE, WHOLE, small

BOOK = {"book": {"life_months": 20, "residual_fraction": 0.1, "source": "policy"}}
APRIL = {"fiscal_year_starts": 4}


def study(folder: Path, **changes: Any) -> Study:
    return solve_case(small(folder, **changes), Effort(gap=1e-9))


def column(found: Study, view: str, name: str, option: str = "plan") -> dict[str, float]:
    """Amounts of a column that are not 0, by the label of the year."""
    rows = finance(found)["statements"][option][view]
    return {row["label"]: pytest.approx(row[f"{name}_usd"]) for row in rows if abs(row[f"{name}_usd"]) > 1e-6}


def test_a_server_kept_to_the_end_of_the_horizon(tmp_path: Path) -> None:
    """100,000 over 20 months to 10,000: 4,500 a month; 30 months later it brings 50,000 and its removal costs 700."""
    settings = taxed()
    settings["finance"] |= BOOK
    prices = HELD | SPACE | {f"{SERVER}/decommissioning_usd_per_server": 700}
    found = study(tmp_path, sites=[{"id": SITE}], horizon_months=30, servers=NOW, prices=prices, **settings)
    years = {row["label"]: row["months"] for row in finance(found)["statements"]["plan"]["cash"]}
    assert years == {
        "2027": ["2027-01", "2027-03"], "2028": ["2027-04", "2028-03"], "2029": ["2028-04", "2029-03"],
        "2030": ["2029-04", "2029-06"], "after": ["2029-07", "2030-03"],
    }  # fmt: skip
    assert column(found, "cash", "capex") == {"2027": 100_000}
    assert column(found, "cash", "opex") == {"2027": 3_000, "2028": 12_000, "2029": 12_000, "2030": 3_700}
    assert column(found, "cash", "resale") == {"2030": -50_000}
    gain = 0.25 * (50_000 - 700 - 17_280)
    assert column(found, "cash", "tax") == {
        "2027": -750 - 13_000, "2028": -3_000 - 4_800, "2029": -3_000 - 2_880, "after": -750 + gain,
    }  # fmt: skip
    assert column(found, "profit_and_loss", "tax")["2030"] == -750 + gain
    assert column(found, "profit_and_loss", "opex") == {"2027": 3_000, "2028": 12_000, "2029": 12_000, "2030": 3_000}
    assert column(found, "profit_and_loss", "depreciation") == {"2027": 13_500, "2028": 54_000, "2029": 22_500}
    assert column(found, "profit_and_loss", "disposal") == {"2030": 10_000 + 700 - 50_000}


def test_a_server_sold_on_the_first_day_of_a_year_leaves_the_books_the_day_before(tmp_path: Path) -> None:
    """15 of 60 months of useful life: 25,000 depreciated, 75,000 left, 50,000 brought; the cash comes in April."""
    found = study(tmp_path, sites=[{"id": SITE}], prices=HELD | SPACE, servers=NOW, **in_months(*[1] * 15, *[0] * 9),
                  **APRIL)  # fmt: skip
    assert column(found, "cash", "resale") == {"2029": -50_000}
    assert column(found, "profit_and_loss", "depreciation") == {"2027": 5_000, "2028": 20_000}
    assert column(found, "profit_and_loss", "disposal") == {"2028": 25_000}


def test_what_was_owned_before_is_sunk(tmp_path: Path) -> None:
    found = study(tmp_path, **existing(80_000, horizon_months=12, prices=HELD), **APRIL)
    assert column(found, "profit_and_loss", "depreciation") == {}
    assert column(found, "profit_and_loss", "disposal") == column(found, "cash", "resale") == {"2028": -40_000}


def test_an_upfront_fee_serves_its_term_also_after_the_horizon(tmp_path: Path) -> None:
    price = {f"{WHOLE}/36m-all-upfront/usd_per_gpu_hour": 0.1, f"{WHOLE}/12m-no-upfront/usd_per_gpu_hour": 100}
    found = study(tmp_path, **rented(WHOLE, "commitments", horizon_months=24, prices=price), **taxed())
    fee = 8 * 730 * 36 * 0.1
    assert column(found, "cash", "upfront") == {"2027": fee}
    served = {"2027": 3, "2028": 12, "2029": 9, "after": 12}
    assert column(found, "profit_and_loss", "amortisation") == {year: fee * n / 36 for year, n in served.items()}
    taxes = {"2027": 3, "2028": 12, "2029": 12, "after": 9}  # by tax year: the horizon ends within that of 2029
    assert column(found, "profit_and_loss", "tax") == {year: -0.25 * fee * n / 36 for year, n in taxes.items()}


def test_a_server_at_the_end_of_its_life_leaves_the_books(tmp_path: Path) -> None:
    """12 of 20 months: 46,000 of 100,000 are lost in December 2027, in the year before the horizon's."""
    prices = WORTHLESS | {f"{SERVER}/useful_life_months": 12}
    settings = APRIL | {"finance": {"wacc_fraction": 0, "source": "by hand", **BOOK}}
    found = study(tmp_path, sites=[{"id": SITE}], prices=prices, servers=NOW, **in_months(*[1] * 12, *[0] * 6),
                  **settings)  # fmt: skip
    assert column(found, "profit_and_loss", "depreciation") == {"2027": 13_500, "2028": 40_500}
    assert column(found, "profit_and_loss", "disposal") == {"2028": 46_000}


def test_loans_and_leases_have_rows_of_their_own(tmp_path: Path) -> None:
    ledger = study(tmp_path).plan.ledger.iloc[:1]
    kinds = {
        ("lease_payments", "opex", "expensed"): "lease", ("loan_interest", "financing", "expensed"): "loan",
        ("loan_principal", "financing", "neither"): "loan", ("negotiated_servers", "capex", "capitalised"): "capex",
        ("commitments", "opex", "spread"): "upfront", ("decommissioning", "opex", "disposal"): "opex",
        ("unserved", "opex", "neither"): "opex", ("tax_on_disposal", "tax", "neither"): "tax",
    }  # fmt: skip
    for (component, category, treatment), kind in kinds.items():
        row = ledger.assign(component=component, category=category, treatment=treatment)
        assert cash_kind(row).tolist() == [kind]


def test_what_is_compared_and_how_is_said(tmp_path: Path) -> None:
    before, after = finance(study(tmp_path)), finance(study(tmp_path, **taxed()))
    assert (before["tax"], before["conventions"]["tax"], before["conventions"]["taxes"]) == (None, "before", None)
    assert (after["tax"]["method"], after["conventions"]["tax"]) == ("macrs_5", "after")
    assert after["conventions"]["shields"] == "taken to be usable"


def test_tax_depreciation_of_the_plan_by_year(tmp_path: Path) -> None:
    found = study(tmp_path, sites=[{"id": SITE}], horizon_months=30, servers=NOW, prices=HELD, **taxed())
    assert finance(found)["tax"]["depreciation"] == [
        {"fiscal_year": 2027, "usd": pytest.approx(52_000)}, {"fiscal_year": 2028, "usd": pytest.approx(19_200)},
        {"fiscal_year": 2029, "usd": pytest.approx(11_520)},
    ]  # fmt: skip


def test_flows_that_turn_twice_have_several_rates_and_no_single_one(tmp_path: Path) -> None:
    """20,000 paid, eight rents saved, then a removal that costs nearly all of them."""
    prices = HELD | {f"{SERVER}/decommissioning_usd_per_server": 180_000, f"{SERVER}/purchase_usd_per_server": 20_000}
    found = finance(study(tmp_path, sites=[{"id": SITE}], horizon_months=8, servers=NOW, prices=prices))
    one = found["buy"]["on_demand"]
    assert one["irr"] is None
    assert len(one["irr_roots"]) == 2
    assert one["mirr"] is not None


def test_a_rate_below_0_is_told_beside_the_one_that_counts(tmp_path: Path) -> None:
    """A last payment after the savings, the tax on the sale, makes a root below 0, where nobody discounts."""
    found = study(tmp_path, sites=[{"id": SITE}], horizon_months=30, servers=NOW, prices=HELD, **taxed())
    option, baseline = found.outcomes["buy"], found.outcomes["on_demand"]
    assert option is not None and baseline is not None
    roots = irr_roots(*flows(found, option, baseline))
    assert len(roots) == 2
    one = finance(found)["buy"]["on_demand"]
    assert roots[0] < 0 < roots[1] == one["irr"]
    assert one["irr_roots"] == roots


def test_what_is_never_behind_has_no_rate_of_return(tmp_path: Path) -> None:
    """A loan pays for the server and is settled out of what its work has saved by then: nothing is invested."""
    loan = {"name": "bank", "kind": "loan", "term_months": 48, "rate_fraction": 0.1, "source": "offer"}
    servers = NOW | {"cash": False}
    prices = HELD | {f"{SERVER}/resale_fraction/12": 0.1}
    found = study(tmp_path, sites=[{"id": SITE}], horizon_months=12, servers=servers, prices=prices, financing=[loan])
    option, baseline = found.outcomes["plan"], found.outcomes["on_demand"]
    assert option is not None and baseline is not None
    saved, _ = flows(found, option, baseline)
    assert saved.min() < 0 < saved.max()
    one = finance(found)["plan"]["on_demand"]
    assert one["payback_months"] == 0
    assert one["npv_usd"] > 0
    assert (one["irr"], one["mirr"], one["profitability_index"]) == (None, None, None)
    assert "irr_roots" not in one
