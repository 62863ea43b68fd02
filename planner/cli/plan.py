"""`planner plan`: solve a scenario, prove the answer, write plan.json, ledger.csv and report.html."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner.cli import options
from planner.cli.interrupt import interruptible
from planner.cli.options import examples, read_scenario
from planner.cli.output import Format, as_csv, as_json, say, try_place, write_rows
from planner.cli.progress import Say, progress
from planner.cli.whatif import GATE_FAILED, gates_failed, read_gates

if TYPE_CHECKING:
    from planner.analysis.study import Study
    from planner.case import Case
    from planner.catalog.load import Catalog
    from planner.model.solve import Effort
    from planner.scenario.load import LoadedScenario

NOT_PROVEN, STALE = 5, 6
GATES = ("npv", "buy_npv", "buying_saves", "breakeven", "total", "present", "capex", "gap")
EXAMPLES = examples(
    "planner plan scenario.yaml",
    "planner plan scenario.yaml --set horizon_months=60 --set finance.wacc_fraction=0.1",
    "planner plan scenario.yaml --set workloads.chat.demand.peak_per_hour=30 --out out/busier",
    "planner plan scenario.yaml --format json --quiet | jq .verdict",
    "planner plan scenario.yaml --fail-on 'buying_saves<0' --fail-on 'breakeven>24'     for continuous integration",
)


def plan(
    scenario: options.ScenarioFile,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for the results.", show_default="out/<scenario>/")
    ] = None,
    form: options.Form = Format.table, assignments: options.Settings = None, as_of: options.AsOf = None,
    catalog: options.CatalogFolder = None, quiet: options.Quiet = False,
    gap: options.Gap = 1e-3,
    time_limit: options.TimeLimit = 100.0,
    solver: Annotated[
        str | None, typer.Option(metavar="NAME", help="Another solver that PuLP knows.", show_default="HiGHS")
    ] = None,
    write_lp: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write the linear program, to read or to solve elsewhere.")
    ] = None,
    no_report: Annotated[bool, typer.Option("--no-report", help="Do not write report.html.")] = False,
    max_price_age: Annotated[
        int | None, typer.Option(min=0, metavar="DAYS", help="Exit 6 when a price that was used is older.")
    ] = None,
    fail_on: options.FailOn = None,
    seed: options.Seed = 0,
) -> None:  # fmt: skip
    """Find the cheapest mix of bought, committed and rented GPUs.

    Writes report.html, plan.json and ledger.csv, and prints a summary. The answer comes with its proof.
    """
    from planner.documents import write_atomically
    from planner.ledger import dated
    from planner.model.solve import Effort
    from planner.planfile import command_line, plan_document, proven

    gates = read_gates(fail_on, GATES)
    if solver is not None:
        from planner.model.pulp_bridge import check_solver  # PuLP takes a while to import

        check_solver(solver)
    effort = Effort(gap, time_limit, solver)
    if write_lp is not None:
        try_place("--write-lp", write_lp)

    def work(tell: Say) -> tuple[Study, dict[str, Any]]:
        prices, loaded = read_scenario(scenario, assignments, as_of, catalog)
        try_place("--out", (out or Path("out") / loaded.scenario.name) / "plan.json")
        study = solved(loaded, prices, effort, tell)
        return study, plan_document(study, prices, effort, tell) | {"command": command_line(loaded, effort)}

    with progress(quiet) as tell:
        study, document = interruptible(lambda: work(tell))
    folder = out if out is not None else Path("out") / document["scenario"]
    if write_lp is not None:
        from planner.model.pulp_bridge import write_lp as write_lp_file

        write_lp_file(study.built.model.program, study.built.arrays, write_lp)
    ledger = dated(study.plan.ledger, study.case.months)
    files = {"ledger.csv": as_csv(ledger.to_dict(orient="records"), [*ledger])}
    if not no_report:
        from planner.report.html import render_html

        files["report.html"] = render_html(document)
    files["plan.json"] = as_json(document)
    for name, text in files.items():
        write_atomically(folder / name, text)
    _print(document, form, quiet)
    say(f"Written: {folder}/{'' if no_report else 'report.html, '}plan.json, ledger.csv", quiet)
    failed = False
    if gates:
        from planner.whatif.gates import of_plan

        failed = gates_failed(gates, of_plan(document))
    if not proven(document, effort):
        found = document["solver"]["relative_gap"]
        print(
            f"Not proven: the relative gap is {found:.2e}, asked was {gap:g}; try a longer --time-limit or a wider"
            " --gap. The answer is written all the same.",
            file=sys.stderr,
        )
        raise typer.Exit(GATE_FAILED if failed else NOT_PROVEN)
    if failed:
        raise typer.Exit(GATE_FAILED)
    if max_price_age is not None:
        _check_age(document, max_price_age)


def solved(loaded: LoadedScenario, prices: Catalog, effort: Effort, tell: Say) -> Study:
    """Solve a scenario, telling what is worked on."""
    from planner.analysis.study import solve_case
    from planner.assemble import build_case
    from planner.scenario.load import changed

    def build(changes: Sequence[str] = ()) -> Case:
        return build_case(prices, changed(loaded, prices, changes))

    return solve_case(build(), effort, tell, build)


def _print(document: dict[str, Any], form: Format, quiet: bool) -> None:
    if form is Format.table:
        from planner.cli.terminal import show

        show(document)
    elif form is Format.json:
        sys.stdout.write(as_json(document))
    else:
        write_rows(summary(document), form)
        say(document["verdict"]["reason"], quiet)


def summary(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the totals of every option side by side."""
    rows = []
    for name, total in document["tco"].items():
        if total is None:
            reason = next((one["reason"] for one in document["left_out"] if one["option"] == name), "")
            rows.append({"option": name, "present_usd": None, "total_usd": None, "note": reason})
            continue
        rows.append({"option": name, "present_usd": total["present_usd"], "total_usd": total["total_usd"],
                     "capex_usd": total["capex_usd"], "opex_usd": total["opex_usd"],
                     "usd_per_gpu_hour": total["usd_per_gpu_hour"], "note": ""})  # fmt: skip
    columns = ("option", "present_usd", "total_usd", "capex_usd", "opex_usd", "usd_per_gpu_hour", "note")
    return [{column: row.get(column) for column in columns} for row in rows]


def _check_age(document: dict[str, Any], days: int) -> None:
    oldest = date.fromisoformat(document["as_of"]) - timedelta(days=days)
    stale = [one for one in document["evidence"] if one["used"] and one["date"] < oldest.isoformat()]
    if stale:
        for one in stale:
            print(f"{one['place']}: {one['row']} is of {one['date']}, more than {days} days old", file=sys.stderr)
        raise typer.Exit(STALE)
