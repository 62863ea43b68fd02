"""A plan against actuals as sections, which every form of the report can show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from markupsafe import Markup

from planner.plaintext import readable
from planner.report.charts import Series, line_chart
from planner.report.formatting import DASH, day, fixed, money, month, name, percent, words
from planner.report.parts import Block, Cell, Column, Facts, Figure, Section, Table, Text, folded
from planner.report.summary import Head
from planner.report.track_words import difference, error_of, period, said, thing, warnings, worth_of
from planner.report.waterfall import Bar, cut_at, waterfall
from planner.report.whatif.words import signed

Found = Mapping[str, Any]
PARTS = ("price", "volume", "mix", "utilization", "timing")
_SHOWN = 0.5
_MEANS = {
    "price": "rates other than planned, at the hours really used; payments other than planned",
    "volume": "more or fewer GPU-hours than planned, or kWh where invoices tell them, at the plan's rates",
    "mix": "hours that moved to other kinds, providers or GPUs, at the plan's rates",
    "utilization": "owned and committed capacity that is paid but stands idle",
    "timing": "what fell in another month than planned; over the period it sums to 0",
}


def head(document: Found) -> tuple[Head, list[Section]]:
    """Return the comparison as a page of its own has it: its head, and the sections below."""
    found = readable(dict(document))
    first, *rest = said(found)
    top = Head(
        title=found["scenario"], description=found["description"], verdict=first.rstrip("."),
        because=rest[0] if rest else "", facts=Facts((
            ("Months", Cell(period(found), note=f"{len(found['compared'])} of {len(found['months'])} compared")),
            ("Plan's prices as of", Cell(day(found["as_of"]))), ("Currency", Cell(found["currency"])),
        )), answer=tuple(rest[1:]), warnings=tuple(warnings(found)),
        figures=Facts(tuple(_figures(found)), look="figures"),
        eyebrow="Plan against actuals: are we still on the case?", question="are we still on the case?",
    )  # fmt: skip
    return top, _rest(found)


def sections(document: Found) -> list[Section]:
    """Return the comparison; its first section says what was found."""
    top, rest = head(document)
    return [top.section("track", f"Plan against actuals of {top.title}"), *rest]


def mail(document: Found) -> list[Section]:
    """Return what a monthly mail needs: the answer, why, the months, and what is not in the figures."""
    found = readable(dict(document))
    first, *rest = said(found)
    top: list[Block] = [Text(first, strong=True), *map(Text, rest), *_minded(found)]
    blocks: tuple[Block, ...] = (*top, _parts_table(found), _months_table(found))
    return [Section("track", f"{found['scenario']}: plan against actuals, {period(found)}", "", blocks)]


def _minded(found: Found) -> list[Text]:
    return [Text(one, strong=True) for one in warnings(found)]


def _rest(found: Found) -> list[Section]:
    return [*_variance(found), _by_month(found), _hours(found), _costs(found), _forecast(found), *_case(found),
            *_apart(found)]  # fmt: skip


def _figures(found: Found) -> Iterator[tuple[str, Cell]]:
    sums, busy = found["total"], found["utilization"]
    yield "Actual", Cell(money(sums["actual_usd"]), note=f"planned {money(sums['plan_usd'])}")
    yield "GPU-hours", Cell(fixed(sums["actual_gpu_hours"]), note=f"planned {fixed(sums['plan_gpu_hours'])}")
    for title, key in (("Owned GPUs busy", "owned"), ("Commitments used", "committed")):
        if busy[f"{key}_actual"] is not None:
            yield title, Cell(percent(busy[f"{key}_actual"]), note=f"planned {percent(busy[f'{key}_plan'])}")
    if busy["measured"] is not None:
        yield "Measured utilization", Cell(percent(busy["measured"]), note="mean of meters")
    if found["case"] is not None:
        case = found["case"]
        yield "Worth of the choice", Cell(money(case["npv_usd"]), note=f"planned {money(case['planned_npv_usd'])}")


def _parts_table(found: Found) -> Table:
    parts, plan = found["total"]["variance"], found["total"]["plan_usd"]
    rows = [(Cell(part.capitalize()), Cell(difference(parts[part])), Cell(_share(parts[part], plan)),
             Cell(_MEANS[part])) for part in PARTS]  # fmt: skip
    last = (Cell("Actual − plan"), Cell(difference(parts["total"])), Cell(_share(parts["total"], plan)), Cell(""))
    columns = (Column("Part", number=False), Column(found["currency"]), Column("Of plan"),
               Column("What it is", number=False, wide=True))  # fmt: skip
    return Table("Why actuals differ from the plan", columns, tuple(rows), (last,))


def _share(usd: float, of: float) -> str:
    return f"{signed(round(usd / of * 100, 1), 1)} %" if of else DASH


def _variance(found: Found) -> list[Section]:
    if not found["compared"]:
        return []
    sums, at = found["total"], found["total"]["plan_usd"]
    bars = [Bar("Plan", 0.0, at, fixed(at), is_total=True)]
    for part in PARTS:
        bars.append(Bar(part.capitalize(), at, at + sums["variance"][part], difference(sums["variance"][part])))
        at = bars[-1].end
    bars.append(Bar("Actual", 0.0, sums["actual_usd"], fixed(sums["actual_usd"]), is_total=True))
    blocks: list[Block] = []
    if all(min(one.start, one.end) >= 0 for one in bars):
        told = ", ".join(f"{one.label} {one.text}" for one in bars)
        base = cut_at(bars)
        drawing = waterfall("variance-chart", "From the plan's cost to the actual one", told, bars, base)
        begins = f" The axis begins at {fixed(base)}." if base else ""
        blocks.append(Figure(drawing, f"From the plan's cost to the actual one, {found['currency']}.{begins}"))
    blocks.append(_parts_table(found))
    parts = _parts_in(found["items"])
    columns = (Column("What", number=False), *(Column(title) for title in (
        "Hours, plan", "Actual", "Cost, plan", "Actual", *map(str.capitalize, parts), "Total")))  # fmt: skip
    rows = [
        (Cell(thing(one)), Cell(_hours_text(one["plan_gpu_hours"])), Cell(_hours_text(one["actual_gpu_hours"])),
         Cell(fixed(one["plan_usd"])), Cell(fixed(one["actual_usd"])),
         *(Cell(difference(one["variance"][part])) for part in (*parts, "total")))
        for one in found["items"]
    ]  # fmt: skip
    blocks += folded(Table(f"By item, {found['currency']}", columns, tuple(rows)), "items")
    lead = "Actual − plan over the months that are compared; the parts add up to the difference."
    return [Section("variance", "Why it differs", lead, tuple(blocks))]


def _hours_text(hours: float | None) -> str:
    return DASH if hours is None else fixed(hours)


def _parts_in(rows: Iterable[Found]) -> list[str]:
    """Return the parts that any row has."""
    return [part for part in PARTS if any(abs((one["variance"] or {}).get(part, 0.0)) >= _SHOWN for one in rows)]


def _months_table(found: Found) -> Table:
    shown = _parts_in(found["months"])
    columns = (Column("Month", number=False), Column("Hours, plan"), Column("Actual"), Column("Cost, plan"),
               Column("Actual"), Column("Total"), *(Column(part.capitalize()) for part in shown))  # fmt: skip
    rows = []
    for one in found["months"]:
        first = Cell(month(one["month"]), mark="" if one["compared"] else "not compared")
        parts = one["variance"]
        split = [Cell(DASH if parts is None else difference(parts[part])) for part in ("total", *shown)]
        rows.append((first, Cell(fixed(one["plan_gpu_hours"])), Cell(fixed(one["actual_gpu_hours"])),
                     Cell(fixed(one["plan_usd"])), Cell(fixed(one["actual_usd"])), *split))  # fmt: skip
    return Table(f"By month, {found['currency']} as accrued", columns, tuple(rows))


def _drawn(found: Found, chart: str, title: str, amount: str, noun: str) -> Markup:
    """Draw an amount by month, planned and actual."""
    labels = [one["month"] for one in found["months"]]
    series = [Series("plan", "Plan", [one[f"plan_{amount}"] for one in found["months"]]),
              Series("on_demand", "Actual", [one[f"actual_{amount}"] for one in found["months"]])]  # fmt: skip
    told = f"Plan and actual from {labels[0]} to {labels[-1]}"
    return line_chart(chart, title, told, labels, series, noun=noun, place=0.5)


def _by_month(found: Found) -> Section:
    drawing = _drawn(found, "track-cost-chart", "Cost by month", "usd", found["currency"])
    columns = (Column("Month", number=False), Column("Cash, plan"), Column("Billed"), Column("Owned busy, plan"),
               Column("Actual"), Column("Measured"), Column("Commitments used, plan"), Column("Actual"))  # fmt: skip
    rows = tuple(
        (Cell(month(one["month"])), Cell(fixed(one["plan_cash_usd"])), Cell(fixed(one["actual_cash_usd"])),
         *(Cell(percent(one["utilization"][key])) for key in ("owned_plan", "owned_actual", "measured",
                                                              "committed_plan", "committed_actual")))
        for one in found["months"]
    )  # fmt: skip
    lead = "Accrued: effective cost with unused commitments; capital outlay as paid. Cash is what is paid or billed."
    return Section("track-months", "By month", lead, (
        Figure(drawing, "Cost by month, as accrued."), *folded(_months_table(found), "months"),
        *folded(Table("Cash and utilization", columns, rows), "months"),
    ))  # fmt: skip


def _hours(found: Found) -> Section:
    drawing = _drawn(found, "track-hours-chart", "GPU-hours by month", "gpu_hours", "GPU-hours")
    columns = (Column("Month", number=False), Column("Kind", number=False), Column("Provider", number=False),
               Column("GPU", number=False), Column("Plan"), Column("Actual"), Column("Difference"))  # fmt: skip
    rows = tuple(
        (Cell(month(one["month"])), Cell(words(one["kind"])), Cell(one["provider"]), Cell(one["gpu"]),
         Cell(fixed(one["plan"])), Cell(fixed(one["actual"])), Cell(difference(one["actual"] - one["plan"])))
        for one in found["gpu_hours"]
    )  # fmt: skip
    lead = "Of rented capacity the hours that are billed, of owned and committed capacity those at work."
    return Section("track-hours", "GPU-hours", lead, (
        Figure(drawing, "GPU-hours by month."), *folded(Table("GPU-hours", columns, rows), "rows"),
    ))  # fmt: skip


def _costs(found: Found) -> Section:
    sums: dict[str, list[float]] = {}
    for one in found["components"]:
        if one["month"] in found["compared"]:
            pair = sums.setdefault(one["component"], [0.0, 0.0])
            pair[0] += one["plan_usd"]
            pair[1] += one["actual_usd"]
    columns = (Column("Component", number=False), Column("Plan"), Column("Actual"), Column("Difference"))
    rows = tuple((Cell(name(key)), Cell(fixed(planned)), Cell(fixed(used)), Cell(difference(used - planned)))
                 for key, (planned, used) in sums.items())  # fmt: skip
    lead = "Over the months that are compared; owned: electricity (unless invoices tell kWh), space and support."
    return Section("track-costs", "Cost by component", lead, (Table(found["currency"], columns, rows),))


def _forecast(found: Found) -> Section:
    error = found["forecast"]
    columns = Column("Forecast", number=False), Column("Months"), Column("MAPE"), Column("Bias")
    rows = (
        (Cell("The plan"), Cell(str(error["months"])), Cell(percent(error["mape"])), Cell(percent(error["bias"]))),
        (Cell("Naive", note="each month as the one before"), Cell(str(error["naive_months"])),
         Cell(percent(error["naive_mape"])), Cell(percent(error["naive_bias"]))),
    )  # fmt: skip
    lead = "Of GPU-hours by month. MAPE: mean of |actual − forecast| ÷ actual. Bias: forecast − actual, all months."
    return Section("track-forecast", "Forecast error", lead, (Text(error_of(error)), Table("Error", columns, rows)))


def _case(found: Found) -> list[Section]:
    case = found["case"]
    if case is None:
        return []
    columns = (Column("Actuals up to", number=False), Column("Plan, actual − planned"), Column("Other rents, planned"),
               Column("Repriced"), Column("Change, present value"), Column("Worth, USD"))  # fmt: skip
    rows = (
        (Cell("as planned"), *(Cell(DASH) for _ in range(4)), Cell(fixed(case["planned_npv_usd"]))),
        *((Cell(month(one["month"])), Cell(difference(one["running_change_usd"] + one["outlay_change_usd"])),
           Cell(fixed(one["against_rented_planned_usd"])), Cell(fixed(one["against_rented_repriced_usd"])),
           Cell(difference(one["worth_change_usd"])), Cell(fixed(one["npv_usd"]))) for one in case["by_month"]),
    )  # fmt: skip
    how = (
        "Months that are over with actuals, the others as planned. What the plan is held against is repriced at actual "
        "volume: GPU-hours beyond the plan's are rented on demand at what it really cost, those not needed are not. "
        "A month changes the worth by repriced − planned of the other, less actual − planned of the plan, discounted. "
        "What is not imported is taken as planned; changes count before tax."
    )
    table = Table("Present value of what the choice saves", columns, rows)
    return [
        Section("track-case", f"The case to {case['choice']}", worth_of(found), (*folded(table, "months"), Text(how)))
    ]


def _apart(found: Found) -> list[Section]:
    if not found["apart"]:
        return []
    columns = (Column("Month", number=False), Column("Why", number=False), Column("Currency", number=False),
               Column("Amount"), Column("GPU-hours"))  # fmt: skip
    rows = tuple((Cell(month(one["month"])), Cell(one["why"]), Cell(one["currency"]), Cell(fixed(one["usd"], 2)),
                  Cell(fixed(one["gpu_hours"]))) for one in found["apart"])  # fmt: skip
    lead = "Billed, and in none of the figures above; no sum crosses currencies."
    return [Section("track-apart", "Told apart", lead, folded(Table("Not compared", columns, rows), "rows"))]
