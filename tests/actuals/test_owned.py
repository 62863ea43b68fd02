"""What the own fleet costs, from its invoices and meters: a table that anyone can write."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.actuals.monthly import charges_by_month
from planner.actuals.store import Store
from planner.errors import InputError
from tests.actuals.small import add, charge, write

ROW = {"month": "2026-10", "component": "electricity", "site": "colo-texas", "usd": "1800.25", "kwh": "15000",
       "source": "meter 3, invoice 77"}  # fmt: skip


def test_an_invoice_is_a_charge_of_its_component_and_month(store: Store, tmp_path: Path) -> None:
    done = add(store, write(tmp_path / "a.csv", [ROW]))
    one = charge(store)
    assert (done.format, done.unknown, done.money[0].currency) == ("owned", 0, "USD")
    assert (one["provider"], one["account"], one["pricing"], one["component"]) == (
        "owned", "colo-texas", "owned", "electricity",
    )  # fmt: skip
    assert (one["billing_month"], one["description"], one["tags"]) == (
        "2026-10", "meter 3, invoice 77", '{"kwh":"15000"}',
    )  # fmt: skip
    (month,) = charges_by_month(store).to_dict("records")
    assert (month["month"], month["component"], month["effective_cost"], month["billed_cost"]) == (
        "2026-10", "electricity", 1800.25, 1800.25,
    )  # fmt: skip


def test_meters_of_gpus_are_gpu_hours_once(store: Store, tmp_path: Path) -> None:
    done = add(store, write(tmp_path / "a.csv", [
        ROW | {"gpu": "H100 80GB HBM3", "gpu_hours": "5000.5"},
        ROW | {"component": "staff", "gpu": "", "gpu_hours": ""},
    ]))  # fmt: skip
    assert (done.gpu_hours, done.unknown) == (5000.5, 0)
    first, second = store.rows("SELECT gpu, gpu_hours FROM charges ORDER BY line")
    assert first["gpu"] == "h100-sxm-80gb" and second == {"gpu": None, "gpu_hours": None}


@pytest.mark.parametrize(
    ("changes", "doubt"),
    [
        ({"usd": "dear"}, "effective cost is no number"),
        ({"usd": ""}, "no cost"),
        ({"kwh": "much"}, "kwh is no number"),
        ({"gpu_hours": "-1"}, "less than nothing"),
        ({"gpu_hours": "all"}, "quantity is no number"),
        ({"month": "soon"}, "start of the charge is no time"),
        ({"month": ""}, "no start of the charge"),
    ],
)
def test_what_is_not_understood_is_kept(store: Store, tmp_path: Path, changes: dict[str, str], doubt: str) -> None:
    add(store, write(tmp_path / "a.csv", [ROW | changes]))
    one = charge(store)
    assert one["doubt"] == doubt and one["gpu_hours"] is None
    assert one["billed_cost"] is None or float(one["billed_cost"]) == 1800.25


def test_a_component_that_no_ledger_has_is_refused_with_the_nearest(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [ROW, ROW | {"component": "electricty"}, ROW | {"component": ""}])
    with pytest.raises(InputError) as caught:
        add(store, path)
    wrong, empty = caught.value.complaints
    assert wrong.place.line == 3 and wrong.cure is not None and "electricity" in wrong.cure
    assert empty.place.line == 4 and "servers" in str(empty.allowed)
    assert store.rows("SELECT * FROM files") == []


def test_every_component_of_the_ledger_is_known_by_its_name_there(store: Store, tmp_path: Path) -> None:
    from planner.costs import COMPONENTS

    names = [one.__name__ for one in COMPONENTS]
    assert {"servers", "electricity", "space", "staff", "support", "resale"} <= set(names)
    assert add(store, write(tmp_path / "a.csv", [ROW | {"component": name} for name in names])).unknown == 0
