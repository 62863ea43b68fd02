"""Loads a project file, applies overrides, takes prices from the catalog and checks that levers go together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path

from planner.catalog.load import Catalog
from planner.documents import Document, load_document
from planner.errors import Complaint, InputError, Place
from planner.finetune.estimates import RunEstimate, estimated
from planner.finetune.inputs import Inputs, inputs_of
from planner.finetune.lever_checks import about, check_levers, check_paths, unknown
from planner.finetune.lever_inputs import lever_inputs
from planner.finetune.lever_schema import Lever, LeverLibrary, Levers
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
    known, given = {lever.name: lever for lever in library()}, project.levers or Levers()
    names += chain(_check_volumes(project, document), _check_published(project, document))
    if found := [*names, *check_levers(given, known, document)]:
        raise InputError(in_order(found))
    own = project.model_copy(update={"levers": None, "published": None})  # they hold numbers that are no inputs
    inputs = priced(inputs_of(own), project, document, catalog, path.parent)
    inputs, estimates = estimated(inputs, project, document, catalog)
    inputs, notes = lever_inputs(inputs, [*(known[name] for name in given.library), *given.own])
    loaded = LoadedProject(project, document, inputs, estimates, (*notes, *_spot_without_loss(project)))
    if found := list(check_paths(given, inputs.tree, document)) or list(check_limits(given, inputs, document)):
        raise InputError(in_order(found))
    return loaded


def _spot_without_loss(project: Project) -> Iterator[str]:
    """Yield a note for each run on spot prices that loses nothing."""
    for run in project.training.runs if project.training else ():
        if run.rented == "spot" and run.loss_fraction == 0:
            yield f"Run {run.name} is priced on spot and loses nothing to interruptions: give loss_fraction."


def library() -> list[Lever]:
    """Return the levers that ship with the planner."""
    return validate(LeverLibrary, load_document(shipped("data/finetune") / "levers.yaml")).levers


def _check_published(project: Project, document: Document) -> Iterator[Complaint]:
    """Check that figures with levers are held against a project that has some."""
    for index, figure in enumerate(project.published.figures if project.published and not project.levers else ()):
        if figure.of == "optimized":
            path = ("published", "figures", index, "of")
            yield about(document, path, "is of a project with levers, and this one has none", figure.of, "naive")


def _check_volumes(project: Project, document: Document) -> Iterator[Complaint]:
    """Check that whoever takes another item's requests names one that tells its own."""
    own = [item.name for item in project.inference if getattr(item, "requests", None) is not None]
    for index, item in enumerate(project.inference):
        name = getattr(item, "requests_of", None)
        if name is not None and name not in own:
            yield unknown(document, ("inference", index, "requests_of"), name, "tells no requests of its own", own)
