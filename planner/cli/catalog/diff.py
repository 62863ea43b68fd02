"""`planner catalog diff`: what changed between two catalogs or two days, and whether it changes a decision."""

from __future__ import annotations

import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner.cli import options
from planner.cli.options import examples, read_catalog, read_day, scenario_files
from planner.cli.output import Format, as_json, say, write_rows
from planner.cli.progress import progress
from planner.errors import Complaint, InputError, Place

if TYPE_CHECKING:
    from planner.analysis.decision_change import Advice, DecisionChange
    from planner.catalog.difference import Change
    from planner.catalog.load import Catalog, Row

GATE_FAILED = 1
_COLUMNS = ("change", "id", "old", "new", "percent", "currency", "old_date", "new_date", "source", "confidence")
EXAMPLES = examples(
    "planner catalog diff --from 2025-03-01 --to 2025-12-31 --provider aws",
    "planner catalog diff last-quarter/ this-quarter/ --scenario scenario.yaml --fail-on flip",
)


class Gate(StrEnum):
    """What ends in exit 1."""

    flip = "flip"


def diff(
    old: Annotated[Path | None, typer.Argument(help="Folder of prices before.", show_default="the shipped one")] = None,
    new: Annotated[Path | None, typer.Argument(help="Folder of prices after.", show_default="OLD")] = None,
    scenarios: Annotated[
        list[Path] | None,
        typer.Option("--scenario", help="Plan it at both prices. Repeatable.", autocompletion=scenario_files),
    ] = None,
    provider: Annotated[str | None, typer.Option(help="Only prices of this provider move.")] = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="Day of the prices before.", show_default="newest")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="Day of the prices after.", show_default="newest")
    ] = None,
    band: Annotated[
        float, typer.Option(min=0, help="Fraction that keeping the old plan may cost before the advice changes.")
    ] = 0.05,
    causes: Annotated[
        int, typer.Option(min=0, help="Prices that are set back one at a time, to see which did it.")
    ] = 5,
    fail_on: Annotated[
        Gate | None, typer.Option("--fail-on", help="Exit 1 when the advice of a scenario flips.")
    ] = None,
    assignments: options.Settings = None, form: options.Form = Format.table, quiet: options.Quiet = False,
) -> None:  # fmt: skip
    """Say what changed between two catalogs, or two days of one, and whether it changes a decision.

    Scenarios are planned with the prices before and after; everything else stays. CSV holds the scenarios where any
    are given, else the prices.
    """
    from planner.catalog.difference import ANY_DAY, differences, pinned

    before, after = read_day(since) or ANY_DAY, read_day(until) or ANY_DAY
    earlier = read_catalog(old)
    later = earlier if new is None else read_catalog(new)
    if new is None and before >= after:
        cure = "name two folders, or --from a day before --to"
        raise InputError([Complaint(Place("--from"), "", "leaves nothing to compare", cure=cure)])
    _check_provider(provider, earlier, later)

    def chosen(row: Row) -> bool:
        return provider is None or row.provider == provider

    changes = differences(earlier, later, before, after, chosen)

    def standing(on: date) -> Catalog:
        return pinned(later, after, chosen, on)

    decided = []
    with progress(quiet) as tell:
        for path in scenarios or ():
            tell(f"planning {path}")
            decided.append(_decide(path, assignments, standing, changes, earlier, band, causes, tell))
    _write(changes, decided, form, quiet)
    if fail_on is Gate.flip and any(one.flips for one in decided):
        raise typer.Exit(GATE_FAILED)


def _check_provider(provider: str | None, *catalogs: Catalog) -> None:
    from planner.errors import nearest

    known = {name for catalog in catalogs for name in catalog.section("providers")}
    if provider is not None and provider not in known:
        raise InputError([Complaint(Place("--provider"), "", "is no provider of the catalog", found=provider,
                                    cure=nearest(provider, known))])  # fmt: skip


def _decide(
    path: Path, assignments: list[str] | None, standing: Any, changes: list[Change], earlier: Catalog, band: float,
    causes: int, tell: Any,
) -> DecisionChange:  # fmt: skip
    from planner.analysis.decision_change import decision_change
    from planner.catalog.difference import with_facts
    from planner.scenario.load import load_scenario

    # a scenario may name what only one of the two catalogs has
    both = with_facts(standing(date.max), {c.row.id: c.row for c in changes}, date.max, earlier)
    loaded = load_scenario(path, both, assignments or ())
    return decision_change(
        loaded,
        standing(loaded.scenario.as_of),
        changes,
        earlier,
        band,
        causes,
        say=lambda text: tell(f"{path}: {text}"),
    )


def _write(changes: list[Change], decided: list[DecisionChange], form: Format, quiet: bool) -> None:
    prices, scenarios = [price(change) for change in changes], [_scenario(one) for one in decided]
    if form is Format.json:
        counts = {kind: sum(one.kind == kind for one in changes) for kind in ("changed", "dropped", "added")}
        sys.stdout.write(as_json({"counts": counts, "prices": prices, "scenarios": scenarios}))
        return
    if form is not Format.csv or not decided:
        write_rows(prices, form, _COLUMNS if form in (Format.table, Format.md) else None)
    say(", ".join(f"{sum(one.kind == kind for one in changes)} {kind}" for kind in ("changed", "dropped", "added")),
        quiet)  # fmt: skip
    if decided:
        write_rows([_flat(one) for one in scenarios], form)
    for one in decided:
        for line in in_words(one):
            say(line, quiet)


def price(change: Change) -> dict[str, Any]:
    """Return one changed row as shown; an unknown value is none."""
    from planner.catalog.difference import published

    old, new, last = change.old, change.new, change.row.fact

    def number(row: Row | None) -> float | None:
        value = None if row is None else published(row)
        return None if value is None else float(value)

    return {
        "change": change.kind, "id": change.row.id, "old": number(old), "new": number(new),
        "percent": None if change.fraction is None else round(100 * change.fraction, 2), "unit": change.row.unit,
        "currency": last.currency, "old_date": old and old.fact.date.isoformat(),
        "new_date": new and new.fact.date.isoformat(), "source": last.source,
        "confidence": last.confidence, "in_doubt": change.row.quarantined or None,
    }  # fmt: skip


def _scenario(one: DecisionChange) -> dict[str, Any]:
    def side(advice: Advice) -> dict[str, Any]:
        return {name: getattr(advice, name) for name in (
            "choice", "reason", "present_usd", "buy_npv_usd", "breakeven_months", "utilization_fraction")}  # fmt: skip

    return {
        "scenario": one.scenario, "advice": one.advice, "flips": one.flips, "before": side(one.before),
        "after": side(one.after), "keeping_old_plan_usd": one.keeping_usd,
        "keeping_old_plan_fraction": one.keeping_fraction,
        "causes": [{
            "row": cause.change.row.id, **{key: price(cause.change)[key] for key in ("old", "new", "unit")},
            "present_usd": cause.present_usd, "buy_npv_usd": cause.buy_npv_usd, "sets_back": cause.sets_back,
        } for cause in one.causes],
        "together": list(one.together), "not_tried": one.not_tried,
    }  # fmt: skip


def _flat(scenario: dict[str, Any]) -> dict[str, Any]:
    """Return a scenario as one row: before → after."""
    before, after = scenario["before"], scenario["after"]
    row = {"scenario": scenario["scenario"], "advice": scenario["advice"]}
    for name in ("choice", "present_usd", "buy_npv_usd", "breakeven_months"):
        row |= {f"{name}_before": before[name], f"{name}_after": after[name]}
    return row


def in_words(one: DecisionChange) -> list[str]:
    """Say in a few lines what happened to the advice, and which prices did it."""
    tail = "" if one.keeping_fraction is None else (
        f"; keeping the old plan would cost {one.keeping_usd:,.0f} USD more ({one.keeping_fraction:.1%})")  # fmt: skip
    lines = [f"{one.scenario}: {one.advice}: {one.before.choice} → {one.after.choice}{tail}."]
    for cause in one.causes:
        moved = price(cause.change)
        old, new = ("–" if moved[key] is None else f"{moved[key]:g}" for key in ("old", "new"))
        effects = [("the plan's cost", cause.present_usd), ("the NPV of buying", cause.buy_npv_usd)]
        known = [f"{what} by {usd:+,.0f} USD" for what, usd in effects if usd is not None]
        effect = f"moved {', '.join(known)}" if known else "cost and NPV cannot be compared"
        did = "; set back alone, the old verdict returns" if cause.sets_back else ""
        lines.append(f"  {moved['id']} {old} → {new} {moved['unit']}: {effect}{did}")
    if one.together:
        lines.append(f"  none did it alone; together: {', '.join(one.together)}")
    if one.not_tried:
        lines.append(f"  {one.not_tried} more changed prices that the plan or its baselines use were not set back")
    return lines
