"""`planner catalog show --paths`: the price paths that the history of some rows offers to a scenario."""

from __future__ import annotations

import json
import sys
from datetime import date
from typing import TYPE_CHECKING, Any

from planner.cli.output import Format, as_json, say, write_rows

if TYPE_CHECKING:
    from planner.catalog.load import Catalog
    from planner.catalog.price_history import History

MONTHS = 60
"""How far paths are shown."""
_SHORT = 5
"""As many entries of price_paths are shown beside a table; JSON has them all."""
_COLUMNS = ("path", "id", "date", "factor", "unit", "currency")


def write_paths(catalog: Catalog, row_ids: list[str], form: Format, day: date | None) -> None:
    """Write what was measured of the rows up to `day`, and the paths made of it; a pool for each unit and currency.

    Parameters
    ----------
    day : None for the newest of the catalog
    """
    from planner.catalog.price_history import pools

    until = day or max((row.fact.date for dated in catalog.rows.values() for row in dated), default=date.max)
    known = [row_id for pool in pools(catalog, catalog.rows, until).values() for row_id in pool]
    found = [
        _pool(catalog, pool, known, until) | {"unit": unit, "currency": currency}
        for (unit, currency), pool in pools(catalog, row_ids, until).items()
    ]
    if form is Format.json:
        sys.stdout.write(as_json({"as_of": until.isoformat(), "pools": found}))
        return
    rows = [line | {key: pool[key] for key in ("unit", "currency", "rows", "read_again", "row_years", "first", "last")}
            for pool in found for line in _lines(pool)]  # fmt: skip
    write_rows(rows, form, None if form is Format.csv or not rows else _COLUMNS)
    for pool in found:
        for line in _in_words(pool):
            say(line, quiet=False)


def _pool(catalog: Catalog, pool: list[str], known: list[str], day: date) -> dict[str, Any]:
    from planner.catalog.price_history import measured

    history = measured(catalog, pool, day)
    steps = [
        {
            "id": step.row,
            "since": step.since.isoformat(),
            "date": step.date.isoformat(),
            "factor": round(step.factor, 6),
        }
        for step in history.steps
    ]
    return {
        "rows": len(pool), "read_again": history.rows, "row_years": round(history.row_years, 2),
        "first": history.first and history.first.isoformat(), "last": history.last and history.last.isoformat(),
        "measured": str(history), "steps": steps, "enough": history.enough, "paths": _paths(history, day),
        "price_paths": _to_paste(pool, known) if history.enough else [],
    }  # fmt: skip


def _paths(history: History, day: date) -> dict[str, dict[str, float]]:
    """Return the months in which each path moves, with the factor from then on."""
    from planner.catalog.price_history import QUANTILES, changes
    from planner.units import month_label

    months = [month_label(day.isoformat()[:7], t) for t in range(1, MONTHS + 1)]
    found: dict[str, dict[str, float]] = {"flat": {}}
    for case in QUANTILES if history.enough else ():
        moves = changes(months, history.factors(case, day, months))
        found[case] = {month: round(factor, 6) for month, factor in moves.items()}
    return found


def _to_paste(pool: list[str], known: list[str]) -> list[dict[str, Any]]:
    """Return entries for a scenario's price_paths that name the rows of `pool`, and of `known` rows no others."""
    from planner.catalog.patterns import naming

    patterns = naming(pool, known)
    like = {"like": patterns} if len(patterns) > 1 else {}
    return [{"rows": one, "kind": "history", "case": "likely", **like, "source": "catalog history"} for one in patterns]


def _lines(pool: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the steps and paths of a pool as rows; a path that never moves within the time shown stands once."""
    measured = [{"path": "measured", **{key: step[key] for key in ("id", "date", "factor")}} for step in pool["steps"]]
    offered = [
        {"path": name, "id": None, "date": month, "factor": factor}
        for name, moves in pool["paths"].items()
        for month, factor in (moves or {None: 1.0}).items()
    ]
    return measured + offered


def _in_words(pool: dict[str, Any]) -> list[str]:
    from planner.catalog.price_history import MIN_DAYS, MIN_ROW_YEARS, MIN_STEPS

    rows = "1 row" if pool["rows"] == 1 else f"{pool['rows']} rows"
    told = f"{pool['unit']} in {pool['currency']}, {rows}: {pool['measured']}"
    if not pool["enough"]:
        least = f"{MIN_STEPS} steps, {MIN_ROW_YEARS} row-years and {MIN_DAYS} days"
        return [f"{told}. Too little for low, likely and high: these take {least}."]
    entries = pool["price_paths"]
    if len(entries) > _SHORT:
        return [f"{told}. For a scenario: price_paths of --format json."]
    return [f"{told}. For a scenario:", "price_paths:", *(f"  - {json.dumps(entry)}" for entry in entries)]
