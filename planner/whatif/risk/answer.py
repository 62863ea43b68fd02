"""The whole answer about risk: futures are drawn, choices tried in each, and the best over all of them is sought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from planner.analysis.infeasible import why_infeasible
from planner.analysis.switching import WHOLE_UP_TO_NONZEROS
from planner.errors import Complaint, InfeasibleError, InputError, Place
from planner.units import month_label
from planner.whatif.base import Base
from planner.whatif.basis import nonzeros
from planner.whatif.document import heading
from planner.whatif.risk.branches import Asked, Branches, Trials, solve_branches
from planner.whatif.risk.choices import BUY, WAIT, Choice, Say, choices_of, mean_choice, solve_today
from planner.whatif.risk.futures import draw, months_to_decide
from planner.whatif.risk.measures import spread
from planner.whatif.risk.programs import GAP, Programs, build_programs
from planner.whatif.risk.shared import named
from planner.whatif.risk.solver import Reply, Solver, costs
from planner.whatif.risk.told import (
    Known,
    buying,
    choices_told,
    correlations_told,
    drivers_told,
    each_told,
    knowing,
    loose,
    stray_told,
    waiting,
)

ALL_UP_TO_NONZEROS = 150_000
"""Of all futures together, each of them small enough: up to here they are solved in whole numbers."""
FUTURES, _DRAWN_UP_TO_NONZEROS = 32, 6_000_000
"""How many are drawn, and up to how many nonzeros of all of them; half and a quarter of it in larger programs."""


@dataclass(frozen=True)
class How:
    """How risk is looked at.

    Attributes
    ----------
    aversion, alpha : weight of CVaR beside the mean, and of which futures it is; None: the scenario's
    whole : in whole numbers, or relaxations; None: by size
    futures : None: by size
    nodes : of each search for the best decisions in whole numbers; None: by size
    """

    futures: int | None = None
    seed: int = 1
    method: str = "auto"
    aversion: float | None = None
    alpha: float | None = None
    whole: bool | None = None
    nodes: int | None = None


def answer(base: Base, how: How, say: Say = lambda text: None) -> dict[str, Any]:
    """Return what deciding now costs over many futures.

    Raises
    ------
    InputError
        when the scenario's `risk` section says what cannot be.
    InfeasibleError
        when no plan obeys the rules today, or in any future.
    """
    case, months = base.case(), months_to_decide(base)
    futures = futures_for(nonzeros(case)) if how.futures is None else how.futures
    say(f"drawing {futures} futures")
    drawn = draw(base, case, futures, how.seed)
    say(f"building {futures} programs")
    programs = build_programs(base, drawn.settings, months)
    whole, because = _regime(programs, how)
    asked = _asked(base, how, whole)
    say("solving today's plan")
    today, today_whole = solve_today(base)
    say("what each future costs when it is known beforehand")
    solver = Solver(programs, whole)
    replies = solver.replies()
    kept = [n for n, one in enumerate(replies) if one is not None]
    if not kept:
        raise InfeasibleError(why_infeasible(base.case(drawn.settings[0]), base.case))
    if len(kept) < futures:
        programs = programs.subset(kept)
        solver = Solver(programs, whole)
    ahead = [replies[n] for n in kept]
    least, trials = costs(ahead), Trials(programs, whole, solver)
    choices, untold = choices_of(today, programs, months)
    mean = mean_choice(base, drawn.mean, programs, whole, months)
    if isinstance(mean, Choice):
        choices.append(mean)
    else:
        untold.append(mean)
    known = _tried(trials, choices, say)
    branches = solve_branches(trials, ahead, asked, say)
    for name, found in ((BUY, branches.buy), (WAIT, branches.wait)):
        if found is not None:
            known[name] = Choice(name, found.first), found.usd
    start, dust = base.loaded.scenario.start, (GAP if whole else 1e-9) * np.abs(least)
    return heading(base, "risk", "whole numbers" if whole else "relaxation") | {
        "description": base.loaded.scenario.description,
        "as_of": base.loaded.scenario.as_of.isoformat(), "months": case.horizon,
        "decide_until": month_label(start, months), "decided_months": months,
        "futures": futures, "impossible_futures": futures - len(kept), "seed": how.seed,
        "aversion": asked.aversion, "alpha": asked.alpha, "whole": whole, "solved_because": because,
        "today_whole": today_whole, "gap": GAP, "loose_answers": loose(ahead, trials),
        "drivers": drivers_told(drawn), "correlations": correlations_told(drawn),
        "strays_most": stray_told(drawn),
        "left_out": [named(key) for key in programs.left_out if key[0] != "sell"],
        "choices": choices_told(programs, known, least, asked),
        "untold": [{"choice": one.choice, "reason": one.reason} for one in untold],
        "known_beforehand": spread(least, asked.alpha),
        **knowing(known, branches, ahead, asked),
        "buying": buying(programs, branches, dust),
        "orders_later": programs.orders_later,
        "waiting": waiting(branches, dust, _unlearned(base, asked, months)),
        "each": each_told(drawn, kept, known, least),
    }  # fmt: skip


def futures_for(size: int) -> int:
    """Return how many futures to draw of a program with `size` nonzeros: a power of two."""
    return next((count for count in (FUTURES, 16) if count * size <= _DRAWN_UP_TO_NONZEROS), 8)


def _tried(trials: Trials, choices: Sequence[Choice], say: Say) -> Known:
    """Return every choice with its costs; one that every future answers as another is a further name of that."""
    found: dict[str, tuple[Choice, list[Reply | None]]] = {}
    for choice in choices:
        say(f"what it costs in each future to decide now: {choice.name.replace('_', ' ')}")
        replies = trials.replies(choice.first, choice.option)
        alike = (one for one, known in found.values() if choice.option and one.option and _same(known, replies))
        if (one := next(alike, None)) is not None:
            found[one.name] = replace(one, also=(*one.also, choice.name)), found[one.name][1]
        else:
            found[choice.name] = choice, replies
    return {name: (choice, costs(replies)) for name, (choice, replies) in found.items()}


def _same(one: Sequence[Reply | None], other: Sequence[Reply | None]) -> bool:
    return all(a is b for a, b in zip(one, other, strict=True))


def _regime(programs: Programs, how: How) -> tuple[bool, str]:
    """Return whether futures are solved in whole numbers, and why: asked, size (of one future) or count (of all)."""
    if how.method == "benders" and how.whole:
        raise InputError([Complaint(Place("--method"), "", "decomposes relaxations only", cure="--relaxed")])
    if how.whole is not None or how.method == "benders":
        return bool(how.whole), "asked"
    if max(len(one.arrays.values) for one in programs.each) > WHOLE_UP_TO_NONZEROS:
        return False, "size"
    return (False, "count") if programs.nonzeros > ALL_UP_TO_NONZEROS else (True, "size")


def _asked(base: Base, how: How, whole: bool) -> Asked:
    risk = base.loaded.scenario.risk
    aversion = how.aversion if how.aversion is not None else float(risk.aversion) if risk else 0.0
    alpha = how.alpha if how.alpha is not None else float(risk.alpha) if risk else 0.95
    return Asked(whole, how.method, aversion, alpha, how.nodes)


def _unlearned(base: Base, asked: Asked, months: int) -> Branches:
    """Return the best decisions with and without an order where nothing comes otherwise than today."""
    programs = build_programs(base, [()], months)
    trials = Trials(programs, asked.whole)
    ahead = trials.solver.replies()
    return solve_branches(trials, ahead, asked) if ahead[0] is not None else Branches(None, None)
