"""Charts: labels that do not overlap, any number of months, looks that differ for every eye."""

from __future__ import annotations

import re
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.report import areas, charts, drawing
from planner.resources import shipped
from planner.units import month_label

STYLE = (shipped("templates") / "style.css").read_text(encoding="utf-8")
LINES = {"plan": "plan", "buy": "buy", "self_hosted": "self", "on_demand": "demand", "cloud": "cloud", "api": "api",
         "existing": "today"}  # fmt: skip
AREAS = {"owned": "buy", "committed": "cloud", "on_demand": "demand", "spot": "spot"}
"""Key of a look in the drawings, and its colour in the style sheet."""


def _months(count: int) -> list[str]:
    return [month_label("2027-01", t) for t in range(count)]


def _frames(drawn: str) -> list[str]:
    found = re.findall(r"<svg.*?</svg>", drawn)
    assert [re.search(r'class="([^"]+)"', one)[1] for one in found] == ["chart wide", "chart small"]  # type: ignore[index]
    return found


@pytest.mark.parametrize("count", [1, 2, 13, 36, 60, 360])
def test_months_are_labelled_without_crowding(count: int) -> None:
    values = [float(t) for t in range(count)]
    one = charts.Series("plan", "Plan", values)
    lines = charts.line_chart("a", "A", "a", _months(count), [one])
    stacked = charts.stacked_bars("b", "B", "b", _months(count), [charts.Series("owned", "Owned", values)], "GPU-hours")
    for drawn in (lines, stacked):
        for frame, most in zip(_frames(drawn), (9, 4), strict=True):
            assert 1 <= len(re.findall(r">\d{4}-\d\d</text>", frame)) <= most
            assert "nan" not in frame


@pytest.mark.parametrize("values", [[0.0, 0.0], [-5.0, -1.0], [1e-9, 2e-9], [-1e12, 1e12]])
def test_any_values_can_be_drawn(values: list[float]) -> None:
    lines = charts.line_chart("a", "A", "a", _months(2), [charts.Series("plan", "Plan", values)])
    for drawn, frame in zip(_frames(lines), (drawing.WIDE, drawing.SMALL), strict=True):
        points = re.search(r'points="([^"]+)"', drawn)[1].split()  # type: ignore[index]
        assert all(0 <= float(point.split(",")[1]) <= frame.height for point in points)
    assert charts.bars("b", "B", "b", [(charts.Series("plan", "Plan", [value]), "x") for value in values])


def test_labels_are_escaped() -> None:
    drawn = charts.line_chart("a", "<b>", "<i>", ["<u>"], [charts.Series("plan", "<s>", [1.0])])
    assert not re.search("<[bius]>", drawn)


@given(st.lists(st.floats(20, 390), min_size=1, max_size=7).map(sorted))
def test_end_labels_keep_apart_and_inside(wanted: list[float]) -> None:
    placed = charts.spread(wanted, [22.0] * len(wanted), 20, 390)
    assert all(after - before >= 22 - 1e-9 for before, after in pairwise(placed))
    assert placed[0] >= 20
    assert placed[-1] <= 390 + 1e-9


def _area(drawn: str, key: str) -> float:
    """The area of a look's path in square units, by the shoelace formula."""
    path = re.search(rf'd="M([^"]+)Z" class="fill s-{key}"', drawn)[1]  # type: ignore[index]
    x, y = (float(one) for one in re.match(r"([\d.]+),([\d.]+)", path).groups())  # type: ignore[union-attr]
    corners = [(x, y)]
    for way, value in re.findall(r"([HV])(-?[\d.]+)", path):
        x, y = (float(value), y) if way == "H" else (x, float(value))
        corners.append((x, y))
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise([*corners, corners[0]]))) / 2


def test_areas_are_as_large_as_the_gpu_hours_they_stand_for() -> None:
    owned, spot = [8.0, 8.0, 6.0, 2.0], [5.0, 1.0, 0.0, 0.0]
    hours = [100.0, 900.0, 4000.0, 3760.0]
    stacked = [charts.Series("owned", "Owned", owned), charts.Series("spot", "Spot", spot)]
    panel = areas.Panel("2027", hours, stacked, [("8 owned", 8.0)])
    for drawn in _frames(areas.load_duration("a", "A", "a", [panel], "GPUs", 13.0)):
        wanted = sum(h * g for h, g in zip(hours, owned, strict=True)) / sum(
            h * g for h, g in zip(hours, spot, strict=True)
        )
        assert _area(drawn, "owned") / _area(drawn, "spot") == pytest.approx(wanted, rel=0.02)
        assert drawn.count('class="fleet"') == 1
        assert "up to" not in drawn


def test_an_area_stands_on_the_one_below() -> None:
    stacked = [charts.Series("owned", "Owned", [6.0, 2.0]), charts.Series("spot", "Spot", [4.0, 1.0])]
    panel = areas.Panel("2027", [100.0, 8660.0], stacked, [])
    for drawn in _frames(areas.load_duration("a", "A", "a", [panel], "GPUs", 10.0)):
        owned, spot = (re.search(rf'd="M([^"]+)Z" class="fill s-{key}"', drawn)[1] for key in ("owned", "spot"))  # type: ignore[index]
        tops = re.findall(r"V([\d.]+)H", owned)[:2]
        feet = re.findall(r"V([\d.]+)H", spot)[:1:-1]
        assert tops == feet


def test_a_load_beyond_the_scale_is_cut_and_named() -> None:
    panel = areas.Panel("2027", [10.0, 8750.0], [charts.Series("owned", "Owned", [964.0, 50.0])], [])
    for drawn in _frames(areas.load_duration("a", "A", "a", [panel], "GPUs", 50.0)):
        assert ">up to 964</text>" in drawn
        assert all(float(y) >= 0 for y in re.findall(r"V(-?[\d.]+)", drawn))


def test_every_line_has_its_own_dashes() -> None:
    looks = re.findall(r"\.line\.s-(\w+) \{ stroke: [^;]+;([^}]*)\}", STYLE)
    assert len(looks) == len({dashes for _, dashes in looks}) == len(LINES)


def test_every_area_has_its_own_stripes() -> None:
    stripes = {(key in drawing.LEVEL, key in drawing.UPRIGHT) for key in AREAS}
    assert len(stripes) == len(AREAS)


def test_looks_have_the_colours_that_are_tested_here() -> None:
    for key, colour in LINES.items():
        assert f".line.s-{key} {{ stroke: var(--{colour});" in STYLE
    for key, colour in AREAS.items():
        assert re.search(rf"\.fill\.s-{key} \{{ fill: var\(--{colour}\);", STYLE)


def _linear(colour: str) -> list[float]:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    return [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]


def _times(matrix: tuple[tuple[float, ...], ...], vector: list[float]) -> list[float]:
    return [sum(weight * part for weight, part in zip(row, vector, strict=True)) for row in matrix]


VISIONS = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}
"""What is left of linear RGB when a kind of cone is missing (Machado, Oliveira and Fernandes 2009, severity 1)."""
TO_CONES = ((0.4122214708, 0.5363325363, 0.0514459929), (0.2119034982, 0.6806995451, 0.1073969566),
            (0.0883024619, 0.2817188376, 0.6299787005))  # fmt: skip
TO_OKLAB = ((0.2104542553, 0.793617785, -0.0040720468), (1.9779984951, -2.428592205, 0.4505937099),
            (0.0259040371, 0.7827717662, -0.808675766))  # fmt: skip
APART = 0.1
"""Distance in Oklab; five times what is just noticed."""


def _distance(one: str, other: str, vision: str) -> float:
    seen = []
    for colour in (one, other):
        left = [min(1.0, max(0.0, part)) for part in _times(VISIONS[vision], _linear(colour))]
        seen.append(_times(TO_OKLAB, [part ** (1 / 3) for part in _times(TO_CONES, left)]))
    return sum((a - b) ** 2 for a, b in zip(*seen, strict=True)) ** 0.5


def _colours(scheme: int) -> dict[str, str]:
    """The colours of a scheme: light, dark, and print, which changes some of the light ones."""
    blocks = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]+)", block)) for block in STYLE.split(":root {")[1:]]
    found = blocks[0] | blocks[scheme]
    return {name: c if len(c) == 7 else "#" + "".join(2 * digit for digit in c[1:]) for name, c in found.items()}


def test_red_and_green_look_alike_to_who_lacks_a_cone() -> None:
    """The eye of the next test is no usual one: it must not tell these apart."""
    assert _distance("#c00000", "#5f6000", "protanopia") < APART < _distance("#c00000", "#5f6000", "usual")


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("scheme", [0, 1, 2], ids=["light", "dark", "print"])
def test_colours_differ_for_every_eye(scheme: int, vision: str) -> None:
    colours = _colours(scheme)
    for looks in (LINES, AREAS):
        for one, other in combinations(looks.values(), 2):
            assert _distance(colours[one], colours[other], vision) >= APART, f"{one} and {other}"


def _contrast(a: str, b: str) -> float:
    lights = [sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), _linear(one), strict=True)) for one in (a, b)]
    return (max(lights) + 0.05) / (min(lights) + 0.05)


@pytest.mark.parametrize("scheme", [0, 1, 2], ids=["light", "dark", "print"])
def test_text_and_lines_can_be_read(scheme: int) -> None:
    colours = _colours(scheme)
    for ink in ("ink", "soft", "link"):
        assert _contrast(colours[ink], colours["ground"]) >= 4.5
    assert _contrast(colours["mark"], colours["mark-ground"]) >= 4.5
    for line in {*LINES.values(), *AREAS.values()}:
        assert _contrast(colours[line], colours["ground"]) >= 3, line
