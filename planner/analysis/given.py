"""What a plan costs whose purchases and commitments somebody else decided: they are fixed, the rest is solved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Annotated, Any

import numpy as np
from pydantic import ConfigDict, Field

from planner.analysis.by_hour import group_hours, hold, in_groups
from planner.analysis.infeasible import what_is_short
from planner.analysis.infeasible.diagnosis import HEAD, Diagnosis
from planner.analysis.infeasible.elastic import Elastic
from planner.analysis.study import Outcome, Study
from planner.case import Case
from planner.decisions import Model
from planner.documents import Document
from planner.errors import Complaint, InfeasibleError, InputError, Place, nearest
from planner.model.build import Built, build
from planner.model.highs import Live
from planner.model.solve import Effort, solve
from planner.program import Arrays, Floats
from planner.records import MAX_WHOLE, MonthLabel, Record, validate
from planner.scenario.finance_schema import CASH

GIVEN = "given"
"""What complaints call it."""
_WHOLE = 1e-9
_Amount = Annotated[float, Field(ge=0, le=MAX_WHOLE)]
_Key = tuple[str, ...]


class _Stated(Record):
    """Numbers are numbers and texts are texts; fields of type Any follow from the others, and are not read."""

    model_config = ConfigDict(strict=True)


class _Purchase(_Stated):
    server: str
    site: str
    month: MonthLabel
    servers: _Amount
    financing: str = CASH
    in_service: Any = None
    gpus: Any = None
    usd_per_server: Any = None
    usd: Any = None


class _Commitment(_Stated):
    term: str | None
    month: MonthLabel | None
    instances: _Amount
    existing: bool = False
    offer: Any = None
    term_months: Any = None
    usd: Any = None


class _SpendPlan(_Stated):
    plan: str
    month: MonthLabel
    usd_per_hour: _Amount
    term_months: Any = None


class _Given(_Stated):
    purchases: list[_Purchase] = Field(default_factory=list)
    commitments: list[_Commitment] = Field(default_factory=list)
    savings_plans: list[_SpendPlan] = Field(default_factory=list)
    sales: Any = None
    rentals: Any = None
    api: Any = None
    staff: Any = None
    by_month: Any = None


@dataclass(frozen=True)
class _Kind:
    """A kind of promise: the fields that name it, the field that says how much, and what can be chosen, by column."""

    name: str
    key: _Key
    amount: str
    columns: dict[_Key, int]


@dataclass(frozen=True)
class GivenDiagnosis(Diagnosis):
    """What is short when only the given purchases and commitments are made."""

    def __str__(self) -> str:
        return super().__str__().replace(HEAD, "With what is given, no plan obeys every rule of the scenario.", 1)


def solve_given(
    case: Case, given: Mapping[str, Any], effort: Effort, say: Callable[[str], None] = lambda text: None
) -> Study:
    """Solve `case` with the purchases, commitments and savings plans that are `given`, and no others.

    Parameters
    ----------
    given : the lists `purchases`, `commitments` and `savings_plans` as `decisions` of plan.json has them; what follows
        from them may stand beside. What runs already runs on, given or not.

    Returns
    -------
    A study whose only outcome is `plan`: rentals, people, sales and dispatch at least cost.

    Raises
    ------
    InputError
        when something that is given cannot be chosen; it names all of it.
    InfeasibleError
        when what is given cannot obey every rule; its diagnosis says what is short.
    """
    stated = validate(_Given, Document(GIVEN, dict(given)))
    case = replace(case, given_servers=_servers(case, stated))

    def limits(built: Built, live: Live) -> tuple[Floats, Floats]:
        arrays = _fixed(built.model, built.arrays, stated)
        return arrays.lower, arrays.upper

    hours = group_hours(case, say, limits)
    grouped = case if hours is None else hours.of(case)
    built = build(grouped)
    live = Live(built.arrays)
    say("solving the rest")
    answer = solve(built, live, *limits(built, live), effort)
    if answer is None:
        say("what is given does not do; looking for what is short")
        raise InfeasibleError(_why_not(grouped, stated))
    if hours is not None:
        held = hold(case, hours, built, answer, limits, effort, say)
        if held is None:
            raise InfeasibleError(_why_not(grouped, stated))
        built, hours = held.built, replace(held.hours, violation=held.found.violation)
        live = Live(built.arrays)
        answer = in_groups(held, hours, built, live, limits)
    live.set_bounds(*limits(built, live))
    outcomes: dict[str, Outcome | None] = {"plan": Outcome(answer, built)}
    return Study(built.model.case, built, outcomes, {}, live, hours)


def _fixed(model: Model, arrays: Arrays, given: _Given) -> Arrays:
    """Return `arrays` with every new purchase and commitment fixed at what is given, 0 where nothing is."""
    value = np.zeros(len(arrays.cost))
    complaints: list[Complaint] = []
    kinds = _kinds(model)
    for kind in kinds:
        for index, row in enumerate(getattr(given, kind.name)):
            if getattr(row, "existing", False):
                continue
            amount, at = getattr(row, kind.amount), f"{kind.name}.{index}"
            key = tuple(getattr(row, field) or "" for field in kind.key)
            column = kind.columns.get(key)
            if column is None:
                complaints += _unknown(model.case, kind, key, at)
            elif arrays.whole[column] and abs(amount - round(amount)) > _WHOLE:
                complaints.append(_complaint(f"{at}.{kind.amount}", "must be a whole number", repr(amount)))
            else:
                value[column] += round(amount) if arrays.whole[column] else amount
    if complaints:
        raise InputError(complaints)
    promised = np.fromiter(chain.from_iterable(kind.columns.values() for kind in kinds), int)
    lower, upper = arrays.lower.copy(), arrays.upper.copy()
    lower[promised] = upper[promised] = value[promised]
    return replace(arrays, lower=lower, upper=upper)


def _servers(case: Case, given: _Given) -> dict[tuple[int, int], float]:
    """Add up the servers that are given, by index of type and site; names that are unknown are told of later."""
    types = {one.id: k for k, one in enumerate(case.servers)}
    sites = {one.id: s for s, one in enumerate(case.sites)}
    total: dict[tuple[int, int], float] = {}
    for row in given.purchases:
        if row.server in types and row.site in sites:
            key = types[row.server], sites[row.site]
            total[key] = total.get(key, 0.0) + row.servers
    return total


def _kinds(model: Model) -> list[_Kind]:
    """List what can be bought and committed."""
    case, months = model.case, model.case.months
    buy, commit, spend = (model[name].view for name in ("buy", "commit", "spend"))
    purchases: dict[_Key, int] = {
        (case.servers[one.server].id, case.sites[one.site].id, case.way_name(one.way), months[one.ordered]): column
        for one, column in zip(model.cohorts, buy.columns.tolist(), strict=True)
        if one.fixed is None
    }
    commitments: dict[_Key, int] = {
        (case.terms[one.term].id, months[one.starts]): column
        for one, column in zip(model.contracts, commit.columns.tolist(), strict=True)
        if one.term is not None
    }
    plans: dict[_Key, int] = {
        (case.savings_plans[v].id, months[t]): column
        for v, t, column in zip(*(part.tolist() for part in (spend.keys["v"], spend.keys["t"], spend.columns)),
                                strict=True)
        if t >= 0
    }  # fmt: skip
    return [
        _Kind("purchases", ("server", "site", "financing", "month"), "servers", purchases),
        _Kind("commitments", ("term", "month"), "instances", commitments),
        _Kind("savings_plans", ("plan", "month"), "usd_per_hour", plans),
    ]


def _unknown(case: Case, kind: _Kind, key: _Key, at: str) -> Iterator[Complaint]:
    """Say what of `key` cannot be chosen: every name, or the month where the names are right."""
    wrong = False
    for depth, name in enumerate(key[:-1]):
        open_ = sorted({one[depth] for one in kind.columns})
        if name not in open_:
            wrong = True
            reason = next((why for option, why in case.left_out if option == name), "")
            message = f"cannot be chosen: {reason}" if reason else "names nothing that can be chosen"
            yield _complaint(f"{at}.{kind.key[depth]}", message, name, ", ".join(open_[:10]), nearest(name, open_))
    if not wrong:
        months = sorted(one[-1] for one in kind.columns if one[:-1] == key[:-1])
        span = f"{months[0]} to {months[-1]}" if months else ""
        yield _complaint(f"{at}.{kind.key[-1]}", "cannot be chosen then", key[-1], span)


def _complaint(field: str, message: str, found: str, allowed: str = "", cure: str | None = None) -> Complaint:
    return Complaint(Place(GIVEN), field, message, found or "nothing", allowed or None, cure)


def _why_not(case: Case, given: _Given) -> GivenDiagnosis:
    """Say what is short with what is given."""
    elastic = Elastic(case)
    elastic.built = replace(elastic.built, arrays=_fixed(elastic.built.model, elastic.built.arrays, given))
    return GivenDiagnosis(tuple(what_is_short(elastic).shortages), ())
