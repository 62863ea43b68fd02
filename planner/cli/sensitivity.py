"""`planner sensitivity`: what each driver does to the decision at either end of its range."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner.cli import options
from planner.cli.options import examples
from planner.cli.output import Format
from planner.cli.progress import Say
from planner.cli.question import Call
from planner.cli.whatif import GATE_FAILED, Shown, gates_failed, need_both, read_gates, show

if TYPE_CHECKING:
    from planner.whatif.basis import Ask
    from planner.whatif.question import Question

EXAMPLES = examples(
    "planner sensitivity scenario.yaml",
    "planner sensitivity scenario.yaml --driver purchase --driver wacc --swing 0.3",
    "planner sensitivity scenario.yaml --map demand,wacc --steps 9 --to html -o sensitivity.html",
    "planner sensitivity scenario.yaml --swing 0.1 --fail-on 'flips>0'",
)
GATES = ("npv", "buy_npv", "buying_saves", "breakeven", "total", "present", "capex", "flips")


def sensitivity(
    scenario: options.ScenarioFile,
    swing: Annotated[
        float, typer.Option(min=0, max=0.99, help="How far each way moves what has no range: 0.2 is 20 %.")
    ] = 0.2,
    top: Annotated[int | None, typer.Option(min=1, metavar="N", help="Show only the first so many.")] = None,
    pairs: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="A,B", help="Map these two drivers, in place of the usual maps. Repeatable."),
    ] = None,
    no_maps: Annotated[bool, typer.Option("--no-maps", help="No maps, each of which is many plans.")] = False,
    steps: Annotated[
        int | None,
        typer.Option(min=2, max=41, help="Values of each driver in a map.", show_default="7, 5 of very large programs"),
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
    """Show what would change the answer: every driver at its low and its high, the strongest first.

    Each says what it does to the plan's NPV, to what buying saves, to breakeven, and whether the decision flips. Then
    maps of two drivers. In whole numbers where the program is small, else as relaxations; the answer says which.
    """
    need_both(to, output)
    gates = read_gates(fail_on, GATES)
    mapped = [] if no_maps else None if pairs is None else [_pair(text) for text in pairs]
    from planner.whatif.points import OPTIONS

    def answer(asked: Question, ask: Ask, tell: Say) -> dict[str, Any]:
        from planner.whatif.answer import sensitivity as found

        return found(asked, ask, driver or (), swing, top, mapped, steps, tell)

    call = Call(scenario, assignments, as_of, catalog, whole, workers, executor, quiet)
    document = call.answered(OPTIONS, answer)
    from planner.report.whatif.rows import sensitivities
    from planner.report.whatif.tornado import head, sections
    from planner.whatif.gates import of_point

    values = of_point(document["now"]) | {"flips": document["flips"] + document["unknown"]}
    show(document, Shown(head, sections, sensitivities), form, to, output, quiet)
    if gates_failed(gates, values, document["solved"]):
        raise typer.Exit(GATE_FAILED)


def _pair(text: str) -> tuple[str, str]:
    one, comma, other = (part.strip() for part in text.partition(","))
    if not (one and comma and other) or "," in other or one == other:
        raise typer.BadParameter(f"--map: {text!r} is not two drivers, as demand,purchase")
    return one, other
