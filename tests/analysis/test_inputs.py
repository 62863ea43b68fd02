"""What the report lists as asked: everything a reader would challenge, with its number, its unit and its source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from planner.analysis.inputs import scenario_inputs
from tests.small import CHEAP, DEAR, SERVER, SITE, SPOT, batch, catalog, serving, small, training

Row = dict[str, Any]


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Row]:
    growing = {"peak_per_hour": 24, "shape": "flat", "growth": {"annual_rate": 0.25}}
    chat = serving(headroom_fraction=0.15, residency=["US"], survive_loss={"of": ["sites"], "protected_fraction": 0.8})
    case = small(
        tmp_path_factory.mktemp("inputs"),
        workloads=[
            chat | {"demand": growing},
            batch(4000, spot={"share_fraction": 0.5, "loss_fraction": 0.1, "share_by": "month"}, hours=[0, 1],
                  unserved_usd_per_unit=3.5),
            training(64, 2, allowed_on=["owned"]),
        ],
        sites=[{"id": SITE, "power_limit_kw": 40, "open_from": "2027-02"}],
        servers={"consider": [SERVER], "order_until": "2027-03", "cold_spare_fraction": 0.1},
        offers={"consider": [DEAR, CHEAP, SPOT], "kinds": ["on_demand", "spot"]},
        limits={"on_demand_quota_gpus": {CHEAP: 8}, "spot_depth_gpus": {SPOT: 16}, "carbon_kg_per_year": None,
                "provider_share_fraction": {"any": 0.6}},
        budgets={"capex_usd": {"2027": 500000}},
        staff=[{"name": "platform", "role": "platform-engineer", "minimum_team_fte": 2, "always_fte": 0.5}],
        existing_servers=[{"server": SERVER, "site": SITE, "servers": 2, "in_service": "2025-07",
                           "paid_usd_per_server": 1}],
        existing_commitments=[{"offer": CHEAP, "instances": 3, "start": "2026-06", "term_months": 12,
                               "hourly_usd_per_gpu": 1.5}],
        horizon_end="liquidate",
        discounts=[{"provider": "lambda", "kind": "on_demand", "fraction": 0.1, "source": "contract"}],
        price_paths=[{"rows": f"{DEAR}/*", "kind": "step", "month": "2027-02", "factor": 0.9, "source": "guess"}],
    )  # fmt: skip
    listed = scenario_inputs(case.scenario, catalog())
    assert len({row["input"] for row in listed}) == len(listed)
    return {row["input"]: row for row in listed}


@pytest.mark.parametrize(
    ("name", "value", "unit"),
    [
        ("chat: demand, peak", 24, "H100 hour per hour, at the start; flat"),
        ("chat: growth", 0.25, "fraction per year"),
        ("chat: headroom", 0.15, "fraction kept ready beyond the demand"),
        ("chat: survives the loss of one site", 0.8, "fraction of the demand"),
        ("chat: may run", "owned or rented, in US", ""),
        ("chat: spot", "none", ""),
        ("chat: left undone", "nothing: all of it must be done", ""),
        ("index: work", 4000, "H100 hour a month, at the start"),
        ("index: window", "1 month, in the hours 0, 1", ""),
        ("index: spot, at most", 0.5, "fraction of the work of any month"),
        ("index: spot, lost", 0.1, "fraction of its work"),
        ("index: left undone", 3.5, "USD per H100 hour"),
        ("train: run run", 64, "GPUs of speed 1, from 2027-01, for 2 months"),
        ("train: may run", "owned, anywhere", ""),
        (f"site {SITE}: power", 40, "kW at the meter"),
        (f"site {SITE}: racks", "no limit", ""),
        (f"site {SITE}: opens", "2027-02", ""),
        ("servers can be ordered", "until 2027-03", ""),
        ("cold spares", 0.1, "fraction of the fleet"),
        ("ways of renting", "on-demand, spot", ""),
        (f"on-demand quota of {CHEAP}", 8, "GPUs"),
        (f"spot depth of {SPOT}", 16, "GPUs"),
        ("share of any one provider, at most", 0.6, "fraction of a workload's work in a month"),
        ("carbon", "no limit", ""),
        ("budget for capital outlay, fiscal year 2027", 500_000, "USD"),
        ("budget for payments", "no limit", ""),
        ("staff platform: least, once anything is ordered", 2, "FTE"),
        ("staff platform: standing, whatever is decided", 0.5, "FTE"),
        (f"owned today: {SERVER} at {SITE}", 2, "servers, in service since 2025-07"),
        (f"committed today: {CHEAP}", 3, "instances at 1.5 USD per GPU-hour, from 2026-06, for 12 months"),
        ("at the end of the horizon", "liquidate: the rest of a commitment is paid out", ""),
    ],
)
def test_what_the_scenario_asks_is_listed(rows: dict[str, Row], name: str, value: float | str, unit: str) -> None:
    assert rows[name] == {"input": name, "value": value, "unit": unit, "source": "scenario"}


def test_prices_keep_the_source_that_the_scenario_gives(rows: dict[str, Row]) -> None:
    discount = rows["discount of lambda on on-demand"]
    assert (discount["value"], discount["unit"], discount["source"]) == (0.1, "fraction", "contract")
    path = rows[f"price path of {DEAR}/*"]
    assert (path["value"], path["unit"], path["source"]) == (0.9, "times, from 2027-02", "guess")
    assert rows["chat on h100-sxm-80gb"]["source"] == "by definition"


@pytest.mark.parametrize(
    ("demand", "expected"),
    [
        ({"peak_per_hour": 24, "scale": 1.5, "shape": "flat",
          "growth": {"annual_rate": 0, "seasons": {"12": 2, "01": 0.5}}},
         [("demand, peak", 24, "H100 hour per hour, at the start; flat"), ("demand, multiplied by", 1.5, ""),
          ("growth", 0, "fraction per year"), ("seasons", "times 0.5 in month 01, 2 in month 12", "")]),
        ({"work_per_month": [500, 700, 900.5], "shape": "flat"},
         [("demand, work", "month by month, from 500 to 900.5", "H100 hour a month; flat"),
          ("growth", "in the work of each month", "")]),
        ({"shape": {"csv": "load.csv", "column": "chat"}},
         [("demand, hours", "as the rows say, over the horizon", "H100 hour per hour; by hour, load.csv: chat"),
          ("growth", "in the rows of the file", "")]),
        ({"average_per_hour": 3, "shape": {"csv": "load.csv", "column": "chat"}},
         [("demand, average", 3, "H100 hour per hour, over the horizon; by hour, load.csv: chat"),
          ("growth", "in the rows of the file", "")]),
    ],
    ids=["seasons", "months", "hours", "average"],
)  # fmt: skip
def test_demand_is_told_in_words(
    tmp_path: Path, demand: dict[str, Any], expected: list[tuple[str, float | str, str]]
) -> None:
    (tmp_path / "load.csv").write_text("chat\n" + "1\n" * 2160, encoding="utf-8")
    case = small(tmp_path, workloads=[serving() | {"demand": demand}])
    told = [row for row in scenario_inputs(case.scenario, catalog()) if row["input"].startswith("chat: ")]
    assert [(row["input"], row["value"], row["unit"]) for row in told[: len(expected)]] == [
        (f"chat: {name}", value, unit) for name, value, unit in expected
    ]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"method": "macrs_5"}, "MACRS, 5-year class"),
        ({"method": "straight_line", "life_years": 4}, "straight line, over 4 years"),
        ({"method": "declining_balance", "life_years": 6, "declining_factor": 1.5},
         "declining balance of 150 %, over 6 years"),
    ],
)  # fmt: skip
def test_taxes_and_books_are_listed_with_who_set_them(rule: dict[str, Any], said: str, tmp_path: Path) -> None:
    tax = {"rate_fraction": 0.25, "depreciation": rule, "bonus_fraction": 0.4, "source": "tax department"}
    book = {"life_months": 48, "residual_fraction": 0.1, "source": "policy"}
    finance = {"wacc_fraction": 0.08, "wacc_is": "pre_tax", "source": "treasury", "tax": tax, "book": book}
    listed = scenario_inputs(small(tmp_path, finance=finance, fiscal_year_starts=7).scenario, catalog())
    found = {row["input"]: (row["value"], row["unit"], row["source"]) for row in listed}
    assert found["discount rate (WACC)"] == (0.08, "fraction per year, nominal, before tax", "treasury")
    assert found["income tax"] == (0.25, "fraction on the margin", "tax department")
    assert found["tax depreciation"] == (said, "", "tax department")
    assert found["bonus depreciation"][0] == 0.4
    assert found["tax years begin"][0] == "in month 7, as fiscal years do"
    assert found["book life"] == (48, "months, straight line", "policy")
    assert found["left at the end of book life"] == (0.1, "fraction of the cost", "policy")


def test_without_a_tax_that_is_said(rows: dict[str, Row]) -> None:
    assert rows["income tax"]["value"] == "not counted: all figures are before tax"
