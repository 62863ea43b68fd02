"""Charts: labels that do not overlap, any number of months, looks that differ by more than colour."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.report import charts
from planner.resources import shipped
from planner.units import month_label

STYLE = (shipped("templates") / "style.css").read_text(encoding="utf-8")


def _months(count: int) -> list[str]:
    return [month_label("2027-01", t) for t in range(count)]


@pytest.mark.parametrize("count", [1, 2, 13, 36, 60, 360])
def test_months_are_labelled_without_crowding(count: int) -> None:
    values = [float(t) for t in range(count)]
    one = charts.Series("plan", "Plan", values)
    lines = charts.line_chart("a", "A", "a", _months(count), [one])
    stacked = charts.stacked_bars("b", "B", "b", _months(count), [charts.Series("owned", "Owned", values)], "GPU-hours")
    for drawing in (lines, stacked):
        assert 1 <= len(re.findall(r">\d{4}-\d\d</text>", drawing)) <= 13
        assert "nan" not in drawing


@pytest.mark.parametrize("values", [[0.0, 0.0], [-5.0, -1.0], [1e-9, 2e-9], [-1e12, 1e12]])
def test_any_values_can_be_drawn(values: list[float]) -> None:
    drawing = charts.line_chart("a", "A", "a", _months(2), [charts.Series("plan", "Plan", values)])
    heights = [float(y) for pair in re.search(r'points="([^"]+)"', drawing)[1].split() for y in [pair.split(",")[1]]]  # type: ignore[index]
    assert all(0 <= y <= charts.HEIGHT for y in heights)
    assert charts.bars("b", "B", "b", [(charts.Series("plan", "Plan", [value]), "x") for value in values])


def test_labels_are_escaped() -> None:
    drawing = charts.line_chart("a", "<b>", "<i>", ["<u>"], [charts.Series("plan", "<s>", [1.0])])
    assert not re.search("<[bius]>", drawing)


@given(st.lists(st.floats(20, 390), min_size=1, max_size=7).map(sorted))
def test_end_labels_keep_apart_and_inside(wanted: list[float]) -> None:
    placed = charts.spread(wanted, [22.0] * len(wanted), 20, 390)
    assert all(after - before >= 22 - 1e-9 for before, after in pairwise(placed))
    assert placed[0] >= 20
    assert placed[-1] <= 390 + 1e-9


def test_every_line_has_its_own_dashes() -> None:
    looks = re.findall(r"\.line\.s-(\w+) \{ stroke: [^;]+;([^}]*)\}", STYLE)
    assert len(looks) == len({dashes for _, dashes in looks}) == 7


def _luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _contrast(a: str, b: str) -> float:
    light, dark = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_and_lines_can_be_read(scheme: int) -> None:
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", STYLE.split(":root {")[1 + scheme]))
    for ground in ("ground", "raised"):
        for ink in ("ink", "soft", "link"):
            assert _contrast(colours[ink], colours[ground]) >= 4.5
    assert _contrast(colours["mark"], colours["mark-ground"]) >= 4.5
    for line in ("plan", "buy", "self", "demand", "cloud", "api", "today", "spot"):
        assert _contrast(colours[line], colours["ground"]) >= 3
