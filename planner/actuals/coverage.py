"""What each file covers: an account's month goes in once, unless it replaces older rows or is said to be a part."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from planner.actuals.duck import answer
from planner.errors import Complaint, InputError, Place, shown

if TYPE_CHECKING:
    import duckdb

COVERED = {
    "charges": ("provider", "account", "billing_month", "charge_start"),
    "usage": ("source", "cluster", """strftime(start, '%Y-%m')""", "start"),
}
"""What a row of a table covers, and the column of its day."""


@dataclass(frozen=True)
class How:
    """What happens where a file covers an account's month that another covers.

    Attributes
    ----------
    replace : the older file's rows of these months go
    add : both stay, as of an export in several parts
    """

    replace: bool = False
    add: bool = False


WHOLE = How()
"""Nothing is covered twice."""


def settle(
    base: duckdb.DuckDBPyConnection, content: str, path: Path, table: str, how: How, together: Collection[str]
) -> dict[str, int]:
    """Note what the file covers; refuse, or take away, what another file says of the same."""
    provider, account, month, _ = COVERED[table]
    base.execute(
        f"INSERT INTO coverage SELECT DISTINCT file, '{table}', coalesce({provider}, ''), coalesce({account}, ''), "
        f"coalesce({month}, '') FROM {table} WHERE file = ?", [content],
    )  # fmt: skip
    both = answer(
        base, "SELECT DISTINCT old.file, files.name, old.provider, old.account, old.month FROM coverage AS old "
        "JOIN coverage AS new USING (kind, provider, account, month) JOIN files ON files.digest = old.file "
        "WHERE new.file = ? AND old.file <> new.file ORDER BY ALL", [content],
    )  # fmt: skip
    older = [one for one in both if how.replace and one["file"] not in together]
    clash = [one for one in both if one not in older]
    if clash and not how.add:
        raise InputError(
            Complaint(
                Place(str(path)), "", f"covers {one['month']} of {one['provider']} {shown(one['account'])}, "
                f"as {one['name']} does", cure="--replace: older rows go; --add: both stay (an export in parts)",
            )
            for one in clash
        )  # fmt: skip
    replaced: dict[str, int] = {}
    for one in older:
        gone = base.execute(
            f"DELETE FROM {table} WHERE file = ? AND coalesce({provider}, '') = ? AND coalesce({account}, '') = ? "
            f"AND coalesce({month}, '') = ?", [one["file"], one["provider"], one["account"], one["month"]],
        ).fetchone()  # fmt: skip
        replaced[one["name"]] = replaced.get(one["name"], 0) + int(gone[0] if gone else 0)
        base.execute(
            "DELETE FROM coverage WHERE file = ? AND kind = ? AND provider = ? AND account = ? AND month = ?",
            [one["file"], table, one["provider"], one["account"], one["month"]],
        )
    for file in {one["file"] for one in older}:
        base.execute(
            "UPDATE files SET rows = greatest((SELECT count(*) FROM charges WHERE file = digest), "
            "(SELECT count(*) FROM usage WHERE file = digest)) WHERE digest = ?",
            [file],
        )
        base.execute("DELETE FROM files WHERE digest = ? AND rows = 0", [file])
    return replaced
