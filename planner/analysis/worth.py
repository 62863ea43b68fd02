"""What one unit more of a limit is worth."""

from __future__ import annotations

from typing import Any

import numpy as np

from planner.analysis.study import Study


def worth(study: Study) -> list[dict[str, Any]]:
    """Return what one unit more of each limit that binds would save: present USD, of the relaxation."""
    limits = {
        "power_is_within_site_limit": "s", "racks_are_within_site_limit": "s", "capex_is_within_budget": "y",
        "cash_is_within_budget": "y", "on_demand_is_within_quota": "o", "spot_is_within_market_depth": "o",
        "carbon_is_within_cap": "y", "concentration_is_limited": "i",
    }  # fmt: skip
    program, multipliers = study.built.model.program, study.plan.answer.relaxation.multipliers
    found = []
    for name, key in limits.items():
        rule = program.rules.get(name)
        if rule is None:
            continue
        value = -multipliers[rule.start : rule.start + rule.size]
        month = rule.keys.get("t", np.full(rule.size, -1))
        for where, t in sorted({(int(a), int(b)) for a, b in zip(rule.keys[key], month, strict=True)}):
            usd = float(value[(rule.keys[key] == where) & (month == t)].sum())
            if usd > 1e-6:
                label = program.label(key, where) if key in program.labels else str(where)
                found.append({"limit": name, "where": label, "month": study.case.months[t] if t >= 0 else None,
                              "usd_per_unit": usd, "unit": rule.unit, "basis": "relaxation"})  # fmt: skip
    return found
