"""Every rule written out with the numbers of the plan, in the rows in which it matters most."""

from __future__ import annotations

from typing import Any

import numpy as np

from planner.analysis.study import Study
from planner.model.proof import activity
from planner.program import Bools, Floats, Program, Rule

WRITTEN_ROWS = 3
"""Rows of a rule that are written out."""
WRITTEN_TERMS = 12
"""Terms of a row that are written out, the largest; the others are added up."""
_BINDING = 1e-6


def written_rules(study: Study) -> list[dict[str, Any]]:
    """Return each rule with its formula, how many of its rows bind, and its most telling rows with their numbers.

    A row is Σ coefficient · decision, which must be `sense` its `limit`. The rows with the largest worth come first,
    then those in which most happens; of each place (all keys but time) at most one.
    """
    plan, program = study.plan.answer, study.built.model.program
    arrays = study.built.arrays
    left = activity(arrays, plan.x)
    size = _size(study)
    slack = np.minimum(left - arrays.row_lower, arrays.row_upper - left)
    scale = np.maximum(1.0, np.maximum(np.abs(_finite(arrays.row_lower)), np.abs(_finite(arrays.row_upper))))
    binding = (slack <= _BINDING * scale) & (size > 0)
    columns, rows = program.column_names(), program.row_names()
    found = []
    for name, rule in program.rules.items():
        formula, _, text = study.built.formulas[name].partition("\n")
        mine = slice(rule.start, rule.start + rule.size)
        found.append({
            "rule": name, "formula": formula, "text": " ".join(text.split()), "unit": rule.unit, "rows": rule.size,
            "binding": int(binding[mine].sum()),
            "examples": [
                _written(study, row, columns, rows[row], rule)
                for row in _telling(rule, plan.relaxation.multipliers[mine], size[mine], binding[mine])
            ],
        })  # fmt: skip
    return found


def _size(study: Study) -> Floats:
    """Sum of the absolute terms of every row of the plan: 0 where nothing happens."""
    arrays, x = study.built.arrays, study.plan.answer.x
    row = np.repeat(np.arange(len(arrays.row_lower)), np.diff(arrays.starts))
    return np.asarray(np.bincount(row, np.abs(arrays.values * x[arrays.indices]), len(arrays.row_lower)), float)


def _finite(limit: Floats) -> Floats:
    return np.where(np.isfinite(limit), limit, 0.0)


def _telling(rule: Rule, worth: Floats, size: Floats, binding: Bools) -> list[int]:
    """Rows of `rule` to write out: those worth most, then those that bind, then the largest; one for each place."""
    order = np.lexsort((-size, ~binding, -np.round(np.abs(worth), 6)))
    chosen: list[int] = []
    places = set()
    for index in order.tolist():
        place = tuple(int(array[index]) for key, array in rule.keys.items() if key not in "tgxy")
        if place not in places:
            places.add(place)
            chosen.append(rule.start + index)
        if len(chosen) == WRITTEN_ROWS:
            break
    return chosen


def _written(study: Study, row: int, columns: list[str], name: str, rule: Rule) -> dict[str, Any]:
    arrays, plan = study.built.arrays, study.plan.answer
    entries = slice(arrays.starts[row], arrays.starts[row + 1])
    index, coefficient = arrays.indices[entries], arrays.values[entries]
    amount = coefficient * plan.x[index]
    order = [int(n) for n in np.argsort(-np.abs(amount), kind="stable") if amount[n]]
    low, high = float(arrays.row_lower[row]), float(arrays.row_upper[row])
    sense, limit = ("=", low) if low == high else ("≤", high) if np.isfinite(high) else ("≥", low)
    return {
        "row": name,
        "month": _month(study.built.model.program, rule, row - rule.start),
        "terms": [
            {"coefficient": float(coefficient[n]), "decision": columns[index[n]], "value": float(plan.x[index[n]])}
            for n in order[:WRITTEN_TERMS]
        ],
        "more_terms": len(order) - len(order[:WRITTEN_TERMS]),
        "more_amount": float(amount[order[WRITTEN_TERMS:]].sum()),
        "zero_terms": len(amount) - len(order),
        "left": float(amount.sum()),
        "sense": sense,
        "limit": limit,
        "usd_per_unit_more": float(plan.relaxation.multipliers[row]),
    }


def _month(program: Program, rule: Rule, index: int) -> str | None:
    return program.label("t", int(rule.keys["t"][index])) if "t" in rule.keys else None
