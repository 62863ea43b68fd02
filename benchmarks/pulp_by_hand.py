"""The question in PuLP as it is usually written: dictionaries of variables, sums in loops, none of the planner's code.

The formulas are those of docs/model.md.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import pulp

from benchmarks.clock import Clock
from benchmarks.question import LOSS, PUE, SHARE, TARIFF, WACC, Question, worth


def measure(question: Question) -> dict[str, Any]:
    """Write the problem and solve it with HiGHS, PuLP's own way."""
    clock = Clock()
    problem = written(question)
    clock.lap("build")
    problem.solve(pulp.getSolver("HiGHS", msg=False))
    clock.lap("solve")
    return clock.stages | {"objective": float(pulp.value(problem.objective)), "columns": len(problem.variables())}


def written(question: Question) -> pulp.LpProblem:
    """Return the question as a problem."""
    asked, last = question, question.months
    servers, offers = dict(enumerate(asked.servers)), dict(enumerate(asked.offers))
    works, groups, months = range(len(asked.demand)), range(len(asked.month)), range(last)
    problem = pulp.LpProblem("by_hand", pulp.LpMinimize)

    def variables(name: str, *sets: Any) -> dict[Any, Any]:
        keys = sets[0] if len(sets) == 1 else product(*sets)
        return {key: problem.add_variable(f"{name}_{n}", 0) for n, key in enumerate(keys)}

    def start(t: int) -> float:
        return float((1 + WACC) ** (-t / 12))

    def end(t: int) -> float:
        return start(t + 1)

    ready = {(k, b): b + servers[k].lead for k in servers for b in range(asked.last_order + 1)}
    ready = {key: t for key, t in ready.items() if t < last}
    bought = variables("bought", ready)
    sold = variables("sold", [(*key, t) for key, here in ready.items() for t in range(here + 1, last)])
    fleet = variables("fleet", servers, months)
    started, active = variables("started", offers, months), variables("active", offers, months)
    own = variables("own", servers, works, groups)
    committed, rented, spot = (variables(name, offers, works, groups) for name in ("committed", "rented", "spot"))

    cost = []
    for (k, b), here in ready.items():
        server = servers[k]
        kept = bought[k, b] - pulp.lpSum([sold[k, b, t] for t in range(here + 1, last)])
        problem.addConstraint(kept >= 0)
        cost.append(server.price * start(b) * bought[k, b])
        cost.append((server.removal - server.price * worth(server, last - here)) * start(last) * kept)
    for k, b, t in sold:
        left = servers[k].price * worth(servers[k], t - ready[k, b])
        cost.append((servers[k].removal - left) * start(t) * sold[k, b, t])
    for k, t in fleet:
        server = servers[k]
        come = [bought[key] for key, here in ready.items() if key[0] == k and here <= t]
        gone = [sold[key] for key in sold if key[0] == k and key[2] <= t]
        problem.addConstraint(fleet[k, t] == pulp.lpSum(come) - pulp.lpSum(gone))
        idle = TARIFF * PUE * server.idle_kw * asked.month_hours[t]
        cost.append((server.support_per_year / 12 * server.price + idle) * end(t) * fleet[k, t])
    for t in months:
        power = [servers[k].active_kw * PUE * fleet[k, t] for k in servers]
        problem.addConstraint(pulp.lpSum(power) <= asked.power_limit)
    for o, t in started:
        offer = offers[o]
        running = [started[o, b] for b in range(max(t - offer.term + 1, 0), t + 1)]
        problem.addConstraint(active[o, t] == pulp.lpSum(running))
        upfront = offer.upfront * asked.month_hours[t : t + offer.term].sum() * start(t)
        later = sum((1 - offer.upfront) * asked.month_hours[m] * end(m) for m in range(t, min(t + offer.term, last)))
        cost.append(offer.committed * offer.gpus * (upfront + later) * started[o, t])
    for g in groups:
        t, hours = int(asked.month[g]), float(asked.hours[g]) * end(int(asked.month[g]))
        for k, server in servers.items():
            used = pulp.lpSum([own[k, w, g] for w in works])
            problem.addConstraint(used <= server.availability * server.gpus * fleet[k, t])
            busy = (server.active_kw - server.idle_kw) / server.gpus
            cost.append(TARIFF * PUE * busy * hours * used)
        for o, offer in offers.items():
            on_demand = pulp.lpSum([rented[o, w, g] for w in works])
            on_spot = pulp.lpSum([spot[o, w, g] for w in works])
            problem.addConstraint(pulp.lpSum([committed[o, w, g] for w in works]) <= offer.gpus * active[o, t])
            problem.addConstraint(on_spot <= offer.depth)
            if offer.quota < float("inf"):
                problem.addConstraint(on_demand <= offer.quota)
            cost.append(offer.on_demand * hours * on_demand)
            cost.append(offer.spot * hours * on_spot)
        for w in works:
            demand = float(asked.demand[w, g])
            speed = {o: float(asked.speed[offer.gpu, w]) for o, offer in offers.items()}
            work = [float(asked.speed[k, w]) * own[k, w, g] for k in servers]
            work += [speed[o] * (committed[o, w, g] + rented[o, w, g]) for o in offers]
            risky = pulp.lpSum([speed[o] * (1 - LOSS) * spot[o, w, g] for o in offers])
            problem.addConstraint(pulp.lpSum(work) + risky == demand)
            problem.addConstraint(risky <= SHARE * demand)
    problem.setObjective(pulp.lpSum(cost))
    return problem
