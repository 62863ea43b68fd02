"""What commands that ask about a decision have in common: their options, who answers, the forms of it, and gates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec

import typer

from planner.cli.interrupt import interruptible
from planner.cli.options import (
    AsOfOption,
    CatalogOption,
    FormatOption,
    QuietOption,
    ScenarioArgument,
    SetOption,
    read_scenario,
)
from planner.cli.output import Format
from planner.cli.progress import Say, progress
from planner.cli.whatif import (
    GATE_FAILED,
    FailOnOption,
    OutputOption,
    Shown,
    ToOption,
    WholeOption,
    WorkersOption,
    gates_failed,
    need_both,
    read_gates,
    show,
)

if TYPE_CHECKING:
    from planner.whatif.basis import Ask
    from planner.whatif.gates import Gate, Values
    from planner.whatif.question import Question

Own = ParamSpec("Own")
DriverOption = Annotated[
    list[str] | None,
    typer.Option("--driver", metavar="NAME", help="Only this one: demand, purchase, …, or a catalog row. Repeatable."),
]
ExecutorOption = Annotated[str, typer.Option(metavar="WHERE", help="local, or dask://host:port of a scheduler.")]
SeedOption = Annotated[int, typer.Option(help="Accepted everywhere; this command draws nothing at random.")]


@dataclass(frozen=True)
class Call:
    """The options that each of them takes beside its own."""

    scenario: ScenarioArgument
    form: FormatOption = Format.table
    to: ToOption = None
    output: OutputOption = None
    driver: DriverOption = None
    fail_on: FailOnOption = None
    assignments: SetOption = None
    as_of: AsOfOption = None
    catalog: CatalogOption = None
    whole: WholeOption = None
    workers: WorkersOption = 2
    executor: ExecutorOption = "local"
    quiet: QuietOption = False
    seed: SeedOption = 0

    def gates(self, known: Sequence[str]) -> list[Gate]:
        """Return the gates that are asked for, before anything is solved; see `read_gates`."""
        need_both(self.to, self.output)
        return read_gates(self.fail_on, known)

    def answered(
        self, options: tuple[str, ...], answer: Callable[[Question, Ask, Say], dict[str, Any]]
    ) -> dict[str, Any]:
        """Return what `answer` makes of the question about the scenario and of who answers it."""
        from planner.whatif.base import Base
        from planner.whatif.question import asking, question
        from planner.whatif.runner import How

        def work(tell: Say) -> dict[str, Any]:
            prices, loaded = read_scenario(self.scenario, self.assignments, self.as_of, self.catalog)
            asked = question(Base(prices, loaded), self.whole)
            how = How(options, asked.effort, self.workers, self.executor)
            return answer(asked, asking(asked, how, tell), tell)

        with progress(self.quiet) as tell:
            return interruptible(lambda: work(tell))

    def show(self, found: dict[str, Any], how: Shown, gates: Sequence[Gate], values: Values) -> None:
        """Print the answer or write it to a file; then exit as the gates say."""
        show(found, how, self.form, self.to, self.output, self.quiet)
        if gates_failed(gates, values, found["solved"]):
            raise typer.Exit(GATE_FAILED)


def asks(verb: Callable[Concatenate[Call, Own], None]) -> Callable[..., None]:
    """Return a command with the options of `verb` and those of the call, which it gets as its first argument."""
    first, *shared = signature(Call, eval_str=True).parameters.values()
    own = list(signature(verb, eval_str=True).parameters.values())[1:]
    options = [one.replace(kind=Parameter.KEYWORD_ONLY) for one in (first, *own, *shared)]

    @wraps(verb)
    def command(**given: Any) -> None:
        call = Call(**{field.name: given.pop(field.name) for field in fields(Call)})
        verb(call, **given)  # type: ignore[call-arg]

    command.__signature__ = Signature(options)  # type: ignore[attr-defined]
    command.__annotations__ = {one.name: one.annotation for one in options}
    return command
