"""What is said of a plan against actuals, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from planner.report.formatting import fixed, money, month, months, name, percent, plural, price, words
from planner.report.whatif.words import signed
from planner.units import month_label

Found = Mapping[str, Any]
_STATES = {
    "unchanged": "stands as it was planned",
    "better": "is better than planned",
    "worse": "is worse than planned, and still holds",
    "lost": "is lost",
    "won": "holds, which it did not when it was planned",
}
_MAIL_CAUSES = 5


def period(found: Found) -> str:
    """Return the months that are compared, in words."""
    labels = found["compared"] or [found["from"], found["to"]]
    first, last = month(labels[0]), month(labels[-1])
    return first if first == last else f"{first} to {last}"


def said(found: Found) -> Iterator[str]:
    """Say what was found: first the answer in a sentence, then why, what the choice is worth, and the forecast."""
    if not found["compared"]:
        yield "No month of the plan is over and wholly imported yet."
        return
    sums = found["total"]
    usd, share = sums["variance"]["total"], sums["variance_fraction"]
    far = "as planned" if abs(usd) < 0.5 else (
        f"{money(abs(usd))} {'more' if usd > 0 else 'less'} than planned"
        + (f" ({signed(share * 100, 1)} %)" if share is not None else "")
    )  # fmt: skip
    yield f"{period(found)} cost {money(sums['actual_usd'])}, {far}{_still(found)}."
    told = [_cause(one, found) for one in found["causes"][:_MAIL_CAUSES]]
    if told:
        yield " ".join(told)
    elif abs(usd) >= 0.5:
        yield f"No cause lies outside the band of {percent(found['band_fraction'])}."
    if found["case"] is not None:
        yield worth_of(found)
    yield error_of(found["forecast"])


def _still(found: Found) -> str:
    case = found["case"]
    if case is None:
        return ""
    if case["state"] == "lost":
        return f"; we are not on the {case['choice']} case any more"
    provided = ", if the months to come are as planned" if lasts(found) else ""
    return f"; we are still on the {case['choice']} case{provided}"


def worth_of(found: Found) -> str:
    """Say what the choice is worth now."""
    case = found["case"]
    against = "the best plan that buys" if case["choice"] == "rent" else _baseline(case["against"])
    since = f" since {month(case['since'])}" if case["since"] else ""
    even, before = _even(case["breakeven_months"]), _even(case["planned_breakeven_months"])
    even += ", as planned" if even == before else f", planned {before}"
    return (
        f"The case to {case['choice']} {_STATES[case['state']]}{since}{_by_band(case)}. Against {against}, at actual "
        f"volume, the plan is now worth {money(case['npv_usd'])} in present value, planned "
        f"{money(case['planned_npv_usd'])}; breakeven {even}.{_to_come(found)}"
    )


def _by_band(case: Found) -> str:
    """Say what the band is a share of, and how much of it changed."""
    share, band = case["change_so_far_fraction"], percent(case["band_fraction"])
    if share is None:
        return ""
    side = "within" if case["state"] == "unchanged" else "outside"
    return (f": what changed so far, {difference(case['change_so_far_usd'])} USD, is {percent(abs(share))} of the "
            f"plan's cost so far ({money(case['plan_cost_so_far_usd'])}), {side} the band of {band}")  # fmt: skip


def _to_come(found: Found) -> str:
    """Say that what lasts is not carried forward, and what does that."""
    after = month_label(found["compared"][-1], 1)
    if not lasts(found) or after > month_label(found["start"], found["horizon_months"] - 1):
        return ""
    return f" Months to come count as planned, whatever lasts: planner replan --at {after} --actuals … carries it on."


def lasts(found: Found) -> bool:
    """Say whether demand or a price differs up to the last month."""
    return any(one["since"] for one in found["causes"])


def _baseline(option: str) -> str:
    return {"cloud": "the cloud mix", "on_demand": "on-demand capacity"}.get(option, name(option).lower())


def _even(value: float | None) -> str:
    return "never before resale" if value is None else f"after {months(value)} months"


def error_of(error: Found) -> str:
    """Say how far the plan's demand was from what was used."""
    if error["mape"] is None:
        return "No GPU-hours are compared."
    side = "too high" if error["bias"] > 0 else "too low"
    told = f"The plan's GPU-hours were off by {percent(error['mape'])} of those used in a month, on average (MAPE)"
    if abs(error["bias"] or 0) >= 5e-4:
        told += f", and {percent(abs(error['bias']))} of all used {side} together"
    if error["naive_mape"] is None:
        return f"{told}; with no month before to go by, there is no naive forecast to compare."
    better = "worse" if error["plan_mape_in_these"] > error["naive_mape"] else "no worse"
    return (
        f"{told}; “as the month before” was off by {percent(error['naive_mape'])}, the plan in the same "
        f"{plural(error['naive_months'], 'month')} by {percent(error['plan_mape_in_these'])}: {better}."
    )


def difference(usd: float) -> str:
    """Return a difference in whole units with its sign; what rounds to nothing has none.

    >>> difference(1e-12), difference(-12.6)
    ('0', '−13')
    """
    return "0" if abs(usd) < 0.5 else signed(usd)


def _cause(one: Found, found: Found) -> str:
    usd = f"{difference(one['usd'])} {found['currency']}"
    since = f" since {month(one['since'])}" if one["since"] else ""
    if one["instead_of"]:
        return f"Hours moved from {words(one['instead_of'])} capacity to {thing(one)}: {usd}."
    if one["kind"] == "all":
        side = "below" if one["change_fraction"] < 0 else "above"
        far = f"{percent(abs(one['change_fraction']))} {side} plan{since}"
        return f"Demand is {far}, {fixed(one['actual'])} GPU-hours in place of {fixed(one['planned'])}: {usd}."
    if one["part"] == "utilization":
        return f"Paid but idle, {thing(one)}: {usd} against plan."
    if one["part"] == "mix" or one["planned"] is None:
        return f"Not in the plan, {thing(one)}: {usd}."
    share = f"({signed(one['change_fraction'] * 100, 1)} %)"
    if one["part"] == "volume" and one["unit"] == "kWh":
        return (f"{thing(one)}: {fixed(one['actual'])} kWh in place of {fixed(one['planned'])} {share}{since}: "
                f"{usd}.")  # fmt: skip
    if not one["unit"]:
        return f"{name(one['kind'])} cost {money(one['actual'])} in place of {money(one['planned'])}: {usd}."
    return (f"{thing(one)} costs {price(one['actual'])} in place of {price(one['planned'])} {found['currency']} per "
            f"{one['unit']} {share}{since}: {usd}.")  # fmt: skip


def thing(one: Found) -> str:
    """Return what an item is called."""
    if not one["provider"]:
        return name(one["kind"])
    kind = {"other": "other rented"}.get(one["kind"], words(one["kind"]))
    return f"{one['gpu'] or 'without a GPU'}, {kind}" + ("" if one["kind"] == "owned" else f", {one['provider']}")


def warnings(found: Found) -> Iterator[str]:
    """Say what is not in the figures."""
    left = [one for one in found["months"] if not one["compared"]]
    if left:
        told = "; ".join(f"{month(one['month'])}: {', '.join(one['why_not'])}" for one in left)
        yield f"Left out of the comparison: {told}."
    if found["unknown_fraction"]:
        yield (f"{percent(found['unknown_fraction'], 2)} of the money billed is not understood: planner actuals show "
               "--unknown.")  # fmt: skip
    yield from found["contradictions"]
    if found["untracked"]:
        told = "; ".join(f"{name(one['component'])} ({money(one['plan_usd'])})" if one["plan_usd"]
                         else name(one["component"]) for one in found["untracked"])  # fmt: skip
        yield f"In the plan, but nothing of it is imported, so that it is on neither side: {told}."
