"""Tornado and maps: each end is what planning with its settings says; what moves nothing is counted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from planner.analysis.study import solve_case
from planner.errors import InfeasibleError, InputError
from planner.model.solve import Effort
from planner.report.markdown import markdown_of
from planner.report.whatif.heat import flip_line
from planner.report.whatif.tornado import head, sections
from planner.report.whatif.words import figures, signed
from planner.whatif.alternatives import alternatives
from planner.whatif.answer import sensitivity, switch
from planner.whatif.base import Base, Settings
from planner.whatif.points import OPTIONS, Point, Points
from planner.whatif.question import asking, question
from planner.whatif.runner import How
from tests.cli.test_cli import EIGHT
from tests.command import run
from tests.small import PRICES, SERVER
from tests.whatif.tiny import KEPT, RENT, asker, eight, tiny

NAMES = ["demand", "purchase", "wacc", "azure/pue"]


@cache
def found() -> dict[str, Any]:
    base = eight()
    return sensitivity(question(base), asker(base), NAMES, 0.2, pairs=[("rented", "purchase")], steps=3)


def test_each_end_is_what_planning_with_its_settings_says() -> None:
    base, answer = eight(), found()
    for bar in answer["bars"]:
        for end in ("low", "high"):
            study = solve_case(base.case(bar[end]["settings"]), Effort(gap=1e-9))
            cloud = study.outcomes["cloud"]
            assert cloud is not None
            npv = cloud.answer.objective - study.plan.answer.objective
            assert bar[end]["npv_usd"] == pytest.approx(npv, abs=0.01)
            assert bar[end]["npv_change_usd"] == pytest.approx(npv - answer["now"]["npv_usd"], abs=0.02)
            assert bar[end]["flips"] == (bar[end]["buying_saves_usd"] <= 0)


def test_the_strongest_comes_first_and_what_moves_nothing_is_named() -> None:
    answer = found()
    swings = [bar["swing_usd"] for bar in answer["bars"]]
    assert swings == sorted(swings, reverse=True)
    assert {bar["driver"] for bar in answer["bars"]} == {"demand", "purchase", "wacc"}
    assert answer["unmoved"] == ["azure/pue"]
    assert answer["flips"] == 2  # less demand, dearer servers
    assert answer["solved"] == "whole numbers"


def test_a_map_is_what_both_drivers_do_together() -> None:
    (one,) = found()["maps"]
    assert one["x"]["values"] == one["y"]["values"] == [0.8, 1.0, 1.2]
    assert one["buying_saves_usd"][1][1] == found()["now"]["buying_saves_usd"]
    settings = ("scale.rows.*usd_per_gpu_hour*=1.2", "scale.rows.*/gpu_usd_per_gpu=0.8",
                "scale.rows.*/purchase_usd_per_server=0.8")  # fmt: skip
    alone = Points(eight(), effort=Effort(gap=1e-9)).point(settings)
    assert one["buying_saves_usd"][0][2] == alone["buying_saves_usd"]


def test_two_drivers_of_the_same_field_have_no_map(tmp_path: Path) -> None:
    months = f"{SERVER}/lead_time_months"
    base = tiny(tmp_path, prices=PRICES | {months: 2})
    pair = ("delivery", months)
    with pytest.raises(InputError, match=r"--map: delivery.*both set the same"):
        sensitivity(question(base), asker(base), [], 0.5, pairs=[pair])


def test_a_tiny_tornado_by_hand(tmp_path: Path) -> None:
    base = tiny(tmp_path)
    answer = sensitivity(question(base), asker(base), ["purchase", "rented"], 0.5, pairs=[])
    rented, purchase = answer["bars"]
    assert rented["swing_usd"] == pytest.approx(RENT)
    assert rented["low"]["buying_saves_usd"] == pytest.approx(RENT / 2 - KEPT)
    assert rented["low"]["flips"]
    assert purchase["high"]["buying_saves_usd"] == pytest.approx(RENT - 1.5 * KEPT)
    assert purchase["high"]["decision"] == "rent"
    assert purchase["low"]["flips"] is False


def test_where_nothing_can_be_bought_the_tornado_shows_what_the_plan_costs(tmp_path: Path) -> None:
    base = tiny(tmp_path, sites=[])
    answer = sensitivity(question(base), asker(base), ["rented", "demand"], 0.5, pairs=[])
    assert answer["now"]["npv_usd"] == 0  # and stays so: the plan is the cloud mix
    assert answer["measure"] == "present_usd"
    assert [bar["swing_usd"] for bar in answer["bars"]] == pytest.approx([RENT, RENT])
    text = markdown_of(sections(answer))
    assert "| Plan costs | Changes it by |" in text and f"| {RENT / 2:,.0f} | −{RENT / 2:,.0f} |" in text


def test_the_flip_line_goes_between_centres_where_it_crosses_0() -> None:
    grid = [[3.0, 1.0, -1.0], [1.0, -1.0, -3.0]]
    assert list(flip_line(grid)) == [((1.0, 0.5), (0.5, 1.0)), ((1.5, 0.0), (1.0, 0.5))]
    assert list(flip_line([[1.0, None], [-1.0, -1.0]])) == []


def test_the_page_shows_bars_flips_and_maps_and_text_says_the_same() -> None:
    top, rest = head(found())
    assert top.verdict.startswith("Buying saves 35,97")
    pictures = [str(block.drawing) for part in rest for block in part.blocks if block.kind == "figure"]
    assert len(pictures) == 2
    assert pictures[0].count('class="ring"') == 2 * 2  # wide and small
    assert 'class="line s-plan"' in pictures[1]
    text = markdown_of(sections(found()))
    assert "azure/pue" in text
    assert "**flips**" in text
    assert "whole numbers" in text


def test_a_scenario_without_a_plan_is_no_base(tmp_path: Path) -> None:
    base = eight()
    from planner.scenario.load import changed

    nothing = Base(base.catalog, changed(base.loaded, base.catalog, (
        "offers.kinds=[]", "sites.room-virginia.power_limit_kw=0.1")))  # fmt: skip

    def unasked(settings: Sequence[Settings]) -> list[Point]:
        raise AssertionError("it is known before anything else is solved")

    with pytest.raises(InfeasibleError) as known:
        sensitivity(question(nothing), unasked, ["demand"], 0.2, pairs=[])
    with pytest.raises(InfeasibleError) as other:
        alternatives(nothing)
    for error in (known, other):
        assert error.value.diagnosis.ways_out, "as `planner plan` says them"


def test_a_driver_named_twice_is_one(tmp_path: Path) -> None:
    base = tiny(tmp_path)
    twice = ["rented", "rented"]
    assert len(sensitivity(question(base), asker(base), twice, 0.5, pairs=[])["bars"]) == 1
    (row,) = switch(question(base), asker(base), twice)["drivers"]
    assert len(row["flips"]) == 1


def test_bars_of_relaxations_start_from_the_relaxation_of_today() -> None:
    base = eight()
    asked = question(base, whole=False)
    answer = sensitivity(asked, asking(asked, How(OPTIONS, workers=1)), ["wacc"], 0.2)
    (bar,), relaxed = answer["bars"], answer["now_relaxed"]
    assert relaxed["buying_saves_usd"] < answer["now"]["buying_saves_usd"] == found()["now"]["buying_saves_usd"]
    assert bar["low"]["npv_change_usd"] == bar["low"]["npv_usd"] - relaxed["npv_usd"]
    assert answer["maps"] == []  # none of these is of drivers that were chosen


def test_on_the_command_line_with_a_gate_that_fails_and_a_page_all_the_same(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    result = run("sensitivity", EIGHT, "--set", "staff=[]", "--driver", "purchase", "--map", "wacc,purchase", "--steps",
                 "2", "--to", "html", "-o", page, "--fail-on", "flips>0", "--fail-on", "npv<0")  # fmt: skip
    assert result.returncode == 1
    assert "Gate flips>0 failed: flips is 1;" in result.stderr
    assert "npv<0" not in result.stderr
    assert "<svg" in page.read_text(encoding="utf-8")


def test_the_command_line_prints_json(tmp_path: Path) -> None:
    result = run("sensitivity", EIGHT, "--driver", "wacc", "--map", "wacc,purchase", "--steps", "2", "--workers", "1",
                 "--format", "json")  # fmt: skip
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    assert [bar["driver"] for bar in answer["bars"]] == ["wacc"]
    for pair in ("wacc", "wacc,wacc"):
        wrong = run("sensitivity", EIGHT, "--map", pair)
        assert wrong.returncode == 2
        assert "is not two drivers" in wrong.stderr


def test_breakeven_names_its_baseline_and_what_0_means() -> None:
    now = found()["now"] | {"breakeven_months": 0.0}
    (even,) = (cell for name, cell in figures({"now": now}).pairs if name == "Breakeven")
    assert even.note.startswith("of the best plan with a purchase against the cloud mix, before resale")
    assert even.note.endswith("from the first month on")
    alone = dict.fromkeys(("against", "npv_usd", "breakeven_months", "buying_saves_usd"))
    for name, cell in figures({"now": found()["now"] | alone}).pairs:
        if name in ("NPV of the plan", "Breakeven"):
            assert (cell.text, cell.note) == ("–", "there is no cloud option to hold it against")


def test_a_loss_is_of_a_server_ordered_at_once_and_dust_has_no_sign() -> None:
    notes = [figures({"now": found()["now"] | {"buying_saves_usd": usd}}).pairs[0][1].note for usd in (5.0, -5.0)]
    assert notes == ["against the best plan without a purchase",
                     "of a server ordered at once and kept, against the best plan without a purchase"]  # fmt: skip
    assert (signed(3e-10), signed(-0.2), signed(0.6), signed(-3.0)) == ("0", "0", "+1", "−3")
