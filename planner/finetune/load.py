"""Loads a project file, applies overrides, takes prices from the catalog and checks that levers go together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, combinations
from pathlib import Path

from planner.catalog.load import Catalog
from planner.documents import Document, Path_, load_document
from planner.errors import Complaint, InputError, Place, nearest
from planner.finetune.estimates import RunEstimate, estimated
from planner.finetune.inputs import Inputs, Tree, inputs_of, places
from planner.finetune.lever_inputs import lever_inputs
from planner.finetune.lever_schema import Change, Lever, LeverLibrary, Levers
from planner.finetune.levers import MOST_LEVERS
from planner.finetune.limits import check_limits
from planner.finetune.prices import priced
from planner.finetune.schema import Project
from planner.records import in_order, validate
from planner.resources import shipped
from planner.scenario.override import load_overridden
from planner.scenario.references import unknown_names

REFERENCES = (
    ("training.runs.*.gpu", "gpus"),
    ("training.runs.*.offer", "offers"),
    ("inference.*.gpu", "gpus"),
    ("inference.*.offer", "offers"),
    ("inference.*.api_offer", "api_offers"),
    ("inference.*.against.api_offer", "api_offers"),
)
"""Where a project names a thing of which section of the catalog."""


@dataclass(frozen=True, repr=False)
class LoadedProject:
    """A project that was loaded and checked.

    Attributes
    ----------
    inputs : its numbers, with prices of the catalog; the levers that apply, by name
    estimates : of the training runs that have one
    notes : what a reader must know of how it was read
    """

    project: Project
    document: Document
    inputs: Inputs
    estimates: tuple[RunEstimate, ...] = ()
    notes: tuple[str, ...] = ()


def load_project(
    path: Path,
    catalog: Catalog,
    assignments: Sequence[str] = (),
    months: int | None = None,
    as_of: date | None = None,
) -> LoadedProject:
    """Load the project at `path`, with `path=value` assignments, then horizon and day of prices, applied over it.

    Raises
    ------
    InputError
        with every complaint about the file and its references to the catalog.
    """
    document = load_overridden(path, assignments, as_of)
    if months is not None and isinstance(document.value, dict):
        document.put(("horizon_months",), months, Place("--months"))
    names = list(unknown_names(document, catalog, REFERENCES))
    try:
        project = validate(Project, document)
    except InputError as error:
        raise InputError(in_order(chain(error.complaints, names))) from None
    known = {lever.name: lever for lever in library()}
    names += _check_volumes(project, document)
    if found := [*names, *_check_levers(project, known, document)]:
        raise InputError(in_order(found))
    inputs, estimates = estimated(inputs_of(project), project, document, catalog)
    inputs = priced(inputs, project, document, catalog, path.parent)
    given = project.levers or Levers()
    inputs, notes = lever_inputs(inputs, [*(known[name] for name in given.library), *given.own])
    loaded = LoadedProject(project, document, inputs, estimates, (*notes, *_spot_without_loss(project)))
    if found := list(_check_paths(loaded)) or list(check_limits(inputs, document)):
        raise InputError(in_order(found))
    return loaded


_FIXED = ("horizon_months", "per_months", "contingency_fraction")
"""What is agreed, and no cost that a lever could lower."""
_ESTIMATED = ("tokens_m", "epochs", "mfu_fraction")
"""Of an estimated run, what its hours are in proportion to."""


def _spot_without_loss(project: Project) -> Iterator[str]:
    """Yield a note for each run on spot prices that loses nothing."""
    for run in project.training.runs if project.training else ():
        if run.rented == "spot" and run.loss_fraction == 0:
            yield f"Run {run.name} is priced on spot and loses nothing to interruptions: give loss_fraction."


def library() -> list[Lever]:
    """Return the levers that ship with the planner."""
    return validate(LeverLibrary, load_document(shipped("data/finetune") / "levers.yaml")).levers


def _check_volumes(project: Project, document: Document) -> Iterator[Complaint]:
    """Check that whoever takes another item's requests names one that tells its own."""
    own = [item.name for item in project.inference if getattr(item, "requests", None) is not None]
    for index, item in enumerate(project.inference):
        name = getattr(item, "requests_of", None)
        if name is not None and name not in own:
            yield _unknown(document, ("inference", index, "requests_of"), name, "tells no requests of its own", own)


def _check_levers(project: Project, known: dict[str, Lever], document: Document) -> Iterator[Complaint]:
    """Check names of levers, and that those chosen by name may be pulled together."""
    given = project.levers
    if given is None:
        return
    at: Path_ = ("levers",)
    for index, name in enumerate(given.library):
        if name not in known:
            yield _unknown(document, (*at, "library", index), name, "is no lever of the library", known)
        elif name in given.library[:index]:
            yield _about(document, (*at, "library", index), "stands twice", name)
    levers = {name: known[name] for name in given.library if name in known}
    for index, lever in enumerate(given.own):
        if lever.name in levers:
            yield _about(document, (*at, "own", index, "name"), "is a lever of the library already", lever.name)
        levers[lever.name] = lever
    if len(levers) > MOST_LEVERS:
        yield _about(document, at, "takes at most so many levers", str(len(levers)), str(MOST_LEVERS))
    for index, lever in enumerate(given.own):
        for field in ("needs", "excludes"):
            for place, name in enumerate(getattr(lever, field)):
                if name not in levers:
                    path = (*at, "own", index, field, place)
                    yield _unknown(document, path, name, "is no lever of this project", levers)
    if given.choose == "all" or isinstance(given.choose, list):
        chosen = list(levers) if given.choose == "all" else given.choose
        for name in chosen:
            if name not in levers:
                yield _unknown(document, (*at, "choose"), name, "is no lever of this project", levers)
        yield from _clashes([levers[name] for name in chosen if name in levers], document, (*at, "choose"))


def _clashes(chosen: Sequence[Lever], document: Document, path: Path_) -> Iterator[Complaint]:
    names = [lever.name for lever in chosen]
    for one, other in combinations(chosen, 2):
        if other.name in one.excludes or one.name in other.excludes:
            message = "holds levers that exclude each other"
            yield _about(document, path, message, f"{one.name} and {other.name}", cure="choose one of them, or best")
    for lever in chosen:
        for needed in lever.needs:
            if needed not in names:
                message = f"holds {lever.name} without {needed}, which it needs"
                yield _about(document, path, message, ", ".join(names), cure=f"add {needed}, or leave {lever.name} out")


def _check_paths(loaded: LoadedProject) -> Iterator[Complaint]:
    """Check that every change of the project's own levers leads to a number of the project."""
    tree = {key: value for key, value in loaded.inputs.tree.items() if key != "levers"}
    own = loaded.project.levers.own if loaded.project.levers else []
    for index, lever in enumerate(own):
        for place, change in enumerate(lever.changes):
            path: Path_ = ("levers", "own", index, "changes", place, "path")
            reached = places(tree, change.path)
            if not reached:
                cure = "name an input that the project gives, as training.runs.*.gpu_hours"
                yield _about(loaded.document, path, "leads to no number of the project", change.path, cure=cure)
            elif any(key in _FIXED for _, key in reached):
                yield _about(loaded.document, path, "is no input that a lever may change", change.path)
            elif any(_is_worked_out(tree, parent, key, change) for parent, key in reached):
                cure = f"of an estimated run change {', '.join(_ESTIMATED)}, or gpu_hours by a factor"
                yield _about(loaded.document, path, "is worked out before levers are pulled", change.path, cure=cure)
            for field in change.where:
                words = {
                    name
                    for parent, _ in reached
                    for name, value in parent.items()
                    if value is None or isinstance(value, str)
                }
                if reached and field not in words:
                    where: Path_ = (*path[:-1], "where", field)
                    yield _unknown(loaded.document, where, field, "is no word of what holds the input", words)


def _is_worked_out(tree: Tree, parent: Tree, key: str, change: Change) -> bool:
    """Say whether an estimate uses this number up before levers are pulled."""
    for run in ((tree.get("training") or {}).get("runs") or {}).values():
        if run["estimate"] is not None:
            if parent is run["estimate"]:
                return key not in _ESTIMATED
            if parent is run and key == "gpu_hours":
                return change.to is not None
    return False


def _unknown(document: Document, path: Path_, name: str, message: str, known: Collection[str]) -> Complaint:
    return _about(document, path, message, name, ", ".join(sorted(known)), nearest(name, known))


def _about(
    document: Document, path: Path_, message: str, found: str, allowed: str | None = None, cure: str | None = None
) -> Complaint:
    return Complaint(document.place(path), ".".join(map(str, path)), message, found, allowed, cure)
