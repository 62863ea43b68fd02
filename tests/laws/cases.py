"""Small random scenarios, as relaxations: whole numbers make steps that laws of linear programs need not obey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st

from planner.model.build import build
from planner.model.highs import Live
from planner.model.solve import Effort, solve
from tests.small import (
    CHEAP,
    DEAR,
    HALF_SAVINGS,
    HALF_TERM,
    HALF_USED,
    ROLE,
    SAVINGS,
    SERVER,
    SITE,
    SPOT,
    TERMS,
    WHOLE,
    Solved,
    batch,
    serving,
    small,
    solved,
    training,
)

QUICK = settings(
    max_examples=25, deadline=None, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate]
)
"""Nothing is drawn by chance, so that a run can be repeated; to have an example made smaller add Phase.shrink."""
KINDS = ("on_demand", "spot", "commitments", "savings_plans")
FEW = settings(QUICK, max_examples=8)
OFFERS = (DEAR, CHEAP, SPOT, WHOLE, TERMS)
Changes = dict[str, Any]
WAVES, NIGHTS = {"weekday": [1, 2, 3, 5] * 6}, {"weekday": [1] * 12 + [4] * 12, "weekend": [2] * 24}

RATES: dict[str, tuple[float, float]] = {
    **{f"{offer}/on_demand_usd_per_gpu_hour": (1, 9) for offer in OFFERS},
    f"{SPOT}/spot_usd_per_gpu_hour": (0.3, 4),
    f"{WHOLE}/12m-no-upfront/usd_per_gpu_hour": (0.5, 6),
    f"{WHOLE}/36m-all-upfront/usd_per_gpu_hour": (0.05, 1),
    HALF_TERM: (0.5, 6),
    HALF_USED: (0.5, 6),
    f"{SAVINGS}/usd_per_gpu_hour/{WHOLE}": (0.5, 6),
    f"{HALF_SAVINGS}/usd_per_gpu_hour/{TERMS}": (0.5, 6),
}
OWNING: dict[str, tuple[float, float]] = {
    f"{SERVER}/purchase_usd_per_server": (10_000, 200_000),
    f"{SERVER}/network_usd_per_server": (0, 20_000),
    f"{SERVER}/decommissioning_usd_per_server": (0, 5_000),
    f"{SERVER}/spare_parts_fraction": (0, 0.1),
    f"{SERVER}/support_fraction_per_year": (0, 0.2),
    f"{SERVER}/licence_usd_per_gpu_year": (0, 500),
    f"{SERVER}/availability_fraction": (0.5, 1),
    f"{SITE}/pue": (1, 2),
    f"{SITE}/electricity_usd_per_kwh": (0, 0.5),
    f"{SITE}/space_usd_per_kw_month": (0, 200),
    f"{ROLE}/salary_usd_per_year": (50_000, 200_000),
    f"{ROLE}/burden_multiplier": (1, 2),
}
RENTAL = [row for row in RATES if "usd_per_gpu_hour" in row]


def hundredths(low: float, high: float) -> st.SearchStrategy[float]:
    """Numbers with two decimals, which a file holds exactly."""
    return st.integers(round(low * 100), round(high * 100)).map(lambda n: n / 100)


@st.composite
def scenarios(
    draw: st.DrawFn, *, kinds: Sequence[str] = KINDS, resale: bool = True, unserved: bool = False, held: bool = True
) -> Changes:
    """Changes to the small scenario: a site, some offers and one to three workloads, in one to four months."""
    horizon = draw(st.integers(1, 4))
    ages = sorted((draw(hundredths(0, 1)) for _ in range(5)), reverse=True) if resale else [0] * 5
    prices = {row: draw(hundredths(*span)) for row, span in (RATES | OWNING).items()}
    prices |= {f"{SERVER}/resale_fraction/{age}": part for age, part in zip((12, 24, 36, 48, 60), ages, strict=True)}
    prices[f"{SERVER}/lead_time_months"] = draw(st.integers(0, 2))
    prices[f"{SERVER}/useful_life_months"] = draw(st.sampled_from([2, 60]))
    changes: Changes = {
        "horizon_months": horizon, "prices": prices,
        "hours_per_month": draw(st.sampled_from([730, "calendar"])),
        "horizon_end": draw(st.sampled_from(["continue", "liquidate"])),
        "finance": {"wacc_fraction": draw(st.sampled_from([0, 0.08, 0.3])), "source": "drawn",
                    "running_costs": draw(st.sampled_from(["end_of_month", "start_of_month"]))},
        "offers": {"consider": sorted(draw(st.sets(st.sampled_from(OFFERS), min_size=1))), "kinds": list(kinds)},
        "sites": [{"id": SITE}],
        "whole": {"servers": False, "commitments": False},
        "workloads": draw(workloads(horizon, unserved)),
    }  # fmt: skip
    if draw(st.booleans()):
        changes["staff"] = [{"name": "platform", "role": ROLE, "covers_rented": draw(st.booleans())}]
    if held and draw(st.booleans()):
        changes["existing_servers"] = [
            {"server": SERVER, "site": SITE, "servers": draw(st.integers(1, 2)), "in_service": "2026-11",
             "paid_usd_per_server": draw(st.integers(0, 100_000))}
        ]  # fmt: skip
    if held and WHOLE in changes["offers"]["consider"] and draw(st.booleans()):
        changes["existing_commitments"] = [
            {"offer": WHOLE, "instances": 1, "start": "2026-11", "term_months": draw(st.integers(1, 8)),
             "hourly_usd_per_gpu": draw(hundredths(0.5, 4))}
        ]  # fmt: skip
    return changes


@st.composite
def paid(draw: st.DrawFn, given: st.SearchStrategy[Changes]) -> Changes:
    """`given` with servers cheap enough to be bought, paid at once or over time, run beside others at first."""
    changes, found = draw(given), draw(st.lists(ways(), max_size=3, unique_by=lambda one: one["name"]))
    servers = {"consider": [SERVER], "dual_running_months": draw(st.sampled_from([0, 0, 1, 2])),
               "cash": not found or draw(st.booleans())}  # fmt: skip
    room = {"name": "room", "category": "fit_out", "usd_per_month": draw(st.integers(1, 3_000)), "when": "if_bought",
            "months": draw(st.integers(1, 3)), "source": "drawn"}  # fmt: skip
    where = draw(st.sampled_from([None, {}, {"site": SITE}]))
    price = {f"{SERVER}/purchase_usd_per_server": draw(hundredths(5_000, 40_000))}
    project = {} if where is None else {"project": [room | where]}
    return with_prices({**changes, "servers": servers, "financing": found, **project}, price)


@st.composite
def ways(draw: st.DrawFn) -> Changes:
    """A loan, or a lease that ends in giving back or in owning."""
    kind = draw(st.sampled_from(["loan", "operating_lease", "finance_lease"]))
    term = {"name": kind.replace("_", "-"), "kind": kind, "term_months": draw(st.integers(1, 8)), "source": "drawn",
            "rate_fraction": draw(hundredths(0, 0.4)), "fee_fraction": draw(st.sampled_from([0, 0.01]))}  # fmt: skip
    if kind == "loan":
        return term | {"down_payment_fraction": draw(st.sampled_from([0, 0.2]))}
    left = "residual_fraction" if kind == "operating_lease" else "buyout_fraction"
    return term | {left: draw(hundredths(0, 1)), "payments": draw(st.sampled_from(["in_advance", "in_arrears"]))}


@st.composite
def workloads(draw: st.DrawFn, horizon: int, unserved: bool) -> list[dict[str, Any]]:
    """A serving workload, and perhaps a batch and a training one."""
    price = {"unserved_usd_per_unit": draw(st.integers(2, 20))} if unserved else {}
    growth = {"monthly_factors": draw(st.lists(st.integers(0, 4), min_size=horizon, max_size=horizon))}
    shape = draw(st.sampled_from(["flat", WAVES, NIGHTS]))
    headroom = {"headroom_fraction": draw(st.sampled_from([0, 0.25])),
                "standby_on_demand": draw(st.sampled_from(["free", "billed"]))}  # fmt: skip
    found = [serving(**headroom, **draw(spot()), **price)]
    found[0]["demand"] = {"average_per_hour": draw(st.integers(1, 12)), "shape": shape, "growth": growth}
    if draw(st.booleans()):
        hours = draw(st.sampled_from([{}, {"hours": [0, 1, 2, 3]}, {"days": "weekdays"}]))
        work = draw(st.integers(500, 6_000))
        found.append(
            batch(work, **hours, window=draw(st.sampled_from([1, "day"])), **draw(spot(by_month=False)), **price)
        )
        found[-1]["growth"] = growth
    if draw(st.booleans()):
        hold = {"units": draw(st.integers(1, 10)), "months": draw(st.integers(1, horizon))}
        found.append(training(**hold, checkpoints=True, **draw(spot(by_month=False)), **price))
    return found


@st.composite
def spot(draw: st.DrawFn, by_month: bool = True) -> dict[str, Any]:
    if not draw(st.booleans()):
        return {}
    share, loss = draw(st.sampled_from([0.25, 0.5, 1])), draw(st.sampled_from([0, 0.1, 0.4]))
    share_by = draw(st.sampled_from(["hour", "month"])) if by_month else "hour"
    return {"spot": {"share_fraction": share, "loss_fraction": loss, "share_by": share_by}}


def with_prices(changes: Changes, prices: Mapping[str, float]) -> Changes:
    """Return `changes` with some prices replaced."""
    return {**changes, "prices": {**changes["prices"], **prices}}


def plan_of(folder: Path, changes: Changes) -> Solved:
    return solved(small(folder, **changes))


def cost_of(folder: Path, changes: Changes) -> float:
    """Present cost of the cheapest plan, USD."""
    built = build(small(folder, **changes))
    arrays = built.arrays
    answer = solve(built, Live(arrays), arrays.lower, arrays.upper, Effort(gap=1e-9))
    assert answer is not None, "nothing obeys the rules"
    return answer.objective


def at_most(cost: float) -> Any:
    """What is at most `cost`, up to the noise of a solver."""
    return cost + 1e-7 * max(1.0, abs(cost))


def same(cost: float) -> Any:
    return pytest.approx(cost, rel=1e-7, abs=1e-4)
