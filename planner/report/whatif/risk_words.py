"""The answer about risk in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from planner.report.formatting import count, money, month, percent, plural

Answer = Mapping[str, Any]
NAMES = {
    "plan": "Today's plan",
    "without_a_purchase": "Today's best without a purchase",
    "cloud": "Today's cloud mix",
    "on_demand": "All on demand",
    "mean": "Best for the mean future",
    "buy": "Best with a purchase now",
    "wait": "Best without a purchase now",
}
_KINDS = {"buy": "buy", "commit": "commit to", "spend": "commit spend on", "sell": "sell"}
_CENT = 0.005
_FEW = 32


def said(found: Answer) -> Iterator[str]:
    """Yield the answer in sentences, the first of them the verdict."""
    buying, futures = found["buying"], plural(found["futures"] - found["impossible_futures"], "future")
    if buying["wins_probability"] is not None:
        wins = percent(buying["wins_probability"], 0)
        yield f"In {futures} buying now wins in {wins} against {against(found)}."
        if (saves := buying["saves_usd"]) is not None:
            mean, low, high = saves["mean"], saves["p10"], saves["p90"]
            ends = f"saves between {money(low)} and {money(high)}"
            if high < 0:
                ends = f"costs between {money(-high)} and {money(-low)} more"
            yield (f"Held against {against(found)}, each at its best, a purchase now {_gain(mean, ' more')} on "
                   f"average; in 8 of 10 futures it {ends}.")  # fmt: skip
    elif of(found, "buy") is not None:
        yield f"Only with an order now is every rule obeyed in all {futures}."
    else:
        yield f"In {futures} nothing can be said of buying now: {buying['reason']}."
    plan = of(found, "plan")
    if plan is not None and plan["mean_usd"] is not None:
        yield (f"What today's plan decides now costs {money(plan['mean_usd'])} on average, {money(plan['p10_usd'])} to "
               f"{money(plan['p90_usd'])} in 8 of 10 futures.")  # fmt: skip
    yield from _best(found)
    wait = found["waiting"]
    if wait["value_usd"] is not None:
        better = percent(wait["better_probability"], 0)
        how = f"To order no server before {month(found['decide_until'])}, when the future is known,"
        if not found["orders_later"] and (best := of(found, "wait")) is not None:
            how = f"No server can be ordered later. Not buying at all ({decides(best)}; the rest when it is known)"
        yield f"{how} {_gain(wait['value_usd'])} on average; it is better in {better} of the futures."
        if wait["learned_usd"] is not None:
            yield (f"Where nothing comes otherwise than today it {_gain(wait['unlearned_value_usd'])}: what differs, "
                   f"{money(wait['learned_usd'])}, is the worth of other futures and of seeing them.")  # fmt: skip


def against(found: Answer) -> str:
    """Return what a purchase now is held against: not buying before the future is known, or never."""
    return f"buying nothing before {month(found['decide_until'])}" if found["orders_later"] else "not buying at all"


def _best(found: Answer) -> Iterator[str]:
    best = of(found, found["stochastic"]["choice"]) if found["stochastic"] else None
    if best is None:
        yield "No decisions taken now obey every rule in all of these futures."
        return
    which = "Best" if found["stochastic"]["proven"] else "Best that was found"
    yield f"{which} over all futures: {decides(best)}."
    least = [one for one in found["choices"] if one["least_regret"]]
    if least:
        worst = money(least[0]["regret_usd"])
        yield f"Of the choices below, regretted least: {decides(least[0])}, by {worst} at worst."


def _gain(usd: float, more: str = "") -> str:
    if abs(usd) < _CENT:
        return "makes no difference"
    return f"saves {money(usd)}" if usd > 0 else f"costs {money(-usd)}{more}"


def decides(choice: Answer) -> str:
    """Return what is ordered and committed now."""
    parts = [f"{_KINDS[one['kind']]} {count(one['amount'])} {one['what']} in {month(one['month'])}"
             + (f" ({one['how']})" if one["how"] else "") for one in choice["decides"]]  # fmt: skip
    return ", ".join(parts) if parts else "order nothing yet"


def of(found: Answer, name: str) -> Answer | None:
    """Return a choice by its name."""
    return next((one for one in found["choices"] if one["choice"] == name), None)


def warnings(found: Answer) -> Iterator[str]:
    """Yield what must be known before the answer is believed."""
    if found["impossible_futures"]:
        yield (f"In {found['impossible_futures']} of {found['futures']} futures no plan obeys every rule, whatever is "
               "decided now; they are left out of all figures.")  # fmt: skip
    for one in found["choices"]:
        if one["infeasible_futures"]:
            broken = plural(one["infeasible_futures"], "future")
            yield (f"{title(one['choice'], found)}: in {broken} what it decides now breaks a rule, so that it has no "
                   "figures over all of them.")  # fmt: skip
    for one in found["untold"]:
        yield f"{title(one['choice'], found)} is left out: {one['reason']}."
    best = found["stochastic"]
    if best is not None and not best["proven"]:
        gap = percent(best["relative_gap"], 2)
        cure = " More --nodes may find them." if found["whole"] else ""
        yield (
            f"The best decisions over all futures that were found are {gap} above their bound: there may be better "
            f"ones. The worth of knowing is at most, that of planning for all at least, what is said.{cure}"
        )
    if found["loose_answers"]:
        yield (f"{plural(found['loose_answers'], 'answer')} of one future ended above the gap of "
               f"{percent(found['gap'], 2)}: figures of single futures may be too high.")  # fmt: skip
    if found["futures"] < _FEW:
        yield (f"{plural(found['futures'], 'future')} are few: drivers move together by chance and ends are missed; "
               f"{_FEW} or more say more.")  # fmt: skip
    if found["solved_because"] == "count":
        yield (f"All {found['futures']} futures together are too large for whole numbers and are solved as "
               "relaxations, which may misjudge a purchase: ask for fewer --futures, or --whole.")  # fmt: skip
    silent = [one for one in found["drivers"] if not one["stated"]]
    if assumed := ", ".join(f"{one['driver']} ({one['source'].split(', taken')[0]})" for one in silent):
        yield (
            f"The scenario does not say how far these may move, so that assumed ranges are drawn: {assumed}. "
            "State them under risk.drivers; low = high = today's value holds one."
        )
    if found["left_out"]:
        names = ", ".join(found["left_out"])
        yield f"Not offered before the future is known, since some futures do not have it: {names}."


def title(name: str, found: Answer) -> str:
    """Return what a choice is called; without a purchase now may mean without any."""
    return "Best that buys nothing" if name == "wait" and not found["orders_later"] else NAMES[name]


def names_of(choices: Sequence[Answer], found: Answer) -> str:
    """Return all names of choices that are one."""
    return "; ".join(title(name, found) for one in choices for name in (one["choice"], *one["also"]))


def merged(found: Answer) -> list[list[Answer]]:
    """Return the choices, together those that decide the same and cost the same in every future."""
    groups: list[list[Answer]] = []
    for one in found["choices"]:
        same = (group for group in groups if _alike(one["choice"], group[0]["choice"], found)
                and one["decides"] == group[0]["decides"])  # fmt: skip
        group = next(same, None)
        if group is None:
            groups.append([one])
        else:
            group.append(one)
    return groups


def _alike(one: str, other: str, found: Answer) -> bool:
    costs = [(each["usd"].get(one), each["usd"].get(other)) for each in found["each"]]
    return all(a == b or (a is not None and b is not None and abs(a - b) < _CENT) for a, b in costs)
