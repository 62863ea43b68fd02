"""Money by fiscal year: cash, profit and loss, and ways of financing."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate
from typing import Any

from planner.report.course import course
from planner.report.formatting import add_up, add_up_both_ways, count, fixed, money, name, percent, plural, words
from planner.report.memo.facts import distinct, tax_basis
from planner.report.parts import Block, Cell, Column, Figure, Section, Table, Text, code

Row = dict[str, Any]
_CASH = {
    "capex_usd": "Capital outlay",
    "upfront_usd": "Upfront fees",
    "opex_usd": "Operating cost",
    "lease_usd": "Leases",
    "loan_usd": "Loans and finance leases",
    "resale_usd": "Resale",
    "tax_usd": "Tax",
}
_PROFIT = {
    "opex_usd": "Operating cost",
    "amortisation_usd": "Upfront fees",
    "depreciation_usd": "Depreciation",
    "lease_usd": "Leases",
    "interest_usd": "Interest",
    "disposal_usd": "Disposal",
    "tax_usd": "Tax",
}
_SIMPLE = {"capex_usd": "Capital outlay, net of resale", "opex_usd": "Operating cost",
           "financing_usd": "Financing", "tax_usd": "Tax"}  # fmt: skip

_SIGNS = "Costs are positive, income is negative. Amounts are nominal, and add up as shown."
_BOOKED = "Profit and loss has tax as paid, no deferred tax."


def cash_flow(document: dict[str, Any]) -> Section:
    """Return payments by fiscal year, and profit and loss where the plan has it."""
    statements = document["finance"].get("statements") or {}
    found, said = statements.get("plan"), _SIGNS
    if found is None:
        years = document["tco"]["plan"]["by_year"]
        tables = [_payments(years, _SIMPLE, "total_usd", "Payments by year of the plan, USD")]
    else:
        years = found["cash"]
        tables = [
            _payments(years, _CASH, "net_usd", "Cash by fiscal year, USD"),
            _by_year(found["profit_and_loss"], _PROFIT, "total_usd", "Profit and loss by fiscal year, USD"),
        ]
        said = f"{said} {_BOOKED}" if document["finance"].get("tax") else said
    drawn = [replace(one, data=None) for one in course(document).blocks if isinstance(one, Figure)][:1]
    compared = _compared(document, years)
    return Section("cash-flow", "Cash flow by year", "", (*tables, Text(said), *_tax(document), compared, *drawn))


def _payments(rows: list[Row], kinds: dict[str, str], total: str, caption: str) -> Table:
    """Return a table of payments with what they come to year after year."""
    table = _by_year(rows, kinds, total, caption)
    more = [("Cumulative", [*accumulate(_rounded(rows, kinds)[2])], "")]
    if "present_usd" in rows[0]:
        present = add_up([row["present_usd"] for row in rows])
        more.append(("Present value", present, fixed(sum(present))))
    for title, values, whole in more:
        body = tuple((*cells, Cell(fixed(value))) for cells, value in zip(table.rows, values, strict=True))
        sums = ((*table.totals[0], Cell(whole)),)
        table = Table(caption, (*table.columns, Column(title)), body, sums)
    return table


def _by_year(rows: list[Row], kinds: dict[str, str], total: str, caption: str) -> Table:
    """Return a row for each year, rounded so that rows and columns add up as shown."""
    used, cells, across, down = _rounded(rows, kinds)
    body = tuple(
        (_year(row), *(Cell(fixed(value)) for value in values), Cell(fixed(whole)))
        for row, values, whole in zip(rows, cells, across, strict=True)
    )
    sums = (Cell("Total"), *(Cell(fixed(value)) for value in down), Cell(fixed(sum(across))))
    last = Column("Net" if total == "net_usd" else "Total")
    return Table(caption, (Column("Year", number=False), *(Column(kinds[key]) for key in used), last), body, (sums,))


def _rounded(rows: list[Row], kinds: dict[str, str]) -> tuple[list[str], list[list[int]], list[int], list[int]]:
    """Return the kinds that are ever paid, then amounts by year and kind, by year, and by kind."""
    used = [key for key in kinds if any(row.get(key) for row in rows)]
    return used, *add_up_both_ways([[row.get(key, 0.0) for key in used] for row in rows])


def _year(row: Row) -> Cell:
    span = f"{row['months'][0]} to {row['months'][1]}" if row.get("months") else ""
    if "fiscal_year" not in row:
        return Cell(f"Year {row['year']}", note=span)
    if not isinstance(row["fiscal_year"], int):
        return Cell("After the horizon", note=span)
    return Cell(f"Fiscal {row['fiscal_year']}", note=span)


def _compared(document: dict[str, Any], years: list[Row]) -> Table:
    """Return cumulative cost at the end of every year, option beside option.

    All statements have the years of the horizon; what an option pays after it is in one more row.
    """
    known, statements = distinct(document), document["finance"].get("statements") or {}
    paid = {key: statements[key]["cash"] for key in known if statements.get(key)}
    years = max([years, *paid.values()], key=len)
    by_year = {key: [row["net_usd"] for row in rows] + [0.0] * (len(years) - len(rows)) for key, rows in paid.items()}
    grown = [[*accumulate(add_up(by_year.get(key) or _of_months(document, key, years)))] for key in known]
    rows = [(_year(year), *(Cell(fixed(values[n])) for values in grown)) for n, year in enumerate(years)]
    heads = (Column("By the end of", number=False), *(Column(name(key)) for key in known))
    return Table("Cumulative cost of every option, nominal USD", heads, tuple(rows))


def _of_months(document: dict[str, Any], key: str, years: list[Row]) -> list[float]:
    """Return what an option pays in each of these years, by its months: older plans have no statements."""
    ends = [year["months"][1] for year in years]
    flow = [(row["month"], row[f"{key}_usd"]) for row in document["finance"]["cash_flow"]]
    return [
        sum(usd for month, usd in flow if start < month <= end) for start, end in zip(["", *ends], ends, strict=False)
    ]


def _tax(document: dict[str, Any]) -> tuple[Block, ...]:
    """Say how tax is reckoned, with the depreciation that it allows."""
    tax = document["finance"].get("tax")
    if tax is None:
        return (Text(f"All amounts are {tax_basis(document)}."),)
    bonus = f", {percent(tax['bonus_fraction'])} of it at once" if tax.get("bonus_fraction") else ""
    text = (
        f"After tax at {percent(tax['rate_fraction'])}; depreciated for tax by {_method(tax)}{bonus}. "
        "Deductions are taken to be usable in the year in which they arise."
    )
    rows = tax.get("depreciation") or []
    if not rows:
        return (Text(text),)
    amounts = add_up([row["usd"] for row in rows])
    body = tuple((_year(row), Cell(fixed(usd))) for row, usd in zip(rows, amounts, strict=True))
    heads = (Column("Year", number=False), Column("Depreciation"))
    table = Table("Depreciation for tax, USD", heads, body, ((Cell("Total"), Cell(fixed(sum(amounts)))),))
    return Text(text), table


def _method(tax: Row) -> str:
    method, _, years = tax["method"].partition("macrs_")
    if years:
        return f"MACRS over {years} years"
    life = f" over {plural(tax['life_years'], 'year')}" if tax.get("life_years") else ""
    return f"{words(method)}{life}"


def financing(document: dict[str, Any]) -> Section:
    """Return the ways to pay for servers, cash first."""
    rows = document["finance"].get("financing") or []
    if not rows:
        bought = document["decisions"]["purchases"]
        cash = (Text("Servers are paid in cash: the scenario offers no other way."),) if bought else ()
        return Section("financing", "Financing", "", cash)
    heads = (
        Column("Way", number=False),
        Column("Server", number=False),
        Column("Term, months"),
        Column("Rate a year"),
        Column("A month and server, USD"),
        Column("Present cost a server, USD"),
        Column(f"The same at {percent(rows[0]['debt_rate_fraction'])}, the cost of debt"),
        Column("Servers so paid"),
    )
    body = tuple(
        (
            code(row["name"], note=name(row["kind"]).lower() if row["kind"] != row["name"] else ""),
            code(row["server"]),
            Cell(count(row["term_months"])),
            Cell(percent(row["rate_fraction"])),
            Cell(fixed(row["monthly_usd_per_server"])),
            Cell(fixed(row["present_usd_per_server"])),
            Cell(fixed(row["present_at_debt_usd_per_server"])),
            Cell(count(row["chosen_servers"])),
        )
        for row in rows
    )
    said = Text(f"{_cheapest(rows)} Present cost is what a server costs by the end when it is paid in this way.")
    return Section("financing", "Financing", "", (Table("Ways to pay for a server", heads, body), said))


def _cheapest(rows: list[Row]) -> str:
    """Say which way is the cheapest for each kind of server."""
    least: dict[str, Row] = {}
    for row in rows:
        if row["present_usd_per_server"] < least.get(row["server"], row)["present_usd_per_server"] + 1e-9:
            least[row["server"]] = row
    said = [f"“{row['name']}” for {kind} ({money(row['present_usd_per_server'])})" for kind, row in least.items()]
    return f"The cheapest way per server: {', '.join(said)}."
