"""What a number may be after levers have changed it: the limits of the schema hold then too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from planner.documents import Document
from planner.errors import Complaint
from planner.finetune.inputs import Floats, Inputs, Tree, numbers
from planner.finetune.lever_checks import about, path_of
from planner.finetune.lever_schema import Levers
from planner.finetune.levers import allowed_sets, pulled

_POSITIVE = {
    "useful_years", "horizon_months", "mfu_fraction", "utilization_fraction", "per_months", "tokens_m", "epochs",
    "output_tokens_per_s_per_gpu", "input_tokens_per_s_per_gpu", "gpus_per_replica",
}  # fmt: skip
_AT_MOST_ONE = {
    "contingency_fraction", "project_usage_fraction", "probability_fraction", "cached_fraction", "share_fraction",
    "mfu_fraction", "utilization_fraction",
}  # fmt: skip
_BELOW_ONE = {"loss_fraction"}


def misfits(tree: Tree) -> Iterator[tuple[str, str, Floats]]:
    """Yield path, limit and value of every number of `tree`, levers aside, that is beyond its limit somewhere."""
    hosted = [name for name, item in tree["inference"].items() if item["kind"] == "self_hosted"]
    writers = {f"inference.{name}.output_tokens" for name in hosted}
    for path, number in numbers({key: part for key, part in tree.items() if key not in ("levers", "lever_costs")}):
        name, value = path.rpartition(".")[2], np.asarray(number, float)
        for is_limited, limit, beyond in (
            (name in _POSITIVE or path in writers, "above 0", value <= 0),
            (name in _AT_MOST_ONE, "at most 1", value > 1),
            (name in _BELOW_ONE, "below 1", value >= 1),
        ):
            if is_limited and np.any(beyond):
                yield path, limit, np.where(beyond, value, np.nan)


def check_limits(given: Levers, inputs: Inputs, document: Document) -> Iterator[Complaint]:
    """Yield a complaint for every input that a set of levers moves beyond its limit, at either end of the ranges.

    Of the sets that may be pulled together the one with the fewest levers is named, without those that keep off it.
    """
    for end in (0, 1, 2):
        tree = inputs.at({path: span[end] for path, span in inputs.spans.items()})
        sets = allowed_sets(tree)
        for path, limit, values in misfits(pulled(tree, list(sets.T))):
            few = min(np.flatnonzero(~np.isnan(values)), key=lambda n: sets[n].sum())
            names = [name for name, on in zip(tree["levers"], sets[few], strict=True) if on]
            yield beyond(given, tree, names, path, limit, float(values[few]), document)
        if end == 0 and not inputs.spans:
            return


def beyond(
    given: Levers, tree: Tree, names: Sequence[str], path: str, limit: str, value: float, document: Document
) -> Complaint:
    """Return the complaint about levers that move an input beyond its limit, at the change of the last of them."""
    movers = [(name, int(index)) for name in names for index, change in tree["levers"][name]["changes"].items()
              if path in change["at"]]  # fmt: skip
    name, index = movers[-1]
    at = (*path_of(given, name), "changes", index)
    found = f"{value:g} with {' and '.join(dict.fromkeys(name for name, _ in movers))}"
    return about(document, at, f"moves {path} beyond its limit", found, limit)
