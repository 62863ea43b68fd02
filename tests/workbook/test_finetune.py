"""The workbook of a fine-tuning project: its totals are the planner's, and they move with the quantities."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import openpyxl
import pytest

from planner.catalog.load import Catalog
from planner.finetune.answer import answer
from planner.finetune.load import load_project
from planner.report.finetune_workbook import render_finetune_workbook
from tests.shipped import shipped_catalog
from tests.workbook.conftest import ROOT, Recalculate
from tests.workbook.test_recalculated import value

EXAMPLES = ("fine-tune", "fine-tune-levers", "rag-or-fine-tune")


@pytest.fixture(scope="module")
def prices() -> Catalog:
    return shipped_catalog()


def answered(name: str, prices: Catalog) -> dict[str, Any]:
    return answer(load_project(ROOT / "examples" / f"{name}.yaml", prices), 1)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_total_is_the_planners(name: str, prices: Catalog, recalculate: Recalculate) -> None:
    found = answered(name, prices)
    content = render_finetune_workbook(found)
    assert content == render_finetune_workbook(found), "the same answer gives the same bytes"
    book = recalculate(content, {})
    assert value(book, "checks_differing") == 0
    assert value(book, "checks_made") >= len(found["terms"])
    assert value(book, "total_usd") == pytest.approx(found["total_usd"], rel=1e-12)
    if "optimized" in found:
        assert value(book, "total_usd_2") == pytest.approx(found["optimized"]["total_usd"], rel=1e-12)


def test_totals_move_with_a_quantity_and_the_share_that_rests_on_it(prices: Catalog, recalculate: Recalculate) -> None:
    found = answered("fine-tune", prices)
    (labeling,) = [line for line in found["lines"] if line["name"] == "labeling"]
    (share,) = [line for line in found["lines"] if line["term"] == "contingency"]
    book = recalculate(render_finetune_workbook(found), {"quantity_labeling": labeling["quantity"] + 10})
    more = 10 * labeling["unit_usd"] * (1 + share["quantity"])
    assert value(book, "total_usd") == pytest.approx(found["total_usd"] + more, rel=1e-12)
    assert value(book, "checks_differing") == 3, "the total, the labeling and the share differ from the planner's now"


def test_a_risk_that_repeats_terms_follows_them(prices: Catalog, recalculate: Recalculate) -> None:
    found = answered("rag-or-fine-tune", prices)
    (drift,) = [line for line in found["lines"] if line["name"] == "drift"]
    assert drift["repeats"] == ["data", "training_compute"]
    (answers,) = [line for line in found["lines"] if line["name"] == "answers"]
    book = recalculate(render_finetune_workbook(found), {"quantity_answers": answers["quantity"] + 10})
    more = 10 * answers["unit_usd"] * (1 + drift["quantity"]) * (1 + found["lines"][-1]["quantity"])
    assert value(book, "total_usd") == pytest.approx(found["total_usd"] + more, rel=1e-12)


def test_the_workbook_has_what_the_page_has(prices: Catalog) -> None:
    found = answered("rag-or-fine-tune", prices)
    book = openpyxl.load_workbook(BytesIO(render_finetune_workbook(found)))
    sheets = {name: list(book[name].iter_rows(values_only=True)) for name in book.sheetnames}
    rows = {row[0]: row[1:] for row in sheets["Range"]}
    for title, case in (("As it stands", "range"), ("With levers", "range_optimized"),
                        ("Saved by levers", "range_saved")):  # fmt: skip
        usd = [found[case][key] for key in ("low", "p10", "p50", "p90", "high")]
        assert list(rows[title][:5]) == pytest.approx(usd, abs=0.005)
    widest = found["swings_optimized"][0]
    shown = next(row for head, row in rows.items() if head and head.startswith(widest["input"]))
    assert list(shown[2:4]) == pytest.approx([widest["usd_at_low"], widest["usd_at_high"]], abs=0.005)
    for step in found["checklist"]:
        assert any(row[1] == step["says"] for row in sheets["Checklist"])
    computing = " ".join(str(cell) for row in sheets["Training and serving"] for cell in row if cell is not None)
    assert f"{found['serving'][0]['breakeven']['requests_per_month']:,}" in computing
    assert "adapter (MFU assumed" in computing
    assert answered("fine-tune", prices).keys().isdisjoint({"training", "serving", "draws"})
    plain = openpyxl.load_workbook(BytesIO(render_finetune_workbook(answered("fine-tune", prices))))
    assert {"Range", "Training and serving"}.isdisjoint(plain.sheetnames)


def test_warnings_are_read_whole(prices: Catalog) -> None:
    found = answered("fine-tune", prices)
    sheet = openpyxl.load_workbook(BytesIO(render_finetune_workbook(found)))["Summary"]
    spans = {str(one).split(":")[0] for one in sheet.merged_cells.ranges}
    for warning in found["warnings"]:
        (cell,) = (row[0] for row in sheet.iter_rows() if row[0].value == warning["text"])
        assert cell.coordinate in spans
        assert cell.alignment.wrap_text


def test_text_stays_text(prices: Catalog) -> None:
    found = answered("fine-tune", prices)
    found["lines"][0]["name"] = found["description"] = "=1+1"
    book = openpyxl.load_workbook(BytesIO(render_finetune_workbook(found)))
    for cell in (book["Summary"]["A2"], book["Lines"]["B5"]):
        assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_what_levers_change_is_said_to_be_numbers(prices: Catalog) -> None:
    found = answered("rag-or-fine-tune", prices)
    book = openpyxl.load_workbook(BytesIO(render_finetune_workbook(found)))
    steps, levers = book["Step by step"], book["Levers"]
    assert "written down as a number" in steps["A2"].value
    assert [steps.cell(row, 3).data_type for row in (5, 6)] == ["n", "n"]
    assert "written down as numbers" in levers["A2"].value
    rows = {row[0]: row for row in levers.iter_rows(min_row=5, values_only=True)}
    for one in found["levers"]:
        figures = [one[key] for key in ("alone_usd", "share_usd", "last_usd", "more_usd")]
        for shown, usd in zip(rows[one["lever"]][2:6], figures, strict=True):
            assert shown == (usd if usd is None else pytest.approx(usd))
        assert rows[one["lever"]][6] == one["description"]
