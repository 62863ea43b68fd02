"""What the options of each plan cost, and what they earn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from planner.report.compare.beside import Document, changes, same_horizon, side_by_side
from planner.report.returns import COMPARED
from planner.report.summary import BASELINES, OPTIONS

_OVER_THE_HORIZON = {
    "total_usd": "USD", "present_usd": "USD", "capex_usd": "USD", "opex_usd": "USD", "financing_usd": "USD",
    "tax_usd": "USD", "obligations_after_horizon_usd": "USD", "gpu_hours": "GPU-hours",
}  # fmt: skip
_RETURNS = {"npv_usd": "USD", "irr": "fraction", "payback_months": "months", "discounted_payback_months": "months"}
_BREAKEVEN = {"months": "months", "discounted_months": "months"}
_DEPEND_ON_HORIZON = {*_OVER_THE_HORIZON, "npv_usd"}


@dataclass(frozen=True)
class Figure:
    """A figure of an option in every plan.

    Attributes
    ----------
    against : the baseline, of a return or a breakeven
    changes : above the first plan's; None where one is missing, or sums over different horizons would be compared
    """

    option: str
    against: str | None
    figure: str
    unit: str
    values: tuple[float | None, ...]
    changes: tuple[float | None, ...]


@dataclass(frozen=True)
class Component:
    """What a component of an option costs in every plan; 0 where the option has none of it."""

    option: str
    component: str
    values: tuple[float | None, ...]
    changes: tuple[float | None, ...]


Key = tuple[str, str | None, str, str]


def figures(documents: Sequence[Document]) -> list[Figure]:
    """Return the totals of every option, then returns and breakeven of the plan, of buying and of self-hosting."""
    shared = same_horizon(documents)
    unknown = (None,) * len(documents)
    return [
        Figure(option, against, figure, unit, values,
               changes(values) if shared or figure not in _DEPEND_ON_HORIZON else unknown)
        for (option, against, figure, unit), values in side_by_side([dict(_of_one(one)) for one in documents])
        if any(value is not None for value in values)
    ]  # fmt: skip


def _of_one(document: Document) -> Iterator[tuple[Key, float | None]]:
    for option in OPTIONS:
        yield from _totals(document, option)
    for part, units in (("finance", _RETURNS), ("breakeven", _BREAKEVEN)):
        for option in COMPARED:
            for baseline in BASELINES:
                found = (document[part][option] or {}).get(baseline) or {}
                for figure, unit in units.items():
                    name = figure if part == "finance" else f"breakeven_{figure}"
                    yield (option, baseline, name, unit), found.get(figure)


def _totals(document: Document, option: str) -> Iterator[tuple[Key, float | None]]:
    total = document["tco"][option] or {}
    for figure, unit in _OVER_THE_HORIZON.items():
        yield (option, None, figure, unit), total.get(figure)
    a_month = total["total_usd"] / document["horizon_months"] if total else None
    yield (option, None, "usd_per_month", "USD/month"), a_month
    yield (option, None, "usd_per_gpu_hour", "USD/GPU-hour"), total.get("usd_per_gpu_hour")


def components(documents: Sequence[Document]) -> list[Component]:
    """Return the components of every option; those of an option sum to its total."""
    shared = same_horizon(documents)
    found = []
    for option in OPTIONS:
        parts = [(document["tco"][option] or {}).get("by_component") for document in documents]
        for component, values in side_by_side([part or {} for part in parts]):
            usd = tuple(None if part is None else value or 0.0 for part, value in zip(parts, values, strict=True))
            found.append(Component(option, component, usd, changes(usd) if shared else (None,) * len(usd)))
    return found
