"""Slurm: `sacct -a -X -T -P` or `--json`. GPU-hours are GPUs allocated times what elapsed.

AllocTRES names GPUs twice, typed and untyped: the typed count, and of the untyped what is left. Steps repeat the GPUs
of their job and do not count. A job that ran again after it was requeued (`-D`) counts each time; the same run twice
counts once. A job that never started is of no hours; one that still runs counts up to the day of the export. Times are
local where they do not say their zone.
"""

from __future__ import annotations

from collections.abc import Mapping

from planner.actuals.table import Columns, Count, Table, Told
from planner.actuals.usage_mapping import NOT_COUNTED

_MIG = r"(?i)[_.-]?(?:mig[_-]?)?(\d+g\.\d+gb(?:\+[a-z.]+)?)$"

_CLOCK_CHANGE = 3_600
"""Seconds by which local times may differ from what elapsed."""


def select(columns: Columns) -> Mapping[str, str]:
    """Return what each row says; a job with GPUs of several types is several rows."""
    job, start, tres = _text(columns, "JobIDRaw", "JobID"), _text(columns, "Start"), _text(columns, "AllocTRES")
    end, submit, cluster = _text(columns, "End"), _text(columns, "Submit"), _text(columns, "Cluster")
    elapsed = f"coalesce({_text(columns, 'ElapsedRaw')}, {_seconds(_text(columns, 'Elapsed'))}, " \
              f"CAST(date_diff('second', instant({start}), instant({end})) AS VARCHAR))"  # fmt: skip
    ran = f"coalesce(number({elapsed}) > 0, false)"
    again = f"rank() OVER (PARTITION BY {cluster}, {job}, {start} ORDER BY line) > 1"
    types = rf"regexp_extract_all({tres}, 'gres/gpu:[^=,]+=\d+')"
    typed = f"list_sum([TRY_CAST(split_part(x, '=', 2) AS INTEGER) FOR x IN {types}])"
    plain = rf"TRY_CAST(nullif(regexp_extract({tres}, '(?:^|,)gres/gpu=(\d+)', 1), '') AS INTEGER)"
    left = f"greatest(coalesce({plain}, 0) - coalesce({typed}, 0), 0)"
    rest = f"CASE WHEN {left} > 0 THEN ['gres/gpu:=' || {left}] ELSE [] END"
    held = f"coalesce(nullif(list_concat({types}, {rest}), []), ['gres/gpu:=0'])"
    kind = "split_part(split_part(each, ':', 2), '=', 1)"
    return {
        "each": held,
        "source": "'slurm'",
        "cluster": f"coalesce({cluster}, {columns.said('cluster')})",
        "starts": f"coalesce({start}, {submit})",
        "run": f"CASE WHEN {start} IS NOT NULL AND NOT contains({job}, '.') THEN {job} END",
        "lasts": f"CASE WHEN {start} IS NOT NULL THEN {elapsed} END",
        "team": _text(columns, "Account"),
        "workload": _text(columns, "Partition"),
        "gpu_name": f"nullif(regexp_replace({kind}, '{_MIG}', ''), '')",
        "profile": f"nullif(regexp_extract({kind}, '{_MIG}', 1), '')",
        "gpus": "split_part(each, '=', 2)",
        "seconds": f"CASE WHEN {start} IS NULL THEN '0' ELSE coalesce({elapsed}, '0') END",
        "waited": f"CAST(date_diff('second', instant({submit}), instant({start})) AS VARCHAR)",
        "kind": "'allocated'",
        "doubt": f"""CASE
            WHEN contains({job}, '.') THEN '{NOT_COUNTED}step of a job, whose allocation counts'
            WHEN {again} THEN '{NOT_COUNTED}the same run of a job again'
            WHEN {ran} AND {start} IS NULL THEN 'ran, but has no start'
            WHEN {end} IS NOT NULL AND instant({end}) IS NULL THEN 'end is no time'
            WHEN TRY_CAST({elapsed} AS DOUBLE) > date_diff('second', instant({start}), instant({end})) + {_CLOCK_CHANGE}
                THEN 'more GPU-hours than its time holds'
            WHEN {ran} AND {tres} IS NULL THEN 'ran, but says nothing of its allocation'
            END""",
    }


def note(table: Table, told: Told, count: Count) -> str | None:
    """Return what to know of the times."""
    if table.kind == "json" or told.time_zone:
        return None
    return "times that do not say their zone are taken as UTC; --time-zone Europe/Berlin says it"


def _text(columns: Columns, *names: str) -> str:
    return f"nullif(nullif({columns.text(*names)}, 'Unknown'), 'None')"


def _seconds(elapsed: str) -> str:
    """Return SQL for the seconds of [D-]HH:MM:SS."""
    part = rf"regexp_extract({elapsed}, '^(?:(\d+)-)?(\d+):(\d\d):(\d\d)', {{0}})"
    weights = {1: 86_400, 2: 3_600, 3: 60, 4: 1}
    total = " + ".join(f"coalesce(TRY_CAST({part.format(place)} AS BIGINT), 0) * {n}" for place, n in weights.items())
    return f"CASE WHEN {part.format(2)} <> '' THEN CAST({total} AS VARCHAR) END"
