"""What becomes of a price in doubt: kept in its file, listed with its reason, and not published to plans."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from typer.testing import CliRunner

from planner.assemble import build_case
from planner.catalog.checks import doubts
from planner.catalog.difference import published
from planner.catalog.fact_rows import FactRow, write_rows
from planner.catalog.load import Catalog, load_catalog
from planner.cli.main import app
from planner.prices import Prices, UnknownPrice
from tests.input.given import SCENARIO, changed, fact, load, with_line, write_catalog

SHIPPED = Path(__file__).parent.parent.parent / "data" / "pricing"
ROW = "rent/on_demand_usd_per_gpu_hour"
REASON = "above any on-demand price of g1; ÷ 730 (hours of a month) it would be 3"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A catalog whose price of July is that of a month."""
    content = changed(savings_plans=[])
    content["offers"][0]["on_demand_usd_per_gpu_hour"] = [fact(3), fact(2190, date="2026-07-01")]
    content["offers"][0]["gpus"] = 1
    return write_catalog(tmp_path / "doubtful", content)


@pytest.fixture
def doubtful(folder: Path) -> Catalog:
    return load_catalog(folder)


@pytest.fixture
def alone(tmp_path: Path) -> Catalog:
    """A catalog whose only price is that of a month."""
    content = changed(savings_plans=[])
    content["offers"][0] |= {"on_demand_usd_per_gpu_hour": [fact(2190, date="2026-07-01")], "gpus": 1}
    return load_catalog(write_catalog(tmp_path / "alone", content))


def test_the_row_is_kept_with_its_reason(doubtful: Catalog) -> None:
    before, after = doubtful.rows[ROW]
    assert (before.quarantined, after.fact.value) == ("", Decimal(2190))
    assert after.quarantined.startswith(REASON)


def test_the_price_before_it_stays_in_force_and_tells_of_the_doubt(tmp_path: Path, doubtful: Catalog) -> None:
    book = Prices(doubtful, load(tmp_path, catalog=doubtful).scenario)
    assert book.number(ROW) == 3
    (evidence,) = book.evidence
    assert (evidence.value, evidence.date) == (3, "2026-01-01")
    assert evidence.note.startswith(f"2190 of 2026-07-01 is quarantined: {REASON}")


def test_a_price_known_to_be_unknown_stays_so(tmp_path: Path) -> None:
    content = changed(savings_plans=[])
    gone = fact(None, unknown="cut, nobody says to what", date="2026-06-01")
    prices = [fact(3), gone, fact(2190, date="2026-07-01")]
    content["offers"][0] |= {"on_demand_usd_per_gpu_hour": prices, "gpus": 1}
    catalog = load_catalog(write_catalog(tmp_path / "gone", content))
    with pytest.raises(UnknownPrice, match="unknown: cut, nobody says to what"):
        Prices(catalog, load(tmp_path, catalog=catalog).scenario).number(ROW)


def test_a_doubtful_price_that_is_alone_is_unknown_with_its_reason(tmp_path: Path, alone: Catalog) -> None:
    book = Prices(alone, load(tmp_path, catalog=alone).scenario)
    with pytest.raises(UnknownPrice, match="quarantined: above any on-demand price of g1"):
        book.number(ROW)
    assert not book.known(ROW)
    (evidence,) = book.evidence
    assert evidence.value is None and evidence.note.startswith("quarantined: above any on-demand price of g1")


def test_before_the_doubtful_fact_the_price_is_known(tmp_path: Path, doubtful: Catalog) -> None:
    text = with_line("as_of: 2026-11-21", "as_of: 2026-06-30")
    assert Prices(doubtful, load(tmp_path, text, catalog=doubtful).scenario).number(ROW) == 3


def test_it_blocks_the_offer_with_its_reason(tmp_path: Path, alone: Catalog) -> None:
    loaded = load(tmp_path, f"{SCENARIO}prices: {{room/electricity_usd_per_kwh: 0.1}}\n", catalog=alone)
    reasons = dict(build_case(alone, loaded).left_out)
    assert reasons["rent on-demand"].startswith(f"{ROW}: quarantined: above any on-demand price of g1")


def test_the_users_own_price_is_never_in_doubt_and_says_what_it_stands_for(tmp_path: Path, doubtful: Catalog) -> None:
    text = f"{SCENARIO}prices: {{{ROW}: 5000}}\n"
    book = Prices(doubtful, load(tmp_path, text, catalog=doubtful).scenario)
    assert book.number(ROW) == 5000
    assert book.evidence[0].note.startswith(f"the catalog's own is quarantined: {REASON}")


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["catalog", "check", *arguments])


def test_check_lists_what_is_in_doubt(folder: Path) -> None:
    rows = json.loads(run("--catalog", str(folder), "--format", "json", "--as-of", "2026-11-21").stdout)
    (row,) = rows
    assert {name: row[name] for name in ("state", "row", "value", "currency", "date", "check")} == {
        "state": "quarantined", "row": ROW, "value": 2190.0, "currency": "USD", "date": "2026-07-01",
        "check": "price_is_in_the_band_of_its_gpu",
    }  # fmt: skip
    assert row["reason"].startswith(REASON) and row["plausible"] and row["place"].startswith("all.yaml:")
    assert "1 quarantined, 0 older than 365 days" in run("--catalog", str(folder), "--as-of", "2026-11-21").stdout
    assert run("--catalog", str(folder), "--format", "csv").stdout.startswith("state,row,value,currency,date,check")
    assert "| quarantined |" in run("--catalog", str(folder), "--format", "md").stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), 0),
        (("--fail-on", "quarantine"), 1),
        (("--fail-on", "age"), 0),
        (("--fail-on", "age", "--max-age", "30"), 1),
        (("--fail-on", "age", "--as-of", "2028-01-01"), 1),
    ],
)
def test_only_a_gate_ends_in_one(folder: Path, arguments: tuple[str, ...], code: int) -> None:
    assert run("--catalog", str(folder), "--as-of", "2026-11-21", *arguments).exit_code == code


def test_an_old_price_is_named_and_used(tmp_path: Path) -> None:
    catalog = write_catalog(tmp_path / "pricing")
    rows = json.loads(run("--catalog", str(catalog), "--format", "json", "--as-of", "2029-01-01").stdout)
    assert {row["state"] for row in rows} == {"old"}
    assert ROW in {row["row"] for row in rows}
    assert {row.quarantined for dated in load_catalog(catalog).rows.values() for row in dated} == {""}


def test_a_doubtful_price_does_not_hide_how_old_the_one_in_force_is(folder: Path) -> None:
    def old(day: str) -> dict[str, str]:
        found = json.loads(run("--catalog", str(folder), "--format", "json", "--as-of", day).stdout)
        return {row["row"]: row["date"] for row in found if row["state"] == "old"}

    assert ROW not in old("2027-01-01")
    assert old("2027-01-02")[ROW] == "2026-01-01"  # not of July, the day of the doubtful one


def test_list_names_every_check() -> None:
    rules = json.loads(run("--list", "--format", "json").stdout)
    assert {"check": "price_is_not_zero", "ends in": "quarantine",
            "rule": "No GPU is free: a price of 0 is one that is missing."} in rules  # fmt: skip
    assert rules[-1]["ends in"] == "warning"


IN_DOUBT = [  # what real sources said, and why it is not believed
    ("aws-g6e-24xlarge-us-east-1/on_demand_usd_per_gpu_hour", "2026-03-31", "contradicts a more certain source"),
    ("aws-p4d-24xlarge-us-east-1/on_demand_usd_per_gpu_hour", "2026-03-31", "which 2.74 replaced"),
    ("aws-p4de-24xlarge-us-east-1/on_demand_usd_per_gpu_hour", "2026-03-31", "which 3.43 replaced"),
    ("aws-p5-48xlarge-us-east-1/on_demand_usd_per_gpu_hour", "2026-03-31", "which 6.88 replaced"),
    ("crusoe-l40s/on_demand_usd_per_gpu_hour", "2026-05-15", "2.76 times the 6 prices around it"),
    ("gcp-a2-ultragpu-8g-us-central1/12m-no-upfront/usd_per_gpu_hour", "2022-12-29", "equal to on-demand"),
    ("gcp-a2-ultragpu-8g-us-central1/12m-no-upfront/usd_per_gpu_hour", "2024-06-27", "equal to on-demand"),
    ("gcp-a2-ultragpu-8g-us-central1/36m-no-upfront/usd_per_gpu_hour", "2022-12-29", "equal to on-demand"),
    ("gcp-a2-ultragpu-8g-us-central1/36m-no-upfront/usd_per_gpu_hour", "2024-06-27", "equal to on-demand"),
    ("nebius-h100-sxm/on_demand_usd_per_gpu_hour", "2026-05-15", "0.4902 times the 6 prices around it"),
    ("nebius-h200-sxm/on_demand_usd_per_gpu_hour", "2026-05-15", "0.4874 times the 6 prices around it"),
    ("oracle-a100-sxm-40gb/on_demand_usd_per_gpu_hour", "2026-02-15", "above any on-demand price"),
    ("oracle-h100-sxm/on_demand_usd_per_gpu_hour", "2026-02-15", "above any on-demand price"),
    ("runpod-h200-sxm/on_demand_usd_per_gpu_hour", "2026-04-15", "below any on-demand price"),
]


def test_the_shipped_catalog_passes_and_names_what_it_quarantines() -> None:
    result = run("--as-of", "2026-11-21", "--format", "json")
    assert result.exit_code == 0
    found = [row for row in json.loads(result.stdout) if row["state"] == "quarantined"]
    named = {(row["row"], row["date"]): row["reason"] for row in found}
    assert sorted(named) == [(row, day) for row, day, _ in IN_DOUBT]
    assert all(words in named[row, day] for row, day, words in IN_DOUBT)


def test_what_the_shipped_catalog_quarantines_changes_no_price_on_any_day() -> None:
    catalog = load_catalog(SHIPPED)
    sound = {row_id: tuple(row for row in dated if not row.quarantined) for row_id, dated in catalog.rows.items()}
    without = replace(catalog, rows=sound)
    days = {row.fact.date for dated in catalog.rows.values() for row in dated}

    def prices(one: Catalog, row_id: str) -> list[Decimal | None]:
        found = (one.in_force(row_id, day) for day in sorted(days))
        return [published(row) if row else None for row in found]

    for row_id in {row for row, _, _ in IN_DOUBT}:
        assert prices(catalog, row_id) == prices(without, row_id), row_id


def _seconds(folder: Path, offers: int) -> float:
    """Processor time of the checks over `offers` offers of ten dated prices each, which all share provider and GPU."""
    folder.mkdir()
    write_catalog(folder, {**changed(offers=[], savings_plans=[]), "servers": []})
    rows = [
        FactRow("offers", f"rent-{i}", "on_demand_usd_per_gpu_hour", Decimal("2.5") + month % 3, f"2026-{month:02d}-01",
                "invoice", "list", "high", attributes={"provider": "cloud", "region": f"r{i}", "country": "US",
                                                       "gpu": "g1", "gpus": "8"})
        for i in range(offers) for month in range(1, 11)
    ]  # fmt: skip
    write_rows(folder / "many.csv", rows)
    catalog = load_catalog(folder)
    started = process_time()
    doubts(catalog)
    return process_time() - started


def test_time_grows_with_the_rows_and_not_with_their_square(tmp_path: Path) -> None:
    few, many = _seconds(tmp_path / "few", 200), _seconds(tmp_path / "many", 1600)
    assert many < 8 * few * 2.5
