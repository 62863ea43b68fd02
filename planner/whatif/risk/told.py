"""What the answer about risk says, as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from planner.program import Floats
from planner.whatif.risk.branches import Asked, Branches, Trials
from planner.whatif.risk.choices import BUY, MEAN, WAIT, Choice
from planner.whatif.risk.futures import Futures
from planner.whatif.risk.measures import DECILES, regrets, spread, weighed
from planner.whatif.risk.programs import GAP, Programs
from planner.whatif.risk.solver import Reply, bounds, costs

Known = dict[str, tuple[Choice, Floats]]
"""Choices by name, each with its cost in every future."""
_ANY = 1e-6
_SHOWN = 0.005
"""Amounts below are not told: they would read 0.00."""


def choices_told(programs: Programs, known: Known, least: Floats, asked: Asked) -> list[dict[str, Any]]:
    """Return each choice with its cost over the futures and the most that it may be regretted by."""
    worst = regrets({name: usd for name, (_, usd) in known.items()}, least)
    fewest = min(worst.values(), default=np.inf)
    return [
        {
            "choice": name,
            "also": list(choice.also),
            "decides": list(_decisions(programs, choice)),
            **{f"{key}_usd" if key != "infeasible_futures" else key: v for key, v in spread(usd, asked.alpha).items()},
            "weighed_usd": weighed(usd, asked.aversion, asked.alpha) if np.isfinite(usd).all() else None,
            "regret_usd": _finite(worst[name]),
            "least_regret": bool(np.isfinite(fewest) and worst[name] <= fewest + _ANY * max(1.0, abs(fewest))),
        }
        for name, (choice, usd) in known.items()
    ]


def _decisions(programs: Programs, choice: Choice) -> Iterator[dict[str, Any]]:
    for (kind, what, *where, month), amount in zip(programs.keys, choice.first.tolist(), strict=True):
        if amount >= _SHOWN:
            how = ", ".join(filter(None, where))
            yield {"kind": kind, "what": what, "how": how, "month": month, "amount": round(amount, 9)}


def knowing(known: Known, branches: Branches, ahead: Sequence[Reply | None], asked: Asked) -> dict[str, Any]:
    """Return what it is worth to know the future beforehand (EVPI), and to plan for all futures, not the mean (VSS)."""
    best = branches.best
    if best is None:
        return {"stochastic": None, "evpi_usd": None, "vss_usd": None}
    first, bound = (weighed(of(ahead), asked.aversion, asked.alpha) for of in (costs, bounds))
    mean = known.get(MEAN)
    eev = weighed(mean[1], asked.aversion, asked.alpha) if mean is not None and np.isfinite(mean[1]).all() else None
    buys = branches.buy is not None and best.first is branches.buy.first
    return {
        "stochastic": {
            "choice": BUY if buys else WAIT, "weighed_usd": best.objective, "bound_usd": best.bound,
            "relative_gap": best.relative_gap, "proven": branches.proven, "method": best.method, "rounds": best.rounds,
            "known_beforehand_usd": first, "known_beforehand_bound_usd": bound, "mean_value_plan_usd": eev,
        },
        "evpi_usd": best.objective - first,
        "vss_usd": None if eev is None else eev - best.objective,
    }  # fmt: skip


def loose(ahead: Sequence[Reply | None], trials: Trials) -> int:
    """Return how many answers of one future ended farther from their bound than they should have."""
    each = [*ahead, *(reply for replies in trials.every for reply in replies)]
    return sum(one is not None and one.usd - one.bound > 2 * GAP * max(1.0, abs(one.usd)) for one in each)


def buying(programs: Programs, branches: Branches, dust: Floats) -> dict[str, Any]:
    """Return in how many futures the best with an order now is cheaper than the best without one, and by how much.

    Parameters
    ----------
    dust : differences that say nothing, array [future]: answers are no more exact
    """
    if branches.buy is None or branches.wait is None:
        return {"wins_probability": None, "saves_usd": None, "reason": _no_pair(programs, branches)}
    saves = branches.wait.usd - branches.buy.usd
    both = spread(saves, 0.0)
    return {
        "wins_probability": float((saves > dust).mean()), "reason": "",
        "saves_usd": {key: both[key] for key in (*DECILES, "mean")},
    }  # fmt: skip


def _no_pair(programs: Programs, branches: Branches) -> str:
    if branches.buy is not None:
        return "without an order now a rule is broken in some future"
    late = [key for key in programs.left_out if key[0] == "buy"]
    if not programs.orders.any():
        return "an order now comes too late in some futures" if late else "no server can be ordered now"
    return "no order now holds in all of them"


def waiting(branches: Branches, dust: Floats, unlearned: Branches) -> dict[str, Any]:
    """Return what is gained by ordering no server until the future is known, each of both ways at its best.

    Commitments of now stay open in both.

    Parameters
    ----------
    unlearned : both ways where nothing comes otherwise: what waiting gains without learning anything
    """
    value, alone = _gained(branches), _gained(unlearned)
    if value is None or branches.buy is None or branches.wait is None:
        return dict.fromkeys(("value_usd", "better_probability", "unlearned_value_usd", "learned_usd"))
    return {
        "value_usd": value,
        "better_probability": float((branches.wait.usd < branches.buy.usd - dust).mean()),
        "unlearned_value_usd": alone,
        "learned_usd": None if alone is None else value - alone,
    }


def _gained(branches: Branches) -> float | None:
    if branches.buy is None or branches.wait is None:
        return None
    return float((branches.buy.usd - branches.wait.usd).mean())


def drivers_told(drawn: Futures) -> list[dict[str, Any]]:
    """Return what is uncertain, as asked and as drawn."""
    return [
        {
            "driver": one.driver.name, "title": one.driver.title, "unit": one.driver.unit, "now": one.driver.now,
            "p10": one.low, "p90": one.high, "shape": one.shape, "stated": one.stated,
            "mean": float(drawn.values[:, n].mean().round(9)),
            "drawn_p10": float(np.quantile(drawn.values[:, n], 0.1)),
            "drawn_p90": float(np.quantile(drawn.values[:, n], 0.9)),
            "least": float(drawn.values[:, n].min()), "most": float(drawn.values[:, n].max()), "source": one.source,
        }
        for n, one in enumerate(drawn.distributions)
    ]  # fmt: skip


def correlations_told(drawn: Futures) -> list[dict[str, Any]]:
    """Return which drivers move together, as asked and as drawn."""
    found = _ranked(drawn)
    return [_pair(drawn, found, a, b) for a, b in np.argwhere(np.triu(drawn.correlation, 1)).tolist()]


def stray_told(drawn: Futures) -> dict[str, Any] | None:
    """Return the drivers whose correlation, as drawn, lies farthest from what is asked."""
    found = _ranked(drawn)
    far = np.abs(np.triu(found - drawn.correlation, 1))
    if not far.any():
        return None
    a, b = np.unravel_index(far.argmax(), far.shape)
    return _pair(drawn, found, int(a), int(b))


def _pair(drawn: Futures, found: Floats, a: int, b: int) -> dict[str, Any]:
    names = [drawn.distributions[n].driver.name for n in (a, b)]
    return {"between": names, "value": float(drawn.correlation[a, b]), "drawn": float(found[a, b])}


def _ranked(drawn: Futures) -> Floats:
    """Return the correlation of ranks as drawn, array [driver, driver]; as asked for a driver that did not move."""
    count, width = drawn.values.shape
    if count < 2 or width < 2:
        return drawn.correlation
    from scipy.stats import rankdata  # of whole months many are equal, and share their mean rank

    ranks, found = rankdata(drawn.values, axis=0), drawn.correlation.copy()
    moved = np.flatnonzero(np.ptp(ranks, axis=0) > 0)
    found[np.ix_(moved, moved)] = np.corrcoef(ranks[:, moved], rowvar=False)
    return found


def each_told(drawn: Futures, kept: Sequence[int], known: Known, least: Floats) -> list[dict[str, Any]]:
    """Return every future that can be: its drivers, its least cost, and what each choice costs."""
    names = [one.driver.name for one in drawn.distributions]
    return [
        {
            "future": n,
            "drivers": dict(zip(names, drawn.values[n].tolist(), strict=True)),
            "known_beforehand_usd": float(least[at]),
            "usd": {name: _finite(float(usd[at])) for name, (_, usd) in known.items()},
        }
        for at, n in enumerate(kept)
    ]


def _finite(usd: float) -> float | None:
    return usd if np.isfinite(usd) else None
