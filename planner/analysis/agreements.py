"""What was negotiated, and what it is worth to the plan."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from planner.analysis.study import Study
from planner.components import NEGOTIATED
from planner.costs.negotiated import SOURCE
from planner.negotiated import Entry


def agreements(study: Study) -> list[dict[str, Any]]:
    """Return every quote and discount with the months in which it counts and what it changes in the plan's cost.

    The effect is at the plan's quantities: what the same plan would cost more at the price without the agreement,
    before what is a fraction of the price paid (resale, support, spare parts, contingency).
    """
    ledger = study.plan.ledger
    ours = ledger[ledger["component"].str.startswith(NEGOTIATED)]
    effects = ours.groupby(ours["source"].str.split(SOURCE).str[-1])[["cost_usd", "present_usd"]].sum()
    effects = effects.reindex([entry.id for entry in study.case.agreements], fill_value=0.0)
    return [
        _told(entry, study.case.months) | {"cost_usd": cost, "present_usd": present}
        for entry, (cost, present) in zip(study.case.agreements, effects.to_numpy(float).tolist(), strict=True)
    ]


def _told(entry: Entry, labels: Sequence[str]) -> dict[str, Any]:
    months = np.flatnonzero(entry.holds)
    quoted = entry.kind == "quote"
    return {
        "agreement": entry.id, "kind": entry.kind, "rows": entry.rows, "source": entry.source,
        "usd": entry.value if quoted and not math.isnan(entry.value) else None,
        "discount_fraction": None if quoted else entry.value,
        "first_month": labels[months[0]] if len(months) else None,
        "last_month": labels[months[-1]] if len(months) else None,
        "note": entry.note or ("" if len(months) else "does not hold in any month of the plan"),
    }  # fmt: skip
