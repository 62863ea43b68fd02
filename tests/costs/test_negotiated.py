"""What was negotiated is a line of its own: list price and differences sum to what is paid, worked out by hand."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from planner.analysis.agreements import agreements
from planner.analysis.study import solve_case
from planner.assemble import build_case
from planner.catalog.load import load_catalog
from planner.model.solve import Effort
from planner.planfile import plan_document
from tests.input.given import CATALOG, SCENARIO, load, write_catalog

NO_COST = "finance: {wacc_fraction: 0, source: by hand}"
MONTH = 8 * 730
"""GPU-hours of 8 GPUs in a month."""


def study(
    folder: Path, book: dict[str, Any], more: str = "", kinds: str = "on_demand, commitments", months: int = 3,
    **commitment: Any,
) -> Any:  # fmt: skip
    """The small scenario solved with a price book, without servers; the offer's commitment may be another."""
    write_catalog(folder / "pricing", with_commitment(**commitment))
    (folder / "ours.yaml").write_text(yaml.safe_dump(book), encoding="utf-8")
    text = SCENARIO.replace("finance: {wacc_fraction: 0.09, source: treasury}", NO_COST)
    text = text.replace("horizon_months: 3", f"horizon_months: {months}")
    text = text.replace("{consider: [rent]}", f"{{consider: [rent], kinds: [{kinds}]}}")
    rate = "exchange_rates: [{currency: EUR, usd_per_unit: 1, date: 2026-11-01, source: ecb}]\n"
    catalog = load_catalog(folder / "pricing")
    loaded = load(folder, text + rate + "servers: {consider: []}\nprice_book: ours.yaml\n" + more, catalog=catalog)
    return solve_case(build_case(catalog, loaded), Effort(gap=1e-9)), catalog


def with_commitment(**fields: Any) -> dict[str, Any]:
    catalog = deepcopy(CATALOG)
    catalog["offers"][0]["commitments"][0] |= fields
    return catalog


def by_component(found: Any) -> dict[str, float]:
    sums = found.plan.ledger.groupby("component")["cost_usd"].sum()
    return {str(name): float(usd) for name, usd in sums.items() if abs(usd) > 1e-9}


def discount(name: str, fraction: float, rows: str, **fields: str) -> dict[str, Any]:
    return {"id": name, "fraction": fraction, "rows": rows, "source": "a contract"} | fields


def test_each_agreement_is_a_difference(tmp_path: Path) -> None:
    """3 USD listed; 10 % off, and from February half off what is left: the second is on the price after the first."""
    book = {"discounts": [discount("D-1", 0.1, "rent/on_demand*"),
                          discount("D-2", 0.5, "rent/on_demand*", valid_from="2027-02-01")]}  # fmt: skip
    no_terms = [{"id": "dear", "row": "rent/12m/usd_per_gpu_hour", "value": 100, "date": "2026-11-01", "source": "s"}]
    found, _ = study(tmp_path, book | {"quotes": no_terms})
    paid = by_component(found)
    assert paid == pytest.approx({"on_demand": 3 * 3 * MONTH, "negotiated_on_demand": -(3 * 0.3 + 2 * 1.35) * MONTH})
    effect = {one["agreement"]: (one["cost_usd"], one["first_month"]) for one in agreements(found)}
    assert effect == {
        "dear": (0, "2027-01"),
        "D-1": (pytest.approx(-3 * 0.3 * MONTH), "2027-01"),
        "D-2": (pytest.approx(-2 * 1.35 * MONTH), "2027-02"),
    }
    assert set(found.plan.ledger[found.plan.ledger["source"].str.endswith("D-2")]["month"]) == {1, 2}
    source = set(found.plan.ledger.query("component == 'negotiated_on_demand'")["source"])
    assert source == {f"rent/on_demand_usd_per_gpu_hour × price book: {name}" for name in ("D-1", "D-2")}


def test_equal_discounts_of_the_scenario_multiply_and_each_has_its_own_effect(tmp_path: Path) -> None:
    """3 USD listed, 10 % off, then half off, then 10 % off what is left; the book's entry has taken the name before."""
    name = "discount of cloud on on-demand"
    again = "{provider: cloud, kind: on_demand, source: s, fraction"
    more = f"discounts: [{again}: 0.5}}, {again}: 0.1}}]\n"
    found, _ = study(tmp_path, {"discounts": [discount(name, 0.1, "rent/*")]}, more, "on_demand")
    assert by_component(found)["on_demand"] == pytest.approx(9 * MONTH)
    effects = {one["agreement"]: one["cost_usd"] for one in agreements(found)}
    assert effects == pytest.approx(
        {name: -0.9 * MONTH, f"{name} (2)": -3 * 1.35 * MONTH, f"{name} (3)": -3 * 0.135 * MONTH}
    )
    assert sum(effects.values()) == pytest.approx(by_component(found)["negotiated_on_demand"])


def test_the_objective_is_what_is_paid(tmp_path: Path) -> None:
    """A commitment at 1.5 USD listed and 1.2 by the book, against 3 on demand: it is taken, and pays 1.2."""
    book = {"discounts": [discount("D", 0.2, "rent/12m/*")]}
    found, _ = study(tmp_path, book)
    assert by_component(found) == pytest.approx(
        {"commitments": 3 * 1.5 * MONTH, "negotiated_commitments": -3 * 0.3 * MONTH}
    )
    assert found.plan.answer.objective == pytest.approx(3 * 1.2 * MONTH)
    assert (found.plan.ledger["source"] != "").all(), "hours that are paid anyway are not paid again as used"


@pytest.mark.parametrize("fraction", [0, 0.25, 1])
def test_a_discount_from_nothing_to_everything_on_hours_paid_as_used(fraction: float, tmp_path: Path) -> None:
    """8 GPUs for 12 months at 1.5 USD, half of it upfront and half for the hours of the one month that is planned.

    What costs nothing after the discount is known, and has a list price of which everything was taken off.
    """
    more = f"discounts: [{{provider: cloud, kind: commitments, fraction: {fraction}, source: s}}]\n"
    found, _ = study(tmp_path, {}, more, "commitments", 1, upfront_fraction=0.5, hourly_billed="used")
    listed = 0.5 * 1.5 * 12 * MONTH + 0.5 * 1.5 * MONTH
    negotiated = {"negotiated_commitments": -fraction * listed} if fraction else {}
    assert by_component(found) == pytest.approx({"commitments": listed} | negotiated)
    assert found.plan.answer.objective == pytest.approx((1 - fraction) * listed)
    (effect,) = agreements(found)
    assert effect["cost_usd"] == pytest.approx(-fraction * listed)


def test_hours_paid_as_used_have_the_list_price_of_their_start(tmp_path: Path) -> None:
    """Terms of a month at 1.5 and 0.75 USD listed, each quoted at 0.6: they pay the same, and saved another sum."""
    row = "rent/12m/usd_per_gpu_hour"
    quote = {"id": "Q", "row": row, "value": 0.6, "date": "2026-11-01", "source": "an offer"}
    path = f"price_paths: [{{rows: {row}, kind: step, month: 2027-02, factor: 0.5, source: s}}]\n"
    found, _ = study(tmp_path, {"quotes": [quote]}, path, months=2, term_months=1, hourly_billed="used")
    ledger = found.plan.ledger[found.plan.ledger["cost_usd"] != 0]
    usd = ledger.groupby(["component", "month"])["cost_usd"].sum().to_dict()
    assert usd == pytest.approx({
        ("commitments", 0): 1.5 * MONTH, ("negotiated_commitments", 0): -0.9 * MONTH,
        ("commitments", 1): 0.75 * MONTH, ("negotiated_commitments", 1): -0.15 * MONTH,
    })  # fmt: skip


def test_a_quote_decides(tmp_path: Path) -> None:
    """At 3 USD rent the quoted server pays; what is a fraction of its price follows what was paid for it."""
    more = "servers: {consider: [box]}\noffers: {consider: [rent], kinds: [on_demand]}\nhorizon_months: 24\n"
    text_free = {"quotes": [{"id": "Q", "row": "box/purchase_usd_per_server", "value": 60_000, "date": "2026-11-01",
                             "source": "an offer"}]}  # fmt: skip
    (tmp_path / "ours.yaml").write_text(yaml.safe_dump(text_free), encoding="utf-8")
    text = SCENARIO.replace("offers: {consider: [rent]}\n", "").replace("horizon_months: 3\n", "") + more
    text += "exchange_rates: [{currency: EUR, usd_per_unit: 1, date: 2026-11-01, source: ecb}]\nprice_book: ours.yaml\n"
    text += "prices: {box/spare_parts_fraction: 0.05}\ncontingency_fraction: 0.1\n"
    loaded = load(tmp_path, text)
    found = solve_case(build_case(load_catalog(tmp_path / "pricing"), loaded), Effort(gap=1e-9))
    paid, servers = by_component(found), found.plan.ledger.query("component == 'servers'")["quantity"].sum()
    assert servers == 1
    assert paid["servers"] == pytest.approx(100_000)
    assert paid["negotiated_servers"] == pytest.approx(-40_000)
    assert paid["resale"] == pytest.approx(-0.25 * 60_000, rel=0.1), "worth a fraction of what was paid, not of list"
    assert paid["contingency"] == pytest.approx(0.1 * (60_000 + paid["spare_parts"]))
    assert agreements(found)[0]["cost_usd"] == pytest.approx(-40_000), "as much as its lines"
    assert paid["spare_parts"] == pytest.approx(0.05 * 60_000)
    assert paid["support"] == pytest.approx(0.1 * 60_000 * 23 / 12)
    assert not {"negotiated_resale", "negotiated_spare_parts", "negotiated_support"} & paid.keys()


def test_plan_json_says_what_was_negotiated(tmp_path: Path) -> None:
    quoted = {"row": "box/purchase_usd_per_server", "value": 9, "source": "an offer"}
    later, foreign = {"id": "Q-2", "date": "2026-12-01"}, {"id": "Q-1", "date": "2026-11-01", "currency": "GBP"}
    book = {"discounts": [discount("D", 0.2, "rent/*"), discount("old", 0.2, "rent/*", valid_until="2026-12-01")]}
    found, catalog = study(tmp_path, book | {"quotes": [quoted | later, quoted | foreign]})
    document = plan_document(found, catalog, Effort())
    unpriced, unknown, used, old = document["agreements"]
    for one, name, usd, note in (
        (unpriced, "Q-1", None, "is in GBP; exchange_rates has no rate for it"),
        (unknown, "Q-2", 9, "is of 2026-12-01, and prices are those of 2026-11-21"),
    ):
        assert (one["agreement"], one["usd"], one["rows"], one["note"]) == (name, usd, quoted["row"], note)
        assert (one["first_month"], one["cost_usd"], one["source"]) == (None, 0, "an offer")
        assert one["discount_fraction"] is None
    assert (used["agreement"], used["discount_fraction"], used["last_month"]) == ("D", 0.2, "2027-03")
    assert used["cost_usd"] == pytest.approx(
        sum(usd for name, usd in document["tco"]["plan"]["by_component"].items() if name.startswith("negotiated_"))
    )
    assert (old["cost_usd"], old["first_month"], old["note"]) == (0, None, "does not hold in any month of the plan")
    assert document["proof"]["relative_difference"] < 1e-12
    lines = [line for line in document["lines"] if line["component"].startswith("negotiated_")]
    assert lines
    assert all(row in catalog.rows for line in lines for row in line["rows"])
    assert {line["component"] for line in lines} <= {one["component"] for one in document["components"]}
