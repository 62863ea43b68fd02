"""What a project says about computing: training runs, inference, and what a GPU-hour or a token costs."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from planner.finetune.amounts import Amount, BelowOneAmount, FractionAmount, PositiveAmount, PositiveFractionAmount
from planner.finetune.memory import Method, Precision, Recomputation, Sharding
from planner.finetune.serving import Billing
from planner.records import Number, PositiveWhole, Record, Slug, Text, Whole, unique

ONE: Any = 1
NONE: Any = 0
PerMonths = Annotated[
    Annotated[Number, Field(ge=0.01, le=1200)] | None,
    Field(description="the quantity is of so many months and goes on over the horizon: 1 is monthly; unset: once"),
]


class GpuPrice(Record):
    """What a GPU-hour costs: a price of one's own, one of the catalog, or that of owned servers in a plan."""

    gpu: Slug | None = Field(default=None, description="an id of the catalog's gpus; unset: that of the offer")
    usd_per_gpu_hour: Amount | None = None
    offer: Slug | None = Field(default=None, description="an id of the catalog's offers, whose price is taken")
    rented: Literal["on_demand", "spot"] | None = Field(
        default=None, description="which price it is; unset: on_demand with an offer, unknown with a price of one's own"
    )
    owned_plan: Text | None = Field(
        default=None, description="a plan.json beside this file: its owned servers' cost of a GPU-hour is taken"
    )
    source: Text | None = Field(default=None, description="of usd_per_gpu_hour")

    @model_validator(mode="after")
    def _one_price(self) -> Self:
        if sum(one is not None for one in (self.usd_per_gpu_hour, self.offer, self.owned_plan)) != 1:
            raise ValueError("needs one price: usd_per_gpu_hour, offer or owned_plan")
        if self.usd_per_gpu_hour is not None and self.source is None:
            raise ValueError("needs the source of usd_per_gpu_hour")
        if self.owned_plan is not None and self.rented is not None:
            raise ValueError("takes rented with an offer or a price of its own: servers of owned_plan are owned")
        return self


class Estimate(Record):
    """What the GPU-hours of a run are estimated from; `gpu` of the run says on what."""

    parameters_b: Annotated[Number, Field(gt=0, le=1_000_000)] = Field(description="10⁹ parameters of the model")
    tokens_m: PositiveAmount = Field(description="10⁶ tokens of one epoch, padding included")
    epochs: PositiveAmount = Field(default=ONE, description="times that the data are read")
    method: Method
    rank: PositiveWhole | None = Field(default=None, description="of the adapters of lora and qlora, on all matrices")
    gpus: PositiveWhole = Field(description="that work together")
    mfu_fraction: PositiveFractionAmount = Field(description="share of the peak that the model's own FLOPs reach")
    mfu_basis: Literal["measured", "assumed"]
    mfu_source: Text
    precision: Precision = "mixed"
    sequence_tokens: PositiveWhole = 2048
    micro_batch: PositiveWhole = Field(default=1, description="sequences that a GPU works on at a time")
    recomputation: Recomputation = "selective"
    sharding: Sharding = "full"

    @model_validator(mode="after")
    def _rank_of_adapters(self) -> Self:
        if (self.method == "full") == (self.rank is not None):
            raise ValueError("needs rank with lora and qlora, and none with full")
        return self


class Run(GpuPrice):
    """Training runs of one kind: GPU-hours, told or estimated, at a price."""

    name: Slug
    runs: Amount = Field(default=ONE, description="experiments and the final run; a mean need not be whole")
    gpu_hours: Amount | None = Field(default=None, description="of one run, without what interruptions lose")
    method: Method | None = Field(default=None, description="of gpu_hours, for levers; an estimate says its own")
    estimate: Estimate | None = Field(default=None, description="instead of gpu_hours")
    loss_fraction: BelowOneAmount = Field(
        default=NONE, description="of the GPU-hours paid: lost to interruptions, checkpoints and restarts"
    )

    @model_validator(mode="after")
    def _hours(self) -> Run:
        if (self.gpu_hours is None) == (self.estimate is None):
            raise ValueError("needs gpu_hours or estimate, not both")
        if self.estimate is not None and self.gpu is None and self.offer is None:
            raise ValueError("needs gpu or offer for its estimate")
        if self.estimate is not None and self.method is not None:
            raise ValueError("takes method with gpu_hours only: its estimate says its own")
        return self


class Training(Record):
    """Training compute."""

    runs: Annotated[list[Run], Field(min_length=1), unique("name")]


class Hours(Record):
    """Hours of work on data."""

    name: Slug
    hours: Amount
    usd_per_hour: Amount
    per_months: PerMonths = None
    source: Text


class InferenceHours(Hours):
    """Inference paid by the hour of an instance."""

    kind: Literal["hours"]
    serves: Literal["language-model", "other"] | None = Field(default=None, description="for levers; unset: unknown")


class InferenceRequests(Record):
    """Inference paid by the request."""

    kind: Literal["requests"]
    name: Slug
    requests: Amount
    usd_per_request: Amount
    per_months: PerMonths = None
    source: Text


class Traffic(Record):
    """Requests and the tokens of one."""

    name: Slug
    requests: Amount | None = None
    requests_of: Slug | None = Field(
        default=None, description="instead of requests: the item of inference whose requests and period are meant"
    )
    share_fraction: FractionAmount = Field(default=ONE, description="of the requests, that this one answers")
    input_tokens: Amount = Field(description="of one request, without what retrieval adds")
    rag_tokens: Amount = Field(default=NONE, description="that retrieval adds to the input of one request")
    output_tokens: Amount = Field(description="of one request")
    cached_fraction: FractionAmount = Field(default=NONE, description="of all input, what is still held: not read anew")
    per_months: PerMonths = None

    @model_validator(mode="after")
    def _one_volume(self) -> Self:
        if (self.requests is None) == (self.requests_of is None):
            raise ValueError("needs requests or requests_of, not both")
        if self.requests_of is not None and self.per_months is not None:
            raise ValueError("takes per_months with requests only: requests_of means the period too")
        return self


class TokenPrices(Record):
    """What an API asks for tokens: an offer of the catalog, or prices of one's own."""

    api_offer: Slug | None = Field(default=None, description="an id of the catalog's api_offers")
    input_usd_per_mtok: Amount | None = None
    cached_input_usd_per_mtok: Amount | None = None
    output_usd_per_mtok: Amount | None = None
    source: Text | None = Field(default=None, description="of the prices given here")

    @model_validator(mode="after")
    def _one_price(self) -> Self:
        given = [self.input_usd_per_mtok, self.output_usd_per_mtok, self.source]
        if self.api_offer is not None:
            if any(one is not None for one in (*given, self.cached_input_usd_per_mtok)):
                raise ValueError("takes api_offer or prices of its own, not both")
        elif any(one is None for one in given):
            raise ValueError("needs api_offer, or input_usd_per_mtok, output_usd_per_mtok and source")
        return self


class InferenceTokens(TokenPrices, Traffic):
    """Inference by an API that is paid by the token."""

    kind: Literal["tokens"]


class SelfHosted(GpuPrice, Traffic):
    """Inference on GPUs of one's own or rented ones, which are paid whether they work or not."""

    kind: Literal["self_hosted"]
    output_tokens: PositiveAmount = Field(description="of one request")
    output_tokens_per_s_per_gpu: PositiveAmount = Field(description="that one GPU writes under full load")
    input_tokens_per_s_per_gpu: PositiveAmount | None = Field(
        default=None, description="that one GPU reads; unset: the output speed was measured with its prompts"
    )
    speed_source: Text
    utilization_fraction: PositiveFractionAmount = Field(
        default=ONE, description="requests served ÷ those that the GPUs could serve: below 1 for peaks"
    )
    minimum_gpus: Whole = Field(default=1, description="always on")
    gpus_per_replica: PositiveWhole = Field(default=1, description="that hold one copy of the model")
    billing: Billing = Field(
        default="whole_gpus", description="each GPU on all month, or hours as they are needed beyond the minimum"
    )
    fixed_usd_per_month: Amount = Field(
        default=NONE,
        description="what else self-hosting costs whatever the volume, as on-call; paid, and in the breakeven",
    )
    fixed_source: Text | None = Field(default=None, description="of fixed_usd_per_month")
    against: TokenPrices | None = Field(
        default=None,
        description="an API that could serve the same, for the breakeven; unset: the item of requests_of, if by token",
    )

    @model_validator(mode="after")
    def _source_of_fixed(self) -> SelfHosted:
        if self.fixed_usd_per_month != 0 and self.fixed_source is None:
            raise ValueError("needs the fixed_source of fixed_usd_per_month")
        return self


AnyInference = Annotated[InferenceHours | InferenceRequests | InferenceTokens | SelfHosted, Field(discriminator="kind")]
