"""Shapes of Google's machines with GPUs, which its price list sells in parts.

Source: Google Compute Engine documentation, "Accelerator-optimized machine family"
(https://cloud.google.com/compute/docs/accelerator-optimized-machines). N1 hosts take GPUs of the buyer's choice and so
have no one price; A3 Ultra, A4 and later sell host and GPU in SKUs of another kind: none of them is here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Machine:
    """A machine type.

    Attributes
    ----------
    series : as the SKUs of its cores and memory name it
    model : as the SKU of its GPUs names it
    skypilot : as SkyPilot's catalog names its GPUs
    gpu : as the catalog of GPUs knows it
    ssd_gib : local disks that come with it and are billed with it
    """

    series: str
    model: str
    skypilot: str
    gpu: str
    gpus: int
    cores: int
    ram_gib: int
    ssd_gib: int = 0


def _a2(gpus: int, cores: int, ram: int) -> Machine:
    return Machine("A2", "Tesla A100", "A100", "A100 SXM 40GB", gpus, cores, ram)


def _a2_ultra(gpus: int) -> Machine:
    return Machine("A2", "Tesla A100 80GB", "A100-80GB", "A100 SXM 80GB", gpus, 12 * gpus, 170 * gpus, 375 * gpus)


def _a3(gpus: int) -> Machine:
    return Machine("A3", "H100 80GB", "H100", "H100 SXM 80GB", gpus, 26 * gpus, 234 * gpus, 750 * gpus)


def _g2(gpus: int, cores: int) -> Machine:
    return Machine("G2", "L4", "L4", "L4", gpus, cores, 4 * cores)


MACHINES = {
    **{f"a2-highgpu-{gpus}g": _a2(gpus, 12 * gpus, 85 * gpus) for gpus in (1, 2, 4, 8)},
    "a2-megagpu-16g": _a2(16, 96, 1360),
    **{f"a2-ultragpu-{gpus}g": _a2_ultra(gpus) for gpus in (1, 2, 4, 8)},
    **{f"a3-highgpu-{gpus}g": _a3(gpus) for gpus in (1, 2, 4, 8)},
    "a3-megagpu-8g": Machine("A3Plus", "H100 80GB Plus", "H100-MEGA", "H100 SXM 80GB", 8, 208, 1872, 6000),
    **{f"g2-standard-{cores}": _g2(1, cores) for cores in (4, 8, 12, 16, 32)},
    "g2-standard-24": _g2(2, 24),
    "g2-standard-48": _g2(4, 48),
    "g2-standard-96": _g2(8, 96),
}
"""By machine type."""
