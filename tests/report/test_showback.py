"""Costs by workload and team, and carbon: whole amounts that add up, and nothing shown as 0 that is not known."""

from __future__ import annotations

from typing import Any

from planner.report.carbon import carbon
from planner.report.contents import sections
from planner.report.parts import Fold, Table, Text
from planner.report.showback import showback
from tests.report.documents import document


def workload(name: str, usd: float, **fields: Any) -> dict[str, Any]:
    return {"workload": name, "team": name, "unit": "request", "work_units": 1e9, "gpu_hours": 100.0, "usd": usd,
            "usd_per_unit": usd / 1e9, "usd_per_gpu_hour": usd / 100,
            "by_component": {"servers": 2 * usd, "resale": -usd}} | fields  # fmt: skip


def team(name: str, *usd: float) -> dict[str, Any]:
    return {"team": name, "usd": sum(usd), "by_year": [{"fiscal_year": 2027 + n, "usd": one}
                                                       for n, one in enumerate(usd)]}  # fmt: skip


COSTS = {
    "workloads": [workload("chat", 100.4, team="Product"), workload("train", 200.4, usd_per_gpu_hour=None)],
    "teams": [team("Product", 60.2, 40.2), team("train", 120.2, 80.2)], "unallocated_usd": 10.4,
}  # fmt: skip


def texts(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row] for row in (*table.rows, *table.totals)]


def adds_up(table: Table) -> list[int]:
    """Return the last column of a table whose rows and columns add up."""
    shown = [[int(one.replace("−", "-")) for one in line[1:]] for line in texts(table)]
    assert [sum(column) for column in zip(*shown[:-1], strict=True)] == shown[-1]
    assert all(sum(rest) == whole for *rest, whole in shown)
    return [line[-1] for line in shown]


def row(year: int, place: str, kind: str, kwh: float | None, tonnes: float | None) -> dict[str, Any]:
    return {"fiscal_year": year, "place": place, "kind": kind, "kwh": kwh, "tco2e": tonnes}


def carbon_of(plan: list[dict[str, Any]], **fields: Any) -> list[Table]:
    found = {"plan": plan, "cloud": None, "price_usd_per_tonne": None, "unknown": []} | fields
    section = carbon({"carbon": found})
    assert section is not None
    return [block for block in section.blocks if isinstance(block, Table)]


def test_whole_amounts_add_up_with_what_no_workload_uses() -> None:
    section = showback({"service_costs": COSTS})
    assert section is not None
    by_workload, by_team, _, parts = section.blocks
    assert isinstance(by_workload, Table) and isinstance(by_team, Table) and isinstance(parts, Fold)
    shown = texts(by_workload)
    assert [one[3] for one in shown[:2]] == ["101", "200"]
    assert [one[1] for one in shown[2:]] == ["10", "311"]
    assert [one[6] for one in shown[:2]] == ["1.0040", "–"]
    assert by_workload.rows[0][0].note == "Product" and not by_workload.rows[1][0].note
    assert adds_up(by_team)[-1] == adds_up(parts.table)[-1] == 301


def test_what_costs_next_to_nothing_is_priced_by_the_thousand_or_million() -> None:
    many = {"workloads": [workload("a", 1, usd_per_unit=usd) for usd in (0.02, 0.0002, 0.0000002)],
            "teams": [team("a", 3)], "unallocated_usd": 0.0}  # fmt: skip
    section = showback({"service_costs": many})
    assert section is not None and isinstance(section.blocks[0], Table)
    per_unit = [(one[5].text, one[5].note) for one in section.blocks[0].rows]
    assert per_unit == [("0.0200", "request"), ("0.2000", "a thousand: request"), ("0.2000", "a million: request")]


def test_energy_and_carbon_add_up_and_what_is_not_known_is_said() -> None:
    options, places = carbon_of([
        row(2027, "room", "owned", 1_000_000, 400), row(2028, "room", "owned", 2_000_000, 800),
        row(2027, "cloud us", "rented", 500_000, None), row(2028, "other", "rented", None, None),
    ])  # fmt: skip
    assert texts(options) == [["Plan", "3,000", "500", "1,200", "not known", "1,200"]]
    assert [cell.note for cell in options.rows[0]] == ["", "", "rest not known", "", "", "rest not known"]
    assert texts(places) == [
        ["room", "3,000", "400", "800", "1,200"],
        ["cloud us", "500", "not known", "0", "not known"],
        ["other", "not known", "0", "not known", "not known"],
        ["All that is known", "3,500", "400", "800", "1,200"],
    ]


def test_what_is_said_of_price_and_unknown_factors() -> None:
    for price, words in ((None, "Carbon has no price"), (80.0, "Carbon costs 80 USD a tonne")):
        found = {"plan": [], "price_usd_per_tonne": price, "unknown": ["far-away"]}
        section = carbon({"carbon": found})
        assert section is not None
        (said,) = [block.text for block in section.blocks if isinstance(block, Text)]
        assert words in said and "What far-away emits is not known." in said


def test_a_plan_that_says_nothing_of_them_has_no_such_section() -> None:
    ids = [section.id for section in sections(document())]
    assert "showback" not in ids and "carbon" not in ids
    with_both = {"service_costs": COSTS, "carbon": {"plan": [], "price_usd_per_tonne": None, "unknown": []}}
    assert {"showback", "carbon"} <= {section.id for section in sections(document() | with_both)}
