"""The answer about risk in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from planner.report.formatting import count, money, month, percent, plural

Answer = Mapping[str, Any]
NAMES = {
    "plan": "Today's plan",
    "without_a_purchase": "Never buy",
    "cloud": "Cloud mix, never buy",
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
        yield f"In {futures} buying now wins in {wins}."
        if (saves := buying["saves_usd"]) is not None:
            mean = saves["mean"]
            yield (f"The best with a purchase now {_gain(mean, ' more')} on average, compared with the best without "
                   f"one; in 8 of 10 futures it saves between {money(saves['p10'])} and "
                   f"{money(saves['p90'])}.")  # fmt: skip
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
        yield (
            f"To order no server before {month(found['decide_until'])}, when the future is known, "
            f"{_gain(wait['value_usd'])} on average; it is better in {better} of the futures."
        )
        if wait["learned_usd"] is not None:
            yield (f"Where nothing comes otherwise than today it {_gain(wait['unlearned_value_usd'])}: what differs, "
                   f"{money(wait['learned_usd'])}, is the worth of other futures and of seeing them.")  # fmt: skip


def _best(found: Answer) -> Iterator[str]:
    best = of(found, found["stochastic"]["choice"]) if found["stochastic"] else None
    if best is None:
        yield "No decisions taken now obey every rule in all of these futures."
        return
    found_ = "Best" if found["stochastic"]["proven"] else "Best that was found"
    yield f"{found_} over all futures: {decides(best)}."
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
            yield (f"{NAMES[one['choice']]}: in {broken} what it decides now breaks a rule, so that it has no figures "
                   "over all of them.")  # fmt: skip
    for one in found["untold"]:
        yield f"{NAMES[one['choice']]} is left out: {one['reason']}."
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
    if found["left_out"]:
        names = ", ".join(found["left_out"])
        yield f"Not offered before the future is known, since some futures do not have it: {names}."


def name_of(choice: Answer) -> str:
    """Return all names of a choice."""
    return "; ".join(NAMES[name] for name in (choice["choice"], *choice["also"]))
