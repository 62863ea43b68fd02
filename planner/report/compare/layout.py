"""The columns of tables about several plans."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from planner.report.compare.comparison import Comparison
from planner.report.formatting import DASH, percent
from planner.report.parts import Cell, Column, Table, columns


def names(found: Comparison) -> list[str]:
    """Return what the plans are called in tables."""
    return [plan.plan for plan in found.plans]


def heads(found: Comparison, first: str, shares: bool = False) -> tuple[Column, ...]:
    """Return columns: what it is, every plan, how much each lies above the first; of two plans also in percent."""
    one, *others = names(found)
    above = [f"{other} {DASH} {one}" for other in others]
    return columns(first, one, *others, *above, *(["%"] if shares and len(others) == 1 else []))


def change_heads(found: Comparison) -> list[str]:
    """Return titles of columns that say what became of each plan but the first."""
    _, *others = names(found)
    return ["Change"] if len(others) == 1 else [f"Change, {one}" for one in others]


def in_words(found: Comparison, caption: str, rows: Iterable[tuple[str, Sequence[str]]]) -> Table:
    """Return a table of words, a column for every plan."""
    body = tuple((Cell(title), *map(Cell, texts)) for title, texts in rows)
    titles = (Column("", number=False), *(Column(one, number=False, wide=True) for one in names(found)))
    return Table(caption, titles, body)


def rise(change: float | None) -> str:
    """Return a change in percent, with its sign.

    >>> rise(0.2), rise(-0.05), rise(None)
    ('+20.0 %', '−5.0 %', '–')
    """
    text = percent(change)
    return text if change is None or change <= 0 else f"+{text}"
