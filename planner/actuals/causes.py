"""What differs for good: what each cause costs, and since when it holds, up to the last month that is compared."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from planner.actuals.variance import LEAST_HOURS, NO_USE, Found, Item, Use, plan_rate, total

_WORTH_SAYING = 1e-3
"""Of the plan's cost, or of its running costs for what goes on: what is smaller is in the tables only."""
EVERY = Item("all")
Uses = Mapping[Item, Sequence[Use]]


class Parted(NamedTuple):
    """A variance by item and month, with both sides of it."""

    found: Found
    plan: Uses
    actual: Uses


def causes(
    hours: Parted, energy: Parted, payments: Mapping[Item, tuple[Sequence[float], Sequence[float]]],
    capital: Collection[str], compared: Sequence[int], labels: Sequence[str], band: float,
) -> list[dict[str, Any]]:  # fmt: skip
    """Return what lies outside the band, the dearest first: of prices, demand, idle capacity, payments, new items.

    Parameters
    ----------
    hours, energy : of capacity by GPU-hours, and of the payments of which kWh are known
    payments : planned and actual, by component
    capital : components that are outlay: beside them, all that runs would not be worth saying
    """
    found, plan, actual = hours
    cost = math.fsum(
        [use.usd + use.idle_usd for uses in plan.values() for t in compared for use in [uses[t]]]
        + [ours[t] for ours, _ in payments.values() for t in compared]
    )
    running = cost - math.fsum(ours[t] for item, (ours, _) in payments.items() if item.kind in capital
                               for t in compared)  # fmt: skip
    every = [
        *_quantity(hours, EVERY, compared, band), *_prices(hours, compared, band),
        *(one | {"unit": "kWh"} for item in energy.plan for one in (
            *_quantity(energy, item, compared, band), *_prices(energy, compared, band))),
        *_idle(found, plan, compared, band), *_moved(found, plan, actual, compared, band * cost),
        *_new(found, plan, compared),
        *_payments({item: sides for item, sides in payments.items() if item not in energy.plan}, compared, band),
    ]  # fmt: skip
    told = [one for one in every if abs(one["usd"]) > _WORTH_SAYING * (running if one["since"] is not None else cost)]
    for one in told:
        one["since"] = None if one["since"] is None else labels[one["since"]]
    return sorted(told, key=lambda one: -abs(one["usd"]))


def _cause(part: str, item: Item, usd: float, **said: Any) -> dict[str, Any]:
    unit = "GPU-hour" if item.provider or item == EVERY else ""
    return {"part": part, **item._asdict(), "usd": usd, "since": None, "change_fraction": None, "planned": None,
            "actual": None, "unit": unit, "instead_of": None} | said  # fmt: skip


def lasting(changes: Sequence[tuple[int, float | None]], band: float) -> list[int]:
    """Return the last months in a row in which a change lies outside the band, on one side; None: it is not known.

    >>> lasting([(0, 0.2), (1, 0.0), (2, -0.2), (3, None), (4, -0.3)], 0.05)
    [2, 4]
    """
    run: list[int] = []
    side = 0.0
    for t, change in reversed(changes):
        if change is None:
            continue
        if abs(change) <= band or change * side < 0:
            break
        run.insert(0, t)
        side = change
    return run


def _quantity(parted: Parted, item: Item, compared: Sequence[int], band: float) -> Iterator[dict[str, Any]]:
    """Yield what a quantity other than planned costs: GPU-hours of all items, or kWh."""
    found, plan, actual = parted
    hours = {t: tuple(math.fsum(uses[t].hours for uses in side.values()) for side in (plan, actual)) for t in compared}
    run = lasting([(t, used / said - 1 if said > LEAST_HOURS else None) for t, (said, used) in hours.items()], band)
    if run:
        said, used = (math.fsum(hours[t][side] for t in run) for side in (0, 1))
        usd = math.fsum(by_month[t].volume for by_month in found.values() for t in run)
        yield _cause("volume", item, usd, since=run[0], change_fraction=used / said - 1, planned=said,
                     actual=used)  # fmt: skip


def _prices(parted: Parted, compared: Sequence[int], band: float) -> Iterator[dict[str, Any]]:
    found, plan, actual = parted
    for item, uses in actual.items():
        rates = {t: (plan_rate(plan.get(item, ()), t), uses[t]) for t in compared}
        changes = [(t, use.usd / use.hours / rate - 1 if rate and use.hours > LEAST_HOURS else None)
                   for t, (rate, use) in rates.items()]  # fmt: skip
        run = [t for t in lasting(changes, band) if rates[t][1].hours > LEAST_HOURS]
        if run:
            hours = math.fsum(rates[t][1].hours for t in run)
            said = math.fsum((rates[t][0] or 0.0) * rates[t][1].hours for t in run) / hours
            paid = math.fsum(rates[t][1].usd for t in run) / hours
            yield _cause("price", item, math.fsum(found[item][t].price for t in run), since=run[0],
                         change_fraction=paid / said - 1, planned=said, actual=paid)  # fmt: skip


def _idle(found: Found, plan: Uses, compared: Sequence[int], band: float) -> Iterator[dict[str, Any]]:
    """Yield by how much capacity that is planned stands idle more than planned; the band is of what it costs."""
    for item, by_month in found.items():
        if not _planned(plan, item):
            continue
        usd = math.fsum(by_month[t].utilization for t in compared)
        if abs(usd) > band * math.fsum(x for t in compared for x in plan[item][t][1:]):
            yield _cause("utilization", item, usd)


def _moved(found: Found, plan: Uses, actual: Uses, compared: Sequence[int], least: float) -> Iterator[dict[str, Any]]:
    """Yield what hours that moved among planned items cost, with the items that lost and won most."""
    items = [item for item in found if _planned(plan, item)]
    usd = math.fsum(found[item][t].mix for item in items for t in compared)
    if abs(usd) > least:
        won = {item: math.fsum((actual[item][t].hours if item in actual else 0.0) - plan[item][t].hours
                               for t in compared) for item in items}  # fmt: skip
        yield _cause("mix", max(items, key=won.__getitem__), usd, instead_of=min(items, key=won.__getitem__).kind)


def _planned(plan: Uses, item: Item) -> bool:
    return any(use != NO_USE for use in plan.get(item, ()))


def _new(found: Found, plan: Uses, compared: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Yield what was not planned, under the part that holds most of it."""
    for item, by_month in found.items():
        if item.provider and not _planned(plan, item):
            parts = total([by_month[t] for t in compared])
            most = max(("mix", "price", "volume", "utilization"), key=lambda name: abs(getattr(parts, name)))
            yield _cause(most, item, parts.total)


def _payments(
    payments: Mapping[Item, tuple[Sequence[float], Sequence[float]]], compared: Sequence[int], band: float
) -> Iterator[dict[str, Any]]:
    for item, sides in payments.items():
        said, paid = (math.fsum(side[t] for t in compared) for side in sides)
        if abs(paid - said) > band * abs(said):
            yield _cause("price" if said else "mix", item, paid - said, planned=said, actual=paid,
                         change_fraction=paid / said - 1 if said else None)  # fmt: skip
