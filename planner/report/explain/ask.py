"""Finds out what is asked about."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from planner.errors import Complaint, InputError, Place, nearest, shown
from planner.plaintext import readable
from planner.report.explain.choices import choice, closest, names, workload
from planner.report.explain.life import component, life
from planner.report.explain.numbers import places, value, where
from planner.report.explain.overview import overview, why_not_option
from planner.report.explain.program import limits, objective, rule
from planner.report.html import html_of
from planner.report.markdown import markdown_of
from planner.report.parts import Block, Cell, Facts, Fold, Section, Table, Text, code, columns, filled, written_out

Document = dict[str, Any]
Answer = Callable[[Document, str], list[Section]]
_LISTED = 20
_EXPLAINED = 3
"""Components and options that are explained beside a number."""
_FILLER = frozenset(("why", "not", "the", "a", "an", "is", "are", "do", "does", "we", "so", "more", "?"))


@dataclass(frozen=True)
class Explanation:
    """An answer: sections of text and tables, which every form of the report can show.

    Attributes
    ----------
    question : what was asked; empty for the plain why
    """

    question: str
    sections: tuple[Section, ...]

    def __str__(self) -> str:
        return markdown_of(self.sections)

    def _repr_html_(self) -> str:
        return html_of(self.sections)

    def as_data(self) -> dict[str, Any]:
        """Return the answer as JSON has it: sections with their texts, facts and tables."""
        sections = [
            {"title": one.title, "lead": one.lead, "blocks": [_as_data(block) for block in written_out(one.blocks)]}
            for one in self.sections
        ]
        return {"question": self.question, "sections": sections}


def _as_data(block: Block) -> dict[str, Any]:
    if isinstance(block, Fold):
        block = block.table
    if isinstance(block, Table):
        rows = [[_said(cell) for cell in filled(row)] for row in (*block.rows, *block.totals)]
        return {"table": block.caption, "columns": [column.title for column in block.columns], "rows": rows}
    if isinstance(block, Facts):
        return {"facts": {term: _said(cell) for term, cell in block.pairs}}
    assert isinstance(block, Text)
    return {"text": block.text}


def _said(cell: Cell) -> str:
    return " ".join(filter(None, (cell.text, cell.mark, cell.note and f"({cell.note})")))


def explain(document: Document, what: str = "") -> Explanation:
    """Answer a question about a plan.

    Parameters
    ----------
    document : plan.json as an object
    what : nothing, for why this mix; an option (`cloud`), an offer, server or API, a workload; a row of the catalog, a
        cost component; `objective`, `limits`, or a rule's name; a number as the report shows it. Part of a name will
        do where it fits only one, and so will a question such as "why not the cloud?".

    Raises
    ------
    InputError
        when nothing of that name is known, or several things are; it lists them.
    """
    document, asked = readable(document), what.strip()
    bare = " ".join(word for word in asked.rstrip("?! ").split() if word.lower() not in _FILLER)
    if not bare:
        return Explanation(asked, (*overview(document), _further(document)))
    known = known_names(document)
    near: list[str] = []
    for wording in dict.fromkeys((asked, bare)):
        if sections := _named(document, known, wording) or _shown(document, wording):
            return Explanation(what, sections)
        near = sorted({name for name, _ in known if _plain(wording) in _plain(name)})
        if len(near) == 1:
            return Explanation(what, _named(document, known, near[0]))
    raise _unclear(bare, near, {name for name, _ in known})


def _named(document: Document, known: list[tuple[str, Answer]], asked: str) -> tuple[Section, ...]:
    """Return the answers to all that has this name, in its spelling if possible."""
    exact = [found for found in known if asked in (found[0], f"tco.plan.by_component.{found[0]}")]
    exact = exact or [found for found in known if _plain(found[0]) == _plain(asked)]
    return tuple(section for name, answer in exact for section in answer(document, name))


def _shown(document: Document, asked: str) -> tuple[Section, ...]:
    """Return where the report shows a number, and what explains it there."""
    found = places(document, asked)
    if not found:
        return ()
    subjects = list(dict.fromkeys(place.subject for place in found if place.subject))[:_EXPLAINED]
    return where(asked, found), *(_subject(document, *subject) for subject in subjects)


def _subject(document: Document, kind: str, name: str) -> Section:
    if kind == "objective":
        return objective(document)
    return component(document, name) if kind == "component" else why_not_option(document, name)


def known_names(document: Document) -> list[tuple[str, Answer]]:
    """List every name that can be asked about, with what answers it."""

    def every(found: Iterable[str], answer: Callable[[Document, str], Section | list[Section]]) -> None:
        def sections(document: Document, name: str) -> list[Section]:
            given = answer(document, name)
            return given if isinstance(given, list) else [given]

        known.extend((name, sections) for name in found)

    known: list[tuple[str, Answer]] = []
    every(["objective"], lambda document, _: objective(document))
    every(["limits"], lambda document, _: limits(document))
    every(document["tco"], why_not_option)
    every((one["component"] for one in document["components"]), component)
    every((one["name"] for one in _workloads(document)), workload)
    every(sorted(names(document)), choice)
    every((one["rule"] for one in document["rules"]), rule)
    every((one["row"] for one in document["evidence"]), life)
    return known


def _workloads(document: Document) -> list[dict[str, str]]:
    return [{"name": name} for name in dict.fromkeys(row["workload"] for row in document["service"])]


def _plain(text: str) -> str:
    return text.lower().replace("-", " ").replace("_", " ")


def _unclear(asked: str, near: list[str], known: set[str]) -> InputError:
    asked = shown(asked)
    listed = ", ".join(near[:_LISTED]) + (f" and {len(near) - _LISTED} more" if len(near) > _LISTED else "")
    if near:
        return InputError(
            [Complaint(Place("explain"), "", "could mean several things", asked, listed, "name one of them")]
        )
    cure = nearest(asked.strip("'"), known) or "run planner explain PLAN.json without more: it lists what can be asked"
    allowed = (
        "an option, offer, server, API, workload, catalog row, cost component, rule, objective, limits, or a number of "
        "the report"
    )
    what = "no cell of the report shows this number" if value(asked) else "nothing of this name is in the plan"
    return InputError([Complaint(Place("explain"), "", what, asked, allowed, cure)])


def _further(document: Document) -> Section:
    """Say what else can be asked, with names of this plan."""
    bought = [row["server"] for row in document["decisions"]["purchases"]]
    rented = [row["offer"] for row in document["decisions"]["rentals"]]
    others = sorted(names(document) - set(bought) - set(rented))
    other = closest(document) or next(iter(others), None)
    rows = [line["rows"][0] for line in document["lines"] if "/" in line["rows"][0]]
    examples = [
        ("why not the cloud alone", "cloud"),
        *((("why this server", bought[0]),) if bought else ()),
        *((("why not this one", other),) if other else ()),
        *((("where this number goes", rows[0]),) if rows else ()),
        ("what is minimised", "objective"),
        ("which limits bind, and all rules", "limits"),
    ]
    body = tuple((code(f"planner explain PLAN.json {name}"), Cell(meaning)) for meaning, name in examples)
    table = Table("Further questions", columns("Command", "Answers", words=("Answers",)), body)
    return Section("further", "Ask further", "By name, or part of one; or by a number of the report.", (table,))
