"""The words that answers about what-ifs share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from planner.report.formatting import DASH, MINUS, day, fixed, money, number, percent, plural, price, unit
from planner.report.parts import Cell, Facts
from planner.report.summary import Head

Answer = Mapping[str, Any]
SAID = {"buy": "buy", "rent": "do not buy", None: "no plan"}
MEASURES = {
    "buying_saves_usd": "what buying saves against the best plan without a purchase",
    "npv_usd": "what the plan saves against the cloud",
    "present_usd": "what the plan costs, present value",
}
DOUBT = (
    "What buying saves may have the wrong sign near 0, since a purchase is one whole server at least while all else may"
    " be a fraction: --whole confirms it."
)
"""Of every answer that rests on relaxations."""
NAMES = {"rented": "Prices of rented GPUs (a cloud discount)"}


def title(driver: Answer) -> str:
    """Return what a driver is called; a catalog row by its id."""
    return NAMES.get(driver["driver"]) or str(driver["title"])


def value(driver: Answer, at: float | None) -> str:
    """Return a value of a driver with its unit, short.

    >>> value({"unit": "×"}, 0.885), value({"unit": "+ a year"}, -0.1075), value({"unit": "a year"}, 0.08)
    ('× 0.885', '−10.75 points', '8 %')
    """
    if at is None:
        return DASH
    if driver["unit"] == "×":
        return f"× {number(at, 4)}"
    if driver["unit"] == "+ a year":
        return f"{'+' if at > 0 else ''}{number(at * 100, 4)} points"
    if driver["unit"] == "+ months":
        return _months(at)
    if driver["unit"] == "a year":
        return f"{number(at * 100, 4)} %"
    return price(at) if "usd" in driver["unit"] else number(at)


def _months(added: float) -> str:
    return f"{signed(added)} {'month' if round(abs(added)) == 1 else 'months'}"


def mark(driver: Answer, at: float) -> str:
    """Return a value of a driver for an axis, whose name says the unit.

    >>> mark({"unit": "+ a year"}, -0.0666667), mark({"unit": "×"}, 0.8666667)
    ('−6.67', '× 0.867')
    """
    if driver["unit"] == "×":
        return f"× {number(at, 3)}"
    if driver["unit"] == "+ months":
        return number(at, 3)
    return number(at * 100, 3) if driver["unit"] == "+ a year" else value(driver, at)


def measured(driver: Answer) -> str:
    """Return in which unit a driver's values are, where they do not say it themselves."""
    said = {"×": "of today's", "+ a year": "added to growth a year", "a year": "a year",
            "+ months": "added to lead times"}  # fmt: skip
    field = str(driver["unit"])
    return said.get(field) or unit(field)


def along(driver: Answer) -> str:
    """Return what stands at an axis: the driver, and its unit where marks do not say it."""
    said, noun = measured(driver), {"+ a year": "points ", "+ months": "months "}.get(driver["unit"], "")
    return title(driver) if driver["unit"] in ("×", "a year") or not said else f"{title(driver)}, {noun}{said}"


def far(driver: Answer, distance: float | None) -> str:
    """Return how far a value lies from today's."""
    if distance is None:
        return DASH
    if driver["unit"] == "+ a year":
        return f"{signed(distance * 100, 1)} points"
    if driver["unit"] == "+ months":
        return _months(distance * 12)
    return f"{'+' if distance > 0 else ''}{percent(distance)}"


def signed(amount: float | None, decimals: int = 0) -> str:
    """Return a difference with its sign."""
    text = fixed(amount, decimals)
    return text if text.startswith((MINUS, DASH)) or not text.strip("0.") else f"+{text}"


def verdict(found: Answer) -> str:
    """Return the decision of today and what it saves."""
    now = found["now"]
    saved = now["buying_saves_usd"]
    if now["decision"] is None:
        return "Buying and not buying cannot be compared"
    if saved is None:
        return "Buying is the only way" if now["decision"] == "buy" else "No purchase is possible"
    return f"Buying saves {money(saved)} against never buying" if saved > 0 else f"Never buying saves {money(-saved)}"


def basis(found: Answer) -> str:
    """Return what the answers rest on."""
    if found["solved"] == "whole numbers":
        return f"Every scenario is solved in whole numbers, to a relative gap of {number(found['gap'])}."
    relaxed = found["now_relaxed"]["buying_saves_usd"]
    said = "" if relaxed is None else f" (its own says that buying saves {money(relaxed)})"
    return (f"The scenario itself is solved in whole numbers{said}; every other as a relaxation, in which servers may "
            f"be fractions. {DOUBT}")  # fmt: skip


def top_of(found: Answer, because: str, subject: str, question: str) -> Head:
    """Return the top of a page that asks what the decision of today hangs on."""
    return Head(
        title=found["scenario"], description=found["description"], verdict=verdict(found), because=because,
        facts=_facts(found), answer=(basis(found),), warnings=(), figures=figures(found),
        eyebrow=f"{subject}: {question}", question=question,
    )  # fmt: skip


def _facts(found: Answer) -> Facts:
    """Return what the answers are about."""
    return Facts((
        ("Period", Cell(plural(found["horizon_months"], "month"))),
        ("Prices as of", Cell(day(found["as_of"]))),
        ("Solved", Cell(found["solved"])),
    ))  # fmt: skip


def figures(found: Answer) -> Facts:
    """Return the figures to remember of today's plan."""
    now = found["now"]
    against = {"cloud": "against the cloud mix", "on_demand": "against on-demand capacity"}.get(
        now["against"] or "", "there is no cloud option to hold it against"
    )
    even, saved = now["breakeven_months"], now["buying_saves_usd"]
    of = f"of the best plan with a purchase {against}, before resale"
    if now["against"] is None:
        of = against
    elif even is None and now["buy_usd"] is not None:
        of = f"never within the horizon: {of}"
    elif even == 0:
        of = f"{of}: it costs less from the first month on"
    who = "of a server ordered at once and kept, " if saved is not None and saved < 0 else ""
    return Facts((
        ("Buying saves", Cell(money(saved), note=f"{who}against the best plan without a purchase")),
        ("NPV of the plan", Cell(money(now["npv_usd"]), note=against)),
        ("Plan, present value", Cell(money(now["present_usd"]))),
        ("Breakeven", Cell(DASH if even is None else f"{fixed(even, 1)} months", note=of)),
    ), look="figures")  # fmt: skip
