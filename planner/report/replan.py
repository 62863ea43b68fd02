"""What changes when a plan is made again from a month on: for the page, the terminal, Markdown and CSV."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from planner.plaintext import readable
from planner.report.contents import sections as plan_sections
from planner.report.formatting import DASH, fixed, number, percent
from planner.report.parts import Block, Cell, Column, Facts, Section, Table, Text, code
from planner.report.summary import Head
from planner.report.summary import head as plan_head
from planner.report.whatif.words import signed

Answer = Mapping[str, Any]
_KINDS = {"purchase": "Buy", "sale": "Sell", "commitment": "Commit", "savings_plan": "Savings plan",
          "rental": "Rent", "api": "Tokens"}  # fmt: skip
_COSTS = (("present_usd", "Present cost, USD"), ("total_usd", "Total, USD"), ("capex_usd", "Capital outlay, USD"),
          ("opex_usd", "Running costs, USD"))  # fmt: skip


def page(answer: Answer, plan: Mapping[str, Any]) -> tuple[Head, list[Section]]:
    """Return the report of the new plan, with what changes at its top."""
    found, shown = readable(dict(answer)), readable(dict(plan))
    said, _, because = found["reason"].partition(": ")
    top = replace(
        plan_head(shown), title=f"{found['scenario']}, planned again from {found['at']}", verdict=said,
        because=because[:1].upper() + because[1:], eyebrow="Planned again: what changes?", question="what changes?",
    )  # fmt: skip
    return top, [*sections(answer), *plan_sections(shown)]


def sections(answer: Answer) -> list[Section]:
    """Return the answer: the advice with its amounts, what changes, and what was there."""
    found = readable(dict(answer))
    lead = (f"{found['horizon_months']} months from {found['at']}, prices of {found['as_of']}. What was paid before "
            "is not decided again.")  # fmt: skip
    blocks: list[Block] = [Text(f"{found['reason']}.", strong=True), _figures(found), _costs(found)]
    blocks.append(_changes(found) if found["changes"] else Text("Nothing is bought, committed or rented from here on."))
    blocks += [Text(one) for one in (*_demand(found), *found["notes"])]
    whole = [Section("replan", f"{found['scenario']}, planned again", lead, tuple(blocks))]
    if found["standing"]:
        lead = "Owned, on order or committed at the start: what they cost so far is sunk, what they save is not."
        whole.append(Section("standing", "What is there", lead, (_standing(found),)))
    return whole


def _figures(found: Answer) -> Facts:
    saves = found["saves_usd"]
    pairs = [
        ("Paid so far, by the plan", Cell(f"{fixed(found['spent_usd'])} USD")),
        ("The new plan saves", Cell(DASH if saves is None else f"{fixed(saves)} USD",
                                    note="present value; " + percent(found["saves_fraction"], 2)
                                    if found["saves_fraction"] is not None else "")),
        ("Band", Cell(percent(found["band_fraction"], 1), note="within it the advice is to keep to the plan")),
    ]  # fmt: skip
    if found["demand"] is not None:
        pairs.append(("Demand", Cell(f"{number(found['demand']['ratio'], 4)} × the plan's", note="by actuals")))
    return Facts(tuple(pairs), look="figures")


def _costs(found: Answer) -> Table:
    keep, change = found["keep"], found["change"]
    rows = tuple(
        (Cell(title), Cell(DASH if keep is None else fixed(keep[key])), Cell(fixed(change[key])),
         Cell(DASH if keep is None else signed(change[key] - keep[key])))
        for key, title in _COSTS
    )  # fmt: skip
    titles = (Column("Remaining months", number=False), Column("Rest of the old plan"), Column("New plan"),
              Column("Difference"))  # fmt: skip
    return Table("What is yet to pay, at the new prices and demand", titles, rows)


def _changes(found: Answer) -> Table:
    titles = (Column("What", number=False), Column("Which", number=False), Column("Month", number=False),
              Column("Old plan"), Column("New plan"), Column("Difference"), Column("Unit", number=False))  # fmt: skip
    rows = []
    for one in found["changes"]:
        keep, difference = one["keep"], one["difference"]
        rows.append((
            Cell(_KINDS[one["what"]]), code(one["name"], note=one["place"]), Cell(one["month"] or DASH),
            Cell(DASH if keep is None else number(keep, 6)), Cell(number(one["change"], 6)),
            Cell(DASH if difference is None else signed(difference)), Cell(one["unit"]),
        ))  # fmt: skip
    return Table("What is bought, committed and rented from here on", titles, tuple(rows))


def _demand(found: Answer) -> Iterator[str]:
    if (seen := found["demand"]) is not None:
        yield (f"Demand: {fixed(seen['actual_gpu_hours'])} GPU-hours in {', '.join(seen['months'])}, planned were "
               f"{fixed(seen['planned_gpu_hours'])}. All demand from here on is scaled by their ratio; GPU-hours stand "
               "for demand as long as the work is done on the GPUs that were planned.")  # fmt: skip


def _standing(found: Answer) -> Table:
    titles = (Column("What", number=False), Column("Which", number=False), Column("How many"),
              Column("Since", number=False), Column("Until", number=False), Column("USD"))  # fmt: skip
    rows = tuple(
        (Cell("Servers" if one["what"] == "servers" else "Commitment"), code(one["name"], note=one["place"]),
         Cell(fixed(one["count"])), Cell(one["since"]), Cell(one["until"] or DASH),
         Cell(number(one["usd"], 6), note="paid for each" if one["what"] == "servers" else "per GPU-hour, yet to pay"))
        for one in found["standing"]
    )  # fmt: skip
    return Table("Servers and commitments", titles, rows)
