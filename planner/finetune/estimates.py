"""Training runs whose hours are estimated: from the size of the model, its tokens, the method and the GPU."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from planner.catalog.load import Catalog
from planner.documents import Document, Path_, dotted
from planner.errors import Complaint, InputError
from planner.finetune.amounts import Range
from planner.finetune.compute_schema import Estimate, Run
from planner.finetune.gpus import TrainingGpu, training_gpu
from planner.finetune.inputs import Inputs, copied
from planner.finetune.memory import adapter_fraction, typical_shape
from planner.finetune.schema import Project
from planner.finetune.training import Estimate as Estimated
from planner.finetune.training import estimate_training

USUAL_MFU = 0.6
LARGE_ATTENTION = 0.1


@dataclass(frozen=True)
class RunEstimate:
    """The estimate of a run at its likely values."""

    run: str
    given: Estimate
    found: Estimated


def estimated(
    inputs: Inputs, project: Project, document: Document, catalog: Catalog
) -> tuple[Inputs, tuple[RunEstimate, ...]]:
    """Return `inputs` with the hours of every run that has an estimate, and the estimates.

    Hours are in proportion to tokens and epochs, and the inverse of the MFU: the run gets the GPU-hours of a million
    tokens at an MFU of 1, so that these three stay inputs that may be ranges and that levers may change.

    Raises
    ------
    InputError
        where a number is out of its range, the GPU has no known peak, or the run does not fit into its memory.
    """
    tree, found = copied(inputs.tree), []
    complaints: list[Complaint] = []
    for index, run in enumerate(project.training.runs if project.training else []):
        if run.estimate is None:
            continue
        at: Path_ = ("training", "runs", index)
        item = tree["training"]["runs"][run.name]
        given = item["estimate"]
        try:
            where: Path_ = (*at, "gpu")
            gpu = training_gpu(catalog, item["gpu"], project.as_of, document.place(where), dotted(where))
            one = _estimate(run.estimate, gpu, given["tokens_m"] * given["epochs"], given["mfu_fraction"])
        except InputError as error:
            complaints += error.complaints
            continue
        except ValueError as error:
            path: Path_ = (*at, "estimate")
            complaints.append(Complaint(document.place(path), dotted(path), str(error)))
            continue
        complaints += _fit(run, run.estimate, one, gpu, document, (*at, "estimate", "gpus"))
        given["most_mfu_fraction"] = one.most_mfu_fraction
        item["gpu_hours"] = one.gpu_hours * given["mfu_fraction"] / (given["tokens_m"] * given["epochs"])
        item["method"] = run.estimate.method
        found.append(RunEstimate(run.name, run.estimate, one))
    if complaints:
        raise InputError(complaints)
    return Inputs(tree, inputs.spans), tuple(found)


def _estimate(given: Estimate, gpu: TrainingGpu, tokens_m: float, mfu_fraction: float) -> Estimated:
    size = float(given.parameters_b)
    trained = None if given.rank is None else adapter_fraction(given.rank, typical_shape(size).hidden)
    return estimate_training(
        size, tokens_m, given.method, gpu, given.gpus, mfu_fraction, trainable_fraction=trained,
        precision=given.precision, sequence_tokens=given.sequence_tokens, micro_batch=given.micro_batch,
        recomputation=given.recomputation, sharding=given.sharding,
    )  # fmt: skip


def _fit(
    run: Run, given: Estimate, one: Estimated, gpu: TrainingGpu, document: Document, at: Path_
) -> Iterator[Complaint]:
    if one.fits:
        return
    message = (
        f"does not fit: run {run.name}, method {given.method}, needs {one.memory_gb_per_gpu:.1f} GB on each "
        f"{gpu.id}, which has {gpu.memory_gb:g} GB"
    )
    ways = ["larger GPUs", "shorter sequences"]
    ways += ["fewer sequences at a time (micro_batch)"] if given.micro_batch > 1 else []
    ways += ["full recomputation"] if given.recomputation != "full" else []
    ways += {"full": ["lora or qlora"], "lora": ["qlora"], "qlora": []}[given.method]
    ways += ["sharding: full"] if given.sharding == "none" and given.gpus > 1 else []
    if one.smallest_gpus is None:
        allowed = "no number fits"
    else:
        allowed, ways = f"{one.smallest_gpus} or more", [f"{one.smallest_gpus} GPUs", *ways]
    yield Complaint(document.place(at), dotted(at), message, str(given.gpus), allowed, f"take {', or '.join(ways)}")


def unusual(estimates: Iterable[RunEstimate]) -> Iterator[str]:
    """Yield a note for each run whose hours are likely to be too few."""
    for one in estimates:
        given = one.given.mfu_fraction
        mfu = float(given.likely if isinstance(given, Range) else given)
        if mfu > USUAL_MFU:
            yield (
                f"Run {one.run} supposes {mfu * 100:g} % of the peak; large models were trained at 40 to 60 % "
                "(Korthikanti et al. 2022, arXiv:2205.05198)."
            )
        if one.found.attention_fraction > LARGE_ATTENTION:
            yield (
                f"Run {one.run} has sequences of {one.given.sequence_tokens:,} tokens: their attention scores add "
                f"{one.found.attention_fraction * 100:.0f} % to 6·N FLOPs a token. Hours are too few by that, unless "
                "the MFU was measured at this length without them."
            )
