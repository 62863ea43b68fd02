"""Shows on stderr what is being worked on and for how long, when somebody is there to see it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Say = Callable[[str], None]
Count = Callable[[int, int], None]
"""Gets how many are done, and how many there are."""


@contextmanager
def progress(quiet: bool) -> Iterator[Say]:
    """Yield a function that names the work in hand; a live line with the time elapsed, gone when the work is done.

    Nothing is written when stderr is no terminal or `quiet` is asked for.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda text: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.table import Column

    console = Console(stderr=True)
    narrow, rest = Column(no_wrap=True, min_width=7), Column(no_wrap=True, overflow="ellipsis", ratio=1)
    columns = (
        SpinnerColumn("line" if console.options.ascii_only else "dots"),
        TimeElapsedColumn(table_column=narrow),
        TextColumn("{task.description}", table_column=rest),
    )
    with Progress(*columns, console=console, transient=True, expand=True) as live:
        task = live.add_task("reading", total=None)
        # at once, since a step may be over before the line is drawn again
        yield lambda text: live.update(task, description=escape(text), refresh=True)


@contextmanager
def counting(quiet: bool, noun: str) -> Iterator[tuple[Say, Count]]:
    """Yield functions that name the work in hand, and say how far it is: a bar with the rate and the time left.

    Nothing is written when stderr is no terminal or `quiet` is asked for.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda text: None, lambda done, of: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class Rate(ProgressColumn):
        """So many a second, as of late."""

        def render(self, task: Any) -> Text:
            return Text("" if not task.speed else f"{task.speed:,.3g} {noun} a second")

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as live:
        task = live.add_task("reading", total=None)

        def say(text: str) -> None:
            live.update(task, description=escape(text), refresh=True)

        yield say, lambda done, of: live.update(task, completed=done, total=of)
