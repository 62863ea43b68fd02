"""The table of what was negotiated."""

from __future__ import annotations

from typing import Any

from planner.report.agreements import agreements


def agreement(**fields: Any) -> dict[str, Any]:
    return {
        "agreement": "Q-1", "kind": "quote", "rows": "rent/on_demand_usd_per_gpu_hour", "source": "an offer",
        "usd": 1.25, "discount_fraction": None, "first_month": "2027-01", "last_month": "2027-03",
        "cost_usd": -1500.0, "present_usd": -1400.0, "note": "",
    } | fields  # fmt: skip


def test_each_agreement_is_a_row_and_their_sum_stands_below() -> None:
    discount = {"agreement": "D-1", "kind": "discount", "rows": "rent*", "usd": None, "discount_fraction": 0.12}
    never = {"first_month": None, "last_month": None, "cost_usd": 0.0, "note": "is of 2027-01-01", "usd": None}
    in_words = {"rows": "discount of cloud on spot", "cost_usd": -250.0}
    found = [agreement(), agreement(**discount), agreement(**never), agreement(**in_words)]
    (table,) = agreements({"agreements": found})
    assert all(len(row) == len(table.columns) for row in (*table.rows, *table.totals))
    texts = [[cell.text for cell in row] for row in (*table.rows, *table.totals)]
    assert [row[2] for row in texts] == ["1.25", "12.0 %", "–", "1.25", ""]
    assert [row[3] for row in texts] == ["2027-01 to 2027-03"] * 2 + ["–", "2027-01 to 2027-03", ""]
    assert [row[4] for row in texts] == ["−1,500", "−1,500", "0", "−250", "−3,250"]
    assert [row[1].code for row in table.rows] == [True, True, True, False]
    assert table.rows[2][3].note == "is of 2027-01-01"


def test_without_agreements_there_is_no_table() -> None:
    assert not list(agreements({"agreements": []}))
    assert not list(agreements({})), "plans of earlier versions have none"
