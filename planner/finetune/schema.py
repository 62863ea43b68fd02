"""What a fine-tuning project is made of. Unknown keys are errors; every amount is a number or a range."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from planner.finetune.amounts import Amount, BelowOneAmount, FractionAmount, PositiveAmount
from planner.finetune.lever_schema import Levers
from planner.records import Day, NonNegative, Positive, PositiveWhole, Record, Slug, Text, unique

Term = Literal[
    "training_compute", "data", "labor", "infra", "inference", "operations", "depreciation", "risk", "contingency"
]
ONE: Any = 1
NONE: Any = 0
PerMonths = Annotated[
    Positive | None,
    Field(description="the quantity is of so many months and goes on over the horizon: 1 is monthly; unset: once"),
]


class Run(Record):
    """Training runs of one kind: GPU-hours at a price of one's own, of the catalog, or of owned servers."""

    name: Slug
    runs: Amount = Field(default=ONE, description="experiments and the final run")
    gpu_hours: Amount = Field(description="of one run, without what interruptions lose")
    gpu: Slug | None = Field(default=None, description="an id of the catalog's gpus")
    usd_per_gpu_hour: Amount | None = None
    offer: Slug | None = Field(default=None, description="an id of the catalog's offers, whose price is taken")
    rented: Literal["on_demand", "spot"] = Field(default="on_demand", description="which price of the offer")
    owned_plan: Text | None = Field(
        default=None, description="a plan.json beside this file: its owned servers' cost of a GPU-hour is taken"
    )
    loss_fraction: BelowOneAmount = Field(
        default=NONE, description="of the GPU-hours paid: lost to interruptions, checkpoints and restarts"
    )
    source: Text | None = Field(default=None, description="of usd_per_gpu_hour")

    @model_validator(mode="after")
    def _one_price(self) -> Run:
        if sum(one is not None for one in (self.usd_per_gpu_hour, self.offer, self.owned_plan)) != 1:
            raise ValueError("needs one price: usd_per_gpu_hour, offer or owned_plan")
        if self.usd_per_gpu_hour is not None and self.source is None:
            raise ValueError("needs the source of usd_per_gpu_hour")
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


class Acquisition(Record):
    """Data that is bought or licensed, by site."""

    name: Slug
    sites: Amount
    usd_per_site: Amount
    per_months: PerMonths = None
    source: Text


class Storage(Record):
    """Data that is kept."""

    name: Slug
    tb: Amount
    usd_per_tb_month: Amount
    months: Amount | None = Field(default=None, description="unset: the horizon")
    source: Text


class Item(Record):
    """So many of something at a price."""

    name: Slug
    quantity: Amount = Field(default=ONE, description="1 unless given")
    unit: Text = "lump sum"
    usd: Amount = Field(description="of one")
    per_months: PerMonths = None
    source: Text


class Data(Record):
    """Costs of data."""

    labeling: Annotated[list[Hours], unique("name")] = Field(default=[], description="by people, paid by the hour")
    acquisition: Annotated[list[Acquisition], unique("name")] = Field(default=[], description="bought or licensed")
    cleaning: Annotated[list[Hours], unique("name")] = Field(default=[], description="paid by the hour")
    storage: Annotated[list[Storage], unique("name")] = Field(default=[], description="by TB and month")
    versioning: Annotated[list[Item], unique("name")] = Field(default=[], description="of data sets")


class Role(Record):
    """People of one role."""

    name: Slug
    months: Amount = Field(description="person-months, of all people together")
    usd_per_month: Amount = Field(description="for one person-month, before burden")
    ramp_months: Amount = Field(default=NONE, description="person-months until they are of full use, on top")
    burden_fraction: Amount = Field(default=NONE, description="of pay, for what employing costs beside it")
    per_months: PerMonths = None
    source: Text


class InfraItem(Item):
    """A part of the infrastructure."""

    covers: Annotated[
        list[Literal["registry", "ci", "monitoring", "drift_detection", "licences", "other"]], Field(min_length=1)
    ]


class OperationsItem(Item):
    """What running the model asks for, to its retirement."""

    covers: Annotated[
        list[Literal["backups", "audits", "compliance", "incidents", "retirement", "other"]], Field(min_length=1)
    ]


class InferenceHours(Hours):
    """Inference paid by the hour of an instance."""

    kind: Literal["hours"]


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
    requests: Amount
    input_tokens: Amount = Field(description="of one request, without what retrieval adds")
    rag_tokens: Amount = Field(default=NONE, description="that retrieval adds to the input of one request")
    output_tokens: Amount = Field(description="of one request")
    per_months: PerMonths = None


class InferenceTokens(Traffic):
    """Inference by an API that is paid by the token."""

    kind: Literal["tokens"]
    cached_fraction: FractionAmount = Field(default=NONE, description="of the input, billed as cached")
    api_offer: Slug | None = Field(default=None, description="an id of the catalog's api_offers, or its three prices:")
    input_usd_per_mtok: Amount | None = None
    cached_input_usd_per_mtok: Amount | None = None
    output_usd_per_mtok: Amount | None = None
    source: Text | None = Field(default=None, description="of the prices given here")

    @model_validator(mode="after")
    def _one_price(self) -> InferenceTokens:
        given = [self.input_usd_per_mtok, self.output_usd_per_mtok, self.source]
        if self.api_offer is not None:
            if any(one is not None for one in (*given, self.cached_input_usd_per_mtok)):
                raise ValueError("takes api_offer or prices of its own, not both")
        elif any(one is None for one in given):
            raise ValueError("needs api_offer, or input_usd_per_mtok, output_usd_per_mtok and source")
        elif self.cached_fraction != 0 and self.cached_input_usd_per_mtok is None:
            raise ValueError("needs cached_input_usd_per_mtok for its cached_fraction")
        return self


AnyInference = Annotated[InferenceHours | InferenceRequests | InferenceTokens, Field(discriminator="kind")]


class Hardware(Record):
    """Hardware that the project uses a part of."""

    name: Slug
    purchase_usd: Amount
    useful_years: PositiveAmount
    project_usage_fraction: FractionAmount
    source: Text


class Risk(Record):
    """What may happen; its expected cost is counted."""

    name: Slug
    kind: Literal["retrain", "rollback", "downtime", "other"]
    probability_fraction: FractionAmount = Field(description="that it happens, within per_months if given")
    quantity: Amount = Field(default=ONE, description="of what it then costs, as hours of downtime")
    unit: Text = "event"
    usd: Amount | None = Field(default=None, description="of one")
    repeats: list[Literal["training_compute", "data", "labor"]] | None = Field(
        default=None, description="instead of usd: terms that are paid once more"
    )
    per_months: PerMonths = None
    source: Text

    @model_validator(mode="after")
    def _one_cost(self) -> Risk:
        if (self.usd is None) == (self.repeats is None):
            raise ValueError("needs usd or repeats")
        return self


class PublishedFigure(Record):
    """A figure as it was printed elsewhere, for a note on the difference."""

    of: Literal["naive", "optimized"] = "naive"
    term: Term | None = Field(default=None, description="unset: the total")
    usd: NonNegative
    because: Text = Field(description="what makes the difference")


class Published(Record):
    """Figures of a source that the project is held against."""

    source: Text
    figures: Annotated[list[PublishedFigure], Field(min_length=1)]


class Project(Record):
    """A fine-tuning project, for `planner finetune`."""

    name: Slug = Field(description="lower-case letters, digits and hyphens")
    description: Text = Field(default="", description="stands at the top of the report")
    as_of: Day = Field(description="prices in force on this day are used, YYYY-MM-DD")
    horizon_months: Annotated[PositiveWhole, Field(le=360)] = Field(description="how many months are paid")
    currency: Literal["USD"] = "USD"
    training: Training | None = None
    data: Data | None = None
    labor: Annotated[list[Role], unique("name")] = Field(default=[], description="people, by role")
    infra: Annotated[list[InfraItem], unique("name")] = Field(default=[], description="registry, CI, monitoring …")
    inference: Annotated[list[AnyInference], unique("name")] = Field(default=[], description="serving the model")
    operations: Annotated[list[OperationsItem], unique("name")] = Field(
        default=[], description="backups, audits, compliance, incidents, retirement"
    )
    depreciation: Annotated[list[Hardware], unique("name")] = Field(
        default=[], description="hardware of which the project uses a part"
    )
    risk: Annotated[list[Risk], unique("name")] = Field(default=[], description="what may happen, at expected cost")
    contingency_fraction: FractionAmount = Field(default=NONE, description="of everything else")
    levers: Levers | None = Field(default=None, description="ways to make it cheaper; unset: none")
    published: Published | None = Field(default=None, description="figures printed elsewhere, for notes")

    @model_validator(mode="before")
    @classmethod
    def _without_schema_line(cls, value: Any) -> Any:
        return {key: item for key, item in value.items() if key != "$schema"} if isinstance(value, dict) else value
