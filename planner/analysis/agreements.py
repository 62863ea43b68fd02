"""What was negotiated, and what it is worth to the plan."""

from __future__ import annotations

from typing import Any

import numpy as np

from planner.analysis.study import Study
from planner.costs.negotiated import PREFIX, SOURCE


def agreements(study: Study) -> list[dict[str, Any]]:
    """Return every quote and discount with the months in which it counts and what it changes in the plan's cost.

    The effect is at the plan's quantities: what the same plan would cost more at the price without the agreement.
    """
    case, ledger = study.case, study.plan.ledger
    ours = ledger[ledger["component"].str.startswith(PREFIX)]
    sums = ours.groupby(ours["source"].str.split(SOURCE).str[-1])[["cost_usd", "present_usd"]].sum()
    effects: dict[str, dict[str, float]] = sums.to_dict(orient="index")  # type: ignore[assignment]
    reasons = dict(case.agreements_left_out)
    found = []
    for entry in case.agreements:
        months = np.flatnonzero(entry.months)
        effect = effects.get(entry.id, {"cost_usd": 0.0, "present_usd": 0.0})
        found.append({
            "agreement": entry.id, "kind": entry.kind, "rows": entry.rows, "source": entry.source,
            "usd": entry.value if entry.kind == "quote" else None,
            "discount_fraction": entry.value if entry.kind == "discount" else None,
            "first_month": case.months[months[0]] if len(months) else None,
            "last_month": case.months[months[-1]] if len(months) else None,
            **effect, "note": reasons.pop(entry.id, ""),
        })  # fmt: skip
    nothing = dict.fromkeys(("usd", "discount_fraction", "first_month", "last_month"))
    return found + [
        {"agreement": name, "kind": "quote", "rows": "", "source": "", **nothing, "cost_usd": 0.0, "present_usd": 0.0,
         "note": reason}
        for name, reason in reasons.items()
    ]  # fmt: skip
