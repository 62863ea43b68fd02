"""The life of one number: from a line of the catalog to a cell of the report."""

from __future__ import annotations

import math
from typing import Any

from planner.report.costs import costs
from planner.report.explain.program import quantity, unit_cost
from planner.report.formatting import DASH, add_up, fixed, name, number, sentence, unit
from planner.report.parts import Block, Cell, Facts, Section, Table, Text, code, columns
from planner.report.trust import source_cell

Document = dict[str, Any]
Row = dict[str, Any]
_EXACT = 9
ACTS = {
    "availability_fraction": ("owned_gpus_run_within_fleet",),
    "lead_time_months": ("fleet_is_what_is_alive",),
    "useful_life_months": ("fleet_is_what_is_alive", "resale", "decommissioning"),
    "resale_fraction": ("resale",),
    "power_active_kw": ("power_is_within_site_limit", "space", "electricity", "carbon", "carbon_is_within_cap"),
    "power_idle_kw": ("electricity", "carbon", "carbon_is_within_cap"),
    "rack_units": ("racks_are_within_site_limit",),
    "pue": ("power_is_within_site_limit", "electricity", "carbon", "carbon_is_within_cap"),
    "carbon_kg_per_kwh": ("carbon", "carbon_is_within_cap"),
    "power_kw_per_gpu": ("carbon", "carbon_is_within_cap"),
    "servers_per_fte": ("staff_cover_fleet", "staff"),
    "rented_gpus_per_fte": ("staff_cover_fleet", "staff"),
}
"""Rules and cost components that a catalog's field without a price acts in."""
_OF_SITES = {"pue": ("carbon", "carbon_is_within_cap")}
"""Fields that act in less where they are not a site's."""


def life(document: Document, row_id: str) -> list[Section]:
    """Walk a row of the catalog: as recorded, made into prices, paid in the plan, summed in the report."""
    evidence = next(one for one in document["evidence"] if one["row"] == row_id)
    prices = [one for one in document["prices"] if row_id in one["rows"]]
    lines = [line for line in document["lines"] if row_id in line["rows"]]
    acts = _acts(document, row_id)
    return [
        _recorded(document, evidence),
        _made(row_id, prices, acts),
        _paid(row_id, lines, bool(acts)),
        *_summed(document, lines),
    ]


def _recorded(document: Document, one: Row) -> Section:
    source = document["sources"].get(one["source"], {"title": one["source"]})
    value = Cell(number(one["value"], _EXACT), note=unit(one["unit"], one["currency"]),
                 mark="unknown" if one["value"] is None else "")  # fmt: skip
    pairs = [("Value", value), ("Stands in", code(one["place"])), ("Date", Cell(one["date"]))]
    if one["low"] is not None or one["high"] is not None:
        pairs.append(("Low to high", Cell(f"{number(one['low'], _EXACT)} to {number(one['high'], _EXACT)}")))
    pairs += [("Source", source_cell(source)), ("Basis", Cell(one["basis"], note=one["note"])),
              ("Confidence", Cell(one["confidence"]))]  # fmt: skip
    title = f"1. Recorded: {one['row']}"
    return Section("recorded", title, "A fact of the catalog, or of the scenario.", (Facts(tuple(pairs), "terms"),))


def _acts(document: Document, row_id: str) -> tuple[Block, ...]:
    """Return the rules and components in which a row acts as a quantity."""
    thing, *fields = row_id.split("/")
    field = next((one for one in fields if one in ACTS), None)
    if field is None:
        return ()
    at_a_site = any(one["row"] == f"{thing}/space_usd_per_kw_month" for one in document["evidence"])
    names = ACTS[field] if at_a_site or field not in _OF_SITES else _OF_SITES[field]
    formulas = {one["rule"]: one["formula"] for one in document["rules"]}
    formulas |= {one["component"]: one["formula"] for one in document["components"]}
    body = tuple((code(one), Cell(formulas.get(one, f"{DASH} not asked for in this scenario"))) for one in names)
    return (Table("Rules and cost components in which it acts", columns("Name", "Formula", words=("Formula",)), body),)


def _made(row_id: str, prices: list[Row], acts: tuple[Block, ...]) -> Section:
    if not prices:
        lead = "It is no part of a price: it acts in quantities and limits."
        return Section("made", "2. Used as it stands", lead, acts or (Text(f"No rule of the plan reads {row_id}."),))
    title, lead = "2. Made into a price", "What it is multiplied by until it is a price of the model."
    blocks: list[Block] = [*acts]
    for one in prices:
        running, body = 1.0, []
        for factor in one["factors"]:
            running *= factor["value"]
            what = code(factor["what"]) if factor["kind"] == "row" else Cell(sentence(factor["what"]))
            body.append((what, Cell(number(factor["value"], _EXACT)), Cell(number(running, _EXACT))))
        caption = f"{one['thing']}, {one['price'].replace('_', ' ')}"
        blocks.append(Table(caption, columns("Factor", "Value", "So far"), tuple(body)))
        if one["last"] != one["first"]:
            blocks.append(Text(f"Along its price path it is {number(one['last'], _EXACT)} in the last month."))
    return Section("made", title, lead, tuple(blocks))


def _paid(row_id: str, lines: list[Row], acts: bool) -> Section:
    title, lead = "3. Paid in the plan", "The cost lines that rest on it: quantity times unit cost."
    if not lines:
        none = "It is no line's price; it moves their quantities, by the rules and components above."
        return Section("paid", title, lead, (Text(none if acts else f"No cost line of the plan rests on {row_id}."),))
    return Section("paid", title, lead, (lines_table("Cost lines that rest on it, nominal USD", lines),))


def lines_table(caption: str, lines: list[Row]) -> Table:
    """Return cost lines with their sum."""
    rounded = add_up([line["cost_usd"] for line in lines])
    body = tuple(
        (Cell(name(line["component"]), note=line["item"]), Cell(_months(line)), quantity(line), unit_cost(line),
         Cell(fixed(usd)))
        for line, usd in zip(lines, rounded, strict=True)
    )  # fmt: skip
    total = (Cell("Sum", span=4), Cell(fixed(sum(rounded))))
    return Table(
        caption, columns("Cost line", "Months", "Quantity", "Unit cost", "USD", words=("Months",)), body, (total,)
    )


def _months(line: Row) -> str:
    first, last = line["first_month"], line["last_month"]
    return first if first == last else f"{first} to {last}"


def _summed(document: Document, lines: list[Row]) -> list[Section]:
    """Follow the lines into the totals of their components, and into the cells of the report."""
    found = list(dict.fromkeys(line["component"] for line in lines))
    if not found:
        return []
    body = []
    for component in found:
        every = [line for line in document["lines"] if line["component"] == component]
        sums = (
            math.fsum(line["cost_usd"] for line in part if line["component"] == component) for part in (lines, every)
        )
        total = document["tco"]["plan"]["by_component"][component]
        cell = cell_of(document, component)
        body.append((Cell(name(component)), *(Cell(fixed(usd, 2)) for usd in (*sums, total)), Cell(cell)))
    heads = columns("Component", "Resting on it", "All its lines", "tco.plan in plan.json", "Cell of the report")
    table = Table("Totals of the components, nominal USD", heads, tuple(body))
    title, lead = "4. Summed, and shown", "The totals of the components that it is part of."
    return [Section("summed", title, lead, (table, Text(_where(document))))]


def cell_of(document: Document, component: str) -> str:
    """Return the cell of the report that shows the plan's total of `component`; it leaves out what costs nothing."""
    table = _shown_in(document)
    row = next((row for row in table.rows if row[0].text == name(component)), None)
    return DASH if row is None else row[[column.title for column in table.columns].index("Total")].text


def _shown_in(document: Document) -> Table:
    """Return the table of the report that shows the plan's components."""
    return next(
        block
        for block in costs(document).blocks
        if isinstance(block, Table) and "by component and year" in block.caption
    )


def _where(document: Document) -> str:
    return (
        f"In the report: section “{costs(document).title}”, table “{_shown_in(document).caption}”, column Total. "
        "Cells are rounded so that the table adds up."
    )


def component(document: Document, which: str) -> Section:
    """Say what a cost component is, and of which lines its total is made."""
    formula = next(one for one in document["components"] if one["component"] == which)
    lines = [line for line in document["lines"] if line["component"] == which]
    blocks: list[Block] = [Text(formula["formula"], strong=True)]
    if formula["text"]:
        blocks.append(Text(formula["text"]))
    if lines:
        blocks.append(lines_table(f"Cost lines of {name(which).lower()}, nominal USD", lines))
        blocks.append(_rows(document, lines))
        blocks.append(Text(f"{_where(document)} There it says {cell_of(document, which)}."))
    lead = "How it is computed, and from what." if lines else "The plan pays nothing of this kind."
    return Section("component", name(which), lead, tuple(blocks))


def _rows(document: Document, lines: list[Row]) -> Table:
    rows = list(dict.fromkeys(row for line in lines for row in line["rows"]))
    known = {one["row"]: one for one in document["evidence"]}
    body = tuple(
        (code(row, note=unit(known[row]["unit"])), Cell(number(known[row]["value"], _EXACT)), code(known[row]["place"]))
        if row in known
        else (Cell(row), Cell(""), Cell("scenario"))
        for row in rows
    )
    return Table("Catalog rows behind these lines", columns("Row", "Value", "Stands in", words=("Stands in",)), body)
