"""Inference by API or self-hosted: worked by hand, laws, the breakeven against a search, edges and bad arguments."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import ceil
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from planner.finetune.serving import (
    ApiPrice,
    Breakeven,
    Hosting,
    Request,
    api_usd,
    api_usd_per_request,
    breakeven,
    gpu_hours_per_request,
    hosted,
)

CHAT = Request(600, 200, retrieved_tokens=400, cached_fraction=0.5)
PRICE = ApiPrice(2, 8, 0.5)
GPU = Hosting(2.5, 1000, 10_000, utilization_fraction=0.5)
COUNTED = Request(1_000_000, 3600)  # costs by API the price of input, and one GPU-hour at one token per second


def counted(usd: float, per_gpu: int = 10, **changes: Any) -> Hosting:
    """One GPU serves `per_gpu` requests a month, of one hour, for `usd`."""
    return Hosting(usd, per_gpu, hours_per_month=1, minimum_gpus=0, **changes)


def test_a_request_by_api_by_hand() -> None:
    """500 new tokens × 2 + 500 cached × 0.5 + 200 written × 8 = 2850 millionths."""
    assert api_usd_per_request(CHAT, PRICE) == 0.00285
    assert api_usd(1_000_000, CHAT, PRICE) == 2850
    assert api_usd_per_request(CHAT, ApiPrice(2, 8)) == 0.0036
    assert api_usd_per_request(replace(CHAT, cached_fraction=0), PRICE) == 0.0036
    assert api_usd_per_request(replace(CHAT, output_tokens=0), PRICE) == 0.00125
    assert api_usd_per_request(replace(CHAT, retrieved_tokens=0), PRICE) == 0.00235


def test_a_request_self_hosted_by_hand() -> None:
    """200 ÷ 1000 + 500 ÷ 10,000 = 0.25 s, at half use 0.5 s."""
    assert gpu_hours_per_request(CHAT, GPU) * 3600 == pytest.approx(0.5)
    assert gpu_hours_per_request(CHAT, replace(GPU, input_tokens_per_s_per_gpu=None)) * 3600 == pytest.approx(0.4)
    assert gpu_hours_per_request(replace(CHAT, output_tokens=0, cached_fraction=1), GPU) == 0


@pytest.mark.parametrize(("changes", "requests", "gpus", "usd"), [
    ({}, 5_256_000, 1, 1825),  # 730 h of 0.5 s each
    ({}, 5_256_001, 2, 3650),
    ({}, 0, 1, 1825),
    ({"minimum_gpus": 0}, 0, 0, 0),
    ({"minimum_gpus": 3}, 5_256_001, 3, 5475),
    ({"minimum_gpus": 3, "gpus_per_replica": 2}, 1, 4, 7300),
    ({"gpus_per_replica": 8}, 8 * 5_256_000 + 1, 16, 29_200),
    ({"billing": "hours"}, 7_884_000, 1.5, 2737.5),
    ({"billing": "hours"}, 1, 1, 1825),
    ({"billing": "hours", "minimum_gpus": 0, "fixed_usd_per_month": 10}, 7200, 1 / 730, 12.5),
    ({"utilization_fraction": 1}, 10_512_000, 1, 1825),
    ({"fixed_usd_per_month": 100}, 1, 1, 1925),
])  # fmt: skip
def test_a_month_self_hosted_by_hand(changes: dict[str, Any], requests: int, gpus: float, usd: float) -> None:
    found = hosted(requests, CHAT, replace(GPU, **changes))
    assert (found.gpus, found.usd) == pytest.approx((gpus, usd), rel=1e-12)
    assert found.paid_gpu_hours == pytest.approx(gpus * 730)
    assert found.needed_gpu_hours == pytest.approx(requests * gpu_hours_per_request(CHAT, replace(GPU, **changes)))


def test_breakeven_with_one_crossing_by_hand() -> None:
    """One GPU of 1825 USD ÷ 0.00285 USD = 640,350.9 requests, of 5.256 million that it can serve."""
    assert breakeven(CHAT, PRICE, GPU) == Breakeven(640_351, 640_351, 1)


def test_breakeven_by_hours_by_hand() -> None:
    """Above the minimum a request costs 0.5 s × 2.5 ÷ 3600; 1000 USD fixed are won back by 0.0025028 USD each."""
    hourly = replace(GPU, billing="hours", minimum_gpus=0, fixed_usd_per_month=1000.0)
    assert breakeven(CHAT, PRICE, hourly).requests_per_month == ceil(1000 / (0.00285 - 2.5 * 0.5 / 3600)) == 399_557
    assert breakeven(CHAT, PRICE, replace(hourly, minimum_gpus=1)).requests_per_month == ceil(2825 / 0.00285)
    assert breakeven(CHAT, PRICE, replace(hourly, fixed_usd_per_month=0)).requests_per_month == 0


def test_breakeven_after_several_crossings_by_hand() -> None:
    """8 USD a GPU of 10 requests, 1 USD by API: 8, 16, 24 and 32 requests cost the same, 11, 21 and 31 are dearer here.

    GPU j begins dearer, at 10·(j − 1), while 8·j > 10·(j − 1): up to j = 4. Its 32 USD are 32 requests.
    """
    found = breakeven(COUNTED, ApiPrice(1, 0), counted(8))
    assert (found.requests_per_month, found.first_requests_per_month, found.crossings) == (32, 8, 7)
    assert found.reason.startswith("from 8 requests a month on, each further replica")
    assert hosted(31, COUNTED, counted(8)).usd == 32 > 31


def test_there_is_no_breakeven_where_the_api_is_cheaper_than_a_busy_gpu() -> None:
    found = breakeven(COUNTED, ApiPrice(1, 0), counted(11))
    assert (found.requests_per_month, found.first_requests_per_month, found.crossings) == (None, None, 0)
    assert found.reason == "a request costs 1 USD by API, and 1.1 USD or more self-hosted"
    assert breakeven(COUNTED, ApiPrice(1, 0), counted(10)).requests_per_month is None
    assert breakeven(COUNTED, ApiPrice(0, 0), counted(1)).requests_per_month is None


def test_a_difference_of_rounding_is_none() -> None:
    nearly = counted(10 * (1 - 1e-12))
    assert breakeven(COUNTED, ApiPrice(1, 0), nearly).requests_per_month is None
    assert breakeven(COUNTED, ApiPrice(1, 0), counted(10 * (1 - 1e-6))).requests_per_month is not None


def test_a_tie_by_the_hour_breaks_even_once_the_minimum_is_used() -> None:
    tied = counted(10, billing="hours")
    assert breakeven(COUNTED, ApiPrice(1, 0), tied).requests_per_month == 0
    assert breakeven(COUNTED, ApiPrice(1, 0), replace(tied, minimum_gpus=2)).requests_per_month == 20
    assert breakeven(COUNTED, ApiPrice(1, 0), replace(tied, fixed_usd_per_month=1)).requests_per_month is None


def test_what_costs_nothing() -> None:
    free = counted(0)
    assert breakeven(COUNTED, ApiPrice(1, 0), free).requests_per_month == 0
    assert breakeven(COUNTED, ApiPrice(1, 0), replace(free, fixed_usd_per_month=7)).requests_per_month == 7
    assert breakeven(COUNTED, ApiPrice(0, 0), free).requests_per_month == 0
    cached = Request(10, 0, cached_fraction=1)
    assert breakeven(cached, ApiPrice(1, 1, 0.5), replace(GPU, minimum_gpus=1)).requests_per_month == 365_000_000


def test_decimals_are_taken_as_written() -> None:
    """0.1 + 0.2 in floats is above 0.3: 3 requests of 0.1 USD must pay for a GPU of 0.3 USD, not 4."""
    one = replace(counted(0.3), minimum_gpus=1)
    assert breakeven(COUNTED, ApiPrice(0.1, 0), one).requests_per_month == 3


@settings(max_examples=300, deadline=None)
@given(usd=st.integers(1, 30), per_gpu=st.integers(1, 12), cents=st.integers(1, 400), fixed=st.integers(0, 20),
       minimum=st.integers(0, 4), size=st.integers(1, 3), billing=st.sampled_from(["whole_gpus", "hours"]))  # fmt: skip
def test_the_breakeven_is_what_a_search_finds(
    usd: int, per_gpu: int, cents: int, fixed: int, minimum: int, size: int, billing: Any
) -> None:
    """In steps of a hundredth of a request, and none missed: from there on never dearer, just before it dearer."""
    host = replace(counted(usd, per_gpu), fixed_usd_per_month=float(fixed), minimum_gpus=minimum, gpus_per_replica=size,
                   billing=billing)  # fmt: skip
    price, each = ApiPrice(cents / 100, 0), Fraction(cents, 100)
    found = breakeven(COUNTED, price, host)
    least = ceil(minimum / size) * size

    def gap(volume: Fraction) -> Fraction:
        needed = volume / per_gpu
        gpus = max(Fraction(least), needed if billing == "hours" else Fraction(ceil(needed / size) * size))
        return fixed + usd * gpus - each * volume

    if found.requests_per_month is None:
        assert all(gap(Fraction(step, 2)) > 0 for step in range(1, 4000, 7)) or each == Fraction(usd, per_gpu)
        return
    assume(found.requests_per_month < 3000)
    end = found.requests_per_month
    starts = [Fraction(step * per_gpu * size) + Fraction(1, 1000) for step in range(0, end // (per_gpu * size) + 200)]
    assert all(gap(volume) <= 0 for volume in starts if volume >= end)
    assert all(gap(Fraction(volume)) <= 0 for volume in range(end, end + 300))
    if end > 0:
        below = [Fraction(end - 1) + Fraction(part, 997) for part in range(0, 997)]
        assert any(gap(volume) > 0 for volume in below)
    first = found.first_requests_per_month
    assert first is not None and first <= end and (first < end) == (found.crossings > 1)
    assert all(gap(Fraction(step, 10)) > 0 for step in range(1, 10 * (first - 1)))


VOLUMES = st.floats(0, 1e9)


@settings(max_examples=100, deadline=None)
@given(volumes=st.tuples(VOLUMES, VOLUMES), billing=st.sampled_from(["whole_gpus", "hours"]), size=st.integers(1, 8))
def test_cost_never_falls_with_volume(volumes: tuple[float, float], billing: Any, size: int) -> None:
    low, high = sorted(volumes)
    host = replace(GPU, billing=billing, gpus_per_replica=size)
    assert hosted(low, CHAT, host).usd <= hosted(high, CHAT, host).usd
    assert api_usd(low, CHAT, PRICE) <= api_usd(high, CHAT, PRICE)


@settings(max_examples=100, deadline=None)
@given(times=st.integers(2, 1000), requests=st.integers(0, 10**8))
def test_scale(times: int, requests: int) -> None:
    """Dearer money changes no decision; more tokens at a like speed change nothing; fewer, longer requests neither."""
    dear = replace(GPU, usd_per_gpu_hour=GPU.usd_per_gpu_hour * times)
    dear_price = ApiPrice(2 * times, 8 * times, 0.5 * times)
    assert hosted(requests, CHAT, dear).usd == pytest.approx(times * hosted(requests, CHAT, GPU).usd)
    assert breakeven(CHAT, dear_price, dear) == breakeven(CHAT, PRICE, GPU)
    long = Request(600 * times, 200 * times, 400 * times, 0.5)
    fast = replace(GPU, output_tokens_per_s_per_gpu=1000 * times, input_tokens_per_s_per_gpu=10_000 * times)
    assert hosted(requests, long, fast) == hosted(requests, CHAT, GPU)
    assert hosted(requests, long, GPU) == hosted(requests * times, CHAT, GPU)
    assert api_usd(requests, long, PRICE) == pytest.approx(api_usd(requests * times, CHAT, PRICE))


@pytest.mark.parametrize(("make", "message"), [
    (lambda: Request(-1, 1), "prompt_tokens: found -1, allowed is a finite number, 0 or more"),
    (lambda: Request(0, 0), "tokens: found 0, allowed is more than none"),
    (lambda: Request(1, 1, cached_fraction=1.5), "cached_fraction: found 1.5, allowed is at most 1"),
    (lambda: Request(1, float("nan")), "output_tokens: found nan"),
    (lambda: ApiPrice(1, -1), "output_usd_per_mtok: found -1"),
    (lambda: ApiPrice(1, 1, -1), "cached_input_usd_per_mtok: found -1"),
    (lambda: Hosting(-1, 1), "usd_per_gpu_hour: found -1"),
    (lambda: Hosting(1, 0), "output_tokens_per_s_per_gpu: found 0"),
    (lambda: Hosting(1, 1, 0), "input_tokens_per_s_per_gpu: found 0"),
    (lambda: Hosting(1, 1, utilization_fraction=0), "utilization_fraction: found 0"),
    (lambda: Hosting(1, 1, utilization_fraction=1.1), "utilization_fraction: found 1.1, allowed is at most 1"),
    (lambda: Hosting(1, 1, minimum_gpus=-1), "minimum_gpus: found -1, allowed is a whole number, 0 or more"),
    (lambda: Hosting(1, 1, minimum_gpus=1.5), "minimum_gpus: found 1.5"),  # type: ignore[arg-type]
    (lambda: Hosting(1, 1, gpus_per_replica=0), "gpus_per_replica: found 0, allowed is a whole number, 1 or more"),
    (lambda: Hosting(1, 1, billing="days"), "billing: found days, allowed is whole_gpus or hours"),  # type: ignore[arg-type]
    (lambda: Hosting(1, 1, hours_per_month=0), "hours_per_month: found 0"),
    (lambda: hosted(-1, CHAT, GPU), "requests: found -1"),
    (lambda: api_usd(float("inf"), CHAT, PRICE), "requests: found inf"),
])  # fmt: skip
def test_bad_arguments_are_named(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
