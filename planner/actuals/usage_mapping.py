"""From what a format says of each row, its draft, to the rows of `usage`.

What is not understood, or counts already, is kept with its reason and without GPU-hours.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from planner.actuals.mapping import MOST_YEARS

DRAFT = (
    "source", "cluster", "starts", "ends", "lasts", "team", "workload", "region", "gpu_name", "profile", "gpus",
    "seconds", "gpu_hours", "utilization", "waited", "kind", "run", "doubt",
)  # fmt: skip
"""What a format may say of a row, all of it text.

lasts : seconds from the start on, where no end is known
profile : of MIG, as 1g.10gb, of which `gpus` are told
seconds : that the GPUs were held, where GPU-hours are not told
waited : seconds in the queue
kind : requested, allocated or used
run : what its cluster calls it, where that tells the same run in another file
"""
NOT_COUNTED = "not counted: "
"""How the doubt begins of what is understood, and counts elsewhere or is no use of a GPU."""
DEMAND = "demand"
"""Source of plain tables of demand, which say nothing of where it ran."""


class Kind(StrEnum):
    """How usage was measured, the one nearest to a plan first: what is held is what a plan counts."""

    allocated = "allocated"
    requested = "requested"
    used = "used"


KINDS = tuple(Kind)
_MIG = r"(?i)[ -]mig[ -](\d+g\.\d+gb(?:\+[a-z.]+)?)$"
"""A GPU's name with its MIG profile, as NVIDIA's device plugin labels nodes: NVIDIA-H100-80GB-HBM3-MIG-1g.10gb."""
WORKED = f"gpu_hours * CASE WHEN kind = '{Kind.used}' THEN coalesce(utilization_fraction, 1) ELSE 1 END"
"""GPU-hours at work, of a row of `usage`: those of `used` are the time that was measured."""


def usage_from(source: str, draft: Mapping[str, str]) -> str:
    """Return SQL for the rows of `usage` without their file.

    Parameters
    ----------
    source : yields `line` and the columns of the file
    draft : an expression by name of DRAFT; what is left out is not known. With a list `each`, a row for each of its
        items, which the others know by that name
    """
    said = ", ".join(f"CAST({draft.get(name, 'NULL')} AS VARCHAR) AS {name}" for name in DRAFT)
    mig = f"nullif(regexp_extract(gpu_name, '{_MIG}', 1), '')"
    return f"""
    WITH raw AS (SELECT *, {f"unnest({draft['each']})" if "each" in draft else "NULL"} AS each FROM ({source})),
    told AS (SELECT line, {said} FROM raw),
    draft AS (
        SELECT * REPLACE (coalesce(profile, {mig}) AS profile, regexp_replace(gpu_name, '{_MIG}', '') AS gpu_name)
        FROM told
    ),
    placed AS (
        SELECT draft.*, instant(starts) AS start_at, number(seconds) AS held, number(gpu_hours) AS told_hours,
            coalesce(instant(ends), instant(starts) + to_microseconds(
                CASE WHEN TRY_CAST(lasts AS DOUBLE) BETWEEN 0 AND 1e9
                     THEN CAST(CAST(lasts AS DOUBLE) * 1e6 AS BIGINT) END
            )) AS end_at,
            CAST(number(gpus) AS DOUBLE) * CASE WHEN profile IS NULL THEN 1 ELSE mig_part(profile) END AS held_gpus,
            TRY_CAST(utilization AS DOUBLE) AS fraction
        FROM draft
    ),
    worked AS (
        SELECT *, coalesce(told_hours, TRY_CAST(held_gpus * held / 3600 AS DECIMAL(38, 9))) AS worked_hours,
            date_diff('microsecond', start_at, end_at) / 3600e6 AS span
        FROM placed
    ),
    judged AS (
        SELECT *, coalesce(doubt, CASE
            WHEN starts IS NULL THEN 'no start'
            WHEN start_at IS NULL OR year(start_at) NOT BETWEEN 2000 AND 2100 THEN 'start is no time'
            WHEN ends IS NOT NULL AND instant(ends) IS NULL THEN 'end is no time'
            WHEN end_at < start_at THEN 'ends before it starts'
            WHEN end_at > start_at + INTERVAL {MOST_YEARS} YEAR THEN 'lasts longer than {MOST_YEARS} years'
            WHEN profile IS NOT NULL AND mig_part(profile) IS NULL THEN 'MIG profile not known: ' || profile[:60]
            WHEN gpus IS NOT NULL AND number(gpus) IS NULL THEN 'number of GPUs is no number'
            WHEN seconds IS NOT NULL AND held IS NULL THEN 'time held is no number'
            WHEN gpu_hours IS NOT NULL AND told_hours IS NULL THEN 'GPU-hours is no number'
            WHEN held_gpus < 0 OR held < 0 OR worked_hours < 0 THEN 'less than nothing'
            WHEN worked_hours IS NULL OR worked_hours > 1e15 THEN 'no GPU-hours'
            WHEN worked_hours > held_gpus * (span * 1.01 + 0.01)
                THEN 'more GPU-hours than its time holds'
            WHEN utilization IS NOT NULL AND (fraction IS NULL OR NOT isfinite(fraction))
                THEN 'utilization is no number'
            WHEN fraction NOT BETWEEN 0 AND 1 THEN 'utilization is not between 0 and 1'
            END) AS why
        FROM worked
    )
    SELECT line, source, cluster, start_at, coalesce(end_at, start_at), team, workload, region,
        CASE WHEN gpu_name IS NOT NULL THEN gpu_named(gpu_name, '') END, TRY_CAST(held_gpus AS DECIMAL(18, 6)),
        CASE WHEN why IS NULL THEN TRY_CAST(worked_hours AS DECIMAL(38, 9)) END,
        CASE WHEN why IS NULL THEN fraction END, kind, why,
        CASE WHEN why IS NULL THEN TRY_CAST(held_gpus * number(waited) / 3600 AS DECIMAL(38, 9)) END, run
    FROM judged"""
