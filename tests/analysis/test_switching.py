"""Prices that change the answer, against plans of the same case with that price set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from planner.analysis import switching
from planner.analysis.study import Study, solve_case
from planner.analysis.switching import _Asker, priced_options, prices_that_change_the_answer
from planner.model.solve import Effort
from tests.small import CHEAP, DEAR, SERVER, SITE, serving, small


def study(tmp_path: Path, dear: float, cheap: float) -> Study:
    prices = {f"{DEAR}/on_demand_usd_per_gpu_hour": dear, f"{CHEAP}/on_demand_usd_per_gpu_hour": cheap}
    offers: dict[str, Any] = {"consider": [DEAR, CHEAP], "kinds": ["on_demand"]}
    return solve_case(small(tmp_path, offers=offers, prices=prices), Effort(gap=1e-9))


def rents(found: Study) -> str:
    model, x = found.built.model, found.plan.answer.x
    view = model["on_demand"].view
    return found.case.offers[int(view.keys["o"][x[view.columns].argmax()])].id


def test_an_offer_stays_only_until_the_one_it_kept_out_is_as_good(tmp_path: Path) -> None:
    row = next(one for one in prices_that_change_the_answer(study(tmp_path, 2.0, 2.1)) if one["chosen"])
    assert row["price_at_change_usd"] == pytest.approx(2.1)
    assert CHEAP in row["basis"]
    assert rents(study(tmp_path, 2.09, 2.1)) == DEAR
    assert rents(study(tmp_path, 2.11, 2.1)) == CHEAP


def test_a_known_plan_starts_the_search_where_it_truly_uses_the_option(tmp_path: Path) -> None:
    found = study(tmp_path, 2.0, 2.1)
    asker, plan = _Asker(found), found.plan.answer.x
    option = next(one for one in priced_options(found) if (plan[one.columns] > 0).any())
    charged, without = asker._charged(option), found.plan.answer.objective * 1.5
    asker.known = [plan]
    meets = asker._reached(option, charged, without)
    assert meets == pytest.approx(1 + (without - asker.arrays.cost @ plan) / (charged @ plan))
    asker.known = [np.where(option.columns, 1e-9, plan)]
    assert asker._reached(option, charged, without) == -np.inf


def buying(tmp_path: Path, gpus: float, **changes: Any) -> Study:
    """A year of a flat demand, for which a server of 8 is bought or GPUs are rented at 4 USD."""
    return solve_case(
        small(tmp_path, sites=[{"id": SITE}], horizon_months=12, workloads=[serving(gpus)], **changes), Effort(gap=1e-9)
    )


def bought(found: Study) -> dict[str, Any]:
    return next(row for row in prices_that_change_the_answer(found) if row["option"] == f"buy {SERVER}")


def test_a_fraction_of_a_server_does_not_keep_a_whole_one_in_the_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = buying(tmp_path, 4)
    whole = bought(found)
    assert (whole["chosen"], whole["basis"]) == (True, "whole numbers")
    monkeypatch.setattr(switching, "WHOLE_UP_TO_NONZEROS", 0)
    asked = bought(found)
    assert asked["price_at_change_usd"] == pytest.approx(whole["price_at_change_usd"])
    assert asked["basis"].startswith("bound: the option ")


def test_no_option_enters_above_todays_price_nor_leaves_below_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(switching, "WHOLE_UP_TO_NONZEROS", 0)
    asked = bought(buying(tmp_path, 1))  # of which an eighth of a server is worth its price
    assert (asked["chosen"], asked["price_at_change_usd"]) == (False, None)
    assert asked["basis"].startswith("unknown")


@pytest.mark.parametrize(
    ("theta", "chosen", "shown"),
    [
        (0.9, True, None), (1.1, True, 1.1), (0.9995, True, 1.0),
        (1.1, False, None), (0.9, False, 0.9), (1.0005, False, 1.0),
    ],
)  # fmt: skip
def test_a_price_on_the_wrong_side_of_todays_is_none(theta: float, chosen: bool, shown: float | None) -> None:
    assert switching._beside_now(theta, chosen) == shown
