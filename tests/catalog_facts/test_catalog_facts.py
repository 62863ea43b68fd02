"""The facts that programs wrote: their number, that they are what was collected, none of them wrong."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from planner.catalog.difference import published
from planner.catalog.load import Catalog, Row, load_catalog

FOLDER = Path(__file__).parents[2] / "data" / "pricing"
COLLECTED = date(2026, 11, 21)
RATES = sorted(FOLDER.glob("rates/*.csv"))

# Row, day from which the fact holds, its value; the comment says where it stands in the collected facts.
GPU_HOUR = "on_demand_usd_per_gpu_hour"
SPOT = "spot_usd_per_gpu_hour"
KNOWN = [
    (f"gcp-a2-highgpu-1g-us-east4/{GPU_HOUR}", "2026-07-30", "3.934355"),  # prices_cloud.csv:308
    (f"gcp-a2-highgpu-8g-us-east4/{SPOT}", "2026-07-30", "2.360575"),  # prices_cloud.csv:329, 18.8846 / 8
    # prices_cloud.csv:350, 37.158795 / 16
    ("gcp-a2-megagpu-16g-us-east4/12m-no-upfront/usd_per_gpu_hour", "2026-07-30", "2.322425"),
    (f"gcp-a2-ultragpu-1g-europe-west4/{GPU_HOUR}", "2026-07-30", "5.580918"),  # prices_cloud.csv:372
    # prices_cloud.csv:427, 40.486655 / 8
    ("gcp-a3-megagpu-8g-us-east4/36m-no-upfront/usd_per_gpu_hour", "2026-07-30", "5.060832"),
    (f"gcp-g2-standard-4-us-east5/{SPOT}", "2026-07-30", "0.07962"),  # prices_cloud.csv:445
    (f"gcp-g4-standard-384-us-central1/{GPU_HOUR}", "2026-07-30", "4.49993"),  # prices_cloud.csv:496, 35.99944 / 8
    # prices_cloud.csv:587, 79,416.67 a year / 8,760 h / 8
    ("aws-p3dn-24xlarge-us-east-1/36m-all-upfront/usd_per_gpu_hour", "2026-06-09", "1.133229"),
    # prices_cloud.csv:609, 109,169.40 a year / 8,760 h / 8
    ("aws-g7e-48xlarge-us-east-1/36m-all-upfront/usd_per_gpu_hour", "2026-06-09", "1.557783"),
    (f"aws-g6-12xlarge-us-east-1/{GPU_HOUR}", "2026-03-31", "1.1504"),  # prices_cloud.csv:630, 4.6016 / 4
    (f"aws-p3dn-24xlarge-us-east-1/{GPU_HOUR}", "2024-02-21", "3.9015"),  # prices_cloud.csv:646
    ("azure-nc6s-v3-east-us/36m-no-upfront/usd_per_gpu_hour", "2025-03-03", "1.63"),  # prices_cloud.csv:668
    (f"lambda-gpu-1x-a10-any/{GPU_HOUR}", "2026-06-30", "1.29"),  # prices_cloud.csv:661, dated by its year
    (f"acecloud-h100-sxm-80gb-index/{GPU_HOUR}", "2026-03-06", "5.11"),  # prices_cloud.csv:3
    (f"sfcompute-h100-sxm-80gb-index/{SPOT}", "2026-07-20", "2.17"),  # prices_cloud.csv:192
    (f"gcp-a2-highgpu-8g-us-central1/{GPU_HOUR}", "2022-03-31", "3.67339"),  # price_history.csv:2
    (f"gcp-a3-highgpu-8g-us-central1/{SPOT}", "2024-06-27", "7.80105"),  # price_history.csv:121
    (f"aws-p4d-24xlarge-us-east-1/{GPU_HOUR}", "2025-03-02", "4.09625"),  # price_history.csv:286
    (f"lambda-h100-sxm/{GPU_HOUR}", "2026-02-15", "3.67"),  # price_history.csv:488
    (f"lambda-h100-sxm/{GPU_HOUR}", "2024-07-11", "3.49"),  # price_history.csv:1207
    (f"silicon-data-neoclouds-b200-sxm-180gb-index/{GPU_HOUR}", "2026-04-15", "5.145"),  # price_history.csv:306
    ("us-virginia/electricity_commercial_usd_per_kwh", "2026-02-28", "0.1301"),  # power_facilities.csv:119
    ("european-union/electricity_commercial_usd_per_kwh", "2025-06-30", "0.1902"),  # power_facilities.csv:150, EUR
    ("colocation-global-average/colocation_usd_per_kw_month", "2025-03-31", "217.3"),  # power_facilities.csv:182
    ("france/carbon_kg_per_kwh", "2023-12-31", "0.056039"),  # power_facilities.csv:192, in grams
    ("infiniband-512-gpus/switches_usd_per_gpu", "2024-08-31", "562.5"),  # prices_hardware.csv:124
    ("server-8xb300/purchase_usd_per_server", "2026-01-15", "461567.5"),  # prices_hardware.csv:5
    # llm_serving.csv:3, the median of five
    ("mlperf-5-1-b200-sxm-180gb-deepseek-r1-offline/tokens_per_s_per_gpu", "2025-09-09", "3859.2"),
    # llm_serving.csv:148, 30,576.5 a system / 8
    ("lp2368-h100-sxm-80gb-llama2-70b-99-server/tokens_per_s_per_gpu", "2026-02-04", "3822.0625"),
    ("google-gemini-3-flash-preview/input_usd_per_mtok", "2026-01-05", "0.5"),  # llm_serving.csv:297
    ("openai-gpt-5-5/output_usd_per_mtok", "2026-11-01", "30"),  # llm_serving.csv:356
    # llm_serving.csv:417, the band of 10 to 15 %
    ("aws-p4d-24xlarge-us-east-1/interruption_fraction_per_month", "2025-06-28", "0.125"),
]

RANGES = [
    (f"build-ai-a100-sxm-80gb-index/{GPU_HOUR}", "2026-02-18", "1.05", "1.42"),  # prices_cloud.csv:22
    # llm_serving.csv:2, the best of five
    ("mlperf-5-1-b200-sxm-180gb-deepseek-r1-offline/tokens_per_s_per_gpu", "2025-09-09", None, "4172.4"),
    ("deepseek-deepseek-chat/input_usd_per_mtok", "2026-11-01", "0.135", "0.27"),  # llm_serving.csv:223 and 226
]  # fmt: skip

WRONG = [  # offers beginning so, from which day on, and the price that must not be published
    ("aws-p5-48xlarge", "2025-06-30", "12.29"),  # prices_cloud.csv:640, before the cut
    ("aws-p4d-24xlarge", "2025-06-30", "4.09625"),  # prices_cloud.csv:624, before the cut
    ("aws-g6e-48xlarge", "2000-01-01", "4.59"),  # prices_cloud.csv:642
    ("gcp", "2000-01-01", "14.19"),  # prices_cloud.csv:87, above the list price
    ("gcp", "2000-01-01", "4.03"),  # prices_cloud.csv:85, below it
    ("gcp-a2-ultragpu-8g", "2000-01-01", "4.03353"),  # price_history.csv:73
    ("azure-nd96", "2000-01-01", "7.89"),  # prices_cloud.csv:16, one GPU sold as a node of eight
    ("massed-compute", "2000-01-01", "21.6"),  # prices_cloud.csv:123, a node as one GPU
    ("vultr", "2000-01-01", "7.195"),  # prices_cloud.csv:239, instances of one to eight GPUs
    ("oracle", "2000-01-01", "45"),  # price_history.csv:526, nodes among GPUs
    ("nebius", "2000-01-01", "1.25"),  # price_history.csv:503, two sources in one month
    ("runpod-h200", "2000-01-01", "0.5"),  # price_history.csv:578
]


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(FOLDER)


def of_day(catalog: Catalog, row_id: str, day: str) -> Row:
    [found] = [row for row in catalog.rows[row_id] if row.fact.date == date.fromisoformat(day)]
    return found


def rates(catalog: Catalog) -> list[Row]:
    """Return every known price of an offer; each (offer, kind, date) is one."""
    every = [row for dated in catalog.rows.values() for row in dated if row.kind == "offer"]
    return [row for row in every if row.unit.endswith("usd_per_gpu_hour") and row.fact.value is not None]


def test_there_are_400_rates_of_20_providers(catalog: Catalog) -> None:
    found = rates(catalog)
    assert len({(row.id, row.fact.date) for row in found}) == len(found) >= 1100
    providers = Counter(row.provider for row in found)
    assert len(providers) >= 40
    assert sum(count >= 3 for count in providers.values()) >= 30


def test_counts_are_those_of_the_files(catalog: Catalog) -> None:
    """Every line of CSV becomes one fact, none twice."""
    lines = [(row["section"], row["id"], row["field"], row["date"]) for path in FOLDER.rglob("*.csv")
             for row in csv.DictReader(path.open(encoding="utf-8"))]  # fmt: skip
    loaded = [row for dated in catalog.rows.values() for row in dated if row.place.file.endswith(".csv")]
    assert len(set(lines)) == len(lines) == len(loaded) >= 1500
    for section, least in {"places": 280, "throughput": 70, "networks": 10, "api_offers": 150, "offers": 950}.items():
        assert sum(line[0] == section for line in lines) >= least, section


def test_states_and_countries_have_electricity_and_carbon(catalog: Catalog) -> None:
    places = catalog.section("places")
    states = [place for name, place in places.items() if name.startswith("us-")]
    assert sum(place.electricity_commercial_usd_per_kwh is not None for place in states) == 50
    assert sum(place.electricity_industrial_usd_per_kwh is not None for place in states) == 50
    assert sum(place.carbon_kg_per_kwh is not None for place in states) == 51
    assert len({place.country for place in places.values() if place.carbon_kg_per_kwh}) >= 30
    assert sum(place.pue is not None for place in places.values()) >= 5
    assert sum(place.colocation_usd_per_kw_month is not None for place in places.values()) >= 5


def test_people_failures_and_interruptions_are_there(catalog: Catalog) -> None:
    assert len(catalog.section("staffing")) >= 7
    assert all(server.failure_fraction_per_gpu_year for server in catalog.section("servers").values())
    bands = [offer for offer in catalog.section("offers").values() if offer.interruption_fraction_per_month]
    assert len(bands) >= 15


@pytest.mark.parametrize(("row_id", "day", "value"), KNOWN)
def test_fact_is_what_was_collected(catalog: Catalog, row_id: str, day: str, value: str) -> None:
    assert of_day(catalog, row_id, day).fact.value == Decimal(value)


@pytest.mark.parametrize(("row_id", "day", "low", "high"), RANGES)
def test_range_is_what_was_collected(catalog: Catalog, row_id: str, day: str, low: str | None, high: str) -> None:
    fact = of_day(catalog, row_id, day).fact
    assert (fact.low, fact.high) == (low and Decimal(low), Decimal(high))


@pytest.mark.parametrize(("offers", "day", "value"), WRONG)
def test_wrong_fact_is_not_published(catalog: Catalog, offers: str, day: str, value: str) -> None:
    found = [row for row in rates(catalog) if row.id.startswith(offers) and published(row) == Decimal(value)]
    assert [row for row in found if row.fact.date >= date.fromisoformat(day)] == []


def test_prices_of_the_same_day_are_in_order(catalog: Catalog) -> None:
    """On every day that has a new price: spot no dearer than on-demand, commitments cheaper, longer ones no dearer."""
    for offer in catalog.section("offers").values():
        spot, full = f"{offer.id}/{SPOT}", f"{offer.id}/{GPU_HOUR}"
        terms = [f"{offer.id}/{one.id}/usd_per_gpu_hour" for one in sorted(offer.commitments, key=_months)]
        days = {row.fact.date for row_id in (spot, full, *terms) for row in catalog.rows.get(row_id, ())}
        for day in days:
            price = _value(catalog, full, day)
            if price is None:
                continue
            assert (_value(catalog, spot, day) or 0) <= price, (offer.id, day)
            ladder = [price, *(value for term in terms if (value := _value(catalog, term, day)) is not None)]
            assert all(longer < price for longer in ladder[1:]), (offer.id, day)
            assert all(longer <= shorter for shorter, longer in pairwise(ladder)), (offer.id, day)


def _months(commitment: object) -> int:
    return commitment.term_months  # type: ignore[attr-defined,no-any-return]


def _value(catalog: Catalog, row_id: str, day: date) -> Decimal | None:
    row = catalog.in_force(row_id, day)
    return published(row) if row else None


def test_an_index_says_that_it_is_one(catalog: Catalog) -> None:
    for offer in catalog.section("offers").values():
        named = offer.region == "index"
        bases = {
            fact.basis
            for facts in (offer.on_demand_usd_per_gpu_hour, offer.spot_usd_per_gpu_hour or ())
            for fact in facts
        }
        assert named == ("index" in bases) == offer.id.endswith("-index"), offer.id
        assert not named or (offer.country == "any" and offer.instance_type is None), offer.id


def test_history_leaves_the_price_in_force_to_the_files_kept_by_hand(catalog: Catalog) -> None:
    """Where YAML and CSV both hold facts of one row, CSV holds older ones or confirms the newest of YAML."""
    both = 0
    for row_id, every in catalog.rows.items():
        dated = [row for row in every if not row.quarantined]
        by_hand = [row for row in dated if row.place.file.endswith(".yaml")]
        if by_hand and len(by_hand) < len(dated):
            both += 1
            assert dated[-1].fact.value == by_hand[-1].fact.value, row_id
    assert both > 80


def test_sources_say_where_to_look(catalog: Catalog) -> None:
    """Beside a title, a source of CSV has a url or a revision, unless the collected facts name neither."""
    rows = [row for dated in catalog.rows.values() for row in dated if row.place.file.endswith(".csv")]
    bare = {
        row.fact.source
        for row in rows
        if not (catalog.sources[row.fact.source].url or catalog.sources[row.fact.source].revision)
    }
    assert bare <= {"not-found", "alpha-one-index", "dcd-pue", "eia-themilliondollarway", "cbre-2018-h2"}


@pytest.mark.parametrize("path", RATES, ids=lambda path: path.stem)
def test_file_of_a_provider_loads_alone(path: Path, tmp_path: Path) -> None:
    for file in FOLDER.rglob("*.yaml"):
        (tmp_path / file.relative_to(FOLDER)).parent.mkdir(exist_ok=True)
        shutil.copy(file, tmp_path / file.relative_to(FOLDER))
    shutil.copy(path, tmp_path)
    rows = [row for dated in load_catalog(tmp_path).rows.values() for row in dated if row.place.file.endswith(".csv")]
    assert {row.provider for row in rows} == {path.stem}
