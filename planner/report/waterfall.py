"""A waterfall: from one total to another, each step a bar that begins where the one before ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from planner.report.drawing import Frame, bar, drawn, tag

_ROW, _THICK, _ABOVE = 30.0, 20.0, 18.0
_NAMES = 250.0
_FROM, _SAVES, _COSTS, _TO = "existing", "on_demand", "self_hosted", "plan"


@dataclass(frozen=True)
class Bar:
    """A bar from one amount to another; `is_total` for those that stand on zero."""

    label: str
    start: float
    end: float
    text: str
    is_total: bool = False


def waterfall(chart: str, title: str, description: str, rows: Sequence[Bar]) -> Markup:
    """Draw a horizontal bar for each row, its text behind it, its name before it, or above it where it is narrow.

    Parameters
    ----------
    rows : the first total, the steps, the last total
    """
    high = max(max(one.start, one.end) for one in rows) or 1.0

    def paint(frame: Frame) -> tuple[list[Markup], float]:
        left = _NAMES if frame.beside else 0.0
        above, room = 0.0 if frame.beside else _ABOVE, frame.width - frame.amounts - left
        height = _ROW + above
        content: list[Markup] = []
        for row, one in enumerate(rows):
            top = 4.0 + row * height + above
            low, far = sorted((left + room * one.start / high, left + room * one.end / high))
            content.append(tag("text", one.label, x=0.0, y=top + 15 - above))
            content.append(bar(_key(one, row), low, top, max(far - low, 1.0), _THICK))
            content.append(tag("text", one.text, x=max(far, low + 1.0) + 8, y=top + 15))
            if row + 1 < len(rows):
                x = left + room * one.end / high
                content.append(tag("line", x1=x, x2=x, y1=top + _THICK, y2=top + height, class_="leader"))
        content.append(tag("line", x1=left, x2=left, y1=0.0, y2=height * len(rows), class_="axis"))
        return content, height * len(rows) + 2.0

    return drawn(chart, title, description, paint)


def _key(one: Bar, row: int) -> str:
    if one.is_total:
        return _FROM if row == 0 else _TO
    return _SAVES if one.end <= one.start else _COSTS
