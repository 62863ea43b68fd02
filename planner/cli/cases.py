"""Scenarios with named settings over them: read all, so that every problem is told at once, then planned in turn."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.cli.progress import Say
from planner.errors import Complaint, InfeasibleError, InputError, Place

if TYPE_CHECKING:
    from planner.catalog.load import Catalog
    from planner.model.solve import Effort
    from planner.scenario.load import LoadedScenario

SCENARIO = (".yaml", ".yml")
_NEXT = re.compile(r";(?=\s*[^;=\s][^;=]*=)|;\s*$")
"""A semicolon between settings: what follows is another, or nothing. One within a value stays."""


@dataclass(frozen=True)
class Case:
    """Settings over a scenario, under a name."""

    name: str
    settings: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """A scenario to be planned, and what it is called beside others."""

    label: str
    loaded: LoadedScenario


def is_scenario(path: Path) -> bool:
    """Say whether a file holds a scenario, not a plan."""
    return path.suffix.lower() in SCENARIO


def read_cases(texts: Sequence[str]) -> list[Case]:
    """Read `NAME: PATH=VALUE; PATH=VALUE` from the command line; without a name the settings are the name.

    Raises
    ------
    InputError
        with every text that has another form, and every name that stands twice.
    """
    found, complaints = list[Case](), list[Complaint]()
    for text in texts:
        case = _case(text)
        cure = "--case 'dear power: scale.rows.*electricity*=1.3; horizon_months=48'"
        if not case.name or not all("=" in one for one in case.settings) or not case.settings:
            complaints.append(Complaint(_place(text), "", "needs the form NAME: PATH=VALUE; PATH=VALUE", cure=cure))
        elif case.name in {one.name for one in found}:
            complaints.append(Complaint(_place(text), "", "has the name of another case", found=case.name))
        found.append(case)
    if complaints:
        raise InputError(complaints)
    return found


def _case(text: str) -> Case:
    name, colon, rest = text.partition(":")
    named = bool(colon) and "=" not in name
    settings = tuple(one.strip() for one in _NEXT.split(rest if named else text) if one.strip())
    return Case(name.strip() if named else "; ".join(settings), settings)


def _place(text: str) -> Place:
    return Place(f"--case {text if len(text) <= 80 else text[:79] + '…'}")


def read_scenario(
    path: Path, prices: Catalog, assignments: Sequence[str], as_of: str | None, cases: Sequence[Case]
) -> list[Asked]:
    """Load the scenario at `path` and each of `cases` of it.

    Raises
    ------
    InputError
        with every complaint about the file, or about the cases.
    """
    from planner.cli.options import read_day
    from planner.scenario.load import changed, load_scenario

    loaded = load_scenario(path, prices, assignments, read_day(as_of))
    found, complaints = [Asked(str(path), loaded)], list[Complaint]()
    for case in cases:
        try:
            found.append(Asked(f"{path}: {case.name}", changed(loaded, prices, case.settings)))
        except InputError as error:
            complaints += (
                replace(one, place=_place(f"{case.name}: {str(one.place).removeprefix('--set ')}"))
                for one in error.complaints
            )
    if complaints:
        raise InputError(complaints)
    return found


def planned(asked: Sequence[Asked], prices: Catalog, effort: Effort, tell: Say) -> Iterator[dict[str, Any]]:
    """Yield the plan.json of every scenario, as `planner plan` writes it.

    Raises
    ------
    InfeasibleError
        when no plan obeys the rules of one, which is named.
    """
    from planner.cli.plan import solved
    from planner.planfile import command_line, plan_document

    for number, one in enumerate(asked, start=1):

        def say(text: str, at: str = f"{number} of {len(asked)}, {one.label}") -> None:
            tell(f"{at}: {text}")

        try:
            study = solved(one.loaded, prices, effort, say)
        except InfeasibleError as error:
            error.args = (f"{one.label}:\n{error}",)
            raise
        yield plan_document(study, prices, effort, say) | {"command": command_line(one.loaded, effort)}
