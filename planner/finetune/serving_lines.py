"""Self-hosted inference in a project: GPU-hours that are paid, and the volume from which it beats an API."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np

from planner.finetune.inputs import CHANGED, Floats, Tree, Value
from planner.finetune.serving import (
    ApiPrice,
    Hosted,
    Hosting,
    Request,
    api_usd,
    breakeven,
    gpu_hours_per_request,
    hosted,
)

_REQUEST = {
    "prompt_tokens": "input_tokens", "output_tokens": "output_tokens", "retrieved_tokens": "rag_tokens",
    "cached_fraction": "cached_fraction",
}  # fmt: skip
_HOSTING = (
    "output_tokens_per_s_per_gpu", "input_tokens_per_s_per_gpu", "utilization_fraction", "minimum_gpus",
    "gpus_per_replica",
)  # fmt: skip

_API = ("input_usd_per_mtok", "output_usd_per_mtok", "cached_input_usd_per_mtok")
"""In the order of ApiPrice."""


def with_requests(tree: Tree, item: Tree) -> Tree:
    """Return an item of inference with the requests and the period of the item that it names, if it names one."""
    if item.get("requests_of") is None:
        return item
    other = tree["inference"][item["requests_of"]]
    return {**item, "requests": other["requests"], "per_months": other["per_months"]}


def api_of(tree: Tree, item: Tree) -> Tree | None:
    """Return the prices that a self-hosted item is held against: its own, or those of the item it takes requests of."""
    found: Tree | None = item["against"]
    other = tree["inference"].get(item["requests_of"])
    if found is None and other is not None and other["kind"] == "tokens":
        source, *_ = other["source"].split(CHANGED)  # levers on its tokens leave the prices alone
        found = {**other, "source": source}
    return found


def requests_per_month(tree: Tree, item: Tree) -> Value:
    """Requests of a month that the item answers: told by period, or those of the whole horizon spread over it."""
    months = item["per_months"] if item["per_months"] is not None else tree["horizon_months"]
    volume: Value = item["requests"] * item["share_fraction"] / months
    return volume


def paid_gpu_hours(tree: Tree, item: Tree) -> Value:
    """GPU-hours that are paid over the horizon, whether GPUs work or not.

    GPUs come whole, so this is no formula that arrays could go through: each combination of values that there is gets
    priced once.
    """
    names = ("requests", *_REQUEST.values(), *(name for name in _HOSTING if item[name] is not None))
    values = {**item, "requests": requests_per_month(tree, item)}
    columns = np.broadcast_arrays(*(np.asarray(values[name], float) for name in names))
    rows, back = np.unique(np.stack([column.ravel() for column in columns]), axis=1, return_inverse=True)
    paid = np.array([_paid(dict(zip(names, row.tolist(), strict=True)), item) for row in rows.T])
    hours: Floats = paid[back.ravel()].reshape(columns[0].shape)
    months: Value = tree["horizon_months"]
    return hours * months


def _paid(values: dict[str, float], item: Tree) -> float:
    free = values | {"usd_per_gpu_hour": 0.0, "fixed_usd_per_month": 0.0}
    return hosted(values["requests"], _request(values), _hosting(free, item)).paid_gpu_hours


def _request(values: Tree) -> Request:
    return Request(**{name: values[key] for name, key in _REQUEST.items()})


def _hosting(values: Tree, item: Tree) -> Hosting:
    given: dict[str, Any] = {name: values[name] for name in _HOSTING if values.get(name) is not None}
    whole = {name: math.ceil(round(given[name], 9)) for name in ("minimum_gpus", "gpus_per_replica")}
    usd = (values["usd_per_gpu_hour"], values["fixed_usd_per_month"])
    return Hosting(usd[0], **given | whole, fixed_usd_per_month=usd[1], billing=item["billing"])


def gpu_hours_of_a_request(item: Tree) -> float:
    """GPU-hours that one request needs, the unused share of the GPUs included."""
    return gpu_hours_per_request(_request(item), _hosting(item, item))


def month_of(tree: Tree, item: Tree) -> Hosted:
    """What a month of a self-hosted item needs and costs."""
    return hosted(float(requests_per_month(tree, item)), _request(item), _hosting(item, item))


def serving(tree: Tree) -> Iterator[dict[str, Any]]:
    """Yield for each self-hosted item what a month needs and costs, and the breakeven with the API it is held against.

    Parameters
    ----------
    tree : with single numbers
    """
    for name, given in (tree.get("inference") or {}).items():
        if given["kind"] != "self_hosted":
            continue
        item = with_requests(tree, given)
        request, hosting = _request(item), _hosting(item, item)
        volume = float(requests_per_month(tree, item))
        found = {"name": name, "requests_per_month": volume, "hosted": asdict(month_of(tree, item)),
                 "counted": _counted(item["fixed_usd_per_month"])}  # fmt: skip
        api = api_of(tree, item)
        if volume and api is not None and not (item["cached_fraction"] and api["cached_input_usd_per_mtok"] is None):
            price = ApiPrice(*(api[name] for name in _API))
            found |= {"api_usd": api_usd(volume, request, price), "api_source": api["source"],
                      "breakeven": asdict(breakeven(request, price, hosting))}  # fmt: skip
        yield found


def _counted(fixed_usd: float) -> str:
    """Say what self-hosting is taken to cost in a month, and what is left out when it is held against an API."""
    more = f" and {fixed_usd:,.2f} USD a month of fixed_usd_per_month" if fixed_usd else ", fixed_usd_per_month being 0"
    return f"Self-hosting is its GPUs{more}; the project's training, labor, infra and operations are not counted in it."
