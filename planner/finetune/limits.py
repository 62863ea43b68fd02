"""What numbers may be at either end of their ranges and after levers: limits of the schema, and of several together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from planner.documents import Document, Path_
from planner.errors import Complaint
from planner.finetune.inputs import Floats, Inputs, Tree, Value, numbers
from planner.finetune.lever_checks import about, path_of
from planner.finetune.lever_schema import Levers
from planner.finetune.levers import allowed_sets, pulled
from planner.finetune.schema import MOST_BURDEN

_POSITIVE = {
    "useful_years", "mfu_fraction", "utilization_fraction", "tokens_m", "epochs", "output_tokens_per_s_per_gpu",
    "input_tokens_per_s_per_gpu", "gpus_per_replica",
}  # fmt: skip
_AT_MOST_ONE = {
    "project_usage_fraction", "probability_fraction", "cached_fraction", "share_fraction", "mfu_fraction",
    "utilization_fraction",
}  # fmt: skip
_BELOW_ONE = {"loss_fraction"}
_ROUNDING = 1e-9
_NO_PRICE = "0, as there is no price of cached input (cached_input_usd_per_mtok)"


@dataclass(frozen=True)
class Misfit:
    """A number that is beyond its limit.

    Attributes
    ----------
    paths : of the number first, then of others that it is limited together with
    values : of each set of levers, or draw, where it is beyond; NaN elsewhere; one where it is the same in all
    """

    paths: tuple[str, ...]
    limit: str
    values: Floats

    @property
    def where(self) -> Sequence[int]:
        """The sets of levers, or draws, in which it is beyond its limit."""
        found: list[int] = np.flatnonzero(~np.isnan(self.values)).tolist()
        return found


_Limited = tuple[tuple[str, ...], str, Value, Any]
"""Paths, the limit in words, the value, and whether it is beyond."""


def misfits(tree: Tree) -> Iterator[Misfit]:
    """Yield every number of `tree`, levers aside, that is beyond its limit somewhere."""
    for paths, limit, value, outside in chain(_alone(tree), _mfu(tree), _cached(tree), _shares(tree)):
        if np.any(outside):
            yield Misfit(paths, limit, np.atleast_1d(np.where(outside, value, np.nan)))


def _alone(tree: Tree) -> Iterator[_Limited]:
    """Limits of the schema."""
    hosted = [name for name, item in tree["inference"].items() if item["kind"] == "self_hosted"]
    writers = {f"inference.{name}.output_tokens" for name in hosted}
    for path, number in numbers({key: part for key, part in tree.items() if key not in ("levers", "lever_costs")}):
        name, value = path.rpartition(".")[2], np.asarray(number, float)
        for is_limited, limit, outside in (
            (name in _POSITIVE or path in writers, "above 0", value <= 0),
            (name in _AT_MOST_ONE, "at most 1", value > 1),
            (name in _BELOW_ONE, "below 1", value >= 1),
            (name == "burden_fraction", f"at most {MOST_BURDEN:g}: 0.25 is 25 % of pay", value > MOST_BURDEN),
        ):
            if is_limited:
                yield (path,), limit, value, outside


def _mfu(tree: Tree) -> Iterator[_Limited]:
    """No GPU does more than its peak: where much is computed twice, less of it is left to the model's own FLOPs."""
    for name, run in ((tree["training"] or {}).get("runs") or {}).items():
        if (given := run["estimate"]) is not None:
            value, most = given["mfu_fraction"], given["most_mfu_fraction"]
            limit = f"at most {most:.3f} with {given['recomputation']} recomputation"
            yield (f"training.runs.{name}.estimate.mfu_fraction",), limit, value, value > most * (1 + _ROUNDING)


def _cached(tree: Tree) -> Iterator[_Limited]:
    """Cached input needs a price, where input has one, and where self-hosting is held against one."""
    for name, item in tree["inference"].items():
        prices = item if item["kind"] == "tokens" else item.get("against")
        if prices is not None and prices["cached_input_usd_per_mtok"] is None:
            value = item["cached_fraction"]
            yield (f"inference.{name}.cached_fraction",), _NO_PRICE, value, value > 0


def _shares(tree: Tree) -> Iterator[_Limited]:
    """Requests of one volume are answered once."""
    for owner in tree["inference"]:
        parts = [name for name, item in tree["inference"].items() if name == owner or item.get("requests_of") == owner]
        if len(parts) > 1:
            value = sum(tree["inference"][name].get("share_fraction", 1.0) for name in parts)
            paths = tuple(f"inference.{name}.share_fraction" for name in reversed(parts))
            limit = f"at most 1 for {', '.join(parts)} together, who answer the same requests"
            yield paths, limit, value, value > 1 + _ROUNDING


def check_limits(given: Levers, inputs: Inputs, document: Document) -> Iterator[Complaint]:
    """Yield a complaint for every input that is beyond its limit at either end of the ranges, or moved there by levers.

    Of the sets that may be pulled together the one with the fewest levers is named, without those that keep off it.
    """
    said: set[str] = set()
    for end in (0, 1, 2) if inputs.spans else (1,):
        tree = inputs.at({path: span[end] for path, span in inputs.spans.items()})
        sets = allowed_sets(tree)
        for one in misfits(pulled(tree, list(sets.T))):
            few = min(one.where, key=lambda n: sets[n].sum())
            names = [name for name, on in zip(tree["levers"], sets[few], strict=True) if on]
            if one.paths[0] not in said:
                said.add(one.paths[0])
                yield beyond(given, tree, names, one, float(one.values[few]), document)


def beyond(
    given: Levers, tree: Tree, names: Sequence[str], misfit: Misfit, value: float, document: Document
) -> Complaint:
    """Return the complaint about a number beyond its limit: at the last lever that moves it, or where it stands."""
    movers = [(name, int(index)) for name in names for index, change in tree["levers"][name]["changes"].items()
              if not set(misfit.paths).isdisjoint(change["at"])]  # fmt: skip
    if not movers:
        at = _written(document, misfit.paths[0])
        return about(document, at, "is beyond its limit", f"{value:g}", misfit.limit)
    name, index = movers[-1]
    found = f"{value:g} with {' and '.join(dict.fromkeys(name for name, _ in movers))}"
    at = (*path_of(given, name), "changes", index)
    return about(document, at, f"moves {misfit.paths[0]} beyond its limit", found, misfit.limit)


def _written(document: Document, path: str) -> Path_:
    """Return where an input of the tree stands in the file: items by their place in a list, not by name."""
    found: Path_ = ()
    value: Any = document.value
    for name in path.split("."):
        if isinstance(value, list):
            index = next(n for n, item in enumerate(value) if item["name"] == name)
            found, value = (*found, index), value[index]
        else:
            found, value = (*found, name), (value or {}).get(name)
    return found
