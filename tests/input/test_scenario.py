"""Scenarios: everything wrong is told at once, with its place, and references are checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.catalog.load import load_catalog
from planner.errors import MAX_COMPLAINTS
from planner.resources import shipped
from planner.scenario.load import load_scenario
from planner.scenario.schema import Scenario, Serving
from tests.shipped import shipped_catalog

from .given import SCENARIO, complaints, load, with_line, write_catalog

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "llm-platform.yaml"


def test_the_example_is_valid() -> None:
    loaded = load_scenario(EXAMPLE, shipped_catalog())
    assert loaded.scenario.name == "llm-platform"
    assert loaded.series == {}


def test_the_schema_describes_what_is_read(recwarn: pytest.WarningsRecorder) -> None:
    schema = Scenario.model_json_schema()
    assert {"name", "start", "finance", "workloads"} <= set(schema["required"])
    assert not recwarn.list


def test_the_schema_line_of_an_editor_is_ignored(tmp_path: Path) -> None:
    assert load(tmp_path, "$schema: x.json\n" + SCENARIO).scenario.name == "small"


def test_every_problem_is_told_with_its_place_and_the_nearest_name(tmp_path: Path) -> None:
    text = """\
name: small
strat: 2027-01
start: 2027-13
as_of: 2026-11-21
horizon_months: true
finance: {wacc_fraction: -1, source: treasury}
workloads:
  - name: chat
    kind: serving
    unit: GPU hour
    speed: {g3: 1, g1: 0}
    speed_source: own
    headrom_fraction: 0.1
    demand:
      peak_per_hour: "36"
      shape: falt
      growth: {annual_rat: 0}
sites:
  - id: romm
offers: {consider: [rent, rant], exclude: {rnt: dear}}
existing_servers:
  - {server: bix, site: room, servers: 1.0, in_service: 2026-01, paid_usd_per_server: 0}
limits: {on_demand_quota_gpus: {rentt: 5}, provider_share_fraction: {clout: 1, any: 1}}
staff: [{name: ops, role: enginer}]
prices:
  rent/on_demand_usd_per_gpu_hor: 3
  room/pue: -1
discounts: [{provider: clod, kind: all, fraction: 2, source: s}]
price_paths: [{rows: "rant/*", kind: flat, source: s}]
"""
    found = complaints(load, tmp_path, text)
    assert [(one.place.line, one.place.column, one.field) for one in found] == [
        (2, 1, "strat"), (3, 1, "start"), (5, 1, "horizon_months"), (6, 11, "finance.wacc_fraction"),
        (11, 13, "workloads.0.speed.g3"), (11, 20, "workloads.0.speed.g1"), (13, 5, "workloads.0.headrom_fraction"),
        (15, 7, "workloads.0.demand.peak_per_hour"), (16, 7, "workloads.0.demand.shape"),
        (17, 16, "workloads.0.demand.growth.annual_rat"),
        (19, 5, "sites.0.id"), (20, 27, "offers.consider.1"), (20, 44, "offers.exclude.rnt"),
        (22, 6, "existing_servers.0.server"), (22, 31, "existing_servers.0.servers"),
        (23, 33, "limits.on_demand_quota_gpus.rentt"), (23, 70, "limits.provider_share_fraction.clout"),
        (24, 21, "staff.0.role"), (26, 3, "prices.rent/on_demand_usd_per_gpu_hor"), (27, 3, "prices.room/pue"),
        (28, 14, "discounts.0.provider"), (28, 41, "discounts.0.fraction"), (29, 16, "price_paths.0.rows"),
    ]  # fmt: skip
    cures = {one.field: one.cure for one in found if one.cure}
    assert cures["strat"] == "did you mean 'start'?"
    assert cures["workloads.0.headrom_fraction"] == "did you mean 'headroom_fraction'?"
    assert cures["workloads.0.demand.growth.annual_rat"] == "did you mean 'annual_rate'?"
    assert cures["workloads.0.demand.shape"] == "did you mean 'flat'?"
    assert cures["sites.0.id"] == "did you mean 'room'?"
    assert cures["staff.0.role"] == "did you mean 'engineer'?"
    assert cures["existing_servers.0.server"] == "did you mean 'box'?"
    assert cures["limits.provider_share_fraction.clout"] == "did you mean 'cloud'?"
    assert cures["prices.rent/on_demand_usd_per_gpu_hor"] == "did you mean 'rent/on_demand_usd_per_gpu_hour'?"
    assert {one.place.file for one in found} == {str(tmp_path / "small.yaml")}
    assert next(one for one in found if one.field == "workloads.0.speed.g3").found == "g3"


@pytest.mark.parametrize(
    ("old", "new", "field", "message"),
    [
        ("horizon_months: 3", "horizon_months: 36.0", "horizon_months", "must be a whole number"),
        ("horizon_months: 3", "horizon_months: 361", "horizon_months", "should be less than or equal to 360"),
        ("horizon_months: 3", "horizon_months: 12:30", "horizon_months", "must be a whole number"),
        ("as_of: 2026-11-21", "as_of: 2026-11", "as_of", "must be a day"),
        ("as_of: 2026-11-21", "as_of: 20261121", "as_of", "must be a day"),
        ("start: 2027-01", "start: 2087-01", "start", "lies more than 50 years from as_of"),
        ("name: small", "name: ../small", "name", "is not written as it should be"),
        ("shape: flat", "shape: [1]", "workloads.0.demand.shape", "must be flat, a week"),
        ("shape: flat", "shape: {weekday: [1]}", "workloads.0.demand.shape.weekday", "needs at least 24 items"),
        ("shape: flat", f"shape: {{weekday: [{'0,' * 24}]}}", "workloads.0.demand.shape", "is 0 in every hour"),
        ("shape: flat", "shape: {csv: a.csv}", "workloads.0.demand.shape.column", "is missing"),
        ("{annual_rate: 0}", "{}", "workloads.0.demand.growth", "needs annual_rate or monthly_factors, not both"),
        ("{annual_rate: 0}", "{monthly_factors: [1, 1]}", "workloads.0.demand.growth.monthly_factors",
         "needs one factor for each month"),
        ("peak_per_hour: 8", "average_per_hour: 8\n      peak_per_hour: 8", "workloads.0.demand",
         "needs one of peak_per_hour, average_per_hour and work_per_month"),
        ("peak_per_hour: 8", "scale: 1", "workloads.0.demand",
         "needs one of peak_per_hour, average_per_hour and work_per_month"),
        ("peak_per_hour: 8", "work_per_month: [1, 2, 3]", "workloads.0.demand",
         "takes growth or work_per_month, not both"),
        ("peak_per_hour: 8\n      shape: flat\n      growth: {annual_rate: 0}",
         "work_per_month: [1, 2]\n      shape: flat", "workloads.0.demand.work_per_month",
         "needs the work of each month of the horizon"),
        ("peak_per_hour: 8\n      shape: flat\n      growth: {annual_rate: 0}",
         "work_per_month: [0, 0, 0]\n      shape: flat", "workloads.0.demand", "needs work in some month"),
        ("      growth: {annual_rate: 0}\n", "", "workloads.0.demand", "needs growth"),
        ("{annual_rate: 0}", "{monthly_factors: [1, 1, 1], seasons: {12: 2}}", "workloads.0.demand.growth",
         "takes seasons with annual_rate only"),
        ("{annual_rate: 0}", "{seasons: {12: 2}}", "workloads.0.demand.growth", "needs annual_rate or monthly_factors"),
        ("{annual_rate: 0}", "{annual_rate: 0, seasons: {13: 2}}", "workloads.0.demand.growth.seasons.13",
         "is not written as it should be"),
        ("{annual_rate: 0}", "{annual_rate: 0, seasons: {1: 2}}", "workloads.0.demand.growth.seasons.1",
         "is not written as it should be"),
        ("{annual_rate: 0}", "{annual_rate: 0, seasons: {12: -2}}", "workloads.0.demand.growth.seasons.12",
         "should be greater than or equal to 0"),
        ("kind: serving", "kind: serving\n    spot: {share_fraction: 1, loss_fraction: 1}",
         "workloads.0.spot.loss_fraction", "should be less than 1"),
        ("speed: {g1: 1}", "speed: {}", "workloads.0.speed", "needs at least 1 item"),
        ("  - id: room", "  - id: room\n  - id: room", "sites.1.id", "stands twice"),
        ("offers: {consider: [rent]}", "hours_per_month: '730'", "hours_per_month", "is not one of the choices"),
        ("offers: {consider: [rent]}", "hours_per_month: 500", "hours_per_month", "should be greater than"),
        ("offers: {consider: [rent]}", "budgets: {capex_usd: {27: 5}}", "budgets.capex_usd.27", "must be a year"),
        ("offers: {consider: [rent]}", "prices: {box/spare_parts_fraction: 1.5}", "prices.box/spare_parts_fraction",
         "is a fraction"),
        ("offers: {consider: [rent]}", "prices: {room/pue: '1'}", "prices.room/pue", "must be a number"),
        ("offers: {consider: [rent]}", "prices: {room/pue: {value: 1, low: 2, source: s, date: 2026-01-01}}",
         "prices.room/pue", "needs low ≤ value ≤ high"),
        ("offers: {consider: [rent]}", "prices: {room/pue: {value: 1, source: s, day: 2026-01-01, date: 2026-01-01}}",
         "prices.room/pue.day", "is not a known field"),
        ("offers: {consider: [rent]}", "staff: [{name: ops, role: engineer, sites: [hall]}]", "staff.0.sites.0",
         "names a site that the scenario does not use"),
        ("offers: {consider: [rent]}", "whole: {servers: 1}", "whole.servers", "must be true or false"),
        ("offers: {consider: [rent]}", "existing_servers: [{server: box, site: hall, servers: 1, in_service: 2026-01, "
         "paid_usd_per_server: 0}]", "existing_servers.0.site", "names a site that the scenario does not use"),
        ("offers: {consider: [rent]}", "existing_servers: [{server: box, site: room, servers: 1, in_service: 2039-02, "
         "paid_usd_per_server: 0}]", "existing_servers.0.in_service", "lies after the horizon"),
        ("offers: {consider: [rent]}", "existing_commitments: [{offer: rent, instances: 1, start: 2027-02, "
         "term_months: 12, hourly_usd_per_gpu: 1}]", "existing_commitments.0.start", "must not start after"),
        ("workloads:", "workloads: []\nworkload:", "workloads", "needs at least 1 item"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(tmp_path: Path, old: str, new: str, field: str, message: str) -> None:
    found = {one.field: one for one in complaints(load, tmp_path, with_line(old, new))}
    assert set(found) == {field} | ({"workload"} if "workload:" in new else set())
    assert found[field].message.startswith(message)
    assert found[field].place.line is not None


@pytest.mark.parametrize(
    ("workload", "field", "message"),
    [
        ("kind: batch, work_per_month: 1, growth: {annual_rate: 0}, window: 4", "window", "is longer than the horizon"),
        ("kind: batch, work_per_month: 1, growth: {annual_rate: 0}, window: week", "window", "is not one of"),
        ("kind: batch, work_per_month: 1, growth: {annual_rate: 0}, hours: [24]", "hours.0", "should be less"),
        ("kind: batch, work_per_month: 0, growth: {annual_rate: 0}", "work_per_month", "should be greater than 0"),
        ("kind: batch, work_per_month: 1, growth: {monthly_factors: [1]}", "growth.monthly_factors", "needs"),
        ("kind: training, jobs: [{name: a, start: 2027-01, months: 1, units_per_hour: 1}], "
         "spot: {share_fraction: 1, loss_fraction: 0}", "spot", "may not use spot without checkpoints"),
        ("kind: training, jobs: [{name: a, start: 2027-01, months: 0, units_per_hour: 1}]", "jobs.0.months", "should"),
        ("kind: training, checkpoints: 'yes', jobs: []", "checkpoints", "must be true or false"),
    ],
)  # fmt: skip
def test_workloads_are_checked(tmp_path: Path, workload: str, field: str, message: str) -> None:
    more = f"  - {{name: other, unit: u, speed: {{g1: 1}}, speed_source: s, {workload}}}\nsites:"
    found = complaints(load, tmp_path, with_line("sites:", more))
    assert found[0].field == f"workloads.1.{field}"
    assert found[0].message.startswith(message)


def test_a_flood_of_problems_is_cut_with_one_note_at_the_end(tmp_path: Path) -> None:
    found = complaints(load, tmp_path, SCENARIO + "".join(f"key{i}: 1\n" for i in range(5000)))
    assert ["more problems" in one.message for one in found] == [False] * MAX_COMPLAINTS + [True]
    prices = "".join(f"  rent/nothing-{i}: 1\n" for i in range(5000))
    found = complaints(load, tmp_path, SCENARIO + "prices:\n" + prices)
    assert ["more problems" in one.message for one in found] == [False] * MAX_COMPLAINTS + [True]


def test_a_catalog_elsewhere_is_shipped_or_missed(tmp_path: Path) -> None:
    assert (shipped("data/pricing") / "gpus.yaml").is_file()
    with pytest.raises(FileNotFoundError, match="install it again"):
        shipped("no such folder")
    loaded = load(tmp_path, catalog=load_catalog(write_catalog(tmp_path / "p")))
    assert isinstance(loaded.scenario.workloads[0], Serving)


def test_the_digest_tells_what_is_asked() -> None:
    catalog = shipped_catalog()
    digest = load_scenario(EXAMPLE, catalog).digest
    assert digest == load_scenario(EXAMPLE, catalog).digest
    assert digest != load_scenario(EXAMPLE, catalog, ["finance.wacc_fraction=0.091"]).digest
