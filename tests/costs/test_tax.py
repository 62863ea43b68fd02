"""Taxes in cases that are worked out by hand: 25 %, the tax year from April to March, the plan from January 2027.

The tax years of the plan end after its months 2, 14, 26, 38.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from planner.analysis.study import solve_case
from planner.analysis.tco import as_if_ended
from planner.errors import InputError
from planner.model.solve import Effort
from tests.costs.test_components import HELD, WORTHLESS, existing, in_months, own, rented
from tests.small import DEAR, PRICES, SERVER, SITE, WHOLE, Solved, serving, small, solved

MACRS = {"method": "macrs_5"}
BONUS = [0.52, 0.192, 0.1152, 0.06912, 0.06912, 0.03456]
"""0.4 + 0.6 · 0.2 of the basis in the first year, then 0.6 of 32, 19.2, 11.52, 11.52 and 5.76 %."""
NOW = {"consider": [SERVER], "order_until": "2027-01"}
SPACE = {f"{SITE}/space_usd_per_kw_month": 100}
"""1,000 USD a month for a server of 10 kW."""


def taxed(
    rate: float = 0.25, depreciation: dict[str, Any] | None = None, bonus: float = 0.4, wacc: float = 0, first: int = 4
) -> dict[str, Any]:
    tax = {"rate_fraction": rate, "depreciation": depreciation or MACRS, "bonus_fraction": bonus, "source": "by hand"}
    finance = {"wacc_fraction": wacc, "wacc_is": "after_tax", "source": "by hand", "tax": tax}
    return {"finance": finance, "fiscal_year_starts": first}


def tax(plan: Solved) -> dict[str, dict[int, float]]:
    """USD of tax by component and month."""
    found = plan.ledger[plan.ledger["category"] == "tax"].groupby(["component", "month"])["cost_usd"].sum()
    return {
        name: {int(month): usd for (_, month), usd in part.items() if abs(usd) > 1e-9}
        for name, part in found.groupby("component")
    }


def deducted(ledger: pd.DataFrame) -> float:
    return float(ledger.loc[ledger["treatment"] != "neither", "cost_usd"].sum())


def total_tax(ledger: pd.DataFrame) -> float:
    return float(ledger.loc[ledger["category"] == "tax", "cost_usd"].sum())


def test_one_server_by_macrs_with_bonus(tmp_path: Path) -> None:
    """Basis 110,000; worth 50,000 after 30 months, in the fourth tax year, when 17.28 % are not yet deducted."""
    prices = HELD | SPACE | {f"{SERVER}/network_usd_per_server": 10_000}
    plan = solved(small(tmp_path, sites=[{"id": SITE}], horizon_months=30, prices=prices, servers=NOW, **taxed()))
    basis, left = 110_000, 1 - sum(BONUS[:3])
    assert tax(plan) == {
        "tax_relief": pytest.approx({2: -0.25 * 3_000, 14: -0.25 * 12_000, 26: -0.25 * 12_000, 38: -0.25 * 3_000}),
        "depreciation_relief": pytest.approx({2: -14_300, 14: -5_280, 26: -3_168}),
        "tax_on_disposal": pytest.approx({38: 0.25 * (50_000 - left * basis)}),
    }
    assert total_tax(plan.ledger) == pytest.approx(-0.25 * (110_000 + 30_000 - 50_000))


def test_a_server_sold_within_the_horizon(tmp_path: Path) -> None:
    """Sold after 12 months for 50,000, in the second tax year, when 48 % are not yet deducted: a gain of 2,000."""
    work = in_months(*[1] * 12, *[0] * 12)
    case = small(tmp_path, sites=[{"id": SITE}], prices=HELD | SPACE, servers=NOW, **work, **taxed())
    plan = solved(case)
    found = tax(plan)
    assert plan.ledger.query("component == 'resale'")["month"].tolist() == [12]
    assert found["depreciation_relief"] == pytest.approx({2: -0.25 * 52_000})
    assert found["tax_on_disposal"] == pytest.approx({14: 0.25 * 2_000})


def test_a_sale_on_the_first_day_of_a_tax_year_belongs_to_the_last(tmp_path: Path) -> None:
    """Sold at the start of April 2028: no depreciation of the year that begins."""
    work = in_months(*[1] * 15, *[0] * 9)
    case = small(tmp_path, sites=[{"id": SITE}], prices=HELD | SPACE, servers=NOW, **work, **taxed())
    found = tax(solved(case))
    assert found["depreciation_relief"] == pytest.approx({2: -0.25 * 52_000})
    assert found["tax_on_disposal"] == pytest.approx({14: 0.25 * (50_000 - 48_000)})


def test_what_was_owned_before_deducts_what_is_left(tmp_path: Path) -> None:
    """In service since January 2026 for 80,000: 20 % deducted by March 2026, 32 % in the year that ends in March 2027.

    48 % are left in December 2027 when it is worth half: a gain of 1,600.
    """
    changes = existing(80_000, horizon_months=12, prices=HELD)
    plan = solved(small(tmp_path, **changes, **taxed(bonus=0)))
    assert tax(plan) == {
        "depreciation_relief": pytest.approx({2: -0.25 * 0.32 * 80_000}),
        "tax_on_disposal": pytest.approx({14: 0.25 * (40_000 - 0.48 * 80_000)}),
    }
    assert total_tax(plan.ledger) == pytest.approx(-0.25 * (deducted(plan.ledger) + 0.8 * 80_000))


def test_a_server_at_the_end_of_its_life_is_written_off(tmp_path: Path) -> None:
    """12 months of life: at the end 48 % are a loss, less what its removal costs."""
    changes = own(useful_life_months=12, decommissioning_usd_per_server=1_000)
    changes |= {"horizon_months": 12, "prices": changes["prices"] | WORTHLESS, "servers": NOW}
    found = tax(solved(small(tmp_path, **changes, **taxed())))
    assert found["tax_on_disposal"] == pytest.approx({14: -0.25 * (48_000 + 1_000)})


def test_an_upfront_fee_is_spread_over_its_term(tmp_path: Path) -> None:
    """105,120 USD for 36 months: 3, 12, 12 and 9 of them in the tax years that the term touches."""
    price = {f"{WHOLE}/36m-all-upfront/usd_per_gpu_hour": 0.5, f"{WHOLE}/12m-no-upfront/usd_per_gpu_hour": 100}
    changes = rented(WHOLE, "commitments", horizon_months=36, prices=price, **taxed())
    plan = solved(small(tmp_path, **changes))
    fee = 8 * 730 * 36 * 0.5
    assert plan.ledger.query("component == 'commitments'")["cost_usd"].sum() == pytest.approx(fee)
    months = {2: 3, 14: 12, 26: 12, 38: 9}
    assert tax(plan) == {
        "tax_relief": pytest.approx({end: -0.25 * fee * part / 36 for end, part in months.items()})
    }  # fmt: skip


def test_contingency_is_part_of_the_basis(tmp_path: Path) -> None:
    changes = own() | {"servers": NOW, "contingency_fraction": 0.1}
    found = tax(solved(small(tmp_path, **changes, **taxed())))
    assert found["depreciation_relief"] == pytest.approx({2: -0.25 * 0.52 * 110_000})
    assert found["tax_on_disposal"] == pytest.approx({14: 0.25 * (50_000 - 0.48 * 110_000)})


def test_what_was_negotiated_lowers_the_basis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """15 % off the catalog's price, and half of what was really paid in the end."""
    monkeypatch.delitem(PRICES, f"{SERVER}/purchase_usd_per_server")
    book = {"discounts": [{"id": "D-1", "fraction": 0.15, "rows": f"{SERVER}/*", "source": "a contract"}]}
    (tmp_path / "ours.yaml").write_text(yaml.safe_dump(book), encoding="utf-8")
    changes = own() | {"servers": NOW, "price_book": "ours.yaml", "offers": {"consider": []}}
    plan = solved(small(tmp_path, **changes, **taxed()))
    paid = plan.ledger.loc[plan.ledger["treatment"] == "capitalised"].groupby("component")["cost_usd"].sum()
    assert paid["negotiated_servers"] == pytest.approx(-0.15 * paid["servers"])
    basis, found = 0.85 * paid["servers"], tax(plan)
    assert found["depreciation_relief"] == pytest.approx({2: -0.25 * 0.52 * basis})
    assert found["tax_on_disposal"] == pytest.approx({14: 0.25 * (0.5 - 0.48) * basis})


def test_a_rate_of_zero_is_no_tax(tmp_path: Path) -> None:
    changes = own() | {"servers": NOW}
    without, nothing = solved(small(tmp_path, **changes)), solved(small(tmp_path, **changes, **taxed(rate=0)))
    assert total_tax(nothing.ledger) == 0
    assert nothing.answer.objective == pytest.approx(without.answer.objective)


def test_work_left_undone_is_no_deduction(tmp_path: Path) -> None:
    work = serving(unserved_usd_per_unit=1)
    plan = solved(small(tmp_path, workloads=[work], **taxed()))
    assert plan.ledger["component"].unique().tolist() == ["unserved"]


# A server for 100,000 worth nothing in the end, or the same work rented for 48 months. Renting for 100,000 in present
# dollars at 10 % means this much a month, paid at its end:
ANNUITY = sum(1.1 ** (-(t + 1) / 12) for t in range(48))
MONTHS_IN_YEAR = {2: 3, 14: 12, 26: 12, 38: 12, 50: 9}
"""Months rented in the tax years by the month in which they end."""


def rent_or_buy(folder: Path, rented_for: float, **settings: Any) -> Solved:
    price = rented_for / ANNUITY / (8 * 730)
    prices = PRICES | WORTHLESS | {f"{DEAR}/on_demand_usd_per_gpu_hour": price}
    return solved(small(folder, sites=[{"id": SITE}], horizon_months=48, servers=NOW, prices=prices, **settings))


def at_end_of(month: int) -> float:
    return 1.1 ** (-(month + 1) / 12)


def rent_after_tax(present: float) -> float:
    monthly = present / ANNUITY
    return present - 0.25 * monthly * sum(months * at_end_of(end) for end, months in MONTHS_IN_YEAR.items())


def buys(plan: Solved) -> bool:
    return "servers" in set(plan.ledger["component"])


BEFORE_TAX = {"finance": {"wacc_fraction": 0.1, "source": "by hand"}}


def test_bonus_depreciation_makes_the_plan_buy(tmp_path: Path) -> None:
    """At 10 % after tax renting is 200 USD cheaper before tax; all is deducted in March of the first year instead."""
    rent = 99_800
    assert not buys(rent_or_buy(tmp_path, rent, **BEFORE_TAX))
    plan = rent_or_buy(tmp_path, rent, **taxed(bonus=1, wacc=0.1))
    buying = 100_000 * (1 - 0.25 * at_end_of(2))
    assert buys(plan)
    assert plan.answer.objective == pytest.approx(buying)
    assert buying < rent_after_tax(rent)


def test_slow_depreciation_makes_the_plan_rent(tmp_path: Path) -> None:
    """Renting is 200 USD dearer before tax; a straight line of 10 years deducts too late, the rest with the horizon."""
    rent = 100_200
    assert buys(rent_or_buy(tmp_path, rent, **BEFORE_TAX))
    slow = {"method": "straight_line", "life_years": 10}
    plan = rent_or_buy(tmp_path, rent, **taxed(depreciation=slow, bonus=0, wacc=0.1))
    years = {2: 3 / 120, 14: 12 / 120, 26: 12 / 120, 38: 12 / 120, 50: 81 / 120}
    buying = 100_000 * (1 - 0.25 * sum(part * at_end_of(end) for end, part in years.items()))
    assert not buys(plan)
    assert plan.answer.objective == pytest.approx(rent_after_tax(rent))
    assert rent_after_tax(rent) < buying


def test_bonus_depreciation_makes_the_plan_buy_sooner(tmp_path: Path) -> None:
    """A server for 100,000 USD that costs 90,000 from April on, or 4,050 a month until then.

    At 10 % to wait costs 87,882 + 11,959 in present dollars: 160 less before tax. But what is bought by March is
    deducted in March, and what is bought in April a year later: after tax to wait costs 1,312 more.
    """
    rent = 4_050 / (8 * 730)
    path = {
        "rows": f"{SERVER}/purchase_usd_per_server",
        "kind": "factors",
        "factors": {"2027-04": 0.9},
        "source": "by hand",
    }
    now = {None: 100_000, "bonus": 100_000 * (1 - 0.25 * at_end_of(2))}
    paid = 90_000 * 1.1**-0.25 + 4_050 * sum(at_end_of(t) for t in range(3))
    wait = {None: paid, "bonus": paid - 0.25 * (90_000 * at_end_of(14) + 3 * 4_050 * at_end_of(2))}
    assert [round(wait[key] - now[key]) for key in now] == [-160, 1_312]
    for key, settings, month in ((None, BEFORE_TAX, 3), ("bonus", taxed(bonus=1, wacc=0.1), 0)):
        prices = WORTHLESS | {f"{DEAR}/on_demand_usd_per_gpu_hour": rent}
        plan = solved(small(tmp_path, sites=[{"id": SITE}], horizon_months=48, price_paths=[path], prices=prices,
                            **settings))  # fmt: skip
        assert plan.ledger.query("component == 'servers'")["month"].tolist() == [month]
        assert plan.answer.objective == pytest.approx(min(now[key], wait[key]))


@pytest.mark.parametrize("owned", [False, True])
def test_36_months_of_a_longer_plan_are_as_if_it_ended_then(owned: bool, tmp_path: Path) -> None:
    """One server to the end, ordered at the start or owned since January 2026, as the demand lasts."""
    totals = []
    prices = HELD | SPACE | {f"{SERVER}/decommissioning_usd_per_server": 700}
    held = existing(100_000) if owned else {"sites": [{"id": SITE}], "servers": NOW}
    for horizon in (36, 48):
        case = small(tmp_path, horizon_months=horizon, prices=prices, **held, **taxed(wacc=0.08))
        study = solve_case(case, Effort(gap=1e-9))
        totals.append(as_if_ended(study, study.plan, 36))
    ended, longer = totals
    assert longer == pytest.approx(ended | {"resale_usd": longer["resale_usd"]}, rel=1e-9)
    assert longer["resale_usd"] == pytest.approx(-50_000 + 700)


@pytest.mark.parametrize(("said", "rate"), [("after_tax", 0.08), ("pre_tax", 0.06)])
def test_a_discount_rate_before_tax_is_lowered_by_the_tax(said: str, rate: float, tmp_path: Path) -> None:
    changes = taxed(wacc=0.08)
    changes["finance"]["wacc_is"] = said
    assert small(tmp_path, **changes).wacc == pytest.approx(rate)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"depreciation": {"method": "macrs_5", "life_years": 5}}, "life_years must not be given with macrs_5"),
        ({"depreciation": {"method": "straight_line"}}, "life_years is needed by straight_line"),
        ({"rate_fraction": 1}, "less than 1"),
        ({"bonus_fraction": 1.1}, "less than or equal to 1"),
    ],
)
def test_wrong_taxes_are_refused(change: dict[str, Any], said: str, tmp_path: Path) -> None:
    changes = taxed()
    changes["finance"]["tax"] |= change
    with pytest.raises(InputError, match=said):
        small(tmp_path, **changes)


def test_a_tax_needs_to_know_which_discount_rate_is_meant(tmp_path: Path) -> None:
    changes = taxed()
    del changes["finance"]["wacc_is"]
    with pytest.raises(InputError, match="wacc_is must say"):
        small(tmp_path, **changes)
