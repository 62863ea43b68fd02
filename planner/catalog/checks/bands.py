"""What a GPU may cost: the widest range in which a price is still taken for one.

Set on 2026-11-21 from published prices of 2016 to 2026 (43 clouds, archived price pages, marketplaces). `low` is about
half of the lowest ask of a marketplace, `high` about 1.3 times the dearest list price in any region, both rounded: a
band tells a slip of the unit from a price, not a good price from a bad one, so it is wide and needs no quarterly care.
`floor` bounds spot: the electricity of the GPU with its share of the server at 0.05 USD/kWh; nobody lets it for less.
`server` is USD per GPU of a whole new server: from half of the lowest street price of the card with its share of the
server to 1.4 times the dearest list price of a system.
"""

from __future__ import annotations

from typing import NamedTuple


class Band(NamedTuple):
    """USD per GPU-hour; `server_low` and `server_high` are USD per GPU of a server."""

    floor: float
    low: float
    high: float
    server_low: float
    server_high: float


COMMITMENT_SHARE = 0.4
"""A commitment may cost as little as this share of `low`: the deepest published discount is 63 %."""
REFURBISHED_SHARE = 0.2
"""A used server may cost as little as this share of `server_low`: V100 cards fell by 78 % in four years."""

BANDS = {
    # old generations: 2016 list prices above, marketplace asks of today below
    "k80": Band(0.01, 0.06, 2, 500, 10_000),
    "p4": Band(0.005, 0.08, 1.5, 500, 10_000),
    "p100": Band(0.015, 0.1, 3.5, 1_000, 30_000),
    "t4": Band(0.005, 0.06, 6, 500, 10_000),
    "v100": Band(0.02, 0.1, 6, 2_000, 40_000),
    # inference and workstation cards; one of them in a large host costs up to four times its small host's price
    "a10": Band(0.01, 0.1, 6, 1_500, 20_000),
    "a10g": Band(0.01, 0.1, 6, 1_500, 20_000),
    "l4": Band(0.005, 0.1, 5, 1_500, 15_000),
    "a40": Band(0.015, 0.15, 3, 2_500, 20_000),
    "a6000": Band(0.015, 0.15, 3, 2_500, 20_000),
    "rtx-a6000": Band(0.015, 0.15, 3, 2_500, 20_000),
    "l40": Band(0.02, 0.2, 10, 4_000, 30_000),
    "l40s": Band(0.02, 0.25, 10, 5_000, 35_000),
    "rtx-pro-6000": Band(0.03, 0.6, 8, 6_000, 40_000),
    # training and large-model serving
    "a100": Band(0.03, 0.25, 8, 6_000, 50_000),
    "h100": Band(0.05, 0.65, 20, 14_000, 75_000),
    "h200": Band(0.05, 0.75, 20, 15_000, 80_000),
    "gh200": Band(0.05, 0.75, 15, 15_000, 80_000),
    "b200": Band(0.08, 1.5, 22, 20_000, 100_000),
    "gb200": Band(0.1, 1.5, 25, 22_000, 120_000),
    "b300": Band(0.09, 1.8, 26, 25_000, 120_000),
    "gb300": Band(0.1, 1.8, 30, 25_000, 140_000),
    "mi300x": Band(0.05, 0.7, 12, 8_000, 60_000),
    "mi325x": Band(0.05, 0.8, 14, 8_000, 70_000),
    "mi355x": Band(0.08, 1.2, 16, 12_000, 90_000),
}  # fmt: skip
ANY_GPU = Band(0.005, 0.02, 60, 100, 300_000)
"""For a GPU of no family above: only what no GPU has ever cost is doubted."""

FIELDS = {
    "pue": (1, 3, "a ratio to the IT power"),
    "power_kw_per_gpu": (0.02, 5, "kW, not W"),
    "peak_16bit_tflops": (5, 10_000, "TFLOPS of one GPU, not PFLOPS or those of a server"),
    "memory_bandwidth_gb_per_s": (100, 30_000, "GB/s, not TB/s"),
    "electricity_usd_per_kwh": (0, 1, "USD per kWh, not cents or per MWh"),
    "electricity_commercial_usd_per_kwh": (0, 1, "USD per kWh, not cents or per MWh"),
    "electricity_industrial_usd_per_kwh": (0, 1, "USD per kWh, not cents or per MWh"),
    "carbon_kg_per_kwh": (0, 2, "kg per kWh, not g"),
    "egress_usd_per_gb": (0, 1, "USD per GB, not per TB"),
    "storage_usd_per_gb_month": (0, 2, "USD per GB and month, not per TB or year"),
    "availability_fraction": (0.5, 1, "a fraction of all hours"),
    "burden_multiplier": (1, 4, "salary with its burden ÷ salary"),
    "input_usd_per_mtok": (0, 1_000, "USD per million tokens"),
    "cached_input_usd_per_mtok": (0, 1_000, "USD per million tokens"),
    "output_usd_per_mtok": (0, 5_000, "USD per million tokens"),
}  # fmt: skip
"""By field: least, most, and its unit in words. The most is several times the dearest published figure."""

ROUGH_USD = {"USD": 1.0, "EUR": 1.1, "GBP": 1.3, "JPY": 0.0067, "BRL": 0.18}
"""USD for one unit of a currency, rough: only to see whether an amount can be in that currency at all."""


def band_of(gpu: str) -> Band:
    """Return the band of the family that the id `gpu` starts with."""
    words = gpu.split("-")
    names = ("-".join(words[:count]) for count in range(len(words), 0, -1))
    return next((BANDS[name] for name in names if name in BANDS), ANY_GPU)
