"""Plans side by side: what differs is told, what does not is not, and what cannot be compared is said."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from planner.report.compare import Comparison, compare
from planner.report.compare.decided import _placed
from planner.report.compare.dollars import in_dollars
from planner.report.compare.money import _OVER_THE_HORIZON
from planner.report.compare.sections import head, sections
from planner.report.compare.words import summary, warnings
from planner.report.html import page_of
from planner.report.markdown import markdown_of
from planner.report.parts import Section, Table
from planner.report.tables import csv_of
from tests.hostile.texts import ALONE, UNSEEN
from tests.report.documents import document

Document = dict[str, Any]
Plans = Callable[[str], Document]


def held(*documents: Document) -> Comparison:
    return compare(documents, [f"{n}.json" for n in range(len(documents))])


def tables(parts: list[Section]) -> dict[str, list[list[str]]]:
    return {
        block.caption: [[cell.text for cell in row] for row in (*block.rows, *block.totals)]
        for part in parts for block in part.blocks if isinstance(block, Table)
    }  # fmt: skip


def purchase(**changes: Any) -> dict[str, Any]:
    return document()["decisions"]["purchases"][0] | changes


def test_a_plan_against_itself_differs_in_nothing(plans: Plans) -> None:
    found = held(plans("mixed"), deepcopy(plans("mixed")))
    assert (found.asked, found.prices) == ((), ())
    assert {change for one in found.figures for change in one.changes[1:]} <= {0.0, None}
    assert {change for one in found.decisions for change in one.changes[1:]} == {"same"}
    assert not found.advice[1].changed
    assert summary(found)[0].startswith("B costs the same as A over 18 months: ")
    assert len(summary(found)) == 2


def test_the_first_sentence_says_what_changed_and_of_what_it_came(plans: Plans) -> None:
    first, *_ = summary(held(plans("before"), plans("more")))
    # 8 · 2,190 h at 4 USD before; 10 · 2,190 h at 3 after
    assert "B costs 4,380 USD, 6.2 % less than A over 3 months: 70,080 → 65,700 USD" in first
    assert "Prices account for −17,520 USD (most: on-demand −17,520) of it" in first
    assert "quantities and mix for +13,140 USD (most: on-demand +13,140)." in first


def test_the_sentence_agrees_with_the_table(plans: Plans) -> None:
    found = held(plans("mixed"), plans("mixed, falling"))
    *_, prices, volumes, change = tables(sections(found))["The change by component, USD"][-1]
    first = summary(found)[0]
    assert f"Prices account for {prices} USD" in first and f"mix for {volumes} USD" in first
    assert f"{change.lstrip('+−')} USD, " in first
    assert sum(row.price + row.volume for row in in_dollars(found.splits[0])) == int(change.replace(",", ""))


def test_inputs_that_differ_by_value_or_unit() -> None:
    row = {"input": "work", "value": 5.0, "unit": "hours", "source": "scenario"}
    before = document(inputs=[row, row | {"input": "power", "value": "no limit"}, row | {"input": "same"}])
    after = document(inputs=[row | {"value": 6.0}, row | {"input": "power", "value": 4.0, "unit": "kW"},
                             row | {"input": "same", "source": "another"}])  # fmt: skip
    found = held(before, after)
    assert [(one.input, one.units, one.values) for one in found.asked] == [
        ("work", ("hours", "hours"), (5.0, 6.0)),
        ("power", ("hours", "kW"), ("no limit", 4.0)),
    ]
    shown = markdown_of(sections(found))
    assert "| work (hours) | 5 | 6 |" in shown
    assert "| power | no limit (hours) | 4 (kW) |" in shown


def test_plans_before_and_after_tax_are_told_apart() -> None:
    after = document(finance__tax={"rate_fraction": 0.25})
    found = held(document(), after)
    assert tables(sections(found))["The plans"][-2] == ["Taxes", "Before tax", "After tax of 25.0 %"]
    assert any("(A before tax, B after tax of 25.0 %)" in text for text in warnings(found))
    for same in ((document(), document()), (after, document(finance__tax={"rate_fraction": 0.3}))):
        assert not any("before tax" in text for text in warnings(held(*same)))


def test_inputs_of_one_name_are_compared_in_their_order() -> None:
    row = {"input": "job", "value": 1.0, "unit": "hours", "source": "scenario"}
    found = held(document(inputs=[row, row]), document(inputs=[row | {"value": 2.0}, row])).asked
    assert [one.values for one in found] == [(1.0, 2.0)]


def test_prices_that_differ_among_those_used_largest_first() -> None:
    def evidence(**values: float | None) -> list[dict[str, Any]]:
        one = document()["evidence"][0]
        return [one | {"row": row, "value": value, "used": row != "unused"} for row, value in values.items()]

    before = document(evidence=evidence(kept=1.0, small=2.0, large=4.0, unused=1.0, unknown=None, gone=3.0))
    after = document(evidence=evidence(kept=1.0, small=2.2, large=3.0, unused=9.0, unknown=1.0))
    found = held(before, after).prices
    assert [(one.row, one.changes[1]) for one in found] == [
        ("large", pytest.approx(-0.25)), ("small", pytest.approx(0.1)), ("unknown", None),
    ]  # fmt: skip
    after["evidence"][2]["currency"] = "EUR"
    assert next(one for one in held(before, after).prices if one.row == "large").changes == (None, None)


def test_decisions_are_new_gone_more_less_earlier_or_later() -> None:
    before = document(decisions__purchases=[
        purchase(server="kept"), purchase(server="more"), purchase(server="gone"), purchase(server="late"),
        purchase(server="spread", servers=2.0), purchase(server="early", month="2027-02"),
    ])  # fmt: skip
    after = document(decisions__purchases=[
        purchase(server="kept"), purchase(server="more", servers=3.0), purchase(server="late", month="2027-02"),
        purchase(server="spread"), purchase(server="spread", month="2027-02"), purchase(server="early"),
        purchase(server="new"), purchase(server="kept", financing="lease"),
    ])  # fmt: skip
    found = {one.what: one.changes[1] for one in held(before, after).decisions if one.kind == "purchases"}
    assert found == {
        "kept @ room": "same", "more @ room": "more", "gone @ room": "gone", "late @ room": "later",
        "spread @ room": "rescheduled", "early @ room": "earlier", "new @ room": "new", "kept @ room, lease": "new",
    }  # fmt: skip
    said = summary(held(before, after))
    assert any(text.startswith("New: kept @ room, lease (0 → 1 servers)") or "new @ room (0 → 1 servers)" in text
               for text in said)  # fmt: skip
    assert any(text.startswith("Gone: gone @ room") for text in said)
    some = document(decisions__sales=[]), document(decisions__sales=[purchase()])
    assert f"New: {_placed(purchase())} (0 → 1 servers sold)." in summary(held(*some))


def test_rentals_are_compared_by_the_month(plans: Plans) -> None:
    found = held(plans("before"), plans("longer"))
    rented = [one for one in found.decisions if one.kind == "rentals"]
    assert [one.changes[1] for one in rented] == ["same"]
    assert rented[0].quantities == pytest.approx((8 * 730, 8 * 730))


def test_totals_of_different_horizons_are_not_subtracted(plans: Plans) -> None:
    found = held(plans("before"), plans("longer"))
    assert not found.same_horizon
    changes = {one.figure: one.changes[1] for one in found.figures if one.option == "plan" and one.against is None}
    assert {changes[figure] for figure in _OVER_THE_HORIZON if figure in changes} == {None}
    assert changes["usd_per_month"] == pytest.approx(0) == changes["usd_per_gpu_hour"]
    assert all(one.changes[1] is None for one in found.figures if one.figure == "npv_usd")
    assert "The horizons differ (A 3 months, B 6 months)" in warnings(found)[0]
    assert "a month" in summary(found)[0]


def test_components_of_every_option_sum_to_its_total(plans: Plans) -> None:
    found = held(plans("before"), plans("mixed"))
    for option in {one.option for one in found.components}:
        totals = found.values("total_usd", option)
        for n, total in enumerate(totals):
            values = [one.values[n] for one in found.components if one.option == option]
            known = [value for value in values if value is not None]
            assert len(known) == (0 if total is None else len(values))
            assert total is None or sum(known) == pytest.approx(total)


def test_new_kinds_of_money_are_shown_where_a_plan_has_them() -> None:
    after = document()
    after["tco"]["plan"] |= {"tax_usd": -500.0, "financing_usd": 250.0}
    shown = tables(sections(held(document(), after)))["The plan, USD"]
    assert ["Tax", "–", "−500", "–", "–"] in shown
    assert ["Financing", "–", "250", "–", "–"] in shown


def test_advice_that_changes_and_a_close_call_are_said() -> None:
    renting = {"choice": "rent", "reason": "Rent: it is cheaper.", "npv_usd": 0.0, "buy_npv_usd": -50.0,
               "against": "cloud"}  # fmt: skip
    found = held(document(), document(verdict=renting))
    assert (found.advice[1].changed, found.advice[1].margin_usd, found.advice[1].close_call) == (True, 50.0, True)
    assert "The advice changes from buy to rent: Rent: it is cheaper." in summary(found)
    assert any(text.startswith("B is a close call: buying and not") for text in warnings(found))


def test_a_difference_within_what_the_proofs_leave_open_may_be_none() -> None:
    after = document(solver__relative_gap=0.01)  # 1,980 USD of 198,000
    after["tco"]["plan"]["present_usd"] += 1000.0
    assert any("the difference may be none" in text for text in warnings(held(document(), after)))
    after["tco"]["plan"]["present_usd"] += 1000.0
    assert not any("the difference may be none" in text for text in warnings(held(document(), after)))


def test_three_plans_are_each_held_against_the_first(plans: Plans) -> None:
    found = held(plans("before"), plans("cheaper"), plans("more"))
    assert [one.after_usd for one in found.splits] == pytest.approx([52_560, 65_700])
    shown = tables(sections(found))
    assert shown["The plan, USD"][0] == ["Total", "70,080", "52,560", "65,700", "−17,520", "−4,380"]
    assert [text.partition(" ")[0] for text in summary(found)][::2][0] == "B"
    assert any(text.startswith("C: ") for text in summary(found))


def test_json_holds_the_numbers_that_the_tables_round(plans: Plans) -> None:
    data = json.loads(json.dumps(held(plans("before"), plans("more")).as_data()))
    (split,) = data["splits"]
    assert split["price_usd"] + split["volume_usd"] == pytest.approx(split["after_usd"] - split["before_usd"])
    assert [plan["plan"] for plan in data["plans"]] == ["A", "B"]


@pytest.mark.parametrize("text", [*ALONE, *UNSEEN])
def test_a_text_stays_text_in_every_form(text: str) -> None:
    hostile = document(scenario=text, inputs=[{"input": text, "value": text, "unit": text, "source": text}])
    hostile["evidence"][0] |= {"row": text, "value": 1.0}
    hostile["decisions"]["purchases"][0]["server"] = text
    found = compare([document(), hostile], [text, text])
    parts = sections(found)
    cells = [cell for row in csv.reader(io.StringIO(csv_of(parts))) for cell in row]
    assert not [one for one in cells if one.lstrip(" ").startswith(("=", "+", "@")) or re.match(r" *-(?![\d.])", one)]
    for form in (csv_of(parts), markdown_of(parts), page_of(*head(found))):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", form.replace("\r\n", "\n"))
    page = page_of(*head(found)).lower()
    assert "<script" not in page and "<img" not in page


def _lines(**usd: float) -> Document:
    """Return a plan of these components, a unit of each."""
    one = {
        "category": "opex", "item": "x", "unit": "unit", "timing": "running", "source": "row", "rows": ["row"],
        "quantity": 1.0,
    }  # fmt: skip
    lines = [one | {"component": component, "cost_usd": cost} for component, cost in usd.items()]
    return document(lines=lines, tco__plan__total_usd=sum(usd.values()))


def test_the_change_is_the_difference_of_what_is_shown() -> None:
    found = held(_lines(servers=338_240.6), _lines(servers=293_224.4))
    # 45,016.2 apart, shown as 338,241 and 293,224
    assert "B costs 45,017 USD, 13.3 % less than A over 2 months: 338,241 → 293,224 USD" in summary(found)[0]
    shown = tables(sections(found))
    assert shown["The plan, USD"][0][1:4] == ["338,241", "293,224", "−45,017"]
    assert shown["The change by component, USD"][-1] == ["Total", "338,241", "293,224", "−45,017", "0", "−45,017"]


def test_what_did_not_change_shows_no_dollar_of_rounding() -> None:
    kept = {"depreciation_relief": 10.6, "tax_relief": 20.6}
    found = held(_lines(**kept, staff=5.0), _lines(**kept, staff=7.4))
    assert [(one.component, one.price) for one in in_dollars(found.splits[0]) if one.price] == [("staff", 3)]
    assert "Prices account for +3 USD (most: staff +3) of it" in summary(found)[0]


def test_what_is_cheaper_from_the_start_without_a_purchase_says_so() -> None:
    made = document()
    made["finance"]["plan"]["cloud"] |= {"irr": None, "payback_months": 0.0}
    made["breakeven"]["plan"]["cloud"] = dict.fromkeys(("months", "discounted_months", "months_with_resale")) | {
        "only_by_resale": False
    }
    made["tco"]["plan"]["by_component"] = {"on_demand": 200_001.0}

    def shown(figure: str) -> str:
        lines = markdown_of(sections(held(made, document()))).splitlines()
        return next(line for line in lines if line.startswith(f"| Plan against cloud mix: {figure}"))

    assert "from the start" in shown("breakeven, months")
    assert "never behind" in shown("IRR")
    made["tco"]["plan"]["by_component"]["servers"] = 1.0
    assert "never" in shown("breakeven, months")
