"""Alternatives: within the band, possible, and best by what they are called after, as trying everything shows."""

from __future__ import annotations

import math
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from pydantic import TypeAdapter

from planner.analysis.study import Study, solve_case
from planner.api import price
from planner.model.highs import Live
from planner.model.solve import Effort, solve
from planner.program import Floats
from planner.report.whatif.alternatives import differences, head, sections
from planner.report.whatif.rows import considered
from planner.scenario.load import load_scenario
from planner.whatif.alternatives import alternatives
from planner.whatif.alternatives_schema import AlternativesDocument
from planner.whatif.band import Band
from planner.whatif.base import Base
from planner.whatif.basis import nodes_for
from planner.whatif.yardsticks import in_use, outlay, parts, providers, tonnes, work
from tests.small import CHEAP, DEAR, PRICES, SCENARIO, SERVER, SITE, SPOT, batch, catalog, serving, small

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
MIXED: dict[str, Any] = {
    "sites": [{"id": SITE}], "offers": {"consider": [DEAR, CHEAP, SPOT]},
    "servers": {"consider": [SERVER], "order_until": "2027-01"},
    "prices": {f"{SERVER}/purchase_usd_per_server": 60_000},
    "workloads": [serving(12), batch(2000, spot={"share_fraction": 0.5, "loss_fraction": 0.1})],
    "limits": {"on_demand_quota_gpus": {CHEAP: 6}},
}  # fmt: skip
"""Three providers, whose cheapest has a quota, and a server that may be bought."""


def base(folder: Path, **changes: Any) -> Base:
    document = SCENARIO | {"workloads": [serving()]} | changes
    document["prices"] = PRICES | changes.get("prices", {})
    path = folder / "small.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return Base(catalog(), load_scenario(path, catalog()))


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return solve_case(small(tmp_path_factory.mktemp("band"), **MIXED), Effort(gap=1e-9))


@pytest.fixture(scope="module")
def example() -> dict[str, Any]:
    return alternatives(Base(catalog(), load_scenario(EXAMPLES / "eight-a100s.yaml", catalog())))


def every_fleet(study: Study) -> list[tuple[Floats, Floats]]:
    """Return the column bounds of the program with every number of servers that could be bought and sold."""
    arrays = study.built.arrays
    columns = np.flatnonzero(arrays.whole & (arrays.upper > arrays.lower))
    choices = product(*(range(int(min(arrays.upper[c], 2)) + 1) for c in columns))
    found = []
    for chosen in choices:
        lower, upper = arrays.lower.copy(), arrays.upper.copy()
        lower[columns] = upper[columns] = chosen
        found.append((lower, upper))
    return found


def test_every_alternative_is_possible_within_the_band_and_adds_up(example: dict[str, Any]) -> None:
    most = example["plan"]["present_usd"] * (1 + example["within_fraction"])
    assert example["solved"] == "whole numbers"
    assert [one["name"] for one in example["alternatives"] if one["present_usd"] is None] == []
    for one in (example["plan"], *example["alternatives"]):
        assert one["max_violation"] <= 1e-6
        assert one["ledger_usd"] == pytest.approx(one["present_usd"], rel=1e-9)
        assert example["plan"]["present_usd"] * (1 - 1e-6) <= one["present_usd"] <= most * (1 + 1e-6)


def test_the_example_has_a_plan_without_a_purchase_for_little_more(example: dict[str, Any]) -> None:
    found = {one["name"]: one for one in example["alternatives"]}
    assert found["nothing_bought"]["dearer_usd"] == pytest.approx(5674, abs=1)
    assert found["least_outlay"]["outlay_usd"] == 0 == found["nothing_bought"]["servers_bought"]
    assert found["least_carbon"]["tco2e"] < example["plan"]["tco2e"]
    assert found["most_different"]["moved_fraction"] > 0.9
    assert len(found["simplest"]["parts"]) == 1 < len(example["plan"]["parts"]) == 3
    assert found["most_owned"]["same_as"] == "plan"


def test_the_document_is_of_its_types(example: dict[str, Any]) -> None:
    assert TypeAdapter(AlternativesDocument).validate_python(example, strict=True) == example


@pytest.mark.parametrize("within", [0.0, 0.03, 0.3])
def test_nothing_within_the_band_has_less_outlay_or_carbon(study: Study, within: float) -> None:
    """Every fleet is tried with a program of its own, in which a band is a row that is written here."""
    band, built = Band(study, within, whole=True), study.built
    measures = {"outlay": outlay(built), "carbon": np.nan_to_num(tonnes(built.model), nan=0.0)}
    for name, measure in measures.items():
        found = band.least(measure)
        assert found is not None
        assert found.usd <= band.usd * (1 + within) + 1e-3
        least = min(
            (float(measure @ one) for one in _cheapest_of_each_fleet(study, band.usd * (1 + within), measure)),
        )
        assert float(measure @ found.x) == pytest.approx(least, rel=1e-6, abs=1e-4), name


def _cheapest_of_each_fleet(study: Study, most: float, measure: Floats) -> list[Floats]:
    """Return the plan with the least measure of every fleet, by scanning weights of cost against measure."""
    from planner.whatif.band import limited

    found = []
    arrays = limited(study.built.arrays, study.built.arrays.cost, most)
    live = Live(arrays)
    live.set_cost(measure)
    for lower, upper in every_fleet(study):
        live.set_bounds(lower, upper)
        solution = live.solve()
        if solution is not None:
            found.append(solution.x)
    return found


@pytest.mark.parametrize("things", [providers, parts])
@pytest.mark.parametrize("within", [0.0, 0.1, 0.5])
def test_no_plan_within_the_band_uses_fewer_things(study: Study, things: Any, within: float) -> None:
    band, masks = Band(study, within, whole=True), things(study.built.model)
    found = band.fewest(masks)
    assert found.proven
    assert found.usd <= band.usd * (1 + within) * (1 + 1e-6)
    fewest, cheapest = _by_every_set(study, masks, band.usd * (1 + within) * (1 + 1e-9))
    assert len(in_use(masks, found.x)) == fewest
    assert found.usd == pytest.approx(cheapest, rel=1e-6)


def _by_every_set(study: Study, masks: dict[str, Any], most: float) -> tuple[int, float]:
    """Return the size of the smallest set with which a plan costs at most `most`, and the least cost at that size."""
    arrays, live, best = study.built.arrays, Live(study.built.arrays), dict[int, float]()
    fleets = every_fleet(study)
    for kept in product((False, True), repeat=len(masks)):
        closed = np.any([mask for mask, keep in zip(masks.values(), kept, strict=True) if not keep] or
                        [np.zeros(len(arrays.cost), bool)], axis=0)  # fmt: skip
        for lower, upper in fleets:
            if (lower[closed] > 0).any():
                continue
            live.set_bounds(lower, np.where(closed, 0.0, upper))
            solution = live.solve()
            if solution is not None and solution.objective <= most:
                best[sum(kept)] = min(best.get(sum(kept), np.inf), solution.objective)
    return min(best), best[min(best)]


def test_no_plan_within_the_band_does_more_of_the_work_otherwise(study: Study) -> None:
    band = Band(study, 0.1, whole=True)
    amounts = work(study.built.model)
    ways = [one for one in amounts.values() if one @ band.plan > 1e-6]
    found = band.farthest(ways)
    moved = sum(max(0.0, float(one @ (band.plan - found.x))) for one in ways)
    for weights in product((0.0, 0.5, 1.0), repeat=len(ways)):
        measure = np.sum([weight * one for weight, one in zip(weights, ways, strict=True)], axis=0)
        for x in _cheapest_of_each_fleet(study, band.usd * 1.1, measure):
            assert sum(max(0.0, float(one @ (band.plan - x))) for one in ways) <= moved * (1 + 1e-5) + 1e-3
    assert moved > 0


def test_outlay_is_what_the_ledger_calls_capex_but_for_resale(study: Study) -> None:
    ledger = study.plan.ledger
    capex = ledger[(ledger["category"] == "capex") & (ledger["cost_usd"] > 0)]
    assert float(outlay(study.built) @ study.plan.answer.x) == pytest.approx(float(capex["cost_usd"].sum())) == 60_000


def test_what_exists_only_outside_the_band_is_told_with_its_cost(tmp_path: Path) -> None:
    dear = base(tmp_path, **MIXED)
    found = alternatives(dear, 0.01)
    nothing = next(one for one in found["alternatives"] if one["name"] == "nothing_bought")
    assert found["plan"]["servers_bought"] > 0 == nothing["servers_bought"]
    assert nothing["within"] is False
    assert nothing["dearer_fraction"] > 0.01
    wider = alternatives(dear, nothing["dearer_fraction"])
    assert next(one for one in wider["alternatives"] if one["name"] == "nothing_bought")["within"] is True
    (section,) = sections(found)
    assert any(f"from {100 * nothing['dearer_fraction']:.1f} % on" in str(block) for block in section.blocks)


def test_carbon_that_is_not_known_is_not_zero(tmp_path: Path) -> None:
    found = alternatives(base(tmp_path, **MIXED), 0.1)
    least = next(one for one in found["alternatives"] if one["name"] == "least_carbon")
    assert found["plan"]["tco2e"] is None
    assert CHEAP in found["carbon_unknown"]
    assert least["tco2e"] > 0
    assert least["providers"] == []
    rented = alternatives(base(tmp_path, offers={"consider": [CHEAP]}))
    least = next(one for one in rented["alternatives"] if one["name"] == "least_carbon")
    assert (least["tco2e"], least["reason"]) == (None, "no carbon factor is known of anything that could serve")


def test_every_plan_is_told_with_the_months_by_which_it_can_be_priced_again(example: dict[str, Any]) -> None:
    eight = Base(catalog(), load_scenario(EXAMPLES / "eight-a100s.yaml", catalog()))
    for one in (example["plan"], *example["alternatives"]):
        signed = [order for order in one["orders"] if order["kind"] == "commit"]
        bought = [order for order in one["orders"] if order["kind"] == "buy"]
        assert sum(order["amount"] for order in signed) == pytest.approx(sum(one["commitments"].values()))
        assert sum(order["amount"] for order in bought) == pytest.approx(one["servers_bought"])
    nothing = next(one for one in example["alternatives"] if one["name"] == "nothing_bought")
    given = {
        "purchases": [],
        "commitments": [
            {"term": one["what"], "month": one["month"], "instances": one["amount"]} for one in nothing["orders"]
        ],
    }
    priced = price(given, eight.loaded, catalog=catalog())
    assert priced.tco["present_usd"] == pytest.approx(nothing["present_usd"], abs=1)
    assert "commit 7 azure-nc24ads-a100-v4-eastus/36m-no-upfront 2027-01" in considered(example)


def test_what_only_pads_a_cheaper_plan_is_no_other(example: dict[str, Any]) -> None:
    """An eighth reservation two months before the end moves 0.2 % of the work, for 1,786 USD."""
    found = {one["name"]: one for one in example["alternatives"]}
    assert found["most_different"]["dearer_usd"] > found["nothing_bought"]["dearer_usd"] + 1000
    assert found["most_different"]["same_as"] == "least_outlay"
    verdict = head(example)[0]
    assert "5,674 USD more, 97.2 % of the work" in verdict.because


def test_a_difference_is_told_in_words(example: dict[str, Any]) -> None:
    nothing = next(one for one in example["alternatives"] if one["name"] == "nothing_bought")
    said = differences(nothing, example["plan"])
    assert said.startswith("0 instead of 1 server-8xa100-80gb @ room-virginia in January 2027; 7 instead of 0")
    assert "7 instead of 0 instances of azure-nc24ads-a100-v4-eastus/36m-no-upfront in January 2027" in said
    assert "(owned) does 0.0 % of the work instead of 88.9 %" in said
    ways = nothing | {"orders": example["plan"]["orders"], "providers": example["plan"]["providers"]}
    assert differences(ways, example["plan"]).startswith("azure-nc24ads")  # an id, as it is typed


def test_threads_change_no_bit(example: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planner.whatif.alternatives.THREADS", 1)
    eight = Base(catalog(), load_scenario(EXAMPLES / "eight-a100s.yaml", catalog()))
    assert alternatives(eight) == example


def test_no_search_in_whole_numbers_ends_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else what is found would hang on who else works on the machine."""
    efforts: list[Effort] = []

    def searched(built: Any, live: Any, lower: Any, upper: Any, effort: Effort, known: Any) -> Any:
        efforts.append(effort)
        return solve(built, live, lower, upper, effort, known)

    monkeypatch.setattr("planner.whatif.band.solve", searched)
    alternatives(Base(catalog(), load_scenario(EXAMPLES / "eight-a100s.yaml", catalog())))
    assert {(one.seconds, one.nodes) for one in efforts} == {(math.inf, nodes_for(2_042))}


def test_what_is_not_found_in_time_is_left_out_or_unproven(
    example: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr("planner.whatif.alternatives.THREADS", 1)
    eight = Base(catalog(), load_scenario(EXAMPLES / "eight-a100s.yaml", catalog()))
    asked: list[None] = []

    def soon() -> bool:
        asked.append(None)
        return len(asked) > 2

    found = alternatives(eight, late=soon)
    assert {one["reason"] for one in found["alternatives"][1:]} == {"the time limit came first"}
    assert found["alternatives"][0]["proven"] is False
    assert [one["name"] for one in found["alternatives"]] == [one["name"] for one in example["alternatives"]]
    assert found["plan"] == example["plan"]
    TypeAdapter(AlternativesDocument).validate_python(found)
    assert "the time limit came first" in str(sections(found))
