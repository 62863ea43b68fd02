"""Two plain CSV files that anyone can write: GPU-hours by month, and what the own fleet costs by month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner.actuals.mapping import OWN
from planner.actuals.table import Columns, Table
from planner.actuals.usage_mapping import DEMAND
from planner.errors import Complaint, Place, nearest, shown

if TYPE_CHECKING:
    import duckdb


def demand(columns: Columns) -> Mapping[str, str]:
    """Return what each row says of month, gpu_model, region, gpu_hours and team."""
    text = columns.text
    return {
        "source": f"'{DEMAND}'",
        "cluster": columns.said("cluster"),
        **_month(text("month")),
        "team": text("team"),
        "region": text("region"),
        "gpu_name": text("gpu_model"),
        "gpu_hours": text("gpu_hours"),
        "kind": "'requested'",
    }


def owned(columns: Columns) -> Mapping[str, str]:
    """Return what each row says of month, component, site, usd, and of server, gpu, gpu_hours, kwh and source."""
    text = columns.text
    gpu, hours, kwh = text("gpu"), text("gpu_hours"), text("kwh")
    return {
        "provider": f"'{OWN}'",
        "account": text("site"),
        **_month(text("month")),
        "category": "'usage'",
        "pricing": "'owned'",
        "counts": f"{hours} IS NOT NULL",
        "service": text("component"),
        "description": text("source"),
        "region": text("site"),
        "gpu_name": f"CASE WHEN {hours} IS NOT NULL THEN coalesce({gpu}, 'gpu') ELSE {gpu} END",
        "gpus": f"CASE WHEN {hours} IS NOT NULL THEN '1' END",
        "quantity": hours,
        "unit": f"CASE WHEN {hours} IS NOT NULL THEN 'hours' END",
        "effective_cost": text("usd"),
        "billed_cost": text("usd"),
        "currency": "'USD'",
        "resource": text("server"),
        "tags": f"CASE WHEN {kwh} IS NOT NULL THEN json_object('kwh', {kwh}) END",
        "component": text("component"),
        "doubt": f"CASE WHEN {text('usd')} IS NULL THEN 'no cost' WHEN {kwh} IS NOT NULL AND number({kwh}) IS NULL "
        f"THEN 'kwh is no number' WHEN number({hours}) < 0 THEN 'less than nothing' END",
    }  # fmt: skip


def check_components(base: duckdb.DuckDBPyConnection, table: Table, name: str) -> Iterator[Complaint]:
    """Yield a complaint about every component that is none of the plan's ledger.

    Parameters
    ----------
    name : of the file, as DuckDB is told it
    """
    from planner.costs import COMPONENTS

    known = sorted(one.__name__ for one in COMPONENTS)
    columns = Columns(table)
    component = columns.text("component")
    found = base.execute(f"SELECT {component}, min(line) FROM ({columns.source()}) GROUP BY ALL ORDER BY 2", [name])
    for said, line in found.fetchall():
        if said not in known:
            yield Complaint(
                Place(str(table.path), line), "component", "is none of a plan's ledger" if said else "is empty",
                found=shown(said), allowed=", ".join(known), cure=nearest(said or "", known),
            )  # fmt: skip


def _month(month: str) -> Mapping[str, str]:
    first = f"date_trunc('month', instant({month}))"
    return {"starts": f"CASE WHEN {month} IS NOT NULL THEN coalesce(CAST({first} AS VARCHAR), 'none') END",
            "ends": f"coalesce(CAST({first} + INTERVAL 1 MONTH AS VARCHAR), 'none')"}  # fmt: skip
