"""What each plan decides: purchases, commitments, rentals, people; what is new, gone and changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Any, NamedTuple

from planner.report.compare.beside import Document, same, side_by_side

Row = dict[str, Any]


@dataclass(frozen=True)
class Decision:
    """A decision in every plan.

    Attributes
    ----------
    quantities : 0 where the plan does not decide so
    schedules : quantity by month of order of each plan; empty for what is rented, or ran before the plan
    changes : against the first plan: "same", "new", "gone", "more", "less", "earlier", "later" or "rescheduled";
        None for the first
    """

    kind: str
    what: str
    unit: str
    quantities: tuple[float, ...]
    schedules: tuple[dict[str, float], ...]
    changes: tuple[str | None, ...]


class _Kind(NamedTuple):
    what: Callable[[Row], str]
    unit: str
    quantity: str
    dated: bool


def _placed(row: Row) -> str:
    way = row.get("financing", "cash")
    return f"{row['server']} @ {row['site']}" + ("" if way == "cash" else f", {way}")


def _committed(row: Row) -> str:
    return str(row["term"] or row["offer"]) + (", running already" if row["existing"] else "")


_KINDS = {
    "purchases": _Kind(_placed, "servers", "servers", dated=True),
    "sales": _Kind(_placed, "servers sold", "servers", dated=True),
    "commitments": _Kind(_committed, "instances", "instances", dated=True),
    "savings_plans": _Kind(lambda row: row["plan"], "USD an hour", "usd_per_hour", dated=True),
    "rentals": _Kind(
        lambda row: f"{row['offer']}, {row['kind'].replace('_', '-')}", "GPU-hours a month", "gpu_hours", dated=False
    ),
    "api": _Kind(lambda row: f"{row['offer']} for {row['workload']}", "work units a month", "work_units", dated=False),
    "staff": _Kind(lambda row: row["pool"], "FTE, mean", "fte", dated=False),
}
"""Kinds of decision; those without a date are the mean of the horizon's months."""
_ORDER = list(_KINDS)


def decisions(documents: Sequence[Document]) -> list[Decision]:
    """Return every decision of any plan, also those that are the same in all."""
    found = side_by_side([_decided(document) for document in documents])
    found.sort(key=lambda one: _ORDER.index(one[0][0]))
    return [_decision(*key, [schedule or {} for schedule in each]) for key, each in found]


def _decided(document: Document) -> dict[tuple[str, str], dict[str, float]]:
    """Return the quantities of a plan's decisions by month; what has no date stands under an empty month."""
    found: dict[tuple[str, str], dict[str, float]] = {}
    for kind, about in _KINDS.items():
        for row in document["decisions"][kind]:
            of = found.setdefault((kind, about.what(row)), defaultdict(float))
            month = row["month"] or "" if about.dated else ""
            of[month] += row[about.quantity] / (1 if about.dated else document["horizon_months"])
    return found


def _decision(kind: str, what: str, schedules: Sequence[dict[str, float]]) -> Decision:
    return Decision(
        kind, what, _KINDS[kind].unit, tuple(fsum(one.values()) for one in schedules),
        tuple({month: one[month] for month in sorted(one) if month} for one in schedules),
        (None, *(_change(schedules[0], one) for one in schedules[1:])),
    )  # fmt: skip


def _change(before: dict[str, float], after: dict[str, float]) -> str:
    old, new = fsum(before.values()), fsum(after.values())
    if not same(old, new):
        return "new" if not before else "gone" if not after else "more" if new > old else "less"
    if not before or all(same(x or 0.0, y or 0.0) for _, (x, y) in side_by_side([before, after])):
        return "same"
    first, then = min(before), min(after)
    return "earlier" if then < first else "later" if then > first else "rescheduled"


def differing(decided: Sequence[Decision], plan: int) -> Iterator[tuple[str, list[Decision]]]:
    """Yield what is new, gone and changed in a plan, where there is any."""
    for said, words in (("New", {"new"}), ("Gone", {"gone"}), ("Changed", None)):
        found = [
            one
            for one in decided
            if (one.changes[plan] in words if words else one.changes[plan] not in {"new", "gone", "same"})
        ]
        if found:
            yield said, found
