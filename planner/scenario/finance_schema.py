"""The cost of capital, taxes, books, and how servers may be paid for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from planner.records import Fraction, Number, PositiveWhole, Record, Slug, Text


class Depreciation(Record):
    """How the tax basis of servers is deducted, year by year from the year of service."""

    method: Literal["macrs_3", "macrs_5", "macrs_7", "straight_line", "declining_balance"]
    life_years: Annotated[PositiveWhole, Field(le=50)] | None = Field(
        default=None, description="of straight_line and declining_balance; MACRS has its own"
    )
    declining_factor: Annotated[Number, Field(ge=1, le=3)] = Field(
        default=2, description="of declining_balance: 2 is 200 %, which turns to straight line when that is more"
    )  # type: ignore[assignment]

    @model_validator(mode="after")
    def _has_a_life(self) -> Depreciation:
        if self.method.startswith("macrs") == (self.life_years is not None):
            need = "must not be given with" if self.life_years else "is needed by"
            raise ValueError(f"life_years {need} {self.method}")
        return self


class Tax(Record):
    """Income tax: what is paid lowers it, at the end of the tax year, which is the fiscal year."""

    rate_fraction: Annotated[Number, Field(ge=0, lt=1)] = Field(description="on the margin, federal and local together")
    depreciation: Depreciation
    bonus_fraction: Fraction = Field(default=0, description="of the basis, deducted in the year of service")  # type: ignore[assignment]
    source: Text = Field(description="who set rate and schedule")


class Book(Record):
    """Depreciation for the books: straight line by months of service."""

    life_months: PositiveWhole
    residual_fraction: Fraction = Field(default=0, description="of the cost, left at the end of book life")  # type: ignore[assignment]
    source: Text = Field(description="the accounting policy")


class Finance(Record):
    """The cost of capital, when payments are counted, taxes and books."""

    wacc_fraction: Annotated[Number, Field(gt=-1, le=1)] = Field(description="nominal, per year: 0.08 is 8 %")
    source: Text = Field(description="who set the rate")
    wacc_is: Literal["after_tax", "pre_tax"] | None = Field(
        default=None,
        description="needed with tax; a rate before tax is multiplied by (1 − tax rate), where there is tax",
    )
    running_costs: Literal["end_of_month", "start_of_month"] = Field(
        default="end_of_month", description="when in its month a running cost is paid"
    )
    tax: Tax | None = Field(default=None, description="unset: everything is before tax")
    book: Book | None = Field(default=None, description="unset: over useful life, nothing left")

    @model_validator(mode="after")
    def _says_which_rate(self) -> Finance:
        if self.tax is not None and self.wacc_is is None:
            raise ValueError("wacc_is must say whether wacc_fraction is after_tax or pre_tax, since tax is given")
        return self


CASH = "cash"
"""The way to pay that needs no name in a scenario: at once, with the order."""


def _not_cash(name: str) -> str:
    if name == CASH:
        raise ValueError(f"{CASH} is what servers.cash allows; a way to pay needs another name")
    return name


WayName = Annotated[Slug, AfterValidator(_not_cash)]


class Loan(Record):
    """A loan on the purchase price, paid back in equal monthly payments in arrears from the order on.

    It is settled when its server leaves: sold, at the end of its life, or at the horizon's end.
    """

    kind: Literal["loan"]
    name: WayName
    term_months: PositiveWhole
    rate_fraction: Annotated[Number, Field(ge=0, le=1)] = Field(description="nominal per year, compounded monthly")
    down_payment_fraction: Annotated[Number, Field(ge=0, lt=1)] = 0  # type: ignore[assignment]
    fee_fraction: Fraction = Field(default=0, description="of the amount lent, paid at the start")  # type: ignore[assignment]
    source: Text


class _Lease(Record):
    """What both kinds of lease have."""

    name: WayName
    term_months: PositiveWhole
    payments: Literal["in_advance", "in_arrears"] = "in_advance"
    fee_fraction: Fraction = Field(default=0, description="of the price, paid at the start")  # type: ignore[assignment]
    source: Text


class OperatingLease(_Lease):
    """Servers rented from a lessor from service on, and given back at the end of the term, not before.

    The lessor pays the supplier with the order: interest on the price is paid monthly from then until service.
    """

    kind: Literal["operating_lease"]
    rate_fraction: Annotated[Number, Field(ge=0, le=1)] = Field(description="the lessor's, per year, by months")
    residual_fraction: Fraction = Field(description="of the price: the lessor's at the end, which lowers the payment")


class FinanceLease(_Lease):
    """A lease that ends in owning: the servers count as bought, and are bought out at the end of the term.

    The lessor pays the supplier with the order: interest on the price is paid monthly from then until service, the
    equal payments from service on. What is owed when they are sold before, when they retire or at the horizon's end is
    settled then.
    """

    kind: Literal["finance_lease"]
    rate_fraction: Annotated[Number, Field(ge=0, le=1)] = Field(description="nominal per year, compounded monthly")
    buyout_fraction: Fraction = Field(description="of the price, paid at the end of the term")


Way = Loan | OperatingLease | FinanceLease
Financing = Annotated[Way, Field(discriminator="kind")]
