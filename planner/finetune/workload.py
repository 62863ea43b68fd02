"""A project's GPU work as workloads of a scenario, so that it competes for the same bought or rented GPUs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import Any

from planner.documents import dotted
from planner.errors import Complaint, InputError
from planner.finetune.compute_schema import Run, SelfHosted
from planner.finetune.inputs import Tree
from planner.finetune.lines import run_gpu_hours
from planner.finetune.load import LoadedProject
from planner.finetune.serving_lines import api_of, gpu_hours_of_a_request, month_of, requests_per_month, with_requests
from planner.plaintext import json_text
from planner.units import HOURS_PER_MONTH, TOKENS_PER_MTOK

_SOURCE = "the fine-tuning project"
_WIDTH = 110
_FREE = 1e-9
"""GPUs that stand by, as a share of those at work, that are rounding."""


def workloads(loaded: LoadedProject, tree: Tree) -> list[dict[str, Any]]:
    """Return a workload for every training run and every self-hosted model that has work to do.

    Training is a batch: its GPU-hours spread evenly over the months of the project's horizon, month by month, so that
    a scenario of another horizon refuses it instead of training for ever. Serving is a flat demand of requests; its
    speed is what one GPU-hour serves at the project's utilization, and its headroom the GPUs that whole replicas and
    the minimum keep on beyond that, which are paid.

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
    if missing := [path for item, path, _ in busy if _in(tree, item)["gpu"] is None]:
        message, cure = "needs gpu, to be a workload of a scenario", "gpu: an id of the catalog's gpus"
        raise InputError(Complaint(document.place(path), dotted(path), message, cure=cure) for path in missing)
    return [block for _, _, block in busy]


def _in(tree: Tree, item: Run | SelfHosted) -> Tree:
    """Return what the tree holds of an item, prices of the catalog and levers included."""
    found: Tree = (tree["training"]["runs"] if isinstance(item, Run) else tree["inference"])[item.name]
    return found


def _batch(project: str, run: Run, tree: Tree) -> dict[str, Any] | None:
    item = _in(tree, run)
    hours = float(item["runs"] * run_gpu_hours(item))
    if hours == 0:
        return None
    lost, months = float(item["loss_fraction"]), int(tree["horizon_months"])
    spot = item["rented"] == "spot"  # only there does a scenario lose work; elsewhere the lost hours are work too
    return {
        "name": f"{project}-{run.name}",
        "kind": "batch",
        "unit": f"GPU-hour of {item['gpu']}",
        "work_per_month": hours / (1 if spot else 1 - lost) / months,
        "growth": {"monthly_factors": [1] * months},
        "speed": {item["gpu"]: 1},
        "speed_source": f"{_SOURCE} {project}: by definition",
        **({"spot": {"share_fraction": 1, "loss_fraction": lost}} if spot else {}),
    }


def _serving(project: str, item: SelfHosted, tree: Tree) -> dict[str, Any] | None:
    values = with_requests(tree, _in(tree, item))
    requests = float(requests_per_month(tree, values))
    if requests == 0:
        return None
    month = month_of(tree, values)
    ready = month.paid_gpu_hours / month.needed_gpu_hours - 1
    found = {
        "name": f"{project}-{item.name}",
        "kind": "serving",
        "unit": "request",
        "demand": {"shape": "flat", **_level(requests, values["per_months"] is None, int(tree["horizon_months"]))},
        "speed": {values["gpu"]: 1 / gpu_hours_of_a_request(values)},
        "speed_source": f"{_SOURCE} {project}: {item.speed_source}",
        **({"headroom_fraction": ready, "standby_on_demand": "billed"} if ready > _FREE else {}),
        **({"spot": {"share_fraction": 1, "loss_fraction": 0}} if values["rented"] == "spot" else {}),
    }
    api = api_of(tree, values)
    if api is not None and api["api_offer"] is not None:
        read = float(values["input_tokens"] + values["rag_tokens"])
        cached = read * float(values["cached_fraction"])
        found["api"] = {
            "offers": [api["api_offer"]],
            "input_mtok_per_unit": (read - cached) / TOKENS_PER_MTOK,
            "cached_input_mtok_per_unit": cached / TOKENS_PER_MTOK,
            "output_mtok_per_unit": float(values["output_tokens"]) / TOKENS_PER_MTOK,
        }
    return found


def _level(requests: float, ends: bool, months: int) -> dict[str, Any]:
    """Return the demand: that of the project's months where it ends with them, else a level that stays."""
    if ends:
        return {"work_per_month": [requests] * months}
    return {"average_per_hour": requests / HOURS_PER_MONTH, "growth": {"annual_rate": 0}}


def remarks(loaded: LoadedProject, tree: Tree, blocks: Sequence[dict[str, Any]], levers: Sequence[str]) -> list[str]:
    """Return what a reader of the blocks must know: what they leave out, and what is for the scenario to say.

    Parameters
    ----------
    levers : those that are pulled in `tree`
    """
    project, months = loaded.project, int(tree["horizon_months"])
    names = {block["name"].removeprefix(f"{project.name}-"): block for block in blocks}
    runs = [run for run in (project.training.runs if project.training else []) if run.name in names]
    hosted = [item for item in project.inference if isinstance(item, SelfHosted) and item.name in names]
    said = [f"GPU work of the fine-tuning project {project.name}, levers pulled: {', '.join(levers) or 'none'}."]
    said.append("Not carried: the project's prices (the scenario has its own) and every cost but that of GPUs.")
    if any("monthly_factors" in str(block) or "work_per_month" in block.get("demand", {}) for block in blocks):
        said.append(
            f"What is done once is told for each of {months} months: a scenario of another horizon needs as many "
            "numbers as it has months, 0 after the project's end, or blocks written with --months."
        )
    if runs:
        said.append("Training is spread evenly over its months: not carried is that GPUs of a run work together.")
    for run in runs:
        lost = float(_in(tree, run)["loss_fraction"])
        if lost and _in(tree, run)["rented"] != "spot":
            said.append(
                f"{run.name} is not rented: spot in the project: its work has the {lost:.3g} of all hours that it "
                "loses in it, and it may not use spot."
            )
    if hosted:
        said.append(
            "Serving is a flat demand without growth, hours of the day or peaks; where no months are told it goes on "
            "as long as the scenario."
        )
    if any("headroom_fraction" in names[item.name] for item in hosted):
        said.append(
            "headroom_fraction holds the GPUs that minimum_gpus, gpus_per_replica and whole GPUs keep on at this "
            "demand: work it out anew when they change; whole.instances of the scenario rents whole instances."
        )
    fixed = {item.name: float(tree["inference"][item.name]["fixed_usd_per_month"]) for item in hosted}
    said += [
        f"Not carried: {usd:,.2f} USD a month that serving {name} costs beside GPUs; see project of the scenario."
        for name, usd in fixed.items()
        if usd
    ]
    return said


def as_yaml(blocks: Sequence[dict[str, Any]], said: Sequence[str] = ()) -> str:
    """Return the blocks as the part `workloads:` of a scenario; values are written as JSON, which YAML reads.

    Parameters
    ----------
    said : remarks, which stand above it as comments
    """
    comments = (f"# {line}\n" for text in said for line in wrap(text, _WIDTH))
    return "".join([*comments, "workloads:\n", *(line for block in blocks for line in _item(block))])


def _item(block: dict[str, Any]) -> Iterator[str]:
    for n, (name, value) in enumerate(block.items()):
        text = json_text(value).strip()
        if isinstance(value, dict):
            text = " ".join(text.split())  # on one line; no text in it has spaces
        yield f"  {'-' if n == 0 else ' '} {name}: {text}\n"
