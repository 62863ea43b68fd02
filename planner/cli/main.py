"""The entry point: gathers the verbs and turns failures into messages and exit codes."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from dataclasses import asdict
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import planner
from planner.cli import (
    actuals,
    alternatives,
    breakeven,
    catalog,
    compare,
    explain,
    finetune,
    init,
    memo,
    plan,
    replan,
    report,
    risk,
    schema,
    sensitivity,
    sweep,
    switch,
    track,
)
from planner.cli.interrupt import STOPPED, StoppedError
from planner.cli.options import examples
from planner.cli.output import as_json
from planner.errors import InfeasibleError, InputError, PlannerError

_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",  # numpy's threads turn idly for a tenth of a second; our matrices are small
    "PYDANTIC_DISABLE_PLUGINS": "__all__",  # it would look for some in every package that is installed
}
"""Of libraries that are imported later, when a command runs."""

OUR_FAULT = 70
EXIT_CODES = {
    0: "done",
    1: "a gate failed (--fail-on)",
    2: "the command line is wrong",
    3: "an input is invalid; every problem is named with file, line and cure",
    4: "no plan obeys every limit of the scenario",
    5: "the answer is not proven within --gap and --time-limit; it is written all the same",
    6: "a price that was used is older than --max-price-age",
    OUR_FAULT: "our own fault; PLANNER_DEBUG=1 shows where",
    STOPPED: "stopped by Ctrl-C; nothing was written but what a sweep has solved, and files that were imported",
}
_FIRST_STEPS = examples(
    "planner init                    a scenario to edit", "planner plan scenario.yaml      the answer and its report"
)
_CODES = "\n".join(["\b", "Exit codes:", *(f"  {code:<4}{meaning}" for code, meaning in EXIT_CODES.items())])


class _Commands(TyperGroup):
    """The commands; what a library puts before the message about a wrong word is taken away."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = error.message.removeprefix("Value error, ")
            raise


app = typer.Typer(
    name="planner",
    cls=_Commands,
    help="Buy, commit or rent: the cheapest proven mix of GPU capacity over the years, from sourced prices.",
    epilog=f"{_FIRST_STEPS}\n\n{_CODES}",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("init", epilog=init.EXAMPLES)(init.init)
app.command("plan", epilog=plan.EXAMPLES)(plan.plan)
app.command("report", epilog=examples("planner report out/starter/plan.json"))(report.report)
app.command("memo", epilog=memo.EXAMPLES)(memo.memo)
app.command("explain", epilog=explain.EXAMPLES)(explain.explain)
app.command("compare", epilog=compare.EXAMPLES)(compare.compare)
app.command("alternatives", epilog=alternatives.EXAMPLES)(alternatives.alternatives)
app.command("breakeven", epilog=breakeven.EXAMPLES)(breakeven.breakeven)
app.command("sweep", epilog=sweep.EXAMPLES)(sweep.sweep)
app.command("sensitivity", epilog=sensitivity.EXAMPLES)(sensitivity.sensitivity)
app.command("switch", epilog=switch.EXAMPLES)(switch.switch)
app.command("track", epilog=track.EXAMPLES)(track.track)
app.command("risk", epilog=risk.EXAMPLES)(risk.risk)
app.command("replan", epilog=replan.EXAMPLES)(replan.replan)
app.command("finetune", epilog=finetune.EXAMPLES)(finetune.finetune)
app.add_typer(catalog.app, name="catalog")
app.add_typer(actuals.app, name="actuals")
app.command("schema", epilog=schema.EXAMPLES)(schema.schema)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"planner {planner.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line; what ends it is told by its exit code (EXIT_CODES)."""
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `| head` ends us as it ends any other command
    try:
        app(prog_name="planner")
    except InputError as error:
        count = len(error.complaints)
        print(f"{error}\n{count} problem{'' if count == 1 else 's'} found; {error.outcome}.", file=sys.stderr)
        sys.exit(error.exit_code)
    except PlannerError as error:
        if isinstance(error, InfeasibleError) and _asks_for_json(sys.argv):
            sys.stdout.write(as_json(asdict(error.diagnosis)))
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
    except StoppedError as stopped:
        print(stopped, file=sys.stderr, flush=True)
        os._exit(STOPPED)  # an exit in good order would wait for the solver
    except Exception as error:
        if os.environ.get("PLANNER_DEBUG"):
            traceback.print_exc()
        print(f"planner failed by its own fault: {type(error).__name__}: {error}\n"
              "Set PLANNER_DEBUG=1 to see where.", file=sys.stderr)  # fmt: skip
        sys.exit(OUR_FAULT)


def _asks_for_json(arguments: list[str]) -> bool:
    """Say whether `--format json` was asked for; the parser is gone when its verb has failed."""
    pairs = zip(arguments, [*arguments[1:], ""], strict=True)
    return any(one == "--format=json" or (one, following) == ("--format", "json") for one, following in pairs)


if __name__ == "__main__":
    main()
