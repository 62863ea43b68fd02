"""Why this mix: what does the work, what it costs, what the alternatives cost, and what holds the plan back."""

from __future__ import annotations

from typing import Any

from planner.report.formatting import DASH, add_up_both_ways, fixed, money, name, percent, sentence, words
from planner.report.parts import Cell, Section, Table, Text, columns, reason
from planner.report.reasons import prices, worth
from planner.report.service import unit_costs, work
from planner.report.summary import OPTIONS

CAUSES = 3
"""Components that are named for a difference of two options."""
CLOSEST = 5
Document = dict[str, Any]


def overview(document: Document) -> list[Section]:
    """Return the answer to the plain question why."""
    return [
        Section("why", "Why this mix", document["verdict"]["reason"], (*work(document), *unit_costs(document))),
        Section("instead", "Instead", "What the other ways would cost, and on what.", (_alternatives(document),)),
        _first_rows(worth(document)),
        _first_rows(prices(document)),
    ]


def _first_rows(section: Section) -> Section:
    """Return a section of the report with the first rows of its first table, and no more."""
    first, *rest = section.blocks
    if not isinstance(first, Table) or len(first.rows) <= CLOSEST:
        return section
    shown = Table(first.caption, first.columns, first.rows[:CLOSEST])
    texts = [block for block in rest if isinstance(block, Text)]
    return Section(section.id, section.title, section.lead, (shown, *texts))


def _alternatives(document: Document) -> Table:
    plan = document["tco"]["plan"]
    rows: list[tuple[Cell, ...]] = []
    for key, what in OPTIONS.items():
        total = document["tco"][key]
        if key == "plan":
            continue
        first = Cell(name(key), note=what)
        if total is None:
            rows.append((first, Cell(DASH), Cell(DASH), Cell(reason(document, key))))
            continue
        more = total["present_usd"] - plan["present_usd"]
        why = "it is the plan" if key == "buy" and round(more) == 0 else causes(plan, total)
        rows.append((first, Cell(fixed(total["present_usd"])), Cell(fixed(more)), Cell(why)))
    heads = columns("Option", "Present cost, USD", "More than the plan", "Mostly for", words=("Mostly for",))
    return Table("What the alternatives cost", heads, tuple(rows))


def causes(plan: dict[str, Any], other: dict[str, Any]) -> str:
    """Say in which components `other` differs most from `plan`, in present value."""
    differences = difference_by_component(plan, other)
    largest = sorted(differences.items(), key=lambda item: -abs(item[1]))[:CAUSES]
    said = [f"{words(key)} {'+' if usd > 0 else ''}{money(usd)}" for key, usd in largest if round(usd)]
    return ", ".join(said) or "the same"


def difference_by_component(plan: dict[str, Any], other: dict[str, Any]) -> dict[str, float]:
    """Return what `other` costs more than `plan`, by component, present USD."""
    ours, theirs = plan["present_by_component"], other["present_by_component"]
    return {key: theirs.get(key, 0.0) - ours.get(key, 0.0) for key in dict.fromkeys((*ours, *theirs))}


def why_not_option(document: Document, key: str) -> Section:
    """Say why an option as a whole is not the plan: what it costs more, component by component."""
    title = f"Why not “{name(key)}”?" if key != "plan" else "The plan"
    total, plan = document["tco"][key], document["tco"]["plan"]
    if key == "plan":
        return Section("option", title, document["verdict"]["reason"], work(document))
    if total is None:
        return Section("option", title, f"It cannot be: {reason(document, key)}.", ())
    if total == plan:
        return Section("option", title, f"It is the plan: {OPTIONS[key]}.", ())
    differences, ours = difference_by_component(plan, total), plan["present_by_component"]
    ordered = sorted((part for part in differences if round(differences[part])), key=lambda part: -differences[part])
    parts = {part: [ours.get(part, 0.0), differences[part]] for part in ordered}
    rest = [part for part in differences if part not in ordered]
    others = [sum(of.get(part, 0.0) for part in rest) for of in (ours, differences)]
    if any(round(usd) for usd in others):
        parts["everything_else"] = others
    cells, _, sums = add_up_both_ways([*parts.values()])
    body = tuple(
        (Cell(name(part)), Cell(fixed(mine)), Cell(fixed(mine + more)), Cell(fixed(more)))
        for part, (mine, more) in zip(parts, cells, strict=True)
    )
    table = Table(
        f"{name(key)} against the plan, present USD",
        columns("Component", "Plan", name(key), "Difference"),
        body,
        ((Cell("Total"), Cell(fixed(sums[0])), Cell(fixed(sum(sums))), Cell(fixed(sums[1]))),),
    )
    more = total["present_usd"] - plan["present_usd"]
    gap = total["relative_gap"]
    note = f" Its own cost is proven to {percent(gap, 2)}." if gap and gap > 1e-3 else ""
    lead = (
        f"{sentence(OPTIONS[key])}: {money(total['present_usd'])} in present value, {money(more)} more than the plan."
    )
    return Section("option", title, lead + note, (table,))
