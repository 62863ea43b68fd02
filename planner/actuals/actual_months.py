"""The actuals' side of a comparison with a plan, by month of the plan, and how far what was imported reaches.

Not compared, and told apart: other currencies, what was not understood, corrections (of months that nobody names), and
charges of no GPU, such as what else an account uses.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from planner.actuals.monthly import charges_by_month, usage_by_month
from planner.actuals.variance import NO_USE, Item, Use

if TYPE_CHECKING:
    import pandas as pd

    from planner.actuals.store import Store

KINDS = ("allocated", "requested", "used")
"""Meters of one cluster, the first that is there: what is held is what a plan counts."""
OTHER_OWNED = "other_owned"
DEMAND = "demand"
"""Source of plain tables of demand, which say nothing of where it ran."""


@dataclass(frozen=True)
class Apart:
    """Money of a month that is not compared, with the reason."""

    month: str
    why: str
    currency: str
    usd: float


@dataclass
class ActualMonths:
    """What was used and paid; lists have a value for each month of the plan.

    Attributes
    ----------
    uses : of rented capacity
    payments : accrued, of components that are no rented capacity
    cash : billed, of both
    owned_hours : at work on owned servers; `metered` when meters say so, not charges
    measured : mean utilization that meters say, where they do
    history : GPU-hours of every month, those before the plan too
    known, unknown : money that is understood, and that is not, in the plan's currency
    rented_from : providers whose GPUs were charged in a month
    reaches : to when usage of each provider, and of meters (""), is imported
    """

    labels: Sequence[str]
    uses: dict[Item, list[Use]] = field(default_factory=dict)
    payments: dict[str, list[float]] = field(default_factory=dict)
    cash: list[float] = field(default_factory=list)
    owned_hours: list[float] = field(default_factory=list)
    measured: list[float | None] = field(default_factory=list)
    history: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    known: list[float] = field(default_factory=list)
    unknown: list[float] = field(default_factory=list)
    rented_from: list[set[str]] = field(default_factory=list)
    reaches: dict[str, datetime] = field(default_factory=dict)
    apart: list[Apart] = field(default_factory=list)
    metered: bool = False

    def __post_init__(self) -> None:
        size = len(self.labels)
        self.cash, self.owned_hours, self.known, self.unknown = ([0.0] * size for _ in range(4))
        self.measured, self.rented_from = [None] * size, [set() for _ in range(size)]


def actual_months(
    store: Store, labels: Sequence[str], currency: str, promised: Collection[str] = (), own: Collection[str] = ()
) -> ActualMonths:
    """Return what a store says of the months `labels`.

    Parameters
    ----------
    promised : providers of whom the plan has commitments: what is paid for these unused has no GPU in some bills
    own : clusters, or sources, of usage that ran on owned servers; none: all but tables of demand
    """
    found, place = ActualMonths(labels), {label: t for t, label in enumerate(labels)}
    apart: defaultdict[tuple[str, str, str], float] = defaultdict(float)
    for row in _rows(charges_by_month(store, where="doubt IS NULL")):
        _add(found, row, place, currency, promised, apart)
    for row in _rows(charges_by_month(store, where="doubt IS NOT NULL")):
        t = place.get(row["month"])
        if t is not None:
            apart[row["month"], "not understood", row["currency"] or ""] += row["effective_cost"]
            if row["currency"] == currency:
                found.unknown[t] += abs(row["effective_cost"])
    found.apart = [Apart(*key, usd) for key, usd in sorted(apart.items())]
    if not any(found.owned_hours):
        found.metered = True
        _add_usage(found, _rows(usage_by_month(store)), place, own)
    reaches = store.rows(
        "SELECT provider, max(least(coalesce(charge_end, charge_start), date_trunc('month', charge_start) "
        "+ INTERVAL 1 MONTH)) AS until FROM charges WHERE category = 'usage' GROUP BY provider "
        """UNION ALL SELECT '', max("end") FROM usage"""
    )
    found.reaches = {one["provider"]: one["until"] for one in reaches if one["until"] is not None}
    return found


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(name): value for name, value in one.items()}
        for one in frame.astype(object).where(frame.notna(), None).to_dict("records")
    ]


def _add(
    found: ActualMonths, row: Mapping[str, Any], place: Mapping[str, int], currency: str,
    promised: Collection[str], apart: defaultdict[tuple[str, str, str], float],
) -> None:  # fmt: skip
    """Add a row of charges that are understood."""
    month, cost, hours = row["month"], row["effective_cost"], row["gpu_hours"]
    found.history[month] += hours
    t = place.get(month)
    if t is None:
        return
    if row["currency"] == currency:
        found.known[t] += abs(cost)
    why = _why_apart(row, currency, promised)
    if why:
        apart[month, why, row["currency"]] += cost
        return
    found.cash[t] += row["billed_cost"]
    if row["pricing"] == "owned" or row["component"]:
        found.owned_hours[t] += hours
        if cost or not hours:
            found.payments.setdefault(row["component"] or OTHER_OWNED, [0.0] * len(place))[t] += cost
        return
    found.rented_from[t].add(row["provider"])
    uses = found.uses.setdefault(Item(row["pricing"], row["provider"], row["gpu"] or ""), [NO_USE] * len(place))
    had = uses[t]
    uses[t] = had._replace(idle_usd=had.idle_usd + cost) if row["unused"] \
        else had._replace(hours=had.hours + hours, usd=had.usd + cost)  # fmt: skip


def _why_apart(row: Mapping[str, Any], currency: str, promised: Collection[str]) -> str:
    if row["currency"] != currency:
        return "another currency than the plan's"
    if row["correction"]:
        return "corrections of other months"
    if row["gpu"] or row["component"] or row["pricing"] == "owned" or (row["unused"] and row["provider"] in promised):
        return ""
    return "no GPU"


def _add_usage(
    found: ActualMonths, rows: Sequence[Mapping[str, Any]], place: Mapping[str, int], own: Collection[str]
) -> None:
    """Take what ran on owned servers from meters: of each cluster and month the meter that says most of the plan's."""
    meters: defaultdict[tuple[str, str], defaultdict[tuple[int, str], float]]
    meters = defaultdict(lambda: defaultdict(float))
    measured: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row in rows:
        if not ({row["cluster"], row["source"]} & set(own) if own else row["source"] != DEMAND):
            continue
        meters[row["month"], row["cluster"] or ""][KINDS.index(row["kind"]), row["source"] or ""] += row["gpu_hours"]
        if row["utilization_fraction"] is not None:
            measured[row["month"]][0] += row["gpu_hours"]
            measured[row["month"]][1] += row["gpu_hours"] * row["utilization_fraction"]
    for (month, _), by_meter in meters.items():
        hours = by_meter[min(by_meter)]
        found.history[month] += hours
        if month in place:
            found.owned_hours[place[month]] += hours
    for month, (hours, busy) in measured.items():
        if month in place and hours:
            found.measured[place[month]] = busy / hours
