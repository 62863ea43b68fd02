"""The decisions of docs/model.md as blocks of columns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from planner.case import Case
from planner.dispatch import add_dispatch
from planner.eligibility import Eligible
from planner.needs import most_instances, useful_servers
from planner.program import Decision, Ints, Program, View, product, table, together
from planner.promises import CapacityPool, Cohort, Contract, cohorts, contracts
from planner.units import month_label


@dataclass(frozen=True)
class Model:
    """A program with the case it was built from and the indices that only decisions have.

    Attributes
    ----------
    cohorts : by index h
    pools : committed capacity, by index q
    contracts : commitments that run or can be started, by index n
    """

    program: Program
    case: Case
    options: Eligible
    cohorts: list[Cohort]
    pools: list[CapacityPool]
    contracts: list[Contract]

    def __getitem__(self, name: str) -> Decision:
        return self.program[name]

    @cached_property
    def in_service(self) -> Ints:
        """First month of service, by cohort h."""
        return np.array([cohort.in_service for cohort in self.cohorts], np.int64)

    @cached_property
    def retires(self) -> Ints:
        """Month in which servers are out at the latest, by cohort h."""
        return np.array([cohort.retires for cohort in self.cohorts], np.int64)

    def has(self, *names: str) -> bool:
        """Say whether every block of `names` has a column."""
        return all(name in self.program for name in names)

    def views(self, *names: str) -> list[View]:
        """Return the hourly views of those blocks of `names` that have columns."""
        return [self.program[name].hourly for name in names if name in self.program]


def decide_all(case: Case, options: Eligible) -> Model:
    """Return a model with every decision block of `case` and no rule yet; a block may be empty."""
    workloads = [workload.name for workload in case.scenario.workloads]
    program = Program(
        {
            "k": [server.id for server in case.servers], "s": [site.id for site in case.sites],
            "o": [offer.id for offer in case.offers], "c": [term.id for term in case.terms],
            "v": [plan.id for plan in case.savings_plans], "a": [api.id for api in case.apis],
            "w": workloads, "p": [pool.name for pool in case.pools], "t": case.months,
            "j": [cost.name for cost in case.scenario.project],
        }
    )  # fmt: skip
    model = Model(program, case, options, cohorts(case), *contracts(case, options.terms))
    program.labels["h"] = [
        f"{case.servers[c.server].id}@{case.sites[c.site].id}@{month_label(case.scenario.start, since)}"
        + (f"@{case.way_name(c.way)}" if c.way else "")
        for c in model.cohorts for since in [c.ordered if c.fixed is None else c.in_service]
    ]  # fmt: skip
    program.labels["n"] = [
        f"{_commitment_name(case, c.offer, c.term)}@{month_label(case.scenario.start, c.starts)}"
        for c in model.contracts
    ]
    program.labels["q"] = [
        _commitment_name(case, pool.offer, pool.term) + (" as used" if pool.usd_per_hour is not None else "")
        for pool in model.pools
    ]
    _add_fleet(model)
    _add_commitments(model)
    add_dispatch(program, case, options, [pool.offer for pool in model.pools])
    _add_people(program, case)
    return model


def _commitment_name(case: Case, offer: int, term: int | None) -> str:
    return case.offers[offer].id if term is None else case.terms[term].id


def _add_fleet(model: Model) -> None:
    program, case, ordered = model.program, model.case, model.cohorts
    whole = case.scenario.whole.servers
    keys = table(h=np.arange(len(ordered)), k=[c.server for c in ordered], s=[c.site for c in ordered],
                 t=[c.ordered for c in ordered])  # fmt: skip
    fixed = np.array([c.fixed if c.fixed is not None else -1 for c in ordered], float)
    most = useful_servers(case)[keys["k"], keys["s"]]
    buy = program.decide("buy", keys, "servers", lower=np.maximum(fixed, 0), upper=np.where(fixed >= 0, fixed, most),
                         whole=whole)  # fmt: skip
    ours = np.array([c.for_sale for c in ordered], bool)
    first, last = np.maximum(model.in_service + 1, 0), np.minimum(model.retires + 1, case.horizon)
    leave = buy.view.over("t", first, np.where(ours, last, 0))
    program.decide("sell", leave.keys, "servers", whole=whole)
    program.decide("kept", {key: buy.view.keys[key] for key in ("h", "k", "s")}, "servers")
    program.decide("fleet", alive(model).distinct("k", "s", "t"), "servers")


def _add_commitments(model: Model) -> None:
    program, case, found = model.program, model.case, model.contracts
    whole = case.scenario.whole.commitments
    keys = table(n=np.arange(len(found)), q=[c.pool for c in found], o=[c.offer for c in found],
                 c=[-1 if c.term is None else c.term for c in found], t=[c.starts for c in found])  # fmt: skip
    fixed = np.array([c.fixed if c.fixed is not None else -1 for c in found], float)
    most = most_instances(case)[keys["o"]] if len(found) else fixed
    program.decide("commit", keys, "instances", lower=np.maximum(fixed, 0), upper=np.where(fixed >= 0, fixed, most),
                   whole=whole)  # fmt: skip
    program.decide("active", running(model).distinct("q", "o", "t"), "instances")
    _add_spend(model)
    program.decide("spend_active", spend_running(model).distinct("v", "t"), "USD/h")


def _add_spend(model: Model) -> None:
    """New savings plans by month of start, and those that run, which began before the first month."""
    case, ours = model.case, model.case.existing_savings_plans
    new = product(v=[v for v, plan in enumerate(case.savings_plans) if plan.open], t=np.arange(case.horizon))
    held = table(v=[one.plan for one in ours], t=[one.since for one in ours])
    usd = np.array([one.usd_per_hour for one in ours], float)
    keys = {key: np.concatenate([new[key], held[key]]).astype(np.int64) for key in new}
    lower = np.concatenate([np.zeros(len(new["v"])), usd])
    upper = np.concatenate([np.full(len(new["v"]), np.inf), usd])
    model.program.decide("spend", keys, "USD/h", lower=lower, upper=upper)


def alive(model: Model) -> View:
    """Servers in service by cohort h and month t: bought, from delivery to the end of life, less what was sold."""
    horizon, service, retires = model.case.horizon, model.in_service, model.retires
    bought, sold = model["buy"].view, model["sell"].view
    return together(
        bought.over("t", np.maximum(service, 0), np.minimum(retires, horizon)),
        -sold.over("t", sold.keys["t"], np.minimum(retires[sold.keys["h"]], horizon)),
    )


def ready(model: Model) -> View:
    """Servers that take work, by k, s, t: in service, and past the months of dual running where they are new."""
    dual = model.case.scenario.servers.dual_running_months
    if not dual:
        return model["fleet"].view
    view = alive(model)
    first = np.array([c.in_service + dual if c.fixed is None else 0 for c in model.cohorts], int)
    return view.where(view.keys["t"] >= first[view.keys["h"]]).without_keys("h")


def running(model: Model) -> View:
    """Committed instances that are active, by pool q, offer o and month t."""
    commit, horizon = model["commit"].view, model.case.horizon
    months = np.array([c.months for c in model.contracts], int)
    starts = commit.keys["t"]
    return commit.over("t", np.maximum(starts, 0), np.minimum(starts + months, horizon))


def spend_running(model: Model) -> View:
    """Committed spend that is active, by savings plan v and month t."""
    spend = model["spend"].view
    months = np.array([plan.months for plan in model.case.savings_plans], int)
    starts = spend.keys["t"]
    return spend.over("t", np.maximum(starts, 0), np.minimum(starts + months[spend.keys["v"]], model.case.horizon))


def delivered(model: Model, name: str) -> View:
    """Hourly entries of block `name` with the work units per hour that a unit delivers as coefficient.

    speed[w, g] for GPUs, less what checkpoints and restarts lose on spot; 1 for work that is counted in units.
    """
    view, case = model[name].hourly, model.case
    if name in ("api", "unserved"):
        return view
    if name.startswith("own"):
        gpus, index = [server.gpu for server in case.servers], view.keys["k"]
    else:
        gpus, index = [offer.gpu for offer in case.offers], view.keys["o"]
    workloads = case.scenario.workloads
    speed = np.array([[case.speed(w, gpu) for w in range(len(workloads))] for gpu in gpus])
    if name == "spot":
        speed = speed * np.array([1 - float(w.spot.loss_fraction) if w.spot else 1.0 for w in workloads])
    return view * speed[index, view.keys["w"]] if len(view) else view


def _add_people(program: Program, case: Case) -> None:
    pools = range(len(case.pools))
    whole = np.array([case.pools[p].whole for p in pools], bool)
    months = np.arange(case.horizon)
    keys = table(p=np.repeat(list(pools), case.horizon), t=np.tile(months, len(pools)))
    always = np.array([case.pools[p].always_fte for p in pools])
    program.decide("staff", keys, "FTE", lower=always[keys["p"]], whole=whole[keys["p"]])
    teams = [p for p in pools if case.pools[p].minimum_team_fte > 0 and case.pools[p].sites and case.servers]
    keys = table(p=np.repeat(teams, case.horizon), t=np.tile(months, len(teams)))
    program.decide("owns", keys, "yes or no", upper=1.0, whole=True)
    conditional = [cost for cost in case.scenario.project if cost.when == "if_bought"]
    anywhere = np.zeros(int(any(cost.site is None for cost in conditional)))
    program.decide("bought", table(z=anywhere), "yes or no", upper=1.0, whole=True)
    named = {cost.site for cost in conditional}
    rooms = [s for s, site in enumerate(case.sites) if site.id in named]
    program.decide("settled", table(s=rooms), "yes or no", upper=1.0, whole=True)
    program.decide("always", table(z=[0]), "once", lower=1.0, upper=1.0)
