"""Whether the plan's choice still pays: its months that are over with actuals, against what it was compared with.

What it is compared with is repriced at actual volume: GPU-hours beyond the plan's are rented on demand, those that were
not needed are not, at the rate that on-demand capacity really cost; commitments and servers stay as they were. Months
to come are as planned. Changes are discounted as the plan's payments are, before tax.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from planner.actuals.plan_months import BY_THE_HOUR, Document, plan_months
from planner.actuals.variance import LEAST_HOURS, Item, Use, plan_rate
from planner.analysis.returns import profile
from planner.finance import CostProfile, breakeven_months
from planner.finance.discounting import discount_factors

if TYPE_CHECKING:
    import pandas as pd

    from planner.catalog.load import Catalog

_UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Change:
    """What became of a month that is over: actual − plan.

    Attributes
    ----------
    running_usd, capital_usd : of the plan's cost
    gpu_hours : of all kinds
    """

    running_usd: float
    capital_usd: float
    gpu_hours: float


def buy_case(
    document: Document, catalog: Catalog, changes: Mapping[int, Change], actual: Mapping[Item, Sequence[Use]],
    planned: Mapping[Item, Sequence[Use]], band: float,
) -> dict[str, Any] | None:  # fmt: skip
    """Return what the choice is worth now and when it breaks even; None where it was compared with nothing.

    A plan that buys is held against its baseline, one that does not against the best plan that does. The choice is
    `lost` when it would no longer have been the cheaper one, and what changed so far is more than `band` of the plan's
    cost so far; `since` the month from which on that, or a worse or a better worth outside the band, holds.

    Parameters
    ----------
    changes : by month that is compared
    actual, planned : rented capacity, for the rates of on-demand capacity
    """
    buys = bool(document["decisions"]["purchases"])
    other = _against(document) if buys else "buy"
    if other is None or document["ledgers"].get(other) is None:
        return None
    repriced = _repriced(document, catalog, other, changes, actual, planned)
    before = document["tco"][other]["present_usd"] - document["tco"]["plan"]["present_usd"]
    course = [*_course(document, before, repriced, changes, band)]
    last = course[-1] if course else _Stand(0, before)
    same = [*takewhile(lambda one: one.state == last.state, reversed(course))]
    ours, theirs = (_profile(document, name) for name in ("plan", other))
    ours_now = _changed(ours, {t: one.capital_usd for t, one in changes.items()},
                        {t: one.running_usd for t, one in changes.items()})  # fmt: skip
    theirs_now = _changed(theirs, {}, {t: one.change_usd for t, one in repriced.items()})
    pairs = ((ours, theirs), (ours_now, theirs_now)) if buys else ((theirs, ours), (theirs_now, ours_now))
    even, even_now = (breakeven_months(*pair) for pair in pairs)
    months = [one["month"] for one in document["decisions"]["by_month"]]
    return {
        "choice": "buy" if buys else "rent", "against": other, "band_fraction": band, "state": last.state,
        "since": months[same[-1].t] if last.state != _UNCHANGED else None,
        "planned_npv_usd": before, "npv_usd": last.worth, "change_so_far_usd": last.change_usd,
        "plan_cost_so_far_usd": last.cost_usd,
        "change_so_far_fraction": last.change_usd / last.cost_usd if last.cost_usd else None,
        "planned_breakeven_months": even, "breakeven_months": even_now,
        "by_month": [
            {"month": months[one.t], "running_change_usd": changes[one.t].running_usd,
             "outlay_change_usd": changes[one.t].capital_usd, "against_rented_planned_usd": repriced[one.t].planned_usd,
             "against_rented_repriced_usd": repriced[one.t].repriced_usd, "worth_change_usd": one.now_usd,
             "npv_usd": one.worth}
            for one in course
        ],
    }  # fmt: skip


class _Rented(NamedTuple):
    """What an option rents by the hour in a month, as planned and at actual volume and rates."""

    planned_usd: float
    repriced_usd: float

    @property
    def change_usd(self) -> float:
        """Return what it costs more."""
        return self.repriced_usd - self.planned_usd


class _Stand(NamedTuple):
    """How the choice stands with actuals up to a month: what changed so far, of which cost, and its worth.

    `now_usd` is by how much the month itself changes the worth, in present value.
    """

    t: int
    worth: float
    now_usd: float = 0.0
    change_usd: float = 0.0
    cost_usd: float = 0.0
    state: str = _UNCHANGED


def _course(
    document: Document, before: float, repriced: Mapping[int, _Rented], changes: Mapping[int, Change], band: float
) -> Iterator[_Stand]:
    """Yield how the choice stands, month by month."""
    wacc, size = document["finance"]["wacc_fraction"], document["horizon_months"]
    running = (document["finance"].get("conventions") or {}).get("running_costs", "end of month")
    later = discount_factors(wacc, size, "start" if running.startswith("start") else "end")
    at_once = discount_factors(wacc, size, "start")
    worth, changed, cost = before, 0.0, 0.0
    for t, change in sorted(changes.items()):
        saves = repriced[t].change_usd - change.running_usd
        now = float(later[t]) * saves - float(at_once[t]) * change.capital_usd
        worth += now
        changed += saves - change.capital_usd
        cost += document["decisions"]["by_month"][t]["cost_usd"]
        yield _Stand(t, worth, now, changed, cost, _state(before, worth, abs(changed) > band * abs(cost)))


def _against(document: Document) -> str | None:
    said = document["verdict"]["against"]
    known = (said, "cloud", "on_demand")
    return next((name for name in known if name and document["ledgers"].get(name) is not None), None)


def _state(before: float, now: float, outside: bool) -> str:
    if not outside:
        return _UNCHANGED
    if now < 0 <= before:
        return "lost"
    if before < 0 <= now:
        return "won"
    return "better" if now > before else "worse"


def _repriced(
    document: Document, catalog: Catalog, option: str, changes: Mapping[int, Change],
    actual: Mapping[Item, Sequence[Use]], planned: Mapping[Item, Sequence[Use]],
) -> dict[int, _Rented]:  # fmt: skip
    """Return what an option rents by the hour in each month, at actual volume and actual on-demand rates."""
    uses = {
        item: of for item, of in plan_months(document, catalog, option).uses.items() if item.kind in BY_THE_HOUR
    }  # fmt: skip
    found = {}
    for t, change in changes.items():
        hours = sum(of[t].hours for of in uses.values())
        before = sum(of[t].usd for of in uses.values())
        after = sum(of[t].usd * _dearer(item, t, of, actual, planned) for item, of in uses.items())
        if hours > LEAST_HOURS:
            rate = after / hours
        else:
            rates = [one * _dearer(item, t, of, actual, planned) for item, of in uses.items()
                     if (one := plan_rate(of, t)) is not None]  # fmt: skip
            rate = min(rates, default=0.0)
        found[t] = _Rented(before, rate * max(0.0, hours + change.gpu_hours))
    return found


def _dearer(
    item: Item, t: int, of: Sequence[Use], actual: Mapping[Item, Sequence[Use]], planned: Mapping[Item, Sequence[Use]]
) -> float:
    """Return actual rate ÷ planned rate of an item; 1 where one of them is not known."""
    paid = actual[item][t] if item in actual else Use()
    rate = plan_rate(planned.get(item, of), t)
    return paid.usd / paid.hours / rate if paid.hours > LEAST_HOURS and rate else 1.0


def _profile(document: Document, option: str) -> CostProfile:
    return profile(_frame(document["ledgers"][option]), document["horizon_months"], with_resale=False)


def _frame(lines: Sequence[Document]) -> pd.DataFrame:
    import pandas as pd

    rows = [
        (line["timing"], month, line["component"], line["treatment"], quantity * price)
        for line in lines
        for month, quantity, price in zip(line["month"], line["quantity"], line["unit_cost_usd"], strict=True)
    ]
    return pd.DataFrame(rows, columns=["timing", "month", "component", "treatment", "cost_usd"])


def _changed(before: CostProfile, start: Mapping[int, float], running: Mapping[int, float]) -> CostProfile:
    first, rest = np.array(before.start_usd), np.array(before.running_usd)
    for t, usd in start.items():
        first[t] += usd
    for t, usd in running.items():
        rest[t] += usd
    return CostProfile(first, rest, before.final_usd)
