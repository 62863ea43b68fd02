"""`planner risk`: what deciding now costs over many futures, and what allows for all of them."""

from __future__ import annotations

from enum import StrEnum
from importlib.util import find_spec
from typing import Annotated, Any

import typer

from planner.cli import options
from planner.cli.interrupt import interruptible
from planner.cli.options import examples, read_scenario
from planner.cli.output import Format
from planner.cli.progress import Say, progress
from planner.cli.whatif import GATE_FAILED, Shown, gates_failed, need_both, read_gates, show

INSTALL = "pip install 'gpu-capacity-planner[analysis]'"
EXAMPLES = examples(
    "planner risk scenario.yaml",
    "planner risk scenario.yaml --futures 200 --relaxed --aversion 0.5 --alpha 0.9",
    "planner risk scenario.yaml --set 'risk={source: our forecast, drivers: {demand: {low: 0.6, high: 1.5}}}'",
    "planner risk scenario.yaml --to html -o risk.html --fail-on 'wins<50%'",
)
MOST = 4096


class Method(StrEnum):
    """Ways to solve for all futures at once."""

    auto = "auto"
    extensive = "extensive"
    benders = "benders"


GATES = ("wins", "buying_saves", "evpi", "vss", "regret")


def risk(
    scenario: options.ScenarioFile,
    futures: Annotated[
        int | None,
        typer.Option(min=1, max=MOST, metavar="N", help="How many are drawn; powers of two are spread most evenly.",
                     show_default="32, fewer of large programs"),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the futures.")] = 1,
    aversion: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Weight of CVaR beside the mean.", show_default="the scenario's, or 0"),
    ] = None,
    alpha: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="CVaR is the mean of the dearest 1 − alpha of the futures; below 1.",
                     show_default="the scenario's, or 0.95"),
    ] = None,
    method: Annotated[
        Method, typer.Option(help="For all futures at once: as one program, or decomposed; auto goes by size.")
    ] = Method.auto,
    whole: Annotated[
        bool | None,
        typer.Option("--whole/--relaxed", help="In whole numbers, or with fractions.", show_default="by size"),
    ] = None,
    nodes: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Of each search for the best decisions in whole numbers, which then "
                     "ends with what it has: the same on every machine.", show_default="by size"),
    ] = None,
    form: options.Form = Format.table,
    to: options.To = None,
    output: options.Output = None,
    fail_on: options.FailOn = None,
    assignments: options.Settings = None, as_of: options.AsOf = None, catalog: options.CatalogFolder = None,
    quiet: options.Quiet = False,
) -> None:  # fmt: skip
    """Say what deciding now costs when demand, prices and delivery come otherwise: of the plan, of each baseline.

    Draws futures, fixes what is ordered and committed before they are known (three months, or risk.decide_until), and
    lets everything later adapt. Says how likely it is that buying wins, which decisions are best over all futures,
    what it is worth to know more, and whether to wait. Drivers that risk.drivers does not name move all the same, in
    assumed ranges, mostly ± 20 %: low = high = today's value holds one.
    """
    need_both(to, output)
    gates = read_gates(fail_on, GATES)
    if alpha == 1:
        raise typer.BadParameter("--alpha is below 1: of the dearest 0 % of the futures there is no mean")
    if whole and method is Method.benders:
        raise typer.BadParameter("--method benders decomposes relaxations; leave out --whole")
    if find_spec("scipy") is None:
        raise typer.BadParameter(f"futures need scipy: {INSTALL}")
    from planner.whatif.base import Base
    from planner.whatif.risk.answer import How, answer

    how = How(futures, seed, method.value, aversion, alpha, whole, nodes)

    def work(tell: Say) -> dict[str, Any]:
        prices, loaded = read_scenario(scenario, assignments, as_of, catalog)
        return answer(Base(prices, loaded), how, tell)

    with progress(quiet) as tell:
        found = interruptible(lambda: work(tell))
    from planner.report.whatif.risk import head, sections
    from planner.report.whatif.rows import risks
    from planner.whatif.gates import of_risk

    show(found, Shown(head, sections, risks), form, to, output, quiet)
    if gates_failed(gates, of_risk(found)):
        raise typer.Exit(GATE_FAILED)
