"""Cash flow, profit and loss and taxes as the report shows them."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from planner.cli import terminal
from planner.report.contents import sections
from planner.report.html import render_html
from planner.report.markdown import render_markdown
from planner.report.parts import Table
from planner.report.statements import cash_flow, profit_and_loss
from tests.report.documents import document

CONVENTIONS = {
    "rates": "nominal", "tax": "after", "discounting": "effective annual, by month", "purchases": "start of month",
    "running_costs": "end of month", "taxes": "end of tax year", "resale": "end of horizon",
    "shields": "taken to be usable",
}  # fmt: skip
TAX = {
    "rate_fraction": 0.25, "method": "macrs_5", "life_years": None, "declining_factor": None, "bonus_fraction": 0.4,
    "source": "the tax department", "wacc_after_tax_fraction": 0.08,
    "depreciation": [{"fiscal_year": 2027, "usd": 50_000.0}],
}  # fmt: skip
NONE = dict.fromkeys(("upfront_usd", "lease_usd", "loan_usd"), 0.0)


def _cash(year: int | None, months: list[str], net: float, so_far: float, **parts: float) -> dict[str, Any]:
    label = "after" if year is None else str(year)
    return {"fiscal_year": year, "label": label, "months": months, "capex_usd": 0.0, "opex_usd": 0.0,
            "resale_usd": 0.0, "tax_usd": 0.0, **NONE, **parts, "net_usd": net, "cumulative_usd": so_far,
            "present_usd": net * 0.9}  # fmt: skip


PLAN = {
    "cash": [
        _cash(2027, ["2027-01", "2027-03"], 90_000.8, 90_000.8, capex_usd=100_000.4, opex_usd=10_000.4,
              tax_usd=-20_000.0),
        _cash(2028, ["2027-04", "2028-03"], -29_999.6, 60_001.2, opex_usd=20_000.4, resale_usd=-50_000.0),
        _cash(None, ["2028-04", "2028-06"], 1_000.4, 61_001.6, tax_usd=1_000.4),
    ],
    "profit_and_loss": [
        {"fiscal_year": 2027, "label": "2027", "months": ["2027-01", "2027-03"], "opex_usd": 61_001.6,
         "amortisation_usd": 0.0, "depreciation_usd": 0.0, "lease_usd": 0.0, "interest_usd": 0.0, "disposal_usd": 0.0,
         "tax_usd": 0.0, "total_usd": 61_001.6},
    ],
}  # fmt: skip


@pytest.fixture
def taxed() -> dict[str, Any]:
    """The small document after tax; the baseline of its verdict is the cloud mix."""
    other = deepcopy(PLAN)
    other["cash"][0]["opex_usd"] += 5
    statements = dict.fromkeys(("buy", "self_hosted", "on_demand", "api", "existing")) | {"plan": PLAN, "cloud": other}
    made = document(finance__conventions=CONVENTIONS, finance__tax=TAX, finance__statements=statements)
    for total in made["tco"].values():
        if total is not None:
            for part in (total, *total["by_year"]):
                part["tax_usd"], part["financing_usd"] = -1_000.4, 0.0
                part["total_usd"] -= 1_000.4
    return made


def table(made: dict[str, Any]) -> Table:
    section = cash_flow(made)
    assert section is not None
    found = section.blocks[0]
    assert isinstance(found, Table)
    return found


def texts(row: Any) -> list[str]:
    return [cell.text for cell in row]


def whole(text: str) -> int:
    return int(text.replace(",", "").replace("−", "-"))


def test_cash_flow_by_fiscal_year(taxed: dict[str, Any]) -> None:
    found = table(taxed)
    assert found.caption == "Plan: cash flow by fiscal year, after tax, nominal USD"
    assert [column.title for column in found.columns] == [
        "Cost", "FY 2027, 2027-01 to 2027-03", "FY 2028", "After the horizon", "Total",
    ]  # fmt: skip
    assert [row[0].text for row in found.rows] == ["Capital outlay", "Running costs", "Resale", "Tax"]
    assert texts(found.totals[0]) == ["Net cash paid", "90,001", "−29,999", "1,000", "61,002"]


def test_rounded_amounts_add_up_as_shown(taxed: dict[str, Any]) -> None:
    found = table(taxed)
    numbers = [[whole(text) for text in texts(row)[1:]] for row in found.rows]
    net = [whole(text) for text in texts(found.totals[0])[1:]]
    assert net == [sum(column) for column in zip(*numbers, strict=True)]
    assert all(sum(row[:-1]) == row[-1] for row in [*numbers, net])
    so_far = [whole(text) for text in texts(found.totals[1])[1:-1]]
    assert so_far == [sum(net[: n + 1]) for n in range(len(net) - 1)]
    present = [whole(text) for text in texts(found.totals[2])[1:]]
    assert sum(present[:-1]) == present[-1] == round(61_001.6 * 0.9)


def test_the_best_alternative_stands_below_the_plan(taxed: dict[str, Any]) -> None:
    captions = [block.caption for block in cash_flow(taxed).blocks if isinstance(block, Table)]  # type: ignore[union-attr]
    assert [caption.partition(":")[0] for caption in captions] == ["Plan", "Cloud mix"]
    taxed["finance"]["statements"]["buy"] = taxed["finance"]["statements"]["cloud"]
    taxed["finance"]["statements"]["cloud"] = PLAN
    captions = [block.caption for block in profit_and_loss(taxed).blocks if isinstance(block, Table)]  # type: ignore[union-attr]
    assert [caption.partition(":")[0] for caption in captions] == ["Plan", "Buy"]  # where the plan is the best itself


def test_a_report_says_whether_it_is_after_tax(taxed: dict[str, Any]) -> None:
    for text in (render_html(taxed), render_markdown(taxed)):
        assert "all figures after tax" in text
        assert "the tax department" in text
    before = document(finance__conventions={**CONVENTIONS, "tax": "before"})
    assert "all figures before tax" in render_markdown(before)


def test_a_plan_without_statements_has_no_sections_of_them() -> None:
    titles = [section.title for section in sections(document())]
    assert "Cash flow by fiscal year" not in titles
    assert "Profit and loss" not in titles
    assert "figures after tax" not in render_markdown(document())


def test_capex_opex_and_tax_add_up_to_the_total(taxed: dict[str, Any]) -> None:
    section = next(one for one in sections(taxed) if one.title == "Options side by side")
    options = next(block for block in section.blocks if isinstance(block, Table))
    titles = [column.title for column in options.columns]
    assert titles[2:6] == ["Total", "Capex", "Opex", "Tax"]
    for row in options.rows:
        if len(row) == len(titles):
            total, *parts = (whole(cell.text) for cell in row[2:6])
            assert total == sum(parts)


def test_the_terminal_says_after_tax(taxed: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    terminal.show(taxed)
    assert "USD after tax over 2 months" in capsys.readouterr().out
    terminal.show(document())
    assert "after tax" not in capsys.readouterr().out


def test_several_rates_of_return_are_a_warning() -> None:
    made = document()
    made["finance"]["buy"]["cloud"] |= {"irr": None, "irr_roots": [0.05, 0.4]}
    text = render_markdown(made)
    assert "Buy against cloud mix: at each of the rates 5.0 % and 40.0 % nothing is saved" in text
    assert "nothing is saved" not in render_markdown(document())


def test_a_rate_below_0_stands_beside_the_rate_of_return() -> None:
    made = document()
    made["finance"]["buy"]["cloud"] |= {"irr": 0.5, "irr_roots": [-0.701, 0.5]}
    text = render_markdown(made)
    assert "50.0 % the one rate above 0; another is −70.1 %" in text.replace("*", "").replace("(", "").replace(
        "<br>", " "
    )
    assert "nothing is saved" not in text


def test_what_is_never_behind_earns_no_rate() -> None:
    made = document()
    made["finance"]["buy"]["cloud"] |= {"irr": None, "mirr": None, "profitability_index": None, "payback_months": 0.0,
                                        "equivalent_annual_usd": 1.0}  # fmt: skip
    for one in ("plan", "buy", "self_hosted"):
        for baseline in ("on_demand", "cloud"):
            made["finance"][one][baseline] = made["finance"]["buy"]["cloud"]
    text = render_markdown(made)
    assert "never behind" in text
    assert "no single rate" not in text
    assert "no outlay" not in text
