"""`planner actuals focus`: plan and actuals as one FOCUS-shaped CSV."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from planner.cli import options
from planner.cli.options import examples, read_catalog
from planner.cli.output import as_csv, say

EXAMPLES = examples(
    "planner actuals focus out/starter/plan.json --from actuals.duckdb -o costs.csv",
    "planner actuals focus out/starter/plan.json -o forecast.csv       the plan alone",
)
STDOUT = Path("-")


def focus(
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="The plan.json that `planner plan` wrote.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file, - for stdout.")],
    store: Annotated[
        Path | None, typer.Option("--from", metavar="STORE", help="DuckDB file that `import` wrote: its rows follow.")
    ] = None,
    catalog: options.CatalogFolder = None,
    quiet: options.Quiet = False,
) -> None:
    """Write plan and actuals, owned and rented, in the columns of FOCUS 1.2: a BI tool stacks forecast on spend.

    x_Record says plan or actual. BilledCost is what is paid, and of the plan adds up to its ledger; EffectiveCost
    spreads capital outlay, planned and spent, in a straight line over the useful life of servers, and the plan's
    commitments paid upfront over their term. A cost that is not known is empty.
    """
    from planner.actuals.focus_out import COLUMNS, focus_rows
    from planner.actuals.store import Store
    from planner.documents import write_atomically
    from planner.planreader import CURE, read_plan, refuse

    document = read_plan(plan)
    if (document.get("ledgers") or {}).get("plan") is None:
        refuse(str(plan), "is missing", "ledgers", cure=CURE)
    prices = read_catalog(catalog)
    if store is None:
        rows = focus_rows(document, prices)
    else:
        with Store(store, read_only=True) as kept:
            rows = focus_rows(document, prices, kept)
    text = as_csv(rows, COLUMNS)
    if output == STDOUT:
        sys.stdout.write(text)
        return
    write_atomically(output, text)
    say(f"Written: {output}, {len(rows):,} rows", quiet)
