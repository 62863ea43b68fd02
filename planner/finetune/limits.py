"""What a number may be after levers have changed it: the limits of the schema hold then too."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from planner.documents import Document
from planner.errors import Complaint
from planner.finetune.inputs import Inputs, Tree, numbers
from planner.finetune.levers import every_mask, pulled

_POSITIVE = {
    "useful_years", "horizon_months", "mfu_fraction", "utilization_fraction", "per_months", "tokens_m", "epochs",
    "output_tokens_per_s_per_gpu", "input_tokens_per_s_per_gpu", "gpus_per_replica",
}  # fmt: skip
_AT_MOST_ONE = {
    "contingency_fraction", "project_usage_fraction", "probability_fraction", "cached_fraction", "share_fraction",
    "mfu_fraction", "utilization_fraction",
}  # fmt: skip
_BELOW_ONE = {"loss_fraction"}


def misfits(tree: Tree) -> Iterator[tuple[str, str]]:
    """Yield path and limit of every number of `tree`, levers aside, that is beyond its limit."""
    hosted = [name for name, item in tree["inference"].items() if item["kind"] == "self_hosted"]
    writers = {f"inference.{name}.output_tokens" for name in hosted}
    for path, value in numbers({key: part for key, part in tree.items() if key not in ("levers", "lever_costs")}):
        name = path.rpartition(".")[2]
        if (name in _POSITIVE or path in writers) and np.any(np.asarray(value) <= 0):
            yield path, "above 0"
        if name in _AT_MOST_ONE and np.any(np.asarray(value) > 1):
            yield path, "at most 1"
        if name in _BELOW_ONE and np.any(np.asarray(value) >= 1):
            yield path, "below 1"


def check_limits(inputs: Inputs, document: Document) -> Iterator[Complaint]:
    """Yield a complaint for every input that some set of levers moves beyond its limit, at either end of the ranges."""
    for end in (0, 1, 2):
        tree = inputs.at({path: span[end] for path, span in inputs.spans.items()})
        for path, limit in misfits(pulled(tree, every_mask(tree))):
            message = f"moves {path} beyond its limit"
            yield Complaint(document.place(("levers",)), "levers", message, allowed=limit)
        if end == 0 and not inputs.spans:
            return
