"""GPU-hours of the past, hour by hour and month by month: of usage or of bills, never of both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from planner.actuals.duck import first_line, refuse, text_literal
from planner.actuals.store import Store
from planner.actuals.usage_mapping import KINDS, WORKED
from planner.errors import shown
from planner.units import HOURS_PER_WEEK, month_label, months_between

if TYPE_CHECKING:
    import pandas as pd

Source = Literal["usage", "charges"]
_TEAM = "coalesce(json_extract_string(tags, '$.team'), account)"
_FROM: dict[Source, str] = {
    "usage": f"""SELECT start AS begins, "end" AS ends, gpu, team, kind,
        CAST({WORKED} AS DOUBLE) AS hours
        FROM usage WHERE gpu_hours > 0""",
    "charges": f"""SELECT charge_start AS begins, charge_end AS ends, gpu, {_TEAM} AS team, 'billed' AS kind,
        CAST(gpu_hours AS DOUBLE) AS hours FROM charges WHERE gpu_hours > 0""",
}  # fmt: skip
"""Rows that hold GPU-hours."""


@dataclass(frozen=True)
class Pick:
    """Which rows of a store.

    Attributes
    ----------
    source : usage or charges; unset: the one that holds GPU-hours
    kind : of usage, requested, allocated or used; unset: the only one
    team, gpu : unset: all
    """

    source: Source | None = None
    kind: str | None = None
    team: str | None = None
    gpu: str | None = None


@dataclass(frozen=True)
class Month:
    """A month of the past, as far as the store covers it.

    Attributes
    ----------
    hours : of the month that are covered
    """

    label: str
    gpu_hours: float
    hours: float


def resolved(store: Store, pick: Pick) -> Pick:
    """Return `pick` with source and kind, where the store holds one only.

    Raises
    ------
    InputError
        when it holds nothing of the sort, or several that would count the same hours twice.
    """
    found = [source for source in _FROM if store.rows(f"SELECT 1 FROM ({_FROM[source]}) LIMIT 1")]
    if pick.source is None and len(found) > 1:
        refuse(
            store.path, "holds GPU-hours of usage and of charges, which may be the same", "--of usage or --of charges"
        )
    source = pick.source or (found[0] if found else "usage")
    query = f"SELECT DISTINCT kind FROM ({_FROM[source]}) ORDER BY 1"
    kinds = [one["kind"] for one in store.rows(query)]
    if pick.kind is None and len(kinds) > 1:
        refuse(store.path, f"holds usage that was {' and '.join(kinds)}, which may be the same",
               " or ".join(f"--kind {kind}" for kind in kinds))  # fmt: skip
    done = replace(pick, source=source, kind=pick.kind or (kinds[0] if kinds else KINDS[0]))
    if not store.rows(f"SELECT 1 FROM ({_rows(done)}) LIMIT 1"):
        asked = ", ".join(f"{name} {shown(one)}" for name, one in (("team", pick.team), ("gpu", pick.gpu)) if one)
        refuse(store.path, f"holds no GPU-hours of {source}, {pick.kind or 'any kind'}{asked and ', '}{asked}",
               _there(store, done))  # fmt: skip
    return done


def gpu_hours_by_gpu(store: Store, pick: Pick) -> dict[str | None, float]:
    """Return the GPU-hours of every GPU."""
    found = store.rows(
        f"SELECT gpu, sum(hours) AS hours FROM ({_rows(resolved(store, pick))}) GROUP BY gpu ORDER BY gpu"
    )
    return {one["gpu"]: one["hours"] for one in found}


def monthly_gpu_hours(store: Store, pick: Pick = Pick()) -> list[Month]:
    """Return the months without gaps that the store covers, each with its GPU-hours."""
    pick = resolved(store, pick)
    first, last = _span(store, pick)
    found = {f"{one:%Y-%m}": hours for one, hours in _spread(store, pick, "month").items()}
    start, end = f"{first:%Y-%m}", f"{last:%Y-%m}"
    labels = [month_label(start, offset) for offset in range(months_between(start, end) + 1)]
    months = []
    for label in labels:
        opens, closes = datetime.fromisoformat(f"{label}-01"), datetime.fromisoformat(f"{month_label(label, 1)}-01")
        covered = (min(last, closes) - max(first, opens)).total_seconds() / 3600
        if covered > 0:
            months.append(Month(label, found.get(label, 0.0), covered))
    return months


def hourly(store: Store, pick: Pick = Pick()) -> pd.Series[float] | None:
    """Return GPU-hours by hour in UTC, hours without any too; None where most rows are of whole days or months."""
    import pandas as pd

    pick = resolved(store, pick)
    whole = "begins = date_trunc('day', begins) AND ends = date_trunc('day', ends)"
    (coarse,) = store.rows(
        f"SELECT sum(hours) FILTER (WHERE {whole} AND ends > begins) > sum(hours) / 2 AS found FROM ({_rows(pick)})"
    )
    if coarse["found"]:
        return None
    first, last = _span(store, pick)
    hours = pd.date_range(pd.Timestamp(first).floor("h"), pd.Timestamp(last).ceil("h"), freq="h", inclusive="left")
    return pd.Series(_spread(store, pick, "hour"), dtype=float).reindex(hours, fill_value=0.0)


def typical_week(store: Store, hours: pd.Series[float], time_zone: str = "UTC") -> list[float] | None:
    """Return the mean of each hour of a week from Monday 00:00, by the clock of a time zone; None below a week.

    Raises
    ------
    InputError
        when there is no such time zone.
    """
    import pandas as pd

    if len(hours) < HOURS_PER_WEEK:
        return None
    try:
        local = pd.DatetimeIndex(hours.index).tz_localize("UTC").tz_convert(time_zone)
    except (LookupError, ValueError, OSError) as error:  # as zoneinfo has it: no such zone, no name, a folder
        refuse(store.path, f"cannot be told by the clock of {shown(time_zone)}: {first_line(error)}")
    means = hours.groupby(local.day_of_week * 24 + local.hour).mean()
    return [float(means.get(hour, 0.0)) for hour in range(HOURS_PER_WEEK)]


def _rows(pick: Pick) -> str:
    kept = " AND ".join(
        f"{name} = {text_literal(said)}"
        for name, said in (("kind", pick.kind), ("team", pick.team), ("gpu", pick.gpu)) if said is not None
    )  # fmt: skip
    return f"SELECT * FROM ({_FROM[pick.source or 'usage']}) WHERE {kept or 'true'}"


def _span(store: Store, pick: Pick) -> tuple[datetime, datetime]:
    """Return when all that is of the source and kind begins and ends: a team may rest at either end."""
    everyone = replace(pick, team=None, gpu=None)
    (found,) = store.rows(f"SELECT min(begins) AS first, max(greatest(ends, begins)) AS last FROM ({_rows(everyone)})")
    return found["first"], found["last"]


def _spread(store: Store, pick: Pick, unit: Literal["hour", "month"]) -> dict[datetime, float]:
    """Return GPU-hours by the hour or month in which they fell, evenly over the time of each row."""
    found = store.rows(f"""
        WITH opened AS (
            SELECT *, unnest(generate_series(date_trunc('{unit}', begins),
                greatest(ends - INTERVAL 1 MICROSECOND, begins), INTERVAL 1 {unit})) AS opens
            FROM ({_rows(pick)})
        )
        SELECT CAST(opens AS TIMESTAMP) AS opens, sum(hours * CASE WHEN ends > begins THEN
            date_diff('microsecond', greatest(opens, begins), least(opens + INTERVAL 1 {unit}, ends))
            / date_diff('microsecond', begins, ends) ELSE 1 END) AS hours
        FROM opened GROUP BY opens ORDER BY opens
    """)
    return {one["opens"]: one["hours"] for one in found}


def _there(store: Store, pick: Pick) -> str:
    """Return what the store holds of the same source."""
    everyone = _rows(replace(pick, team=None, gpu=None))
    teams, gpus = (
        [str(one["one"]) for one in store.rows(
            f"SELECT DISTINCT {name} AS one FROM ({everyone}) WHERE {name} IS NOT NULL ORDER BY 1 LIMIT 10")]
        for name in ("team", "gpu")
    )  # fmt: skip
    return f"there are teams {', '.join(teams) or 'of no name'} and GPUs {', '.join(gpus) or 'of no name'}"
