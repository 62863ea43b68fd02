"""Futures: quantiles as said, together as said, the same for the same seed, and evenly spread."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from planner.catalog.load import Catalog
from planner.errors import InputError
from planner.scenario.load import load_scenario
from planner.whatif.base import Base
from planner.whatif.risk.futures import Futures, draw, months_to_decide, scores
from tests.shipped import shipped_catalog

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "eight-a100s.yaml"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return shipped_catalog()


def based(catalog: Catalog, *settings: str) -> Base:
    return Base(catalog, load_scenario(EXAMPLE, catalog, settings))


def drawn(base: Base, count: int = 1024, seed: int = 1) -> Futures:
    return draw(base, base.case(), count, seed)


def risk(drivers: str = "{}", more: str = "") -> str:
    return f"risk={{source: a test, drivers: {drivers}{more}}}"


def of(futures: Futures, name: str) -> np.ndarray:
    names = [one.driver.name for one in futures.distributions]
    return futures.values[:, names.index(name)]


def test_one_in_ten_lies_below_low_and_one_above_high(catalog: Catalog) -> None:
    found = drawn(based(catalog, risk("{demand: {low: 0.6, high: 1.1}, growth: {low: -0.05, high: 0.3}}")))
    for name, (low, now, high) in {
        "demand": (0.6, 1.0, 1.1),
        "growth": (-0.05, 0.0, 0.3),
        "rented": (0.8, 1, 1.2),
    }.items():
        assert np.quantile(of(found, name), [0.1, 0.5, 0.9]) == pytest.approx([low, now, high], abs=0.01)


def ranked(values: np.ndarray) -> np.ndarray:
    return np.asarray(np.corrcoef(values.argsort(axis=0).argsort(axis=0), rowvar=False))


def test_drivers_move_together_as_said_and_others_alone(catalog: Catalog) -> None:
    said = risk("{demand: {low: 0.5, high: 2}}", ", correlations: [{between: [rented, demand], value: -0.7}]")
    for seed in (1, 2, 3):
        found = drawn(based(catalog, said), 256, seed)
        together = ranked(np.array([of(found, name) for name in ("demand", "rented", "purchase", "resale")]).T)
        assert together[0, 1] == pytest.approx(-0.7, abs=0.05)
        assert together[[0, 0, 1, 1, 2], [2, 3, 2, 3, 3]] == pytest.approx(0.0, abs=0.05)


@pytest.mark.parametrize("asked", [-0.9, -0.3, 0.5, 0.95])
def test_ranks_have_the_correlation_asked(asked: float) -> None:
    """Normal scores that have it would miss by up to 0.02: of 4,096 points that shows."""
    matrix = np.eye(3)
    matrix[0, 1] = matrix[1, 0] = asked
    assert ranked(scores(4096, matrix, 1)) == pytest.approx(matrix, abs=2e-3)


@pytest.mark.parametrize(("count", "drivers", "most"), [(16, 8, 0.4), (32, 8, 0.25), (64, 12, 0.15), (256, 8, 0.05)])
def test_few_points_in_many_dimensions_do_not_move_together_by_chance(count: int, drivers: int, most: float) -> None:
    """Points of the sequence itself do, by 0.97 · 0.75 · 0.39 · 0.05."""
    for seed in range(1, 9):
        found = scores(count, np.eye(drivers), seed)
        assert np.abs(np.triu(ranked(found), 1)).max() <= most
        assert np.abs(np.sort(found, axis=0) - np.sort(found[:, :1], axis=0)).max() == 0


def test_drivers_may_move_as_one(catalog: Catalog) -> None:
    found = drawn(based(catalog, risk("{}", ", correlations: [{between: [rented, demand], value: 1}]")))
    assert of(found, "rented") == pytest.approx(of(found, "demand"), rel=1e-3)


def test_the_seed_alone_decides(catalog: Catalog) -> None:
    base = based(catalog)
    one, again, other = drawn(base, 16), drawn(base, 16), drawn(base, 16, seed=2)
    assert one.settings == again.settings
    assert one.settings != other.settings


def test_points_are_spread_more_evenly_than_by_chance() -> None:
    from scipy.special import ndtr
    from scipy.stats import qmc

    even = ndtr(scores(64, np.eye(4), 1))
    chance = np.random.default_rng(1).random((64, 4))
    assert qmc.discrepancy(even) < qmc.discrepancy(chance) / 3


def test_the_mean_future_has_the_mean_of_every_driver(catalog: Catalog) -> None:
    found = drawn(based(catalog), 32)
    assert f"scale.demand={of(found, 'demand').mean():.9f}".rstrip("0") in [one.rstrip("0") for one in found.mean]


def test_prices_move_only_when_the_future_is_known(catalog: Catalog) -> None:
    base = based(catalog, risk("{}", ", decide_until: 2027-07"))
    assert months_to_decide(base) == 6
    before, after = base.case().offers[0].on_demand, base.case(drawn(base, 4).settings[0]).offers[0].on_demand
    assert before is not None
    assert after is not None
    assert np.array_equal(before.values[:6], after.values[:6])
    assert (before.values[6:] != after.values[6:]).all()


PRICE = "server-8xa100-80gb/gpu_usd_per_gpu"


def bought(base: Base, futures: Futures, first: int = 8) -> np.ndarray:
    """Prices of the first server by month, in some of the futures."""
    return np.array([base.case(one).servers[0].purchase.values for one in futures.settings[:first]])


def test_first_decisions_are_at_prices_of_today_whatever_moves_them(catalog: Catalog) -> None:
    """Rows that are drivers of their own, and factors of the scenario, which hold from the start."""
    own = "scale.rows={'*/gpu_usd_per_gpu': 1.1}"
    for settings in ((), (own,), (risk(f"{{{PRICE}: {{low: 8000, high: 30000}}}}"), own)):
        base = based(catalog, *settings)
        today, moved = base.case().servers[0].purchase.values, bought(base, drawn(base, 8))
        assert (moved[:, :3] == today[:3]).all()
        assert (moved[:, 3:] != today[3:]).all() and (moved > 0).all()


def test_a_row_with_a_driver_of_its_own_leaves_its_kind(catalog: Catalog) -> None:
    base = based(catalog, risk(f"{{{PRICE}: {{low: 8000, high: 30000}}}}"))
    found = drawn(base, 256)
    today, values = base.case().servers[0].purchase.values[3], bought(base, found, 32)[:, 3]
    now = next(one.driver.now for one in found.distributions if one.driver.name == PRICE)
    assert values / today == pytest.approx(of(found, PRICE)[:32] / now, rel=1e-9)
    assert next(one.shape for one in found.distributions if one.driver.name == PRICE) == "lognormal"
    assert of(found, PRICE).min() > 1_000
    assert np.quantile(of(found, PRICE), [0.1, 0.9]) == pytest.approx([8_000, 30_000], rel=0.05)


def test_lead_times_have_that_of_today_in_the_middle(catalog: Catalog) -> None:
    base = based(catalog)
    months = np.array([base.case(one).servers[0].lead_months for one in drawn(base, 64).settings])
    today = base.case().servers[0].lead_months
    assert np.median(months) == today
    later, sooner = (months > today).mean(), (months < today).mean()
    assert 0.2 < sooner < later < 0.5  # a tenth comes a month sooner or more, a tenth three months later or more
    delays = [value for one in drawn(base, 64).settings for value in one if "/lead_time_months=" in value]
    assert all(float(one.partition("=")[2]).is_integer() for one in delays)


def test_every_future_is_a_scenario(catalog: Catalog) -> None:
    base = based(catalog)
    digests = {base.case(settings).scenario_digest for settings in drawn(base, 64).settings}
    assert len(digests) == 64


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (risk("{demend: {low: 0.5, high: 2}}"), "did you mean 'demand'?"),
        (risk("{demand: {low: 1.1, high: 2}}"), "today's value"),
        (risk("{demand: {low: 2, high: 1}}"), "low ≤ high"),
        (risk("{rented: {low: 0, high: 2, shape: lognormal}}"), "lognormal"),
        (risk("{resale: {low: 0.5, high: 2}}"), "farther"),
        (risk("{}", ", decide_until: 2027-01"), "nothing to decide"),
        (risk("{}", ", decide_until: 2031-01"), "nothing to decide"),
        (risk("{}", ", correlations: [{between: [rented, staff], value: 0.5}]"), "not uncertain"),
        (risk("{}", ", correlations: [{between: [rented, rented], value: 0.5}]"), "one driver"),
        (
            risk("{}", ", correlations: [{between: [rented, demand], value: 0.9}, {between: [rented, purchase], value: "
                 "0.9}, {between: [demand, purchase], value: -0.9}]"),
            "multiply every value by",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_place(catalog: Catalog, said: str, told: str) -> None:
    with pytest.raises(InputError, match=r"risk") as error:
        drawn(based(catalog, said), 4)
    assert told in str(error.value)


def test_contradicting_correlations_are_valid_when_made_smaller_as_advised(catalog: Catalog) -> None:
    pairs = [("rented", "demand", 0.9), ("rented", "purchase", 0.9), ("demand", "purchase", -0.9)]

    def said(by: float) -> str:
        of_pairs = ", ".join(f"{{between: [{a}, {b}], value: {by * value}}}" for a, b, value in pairs)
        return risk("{}", f", correlations: [{of_pairs}]")

    with pytest.raises(InputError) as error:
        drawn(based(catalog, said(1)), 4)
    advised = float(str(error.value).split("multiply every value by ")[1].split()[0])
    drawn(based(catalog, said(advised)), 4)
    with pytest.raises(InputError):
        drawn(based(catalog, said(advised + 0.02)), 4)
