"""How far what was imported reaches: up to when files can tell of a month."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from planner.actuals.duck import text_literal
from planner.actuals.usage_mapping import DEMAND
from planner.units import month_label

if TYPE_CHECKING:
    from planner.actuals.store import Store

METERS = ""
LEEWAY = timedelta(days=1)
"""What is missing at either end of a month is no gap when it is shorter: nothing need have run then."""
Reaches = Mapping[tuple[str, str], datetime]
"""By provider, or METERS, and month."""


def reaches(store: Store, own: Collection[str] = ()) -> Reaches:
    """Return up to when all accounts, or clusters, that had GPUs in a month are imported.

    A file that goes on after a month has the whole of it, though an account in it rests. Files of one account, as those
    of its days, reach together as far as the last, and take with them what else they hold. What another file says of
    later months says nothing of this one.

    Parameters
    ----------
    own : clusters, or sources, of meters; none: all but tables of demand
    """
    named = ", ".join(map(text_literal, own))
    meters = f"cluster IN ({named}) OR source IN ({named})" if named else f"source <> '{DEMAND}'"
    found = store.rows(f"""
        WITH rows AS (
            SELECT file, provider, account, gpu IS NOT NULL AS counts, charge_start AS opens,
                coalesce(charge_end, charge_start) AS closes FROM charges WHERE category = 'usage'
            UNION ALL SELECT file, '{METERS}', cluster, true, start, "end" FROM usage WHERE {meters}
        ),
        told AS (
            SELECT file, provider, coalesce(account, '') AS account, strftime(opens, '%Y-%m') AS month,
                bool_or(counts) AS counts,
                max(least(closes, date_trunc('month', opens) + INTERVAL 1 MONTH)) AS until
            FROM rows WHERE opens IS NOT NULL GROUP BY ALL
        ),
        files AS (
            SELECT *, greatest(max(until) OVER (PARTITION BY file, provider),
                max(until) OVER (PARTITION BY provider, account, month)) AS reach FROM told
        ),
        together AS (SELECT *, max(reach) OVER (PARTITION BY file, provider, month) AS shared FROM files),
        accounts AS (
            SELECT provider, month, max(shared) AS until FROM together GROUP BY provider, month, account
            HAVING bool_or(counts)
        )
        SELECT provider, month, min(until) AS until FROM accounts GROUP BY ALL
    """)
    return {(one["provider"] or "", one["month"]): one["until"] for one in found}


def ends_early(found: Reaches, provider: str, month: str) -> datetime | None:
    """Return up to when a month is imported, where that is before its end.

    A month of which there are but fees, or what began before it, goes by all that is imported of the provider.
    """
    until = found.get((provider, month), max((one for (who, _), one in found.items() if who == provider), default=None))
    end = datetime.fromisoformat(f"{month_label(month, 1)}-01")
    return until if until is not None and until <= end - LEEWAY else None
