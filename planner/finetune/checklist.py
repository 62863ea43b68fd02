"""What a team should do with the answer, and the pitfalls that the input shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from planner.finetune.inputs import Tree
from planner.finetune.levers import pulled, with_levers
from planner.finetune.lines import by_term, lines_of
from planner.finetune.load import LoadedProject
from planner.finetune.schema import Project

_TOP = 3
HALF_A_CENT_USD = 0.005
"""Less than this is no saving and no loss."""

_PITFALLS = {
    "operations": "No operations cost: somebody pays for backups, audits, compliance, incidents and retirement.",
    "labor": "No labor: people are the largest part of most projects.",
    "ramp": "No ramp for {roles}: people need time until they are of full use; give ramp_months.",
    "monitoring": "No monitoring, or none of drift: a model that nobody watches gets worse unseen.",
    "contingency": "No contingency: what nobody foresaw has no money.",
    "inference": "No inference: it goes on as long as the model is used, and grows with use.",
    "heavier_model": "No lever on inference: it stays unsaid what a smaller, quantized or distilled model would save.",
    "one_time": "One calculation with single numbers, but prices, usage and drift move: give low, likely and high for "
    "what is not sure, and calculate again every month.",
    "risk": "No risk: a run that fails, a rollback and downtime have a probability and a price.",
}


def warnings(loaded: LoadedProject, found: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the pitfalls that the input shows; what costs nothing, also at the high end of its range, is not there."""
    most = loaded.inputs.at({path: high for path, (_, _, high) in loaded.inputs.spans.items()})
    terms = by_term(lines := lines_of(most))
    paid = {(line.term, line.name) for line in lines if line.usd > 0}
    covered = {part for item in loaded.project.infra if ("infra", item.name) in paid for part in item.covers}
    after = with_levers(most, found.get("optimized", {}).get("levers", ()))
    at_work = {line.name for line in (*lines, *after) if line.term == "labor" and line.usd > 0}
    at_once = [one.name for one in loaded.project.labor if one.name in at_work and f"{one.name}: ramp" not in at_work]
    shown = {
        "operations": not terms["operations"],
        "labor": not terms["labor"],
        "ramp": bool(at_once),
        "monitoring": not {"monitoring", "drift_detection"} <= covered,
        "contingency": not most["contingency_fraction"],
        "inference": not terms["inference"],
        "heavier_model": bool(terms["inference"])
        and not any(_changes_inference(name, most) for name in most["levers"]),
        "one_time": "range" not in found,
        "risk": not terms.get("risk"),
    }
    return [
        {"pitfall": pitfall, "text": text.format(roles=", ".join(at_once))}
        for pitfall, text in _PITFALLS.items()
        if shown[pitfall]
    ]


def _changes_inference(name: str, tree: Tree) -> bool:
    """Say whether a lever changes what some inference costs; what it costs itself is none."""
    after = pulled(tree, [one == name for one in tree["levers"]]) | {"lever_costs": {}}
    before, changed = (
        {line.name: float(line.usd) for line in lines_of(one) if line.term == "inference"} for one in (tree, after)
    )
    return before != changed


def checklist(project: Project, found: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the steps that a project's budget should go through, each with what this one says to it."""
    advised = found.get("optimized", found)
    lines = [line for line in advised["lines"] if line["term"] != "contingency"]
    largest = sorted(lines, key=lambda line: -line["usd"])[:_TOP]
    tracked = "; ".join(f"{line['name']} ({line['usd']:,.0f} USD, by {line['unit']})" for line in largest)
    with_them = " with the levers that are pulled" if advised.get("levers") else ""
    terms = {line["term"] for line in lines}
    says = {
        "horizon": f"{project.horizon_months} months at prices of {project.as_of}. Agree what is in, and when it ends.",
        "inventory": f"{len(lines)} lines in {len(terms)} terms{with_them}. {_nothing(advised)}"
        "Does every resource have one?",
        "contingency": f"{advised['terms']['contingency']:,.2f} USD{with_them}, {_share(advised)} of the rest.",
        "levers": _levers(found),
        "track": f"Each month, actuals against the plan{with_them}: {tracked}.{_unsure(found)}",
    }
    return [{"step": step, "says": text} for step, text in says.items()]


def _nothing(advised: Mapping[str, Any]) -> str:
    empty = [term.replace("_", " ") for term, usd in advised["terms"].items() if not usd]
    return f"Nothing under {', '.join(empty)}. " if empty else ""


def _share(advised: Mapping[str, Any]) -> str:
    contingency = advised["terms"]["contingency"]
    rest = advised["total_usd"] - contingency
    return f"{contingency / rest * 100:.1f} %" if rest else "nothing"


def _levers(found: Mapping[str, Any]) -> str:
    top = [lever for lever in found.get("levers", []) if _saves(lever)][:_TOP]
    if not top:
        return "None is named that saves anything. Name three, with an estimate of what each saves."
    return f"Top three: {'; '.join(map(_saving, top))}."


def _saves(lever: Mapping[str, Any]) -> bool:
    """Say whether a lever that is pulled saves among those that are, or one that is not would beside them."""
    if lever["chosen"]:
        return bool(lever["share_usd"] > HALF_A_CENT_USD and lever["last_usd"] > -HALF_A_CENT_USD)
    return lever["more_usd"] is not None and bool(lever["more_usd"] > HALF_A_CENT_USD)


def _saving(lever: Mapping[str, Any]) -> str:
    if lever["chosen"]:
        return f"{lever['lever']} ({lever['share_usd']:,.2f} USD)"
    return f"{lever['lever']} ({lever['more_usd']:,.2f} USD more, not pulled)"


def _unsure(found: Mapping[str, Any]) -> str:
    moved = found.get("swings_optimized", found.get("swings", []))
    names = [f"{one['input']} ({one['means']})" if "means" in one else one["input"] for one in moved[:_TOP]]
    return f" The total hangs most on {'; '.join(names)}." if names else ""
