"""The options side by side, and the kinds of cost that their totals are made of."""

from __future__ import annotations

from typing import Any

from planner.report import charts
from planner.report.formatting import add_up, fixed, money, name, price
from planner.report.parts import Cell, Column, Figure, Section, Table, Text, nothing, reason
from planner.report.summary import OPTIONS, gap_note


def options(document: dict[str, Any]) -> Section:
    """Return the options side by side."""
    tco = document["tco"]
    rows = [(key, tco[key]) for key in OPTIONS if tco[key] is not None]
    drawing = charts.bars(
        "present",
        "Present cost by option",
        "One bar for each option; "
        + "; ".join(f"{name(key)} {money(total['present_usd'])}" for key, total in rows)
        + ".",
        [(charts.Series(key, name(key), [total["present_usd"]]), money(total["present_usd"])) for key, total in rows],
    )
    table = _options_table(document)
    return Section(
        "options",
        "Options side by side",
        "What each way of getting the capacity costs over the whole horizon.",
        (
            Figure(drawing, f"Present cost by option, {document['currency']}"),
            table,
            Text(
                "Present cost is discounted to the start; the other amounts are nominal. Capex is net of resale. "
                "USD per GPU-hour is the total divided by the GPU-hours that did work."
            ),
        ),
    )


def _options_table(document: dict[str, Any]) -> Table:
    kinds = kinds_of_cost(document)
    titles = ("Present cost", "Total", *kinds.values(), "Per GPU-hour")
    rows: list[tuple[Cell, ...]] = []
    for key, what in OPTIONS.items():
        total, first = document["tco"][key], Cell(name(key), note=what)
        if total is None:
            rows.append((first, nothing(reason(document, key), span=len(titles))))
            continue
        parts = add_up([total.get(f"{kind}_usd", 0.0) for kind in kinds])
        rows.append(
            (
                first,
                Cell(fixed(total["present_usd"]), note=gap_note(total)),
                *(Cell(fixed(usd)) for usd in (sum(parts), *parts)),
                Cell(
                    price(total["usd_per_gpu_hour"]),
                    note="" if total["usd_per_gpu_hour"] is not None else "no GPU-hours",
                ),
            )
        )
    columns = (Column("Option", number=False), *(Column(title) for title in titles))
    return Table(f"Cost of every option, {document['currency']}", columns, tuple(rows))


def kinds_of_cost(document: dict[str, Any]) -> dict[str, str]:
    """Return the kinds that a total is made of, with their titles: capex, opex, and what else any option has."""
    known = [total for total in document["tco"].values() if total is not None]
    more = {"financing": "Financing", "tax": "Tax"}
    return {"capex": "Capex", "opex": "Opex"} | {
        kind: title for kind, title in more.items() if any(total.get(f"{kind}_usd") for total in known)
    }
