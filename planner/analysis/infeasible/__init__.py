"""Why no plan exists: what is short, where, when and by how much, and the cheapest ways out.

Limits that are numbers are loosened in the program, by as little as makes a plan possible. What is not a number of the
program – places, offers, lead times – is changed in the scenario. Every way out is then built and solved.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.analysis.infeasible.diagnosis import Diagnosis, Shortage, WayOut, amount
from planner.analysis.infeasible.elastic import Elastic, of_kind_demand
from planner.analysis.infeasible.limits import DEMAND, KINDS, Limit
from planner.analysis.infeasible.options import changes, widest
from planner.analysis.infeasible.shortages import of_limits, of_work
from planner.analysis.infeasible.trial import Rebuild, Trials
from planner.case import Case
from planner.decisions import Model
from planner.program import Bools, Floats

__all__ = ["Diagnosis", "Rebuild", "Shortage", "WayOut", "what_is_short", "why_infeasible", "why_not_option"]

_SHOWN, _OF_A_FAMILY = 6, 2
_RAISES = (0, 0.01, 0.05, 0.1, 0.25)
"""By how much more a limit is changed where whole numbers need more than was found."""


def why_infeasible(case: Case, rebuild: Rebuild | None = None) -> Diagnosis:
    """Return why `case` has no plan.

    Parameters
    ----------
    rebuild : builds the case of the same scenario with `path=value` applied over it; without it no way out is tried
        and none is told
    """
    elastic = Elastic(case)
    short = what_is_short(elastic)
    if rebuild is None:
        return Diagnosis(tuple(short.shortages), ())
    trials = Trials(rebuild)
    ways = [way for change in short.changes for way in _loosened(elastic, change, trials)]
    ways += _changed(case, short.lacking, trials)
    demands = of_kind_demand(elastic.limits)
    ways += [way for change in _enough(elastic, demands, short.helpful) for way in _loosened(elastic, change, trials)]
    shortages = list(short.shortages)
    if short.mixed or not ways:
        for words, settings in widest(case):
            for more, way in _with(rebuild, words, settings):
                shortages += [] if short.mixed else more
                ways.append(way)
    if not ways:
        ways += _all_together(case, trials)
    ways.sort(key=lambda way: (way.does_less, way.present_usd))
    return Diagnosis(tuple(shortages), tuple(ways[:_SHOWN]))


@dataclass(frozen=True)
class Short:
    """What is short.

    Attributes
    ----------
    changes : of limits, arrays [limit], each of which alone makes a plan possible
    mixed : work cannot be done for want of something that is no limit, and limits are short for the rest of it
    lacking : workloads (indices w) that lack something
    helpful : limits (indices l) that could help
    """

    shortages: list[Shortage]
    changes: list[Floats]
    mixed: bool
    lacking: list[int]
    helpful: list[int]


def what_is_short(elastic: Elastic) -> Short:
    """Return what keeps a plan from being: work that nothing can do, and limits."""
    everything = [*range(len(elastic.limits))]
    others = [l for l in everything if l not in of_kind_demand(elastic.limits)]  # noqa: E741
    left = elastic.undone()
    # where no work is left undone, whole numbers are the reason, or payments that no work causes: any limit may help
    helpful = left.helpful if left is not None and left.work else everything
    work = left.work if left is not None else []
    changes = _enough(elastic, others, helpful)
    shortages = [*of_work(elastic, work), *of_limits(elastic, changes)]
    beside = [] if changes else _beside(elastic, others)
    lacking = [one.w for one in work] or list(range(len(elastic.case.scenario.workloads)))
    return Short(beside or shortages, changes, bool(beside), lacking, helpful)


def _beside(elastic: Elastic, which: Sequence[int]) -> list[Shortage]:
    """Return the work that no limit could save, and the limits that are short for the rest of it."""
    left = elastic.undone(which)
    if left is None:
        return []
    elastic.allow(left.total)
    change = elastic.least(which)
    missing = of_limits(elastic, [change]) if change is not None and change.any() else []
    elastic.allow(0.0)
    work = of_work(elastic, left.work)
    return [*work, *(replace(one, joined="and" if work else one.joined) for one in missing)] if missing else []


def _all_together(case: Case, trials: Trials) -> Iterator[WayOut]:
    """Yield what is needed of every change that goes as far as it can, for where no family of them suffices."""
    families = [*widest(case)]
    needed = trials.needed([one for _, settings in families for one in settings])
    if needed and (solved := trials.solved(needed)):
        words = [words for words, settings in families if any(one in needed for one in settings)]
        yield WayOut(" and ".join(words), tuple(needed), solved[1].objective)


def why_not_option(case: Case, closed: Callable[[Model], Bools]) -> str:
    """Say in a line what is short once the columns that `closed` tells of a model are closed; empty when unknown."""
    elastic = Elastic(case)
    arrays, mask = elastic.built.arrays, closed(elastic.built.model)
    lower, upper = np.where(mask, 0.0, arrays.lower), np.where(mask, 0.0, arrays.upper)
    elastic.built = replace(elastic.built, arrays=replace(arrays, lower=lower, upper=upper))
    if (lower > upper).any():
        return ""
    short = what_is_short(elastic).shortages
    named = [one for one in short if one.limit in {kind.name for kind in KINDS}]
    return "; ".join(one.sentence.rstrip(".") for one in named[:2]) or "".join(
        ": ".join(one.sentence.rstrip(".").split(": ")[:2]) for one in short[:1]
    )


def _enough(elastic: Elastic, which: Sequence[int], helpful: Collection[int]) -> list[Floats]:
    """Return changes of limits, arrays [limit], each enough: of one limit, else of those that must change together.

    Together: as little as possible of all, then without those that can do without; none of the rest can be spared.
    """
    alone = [elastic.least([l]) for l in which if l in helpful]  # noqa: E741
    found = [change for change in alone if change is not None and change.any()]
    if found or len(which) < 2 or not elastic.possible(which):
        return found
    together = elastic.least(which)
    if together is None:
        return []
    size = np.array([change / (limit.has or 1.0) for change, limit in zip(together, elastic.limits, strict=True)])
    left = [int(l) for l in np.argsort(size) if size[l] > 0]  # noqa: E741
    for l in list(left):  # noqa: E741
        rest = [one for one in left if one != l]
        if rest and elastic.possible(rest):
            left = rest
    change = elastic.least(left)
    return [change] if change is not None and change.any() else []


def _loosened(elastic: Elastic, change: Floats, trials: Trials) -> Iterator[WayOut]:
    """Yield the way out that changes limits by `change`, rounded to sensible figures, once it is tried."""
    limits = [(elastic.limits[l], float(change[l])) for l in np.flatnonzero(change > 0)]  # noqa: E741
    for raised in _RAISES:
        changed = [
            (limit, *limit.changed(by * (1 + raised) + (raised > 0) * limit.step(limit.has))) for limit, by in limits
        ]
        settings = [one for _, _, some in changed for one in some]
        if solved := trials.solved(settings):
            sentence = " and ".join(_sentence(limit, value) for limit, value, _ in changed)
            does_less = any(limit.kind is DEMAND for limit, _ in limits)
            yield WayOut(sentence, tuple(settings), solved[1].objective, does_less)
            return


def _with(rebuild: Rebuild, words: str, settings: list[str]) -> Iterator[tuple[list[Shortage], WayOut]]:
    """Yield ways out that need a change of what may be used and, with it, of limits; and what is short of these."""

    def changed(more: Sequence[str]) -> Case:
        return rebuild([*settings, *more])

    elastic = Elastic(changed(()))
    limits = [l for l in range(len(elastic.limits)) if l not in of_kind_demand(elastic.limits)]  # noqa: E741
    for change in _enough(elastic, limits, limits):
        for way in _loosened(elastic, change, Trials(changed)):
            short = [replace(one, joined="and") for one in of_limits(elastic, [change])]
            yield short, replace(way, sentence=f"{words} and {way.sentence}", set=(*settings, *way.set))


def _sentence(limit: Limit, value: float) -> str:
    said = {"value": value, "was": limit.has, "change": abs(value - limit.has)}
    return limit.kind.way.format(where=limit.where, **{key: amount(one, limit.unit) for key, one in said.items()})


def _changed(case: Case, lacking: Sequence[int], trials: Trials) -> Iterator[WayOut]:
    """Yield the cheapest ways out of every family of changes."""
    families: dict[str, list[WayOut]] = {}
    for change in changes(case, lacking, trials):
        if solved := trials.solved(change.set):
            way = WayOut(change.sentence, tuple(change.set), solved[1].objective)
            families.setdefault(change.family, []).append(way)
    for family in families.values():
        yield from sorted(family, key=lambda way: way.present_usd)[:_OF_A_FAMILY]
