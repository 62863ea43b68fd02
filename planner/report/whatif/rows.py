"""Answers as one CSV table each, a row a driver, a choice, a plan or a figure: for pandas and spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from planner.plaintext import csv_text
from planner.report.compare import Comparison

Answer = Mapping[str, Any]
Row = Mapping[str, Any]
_DRIVER = ("driver", "title", "unit", "now")
_SWITCH = (*_DRIVER, "switches_at", "low", "high", "buys", "distance", "ranges", "precise", "jumps", "flips",
           "whole_at_low", "whole_at_high", "searched_least", "searched_most", "searched_values", "unknown_from",
           "solved")  # fmt: skip
_SENSITIVITY = (*_DRIVER, "end", "value", "status", "buying_saves_usd", "npv_usd", "npv_change_usd", "present_usd",
                "breakeven_months", "choice", "decision", "flips", "swing_usd", "source", "solved")  # fmt: skip
_RISK = ("choice", "least_usd", "p10_usd", "p50_usd", "p90_usd", "most_usd", "mean_usd", "cvar_usd", "weighed_usd",
         "regret_usd", "least_regret", "infeasible_futures")  # fmt: skip
_ALTERNATIVES = ("name", "within", "proven", "same_as", "present_usd", "dearer_usd", "dearer_fraction", "outlay_usd",
                 "tco2e", "providers", "owned_fraction", "servers_bought", "moved_fraction", "orders",
                 "reason")  # fmt: skip


def switching(found: Answer) -> str:
    """Return a row for each driver, with its nearest flip and what whole numbers say of that, where they were asked."""
    return _csv(_SWITCH, (_switching(row, found["solved"]) for row in found["drivers"]))


def _switching(row: Row, solved: str) -> Row:
    flips = row["flips"]
    nearest = flips[0] if flips else {}
    return {
        **nearest, **row, "flips": len(flips), "solved": solved,
        **{f"whole_at_{side}": decided for side, decided in (nearest.get("whole") or {}).items()},
        **{f"searched_{key}": value for key, value in row["searched"].items()},
    }  # fmt: skip


def sensitivities(found: Answer) -> str:
    """Return two rows for each driver: at its low and at its high."""
    ends = ("low", "high")
    return _csv(
        _SENSITIVITY,
        ({**bar, **bar[end], "end": end, "solved": found["solved"]} for bar in found["bars"] for end in ends),
    )


def risks(found: Answer) -> str:
    """Return a row for each choice."""
    return _csv(_RISK, found["choices"])


def considered(found: Answer) -> str:
    """Return a row for the plan and for each alternative."""
    rows = ({"name": "plan"} | found["plan"], *found["alternatives"])
    return _csv(
        _ALTERNATIVES,
        (row | {"providers": "; ".join(row["providers"] or ()), "orders": "; ".join(_orders(row))} for row in rows),
    )


def _orders(row: Row) -> Iterator[str]:
    for one in row["orders"] or ():
        yield " ".join(filter(None, (one["kind"], f"{one['amount']:g}", one["what"], one["how"], one["month"])))


def comparison(found: Comparison) -> str:
    """Return a row for each figure, cost, decision and price, and a column for each plan under the name of its file."""
    heads = ("part", "option", "against", "name", "unit", *(plan.file for plan in found.plans))
    return csv_text([heads, *_side_by_side(found)])


def _side_by_side(found: Comparison) -> Iterator[Sequence[Any]]:
    for figure in found.figures:
        yield "figure", figure.option, figure.against, figure.figure, figure.unit, *figure.values
    for cost in found.components:
        yield "cost", cost.option, None, cost.component, "USD", *cost.values
    for one in found.decisions:
        yield "decision", one.kind, None, one.what, one.unit, *one.quantities
    for price in found.prices:
        yield "price", None, None, price.row, price.unit, *price.values


def _csv(heads: Sequence[str], rows: Iterable[Row]) -> str:
    return csv_text([heads, *([row.get(head) for head in heads] for row in rows)])
