"""What becomes of a price in doubt: kept in its file, listed, and unknown to plans, with its reason."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from typer.testing import CliRunner

from planner.assemble import build_case
from planner.catalog.checks import doubts
from planner.catalog.fact_rows import FactRow, write_rows
from planner.catalog.load import Catalog, load_catalog
from planner.cli.main import app
from planner.prices import Prices, UnknownPrice
from tests.input.given import SCENARIO, changed, fact, load, with_line, write_catalog

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


def test_the_row_is_kept_with_its_reason(doubtful: Catalog) -> None:
    before, after = doubtful.rows[ROW]
    assert (before.quarantined, after.fact.value) == ("", Decimal(2190))
    assert after.quarantined.startswith(REASON)


def test_a_quarantined_price_is_unknown_and_no_older_one_takes_its_place(tmp_path: Path, doubtful: Catalog) -> None:
    book = Prices(doubtful, load(tmp_path, catalog=doubtful).scenario)
    with pytest.raises(UnknownPrice, match="quarantined: above any on-demand price of g1"):
        book.number(ROW)
    assert not book.known(ROW)
    (evidence,) = book.evidence
    assert evidence.value is None and evidence.note.startswith(f"quarantined: {REASON}")


def test_before_the_doubtful_fact_the_price_is_known(tmp_path: Path, doubtful: Catalog) -> None:
    text = with_line("as_of: 2026-11-21", "as_of: 2026-06-30")
    assert Prices(doubtful, load(tmp_path, text, catalog=doubtful).scenario).number(ROW) == 3


def test_it_blocks_the_offer_with_its_reason(tmp_path: Path, doubtful: Catalog) -> None:
    loaded = load(tmp_path, f"{SCENARIO}prices: {{room/electricity_usd_per_kwh: 0.1}}\n", catalog=doubtful)
    reasons = dict(build_case(doubtful, loaded).left_out)
    assert reasons["rent on-demand"].startswith(f"{ROW}: quarantined: {REASON}")


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


def test_list_names_every_check() -> None:
    rules = json.loads(run("--list", "--format", "json").stdout)
    assert {"check": "price_is_not_zero", "ends in": "quarantine",
            "rule": "No GPU is free: a price of 0 is one that is missing."} in rules  # fmt: skip
    assert rules[-1]["ends in"] == "warning"


def test_the_shipped_catalog_passes() -> None:
    assert run("--as-of", "2026-11-21").exit_code == 0


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
