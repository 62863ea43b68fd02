"""The answer as one object, as JSON has it: totals, lines, levers, ranges, the checklist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from planner.errors import InputError
from planner.finetune.checklist import HALF_A_CENT_USD, checklist, warnings
from planner.finetune.estimates import RunEstimate, unusual
from planner.finetune.inputs import Tree, Value
from planner.finetune.lever_schema import Levers
from planner.finetune.levers import best_set, one_off_usd, pulled, ranking, waterfall, with_levers
from planner.finetune.limits import beyond, misfits
from planner.finetune.lines import TERMS, Line, by_term, lines_of, over_horizon, run_gpu_hours, total
from planner.finetune.load import LoadedProject
from planner.finetune.ranges import SAMPLES, SEED, Swing, draws, range_of, swings
from planner.finetune.schema import Published
from planner.finetune.serving_lines import serving

CONTINGENCY = (0.10, 0.20)
"""Share of the rest that is usual."""


def answer(loaded: LoadedProject, seed: int = SEED) -> dict[str, Any]:
    """Return what the project costs; the same project and seed give the same object.

    `terms` and `lines` are the project as it stands, without levers. With levers, `naive` is the same, `optimized` is
    with the chosen ones, and `waterfall` leads from one to the other. With ranges of inputs, `range` and `swings` are
    those of the total; with ranges of inputs or levers, `range_optimized`, `range_saved` and `swings_optimized` are
    those with levers. What the checklist says is of the project that is advised: with levers, where there are any.
    """
    project, tree = loaded.project, loaded.inputs.tree
    lines = lines_of(tree)
    found: dict[str, Any] = {
        "project": project.name,
        "description": project.description,
        "as_of": project.as_of.isoformat(),
        "horizon_months": project.horizon_months,
        "currency": project.currency,
        "total_usd": float(total(lines)),
        "usd_per_month": float(total(lines)) / project.horizon_months,
        "terms": _floats(by_term(lines)),
        "lines": [_line(one) for one in lines],
    }
    chosen = chosen_levers(loaded)
    if project.levers is not None:
        found |= _levers(project.levers, tree, lines, chosen)
    if loaded.inputs.spans:
        found |= _ranges(loaded, seed, chosen)
    after = after_levers(loaded, chosen)
    if loaded.estimates:
        found["training"] = [_estimate(one, tree, after) for one in loaded.estimates]
    if served := list(serving(after)):
        found["serving"] = served
    found["warnings"] = [*warnings(loaded, found), *_losing(found), *_over_budget(project.levers, found)]
    found["checklist"] = checklist(project, found)
    found["notes"] = [*_notes(loaded, found), *loaded.notes]
    return found


def after_levers(loaded: LoadedProject, chosen: Sequence[str]) -> Tree:
    """Return the inputs as single numbers with the levers `chosen` pulled."""
    tree: Tree = loaded.inputs.tree
    made: Tree = _alone(pulled(tree, [name in chosen for name in tree["levers"]]))
    return made


def chosen_levers(loaded: LoadedProject) -> tuple[str, ...]:
    """Return the levers that are pulled, in the order in which they work."""
    levers, tree = loaded.project.levers, loaded.inputs.tree
    if levers is None:
        return ()
    if levers.choose == "best":
        budget = levers.one_off_budget_usd
        return best_set(tree, None if budget is None else float(budget))
    wanted = {"all": list(tree["levers"]), "none": []}.get(str(levers.choose), levers.choose)
    return tuple(name for name in tree["levers"] if name in wanted)


def drawn_with_levers(loaded: LoadedProject, seed: int, chosen: Sequence[str]) -> tuple[Tree, Tree]:
    """Return the inputs drawn from their ranges, as they stand and with the levers `chosen` pulled.

    Raises
    ------
    InputError
        where levers move an input beyond its limit in a draw, though at neither end of all ranges.
    """
    inputs, levers = loaded.inputs, loaded.project.levers or Levers()
    drawn = inputs.at(dict(draws(inputs.spans, seed)))
    changed = pulled(drawn, [name in chosen for name in inputs.tree["levers"]])
    if found := list(misfits(changed)):
        raise InputError(
            beyond(levers, inputs.tree, chosen, one, float(one.values[one.where[0]]), loaded.document) for one in found
        )
    return drawn, changed


def _levers(levers: Levers, tree: Tree, lines: Sequence[Line], chosen: tuple[str, ...]) -> dict[str, Any]:
    after = with_levers(tree, chosen)
    naive, optimized = float(total(lines)), float(total(after))
    return {
        "naive": {"total_usd": naive, "terms": _floats(by_term(lines))},
        "optimized": {
            "total_usd": optimized,
            "saved_usd": naive - optimized,
            "terms": _floats(by_term(after)),
            "lines": [_line(one) for one in after],
            "levers": list(chosen),
            "chosen_by": levers.choose if isinstance(levers.choose, str) else "names",
            "one_off_usd": sum(one_off_usd(tree["levers"][name]) for name in chosen),
        },
        "rows": _rows(lines, after),
        "waterfall": [{**asdict(step), "usd": step.usd} for step in waterfall(tree, chosen)],
        "levers": [asdict(rank) | _told(tree["levers"][rank.lever]) for rank in ranking(tree, chosen)],
    }


def _rows(lines: Sequence[Line], after: Sequence[Line]) -> list[dict[str, Any]]:
    """Return every line with and without levers, by term; one that is only on one side is 0 on the other."""
    naive, optimized = ({(one.term, one.name): float(one.usd) for one in sheet} for sheet in (lines, after))
    return [
        {"term": term, "name": name, "naive_usd": naive.get((term, name), 0.0),
         "optimized_usd": optimized.get((term, name), 0.0)}
        for term, name in sorted(naive | optimized, key=lambda key: TERMS.index(key[0]))
    ]  # fmt: skip


def _told(lever: Tree) -> dict[str, Any]:
    """Return what a lever says of itself."""
    words = {key: lever[key] for key in ("description", "basis", "source")}
    return words | {key: list(lever[key]) for key in ("needs", "excludes")}


def _ranges(loaded: LoadedProject, seed: int, chosen: tuple[str, ...]) -> dict[str, Any]:
    """Return the range of the total, and of the optimized one over the same draws, so that the two can be compared."""
    inputs = loaded.inputs
    drawn, changed = drawn_with_levers(loaded, seed, chosen)
    own = [path for path in inputs.spans if not path.startswith("levers.")]
    made: dict[str, Any] = {"draws": {"samples": SAMPLES, "seed": seed}}
    if own:
        made["range"] = range_of(total(lines_of(drawn)))
        made["swings"] = [asdict(one) for one in swings(inputs, lambda tree: total(lines_of(tree)), own)]
    if loaded.project.levers is not None:
        on = [name in chosen for name in inputs.tree["levers"]]
        naive, optimized = np.asarray(total(lines_of(drawn))), total(lines_of(changed))
        made["range_optimized"] = range_of(optimized)
        made["range_saved"] = range_of(naive - optimized)
        after = swings(inputs, lambda tree: total(lines_of(pulled(tree, on))), inputs.spans)
        made["swings_optimized"] = [_swing(one, inputs.tree) for one in after]
    return made


def _swing(one: Swing, tree: Tree) -> dict[str, Any]:
    """Return a swing; where it is of a lever's change, with what that changes."""
    match one.input.split("."):
        case ["levers", lever, "changes", index, _]:
            return asdict(one) | {"means": f"{lever}, {tree['levers'][lever]['changes'][index]['path']}"}
    return asdict(one)


def _losing(found: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Yield a warning for each lever that is pulled and without which the project would cost less."""
    for one in found.get("levers", ()):
        if one["chosen"] and one["last_usd"] < -HALF_A_CENT_USD:
            less = f"{-one['last_usd']:,.2f} USD less"
            text = f"Lever {one['lever']} costs more than it saves: without it the total is {less}."
            yield {"pitfall": "losing_lever", "text": text}


def _over_budget(levers: Levers | None, found: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Yield a warning where levers that were not chosen as the best cost more at once than there is for them."""
    if levers is not None and levers.one_off_budget_usd is not None:
        once, budget = found["optimized"]["one_off_usd"], float(levers.one_off_budget_usd)
        if once > budget + HALF_A_CENT_USD:
            more = f"{once:,.2f} USD once, more than the one_off_budget_usd of {budget:,.2f} USD"
            yield {
                "pitfall": "over_budget",
                "text": f"The levers that are pulled cost {more}; choose: best keeps to it.",
            }


def _notes(loaded: LoadedProject, found: Mapping[str, Any]) -> list[str]:
    project, notes = loaded.project, []
    share = float(loaded.inputs.tree["contingency_fraction"])
    low, high = CONTINGENCY
    if not low <= share <= high:
        notes.append(f"Contingency is {share * 100:g} % of the rest; {low * 100:g} to {high * 100:g} % is usual.")
    for name, kept in ((loaded.inputs.tree["data"] or {}).get("storage") or {}).items():
        if kept["months"] is not None and kept["months"] > project.horizon_months:
            months = f"{kept['months']:g} months, more than the horizon of {project.horizon_months}"
            notes.append(f"Storage {name} is paid for {months}.")
    for role in loaded.inputs.tree["labor"].values():
        worked = role["months"] * over_horizon(loaded.inputs.tree, role)
        if 0 < worked < role["ramp_months"]:
            learns = f"learns for {role['ramp_months']:g} person-months and then works for {worked:g}"
            notes.append(f"Role {role['name']} {learns}: ramp_months are paid on top of months.")
    notes += unusual(loaded.estimates)
    return notes + list(_against_published(project.published, found) if project.published else ())


def _against_published(published: Published, found: Mapping[str, Any]) -> Iterator[str]:
    """Yield how far every published figure is from the computed one, and why."""
    for figure in published.figures:
        column = found.get(figure.of, found)
        computed = column["total_usd"] if figure.term is None else column["terms"].get(figure.term, 0.0)
        printed = float(figure.usd)
        which = f"{figure.of} " if "naive" in found else ""
        yield (
            f"{published.source} prints {printed:,.2f} USD as the {which}{(figure.term or 'total').replace('_', ' ')}; "
            f"{computed:,.2f} USD is computed, {computed - printed:+,.2f}: {figure.because}"
        )


def _alone(tree: Any) -> Any:
    """Return a tree of single numbers, where pulling levers has made arrays of one."""
    if isinstance(tree, dict):
        return {key: _alone(value) for key, value in tree.items()}
    return float(tree) if isinstance(tree, np.ndarray) else tree


def _estimate(one: RunEstimate, tree: Tree, after: Tree) -> dict[str, Any]:
    """Return a run as it stands, and as `optimized` what the levers that are pulled make of its hours and price."""
    given, found = one.given, one.found
    return {
        "run": one.run,
        "method": given.method,
        "gpus": given.gpus,
        **_hours(tree["training"]["runs"][one.run], given.gpus),
        "model_flops": found.model_flops,
        "mfu_basis": given.mfu_basis,
        "mfu_source": given.mfu_source,
        "memory_gb_per_gpu": found.memory_gb_per_gpu,
        "smallest_gpus": found.smallest_gpus,
        **({"optimized": _hours(after["training"]["runs"][one.run], given.gpus)} if tree["levers"] else {}),
    }


def _hours(run: Tree, gpus: int) -> dict[str, float]:
    hours = float(run_gpu_hours(run))
    return {"runs": run["runs"], "gpu_hours": hours, "wall_hours": hours / gpus, "loss_fraction": run["loss_fraction"],
            "usd_per_gpu_hour": run["usd_per_gpu_hour"]}  # fmt: skip


def _line(line: Line) -> dict[str, Any]:
    numbers = {"quantity": line.quantity, "unit_usd": line.unit_usd, "usd": line.usd}
    again = {"repeats": list(line.repeats)} if line.repeats else {}
    return {"term": line.term, "name": line.name, "unit": line.unit, **_floats(numbers), "source": line.source, **again}


def _floats(values: Mapping[str, Value]) -> dict[str, float]:
    return {name: float(value) for name, value in values.items()}
