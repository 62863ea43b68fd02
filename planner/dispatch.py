"""Dispatch: who serves which workload in which hour group. The decisions that are taken by the hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from planner.case import Case
from planner.eligibility import Eligible, Pairs
from planner.program import Bools, Ints, Keys, Program, table
from planner.scenario.schema import Serving, Training


@dataclass(frozen=True)
class Slots:
    """When a workload draws capacity: hour groups, and the column each belongs to (one a month for a hold)."""

    month: Ints
    group: Ints
    slot: Ints
    month_of_slot: Ints
    group_of_slot: Ints


def slots_of(case: Case, w: int) -> Slots:
    """Return when workload w draws capacity."""
    demand, workload = case.demand, case.scenario.workloads[w]
    if isinstance(workload, Training):
        months = np.flatnonzero(demand.hold[w])
        group = np.flatnonzero(np.isin(demand.month, months))
        slot = np.searchsorted(months, demand.month[group])
        return Slots(demand.month[group], group, slot, months, np.full(len(months), -1))
    if isinstance(workload, Serving):
        group = np.flatnonzero(demand.level[w] > 0)
    else:
        group = np.unique(np.concatenate([x.groups for x in demand.windows if x.workload == w]))
    month = demand.month[group]
    return Slots(month, group, np.arange(len(group)), month, group)


def _dispatch(
    program: Program, name: str, unit: str, axes: str, pairs: Pairs, slots: Mapping[int, Slots],
    allowed: Mapping[Any, Bools],
) -> None:  # fmt: skip
    """Add a block with a column for each pair and slot; `allowed[pair]` says by month when the pair is possible."""
    columns: list[Keys] = []
    entries: list[Keys] = []
    column_of_entry: list[Ints] = []
    size = 0
    for pair in pairs:
        when, open_in = slots[pair[-1]], allowed[pair]
        kept = np.flatnonzero(open_in[when.month_of_slot])
        number = np.full(len(when.month_of_slot), -1)
        number[kept] = size + np.arange(len(kept))
        inside = np.flatnonzero(number[when.slot] >= 0)
        names = dict(zip(axes, pair, strict=True))
        columns.append(table(**names, t=when.month_of_slot[kept], g=when.group_of_slot[kept]))
        entries.append(table(**names, t=when.month[inside], g=when.group[inside]))
        column_of_entry.append(number[when.slot][inside])
        size += len(kept)
    empty = {key: np.zeros(0, np.int64) for key in (*axes, "t", "g")}
    keys = {key: np.concatenate([part[key] for part in columns]) for key in empty} if columns else empty
    hourly = {key: np.concatenate([part[key] for part in entries]) for key in empty} if entries else empty
    owner = np.concatenate(column_of_entry) if column_of_entry else np.zeros(0, np.int64)
    program.decide(name, keys, unit, hourly=hourly, column_of_entry=owner)


def add_dispatch(program: Program, case: Case, options: Eligible, offer_of_pool: Sequence[int]) -> None:
    """Add the blocks of GPUs, API and unserved work by hour group, and of standby where it is asked for.

    The fleet and the commitments must stand already; `offer_of_pool` gives the offer o of each pool q.
    """
    workloads = case.scenario.workloads
    slots = {w: slots_of(case, w) for w in range(len(workloads))}
    always = np.ones(case.horizon, bool)
    served = _months_present(program, "fleet", ("k", "s"), case.horizon)
    active = _months_present(program, "active", ("q",), case.horizon)
    spent = _months_present(program, "spend_active", ("v",), case.horizon)
    open_in = [offer.open for offer in case.offers]

    owned = [pair for pair in options.owned if (pair[0], pair[1]) in served]
    _dispatch(program, "own", "GPUs", "ksw", owned, slots, {pair: served[pair[0], pair[1]] for pair in owned})
    committed = [
        (q, offer, w)
        for q, offer in enumerate(offer_of_pool)
        for o, w in options.rentable
        if o == offer and (q,) in active
    ]
    _dispatch(program, "committed", "GPUs", "qow", committed, slots, {pair: active[(pair[0],)] for pair in committed})
    covered = [(v, o, w) for v, plan in enumerate(case.savings_plans) for o, w in options.rentable if o in plan.rates]
    _dispatch(program, "covered", "GPUs", "vow", covered, slots,
              {pair: spent[(pair[0],)] & open_in[pair[1]] for pair in covered})  # fmt: skip
    for name, pairs in (("on_demand", options.on_demand), ("spot", options.spot)):
        _dispatch(program, name, "GPUs", "ow", pairs, slots, {pair: open_in[pair[0]] for pair in pairs})
    hourly = {w for w, workload in enumerate(workloads) if not isinstance(workload, Training)}
    api = [pair for pair in options.api if pair[-1] in hourly]
    _dispatch(program, "api", "work units/h", "aw", api, slots, dict.fromkeys(api, always))
    unserved = [(w,) for w, workload in enumerate(workloads) if workload.unserved_usd_per_unit is not None]
    _dispatch(program, "unserved", "work units/h", "w", unserved, slots, dict.fromkeys(unserved, always))

    ready = {w for w in range(len(workloads)) if _needs_standby(case, w)}
    standby: tuple[tuple[str, str, Pairs, Mapping[Any, Bools]], ...] = (
        ("own_standby", "ksw", owned, {pair: served[pair[0], pair[1]] for pair in owned}),
        ("committed_standby", "qow", committed, {pair: active[(pair[0],)] for pair in committed}),
        (
            "on_demand_standby",
            "ow",
            _standby_pairs(case, options),
            {pair: open_in[pair[0]] for pair in options.on_demand},
        ),
    )
    for name, axes, pairs, present in standby:
        _dispatch(program, name, "GPUs", axes, [pair for pair in pairs if pair[-1] in ready], slots, present)
    if case.scenario.whole.instances:
        for name in ("on_demand", "spot"):
            groups = program[name].hourly.distinct("o", "t", "g")
            program.decide(f"{name}_instances", groups, "instances", whole=True)


def _standby_pairs(case: Case, options: Eligible) -> Pairs:
    """On-demand offers that can stand by; of one provider's offers without a quota the first is enough."""
    seen: set[tuple[str, int]] = set()
    pairs = []
    for o, w in options.on_demand:
        offer, free = case.offers[o], getattr(case.scenario.workloads[w], "standby_on_demand", "") == "free"
        endless = free and np.isinf(offer.quota_gpus) and bool(offer.open.all())
        if not endless or (offer.provider, w) not in seen:
            pairs.append((o, w))
        if endless:
            seen.add((offer.provider, w))
    return pairs


def _months_present(program: Program, name: str, axes: tuple[str, ...], horizon: int) -> dict[tuple[int, ...], Bools]:
    """Return by months where block `name` has a column for each index of `axes`."""
    view = program[name].view
    present: dict[tuple[int, ...], Bools] = {}
    for *index, t in zip(*(view.keys[axis].tolist() for axis in axes), view.keys["t"].tolist(), strict=True):
        present.setdefault(tuple(index), np.zeros(horizon, bool))[t] = True
    return present


def _needs_standby(case: Case, w: int) -> bool:
    workload = case.scenario.workloads[w]
    return isinstance(workload, Serving) and bool(workload.headroom_fraction > 0 or workload.survive_loss)
