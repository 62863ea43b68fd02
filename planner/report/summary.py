"""The first page: the verdict and the figures to remember."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from planner.report.formatting import (
    DASH,
    after,
    day,
    fixed,
    money,
    month,
    name,
    percent,
    plural,
    sentence,
)
from planner.report.parts import Block, Cell, Facts, Section, Text, reason
from planner.units import MONTHS_PER_YEAR

OPTIONS = {
    "plan": "the cheapest mix of everything allowed",
    "buy": "the cheapest plan with at least one purchase",
    "self_hosted": "owned servers; rented on demand only until the first ones can be there",
    "on_demand": "rented by the hour, nothing else",
    "cloud": "the best mix of commitments, spot and on-demand",
    "api": "tokens bought where a workload allows it",
    "existing": "today's servers and commitments kept, the rest on demand",
}
"""The options in the order of every table, and what each one is."""

BASELINES = ("on_demand", "cloud", "api", "existing")
CLOSE_ENOUGH = 1e-3
"""Relative gap up to which an option's cost counts as the least possible."""
CLOSE_CALL = 0.02
"""Difference of buying and not buying, relative to the plan's cost, below which a reader must be told."""
MONTHS_36 = "months_36"
WEAK = ("assumption", "low")
"""Confidence that a reader must know of."""


@dataclass(frozen=True)
class Head:
    """The top of the report; `question` stands in the page's title, `eyebrow` above its heading."""

    title: str
    description: str
    verdict: str
    because: str
    facts: Facts
    answer: tuple[str, ...]
    warnings: tuple[str, ...]
    figures: Facts
    eyebrow: str = "GPU capacity plan: buy or rent?"
    question: str = "buy or rent GPUs?"

    def section(self, key: str, title: str) -> Section:
        """Return the top as a section, for forms that have none."""
        blocks: list[Block] = [Text(f"{self.verdict}.", strong=True)]
        blocks += (Text(one) for one in (self.because, *self.answer) if one)
        blocks += (Text(one, strong=True) for one in self.warnings)
        return Section(key, title, self.description, (*blocks, self.figures))


def head(document: dict[str, Any]) -> Head:
    """Return the answer in one sentence and the figures to remember."""
    verdict = document["verdict"]
    said, _, because = verdict["reason"].partition(": ")
    return Head(
        title=document["scenario"],
        description=document["description"],
        verdict=said.rstrip("."),
        because=sentence(because),
        facts=Facts(_period(document)),
        answer=_net_present_values(document),
        warnings=tuple(_warnings(document)),
        figures=Facts(tuple(_key_figures(document)), look="figures"),
    )


def period(document: dict[str, Any]) -> tuple[str, str]:
    """Return the labels of the first and the last month."""
    flow = document["finance"]["cash_flow"]
    return flow[0]["month"], flow[-1]["month"]


def tax_basis(document: dict[str, Any]) -> str:
    """Say whether all figures are after or before tax; nothing where the plan does not."""
    known = document["finance"].get("conventions")
    return f"all figures {known['tax']} tax" if known else ""


def gap_note(total: dict[str, Any]) -> str:
    """Say how far an option's cost may be from the least possible, where that matters."""
    gap = total["relative_gap"]
    if gap is None:
        return "not proven"
    return f"within {percent(gap, 2)} of the least possible" if gap > CLOSE_ENOUGH else ""


def _period(document: dict[str, Any]) -> tuple[tuple[str, Cell], ...]:
    first, last = period(document)
    prices = document["catalog"]
    return (
        ("Period", Cell(f"{month(first)} to {month(last)}", note=plural(document["horizon_months"], "month"))),
        (
            "Prices as of",
            Cell(
                day(document["as_of"]),
                note=f"dated {prices['oldest_price'] or DASH} to {prices['newest_price'] or DASH}",
            ),
        ),
        (
            "Money",
            Cell(
                f"nominal {document['currency']}, discounted at {percent(document['finance']['wacc_fraction'])} a year",
                note=tax_basis(document),
            ),
        ),
    )


def _net_present_values(document: dict[str, Any]) -> tuple[str, ...]:
    verdict = document["verdict"]
    against = verdict["against"]
    if against is None:
        return (f"No net present value {DASH} there is no rented alternative to compare with.",)
    buying = (
        f"of buying {money(verdict['buy_npv_usd'])}"
        if verdict["buy_npv_usd"] is not None
        else f"of buying {DASH} ({reason(document, 'buy')})"
    )
    said = f"Net present value of the plan {money(verdict['npv_usd'])}, {buying}; both against {_baseline(against)}."
    return said, *closest_price(document)


def closest_price(document: dict[str, Any]) -> Iterator[str]:
    """Say which price is closest to changing the plan."""
    known = [
        (abs(row["price_at_change_usd"] / row["price_now_usd"] - 1), row)
        for row in document["prices_that_change_the_answer"]
        if row["price_now_usd"] and row["price_at_change_usd"] is not None and not row["basis"].startswith("bound")
    ]
    if known:
        distance, row = min(known, key=lambda one: one[0])
        more = "more" if row["price_at_change_usd"] > row["price_now_usd"] else "less"
        yield f"Closest to changing the plan: {row['option']}, if it cost {percent(distance)} {more}."


def _baseline(key: str) -> str:
    return f"the baseline {name(key).lower()} ({OPTIONS[key]})"


def margin(document: dict[str, Any]) -> float | None:
    """Return how far buying and not buying are apart in present USD; None where one of the two does not exist."""
    verdict = document["verdict"]
    buying, saved = verdict["buy_npv_usd"], verdict["npv_usd"]
    return saved if verdict["choice"] != "rent" else None if buying is None or saved is None else saved - buying


def is_close(document: dict[str, Any]) -> bool:
    """Say whether buying and not buying are so close that a reader must be told."""
    apart = margin(document)
    return apart is not None and apart < CLOSE_CALL * abs(document["tco"]["plan"]["present_usd"])


def _warnings(document: dict[str, Any]) -> list[str]:
    found = []
    if document["solver"]["status"] != "proven":
        found.append(
            f"Not proven to the end: the plan is {gap_note(document['tco']['plan']) or 'not checked out'}. See Proof."
        )
    apart, present = margin(document), document["tco"]["plan"]["present_usd"]
    if apart is not None and is_close(document):
        found.append(
            f"A close call: buying and not buying are {money(apart)} apart, {percent(apart / present)} of the plan's "
            "present cost. Look at the prices that change the answer."
        )
    weak = sum(one["used"] and one["confidence"] in WEAK for one in document["evidence"])
    if weak:
        found.append(
            f"{weak} of the {document['catalog']['rows_used']} catalog rows behind these figures are assumptions "
            "or of low confidence; they are marked under Assumptions."
        )
    if document["finance"]["wacc_fraction"] < 0:
        found.append("The discount rate is below 0: what is paid late weighs more than what is paid at once.")
    undone = sum(row["unserved_work_units"] for row in document["decisions"]["by_month"])
    if undone > 0:
        found.append(f"The plan leaves {fixed(undone)} work units undone, at the price the scenario puts on them.")
    return found


def _key_figures(document: dict[str, Any]) -> list[tuple[str, Cell]]:
    tco, horizon = document["tco"], document["horizon_months"]
    plan = tco["plan"]
    figures = [
        ("Plan, present cost", Cell(money(plan["present_usd"]), note=gap_note(plan) or "discounted to the start")),
        (f"Plan, total over {plural(horizon, 'month')}", Cell(money(plan["total_usd"]), note=_first_year(document))),
    ]
    if MONTHS_36 in plan and horizon > 36:
        figures.append(
            (
                "Plan, first 36 months",
                Cell(money(plan[MONTHS_36]["total_usd"]), note="as if ended then: servers sold, commitments paid out"),
            )
        )
    return [*figures, _self_hosting(document), *_breakevens(document), _personnel(tco)]


def _first_year(document: dict[str, Any]) -> str:
    """Say what of the total falls into the first year: what has to be paid soon."""
    if document["horizon_months"] <= MONTHS_PER_YEAR:
        return "nominal"
    first = sum(row["plan_usd"] for row in document["finance"]["cash_flow"][:MONTHS_PER_YEAR])
    return f"nominal; {money(first)} of it in the first 12 months"


def _self_hosting(document: dict[str, Any]) -> tuple[str, Cell]:
    own, horizon = document["tco"]["self_hosted"], document["horizon_months"]
    title = "Self-hosting, 3 years" if horizon >= 36 else f"Self-hosting, {plural(horizon, 'month')}"
    if own is None:
        return title, Cell(DASH, note=reason(document, "self_hosted"))
    return title, Cell(
        money(own.get(MONTHS_36, own)["total_usd"]), note=gap_note(own) or "nominal, total cost of ownership"
    )


def _breakevens(document: dict[str, Any]) -> list[tuple[str, Cell]]:
    figures = []
    for baseline in ("on_demand", "cloud"):
        title = f"Breakeven of buying, against {name(baseline).lower()}"
        found = (document["breakeven"]["buy"] or {}).get(baseline)
        if found is None:
            missing = "buy" if document["breakeven"]["buy"] is None else baseline
            figures.append((title, Cell(DASH, note=reason(document, missing))))
        elif found["months"] is not None:
            figures.append((title, Cell(sentence(after(found["months"])), note="nominal, before resale")))
        elif found["only_by_resale"]:
            figures.append((title, Cell("Never before resale", note="of the servers, at the end of the horizon")))
        else:
            figures.append((title, Cell("Never", note="within the horizon, even with resale")))
    return figures


def _personnel(tco: dict[str, Any]) -> tuple[str, Cell]:
    own = tco["self_hosted"]
    note = "of self-hosting: " + percent(own["personnel_fraction"]) if own else "self-hosting is not possible"
    return "Personnel, share of the plan", Cell(percent(tco["plan"]["personnel_fraction"]), note=note)
