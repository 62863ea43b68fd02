"""Breakeven and returns of the options against the baselines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from planner.report.formatting import DASH, fixed, months, name, number, percent
from planner.report.parts import Block, Cell, Column, Section, Table, Text, nothing, reason
from planner.report.summary import BASELINES

COMPARED = ("plan", "buy", "self_hosted")
HIGHEST_IRR = 10.0
"""A rate above 1,000 % a year says that next to nothing was paid in, not what is earned."""
_HIGHEST_INDEX = 1000.0
"""An index above it says the same: next to nothing was paid more."""

NEVER_BEHIND = "never behind"
_NEVER = "never within the horizon"
_NO_PURCHASE = "no purchase"


def returns(document: dict[str, Any]) -> Section:
    """Return breakeven times, then net present values, rates of return and paybacks."""
    missing = "; ".join(
        f"{name(key)}: {reason(document, key)}" for key in (*COMPARED, *BASELINES) if document["tco"][key] is None
    )
    blocks: list[Block] = [_breakeven_table(document), Text(_busy(document["breakeven"])), _finance_table(document)]
    blocks += [Text(said, strong=True) for said in _several_rates(document)]
    blocks.append(
        Text(
            "Net present value, NPV: what the option saves against the baseline, in present dollars. Internal rate of "
            "return, IRR: the discount rate at which it would save nothing. Modified, MIRR: what is saved is invested "
            "again at the discount rate. Index: present savings for each present dollar that is paid more. A year: the "
            "equal amount at the end of each year that is worth the NPV. Payback counts resale at the end of the "
            "horizon, breakeven does not unless it says so; both say from when the option stays cheaper."
        )
    )
    if missing:
        blocks.append(Text(f"Not compared {DASH} {missing}."))
    return Section(
        "breakeven",
        "Breakeven and returns",
        "When buying has paid for itself, and what it earns, against each way of not buying.",
        tuple(blocks),
    )


def _pairs(document: dict[str, Any], part: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Return option, baseline and figures of every pair that exists."""
    found = []
    for option in COMPARED:
        for baseline in BASELINES:
            figures = (document[part][option] or {}).get(baseline)
            if figures is not None:
                found.append((option, baseline, figures))
    return found


def _breakeven_table(document: dict[str, Any]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for option, baseline, found in _pairs(document, "breakeven"):
        first = _pair(option, baseline)
        if all(found[key] is None for key in ("months", "discounted_months", "months_with_resale")):
            why = _NEVER if _buys(document, option) else _NO_PURCHASE
            rows.append((*first, nothing(why, span=4)))
            continue
        times = [Cell(months(found[key])) for key in ("months", "discounted_months", "months_with_resale")]
        rows.append((*first, *times, Cell(_remark(found, document["horizon_months"]))))
    columns = (
        Column("Option", number=False),
        Column("Against", number=False),
        Column("Months"),
        Column("Discounted"),
        Column("With resale"),
        Column("Remark", number=False),
    )
    return Table("Breakeven: months until the option is and stays cheaper", columns, tuple(rows))


def _remark(found: dict[str, Any], horizon: int) -> str:
    """Say what the times of a breakeven mean together."""
    if found["only_by_resale"]:
        return _by_resale(found["months_with_resale"], horizon)
    if found["months"] is None:
        return _NEVER
    if found["discounted_months"] is None:
        return "never once discounted"
    return "from the start" if found["months"] == 0 else ""


def _by_resale(since: float, horizon: int) -> str:
    """Say from when an option stays cheaper that is not cheaper before its servers are sold at the end."""
    if since >= horizon:
        return "only once servers are resold"
    return f"stays cheaper from {months(since)} months on, since resale outweighs the end"


def _buys(document: dict[str, Any], option: str) -> bool:
    if option == "plan":
        return bool(document["decisions"]["purchases"])
    return option == "buy" or document["tco"][option]["by_component"].get("servers", 0.0) > 0


def _busy(found: dict[str, Any]) -> str:
    share, hours = found["utilization_fraction"], found["hours"]
    if hours is None and share is None:
        return "An owned GPU does not pay off: an owned hour at work is never cheaper than a rented one."
    if hours is None:
        return f"The servers of the option “buy” pay off only if busier than planned: {percent(share)} of their life."
    if share is None or share > 1:
        return (
            f"The servers of the option “buy” would pay off after {fixed(hours)} hours at work each, before tax "
            "and resale: more than their life has."
        )
    return (
        f"As busy as planned, the servers of the option “buy” pay off after {fixed(hours)} hours at work each, before "
        f"tax and resale; over their life only if they are busy more than {percent(share)} of its hours."
    )


def _finance_table(document: dict[str, Any]) -> Table:
    wacc = document["finance"]["wacc_fraction"]
    pairs = _pairs(document, "finance")
    rows: list[tuple[Cell, ...]] = []
    more = _FIGURES if any("mirr" in found for _, _, found in pairs) else {}
    for option, baseline, found in pairs:
        if document["tco"][option]["total_usd"] == document["tco"][baseline]["total_usd"] and found["npv_usd"] == 0:
            rows.append(
                (*_pair(option, baseline), Cell("0"), nothing("the option is the baseline itself", span=3 + len(more)))
            )
            continue
        times = [
            Cell(months(found[key])) if found[key] is not None else Cell(DASH, note="never")
            for key in ("payback_months", "discounted_payback_months")
        ]
        figures = [Cell(fixed(found["npv_usd"])), _irr(found, wacc), *(show(found) for show in more.values())]
        rows.append((*_pair(option, baseline), *figures, *times))
    columns = (
        Column("Option", number=False),
        Column("Against", number=False),
        Column(f"NPV, {document['currency']}"),
        Column("IRR a year"),
        *(Column(title) for title in more),
        Column("Payback, months"),
        Column("Discounted"),
    )
    return Table(f"Returns at {number(wacc * 100)} % a year", columns, tuple(rows))


def _index(found: dict[str, Any]) -> Cell:
    value = found["profitability_index"]
    if never_behind(found):
        return Cell(DASH, note=NEVER_BEHIND)
    if value is None or value > _HIGHEST_INDEX:
        return Cell(DASH, note="no outlay")
    return Cell(fixed(value, 2))


_FIGURES: dict[str, Callable[[dict[str, Any]], Cell]] = {
    "MIRR": lambda found: Cell(DASH if _index(found).note else percent(found["mirr"])),
    "Index": _index,
    "A year": lambda found: Cell(fixed(found["equivalent_annual_usd"])),
}
"""Columns of what older plans lack."""


def _several_rates(document: dict[str, Any]) -> Iterator[str]:
    """Warn of flows that change their sign more than once."""
    for option, baseline, found in _pairs(document, "finance"):
        if found["irr"] is None and (roots := found.get("irr_roots")):
            rates = " and ".join(percent(rate) for rate in roots)
            yield (
                f"{name(option)} against {name(baseline).lower()}: at each of the rates {rates} nothing is saved, "
                "so none of them is the rate of return. Judge by the net present value."
            )


def _irr(found: dict[str, Any], wacc: float) -> Cell:
    """Show a rate of return only where it means what a reader takes it to mean."""
    rate, saved = found["irr"], found["npv_usd"]
    if never_behind(found) or rate is None:
        return Cell(DASH, note=NEVER_BEHIND if never_behind(found) else "no single rate")
    if abs(rate) > HIGHEST_IRR or (rate > wacc) != (saved > 0):
        return Cell(DASH, note="not meaningful")
    return Cell(percent(rate), note=other_rates(found))


def never_behind(found: dict[str, Any]) -> bool:
    """Say whether nothing is invested: the option never costs more than the baseline has until then."""
    return bool(found["payback_months"] == 0)


def other_rates(found: dict[str, Any]) -> str:
    """Say which other rates there are beside the rate of return."""
    others = [percent(rate) for rate in found.get("irr_roots", ()) if rate != found["irr"]]
    return f"the one rate above 0; another is {' and '.join(others)}" if others and found["irr"] is not None else ""


def _pair(option: str, baseline: str) -> tuple[Cell, Cell]:
    return Cell(name(option)), Cell(name(baseline))
