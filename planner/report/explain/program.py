"""The program in numbers: the objective, line by line, and every rule with the amounts of the plan."""

from __future__ import annotations

from typing import Any

from planner.report.formatting import add_up, fixed, name, number, percent, plural, price, sentence, words
from planner.report.parts import Block, Cell, Section, Table, Text, code, columns
from planner.report.reasons import worth

Document = dict[str, Any]
Row = dict[str, Any]
_DIGITS = 7


def objective(document: Document) -> Section:
    """Write the objective out: every cost line of the plan, quantity times unit cost, and its present value."""
    lines = document["lines"]
    rounded = [add_up([line[key] for line in lines]) for key in ("cost_usd", "present_usd")]
    body = tuple(
        (
            Cell(name(line["component"]), note=line["item"]),
            quantity(line),
            unit_cost(line),
            Cell(fixed(usd)),
            Cell(fixed(present)),
        )
        for line, usd, present in zip(lines, *rounded, strict=True)
    )
    total = (Cell("Sum", span=3), *(Cell(fixed(sum(part))) for part in rounded))
    table = Table("Every cost line of the plan, USD",
                  columns("Cost line", "Quantity", "Unit cost", "Nominal", "Present"), body, (total,))  # fmt: skip
    proof = document["proof"]
    text = (
        "The program minimises Σ decision · amount · price · discount factor over all cost lines of all decisions. "
        f"For this plan that is {fixed(proof['objective_usd'], 2)} USD; the lines above sum to "
        f"{fixed(proof['ledger_usd'], 2)} USD. Discounting is "
        f"{percent(document['finance']['wacc_fraction'], 2)} a year."
    )
    return Section(
        "objective", "The objective", "What is minimised, with the numbers of the plan.", (table, Text(text))
    )


def quantity(line: Row) -> Cell:
    """Return the quantity of a cost line, in its unit."""
    return Cell(number(line["quantity"], _DIGITS), note=line["unit"])


def unit_cost(line: Row) -> Cell:
    """Return the unit cost of a cost line, or its range where it moves over time."""
    low, high = line["lowest_unit_cost_usd"], line["highest_unit_cost_usd"]
    if low == high:
        return Cell(price(low))
    return Cell(f"{price(low)} to {price(high)}", note="by month")


def limits(document: Document) -> list[Section]:
    """Say which limits bind and what one unit more is worth, and list every rule."""
    body = tuple(
        (code(rule["rule"]), Cell(fixed(rule["rows"])), Cell(fixed(rule["binding"])), Cell(rule["formula"]))
        for rule in document["rules"]
    )
    table = Table("Every rule of the program", columns("Rule", "Rows", "Binding", "Formula", words=("Formula",)), body)
    ask = Text("Name a rule to see it written out with the numbers of the plan.")
    return [worth(document), Section("rules", "Rules", "What every plan must obey.", (table, ask))]


def rule(document: Document, which: str) -> Section:
    """Write a rule out: its formula, and the rows in which it matters most with their numbers."""
    row = next(one for one in document["rules"] if one["rule"] == which)
    blocks: list[Block] = [Text(row["formula"], strong=True)]
    if row["text"]:
        blocks.append(Text(row["text"]))
    for one in row["examples"]:
        blocks += [_written(one, row["unit"]), Text(_said(one, row["unit"]))]
    shown = len(row["examples"])
    if row["rows"] > shown:
        blocks.append(Text(f"{plural(row['rows'] - shown, 'row')} more of the same form; planner plan --write-lp "
                           "writes them all."))  # fmt: skip
    lead = f"{plural(row['rows'], 'row')}; {_binding(row)} in the plan."
    return Section("rule", sentence(words(which)), lead, tuple(blocks))


def _binding(row: Row) -> str:
    binding = row["binding"]
    return "none binds" if not binding else "1 binds" if binding == 1 else f"{fixed(binding)} bind"


def _written(one: Row, unit: str) -> Table:
    body: list[tuple[Cell, ...]] = [
        (
            code(term["decision"]),
            Cell(number(term["coefficient"], _DIGITS)),
            Cell(number(term["value"], _DIGITS)),
            Cell(number(term["coefficient"] * term["value"], _DIGITS)),
        )
        for term in one["terms"]
    ]
    if one["more_terms"]:
        body.append(
            (Cell(plural(one["more_terms"], "smaller term"), span=3), Cell(number(one["more_amount"], _DIGITS)))
        )
    heads = columns("Decision", "Coefficient", "Value", "Amount")
    sums = ((Cell("Sum", span=3), Cell(number(one["left"], _DIGITS))),
            (Cell(f"must be {one['sense']}", span=3), Cell(number(one["limit"], _DIGITS), note=unit)))  # fmt: skip
    return Table(one["row"], heads, tuple(body), sums)


def _said(one: Row, unit: str) -> str:
    zero = f"Not shown: {plural(one['zero_terms'], 'decision')} at 0 in the plan. " if one["zero_terms"] else ""
    if one["sense"] == "=":
        return f"{zero}Both sides are equal."
    spare = one["limit"] - one["left"] if one["sense"] == "≤" else one["left"] - one["limit"]
    if spare > 1e-6 * max(1.0, abs(one["limit"])):
        return f"{zero}{number(spare, _DIGITS)} {unit} to spare."
    change = one["usd_per_unit_more"]
    if abs(change) < 1e-6:
        return f"{zero}It binds, and one {unit} more on the right would save nothing."
    bound = "save at most" if change < 0 else "cost at least"
    return (
        f"{zero}It binds; where fractions of servers are allowed, one {unit} more on the right would {bound} "
        f"{price(abs(change))} USD in present value. Whole servers move in steps."
    )
