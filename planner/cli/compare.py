"""`planner compare`: plans and scenarios side by side, money and decisions."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner.cli import options
from planner.cli.cases import Asked, Case, is_scenario, planned, read_cases, read_scenario
from planner.cli.interrupt import interruptible
from planner.cli.options import examples, read_catalog
from planner.cli.output import Format
from planner.cli.progress import Say, progress
from planner.cli.whatif import Shown, need_both, show
from planner.errors import Complaint, InputError

if TYPE_CHECKING:
    from planner.catalog.load import Catalog
    from planner.model.solve import Effort
    from planner.report.compare import Comparison

EXAMPLES = examples(
    "planner compare last-quarter/plan.json out/starter/plan.json     what changed, and of what it came",
    "planner compare out/*/plan.json --format csv > plans.csv         any number of plans, against the first",
    "planner compare a/plan.json b/plan.json --to html -o change.html",
    "planner compare scenario.yaml --case 'dear power: scale.rows.*electricity*=1.3' --case 'no staff: staff=[]'",
    "planner compare plan.json scenario.yaml --case 'longer, and WACC: horizon_months=48; finance.wacc_fraction=0.1'",
)
FEWEST, MOST = 2, 8
NOT_PROVEN = 5


def compare(
    plans: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="Plans that `planner plan` wrote, or scenarios; the earlier first."),
    ],
    cases: Annotated[
        list[str] | None,
        typer.Option("--case", metavar="NAME: PATH=VALUE; …",
                     help="Also the scenario with these fields overridden, under a name. Repeatable."),
    ] = None,
    assignments: options.Settings = None, as_of: options.AsOf = None, catalog: options.CatalogFolder = None,
    gap: Annotated[
        float, typer.Option(min=0, max=1, help="Of scenarios: how much cheaper another plan may be, as a fraction.")
    ] = 1e-3,
    time_limit: options.TimeLimit = 100.0,
    form: options.Form = Format.table,
    to: options.To = None,
    output: options.Output = None,
    quiet: options.Quiet = False,
) -> None:  # fmt: skip
    """Hold plans against the first of them: what was asked, prices, money, decisions, advice and proof.

    The change of cost is split line by line into what came of prices and what of quantities and mix. Scenarios, and
    named cases of one, are planned as `planner plan` does, in whole numbers; --set and --as-of hold for all of them.
    """
    from planner.model.solve import Effort
    from planner.report.compare import compare as compared
    from planner.report.compare.sections import head, sections
    from planner.report.whatif.rows import comparison as beside

    need_both(to, output)
    _check_call(plans, cases or [], bool(assignments or as_of or catalog))
    effort = Effort(gap, time_limit)
    with progress(quiet) as tell:
        found, proofs = interruptible(lambda: _documents(plans, cases or [], assignments, as_of, catalog, effort, tell))
    comparison = compared([document for _, document in found], [label for label, _ in found])
    show(comparison, Shown(head, sections, beside, _data), form, to, output, quiet)
    if not all(proofs):
        print("Not every scenario is proven within --gap and --time-limit; see Advice and proof.", file=sys.stderr)
        raise typer.Exit(NOT_PROVEN)


def _check_call(files: list[Path], cases: list[str], settings: bool) -> None:
    count, scenarios = len(files) + len(cases), sum(map(is_scenario, files))
    if cases and scenarios != 1:
        raise typer.BadParameter(f"--case is of one scenario, and {scenarios or 'none'} of the files is one")
    if settings and not scenarios:
        raise typer.BadParameter("--set, --as-of and --catalog are for scenarios, and none of the files is one")
    if not FEWEST <= count <= MOST:
        raise typer.BadParameter(f"give {FEWEST} to {MOST} plans, scenarios and cases, not {count}")


def _documents(
    files: list[Path], texts: list[str], assignments: list[str] | None, as_of: str | None, catalog: Path | None,
    effort: Effort, tell: Say,
) -> tuple[list[tuple[str, dict[str, Any]]], list[bool]]:  # fmt: skip
    """Return the name and the plan of every column, and of every scenario among them whether its plan is proven."""
    from planner.planfile import proven

    prices = read_catalog(catalog) if any(map(is_scenario, files)) else None
    read = _read(files, texts, prices, assignments or [], as_of)
    asked = [one for part in read for one in part if isinstance(one, Asked)]
    made = list(planned(asked, prices, effort, tell)) if prices is not None else []
    documents = iter(made)
    found = [
        (one.label, next(documents)) if isinstance(one, Asked) else (str(path), one)
        for path, part in zip(files, read, strict=True) for one in part
    ]  # fmt: skip
    return found, [proven(document, effort) for document in made]


def _read(
    files: list[Path], texts: list[str], prices: Catalog | None, assignments: list[str], as_of: str | None
) -> list[list[Asked | dict[str, Any]]]:
    """Read every plan, and every scenario with its cases, or name all that cannot be read."""
    found: dict[Path, list[Asked | dict[str, Any]]] = {}
    complaints: list[Complaint] = []
    cases: list[Case] = []
    try:
        cases = read_cases(texts)
    except InputError as error:
        complaints += error.complaints
    for path in dict.fromkeys(files):
        try:
            found[path] = _file(path, prices, assignments, as_of, cases)
        except InputError as error:
            complaints += error.complaints
    if complaints:
        raise InputError(complaints)
    return [found[path] for path in files]


def _file(
    path: Path, prices: Catalog | None, assignments: list[str], as_of: str | None, cases: list[Case]
) -> list[Asked | dict[str, Any]]:
    from planner.planreader import read_plan

    if prices is None or not is_scenario(path):
        return [read_plan(path)]
    return [*read_scenario(path, prices, assignments, as_of, cases)]


def _data(found: Comparison) -> dict[str, Any]:
    from planner.report.compare.words import summary, warnings

    return {"summary": summary(found), "warnings": warnings(found)} | found.as_data()
