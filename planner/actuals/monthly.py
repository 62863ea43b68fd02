"""Charges and usage by month of the charge; what crosses a month's end is split by time, but cash is not.

effective_cost is the accrual: it holds what commitments cost that stood unused. billed_cost is the cash, in the month
in which its charge begins. No sum crosses currencies. GPU-hours are of usage alone: of no unused commitment, and of no
correction, whose money stands apart under `correction`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from planner.actuals.duck import text_literal
from planner.actuals.mapping import COSTS, MOST_YEARS
from planner.actuals.store import Store
from planner.actuals.usage_mapping import WORKED

if TYPE_CHECKING:
    import pandas as pd

NO_MONTH = "unknown"
CHARGES = ("month", "provider", "region", "pricing", "gpu", "component", "unused", "correction", "currency")
AMOUNTS = ("gpu_hours", "effective_cost", "billed_cost", "list_cost")
USAGE = ("month", "source", "cluster", "region", "team", "gpu", "kind")


def _parts(table: str, start: str, end: str, no_month: str) -> str:
    """Return SQL that gives each row one part a month, with its share of the time; `first` is where it begins."""
    several = f"ends_after BETWEEN 1 AND {12 * MOST_YEARS}"
    last = f"{end} - INTERVAL 1 MICROSECOND"
    return f"""
    whole AS (
        SELECT *, coalesce(date_diff('month', {start}, {last}), 0) AS ends_after FROM {table}
    ),
    opened AS (
        SELECT *, unnest(generate_series(date_trunc('month', {start}), {last}, INTERVAL 1 MONTH)) AS opens
        FROM whole WHERE {several}
    ),
    parts AS (
        SELECT *, coalesce(strftime({start}, '%Y-%m'), {no_month}) AS month, 1.0::DOUBLE AS share, true AS first
        FROM whole WHERE NOT {several}
        UNION ALL
        SELECT * EXCLUDE (opens), strftime(opens, '%Y-%m'),
            date_diff('microsecond', greatest(opens, {start}), least(opens + INTERVAL 1 MONTH, {end}))
                / date_diff('microsecond', {start}, {end}),
            opens <= {start}
        FROM opened
    )"""


def charges_by_month(
    store: Store, more: Sequence[str] = (), where: str = "true", missing: float | None = 0.0
) -> pd.DataFrame:
    """Return GPU-hours and costs by CHARGES, amounts as floats; a month that no date tells is NO_MONTH.

    Parameters
    ----------
    more : columns by which to tell charges apart, too
    where : SQL that chooses charges, as `doubt IS NULL`
    missing : a cost that no charge tells
    """
    split = "sum(CASE WHEN share = 1 THEN {0} ELSE CAST({0} * share AS DECIMAL(38, 12)) END)::DOUBLE AS {0}"
    cash = "sum(CASE WHEN first THEN billed_cost WHEN billed_cost IS NOT NULL THEN 0 END)::DOUBLE AS billed_cost"
    amounts = [cash if name == "billed_cost" else split.format(name) for name in ("gpu_hours", *COSTS)]
    keys, table = ", ".join((*CHARGES, *more)), f"(FROM charges WHERE {where})"
    found = store.frame(
        f"WITH {_parts(table, 'charge_start', 'charge_end', f'''coalesce(billing_month, '{NO_MONTH}')''')} "
        f"SELECT {keys}, {', '.join(amounts)} FROM parts GROUP BY {keys} ORDER BY {keys}"
    )
    return found.fillna({"gpu_hours": 0.0} | ({} if missing is None else dict.fromkeys(COSTS, missing)))


def usage_by_month(store: Store) -> pd.DataFrame:
    """Return GPU-hours, those at work and waited for, and their mean utilization where it was measured, by USAGE.

    `gpu_hours` of usage that was measured are the time of measuring; `worked_gpu_hours` are what all else reads.
    """
    keys = ", ".join(USAGE)
    return store.frame(
        f"""WITH {_parts("usage", "start", '"end"', f"'{NO_MONTH}'")}
        SELECT {keys}, coalesce(sum(gpu_hours * share), 0)::DOUBLE AS gpu_hours,
            coalesce(sum({WORKED} * share), 0)::DOUBLE AS worked_gpu_hours,
            coalesce(sum(queued_gpu_hours) FILTER (WHERE first), 0)::DOUBLE AS queued_gpu_hours,
            sum(utilization_fraction * gpu_hours * share) FILTER (WHERE utilization_fraction IS NOT NULL)
            / nullif(sum(gpu_hours * share) FILTER (WHERE utilization_fraction IS NOT NULL), 0)
                AS utilization_fraction
        FROM parts GROUP BY {keys} ORDER BY {keys}"""
    )


def energy_by_month(store: Store, currency: str) -> dict[str, float]:
    """Return the kWh that invoices of electricity tell, by month; a month in which one does not is left out."""
    where = ("component = 'electricity' AND doubt IS NULL AND NOT coalesce(correction, false) "
             f"AND currency = {text_literal(currency)}")  # fmt: skip
    kwh = "number(CASE WHEN json_valid(tags) THEN json_extract_string(tags, '$.kwh') END)"
    parts = _parts(f"(FROM charges WHERE {where})", "charge_start", "charge_end", f"'{NO_MONTH}'")
    found = store.rows(
        f"WITH {parts} "
        f"SELECT month, sum({kwh} * share)::DOUBLE AS kwh FROM parts GROUP BY month "
        f"HAVING bool_and({kwh} IS NOT NULL OR effective_cost = 0) AND sum({kwh}) > 0"
    )
    return {one["month"]: one["kwh"] for one in found}


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame; what is missing is None."""
    return [
        {str(name): value for name, value in one.items()}
        for one in frame.astype(object).where(frame.notna(), None).to_dict("records")
    ]
