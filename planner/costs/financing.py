"""How servers are paid that are not paid at once: loans, and leases that end in owning or in giving back.

What is financed is the price paid for the server; its network, storage, installation and spare parts are paid at once
in every way. A lessor pays the supplier with the order as well, and is paid interest on that each month until service,
when the level payments of a lease begin. Debt is settled when its server leaves: sold, at the end of life, or at the
horizon's end. Of servers that were ordered before the plan, what is due from its first month on is paid.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from planner.costs.lines import Category, CostLines, Timing, Treatment, cost_lines
from planner.costs.purchase import price_paid
from planner.decisions import Model
from planner.finance import Amortisation, amortisation, level_payment
from planner.program import Bools, Floats, Ints, View, together
from planner.scenario.finance_schema import FinanceLease, Loan, OperatingLease, Way
from planner.units import MONTHS_PER_YEAR

UNIT = "price paid"


def loan_proceeds(model: Model) -> Iterator[CostLines]:
    """−amount financed · buy[h], with the order: all but the down payment of a loan, all of a finance lease."""
    for way, terms, buy in _ways(model, Loan, FinanceLease):
        new = buy.where(buy.keys["t"] >= 0)
        yield _lines(model, "loan_proceeds", way, new, -financed(terms), new.keys["t"], "start", "neither")


def loan_principal(model: Model) -> Iterator[CostLines]:
    """Principal paid each month for what is held on order or in service, and all that is left of it on leaving."""
    yield from _debt(model, "loan_principal", "neither")


def loan_interest(model: Model) -> Iterator[CostLines]:
    """Interest paid each month for what is held on order or in service, and what has accrued on leaving."""
    yield from _until_service(model, "loan_interest", FinanceLease)
    yield from _debt(model, "loan_interest", "expensed")


def lease_payments(model: Model) -> Iterator[CostLines]:
    """Level payment · buy[h] in each month of an operating lease, from service on, and interest until then.

    All of them are charged, those after the horizon too: as debt, which is settled, a lease is owed however the horizon
    ends. What a server costs while it must be kept – space, support – ends with the horizon all the same.
    """
    yield from _until_service(model, "lease_payments", OperatingLease)
    for way, terms, buy in _ways(model, OperatingLease):
        assert isinstance(terms, OperatingLease), "only these were asked for"
        service = np.array([cohort.in_service for cohort in model.cohorts], int)[buy.keys["h"]]
        view = buy.over("m", np.maximum(service, 0), service + terms.term_months)
        timing: Timing = "start" if terms.payments == "in_advance" else "year_end"
        yield _lines(model, "lease_payments", way, view, payment(terms), view.keys["m"], timing, "expensed")


def _until_service(model: Model, component: str, kind: type[Way]) -> Iterator[CostLines]:
    """Rate · buy[h] at the end of each month from the order to service: the lessor has paid the supplier by then."""
    service = np.array([cohort.in_service for cohort in model.cohorts], int)
    for way, terms, buy in _ways(model, kind):
        view = buy.over("m", np.maximum(buy.keys["t"], 0), service[buy.keys["h"]])
        yield _lines(model, component, way, view, monthly(terms), view.keys["m"], "year_end", "expensed")


def financing_fees(model: Model) -> Iterator[CostLines]:
    """Fee · buy[h], with the order: a fraction of what a loan lends, of the price in a lease."""
    for way, terms, buy in _ways(model, Loan, FinanceLease, OperatingLease):
        fee = float(terms.fee_fraction) * (financed(terms) if isinstance(terms, Loan) else 1.0)
        new = buy.where(buy.keys["t"] >= 0)
        yield _lines(model, "financing_fees", way, new, fee, new.keys["t"], "start", "expensed")


def leased(model: Model) -> Bools:
    """Say which cohorts h are rented from a lessor and given back."""
    return np.array([isinstance(model.case.ways[cohort.way], OperatingLease) for cohort in model.cohorts], bool)


def monthly(terms: Way) -> float:
    """Interest of a month, as a fraction of what is owed."""
    return float(terms.rate_fraction) / MONTHS_PER_YEAR


def financed(terms: Way) -> float:
    """Fraction of the price that is lent."""
    return 1 - float(terms.down_payment_fraction) if isinstance(terms, Loan) else 1.0


def payment(terms: Way) -> float:
    """Level monthly payment, as a fraction of the price."""
    return level_payment(financed(terms), monthly(terms), terms.term_months, _balloon(terms), in_advance=_early(terms))


def schedule(terms: Way) -> Amortisation:
    """Return what is paid and owed of a debt, as fractions of the price, by instant from its first month on."""
    return amortisation(financed(terms), monthly(terms), terms.term_months, _balloon(terms), in_advance=_early(terms))


def debt_starts(model: Model) -> Ints:
    """Month from which payments are due, by cohort h: a loan's from the order, a lease's from service."""
    return np.array(
        [c.ordered if isinstance(model.case.ways[c.way], Loan) else c.in_service for c in model.cohorts], np.int64
    )


def _balloon(terms: Way) -> float:
    if isinstance(terms, Loan):
        return 0.0
    return float(terms.residual_fraction if isinstance(terms, OperatingLease) else terms.buyout_fraction)


def _early(terms: Way) -> bool:
    return not isinstance(terms, Loan) and terms.payments == "in_advance"


def _ways(model: Model, *kinds: type[Way]) -> Iterator[tuple[int, Way, View]]:
    """Yield every way to pay of some kinds that has orders, of this plan or before it, with its terms and entries."""
    way_of = np.array([cohort.way for cohort in model.cohorts], int)
    ours = np.array([cohort.fixed is None for cohort in model.cohorts], bool)
    for way, terms in enumerate(model.case.ways):
        for group in (ours, ~ours):
            buy = model["buy"].view.where((way_of == way) & group)
            if terms is not None and isinstance(terms, kinds) and len(buy):
                yield way, terms, buy


def _debt(model: Model, component: str, treatment: Treatment) -> Iterator[CostLines]:
    """Lines of interest or principal: what is paid month by month, and what settles it when the server leaves."""
    horizon, starts = model.case.horizon, debt_starts(model)
    retires = np.array([cohort.retires for cohort in model.cohorts], np.int64)
    for way, terms, buy in _ways(model, Loan, FinanceLease):
        debt = schedule(terms)
        paid, owed = (
            (debt.principal, debt.principal_owed) if component == "loan_principal" else
            (debt.interest, debt.interest_owed)
        )  # fmt: skip
        late = 0 if _early(terms) else 1  # an instalment in arrears of month m falls at its end, instant m + 1
        h = buy.keys["h"]
        sell, kept = (
            model[name].view.where(np.isin(model[name].view.keys["h"], h)) for name in ("sell", "kept")
        )  # fmt: skip
        gone = sell.keys["h"]
        ends = np.minimum(starts + terms.term_months + 1 - late, np.minimum(retires, horizon))
        held = together(buy.over("m", np.maximum(starts[h], 0), ends[h]), -sell.over("m", sell.keys["t"], ends[gone]))
        month = held.keys["m"]
        timing: Timing = "year_end" if late else "start"
        yield _lines(model, component, way, held, paid[month + late - starts[held.keys["h"]]], month, timing, treatment)
        leaves = np.minimum(retires, horizon)[kept.keys["h"]]
        at_end = retires[kept.keys["h"]] >= horizon
        for view, instant, when in (
            (sell, sell.keys["t"], "start"),
            (kept.where(~at_end), leaves[~at_end], "start"),
            (kept.where(at_end), leaves[at_end], "horizon"),
        ):
            left = _at(owed, instant - starts[view.keys["h"]])
            yield _lines(model, component, way, view, left, instant, when, treatment)  # type: ignore[arg-type]


def _at(owed: Floats, instant: Ints) -> Floats:
    """What is owed at an instant; nothing after the last."""
    return np.where(instant < len(owed), owed[np.minimum(instant, len(owed) - 1)], 0.0)


def _lines(
    model: Model, component: str, way: int, view: View, fraction: Floats | float, month: Ints, timing: Timing,
    treatment: Treatment,
) -> CostLines:  # fmt: skip
    """Lines of a fraction of the price paid; of orders they carry the rows of the price, and move with it."""
    cohorts = view.keys["h"]  # of one group: all of this plan, or all of before it
    held = len(cohorts) > 0 and model.cohorts[cohorts[0]].fixed is not None
    source = [
        " × ".join((*(["scenario existing_servers"] if held else server.purchase.rows),
                    f"scenario financing.{model.case.way_name(way)}"))
        for server in model.case.servers
    ]  # fmt: skip
    category: Category = "opex" if component == "lease_payments" else "financing"
    lines = cost_lines(component, category, view, amount=fraction, price=price_paid(model)[cohorts],
                       month=month, timing=timing, unit=UNIT, items="ks", source=source,
                       treatment=treatment)  # fmt: skip
    return lines.where(lines.amount != 0)
