"""The load against the fleet: the picture's words and table say what the steps say."""

from __future__ import annotations

import re
from typing import Any

import pytest

from planner.report.load import load
from planner.report.parts import Figure, Section, Text
from tests.report.documents import document


def _year(number: int = 1, fleet: tuple[float, float] = (8.0, 0.0), **kinds: list[float]) -> dict[str, Any]:
    """A year of four steps: 1 %, 9 %, 40 % and 50 % of its hours."""
    names = ("owned", "committed", "on_demand", "spot")
    steps = [
        {"hours": hours} | {name: kinds.get(name, [0.0] * 4)[n] for name in names}
        for n, hours in enumerate((87.6, 788.4, 3504.0, 4380.0))
    ]
    start = 2026 + number
    return {"year": number, "months": [f"{start}-01", f"{start}-12"], "owned_gpus": fleet[0],
            "committed_gpus": fleet[1], "steps": steps,
            "alone_hours": sum(one["hours"] for one in steps if not one["on_demand"] + one["spot"])}  # fmt: skip


def _section(*years: dict[str, Any]) -> Section:
    return load(document(load=list(years)))


def _figure(*years: dict[str, Any]) -> Figure:
    (block,) = _section(*years).blocks
    assert isinstance(block, Figure)
    return block


def test_the_table_counts_hours_and_work() -> None:
    year = _year(fleet=(8.0, 2.0), owned=[8.0, 8.0, 6.0, 4.0], committed=[2.0, 2.0, 0.0, 0.0],
                 on_demand=[30.0, 1.0, 0.0, 0.0])  # fmt: skip
    figure = _figure(year)
    assert figure.data is not None
    (row,) = figure.data.rows
    # GPU-hours of the fleet 876 + 7,884 + 21,024 + 17,520 = 47,304; rented 2,628 + 788.4: 93.3 % of all
    assert [cell.text for cell in row] == ["2027", "40", "40", "11", "6", "4", "8", "2", "90.0 %", "93.3 %"]
    assert "does 93.3 % of the work; in 90.0 % of the hours nothing is rented beside it" in figure.caption
    assert "the owned and committed fleet of 10 GPUs" in figure.caption
    assert "in the busiest hour 30 GPUs are." in figure.caption
    assert figure.drawing.count(">10 owned + committed</text>") == figure.drawing.count(">8 owned</text>") == 2


@pytest.mark.parametrize(
    ("year", "said"),
    [
        (_year(owned=[8.0, 7.0, 6.0, 5.0]), "owned fleet of 8 GPUs does all of the work, "
         "and nothing is rented beside it."),
        (_year(fleet=(0.0, 7.25), committed=[7.0] * 4), "the committed fleet of 7.2 GPUs does all"),
        (_year(fleet=(0.0, 0.0), spot=[9.0, 3.0, 2.0, 1.0]), "Nothing is owned or committed in 2027: 9 GPUs are "
         "rented in the busiest hour."),
    ],
)  # fmt: skip
def test_the_caption_says_who_carries_the_load(year: dict[str, Any], said: str) -> None:
    assert said in _figure(year).caption


def test_a_dashed_line_is_explained_only_where_one_is_drawn() -> None:
    assert "Dashed: the fleet" in _figure(_year(owned=[8.0] * 4)).caption
    assert "Dashed" not in _figure(_year(fleet=(0.0, 0.0), on_demand=[8.0] * 4)).caption


def test_no_gpu_no_picture() -> None:
    (block,) = _section(_year()).blocks
    assert isinstance(block, Text)
    assert "No GPU does any work in this plan" in block.text


def test_of_many_years_first_last_and_some_between_are_drawn_and_all_are_in_the_table() -> None:
    years = [_year(n, owned=[8.0] * 4) for n in range(1, 11)]
    figure = _figure(*years)
    wide = figure.drawing.split("</svg>")[0]
    assert re.findall(r">(\d{4})</text>", wide) == ["2027", "2030", "2033", "2036"]
    assert figure.data is not None
    assert len(figure.data.rows) == 10
    assert "4 of 10 years are drawn, all are below." in figure.caption
    assert "are drawn" not in _figure(*years[:4]).caption


def test_a_year_that_is_none_of_the_calendar_is_named_by_its_months() -> None:
    year = _year(owned=[8.0] * 4) | {"months": ["2027-04", "2028-03"]}
    assert ">2027-04 to 2028-03</text>" in _figure(year).drawing


def test_a_fleet_above_all_load_is_on_the_scale() -> None:
    drawn = _figure(_year(fleet=(50.0, 30.0), owned=[8.0] * 4)).drawing
    heights = re.findall(r'y1="(-?[\d.]+)" y2="[-\d.]+" class="fleet"', drawn)
    assert len(heights) == 4
    assert all(float(y) >= 50 for y in heights), "below the title of the panel"


def test_a_few_busy_hours_do_not_flatten_the_rest() -> None:
    flat, peaked = [16.0, 12.0, 9.0, 6.0], [900.0, 12.0, 9.0, 6.0]
    assert "up to" not in _figure(_year(on_demand=flat)).drawing
    assert "up to 900" in _figure(_year(on_demand=peaked)).drawing
