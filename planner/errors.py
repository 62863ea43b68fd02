"""What can go wrong, and how it is said: where, what was found, what is allowed, and the cure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Any

from planner.plaintext import visible

MAX_COMPLAINTS = 100


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a file, counted from 1; line and column are None where only the file is known."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong with an input."""

    place: Place
    field: str
    message: str
    found: str | None = None
    allowed: str | None = None
    cure: str | None = None

    def __str__(self) -> str:
        head = f"{self.place}: {self.field}: {self.message}" if self.field else f"{self.place}: {self.message}"
        tail = [("found", self.found), ("allowed", self.allowed), ("cure", self.cure)]
        return visible(head) + "".join(f"\n    {name}: {visible(text)}" for name, text in tail if text)


class PlannerError(Exception):
    """A failure that the user can mend; it carries the exit code of the command line."""

    exit_code = 70


class InputError(PlannerError):
    """One or more files or fields are invalid; holds every complaint that was found, up to a hundred.

    Attributes
    ----------
    outcome : what was done all the same
    """

    exit_code = 3

    def __init__(self, complaints: Iterable[Complaint], outcome: str = "nothing was written") -> None:
        self.outcome = outcome
        first = tuple(islice(complaints, MAX_COMPLAINTS + 1))
        if len(first) > MAX_COMPLAINTS:
            more = Complaint(Place(first[-1].place.file), "", f"has more problems than the first {MAX_COMPLAINTS}")
            first = (*first[:-1], more)
        self.complaints = first
        super().__init__("\n".join(str(complaint) for complaint in self.complaints))

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel between processes by complaints, of which the text is made again."""
        return type(self), (self.complaints, self.outcome)


class InfeasibleError(PlannerError):
    """No plan obeys every rule of the scenario; `diagnosis` is what is short and what would help, a dataclass."""

    exit_code = 4

    def __init__(self, diagnosis: Any) -> None:
        self.diagnosis = diagnosis
        super().__init__(str(diagnosis))


class SolverError(PlannerError):
    """The solver stopped without an answer that could be used."""

    exit_code = 5


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return advice that names the closest of `known` names, or None when nothing is close."""
    match = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean '{match[0]}'?" if match else None


def shown(value: object) -> str:
    """Return `value` as a complaint shows it: in one short line, in the words of YAML."""
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    if isinstance(value, (dict, list)):
        return f"a {'mapping' if isinstance(value, dict) else 'list'} of {len(value)}"
    text = repr(value[:60]) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"
