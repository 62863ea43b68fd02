"""The HTML report: complete, escaped, quiet, the same every time."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from planner.report.contents import sections
from planner.report.course import course
from planner.report.html import render_html
from planner.report.parts import Figure, Fold, Table
from planner.report.trust import assumptions
from tests.report.documents import document

IDS = ["answer", "options", "course", "load", "service", "breakeven", "costs", "decisions", "prices", "limits",
       "left-out", "assumptions", "proof", "conventions"]  # fmt: skip
WHOLE = ["answer", "options", "course", "load", "service", "breakeven", "financing", "cash-flow", "profit-and-loss",
         "costs", "decisions", "showback", "carbon", "prices", "limits", "left-out", "assumptions", "proof",
         "conventions"]  # fmt: skip
"""Of a plan that the planner wrote."""
VOID = {"meta", "br", "hr", "img", "link", "input", "wbr"}


class Outline(HTMLParser):
    """Reads elements, checks that they nest, and keeps the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data + " "

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.seen if tag == name]


def text_of(made: dict[str, Any]) -> str:
    return " ".join(Outline(render_html(made)).text.split())


@pytest.mark.parametrize("kind", ["small", "starter"])
def test_every_section_is_there_in_order(kind: str, starter: dict[str, Any]) -> None:
    outline = Outline(render_html(document() if kind == "small" else starter))
    ids = IDS if kind == "small" else WHOLE
    assert [one["id"] for one in outline.all("section")] == ids
    assert len(outline.all("h1")) == 1
    assert len(outline.all("h2")) == len(ids)
    assert len(outline.all("caption")) == len(outline.all("table")) > 10
    assert all(one.get("scope") in ("row", "col") for one in outline.all("th"))
    drawings = outline.all("svg")
    assert len(drawings) == len(outline.all("desc")) == 2 * len(outline.all("figure")) == 8, (
        "a wide and a small one each"
    )
    known = {one.get("id") for _, one in outline.seen}
    assert all(set(str(one["aria-labelledby"]).split()) <= known for one in drawings)
    named = [one["id"] for _, one in outline.seen if "id" in one]
    assert len(named) == len(set(named))


@pytest.mark.parametrize("kind", ["small", "starter"])
def test_nothing_is_asked_of_anybody(kind: str, starter: dict[str, Any]) -> None:
    page = render_html(document() if kind == "small" else starter)
    outline = Outline(page)
    assert not {tag for tag, _ in outline.seen} & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "base",
        "use",
        "form",
    }
    assert "url(" not in page
    assert "@import" not in page
    assert not re.search(r"\s(src|srcset|on\w+|xlink:href|style)=", page)
    assert all(str(one["href"]).startswith(("#", "https://")) for one in outline.all("a"))
    assert "default-src 'none'" in page


def test_links_lead_to_secure_sources_only() -> None:
    outline = Outline(render_html(document()))
    links = [one["href"] for one in outline.all("a") if not str(one["href"]).startswith("#")]
    assert links == ["https://example.org/prices"]
    assert "http://example.org/notes" in outline.text, "an address that is no link is still said"


@pytest.mark.parametrize("bad", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}"])
def test_markup_of_the_input_stays_text(bad: str) -> None:
    made = document(description=bad, command=bad)
    made["verdict"]["reason"] = f"Buy: {bad}"
    made["left_out"] += [{"option": bad, "reason": bad}, {"option": "api", "reason": bad}]
    made["evidence"][0] |= {"row": bad, "note": bad, "basis": bad, "unit": bad}
    made["sources"]["list"] |= {"title": bad, "url": f"https://example.org/{bad}", "revision": bad}
    made["decisions"]["rentals"][0]["workload"] = bad
    made["worth"][0]["where"] = bad
    made["prices_that_change_the_answer"][0] |= {"option": bad, "basis": bad}
    page = render_html(made)
    outline = Outline(page)
    assert not outline.all("script")
    assert not outline.all("img")
    assert outline.text.count(bad) >= 8
    assert "<script" not in page


def test_a_link_that_runs_code_is_no_link() -> None:
    made = document()
    made["sources"]["list"]["url"] = "javascript:alert(1)"
    assert not [one for one in Outline(render_html(made)).all("a") if not str(one["href"]).startswith("#")]


def test_the_same_document_gives_the_same_page(starter: dict[str, Any]) -> None:
    assert render_html(starter) == render_html(starter)
    assert render_html(document()) == render_html(document())


def test_the_answer_comes_first() -> None:
    text = text_of(document())
    assert "Buy 1 server It saves 99,002 USD in present value against the best cloud mix." in text
    assert "Net present value of the plan 99,002 USD, of buying 99,002 USD; both against the baseline cloud mix" in text
    assert "After 1.3 months" in text
    assert "2 of the 3 catalog rows behind these figures are assumptions or of low confidence" in text


def test_what_does_not_exist_says_why() -> None:
    text = text_of(document())
    assert "– no workload allows a token API" in text
    assert "– nothing is owned or committed today" in text
    made = document(verdict__npv_usd=None, verdict__buy_npv_usd=None, verdict__against=None, breakeven__hours=None,
                    breakeven__utilization_fraction=None, breakeven__buy=None, breakeven__self_hosted=None,
                    finance__buy=None, finance__self_hosted=None)  # fmt: skip
    made["tco"] |= {"buy": None, "self_hosted": None, "cloud": None}
    made["breakeven"]["plan"]["cloud"] = made["finance"]["plan"]["cloud"] = None
    made["left_out"] += [{"option": "buy", "reason": "no server can be bought"},
                         {"option": "self_hosted", "reason": "no server can be bought"}]  # fmt: skip
    for row in made["finance"]["cash_flow"]:
        del row["buy_usd"], row["self_hosted_usd"], row["cloud_usd"]
    text = text_of(made)
    assert "No net present value – there is no rented alternative to compare with." in text
    assert text.count("no server can be bought") >= 4
    assert "cloud mix is not possible" in text


def test_nothing_at_all_to_report_is_no_error() -> None:
    made = document(prices_that_change_the_answer=[], worth=[], evidence=[], catalog__rows_used=0,
                    catalog__newest_price=None, catalog__oldest_price=None, proof__solver_bound_usd=None,
                    proof__relaxation_bound_usd=None, hours_per_month="calendar", horizon_end="liquidate")  # fmt: skip
    for key in ("purchases", "sales", "commitments", "savings_plans", "rentals", "api", "staff"):
        made["decisions"][key] = []
    for row in made["decisions"]["by_month"]:
        row |= {"owned_gpu_hours": 0.0, "on_demand_gpu_hours": 0.0}
    made["tco"]["plan"] |= {"personnel_fraction": None, "usd_per_gpu_hour": None}
    text = text_of(made)
    assert "What was asked, and what limits it" in text
    assert "No option has a price that could change the answer." in text
    assert "No GPU does any work in this plan" in text
    assert "as in the calendar" in text
    assert "Commitments that run on are charged to their end." in text


def test_a_plan_that_is_not_proven_says_so() -> None:
    made = document(solver__status="not proven", solver__relative_gap=0.03)
    made["tco"]["plan"]["relative_gap"] = 0.03
    assert "Not proven to the end: the plan is within 3.00 % of the least possible." in text_of(made)
    assert "within 0.42 % of the least possible" in text_of(document()), "the baseline with a gap above 0.1 %"


def test_a_discount_rate_below_0_is_something_to_mind() -> None:
    assert "The discount rate is below 0" in text_of(document(finance__wacc_fraction=-0.05))
    assert "The discount rate is below 0" not in text_of(document(finance__wacc_fraction=0.0))


def test_breakeven_in_words() -> None:
    never = {"months": None, "discounted_months": None, "months_with_resale": None, "only_by_resale": False}
    made = document(decisions__purchases=[])
    made["breakeven"]["buy"]["on_demand"] = never
    made["breakeven"]["buy"]["cloud"] = never | {"months_with_resale": 2.0, "only_by_resale": True}
    made["breakeven"]["plan"]["on_demand"] = never
    made["breakeven"]["plan"]["cloud"] = {"months": 0.0, "discounted_months": 0.0, "months_with_resale": 0.0,
                                          "only_by_resale": False}  # fmt: skip
    text = text_of(made)
    assert "Buy On-demand – never within the horizon" in text
    assert "Buy Cloud mix – – 2.0 only once servers are resold" in text
    made["breakeven"]["buy"]["cloud"]["months_with_resale"] = 1.4
    assert "Buy Cloud mix – – 1.4 stays cheaper from 1.4 months on, since resale outweighs the end" in text_of(made)
    assert "Plan On-demand – no purchase" in text
    assert "Plan Cloud mix 0.0 0.0 0.0 from the start" in text
    assert "Buying never breaks even with cloud mix before resale." in text
    assert "Buying never breaks even with on-demand within the horizon." in text
    made["breakeven"]["buy"]["cloud"] |= {"months": 1.5, "months_with_resale": 1.2, "only_by_resale": False}
    assert "Buy Cloud mix 1.5 – 1.2 never once discounted" in text_of(made)


def test_the_baseline_of_the_verdict_is_marked_first() -> None:
    made = document()
    captions = []
    for against in ("cloud", "on_demand"):
        made["verdict"]["against"] = against
        captions.append(next(block.caption for block in course(made).blocks if isinstance(block, Figure)))
    assert captions[0].endswith("with cloud mix after 1.3 months. Buying breaks even with on-demand after 1.3 months.")
    assert captions[1].endswith("with on-demand after 1.3 months. Buying breaks even with cloud mix after 1.3 months.")


def test_what_was_asked_is_listed_with_shares_in_percent() -> None:
    asked = [{"input": f"limit {n}", "value": 5.0, "unit": "kW", "source": "scenario"} for n in range(20)]
    asked[0] |= {"value": 0.07, "unit": "fraction per year"}
    asked[1] |= {"value": "no limit", "unit": ""}
    shown, rest, *_ = assumptions(document(inputs=asked)).blocks
    assert isinstance(shown, Table)
    assert shown.caption == "What was asked, and what limits it"
    assert [(row[1].text, row[1].note) for row in shown.rows[:3]] == [
        ("7 %", "per year"),
        ("no limit", ""),
        ("5", "kW"),
    ]
    assert isinstance(rest, Fold)
    assert len(shown.rows) == 15
    assert len(rest.table.rows) == 5


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.605, "pays off only if it is busy more than 60.5 % of the hours of its life"), (1.2, "does not pay off")],
)
def test_when_owning_pays_off_is_one_sentence(share: float, said: str) -> None:
    assert f"An owned GPU {said}" in text_of(document(breakeven__utilization_fraction=share))


def test_a_rate_of_return_that_misleads_is_not_shown() -> None:
    made = document()
    made["finance"]["buy"]["cloud"] = {"npv_usd": -1e6, "irr": 62_709.1, "payback_months": None,
                                       "discounted_payback_months": None}  # fmt: skip
    text = text_of(made)
    assert "Buy Cloud mix −1,000,000 – not meaningful – never – never" in text
    assert "6,270,910" not in text


def test_weak_and_unknown_rows_are_marked() -> None:
    text = text_of(document())
    assert "room/pue PUE 1.58 1.25 to 2.5 assumption" in text
    assert "big/spot_usd_per_gpu_hour no spot price was found" in text
    assert "never/asked" not in text
    made = document()
    made["evidence"][0] |= {"value": None}
    assert "big/on_demand_usd_per_gpu_hour USD per GPU hour – unknown" in text_of(made)


def test_the_proof_says_whose_word_it_is() -> None:
    text = text_of(document())
    assert "costs less than 190,080 USD, so no plan is more than 4.00 % cheaper" in text
    assert "The solver's word: in whole numbers no plan costs less than 198,000 USD, so no plan is cheaper." in text
    assert "does not obey" in text_of(document(proof__max_violation=0.5))


def _number(text: str) -> int:
    return int(text.replace(",", "").replace("−", "-"))


@pytest.mark.parametrize("kind", ["small", "starter"])
def test_cost_tables_add_up_as_shown(kind: str, starter: dict[str, Any]) -> None:
    made = document() if kind == "small" else starter
    costs = next(one for one in sections(made) if one.id == "costs")
    tables = [block for block in costs.blocks if isinstance(block, Table)]
    assert len(tables) == 3
    for table in tables:
        by_year = table.columns[-1].title == "Share"
        inner = slice(1, -1 if by_year else None)
        rows, (total, capex, opex) = [row[inner] for row in table.rows], [row[inner] for row in table.totals]
        for *years, whole in (*rows, total, capex, opex) if by_year else ():
            assert sum(_number(cell.text) for cell in years) == _number(whole.text)
        for n, cell in enumerate(total):
            assert sum(_number(row[n].text) for row in rows) == _number(cell.text)
            assert _number(capex[n].text) + _number(opex[n].text) == _number(cell.text)
    options = next(one for one in sections(made) if one.id == "options")
    table = next(block for block in options.blocks if isinstance(block, Table))
    for _, *found in table.rows:
        if len(found) > 1:
            assert _number(found[2].text) + _number(found[3].text) == _number(found[1].text)


def test_long_lists_are_folded() -> None:
    made = document()
    made["decisions"]["rentals"] = [made["decisions"]["rentals"][0] | {"offer": f"offer-{n}"} for n in range(40)]
    text = text_of(made)
    assert "25 more rentals" in text
    assert "offer-39" in text
    assert "32,000" in text


def test_the_starter_scenario_plans(starter: dict[str, Any]) -> None:
    assert starter["scenario"] == "starter"
    assert starter["solver"]["status"] == "proven"
    assert starter["tco"]["buy"] is not None
