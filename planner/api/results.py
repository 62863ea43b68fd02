"""What the API returns: plans and priced plans, with tables for a notebook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from planner.plaintext import json_text, readable, visible
from planner.report.formatting import fixed, money, name
from planner.report.html import html_of
from planner.report.options import options
from planner.report.parts import Cell, Facts, Section, Table, columns
from planner.report.summary import head

_TOTALS = ("present_usd", "total_usd", "capex_usd", "opex_usd", "usd_per_gpu_hour")


@dataclass(frozen=True, eq=False, repr=False)
class Plan:
    """The cheapest plan, all that it was compared with, and its proof.

    Attributes
    ----------
    document : plan.json as an object; the properties are parts of it
    """

    document: dict[str, Any]
    _ledger: pd.DataFrame | None = None

    @property
    def verdict(self) -> dict[str, Any]:
        """The answer: choice (buy, rent or mix), reason, and net present values."""
        return dict(self.document["verdict"])

    @property
    def proven(self) -> bool:
        """Whether it obeys every rule and nothing is cheaper by more than the gap that was asked for."""
        return bool(self.document["solver"]["status"] == "proven")

    @property
    def present_usd(self) -> float:
        """Its cost, discounted to the start."""
        return float(self.document["tco"]["plan"]["present_usd"])

    @property
    def total_usd(self) -> float:
        """Its cost, nominal."""
        return float(self.document["tco"]["plan"]["total_usd"])

    @property
    def decisions(self) -> dict[str, Any]:
        """What it buys, commits, rents and sells, its people, and the mix by month: lists of rows."""
        return dict(self.document["decisions"])

    @property
    def by_month(self) -> pd.DataFrame:
        """GPUs, GPU-hours and cost by month."""
        return pd.DataFrame(self.document["decisions"]["by_month"]).set_index("month")

    @property
    def tco(self) -> pd.DataFrame:
        """The total costs of every option side by side, USD; an option that cannot exist has the reason in `note`."""
        reasons = {one["option"]: one["reason"] for one in self.document["left_out"]}
        rows = {
            option: {key: total[key] for key in _TOTALS} | {"note": ""} if total else {"note": reasons.get(option, "")}
            for option, total in self.document["tco"].items()
        }
        return pd.DataFrame.from_dict(rows, orient="index", columns=[*_TOTALS, "note"]).rename_axis("option")

    @property
    def breakeven(self) -> pd.DataFrame:
        """When each option breaks even with each baseline, months, and what it is worth as an investment."""
        found = {
            (option, baseline): {**months, **self.document["finance"][option][baseline]}
            for option, against in self.document["breakeven"].items()
            if isinstance(against, dict)
            for baseline, months in against.items()
            if months is not None
        }
        index = pd.MultiIndex.from_tuples(found, names=["option", "baseline"]) if found else None
        return pd.DataFrame(list(found.values()), index=index)

    @property
    def ledger(self) -> pd.DataFrame:
        """One row for each cost line of the plan and month.

        Raises
        ------
        LookupError
            when the plan was read from plan.json, which has `lines` only.
        """
        if self._ledger is None:
            raise LookupError("plan.json does not hold the ledger by month: see ledger.csv beside it, or plan.lines")
        return self._ledger.copy()

    @property
    def lines(self) -> pd.DataFrame:
        """The ledger with the months of each line taken together."""
        return pd.DataFrame(self.document["lines"])

    def to_json(self) -> str:
        """Return plan.json; the same plan gives the same bytes."""
        return json_text(self.document)

    def __repr__(self) -> str:
        status = self.document["solver"]["status"]
        return visible(f"<Plan {self.document['scenario']}: {self.verdict['reason'].rstrip('.')}; {status}>")

    def _repr_html_(self) -> str:
        """Show the verdict, and the options in a picture and a table."""
        shown = readable(self.document)
        return html_of([options(shown)], head(shown))


@dataclass(frozen=True, eq=False, repr=False)
class Priced:
    """What a given plan costs.

    Attributes
    ----------
    scenario : name of the scenario that it serves
    tco : its total cost of ownership, as plan.json has it for every option
    decisions : what was given, and what follows from it
    ledger : one row for each cost line and month
    """

    scenario: str
    tco: dict[str, Any]
    decisions: dict[str, Any]
    ledger: pd.DataFrame

    @property
    def present_usd(self) -> float:
        """Its cost, discounted to the start."""
        return float(self.tco["present_usd"])

    @property
    def total_usd(self) -> float:
        """Its cost, nominal."""
        return float(self.tco["total_usd"])

    @property
    def by_component(self) -> pd.DataFrame:
        """Its cost by component, USD."""
        return pd.DataFrame({"total_usd": self.tco["by_component"], "present_usd": self.tco["present_by_component"]})

    def compared_with(self, plan: Plan) -> pd.DataFrame:
        """Return by component what this and `plan` cost, present USD, and how much more this one does."""
        theirs = plan.document["tco"]["plan"]["present_by_component"]
        sides = {"given_usd": self.tco["present_by_component"], "plan_usd": theirs}
        table = pd.DataFrame(sides).reindex([*dict.fromkeys([*theirs, *self.tco["by_component"]])]).fillna(0.0)
        table.loc["total"] = table.sum()
        return table.assign(difference_usd=table["given_usd"] - table["plan_usd"])

    def __repr__(self) -> str:
        cost = f"{money(self.present_usd)} in present value, {money(self.total_usd)} in total"
        return visible(f"<Priced plan for {self.scenario}: {cost}>")

    def _repr_html_(self) -> str:
        """Show the totals and where they come from."""
        totals = (("Present cost", self.present_usd), ("Total, nominal", self.total_usd),
                  *((kind.capitalize(), usd) for kind in ("capex", "opex", "financing", "tax")
                    if (usd := self.tco[f"{kind}_usd"]) or kind in ("capex", "opex")))  # fmt: skip
        figures = Facts(tuple((title, Cell(money(usd))) for title, usd in totals), look="figures")
        rows = tuple(
            (Cell(name(str(component))), Cell(fixed(total)), Cell(fixed(present)))
            for component, total, present in self.by_component.itertuples()
        )
        table = Table("Cost by component, USD", columns("Component", "Total", "Present cost"), rows)
        lead = "Its purchases and commitments are fixed; the rest is at least cost."
        title = f"A given plan for {visible(self.scenario)}"
        return html_of([Section("given", title, lead, (figures, table))])
