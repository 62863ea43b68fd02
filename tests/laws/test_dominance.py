"""An offer may be left out only when another does all that it does for no more: what is easily forgotten, by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.small import WHOLE, serving, small, solved

GCP = "gcp-a3-highgpu-8g-us-central1"
"""Another offer by 8. In all cases it is cheaper for a unit of work, and dearer in what is forgotten."""


def two(kind: str, rates: tuple[float, float], egress: tuple[float, float], **changes: Any) -> dict[str, Any]:
    """`WHOLE` and `GCP` with their rates and what a unit of work, one GB, costs to send out."""
    offers = {"consider": [WHOLE, GCP], "kinds": [kind]}
    prices = {f"{name}/{kind}_usd_per_gpu_hour": rate for name, rate in zip((WHOLE, GCP), rates, strict=True)}
    prices |= {f"{name}/egress_usd_per_gb": usd for name, usd in zip(("aws", "gcp"), egress, strict=True)}
    return {"offers": offers, "prices": prices, **changes}


def test_standby_sends_nothing_out(tmp_path: Path) -> None:
    # 8 GPUs work at 4 USD and no egress, not at 2 + 3; 4 stand by at 2 USD.
    work = serving(egress_gb_per_unit=1, headroom_fraction=0.5, standby_on_demand="billed")
    case = small(tmp_path, **two("on_demand", (2, 4), (3, 0), workloads=[work]))
    assert solved(case).answer.objective == pytest.approx((8 * 4 + 4 * 2) * 730 * 3)


def test_whole_instances_are_paid_whole_and_send_what_is_used(tmp_path: Path) -> None:
    # For one GPU of 8: 8 × 2 + 1 × 3 = 19 USD an hour, below 8 × 4 = 32.
    work = serving(1, egress_gb_per_unit=1)
    case = small(tmp_path, **two("on_demand", (2, 4), (3, 0), workloads=[work], whole={"instances": True}))
    assert solved(case).answer.objective == pytest.approx(19 * 730 * 3)


def test_work_that_is_lost_on_spot_is_not_sent_out(tmp_path: Path) -> None:
    # Half of the work is lost: 2 × 1 + 1.5 = 3.5 USD a unit, below 2 × 2 + 0.4 = 4.4. By the GPU-hour 2.5 and 2.4.
    work = serving(egress_gb_per_unit=1, spot={"share_fraction": 1, "loss_fraction": 0.5})
    case = small(tmp_path, **two("spot", (1, 2), (1.5, 0.4), workloads=[work]))
    assert solved(case).answer.objective == pytest.approx(3.5 * 8 * 730 * 3)


def test_an_offer_that_is_never_cheaper_is_left_out(tmp_path: Path) -> None:
    case = small(tmp_path, **two("on_demand", (4, 2), (0, 0)))
    assert solved(case).answer.objective == pytest.approx(8 * 2 * 730 * 3)
    assert any(option == f"{WHOLE} on-demand" and GCP in reason for option, reason in case.left_out)
