"""The plan's side of a comparison with actuals, by month: what its ledger expects, as accrued and as paid."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from planner.actuals.spreading import months_of
from planner.actuals.variance import Item, Use
from planner.components import listed
from planner.errors import Complaint, InputError, Place
from planner.units import hours_in, month_label

if TYPE_CHECKING:
    from planner.catalog.load import Catalog

BY_THE_HOUR, COMMITTED = ("on_demand", "spot"), ("commitments", "savings_plans")
RENTED = (*BY_THE_HOUR, *COMMITTED)
ELECTRICITY = "electricity"
OWNED = (ELECTRICITY, "space", "support")
"""Components that an owned GPU-hour costs while it runs; servers and people are compared as payments."""
Document = Mapping[str, Any]


@dataclass(frozen=True)
class PlanMonths:
    """What a plan expects; every list has a value for each month of the plan.

    Attributes
    ----------
    uses : of rented capacity; a commitment's cost is parted by use, an upfront fee is spread over its term
    payments : USD of every other component, in the month in which the plan pays it
    capital : components that are capital outlay
    cash : USD that the plan pays for each component
    owned_hours, owned_available : GPU-hours at work, and of the fleet while it is available
    owned_gpu : the GPU of the fleet, or "several"
    kwh : electricity of the fleet
    """

    labels: list[str]
    uses: dict[Item, list[Use]]
    payments: dict[str, list[float]]
    capital: frozenset[str]
    cash: dict[str, list[float]]
    owned_hours: list[float]
    owned_available: list[float]
    owned_gpu: str
    kwh: list[float]


def plan_months(document: Document, catalog: Catalog, option: str = "plan") -> PlanMonths:
    """Return what plan.json says of each month of an option.

    Raises
    ------
    InputError
        when it has no ledger, or the catalog lacks an offer that it rents.
    """
    if not document.get("ledgers"):
        message = "has no ledgers: it was written by an earlier planner"
        raise InputError([Complaint(Place("plan.json"), "ledgers", message, cure="run planner plan again")])
    size, lines = document["horizon_months"], document["ledgers"][option] or []
    offer = _finder(catalog)
    payments, cash = _Sums(size), _Sums(size)
    hours, usd, reserved, fees = _Sums(size), _Sums(size), _Sums(size), _Sums(size)
    kwh = [0.0] * size
    for line in lines:
        component = listed(line["component"])
        counts = component == line["component"]
        for t, quantity, price in zip(line["month"], line["quantity"], line["unit_cost_usd"], strict=True):
            cash.add(component, t, quantity * price)
            if component in BY_THE_HOUR:
                item = Item(component, *offer(line["item"]))
                hours.add(item, t, quantity * counts)
                usd.add(item, t, quantity * price)
            elif component in COMMITTED:
                item, months = _commitment(document, line, t, offer)
                for month in range(t, t + months):
                    reserved.add(item, month, quantity / months * counts * (component == "commitments"))
                    fees.add(item, month, quantity * price / months)
            else:
                payments.add(component, t, quantity * price)
                if component == ELECTRICITY and t < size:
                    kwh[t] += quantity * counts
    by_month = document["decisions"]["by_month"]
    committed = [one["committed_gpu_hours"] for one in by_month] if option == "plan" else [0.0] * size
    return PlanMonths(
        labels=[month_label(document["start"], t) for t in range(size)],
        uses={item: [*map(Use, hours[item], usd[item])] for item in hours} | _used(reserved, fees, committed),
        payments=dict(payments), cash=dict(cash),
        capital=frozenset(listed(line["component"]) for line in lines if line["category"] == "capex"),
        owned_hours=[one["owned_gpu_hours"] for one in by_month],
        owned_available=_available(document), owned_gpu=_owned_gpu(document, catalog), kwh=kwh,
    )  # fmt: skip


class _Sums(dict[Any, list[float]]):
    """Sums by month; what lies beyond the plan's horizon is left out."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size = size

    def add(self, key: Any, month: int, amount: float) -> None:
        if month < self._size:
            self.setdefault(key, [0.0] * self._size)[month] += amount


def _finder(catalog: Catalog) -> Callable[[str], tuple[str, str]]:
    """Return what gives provider and GPU of the offer that an item of the ledger begins with."""
    offers = catalog.section("offers")

    def found(item: str) -> tuple[str, str]:
        name = item.partition("/")[0]
        if name not in offers:
            cure = "name the catalog that the plan was made with: --catalog"
            raise InputError([Complaint(Place("plan.json"), f"offer {name}", "is not in the catalog", cure=cure)])
        return offers[name].provider, offers[name].gpu

    return found


def _commitment(
    document: Document, line: Document, month: int, offer: Callable[[str], tuple[str, str]]
) -> tuple[Item, int]:
    """Return whose a line of commitments is, and over how many months its payment is spread."""
    told = listed(line["component"]) == "commitments"
    where = Item("committed", *(offer(line["item"]) if told else _served(document, offer)))
    spread = months_of(document, line, month)
    return where, 1 if spread is None else spread[1]


def _served(document: Document, offer: Callable[[str], tuple[str, str]]) -> tuple[str, str]:
    """Return provider and GPU that a savings plan mostly pays for: of committed hours those without a commitment."""
    committed = {one["offer"] for one in document["decisions"]["commitments"]}
    rented = [one for one in document["decisions"]["rentals"] if one["kind"] == "committed"]
    free = [one for one in rented if one["offer"] not in committed] or rented
    return offer(max(free, key=lambda one: float(one["gpu_hours"]))["offer"]) if free else ("", "")


def _used(
    reserved: Mapping[Item, list[float]], fees: Mapping[Item, list[float]], used: list[float]
) -> dict[Item, list[Use]]:
    """Part what commitments cost by use: reserved hours serve first, each as busy as the others, then savings plans."""
    uses: dict[Item, list[Use]] = {item: [] for item in fees}
    for t, total in enumerate(used):
        held = sum(hours[t] for hours in reserved.values())
        busy = min(1.0, total / held) if held else 0.0
        spend = sum(usd[t] for item, usd in fees.items() if not reserved[item][t])
        for item, of in fees.items():
            hours, usd = reserved[item][t], of[t]
            if hours:
                uses[item].append(Use(hours * busy, usd * busy, usd * (1 - busy)))
                continue
            share = (total - held * busy) * usd / spend if spend else 0.0
            uses[item].append(Use(share, usd) if share else Use(idle_usd=usd))
    return uses


def _available(document: Document) -> list[float]:
    """Return the hours of the owned fleet by month, less those in which servers are down."""
    months = document["decisions"]["by_month"]
    hours = [one["owned_gpus"] * hours_in(one["month"], document["hours_per_month"]) for one in months]
    said = next((one["available_gpu_hours"] for one in document["unit_costs"] if one["kind"] == "owned"), None)
    share = said / sum(hours) if said is not None and sum(hours) else 1.0
    return [one * share for one in hours]


def _owned_gpu(document: Document, catalog: Catalog) -> str:
    servers = catalog.section("servers")
    names = {one["option"].partition(" @ ")[0] for one in document["service"] if one["kind"] == "owned"}
    gpus = {servers[name].gpu for name in names if name in servers}
    return gpus.pop() if len(gpus) == 1 else "several"
