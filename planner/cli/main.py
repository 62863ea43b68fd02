"""The entry point: gathers the verbs and turns failures into messages and exit codes."""

from __future__ import annotations

import os
import sys
import traceback

import typer

from planner.cli import breakeven, catalog, init, plan, report, schema
from planner.errors import InputError, PlannerError

app = typer.Typer(
    name="planner",
    help="Buy, lease, commit or rent: the cheapest proven mix of GPU capacity over the years.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("init")(init.init)
app.command("plan")(plan.plan)
app.command("report")(report.report)
app.command("breakeven")(breakeven.breakeven)
app.command("schema")(schema.schema)
app.add_typer(catalog.app, name="catalog")

OUR_FAULT = 70


def main() -> None:
    """Run the command line.

    Exit codes: 0 done, 1 a gate failed, 2 usage, 3 input invalid, 4 no feasible plan, 5 not proven, 6 prices too
    old, 70 our own fault.
    """
    try:
        app()
    except InputError as error:
        count = len(error.complaints)
        print(f"{error}\n{count} problem{'' if count == 1 else 's'} found; nothing was written.", file=sys.stderr)
        sys.exit(error.exit_code)
    except PlannerError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        if os.environ.get("PLANNER_DEBUG"):
            traceback.print_exc()
        print(f"planner failed by its own fault: {type(error).__name__}: {error}\n"
              "Set PLANNER_DEBUG=1 to see where.", file=sys.stderr)  # fmt: skip
        sys.exit(OUR_FAULT)


if __name__ == "__main__":
    main()
