"""Gates for continuous integration: `buying_saves<0`, `breakeven>24`, `flip<10%`; one that holds fails."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_FORM = re.compile(r"\s*([a-z_]+)\s*(<=|>=|<|>)\s*([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)\s*(%?)\s*")
Values = Mapping[str, float | None]
"""What a command knows, by the names of gates; None where the answer has no such figure."""


@dataclass(frozen=True)
class _Measure:
    """What a gate can be about.

    Attributes
    ----------
    absent : what holds where there is no figure; None: nobody knows, so that the gate fails
    why : there is none
    fraction : it may be written with %, and above 1 it must, as 10 is hardly ever meant for 1000 %
    """

    says: str
    unit: str
    absent: float | None = None
    why: str = "the answer has no such figure"
    fraction: bool = False


MEASURES = {
    "npv": _Measure("what the plan saves against the cloud mix, or on demand; hardly below 0, since a plan may be"
                    " either of them: buy_npv and buying_saves judge a purchase", "USD", why="there is no baseline"),
    "buy_npv": _Measure("what the best plan with a purchase saves against it", "USD", why="nothing can be bought"),
    "buying_saves": _Measure("what a purchase saves against the best plan without any", "USD",
                             why="there is no plan with, or none without a purchase"),
    "breakeven": _Measure("months until the best plan with a purchase has cost no more than its baseline", "months",
                          math.inf, "it never breaks even within the horizon"),
    "total": _Measure("what the plan costs, nominal", "USD"),
    "present": _Measure("what the plan costs, present value", "USD"),
    "capex": _Measure("what the plan lays out for servers before resale, nominal, as a capex budget counts it", "USD"),
    "gap": _Measure("how much cheaper another plan may be, as a fraction", "", fraction=True),
    "flips": _Measure("ends of drivers' ranges at which the decision flips, or is not known", ""),
    "flip": _Measure("how far from today any driver may move, as a fraction, before the decision flips or is not known",
                     "", math.inf, "no driver flips the decision within the values searched", fraction=True),
    "wins": _Measure("the share of futures in which buying now is cheaper", "", fraction=True,
                     why="there is no way with, or none without a purchase now"),
    "evpi": _Measure("what it is worth to know the future beforehand", "USD", why="no decisions hold in all futures"),
    "vss": _Measure("what it is worth to plan for all futures, not for their mean", "USD"),
    "regret": _Measure("the most that what today's plan decides now costs more than the best of a future", "USD",
                       math.inf, "it breaks a rule in some future, or cannot be told"),
    "variance": _Measure("what the months that are over cost more than planned", "USD", why="no month is compared"),
    "variance_pct": _Measure("the same as a fraction of what was planned", "", why="no month is compared",
                             fraction=True),
    "mape": _Measure("mean absolute error of the plan's GPU-hours by month, as a fraction", "",
                     why="no month is compared", fraction=True),
    "bias": _Measure("by how much the plan's GPU-hours lie above what was used, as a fraction", "",
                     why="no month is compared", fraction=True),
    "utilization": _Measure("busy share of owned GPUs, else the used share of commitments", "",
                            why="neither is known", fraction=True),
    "unknown": _Measure("share of the money billed that is not understood", "", fraction=True),
}  # fmt: skip


@dataclass(frozen=True)
class Gate:
    """A measure, how it is compared, and the limit; `text` as it was written, with % or without."""

    text: str
    name: str
    sign: str
    limit: float
    percent: bool = False

    def failed(self, values: Values) -> str | None:
        """Return a sentence on why the gate failed; None where it holds up.

        A figure that does not exist fails, but for `breakeven` (never) and `flip` (nowhere), which are infinite: there
        `breakeven>24` fails and `flip<10%` does not. One that is not a number is not known, and fails.

        Raises
        ------
        ValueError
            when the command knows nothing of the measure.
        """
        if self.name not in values:
            raise ValueError(f"{self.text}: {self.name} is not known here; known are {', '.join(sorted(values))}")
        measure, value = MEASURES[self.name], values[self.name]
        known = measure.absent if value is None else value
        if known is not None and not math.isnan(known) and not self._holds(known):
            return None
        said = measure.why if value is None else f"{self.name} is {self._figure(value, measure.unit)}"
        return f"Gate {self.text} failed: {said}; {self.name} is {measure.says}."

    def _holds(self, value: float) -> bool:
        return {"<": value < self.limit, "<=": value <= self.limit,
                ">": value > self.limit, ">=": value >= self.limit}[self.sign]  # fmt: skip

    def _figure(self, value: float, unit: str) -> str:
        if math.isnan(value):
            return "not known"
        if self.percent:
            return f"{100 * value:.6g}%"
        return f"{value:,.6g} {unit}".rstrip() if abs(value) < 1e6 else f"{value:,.0f} {unit}"


def parse(text: str, known: Collection[str] = tuple(MEASURES)) -> Gate:
    """Return the gate that `text` writes: a name, < <= > or >=, a number, and % where it is one.

    >>> parse("flip<10%").limit
    0.1

    Raises
    ------
    ValueError
        when it is none, or is about nothing of `known`.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no gate: write a name, < <= > or >=, and a number, as npv<0 or flip<10%")
    name, sign, number, percent = found.groups()
    if name not in known:
        these = "; ".join(f"{one}: {MEASURES[one].says}" for one in known)
        raise ValueError(f"{text!r} is about {name!r}, which is none of these: {these}")
    if percent and not MEASURES[name].fraction:
        raise ValueError(f"{text!r}: {name} is no fraction, so that % says nothing")
    if not percent and MEASURES[name].fraction and abs(float(number)) > 1:
        raise ValueError(f"{text!r}: {name} is a fraction: write {name}{sign}{number}%, or a number up to 1")
    return Gate(text.strip(), name, sign, float(number) / 100 if percent else float(number), bool(percent))


def failures(gates: Sequence[Gate], values: Values) -> list[str]:
    """Return a sentence for every gate that failed."""
    return [sentence for gate in gates if (sentence := gate.failed(values)) is not None]


def of_point(point: Mapping[str, Any]) -> dict[str, float | None]:
    """Return the values of gates that the measures of a scenario give."""
    keys = {"npv": "npv_usd", "buy_npv": "buy_npv_usd", "buying_saves": "buying_saves_usd", "total": "total_usd",
            "present": "present_usd", "capex": "outlay_usd", "breakeven": "breakeven_months"}  # fmt: skip
    return {name: point[key] for name, key in keys.items()}


def of_plan(document: Mapping[str, Any]) -> dict[str, float | None]:
    """Return the values of gates that plan.json gives."""
    verdict, plan = document["verdict"], document["tco"]["plan"]
    even = (document["breakeven"]["buy"] or {}).get(verdict["against"]) or {}
    buy, without = document["tco"]["buy"], document["finance"].get("not_proceeding")
    saves = without["present_usd"] - buy["present_usd"] if buy and without else None
    return {
        "npv": verdict["npv_usd"], "buy_npv": verdict["buy_npv_usd"], "buying_saves": saves,
        "breakeven": even.get("months"), "total": plan["total_usd"], "present": plan["present_usd"],
        "capex": plan["capex_usd"] - plan["by_component"].get("resale", 0.0),
        "gap": document["solver"]["relative_gap"],
    }  # fmt: skip


def of_switch(document: Mapping[str, Any]) -> dict[str, float | None]:
    """Return the values of gates that an answer of `planner switch` gives."""
    flips = [abs(flip["distance"]) for row in document["drivers"] for flip in row["flips"]]
    unknown = [row["unknown_from"] for row in document["drivers"] if row["unknown_from"] is not None]
    whole = (document["nearest"] or {}).get("whole")
    now = document["now"]["decision"]
    refuted = whole is not None and (None in whole.values() or now not in whole.values())
    return of_point(document["now"]) | {"flip": math.nan if refuted else min([*flips, *unknown], default=None)}


def of_risk(document: Mapping[str, Any]) -> dict[str, float | None]:
    """Return the values of gates that an answer about risk gives."""
    buying, choices = document["buying"], {one["choice"]: one for one in document["choices"]}
    return {
        "wins": buying["wins_probability"], "buying_saves": (buying["saves_usd"] or {}).get("mean"),
        "evpi": document["evpi_usd"], "vss": document["vss_usd"],
        "regret": choices.get("plan", {}).get("regret_usd"),
    }  # fmt: skip
