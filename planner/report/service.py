"""Which capacity serves which workload, and what a GPU-hour at work costs."""

from __future__ import annotations

from typing import Any

from planner.report.formatting import DASH, add_up, fixed, percent, price
from planner.report.parts import Block, Cell, Section, Table, Text, code, columns, folded

KINDS = {
    "owned": "Owned",
    "committed": "Committed",
    "on_demand": "On-demand",
    "spot": "Spot",
    "api": "Token API",
    "unserved": "Left undone",
}


def service(document: dict[str, Any]) -> Section:
    """Return which capacity serves which workload, and what an hour of each kind of capacity costs."""
    return Section(
        "service",
        "Which capacity serves which workload",
        "Each workload with the capacity that does its work, and what an hour of that capacity comes to.",
        (*work(document), *unit_costs(document)),
    )


def served(rows: list[dict[str, Any]], caption: str) -> Table:
    """Return a table of what serves workloads."""
    body = tuple(
        (
            Cell(row["workload"]),
            Cell(KINDS[row["kind"]]),
            code(row["option"]),
            Cell(fixed(row["work_units"]), note=row["unit"]),
            Cell(fixed(row["gpu_hours"]) if row["kind"] not in ("api", "unserved") else DASH),
            Cell(percent(share)),
        )
        for row, share in zip(rows, _shares(rows), strict=True)
    )
    heads = columns("Workload", "By", "Option", "Work units", "GPU-hours", "Share", words=("By", "Option"))
    return Table(caption, heads, body)


def _shares(rows: list[dict[str, Any]]) -> list[float]:
    """Return the shares of work in whole tenths of a percent, which add up for each workload."""
    found: dict[str, list[float]] = {}
    for row in rows:
        found.setdefault(row["workload"], []).append(1000 * row["share_fraction"])
    rounded = {name: iter(add_up(shares)) for name, shares in found.items()}
    return [next(rounded[row["workload"]]) / 1000 for row in rows]


def work(document: dict[str, Any]) -> tuple[Block, ...]:
    """Return what does the work of each workload."""
    if not document["service"]:
        return (Text("Nothing is asked for."),)
    return folded(served(document["service"], "What does the work, over the whole horizon"), "ways of serving")


def unit_costs(document: dict[str, Any]) -> tuple[Block, ...]:
    """Return what an hour of each kind of capacity comes to."""
    rows = document["unit_costs"]
    if not rows:
        return (Text("No GPU does any work in this plan."),)
    body = []
    for row in rows:
        ready = row["available_gpu_hours"]
        busy = percent(row["gpu_hours"] / ready) if ready else DASH
        hourly = Cell(price(row["usd_per_gpu_hour"]), note="" if row["gpu_hours"] else "paid and not used")
        body.append(
            (Cell(KINDS[row["kind"]]), Cell(fixed(row["gpu_hours"])), Cell(busy), Cell(fixed(row["usd"])), hourly)
        )
    table = Table(
        "What a GPU-hour at work costs: all that is paid for its kind of capacity, people apart; nominal USD",
        columns("Capacity", "GPU-hours at work", "Busy", "USD", "USD per GPU-hour"),
        tuple(body),
    )
    share = document["breakeven"]["utilization_fraction"]
    said = "An hour of one kind of GPU does not do the work of an hour of another: speeds are among the assumptions."
    if share is not None:
        said = f"{pays_off(share)} {said}"
    return (table, Text(said))


def pays_off(share: float) -> str:
    """Say how busy a GPU must be before owning it is cheaper than renting."""
    if share > 1:
        return "An owned GPU does not pay off, however busy it is."
    return f"An owned GPU pays off only if it is busy more than {percent(share)} of the hours of its life."
