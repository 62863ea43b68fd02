"""Prices that a project takes from elsewhere: the catalog's offers, and owned servers of a plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from planner.catalog.load import Catalog
from planner.documents import Document, Path_
from planner.errors import Complaint, InputError
from planner.finetune.inputs import Inputs, Span, Tree, copied
from planner.finetune.schema import InferenceTokens, Project, Run
from planner.scenario.beside import file_beside

_OFFER_FIELDS = {"on_demand": "on_demand_usd_per_gpu_hour", "spot": "spot_usd_per_gpu_hour"}
_TOKEN_FIELDS = ("input_usd_per_mtok", "cached_input_usd_per_mtok", "output_usd_per_mtok")


@dataclass
class _Pricing:
    """Work in progress: the tree that prices are put into, and what is wrong with them."""

    tree: Tree
    spans: dict[str, Span]
    document: Document
    catalog: Catalog
    day: date
    complaints: list[Complaint] = field(default_factory=list)

    def take(self, item: Tree, where: str, name: str, row_id: str, at: Path_) -> str:
        """Put the price of catalog row `row_id` into `item` under `name`; return what the row is, as a source."""
        row = self.catalog.in_force(row_id, self.day)
        problem = None
        if row is None:
            problem = (
                f"no price in force on {self.day}" if row_id in self.catalog.rows else "the offer has no such price"
            )
        elif row.quarantined:
            problem = f"quarantined: {row.quarantined}"
        elif row.fact.value is None:
            problem = f"unknown: {row.fact.unknown}"
        elif row.fact.currency != "USD":
            problem = f"is in {row.fact.currency}, not USD"
        if row is None or row.fact.value is None or problem is not None:
            self.complain(at, f"has no price to take from {row_id}: {problem}", "give a price with its source instead")
            return ""
        fact = row.fact
        item[name] = float(fact.value or 0)
        low, high = (float(bound if bound is not None else fact.value or 0) for bound in (fact.low, fact.high))
        if low < high:
            self.spans[f"{where}.{name}"] = (low, item[name], high)
        return f"catalog {row_id}, {fact.basis}, {fact.date}"

    def complain(self, at: Path_, message: str, cure: str) -> None:
        self.complaints.append(Complaint(self.document.place(at), ".".join(map(str, at)), message, cure=cure))


def priced(inputs: Inputs, project: Project, document: Document, catalog: Catalog, folder: Path) -> Inputs:
    """Return `inputs` with every price that the project takes from the catalog or from a plan.

    A price that the catalog gives with low and high is a range.

    Raises
    ------
    InputError
        with a complaint for every price that is unknown, quarantined, not in force or in another currency.
    """
    work = _Pricing(copied(inputs.tree), dict(inputs.spans), document, catalog, project.as_of)
    for index, run in enumerate(project.training.runs if project.training else []):
        _price_run(work, run, ("training", "runs", index), folder)
    for index, item in enumerate(project.inference):
        if isinstance(item, InferenceTokens) and item.api_offer is not None:
            _price_tokens(work, item, ("inference", index, "api_offer"))
    if work.complaints:
        raise InputError(work.complaints)
    return Inputs(work.tree, work.spans)


def _price_run(work: _Pricing, run: Run, at: Path_, folder: Path) -> None:
    item = work.tree["training"]["runs"][run.name]
    if run.offer is not None and run.offer in work.catalog.section("offers"):
        row_id = f"{run.offer}/{_OFFER_FIELDS[run.rented]}"
        where = f"training.runs.{run.name}"
        item["source"] = work.take(item, where, "usd_per_gpu_hour", row_id, (*at, "offer"))
    elif run.owned_plan is not None:
        try:
            path = file_beside(folder, run.owned_plan, work.document, (*at, "owned_plan"))
            item["usd_per_gpu_hour"], item["source"] = _owned(path, run.owned_plan)
        except InputError as error:
            work.complaints += error.complaints
        except LookupError as error:
            work.complain((*at, "owned_plan"), str(error), "name a plan that buys or owns servers")


def _owned(path: Path, name: str) -> tuple[float, str]:
    """Return what a GPU-hour at work on owned servers costs in a plan, over its whole horizon, without people."""
    from planner.planreader import read_plan  # it knows the whole planner, which most projects do not need

    plan: dict[str, Any] = read_plan(path)
    usd = next((one["usd_per_gpu_hour"] for one in plan["unit_costs"] if one["kind"] == "owned"), None)
    if usd is None:
        raise LookupError("is a plan in which no owned server works")
    return float(usd), f"plan {name} of scenario {plan['scenario']}: owned servers, without people"


def _price_tokens(work: _Pricing, item: InferenceTokens, at: Path_) -> None:
    into = work.tree["inference"][item.name]
    sources = list(_token_sources(work, item, into, at))
    into["source"] = sources[0]


def _token_sources(work: _Pricing, item: InferenceTokens, into: Tree, at: Path_) -> Iterator[str]:
    for name in _TOKEN_FIELDS:
        if name != "cached_input_usd_per_mtok" or item.cached_fraction != 0:
            yield work.take(into, f"inference.{item.name}", name, f"{item.api_offer}/{name}", at)
