"""A tornado: what each driver does at its low and its high, with the maps of two drivers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from planner.plaintext import readable
from planner.report.drawing import Frame, Plane, bar, drawn, tag
from planner.report.formatting import DASH, fixed, plural, sentence, tick_texts, ticks
from planner.report.parts import Block, Cell, Column, Figure, Section, Table, Text, code, folded
from planner.report.summary import Head
from planner.report.whatif.maps import map_section
from planner.report.whatif.words import MEASURES, SAID, measured, signed, title, top_of, value

Answer = Mapping[str, Any]
SHOWN = 15
_ROW, _BAR, _ABOVE = 38.0, 13.0, 17.0
_NAMES, _ROOM = 250.0, 82.0
_ROOM_SMALL = 62.0
_LETTERS = 32
_KEYS = {"low": "on_demand", "high": "self_hosted"}


def head(document: Answer) -> tuple[Head, list[Section]]:
    """Return the answer as a page of its own has it: its head, and the sections below."""
    found = readable(dict(document))
    return top_of(found, _flips(found), "Sensitivity", "what would change the answer?"), _rest(found)


def sections(document: Answer) -> list[Section]:
    """Return the answer; its first section says what is decided today."""
    top, rest = head(document)
    return [top.section("sensitivity", f"Sensitivity of {top.title}"), *rest]


def _rest(found: Answer) -> list[Section]:
    return [_tornado(found), *map_section(found["maps"])]


def _flips(found: Answer) -> str:
    names = [f"{title(one)} at {value(one, one[end]['value'])}" for one in found["bars"] for end in ("low", "high")
             if one[end]["flips"]]  # fmt: skip
    if not found["flips"]:
        return "No driver, at either end of its range, changes the decision."
    more = f" and {len(names) - 4} more" if len(names) > 5 else ""
    shown = "; ".join(names[:4] if more else names)
    ends = 2 * (len(found["bars"]) + len(found["more"]))
    return f"The decision flips at {found['flips']} of {ends} ends of ranges: {shown}{more}."


def _tornado(found: Answer) -> Section:
    bars = found["bars"]
    blocks: list[Block] = []
    if bars:
        blocks += [_figure(found, bars[:SHOWN]), *folded(_table(found, bars), "rows")]
    if found["more"]:
        blocks.append(Text(f"Left out by --top: {', '.join(found['more'])}."))
    if found["unmoved"]:
        still = plural(len(found["unmoved"]), "driver")
        blocks.append(Text(f"{still} moved nothing: {', '.join(found['unmoved'])}."))
    lead = f"One driver at a time, all others as they are: {MEASURES[found['measure']]}."
    return Section("tornado", "What moves the answer", lead, tuple(blocks))


def _base(found: Answer) -> Answer:
    """Return the measures of today with which both ends of bars can be compared: solved as they are."""
    base: Answer = found["now_relaxed"] or found["now"]
    return base


def _figure(found: Answer, bars: Sequence[Answer]) -> Figure:
    what = sentence(MEASURES[found["measure"]])
    told = "; ".join(
        f"{title(one)}: " + ", ".join(f"{value(one, one[end]['value'])} gives {fixed(one[end][found['measure']])}"
                                      for end in ("low", "high")) for one in bars
    )  # fmt: skip
    drawing = tornado_chart("tornado-chart", f"{what}, USD", told, found["measure"], _base(found), bars)
    caption = f"{what}, USD, with each driver at its low and its high."
    if found["measure"] == "buying_saves_usd":
        caption += " The decision flips where a bar crosses 0; such ends are ringed."
    if len(found["bars"]) > len(bars):
        caption += f" The first {len(bars)} of {len(found['bars'])}; the table has all."
    return Figure(drawing, caption)


def tornado_chart(
    chart: str, heading: str, description: str, measure: str, now: Answer, bars: Sequence[Answer]
) -> Markup:
    """Draw two bars for every driver, from today's value to what it is at the low and at the high."""
    ends = [one[end][measure] for one in bars for end in ("low", "high")]
    known = [float(amount) for amount in (now[measure], *ends) if amount is not None]
    low, high = min(known), max(known)
    crosses = measure == "buying_saves_usd"
    levels = ticks(low, high) if crosses or low <= 0 <= high else _near(low, high)

    def paint(frame: Frame) -> tuple[list[Markup], float]:
        left, room = (_NAMES, _ROOM) if frame.beside else (0.0, _ROOM_SMALL)
        above = 0.0 if frame.beside else _ABOVE
        height, top = _ROW + above, 66.0
        bottom = top + height * len(bars)
        # a plane lying on its side: amounts grow to the right
        plane = Plane(levels[-1] - levels[0], [0.0, 1.0], left + room, frame.width - room, top, bottom)
        content = [*_axis(plane, levels, frame), *_key(frame)]
        for row, one in enumerate(bars):
            content += _driver(plane, levels[0], one, measure, now[measure] or 0.0, top + height * row, above)
        middle = plane.x((now[measure] or 0.0) - levels[0])
        content.append(tag("line", x1=middle, x2=middle, y1=top - 4, y2=bottom, class_="axis"))
        content.append(tag("text", "today", x=middle, y=top - 26, class_="middle strong"))
        return content, bottom + 4

    return drawn(chart, heading, description, paint)


def _near(low: float, high: float) -> list[float]:
    """Return round values around amounts that are all far from 0."""
    steps = ticks(0, high - low)
    step = steps[1] - steps[0]
    first, last = int(low // step), -int(-high // step)
    return [step * n for n in range(first, max(last, first + 1) + 1)]


def _axis(plane: Plane, levels: Sequence[float], frame: Frame) -> list[Markup]:
    texts, unit = tick_texts(levels, "USD")
    parts, every = [], 1 if frame.beside else 2
    for n, (level, text) in enumerate(zip(levels, texts, strict=True)):
        x = plane.x(level - levels[0])
        look = "marker" if level == 0 else "grid"
        parts.append(tag("line", x1=x, x2=x, y1=plane.top - 4, y2=plane.bottom, class_=look))
        if n % every == 0 or level == 0:
            parts.append(tag("text", text, x=x, y=plane.top - 9, class_="middle"))
    return [*parts, tag("text", unit, x=frame.width, y=14.0, class_="end unit")]


def _key(frame: Frame) -> list[Markup]:
    parts = []
    for n, (end, text) in enumerate((("low", "at its low"), ("high", "at its high"))):
        x = n * (112.0 if frame.beside else 104.0)
        parts += [bar(_KEYS[end], x, 4.0, 22.0, 11.0), tag("text", text, x=x + 28, y=14.0)]
    return parts


def _driver(
    plane: Plane, first: float, one: Answer, measure: str, now: float, top: float, above: float
) -> list[Markup]:
    name = title(one)
    lines = [name]
    if not above and len(name) > _LETTERS:
        owner, slash, field = name.partition("/")
        lines = [owner + slash, field] if slash else [name]
    first_line = top + (20.0 if not above and len(lines) == 1 else 13.0)
    parts = [tag("text", line, x=0.0, y=first_line + 16 * n) for n, line in enumerate(lines)]
    for n, end in enumerate(("low", "high")):
        y, amount = top + above + 3 + n * (_BAR + 3), one[end][measure]
        text = value(one, one[end]["value"])
        if amount is None:
            parts.append(tag("text", f"{text}: {DASH}", x=plane.x(now - first) + 6, y=y + 11))
            continue
        here, there = plane.x(now - first), plane.x(amount - first)
        parts.append(bar(_KEYS[end], min(here, there), y, max(abs(there - here), 1.0), _BAR))
        out = 14.0 if one[end]["flips"] else 6.0
        if one[end]["flips"]:
            parts.append(tag("circle", cx=there, cy=y + _BAR / 2, r=5.0, class_="ring"))
        look = {"class_": "end"} if there < here else {}
        parts.append(tag("text", text, x=there - out if there < here else there + out, y=y + 11, **look))
    return parts


def _table(found: Answer, bars: Sequence[Answer]) -> Table:
    key, heads = "npv_usd", ("NPV of the plan", "Changes NPV by")
    if found["measure"] == "present_usd":
        key, heads = "present_usd", ("Plan costs", "Changes it by")
    titles = (Column("Driver", number=False), Column("Value"), Column("Buying saves"), *map(Column, heads),
              Column("Breakeven, months"), Column("Decision", number=False), Column("Swing"))  # fmt: skip
    now = _base(found)
    rows = [(Cell("Today"), Cell(""), Cell(fixed(now["buying_saves_usd"])), Cell(fixed(now[key])), Cell(""),
             Cell(fixed(now["breakeven_months"], 1)), Cell(SAID[now["decision"]]), Cell(""))]  # fmt: skip
    for one in bars:
        name = title(one)
        cell = code(name, note=one["source"]) if "/" in name else Cell(name, note=one["source"])
        for end in ("low", "high"):
            at = one[end]
            decides = Cell(SAID[at["decision"]], mark="flips" if at["flips"] else "")
            change = None if at[key] is None or now[key] is None else at[key] - now[key]
            rows.append((cell if end == "low" else Cell(""), Cell(value(one, at["value"]), note=measured(one)),
                         Cell(fixed(at["buying_saves_usd"])), Cell(fixed(at[key])), Cell(signed(change)),
                         Cell(fixed(at["breakeven_months"], 1)), decides,
                         Cell(fixed(one["swing_usd"]) if end == "low" else "")))  # fmt: skip
    return Table("Each driver at its low and its high, USD of present value", titles, tuple(rows))
