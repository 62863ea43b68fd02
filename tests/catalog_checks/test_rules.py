"""Each check alone: what it doubts, what it leaves, and in which words."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from planner.catalog.checks import CHECKS, Doubt, doubts, price_is_recent
from planner.catalog.checks.bands import BANDS, band_of
from planner.catalog.load import load_catalog
from tests.input.given import CATALOG, SERVER, fact, write_catalog
from tests.shipped import shipped_catalog

SHIPPED = shipped_catalog()
SOURCES = {"sources": [{"id": name, "title": name} for name in ("invoice", "table", "page")]}
ON_DEMAND, SPOT = "on_demand_usd_per_gpu_hour", "spot_usd_per_gpu_hour"


def offer(name: str = "rent", on_demand: Any = 3, **fields: Any) -> dict[str, Any]:
    facts = on_demand if isinstance(on_demand, list) else fact(on_demand)
    base = {"id": name, "provider": "cloud", "region": "here", "country": "US", "gpu": "h100-x", "gpus": 8}
    return base | {ON_DEMAND: facts} | fields


def term(months: int, rate: float, upfront: float = 0, **fields: Any) -> dict[str, Any]:
    name = f"{months}m-{upfront:g}".replace(".", "-")
    return {"id": name, "term_months": months, "upfront_fraction": upfront, "usd_per_gpu_hour": fact(rate, **fields)}


def dated(*values: float | None, **fields: Any) -> list[dict[str, Any]]:
    """One fact a month from 2026-01 on."""
    return [fact(value, date=f"2026-{month:02d}-01", **fields) for month, value in enumerate(values, 1) if value]


def doubted(tmp_path: Path, *offers: dict[str, Any], **sections: Any) -> dict[str, Doubt]:
    """What is doubted, by row id and date."""
    content = deepcopy(CATALOG) | {"offers": list(offers), "savings_plans": []} | sections
    content["gpus"] = [{"id": name, "name": name, "memory_gb": 80} for name in ("g1", "g2", "h100-x", "l4-x")]
    found = doubts(load_catalog(write_catalog(tmp_path / "pricing", content)))
    return {f"{one.row.id} {one.row.fact.date:%m}": one for one in found}


def only(found: dict[str, Doubt]) -> tuple[str, str, str]:
    ((key, one),) = found.items()
    return key, one.check, one.reason


def test_a_sound_catalog_has_no_doubts(tmp_path: Path) -> None:
    assert doubted(tmp_path, offer(commitments=[term(12, 2), term(36, 1)], **{SPOT: fact(1)})) == {}


@pytest.mark.parametrize(
    ("price", "words"),
    [
        (0, "0: a missing price read as a number"),
        (24, "above any on-demand price of h100-x; ÷ 8 (8 GPUs of an instance) it would be 3"),
        (2190, "÷ 730 (hours of a month) it would be 3"),
        (17520, "÷ 5840 (8 GPUs × hours of a month) it would be 3"),
        (0.375, "below any on-demand price of h100-x; × 8 (8 GPUs of an instance) it would be 3"),
        (0.00411, "× 730 (hours of a month) it would be 3"),
        (300, "÷ 100 (cents, or two decimals lost) it would be 3"),
    ],
)
def test_a_price_outside_the_band_is_named_by_its_slip(tmp_path: Path, price: float, words: str) -> None:
    siblings = [offer(f"rent-{i}", 3, region=f"r{i}") for i in range(3)]
    _, check, reason = only(doubted(tmp_path, offer(on_demand=price), *siblings))
    assert words in reason
    assert check == ("price_is_not_zero" if price == 0 else "price_is_in_the_band_of_its_gpu")


def test_no_slip_is_named_where_several_would_fit(tmp_path: Path) -> None:
    assert only(doubted(tmp_path, offer(on_demand=990)))[2] == "above any on-demand price of h100-x"


def test_a_price_of_the_whole_term_is_named(tmp_path: Path) -> None:
    found = doubted(tmp_path, offer(commitments=[term(12, 2), term(36, 26280)]))
    assert "÷ 26,280 (hours of the term) it would be 1" in only(found)[2]


def test_every_band_is_in_order_and_found_by_the_id_of_its_gpus() -> None:
    for name, band in BANDS.items():
        assert 0 < band.floor < band.low < band.high and 0 < band.server_low < band.server_high, name
        assert band_of(f"{name}-80gb") == band == band_of(name)
    assert band_of("l40s-48gb") != band_of("l4-24gb") and band_of("a100-sxm-80gb") == BANDS["a100"]


def test_a_savings_plan_is_checked_like_a_commitment(tmp_path: Path) -> None:
    plan = {
        "id": "plan",
        "provider": "cloud",
        "term_months": 12,
        "upfront_fraction": 0,
        "usd_per_gpu_hour": {"rent": fact(0)},
    }
    assert only(doubted(tmp_path, offer(), savings_plans=[plan]))[:2] == (
        "plan/usd_per_gpu_hour/rent 01", "price_is_not_zero")  # fmt: skip


@pytest.mark.parametrize(
    ("value", "low", "high", "is_doubted"), [(3, 1, 8, True), (3.8, 1, 4, False), (3, 1, 7, False)]
)
def test_a_median_over_instances_is_doubted(
    tmp_path: Path, value: float, low: float, high: float, is_doubted: bool
) -> None:
    found = doubted(tmp_path, offer(on_demand=[fact(value, low=low, high=high)]))
    assert bool(found) == is_doubted


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"purchase_usd_per_server": fact(0)}, "purchase_usd_per_server"),
        ({"purchase_usd_per_server": fact(250)}, "purchase_usd_per_server"),
        ({"purchase_usd_per_server": fact(3_500_000)}, "purchase_usd_per_server"),
    ],
)
def test_a_server_price_outside_the_band_is_doubted(tmp_path: Path, changes: Any, field: str) -> None:
    server = SERVER | {"gpu": "h100-x", "purchase_usd_per_server": fact(250_000)}
    assert doubted(tmp_path, offer(), servers=[server]) == {}
    key, check, _ = only(doubted(tmp_path, offer(), servers=[server | changes]))
    assert (key, check) == (f"box/{field} 01", "server_price_is_in_the_band_of_its_gpu")


@pytest.mark.parametrize(
    ("field", "value"), [("electricity_usd_per_kwh", 7.11), ("pue", 0.5), ("carbon_kg_per_kwh", 245)]
)
def test_a_figure_in_another_unit_is_doubted(tmp_path: Path, field: str, value: float) -> None:
    site = CATALOG["sites"][0] | {field: fact(value)}
    assert only(doubted(tmp_path, offer(), sites=[site]))[:2] == (
        f"room/{field} 01",
        "value_is_in_the_unit_of_its_field",
    )


def test_a_glitch_is_doubted_and_a_lasting_step_is_not(tmp_path: Path) -> None:
    assert only(doubted(tmp_path, offer(on_demand=dated(3, 3, 1, 3))))[:2] == (
        f"rent/{ON_DEMAND} 03", "price_is_near_its_own_history")  # fmt: skip
    assert only(doubted(tmp_path, offer(on_demand=dated(3, 3, 1))))[0] == f"rent/{ON_DEMAND} 03"
    assert doubted(tmp_path, offer(on_demand=dated(3, 3, 1, 1))) == {}
    assert doubted(tmp_path, offer(on_demand=dated(3, 3, 1.7))) == {}
    assert doubted(tmp_path, offer(on_demand=dated(3, 1, 1))) == {}
    assert doubted(tmp_path, offer(**{SPOT: dated(2, 2, 0.7, 2)})) == {}


def test_a_stale_table_is_doubted_and_a_price_raised_again_by_the_same_source_is_not(tmp_path: Path) -> None:
    sources = {"sources": [{"id": "invoice", "title": "an invoice"}, {"id": "table", "title": "a table"}]}
    stale = [*dated(12, 7), fact(12.01, date="2026-03-01", source="table"), fact(7, date="2026-04-01", source="table")]
    assert only(doubted(tmp_path, offer(on_demand=stale), **sources))[:2] == (
        f"rent/{ON_DEMAND} 03", "price_does_not_return_to_a_superseded_one")  # fmt: skip
    assert doubted(tmp_path, offer(on_demand=dated(12, 7, 12))) == {}


def test_a_less_certain_source_does_not_overrule(tmp_path: Path) -> None:
    def facts(confidence: str, month: str, value: float) -> list[dict[str, Any]]:
        return [*dated(3.77), fact(value, date=f"2026-{month}-01", confidence=confidence)]

    assert only(doubted(tmp_path, offer(on_demand=facts("medium", "04", 4.59))))[:2] == (
        f"rent/{ON_DEMAND} 04", "certain_source_is_not_contradicted")  # fmt: skip
    for confidence, month, value in (("high", "04", 4.59), ("medium", "10", 4.59), ("medium", "04", 4.0)):
        assert doubted(tmp_path, offer(on_demand=facts(confidence, month, value))) == {}


TRUE_STEPS = [  # of the shipped catalog: row, price before, price after, in months when both were read
    ("aws-p5-48xlarge-us-east-1", 12.29, 6.88), ("aws-p4d-24xlarge-us-east-1", 4.09625, 2.74),
    ("aws-p4de-24xlarge-us-east-1", 5.12, 3.43), ("nebius-h100-sxm", 2.95, 2.15), ("nebius-h200-sxm", 3.5, 2.45),
    ("nebius-b200-sxm", 5.5, 3.95), ("nebius-l40s", 1.55, 0.9), ("lambda-h100-sxm", 3.49, 2.99),
    ("lambda-a100-sxm-40gb", 1.48, 1.99), ("crusoe-a100-sxm-80gb", 1.65, 2.3), ("crusoe-l40s", 1.0, 1.5),
    ("runpod-h200-sxm", 3.59, 3.99),
]  # fmt: skip


@pytest.mark.parametrize(("row", "before", "after"), TRUE_STEPS, ids=[step[0] for step in TRUE_STEPS])
def test_a_true_step_that_a_weaker_source_saw_first_counts_once_another_saw_it(
    tmp_path: Path, row: str, before: float, after: float
) -> None:
    shipped = [fact.fact.value for fact in SHIPPED.rows[f"{row}/{ON_DEMAND}"] if not fact.quarantined]
    assert {before, after} <= {float(value) for value in shipped if value is not None}
    first = fact(after, date="2026-03-01", confidence="medium", source="table")
    steps = offer(on_demand=[fact(before), first], gpu="g1")
    ((key, doubt),) = doubted(tmp_path, steps, **SOURCES).items()
    assert (key, doubt.check) == (f"rent/{ON_DEMAND} 03", "certain_source_is_not_contradicted")
    assert doubt.plausible.endswith(
        f"or confirm {after:.4g} with a row of another source, no less certain, that reads it"
    )
    for confidence, source in (("medium", "page"), ("high", "invoice")):
        second = fact(after * 1.01, date="2026-05-01", confidence=confidence, source=source)
        steps[ON_DEMAND] = [fact(before), first, second]
        assert doubted(tmp_path, steps, **SOURCES) == {}


@pytest.mark.parametrize(
    "second",
    [
        {"value": 2, "source": "table"},  # the same once more
        {"value": 2, "source": "page", "confidence": "low"},
        {"value": 2.1, "source": "page"},
        {"value": 2.02, "source": "page", "date": "2025-12-01"},  # before the surer one
    ],
    ids=["the same source", "less certain", "another price", "before the surer one"],
)
def test_a_step_is_not_confirmed_by(tmp_path: Path, second: dict[str, Any]) -> None:
    first = fact(2, date="2026-03-01", confidence="medium", source="table")
    facts = [fact(3), first, fact(**{"date": "2026-05-01", "confidence": "medium"} | second)]
    assert f"rent/{ON_DEMAND} 03" in doubted(tmp_path, offer(on_demand=facts), **SOURCES)


def test_a_surer_source_that_reads_the_price_before_again_has_the_last_word(tmp_path: Path) -> None:
    first = fact(2, date="2026-03-01", confidence="medium", source="table")
    facts = [fact(3), first, fact(3, date="2026-04-01"), fact(2, date="2026-05-01")]
    assert only(doubted(tmp_path, offer(on_demand=facts), **SOURCES))[0] == f"rent/{ON_DEMAND} 03"
    assert only(doubted(tmp_path, offer(on_demand=facts[:3]), **SOURCES))[0] == f"rent/{ON_DEMAND} 03"


def test_a_change_of_currency_is_doubted(tmp_path: Path) -> None:
    facts = [*dated(3), fact(3, date="2026-02-01", currency="EUR")]
    assert only(doubted(tmp_path, offer(on_demand=facts)))[:2] == (f"rent/{ON_DEMAND} 02", "currency_of_a_row_stays")


def test_an_instance_under_two_ids_is_doubted_once(tmp_path: Path) -> None:
    twice = [offer("first", instance_type="p5.48xlarge"), offer("second", 3.1, instance_type="P5.48xlarge")]
    assert only(doubted(tmp_path, *twice))[:2] == (f"second/{ON_DEMAND} 01", "offer_stands_once")
    twice[1]["region"] = "there"
    assert doubted(tmp_path, *twice) == {}


def test_more_gpus_for_the_price_of_fewer_and_an_instance_price_are_doubted(tmp_path: Path) -> None:
    one, two = offer("one", 3, gpus=1), offer("two", 1.5, gpus=2)
    assert only(doubted(tmp_path, one, two))[:2] == (f"two/{ON_DEMAND} 01", "price_is_per_gpu_not_per_instance")
    assert "2 times 3 of one" in only(doubted(tmp_path, one, offer("two", 6, gpus=2)))[2]
    assert doubted(tmp_path, one, offer("two", 3, gpus=2)) == {}


def test_a_price_far_from_four_siblings_is_doubted(tmp_path: Path) -> None:
    others = [offer(f"r{i}", 3 + i / 10, region=f"r{i}") for i in range(4)]
    assert only(doubted(tmp_path, *others, offer(on_demand=10)))[1] == "price_is_near_its_siblings"
    assert doubted(tmp_path, *others[:2], offer(on_demand=10)) == {}


def test_spot_and_commitments_are_measured_on_demand(tmp_path: Path) -> None:
    assert only(doubted(tmp_path, offer(**{SPOT: fact(4)})))[1] == "spot_is_not_above_on_demand"
    assert doubted(tmp_path, offer(**{SPOT: fact(3)})) == {}
    assert only(doubted(tmp_path, offer(commitments=[term(12, 3)])))[1] == "commitment_is_not_equal_to_on_demand"
    assert only(doubted(tmp_path, offer(commitments=[term(12, 4)])))[1] == "commitment_is_below_on_demand"


def test_on_demand_below_most_of_its_offers_rates_is_the_one_in_doubt(tmp_path: Path) -> None:
    half = offer(on_demand=1.5, commitments=[term(12, 2), term(36, 1)], **{SPOT: fact(2.5)})
    assert only(doubted(tmp_path, half))[:2] == (f"rent/{ON_DEMAND} 01", "on_demand_is_not_below_most_other_rates")
    more = [*half["commitments"], term(24, 1.2)]
    found = doubted(tmp_path, half | {"commitments": more})
    assert {one.check for one in found.values()} == {"spot_is_not_above_on_demand", "commitment_is_below_on_demand"}


def test_spot_is_not_measured_on_an_on_demand_price_that_is_old_unknown_or_in_doubt(tmp_path: Path) -> None:
    spot = {SPOT: fact(4, date="2026-06-01")}
    assert doubted(tmp_path, offer(on_demand=[fact(3, date="2025-01-01")], **spot)) == {}
    gone = [*dated(3), fact(None, date="2026-02-01", unknown="withdrawn")]
    assert doubted(tmp_path, offer(on_demand=gone, **spot)) == {}
    assert only(doubted(tmp_path, offer(on_demand=dated(0.1), **spot)))[0] == f"rent/{ON_DEMAND} 01"


def test_spot_is_measured_on_the_on_demand_price_before_a_doubtful_one(tmp_path: Path) -> None:
    found = doubted(tmp_path, offer(on_demand=dated(3, 0.1), **{SPOT: fact(4, date="2026-06-01")}))
    assert list(found) == [f"rent/{ON_DEMAND} 02", f"rent/{SPOT} 06"]


def test_a_spot_column_read_twice_is_doubted(tmp_path: Path) -> None:
    copied = [offer(f"r{i}", 2 + i, region=f"r{i}", **{SPOT: fact(2 + i)}) for i in range(3)]
    found = doubted(tmp_path, *copied)
    assert {one.check for one in found.values()} == {"spot_is_not_a_copy_of_on_demand"} and len(found) == 3
    assert doubted(tmp_path, *copied[:2]) == {}


def test_a_longer_term_is_not_dearer_at_the_same_payment(tmp_path: Path) -> None:
    assert only(doubted(tmp_path, offer(commitments=[term(12, 1.5), term(36, 2)])))[:2] == (
        "rent/36m-0/usd_per_gpu_hour 01", "longer_term_is_not_dearer")  # fmt: skip
    assert doubted(tmp_path, offer(commitments=[term(12, 1.5, upfront=1), term(36, 2)])) == {}


def test_every_check_says_its_rule() -> None:
    rules = [check.__doc__ for check in (*CHECKS, price_is_recent)]
    assert all(rule and rule.endswith(".") and "\n" not in rule for rule in rules)
    assert len(set(CHECKS)) == len(CHECKS)
