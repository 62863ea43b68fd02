"""What is short and what would help, in words and in numbers."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Literal

HEAD = "No plan obeys every rule of the scenario."
_MILLION = 1e6
_WIDEST = 60


@dataclass(frozen=True)
class Shortage:
    """Something that the scenario asks for more of than it allows.

    Attributes
    ----------
    limit : what is short: power, racks, capex budget, on-demand quota, lead time, residency, …
    where : the site, offer, provider, workload or fiscal year
    first_month, last_month : labels; in the first year of a yearly limit to its last month
    needed, has, short : in `unit`; short = needed − has
    joined : how a limit joins the one before: `or` when either may give way, `and` when both must
    """

    limit: str
    where: str
    first_month: str
    last_month: str
    needed: float
    has: float
    short: float
    unit: str
    sentence: str
    joined: Literal["", "or", "and"] = ""


@dataclass(frozen=True)
class WayOut:
    """A change of the scenario with which a plan exists: it was built and solved.

    Attributes
    ----------
    set : `path=value`, as `--set` takes it
    present_usd : present cost of the plan that was found
    does_less : whether it asks for less work; its cost is then no match for the others
    """

    sentence: str
    set: tuple[str, ...]
    present_usd: float
    does_less: bool = False


@dataclass(frozen=True)
class Diagnosis:
    """Why no plan exists: what is short, and ways out that were tried, cheapest first, those that do less work last."""

    shortages: tuple[Shortage, ...]
    ways_out: tuple[WayOut, ...]

    def __str__(self) -> str:
        lines = [HEAD, *(f"  {one.joined} {one.sentence}".replace("   ", "  ") for one in self.shortages)]
        if not self.shortages:
            lines.append("  Neither looser limits nor less work would make one possible, as far as could be found.")
        if not self.ways_out:
            return "\n".join(lines)
        lines.append("Ways out, each tried, the cheapest first:")
        width = min(max(len(one.sentence) for one in self.ways_out), _WIDEST)
        for number, way in enumerate(self.ways_out, start=1):
            lines.append(f"  {number}. {way.sentence:<{width}}  {_dollars(way.present_usd):>13}")
            lines += [f"       --set {shlex.quote(one)}" for one in way.set]
        if any(way.does_less for way in self.ways_out) and not all(way.does_less for way in self.ways_out):
            lines.append("Those that do less work stand last, whatever they cost. All costs are present values.")
        return "\n".join(lines)


def when(first: str, last: str) -> str:
    """Say a range of months."""
    return first if first == last else f"{first} to {last}"


def amount(value: float, unit: str) -> str:
    """Say a number with its unit: dollars in full, fractions in percent, else up to four digits."""
    if unit == "fraction":
        return f"{100 * value:.4g} %"
    if abs(value - 1) < 1e-6:
        return f"1 {unit.removesuffix('s')}".strip()
    if abs(value) >= 1000 or abs(value - round(value)) < 1e-6:
        return f"{round(value):,} {unit}".strip()
    return f"{value:.4g} {unit}".strip()


def count_of(count: int, thing: str) -> str:
    """Say a number of things."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _dollars(usd: float) -> str:
    return f"{usd / _MILLION:,.2f} M USD" if abs(usd) >= _MILLION else f"{usd:,.0f} USD"
