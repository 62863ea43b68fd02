"""The sheet of checks: every total beside the planner's own, and what has become of them."""

from __future__ import annotations

from planner.report.workbook.book import Book, Formula, Sheet, at

_FIRST = 6
_HEADS = ("What", "Sheet", "Workbook", "Planner", "Difference", "Tolerance", "Result")
VALUE = "#,##0.0000;-#,##0.0000;0"
ONE_NAME, COUNT_NAME = "checks_differing", "checks_made"


def write_checks(book: Book, sheet: Sheet) -> None:
    """Write every check that was noted; names how many there are and how many differ."""
    checks, last = book.checks, _FIRST + len(book.checks) - 1
    sheet.heads(_FIRST - 1, _HEADS, 2, frozen=True, height=18)
    sheet.put(_FIRST - 1, 6, "Result", "head")
    differing = 0
    for row, check in enumerate(checks, _FIRST):
        sheet.put(row, 0, check.what, "plain")
        sheet.put(row, 1, check.where, "plain")
        sheet.put(row, 2, check.cell, "plain", VALUE)
        sheet.put(row, 3, check.planner, "planner", VALUE)
        ours, theirs, difference, limit = (at(row, column) for column in (2, 3, 4, 5))
        gap, result = _outcome(check.cell.value, check.planner, check.tolerance)
        differing += result != "ok"
        numbers = f"AND(ISNUMBER({ours}),ISNUMBER({theirs}))"
        text = f'=IF({numbers},{ours}-{theirs},IF({ours}={theirs},0,"differs"))'
        sheet.put(row, 4, Formula(text, gap), "plain", "0.0E+00;-0.0E+00;0")
        sheet.put(row, 5, check.tolerance, "planner", "0.0E+00")
        text = f'=IF(ISNUMBER({difference}),IF(ABS({difference})<={limit},"ok","differs"),"differs")'
        sheet.put(row, 6, Formula(text, result), "plain")
    results = f"{at(_FIRST, 6)}:{at(max(last, _FIRST), 6)}"
    sheet.put(2, 0, "Checks made", "plain")
    sheet.result(COUNT_NAME, 2, 2, Formula(f"=COUNTA({results})", len(checks)), "total", "0")
    sheet.put(3, 0, "Differing", "plain")
    sheet.result(ONE_NAME, 3, 2, Formula(f'=COUNTIF({results},"differs")', differing), "total", "0")
    good = book.file.add_format({"font_color": "#1E6B34", "bg_color": "#E3F1E6"})
    bad = book.file.add_format({"font_color": "#9C0006", "bg_color": "#FBE3E4", "bold": True})
    for text, style in (("ok", good), ("differs", bad)):
        sheet.cells.conditional_format(
            _FIRST, 6, max(last, _FIRST), 6, {"type": "cell", "criteria": "==", "value": f'"{text}"', "format": style}
        )
    sheet.cells.autofilter(_FIRST - 1, 0, max(last, _FIRST), 6)


def _outcome(ours: float | str, theirs: float | str, tolerance: float) -> tuple[float | str, str]:
    if isinstance(ours, str) or isinstance(theirs, str):
        return (0.0, "ok") if ours == theirs else ("differs", "differs")
    gap = float(ours) - float(theirs)
    return gap, "ok" if abs(gap) <= tolerance else "differs"
