"""The whole answer about risk as plain data: what each choice costs over the futures, and what it is worth to know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from planner.analysis.infeasible import why_infeasible
from planner.analysis.relaxed import BUY, WITHOUT_A_PURCHASE
from planner.analysis.study import Study
from planner.analysis.waiting import MONTHS as WAITED
from planner.analysis.waiting import waiting
from planner.errors import Complaint, InfeasibleError, InputError, Place
from planner.model.solve import Effort
from planner.program import Floats
from planner.units import month_label
from planner.whatif.base import Base
from planner.whatif.document import heading
from planner.whatif.risk.choices import (
    MEAN,
    PLAN,
    STOCHASTIC,
    WAIT,
    Choice,
    Say,
    Tried,
    best_choice,
    buys_now,
    choices_of,
    mean_choice,
    solve_today,
)
from planner.whatif.risk.futures import Futures, draw, months_to_decide
from planner.whatif.risk.measures import DECILES, regrets, spread, weighed
from planner.whatif.risk.programs import GAP, Programs, Solver, build_programs, costs
from planner.whatif.risk.stochastic import Stochastic

WHOLE_UP_TO_NONZEROS = 150_000
"""Of all futures together: up to here they are solved in whole numbers, larger ones as relaxations."""
METHODS = ("auto", "extensive", "benders")
_ANY, _EXACT = 1e-6, 1e-9


@dataclass(frozen=True)
class How:
    """How risk is looked at.

    Attributes
    ----------
    aversion, alpha : weight of CVaR beside the mean, and of which futures it is; None: the scenario's
    whole : in whole numbers, or relaxations; None: by size
    seconds : of the search for the stochastic plan in whole numbers
    """

    futures: int = 64
    seed: int = 1
    method: str = "auto"
    aversion: float | None = None
    alpha: float | None = None
    whole: bool | None = None
    seconds: float = 60.0


def answer(base: Base, how: How, say: Say = lambda text: None) -> dict[str, Any]:
    """Return what deciding now costs over `how.futures` futures.

    Raises
    ------
    InputError
        when the scenario's `risk` section says what cannot be.
    InfeasibleError
        when no plan obeys the rules today, or in any future.
    """
    case, months = base.case(), months_to_decide(base)
    aversion, alpha = _attitude(base, how)
    say(f"drawing {how.futures} futures")
    drawn = draw(base, case, how.futures, how.seed)
    say(f"building {how.futures} programs")
    programs = build_programs(base, drawn.settings, months)
    whole = programs.nonzeros <= WHOLE_UP_TO_NONZEROS if how.whole is None else how.whole
    if how.method == "benders":
        if how.whole:
            raise InputError([Complaint(Place("--method"), "", "decomposes relaxations only", cure="--relaxed")])
        whole = False
    say("solving today's plan")
    today, today_whole = solve_today(base)
    say("what each future costs when it is known beforehand")
    least = costs(Solver(programs, whole).replies())
    kept = np.flatnonzero(np.isfinite(least)).tolist()
    if not kept:
        raise InfeasibleError(why_infeasible(base.case(drawn.settings[0]), base.case))
    programs, least = programs.subset(kept), least[kept]
    known, best = _solved(programs, _choices(base, drawn, today, programs, whole, months), least, whole, how.method,
                          aversion, alpha, how.seconds, say)  # fmt: skip
    start = base.loaded.scenario.start
    return heading(base, "risk", "whole numbers" if whole else "relaxation") | {
        "description": base.loaded.scenario.description,
        "as_of": base.loaded.scenario.as_of.isoformat(), "months": case.horizon,
        "decide_until": month_label(start, months),
        "prices_move_from": start if base.loaded.scenario.scale.rows else month_label(start, months),
        "decided_months": months,
        "futures": how.futures, "impossible_futures": how.futures - len(kept), "seed": how.seed,
        "aversion": aversion, "alpha": alpha, "whole": whole, "today_whole": today_whole, "gap": GAP,
        "drivers": _drivers(drawn), "correlations": _correlations(drawn),
        "left_out": [" ".join(filter(None, key)) for key in programs.left_out],
        "choices": _told(programs, known, least, aversion, alpha),
        "known_beforehand": spread(least, alpha),
        **_knowing(known, best, least, aversion, alpha),
        **_buying(programs, known, _dust(whole) * least),
        **_waiting(known, _dust(whole) * least, _unlearned(today, today_whole, months)),
        "each": _each(drawn, kept, known, least),
    }  # fmt: skip


_Known = dict[str, tuple[Choice, Floats]]


def _attitude(base: Base, how: How) -> tuple[float, float]:
    risk = base.loaded.scenario.risk
    aversion = how.aversion if how.aversion is not None else float(risk.aversion) if risk else 0.0
    alpha = how.alpha if how.alpha is not None else float(risk.alpha) if risk else 0.95
    return aversion, alpha


def _choices(
    base: Base, drawn: Futures, today: Study, programs: Programs, whole: bool, months: int
) -> list[Choice]:  # fmt: skip
    mean = mean_choice(base, drawn.mean, programs, whole, months)
    return [*choices_of(today, programs, months), *([mean] if mean else [])]


def _solved(
    programs: Programs, choices: Sequence[Choice], least: Floats, whole: bool, method: str, aversion: float,
    alpha: float, seconds: float, say: Say,
) -> tuple[_Known, Stochastic | None]:  # fmt: skip
    """Return every choice with its costs, array [future], the stochastic plan last."""
    solver, tried = Solver(programs, whole), dict[str, Tried]()
    for choice in choices:
        say(f"what it costs in each future to decide now: {choice.name.replace('_', ' ')}")
        same = next((one for one in tried.values() if one.choice.same_as(choice)), None)
        replies = solver.replies(choice.first, choice.option) if same is None else same.replies
        tried[choice.name] = Tried(choice, costs(replies), replies)
    say("one plan for all futures")
    best = best_choice(programs, least, tried.values(), whole=whole, method=method, aversion=aversion, alpha=alpha,
                       seconds=seconds)  # fmt: skip
    known = {name: (one.choice, one.usd) for name, one in tried.items()}
    if best is not None:
        known[STOCHASTIC] = Choice(STOCHASTIC, best.first), best.usd
    return known, best


def _told(programs: Programs, known: _Known, least: Floats, aversion: float, alpha: float) -> list[dict[str, Any]]:
    """Return each choice with its cost over the futures and the most that it may be regretted by."""
    worst = regrets({name: usd for name, (_, usd) in known.items()}, least)
    fewest = min(worst.values(), default=np.inf)
    return [
        {
            "choice": name,
            "decides": _decisions(programs, choice),
            **{f"{key}_usd" if key != "infeasible_futures" else key: v for key, v in spread(usd, alpha).items()},
            "weighed_usd": _finite(weighed(usd, aversion, alpha)) if np.isfinite(usd).all() else None,
            "regret_usd": _finite(worst[name]),
            "least_regret": bool(np.isfinite(fewest) and worst[name] <= fewest + _ANY * max(1.0, abs(fewest))),
        }
        for name, (choice, usd) in known.items()
    ]


def _decisions(programs: Programs, choice: Choice) -> list[dict[str, Any]]:
    return [
        {"kind": kind, "what": what, "how": ", ".join(filter(None, where)), "month": month, "amount": round(amount, 9)}
        for (kind, what, *where, month), amount in zip(programs.keys, choice.first.tolist(), strict=True)
        if amount > _ANY
    ]


def _knowing(
    known: _Known, best: Stochastic | None, least: Floats, aversion: float, alpha: float
) -> dict[str, Any]:  # fmt: skip
    """Return what it is worth to know the future beforehand (EVPI), and to plan for all futures, not the mean (VSS)."""
    if best is None:
        return {"stochastic": None, "evpi_usd": None, "vss_usd": None}
    ahead = weighed(least, aversion, alpha)
    mean = known.get(MEAN)
    eev = weighed(mean[1], aversion, alpha) if mean is not None and np.isfinite(mean[1]).all() else None
    return {
        "stochastic": {
            "weighed_usd": best.objective, "bound_usd": best.bound, "relative_gap": best.relative_gap,
            "method": best.method, "rounds": best.rounds, "known_beforehand_usd": ahead, "mean_value_plan_usd": eev,
        },
        "evpi_usd": best.objective - ahead,
        "vss_usd": None if eev is None else eev - best.objective,
    }  # fmt: skip


def _dust(whole: bool) -> float:
    """Return the difference, relative to the cost, that says nothing: answers are no more exact."""
    return GAP if whole else _EXACT


def _buying(programs: Programs, known: _Known, dust: Floats) -> dict[str, Any]:
    """Return in how many of the futures buying now is cheaper than never to buy, and by how much."""
    name = next((one for one in (PLAN, BUY) if one in known and buys_now(programs, known[one][0])), None)
    if name is None or WITHOUT_A_PURCHASE not in known:
        reason = "no server can be ordered before the future is known" if name is None else "nothing else can serve"
        return {"buying": {"choice": name, "wins_probability": None, "saves_usd": None, "reason": reason}}
    buy, none = known[name][1], known[WITHOUT_A_PURCHASE][1]
    saves, obeys = np.full(len(buy), -np.inf), np.isfinite(buy)
    saves[obeys] = none[obeys] - buy[obeys]
    both = spread(saves[np.isfinite(saves)], 0.0)
    return {
        "buying": {
            "choice": name, "wins_probability": float((saves > dust).mean()),
            "saves_usd": {key: both[key] for key in (*DECILES, "mean")} if both["mean"] is not None else None,
            "reason": "",
        }
    }  # fmt: skip


def _waiting(known: _Known, dust: Floats, unlearned: float | None) -> dict[str, Any]:
    """Return what is gained by ordering nothing until the future is known, against deciding now as today's plan does.

    The stochastic plan could wait too, so that it is never dearer.

    Parameters
    ----------
    unlearned : what waiting costs where nothing comes otherwise
    """
    now, later = (known[name][1] for name in (PLAN, WAIT))
    if not (np.isfinite(now).all() and np.isfinite(later).all()):
        return {"waiting": {"value_usd": None, "better_probability": None, "unlearned_value_usd": None}}
    return {
        "waiting": {
            "value_usd": float((now - later).mean()), "better_probability": float((later < now - dust).mean()),
            "unlearned_value_usd": None if unlearned is None else -unlearned,
        }
    }  # fmt: skip


def _unlearned(today: Study, today_whole: bool, months: int) -> float | None:
    """Return what waiting for a quarter costs when nothing is learned; None where it is not asked in whole numbers."""
    if not today_whole or months != WAITED:
        return None
    found = waiting(today, Effort(gap=GAP))
    return None if found is None else found["costs_usd"]


def _drivers(drawn: Futures) -> list[dict[str, Any]]:
    return [
        {
            "driver": one.driver.name, "title": one.driver.title, "unit": one.driver.unit, "now": one.driver.now,
            "p10": one.low, "p90": one.high, "shape": one.shape, "mean": float(drawn.values[:, n].mean()),
            "least": float(drawn.values[:, n].min()), "most": float(drawn.values[:, n].max()), "source": one.source,
        }
        for n, one in enumerate(drawn.distributions)
    ]  # fmt: skip


def _correlations(drawn: Futures) -> list[dict[str, Any]]:
    names = [one.driver.name for one in drawn.distributions]
    return [
        {"between": [names[a], names[b]], "value": float(drawn.correlation[a, b])}
        for a, b in np.argwhere(np.triu(drawn.correlation, 1)).tolist()
    ]


def _each(drawn: Futures, kept: Sequence[int], known: _Known, least: Floats) -> list[dict[str, Any]]:
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
