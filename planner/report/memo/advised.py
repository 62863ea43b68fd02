"""What a study of risk that is attached to the plan says of what is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from planner.report.formatting import money, percent, plural
from planner.report.whatif.attached import ATTACHED
from planner.report.whatif.risk_words import against, decides, of

Study = Mapping[str, Any]
_FRACTIONS = " (as relaxations: what is ordered later may be fractions of servers)"


def sureness(document: dict[str, Any]) -> str:
    """Return how what is asked fares over the futures, a sentence or more; nothing without a study of risk."""
    return " ".join(_said(found)) if (found := _risk(document)) is not None else ""


def objection(document: dict[str, Any]) -> str:
    """Return that the study advises something else than what is asked; nothing where it does not."""
    found = _risk(document)
    if found is None or (other := _otherwise(found)) is None:
        return ""
    return f"The study of risk attached advises otherwise: {_advice(found, other)}."


def _said(found: Study) -> Iterator[str]:
    futures = plural(found["futures"] - found["impossible_futures"], "future")
    wins, other = found["buying"]["wins_probability"], _otherwise(found)
    if wins is not None:
        yield f"Over {futures} buying now wins in {percent(wins, 0)}, against {against(found)}."
    if other is not None:
        yield f"Best over all of them is another decision: {_advice(found, other)}."
    elif found["stochastic"] is not None:
        yield f"Over {futures} what is asked is also the best to decide now."


def _advice(found: Study, other: Study) -> str:
    plan = of(found, "plan")
    known = plan is not None and plan["mean_usd"] is not None and other["mean_usd"] is not None
    less = plan["mean_usd"] - other["mean_usd"] if plan is not None and known else 0.0
    cheaper = f", {money(less)} cheaper on average than what is asked" if less > 0 else ""
    return f"{decides(other)}{cheaper}{'' if found['whole'] else _FRACTIONS}"


def _otherwise(found: Study) -> Study | None:
    """Return the best choice over all futures where it decides otherwise than the plan."""
    best, plan = of(found, (found["stochastic"] or {}).get("choice", "")), of(found, "plan")
    if best is None or (plan is not None and decides(best) == decides(plan)):
        return None
    return best


def _risk(document: dict[str, Any]) -> Study | None:
    return next((one for one in document.get(ATTACHED, ()) if one["kind"] == "risk"), None)
