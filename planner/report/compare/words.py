"""A comparison in a few sentences: what changed in money and of what it came, what is advised, what is decided."""

from __future__ import annotations

from collections.abc import Iterator

from planner.report.compare.comparison import Comparison, Plan
from planner.report.compare.decided import differing
from planner.report.compare.dollars import in_dollars, signed, totals
from planner.report.compare.split import Split
from planner.report.formatting import fixed, name, number, percent, plural, price

_NAMED = 3
"""Decisions that a sentence names."""
_NOTHING = 0.5
"""USD below which nothing is said to have changed."""


def summary(found: Comparison) -> list[str]:
    """Return what there is to say of every plan but the first, the change of its cost before all."""
    several = len(found.plans) > 2
    said = []
    for n in range(1, len(found.plans)):
        mark = f"{found.plans[n].plan}: " if several else ""
        said += [_cost(found, n), *(f"{mark}{text}" for text in (_advice(found, n), *_decided(found, n)))]
    return said


def warnings(found: Comparison) -> list[str]:
    """Return what a reader must know before believing a difference."""
    said = []
    if not found.same_horizon:
        spans = ", ".join(f"{plan.plan} {plural(plan.horizon_months, 'month')}" for plan in found.plans)
        said.append(f"The horizons differ ({spans}): totals cannot be compared, only a month or a GPU-hour of them.")
    if len({plan.tax_rate_fraction is None for plan in found.plans}) > 1:
        bases = ", ".join(f"{plan.plan} {taxes(plan)}" for plan in found.plans)
        said.append(f"Some figures are before tax and some after it ({bases}): their difference is not a saving.")
    present = found.values("present_usd")
    for n, proof in enumerate(found.proofs[1:] if found.same_horizon else (), start=1):
        left, first, now = found.proofs[0].open_usd + proof.open_usd, present[0], present[n]
        if first is not None and now is not None and _NOTHING <= abs(now - first) <= left:
            said.append(
                f"The present costs of {found.plans[0].plan} and {found.plans[n].plan} are {fixed(abs(now - first))} "
                f"USD apart, and their proofs leave {fixed(left)} USD open: the difference may be none."
            )
    said += [
        f"{plan.plan} is a close call: buying and not buying are {fixed(one.margin_usd)} USD apart, "
        f"{percent(one.margin_fraction)} of its present cost."
        for plan, one in zip(found.plans, found.advice, strict=True) if one.close_call
    ]  # fmt: skip
    said += [
        f"{plan.plan} is not proven: another plan may be {percent(proof.relative_gap, 2)} cheaper."
        for plan, proof in zip(found.plans, found.proofs, strict=True) if proof.status != "proven"
    ]  # fmt: skip
    return said


def taxes(plan: Plan) -> str:
    """Say whether a plan's figures are before or after tax."""
    rate = plan.tax_rate_fraction
    return "before tax" if rate is None else f"after tax of {percent(rate)}"


def _cost(found: Comparison, n: int) -> str:
    one, first, other = found.splits[n - 1], found.plans[0].plan, found.plans[n].plan
    span = f"over {plural(found.plans[0].horizon_months, 'month')}" if one.per == "horizon" else "a month"
    before, after = totals(one)
    change = after - before
    if not change:
        return f"{other} costs the same as {first} {span}: {fixed(before)} USD.{_because(one)}"
    share = f", {percent(abs(one.after_usd / one.before_usd - 1))}" if before else ""
    return (
        f"{other} costs {fixed(abs(change))} USD{share} {'more' if change > 0 else 'less'} than {first} {span}: "
        f"{fixed(before)} → {fixed(after)} USD{_by_the_hour(found, n)}.{_because(one)}"
    )


def _by_the_hour(found: Comparison, n: int) -> str:
    hourly = found.values("usd_per_gpu_hour")
    if hourly[0] is None or hourly[n] is None:
        return ""
    return f"; a GPU-hour {price(hourly[0])} → {price(hourly[n])} USD"


def _because(one: Split) -> str:
    """Say what the change came of, in whole dollars that add up, with the largest part of each."""
    if not one.effects:
        return " What it came of is unknown: the lines of a plan do not sum to its cost."
    parts = in_dollars(one)
    if not any(part.price or part.volume for part in parts):
        return ""
    prices = _with_largest({part.component: part.price for part in parts})
    volumes = _with_largest({part.component: part.volume for part in parts})
    return f" Prices account for {prices} of it, quantities and mix for {volumes}."


def _with_largest(parts: dict[str, int]) -> str:
    largest = max(parts, key=lambda component: abs(parts[component]))
    most = f" (most: {name(largest).lower()} {signed(parts[largest])})" if parts[largest] else ""
    return f"{signed(sum(parts.values()))} USD{most}"


def _advice(found: Comparison, n: int) -> str:
    before, after = found.advice[0], found.advice[n]
    what = f"changes from {before.choice} to {after.choice}" if after.changed else f"stays {after.choice}"
    return f"The advice {what}: {after.reason}"


def _decided(found: Comparison, n: int) -> Iterator[str]:
    for said, decisions in differing(found.decisions, n):
        named = [
            f"{one.what} ({_moved(one.quantities[0], one.quantities[n])} {one.unit})" for one in decisions[:_NAMED]
        ]
        more = f" and {len(decisions) - _NAMED} more" if len(decisions) > _NAMED else ""
        yield f"{said}: {'; '.join(named)}{more}."


def _moved(before: float, after: float) -> str:
    return " → ".join(dict.fromkeys(quantity(one) for one in (before, after)))


def quantity(value: float) -> str:
    """Return how much of something is decided.

    >>> quantity(8760.4), quantity(12.0), quantity(0.10276)
    ('8,760', '12', '0.1028')
    """
    return fixed(value) if value >= 1000 else number(value, 4)
