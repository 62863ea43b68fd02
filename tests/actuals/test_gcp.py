"""Google's billing export: GPU time in seconds and never times eight, costs with their credits."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from planner.actuals.monthly import charges_by_month
from planner.actuals.store import Store
from tests.actuals.small import SAMPLES, add, charge, write

SAMPLE = SAMPLES / "cost-exports" / "gcp_billing_export_head.csv"
LINE = {
    "billing_account_id": "b", "service.description": "Compute Engine", "project.id": "p",
    "sku.description": "Nvidia H100 80GB GPU running in Iowa", "usage_start_time": "2026-10-05T00:00:00",
    "usage_end_time": "2026-10-05T01:00:00", "location.region": "us-central1", "cost": "78.4", "currency": "USD",
    "usage.amount": "28800", "usage.unit": "seconds", "credits": "[]", "invoice.month": "202610",
    "cost_type": "regular", "labels": '[{"key": "team", "value": "a"}]', "system_labels": "",
    "consumption_model.description": "",
}  # fmt: skip


def one(store: Store, tmp_path: Path, **changes: str) -> dict[str, Any]:
    named = {
        next((name for name in LINE if name.replace(".", "_") == key), key): value for key, value in changes.items()
    }
    add(store, write(tmp_path / "a.csv", [LINE | named]))
    return charge(store)


@pytest.mark.parametrize(
    ("changes", "gpu", "gpu_hours", "pricing"),
    [
        ({}, "h100-sxm-80gb", 8, "on_demand"),
        ({"sku_description": "Spot Preemptible Nvidia H100 80GB Plus GPU running in Iowa"}, "h100-sxm-80gb", 8, "spot"),
        ({"sku_description": "Nvidia L4 GPU running in Iowa", "usage_amount": "8", "usage_unit": "hour"},
         "l4-24gb", 8, "on_demand"),
        ({"sku_description": "Nvidia Tesla V100 GPU running in Americas"}, "v100-sxm-16gb", 8, "on_demand"),
        ({"sku_description": "H200 141GB GPU running in Iowa"}, "h200-sxm-141gb", 8, "on_demand"),
        ({"sku_description": "RTX 6000 96GB attached to Spot Preemptible VMs running in Iowa"},
         "rtx-pro-6000-96gb", 8, "spot"),
        ({"sku_description": "A4 Nvidia B200 (1 gpu slice) running in Iowa"}, "b200-sxm-180gb", 8, "on_demand"),
        ({"sku_description": "Nvidia H100 Mega 80GB GPU attached to DWS Defined Duration VMs running in Iowa"},
         "h100-sxm-80gb", 8, "on_demand"),
        ({"sku_description": "A3 Instance Core running in Iowa"}, "h100-sxm-80gb", None, "on_demand"),
        ({"sku_description": "Spot Preemptible A3Ultra Instance Ram running in Iowa"}, "h200-sxm-141gb", None, "spot"),
        ({"sku_description": "Commitment v1: G2 Cpu in Iowa for 1 Year"}, "l4-24gb", None, "committed"),
        ({"sku_description": "A2 Instance Core running in Iowa"}, "a100-sxm-40gb", None, "on_demand"),
        ({"sku_description": "A2 Instance Core running in Iowa", "system_labels":
          '[{"key": "compute.googleapis.com/machine_spec", "value": "a2-ultragpu-1g"}]'},
         "a100-sxm-80gb", None, "on_demand"),
        ({"sku_description": "N2 Instance Core running in Iowa", "system_labels":
          '[{"key": "compute.googleapis.com/machine_spec", "value": "n2-standard-8"}]'}, None, None, "on_demand"),
        ({"sku_description": "Licensing Fee for NVIDIA GPU-Optimized Image (GPU cost)"}, None, None, "on_demand"),
        ({"sku_description": "Vertex AI: Training/Pipelines on Nvidia Tesla A100 GPU running in Americas"},
         "a100-sxm-40gb", 8, "on_demand"),
        ({"sku_description": "Licensing Fee for NVIDIA Quadro Virtual Workstation (GPU cost)"},
         None, None, "on_demand"),
        ({"sku_description": "Vertex AI: Training/Pipelines management fee on Nvidia L4 GPU in Iowa"},
         None, None, "on_demand"),
        ({"consumption_model_description": "Compute Flexible CUDs - 1 Year"}, "h100-sxm-80gb", 8, "committed"),
        ({"sku_description": "Commitment v1: Nvidia H100 80GB GPU running in Iowa for 1 Year"},
         "h100-sxm-80gb", None, "committed"),
        ({"cost_type": "tax"}, "h100-sxm-80gb", None, "other"),
        ({"cost_type": "adjustment"}, "h100-sxm-80gb", None, "other"),
        ({"usage_amount": "-3600"}, "h100-sxm-80gb", -1, "on_demand"),
    ],
)  # fmt: skip
def test_the_quantity_of_a_gpu_product_is_gpu_time(
    store: Store, tmp_path: Path, changes: dict, gpu: str, gpu_hours: int, pricing: str
) -> None:
    found = one(store, tmp_path, **changes)
    assert (found["gpu"], found["gpu_hours"], found["pricing"], found["doubt"]) == (gpu, gpu_hours, pricing, None)
    assert found["billed_cost"] == Decimal("78.4")
    assert (found["account"], found["billing_month"], found["tags"]) == ("p", "2026-10", '{"team":"a"}')


def test_the_machine_around_a_gpu_is_money_of_the_gpu(store: Store, tmp_path: Path) -> None:
    add(store, write(tmp_path / "a.csv", [
        LINE | {"sku.description": f"{what} running in Iowa", "cost": cost, "usage.amount": amount}
        for what, cost, amount in (("Nvidia H100 80GB GPU", "78", "28800"), ("A3 Instance Core", "6", "748800"),
                                   ("A3 Instance Ram", "5", "6739200"))
    ]))  # fmt: skip
    (month,) = charges_by_month(store).to_dict("records")
    assert (month["gpu"], month["gpu_hours"], month["effective_cost"]) == ("h100-sxm-80gb", 8, 89)


@pytest.mark.parametrize(
    ("credits", "net", "doubt"),
    [
        ("[]", "78.4", None),
        ("", "78.4", None),
        ('[{"name": "SUD", "amount": -8.4}, {"name": "x", "amount": "-1e1"}]', "60", None),
        ("[{'name': 'CUD', 'amount': -78.4, 'type': 'COMMITTED_USAGE_DISCOUNT'}]", "0", None),
        ('[{"name": "SUD", "sum": -8.4}]', "78.4", "credits are not understood"),
    ],
)
def test_credits_are_added(store: Store, tmp_path: Path, credits: str, net: str, doubt: str | None) -> None:
    found = one(store, tmp_path, credits=credits)
    assert (found["effective_cost"], found["billed_cost"], found["doubt"]) == (Decimal(net), Decimal(net), doubt)
    assert (found["pricing"] == "committed") == ("COMMITTED" in credits)


@pytest.mark.parametrize(("value", "gpu_hours"), [("true", None), ("false", 8)])
@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_reservation_that_nobody_used_costs_and_counts_no_hours(
    store: Store, tmp_path: Path, quote: str, value: str, gpu_hours: int | None
) -> None:
    label = '[{"key": "compute.googleapis.com/is_unused_reservation", "value": "VALUE"}]'
    found = one(store, tmp_path, system_labels=label.replace("VALUE", value).replace('"', quote))
    assert (found["unused"], found["gpu_hours"]) == (value == "true", gpu_hours)
    assert (found["gpu"], found["effective_cost"], found["doubt"]) == ("h100-sxm-80gb", Decimal("78.4"), None)


def test_nested_columns_of_parquet(store: Store, tmp_path: Path) -> None:
    store.base.execute(
        """COPY (SELECT {'id': 'x', 'description': 'Nvidia L4 GPU running in Iowa'} AS sku,
        {'description': 'Compute Engine'} AS service, {'id': 'p'} AS project, {'month': '202610'} AS invoice,
        TIMESTAMPTZ '2026-10-05 00:00:00+00' AS usage_start_time,
        TIMESTAMPTZ '2026-10-05 01:00:00+00' AS usage_end_time,
        5.0 AS cost, 'EUR' AS currency, {'amount': 7200.0, 'unit': 'seconds'} AS usage, [{'amount': -1.5}] AS credits,
        [{'key': 'team', 'value': 'a'}] AS labels, {'region': 'us-central1'} AS location, 'regular' AS cost_type)
        TO '"""
        + f"{tmp_path}/a.parquet' (FORMAT parquet)"
    )
    add(store, tmp_path / "a.parquet")
    found = charge(store)
    assert (found["gpu"], found["gpu_hours"], found["effective_cost"]) == ("l4-24gb", 2, Decimal("3.5"))
    assert (found["account"], found["region"], found["currency"], found["tags"]) == (
        "p",
        "us-central1",
        "EUR",
        '{"team":"a"}',
    )


def test_the_sample(store: Store) -> None:
    if not SAMPLE.is_file():
        pytest.skip(f"{SAMPLE} is not here")
    done = add(store, SAMPLE)
    with SAMPLE.open(encoding="utf-8") as stream:
        cost = sum(Decimal(row["cost"]) for row in csv.DictReader(stream))
    assert (done.rows, done.unknown, done.gpu_hours) == (199, 0, 0)
    assert done.money[0].billed_cost == pytest.approx(cost, abs=Decimal("1e-9"))
