"""What levers of a project must obey: names that are there, needs that can be met, inputs that may be changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations

from planner.documents import Document, Path_, dotted
from planner.errors import Complaint, nearest
from planner.finetune.inputs import Tree, places
from planner.finetune.lever_schema import Change, Lever, Levers
from planner.finetune.levers import MOST_LEVERS, closure

_FIXED = ("horizon_months", "per_months", "contingency_fraction")
"""What is agreed, and no cost that a lever could lower."""
_ESTIMATED = ("tokens_m", "epochs", "mfu_fraction")
"""Of an estimated run, what its hours are in proportion to."""


def check_levers(given: Levers, known: Mapping[str, Lever], document: Document) -> Iterator[Complaint]:
    """Check names of levers, that each can be pulled, and that those chosen by name may be pulled together."""
    at: Path_ = ("levers",)
    for index, name in enumerate(given.library):
        if name not in known:
            yield unknown(document, (*at, "library", index), name, "is no lever of the library", known)
        elif name in given.library[:index]:
            yield about(document, (*at, "library", index), "stands twice", name)
    for index, lever in enumerate(given.own):
        if lever.name in given.library and lever.name in known:
            yield about(document, (*at, "own", index, "name"), "is a lever of the library already", lever.name)
    levers = {name: known[name] for name in given.library if name in known} | {one.name: one for one in given.own}
    if len(levers) > MOST_LEVERS:
        yield about(document, at, "takes at most so many levers", str(len(levers)), str(MOST_LEVERS))
    found = [one for lever in levers.values() for one in _names(given, lever, levers, document)]
    yield from found or _needs(given, levers, document)
    if isinstance(given.choose, list):
        for index, name in enumerate(given.choose):
            if name not in levers:
                yield unknown(document, (*at, "choose", index), name, "is no lever of this project", levers)
            elif name in given.choose[:index]:
                yield about(document, (*at, "choose", index), "stands twice", name)
    if given.choose == "all" or isinstance(given.choose, list):
        chosen = list(levers) if given.choose == "all" else list(dict.fromkeys(given.choose))
        yield from _clashes([levers[name] for name in chosen if name in levers], document, (*at, "choose"))


def path_of(given: Levers, name: str) -> Path_:
    """Return where a lever stands in the project: among its own, or as a name of the library."""
    own = [lever.name for lever in given.own]
    return ("levers", "own", own.index(name)) if name in own else ("levers", "library", given.library.index(name))


def _names(given: Levers, lever: Lever, levers: Mapping[str, Lever], document: Document) -> Iterator[Complaint]:
    """Check the names that a lever needs and excludes; one of the library may exclude what the project leaves out."""
    path, others = path_of(given, lever.name), [name for name in levers if name != lever.name]
    for field, names in (("needs", lever.needs), ("excludes", lever.excludes)):
        for index, name in enumerate(names):
            at = (*path, field, index)
            if name == lever.name:
                yield about(document, at, "is the lever itself", name, ", ".join(others) or "no other lever is there")
            elif name in names[:index]:
                yield about(document, at, "stands twice", name)
            elif name not in levers and (path[1] == "own" or field == "needs"):
                yield unknown(document, at, name, "is no lever of this project", others)
            elif field == "excludes" and name in lever.needs:
                yield about(document, at, "is needed and excluded", name, cure="take it out of needs or of excludes")


def _needs(given: Levers, levers: Mapping[str, Lever], document: Document) -> Iterator[Complaint]:
    """Check that each lever can be pulled with all that it needs, and comes after it."""
    needs = {name: lever.needs for name, lever in levers.items()}
    said: set[str] = set()
    for name, lever in levers.items():
        at = (*path_of(given, name), "needs")
        round_ = {other for other in closure(needs, lever.needs) if name in closure(needs, needs[other])}
        if name in round_ and name not in said:
            said |= round_
            found = ", ".join(one for one in levers if one in round_)
            yield about(document, at, "leads back to the lever itself", found, cure="write them as one lever")
        for one, other in combinations(closure(needs, [name]), 2):
            if _exclude(levers[one], levers[other]):
                found = " and ".join(sorted((one, other)))
                allowed = "levers that do not exclude each other, nor this one"
                yield about(document, at, "can never be met", found, allowed)


def _exclude(one: Lever, other: Lever) -> bool:
    return other.name in one.excludes or one.name in other.excludes


def _clashes(chosen: Sequence[Lever], document: Document, path: Path_) -> Iterator[Complaint]:
    names = [lever.name for lever in chosen]
    for one, other in combinations(chosen, 2):
        if _exclude(one, other):
            message = "holds levers that exclude each other"
            yield about(document, path, message, f"{one.name} and {other.name}", cure="choose one of them, or best")
    for lever in chosen:
        for needed in lever.needs:
            if needed not in names:
                message = f"holds {lever.name} without {needed}, which it needs"
                yield about(document, path, message, ", ".join(names), cure=f"add {needed}, or leave {lever.name} out")


def check_paths(given: Levers, whole: Tree, document: Document) -> Iterator[Complaint]:
    """Check that every change of the project's own levers leads to a number of the project."""
    tree = {key: value for key, value in whole.items() if key != "levers"}
    for index, lever in enumerate(given.own):
        for place, change in enumerate(lever.changes):
            path: Path_ = ("levers", "own", index, "changes", place, "path")
            reached = places(tree, change.path)
            if not reached:
                cure = "name an input that the project gives, as training.runs.*.gpu_hours"
                yield about(document, path, "leads to no number of the project", change.path, cure=cure)
            elif any(key in _FIXED for _, key in reached):
                yield about(document, path, "is no input that a lever may change", change.path)
            elif any(key == "fixed_usd_per_month" and parent["fixed_source"] is None for parent, key in reached):
                cure = "give the fixed_source of fixed_usd_per_month, which may be 0"
                yield about(document, path, "changes a cost that has no source", change.path, cure=cure)
            elif any(_is_worked_out(tree, parent, key, change) for parent, key in reached):
                cure = f"of an estimated run change {', '.join(_ESTIMATED)}, or gpu_hours by a factor"
                yield about(document, path, "is worked out before levers are pulled", change.path, cure=cure)
            for field in change.where:
                words = {
                    name
                    for parent, _ in reached
                    for name, value in parent.items()
                    if value is None or isinstance(value, str)
                }
                if reached and field not in words:
                    where: Path_ = (*path[:-1], "where", field)
                    yield unknown(document, where, field, "is no word of what holds the input", words)


def _is_worked_out(tree: Tree, parent: Tree, key: str, change: Change) -> bool:
    """Say whether an estimate uses this number up before levers are pulled."""
    for run in ((tree.get("training") or {}).get("runs") or {}).values():
        if run["estimate"] is not None:
            if parent is run["estimate"]:
                return key not in _ESTIMATED
            if parent is run and key == "gpu_hours":
                return change.to is not None
    return False


def unknown(document: Document, path: Path_, name: str, message: str, known: Collection[str]) -> Complaint:
    """Return the complaint about a name at `path` that is none of `known`."""
    return about(document, path, message, name, ", ".join(sorted(known)), nearest(name, known))


def about(
    document: Document, path: Path_, message: str, found: str, allowed: str | None = None, cure: str | None = None
) -> Complaint:
    """Return a complaint about what stands at `path`."""
    return Complaint(document.place(path), dotted(path), message, found, allowed, cure)
