"""What each file covers: the same goes in once, unless it replaces older rows or is said to be a part.

Charges cover the month of an account's bill. Usage covers the time of a cluster's rows, day by day: months of local
time and days of a meter stand beside each other. A run that its cluster names counts once, whichever files it is in:
in that which says most of it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from planner.actuals.duck import answer
from planner.actuals.usage_mapping import NOT_COUNTED
from planner.errors import Complaint, InputError, Place, shown

if TYPE_CHECKING:
    import duckdb

DAY = {"charges": "charge_start", "usage": "start"}
"""The column of a row's day."""
_SAME = {
    "charges": """SELECT old.file, old.line, old.provider, old.account, old.billing_month AS period
        FROM charges AS old
        JOIN (SELECT DISTINCT provider, account, billing_month FROM charges WHERE file = $file) AS new
        ON old.provider = new.provider AND coalesce(old.account, '') = coalesce(new.account, '')
            AND coalesce(old.billing_month, '') = coalesce(new.billing_month, '') WHERE old.file <> $file""",
    "usage": """SELECT old.file, old.line, old.source AS provider, old.cluster AS account,
            strftime(old.start, '%Y-%m-%d') AS period
        FROM usage AS old
        JOIN (SELECT source, cluster, date_trunc('day', start) AS day, min(start) AS first, max(start) AS last
              FROM usage WHERE file = $file AND run IS NULL AND doubt IS NULL GROUP BY ALL) AS new
        ON old.source = new.source AND coalesce(old.cluster, '') = coalesce(new.cluster, '')
            AND date_trunc('day', old.start) = new.day AND old.start BETWEEN new.first AND new.last
        WHERE old.file <> $file AND old.run IS NULL""",
}
"""Rows of other files that cover the same as the file."""
_KEY = ("provider", "account", "charge_start", "charge_end", "category", "resource", "description", "gpu_hours")
"""What two rows of usage agree in that are the same, whatever they cost: an export may be of cash or amortised."""
_RUNS = """FROM usage AS old JOIN usage AS new ON new.file = $file AND old.file <> $file AND old.source = new.source
    AND coalesce(old.cluster, '') = coalesce(new.cluster, '') AND old.run = new.run AND old.start < new."end"
    AND new.start < old."end" """
_LESS = "date_diff('second', {0}.start, {0}.\"end\") {2} date_diff('second', {1}.start, {1}.\"end\")"
AGAIN = f"{NOT_COUNTED}another file says more of the same run"


@dataclass(frozen=True)
class How:
    """What happens where a file covers what another covers.

    Attributes
    ----------
    replace : the older file's rows of it go
    add : both stay, as of an export in several parts
    """

    replace: bool = False
    add: bool = False


WHOLE = How()
"""Nothing is covered twice."""


def settle(
    base: duckdb.DuckDBPyConnection, content: str, path: Path, table: str, how: How, together: Collection[str]
) -> dict[str, int]:
    """Refuse, or take away, what another file says of the same; return how many rows went, by the file's name."""
    both = answer(
        base, "SELECT file, name, provider, list(DISTINCT account ORDER BY account) AS accounts, "
        f"list(DISTINCT period ORDER BY period) AS periods FROM ({_SAME[table]}) AS same JOIN files ON digest = file "
        "GROUP BY ALL ORDER BY name, provider",
        {"file": content},
    )  # fmt: skip
    older = {one["file"] for one in both if how.replace and one["file"] not in together}
    clash = [one for one in both if one["file"] not in older]
    if clash and not how.add:
        raise InputError(
            Complaint(
                Place(str(path)), "", f"covers {_periods(one['periods'])} of {one['provider']}"
                f"{_accounts(one['accounts'])}, as {one['name']} does",
                cure="--replace: older rows of it go; --add: both stay (an export in parts)",
            )
            for one in clash
        )  # fmt: skip
    lists = ", ".join(f"'{file}'" for file in sorted(older)) or "''"
    gone = _drop(base, table, f"SELECT file, line FROM ({_SAME[table]}) WHERE file IN ({lists})", content)
    if table == "usage":
        _once(base, content, gone)
    return gone


def doubled(base: duckdb.DuckDBPyConnection, content: str) -> dict[str, int]:
    """Return how many rows of GPUs in use of the file stand in another, too, by the other's name."""
    same = " AND ".join(f"new.{one} IS NOT DISTINCT FROM old.{one}" for one in _KEY)
    found = answer(
        base, f"SELECT name, count(DISTINCT new.line) AS rows FROM charges AS new JOIN (SELECT DISTINCT file, "
        f"{', '.join(_KEY)} FROM charges WHERE file <> $file AND gpu_hours > 0) AS old ON {same} "
        "JOIN files ON digest = old.file WHERE new.file = $file AND new.resource IS NOT NULL GROUP BY name "
        "ORDER BY name", {"file": content},
    )  # fmt: skip
    return {one["name"]: one["rows"] for one in found}


def _once(base: duckdb.DuckDBPyConnection, content: str, gone: dict[str, int]) -> None:
    """Let each run count in the file that says most of it, in the later one of two that say as much."""
    base.execute(
        f"UPDATE usage SET gpu_hours = NULL, queued_gpu_hours = NULL, doubt = '{AGAIN}' WHERE file = $file "
        f"AND line IN (SELECT new.line {_RUNS} WHERE old.doubt IS NULL AND {_LESS.format('new', 'old', '<')})",
        {"file": content},
    )
    shorter = f"SELECT old.file, old.line {_RUNS} WHERE new.doubt IS NULL AND {_LESS.format('old', 'new', '<=')}"
    for name, rows in _drop(base, "usage", shorter, content).items():
        gone[name] = gone.get(name, 0) + rows


def _drop(base: duckdb.DuckDBPyConnection, table: str, chosen: str, content: str) -> dict[str, int]:
    """Take away the rows that a query chooses; a file that loses some is no longer whole, and may come again."""
    given = {"file": content}
    counts = answer(base, f"SELECT file, name, count(DISTINCT line) AS rows FROM ({chosen}) AS chosen JOIN files "
                          "ON digest = file GROUP BY ALL ORDER BY name", given)  # fmt: skip
    if not counts:
        return {}
    base.execute(f"DELETE FROM {table} WHERE (file, line) IN (SELECT (file, line) FROM ({chosen}))", given)
    for one in counts:
        base.execute(
            "UPDATE files SET whole = false, rows = greatest((SELECT count(*) FROM charges WHERE file = digest), "
            "(SELECT count(*) FROM usage WHERE file = digest)) WHERE digest = ?", [one["file"]],
        )  # fmt: skip
        base.execute("DELETE FROM files WHERE digest = ? AND rows = 0", [one["file"]])
    found: dict[str, int] = {}
    for one in counts:
        found[one["name"]] = found.get(one["name"], 0) + int(one["rows"])
    return found


def _accounts(accounts: list[str | None]) -> str:
    known = [shown(one) for one in accounts if one]
    more = f" and {len(known) - 2} more" if len(known) > 2 else ""
    return f" {', '.join(known[:2])}{more}" if known else ""


def _periods(periods: list[str | None]) -> str:
    known = [one for one in periods if one]
    if not known:
        return "what has no month"
    return known[0] if len(known) == 1 else f"{known[0]} to {known[-1]}"
