"""`planner catalog …`: prices, one verb a file."""

from __future__ import annotations

import typer

from planner.cli.catalog import check, diff, importing, refresh, show

app = typer.Typer(help="Prices: what is there, and whether it is sound.", no_args_is_help=True, rich_markup_mode=None)
app.command("show", epilog=show.EXAMPLES)(show.show)
app.command("check", epilog=check.EXAMPLES)(check.check)
app.command("diff", epilog=diff.EXAMPLES)(diff.diff)
app.command("import", epilog=importing.EXAMPLES)(importing.import_prices)
app.command("refresh", epilog=refresh.EXAMPLES)(refresh.refresh)
