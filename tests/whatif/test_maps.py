"""Maps of two drivers: which side pays is seen without colours, where it flips, and where today is."""

from __future__ import annotations

from typing import Any

import pytest

from planner.report.parts import Figure, Fold, Text
from planner.report.whatif.maps import map_blocks, map_section


def side(name: str, *values: Any, now: float | None = None) -> dict[str, Any]:
    numeric = not isinstance(values[0], str)
    return {"driver": name, "title": name, "unit": "×", "values": [*values], "now": now, "numeric": numeric}


X, Y = side("demand", 0.8, 1.0, 1.2, now=1.0), side("purchase", 0.9, 1.1, now=1.0)
FLIPS = [[-1e4, 2e4, 3e4], [-4e4, -1e4, None]]


def figure(*asked: Any) -> Figure:
    (found,) = map_blocks("map", *asked)
    assert isinstance(found, Figure)
    return found


def test_a_map_shows_sides_flip_line_today_and_numbers() -> None:
    found = figure(X, Y, FLIPS)
    wide, small = str(found.drawing).split("</svg>")[:2]
    for drawing in (wide, small):
        assert drawing.count('class="stripes"') == 3 + 1  # of the key
        assert drawing.count('class="ring"') == 1 + 1
        assert drawing.count('class="line s-plan"') == 1 + 1  # none where a corner is not known
        assert ">−40</text>" in drawing
    assert "thousand USD" in found.caption
    assert "buying pays in 2 of 5 scenarios. In 1 of 6 buying and not buying cannot be compared" in found.caption
    assert found.data is not None
    assert [cell.text for cell in found.data.rows[0]] == ["× 1.1", "−40,000", "−10,000", "–"]


def test_the_farther_from_0_the_deeper() -> None:
    depths = [part.partition('"')[0] for part in str(figure(X, Y, FLIPS).drawing).split('<g opacity="')[1:]]
    assert depths[3] == max(depths[:5]) > depths[2] > depths[1] > depths[0] == depths[4]


@pytest.mark.parametrize("cells", [[[1.0, 2.0], [3.0, 4.0]], [[0.0, -2.0], [-3.0, None]], [[None, None], [None, None]]])
def test_a_map_all_on_one_side_is_told_in_words(cells: list[list[float | None]]) -> None:
    said, numbers = map_blocks("map", side("a", 1, 2), side("b", 1, 2), cells)
    assert isinstance(said, Text) and isinstance(numbers, Fold)
    assert "The decision flips nowhere here." in said.text


def test_between_words_there_is_no_line_and_without_a_value_no_today() -> None:
    kinds = side("offers.kinds", "[on_demand]", "[reserved_1y, reserved_3y, spot, on_demand]")
    drawing = str(figure(side("demand", 0.8, 1.2), kinds, [[1.0, -1.0], [2.0, 3.0]]).drawing)
    assert "s-plan" not in drawing
    assert "ring" not in drawing
    wide, small = drawing.split("</svg>")[:2]
    assert "spot, on_demand]</text>" in wide
    assert "…</text>" in small and "spot, on_demand]</text>" not in small


def test_where_cells_are_small_only_the_table_has_the_numbers() -> None:
    values = [n / 10 for n in range(41)]
    cells = [[1e6 * (x - y) for x in values] for y in values]
    found = figure(side("a", *values), side("b", *values), cells)
    assert "−4.0</text>" not in str(found.drawing)
    assert found.data is not None and len(found.data.rows) == 41


def test_where_buying_is_the_only_way_it_pays_and_the_decision_flips() -> None:
    one = {"x": side("demand", 0.8, 1.0, 1.2), "y": side("purchase", 0.9, 1.1)}
    one |= {"buying_saves_usd": [[-1e4, None, None], [-2e4, None, None]]}
    (section,) = map_section([one | {"decision": [["rent", "buy", None], ["rent", "buy", "buy"]]}])
    (found,) = section.blocks
    assert isinstance(found, Figure) and found.data is not None
    assert "From −20,000 USD to −10,000 USD; buying pays in 3 of 5 scenarios." in found.caption
    assert "In 3 of 6 buying is the only way. In 1 of 6 buying and not buying cannot" in found.caption
    assert [cell.text for cell in found.data.rows[0]] == ["× 1.1", "−20,000", "the only way", "the only way"]
    wide = str(found.drawing).split("</svg>")[0]
    assert wide.count("<g opacity=") == 5 and wide.count('<g opacity="0.85">') == 4  # as deep as what loses most
    assert wide.count('class="line s-plan"') == 1 + 1
    (section,) = map_section([one | {"decision": [["rent", "rent", "rent"]] * 2}])
    assert "In 4 of 6 buying is not possible. The decision flips nowhere here." in str(section.blocks)
