"""What is bought, committed and rented in the remaining months, by the old plan and by the new, and what is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from planner.analysis.decisions import decisions
from planner.analysis.study import Study
from planner.scenario.finance_schema import CASH
from planner.scenario.load import LoadedScenario
from planner.units import month_label

_LEAST = 1e-6
"""Of servers, GPU-hours and the like: fewer are none, but what a solver leaves of 0."""
_Amounts = dict[tuple[str, ...], float]


def changes(kept: Study | None, study: Study) -> Iterator[dict[str, Any]]:
    """Yield what is promised and rented in the remaining months, in the old plan and in the new."""
    old, new = ({} if one is None else _amounts(one) for one in (kept, study))
    for key in sorted({*old, *new}):
        kind, name, place, month, unit = key
        before, after = old.get(key, 0.0), new.get(key, 0.0)
        yield {
            "what": kind, "name": name, "place": place, "month": month, "unit": unit,
            "keep": None if kept is None else before, "change": after,
            "difference": None if kept is None else after - before,
        }  # fmt: skip


def first_step(rows: Iterable[Mapping[str, Any]], at: str, advice: str) -> list[dict[str, Any]]:
    """Return what of `changes` the advice promises in the month `at`: all else can wait, and be asked again.

    Parameters
    ----------
    advice : keep or change
    """
    return [
        {name: row[name] for name in ("what", "name", "place", "unit")} | {"amount": row[advice]}
        for row in rows if row["month"] == at and row[advice]
    ]  # fmt: skip


def _amounts(study: Study) -> _Amounts:
    """Return how much of everything: by kind, name, place or way to pay, month and unit."""
    made, found = decisions(study, study.plan), _Amounts()

    def add(key: tuple[str, ...], amount: float) -> None:
        if abs(amount) > _LEAST:
            found[key] = found.get(key, 0.0) + amount

    for row in made["purchases"]:
        way = "" if row["financing"] == CASH else f", {row['financing']}"
        add(("purchase", row["server"], row["site"] + way, row["month"], "servers"), row["servers"])
    for row in made["sales"]:
        add(("sale", row["server"], row["site"], row["month"], "servers"), row["servers"])
    for row in made["commitments"]:
        if not row["existing"]:
            add(("commitment", row["term"], "", row["month"], "instances"), row["instances"])
    for row in made["savings_plans"]:
        add(("savings_plan", row["plan"], "", row["month"], "USD/hour"), row["usd_per_hour"])
    for row in made["rentals"]:
        add(("rental", row["offer"], row["kind"], "", "GPU-hours"), row["gpu_hours"])
    for row in made["api"]:
        add(("api", row["offer"], row["workload"], "", "work units"), row["work_units"])
    return found


def there(loaded: LoadedScenario) -> Iterator[dict[str, Any]]:
    """Yield what is owned, on order or committed at the start."""
    scenario = loaded.scenario
    for one in scenario.existing_servers:
        place = one.site + (f", {one.financing}" if one.financing else "")
        yield {"what": "servers", "name": one.server, "place": place, "count": one.servers,
               "since": one.in_service, "until": None, "usd": float(one.paid_usd_per_server)}  # fmt: skip
    for held in scenario.existing_commitments:
        yield {"what": "commitment", "name": held.offer, "place": "", "count": held.instances, "since": held.start,
               "until": month_label(held.start, held.term_months - 1),
               "usd": float(held.hourly_usd_per_gpu)}  # fmt: skip
    for spend in scenario.existing_savings_plans:
        yield {"what": "savings_plan", "name": spend.plan, "place": "", "count": 1, "since": spend.start,
               "until": None, "usd": float(spend.usd_per_hour)}  # fmt: skip
