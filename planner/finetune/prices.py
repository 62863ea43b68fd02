"""Prices that a project takes from elsewhere: the catalog's offers, and owned servers of a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from planner.catalog.load import Catalog
from planner.catalog.schema import Fact
from planner.documents import Document, Path_, dotted
from planner.errors import Complaint, InputError
from planner.finetune.compute_schema import GpuPrice, InferenceTokens, SelfHosted, TokenPrices
from planner.finetune.inputs import Inputs, Span, Tree, copied
from planner.finetune.schema import Project
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

    def at(self, where: Sequence[str]) -> Tree:
        """Return the item at `where`."""
        found = self.tree
        for step in where:
            found = found[step]
        return found

    def price(self, row_id: str) -> tuple[Fact | None, str]:
        """Return the price of catalog row `row_id` in USD, or None and why it has none to take."""
        row = self.catalog.in_force(row_id, self.day)
        if row is None:
            known = row_id in self.catalog.rows
            return None, f"no price in force on {self.day}" if known else "the offer has no such price"
        if row.quarantined:
            return None, f"quarantined: {row.quarantined}"
        if row.fact.value is None:
            return None, f"unknown: {row.fact.unknown}"
        return (row.fact, "") if row.fact.currency == "USD" else (None, f"is in {row.fact.currency}, not USD")

    def take(self, where: Sequence[str], name: str, row_id: str, at: Path_) -> str:
        """Put the price of catalog row `row_id` into the item at `where`; return what the row is, as a source."""
        fact, problem = self.price(row_id)
        if fact is None:
            self.complain(at, f"has no price to take from {row_id}: {problem}", "give a price with its source instead")
            return ""
        likely = float(fact.value or 0)
        low, high = (likely if bound is None else float(bound) for bound in (fact.low, fact.high))
        self.at(where)[name] = likely
        if low < high:
            self.spans[".".join((*where, name))] = (low, likely, high)
        return _source(row_id, fact)

    def complain(self, at: Path_, message: str, cure: str) -> None:
        self.complaints.append(Complaint(self.document.place(at), dotted(at), message, cure=cure))


def _source(row_id: str, fact: Fact) -> str:
    return f"catalog {row_id}, {fact.basis}, {fact.date}"


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
        _price_gpu(work, run, ("training", "runs", run.name), ("training", "runs", index), folder)
    for index, item in enumerate(project.inference):
        where, at = ("inference", item.name), ("inference", index)
        if isinstance(item, SelfHosted):
            _price_gpu(work, item, where, at, folder)
            if item.against is not None:
                _price_tokens(work, item.against, (*where, "against"), (*at, "against"))
        elif isinstance(item, InferenceTokens):
            _price_tokens(work, item, where, at)
    if work.complaints:
        raise InputError(work.complaints)
    return Inputs(work.tree, work.spans)


def _price_gpu(work: _Pricing, price: GpuPrice, where: Sequence[str], at: Path_, folder: Path) -> None:
    item = work.at(where)
    if price.offer is not None:
        gpu = work.catalog.section("offers")[price.offer].gpu
        if price.gpu not in (None, gpu):
            message = f"is {price.gpu}, and offer {price.offer} has {gpu}"
            work.complain((*at, "gpu"), message, f"gpu: {gpu}, or another offer")
        item["gpu"], item["rented"] = gpu, price.rented or "on_demand"
        item["spot"] = _spot(work, price.offer)
        row_id = f"{price.offer}/{_OFFER_FIELDS[item['rented']]}"
        item["source"] = work.take(where, "usd_per_gpu_hour", row_id, (*at, "offer"))
    elif price.owned_plan is not None:
        item["rented"] = "owned"
        try:
            path = file_beside(folder, price.owned_plan, work.document, (*at, "owned_plan"))
            item["usd_per_gpu_hour"], item["source"] = _owned(path, price.owned_plan, price.gpu, work.catalog)
        except InputError as error:
            work.complaints += error.complaints
        except LookupError as error:
            work.complain(
                (*at, "owned_plan"), str(error), "name a plan whose owned servers are at work, all of this GPU"
            )


def _spot(work: _Pricing, offer: str) -> tuple[float, str] | None:
    """Return the spot price of an offer with its source, for levers that rent so; no input that they could change."""
    row_id = f"{offer}/{_OFFER_FIELDS['spot']}"
    fact, _ = work.price(row_id)
    return None if fact is None else (float(fact.value or 0), _source(row_id, fact))


def _owned(path: Path, name: str, gpu: str | None, catalog: Catalog) -> tuple[float, str]:
    """Return what a GPU-hour at work on owned servers costs in a plan, and what that is, as a source.

    Purchase less resale, installation, power, space, support and the rest of their costs over the horizon of the plan,
    nominal, ÷ their GPU-hours at work; idle hours are so paid by those at work.
    """
    from planner.planreader import read_plan  # it knows the whole planner, which most projects do not need

    plan: dict[str, Any] = read_plan(path)
    unit = next((one for one in plan["unit_costs"] if one["kind"] == "owned"), None)
    if unit is None or unit["usd_per_gpu_hour"] is None:
        raise LookupError("is a plan in which no owned server works")
    usd, servers = float(unit["usd_per_gpu_hour"]), catalog.section("servers")
    if usd < 0:
        raise LookupError("is a plan whose owned servers bring in more than they cost")
    used = {row["option"].partition(" @ ")[0] for row in plan["service"] if row["kind"] == "owned"}
    gpus = sorted({servers[one].gpu if one in servers else f"unknown GPUs ({one})" for one in used})
    if gpu is not None and gpus != [gpu]:
        raise LookupError(f"is a plan whose owned servers have {', '.join(gpus)}, not {gpu} alone")
    tax = plan["finance"].get("conventions", {}).get("tax", "before")
    return usd, (
        f"plan {name} of scenario {plan['scenario']} at prices of {plan['as_of']}: owned {', '.join(gpus)}, "
        f"{unit['gpu_hours']:,.0f} GPU-hours at work, {tax} tax, without people"
    )


def _price_tokens(work: _Pricing, prices: TokenPrices, where: Sequence[str], at: Path_) -> None:
    """Take the prices of an API; that of cached input where the offer has one: a lever may cache what nobody did."""
    if prices.api_offer is None:
        return
    for name in _TOKEN_FIELDS:
        row_id = f"{prices.api_offer}/{name}"
        if name != "cached_input_usd_per_mtok" or work.price(row_id)[0] is not None:
            source = work.take(where, name, row_id, (*at, "api_offer"))
            work.at(where)["source"] = source.replace(f"/{name}", "", 1)
