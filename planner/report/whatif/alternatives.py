"""What else was considered, as sections which every form of the report can show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from planner.plaintext import readable
from planner.report.charts import Series, bars
from planner.report.formatting import DASH, count, day, fixed, money, month, number, percent, plural, words
from planner.report.parts import Block, Cell, Column, Facts, Figure, Section, Table, Text, nothing
from planner.report.summary import Head

_NAMES = {
    "plan": "The plan", "fewest_providers": "Fewest providers", "least_outlay": "Least capital outlay",
    "least_carbon": "Least carbon", "nothing_bought": "Nothing bought", "most_owned": "Most on owned servers",
    "simplest": "Simplest to run", "most_different": "Most different",
}  # fmt: skip
_SHORT = {
    "plan": "The plan", "fewest_providers": "Few providers", "least_outlay": "Least outlay",
    "least_carbon": "Least carbon", "nothing_bought": "None bought", "most_owned": "Most owned",
    "simplest": "Simplest", "most_different": "Differs most",
}  # fmt: skip
_COLUMNS = (
    Column("Plan", number=False), Column("Present cost, USD"), Column("Dearer, USD"), Column("Dearer"),
    Column("Capital outlay, USD"), Column("t CO2e"), Column("Providers"), Column("Owned"), Column("Servers bought"),
    Column("Work moved"),
)  # fmt: skip
_NOUNS = {"buy": "", "commit": "instances of ", "spend": "USD an hour of ", "sell": "sales of "}
_POINT = 0.01
"""Shares of work that are within it are told alike; the cheaper is named."""
_SHOWN, _LEAST = 4, 0.005
"""Most changes of shares that are told, and the least that is."""
Row = dict[str, Any]


def head(document: Row) -> tuple[Head, list[Section]]:
    """Return the document as a page of its own has it: its head, and the sections below."""
    found = readable(document)
    verdict, *because = _said(found)
    top = Head(
        title=f"{found['scenario']}: what else was considered", description=found["description"],
        verdict=verdict.rstrip("."),
        because=" ".join(because), facts=Facts((("Prices as of", Cell(day(found["as_of"]))),)), answer=(),
        warnings=(), figures=Facts(()), eyebrow="GPU capacity plan: what else?", question="what else was considered?",
    )  # fmt: skip
    return top, [Section("considered", "The plans", _lead(found), _blocks(found))]


def sections(document: Row) -> list[Section]:
    """Return the section about what else was considered."""
    found = readable(document)
    said = Text(" ".join(_said(found)))
    return [Section("considered", "What else was considered", _lead(found), (said, *_blocks(found)))]


def _blocks(found: Row) -> tuple[Block, ...]:
    return _drawn(found), _figures(found), _differences(found), *map(Text, _remarks(found))


def _lead(found: Row) -> str:
    solved = "in whole numbers" if found["solved"] == "whole numbers" else "as relaxations, with fractions of servers"
    return (
        f"Of the plans that cost at most {_band(found)} more than the cheapest, solved {solved}: "
        "the best by another measure, and of these the cheapest."
    )


def _band(found: Row) -> str:
    return f"{number(found['within_fraction'] * 100)} %"


def _said(found: Row) -> tuple[str, ...]:
    """Say how many plans there are beside the cheapest, and which lies farthest from it, to a point."""
    band = _band(found)
    others = [one for one in found["alternatives"] if one["within"] and one["same_as"] is None]
    if not others:
        return (f"Within {band} of the cheapest plan no other is better by any of these measures.",)
    most = max(float(one["moved_fraction"]) for one in others)
    farthest = min((one for one in others if one["moved_fraction"] >= most - _POINT), key=lambda one: one["dearer_usd"])
    many = "One other plan is" if len(others) == 1 else f"{len(others)} other plans are"
    return (
        f"{many} worth a look within {band} of the cheapest.",
        f"The cheapest costs {money(found['plan']['present_usd'])} in present value; for "
        f"{money(farthest['dearer_usd'])} more, {percent(farthest['moved_fraction'])} of the work is done in another "
        "way.",
    )


def _distinct(found: Row) -> list[tuple[Row, list[str]]]:
    """Return the plan and every alternative that is another one, each with what else it is the best of."""
    also: dict[str, list[str]] = {}
    for one in found["alternatives"]:
        if one["same_as"] is not None:
            also.setdefault(one["same_as"], []).append(_title(one["name"]))
    rows = [found["plan"] | {"name": "plan", "within": True, "proven": True}, *found["alternatives"]]
    return [(one, also.get(one["name"], [])) for one in rows if one.get("same_as") is None]


def _drawn(found: Row) -> Figure:
    caption = "What each costs more than the plan, present value"
    rows = [
        (Series(_look(one), _SHORT.get(str(one["name"]), str(one["name"])), [max(0.0, one["dearer_usd"])]),
         f"{fixed(one['dearer_usd'])} USD")
        for one, _ in _distinct(found) if one["present_usd"] is not None
    ]  # fmt: skip
    return Figure(bars("considered-bars", caption, " ".join(_said(found)), rows), f"{caption}.")


def _look(one: Row) -> str:
    return "plan" if one["name"] == "plan" else "self_hosted" if one["within"] else "existing"


def _figures(found: Row) -> Table:
    rows = []
    for one, _ in _distinct(found):
        first = Cell(_title(one["name"]), mark=_mark(one))
        reason = nothing(one.get("reason", ""), span=len(_COLUMNS) - 1)
        rows.append((first, reason) if one["present_usd"] is None else (first, *_measures(one)))
    return Table("Money, carbon and make-up of each", _COLUMNS, tuple(rows))


def _title(name: str) -> str:
    return _NAMES.get(name, words(name))


def _mark(one: Row) -> str:
    """Say of an alternative that it lies outside the band, or may not be the best."""
    if one["within"] is False:
        return f"from {percent(one['dearer_fraction'])} on"
    return "best found, not proven" if one["proven"] is False else ""


def _measures(one: Row) -> tuple[Cell, ...]:
    carbon = "not known" if one["tco2e"] is None else fixed(one["tco2e"], 1)
    return (
        Cell(fixed(one["present_usd"])), Cell(fixed(one["dearer_usd"])), Cell(percent(one["dearer_fraction"], 2)),
        Cell(fixed(one["outlay_usd"])), Cell(carbon),
        Cell(str(len(one["providers"]))), Cell(percent(one["owned_fraction"])), Cell(count(one["servers_bought"])),
        Cell(percent(one["moved_fraction"])),
    )  # fmt: skip


def _differences(found: Row) -> Table:
    titles = Column("Plan", number=False), Column("What differs from the plan", number=False, wide=True)
    rows = tuple(
        (Cell(_title(one["name"]), note=_also(also)), Cell(differences(one, found["plan"])))
        for one, also in _distinct(found) if one["present_usd"] is not None
    )  # fmt: skip
    return Table("What is decided otherwise", titles, rows)


def _also(names: list[str]) -> str:
    return f"also {', '.join(title.lower() for title in names)}" if names else ""


def differences(one: Row, plan: Row) -> str:
    """Say in words what an alternative does otherwise than the plan."""
    if one["name"] == "plan":
        return DASH
    return "; ".join(_changes(one, plan)) or "the same capacity at other times"


def _changes(one: Row, plan: Row) -> Iterator[str]:
    planned, ordered = _by_month(plan), _by_month(one)
    for kind, thing, at in {**planned, **ordered}:
        before, after = planned.get((kind, thing, at), 0.0), ordered.get((kind, thing, at), 0.0)
        if abs(after - before) >= _LEAST:
            yield f"{count(after)} instead of {count(before)} {_NOUNS[kind]}{thing} in {month(at)}"
    moved = sorted(_shares(one).items(), key=lambda item: -abs(item[1][1] - item[1][0]))
    for (kind, option), (before, after) in moved[:_SHOWN]:
        if abs(after - before) >= _LEAST:
            yield f"{option} ({words(kind)}) does {percent(after)} of the work instead of {percent(before)}"
    gone = [provider for provider in plan["providers"] if provider not in one["providers"]]
    if gone:
        yield f"without {', '.join(gone)}"


def _by_month(one: Row) -> dict[tuple[str, str, str], float]:
    """Return what is ordered, committed and sold, by kind, thing and month."""
    found: dict[tuple[str, str, str], float] = {}
    for order in one["orders"]:
        key = order["kind"], f"{order['what']} @ {order['how']}" if order["how"] else order["what"], order["month"]
        found[key] = found.get(key, 0.0) + order["amount"]
    return found


def _shares(one: Row) -> dict[tuple[str, str], tuple[float, float]]:
    """Return the shares of work by kind and option, in the plan and in the alternative."""
    found: dict[tuple[str, str], tuple[float, float]] = {}
    for way in one["ways"]:
        before, after = found.get((way["kind"], way["option"]), (0.0, 0.0))
        found[way["kind"], way["option"]] = before + way["plan_fraction"], after + way["fraction"]
    return found


def _remarks(found: Row) -> Iterator[str]:
    yield (
        "Providers: clouds and token APIs. Capital outlay: nominal, before resale. Owned: of GPU-hours at work. Work "
        "moved: the share of the plan's work that is done in other ways, counted in hours of the fastest GPU that a "
        "workload may run on. Simplest: the fewest types of servers, sites, offers and token APIs."
    )
    if any(one["same_as"] is not None for one in found["alternatives"]):
        yield "“Also”: the same plan, or one that costs more and differs by less than a point of the work."
    if any(one["within"] is False for one in found["alternatives"]):
        yield "“From x % on”: it exists only at so much above the cheapest; its bar is grey."
    if any(one["proven"] is False for one in found["alternatives"]):
        yield "“Best found”: there are too many combinations to try all of them, or the solver's time was over."
    if found["carbon_unknown"]:
        unknown = found["carbon_unknown"]
        yield f"Carbon is not known of {plural(len(unknown), 'option')}: {', '.join(unknown)}."
    if found["hours_merged"]:
        yield "Many hours are merged: the alternatives hold in the merged hours, the plan in each true one."
