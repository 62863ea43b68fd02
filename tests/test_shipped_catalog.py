"""The shipped pricing catalog: complete where it must be, inside sane bands, and every number with its evidence."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from planner.catalog.difference import published
from planner.catalog.load import Catalog, Row, load_catalog
from planner.catalog.schema import Fact, Offer

FOLDER = Path(__file__).parent.parent / "data" / "pricing"
COLLECTED = date(2026, 11, 21)

CELLS = [  # provider, GPU model, pricing models with a value in force
    ("aws", "a100-sxm-40gb", "on_demand 36m"),
    ("aws", "a100-sxm-80gb", "on_demand 36m"),
    ("aws", "h100-sxm-80gb", "on_demand 36m"),
    ("aws", "h200-sxm-141gb", "on_demand 36m"),
    ("aws", "b200-sxm-180gb", "on_demand 36m"),
    ("aws", "l40s-48gb", "on_demand 36m"),
    ("gcp", "a100-sxm-40gb", "on_demand spot 12m 36m"),
    ("gcp", "a100-sxm-80gb", "on_demand spot"),
    ("gcp", "h100-sxm-80gb", "on_demand spot 12m 36m"),
    ("gcp", "h200-sxm-141gb", "on_demand spot 12m 36m"),
    ("gcp", "b200-sxm-180gb", "12m 36m"),
    ("azure", "a100-sxm-40gb", "on_demand spot"),
    ("azure", "a100-pcie-80gb", "on_demand spot 12m 36m"),
    ("azure", "h100-sxm-80gb", "on_demand spot 12m 36m"),
    ("azure", "h100-nvl-94gb", "on_demand spot 12m 36m"),
    ("lambda", "a100-sxm-40gb", "on_demand"),
    ("lambda", "a100-sxm-80gb", "on_demand"),
    ("lambda", "h100-sxm-80gb", "on_demand"),
    ("lambda", "b200-sxm-180gb", "on_demand"),
    ("runpod", "a100-sxm-40gb", "on_demand spot"),
    ("runpod", "a100-sxm-80gb", "on_demand spot"),
    ("runpod", "h100-sxm-80gb", "on_demand spot"),
    ("runpod", "h200-sxm-141gb", "on_demand spot"),
    ("runpod", "b200-sxm-180gb", "on_demand spot"),
    ("runpod", "l40s-48gb", "on_demand spot"),
    ("nebius", "h100-sxm-80gb", "on_demand"),
    ("nebius", "h200-sxm-141gb", "on_demand"),
    ("nebius", "b200-sxm-180gb", "on_demand"),
    ("nebius", "l40s-48gb", "on_demand"),
    ("coreweave", "a100-sxm-80gb", "on_demand"),
    ("coreweave", "h100-sxm-80gb", "on_demand"),
    ("coreweave", "h200-sxm-141gb", "on_demand"),
    ("coreweave", "b200-sxm-180gb", "on_demand"),
    ("coreweave", "l40s-48gb", "on_demand"),
]

UNKNOWN = [  # what was searched for and not found must say so instead of being left out
    "gcp-a4-highgpu-8g-us/on_demand_usd_per_gpu_hour",
    "gcp-a2-ultragpu-8g-us-central1/12m-no-upfront/usd_per_gpu_hour",
    "aws-p5-48xlarge-us-east-1/spot_usd_per_gpu_hour",
    "aws-p5-48xlarge-us-east-1/12m-no-upfront/usd_per_gpu_hour",
    "coreweave-h100-sxm/12m-no-upfront/usd_per_gpu_hour",
    "together-h100-sxm/12m-no-upfront/usd_per_gpu_hour",
]


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(FOLDER)


def rows_of(catalog: Catalog) -> list[Row]:
    return [row for dated in catalog.rows.values() for row in dated]


def in_force(facts: list[Fact] | None) -> Decimal | None:
    """Return the value of the newest fact, None where it is unknown."""
    return max(facts, key=lambda fact: fact.date).value if facts else None


def price(catalog: Catalog, row_id: str, day: date = COLLECTED) -> Decimal | None:
    row = catalog.in_force(row_id, day)
    assert row is not None, row_id
    return row.fact.value


def rates_of(offer: Offer) -> dict[int, list[Decimal]]:
    """Return the known commitment rates of `offer` by term in months."""
    rates: dict[int, list[Decimal]] = {}
    for commitment in offer.commitments:
        value = in_force(commitment.usd_per_gpu_hour)
        if value is not None:
            rates.setdefault(commitment.term_months, []).append(value)
    return rates


def test_loads_with_every_section_filled(catalog: Catalog) -> None:
    # No savings plan is shipped: the only published rates stand already as commitments of the same instances.
    for section, things in catalog.things.items():
        assert things or section == "savings_plans", section
    assert len(catalog.section("offers")) >= 20
    assert len(catalog.section("api_offers")) >= 3


def test_every_file_says_first_what_it_holds() -> None:
    for path in FOLDER.rglob("*.yaml"):
        assert path.read_text(encoding="utf-8").startswith("# "), path


def test_every_row_has_evidence(catalog: Catalog) -> None:
    for row in rows_of(catalog):
        assert row.fact.source in catalog.sources, row.id
        assert row.fact.basis and row.fact.confidence, row.id
        assert row.fact.value is not None or row.fact.unknown, row.id


def test_no_row_is_dated_after_the_day_of_collection(catalog: Catalog) -> None:
    assert [row.id for row in rows_of(catalog) if row.fact.date > COLLECTED] == []


def test_every_thing_can_be_priced_on_the_day_of_collection(catalog: Catalog) -> None:
    assert [row_id for row_id in catalog.rows if catalog.in_force(row_id, COLLECTED) is None] == []


def test_no_source_stands_unused(catalog: Catalog) -> None:
    assert set(catalog.sources) == {row.fact.source for row in rows_of(catalog)}


def test_assumptions_have_a_range_and_a_reason(catalog: Catalog) -> None:
    assumptions = [row for row in rows_of(catalog) if "assumption" in (row.fact.confidence, row.fact.basis)]
    assert assumptions
    for row in assumptions:
        assert row.fact.confidence == "assumption" and row.fact.source == "planner-assumption", row.id
        assert row.fact.low is not None and row.fact.high is not None and row.fact.note, row.id


@pytest.mark.parametrize(("provider", "gpu", "models"), CELLS)
def test_cell_is_priced(catalog: Catalog, provider: str, gpu: str, models: str) -> None:
    offers = [o for o in catalog.section("offers").values() if (o.provider, o.gpu) == (provider, gpu)]
    found: set[str] = set()
    for offer in offers:
        found |= {"on_demand"} if in_force(offer.on_demand_usd_per_gpu_hour) is not None else set()
        found |= {"spot"} if in_force(offer.spot_usd_per_gpu_hour) is not None else set()
        found |= {f"{term}m" for term in rates_of(offer)}
    assert set(models.split()) <= found


@pytest.mark.parametrize("row_id", UNKNOWN)
def test_what_was_not_found_is_unknown_with_a_reason(catalog: Catalog, row_id: str) -> None:
    row = catalog.in_force(row_id, COLLECTED)
    assert row is not None and row.fact.value is None and row.fact.unknown


def test_every_offer_kept_by_hand_says_something_about_spot(catalog: Catalog) -> None:
    by_hand = [
        row_id.split("/")[0] for row_id, dated in catalog.rows.items()
        if row_id.endswith("/on_demand_usd_per_gpu_hour") and any(row.place.file.endswith(".yaml") for row in dated)
    ]  # fmt: skip
    offers = [catalog.section("offers")[name] for name in by_hand]
    assert len(offers) > 80
    assert [offer.id for offer in offers if offer.spot_usd_per_gpu_hour is None] == []


def test_on_demand_prices_lie_between_30_cents_and_20_dollars(catalog: Catalog) -> None:
    for offer in catalog.section("offers").values():
        for row in catalog.rows[f"{offer.id}/on_demand_usd_per_gpu_hour"]:
            assert published(row) is None or Decimal("0.3") <= (published(row) or 0) <= 20, offer.id


def test_spot_never_exceeds_on_demand(catalog: Catalog) -> None:
    for offer in catalog.section("offers").values():
        spot, full = in_force(offer.spot_usd_per_gpu_hour), in_force(offer.on_demand_usd_per_gpu_hour)
        assert spot is None or full is None or spot <= full, offer.id


def test_longer_commitments_never_cost_more(catalog: Catalog) -> None:
    for offer in catalog.section("offers").values():
        full = in_force(offer.on_demand_usd_per_gpu_hour)
        rates = rates_of(offer)
        ladder = [max(rates[term]) for term in sorted(rates)]
        steps = ladder if full is None else [full, *ladder]
        assert steps == sorted(steps, reverse=True), offer.id
        assert full is None or all(rate < full for rate in ladder), f"{offer.id}: commitment without a discount"


def test_known_traps_are_not_stepped_into(catalog: Catalog) -> None:
    assert price(catalog, "aws-p5-48xlarge-us-east-1/on_demand_usd_per_gpu_hour") == Decimal("6.88")
    assert price(catalog, "aws-p4d-24xlarge-us-east-1/on_demand_usd_per_gpu_hour") == Decimal("2.74")
    assert price(catalog, "aws-p4de-24xlarge-us-east-1/on_demand_usd_per_gpu_hour") == Decimal("3.43")
    assert price(catalog, "azure-nd96isr-h100-v5-us/on_demand_usd_per_gpu_hour") == Decimal("12.29")
    assert price(catalog, "azure-nc40ads-h100-v5-eastus/on_demand_usd_per_gpu_hour") == Decimal("6.98")
    assert price(catalog, "gcp-a3-highgpu-8g-us-central1/on_demand_usd_per_gpu_hour") == Decimal("11.06125")


def test_aws_price_is_unknown_between_the_cut_and_its_first_record(catalog: Catalog) -> None:
    row_id = "aws-p5-48xlarge-us-east-1/on_demand_usd_per_gpu_hour"
    assert price(catalog, row_id, date(2025, 3, 1)) == Decimal("12.29")
    assert price(catalog, row_id, date(2025, 9, 1)) is None
    assert price(catalog, row_id, date(2026, 1, 1)) == Decimal("6.88")


def test_a100_server_is_gpu_price_times_ratio(catalog: Catalog) -> None:
    server = catalog.section("servers")["server-8xa100-80gb"]
    (gpu,) = server.gpu_usd_per_gpu
    assert (gpu.low, gpu.value, gpu.high) == (10000, 15000, 20000)
    assert in_force(server.server_to_gpu_cost_ratio) == Decimal("1.66")


def test_servers_to_buy_include_every_generation_and_a_refurbished_one(catalog: Catalog) -> None:
    servers = catalog.section("servers").values()
    wanted = {
        "v100-sxm-32gb", "a100-sxm-80gb", "h100-sxm-80gb", "h200-sxm-141gb", "b200-sxm-180gb", "b300-sxm-288gb",
        "l40s-48gb",
    }  # fmt: skip
    assert wanted <= {server.gpu for server in servers}
    assert any(server.condition == "refurbished" for server in servers)


def test_server_figures_are_plausible(catalog: Catalog) -> None:
    for server in catalog.section("servers").values():
        active, idle = in_force(server.power_active_kw), in_force(server.power_idle_kw)
        assert active is not None and idle is not None and Decimal("0.1") * active < idle < Decimal("0.5") * active
        assert Decimal("0.2") < active / server.gpus < 2, server.id
        whole = in_force(server.purchase_usd_per_server)
        assert whole is None or 9_000 <= whole / server.gpus <= 60_000, server.id
        assert {"12", "24", "36"} <= set(server.resale_fraction), server.id


def test_claimed_salary_is_marked_as_unsupported(catalog: Catalog) -> None:
    claimed = catalog.section("staffing")["mlops-engineer-claimed"]
    (salary,) = claimed.salary_usd_per_year
    assert salary.value == 268000 and salary.confidence == "low" and salary.note
    assert in_force(claimed.burden_multiplier) == 1


def test_sites_know_their_grid(catalog: Catalog) -> None:
    sites = catalog.section("sites").values()
    assert {site.ownership for site in sites} == {"own_room", "colocation"}
    for site in sites:
        carbon = in_force(site.carbon_kg_per_kwh)
        assert carbon is not None and Decimal("0.02") < carbon < 1, site.id
        assert Decimal("0.03") < (in_force(site.electricity_usd_per_kwh) or 0) < Decimal("0.5"), site.id
