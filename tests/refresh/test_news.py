"""What a catalog takes of an import: its own offers under their ids, nothing that it could not load."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from planner.catalog.fact_rows import FactRow, read_rows
from planner.catalog.load import Catalog, load_catalog
from planner.cli.catalog import app
from planner.errors import InputError
from planner.importers.news import News
from planner.importers.offers import OfferKey
from tests.refresh.given import (
    CATALOG,
    FORMATS,
    ON_DEMAND,
    P5,
    SECOND,
    SPOT,
    catalog,
    savings_plan,
    skypilot,
    spot_advisor,
)
from tests.refresh.test_refresh import state
from tests.shipped import shipped_catalog


@pytest.fixture(scope="module")
def whole() -> Catalog:
    return shipped_catalog()


def row(offer: OfferKey, name: str = ON_DEMAND, value: str | None = "2", **more: Any) -> FactRow:
    unknown = "" if value else "the source gives no on-demand price"
    return FactRow(
        "offers", offer.id, name, Decimal(value) if value else None, "2099-01-01", "s", "list", "high", unknown=unknown,
        attributes=offer.attributes, **more,
    )  # fmt: skip


def test_every_shipped_offer_is_met_under_its_id(whole: Catalog) -> None:
    for name, offer in whole.section("offers").items():
        written = [(offer.instance_type or "", offer.region)]
        if offer.provider == "azure" and offer.instance_type:
            written += [(f"Standard_{offer.instance_type.replace(' ', '_')}", offer.region.replace(" ", "").lower())]
        for kind, region in written:
            key = OfferKey(offer.provider, region, kind, offer.gpu, offer.gpus)
            plan = FactRow(
                "savings_plans", "p", f"usd_per_gpu_hour/{key.id}", Decimal(1), "2099-01-01", "s", "b", "low"
            )
            assert [one.row_id for one in News(whole, (), [row(key), plan], again=True).taken()] == [
                f"{name}/{ON_DEMAND}", f"p/usd_per_gpu_hour/{name}"]  # fmt: skip


def test_another_region_type_or_card_is_another_offer(whole: Catalog) -> None:
    known = OfferKey("aws", "us-east-1", "p5.48xlarge", "h100-sxm-80gb", 8)
    for other in (replace(known, region="us-east-2"), replace(known, instance_type="p5.4xlarge", gpus=4)):
        news = News(whole, (), [row(other)], again=False)
        assert [one.id for one in news.taken()] == ([other.id] if other.region == "us-east-2" else [])
        assert sum(news.refused.values()) == (other.region != "us-east-2")


def test_an_unknown_price_never_stands_over_a_known_one(tmp_path: Path) -> None:
    small = load_catalog(catalog(tmp_path))
    known, new = (OfferKey("aws", region, "p5.48xlarge", "h100-sxm-80gb", 8) for region in ("us-east-1", "us-west-2"))
    for again in (False, True):
        rows = [row(one, name, value) for one in (known, new) for name, value in ((ON_DEMAND, None), (SPOT, "1"))]
        news = News(small, (), rows, again=again)
        assert [one.row_id for one in news.taken()] == [f"{P5}/{SPOT}", f"{new.id}/{ON_DEMAND}", f"{new.id}/{SPOT}"]
        assert news.unchanged == 1


def test_a_plan_may_come_with_its_offer(tmp_path: Path) -> None:
    small = load_catalog(catalog(tmp_path))
    new = OfferKey("aws", "us-west-2", "p5.48xlarge", "h100-sxm-80gb", 8)
    plan = FactRow(
        "savings_plans", "plan", f"usd_per_gpu_hour/{new.id}", Decimal(1), "2099-01-01", "s", "list", "high",
        attributes={"provider": "aws", "term_months": "12", "upfront_fraction": "0"},
    )  # fmt: skip
    assert len(News(small, (), [row(new), plan], again=False).taken()) == 2
    alone = News(small, (), [plan], again=False)
    assert (alone.taken(), alone.refused) == ([], {"rates of an offer that the catalog does not have": 1})
    lost = News(small, (), [replace(row(new), attributes=new.attributes | {"gpu": "h9"}), plan], again=False)
    assert lost.taken() == []


def imported(form: str, file: Path, folder: Path, out: Path | str, *more: str) -> Any:
    options = ("--catalog", str(folder), "-o", str(out), "--date", "2026-09-30", *more)
    return CliRunner().invoke(app, ["import", form, str(file), *options])


@pytest.mark.parametrize("form", FORMATS)
def test_an_import_into_the_catalog_is_appended_and_loads(form: str, tmp_path: Path) -> None:
    folder, (provider, made), file = catalog(tmp_path), FORMATS[form], tmp_path / "prices"
    out = folder / "rates" / "ours.csv"
    file.write_bytes(made(48))
    done = imported(form, file, folder, out, "--provider", provider)
    assert (done.exit_code, done.stdout) == (0, "")
    first, before = read_rows(out), state(folder)
    again = imported(form, file, folder, out, "--provider", provider)
    assert f"{len(first)}  facts not taken: the catalog says so already" in again.stderr
    assert state(folder) == before
    file.write_bytes(made(40))
    imported(form, file, folder, out, "--provider", provider, "--date", "2026-12-31")
    assert all(one in read_rows(out) for one in first)
    assert len(read_rows(out)) == 2 * len(first)
    loaded = load_catalog(folder)
    assert loaded.sources[f"{form}-import"].title
    assert all(len(loaded.rows[one.row_id]) >= 2 for one in first)


def test_rows_that_need_an_offer_are_left_out_and_counted(tmp_path: Path) -> None:
    folder, file = catalog(tmp_path), tmp_path / "spot.json"
    file.write_bytes(spot_advisor(48).replace(b'"us-east-1": {', b'"us-west-2": {'))
    done = imported("aws-spot-advisor", file, folder, "-")
    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) == 1
    assert "1  facts not taken: an offer that the catalog does not have, without its on-demand price" in done.stderr


def test_an_import_that_takes_nothing_replaces_nothing(tmp_path: Path) -> None:
    folder, file, out = catalog(tmp_path), tmp_path / "plan.csv", tmp_path / "ours.csv"
    out.write_text("ours\n")
    file.write_bytes(savings_plan(48).replace(b"us-east-1", b"us-west-2"))
    done = imported("aws-savings-plans", file, folder, out)
    assert isinstance(done.exception, InputError)
    assert "rates of an offer that the catalog does not have" in str(done.exception)
    assert out.read_text() == "ours\n"


def test_what_would_make_the_catalog_unsound_is_not_written(tmp_path: Path) -> None:
    folder, file = catalog(tmp_path), tmp_path / "vms.csv"
    file.write_bytes(skypilot(48, region="us-west-2"))
    before = state(folder)
    # the source would be there twice under another kind of thing: ids are unique in a catalog
    done = imported("skypilot", file, folder, folder / "x.csv", "--provider", "aws", "--source", "nebius")
    assert isinstance(done.exception, InputError)
    assert "stands twice" in str(done.exception)
    assert "/tmp" not in str(done.exception).replace(str(tmp_path), "")
    assert state(folder) == before


def test_the_small_catalog_is_as_assumed(tmp_path: Path) -> None:
    loaded = load_catalog(catalog(tmp_path))
    found = loaded.in_force(f"{P5}/{ON_DEMAND}", SECOND)
    assert found is not None
    assert float(found.fact.value or 0) == CATALOG["offers"][0][ON_DEMAND][1]["value"]


def test_another_source_may_confirm_what_is_in_doubt(whole: Catalog) -> None:
    doubted = next(row for dated in whole.rows.values() for row in dated if row.quarantined and row.kind == "offer")
    name, _, field = doubted.id.partition("/")
    said = FactRow(
        "offers", name, field, doubted.fact.value, str(doubted.fact.date + timedelta(days=7)), "another", "list", "high"
    )
    assert News(whole, (), [said], again=False).taken()
    again = News(whole, (), [replace(said, source=doubted.fact.source)], again=False)
    assert (again.taken(), again.unchanged) == ([], 1)
