"""`--set path=value`: what can be set, and what is told when it cannot."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from planner.catalog.load import load_catalog
from planner.documents import parse_document
from planner.scenario.load import load_scenario
from planner.scenario.override import override

from .given import SCENARIO, complaint, complaints, load, with_line

LAW = "depreciation: {method: macrs_5}, source: law"


@pytest.mark.parametrize(
    ("assignment", "read"),
    [
        ("finance.wacc_fraction=0.2", lambda s: float(s.finance.wacc_fraction) == 0.2),
        (" horizon_months = 12", lambda s: s.horizon_months == 12),
        ("workloads.chat.demand.peak_per_hour=9", lambda s: s.workloads[0].demand.peak_per_hour == 9),
        ("workloads.0.headroom_fraction=0.5", lambda s: float(s.workloads[0].headroom_fraction) == 0.5),
        ("sites.room.power_limit_kw=5", lambda s: s.sites[0].power_limit_kw == 5),
        ("budgets.capex_usd.2027=5", lambda s: s.budgets.capex_usd == {2027: 5}),
        ("prices.room/pue=1.1", lambda s: float(s.prices["room/pue"]) == 1.1),
        ("sites=[]", lambda s: s.sites == []),
        ("staff=[{name: ops, role: engineer}]", lambda s: s.staff[0].role == "engineer"),
        ("description=a=b", lambda s: s.description == "a=b"),
        ("offers.consider=", lambda s: s.offers.consider is None),
        ("offers={}", lambda s: s.offers.consider is None),
        ("workloads.chat.speed.g2=2", lambda s: s.workloads[0].speed == {"g1": 1, "g2": 2}),
    ],
)
def test_fields_can_be_set(tmp_path: Path, assignment: str, read: Any) -> None:
    assert read(load(tmp_path, SCENARIO, assignment).scenario)


def test_later_assignments_win_and_build_on_earlier_ones(tmp_path: Path) -> None:
    scenario = load(tmp_path, SCENARIO, "limits=", "limits.carbon_kg_per_year=5", "name=a", "name=b").scenario
    assert (scenario.limits.carbon_kg_per_year, scenario.name) == (5, "b")


@pytest.mark.parametrize(
    ("assignment", "message", "cure"),
    [
        ("horizon_months", "needs the form path=value", "--set finance.wacc_fraction=0.1"),
        ("=5", "needs the form path=value", "--set finance.wacc_fraction=0.1"),
        ("a..b=5", "needs the form path=value", "--set finance.wacc_fraction=0.1"),
        ("\udcff=5", "needs the form path=value", "--set finance.wacc_fraction=0.1"),
        ("workloads.chta.headroom_fraction=1", "names no item of the list", "did you mean 'chat'?"),
        ("workloads.1.headroom_fraction=1", "names no item of the list", None),
        ("workloads.-1.headroom_fraction=1", "names no item of the list", None),
        ("workloads.².headroom_fraction=1", "names no item of the list", None),
        ("workloads." + "9" * 5000 + ".x=1", "names no item of the list", None),
        ("name.first=x", "cannot be set: its parent is a single value", None),
        ("horizon_months=[1", "is not YAML: ", None),
        ("horizon_months=\udcff", "is not YAML: ", None),
        ("horizon_months=yes", "is ambiguous in YAML", "write true or false, or 'yes' in quotes when text is meant"),
        ("horizon_months=1e999", "is too large or too small", None),
        ("horizon_months=!!int 5", "tags are not allowed", "write a plain value"),
        ("horizon_month=5", "is not a known field", "did you mean 'horizon_months'?"),
        ("finanse.wacc_fraction=5", "is not a known field", "did you mean 'finance'?"),
        ("finance.wacc_fraction=9", "should be less than or equal to 1", "0.09 is 9 %"),
        (f"finance.tax={{rate_fraction: 25.74, {LAW}}}", "should be less than 1", "0.2574 is 25.74 %"),
        ("finance.wacc_fraction=900", "should be less than or equal to 1", None),
        ("workloads.chat.headrom_fraction=1", "is not a known field", "did you mean 'headroom_fraction'?"),
        ("horizon_months=true", "must be a whole number", None),
        ("workloads.chat.speed.g11=1", "names none of the catalog's gpus", "did you mean 'g1'?"),
        ("prices.room/puee=1", "is not a row of the catalog", "did you mean 'room/pue'?"),
        ("offers.consider=[rant]", "names none of the catalog's offers", "did you mean 'rent'?"),
        ("finance={wacc_fraction: 0, source: x, sauce: z}", "is not a known field", "did you mean 'source'?"),
    ],
)
def test_what_cannot_be_set_is_told_at_the_assignment(
    tmp_path: Path, assignment: str, message: str, cure: str | None
) -> None:
    told = complaint(load, tmp_path, SCENARIO, assignment)
    assert told.message.startswith(message)
    assert str(told.place) == f"--set {assignment if len(assignment) <= 80 else assignment[:79] + '…'}"
    if cure:
        assert told.cure == cure


def test_all_assignments_are_checked_and_other_places_stay(tmp_path: Path) -> None:
    assert len(complaints(load, tmp_path, SCENARIO, "a", "workloads.x.y=1", "name=[")) == 3
    text = with_line("horizon_months: 3", "horizon_months: true")
    found = complaints(load, tmp_path, text, "start=never", "workloads.chat={kind: serving}")
    places = {one.field: str(one.place) for one in found}
    assert places["start"] == "--set start=never"
    assert places["workloads.0.demand"] == "--set workloads.chat={kind: serving}"
    assert places["horizon_months"] == f"{tmp_path / 'small.yaml'}:4:1"


def test_items_whose_names_are_no_text_do_not_disturb() -> None:
    document = parse_document("a: [{name: 5}, {name: [x]}, 7, {id: b}]\n", "f")
    told = complaint(override, document, "a.c.x=1")
    assert told.allowed == "b"
    override(document, "a.b.x=1")
    override(document, "a.2=8")
    assert document.value == {"a": [{"name": 5}, {"name": ["x"]}, 8, {"id": "b", "x": 1}]}
    assert complaint(override, parse_document("a: [1, 2]", "f"), "a.5=1").allowed == "0, 1"


def test_the_day_can_be_moved(tmp_path: Path) -> None:
    load(tmp_path)
    path, catalog = tmp_path / "small.yaml", load_catalog(tmp_path / "pricing")
    assert load_scenario(path, catalog, as_of=date(2026, 12, 1)).scenario.as_of == date(2026, 12, 1)
    told = complaint(load_scenario, path, catalog, as_of=date(1926, 12, 1))
    assert told.field == "start"
