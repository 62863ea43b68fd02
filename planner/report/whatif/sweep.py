"""A sweep as a page: what was varied, pictures of what it does to the decision, and every scenario."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import correlation
from typing import Any

from planner.plaintext import readable
from planner.report.charts import Series, bars
from planner.report.formatting import DASH, count, day, fixed, money, months, name, number, plural, sentence
from planner.report.parts import Block, Cell, Column, Facts, Figure, Section, Table, Text, columns, folded
from planner.report.summary import Head
from planner.report.whatif.maps import NO_CHOICE, cell, map_blocks
from planner.report.whatif.planes import MOST_DOTS, Axis, curves, dots
from planner.report.whatif.words import DOUBT, along, mark, measured
from planner.whatif.basis import decision

MOST_ROWS, MOST_PICTURES = 300, 8
_SAVES, _NPV = "buying_saves_usd", "npv_usd"
_TITLE = "What buying saves"
_MEANS = (
    "What buying saves: present cost of the best plan without a purchase less that of the best with one; where that is "
    "dearer, of the best with a server ordered at once and kept."
)
_LINES = ("plan", "buy", "cloud", "on_demand")
_SHOWN: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("choice", "Plan", lambda value: sentence(str(value))),
    ("present_usd", "Present cost, USD", fixed),
    (_NPV, "Saves against baseline, USD", fixed),
    (_SAVES, "Buying saves, USD", fixed),
    ("servers_bought", "Servers bought", count),
    ("breakeven_months", "Breakeven, months", months),
)

Document = dict[str, Any]
Rows = Sequence[dict[str, Any]]


def head(document: Document) -> tuple[Head, list[Section]]:
    """Return the top of the page, and the sections below it."""
    found = readable(document)
    top = Head(
        title=found["scenario"],
        description=_differ(found),
        verdict=verdict(found),
        because=_because(found),
        facts=Facts((("Prices as of", Cell(day(found["as_of"]))),)),
        answer=(basis(found),),
        warnings=tuple(warnings(found)),
        figures=_figures(found),
        eyebrow="A sweep: what would change the answer?",
        question="what would change the answer?",
    )
    return top, _rest(found)


def sections(document: Document) -> list[Section]:
    """Return the answer; its first section says in how many scenarios buying pays."""
    top, rest = head(document)
    return [top.section("sweep", f"Sweep of {top.title}"), *rest]


def _differ(document: Document) -> str:
    names = ", ".join(one["title"] for one in document["variables"])
    return f"{plural(len(document['rows']), 'scenario')} that differ in: {names}"


def verdict(document: Document) -> str:
    """Return in how many scenarios buying pays."""
    judged = [amount for row in document["rows"] if (amount := _judged(row)) is not None]
    if not judged:
        return "In no scenario is there a plan"
    pays = sum(amount > 0 for amount in judged)
    only = "".join(f"; in {some:,} it is {words}" for end, words in NO_CHOICE.items() if (some := judged.count(end)))
    return f"Buying pays in {pays:,} of {plural(len(judged), 'scenario')}{only}"


def _judged(row: dict[str, Any]) -> float | None:
    """Return what buying saves, as `cell` says where it cannot be held against not buying."""
    return cell(row[_SAVES], decision(row))


def _because(document: Document) -> str:
    saves = _known(document, _SAVES)
    if not saves:
        return ""
    span = f"between {money(min(saves))} and {money(max(saves))}" if len(saves) > 1 else money(saves[0])
    return f"A purchase saves {span}, present value, against the best plan without one."


def basis(document: Document) -> str:
    """Return how scenarios were solved, and what that means for their figures."""
    if document["solved"] == "whole numbers":
        return f"Each scenario is solved in whole numbers, to a relative gap of {number(document['gap'])}."
    merged = " Hours are merged as they are in the scenario itself." if document["hours_merged"] else ""
    return (
        "Each scenario is solved as a relaxation, in which fractions of servers and commitments may be bought: its"
        f" costs are lower bounds. {DOUBT}{merged}"
    )


def warnings(document: Document) -> list[str]:
    """Return what a reader must know of scenarios without figures."""
    found = []
    for status, says in (
        ("infeasible", "no plan obeys the rules"),
        ("unsolved", "the solver gave up; the same command asks again"),
    ):
        if of := sum(row["status"] == status for row in document["rows"]):
            found.append(f"In {plural(of, 'scenario')} {says}.")
    return found


def _figures(document: Document) -> Facts:
    spans = (
        (f"{title}, at least", Cell(money(min(values)), note=f"at most {money(max(values))}, {against}"))
        for key, title, against in (
            (_SAVES, "Buying saves", "against the best plan without a purchase"),
            (_NPV, "The plan saves", "against the cloud mix, or on-demand where there is none"),
        )
        if (values := _known(document, key))
    )
    scenarios = ("Scenarios", Cell(count(len(document["rows"]))))
    return Facts((scenarios, *spans), "figures")


def _rest(document: Document) -> list[Section]:
    drawn = Section("sweep-pictures", "Pictures", _MEANS, tuple(_pictures(document)))
    return [*([drawn] if drawn.blocks else []), _varied(document), _scenarios(document)]


def _varied(document: Document) -> Section:
    rows = []
    for one in document["variables"]:
        values = list(dict.fromkeys(row[one["name"]] for row in document["rows"]))
        span = f"{number(min(values), 4)} … {number(max(values), 4)}" if one["numeric"] else ", ".join(values)
        rows.append((Cell(one["name"], code=True, note="" if one["title"] == one["name"] else one["title"]),
                     Cell(measured(_driver(one)) or DASH), Cell(span), Cell(count(len(values)))))  # fmt: skip
    how = (
        f"{plural(document['samples'], 'sample')} of a Latin hypercube, seed {document['seed']}."
        if document["samples"]
        else "Every combination of values."
    )
    table = Table("What was varied", columns("Field or driver", "Unit", "From … to", "Values", words=("Unit",)),
                  tuple(rows))  # fmt: skip
    return Section("sweep-varied", "What was varied", how, (table,))


def _scenarios(document: Document) -> Section:
    rows, varied = document["rows"], document["variables"]
    heads = (Column("No."), *(Column(one["name"], number=one["numeric"]) for one in varied),
             *(Column(title, number=key != "choice") for key, title, _ in _SHOWN))  # fmt: skip
    body = tuple(
        (
            Cell(count(row["number"])),
            *(Cell(number(row[one["name"]], 4) if one["numeric"] else str(row[one["name"]])) for one in varied),
            *(Cell(DASH if row[key] is None else text(row[key])) for key, _, text in _SHOWN),
        )
        for row in rows[:MOST_ROWS]
    )
    lead = "All are in sweep.csv." if len(rows) <= MOST_ROWS else f"The first {MOST_ROWS}; all are in sweep.csv."
    return Section("sweep-scenarios", "Scenarios", lead, folded(Table("Scenarios", heads, body), "scenarios"))


def _pictures(document: Document) -> list[Block]:
    varied, rows = document["variables"], [row for row in document["rows"] if row["status"] == "ok"]
    numeric = [one for one in varied if one["numeric"] and len({row[one["name"]] for row in rows}) > 1]
    if not rows:
        return []
    if len(varied) == 1:
        return _over_one(varied[0], rows) if numeric else _by_text(varied[0], rows)
    if len(varied) == 2 and not document["samples"]:
        return [*_map(document)]
    found: list[Block] = [one for of in numeric[:MOST_PICTURES] for one in _cloud(of, rows)]
    if len(rows) > MOST_DOTS and found:
        found.insert(0, Text("Pictures show one scenario of several, evenly chosen; tables and figures count all."))
    return found


def _over_one(variable: dict[str, Any], rows: Rows) -> list[Block]:
    """Return costs of plan and baselines over a number, and what buying saves."""
    rows = sorted(rows, key=lambda row: row[variable["name"]])
    axis = _axis(variable, rows)
    lines = [Series(key, name(key) if key != "buy" else "With a purchase", _values(rows, _cost(key))) for key in _LINES]
    found: list[Block] = []
    for chart, title, noun, series in (
        ("costs", "Present cost of the plan and of what it is compared with", "USD", lines),
        ("saves", _TITLE, "USD", [Series("buy", "Buying saves", _values(rows, _SAVES))]),
    ):
        known = [one for one in series if not all(map(math.isnan, one.values))]
        if known:
            said = "; ".join(
                f"{one.label} from {money(_first(one))} to {money(_first(one, last=True))}" for one in known
            )
            told = f"{axis.title} from {axis.text(axis.values[0])} to {axis.text(axis.values[-1])}: {said}."
            found.append(Figure(curves(f"sweep-{chart}", title, told, axis, known, noun), f"{title}, {noun}."))
    return found


def _by_text(variable: dict[str, Any], rows: Rows) -> list[Block]:
    known = [row for row in rows if row[_SAVES] is not None]
    if not known:
        return []
    parts = [(Series("buy", str(row[variable["name"]]), [row[_SAVES]]), money(row[_SAVES])) for row in known]
    told = "; ".join(f"{one.label}: {text}" for one, text in parts)
    return [Figure(bars("sweep-saves", _TITLE, told, parts), f"{_TITLE}.")]


def _map(document: Document) -> tuple[Block, ...]:
    """Return a map over two variables; the first runs across."""
    by_pair = {tuple(row[one["name"]] for one in document["variables"]): _judged(row) for row in document["rows"]}
    across, up = (
        _driver(one) | {"values": _in_order(one, [pair[n] for pair in by_pair])}
        for n, one in enumerate(document["variables"])
    )
    cells = [[by_pair[x, y] for x in across["values"]] for y in up["values"]]
    return map_blocks("sweep-map", across, up, cells)


def _cloud(variable: dict[str, Any], rows: Rows) -> list[Block]:
    known = [row for row in rows if row[_SAVES] is not None]
    if not known:
        return []
    axis, values = _axis(variable, known), [row[_SAVES] for row in known]
    title = f"{_TITLE} by {axis.title}"
    span = f"from {money(min(values))} to {money(max(values))}"
    told = f"{len(known):,} scenarios, {span}; correlation {_trend(axis, values)}."
    chart = "sweep-" + "".join(letter if letter.isalnum() else "-" for letter in variable["name"])
    return [Figure(dots(chart, title, told, axis, values, "USD"), f"{title}; correlation {_trend(axis, values)}.")]


def _axis(variable: dict[str, Any], rows: Rows) -> Axis:
    driver = _driver(variable)
    return Axis(along(driver), [row[variable["name"]] for row in rows], lambda at: mark(driver, at))


def _driver(variable: dict[str, Any]) -> dict[str, Any]:
    """Return a variable as words know drivers."""
    return variable | {"driver": variable["name"]}


def _trend(axis: Axis, values: Sequence[float]) -> str:
    """Return the coefficient of correlation in words; there is none where either never changes."""
    return DASH if min(len({*axis.values}), len({*values})) < 2 else fixed(correlation(axis.values, values), 2)


def _known(document: Document, key: str) -> list[float]:
    return [row[key] for row in document["rows"] if row[key] is not None]


def _values(rows: Rows, key: str) -> list[float]:
    return [math.nan if row[key] is None else row[key] for row in rows]


def _cost(key: str) -> str:
    return "present_usd" if key == "plan" else f"{key}_usd"


def _first(one: Series, last: bool = False) -> float:
    known = [value for value in one.values if not math.isnan(value)]
    return known[-1 if last else 0]


def _in_order(variable: dict[str, Any], values: Sequence[Any]) -> list[Any]:
    found = list(dict.fromkeys(values))
    return sorted(found) if variable["numeric"] else found
