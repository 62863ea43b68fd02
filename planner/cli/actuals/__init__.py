"""`planner actuals …`: what was used and billed, one verb a file."""

from __future__ import annotations

import typer

from planner.cli.actuals import demand, focus, importing, show

app = typer.Typer(help="Actuals: what was used and billed.", no_args_is_help=True, rich_markup_mode=None)
app.command("import", epilog=importing.EXAMPLES)(importing.import_actuals)
app.command("show", epilog=show.EXAMPLES)(show.show)
app.command("focus", epilog=focus.EXAMPLES)(focus.focus)
app.command("demand", epilog=demand.EXAMPLES)(demand.demand)
