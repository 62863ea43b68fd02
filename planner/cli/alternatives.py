"""`planner alternatives`: plans that cost hardly more than the cheapest and differ most from it."""

from __future__ import annotations

from time import monotonic
from typing import Annotated, Any

import typer

from planner.cli import options
from planner.cli.interrupt import interruptible
from planner.cli.options import examples, read_scenario
from planner.cli.output import Format
from planner.cli.progress import Say, progress
from planner.cli.whatif import Shown, need_both, show

EXAMPLES = examples(
    "planner alternatives scenario.yaml",
    "planner alternatives scenario.yaml --within 0.05             up to 5 % dearer than the cheapest",
    "planner alternatives scenario.yaml --to html -o alternatives.html",
    "planner alternatives scenario.yaml --to json -o alternatives.json",
    "planner memo plan.json --with alternatives.json              what else was considered, in the memo",
)


def alternatives(
    scenario: options.ScenarioFile,
    within: Annotated[
        float, typer.Option(min=0, max=1, help="How much dearer than the cheapest they may be, as a fraction.")
    ] = 0.02,
    form: options.Form = Format.table,
    to: options.To = None,
    output: options.Output = None,
    time_limit: Annotated[
        float, typer.Option(min=0.01, help="Seconds after which no further search begins; those that run are ended by "
                                           "work, not by time.")
    ] = 240.0,
    assignments: options.Settings = None, as_of: options.AsOf = None, catalog: options.CatalogFolder = None,
    quiet: options.Quiet = False,
    seed: options.Seed = 0,
) -> None:  # fmt: skip
    """Look for plans that are nearly as cheap and otherwise better: what else was considered.

    Fewest providers, least capital outlay, least carbon, nothing bought, most on owned servers, simplest to run, and
    most different from the plan: each the cheapest that is best so, among all within the band. What exists only
    outside it is told with its cost. Small scenarios are solved in whole numbers, large ones as relaxations; the answer
    says so.
    """
    need_both(to, output)
    from planner.report.whatif.alternatives import head, sections
    from planner.report.whatif.rows import considered
    from planner.whatif.alternatives import alternatives as sought
    from planner.whatif.base import Base

    end = monotonic() + time_limit

    def work(tell: Say) -> dict[str, Any]:
        prices, loaded = read_scenario(scenario, assignments, as_of, catalog)
        return sought(Base(prices, loaded), within, tell, lambda: monotonic() > end)

    with progress(quiet) as tell:
        found = interruptible(lambda: work(tell))
    show(found, Shown(head, sections, considered), form, to, output, quiet)
