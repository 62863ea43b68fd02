"""Every cost component. Each states its prices once; objective, ledger and budgets read that statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from planner.costs.api import api
from planner.costs.carbon import carbon
from planner.costs.commitments import commitments
from planner.costs.contingency import contingency
from planner.costs.decommissioning import decommissioning
from planner.costs.egress import egress
from planner.costs.electricity import electricity
from planner.costs.financing import financing_fees, lease_payments, loan_interest, loan_principal, loan_proceeds
from planner.costs.installation import installation
from planner.costs.licences import licences
from planner.costs.lines import CostLines
from planner.costs.managed_service import managed_service
from planner.costs.negotiated import listed_and_negotiated, stages
from planner.costs.network import network
from planner.costs.on_demand import on_demand
from planner.costs.project import project
from planner.costs.rented_storage import rented_storage
from planner.costs.resale import resale
from planner.costs.savings_plans import savings_plans
from planner.costs.servers import servers
from planner.costs.shared_storage import shared_storage
from planner.costs.space import space
from planner.costs.spare_parts import spare_parts
from planner.costs.spot import spot
from planner.costs.staff import staff
from planner.costs.support import support
from planner.costs.tax import depreciation_relief, tax_on_disposal, tax_relief
from planner.costs.unserved import unserved
from planner.decisions import Model

COMPONENTS: tuple[Callable[[Model], Iterator[CostLines]], ...] = (
    servers, network, shared_storage, installation, spare_parts, decommissioning, resale,
    electricity, space, support, licences, staff,
    lease_payments, loan_proceeds, loan_principal, loan_interest, financing_fees,
    on_demand, spot, commitments, savings_plans, egress, rented_storage, managed_service,
    api, unserved, carbon, project,
)  # fmt: skip


TAXES: tuple[Callable[[Model, list[CostLines]], Iterator[CostLines]], ...] = (
    tax_relief, depreciation_relief, tax_on_disposal,
)  # fmt: skip


def all_cost_lines(model: Model) -> list[CostLines]:
    """Return the lines of every component; contingency is a fraction of them, and taxes are of all that is paid."""
    before = stages(model)
    lines = [
        part for component in COMPONENTS for part in listed_and_negotiated(component, model, before) if len(part.view)
    ]  # fmt: skip
    lines += [*contingency(model, lines)]  # which reads the lines that it is added to
    if model.case.scenario.finance.tax is None:
        return lines
    return [*lines, *(part for tax in TAXES for part in tax(model, lines) if len(part.view))]


__all__ = ["COMPONENTS", "TAXES", "CostLines", "all_cost_lines", "contingency"]
