"""The catalog: facts with their evidence, references that lead somewhere, and dates."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from planner.catalog.load import MAX_FILES, Catalog, load_catalog
from planner.errors import Complaint

from .given import CATALOG, SERVER, changed, complaint, complaints, fact, with_fact, write_catalog


def refused(tmp_path: Path, content: dict[str, Any]) -> Complaint:
    return complaint(load_catalog, write_catalog(tmp_path / "pricing", content))


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return load_catalog(write_catalog(tmp_path / "pricing"))


def test_every_fact_is_a_row_with_its_address(catalog: Catalog) -> None:
    assert {
        "rent/on_demand_usd_per_gpu_hour", "rent/12m/usd_per_gpu_hour", "plan/usd_per_gpu_hour/rent",
        "box/resale_fraction/12", "cloud/egress_usd_per_gb", "room/pue", "tokens/input_usd_per_mtok",
    } <= set(catalog.rows)  # fmt: skip
    rows = {row_id: dated[0] for row_id, dated in catalog.rows.items()}
    kinds = {row.kind for row in rows.values()}
    assert kinds == {"provider", "offer", "savings_plan", "server", "site", "staffing", "api_offer"}
    assert rows["plan/usd_per_gpu_hour/rent"].unit == "usd_per_gpu_hour"
    assert rows["box/resale_fraction/12"].unit == "resale_fraction"
    assert rows["rent/12m/usd_per_gpu_hour"].unit == "usd_per_gpu_hour"
    assert rows["cloud/egress_usd_per_gb"].provider == rows["rent/12m/usd_per_gpu_hour"].provider == "cloud"
    assert rows["room/pue"].provider is None


def test_rows_know_the_line_of_each_value(catalog: Catalog, tmp_path: Path) -> None:
    lines = (tmp_path / "pricing" / "all.yaml").read_text().splitlines()
    for row in (*catalog.rows["rent/on_demand_usd_per_gpu_hour"], *catalog.rows["room/pue"]):
        assert row.place.line is not None
        assert lines[row.place.line - 1].strip() == f"value: {row.fact.value}"


@pytest.mark.parametrize(
    ("day", "value"),
    [("2025-12-31", None), ("2026-01-01", 4), ("2026-06-30", 4), ("2026-07-01", 3), ("2026-12-31", 3),
     ("2027-01-01", 2), ("2999-01-01", 2)],
)  # fmt: skip
def test_the_newest_fact_not_after_the_day_is_in_force(catalog: Catalog, day: str, value: int | None) -> None:
    row = catalog.in_force("rent/on_demand_usd_per_gpu_hour", date.fromisoformat(day))
    assert (row and row.fact.value) == value


def test_the_order_of_facts_in_the_file_does_not_count(tmp_path: Path) -> None:
    facts = [fact(2, date="2027-01-01"), fact(4), fact(3, date="2026-07-01")]
    catalog = load_catalog(write_catalog(tmp_path / "p", with_fact("offers", "on_demand_usd_per_gpu_hour", facts)))
    dated = catalog.rows["rent/on_demand_usd_per_gpu_hour"]
    assert [row.fact.value for row in dated] == [4, 3, 2]
    assert catalog.in_force("no/such_row", date(2027, 1, 1)) is None


@pytest.mark.parametrize(
    ("wrong", "field", "message"),
    [
        (fact(None), "", "needs either a value, or `unknown:`"),
        (fact(5, unknown="but known"), "", "needs either a value, or `unknown:`"),
        (fact(5, low=6), "", "needs low ≤ value ≤ high"),
        (fact(5, high=4), "", "needs low ≤ value ≤ high"),
        (fact(None, unknown="why", low=6, high=4), "", "needs low ≤ value ≤ high"),
        (fact(5, confidence="assumption", low=4, high=6), "", "an assumption needs low, high and a note"),
        (fact(5, confidence="assumption", note="why", high=6), "", "an assumption needs low, high and a note"),
        (fact(5, confidence="sure"), ".confidence", "is not one of the choices"),
        (fact(5, date="2026-13-01"), ".date", "is no day of the calendar"),
        (fact(5, date=20260101), ".date", "must be a day, YYYY-MM-DD"),
        (fact(-5), ".value", "should be greater than or equal to 0"),
        (fact("5"), ".value", "must be a number"),
        (fact(True), ".value", "must be a number"),
        (fact(5, currency="CHF"), ".currency", "is not one of the choices"),
        (fact(5, basis=" "), ".basis", "is not written as it should be"),
        (fact(5, low=-1), ".low", "should be greater than or equal to 0"),
        ([], "", "needs at least 1 item"),
        (5, "", "must be a mapping of fields"),
    ],
)
def test_facts_without_their_evidence_are_refused(tmp_path: Path, wrong: Any, field: str, message: str) -> None:
    told = refused(tmp_path, with_fact("sites", "pue", wrong))
    assert told.field == f"sites.0.pue{field}"
    assert told.message.startswith(message)
    assert told.place.line is not None


def test_facts_lack_nothing_silently(tmp_path: Path) -> None:
    found = complaints(load_catalog, write_catalog(tmp_path / "p", with_fact("sites", "pue", {"value": 1})))
    assert {(one.field, one.message) for one in found} == {
        (f"sites.0.pue.{name}", "is missing") for name in ("date", "source", "basis", "confidence")
    }


def test_assumptions_with_their_reason_and_unknowns_with_theirs_are_accepted(tmp_path: Path) -> None:
    assumed = fact(5, confidence="assumption", low=4, high=6, note="why")
    catalog = load_catalog(write_catalog(tmp_path / "p", with_fact("sites", "pue", assumed)))
    assert catalog.rows["room/pue"][0].fact.low == 4
    unknown = catalog.rows["rent/spot_usd_per_gpu_hour"][0].fact
    assert (unknown.value, unknown.unknown) == (None, "nobody says")


def test_two_facts_of_one_day_are_refused(tmp_path: Path) -> None:
    told = refused(tmp_path, with_fact("sites", "pue", [fact(1), fact(2, date="2026-02-01"), fact(3)]))
    assert told.field == "room/pue"
    assert told.message.startswith("has two facts of 2026-01-01, the other at ")


def test_sources_must_exist(tmp_path: Path) -> None:
    told = refused(tmp_path, with_fact("sites", "pue", fact(1, source="invoise")))
    assert (told.field, told.found, told.cure) == ("room/pue", "invoise", "did you mean 'invoice'?")


@pytest.mark.parametrize(
    ("section", "field", "name", "nearest"),
    [("offers", "gpu", "g11", "g1"), ("offers", "provider", "clout", "cloud"), ("servers", "gpu", "g22", "g2"),
     ("savings_plans", "provider", "clout", "cloud"), ("api_offers", "provider", "clout", "cloud")],
)  # fmt: skip
def test_references_must_lead_somewhere(tmp_path: Path, section: str, field: str, name: str, nearest: str) -> None:
    told = refused(tmp_path, with_fact(section, field, name))
    assert told.message == f"names none of the {field}s"
    assert (told.found, told.cure) == (name, f"did you mean '{nearest}'?")
    line = (tmp_path / "pricing" / "all.yaml").read_text().splitlines()[(told.place.line or 0) - 1]
    assert line.strip() == f"{field}: {name}"


def test_savings_plans_name_offers(tmp_path: Path) -> None:
    told = refused(tmp_path, with_fact("savings_plans", "usd_per_gpu_hour", {"rant": fact(1)}))
    assert (told.field, told.cure) == ("plan.usd_per_gpu_hour.rant", "did you mean 'rent'?")


def test_every_id_stands_once_also_across_sections_and_files(tmp_path: Path) -> None:
    told = refused(tmp_path, changed(gpus=[*CATALOG["gpus"], CATALOG["gpus"][0]]))
    assert (told.field, told.place.line) != ("", None)
    assert told.message.startswith("stands twice, first at ")
    content = with_fact("sites", "id", "invoice")
    assert refused(tmp_path, content).field == "invoice"
    folder = write_catalog(tmp_path / "two")
    write_catalog(folder, {"gpus": [CATALOG["gpus"][1]]}, "more.yaml")
    again = complaint(load_catalog, folder)
    assert again.place.file.endswith("more.yaml")
    assert "all.yaml" in again.message
    commitments = CATALOG["offers"][0]["commitments"] * 2
    assert "stands twice" in refused(tmp_path, with_fact("offers", "commitments", commitments)).message


@pytest.mark.parametrize("bound", ["value", "low", "high"])
def test_fractions_above_one_are_refused(tmp_path: Path, bound: str) -> None:
    numbers = {"value": 0.5} | {bound: 1.01} | ({"high": 1.01} if bound == "value" else {})
    numbers = {"value": 1.01} if bound == "low" else numbers
    found = complaints(
        load_catalog, write_catalog(tmp_path / "p", with_fact("servers", "availability_fraction", fact(**numbers)))
    )
    assert {one.field for one in found} == {"box/availability_fraction"}
    assert any(("high" if bound == "high" else "value") in one.message for one in found)


def curve(**facts: Any) -> dict[str, Any]:
    return changed(servers=[SERVER | {"resale_fraction": {age.removeprefix("m"): one for age, one in facts.items()}}])


def test_resale_curves_that_rise_are_refused(tmp_path: Path) -> None:
    told = refused(tmp_path, curve(m24=fact(0.6), m12=fact(0.5), m9=fact(0.7)))
    assert told.field == "box.resale_fraction"
    assert told.message.startswith("rises from month 12 to month 24")


def test_resale_curves_are_checked_on_every_day(tmp_path: Path) -> None:
    newest_first = [fact(0.3, date="2026-07-01"), fact(0.6)]
    told = refused(tmp_path, curve(m12=newest_first, m24=fact(0.5)))
    assert "on 2026-07-01" in told.message
    load_catalog(write_catalog(tmp_path / "p", curve(m12=newest_first, m24=fact(0.3))))
    load_catalog(write_catalog(tmp_path / "p", curve(m12=fact(0.5), m24=fact(None, unknown="?"), m36=fact(0.5))))


@pytest.mark.parametrize("age", ["0", "012", "12.5", "-1", "1000", "a year"])
def test_resale_ages_are_months(tmp_path: Path, age: str) -> None:
    content = changed(servers=[SERVER | {"resale_fraction": {age: fact(0.5)}}])
    assert refused(tmp_path, content).allowed == "months, from 1 to 999"


@pytest.mark.parametrize(
    "prices",
    [{}, {"gpu_usd_per_gpu": fact(1)}, {"server_to_gpu_cost_ratio": fact(1)},
     {"purchase_usd_per_server": fact(1), "gpu_usd_per_gpu": fact(1)},
     {"purchase_usd_per_server": fact(1), "gpu_usd_per_gpu": fact(1), "server_to_gpu_cost_ratio": fact(1)}],
)  # fmt: skip
def test_servers_have_one_price(tmp_path: Path, prices: dict[str, Any]) -> None:
    server = {name: value for name, value in SERVER.items() if name != "purchase_usd_per_server"} | prices
    assert "needs purchase_usd_per_server, or" in refused(tmp_path, changed(servers=[server])).message


def test_periods_and_flags_and_countries_are_checked(tmp_path: Path) -> None:
    content = deepcopy(CATALOG)
    content["offers"][0] |= {"available_from": "2027-02", "available_until": "2027-01"}
    assert "available_from ≤ available_until" in refused(tmp_path, content).message
    assert refused(tmp_path, with_fact("sites", "space_includes_electricity", "no")).message == "must be true or false"
    assert refused(tmp_path, with_fact("sites", "country", "any")).field == "sites.0.country"
    assert refused(tmp_path, with_fact("offers", "country", "usa")).field == "offers.0.country"


def test_every_problem_of_every_file_is_told(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path / "p", with_fact("sites", "puue", fact(1)))
    write_catalog(folder, {"gpu": []}, "b.yaml")
    (folder / "c.yaml").write_text("a: NO")
    (folder / "d.yml").write_text("gpus: []")
    (folder / "e.yaml").mkdir()
    found = {Path(one.place.file).name: one for one in complaints(load_catalog, folder)}
    assert set(found) == {"all.yaml", "b.yaml", "c.yaml", "d.yml", "e.yaml"}
    assert found["all.yaml"].cure == "did you mean 'pue'?"
    assert found["b.yaml"].cure == "did you mean 'gpus'?"
    assert "end in .yaml" in str(found["d.yml"].cure)


def test_folders_without_a_catalog_are_refused(tmp_path: Path) -> None:
    assert "holds no catalog" in complaint(load_catalog, tmp_path).message
    assert "holds no catalog" in complaint(load_catalog, tmp_path / "missing").message
    (tmp_path / "file.yaml").write_text("{}")
    assert "holds no catalog" in complaint(load_catalog, tmp_path / "file.yaml").message
    for number in range(MAX_FILES):
        (tmp_path / f"{number}.yaml").touch()
    assert "holds more than" in complaint(load_catalog, tmp_path).message


def test_the_digest_follows_every_byte_and_name_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def split(folder: str, names: list[str]) -> Path:
        for name in names:
            write_catalog(tmp_path / folder, {name: CATALOG[name]}, f"{name}.yaml")
        return tmp_path / folder

    one = split("one", list(CATALOG))
    two = split("two", list(CATALOG)[::-1])
    digest = load_catalog(one).digest
    assert digest == load_catalog(two).digest
    listed = Path.rglob
    monkeypatch.setattr(Path, "rglob", lambda folder, pattern: sorted(listed(folder, pattern))[::-1])
    assert digest == load_catalog(one).digest
    (two / "notes.txt").write_text("not a price")
    assert digest == load_catalog(two).digest
    path = two / "sites.yaml"
    path.write_text(path.read_text() + " ")
    assert digest != load_catalog(two).digest
    (one / "sites.yaml").rename(one / "sitez.yaml")  # stays between the same files
    assert digest != load_catalog(one).digest
    assert load_catalog(one).rows.keys() == load_catalog(two).rows.keys()


def test_values_are_exact_decimals(tmp_path: Path) -> None:
    path = write_catalog(tmp_path / "p") / "all.yaml"
    path.write_text(path.read_text().replace("value: 1.5", "value: 1.10"))
    assert str(load_catalog(path.parent).rows["room/pue"][0].fact.value) == "1.10"
    assert isinstance(load_catalog(path.parent).rows["room/pue"][0].fact.value, Decimal)
