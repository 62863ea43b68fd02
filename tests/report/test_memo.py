"""What the memo says: what is asked, why, what it rests on; and that its tables add up as shown."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.report.formatting import money
from planner.report.memo.contents import Memo, memo
from planner.report.memo.risks import risks
from planner.report.parts import Cell, Facts, Figure, Fold, Section, Table, Text, filled
from planner.report.tables import plain
from tests.report.documents import document
from tests.report.memos import cash_row, renting, rich

ALWAYS = ["decision", "summary", "alternatives", "cash-flow", "breakeven", "financing", "sensitivities", "risks",
          "residual-value", "schedule", "quotation", "not-proceeding", "contingency", "proof", "sign-off",
          "assumptions"]  # fmt: skip
AMOUNT = st.floats(-1e7, 1e7)


def said(section: Section) -> str:
    """Return all words of a section."""
    found = []
    for block in section.blocks:
        if isinstance(block, Text):
            found.append(block.text)
        elif isinstance(block, Facts):
            found += [f"{term}: {cell.text} {cell.note}" for term, cell in block.pairs]
        elif isinstance(block, Table):
            rows = [*block.rows, *block.totals]
            found += [block.caption, *(f"{cell.text} {cell.note}".strip() for row in rows for cell in row)]
    return "\n".join(found)


def tables(made: Memo) -> list[Table]:
    return [block for section in made.sections for block in section.blocks if isinstance(block, Table)]


def table_of(section: Section, caption: str) -> Table:
    return next(one for one in section.blocks if isinstance(one, Table) and one.caption.startswith(caption))


def assert_adds_up(table: Table) -> None:
    """Every number in the total is the sum of the numbers shown above it."""
    (total,) = table.totals
    columns = list(zip(*(filled(row, len(table.columns)) for row in (*table.rows, total)), strict=True))
    for column, cells in zip(table.columns, columns, strict=True):
        *parts, whole = [plain(cell.text) for cell in cells]
        if column.number and isinstance(whole, Decimal):
            assert sum(part for part in parts if isinstance(part, Decimal)) == whole, (table.caption, column.title)


def test_sections_stand_in_their_order_and_those_without_anything_to_say_are_left_out(starter: dict[str, Any]) -> None:
    assert [one.id for one in memo(document()).sections] == ALWAYS
    assert [one.id for one in memo(rich()).sections] == [*ALWAYS[:13], "carbon", *ALWAYS[13:]]
    found = [one.id for one in memo(starter).sections]
    assert found == [one for one in [*ALWAYS[:13], "carbon", *ALWAYS[13:]] if one in found]
    assert {"decision", "risks", "assumptions", "proof", "sign-off"} <= set(found)
    without = {"financing", "residual-value", "schedule", "quotation"}
    assert [one.id for one in memo(renting()).sections] == [one for one in ALWAYS if one not in without]


def test_nothing_is_folded_away(starter: dict[str, Any]) -> None:
    made = memo(starter)
    assert not [block for one in made.sections for block in one.blocks if isinstance(block, Fold)]
    inputs = table_of(made.section["assumptions"], "What was asked")
    assert len(inputs.rows) == len(starter["inputs"])


def test_what_is_asked_has_amount_thing_and_day() -> None:
    made = memo(rich())
    asked = made.section["decision"].blocks[0]
    assert made.kind == "Request for capital"
    assert isinstance(asked, Text)
    assert asked.text == (
        "Approve a capital outlay of 199,200 USD for 1 server (server-8xa100-80gb; 8 GPUs), ordered in January 2027, "
        "of which 150,000 USD by “bank” (48 payments of 4,321 USD), commitments of 10 USD for 2 instances, "
        "the longest over 12 months, savings plans of 3.50 USD an hour, "
        "and the sale of 1 server for about 50,000 USD. The decision is needed by 1 January 2027."
    )


def test_the_outlay_is_what_the_ledger_capitalises_before_resale() -> None:
    line = {"category": "capex", "component": "servers", "cost_usd": 210_000.4, "present_usd": 1.0, "rows": []}
    lines = [line, line | {"component": "resale", "cost_usd": -50_000.0}, line | {"category": "opex"}]
    assert "capital outlay of 210,000 USD" in said(memo(document(lines=lines)).section["decision"])


def test_a_plan_that_rents_asks_for_a_budget() -> None:
    made = memo(renting())
    assert made.kind == "Decision to rent"
    assert "Approve a budget of 200,001 USD for the first 2 months of renting; nothing is bought or committed." in said(
        made.section["decision"]
    )
    assert "the cheapest plan that buys would lose 9,000 USD" in said(made.section["summary"])
    assert "Nothing is lost by not buying" in said(made.section["not-proceeding"])


def test_a_plan_that_only_commits_asks_for_that() -> None:
    made = renting()
    made["decisions"]["commitments"] = document()["decisions"]["commitments"]
    shown = memo(made)
    assert shown.kind == "Request to commit"
    assert "Approve commitments of 10 USD for 2 instances" in said(shown.section["decision"])
    made["decisions"]["commitments"][0]["existing"] = True
    assert memo(made).kind == "Decision to rent"


def test_the_summary_has_five_lines() -> None:
    (facts,) = memo(rich()).section["summary"].blocks
    assert isinstance(facts, Facts)
    assert [term for term, _ in facts.pairs] == ["Recommendation", "Cost", "Return", "What would change it", "How sure"]
    text = said(memo(rich()).section["summary"])
    assert "after tax of 25.0 %" in text
    assert "On-demand big at 3.0000 USD/GPU-hour, 25.0 % less" in text
    assert "2 of 3 catalog rows behind it are assumptions or weak" in text


def test_an_option_that_is_the_plan_is_no_alternative() -> None:
    section = memo(document()).section["alternatives"]
    table = table_of(section, "Cost, risk and reason")
    assert [row[0].text for row in table.rows] == ["Plan", "On-demand", "Cloud mix", "Token API", "Existing"]
    assert "also the best of its kind under the name of: Buy, Self-hosted" in said(section)
    assert "not possible: no workload allows a token API" in said(section)


@given(st.tuples(AMOUNT, AMOUNT, AMOUNT))
def test_differences_of_alternatives_are_those_of_what_is_shown(costs: tuple[float, ...]) -> None:
    made = document()
    for key, usd in zip(("plan", "on_demand", "cloud"), costs, strict=True):
        made["tco"][key]["present_usd"] = usd
    table = table_of(memo(made).section["alternatives"], "Cost, risk and reason")
    shown = {row[0].text: [plain(cell.text) for cell in row[1:4]] for row in table.rows if len(row) > 4}
    plan = shown["Plan"][0]
    cloud = shown.get("Cloud mix", shown["Plan"])[0]
    for name, (cost, more, value) in shown.items():
        assert value == cloud - cost or abs(costs[2] - costs[0]) < 1  # type: ignore[operator]
        assert name == "Plan" or more == cost - plan  # type: ignore[operator]
    for row in table.rows[1:]:
        if len(row) > 5 and row[5].text.startswith("costs"):
            assert row[5].text.startswith(f"costs {money(float(plain(row[2].text)))} more")  # type: ignore[arg-type]


def test_statements_are_shown_by_fiscal_year() -> None:
    section = memo(rich()).section["cash-flow"]
    cash = table_of(section, "Cash by fiscal year")
    titles = [column.title for column in cash.columns]
    assert titles == ["Year", "Capital outlay", "Upfront fees", "Operating cost", "Resale", "Tax", "Net", "Cumulative",
                      "Present value"]  # fmt: skip
    assert [row[0].text for row in cash.rows] == ["Fiscal 2027", "Fiscal 2028"]
    profit = table_of(section, "Profit and loss")
    assert profit.rows[-1][0] == Cell("After the horizon", note="2028-07 to 2028-12")
    assert "After tax at 25.0 %; depreciated for tax by MACRS over 5 years, 40.0 % of it at once" in said(section)


def test_an_older_plan_is_shown_by_its_own_years() -> None:
    section = memo(document()).section["cash-flow"]
    assert table_of(section, "Payments by year").rows[0][0].text == "Year 1"
    assert "before tax" in said(section)


@pytest.mark.parametrize("made", [document(), rich(), renting()], ids=["small", "rich", "renting"])
def test_tables_add_up_as_shown(made: dict[str, Any]) -> None:
    summed = [table for table in tables(memo(made)) if table.totals]
    assert summed
    for table in summed:
        assert_adds_up(table)


def test_tables_of_a_solved_plan_add_up_as_shown(starter: dict[str, Any]) -> None:
    for table in (one for one in tables(memo(starter)) if one.totals):
        assert_adds_up(table)


@given(st.lists(st.tuples(AMOUNT, AMOUNT, AMOUNT, AMOUNT), min_size=2, max_size=2))
def test_cash_of_any_size_adds_up_down_and_across(rows: list[tuple[float, ...]]) -> None:
    names = ("capex_usd", "opex_usd", "loan_usd", "tax_usd")
    cash = [cash_row(n, **dict(zip(names, row, strict=True))) for n, row in enumerate(rows)]
    made = rich(finance__statements={"plan": {"cash": cash, "profit_and_loss": cash}})
    table = table_of(memo(made).section["cash-flow"], "Cash by fiscal year")
    assert_adds_up(table)
    kinds, grown = len(table.columns) - 4, Decimal(0)
    for row in table.rows:
        shown = [plain(cell.text) for cell in row]
        assert sum(shown[1 : 1 + kinds]) == shown[1 + kinds]  # type: ignore[arg-type]
        grown += shown[1 + kinds]  # type: ignore[operator]
        assert shown[2 + kinds] == grown


def test_financing_waiting_carbon_and_contingency_are_what_the_plan_says() -> None:
    made = memo(rich())
    assert "The cheapest way per server: “bank” for server-8xa100-80gb (188,111 USD)." in said(
        made.section["financing"]
    )
    waiting = said(made.section["not-proceeding"])
    assert "the work costs 297,001 USD in present value at best, 99,002 USD more" in waiting
    assert "Waiting 3 months with every order costs 52,000 USD in present value: the best plan found" in waiting
    assert "Nothing can be ordered" not in waiting
    unproven = {"months": 3, "present_usd": 250_000.0, "costs_usd": 52_000.0, "relative_gap": 0.1}
    unsure = said(memo(rich(finance__waiting=unproven | {"orders_later": False})).section["not-proceeding"])
    assert "52,000 USD in present value, at least 27,000 USD: the best plan found" in unsure
    assert "Nothing can be ordered after that wait" in unsure
    assert "sets aside 7,777 USD" in said(made.section["contingency"])
    carbon = said(made.section["carbon"])
    assert "– not known" in carbon, "what is not known is not zero"
    assert "A tonne is priced at 80.00 USD at first: 0 USD in all" in carbon
    assert "12.4\n" in carbon, "a decimal of few tonnes"
    assert "25.8" in carbon
    assert "not counted: nowhere" in carbon


def test_amounts_of_a_plan_after_tax_are_said_to_be_after_tax_also_where_its_rate_is_not_told() -> None:
    made = document()
    made["tco"]["plan"] |= {"tax_usd": -20_000.4}
    made["tco"]["plan"]["by_year"][0] |= {"tax_usd": -20_000.4, "opex_usd": 70_801.2}
    section = memo(made).section["cash-flow"]
    assert "after tax" in said(section)
    assert "before tax" not in said(section)
    assert "−20,000" in said(section)
    assert_adds_up(table_of(section, "Payments by year"))


def test_the_request_for_quotation_has_the_price_to_walk_away_from() -> None:
    made = document()
    made["prices_that_change_the_answer"][0] |= {"price_at_change_usd": 210_000.0}
    made["prices_that_change_the_answer"][1] |= {"chosen": True, "price_at_change_usd": 4.4}
    made["evidence"] += [
        made["evidence"][0] | {"row": "server-8xa100-80gb/power_active_kw", "value": 6.5},
        made["evidence"][0] | {"row": "server-8xa100-80gb/support_fraction_per_year", "value": 0.12},
    ]
    text = said(memo(made).section["quotation"])
    assert "server-8xa100-80gb 8 GPUs a server; 6.5 kW at full load" in text
    assert "12.0 % of the price a year" in text
    assert "210,000 USD/server +5.4 % from the price now; in whole servers" in text
    assert "on-demand big\n4.0000\n4.4000\n+10.0 %\nUSD/GPU-hour" in text


def named(made: dict[str, Any]) -> dict[str, str]:
    """Return the figures of the risks of a plan by their names."""
    blocks = [one for one in risks(made).blocks if isinstance(one, Table)]
    return {row[0].text: row[1].text for table in blocks for row in table.rows}


def calm() -> dict[str, Any]:
    """Return a plan without any of the risks."""
    made = document()
    made["evidence"] = [one | {"confidence": "high"} for one in made["evidence"]]
    made["decisions"]["rentals"], made["prices_that_change_the_answer"] = [], []
    made["tco"]["plan"]["by_component"] = {"servers": 199_200.4, "staff": 800.0}
    made["tco"]["plan"]["personnel_fraction"] = 0.01
    return made


def test_a_plan_without_risks_lists_none() -> None:
    assert named(calm()) == {}
    assert "none of the risks" in said(risks(calm()))


def test_every_risk_is_listed_with_the_figure_that_makes_it_one() -> None:
    made = calm()
    made["verdict"]["npv_usd"] = 1_000.0
    made["solver"]["status"] = "not proven"
    made["tco"]["plan"] |= {"relative_gap": 0.05, "personnel_fraction": 0.4, "obligations_after_horizon_usd": 777.0}
    made["tco"]["plan"]["by_component"] |= {"on_demand": 60_000.0, "commitments": 50_000.0, "resale": -50_000.0}
    made["finance"]["tax"] = {"rate_fraction": 0.25, "method": "macrs_5", "bonus_fraction": 0.0}
    made["evidence"][0] |= {"confidence": "low"}
    made["evidence"].append(made["evidence"][0] | {"row": "server-8xa100-80gb/lead_time_months", "low": 2, "high": 8})
    made["decisions"]["purchases"][0]["in_service"] = "2027-06"
    made["decisions"]["rentals"] = [{"offer": "big", "kind": "on_demand", "workload": "chat", "gpu_hours": 1.0,
                                     "usd": 60_000.0}]  # fmt: skip
    made["decisions"]["by_month"][0]["unserved_work_units"] = 12.0
    made["prices_that_change_the_answer"] = [{"option": "on-demand big", "chosen": True, "price_now_usd": 4.0,
                                              "price_at_change_usd": 4.2, "unit": "USD/GPU-hour",
                                              "basis": "whole numbers"}]  # fmt: skip
    found = named(made)
    figures = {
        "A close call": "1,000 USD apart", "A price near its limit": "5.0 % above", "Not proven to the end": "5.00 %",
        "Weak data": "of the rows", "Resale": "25.1 % of the outlay", "One provider": "big takes 60,000 USD, 30.0 %",
        "Late delivery": "5 months from order to service, 2 to 8", "Promised whatever the demand": "50,000 USD",
        "Owed after the horizon": "777 USD", "Prices that move": "10 % more is 6,000 USD", "People": "40.0 %",
        "Work left undone": "12 work units", "Deductions that cannot be used": "25.0 %",
    }  # fmt: skip
    assert set(found) == set(figures)
    assert all(figure in found[name] for name, figure in figures.items()), found


def test_weak_data_weighs_by_what_is_paid_on_it() -> None:
    made = calm()
    made["evidence"][0]["confidence"] = "low"
    line = {"component": "staff", "category": "opex", "cost_usd": 1.0, "present_usd": 90.0, "rows": ["other"]}
    made["lines"] = [line, line | {"present_usd": -10.0, "rows": [made["evidence"][0]["row"]]}]
    assert "Weak data" not in named(made), "a tenth of the payments"
    made["lines"][1]["present_usd"] = -60.0
    assert named(made)["Weak data"].startswith("40.0 % of all payments")


def test_drawings_have_their_numbers_in_tables_beside_them() -> None:
    made = memo(document())
    drawn = [one for section in made.sections for one in section.blocks if isinstance(one, Figure)]
    assert len(drawn) == 2
    assert all(one.data is None for one in drawn)
    ends = table_of(made.section["cash-flow"], "Cumulative cost of every option")
    assert [cell.text for cell in ends.rows[-1][1:]] == ["200,001", "300,001", "300,001"]


def test_cumulative_cost_of_every_option_has_what_falls_after_the_horizon_in_a_row_of_its_own() -> None:
    made = rich()
    plan = made["finance"]["statements"]["plan"]["cash"]
    other = [cash_row(n, opex_usd=10_000.0) for n in range(2)]
    after = cash_row(1, tax_usd=-3_000.0) | {"fiscal_year": None, "months": ["2028-07", "2028-12"]}
    made["finance"]["statements"]["cloud"] = {"cash": [*other, after], "profit_and_loss": []}
    table = table_of(memo(made).section["cash-flow"], "Cumulative cost of every option")
    shown = dict(zip((column.title for column in table.columns), zip(*table.rows, strict=True), strict=True))
    assert [cell.text for cell in shown["Cloud mix"]] == ["10,000", "20,000", "17,000"]
    assert [cell.text for cell in shown["Plan"]] == ["227,211", "206,211", "206,211"]
    assert shown["By the end of"][2].text == "After the horizon"
    assert len(plan) == 2


def test_what_is_asked_says_what_is_lent_and_what_amounts_are_net_of() -> None:
    made = rich(finance__tax={"rate_fraction": 0.25, "method": "macrs_5", "bonus_fraction": 0.4, "source": "law"})
    made["tco"]["plan"]["present_usd"] = made["tco"]["plan"]["total_usd"] + 1
    text = said(memo(made).section["decision"])
    assert "all payments, net of credit, resale and tax saved" in text
    assert "Present cost is above the nominal one" in text
    assert "Present cost is above" not in said(memo(document()).section["decision"])
    assert "all payments, net of resale" in said(memo(document()).section["decision"])
    made["finance"]["financing"][1]["kind"] = "operating_lease"
    assert "with 150,000 USD more leased by “bank”" in said(memo(made).section["decision"])
    asked = said(memo(made).section["quotation"])
    assert "“bank”, operating lease: 150,000 USD of each server over 48 months at 8.5 % a year, 4,321 USD" in asked


def test_cumulative_cost_of_the_plan_is_the_same_in_both_tables() -> None:
    made = document()
    years = [{"year": n, "months": [month, month], "total_usd": usd, "capex_usd": 0.0, "opex_usd": usd}
             for n, (month, usd) in enumerate((("2027-01", 0.4), ("2027-02", 0.4)), start=1)]  # fmt: skip
    made["tco"]["plan"]["by_year"] = years
    for row in made["finance"]["cash_flow"]:
        row["plan_usd"] = 0.4
    section = memo(made).section["cash-flow"]
    one, other = table_of(section, "Payments by year"), table_of(section, "Cumulative cost of every option")
    assert [row[-1].text for row in one.rows] == [row[1].text for row in other.rows] == ["1", "1"]
