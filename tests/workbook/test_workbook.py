"""The workbook as it is written: the same bytes, text that stays text, prices only where they are exact."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from itertools import cycle
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from planner.cli import report
from planner.cli.report import To
from planner.errors import InputError
from planner.planreader import parse_plan
from planner.report.workbook import render_workbook
from planner.report.workbook.entries import VALUE
from planner.report.workbook.names import Names
from tests.workbook.conftest import AFTER_TAX, planned

Plan = dict[str, Any]
HOSTILE = ('=HYPERLINK("http://example.org","x")', "@SUM(A1)", "+1+1", "-2+3", "http://example.org/", "{=1+1}", "12")


def copy(plan: Plan) -> Plan:
    return dict(json.loads(json.dumps(plan)))


def opened(content: bytes, *, values: bool = False) -> Any:
    return openpyxl.load_workbook(BytesIO(content), data_only=values)


def ledger(content: bytes) -> list[dict[str, Any]]:
    head, *rows = opened(content)["Ledger"].iter_rows(min_row=4, values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_the_same_plan_gives_the_same_bytes(plan: Plan, content: bytes) -> None:
    assert render_workbook(copy(plan)) == content
    made = opened(content).properties
    assert (made.title, made.created.date().isoformat()) == (plan["scenario"], plan["as_of"])


def test_totals_are_there_without_recalculating(plan: Plan, content: bytes) -> None:
    book = opened(content, values=True)
    ((sheet, address),) = book.defined_names["present_Plan_usd"].destinations
    assert book[sheet][address].value == pytest.approx(plan["tco"]["plan"]["present_usd"], rel=1e-9)
    assert book["Summary"]["B4"].value == plan["verdict"]["reason"]
    assert book["Summary"]["B5"].value.startswith("equal to the planner's")


def test_text_stays_text(plan: Plan) -> None:
    changed = copy(plan)
    changed |= {"scenario": HOSTILE[0], "description": HOSTILE[1]}
    changed["verdict"]["reason"] = HOSTILE[2]
    texts = cycle(HOSTILE)
    for line in changed["ledgers"]["plan"]:
        line |= {"item": next(texts), "unit": next(texts)}
    changed["inputs"] += [{"input": text, "value": text, "unit": text, "source": text} for text in HOSTILE]
    for fact in changed["evidence"]:
        fact["note"] = next(texts)
    content = render_workbook(changed)
    cells = [cell for sheet in opened(content) for row in sheet.iter_rows() for cell in row]
    for text in HOSTILE:
        found = [cell for cell in cells if cell.value == text]
        assert len(found) > 4
        assert {cell.data_type for cell in found} == {"s"}
    assert not [cell for cell in cells if cell.hyperlink]


def test_what_cannot_be_seen_is_shown(plan: Plan) -> None:
    changed = copy(plan)
    changed["scenario"] = "a\u202eb\x00c"
    assert opened(render_workbook(changed))["Summary"]["A1"].value == "a⟨U+202E⟩b⟨U+0000⟩c"


def test_names_are_valid_and_unique(content: bytes) -> None:
    names = list(opened(content).defined_names)
    assert len({name.lower() for name in names}) == len(names) > 50
    assert all(name[0].isalpha() and name.replace("_", "").isalnum() and "_" in name for name in names)
    several = Names()
    assert [several.new("Price", text) for text in ("a b", "A-b", "a/b")] == ["Price_a_b", "Price_A_b_2", "Price_a_b_3"]
    assert len(several.new("x" * 300)) < 256


def test_every_unit_cost_follows_a_price_or_says_that_it_does_not(plan: Plan, content: bytes) -> None:
    rows = ledger(content)
    assert len(rows) == sum(len(line["month"]) for lines in plan["ledgers"].values() for line in lines or ())
    for row in rows:
        followed = row["Price cell"] != VALUE
        assert followed == str(row["Unit cost, USD"]).startswith(f"={row['Price cell']}*"), row
    assert any(row["Price cell"] != VALUE for row in rows)


def _with(plan: Plan, change: Callable[[dict[str, Any]], None]) -> set[str]:
    """Return the price cells of the plan's lines of servers and support after a change of the plan."""
    changed = copy(plan)
    change(changed)
    return {
        f"{row['Component']}: {row['Price cell']}" for row in ledger(render_workbook(changed))
        if row["Option"] == "Plan" and row["Component"] in ("Servers", "Support")
    }  # fmt: skip


def _without_purchase(plan: Plan) -> None:
    """The servers are there already: what was paid for them is no price of today, not even where it is the same."""
    plan["ledgers"]["plan"] = [line for line in plan["ledgers"]["plan"] if line["component"] != "servers"]


def _other_price(plan: Plan) -> None:
    for line in plan["ledgers"]["plan"]:
        if line["component"] == "servers":
            line["unit_cost_usd"] = [1.1 * cost for cost in line["unit_cost_usd"]]


def _factor_is_lost(plan: Plan) -> None:
    for price in plan["prices"]:
        if price["price"] == "purchase":
            price["factors"] = price["factors"][:2]


def test_a_unit_cost_that_a_price_does_not_make_stays_a_value(plan: Plan) -> None:
    price = "price_server_8xa100_80gb_purchase"
    assert _with(plan, lambda plan: None) == {f"Servers: {price}", f"Support: {price}"}
    assert _with(plan, _without_purchase) == {f"Support: {VALUE}"}
    assert _with(plan, _other_price) == {f"Servers: {VALUE}", f"Support: {VALUE}"}
    assert _with(plan, _factor_is_lost) == {f"Servers: {VALUE}", f"Support: {VALUE}"}


def test_a_price_path_is_followed_by_how_far_it_has_come(plan: Plan) -> None:
    changed = copy(plan)
    staff = next(price for price in changed["prices"] if price["thing"] == "platform")
    staff["last"] = staff["first"] * 1.2
    for line in changed["ledgers"]["plan"]:
        if line["component"] == "staff":
            line["unit_cost_usd"][-1] *= 1.2
    rows = [row for row in ledger(render_workbook(changed)) if row["Option"] == "Plan" and row["Component"] == "Staff"]
    assert {row["Price cell"] for row in rows} == {"price_platform_usd_per_month"}
    assert [row["Times"] for row in rows] == pytest.approx([1.0] * (len(rows) - 1) + [1.2])


def test_what_differs_is_said(plan: Plan) -> None:
    changed = copy(plan)
    changed["tco"]["cloud"]["total_usd"] *= 1 + 1e-8
    book = opened(render_workbook(changed), values=True)
    wrong = [row for row in book["Checks"].iter_rows(min_row=7, values_only=True) if row[6] != "ok"]
    assert [row[0] for row in wrong] == ["Cloud mix: total, nominal"]
    assert book["Summary"]["B4"].value == "Figures were changed: plan again"
    assert book["Summary"]["B5"].value.startswith("changed by an input: 1 of")


def test_every_check_holds_after_tax(tmp_path: Path) -> None:
    taxed = planned(tmp_path, *AFTER_TAX)
    book = opened(render_workbook(taxed), values=True)
    results = {row[0]: row[6] for row in book["Checks"].iter_rows(min_row=7, values_only=True)}
    assert set(results.values()) == {"ok"}
    assert {"Plan: Tax", "Plan: Depreciation relief, nominal", "Plan: Tax relief, year 1"} <= set(results)


def test_the_command_writes_the_workbook_beside_the_plan(plan: Plan, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan), encoding="utf-8")
    report.report(path, To.xlsx, None)
    assert (tmp_path / "report.xlsx").read_bytes() == content


def test_without_the_extra_the_cure_is_said(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(report, "find_spec", lambda name: None)
    with pytest.raises(report.typer.Exit) as stopped:
        report.report(tmp_path / "plan.json", To.xlsx, None)
    assert stopped.value.exit_code == 2
    said = capsys.readouterr().err
    assert "pip install 'gpu-capacity-planner[office]'" in said and said.count("\n") == 1


def test_a_plan_without_ledgers_is_refused(plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({key: part for key, part in plan.items() if key != "ledgers"}), encoding="utf-8")
    with pytest.raises(InputError, match="ledgers: is missing"):
        report.report(path, To.xlsx, None)


def test_ledgers_that_do_not_fit_are_refused(plan: Plan) -> None:
    short, without = copy(plan), copy(plan)
    short["ledgers"]["plan"][0]["quantity"].append(1.0)
    without["ledgers"]["cloud"] = None
    for changed, field in ((short, r"ledgers\.plan\.0"), (without, r"ledgers\.cloud")):
        with pytest.raises(InputError, match=field):
            parse_plan(json.dumps(changed).encode())
