"""The scenarios of a sweep: every combination of values, or samples of ranges; each is checked before any is solved."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from itertools import chain, islice, product
from typing import Any

from planner.analysis.by_hour import kept_apart
from planner.case import Case
from planner.errors import Complaint, InputError, Place
from planner.model.solve import Effort
from planner.scenario.override import placed
from planner.whatif.base import Base, Settings
from planner.whatif.document import heading, solved
from planner.whatif.points import Point
from planner.whatif.variables import MOST, Variable

INSTALL = "pip install 'gpu-capacity-planner[analysis]'"
_CORNERS = 64
"""Combinations of ends that are tried before all others."""


@dataclass(frozen=True)
class Sweep:
    """Scenarios that are to be solved.

    Attributes
    ----------
    values : of each variable, by scenario
    samples, seed : of a Latin hypercube; None where every combination is asked
    """

    variables: tuple[Variable, ...]
    values: tuple[tuple[str, ...], ...]
    samples: int | None = None
    seed: int | None = None

    def settings(self) -> list[Settings]:
        """Return the settings of each scenario."""
        return [_settings(self.variables, values) for values in self.values]


def grid(variables: Sequence[Variable]) -> Sweep:
    """Return every combination of values, the last variable fastest.

    Raises
    ------
    InputError
        when there are too many, or a variable has a range to draw from.
    """
    if complaints := [
        Complaint(placed("--vary", one.text), "", "is a range to draw from", cure="--samples N, or low:high:steps")
        for one in variables
        if one.drawn
    ]:
        raise InputError(complaints)
    if (count := math.prod(len(one.values) for one in variables)) > MOST:
        _refuse("--vary", f"makes {count:,} scenarios", "fewer values, or --samples N of ranges low..high")
    return Sweep(tuple(variables), tuple(product(*(one.values for one in variables))))


def sampled(variables: Sequence[Variable], samples: int, seed: int) -> Sweep:
    """Return a Latin hypercube: each of `samples` equal parts of every range is drawn from once.

    Raises
    ------
    InputError
        when there are too many, or a variable has no range to draw from.
    """
    if complaints := [
        Complaint(placed("--vary", one.text), "", "has no range to draw samples from", cure=f"{one.name}=low..high")
        for one in variables
        if not one.drawn
    ]:
        raise InputError(complaints)
    if samples > MOST:
        _refuse("--samples", f"makes {samples:,} scenarios", "fewer")
    if find_spec("scipy") is None:
        raise InputError([Complaint(Place("--samples"), "", "needs a package that is not installed", cure=INSTALL)])
    from numpy.random import default_rng
    from scipy.stats.qmc import LatinHypercube

    shares = LatinHypercube(len(variables), seed=default_rng(seed)).random(samples)
    values = tuple(
        tuple(one.between(share) for one, share in zip(variables, row, strict=True)) for row in shares.tolist()
    )
    return Sweep(tuple(variables), values, samples, seed)


def check(base: Base, sweep: Sweep) -> None:
    """Try the ends of every variable alone, then together, and a scenario between them.

    Raises
    ------
    InputError
        with every complaint about what cannot be solved.
    """
    ends = [one.ends() for one in sweep.variables]
    alone = [{one: value} for one, values in zip(sweep.variables, ends, strict=True) for value in values]
    _try(base, alone)
    corners = product(*((end[0], end[-1]) for end in ends))
    together = chain(islice(corners, _CORNERS), sweep.values[:1])
    _try(base, (dict(zip(sweep.variables, values, strict=True)) for values in together))


def _try(base: Base, asked: Iterable[dict[Variable, str]]) -> None:
    complaints: dict[Complaint, None] = {}
    for values in asked:
        by_setting = {setting: one for one, value in values.items() for setting in one.at(value)}
        try:
            base.case(tuple(by_setting))
        except InputError as error:
            typed = {placed("--set", setting): placed("--vary", one.text) for setting, one in by_setting.items()}
            complaints |= dict.fromkeys(replace(one, place=typed.get(one.place, one.place)) for one in error.complaints)
    if complaints:
        raise InputError(complaints)


def _settings(variables: Sequence[Variable], values: Sequence[str]) -> Settings:
    return tuple(chain.from_iterable(one.at(value) for one, value in zip(variables, values, strict=True)))


def document(
    base: Base, case: Case, sweep: Sweep, points: Sequence[Point], effort: Effort | None
) -> dict[str, Any]:  # fmt: skip
    """Return a solved sweep as data.

    Parameters
    ----------
    case : of the base
    effort : None where relaxations were solved
    """
    scenario = case.scenario
    return heading(base, "sweep", solved(effort)) | {
        "as_of": scenario.as_of.isoformat(),
        "gap": None if effort is None else effort.gap,
        "hours_merged": effort is None and not kept_apart(case),
        "samples": sweep.samples,
        "seed": sweep.seed,
        "variables": [
            {
                "name": one.name,
                "title": one.title,
                "unit": one.unit,
                "numeric": one.numeric,
                "now": None if one.driver is None else one.driver.now,
            }
            for one in sweep.variables
        ],
        "rows": [
            {"number": number} | _told(sweep.variables, values) | point
            for number, (values, point) in enumerate(zip(sweep.values, points, strict=True), start=1)
        ],
    }


def _told(variables: Sequence[Variable], values: Sequence[str]) -> dict[str, Any]:
    return {one.name: float(value) if one.numeric else value for one, value in zip(variables, values, strict=True)}


def _refuse(option: str, message: str, cure: str) -> None:
    raise InputError([Complaint(Place(option), "", message, allowed=f"at most {MOST:,}", cure=cure)])
