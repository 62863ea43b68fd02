"""What the answer rests on: assumptions with their sources, the proof, the conventions."""

from __future__ import annotations

from typing import Any

from planner.planfile import PROVEN
from planner.report.formatting import (
    DASH,
    day,
    fixed,
    number,
    percent,
    plural,
    power_of_ten,
    sentence,
    unit,
    words,
)
from planner.report.parts import Block, Cell, Column, Facts, Fold, Section, Table, Text, code, columns, folded
from planner.report.summary import WEAK, period, tax_basis

_REGISTER = (
    Column("Row, unit", number=False),
    Column("Value, low to high"),
    Column("Confidence", number=False),
    Column("Date", number=False),
    Column("Source", number=False, wide=True),
    Column("Basis", number=False, wide=True),
)
_EXACT = 9
"""Digits that show a catalog's number as it was recorded."""


def assumptions(document: dict[str, Any]) -> Section:
    """Return the register of every row that a figure of this report comes from."""
    used = [one for one in document["evidence"] if one["used"]]
    unknown = [one for one in document["evidence"] if not one["used"] and one["value"] is None]
    register = Table(
        "Catalog rows behind the figures", _REGISTER, tuple(_evidence(one, document["sources"]) for one in used)
    )
    blocks: list[Block] = [*folded(_inputs(document), "inputs")]
    blocks.append(register if used else Text("No catalog row is behind these figures."))
    if unknown:
        rows = tuple((code(one["row"]), Cell(one["note"] or one["basis"]), Cell(one["date"])) for one in unknown)
        table = Table(
            "Prices looked for and not known; none of them was used",
            (Column("Row", number=False), Column("Why", number=False, wide=True), Column("Date", number=False)),
            rows,
        )
        blocks.append(Fold(f"{plural(len(unknown), 'price')} not known, and therefore not used", table))
    return Section(
        "assumptions",
        "Assumptions",
        "What was asked for, and every number from the catalog: where it was read and how sure it is. Weak ones are "
        "marked.",
        tuple(blocks),
    )


def _inputs(document: dict[str, Any]) -> Table:
    rows = tuple(
        (
            Cell(one["input"]),
            Cell(*_value(one["value"], one["unit"])),
            Cell(one["source"]),
        )
        for one in document["inputs"]
    )
    titles = (Column("Input", number=False), Column("Value, unit"), Column("Source", number=False, wide=True))
    return Table("What was asked, and what limits it", titles, rows)


def _value(value: float | str | None, counted: str) -> tuple[str, str]:
    """Return a value and what it is counted in; shares in percent."""
    if isinstance(value, str):
        return value, counted
    if value is not None and counted.startswith("fraction"):
        return f"{number(100 * value, _EXACT)} %", counted.removeprefix("fraction").strip()
    return number(value, _EXACT), counted


def _evidence(one: dict[str, Any], sources: dict[str, Any]) -> tuple[Cell, ...]:
    value, weak = one["value"], one["confidence"] in WEAK
    return (
        code(one["row"], note=unit(one["unit"], one["currency"])),
        Cell(number(value, _EXACT), note=_bounds(one["low"], one["high"]), mark="unknown" if value is None else ""),
        Cell("" if weak else one["confidence"], mark=one["confidence"] if weak else ""),
        Cell(one["date"]),
        source_cell(sources.get(one["source"], {"title": one["source"]})),
        Cell(one["basis"], note=one["note"]),
    )


def _bounds(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "" if low is high else f"up to {number(high, _EXACT)}" if low is None else f"from {number(low, _EXACT)}"
    return f"{number(low, _EXACT)} to {number(high, _EXACT)}"


def source_cell(source: dict[str, Any]) -> Cell:
    """Return the title of a source, linked where it has an address, with its revision."""
    url = source.get("url", "")
    linked = url.startswith("https://")
    revision = f"revision {source['revision'][:12]}" if "revision" in source else ""
    note = "; ".join(filter(None, ("" if linked else url, revision)))
    return Cell(source["title"], note=note, href=url if linked else "")


def proof(document: dict[str, Any]) -> Section:
    """Return what was checked again by other means, and what remains the solver's word."""
    found, solver = document["proof"], document["solver"]
    rows: list[tuple[str, str, str]] = [
        ("Cost by the program", fixed(found["objective_usd"], 2), ""),
        ("Cost by the ledger", fixed(found["ledger_usd"], 2), ""),
        ("Relative difference of the two", power_of_ten(found["relative_difference"]), _most("relative_difference")),
        ("Largest violation of a rule", power_of_ten(found["max_violation"]), _most("max_violation")),
        ("Duality gap of the relaxation", power_of_ten(found["duality_gap"]), _most("duality_gap")),
        ("Least cost with fractions allowed, recomputed", fixed(found["relaxation_bound_usd"], 2), ""),
        ("Least cost in whole numbers, by the solver", fixed(found["solver_bound_usd"], 2), ""),
        ("Gap to the best bound", percent(solver["relative_gap"], 3), f"at most {percent(solver['gap_asked'], 3)}"),
    ]
    table = Table(
        "Checks, USD in present value",
        columns("Check", "Found", "Must be"),
        tuple((Cell(a), Cell(b), Cell(c)) for a, b, c in rows),
    )
    rules = Table(
        "Largest violation by rule, relative to the limit",
        columns("Rule", "Violation"),
        tuple(
            (Cell(sentence(words(rule))), Cell(power_of_ten(value)))
            for rule, value in found["violation_by_rule"].items()
        ),
    )
    size = (
        f"{solver['name']} {solver['version']} solved {plural(solver['columns'], 'column')}, "
        f"{plural(solver['rows'], 'row')} and {fixed(solver['nonzeros'])} entries; status: {solver['status']}."
    )
    blocks: tuple[Block, ...] = (
        Text(_in_words(document)),
        table,
        Fold(f"{plural(len(rules.rows), 'rule')}, each checked", rules),
        Text(size),
        *([Text(_hours(document["hours"]))] if "hours" in document else []),
    )
    return Section("proof", "Proof", "What was checked without the solver, and what is the solver's word.", blocks)


def _hours(found: dict[str, Any]) -> str:
    """Say how many hours differ, and what is proven where they were merged."""
    if found["apart_because"]:
        return (
            f"{plural(found['distinct'], 'group')} of hours, in which no hour differs from another; none are merged: "
            f"{found['apart_because']}."
        )
    return (
        f"{fixed(found['distinct'])} groups of hours that differ are merged into {fixed(found['groups'])}: a bound, "
        f"since the mean of any plan by the hour obeys every rule. Taken apart again, the plan breaks no rule in any "
        f"hour by more than {power_of_ten(found['max_violation'])} and costs the same; with fractions allowed the gap "
        f"between both is {power_of_ten(found['relative_gap'])}."
    )


def _most(name: str) -> str:
    return f"at most {power_of_ten(PROVEN[name])}"


def _in_words(document: dict[str, Any]) -> str:
    """Say what was checked here, and for what the solver must be believed."""
    found, solver = document["proof"], document["solver"]
    obeys = found["max_violation"] <= PROVEN["max_violation"]
    adds_up = found["relative_difference"] <= PROVEN["relative_difference"]
    cost, relaxed = found["objective_usd"], found["relaxation_bound_usd"]
    money = document["currency"]
    return (
        f"Checked without the solver: the plan {'obeys' if obeys else 'does not obey'} every rule of the scenario; "
        f"its ledger {'adds' if adds_up else 'does not add'} up to the cost that was minimised; by duality no "
        f"plan, not even with fractions of servers, costs less than {fixed(relaxed)} {money}, so "
        f"{_none_cheaper(_cheaper(cost, relaxed))}. The solver's word: in whole numbers no plan costs less than "
        f"{fixed(found['solver_bound_usd'])} {money}, so {_none_cheaper(solver['relative_gap'])}."
    )


def _none_cheaper(gap: float | None) -> str:
    """Say by how much another plan may still be cheaper."""
    said = percent(gap, 2)
    return "no plan is cheaper" if said == percent(0.0, 2) else f"no plan is more than {said} cheaper"


def _cheaper(cost: float, bound: float | None) -> float | None:
    """Return by which share of `cost` another plan could be cheaper."""
    return None if bound is None or not cost else max(0.0, (cost - bound) / abs(cost))


def _of_tax(document: dict[str, Any]) -> str:
    basis = tax_basis(document)
    return f", {basis}" if basis else ""


def conventions(document: dict[str, Any]) -> Section:
    """Return how time and money are counted, and what makes this report again."""
    hours, first = document["hours_per_month"], period(document)
    end = (
        "Commitments that run on are charged to their end."
        if document["horizon_end"] == "liquidate"
        else "Commitments that run on are charged up to the horizon; what they owe afterwards is reported, not charged."
    )
    pairs = (
        ("Hours", "as in the calendar" if hours == "calendar" else f"{number(hours)} a month"),
        ("Horizon", f"{first[0]} to {first[1]}, {plural(document['horizon_months'], 'month')}"),
        (
            "Payments",
            "Purchases and upfront fees are paid at the start of the month of the order, running costs at the end of "
            "theirs, or at its start where the scenario sets running_costs: start_of_month.",
        ),
        (
            "Discounting",
            f"{percent(document['finance']['wacc_fraction'], 2)} a year, nominal, by whole months: "
            "(1 + rate) to the power of minus months / 12.",
        ),
        (
            "Horizon's end",
            f"“{document['horizon_end']}”: servers still in service are credited at their resale value less "
            f"removal in the last month. {end}",
        ),
        (
            "Three years",
            "Figures for 36 months of a longer plan are as if it ended then: servers credited at their resale value, "
            "commitments paid out, leases paid to the end of their term.",
        ),
        (
            "After the horizon",
            f"The plan still owes {fixed(document['tco']['plan']['obligations_after_horizon_usd'])} USD.",
        ),
        (
            "Money",
            f"{document['currency']}, nominal{_of_tax(document)}; present cost is discounted to the start. Tables are "
            "rounded to whole amounts that add up as shown.",
        ),
    )
    prices = document["catalog"]
    dated = f"of {prices['oldest_price'] or DASH} to {prices['newest_price'] or DASH}"
    again = (
        ("Command", code(document.get("command", DASH))),
        ("Scenario digest", code(document["scenario_digest"], note="of every field, overrides and defaults included")),
        ("Catalog digest", code(prices["digest"], note=f"{plural(prices['rows_used'], 'row')} used, {dated}")),
        ("Prices as of", Cell(day(document["as_of"]))),
        ("Format of plan.json", Cell(f"version {document['schema_version']}")),
    )
    blocks = (Facts(tuple((term, Cell(text)) for term, text in pairs), "terms"), Facts(again, "terms"))
    return Section(
        "conventions", "Conventions", "How time and money are counted, and how to make this report again.", blocks
    )
