"""The answer about risk as sections, which every form of the report can show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from planner.plaintext import readable
from planner.report.drawing import Series
from planner.report.formatting import count, day, fixed, money, month, number, percent, plural
from planner.report.parts import Block, Cell, Column, Facts, Figure, Fold, Section, Table, Text, code, columns
from planner.report.summary import Head
from planner.report.whatif.risk_pictures import histogram, likelihoods
from planner.report.whatif.risk_words import against, decides, merged, names_of, of, said, title, warnings

Answer = Mapping[str, Any]
_LINES = {
    "buy": "buy",
    "plan": "plan",
    "without_a_purchase": "cloud",
    "wait": "existing",
    "on_demand": "on_demand",
}
"""Choices that are drawn, and the look of their lines: with a cost in every future, and one of those that are equal."""
_EXTREME = 0.5


def head(document: Answer) -> tuple[Head, list[Section]]:
    """Return the answer as a page of its own has it: its head, and the sections below."""
    found = readable(dict(document))
    told = list(said(found))
    top = Head(
        title=found["scenario"],
        description=found["description"],
        verdict=told[0].rstrip("."),
        because=told[1] if len(told) > 1 else "",
        facts=Facts(
            (("Prices as of", Cell(day(found["as_of"]))), ("Horizon", Cell(plural(found["months"], "month"))),
             ("Futures", Cell(f"{found['futures']}, seed {found['seed']}")),
             ("Decided before", Cell(month(found["decide_until"]))),
             ("Solved as", Cell(found["solved"])))
        ),
        answer=tuple(told[2:]),
        warnings=tuple(warnings(found)),
        figures=Facts(tuple(_figures(found)), look="figures"),
        eyebrow="Risk: what if it comes otherwise?",
        question="what if it comes otherwise?",
    )  # fmt: skip
    return top, _rest(found)


def sections(document: Answer) -> list[Section]:
    """Return the answer; its first section says it in words."""
    top, rest = head(document)
    return [top.section("risk", f"Risk of {top.title}"), *rest]


def _rest(found: Answer) -> list[Section]:
    return [_choices(found), _plan_for_all(found), _uncertain(found), _notes(found)]


def _figures(found: Answer) -> Iterator[tuple[str, Cell]]:
    wins = Cell(percent(found["buying"]["wins_probability"], 0), note=f"of the futures, against {against(found)}")
    yield "Buying now wins", wins
    if (plan := of(found, "plan")) is not None:
        yield "Plan, mean", Cell(money(plan["mean_usd"]))
        dearest = f"mean of the dearest {percent(1 - found['alpha'], 0)} of futures"
        yield f"Plan, CVaR {percent(found['alpha'], 0)}", Cell(money(plan["cvar_usd"]), note=dearest)
    knowing = "on average, to know the future before deciding"
    yield "Worth of knowing (EVPI)", Cell(money(found["evpi_usd"]), note=knowing)
    planning = "on average, to plan for all futures, not for the mean one"
    yield "Worth of planning for all (VSS)", Cell(money(found["vss_usd"]), note=planning)


def _choices(found: Answer) -> Section:
    tail = f"CVaR {percent(found['alpha'], 0)}"
    titles = columns("Decided now", "P10", "P50", "P90", "Mean", tail, "Most regret", "Breaks a rule")
    rows = tuple(
        (Cell(names_of(group, found), note=decides(one), mark="least regret" if one["least_regret"] else ""),
         *(Cell(fixed(one[f"{key}_usd"])) for key in ("p10", "p50", "p90", "mean", "cvar", "regret")),
         Cell(count(one["infeasible_futures"])))
        for group in merged(found) for one in group[:1]
    )  # fmt: skip
    known = found["known_beforehand"] | {"regret": 0.0, "broken": 0.0}
    last = (
        Cell("Each future known beforehand"),
        *(Cell(fixed(known[key])) for key in ("p10", "p50", "p90", "mean", "cvar", "regret", "broken")),
    )
    blocks: list[Block] = [Table("Cost over the futures, USD present value", titles, rows, (last,))]
    blocks += _pictures(found)
    lead = ("What each choice orders and commits before the future is known is fixed; everything later adapts to it. "
            "Regret is against each future known beforehand.")  # fmt: skip
    return Section("risk-choices", "What deciding now costs", lead, tuple(blocks))


def _pictures(found: Answer) -> Iterator[Block]:
    drawn = {group[0]["choice"] for group in merged(found) if not group[0]["infeasible_futures"]}
    lines = [
        Series(look, title(name, found), [one["usd"][name] for one in found["each"]])
        for name, look in _LINES.items() if name in drawn
    ]  # fmt: skip
    if lines:
        heading = "What it costs at most, with which probability, USD"
        text = "; ".join(f"{one.label}: {fixed(min(one.values))} to {fixed(max(one.values))}" for one in lines)
        yield Figure(likelihoods("risk-likelihoods", heading, text, lines), f"{heading}.")
    both = found["buying"]["saves_usd"] is not None
    saved = [one["usd"]["wait"] - one["usd"]["buy"] for one in found["each"] if both]
    if saved and max(saved) - min(saved) > _EXTREME:
        heading = f"What buying now saves against {against(found)}, by future, USD"
        text = f"from {fixed(min(saved))} to {fixed(max(saved))} in {plural(len(saved), 'future')}"
        yield Figure(histogram("risk-saved", heading, text, saved), f"{heading}: above 0 buying wins.")


def _plan_for_all(found: Answer) -> Section:
    best = found["stochastic"]
    if best is None:
        lead = "No decisions taken now obey every rule in all futures."
        return Section("risk-plan", "One plan for all futures", lead, ())
    weighed = "mean"
    if found["aversion"]:
        tail = percent(found["alpha"], 1)
        weighed = f"{number(1 - found['aversion'])} × mean + {number(found['aversion'])} × CVaR {tail}"
    how = {
        "extensive": "as one program in two branches: a purchase now, or none",
        "benders": f"decomposed, {plural(best['rounds'], 'round')} of cuts",
    }
    pairs = [
        ("Known beforehand (WS)", Cell(fixed(best["known_beforehand_usd"]))),
        ("Best over all futures (SP)", Cell(fixed(best["weighed_usd"]))),
        ("Best for the mean future (EEV)",
         Cell(fixed(best["mean_value_plan_usd"]), note="" if best["mean_value_plan_usd"] is not None
              else "it breaks a rule in one of them, or there is none")),
        ("Worth of knowing the future (EVPI = SP − WS)", Cell(fixed(found["evpi_usd"]))),
        ("Worth of planning for all (VSS = EEV − SP)", Cell(fixed(found["vss_usd"]))),
        ("Solved", Cell(how[best["method"]], note=f"within {percent(best['relative_gap'], 3)} of its bound")),
    ]  # fmt: skip
    lead = (
        f"Orders and commitments before {month(found['decide_until'])} are the same in every future; least {weighed}."
    )
    return Section("risk-plan", "One plan for all futures, USD present value", lead,
                   (Facts(tuple(pairs), look="terms"),))  # fmt: skip


def _uncertain(found: Answer) -> Section:
    titles = (*columns("Driver", "Today", "P10", "P90", "P10 drawn", "P90 drawn", "Mean", "Least", "Most"),
              Column("Shape", number=False), Column("Source", number=False, wide=True))  # fmt: skip
    asked, drawn = ("now", "p10", "p90"), ("drawn_p10", "drawn_p90", "mean", "least", "most")
    rows = tuple(
        (Cell(one["title"], note=f"{one['driver']}, {one['unit']}"),
         *(Cell(number(one[key], 4)) for key in asked), *(Cell(number(one[key], 4)) for key in drawn),
         Cell(one["shape"]), Cell(one["source"]))
        for one in found["drivers"]
    )  # fmt: skip
    blocks: list[Block] = [Table("What is uncertain", titles, rows)] if rows else []
    if found["correlations"]:
        pairs = tuple((code(" and ".join(one["between"])), *(Cell(number(one[key], 2)) for key in ("value", "drawn")))
                      for one in found["correlations"])  # fmt: skip
        blocks.append(Table("What moves together", columns("Drivers", "Correlation", "Ranks drawn"), pairs))
    else:
        blocks.append(Text("Every driver moves on its own: the scenario names no correlations."))
    if (stray := found["strays_most"]) is not None:
        shown = f"{number(stray['drawn'], 2)} in place of {number(stray['value'], 2)}"
        blocks.append(Text(f"Farthest from the correlation asked: {' and '.join(stray['between'])}, {shown}."))
    lead = "Today's value is the median; each side has its own spread, so that P10 and P90 are as said."
    names = [one["driver"] for one in found["drivers"]]
    if names:
        heads = columns(
            "Future", *names, "Known beforehand", *(title(one["choice"], found) for one in found["choices"])
        )
        each = tuple(
            (Cell(str(one["future"])), *(Cell(number(one["drivers"][name], 4)) for name in names),
             Cell(fixed(one["known_beforehand_usd"])),
             *(Cell(fixed(one["usd"][choice["choice"]])) for choice in found["choices"]))
            for one in found["each"]
        )  # fmt: skip
        blocks.append(Fold("Every future", Table("Every future, USD", heads, each)))
    return Section("risk-uncertain", "What is uncertain", lead, tuple(blocks))


def _notes(found: Answer) -> Section:
    if found["whole"]:
        how = f"Every future is solved in whole numbers, to a relative gap of {percent(found['gap'], 2)}."
    else:
        today = "Today's plan is in whole numbers" if found["today_whole"] else "Today's plan is a relaxation too"
        how = (f"Every future is solved as a relaxation: what is decided later may be fractions of servers and of "
               f"commitments, and so may everything that is known beforehand. {today}, and what is decided now is "
               "rounded to them; so regret and the worth of knowing are at most what is said.")  # fmt: skip
    texts = [
        f"Prices that are paid by the month move from {month(found['decide_until'])} on. All else, such as demand, "
        "is otherwise from the first month: what is rented then follows it, what is ordered and committed does not.",
        f"From {month(found['decide_until'])} on each future is known to its end; nobody learns bit by bit.",
        how,
        "Futures are equally probable points of a scrambled Sobol sequence, joined by a Gaussian copula.",
        f"CVaR is the mean of the dearest {percent(1 - found['alpha'])} of the futures, of one at least.",
    ]
    return Section(
        "risk-notes", "Notes on risk", "What must be known to read the figures.", tuple(Text(text) for text in texts)
    )
