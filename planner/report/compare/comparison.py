"""Everything that is said of plans held against the first of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from planner.plaintext import readable
from planner.report.compare.advice import Advice, Proof, advice, proofs
from planner.report.compare.asked import Input, Price, inputs, prices
from planner.report.compare.beside import NAMES, Document
from planner.report.compare.decided import Decision, decisions
from planner.report.compare.money import Component, Figure, components, figures
from planner.report.compare.split import Split, split


@dataclass(frozen=True)
class Plan:
    """A plan that is compared: what it is called in tables, and what it was made from.

    Attributes
    ----------
    tax_rate_fraction : None where every figure is before tax
    """

    plan: str
    file: str
    scenario: str
    scenario_digest: str
    as_of: str
    start: str
    horizon_months: int
    wacc_fraction: float
    tax_rate_fraction: float | None
    catalog_digest: str
    newest_price: str | None


@dataclass(frozen=True)
class Comparison:
    """Plans side by side; what holds a value for every plan has them in the order of `plans`.

    Attributes
    ----------
    splits : what the change of cost came of, for every plan but the first
    """

    plans: tuple[Plan, ...]
    asked: tuple[Input, ...]
    prices: tuple[Price, ...]
    figures: tuple[Figure, ...]
    components: tuple[Component, ...]
    splits: tuple[Split, ...]
    decisions: tuple[Decision, ...]
    advice: tuple[Advice, ...]
    proofs: tuple[Proof, ...]

    @property
    def same_horizon(self) -> bool:
        """Whether totals can be compared."""
        return len({plan.horizon_months for plan in self.plans}) == 1

    def values(self, figure: str, option: str = "plan", against: str | None = None) -> tuple[float | None, ...]:
        """Return a figure of an option in every plan."""
        wanted = option, against, figure
        found = (one.values for one in self.figures if (one.option, one.against, one.figure) == wanted)
        return next(found, (None,) * len(self.plans))

    def as_data(self) -> dict[str, Any]:
        """Return the comparison as JSON has it."""
        data = asdict(self)
        for shown, one in zip(data["splits"], self.splits, strict=True):
            split_usd = (one.price_usd, one.volume_usd) if one.effects else (None, None)
            shown |= dict(zip(("price_usd", "volume_usd"), split_usd, strict=True))
        return data


def compare(documents: Sequence[Document], files: Sequence[str]) -> Comparison:
    """Hold plans against the first of them.

    Parameters
    ----------
    documents : two or more plan.json as objects, no more than there are NAMES
    files : what each is called outside, such as its path
    """
    shown = [readable(document) for document in documents]
    first = shown[0]
    return Comparison(
        tuple(_plan(*one) for one in zip(NAMES, map(str, readable(list(files))), shown, strict=False)),
        tuple(inputs(shown)), tuple(prices(shown)), tuple(figures(shown)), tuple(components(shown)),
        tuple(split(first, other) for other in shown[1:]), tuple(decisions(shown)), tuple(advice(shown)),
        tuple(proofs(shown)),
    )  # fmt: skip


def _plan(plan: str, file: str, document: Document) -> Plan:
    catalog, tax = document["catalog"], document["finance"].get("tax")
    return Plan(
        plan, file, document["scenario"], document["scenario_digest"], document["as_of"], document["start"],
        document["horizon_months"], document["finance"]["wacc_fraction"],
        None if tax is None else tax["rate_fraction"], catalog["digest"], catalog["newest_price"],
    )  # fmt: skip
