"""What a fine-tuning project is made of. Unknown keys are errors; every amount is a number or a range."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from planner.finetune.amounts import Amount, FractionAmount, NonNegative, PositiveAmount
from planner.finetune.compute_schema import NONE, ONE, AnyInference, Hours, PerMonths, Training
from planner.finetune.lever_schema import Levers
from planner.records import Day, PositiveWhole, Record, Slug, Text, WholeFile, unique

MOST_BURDEN = 3
"""More beside pay than three times the pay is a percentage that was written as a fraction."""

Term = Literal[
    "training_compute", "data", "labor", "infra", "inference", "operations", "depreciation", "risk", "contingency"
]


def _distinct(items: list[Any]) -> list[Any]:
    """Refuse a word that stands twice in a list."""
    again = [item for index, item in enumerate(items) if item in items[:index]]
    if again:
        raise ValueError(f"holds {again[0]} twice")
    return items


Distinct = AfterValidator(_distinct)


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
        list[Literal["registry", "ci", "monitoring", "drift_detection", "licences", "other"]],
        Field(min_length=1),
        Distinct,
    ]


class OperationsItem(Item):
    """What running the model asks for, to its retirement."""

    covers: Annotated[
        list[Literal["backups", "audits", "compliance", "incidents", "retirement", "other"]],
        Field(min_length=1),
        Distinct,
    ]


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
    repeats: Annotated[list[Literal["training_compute", "data", "labor"]], Field(min_length=1), Distinct] | None = (
        Field(default=None, description="instead of usd: terms that are paid once more")
    )
    per_months: PerMonths = None
    source: Text

    @model_validator(mode="after")
    def _one_cost(self) -> Risk:
        if (self.usd is None) == (self.repeats is None):
            raise ValueError("needs usd or repeats, not both")
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


class Project(WholeFile):
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
