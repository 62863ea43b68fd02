"""The answer about risk: of a scenario, in every form, and what it says when futures cannot be."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from copy import deepcopy
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import highspy
import numpy as np
import pytest
from typer.testing import CliRunner

from planner.catalog.load import Catalog
from planner.cli.main import app
from planner.errors import InfeasibleError, InputError, SolverError
from planner.model import highs
from planner.model.highs import WholeSolution, _highs, solve_whole
from planner.plaintext import json_text
from planner.program import Arrays
from planner.report.html import page_of
from planner.report.markdown import markdown_of
from planner.report.tables import csv_of
from planner.report.whatif.attached import ATTACHED, attached
from planner.report.whatif.reader import read_study
from planner.report.whatif.risk import head, sections
from planner.report.whatif.risk_words import merged, names_of, warnings
from planner.scenario.load import load_scenario
from planner.whatif.base import Base
from planner.whatif.points import Points
from planner.whatif.risk.answer import How, answer
from planner.whatif.risk.branches import Asked, Trials, solve_branches
from planner.whatif.risk.futures import draw, months_to_decide
from planner.whatif.risk.measures import weighed
from planner.whatif.risk.programs import build_programs
from planner.whatif.risk.solver import Solver, costs
from planner.whatif.risk.stochastic import solve_extensive
from tests.shipped import shipped_catalog

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
RUNNER = CliRunner()


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return shipped_catalog()


def based(catalog: Catalog, *settings: str, name: str = "part-time-h100") -> Base:
    return Base(catalog, load_scenario(EXAMPLES / f"{name}.yaml", catalog, settings))


@pytest.fixture(scope="module")
def relaxed(catalog: Catalog) -> dict[str, Any]:
    return answer(based(catalog, name="eight-a100s"), How(futures=12, whole=False, aversion=0.4, alpha=0.8))


@pytest.fixture(scope="module")
def whole(catalog: Catalog) -> dict[str, Any]:
    return answer(based(catalog), How(futures=8))


def of(found: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in found["choices"] if one["choice"] == name)


def each(found: dict[str, Any], name: str) -> np.ndarray:
    return np.array([one["usd"][name] for one in found["each"]])


@pytest.mark.parametrize("kind", ["relaxed", "whole"])
def test_no_choice_beats_knowing_and_none_that_is_open_beats_the_stochastic_plan(
    kind: str, request: pytest.FixtureRequest
) -> None:  # fmt: skip
    found = request.getfixturevalue(kind)
    known = np.array([one["known_beforehand_usd"] for one in found["each"]])
    slack = 1 + 2 * found["gap"] * found["whole"] + 1e-9
    for one in found["choices"]:
        assert (known <= each(found, one["choice"]) * slack).all()
        assert found["stochastic"]["weighed_usd"] <= one["weighed_usd"] + 1e-6
    best = found["stochastic"]
    assert best["bound_usd"] <= best["weighed_usd"] == of(found, best["choice"])["weighed_usd"]
    assert found["evpi_usd"] == pytest.approx(best["weighed_usd"] - best["known_beforehand_usd"])
    assert found["vss_usd"] == pytest.approx(of(found, "mean")["weighed_usd"] - best["weighed_usd"])
    assert found["evpi_usd"] >= 0 and found["vss_usd"] >= -1e-6


def test_figures_are_those_of_the_futures(relaxed: dict[str, Any]) -> None:
    plan, buy, wait = (each(relaxed, name) for name in ("plan", "buy", "wait"))
    assert relaxed["buying"]["wins_probability"] == (wait - buy > 1e-3).mean()
    assert relaxed["buying"]["saves_usd"]["mean"] == pytest.approx((wait - buy).mean())
    assert relaxed["waiting"]["value_usd"] == pytest.approx((buy - wait).mean())
    assert relaxed["waiting"]["better_probability"] == (buy - wait > 1e-3).mean()
    told = of(relaxed, "plan")
    assert (told["p10_usd"], told["mean_usd"]) == pytest.approx((np.quantile(plan, 0.1), plan.mean()))
    worst = np.sort(plan)[::-1]
    assert told["cvar_usd"] == pytest.approx((worst[:2].sum() + 0.4 * worst[2]) / 2.4)
    assert told["weighed_usd"] == pytest.approx(0.6 * told["mean_usd"] + 0.4 * told["cvar_usd"])
    assert of(relaxed, "plan")["decides"][0]["amount"] == 1.0
    assert of(relaxed, "without_a_purchase")["also"] == ["cloud"]
    assert (each(relaxed, "on_demand") > each(relaxed, "without_a_purchase") * 1.02).all()
    assert len(relaxed["each"]) == relaxed["futures"] - relaxed["impossible_futures"]


def test_in_the_future_of_today_the_plan_costs_what_it_costs(catalog: Catalog) -> None:
    now = {"demand": 1, "growth": 0, "rented": 1, "purchase": 1, "electricity": 1, "resale": 1, "delivery": 0}
    same = "{" + ", ".join(f"{name}: {{low: {at}, high: {at}}}" for name, at in now.items()) + "}"
    base = based(catalog, f"risk={{source: a test, drivers: {same}}}", name="eight-a100s")
    found = answer(base, How(futures=2))
    known = Points(base).point(())
    assert found["drivers"] == []
    assert of(found, "plan")["mean_usd"] == pytest.approx(399_746.892, abs=50)
    assert found["evpi_usd"] == pytest.approx(0, abs=100)
    assert found["buying"]["saves_usd"]["mean"] == pytest.approx(5_674, abs=100)
    assert found["waiting"]["unlearned_value_usd"] == pytest.approx(-5_674, abs=100)
    assert found["waiting"]["learned_usd"] == pytest.approx(0, abs=100)
    fractions = answer(base, How(futures=2, whole=False))
    assert fractions["known_beforehand"]["mean"] == pytest.approx(known["present_usd"], rel=1e-9)
    assert fractions["stochastic"]["bound_usd"] > known["present_usd"] + 5_000  # a part of a server is no order


def test_a_future_costs_what_its_scenario_costs(catalog: Catalog) -> None:
    base = based(catalog, name="eight-a100s")
    drawn = draw(base, base.case(), 6, 3)
    programs = build_programs(base, drawn.settings, months_to_decide(base))
    known = [Points(base).point(settings)["present_usd"] for settings in drawn.settings]
    assert costs(Solver(programs).replies()) == pytest.approx(known, rel=1e-9)
    assert costs(Solver(programs).replies(None, "cloud")) == pytest.approx(
        [Points(base).point(settings)["cloud_usd"] for settings in drawn.settings], rel=1e-9
    )


def test_what_was_ordered_stays_also_where_it_is_more_than_can_be_of_use(catalog: Catalog) -> None:
    """With little demand eight servers cost more than one, and no future refuses them or their team."""
    said = "risk={source: a test, drivers: {demand: {low: 0.3, high: 9}}}"
    team = "staff=[{name: platform, role: platform-engineer, minimum_team_fte: 1}]"
    base = based(catalog, said, team, name="eight-a100s")
    drawn = draw(base, base.case(), 8, 1)
    programs = build_programs(base, drawn.settings, 3)
    orders = [n for n, key in enumerate(programs.keys) if key[0] == "buy"]
    many, one = np.zeros(len(programs.keys)), np.zeros(len(programs.keys))
    many[orders[0]], one[orders[0]] = 8, 1
    low = int(drawn.values[:, 0].argmin())
    known = [costs(Solver(programs).replies(x)) for x in (one, many)]
    assert np.isfinite(known).all()
    assert known[1][low] > known[0][low] + 7 * 100_000


def test_futures_in_which_nothing_obeys_are_counted_and_left_out(catalog: Catalog) -> None:
    quota = "limits.on_demand_quota_gpus={azure-nc24ads-a100-v4-eastus: 8}"
    kinds, until = "offers.kinds=[on_demand]", "servers.order_until=2027-01"
    base = based(catalog, quota, kinds, until, "sites=[]", name="eight-a100s")
    found = answer(base, How(futures=16))
    assert 0 < found["impossible_futures"] < 16
    assert len(found["each"]) == 16 - found["impossible_futures"]
    text = markdown_of(sections(found))
    assert f"In {found['impossible_futures']} of 16 futures no plan obeys every rule" in text
    assert "nothing can be said of buying now" in text


def drawn_costs(found: dict[str, Any]) -> str:
    """Return what the picture of costs says of its curves."""
    return next(unescape(str(block.drawing)) for part in sections(found) for block in part.blocks
                if block.kind == "figure")  # fmt: skip


def test_a_choice_that_breaks_a_rule_in_a_future_is_said_to(catalog: Catalog) -> None:
    """Room for 8 GPUs on demand: where demand grows, only those who bought now can serve it."""
    never = "without_a_purchase"
    settings = ("limits.on_demand_quota_gpus={azure-nc24ads-a100-v4-eastus: 8}", "offers.kinds=[on_demand]")
    found = answer(based(catalog, *settings, name="eight-a100s"), How(futures=16, whole=False))
    assert of(found, never)["infeasible_futures"] > 0
    assert of(found, never)["regret_usd"] is None and of(found, never)["mean_usd"] is None
    assert found["stochastic"]["choice"] == "buy" and of(found, "buy")["infeasible_futures"] == 0
    assert found["waiting"]["value_usd"] is None
    assert "without an order now a rule is broken" in found["buying"]["reason"]
    text = markdown_of(sections(found))
    assert "what it decides now breaks a rule" in text
    assert f"Only with an order now is every rule obeyed in all {len(found['each'])} futures." in text
    assert of(found, "plan")["infeasible_futures"] == 0
    curves = drawn_costs(found)  # the cheap futures of a choice that breaks rules in the others are no curve
    assert "Today's plan: " in curves and "without a purchase: " not in curves


def test_where_nothing_obeys_today_the_way_out_is_named(catalog: Catalog) -> None:
    with pytest.raises(InfeasibleError):
        answer(based(catalog, "offers.kinds=[]", "sites=[]"), How(futures=2))


def test_decomposition_gives_the_same_answer(catalog: Catalog) -> None:
    base = based(catalog, name="eight-a100s")
    one, other = (answer(base, How(futures=24, whole=False, method=m, aversion=0.5)) for m in ("extensive", "benders"))
    for key in ("weighed_usd", "bound_usd"):
        assert other["stochastic"][key] == pytest.approx(one["stochastic"][key], rel=2e-4)
    assert (one["stochastic"]["choice"], one["solved_because"]) == (other["stochastic"]["choice"], "asked")
    with pytest.raises(InputError):
        answer(base, How(futures=2, whole=True, method="benders"))


def test_orders_that_some_futures_lack_are_offered_in_none(catalog: Catalog) -> None:
    """A horizon of 10 months: where delivery takes longer, an order of a cheap server comes too late to exist."""
    said = "risk={source: a test, drivers: {delivery: {low: -1, high: 6}}}"
    cheap = "prices.server-8xa100-80gb/gpu_usd_per_gpu=100"
    base = based(catalog, said, cheap, "horizon_months=10", "servers.order_until=2027-03", name="eight-a100s")
    found = answer(base, How(futures=16, whole=False))
    assert any(name.startswith("buy") for name in found["left_out"])
    assert "Not offered before the future is known" in markdown_of(sections(found))
    for one in found["untold"]:
        assert "buy server" in one["reason"]
        assert all(one["choice"] != other["choice"] for other in found["choices"])
    assert "plan" in [one["choice"] for one in found["untold"]]
    assert "is left out: some futures do not have what it decides" in markdown_of(sections(found))
    assert found["buying"]["reason"] == "an order now comes too late in some futures"
    settings = draw(base, base.case(), 16, 1).settings
    free = np.array([Points(base).point(one)["present_usd"] for one in settings])
    known = np.array([one["known_beforehand_usd"] for one in found["each"]])
    assert (known >= free - 1e-3).all()
    assert (known > free + 1_000).any()


def test_every_form_says_the_same(relaxed: dict[str, Any]) -> None:
    wins = f"buying now wins in {100 * relaxed['buying']['wins_probability']:.0f} %"
    page, text = page_of(*head(relaxed)), markdown_of(sections(relaxed))
    assert wins in page and wins in text
    assert "<svg" in page and "risk-likelihoods" in page and "risk-saved" in page
    assert "solved as a relaxation" in text
    rows = list(csv.reader(io.StringIO(csv_of(sections(relaxed)))))
    assert any(row and row[0].startswith("Today's plan") for row in rows)


def test_equal_choices_are_one_curve_and_what_costs_more_does_not_save(relaxed: dict[str, Any]) -> None:
    found = deepcopy(relaxed)
    for one in found["each"]:
        one["usd"]["wait"] = one["usd"]["without_a_purchase"] = one["usd"]["plan"]
    found["choices"] = [one | {"decides": []} for one in found["choices"]]
    found["buying"]["saves_usd"] = {"p10": -3000.0, "p50": -2000.0, "p90": -1000.0, "mean": -2000.0}
    curves = drawn_costs(found)
    assert "Today's plan: " in curves and "without a purchase: " not in curves and "buys nothing: " not in curves
    assert "it costs between 1,000 USD and 3,000 USD more." in markdown_of(sections(found))


def test_not_buying_now_is_not_buying_at_all_where_nothing_can_be_ordered_later(relaxed: dict[str, Any]) -> None:
    never = markdown_of(sections(relaxed))
    assert relaxed["orders_later"] is False, "the example orders now, or not at all"
    assert "against not buying at all" in never and "Best that buys nothing" in never
    assert "No server can be ordered later. Not buying at all (commit to " in never
    assert "before April 2027, when the future is known" not in never
    later = markdown_of(sections(relaxed | {"orders_later": True}))
    assert "against buying nothing before April 2027" in later and "Best without a purchase now" in later
    assert "To order no server before April 2027" in later


def test_ranges_that_the_scenario_does_not_state_are_said_to_be_assumed(catalog: Catalog) -> None:
    said = "risk={source: our forecast, drivers: {demand: {low: 0.8, high: 1.2}}}"
    found = answer(based(catalog, said, name="eight-a100s"), How(futures=2, whole=False))
    assert [one["driver"] for one in found["drivers"] if one["stated"]] == ["demand"]
    warned = next(one for one in warnings(found) if "assumed ranges" in one)
    assert "growth (± 20 points), rented (± 20%)" in warned and "demand (" not in warned


def test_later_orders_are_those_that_the_programs_leave_open(catalog: Catalog) -> None:
    later = based(catalog, "servers.order_until=2027-06", name="eight-a100s")
    assert build_programs(later, [()], 3).orders_later
    assert not build_programs(based(catalog, name="eight-a100s"), [()], 3).orders_later


def test_equal_decisions_of_equal_cost_are_one_row(relaxed: dict[str, Any]) -> None:
    plan = of(relaxed, "plan")
    twin = deepcopy(relaxed)
    twin["choices"] = [plan | {"choice": "buy"} if one["choice"] == "buy" else one for one in twin["choices"]]
    for one in twin["each"]:
        one["usd"]["buy"] = one["usd"]["plan"]
    names = [names_of(group, twin) for group in merged(twin)]
    assert any("Today's plan" in name and "Best with a purchase now" in name for name in names)
    twin["each"][0]["usd"]["buy"] += 1.0
    assert "Best with a purchase now" in [names_of(group, twin) for group in merged(twin)]


@pytest.mark.parametrize("kind", ["relaxed", "whole"])
def test_it_can_stand_in_the_report_of_its_plan(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    path = tmp_path / "risk.json"
    path.write_text(json_text(request.getfixturevalue(kind)), encoding="utf-8")
    study = read_study(path)
    assert study["kind"] == "risk" and study["scenario_digest"]
    assert any("buying now wins" in str(section) for section in attached({ATTACHED: [study]}))


def test_the_command_writes_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ["risk", str(EXAMPLES / "part-time-h100.yaml"), "--futures", "4", "--relaxed", "--seed", "5"]
    found = json.loads(RUNNER.invoke(app, [*asked, "--format", "json"]).stdout)
    assert (found["futures"], found["seed"], found["whole"]) == (4, 5, False)
    again = json.loads(RUNNER.invoke(app, [*asked, "--format", "json"]).stdout)
    assert again == found
    monkeypatch.setattr("planner.whatif.risk.answer.answer", lambda *asked: deepcopy(found))  # forms only, from here on
    for form in ("table", "md"):
        result = RUNNER.invoke(app, [*asked, "--format", form])
        assert result.exit_code == 0 and "buying now wins" in result.stdout
    for form in ("html", "md", "csv", "json"):
        result = RUNNER.invoke(app, [*asked, "--to", form, "-o", str(tmp_path / f"a.{form}")])
        assert (result.exit_code, result.stdout) == (0, "")
        assert (tmp_path / f"a.{form}").stat().st_size > 500
    wins = found["buying"]["wins_probability"]
    failed = RUNNER.invoke(app, [*asked, "--format", "csv", "--fail-on", f"wins<={100 * wins}%"])
    assert failed.exit_code == 1 and "Gate wins<=" in failed.stderr and failed.stdout.startswith("choice,")
    gates = [f"wins<{100 * wins}%", f"evpi>{found['evpi_usd'] + 1}", f"regret>{of(found, 'plan')['regret_usd'] + 1}"]
    passed = RUNNER.invoke(app, [*asked, "--format", "csv", *(word for gate in gates for word in ("--fail-on", gate))])
    assert passed.exit_code == 0
    for wrong in (["--fail-on", "npv<0"], ["--alpha", "1"]):
        assert RUNNER.invoke(app, [*asked, *wrong]).exit_code == 2
    refused = RUNNER.invoke(app, [*asked[:2], "--method", "benders", "--whole"])
    assert refused.exit_code == 2


def test_the_default_is_whole_decides_rightly_and_proves_it(catalog: Catalog) -> None:
    """One server bought looks best in fractions and to a search from today's plan; five commitments cost less."""
    base = based(catalog, name="eight-a100s")
    found = answer(base, How(futures=12))
    assert answer(base, How(futures=12, whole=False))["stochastic"]["choice"] == "buy"
    assert [(one["kind"], one["amount"]) for one in of(found, "plan")["decides"]] == [("buy", 1.0)]
    best = found["stochastic"]
    assert (found["whole"], best["choice"], best["proven"]) == (True, "wait", True)
    decided = [(one["kind"], one["amount"]) for one in of(found, "wait")["decides"]]
    assert decided == [("commit", 5.0)]
    assert best["weighed_usd"] == pytest.approx(423_977, abs=50)
    assert of(found, "buy")["mean_usd"] > best["weighed_usd"] + 1_000
    assert found["loose_answers"] == 0


def test_the_best_of_each_branch_is_that_of_all_whole_numbers(catalog: Catalog) -> None:
    """Three futures, every combination of servers and commitments that could be of use."""
    base = based(catalog, name="eight-a100s")
    programs = build_programs(base, draw(base, base.case(), 3, 2).settings, 1)
    trials, ahead = Trials(programs, True), Solver(programs, True).replies()
    found = solve_branches(trials, ahead, Asked(True, aversion=0.5, alpha=0.5))
    assert len(programs.keys) == 3
    for bought, branch in ((0, found.wait), (1, found.buy)):
        assert branch is not None
        usd = [
            weighed(costs(trials.replies(np.array([bought, year, three], float))), 0.5, 0.5)
            for year in range(3)
            for three in range(9)
        ]
        assert branch.objective <= min(usd) * (1 + 2e-4) or branch.bound >= found.best.objective * (1 - 2e-4)
        assert branch.bound <= min(usd) * (1 + 1e-9)
    assert found.proven and found.best is not None and found.wait is not None and found.buy is not None
    assert found.best.bound == min(found.best.objective, found.wait.bound, found.buy.bound) < found.best.objective
    assert not replace(found, wait=replace(found.wait, bound=0.9 * found.wait.objective)).proven


def test_a_future_without_any_answer_in_time_is_no_future_without_a_plan(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    base = based(catalog, name="eight-a100s")
    programs = build_programs(base, draw(base, base.case(), 1, 1).settings, 3)
    monkeypatch.setattr("planner.whatif.risk.solver.solve_whole", lambda *asked, **limits: WholeSolution(None, 5.0))
    with pytest.raises(SolverError, match="--relaxed"):
        Solver(programs, True).replies()
    monkeypatch.setattr("planner.whatif.risk.solver.solve_whole", lambda *asked, **limits: WholeSolution(None, np.inf))
    assert Solver(programs, True).replies() == [None]


def test_many_small_futures_fall_back_loudly(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planner.whatif.risk.answer.ALL_UP_TO_NONZEROS", 5_000)
    found = answer(based(catalog, name="eight-a100s"), How(futures=4))
    assert (found["whole"], found["solved_because"]) == (False, "count")
    assert "too large for whole numbers" in markdown_of(sections(found))
    for one in found["choices"]:
        assert all(decided["amount"] == round(decided["amount"]) for decided in one["decides"])


def test_a_search_that_a_limit_stops_says_so(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each answer 1 % above what the search has proven, whoever is asked."""

    def stopped(arrays: Arrays, start: object, gap: float, nodes: int) -> WholeSolution:
        found = solve_whole(arrays, None, gap)
        return WholeSolution(found.x, found.bound * 0.99)

    base = based(catalog, name="eight-a100s")
    monkeypatch.setattr("planner.whatif.risk.solver.solve_whole", stopped)
    monkeypatch.setattr("planner.whatif.risk.stochastic.solve_whole", stopped)
    found = answer(base, How(futures=4))
    assert not found["stochastic"]["proven"] and found["stochastic"]["relative_gap"] > 2e-4
    assert found["loose_answers"] > 0
    text = markdown_of(sections(found))
    assert "More --nodes may find them" in text and "ended above the gap" in text


def test_searches_end_after_nodes_and_never_after_seconds(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[tuple[str, object]] = []

    def options(**named: object) -> highspy.Highs:
        limits.extend((name, named[name]) for name in ("time_limit", "mip_max_nodes") if name in named)
        return _highs(**named)

    monkeypatch.setattr(highs, "_highs", options)
    answer(based(catalog), How(futures=2))
    assert {value for name, value in limits if name == "time_limit"} == {np.inf}
    nodes = [value for name, value in limits if name == "mip_max_nodes"]
    assert len(nodes) == len([name for name, _ in limits if name == "time_limit"]) > 0


def test_an_answer_has_the_same_bytes_on_a_busy_machine(catalog: Catalog) -> None:
    """Searches end after nodes, and futures are dealt to threads: neither knows how fast it goes."""
    base, how = based(catalog, name="eight-a100s"), How(futures=6, nodes=1)
    found = answer(base, how)
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(3)]
    try:
        again = answer(base, how)
    finally:
        for process in busy:
            process.kill()
            process.wait()
    assert json_text(again) == json_text(found)


def test_who_sells_now_does_not_know_the_future_either(catalog: Catalog) -> None:
    owned = "existing_servers=[{server: server-8xa100-80gb, site: room-virginia, servers: 2, in_service: 2025-01, "
    owned += "paid_usd_per_server: 200000}]"
    base = based(catalog, owned, name="eight-a100s")
    programs = build_programs(base, draw(base, base.case(), 4, 1).settings, 3)
    sales = [n for n, key in enumerate(programs.keys) if key[0] == "sell" and "owned" in key[4]]
    assert [programs.keys[n][-1] for n in sales] == ["2027-01", "2027-02", "2027-03"]
    first = np.zeros(len(programs.keys))
    first[sales[1]] = 2
    replies = Solver(programs).replies(first)
    for one, reply in zip(programs.each, replies, strict=True):
        assert reply is not None
        assert reply.x[one.first][sales].tolist() == [0, 2, 0]


def test_what_was_drawn_stands_beside_what_was_asked(catalog: Catalog, relaxed: dict[str, Any]) -> None:
    base = based(catalog, name="eight-a100s")
    drawn = draw(base, base.case(), 12, 1)
    first = relaxed["drivers"][0]
    assert (first["drawn_p10"], first["drawn_p90"]) == pytest.approx(tuple(np.quantile(drawn.values[:, 0], [0.1, 0.9])))
    below, same = (np.array([[sum(how(one, value)) for value in one] for one in drawn.values.T])
                   for how in (np.less, np.equal))  # fmt: skip
    ranks = below + (same + 1) / 2
    stray = relaxed["strays_most"]
    assert abs(stray["drawn"]) == pytest.approx(np.abs(np.triu(np.corrcoef(ranks), 1)).max())
    text = markdown_of(sections(relaxed))
    assert "12 futures are few" in text and "Farthest from the correlation asked" in text


def test_futures_that_do_not_weigh_are_answered_best_too(catalog: Catalog) -> None:
    base = based(catalog, name="eight-a100s")
    programs = build_programs(base, draw(base, base.case(), 8, 1).settings, 3)
    best = solve_extensive(programs, 1.0, 0.8)
    assert best is not None
    assert best.usd == pytest.approx(costs(Solver(programs).replies(best.first)), rel=1e-9)
