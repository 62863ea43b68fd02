"""What a lever is: which inputs it changes, by how much, at what cost, and with which others it goes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from planner.finetune.amounts import Amount, NonNegative, PositiveAmount
from planner.finetune.compute_schema import PerMonths
from planner.records import Record, Slug, Text, WholeFile, unique

Payer = Literal["training_compute", "data", "labor", "infra", "inference", "operations"]


class Change(Record):
    """What a lever does to inputs: it multiplies or divides them, or sets them."""

    path: Text = Field(description="of the inputs, items by name, * for every one: training.runs.*.gpu_hours")
    where: dict[Text, Text] = Field(
        default={},
        description="only where what holds the input says so: {method: full}; where it says nothing, it is taken to",
    )
    factor: Amount | None = Field(default=None, description="0.7 leaves 70 %")
    divide_by: PositiveAmount | None = Field(default=None, description="2.5 leaves 1 ÷ 2.5")
    to: Amount | None = Field(default=None, description="the new value, whatever other levers did before")

    @model_validator(mode="after")
    def _one(self) -> Change:
        if sum(one is not None for one in (self.factor, self.divide_by, self.to)) != 1:
            raise ValueError("needs one of factor, divide_by and to")
        return self


class LeverCost(Record):
    """What a lever costs itself."""

    name: Slug
    term: Payer = Field(default="labor", description="term under which it is paid")
    usd: Amount
    per_months: PerMonths = Field(default=None, description="paid every so many months; unset: once")
    source: Text


class Lever(Record):
    """A way to make the project cheaper; several work one after another on the same inputs, so they do not add up."""

    name: Slug = Field(description="lower-case letters, digits and hyphens")
    description: Text = Field(default="", description="what is done")
    changes: Annotated[list[Change], Field(min_length=1)]
    rented: Literal["spot"] | None = Field(
        default=None,
        description="how runs are rented then: an offer's price becomes its own spot price, whatever the factor says, "
        "and an offer without one is left alone",
    )
    costs: Annotated[list[LeverCost], unique("name")] = Field(default=[], description="none: it costs nothing")
    needs: list[Slug] = Field(default=[], description="levers without which it cannot be pulled")
    excludes: list[Slug] = Field(default=[], description="levers that cannot be pulled together with it")
    basis: Literal["measured", "published", "assumption"] = Field(description="what its numbers are")
    source: Text


class LeverLibrary(WholeFile):
    """Levers that ship with the planner."""

    levers: Annotated[list[Lever], unique("name")]


def _choice(value: Any) -> str:
    return "names" if isinstance(value, list) else "word"


Chosen = Annotated[
    Annotated[Literal["best", "all", "none"], Tag("word")] | Annotated[list[Slug], Tag("names")],
    Discriminator(_choice),
]


class Levers(Record):
    """Which levers there are, and which of them are pulled."""

    library: list[Slug] = Field(default=[], description="names of levers that ship with the planner")
    own: Annotated[list[Lever], unique("name")] = Field(
        default=[], description="the project's own, applied after those"
    )
    choose: Chosen = Field(
        default="best", description="best: the set with the lowest total; all, none, or a list of names"
    )
    one_off_budget_usd: NonNegative | None = Field(
        default=None, description="most that the levers may cost once, when the best are chosen; unset: no limit"
    )
