"""The answer on a terminal: the verdict, the options as bars, the figures to remember; the words are the report's."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from planner.plaintext import visible
from planner.report.formatting import DASH, fixed, name, percent, plural, price
from planner.report.parts import Cell, reason
from planner.report.summary import OPTIONS, head

WIDTH, WIDEST = 80, 100
_BLOCKS = " ▏▎▍▌▋▊▉█"
_ASCII = str.maketrans({
    "–": "-", "−": "-", "…": "...", "×": "x", "÷": "/", "≤": "<=", "≥": ">=", "“": '"', "”": '"', "’": "'", "→": "->",
})  # fmt: skip
_IN_THE_CHART = ("Plan, present", "Plan, total")


@dataclass(frozen=True)
class Bar:
    """A bar over a share of the width that there is: in eighths of a character or, in ASCII, in whole ones."""

    share: float
    style: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the bar; one that stands for something is never without ink."""
        length = max(0.0, self.share) * options.max_width
        if options.ascii_only:
            drawn = "#" * (max(1, round(length)) if length > 0 else 0)
        else:
            full, eighths = divmod(max(1, round(length * 8)) if length > 0 else 0, 8)
            drawn = _BLOCKS[-1] * full + (_BLOCKS[eighths] if eighths else "")
        yield Text(drawn, style=self.style, no_wrap=True)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """Take any width from a few characters on."""
        return Measurement(min(4, options.max_width), options.max_width)


def show(document: dict[str, Any]) -> None:
    """Print the summary of a plan to stdout."""
    console = Console(file=sys.stdout)
    console.width = min(console.width, WIDEST) if console.is_terminal else WIDTH
    with console.capture() as captured:
        console.print(summary(document))
    text = "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"
    if console.options.ascii_only:
        text = text.translate(_ASCII).encode(console.encoding, "replace").decode(console.encoding)
    sys.stdout.write(text)


def summary(document: dict[str, Any]) -> Group:
    """Return the answer, the options side by side, the figures to remember, the proof and what to be wary of."""
    top = head(document)
    months = plural(document["horizon_months"], "month")
    figures = [pair for pair in top.figures.pairs if not pair[0].startswith(_IN_THE_CHART)]
    return Group(
        Text(f"{visible(top.verdict)}.", style="bold"),
        Text(visible(top.because)),
        Text(),
        Text(f"{document['currency']}{_after_tax(document)} over {months}; the bars are the present cost", style="dim"),
        _options(document),
        Text(),
        _pairs([*figures, *_proof(document)]),
        *(Padding(Text(f"! {warning}", style="yellow"), (1, 0, 0, 0)) for warning in top.warnings),
    )


def _after_tax(document: dict[str, Any]) -> str:
    """Say so where figures are after tax."""
    return " after tax" if document["finance"].get("conventions", {}).get("tax") == "after" else ""


def _options(document: dict[str, Any]) -> Table:
    """Return the options in the report's order; the reason stands in place of the bar of one that does not exist."""
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    headings = ("", "Present cost", "Total", "GPU-hour", "")
    for n, _ in enumerate(headings):
        last = n == len(headings) - 1
        table.add_column(justify="right" if n > 0 and not last else "left", no_wrap=not last, ratio=1 if last else None)
    table.add_row(*(Text(heading, style="dim") for heading in headings))
    same = document["tco"]["buy"] == document["tco"]["plan"]
    longest = max(total["present_usd"] for total in document["tco"].values() if total is not None)
    for key in OPTIONS:
        if key == "buy" and same:
            continue
        total, style = document["tco"][key], "bold" if key == "plan" else ""
        if total is None:
            table.add_row(Text(name(key)), DASH, DASH, DASH, Text(visible(reason(document, key)), style="dim"))
            continue
        share = total["present_usd"] / longest if longest > 0 else 0.0
        title = f"{name(key)} = {name('buy')}" if key == "plan" and same else name(key)
        figures = (fixed(total["present_usd"]), fixed(total["total_usd"]), price(total["usd_per_gpu_hour"]))
        bar = Bar(share, "green" if key == "plan" else "blue")
        table.add_row(*(Text(text, style=style) for text in (title, *figures)), bar)
    return table


def _proof(document: dict[str, Any]) -> list[tuple[str, Cell]]:
    """Return the proof in a line; a plan that is not proven has its warning."""
    solver = document["solver"]
    if solver["status"] != "proven":
        return []
    gap = percent(solver["relative_gap"], 2)
    note = f"it obeys every rule, and by the solver's bound none is more than {gap} cheaper"
    return [("Proof of the plan", Cell("Proven", note=note))]


def _pairs(pairs: list[tuple[str, Cell]]) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(max_width=28)
    table.add_column()
    for title, cell in pairs:
        said = [(cell.text, "bold"), (cell.note, "dim")]
        table.add_row(Text(title), Text(f" {DASH} ").join(Text(*one) for one in said if one[0] not in ("", DASH)))
    return table
