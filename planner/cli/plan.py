"""`planner plan`: solve a scenario, prove the answer, write plan.json, ledger.csv and report.html."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from planner.catalog.load import Catalog
from planner.cli.options import AsOfOption, CatalogOption, FormatOption, QuietOption, SetOption, read_catalog, read_day
from planner.cli.output import Format, as_csv, as_json, say, write_rows
from planner.errors import Complaint, InputError, Place

NOT_PROVEN, STALE = 5, 6


def plan(
    scenario: Annotated[Path, typer.Argument(help="The scenario, a YAML file.")],
    out: Annotated[Path | None, typer.Option(help="Folder for the results; default: out/<scenario>/.")] = None,
    form: FormatOption = Format.table, assignments: SetOption = None, as_of: AsOfOption = None,
    catalog: CatalogOption = None, quiet: QuietOption = False,
    gap: Annotated[float, typer.Option(min=0, max=1, help="Relative gap to prove for whole numbers.")] = 1e-3,
    time_limit: Annotated[float, typer.Option(min=0.01, help="Seconds for each search in whole numbers.")] = 100.0,
    solver: Annotated[str | None, typer.Option(help="Another solver of PuLP's for the search.")] = None,
    write_lp: Annotated[Path | None, typer.Option(help="Also write the program as an LP file.")] = None,
    no_report: Annotated[bool, typer.Option("--no-report", help="Do not write report.html.")] = False,
    max_price_age: Annotated[int | None, typer.Option(min=0, help="Days; exit 6 when a price used is older.")] = None,
    seed: Annotated[int, typer.Option(help="Accepted everywhere; this command draws nothing at random.")] = 0,
) -> None:  # fmt: skip
    """Find the cheapest proven mix of capacity."""
    from planner.documents import write_atomically
    from planner.model.pulp_bridge import check_solver
    from planner.model.pulp_bridge import write_lp as write_lp_file
    from planner.planfile import plan_document, proven

    if solver is not None:
        check_solver(solver)
    study, prices, effort = solved(scenario, assignments, as_of, catalog, quiet, gap, time_limit, solver, out)
    document = plan_document(study, prices, effort)
    document["command"] = _command(scenario, assignments, as_of)
    folder = out if out is not None else Path("out") / document["scenario"]
    if write_lp is not None:
        write_lp_file(study.built.model.program, study.built.arrays, write_lp)
    ledger = [dict(row) for row in study.plan.ledger.to_dict(orient="records")]
    for row in ledger:
        row["month"] = _label(study.case.months, int(row["month"]))
    write_atomically(folder / "ledger.csv", as_csv(ledger, list(study.plan.ledger.columns)))
    if not no_report:
        from planner.report.html import render_html

        write_atomically(folder / "report.html", render_html(document))
    write_atomically(folder / "plan.json", as_json(document))
    if form is Format.json:
        sys.stdout.write(as_json(document))
    else:
        write_rows(summary(document), form)
        say(f"{document['verdict']['reason']}", quiet)
    say(f"Written: {folder}/plan.json, ledger.csv{'' if no_report else ', report.html'}", quiet)
    if not proven(document, effort):
        found = document["solver"]["relative_gap"]
        print(
            f"Not proven: the relative gap is {found:.2e}, asked was {gap:g}; try a longer --time-limit or a wider"
            " --gap. The answer is written all the same.",
            file=sys.stderr,
        )
        raise typer.Exit(NOT_PROVEN)
    if max_price_age is not None:
        _check_age(document, max_price_age)


def solved(
    scenario: Path, assignments: list[str] | None, as_of: str | None, catalog: Path | None, quiet: bool,
    gap: float = 1e-3, time_limit: float = 100.0, solver: str | None = None, out: Path | None = None,
) -> tuple[Any, Catalog, Any]:  # fmt: skip
    """Load and solve a scenario; returns the study, the catalog and the effort."""
    from planner.analysis.study import solve_case
    from planner.assemble import build_case
    from planner.model.solve import Effort
    from planner.scenario.load import load_scenario

    day = read_day(as_of)
    prices = read_catalog(catalog)
    loaded = load_scenario(scenario, prices, assignments or (), day)
    case = build_case(prices, loaded)
    if out is not None:
        _check_folder(out)
    effort = Effort(gap, time_limit, solver)
    chatty = not quiet and sys.stderr.isatty()
    return solve_case(case, effort, lambda text: say(f"… {text}", not chatty)), prices, effort


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


def _command(scenario: Path, assignments: list[str] | None, as_of: str | None) -> str:
    import shlex

    parts = ["planner", "plan", scenario.name]
    for assignment in assignments or ():
        parts += ["--set", assignment]
    return shlex.join([*parts, *(["--as-of", as_of] if as_of else [])])


def _label(months: tuple[str, ...], t: int) -> str:
    return months[t] if t < len(months) else f"after {months[-1]}"


def _check_folder(folder: Path) -> None:
    """Say before the work starts that its results could not be written."""
    parent = folder
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir():
        raise InputError([Complaint(Place(str(folder)), "--out", f"cannot be made: {parent} is a file")])


def _check_age(document: dict[str, Any], days: int) -> None:
    oldest = date.fromisoformat(document["as_of"]) - timedelta(days=days)
    stale = [one for one in document["evidence"] if one["used"] and one["date"] < oldest.isoformat()]
    if stale:
        for one in stale:
            print(f"{one['place']}: {one['row']} is of {one['date']}, more than {days} days old", file=sys.stderr)
        raise typer.Exit(STALE)
