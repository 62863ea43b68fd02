"""What the memo rests on: the assumptions register, contingency, carbon, proof, and who signs."""

from __future__ import annotations

from typing import Any

from planner.report.carbon import TENTHS_BELOW
from planner.report.formatting import DASH, add_up, day, fixed, money, number, percent, plural, unit
from planner.report.memo.facts import Row, component, used_rows
from planner.report.parts import Block, Cell, Column, Facts, Section, Table, Text, code, columns, written_out
from planner.report.summary import WEAK
from planner.report.trust import assumptions, proof, source_cell

_REGISTER = (
    Column("Assumption, unit", number=False),
    Column("Value, range"),
    Column("Date", number=False),
    Column("Confidence", number=False),
    Column("Source", number=False, wide=True),
)
_GROUPS = {
    "Servers": ("resale_fraction", "useful_life_months", "power_active_kw", "lead_time_months"),
    "Sites": ("pue", "electricity_usd_per_kwh", "space_usd_per_kw_month"),
    "People": ("salary_usd_per_year", "burden_multiplier"),
    "Rented capacity": ("on_demand_usd_per_gpu_hour", "spot_usd_per_gpu_hour", "usd_per_gpu_hour"),
}
"""What the rows of a thing are about, by a field that only such a thing has."""
_DIGITS = 9


def register(document: dict[str, Any]) -> Section:
    """Return every number that the figures come from: what was asked, then catalog rows by what they are about."""
    asked = written_out(assumptions(document).blocks)[0]
    tables = [_table(document, title, rows) for title, rows in _grouped(used_rows(document)).items()]
    return Section("assumptions", "Appendix: assumptions register", "", (asked, *tables))


def _grouped(rows: list[Row]) -> dict[str, list[Row]]:
    """Return rows by what their thing is."""
    fields: dict[str, set[str]] = {}
    for row in rows:
        thing, _, field = row["row"].partition("/")
        fields.setdefault(thing, set()).update(field.split("/"))
    kinds = {thing: next((kind for kind, own in _GROUPS.items() if known & set(own)), "Other")
             for thing, known in fields.items()}  # fmt: skip
    found: dict[str, list[Row]] = {kind: [] for kind in (*_GROUPS, "Other")}
    for row in rows:
        found[kinds[row["row"].partition("/")[0]]].append(row)
    return {kind: some for kind, some in found.items() if some}


def _table(document: dict[str, Any], title: str, rows: list[Row]) -> Table:
    return Table(f"{title}: catalog rows behind the figures", _REGISTER, tuple(_row(document, one) for one in rows))


def _row(document: dict[str, Any], one: Row) -> tuple[Cell, ...]:
    weak, (low, high) = one["confidence"] in WEAK, (one["low"], one["high"])
    ranged = f"{number(low, _DIGITS)} to {number(high, _DIGITS)}" if low is not None or high is not None else ""
    return (
        code(one["row"], note=unit(one["unit"], one["currency"])),
        Cell(number(one["value"], _DIGITS), note=ranged),
        Cell(one["date"]),
        Cell("" if weak else one["confidence"], mark=one["confidence"] if weak else ""),
        source_cell(document["sources"].get(one["source"], {"title": one["source"]})),
    )


def contingency(document: dict[str, Any]) -> Section:
    """Return what is set aside."""
    plan = document["tco"]["plan"]
    amount = component(plan, "contingency")
    said = (
        f"The plan sets aside {money(amount)} on capital outlay and the project, which is in every total."
        if amount > 0
        else "The scenario sets no contingency: every amount is what it is expected to be, and nothing is set aside."
    )
    return Section("contingency", "Contingency", "", (Text(said),))


def carbon(document: dict[str, Any]) -> Section:
    """Return energy and emissions of the plan by year; what is not known is not zero."""
    found = document.get("carbon") or {}
    rows = found.get("plan") or []
    if not rows:
        return Section("carbon", "Carbon", "", ())
    few = sum(row["tco2e"] or 0.0 for row in rows) < TENTHS_BELOW
    energy, tonnes = _known(rows, "kwh"), _known(rows, "tco2e", decimals=int(few))
    body = tuple(
        (Cell(f"Fiscal {row['fiscal_year']}"), code(row["place"]), Cell(row["kind"]), kwh, tco2e)
        for row, kwh, tco2e in zip(rows, energy, tonnes, strict=False)
    )
    total = (Cell("Total of what is known", span=3), energy[-1], tonnes[-1])
    heads = columns("Year", "Place", "Kind", "kWh", "t CO₂e", words=("Place", "Kind"))
    price = found.get("price_usd_per_tonne")
    paid = money(component(document["tco"]["plan"], "carbon"))
    priced = f"A tonne is priced at {fixed(price, 2)} USD at first: {paid} in all, which is in every total."
    said = ["No price is put on emissions." if price is None else priced]
    if found.get("unknown"):
        said.append(f"Without a known factor, and therefore not counted: {', '.join(map(str, found['unknown']))}.")
    return Section("carbon", "Carbon", "", (Table("Energy and emissions of the plan", heads, body, (total,)),
                                            Text(" ".join(said))))  # fmt: skip


def _known(rows: list[Row], key: str, decimals: int = 0) -> list[Cell]:
    """Return the amounts of rows and, last, what those that are known sum to."""
    step = 10.0**-decimals
    known = iter(whole := add_up([row[key] / step for row in rows if row[key] is not None]))
    shown = [None if row[key] is None else fixed(next(known) * step, decimals) for row in rows]
    cells = [Cell(DASH, note="not known") if text is None else Cell(text) for text in shown]
    return [*cells, Cell(fixed(sum(whole) * step, decimals))]


def proven(document: dict[str, Any]) -> Section:
    """Return what was proven, and what makes this memo again."""
    first = next(one for one in proof(document).blocks if isinstance(one, Text))
    prices, solver = document["catalog"], document["solver"]
    again = (
        ("Command", code(document.get("command", DASH))),
        ("Scenario digest", code(document["scenario_digest"])),
        ("Catalog digest", code(prices["digest"], note=f"{plural(prices['rows_used'], 'row')} used, dated "
                                f"{prices['oldest_price'] or DASH} to {prices['newest_price'] or DASH}")),
        ("Prices as of", Cell(day(document["as_of"]))),
        ("Solver", Cell(f"{solver['name']} {solver['version']}", note=f"{solver['status']}; gap "
                        f"{percent(solver['relative_gap'], 3)}, at most {percent(solver['gap_asked'], 3)} asked")),
    )  # fmt: skip
    blocks: tuple[Block, ...] = (first, Facts(again, "terms"))
    return Section("proof", "Proof, and how to make this again", "", blocks)


def sign_off(document: dict[str, Any]) -> Section:
    """Return empty lines for those who answer for the decision."""
    roles = ("Prepared by", "Finance", "Procurement", "Decision")
    heads = columns("Role", "Name", "Signature", "Date", words=("Name", "Signature", "Date"))
    rows = tuple((Cell(role), Cell(""), Cell(""), Cell("")) for role in roles)
    return Section("sign-off", "Sign-off", "", (Table(f"For the plan {document['scenario']}", heads, rows),))
