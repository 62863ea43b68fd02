"""`planner sensitivity`: what each driver does to the decision at either end of its range."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner.cli.options import examples
from planner.cli.progress import Say
from planner.cli.question import Call, asks
from planner.cli.whatif import Shown

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


@asks
def sensitivity(
    call: Call,
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
) -> None:  # fmt: skip
    """Show what would change the answer: every driver at its low and its high, the strongest first.

    Each says what it does to the plan's NPV, to what buying saves, to breakeven, and whether the decision flips. Then
    maps of two drivers. In whole numbers where the program is small, else as relaxations; the answer says which.
    """
    gates = call.gates(GATES)
    mapped = [] if no_maps else None if pairs is None else [_pair(text) for text in pairs]
    from planner.whatif.points import OPTIONS

    def answer(asked: Question, ask: Ask, tell: Say) -> dict[str, Any]:
        from planner.whatif.answer import sensitivity as found

        return found(asked, ask, call.driver or (), swing, top, mapped, steps, tell)

    document = call.answered(OPTIONS, answer)
    from planner.report.whatif.rows import sensitivities
    from planner.report.whatif.tornado import head, sections
    from planner.whatif.gates import of_point

    values = of_point(document["now"]) | {"flips": document["flips"] + document["unknown"]}
    call.show(document, Shown(head, sections, sensitivities), gates, values)


def _pair(text: str) -> tuple[str, str]:
    one, comma, other = (part.strip() for part in text.partition(","))
    if not (one and comma and other) or "," in other or one == other:
        raise typer.BadParameter(f"--map: {text!r} is not two drivers, as demand,purchase")
    return one, other
