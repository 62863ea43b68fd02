"""The first sheet: the verdict, key figures as formulas into the other sheets, a picture, and how to read it all."""

from __future__ import annotations

from typing import Any

from planner.plaintext import visible
from planner.report.formatting import day, month, name, percent, sentence
from planner.report.workbook.book import GENERAL, MONTHS, NONE, PERCENT, USD, WHOLE, Book, Formula, Sheet, at
from planner.report.workbook.checks import COUNT_NAME, ONE_NAME
from planner.report.workbook.flows import BASELINES, ORDER, Flows
from planner.report.workbook.monthly import FIRST, PLAN
from planner.report.workbook.payback import VIEWS

_COLOURS = ("#1F3864", "#C55A11", "#2E75B6", "#548235", "#7F7F7F")
_CHANGED = "Figures were changed: plan again"
_NOTES = (
    "Quantities are the plan's. A changed price or rate moves what the plan costs; it does not look for a better "
    "plan: for that, change the scenario and run the planner again.",
    "A unit cost in the ledger with a price cell follows it. One without is the planner's value: a price that the "
    "scenario states, an agreement's difference, the price once paid for a server.",
    "What is deducted from tax follows the price behind it where that is one price; a changed tax rate does not change "
    "the discount rate.",
    "Of month t, what is paid at its start is discounted by (1 + WACC)^(−t/12), running costs as their lag says.",
    "The rate of return is that of the monthly flows, per year; none where no rate, or more than one, makes the NPV 0.",
)


def write_summary(
    book: Book, sheet: Sheet, document: dict[str, Any], flows: Flows, results: dict[str, Any]
) -> None:  # fmt: skip
    """Write the sheet.

    Parameters
    ----------
    results : names of cells: of returns by (option, baseline), of breakevens by (view, baseline); monthly sheet
    """
    sheet.cells.fit_to_pages(1, 1)
    for column, (cell, text) in enumerate(_advice(document).items()):
        sheet.put(3, column, _while_unchanged(book, cell, text, ("Changed", _CHANGED)[column]), "key")
    sheet.put(4, 0, "Figures", "plain")
    sheet.result("checks_say", 4, 1, _state(book), "strong")
    row = _options(sheet, 6, document, flows)
    row = _baselines(sheet, row + 1, document, results)
    row = _facts(sheet, row + 1, document)
    _picture(book, sheet, row + 1, flows, results["monthly"])
    _legend(sheet, row + 19)


def _advice(document: dict[str, Any]) -> dict[str, str]:
    """Return what the planner advised and why, by the names of their cells."""
    verdict = document["verdict"]
    return {"planned_choice": visible(sentence(verdict["choice"])), "planned_reason": visible(verdict["reason"])}


def _while_unchanged(book: Book, cell: str, text: str, changed: str) -> Formula:
    """Say what the planner said for as long as its figures stand."""
    return Formula(f'=IF({ONE_NAME}=0,{cell},"{changed}")', changed if book.values[ONE_NAME] else text)


def _state(book: Book) -> Formula:
    """Say whether every figure is the planner's."""
    made, differing = len(book.checks), book.values[ONE_NAME]
    equal, changed = "equal to the planner's: all ", "changed by an input: "
    checked, differ = " that are checked", " that are checked differ from the planner's"
    text = (
        f'=IF({ONE_NAME}=0,"{equal}"&{COUNT_NAME}&"{checked}",'
        f'"{changed}"&{ONE_NAME}&" of the "&{COUNT_NAME}&"{differ}")'
    )
    value = f"{changed}{differing} of the {made}{differ}" if differing else f"{equal}{made}{checked}"
    return Formula(text, value)


def _options(sheet: Sheet, row: int, document: dict[str, Any], flows: Flows) -> int:
    """Write what each option costs."""
    sheet.heads(row, ("Cost of each option", "Total, USD", "Present value, USD", "More than the plan, present USD"), 1)
    plan = float(flows.present[flows.texts["option"] == PLAN].sum())
    for key in (one for one in ORDER if document["tco"][one] is not None):
        row += 1
        mine = flows.texts["option"] == name(key)
        cost, present = (float(usd[mine].sum()) for usd in (flows.cost, flows.present))
        kind = "total" if key == "plan" else "plain"
        stem = name(key).replace(" ", "_").replace("-", "_")
        sheet.put(row, 0, name(key), kind)
        sheet.put(row, 1, Formula(f"=total_{stem}_usd", cost), kind, USD)
        sheet.put(row, 2, Formula(f"=present_{stem}_usd", present), kind, USD)
        sheet.put(row, 3, Formula(f"={at(row, 2)}-present_Plan_usd", present - plan), kind, USD)
    return row + 1


def _baselines(sheet: Sheet, row: int, document: dict[str, Any], results: dict[str, Any]) -> int:
    """Write what the plan is worth against each baseline."""
    heads = ("The plan against", "NPV, USD", "IRR per year", *(f"{_short(view.key)}, months" for view in VIEWS))
    sheet.heads(row, heads, 1, height=48)
    plan = document["finance"]["plan"] or {}
    for baseline in BASELINES:
        if plan.get(baseline) is None:
            continue
        row += 1
        npv, irr = results["returns"]["plan", baseline]
        sheet.put(row, 0, name(baseline), "plain")
        for column, cell, form in ((1, npv, USD), (2, irr, PERCENT)):
            sheet.put(row, column, Formula(f"={cell}", results["values"][cell]), "plain", form)
        for column, view in enumerate(VIEWS, 3):
            cell = results["paybacks"][view.key, baseline]
            sheet.put(row, column, Formula(f"={cell}", results["values"].get(cell, NONE)), "plain", MONTHS)
    return row + 1


def _short(key: str) -> str:
    return sentence(key.replace("_", " ")) + (" with resale" if "payback" in key else " before resale")


def _facts(sheet: Sheet, row: int, document: dict[str, Any]) -> int:
    solver = document["solver"]
    sheet.heads(row, ("What it rests on", "", "", ""), 4, height=18)
    facts: list[tuple[str, Formula | str, str]] = [
        ("Discount rate (WACC) per year", Formula("=wacc_fraction", document["finance"]["wacc_fraction"]), PERCENT),
        ("Horizon, months", Formula("=horizon_months", document["horizon_months"]), WHOLE),
        ("Start", month(document["start"]), GENERAL),
        ("Day of the prices", day(document["as_of"]), GENERAL),
        (
            "Proof",
            f"{solver['status']}: no other plan is cheaper by more than {percent(solver['relative_gap'], 2)}",
            GENERAL,
        ),
    ]
    for what, value, form in facts:
        row += 1
        sheet.put(row, 0, what, "plain")
        sheet.put(row, 1, value, "plain", form)
    row += 1
    sheet.put(row, 0, "The planner's advice", "plain")
    for column, (cell, text) in enumerate(_advice(document).items(), 1):
        sheet.result(cell, row, column, text, "plain")
    return row + 1


def _picture(book: Book, sheet: Sheet, row: int, flows: Flows, monthly: tuple[Sheet, dict[str, int]]) -> None:
    """Draw the cumulative cost of the plan and of every baseline."""
    source, columns = monthly
    chart = book.file.add_chart({"type": "line"})
    last = FIRST + flows.horizon - 1
    shown = {option: columns[option] for option in map(name, ("plan", *BASELINES)) if option in columns}
    for colour, (option, column) in zip(_COLOURS, shown.items(), strict=False):
        line = {"color": colour, "width": 2.75 if option == PLAN else 1.5}
        chart.add_series({
            "name": option, "categories": [source.name, FIRST, 0, last, 0],
            "values": [source.name, FIRST, column, last, column], "line": line,
        })  # fmt: skip
    chart.set_title({"name": "Cumulative cost, nominal", "name_font": {"size": 12}, "overlay": False})
    chart.set_y_axis({"name": "USD million", "num_format": "#,##0.0,,",
                      "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}})  # fmt: skip
    chart.set_x_axis({"date_axis": True, "num_format": "mmm yy", "major_unit": 6, "major_unit_type": "months",
                      "label_position": "low"})  # fmt: skip
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 900, "height": 340})
    sheet.cells.insert_chart(
        row, 0, chart, {"description": "Cumulative cost of the plan and of every baseline by month"}
    )


def _legend(sheet: Sheet, row: int) -> None:
    for column in range(7):
        sheet.put(row, column, "How to read this workbook" if column == 0 else None, "section")
    for kind, text in (("input", "an input: change it"), ("plain", "a formula, or words"),
                       ("planner", "the planner's figure: formulas rest on it")):  # fmt: skip
        row += 1
        sheet.put(row, 0, 1234, kind, USD)
        sheet.put(row, 1, text, "plain")
    for note in _NOTES:
        row += 1
        sheet.cells.merge_range(row, 0, row, 6, "", sheet.book.style("wrapped"))
        sheet.put(row, 0, note, "wrapped")
        sheet.cells.set_row(row, 27)
