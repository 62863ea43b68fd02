"""What changes when a plan is made again from a month on: for every form, and beside the new plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from planner.plaintext import readable
from planner.report.compare.beside import same
from planner.report.formatting import DASH, fixed, number, percent, plural, sentence, words
from planner.report.parts import Block, Cell, Column, Facts, Section, Table, Text, code
from planner.report.whatif.words import signed

Answer = Mapping[str, Any]
_KINDS = {"purchase": "Buy", "sale": "Sell", "commitment": "Commit", "savings_plan": "Savings plan",
          "rental": "Rent", "api": "Tokens"}  # fmt: skip
_COSTS = (("present_usd", "Present cost, USD"), ("total_usd", "Total, USD"), ("capex_usd", "Capital outlay, USD"),
          ("opex_usd", "Running costs, USD"), ("financing_usd", "Loans and leases, USD"),
          ("tax_usd", "Taxes, USD"))  # fmt: skip
_MANY = 1000
_IF_ANY = ("financing_usd", "tax_usd")
_STANDING = {"servers": ("Servers", "price of each"), "commitment": ("Commitment", "per GPU-hour, yet to pay"),
             "savings_plan": ("Savings plan", "per hour, promised")}  # fmt: skip
_ADVICE = {"keep": "Keep", "change": "Change", None: "No plan"}


def sections(answer: Answer) -> list[Section]:
    """Return the answer: the advice with its amounts, what changes, and what was there."""
    found = readable(dict(answer))
    lead = (f"{found['horizon_months']} months from {found['at']}, prices of {found['as_of']}. What was paid before "
            "is not decided again.")  # fmt: skip
    blocks: list[Block] = [Text(f"{found['reason']}.", strong=True), _figures(found), _costs(found)]
    blocks.append(_changes(found) if found["changes"] else Text("Nothing is bought, committed or rented from here on."))
    blocks += [*_demand(found), *_prices(found), *(Text(one) for one in found["notes"])]
    whole = [Section("replan", "What changes", lead, tuple(blocks))]
    if found["standing"]:
        lead = "Owned, on order or committed at the start: what they cost so far is sunk, what they save is not."
        whole.append(Section("standing", "What is there", lead, (_standing(found),)))
    return whole


def _figures(found: Answer) -> Facts:
    saves = found["saves_usd"]
    pairs = [
        ("Paid so far, by the plan", Cell(f"{fixed(found['spent_usd'])} USD")),
        *_billed(found["paid_so_far"]),
        ("The new plan saves", Cell(DASH if saves is None else f"{fixed(saves)} USD",
                                    note="present value; " + percent(found["saves_fraction"], 1) + " of what is left"
                                    if found["saves_fraction"] is not None else "")),
        ("Band", Cell(percent(found["band_fraction"], 1), note="within it the advice is to keep to the plan")),
    ]  # fmt: skip
    if found["demand"] is not None:
        by = "by the last months' actuals" if found["demand"]["by"] == "ratio" else "by the forecast"
        pairs.append(("Demand", Cell(f"{number(found['demand']['ratio'], 4)} × the plan's", note=by)))
    return Facts(tuple(pairs), look="figures")


def _billed(seen: Answer | None) -> Iterator[tuple[str, Cell]]:
    if seen is not None and seen["months"]:
        note = (
            f"what is imported of {plural(len(seen['months']), 'month')}; by the plan {fixed(seen['plan_usd'])} USD of "
            "the same"
        )
        yield "Billed so far, by actuals", Cell(f"{fixed(seen['actual_usd'])} USD", note=note)


def _costs(found: Answer) -> Table:
    keep, change = found["keep"], found["change"]
    rows = tuple(
        (Cell(title), Cell(DASH if keep is None else fixed(keep[key])), Cell(fixed(change[key])),
         Cell(DASH if keep is None else signed(change[key] - keep[key])))
        for key, title in _COSTS if key not in _IF_ANY or any(side and side[key] for side in (keep, change))
    )  # fmt: skip
    titles = (Column("Remaining months", number=False), Column("Rest of the old plan"), Column("New plan"),
              Column("Difference"))  # fmt: skip
    return Table("What is yet to pay, at the new prices and demand", titles, rows)


def _changes(found: Answer) -> Table:
    titles = (Column("What", number=False), Column("Which", number=False), Column("Month", number=False),
              Column("Old plan"), Column("New plan"), Column("Difference"), Column("Unit", number=False))  # fmt: skip
    rows = []
    for one in sorted(found["changes"], key=lambda one: one["keep"] is None or same(one["keep"], one["change"])):
        keep, difference = one["keep"], one["difference"]
        rows.append((
            Cell(_KINDS[one["what"]]), code(one["name"], note=words(one["place"])), Cell(one["month"] or DASH),
            Cell(DASH if keep is None else _amount(keep)), Cell(_amount(one["change"])),
            Cell(DASH if difference is None else ("+" if difference > 0 else "") + _amount(difference)),
            Cell(one["unit"]),
        ))  # fmt: skip
    return Table("What is bought, committed and rented from here on", titles, tuple(rows))


def _amount(value: float) -> str:
    """Return whole GPU-hours, and few of anything with its fraction."""
    return fixed(value) if abs(value) >= _MANY else number(value, 4)


def _demand(found: Answer) -> Iterator[Block]:
    """Yield by what demand is scaled: the ratio of the last months, or a forecast with the advice at both ends."""
    if (seen := found["demand"]) is None:
        return
    told = (f"{fixed(seen['forecast_gpu_hours'])} GPU-hours are forecast, planned were" if seen["by"] == "forecast" else
            f"{fixed(seen['actual_gpu_hours'])} GPU-hours in {', '.join(seen['months'])}, planned were")  # fmt: skip
    yield Text(" ".join(filter(None, (
        seen["why"], f"Demand: {told} {fixed(seen['planned_gpu_hours'])}.",
        "Actual ÷ plan is forecast by month and scales its demand: what was as planned stays as planned."
        if seen["by"] == "forecast" else "All demand from here on is scaled by their ratio.",
        "GPU-hours stand for demand as far as the work was done on the GPUs that were planned for that month.",
    ))))  # fmt: skip
    if seen["by"] != "forecast":
        return
    error = "" if seen["mape"] is None else (
        f" In the back-test it erred by {percent(seen['mape'], 1)} of a month's figure, the naive forecast by "
        f"{percent(seen['naive_mape'] or 0, 1)}."
    )  # fmt: skip
    yield Text(f"Forecast: {seen['method']}, from {seen['months'][0]} to {seen['months'][-1]}.{error} Between low and "
               "high should lie 80 % of what comes in a month.")  # fmt: skip
    yield _ends(found)
    titles = (Column("Month", number=False), Column("Planned"), Column("Forecast"), Column("Low"), Column("High"))
    rows = tuple(
        (Cell(one["month"]), *(Cell(fixed(one[key])) for key in ("planned", "forecast", "low", "high")))
        for one in seen["by_month"]
    )
    yield Table("GPU-hours to come", titles, rows)


def _ends(found: Answer) -> Table:
    """Return the advice, and what it promises in the first month, at the forecast and at both ends of its interval."""
    seen = found["demand"]
    told = ("advice", "reason", "saves_usd", "first")
    asked = [{"end": "forecast"} | {name: found[name] for name in told}, *found["ends"]]
    if len({one["advice"] for one in asked}) > 1:
        title = "The advice does not hold at both ends"
    elif any(_first(one["first"]) != _first(found["first"]) for one in asked):
        title = f"Change at both ends of the forecast, but not to the same in {found['at']}"
    else:
        title = "The advice holds at both ends of the forecast"
    titles = (Column("Demand", number=False), Column("GPU-hours"), Column("Advice", number=False),
              Column(f"In {found['at']}", number=False), Column("A new plan saves, USD"),
              Column("Why", number=False))  # fmt: skip
    rows = tuple(
        (Cell(one["end"].capitalize()), Cell(fixed(seen[f"{one['end']}_gpu_hours"])), Cell(_ADVICE[one["advice"]]),
         _first(one["first"]), Cell(DASH if one["saves_usd"] is None else fixed(one["saves_usd"])),
         Cell(sentence(one["reason"].partition(": ")[2] or one["reason"]) + "."))
        for one in asked
    )  # fmt: skip
    return Table(title, titles, rows)


def _first(promised: Sequence[Answer] | None) -> Cell:
    """Return what is promised in the first month."""
    if promised is None:
        return Cell(DASH)
    said = (f"{_KINDS[one['what']]} {_amount(one['amount'])} {one['unit']}" for one in promised)
    return Cell(", ".join(said) or "nothing new", note=", ".join(one["name"] for one in promised))


def _prices(found: Answer) -> Iterator[Block]:
    """Yield where bills differ from the prices, whether they were taken or not."""
    taken = found["prices_taken"]
    if found["prices_unclear"]:
        yield Text(f"Bills could be of any of {', '.join(found['prices_unclear'])}: their prices are left as they are.")
    if found["prices_elsewhere"]:
        yield Text(f"Bills of {'; '.join(found['prices_elsewhere'])} are of no offer here, by region or instance type: "
                   "they change no price.")  # fmt: skip
    if not found["prices"]:
        if taken:
            yield Text("Bills show no other price of what is rented by the hour: the plan's hold.")
        return
    titles = (Column("Catalog row", number=False), Column("Plan's"), Column("By bills"), Column("Change"),
              Column("GPU-hours"), Column("Months", number=False))  # fmt: skip
    rows = tuple(
        (code(one["row"]), Cell(number(one["was"], 4)), Cell(number(one["now"], 4)),
         Cell(("+" if one["factor"] > 1 else "") + percent(one["factor"] - 1, 1)), Cell(fixed(one["gpu_hours"])),
         Cell(", ".join(one["months"])))
        for one in found["prices"]
    )  # fmt: skip
    yield Table("Prices taken from bills, USD per GPU-hour" if taken else
                "Bills differ from the prices that hold here, USD per GPU-hour", titles, rows)  # fmt: skip
    if not taken:
        yield Text("--prices bills plans with what the bills say.")


def _standing(found: Answer) -> Table:
    titles = (Column("What", number=False), Column("Which", number=False), Column("How many"),
              Column("Since", number=False), Column("Until", number=False), Column("USD"))  # fmt: skip
    rows = tuple(
        (Cell(_STANDING[one["what"]][0]), code(one["name"], note=one["place"]), Cell(fixed(one["count"])),
         Cell(one["since"]), Cell(one["until"] or DASH), Cell(number(one["usd"], 6), note=_STANDING[one["what"]][1]))
        for one in found["standing"]
    )  # fmt: skip
    return Table("Servers and commitments", titles, rows)
