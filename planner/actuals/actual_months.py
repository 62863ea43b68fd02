"""The actuals' side of a comparison with a plan, by month of the plan.

Not compared, and told apart with money and GPU-hours: other currencies, what was not understood, corrections (of months
that nobody names), commitments that stand unused and name no GPU, as those of all else that an account uses, and
charges of no GPU.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from planner.actuals.duck import text_literal
from planner.actuals.meters import Metered, metered
from planner.actuals.monthly import charges_by_month, energy_by_month, records
from planner.actuals.plan_months import PlanMonths
from planner.actuals.variance import NO_USE, Item, Use

if TYPE_CHECKING:
    from planner.actuals.store import Store

OTHER_OWNED = "other_owned"
UNCLAIMED = "unused commitments that name no GPU"
_DISCOUNTS = ("credit", "adjustment")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Apart:
    """Money and GPU-hours of a month that are not compared, with the reason."""

    month: str
    why: str
    currency: str
    usd: float = 0.0
    gpu_hours: float = 0.0


@dataclass
class ActualMonths:
    """What was used and paid; lists have a value for each month of the plan.

    Attributes
    ----------
    uses : of rented capacity
    payments : accrued, of components that are no rented capacity
    cash : billed, of both
    owned_hours : at work on owned servers, by charges or else by meters
    metered : whether meters tell them
    elsewhere : GPU-hours of meters while the plan owns nothing: on rented nodes, as far as one can tell
    measured : mean utilization that meters say, where they do
    history : GPU-hours of every month, those before the plan too
    known, unknown : money that is understood, and that is not, in the plan's currency
    kwh : electricity of the own fleet, in months of which all invoices tell it; else 0
    rented_from : providers whose GPUs were charged in a month
    """

    plan: PlanMonths
    uses: dict[Item, list[Use]] = field(init=False, default_factory=dict)
    payments: dict[str, list[float]] = field(init=False, default_factory=dict)
    cash: list[float] = field(init=False)
    owned_hours: list[float] = field(init=False)
    metered: list[bool] = field(init=False)
    elsewhere: list[float] = field(init=False)
    measured: list[float | None] = field(init=False)
    history: defaultdict[str, float] = field(init=False, default_factory=lambda: defaultdict(float))
    known: list[float] = field(init=False)
    unknown: list[float] = field(init=False)
    kwh: list[float] = field(init=False)
    rented_from: list[set[str]] = field(init=False)
    apart: dict[tuple[str, ...], Apart] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        size = len(self.plan.labels)
        self.cash, self.owned_hours, self.elsewhere, self.known, self.unknown = ([0.0] * size for _ in range(5))
        self.kwh = [0.0] * size
        self.metered, self.measured = [False] * size, [None] * size
        self.rented_from = [set() for _ in range(size)]

    def leave_out(self, row: Row, why: str) -> None:
        """Tell a row apart."""
        key = row["month"], why, row["currency"] or ""
        had = self.apart.get(key, Apart(*key))
        usd, hours = had.usd + row["effective_cost"], had.gpu_hours + row["gpu_hours"]
        self.apart[key] = replace(had, usd=usd, gpu_hours=hours)

    def rent(self, t: int, item: Item, *, hours: float = 0.0, usd: float = 0.0, idle_usd: float = 0.0) -> None:
        """Add rented capacity."""
        uses = self.uses.setdefault(item, [NO_USE] * len(self.plan.labels))
        uses[t] = Use(uses[t].hours + hours, uses[t].usd + usd, uses[t].idle_usd + idle_usd)

    def pay(self, t: int, component: str, usd: float) -> None:
        """Add a payment."""
        self.payments.setdefault(component, [0.0] * len(self.plan.labels))[t] += usd


def actual_months(
    store: Store, plan: PlanMonths, currency: str, own: Collection[str] = (), commitments: Collection[str] = ()
) -> ActualMonths:
    """Return what a store says of a plan's months.

    Parameters
    ----------
    own : clusters, or sources, of usage that ran on owned servers; none: all but tables of demand, while the plan owns
        GPUs
    commitments : the plan's own, by the resource that bills name: they count though they name no GPU
    """
    found, place = ActualMonths(plan), {label: t for t, label in enumerate(plan.labels)}
    owned = defaultdict[str, float](float)
    discounts = defaultdict[tuple[int, str, str], float](float)
    for row in _charges(store, commitments):
        t, cost = place.get(row["month"]), row["effective_cost"]
        why = _why_apart(row, currency)
        if t is not None:
            found.known[t] += abs(cost) if row["currency"] == currency else 0.0
        if why:
            if t is not None:
                found.leave_out(row, why)
            continue
        is_owned = row["pricing"] == "owned" or row["component"]
        (owned if is_owned else found.history)[row["month"]] += row["gpu_hours"]
        if t is None:
            continue
        found.cash[t] += row["billed_cost"]
        if is_owned:
            if cost or not row["gpu_hours"]:
                found.pay(t, row["component"] or OTHER_OWNED, cost)
        elif row["pricing"] == "other" and row["category"] in _DISCOUNTS:
            discounts[t, row["provider"], row["gpu"] or ""] += cost
        else:
            found.rented_from[t].add(row["provider"])
            paid = {"idle_usd": cost} if row["unused"] else {"hours": row["gpu_hours"], "usd": cost}
            found.rent(t, _item(row, plan), **paid)
    for row in records(charges_by_month(store, where="doubt IS NOT NULL")):
        t = place.get(row["month"])
        if t is not None:
            found.leave_out(row, "not understood")
            found.unknown[t] += abs(row["effective_cost"]) if row["currency"] == currency else 0.0
    _discount(found, discounts)
    _own(found, owned, metered(store, plan, own), place)
    energy = energy_by_month(store, currency)
    found.kwh = [energy.get(label, 0.0) for label in plan.labels]
    return found


def _charges(store: Store, commitments: Collection[str]) -> Iterator[Row]:
    """Yield what is understood; `claimed`: of the plan's own commitments."""
    named = ", ".join(map(text_literal, commitments)) or "NULL"
    for claimed in (False, True):
        where = f"doubt IS NULL AND coalesce(resource IN ({named}), false) = {claimed}"
        for row in records(charges_by_month(store, ("category",), where)):
            yield row | {"claimed": claimed}


def _why_apart(row: Row, currency: str) -> str:
    if row["currency"] != currency:
        return "another currency than the plan's"
    if row["correction"]:
        return "corrections of other months"
    if row["gpu"] or row["component"] or row["pricing"] == "owned" or row["claimed"]:
        return ""
    return UNCLAIMED if row["unused"] else "no GPU"


def _item(row: Row, plan: PlanMonths) -> Item:
    """Return what a row of rented capacity is of; one without a GPU is of the provider's largest commitment."""
    if row["gpu"]:
        return Item(row["pricing"], row["provider"], row["gpu"])
    ours = [item for item in plan.uses if item[:2] == ("committed", row["provider"])]
    return max(ours, key=lambda item: sum(sum(use[1:]) for use in plan.uses[item]),
               default=Item("committed", row["provider"]))  # fmt: skip


def _discount(found: ActualMonths, discounts: Mapping[tuple[int, str, str], float]) -> None:
    """Take discounts that do not say of what off all that was paid for the same GPU."""
    for (t, provider, gpu), usd in discounts.items():
        same = [uses for item, uses in found.uses.items() if item[1:] == (provider, gpu)]
        paid = math.fsum(sum(uses[t][1:]) for uses in same)
        if paid <= 0:
            found.rent(t, Item("other", provider, gpu), usd=usd)
            continue
        for uses in same:
            hours, used, idle = uses[t]
            uses[t] = Use(hours, used * (1 + usd / paid), idle * (1 + usd / paid))


def _own(found: ActualMonths, charged: Mapping[str, float], meters: Metered, place: Mapping[str, int]) -> None:
    """Take what ran on owned servers, of meters where charges do not say it."""
    for month in {*charged, *meters.owned, *meters.elsewhere}:
        by_charges, t = charged.get(month, 0.0), place.get(month)
        hours = by_charges or meters.owned.get(month, 0.0)
        found.history[month] += hours
        if t is not None:
            found.owned_hours[t], found.metered[t] = hours, hours > by_charges
            found.elsewhere[t], found.measured[t] = meters.elsewhere.get(month, 0.0), meters.measured.get(month)
