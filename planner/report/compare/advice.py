"""What each plan advises, how close a call it is, and how far it is proven."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from planner.report.compare.beside import Document
from planner.report.summary import closest_price, is_close, margin


@dataclass(frozen=True)
class Advice:
    """The verdict of a plan.

    Attributes
    ----------
    changed : whether it is another than the first plan's; None for the first
    margin_usd, margin_fraction : how far buying and not buying are apart, present, and of the plan's present cost
    closest : the price that is closest to changing the plan, in words
    """

    choice: str
    changed: bool | None
    reason: str
    against: str | None
    npv_usd: float | None
    buy_npv_usd: float | None
    margin_usd: float | None
    margin_fraction: float | None
    close_call: bool
    closest: str


@dataclass(frozen=True)
class Proof:
    """How far a plan is proven; `open_usd` is by how much another may be cheaper, present."""

    status: str
    relative_gap: float
    open_usd: float
    relative_difference: float
    max_violation: float
    duality_gap: float
    solver: str
    command: str


def advice(documents: Sequence[Document]) -> list[Advice]:
    """Return what each plan advises."""
    first = documents[0]["verdict"]["choice"]
    return [_advice(document, None if n == 0 else document["verdict"]["choice"] != first)
            for n, document in enumerate(documents)]  # fmt: skip


def _advice(document: Document, changed: bool | None) -> Advice:
    verdict, apart, present = document["verdict"], margin(document), document["tco"]["plan"]["present_usd"]
    return Advice(
        verdict["choice"], changed, verdict["reason"], verdict["against"], verdict["npv_usd"], verdict["buy_npv_usd"],
        apart, None if apart is None or not present else apart / abs(present), is_close(document),
        "".join(closest_price(document)),
    )  # fmt: skip


def proofs(documents: Sequence[Document]) -> list[Proof]:
    """Return how far each plan is proven."""
    return [_proof(document) for document in documents]


def _proof(document: Document) -> Proof:
    proof, solver = document["proof"], document["solver"]
    return Proof(
        solver["status"], solver["relative_gap"], abs(proof["objective_usd"]) * solver["relative_gap"],
        proof["relative_difference"], proof["max_violation"], proof["duality_gap"],
        f"{solver['name']} {solver['version']}", document.get("command", ""),
    )  # fmt: skip
