"""Levers as inputs: what each reaches in a project, and what it leaves alone because its own words say so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from planner.finetune.inputs import Inputs, Tree, inputs_of, paths
from planner.finetune.lever_schema import Lever


def lever_inputs(inputs: Inputs, levers: Iterable[Lever]) -> tuple[Inputs, tuple[str, ...]]:
    """Return the inputs with the numbers of the levers, and notes on what these leave alone or take for granted.

    Each change gets `at`, the paths of the inputs that it changes. They are found in the project as it stands, so that
    no lever decides what another one reaches. A lever that reaches nothing costs nothing.
    """
    tree, spans, notes = {**inputs.tree, "levers": {}}, dict(inputs.spans), list[str]()
    for lever in levers:
        found = inputs_of(lever, ("levers", lever.name))
        changes = found.tree["changes"].values()
        for change in changes:
            change["at"] = [path for path in paths(inputs.tree, change["path"])
                            if not _against(lever, change, _holder(inputs.tree, path))]  # fmt: skip
        notes += dict.fromkeys(note for change in changes for note in _notes(lever, change, inputs.tree))
        if any(change["at"] for change in changes):
            spans |= found.spans
        else:
            found.tree["costs"] = {}
            notes.append(f"Lever {lever.name} changes nothing here and costs nothing{_why(lever, inputs.tree)}.")
        tree["levers"][lever.name] = found.tree
    return Inputs(tree, spans), tuple(notes)


def _holder(tree: Tree, path: str) -> Tree:
    """Return the mapping that holds the number at `path`."""
    for step in path.split(".")[:-1]:
        tree = tree[step]
    return tree


def _against(lever: Lever, change: Tree, holder: Tree) -> list[str]:
    """Return what keeps a change off: fields that say something else than `where` asks for, an offer without spot.

    A field that says nothing is taken to agree.
    """
    said = [f"its {field} is {holder[field]}, not {asked}" for field, asked in change["where"].items()
            if holder.get(field) not in (asked, None)]  # fmt: skip
    if lever.rented and not said and holder.get("offer") is not None and holder["spot"] is None:
        said.append(f"the catalog knows no {lever.rented} price of its offer {holder['offer']}")
    return said


def _notes(lever: Lever, change: Tree, tree: Tree) -> Iterator[str]:
    """Yield what a change leaves alone, and where it takes for granted what nobody said."""
    for path in paths(tree, change["path"]):
        holder, item = _holder(tree, path), path.rpartition(".")[0]
        if against := _against(lever, change, holder):
            yield f"Lever {lever.name} leaves {item} alone: {' and '.join(against)}."
            continue
        for field, asked in change["where"].items():
            if holder.get(field) is None:
                yield f"Lever {lever.name} takes {field} of {item} to be {asked}; say {field} there if it is not."


def _why(lever: Lever, tree: Tree) -> str:
    missing = list(dict.fromkeys(one.path for one in lever.changes if not paths(tree, one.path)))
    return f": the project has no {' nor '.join(missing)}" if missing else ""
