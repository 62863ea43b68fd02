"""What was asked of each plan, and at which prices, as far as it differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from planner.report.compare.beside import Document, side_by_side


@dataclass(frozen=True)
class Input:
    """What scenarios state differently; a value and its unit are None where nothing of this name is stated."""

    input: str
    units: tuple[str | None, ...]
    values: tuple[float | str | None, ...]


@dataclass(frozen=True)
class Price:
    """A catalog row behind a figure of any plan, whose value differs.

    Attributes
    ----------
    values : what-ifs are in them; None where the row is not read, or its value not known
    changes : fraction by which the value lies above the first plan's; None where the two cannot be compared
    """

    row: str
    unit: str
    values: tuple[float | None, ...]
    currencies: tuple[str | None, ...]
    dates: tuple[str | None, ...]
    changes: tuple[float | None, ...]


def inputs(documents: Sequence[Document]) -> list[Input]:
    """Return the inputs that differ, in the order of the scenarios."""
    nothing = None, None
    return [
        Input(name, *zip(*(one or nothing for one in found), strict=True))
        for (name, _), found in side_by_side([dict(_inputs(document)) for document in documents])
        if len(set(found)) > 1
    ]


def _inputs(document: Document) -> Iterator[tuple[tuple[str, int], tuple[str, float | str | None]]]:
    """Yield name and number among those of the same name, with unit and value."""
    count: Counter[str] = Counter()
    for row in document["inputs"]:
        count[row["input"]] += 1
        yield (row["input"], count[row["input"]]), (row["unit"], row["value"])


def prices(documents: Sequence[Document]) -> list[Price]:
    """Return the prices that differ among rows that several plans read and at least one uses, largest change first."""
    rows = [{one["row"]: _effective(one) for one in document["evidence"]} for document in documents]
    found = [
        _price(row, facts)
        for row, facts in side_by_side(rows)
        if any(fact and fact["used"] for fact in facts) and _differ([fact for fact in facts if fact])
    ]
    return sorted(found, key=lambda one: (-max(abs(change or 0.0) for change in one.changes), one.row))


def _effective(fact: dict[str, Any]) -> dict[str, Any]:
    """Return a row with the value that the plan took: what-ifs of its scenario are in it."""
    value = fact["value"]
    return fact | {"value": None if value is None else value * fact.get("factor", 1.0)}


def _differ(facts: list[dict[str, Any]]) -> bool:
    return len({(fact["value"], fact["currency"]) for fact in facts}) > 1


def _price(row: str, facts: tuple[dict[str, Any] | None, ...]) -> Price:
    values, currencies, dates = (
        tuple(None if fact is None else fact[key] for fact in facts) for key in ("value", "currency", "date")
    )
    changes = (None, *(_rise(facts[0], fact) for fact in facts[1:]))
    unit = next(fact["unit"] for fact in facts if fact is not None)
    return Price(row, unit, values, currencies, dates, changes)


def _rise(old: dict[str, Any] | None, new: dict[str, Any] | None) -> float | None:
    if old is None or new is None or not old["value"] or new["value"] is None or old["currency"] != new["currency"]:
        return None
    return float(new["value"] / old["value"] - 1)
