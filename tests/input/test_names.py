"""Names of others: each GPU as its sellers write it, and nothing that could be two of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.catalog.names import MAX_ID, gpu_id, offer_id, slug
from planner.records import _SLUG
from tests.shipped import shipped_catalog


@pytest.mark.parametrize(
    ("text", "gpu"),
    [
        ("NVIDIA H100 80GB HBM3", "h100-sxm-80gb"),
        ("H100_SXM", "h100-sxm-80gb"),
        ("NVIDIA H100-SXM-80GB", "h100-sxm-80gb"),
        ("NVIDIA H100 PCIe", "h100-pcie-80gb"),
        ("H100 NVL", "h100-nvl-94gb"),
        ("A100-80GB-SXM4", "a100-sxm-80gb"),
        ("NVIDIA A100-SXM4-40GB", "a100-sxm-40gb"),
        ("NVIDIA A100 40GB PCle", "a100-pcie-40gb"),
        ("A100_80GB_PCIe", "a100-pcie-80gb"),
        ("nvidia-tesla-v100", "v100-sxm-16gb"),
        ("nvidia-h100-mega-80gb", "h100-sxm-80gb"),
        ("NVIDIA Tesla V100 SXM3 32 GB", "v100-sxm-32gb"),
        ("NVIDIA H200-NVL-141GB", "h200-nvl-141gb"),
        ("Virtualized NVIDIA H200-SXM-141GB", "h200-sxm-141gb"),
        ("b200", "b200-sxm-180gb"),
        ("NVIDIA GB200", "gb200-186gb"),
        ("GH200_96GB", "gh200-96gb"),
        ("NVIDIA L4", "l4-24gb"),
        ("L40", "l40-48gb"),
        ("1x L40S", "l40s-48gb"),
        ("A10", "a10-24gb"),
        ("A10G", "a10g-24gb"),
        ("A6000", "rtx-a6000-48gb"),
        ("NVIDIA RTX 6000 Ada Generation", "rtx-6000-ada-48gb"),
        ("RTX_PRO_6000", "rtx-pro-6000-96gb"),
        ("RTX PRO Server 6000", "rtx-pro-6000-96gb"),
        ("AMD Instinct MI300X 192GB HBM3", "mi300x-192gb"),
        ("AMD Instinct MI325X 256GB HBM3e", "mi325x-256gb"),
    ],
)
def test_what_is_told_is_known(text: str, gpu: str) -> None:
    assert gpu_id(text) == gpu


@pytest.mark.parametrize(
    "text",
    ["H100", "H100-80GB", "H100 80GB", "A100", "A100_SXM", "A100 80GB", "NVIDIA A100 PCIe", "H200", "V100 16GB",
     "GH200", "NVIDIA H100 PCIe 96 GB", "NVIDIA Tesla V100 DGXS 32 GB", "DGX A100 640GB", "H100 SXM PCIe", "A100X",
     "TPU v5e", "Trainium1", "RTX6000", "AMD Instinct MI300A", "H100 or A100", "", "100"],
)  # fmt: skip
def test_what_could_be_two_or_none_is_not_guessed(text: str) -> None:
    assert gpu_id(text) is None


@pytest.mark.parametrize(
    ("text", "told", "gpu"),
    [
        ("A100", {"memory_gb": 81_920 / 1024, "provider": "aws"}, "a100-sxm-80gb"),
        ("A100", {"memory_gb": 40}, None),
        ("H100", {"memory_gb": 94}, "h100-nvl-94gb"),
        ("B300", {"memory_gb": 275_040 / 1024}, "b300-sxm-288gb"),
        ("L4", {"memory_gb": 5_722 / 1024}, None),
        ("H100 80GB", {"provider": "gcp"}, "h100-sxm-80gb"),
        ("V100", {"provider": "gcp", "memory_gb": 16}, "v100-sxm-16gb"),
        ("H100", {"instance_type": "p5.48xlarge"}, "h100-sxm-80gb"),
        ("H100", {"instance_type": "Standard_NC40ads_H100_v5"}, "h100-nvl-94gb"),
        ("H100", {"instance_type": "gpu-h100-sxm_8gpu-128vcpu-1600gb"}, "h100-sxm-80gb"),
        ("", {"instance_type": "gpu_8x_a100_80gb_sxm4"}, "a100-sxm-80gb"),
        ("", {"instance_type": "Standard_ND96isr_H200_v5"}, "h200-sxm-141gb"),
        ("V100", {"instance_type": "p5.48xlarge"}, None),
        ("H100 PCIe", {"instance_type": "gpu_1x_h100_sxm5"}, None),
        ("", {"instance_type": "m5.large"}, None),
    ],
)  # fmt: skip
def test_what_stands_around_a_name_counts(text: str, told: dict[str, object], gpu: str | None) -> None:
    assert gpu_id(text, **told) == gpu  # type: ignore[arg-type]


def test_the_shipped_gpus_are_known_by_their_own_names() -> None:

    gpus = shipped_catalog().section("gpus")
    assert {name: gpu_id(thing.name) or gpu_id(name) for name, thing in gpus.items()} == {name: name for name in gpus}


def test_offers_are_named_alike() -> None:
    assert offer_id("aws", "p5.48xlarge", "us-east-1", "h100-sxm-80gb") == "aws-p5-48xlarge-us-east-1"
    assert offer_id("Vast.ai", None, "index", "l4-24gb") == "vast-ai-l4-24gb-index"
    assert offer_id("civo", "", "", "l4-24gb") == "civo-l4-24gb"
    long = [offer_id("x", "y" * 200 + end, "z", "g") for end in "ab"]
    assert len(set(long)) == 2
    assert {len(one) for one in long} == {MAX_ID}


@given(parts=st.tuples(*[st.text(min_size=1)] * 3))
def test_ids_are_names_of_the_catalog(parts: tuple[str, str, str]) -> None:
    import re

    name = offer_id("p" + parts[0], parts[1], parts[2], "g")
    assert re.fullmatch(_SLUG, name)
    assert len(name) <= MAX_ID
    assert name == slug(name) or "--" not in name
