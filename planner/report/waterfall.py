"""A waterfall: from one total to another, each step a bar that begins where the one before ends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from planner.report.drawing import Frame, bar, drawn, tag

_ROW, _THICK, _ABOVE = 30.0, 20.0, 18.0
_NAMES = 250.0
_LEAST = 1e-3
"""Of the largest: smaller steps are not drawn large."""
_FROM, _SAVES, _COSTS, _TO = "existing", "on_demand", "self_hosted", "plan"


@dataclass(frozen=True)
class Bar:
    """A bar from one amount to another; `is_total` for those that stand on zero."""

    label: str
    start: float
    end: float
    text: str
    is_total: bool = False


def cut_at(rows: Sequence[Bar]) -> float:
    """Return where an axis may begin so that small steps between large totals can be seen; 0 where they can anyway.

    >>> cut_at([Bar("Plan", 0, 321203, ""), Bar("Price", 321203, 308785, ""), Bar("Actual", 0, 308785, "")])
    290000.0
    >>> cut_at([Bar("Plan", 0, 100, ""), Bar("Price", 100, 70, ""), Bar("Actual", 0, 70, "")])
    0.0
    """
    ends = [one.end for one in rows]
    low, high = min(ends), max(ends)
    base = low - (high - low)
    if base <= high / 2 or high - low < _LEAST * high:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(base)) - 1)
    return math.floor(base / unit) * unit


def waterfall(chart: str, title: str, description: str, rows: Sequence[Bar], base: float = 0.0) -> Markup:
    """Draw a horizontal bar for each row, its text behind it, its name before it, or above it where it is narrow.

    Parameters
    ----------
    rows : the first total, the steps, the last total
    base : at which the axis begins
    """
    high = max(max(one.start, one.end) for one in rows) - base or 1.0

    def share(amount: float) -> float:
        return max(amount - base, 0.0) / high

    def paint(frame: Frame) -> tuple[list[Markup], float]:
        left = _NAMES if frame.beside else 0.0
        above, room = 0.0 if frame.beside else _ABOVE, frame.width - frame.amounts - left
        height = _ROW + above
        content: list[Markup] = []
        for row, one in enumerate(rows):
            top = 4.0 + row * height + above
            low, far = sorted((left + room * share(one.start), left + room * share(one.end)))
            content.append(tag("text", one.label, x=0.0, y=top + 15 - above))
            content.append(bar(_key(one, row), low, top, max(far - low, 1.0), _THICK))
            content.append(tag("text", one.text, x=max(far, low + 1.0) + 8, y=top + 15))
            if row + 1 < len(rows):
                x = left + room * share(one.end)
                content.append(tag("line", x1=x, x2=x, y1=top + _THICK, y2=top + height, class_="leader"))
        content.append(tag("line", x1=left, x2=left, y1=0.0, y2=height * len(rows), class_="axis"))
        return content, height * len(rows) + 2.0

    return drawn(chart, title, description, paint)


def _key(one: Bar, row: int) -> str:
    if one.is_total:
        return _FROM if row == 0 else _TO
    return _SAVES if one.end <= one.start else _COSTS
