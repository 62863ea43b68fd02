"""What ran on owned servers, as meters of clusters say it: of each cluster and month the meter nearest to a plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.actuals.monthly import records, usage_by_month
from planner.actuals.plan_months import PlanMonths
from planner.actuals.usage_mapping import DEMAND, KINDS

if TYPE_CHECKING:
    from planner.actuals.store import Store


@dataclass(frozen=True)
class Metered:
    """What meters say by month.

    Attributes
    ----------
    owned : GPU-hours at work on owned servers
    elsewhere : those of months in which the plan owns nothing: on rented nodes, whose bills count, as far as one knows
    measured : mean utilization of GPUs that were held
    """

    owned: Mapping[str, float]
    elsewhere: Mapping[str, float]
    measured: Mapping[str, float]


def metered(store: Store, plan: PlanMonths, own: Collection[str] = ()) -> Metered:
    """Return what meters say of owned servers; months before the plan are as its first.

    Parameters
    ----------
    own : clusters, or sources, of usage on owned servers; none: all but tables of demand, while the plan owns GPUs
    """
    owning = {label for label, hours in zip(plan.labels, plan.owned_available, strict=True) if hours}
    hours: defaultdict[tuple[str, str], defaultdict[tuple[int, str], float]]
    hours = defaultdict(lambda: defaultdict(float))
    held, busy = (defaultdict[str, float](float) for _ in range(2))
    for row in records(usage_by_month(store)):
        month, cluster, source = row["month"], row["cluster"] or "", row["source"] or ""
        if not ({cluster, source} & set(own) if own else source != DEMAND):
            continue
        hours[month, cluster][KINDS.index(row["kind"]), source] += row["worked_gpu_hours"]
        if row["utilization_fraction"] is not None:
            held[month] += row["gpu_hours"]
            busy[month] += row["gpu_hours"] * row["utilization_fraction"]
    owned, elsewhere = (defaultdict[str, float](float) for _ in range(2))
    for (month, _), by_meter in hours.items():
        is_owned = own or max(month, plan.labels[0]) in owning
        (owned if is_owned else elsewhere)[month] += by_meter[min(by_meter)]
    return Metered(owned, elsewhere, {month: busy[month] / held[month] for month in owned if held[month]})
