"""A project's GPU work as workloads of a scenario, so that it competes for the same bought or rented GPUs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from planner.errors import Complaint, InputError
from planner.finetune.compute_schema import Run, SelfHosted
from planner.finetune.inputs import Tree
from planner.finetune.lines import run_gpu_hours
from planner.finetune.load import LoadedProject
from planner.finetune.serving_lines import gpu_hours_of_a_request, requests_per_month, with_requests
from planner.plaintext import json_text
from planner.units import HOURS_PER_MONTH, TOKENS_PER_MTOK

_SOURCE = "the fine-tuning project"


def workloads(loaded: LoadedProject, tree: Tree) -> list[dict[str, Any]]:
    """Return a workload for every training run and every self-hosted model that has work to do.

    Training is a batch: its GPU-hours spread evenly over the months of the horizon. Serving is a flat demand of
    requests; its speed is what one GPU-hour serves at the project's utilization, so the scenario needs no headroom for
    what that leaves free. Growth and the hours of the day are for the scenario to say.

    Parameters
    ----------
    tree : the inputs, with the levers pulled that the scenario shall have

    Raises
    ------
    InputError
        where work has no `gpu`, or there is no work for GPUs at all.
    """
    project, document = loaded.project, loaded.document
    parts: list[tuple[Run | SelfHosted, tuple[str | int, ...], dict[str, Any] | None]] = []
    for index, run in enumerate(project.training.runs if project.training else []):
        parts.append((run, ("training", "runs", index), _batch(project.name, run, tree)))
    for index, item in enumerate(project.inference):
        if isinstance(item, SelfHosted):
            parts.append((item, ("inference", index), _serving(project.name, item, tree)))
    busy = [(item, path, block) for item, path, block in parts if block is not None]
    if not busy:
        message = "has no work for GPUs: neither training runs nor self-hosted inference"
        raise InputError([Complaint(document.place(()), "", message)])
    if missing := [path for item, path, _ in busy if item.gpu is None]:
        message, cure = "needs gpu, to be a workload of a scenario", "gpu: an id of the catalog's gpus"
        raise InputError(
            Complaint(document.place(path), ".".join(map(str, path)), message, cure=cure) for path in missing
        )
    return [block for _, _, block in busy]


def _batch(project: str, run: Run, tree: Tree) -> dict[str, Any] | None:
    item = tree["training"]["runs"][run.name]
    hours = float(item["runs"] * run_gpu_hours(item))
    if hours == 0:
        return None
    lost = float(item["loss_fraction"])
    return {
        "name": f"{project}-{run.name}",
        "kind": "batch",
        "unit": f"GPU-hour of {run.gpu}",
        "work_per_month": hours / float(tree["horizon_months"]),
        "growth": {"annual_rate": 0},
        "speed": {run.gpu: 1},
        "speed_source": f"{_SOURCE} {project}: by definition",
        **({"spot": {"share_fraction": 1, "loss_fraction": lost}} if lost or run.rented == "spot" else {}),
    }


def _serving(project: str, item: SelfHosted, tree: Tree) -> dict[str, Any] | None:
    values = with_requests(tree, tree["inference"][item.name])
    requests = float(requests_per_month(tree, values))
    if requests == 0:
        return None
    found = {
        "name": f"{project}-{item.name}",
        "kind": "serving",
        "unit": "request",
        "demand": {"average_per_hour": requests / HOURS_PER_MONTH, "shape": "flat", "growth": {"annual_rate": 0}},
        "speed": {item.gpu: 1 / gpu_hours_of_a_request(values)},
        "speed_source": f"{_SOURCE} {project}: {item.speed_source}",
    }
    if item.against is not None and item.against.api_offer is not None:
        read = float(values["input_tokens"] + values["rag_tokens"])
        cached = read * float(values["cached_fraction"])
        found["api"] = {
            "offers": [item.against.api_offer],
            "input_mtok_per_unit": (read - cached) / TOKENS_PER_MTOK,
            "cached_input_mtok_per_unit": cached / TOKENS_PER_MTOK,
            "output_mtok_per_unit": float(values["output_tokens"]) / TOKENS_PER_MTOK,
        }
    return found


def as_yaml(blocks: list[dict[str, Any]]) -> str:
    """Return the blocks as the part `workloads:` of a scenario; values are written as JSON, which YAML reads."""
    return "".join(["workloads:\n", *(line for block in blocks for line in _item(block))])


def _item(block: dict[str, Any]) -> Iterator[str]:
    for n, (name, value) in enumerate(block.items()):
        text = json_text(value).strip()
        if isinstance(value, dict):
            text = " ".join(text.split())  # on one line; no text in it has spaces
        yield f"  {'-' if n == 0 else ' '} {name}: {text}\n"
