"""Inference by API or self-hosted: what a month costs, and the volume from which self-hosting costs no more.

By API a request costs tokens × price. Self-hosting costs the hours of GPUs × price, whether they work or not:

    GPU-hours = requests × GPU-seconds of a request ÷ 3600 ÷ utilization
    GPU-seconds of a request = output ÷ output speed + input that is not cached ÷ input speed

Speeds are those of one GPU under full load. A throughput that was measured with its prompts, as MLPerf's, has the
reading in its output speed already: then the input speed is left out. Cached input needs no computing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from planner.finance.arguments import require, require_not_negative, require_positive
from planner.units import HOURS_PER_MONTH, SECONDS_PER_HOUR, TOKENS_PER_MTOK

Billing = Literal["whole_gpus", "hours"]
NEGLIGIBLE = Fraction(1, 10**9)
"""Share of the API's price by which a request may differ self-hosted and yet cost the same: rounding of the inputs."""


@dataclass(frozen=True)
class Request:
    """Tokens of one request, on average.

    Attributes
    ----------
    prompt_tokens : what the user and the instructions say
    output_tokens : what the model writes
    retrieved_tokens : what retrieval (RAG) adds to the input
    cached_fraction : of all input, what the server still holds from earlier requests
    """

    prompt_tokens: float
    output_tokens: float
    retrieved_tokens: float = 0.0
    cached_fraction: float = 0.0

    def __post_init__(self) -> None:
        require_not_negative(
            prompt_tokens=self.prompt_tokens,
            output_tokens=self.output_tokens,
            retrieved_tokens=self.retrieved_tokens,
            cached_fraction=self.cached_fraction,
        )
        require(self.cached_fraction <= 1, "cached_fraction", self.cached_fraction, "at most 1")
        require(self.input_tokens + self.output_tokens > 0, "tokens", 0, "more than none in input and output together")

    @property
    def input_tokens(self) -> float:
        """All that the model reads."""
        return self.prompt_tokens + self.retrieved_tokens

    @property
    def cached_tokens(self) -> float:
        """Input that the server still holds."""
        return self.input_tokens * self.cached_fraction

    @property
    def fresh_tokens(self) -> float:
        """Input that it does not hold."""
        return self.input_tokens - self.cached_tokens


@dataclass(frozen=True)
class ApiPrice:
    """USD per million tokens; `cached_input_usd_per_mtok` unset: cached input costs as much as other input."""

    input_usd_per_mtok: float
    output_usd_per_mtok: float
    cached_input_usd_per_mtok: float | None = None

    def __post_init__(self) -> None:
        require_not_negative(
            input_usd_per_mtok=self.input_usd_per_mtok,
            output_usd_per_mtok=self.output_usd_per_mtok,
            cached_input_usd_per_mtok=self.cached_usd_per_mtok,
        )

    @property
    def cached_usd_per_mtok(self) -> float:
        """Price of cached input."""
        return self.input_usd_per_mtok if self.cached_input_usd_per_mtok is None else self.cached_input_usd_per_mtok


@dataclass(frozen=True)
class Hosting:
    """GPUs that serve a model.

    Attributes
    ----------
    usd_per_gpu_hour : rented, or owned at its amortised cost
    output_tokens_per_s_per_gpu : tokens that one GPU writes under full load, over all requests
    input_tokens_per_s_per_gpu : tokens that it reads; None where the output speed was measured with its prompts
    utilization_fraction : requests served ÷ requests that the GPUs could serve; below 1 for peaks and spare
    minimum_gpus : always on, for availability or to hold the model
    gpus_per_replica : that hold one copy of the model; GPUs are added and dropped so many at a time
    fixed_usd_per_month : what else serving costs whatever the volume
    billing : whole_gpus, each on all month; hours, paid as they are needed beyond the minimum
    hours_per_month : in which a GPU is on
    """

    usd_per_gpu_hour: float
    output_tokens_per_s_per_gpu: float
    input_tokens_per_s_per_gpu: float | None = None
    utilization_fraction: float = 1.0
    minimum_gpus: int = 1
    gpus_per_replica: int = 1
    fixed_usd_per_month: float = 0.0
    billing: Billing = "whole_gpus"
    hours_per_month: float = HOURS_PER_MONTH

    def __post_init__(self) -> None:
        require_positive(
            output_tokens_per_s_per_gpu=self.output_tokens_per_s_per_gpu,
            utilization_fraction=self.utilization_fraction,
            hours_per_month=self.hours_per_month,
        )
        require_not_negative(usd_per_gpu_hour=self.usd_per_gpu_hour, fixed_usd_per_month=self.fixed_usd_per_month)
        if self.input_tokens_per_s_per_gpu is not None:
            require_positive(input_tokens_per_s_per_gpu=self.input_tokens_per_s_per_gpu)
        require(self.utilization_fraction <= 1, "utilization_fraction", self.utilization_fraction, "at most 1")
        for name, count, least in (
            ("minimum_gpus", self.minimum_gpus, 0),
            ("gpus_per_replica", self.gpus_per_replica, 1),
        ):
            whole = math.isfinite(count) and count >= least and count == int(count)
            require(whole, name, count, f"a whole number, {least} or more")
        require(self.billing in ("whole_gpus", "hours"), "billing", self.billing, "whole_gpus or hours")


@dataclass(frozen=True)
class Hosted:
    """A month of self-hosting.

    Attributes
    ----------
    needed_gpu_hours : by the volume, at the utilization
    gpus : that are on, a mean where hours are billed
    paid_gpu_hours : needed or not
    usd : those hours × price, and what is fixed
    """

    needed_gpu_hours: float
    gpus: float
    paid_gpu_hours: float
    usd: float


@dataclass(frozen=True)
class Breakeven:
    """Where self-hosting stops costing more than the API.

    Attributes
    ----------
    requests_per_month : least whole number from which self-hosting never costs more again; None: there is none
    first_requests_per_month : least at which it costs no more; below the other where further GPUs make it dearer
        again for a while
    crossings : how often the two costs cross; 0 where one never costs more, odd otherwise
    reason : in words, why there is not one crossing
    """

    requests_per_month: int | None
    first_requests_per_month: int | None
    crossings: int
    reason: str = ""


def api_usd_per_request(request: Request, price: ApiPrice) -> float:
    """USD that one request costs by API.

    >>> api_usd_per_request(Request(600, 200, retrieved_tokens=400, cached_fraction=0.5), ApiPrice(2, 8, 0.5))
    0.00285
    """
    return float(_api(request, price))


def gpu_hours_per_request(request: Request, hosting: Hosting) -> float:
    """GPU-hours that one request needs self-hosted, the unused share of them included.

    >>> gpu_hours_per_request(Request(600, 200), Hosting(2.5, 1000, utilization_fraction=0.5)) * 3600
    0.4
    """
    return float(_gpu_hours(request, hosting))


def api_usd(requests: float, request: Request, price: ApiPrice) -> float:
    """USD of `requests` in a month by API."""
    require_not_negative(requests=requests)
    return float(_exact(requests) * _api(request, price))


def hosted(requests: float, request: Request, hosting: Hosting) -> Hosted:
    """What `requests` in a month need and cost self-hosted.

    >>> hosted(20_000_000, Request(600, 200), Hosting(2, 1000, utilization_fraction=0.5)).gpus
    4.0
    """
    require_not_negative(requests=requests)
    needed = _exact(requests) * _gpu_hours(request, hosting)
    hours = _exact(hosting.hours_per_month)
    if hosting.billing == "hours":
        gpus = max(_minimum(hosting) * hours, needed) / hours
    else:
        replica_hours = hours * int(hosting.gpus_per_replica)
        gpus = Fraction(max(_minimum(hosting), math.ceil(needed / replica_hours) * int(hosting.gpus_per_replica)))
    usd = _exact(hosting.fixed_usd_per_month) + gpus * hours * _exact(hosting.usd_per_gpu_hour)
    return Hosted(float(needed), float(gpus), float(gpus * hours), float(usd))


def breakeven(request: Request, price: ApiPrice, hosting: Hosting) -> Breakeven:
    """Volume from which self-hosting never costs more than the API again; exact, as sums are of fractions.

    Volumes are means and need not be whole; the answer is rounded up to a whole request. There is none where a request
    costs as much or more self-hosted, on GPUs that are never idle, as by API.

    >>> breakeven(Request(0, 100), ApiPrice(0, 10), Hosting(1, 1000, hours_per_month=1))
    Breakeven(requests_per_month=1000, first_requests_per_month=1000, crossings=1, reason='')
    """
    each, hours = _api(request, price), _gpu_hours(request, hosting)
    usd_per_hour, fixed = _exact(hosting.usd_per_gpu_hour), _exact(hosting.fixed_usd_per_month)
    marginal, month = hours * usd_per_hour, _exact(hosting.hours_per_month)
    if abs(marginal - each) <= NEGLIGIBLE * each:
        marginal = each
    always = fixed + _minimum(hosting) * month * usd_per_hour
    stepless = hosting.billing == "hours" or marginal == 0
    if always == 0 and stepless and marginal <= each:
        return Breakeven(0, 0, 0, "self-hosting costs no more at any volume")
    if each == 0 or marginal > each or (marginal == each and (fixed > 0 or not stepless)):
        reason = f"a request costs {float(each):.6g} USD by API, and {float(marginal):.6g} USD or more self-hosted"
        return Breakeven(None, None, 0, reason)
    if stepless:
        volume = math.ceil(max(always / each, fixed / (each - marginal) if fixed else Fraction(0)))
        return Breakeven(volume, volume, 1)
    replica = month * int(hosting.gpus_per_replica)
    return _stepped(
        each, replica / hours, replica * usd_per_hour, fixed, _minimum(hosting) // int(hosting.gpus_per_replica)
    )


def _stepped(each: Fraction, served: Fraction, cost: Fraction, fixed: Fraction, minimum: int) -> Breakeven:
    """Breakeven where GPUs are added by replicas, each `cost` a month for up to `served` requests.

    j replicas serve volumes above served·(j − 1), at most served·j, for fixed + cost·j; the API costs as much at
    (fixed + cost·j) ÷ each. They begin dearer where fixed + cost·j > each·served·(j − 1), so where j < (fixed +
    each·served) ÷ (each·served − cost): the last such j has the breakeven. Those before it that end no dearer, where
    j ≥ fixed ÷ (each·served − cost), cross twice each. The minimum of replicas begins at volume 0, so always dearer.
    """
    gain = each * served - cost
    least = max(minimum, 1)
    last = max(math.ceil((fixed + each * served) / gain) - 1, least)
    first = max(math.ceil(fixed / gain), least)
    at, before = (math.ceil((fixed + cost * replicas) / each) for replicas in (last, first))
    reason = f"from {before} requests a month on, each further replica makes self-hosting dearer again until it is used"
    return Breakeven(at, before, 2 * (last - first) + 1, reason if last > first else "")


def _exact(number: float) -> Fraction:
    """The decimal that `number` is written as: 0.1 is one tenth."""
    return Fraction(str(float(number)))


def _api(request: Request, price: ApiPrice) -> Fraction:
    cached, fresh, output = _tokens(request)
    usd = (
        fresh * _exact(price.input_usd_per_mtok)
        + cached * _exact(price.cached_usd_per_mtok)
        + output * _exact(price.output_usd_per_mtok)
    )
    return usd / TOKENS_PER_MTOK


def _gpu_hours(request: Request, hosting: Hosting) -> Fraction:
    _, fresh, output = _tokens(request)
    seconds = output / _exact(hosting.output_tokens_per_s_per_gpu)
    if hosting.input_tokens_per_s_per_gpu is not None:
        seconds += fresh / _exact(hosting.input_tokens_per_s_per_gpu)
    return seconds / SECONDS_PER_HOUR / _exact(hosting.utilization_fraction)


def _tokens(request: Request) -> tuple[Fraction, Fraction, Fraction]:
    """Cached input, other input and output of a request."""
    read = _exact(request.prompt_tokens) + _exact(request.retrieved_tokens)
    cached = read * _exact(request.cached_fraction)
    return cached, read - cached, _exact(request.output_tokens)


def _minimum(hosting: Hosting) -> int:
    """GPUs that are always on: whole replicas."""
    size = int(hosting.gpus_per_replica)
    return math.ceil(hosting.minimum_gpus / size) * size
