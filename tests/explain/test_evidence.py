"""What plan.json says of prices, lines, rules, service and load is what the solved program says."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from planner.analysis.study import Study, solve_case
from planner.catalog.load import Catalog
from planner.model.constraints import BUDGETS, RULES
from planner.model.proof import activity
from planner.model.solve import Effort
from planner.planfile import plan_document
from planner.report.explain import explain
from tests.explain.conftest import DAY
from tests.small import CHEAP, DEAR, SAVINGS, SERVER, SITE, WHOLE, serving, small

Document = dict[str, Any]


def test_lines_sum_to_the_objective_and_to_every_total(document: Document) -> None:
    lines, plan = document["lines"], document["tco"]["plan"]
    present = math.fsum(line["present_usd"] for line in lines)
    assert present == pytest.approx(document["proof"]["objective_usd"], rel=1e-9)
    for component, usd in plan["by_component"].items():
        mine = [line for line in lines if line["component"] == component]
        assert math.fsum(line["cost_usd"] for line in mine) == pytest.approx(usd, rel=1e-9, abs=1e-6)
        for n, year in enumerate(plan["by_year"]):
            assert math.fsum(line["by_year"][n] for line in mine) == pytest.approx(
                year["by_component"].get(component, 0.0), rel=1e-9, abs=1e-6
            )
    assert math.fsum(plan["present_by_component"].values()) == pytest.approx(plan["present_usd"], rel=1e-9)


def test_a_line_is_quantity_times_unit_cost(document: Document) -> None:
    steady = [line for line in document["lines"] if line["lowest_unit_cost_usd"] == line["highest_unit_cost_usd"]]
    assert len(steady) >= 5
    for line in steady:
        assert line["quantity"] * line["lowest_unit_cost_usd"] == pytest.approx(line["cost_usd"], rel=1e-9, abs=1e-9)
    for line in document["lines"]:
        low, high = (line["quantity"] * line[f"{end}_unit_cost_usd"] for end in ("lowest", "highest"))
        assert low - 1e-6 <= line["cost_usd"] <= high + 1e-6 or line["component"] == "resale"


def test_every_price_is_the_product_of_its_factors(document: Document) -> None:
    assert len(document["prices"]) > 10
    for price in document["prices"]:
        product = math.prod(factor["value"] for factor in price["factors"])
        assert product == pytest.approx(price["first"], rel=1e-12), price
        assert [factor["what"] for factor in price["factors"] if factor["kind"] == "row"] == price["rows"]


def test_discount_and_price_path_are_factors_of_the_price_they_change(document: Document) -> None:
    price = next(one for one in document["prices"] if one["rows"] == ["lambda-h100-sxm/on_demand_usd_per_gpu_hour"])
    assert [factor["kind"] for factor in price["factors"]] == ["row", "price path", "discount"]
    since = 2 / 12  # two months from the day of the prices to the start
    assert price["factors"][1]["value"] == pytest.approx(0.8**since, rel=1e-12)
    assert price["first"] == pytest.approx(4 * 0.8**since * 0.9, rel=1e-12)
    assert price["last"] == pytest.approx(4 * 0.8 ** (since + 17 / 12) * 0.9, rel=1e-12)


def test_ledger_prices_are_the_prices_of_the_model(document: Document) -> None:
    """Before discounts, which are lines of their own."""
    first = {tuple(one["rows"]): one for one in document["prices"]}
    checked = 0
    for line in document["lines"]:
        price = first.get(tuple(line["rows"]))
        if price and line["component"] in ("servers", "on_demand", "spot", "staff"):
            agreed = math.prod(factor["value"] for factor in price["factors"] if factor["kind"] == "discount")
            span = sorted((price["first"] / agreed, price["last"] / agreed))
            assert span[0] * (1 - 1e-12) <= line["lowest_unit_cost_usd"] <= line["highest_unit_cost_usd"]
            assert line["highest_unit_cost_usd"] <= span[1] * (1 + 1e-12)
            checked += 1
    assert checked >= 4


def test_every_rule_is_written_with_its_docstring(document: Document, study: Study) -> None:
    formulas = {(rule.__doc__ or "").strip().partition("\n")[0] for rule in (*RULES, *BUDGETS)}
    assert {rule["rule"] for rule in document["rules"]} == set(study.built.model.program.rules)
    for rule in document["rules"]:
        assert rule["formula"] in formulas
        assert rule["rows"] == study.built.model.program.rules[rule["rule"]].size
        assert 1 <= len(rule["examples"]) <= 3


def test_written_rows_add_up_to_what_the_solver_has(document: Document, study: Study) -> None:
    names = study.built.model.program.row_names()
    left = activity(study.built.arrays, study.plan.answer.x)
    columns = dict(zip(study.built.model.program.column_names(), study.plan.answer.x.tolist(), strict=True))
    for rule in document["rules"]:
        for row in rule["examples"]:
            at = names.index(row["row"])
            terms = math.fsum(term["coefficient"] * term["value"] for term in row["terms"]) + row["more_amount"]
            assert terms == pytest.approx(row["left"], rel=1e-9, abs=1e-9)
            assert row["left"] == pytest.approx(left[at], rel=1e-9, abs=1e-9)
            assert all(columns[term["decision"]] == term["value"] for term in row["terms"])
            limits = {"≤": study.built.arrays.row_upper, "≥": study.built.arrays.row_lower,
                      "=": study.built.arrays.row_lower}  # fmt: skip
            assert row["limit"] == limits[row["sense"]][at]


def test_the_power_limit_that_binds_is_written_first_with_its_worth(document: Document) -> None:
    rule = next(one for one in document["rules"] if one["rule"] == "power_is_within_site_limit")
    assert rule["binding"] >= 1
    row = rule["examples"][0]
    assert (row["sense"], row["limit"], row["left"]) == ("≤", 10, 10)
    worth = [one for one in document["worth"] if one["limit"] == rule["rule"]]
    assert -row["usd_per_unit_more"] == pytest.approx(max(one["usd_per_unit"] for one in worth), rel=1e-9)


def test_the_shares_of_a_workload_are_all_of_its_work(document: Document, study: Study) -> None:
    work = {"chat": float((study.case.demand.level[0] * study.case.demand.hours).sum()), "index": 4000.0 * 18}
    for name, units in work.items():
        rows = [row for row in document["service"] if row["workload"] == name]
        assert math.fsum(row["share_fraction"] for row in rows) == pytest.approx(1, rel=1e-9)
        assert math.fsum(row["work_units"] for row in rows) == pytest.approx(units, rel=1e-9)
    spot = next(row for row in document["service"] if row["kind"] == "spot")
    assert spot["work_units"] == pytest.approx(spot["gpu_hours"] * 0.9, rel=1e-9)  # a tenth is lost


def test_unit_costs_are_what_the_ledger_pays(document: Document) -> None:
    plan = document["tco"]["plan"]["by_component"]
    found = {row["kind"]: row for row in document["unit_costs"]}
    assert found["on_demand"]["usd"] == pytest.approx(plan["on_demand"] + plan["negotiated_on_demand"])
    owned = ("servers", "resale", "network", "electricity", "space", "support")
    assert found["owned"]["usd"] == pytest.approx(sum(plan.get(name, 0.0) for name in owned))
    assert found["owned"]["gpu_hours"] <= found["owned"]["available_gpu_hours"] * (1 + 1e-9)
    hours = sum(row["gpu_hours"] for row in document["decisions"]["rentals"] if row["kind"] == "on_demand")
    assert found["on_demand"]["gpu_hours"] == pytest.approx(hours, rel=1e-9)


def test_load_is_every_hour_of_the_plan_sorted(document: Document) -> None:
    rows, kinds = document["decisions"]["by_month"], ("owned", "committed", "on_demand", "spot")
    assert [year["months"] for year in document["load"]] == [["2027-01", "2027-12"], ["2028-01", "2028-06"]]
    assert math.fsum(step["hours"] for year in document["load"] for step in year["steps"]) == pytest.approx(18 * 730)
    for kind in kinds:
        hours = math.fsum(step["hours"] * step[kind] for year in document["load"] for step in year["steps"])
        assert hours == pytest.approx(math.fsum(row[f"{kind}_gpu_hours"] for row in rows), rel=1e-9, abs=1e-6)
    for year in document["load"]:
        load = [sum(step[kind] for kind in kinds) for step in year["steps"]]
        assert load == sorted(load, reverse=True)
        assert year["owned_gpus"] == pytest.approx(8)


def test_the_busiest_hour_is_not_averaged_away(document: Document, study: Study) -> None:
    case, x = study.case, study.plan.answer.x
    total = np.zeros(len(case.demand.hours))
    for block in ("own", "committed", "covered", "on_demand", "spot"):
        for view in study.built.model.views(block):
            np.add.at(total, view.keys["g"], x[view.columns])
    peak = total[case.demand.month < 12].max()
    step = document["load"][0]["steps"][0]
    assert sum(step[kind] for kind in ("owned", "committed", "on_demand", "spot")) == pytest.approx(peak)


def test_months_are_named_by_month(document: Document) -> None:
    for line in document["lines"]:
        assert re.fullmatch(r"\d{4}-\d{2}", line["first_month"])
        assert line["first_month"] <= line["last_month"]


def planned(tmp_path: Path, shipped: Catalog, **changes: Any) -> Document:
    return plan_document(solve_case(small(tmp_path, **changes), Effort(gap=1e-9)), shipped, Effort(gap=1e-9))


def test_unit_costs_leave_out_only_people_projects_and_tokens(tmp_path: Path, prices: Catalog) -> None:
    offers = {"consider": [DEAR, CHEAP], "managed_uplift_fraction": 0.5, "licence_usd_per_gpu_hour": 1}
    found = planned(
        tmp_path, prices, offers=offers, sites=[{"id": SITE}], workloads=[serving(12, shape=DAY)], horizon_months=24,
        staff=[{"name": "ops", "role": "platform-engineer"}], contingency_fraction=0.1,
    )  # fmt: skip
    paid = found["tco"]["plan"]["by_component"]
    assert {"contingency", "managed_service", "licences"} <= {name for name, usd in paid.items() if usd}
    rest = sum(paid.get(name, 0.0) for name in ("staff", "project", "api", "unserved"))
    assert math.fsum(row["usd"] for row in found["unit_costs"]) == pytest.approx(sum(paid.values()) - rest, rel=1e-9)
    rented = next(row for row in found["unit_costs"] if row["kind"] == "on_demand")
    assert rented["usd_per_gpu_hour"] == pytest.approx(2 * 1.5 + 1, rel=1e-9)  # 2 USD, half more, a licence of 1


def test_what_a_savings_plan_covers_is_committed_as_far_as_it_is_used(tmp_path: Path, prices: Catalog) -> None:
    found = planned(tmp_path, prices, offers={"consider": [DEAR, WHOLE]}, horizon_months=6)
    assert found["decisions"]["savings_plans"]
    (year,) = found["load"]
    assert (year["committed_gpus"], year["owned_gpus"]) == (pytest.approx(8), 0)
    assert year["alone_hours"] == pytest.approx(6 * 730)
    (row,) = found["unit_costs"]
    assert row["gpu_hours"] == pytest.approx(row["available_gpu_hours"]) == pytest.approx(8 * 730 * 6)
    assert "It is in the plan." in str(explain(found, SAVINGS))


def test_hours_without_rent_are_counted_hour_by_hour(tmp_path: Path, prices: Catalog) -> None:
    late = {f"{SERVER}/lead_time_months": 4}
    found = planned(tmp_path, prices, sites=[{"id": SITE}], horizon_months=12, prices=late)
    (year,) = found["load"]
    assert year["owned_gpus"] == pytest.approx(8 * 8 / 12)
    assert year["alone_hours"] == pytest.approx(8 * 730)  # rented in the four months before delivery
