"""A comparison as sections, which every form of the report can show."""

from __future__ import annotations

from planner.report.compare.asked import Input
from planner.report.compare.beside import same
from planner.report.compare.changed import why
from planner.report.compare.comparison import Comparison
from planner.report.compare.costs import money
from planner.report.compare.decided import Decision
from planner.report.compare.layout import change_heads, in_words, names, rise
from planner.report.compare.words import quantity, summary, taxes, warnings
from planner.report.formatting import (
    DASH,
    day,
    fixed,
    month,
    number,
    percent,
    plural,
    power_of_ten,
    sentence,
    unit,
    words,
)
from planner.report.parts import Cell, Facts, Section, Table, Text, columns, folded
from planner.report.summary import Head

_DIGITS = 9


def sections(found: Comparison) -> list[Section]:
    """Return the comparison; its first section says what changed and why in money."""
    said = (*(Text(text) for text in summary(found)), *(Text(text, strong=True) for text in warnings(found)))
    first = Section("summary", "Plans compared", _lead(found), (*said, _plans(found)))
    return [first, *_rest(found)]


def head(found: Comparison) -> tuple[Head, list[Section]]:
    """Return the comparison as a page of its own has it: its head, and the sections below."""
    first, *more = summary(found)
    said, _, figures = first.partition(": ")
    title = " and ".join(dict.fromkeys(plan.scenario for plan in found.plans))
    top = Head(
        title=f"{title}: {len(found.plans)} plans compared",
        description="; ".join(f"{plan.plan}: {plan.file}" for plan in found.plans), verdict=said, because=figures,
        facts=Facts(()), answer=tuple(more), warnings=tuple(warnings(found)), figures=Facts(()),
        eyebrow="Plans compared: what changed?", question="what changed?",
    )  # fmt: skip
    return top, [Section("plans", "Plans compared", _lead(found), (_plans(found),)), *_rest(found)]


def _rest(found: Comparison) -> list[Section]:
    return [money(found), *why(found), _decisions(found), _asked(found), _prices(found), _advice(found)]


def _lead(found: Comparison) -> str:
    return f"{found.plans[0].plan} is the plan that the others are held against."


def _plans(found: Comparison) -> Table:
    plans = found.plans
    return in_words(found, "The plans", [
        ("File", [plan.file for plan in plans]),
        ("Scenario", [plan.scenario for plan in plans]),
        ("Its digest", [plan.scenario_digest[:12] for plan in plans]),
        ("Prices as of", [day(plan.as_of) for plan in plans]),
        ("Newest price used", [day(plan.newest_price) for plan in plans]),
        ("Catalog's digest", [plan.catalog_digest[:12] for plan in plans]),
        ("Start", [month(plan.start) for plan in plans]),
        ("Horizon", [plural(plan.horizon_months, "month") for plan in plans]),
        ("Discount rate", [f"{percent(plan.wacc_fraction)} a year" for plan in plans]),
        ("Taxes", [sentence(taxes(plan)) for plan in plans]),
        ("Advice", [sentence(one.choice) for one in found.advice]),
    ])  # fmt: skip


def _asked(found: Comparison) -> Section:
    if not found.asked:
        return Section("asked", "What was asked", "The scenarios state the same.", ())
    body = tuple(_input(one) for one in found.asked)
    table = Table("Inputs of the scenarios that differ", columns("Input", *names(found)), body)
    return Section("asked", "What was asked", "What the scenarios state differently.", folded(table, "inputs"))


def _input(one: Input) -> tuple[Cell, ...]:
    """Return what every scenario states, each with its unit where these differ."""
    units = {text for text in one.units if text is not None}
    if len(units) == 1:
        return (Cell(one.input, note=units.pop()), *(Cell(_stated(value)) for value in one.values))
    stated = zip(one.values, one.units, strict=True)
    return (Cell(one.input), *(Cell(_stated(value), note=text or "") for value, text in stated))


def _stated(value: float | str | None) -> str:
    return value if isinstance(value, str) else number(value, _DIGITS)


def _prices(found: Comparison) -> Section:
    if not found.prices:
        return Section("prices", "Prices", "No price differs that several plans read and any of them uses.", ())
    body = tuple(
        (
            Cell(one.row, code=True, note=unit(one.unit, next(filter(None, one.currencies)))),
            *(Cell(DASH if value is None else number(value), note=date or "")
              for value, date in zip(one.values, one.dates, strict=True)),
            *(Cell(rise(change)) for change in one.changes[1:]),
        )
        for one in found.prices
    )  # fmt: skip
    titles = columns("Row", *names(found), *change_heads(found))
    table = Table("Prices and other catalog rows that differ, with their dates", titles, body)
    lead = "Catalog rows behind a figure of any of the plans, or of what it is compared with."
    return Section("prices", "Prices", lead, folded(table, "prices"))


def _decisions(found: Comparison) -> Section:
    if not found.decisions:
        return Section("decisions", "Decisions", "None of the plans decides anything.", ())
    body = tuple(
        (
            Cell(one.what, note=f"{words(one.kind)}, {one.unit}"),
            *(_quantity(one, n) for n in range(len(found.plans))),
            *(Cell(change or "") for change in one.changes[1:]),
        )
        for one in found.decisions
    )
    changes = change_heads(found)
    titles = columns("Decision", *names(found), *changes, words=changes)
    table = Table("How much of what, and from when", titles, body)
    return Section("decisions", "Decisions", "What is new, gone and changed.", folded(table, "decisions"))


def _quantity(one: Decision, n: int) -> Cell:
    """Return how much of it a plan decides, with the first month of an order."""
    if same(one.quantities[n], 0.0):
        return Cell(DASH)
    first = next(iter(one.schedules[n]), None)
    return Cell(quantity(one.quantities[n]), note=f"from {first}" if first else "")


def _advice(found: Comparison) -> Section:
    advice, proofs = found.advice, found.proofs
    verdict = in_words(found, "Advice", [
        ("Advice", [sentence(one.choice) for one in advice]),
        ("Because", [one.reason for one in advice]),
        ("NPV of the plan, USD", [fixed(one.npv_usd) for one in advice]),
        ("NPV of buying, USD", [fixed(one.buy_npv_usd) for one in advice]),
        ("Buying and not buying are apart, USD", [fixed(one.margin_usd) for one in advice]),
        ("Of the present cost", [percent(one.margin_fraction) for one in advice]),
        ("A close call", ["yes" if one.close_call else "no" for one in advice]),
        ("Closest price", [one.closest.partition(": ")[2] or DASH for one in advice]),
    ])  # fmt: skip
    proof = in_words(found, "Proof", [
        ("Status", [sentence(one.status) for one in proofs]),
        ("Gap to the best bound", [percent(one.relative_gap, 3) for one in proofs]),
        ("Left open, present USD", [fixed(one.open_usd) for one in proofs]),
        ("Program and ledger differ by", [power_of_ten(one.relative_difference) for one in proofs]),
        ("Largest violation of a rule", [power_of_ten(one.max_violation) for one in proofs]),
        ("Duality gap", [power_of_ten(one.duality_gap) for one in proofs]),
        ("Solver", [one.solver for one in proofs]),
        ("Made again by", [one.command or DASH for one in proofs]),
    ])  # fmt: skip
    return Section("advice", "Advice and proof", "How close a call each plan is, and how far it is proven.",
                   (verdict, proof))  # fmt: skip
