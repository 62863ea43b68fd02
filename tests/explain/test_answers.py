"""Answers to "why?": each is found by name, and its numbers are those of the plan, the catalog and the report."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from planner.costs import COMPONENTS
from planner.errors import InputError
from planner.model.constraints import RULES
from planner.report.costs import costs
from planner.report.explain import Explanation, explain
from planner.report.explain.choices import cents, closest
from planner.report.explain.life import ACTS
from planner.report.explain.numbers import places
from planner.report.formatting import MINUS, percent, price, sentence
from planner.report.html import render_html
from planner.report.parts import Cell, Facts, Table, Text
from tests.small import CHEAP, SERVER, SITE, SPOT

Document = dict[str, Any]


def tables(found: Explanation) -> list[Table]:
    return [block for section in found.sections for block in section.blocks if isinstance(block, Table)]


def texts(found: Explanation) -> str:
    said = [block.text for section in found.sections for block in section.blocks if isinstance(block, Text)]
    return "\n".join([*(section.lead for section in found.sections), *said])


def number(text: str) -> float:
    return float(text.replace(",", "").replace("−", "-"))


def column(table: Table, title: str) -> list[str]:
    at = [one.title for one in table.columns].index(title)
    return [row[at].text for row in table.rows]


def test_a_number_is_walked_from_its_catalog_line_to_the_cell_of_the_report(
    eight_a100s: Document, catalog_folder: Path
) -> None:
    document, row_id = eight_a100s, "server-8xa100-80gb/gpu_usd_per_gpu"
    found = explain(document, row_id)
    recorded = dict(next(block for block in found.sections[0].blocks if isinstance(block, Facts)).pairs)
    file, line, _ = recorded["Stands in"].text.split(":")
    written = (catalog_folder / file).read_text(encoding="utf-8").splitlines()[int(line) - 1]
    value = number(recorded["Value"].text)
    assert f"value: {value:g}," in written

    made, paid, summed = (next(t for t in tables(found) if said in t.caption) for said in (",", "rest on", "Totals"))
    assert number(made.rows[0][1].text) == value
    product = number(made.rows[-1][2].text)
    units = [number(text) for text in column(paid, "Unit cost")]
    assert product in units
    for quantity, unit, usd in zip(*(column(paid, title) for title in ("Quantity", "Unit cost", "USD")), strict=True):
        assert number(quantity) * number(unit) == pytest.approx(number(usd), rel=1e-4, abs=1)
    for name, mine, every, total, cell in (tuple(part.text for part in row) for row in summed.rows):
        assert number(mine) <= number(every) == number(total)
        assert abs(number(cell) - number(total)) <= 1
        shown = next(b for b in costs(document).blocks if isinstance(b, Table) and "component and year" in b.caption)
        assert cell in [part.text for row in shown.rows if row[0].text == name for part in row]
        assert f">{cell}</td>" in render_html(document)


def test_why_this_mix_tells_work_costs_alternatives_limits_and_prices(document: Document) -> None:
    found = explain(document)
    assert document["verdict"]["reason"] in texts(found)
    work = tables(found)[0]
    assert {row[0].text for row in work.rows} == {"chat", "index"}
    loosened = [sentence(row["change"]) for row in document["loosened"]]
    assert loosened[0] in [row[0].text for table in tables(found) for row in table.rows]
    more = next(table for table in tables(found) if table.caption == "What the alternatives cost")
    by_name = dict(zip(column(more, "Option"), column(more, "More than the plan"), strict=True))
    difference = document["tco"]["cloud"]["present_usd"] - document["tco"]["plan"]["present_usd"]
    assert number(by_name["Cloud mix"]) == pytest.approx(difference, abs=1)


@pytest.mark.parametrize("option", ["cloud", "Cloud mix".lower().split()[0], "on_demand", "on-demand"])
def test_why_not_an_option_adds_up_to_what_it_costs_more(document: Document, option: str) -> None:
    table = next(t for t in tables(explain(document, option)) if "against the plan" in t.caption)
    plan, other, more = (number(cell.text) for cell in table.totals[0][1:])
    key = option.replace("-", "_")
    assert plan == pytest.approx(document["tco"]["plan"]["present_usd"], abs=1)
    assert other == pytest.approx(document["tco"][key]["present_usd"], abs=1)
    assert other - plan == more
    for position, total in zip((1, 2, 3), (plan, other, more), strict=True):
        assert sum(number(row[position].text) for row in table.rows) == total


def test_an_offer_in_the_plan_and_one_that_is_not_tell_their_prices(document: Document) -> None:
    chosen, not_chosen = explain(document, CHEAP), explain(document, SPOT)
    assert chosen.sections[0].title == f"Why {CHEAP}?"
    changes = {row["option"]: row["price_at_change_usd"] for row in document["prices_that_change_the_answer"]}
    assert f"up to {price(changes[f'on-demand {CHEAP}'])}" in texts(chosen)
    entry = cents(changes[f"on-demand {SPOT}"])
    assert re.search(
        rf"would have to fall below {re.escape(entry)} \(−[\d.]+ %\), where \S+ does the same\.", texts(not_chosen)
    )
    assert "was left out: never cheaper" not in texts(not_chosen)
    assert "It is in the plan." in texts(explain(document, SERVER))


def test_what_was_left_out_tells_its_reason(document: Document) -> None:
    row = next(row for row in document["left_out"] if row["option"].startswith("aws-"))
    found = explain(document, row["option"])
    assert found.sections[0].title == f"Why not {row['option']}?"
    assert row["reason"] in texts(found)


def test_the_objective_is_written_out_and_adds_up(document: Document) -> None:
    table = tables(explain(document, "objective"))[0]
    assert len(table.rows) == len(document["lines"])
    assert number(table.totals[0][-1].text) == pytest.approx(document["proof"]["objective_usd"], abs=0.51)
    assert sum(number(row[-1].text) for row in table.rows) == number(table.totals[0][-1].text)


def test_a_rule_is_written_out_with_its_numbers(document: Document) -> None:
    found = explain(document, "power_is_within_site_limit")
    row = tables(found)[0]
    assert row.caption.startswith(f"power_is_within_site_limit[{SITE},")
    (term,) = row.rows
    assert [cell.text for cell in term[1:]] == ["10", "1", "10"]  # 10 kW · PUE 1, one server
    assert [cell.text for total in row.totals for cell in total] == ["Sum", "10", "must be ≤", "10"]
    assert "It binds" in texts(found)
    made = deepcopy(document)
    made["rules"][0] |= {"rows": 1, "binding": 0, "examples": []}
    assert "1 row; none binds in the plan." in texts(explain(made, made["rules"][0]["rule"]))
    assert "would save" in texts(found)


def test_every_name_that_can_be_asked_about_has_an_answer(document: Document) -> None:
    asked = [
        *document["tco"], "objective", "limits", "chat", "index", SERVER, SITE, SPOT,
        *(rule["rule"] for rule in document["rules"]), *(one["component"] for one in document["components"]),
        *(one["row"] for one in document["evidence"]), *(one["option"].split(" ")[0] for one in document["left_out"]),
    ]  # fmt: skip
    for name in asked:
        found = explain(document, name)
        assert found.sections, name
        assert json.dumps(found.as_data(), allow_nan=False)
        assert str(found)


@pytest.mark.parametrize(
    ("asked", "title"), [("POWER IS WITHIN", "Power is within site limit"), ("nebius-h100", CHEAP)]
)
def test_part_of_a_name_will_do(document: Document, asked: str, title: str) -> None:
    if asked == "nebius-h100":
        with pytest.raises(InputError, match="several things"):
            explain(document, asked)
    else:
        assert explain(document, asked).sections[0].title == title


@pytest.mark.parametrize("asked", ["cluod", "h300", "tco", "<script>", "\u202eevil", "x" * 5000])
def test_a_name_that_is_not_there_is_refused_with_a_cure(document: Document, asked: str) -> None:
    with pytest.raises(InputError) as failure:
        explain(document, asked)
    assert len(str(failure.value)) < 2500
    assert "\u202e" not in str(failure.value)
    if asked == "cluod":
        assert "did you mean 'cloud'?" in str(failure.value)


def test_facts_and_tables_are_data_too(document: Document) -> None:
    found = explain(document, f"{CHEAP}/on_demand_usd_per_gpu_hour").as_data()
    assert found["sections"][0]["blocks"][0]["facts"]["Value"].startswith("2 ")
    assert isinstance(Cell("x"), Cell)


def test_the_page_on_the_life_of_a_number_shows_the_planners_own_tables(eight_a100s: Document) -> None:
    page = (Path(__file__).parent.parent.parent / "docs" / "life-of-a-number.md").read_text(encoding="utf-8")
    said = str(explain(eight_a100s, "server-8xa100-80gb/gpu_usd_per_gpu")).splitlines()
    rows = [line for line in page.splitlines() if line.startswith("|")]
    assert len(rows) == 17
    assert [row for row in rows if row not in said] == []


def test_a_number_of_the_report_is_found_where_it_stands_and_explained(document: Document) -> None:
    staff = document["tco"]["plan"]["by_component"]["staff"]
    shown = f"{staff:,.0f}"
    for asked in (shown, shown.replace(",", ""), f"{shown} USD", f"why {shown}?"):
        found = explain(document, asked)
        where = found.sections[0].blocks[0]
        assert isinstance(where, Table)
        rows = [tuple(cell.text for cell in row[1:]) for row in where.rows]
        assert ("Plan: cost by component and year, nominal USD", "Staff", "Total", shown) in rows
        assert "Staff" in [section.title for section in found.sections]
    total = explain(document, f"{document['tco']['plan']['present_usd']:,.0f}")
    assert "objective" in [section.id for section in total.sections]
    cloud = explain(document, f"{document['tco']['cloud']['present_usd']:,.0f}")
    assert any("cloud" in section.title.lower() for section in cloud.sections[1:])


def test_a_number_is_found_with_its_sign_and_what_it_counts(document: Document) -> None:
    resale = f"{-document['tco']['plan']['by_component']['resale']:,.0f}"
    assert places(document, f"-{resale}") == places(document, f"{MINUS}{resale}") != []
    assert not [one for one in places(document, resale) if one.row == "Resale"]
    share = percent(document["tco"]["plan"]["personnel_fraction"])
    assert "Personnel, share of the plan" in [one.row for one in places(document, share)]
    assert all("%" in one.shown for one in places(document, share) if one.row.startswith("Personnel"))
    assert not places(document, "chat")
    assert not [one for one in places(document, "2027") if one.shown.startswith("2027-")], (
        "a part of a date is no number"
    )
    made = deepcopy(document)
    made["tco"]["plan"]["present_usd"] = 2_834_953.0
    assert "Plan, present cost" in [one.row for one in places(made, "2.83 M")]


def test_a_number_that_stands_nowhere_is_refused_with_what_can_be_asked(document: Document) -> None:
    with pytest.raises(InputError, match=r"no cell of the report shows this number(.|\n)*cost component"):
        explain(document, "987,654,321")


@pytest.mark.parametrize(
    ("asked", "same"),
    [("why not the cloud?", "cloud"), ("Why is the staff", "staff"), (f"why {CHEAP} ?", CHEAP), ("why?", ""),
     ("POWER IS WITHIN", "power_is_within_site_limit")],
)  # fmt: skip
def test_a_question_in_words_is_a_question_by_name(document: Document, asked: str, same: str) -> None:
    assert explain(document, asked).sections == explain(document, same).sections


def test_what_is_asked_next_is_what_would_enter_first(document: Document) -> None:
    made = deepcopy(document)
    row = {"unit": "USD/GPU-hour", "basis": "relaxation"}
    made["prices_that_change_the_answer"] = [
        row | {"option": "on-demand aaa", "chosen": False, "price_now_usd": 2.0, "price_at_change_usd": 1.0},
        row | {"option": "spot zzz", "chosen": False, "price_now_usd": 2.0, "price_at_change_usd": 1.9},
        row | {"option": "spot used", "chosen": False, "price_now_usd": 2.0, "price_at_change_usd": 1.99},
        row | {"option": "on-demand used", "chosen": True, "price_now_usd": 2.0, "price_at_change_usd": 50.0},
        row
        | {
            "option": "spot rivalled",
            "basis": "bound: zzz is as good up to here",
            "chosen": False,
            "price_now_usd": 2.0,
            "price_at_change_usd": 1.98,
        },
        row | {"option": "commit never", "chosen": False, "price_now_usd": 2.0, "price_at_change_usd": None},
    ]
    assert closest(made) == "zzz"
    assert "why not this one" in str(explain(made))
    assert "explain PLAN.json zzz" in str(explain(made))
    assert "would be at any realistic price" in texts(explain(made, "used"))


def test_a_field_that_is_no_price_says_in_which_rules_and_costs_it_acts(document: Document) -> None:
    known = {one.__name__ for one in (*RULES, *COMPONENTS)}
    assert {name for names in ACTS.values() for name in names} <= known
    formulas = {one["rule"]: one["formula"] for one in document["rules"]}
    for field, rule in (
        ("power_active_kw", "power_is_within_site_limit"),
        ("lead_time_months", "fleet_is_what_is_alive"),
        ("availability_fraction", "owned_gpus_run_within_fleet"),
    ):
        found = explain(document, f"{SERVER}/{field}")
        acts = next(table for table in tables(found) if table.caption.startswith("Rules and cost components"))
        assert formulas[rule] in column(acts, "Formula")
        assert "No cost line" not in texts(found)
    acts = next(t for t in tables(explain(document, f"{SITE}/pue")) if t.caption.startswith("Rules and cost"))
    assert {"power_is_within_site_limit", "electricity"} < set(column(acts, "Name"))
