"""`planner switch`: where each driver must lie for the decision to flip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner.cli import options
from planner.cli.options import examples
from planner.cli.output import Format
from planner.cli.progress import Say
from planner.cli.question import Call
from planner.cli.whatif import GATE_FAILED, Shown, gates_failed, need_both, read_gates, show
from planner.errors import Complaint, InputError, Place

if TYPE_CHECKING:
    from planner.model.solve import Effort
    from planner.whatif.basis import Ask
    from planner.whatif.gates import Gate
    from planner.whatif.question import Question

EXAMPLES = examples(
    "planner switch scenario.yaml",
    "planner switch scenario.yaml --driver server-8xh100/purchase_usd_per_server --precision 1e-6",
    "planner switch scenario.yaml --to html -o switch.html",
    "planner switch scenario.yaml --fail-on 'flip<10%'",
)
GATES = ("npv", "buy_npv", "buying_saves", "breakeven", "total", "present", "capex", "flip")


def switch(
    scenario: options.ScenarioFile,
    precision: Annotated[
        float, typer.Option(min=1e-9, max=0.1, help="Of a switching value, relative to itself.")
    ] = 1e-4,
    scan: Annotated[
        int | None,
        typer.Option(min=2, max=200, help="Values looked at on each side of today's, for flips to lie between.",
                     show_default="16 for small programs, 8 for larger, 4 for very large ones"),
    ] = None,
    reach: Annotated[
        float | None,
        typer.Option(min=0, metavar="SHARE", help="How far from today's value to search, as a share of it.",
                     show_default="all the way; 0.5 for relaxations"),
    ] = None,
    flips: Annotated[
        int | None,
        typer.Option("--confirm", min=0, metavar="N", help="Flips of relaxations to be asked in whole numbers, the "
                     "nearest first.", show_default="by size: 4 of very large programs"),
    ] = None,
    form: options.Form = Format.table,
    to: options.To = None,
    output: options.Output = None,
    driver: options.Drivers = None,
    fail_on: options.FailOn = None,
    assignments: options.Settings = None, as_of: options.AsOf = None, catalog: options.CatalogFolder = None,
    whole: options.Whole = None, workers: options.Workers = 2, executor: options.Executor = "local",
    quiet: options.Quiet = False,
    seed: options.Seed = 0,
) -> None:  # fmt: skip
    """Find where the decision flips: the switching value of each driver, and how far today is from it.

    Drivers: demand, growth (where it is a yearly rate), rented (a cloud discount), purchase, electricity, space,
    resale, staff, tokens, delivery, wacc, and the price row of each server. With the breakeven utilization, and the
    price at which each option enters or leaves the plan. In whole numbers where the program is small, else as
    relaxations; the answer says which.
    """
    need_both(to, output)
    gates = read_gates(fail_on, GATES)
    from planner.whatif.question import DECIDING

    def answer(asked: Question, ask: Ask, tell: Say) -> dict[str, Any]:
        from planner.whatif.answer import reach_for
        from planner.whatif.answer import switch as found
        from planner.whatif.basis import whole_numbers
        from planner.whatif.question import asking
        from planner.whatif.runner import How

        _check_reach(gates, reach_for(asked, reach))

        def asks_as(effort: Effort) -> Ask:
            return asking(asked, How(DECIDING, effort, workers, executor), tell)

        in_whole = asks_as(whole_numbers(asked.size))
        decide = None if asked.effort is None else asks_as(replace(asked.effort, deciding=True))
        return found(asked, ask, driver or (), precision, scan, tell, reach, in_whole, flips, decide)

    call = Call(scenario, assignments, as_of, catalog, whole, workers, executor, quiet)
    document = call.answered(DECIDING, answer)
    from planner.report.whatif.rows import switching
    from planner.report.whatif.switch import head, sections
    from planner.whatif.gates import of_switch

    show(document, Shown(head, sections, switching), form, to, output, quiet)
    if gates_failed(gates, of_switch(document), document["solved"]):
        raise typer.Exit(GATE_FAILED)


def _check_reach(gates: Sequence[Gate], reach: float | None) -> None:
    """Refuse a gate that asks about values farther away than any that is looked at."""
    far = [gate for gate in gates if gate.name == "flip" and reach is not None and gate.limit > reach]
    if far:
        raise InputError([
            Complaint(Place("--fail-on"), gate.text, "asks about values beyond the search", f"{gate.limit:g}",
                      f"at most {reach:g}", f"--reach {gate.limit:g}") for gate in far
        ])  # fmt: skip
