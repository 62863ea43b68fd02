"""CSV beside YAML: the same things, the same rows, the same complaints."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from planner.assemble import build_case
from planner.catalog import load as loading
from planner.catalog.fact_rows import FactRow, write_rows
from planner.catalog.load import Catalog, load_catalog
from planner.catalog.schema import CatalogFile
from planner.errors import Complaint

from .given import CATALOG, changed, complaint, complaints, fact, load, write_catalog

HEADER = "section,id,field,value,low,high,date,source,basis,confidence,note,unknown,currency"
EVIDENCE = "2026-01-01,invoice,list,high,,,"
LATER = "offers,rent,on_demand_usd_per_gpu_hour,1,,,2027-06-01,invoice,list,high,,,"
NEW = f"{HEADER},provider,region,country,gpu,gpus,term_months,upfront_fraction"
IS = ",cloud,there,US,g1,8,,"


def as_rows(section: str, thing: dict[str, Any]) -> list[FactRow]:
    """A thing of the small catalog as the rows that a program would write."""
    is_fact = lambda value: isinstance(value, dict) and "date" in value  # noqa: E731
    attributes = {
        name: str(value) for name, value in thing.items() if name != "id" and not isinstance(value, (dict, list))
    }
    rows = []

    def add(field: str, facts: Any, more: dict[str, str]) -> None:
        for one in facts if isinstance(facts, list) else [facts]:
            texts = {name: value for name, value in one.items() if name not in ("value", "low", "high")}
            numbers = {name: Decimal(str(one[name])) for name in ("value", "low", "high") if name in one}
            rows.append(FactRow(section, thing["id"], field, **{"value": None, **numbers, **texts},
                                attributes=attributes | more))  # fmt: skip

    for field, value in thing.items():
        if is_fact(value) or (isinstance(value, list) and is_fact(value[0])):
            add(field, value, {})
        elif isinstance(value, dict):
            for key, facts in value.items():
                add(f"{field}/{key}", facts, {})
        elif isinstance(value, list):
            for one in value:
                more = {name: str(one[name]) for name in ("term_months", "upfront_fraction")}
                add(f"{one['id']}/usd_per_gpu_hour", one["usd_per_gpu_hour"], more)
    return rows


def write(folder: Path, *lines: str, header: str = HEADER, name: str = "more.csv", yaml: Any = None) -> Path:
    write_catalog(folder, yaml)
    (folder / name).write_text("\n".join((header, *lines)), encoding="utf-8")
    return folder


def refused(tmp_path: Path, *lines: str, **more: Any) -> Complaint:
    return complaint(load_catalog, write(tmp_path / "p", *lines, **more))


def values(catalog: Catalog) -> dict[str, list[Any]]:
    return {
        row_id: [(row.kind, row.provider, row.unit, row.fact) for row in rows] for row_id, rows in catalog.rows.items()
    }


def test_csv_makes_the_very_records_that_yaml_makes(tmp_path: Path) -> None:
    kept = {"sources", "gpus"}
    split = write_catalog(tmp_path / "split", {name: CATALOG[name] for name in kept})
    for section, things in CATALOG.items():
        if section not in kept:
            write_rows(split / f"{section}.csv", [row for thing in things for row in as_rows(section, thing)])
    whole, parts = load_catalog(write_catalog(tmp_path / "whole")), load_catalog(split)
    assert values(parts) == values(whole)
    for section, things in whole.things.items():
        dumped = {name: thing.model_dump() for name, thing in things.items()}
        assert {name: thing.model_dump() for name, thing in parts.things[section].items()} == dumped


def test_rows_know_the_place_of_their_value(tmp_path: Path) -> None:
    unknown = LATER.replace("2027-06", "2027-07").replace(",1,", ",,")[:-1] + "why,"
    noted = LATER.replace("2027-06", "2027-08").replace("high,", 'high,"a, b"')
    catalog = load_catalog(write(tmp_path / "p", LATER, unknown, noted))
    first, *_, second, third, last = catalog.rows["rent/on_demand_usd_per_gpu_hour"]
    assert [catalog.relative(row.place) for row in (second, third, last)] == [f"more.csv:{n}:40" for n in (2, 3, 4)]
    assert [row.fact.value for row in (second, third, last)] == [1, None, 1]
    lines = (tmp_path / "p" / "all.yaml").read_text().splitlines()
    assert lines[(first.place.line or 0) - 1].strip() == f"value: {first.fact.value}"


@pytest.mark.parametrize(
    ("day", "value"),
    [
        ("2025-12-31", None),
        ("2026-01-01", 4),
        ("2026-12-31", 3),
        ("2027-05-31", 2),
        ("2027-06-01", 1.8),
        ("2999-01-01", 1.8),
    ],
)
def test_a_later_fact_is_in_force_from_its_day_on(tmp_path: Path, day: str, value: float | None) -> None:
    later = LATER.replace(",1,", ",1.8,")
    row = load_catalog(write(tmp_path / "p", later)).in_force(
        "rent/on_demand_usd_per_gpu_hour", date.fromisoformat(day)
    )
    assert (row and float(row.fact.value or 0)) == value


def test_facts_are_added_to_every_kind_of_field(tmp_path: Path) -> None:
    lines = [LATER.replace("offers,rent,on_demand_usd_per_gpu_hour", path) for path in (
        "offers,rent,12m/usd_per_gpu_hour", "servers,box,resale_fraction/24", "servers,box,resale_fraction/36",
        "savings_plans,plan,usd_per_gpu_hour/rent", "sites,room,pue", "providers,cloud,pue")]  # fmt: skip
    lines = [line.replace(",1,", ",0.25,") for line in lines]
    catalog = load_catalog(write(tmp_path / "p", *lines))
    assert {row_id: len(catalog.rows[row_id]) for row_id in (
        "rent/12m/usd_per_gpu_hour", "box/resale_fraction/24", "box/resale_fraction/36", "plan/usd_per_gpu_hour/rent",
        "room/pue", "cloud/pue")} == {
        "rent/12m/usd_per_gpu_hour": 2, "box/resale_fraction/24": 2, "box/resale_fraction/36": 1,
        "plan/usd_per_gpu_hour/rent": 2, "room/pue": 2, "cloud/pue": 1}  # fmt: skip


def test_a_thing_may_be_spread_over_files_of_csv(tmp_path: Path) -> None:
    folder = write(tmp_path / "p", f"offers,new,on_demand_usd_per_gpu_hour,1,,,{EVIDENCE}{IS}", header=NEW)
    write(folder, f"offers,new,36m/usd_per_gpu_hour,1,,,{EVIDENCE},,,,,8,36,0.5", header=NEW, name="a.csv")
    offer = load_catalog(folder).section("offers")["new"]
    assert (offer.region, offer.gpus, offer.commitments[0].term_months) == ("there", 8, 36)
    assert offer.commitments[0].upfront_fraction == Decimal("0.5")


@pytest.mark.parametrize(
    ("line", "field", "message", "column"),
    [
        ("offer,rent,spot_usd_per_gpu_hour,1,,,", "section", "is no section", 1),
        ("offers,,spot_usd_per_gpu_hour,1,,,", "id", "is missing", 8),
        ("offers,rent,spot,1,,,", "offers.rent", "is no fact of such a thing", 13),
        ("offers,rent,,1,,,", "offers.rent", "is no fact of such a thing", 13),
        ("offers,rent,36m/spot,1,,,", "offers.rent", "is no fact of such a thing", 13),
        ("sites,room,pue/12,1,,,", "sites.room", "is no fact of such a thing", 12),
        ("servers,box,resale_fraction,1,,,", "servers.box", "is no fact of such a thing", 13),
    ],
)
def test_rows_that_lead_nowhere_are_refused(tmp_path: Path, line: str, field: str, message: str, column: int) -> None:
    told = refused(tmp_path, line + EVIDENCE)
    assert (told.field, told.message, told.place.line, told.place.column) == (field, message, 2, column)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (",,,", "needs either a value, or `unknown:`"),
        ("-5,,,", "should be greater than or equal to 0"),
        ("five,,,", "must be a number"),
        ("007,,,", "must be a number"),
        ("5,6,,", "needs low ≤ value ≤ high"),
    ],
)
def test_wrong_facts_are_refused_as_in_yaml(tmp_path: Path, wrong: str, message: str) -> None:
    told = refused(tmp_path, f"offers,rent,spot_usd_per_gpu_hour,{wrong}2027-01-01,invoice,list,high,,,")
    assert told.message.startswith(message)
    assert Path(told.place.file).name == "more.csv"
    assert told.place.line == 2


@pytest.mark.parametrize(
    ("column", "text", "message"),
    [
        ("region", "elsewhere", "contradicts what stands elsewhere, 'here'"),
        ("gpus", "4", "contradicts what stands elsewhere, 8"),
        ("instance_type", "x", "contradicts what stands elsewhere, nothing"),
        ("colour", "red", "is not a known field"),
        ("term_months", "12", "is not a known field"),
    ],
)
def test_what_a_thing_is_must_agree(tmp_path: Path, column: str, text: str, message: str) -> None:
    told = refused(tmp_path, f"{LATER},{text}", header=f"{HEADER},{column}")
    assert told.message.startswith(message)
    assert (told.field, told.place.line, told.place.column) == (f"offers.rent.{column}", 2, len(LATER) + 2)
    agreeing = {"region": "here", "gpus": "8"}.get(column, "")
    load_catalog(write(tmp_path / "q", f"{LATER},{agreeing}", header=f"{HEADER},{column}"))


def test_commitments_must_agree_too(tmp_path: Path) -> None:
    line = LATER.replace("on_demand_usd", "12m/usd")
    load_catalog(write(tmp_path / "q", f"{line},12", header=f"{HEADER},term_months"))
    told = refused(tmp_path, f"{line},24", header=f"{HEADER},term_months")
    assert (told.field, told.found) == ("offers.rent.term_months", "24")


def test_new_things_lack_nothing_silently(tmp_path: Path) -> None:
    line = f"offers,new,on_demand_usd_per_gpu_hour,1,,,{EVIDENCE},cloud,,US,g1,8x,,"
    found = complaints(load_catalog, write(tmp_path / "p", line, header=NEW))
    assert {(one.field, one.message) for one in found} == {
        ("offers.new.region", "is missing"), ("offers.new.gpus", "must be a whole number")}  # fmt: skip
    at = line.index(",cloud,") + 1
    assert {one.place.column for one in found} == {at + len("cloud,") + 1, line.index("8x") + 1}


def test_references_sources_dates_and_fractions_are_checked_alike(tmp_path: Path) -> None:
    twice = LATER.replace("2027-06-01", "2027-01-01")
    assert refused(tmp_path, twice).message.startswith("has two facts of 2027-01-01, the other at ")
    assert refused(tmp_path, LATER.replace("invoice", "invoise")).cure == "did you mean 'invoice'?"
    line = f"offers,new,on_demand_usd_per_gpu_hour,1,,,{EVIDENCE}{IS}"
    told = refused(tmp_path, line.replace("g1", "g9"), header=NEW)
    assert (told.message, told.place.line, told.place.column) == ("names none of the gpus", 2, line.index("g1") + 1)
    above = LATER.replace("offers,rent,on_demand_usd_per_gpu_hour,1", "servers,box,availability_fraction,2")
    assert "must not exceed 1" in refused(tmp_path, above).message


def test_an_id_stands_once_across_yaml_and_csv(tmp_path: Path) -> None:
    line = f"networks,rent,usd_per_switch,1,,,{EVIDENCE},Rent"
    told = refused(tmp_path, line, header=f"{HEADER},name")
    assert told.message.startswith("stands twice, first at ")


def test_every_problem_is_told_with_those_of_yaml(tmp_path: Path) -> None:
    folder = write(tmp_path / "p", "a,b", name="a.csv")
    (folder / "b.yaml").write_text("gpus: NO")
    found = {Path(one.place.file).name for one in complaints(load_catalog, folder)}
    assert found == {"a.csv", "b.yaml"}
    folder = write(tmp_path / "q", LATER.replace("offers", "offer"), yaml=changed(gpu=[]))
    found = {Path(one.place.file).name for one in complaints(load_catalog, folder)}
    assert found == {"all.yaml", "more.csv"}


@pytest.mark.parametrize(("tariff", "price"), [("commercial", 0.25), ("industrial", 0.5)])
def test_a_site_may_take_electricity_and_carbon_from_its_place(tmp_path: Path, tariff: str, price: float) -> None:
    site = {name: value for name, value in CATALOG["sites"][0].items() if name != "electricity_usd_per_kwh"}
    facts = {"electricity_commercial_usd_per_kwh": 0.25, "electricity_industrial_usd_per_kwh": 0.5,
             "carbon_kg_per_kwh": 0.75}  # fmt: skip
    lines = [f"places,us-ohio,{field},{value},,,{EVIDENCE},Ohio,US" for field, value in facts.items()]

    def of(place: dict[str, str]) -> Path:
        return write(tmp_path / "p", *lines, header=f"{HEADER},name,country", yaml=changed(sites=[site | place]))

    catalog = load_catalog(of({"place": "us-ohio", "tariff": tariff}))
    (found,) = build_case(catalog, load(tmp_path, catalog=catalog)).sites
    assert (found.electricity.now, found.carbon_kg_per_kwh) == (price, 0.75)
    assert found.rows == ("room/pue", f"us-ohio/electricity_{tariff}_usd_per_kwh", "room/space_usd_per_kw_month")
    told = complaint(load_catalog, of({"place": "us-iowa"}))
    assert (told.message, told.found) == ("names none of the places", "us-iowa")
    assert complaint(load_catalog, of({})).message.startswith("needs electricity_usd_per_kwh, or a place")


def test_what_a_site_says_itself_comes_before_its_place(tmp_path: Path) -> None:
    lines = [f"places,us-ohio,{name},0.75,,,{EVIDENCE},Ohio,US" for name in (
        "electricity_commercial_usd_per_kwh", "carbon_kg_per_kwh")]  # fmt: skip
    own = CATALOG["sites"][0] | {
        "place": "us-ohio",
        "electricity_usd_per_kwh": fact(0.5),
        "carbon_kg_per_kwh": fact(0.25),
    }
    catalog = load_catalog(write(tmp_path / "p", *lines, header=f"{HEADER},name,country", yaml=changed(sites=[own])))
    (found,) = build_case(catalog, load(tmp_path, catalog=catalog)).sites
    assert (found.electricity.now, found.carbon_kg_per_kwh) == (0.5, 0.25)


def test_the_digest_follows_csv_and_its_rows_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path / "p", LATER)
    digest = load_catalog(folder).digest
    write(folder, LATER + " ")
    assert load_catalog(folder).digest != digest
    write(folder, LATER.replace("06", "07"), name="b.csv")
    monkeypatch.setattr(loading, "MAX_ROWS", 1)
    assert "holds more than 1 rows" in complaint(load_catalog, folder).message


def test_every_field_is_explained() -> None:
    from planner.catalog.facts import Fact
    from planner.catalog.schema import SECTIONS, Commitment, Source

    records = [Fact, Source, Commitment, *SECTIONS.values()]
    assert [
        (one.__name__, name) for one in records for name, field in one.model_fields.items() if not field.description
    ] == []
    assert set(SECTIONS) | {"sources"} == set(CatalogFile.model_fields)
