"""What a project costs, line by line: one function for each term of the formula.

TCO = TrainingCompute + DataCosts + Labor + Infra + Inference + OpsOverhead + Depreciation + Risk + Contingency. Every
line is quantity × unit price; both may be arrays, one value for each future or set of levers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from planner.finetune.inputs import Tree, Value
from planner.finetune.serving_lines import paid_gpu_hours, with_requests
from planner.units import MONTHS_PER_YEAR, TOKENS_PER_MTOK


@dataclass(frozen=True)
class Line:
    """A line of the cost sheet: `usd` is quantity × unit_usd.

    Attributes
    ----------
    repeats : terms whose sum the unit price is, none where it is a price
    """

    term: str
    name: str
    quantity: Value
    unit: str
    unit_usd: Value
    source: str
    repeats: tuple[str, ...] = ()

    @property
    def usd(self) -> Value:
        """What it comes to."""
        return self.quantity * self.unit_usd


def lines_of(tree: Tree) -> list[Line]:
    """Return every line; the terms stand in the order of the formula, contingency last."""
    own = list(chain.from_iterable(of(tree) for of in OWN_TERMS.values()))
    counted = [*own, *_lever_costs(tree)]
    counted += list(_risk(tree, counted))
    counted += _contingency(tree, counted)
    return [line for term in TERMS for line in counted if line.term == term]


def total(lines: Sequence[Line]) -> Value:
    """Return the sum of the lines, added by their names: to the last bit the same in whatever order they stand."""
    return sum((line.usd for line in sorted(lines, key=lambda one: (one.term, one.name))), 0.0)


def by_term(lines: Sequence[Line]) -> dict[str, Value]:
    """Return the sum of each term; a term of the formula is 0 when it has no line, risk is left out then."""
    found = {term: total([line for line in lines if line.term == term]) for term in TERMS}
    return {term: usd for term, usd in found.items() if term != "risk" or any(line.term == term for line in lines)}


def over_horizon(tree: Tree, item: Tree) -> float:
    """How often the quantity of `item` comes: once, or as many times its period as the horizon is long."""
    return 1.0 if item.get("per_months") is None else float(tree["horizon_months"] / item["per_months"])


def _training_compute(tree: Tree) -> Iterator[Line]:
    """GPU-hours of all runs × the price of one; what interruptions lose is paid on top, as a line of its own.

    With a share l of the paid hours lost, h hours of work take h ÷ (1 − l).
    """
    for name, run in _items(tree, "training", "runs"):
        hours, price, lost = run["runs"] * run_gpu_hours(run), run["usd_per_gpu_hour"], run["loss_fraction"]
        yield Line("training_compute", name, hours, "GPU-hour", price, run["source"])
        if np.any(lost):
            yield Line("training_compute", f"{name}: lost", hours * lost / (1 - lost), "GPU-hour", price, run["source"])


def run_gpu_hours(run: Tree) -> Value:
    """GPU-hours of one run; with an estimate, those of a million tokens at an MFU of 1 × tokens × epochs ÷ MFU."""
    hours: Value = run["gpu_hours"]
    given = run["estimate"]
    return hours if given is None else hours * given["tokens_m"] * given["epochs"] / given["mfu_fraction"]


def _data(tree: Tree) -> Iterator[Line]:
    """Labeling and cleaning by the hour, acquisition by site, storage by terabyte and month, versioning."""
    for part, quantity, unit in (
        ("labeling", "hours", "hour"),
        ("acquisition", "sites", "site"),
        ("cleaning", "hours", "hour"),
    ):
        for name, item in _items(tree, "data", part):
            often = over_horizon(tree, item)
            yield Line("data", name, item[quantity] * often, unit, item[f"usd_per_{unit}"], item["source"])
    for name, item in _items(tree, "data", "storage"):
        months = tree["horizon_months"] if item["months"] is None else item["months"]
        yield Line("data", name, item["tb"] * months, "TB-month", item["usd_per_tb_month"], item["source"])
    yield from _each(tree, "data", "data", "versioning")


def _labor(tree: Tree) -> Iterator[Line]:
    """Person-months × pay with burden; the time until people are of full use is a line of its own."""
    for name, role in _items(tree, "labor"):
        often = over_horizon(tree, role)
        pay = role["usd_per_month"] * (1 + role["burden_fraction"])
        yield Line("labor", name, role["months"] * often, "person-month", pay, role["source"])
        ramp = np.where(np.asarray(role["months"]) > 0, role["ramp_months"], 0.0)  # nobody is there, nobody learns
        if np.any(ramp):
            yield Line("labor", f"{name}: ramp", ramp, "person-month", pay, role["source"])


def _inference(tree: Tree) -> Iterator[Line]:
    """By the hour, the request, the token or the GPU; what retrieval adds to an API's input is a line of its own."""
    for name, given in _items(tree, "inference"):
        item = with_requests(tree, given)
        often = over_horizon(tree, item)
        if item["kind"] == "hours":
            yield Line("inference", name, item["hours"] * often, "hour", item["usd_per_hour"], item["source"])
        elif item["kind"] == "requests":
            yield Line("inference", name, item["requests"] * often, "request", item["usd_per_request"], item["source"])
        elif item["kind"] == "tokens":
            yield from _tokens(name, item, often)
        else:
            hours = paid_gpu_hours(tree, item)
            yield Line("inference", name, hours, "GPU-hour", item["usd_per_gpu_hour"], item["source"])
            if np.any(fixed := item["fixed_usd_per_month"]):
                yield Line("inference", f"{name}: fixed", tree["horizon_months"], "month", fixed, item["fixed_source"])


def _tokens(name: str, item: Tree, often: float) -> Iterator[Line]:
    """Millions of tokens × their price: input that is read anew, input from the cache, output.

    The cached share is that of all input, so retrieved text counts for both parts of it.
    """
    mtok = item["requests"] * item["share_fraction"] * often / TOKENS_PER_MTOK
    cached = item["cached_fraction"]
    for what, tokens in (("input", item["input_tokens"]), ("retrieved input", item["rag_tokens"])):
        if what == "input" or np.any(tokens):
            price = item["input_usd_per_mtok"]
            yield Line("inference", f"{name}: {what}", mtok * tokens * (1 - cached), "Mtok", price, item["source"])
    if np.any(cached):
        read = mtok * (item["input_tokens"] + item["rag_tokens"]) * cached
        price = item["cached_input_usd_per_mtok"]
        yield Line("inference", f"{name}: cached input", read, "Mtok", price, item["source"])
    price = item["output_usd_per_mtok"]
    yield Line("inference", f"{name}: output", mtok * item["output_tokens"], "Mtok", price, item["source"])


def _depreciation(tree: Tree) -> Iterator[Line]:
    """Hardware: purchase ÷ useful years × the share that the project uses, for the months of the horizon.

    Nothing is left to deduct after its useful years.
    """
    for name, item in _items(tree, "depreciation"):
        life = item["useful_years"] * MONTHS_PER_YEAR
        months = np.minimum(tree["horizon_months"], life) * item["project_usage_fraction"]
        price = item["purchase_usd"] / life
        yield Line("depreciation", name, months, "month of use", price, item["source"])


def _infra(tree: Tree) -> Iterator[Line]:
    """Registry, CI, monitoring, drift detection, licences."""
    yield from _each(tree, "infra", "infra")


def _operations(tree: Tree) -> Iterator[Line]:
    """Backups, audits, compliance, incidents, retirement."""
    yield from _each(tree, "operations", "operations")


OWN_TERMS: dict[str, Callable[[Tree], Iterator[Line]]] = {
    "training_compute": _training_compute,
    "data": _data,
    "labor": _labor,
    "infra": _infra,
    "inference": _inference,
    "operations": _operations,
    "depreciation": _depreciation,
}
"""Terms that depend on their own inputs only."""

TERMS = (*OWN_TERMS, "risk", "contingency")


def _lever_costs(tree: Tree) -> Iterator[Line]:
    """What levers cost that are pulled: `pulled` is 1, or 0 in those sets of levers where they are not."""
    for name, cost in tree.get("lever_costs", {}).items():
        quantity = over_horizon(tree, cost) * cost["pulled"]
        yield Line(cost["term"], name, quantity, "lever", cost["usd"], cost["source"])


def _risk(tree: Tree, lines: Sequence[Line]) -> Iterator[Line]:
    """Probability × what it then costs: so much money, or terms that are paid once more."""
    terms = by_term(lines)
    for name, item in _items(tree, "risk"):
        often = item["probability_fraction"] * over_horizon(tree, item)
        again = tuple(sorted(item["repeats"] or ()))
        price = sum(terms[term] for term in again) if again else item["usd"]
        yield Line("risk", name, often * item["quantity"], f"expected {item['unit']}", price, item["source"], again)


def _contingency(tree: Tree, lines: Sequence[Line]) -> list[Line]:
    """A share of everything else."""
    share = tree["contingency_fraction"]
    return [
        Line("contingency", "contingency", share, "of the rest", total(lines), "the project's contingency_fraction")
    ]


def _each(tree: Tree, term: str, *path: str) -> Iterator[Line]:
    for name, item in _items(tree, *path):
        quantity = item["quantity"] * over_horizon(tree, item)
        yield Line(term, name, quantity, item["unit"], item["usd"], item["source"])


def _items(tree: Tree, *path: str) -> Iterator[tuple[str, Tree]]:
    """Yield the named items at `path`; a part that the project leaves out has none."""
    found = tree
    for step in path:
        found = found.get(step) or {}
    yield from found.items()
