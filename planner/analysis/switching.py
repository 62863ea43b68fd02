"""At which price an option enters or leaves the plan.

Scale one option's price by θ. The least cost z(θ) is concave, piecewise linear and never falls; its slope is what the
option's use costs at θ = 1. The option is in the plan exactly while z(θ) < z without it. The reduced costs of the plan
without it bound from above the θ where the two meet (only a bound: where nothing of an option exists, multipliers say
little); Newton's steps along z find it from below. They start where the plans that are known already (the plan,
its baselines, answers to earlier questions) meet the plan without the option, or where none of them uses it, at the
first point below the bound in which the option is used. Large programs are asked as relaxations; in these a chosen
option leaves no later than where the known plans that use it meet the best known one without it, since a fraction of a
server can stay in a relaxation when no whole one does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import numpy as np

from planner.analysis.study import Study
from planner.analysis.undercut import left_out_prices, undercuts
from planner.eligibility import tokens_price
from planner.model.highs import Live, Solution, solve_whole
from planner.model.proof import reduced_costs
from planner.program import Bools, Floats

_WORKERS = 2
_STEPS = 30
_STARTS = (0.98, 0.8, 0.5, 0.0)
_PRECISION = 1e-3
_SAME = 1e-7
_SECONDS = 20.0
WHOLE_UP_TO_NONZEROS = 40_000
"""Larger programs are asked as relaxations: a question in whole numbers would take a second and more there."""
_ANOTHER = "unknown: with fractions of servers, or within the plan's gap, another plan is as good today"


@dataclass(frozen=True)
class Priced:
    """An option with a price: its columns, and the catalog row whose price is moved."""

    option: str
    unit: str
    price_now: float
    row: str
    columns: Bools


def prices_that_change_the_answer(study: Study, say: Callable[[str], None] = lambda text: None) -> list[dict[str, Any]]:
    """Return, for every option of the program, the price at which it enters or leaves the plan; `say` how far it is.

    `price_at_change_usd` is null where no price does: an option that is not used even when free, or one without which
    no plan is possible. `basis` says whether whole numbers or the relaxation were asked, or only a bound is known; of
    an unknown price, why.
    """
    options = priced_options(study)
    finished = count()

    def tell() -> None:
        say(f"prices that change the answer: {next(finished)} of {len(options)}")

    tell()
    askers = [_Asker(study) for _ in range(min(_WORKERS, len(options)))]

    def ask(n: int) -> list[dict[str, Any]]:
        rows = []
        for one in options[n :: len(askers)]:
            rows.append(askers[n].ask(one))
            tell()
        return rows

    with ThreadPoolExecutor(_WORKERS) as pool:  # HiGHS lets go of the interpreter while it solves
        parts = [pool.submit(ask, n) for n in range(len(askers))]
        answers = [part.result() for part in parts]
    rows = [answers[index % len(askers)][index // len(askers)] for index in range(len(options))]
    return [*rows, *left_out_prices(study, {one.option for one in options})]


def priced_options(study: Study) -> list[Priced]:
    """List the options that have columns in the program."""
    model, case = study.built.model, study.case
    size = len(model.program.objective)
    found = []

    def add(option: str, unit: str, price: float, row: str, block: str, mask: Bools) -> None:
        columns = np.zeros(size, bool)
        columns[model[block].columns] = mask
        if mask.any():
            found.append(Priced(option, unit, price, row, columns))

    new = np.array([cohort.fixed is None for cohort in model.cohorts], bool)
    for k, server in enumerate(case.servers):
        mask = new & (model["buy"].view.keys["k"] == k)
        add(f"buy {server.id}", "USD/server", server.purchase.now, server.purchase.rows[0], "buy", mask)
    for c, term in enumerate(case.terms):
        mask = model["commit"].view.keys["c"] == c
        add(f"commit {term.id}", "USD/GPU-hour", term.rate.now, term.rate.rows[0], "commit", mask)
    for kind in ("on_demand", "spot"):
        for o, offer in enumerate(case.offers):
            rate = getattr(offer, kind)
            if rate is not None and model.has(kind):
                name = f"{kind.replace('_', '-')} {offer.id}"
                add(name, "USD/GPU-hour", rate.now, rate.rows[0], kind, model[kind].view.keys["o"] == o)
    for a, api in enumerate(case.apis):
        served = sorted({w for one, w in model.options.api if one == a})
        if model.has("api") and served:
            # all token prices move together: what a work unit costs moves with them
            price = tokens_price(case, a, served[0])
            unit = f"USD/work unit of {case.scenario.workloads[served[0]].name}"
            mask = model["api"].view.keys["a"] == a
            add(f"api {api.id}", unit, 0.0 if price is None else float(price[0]), f"{api.id}/", "api", mask)
    return found


class _Asker:
    """One program in its own solver, asked option by option; every question starts from the same basis."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.arrays = study.built.arrays
        self.whole = bool(len(self.arrays.values) <= WHOLE_UP_TO_NONZEROS and self.arrays.whole.any())
        self.live = Live(self.arrays)
        self.known = [one.answer.x for one in study.outcomes.values() if one is not None]
        self.undercuts = undercuts(study)
        self.base = self.live.solve()
        self.basis = self.live.basis()

    def ask(self, option: Priced) -> dict[str, Any]:
        """Return the row of `option`."""
        chosen = _uses(self.study.plan.answer.x, option)
        self.exact = self.answered = True
        theta = self._meeting_point(option, self._charged(option))
        basis = "relaxation" if not self.whole else "whole numbers" if self.exact else "whole numbers, unproven"
        if not self.answered:
            theta, basis = None, "unknown: the time limit came first"
        elif chosen:
            for tie, other in self._rivals(option):
                if theta is None or theta > tie:
                    theta, basis = tie, f"bound: {other} is as good from here"
        if theta is not None:
            theta = _beside_now(theta, chosen)
            basis = basis if theta is not None else _ANOTHER
        return {
            "option": option.option,
            "chosen": chosen,
            "price_now_usd": option.price_now,
            "price_at_change_usd": None if theta is None else theta * option.price_now,
            "unit": option.unit,
            "basis": basis,
        }

    def _rivals(self, option: Priced) -> Iterator[tuple[float, str]]:
        """Yield the θ from which something that is known is as good as a chosen option, and what it is."""
        if option.option in self.undercuts:
            yield self.undercuts[option.option]
        outcomes = {name: one.answer.x for name, one in self.study.outcomes.items() if one is not None}
        without = {name: float(self.arrays.cost @ x) for name, x in outcomes.items() if not _uses(x, option)}
        if without and not self.whole:
            best = min(without, key=lambda name: without[name])
            tie = self._reached(option, self._charged(option), without[best])
            if tie > 0:
                yield tie, f"the option {best.replace('_', ' ')}"

    def _charged(self, option: Priced) -> Floats:
        """Present USD that a unit of each column costs by the option's price at θ = 1."""
        part = np.zeros(len(self.arrays.cost))
        for lines, factor in zip(self.study.built.lines, self.study.built.factors, strict=True):
            touched = np.array([option.row in source for source in lines.source], bool)
            if touched.any():
                mine = touched[lines.view.keys[lines.items[0]]]
                np.add.at(part, lines.view.columns[mine], (lines.view.coefficients * lines.usd * factor)[mine])
        return part

    def _meeting_point(self, option: Priced, charged: Floats) -> float | None:
        """Largest θ at which the option is still used; None when it never or always is."""
        self.live.restart(self.basis)
        proven = self.study.plan.answer.solver_bound
        without = self._solve(self.arrays.cost, np.where(option.columns, 0.0, self.arrays.upper), proven)
        if without is None:
            return None
        near = self.live.basis()
        enough = _SAME * max(1.0, abs(without.objective))
        highest = self._entry_bound(option, charged, without.multipliers)
        reached = self._reached(option, charged, without.objective)
        if reached >= highest > 0:
            return reached
        starts = (0.0,) if self.whole else _STARTS  # a question in whole numbers is dear, and at 0 the option shows
        for theta in [reached] if reached > 0 else [share * highest for share in starts]:
            self.live.restart(near)
            found = self._solve(self.arrays.cost + (theta - 1) * charged, self.arrays.upper)
            if found is None:  # the plan itself is feasible: the solver came to no answer
                self.answered = False
                return None
            if without.objective - found.objective > enough or theta == reached:
                break
        else:
            return None
        for _ in range(_STEPS):
            used = float(charged @ found.x)
            if without.objective - found.objective <= enough or used <= 0:
                break
            step = (without.objective - found.objective) / used
            theta += step
            if step <= _PRECISION * theta:
                break
            found = self._solve(self.arrays.cost + (theta - 1) * charged, self.arrays.upper)
            if found is None:
                self.answered = False
                return None
        return theta

    def _reached(self, option: Priced, charged: Floats, without: float) -> float:
        """Largest θ at which a known plan that uses `option` costs no more than `without` it; −∞ where none does."""
        users = [x for x in self.known if _uses(x, option) and charged @ x > 0]
        return max((1 + float((without - self.arrays.cost @ x) / (charged @ x)) for x in users), default=-np.inf)

    def _entry_bound(self, option: Priced, charged: Floats, multipliers: Floats) -> float:
        """θ above which no column of the option can lower the cost, by the reduced costs without it."""
        reduced = reduced_costs(self.arrays, multipliers)
        mine = option.columns & (charged > 0)
        return max(0.0, float((1 - reduced[mine] / charged[mine]).max(initial=0.0)))

    def _solve(self, cost: Floats, upper: Floats, proven: float = -np.inf) -> Solution | None:
        """Return the optimum; `proven` is a bound on it that is known beforehand."""
        lower = np.minimum(self.arrays.lower, upper)
        relaxed = self._relaxed(cost, lower, upper)
        if relaxed is None or not self.whole:
            return relaxed
        start = min((x for x in self.known if (x <= upper).all()), key=lambda x: float(cost @ x), default=None)
        if start is not None:
            best = Solution(start, relaxed.multipliers, float(cost @ start))
            if best.objective - max(proven, relaxed.objective) <= _SAME * max(1.0, abs(best.objective)):
                return best
        found = solve_whole(replace(self.arrays, cost=cost, upper=upper, lower=lower), start, _SAME, _SECONDS)
        self.answered = self.answered and (found.x is not None or found.bound == np.inf)
        if found.x is None:
            return None
        objective = float(cost @ found.x)
        if objective - found.bound > 10 * _SAME * max(1.0, abs(found.bound)):
            self.exact = False
        self.known.append(found.x)
        return Solution(found.x, relaxed.multipliers, objective)

    def _relaxed(self, cost: Floats, lower: Floats, upper: Floats) -> Solution | None:
        self.live.set_bounds(lower, upper)
        self.live.set_cost(cost)
        return self.live.solve()


def _beside_now(theta: float, chosen: bool) -> float | None:
    """Return no price where a chosen option would leave below today's, or another enter above it."""
    if (theta < 1 - _PRECISION) if chosen else (theta > 1 + _PRECISION):
        return None
    return max(theta, 1.0) if chosen else min(theta, 1.0)


def _uses(x: Floats, option: Priced) -> bool:
    """Say whether plan `x` uses `option`, beyond the solver's noise."""
    return bool((x[option.columns] > 1e-6).any())
