"""What must hold of negotiated prices, tried on small random relaxations with random discounts."""

from __future__ import annotations

import math
from fnmatch import fnmatchcase
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from planner.analysis.agreements import agreements
from tests.laws.cases import QUICK, Changes, cost_of, hundredths, same, scenarios, with_prices
from tests.small import SERVER, SITE, small, solved

Agreed = tuple[list[dict[str, Any]], list[dict[str, Any]]]
STARTS = {"aws": ("aws-",), "lambda": ("lambda-", "tests-8xh100/"), "nebius": ("nebius-",), "runpod": ("runpod-",)}
ENDS = {
    "on_demand": "/on_demand_usd_per_gpu_hour",
    "spot": "/spot_usd_per_gpu_hour",
    "commitments": "/usd_per_gpu_hour",
}
"""How the rows of a provider begin, and those of a way of renting end."""


@st.composite
def agreed(draw: st.DrawFn, *, dated: bool) -> Agreed:
    """Discounts of a scenario, often equal ones and up to all of the price, and those of a price book."""
    of_scenario = st.fixed_dictionaries({
        "provider": st.sampled_from(sorted(STARTS)), "kind": st.sampled_from([*ENDS, "all"]),
        "fraction": st.sampled_from([0, 0.1, 0.5, 1]), "source": st.just("drawn"),
    })  # fmt: skip
    rows = st.sampled_from(["*", "*gpu_hour", f"{SERVER}/*", f"{SITE}/*", "tests-*", "lambda-*"])
    months = {"valid_from": st.sampled_from(["2026-01-01", "2027-02-01"])} if dated else {}
    of_book = st.fixed_dictionaries({"rows": rows, "fraction": hundredths(0.01, 0.99), "source": st.just("drawn")} |
                                    months)  # fmt: skip
    book = draw(st.lists(of_book, max_size=2))
    return draw(st.lists(of_scenario, max_size=3)), [one | {"id": f"D-{i}"} for i, one in enumerate(book)]


def with_discounts(folder: Path, changes: Changes, discounts: Agreed) -> Changes:
    of_scenario, of_book = discounts
    (folder / "ours.yaml").write_text(yaml.safe_dump({"discounts": of_book}), encoding="utf-8")
    return changes | {"discounts": of_scenario, "price_book": "ours.yaml"}


@QUICK
@given(changes=scenarios(), discounts=agreed(dated=True))
def test_effects_of_agreements_are_the_negotiated_lines(changes: Changes, discounts: Agreed, folder: Path) -> None:
    case = small(folder, **with_discounts(folder, changes, discounts))
    plan = solved(case)
    effects = agreements(SimpleNamespace(case=case, plan=plan))  # type: ignore[arg-type]
    lines = plan.ledger[plan.ledger["component"].str.startswith("negotiated_")]
    for name in ("cost_usd", "present_usd"):
        assert sum(one[name] for one in effects) == pytest.approx(lines[name].sum(), rel=1e-9, abs=1e-6)
    assert len({one["agreement"] for one in effects}) == len(case.agreements) == sum(map(len, discounts))
    assert plan.ledger["present_usd"].sum() == pytest.approx(plan.answer.objective, rel=1e-9, abs=1e-6)


@QUICK
@given(changes=scenarios(), discounts=agreed(dated=False))
def test_a_discount_is_a_lower_price(changes: Changes, discounts: Agreed, folder: Path) -> None:
    """Lines at list prices and their differences change no plan: it costs what it does where the price is lower."""
    lower = {row: usd * left(row, discounts) for row, usd in changes["prices"].items() if "usd" in row}
    expected = cost_of(folder, with_prices(changes, lower))
    assert cost_of(folder, with_discounts(folder, changes, discounts)) == same(expected)


def left(row: str, discounts: Agreed) -> float:
    """What is left of the price of `row`, by the words of scenario and book."""
    of_scenario, of_book = discounts
    counted = [one["fraction"] for one in of_book if fnmatchcase(row, one["rows"])]
    for one in of_scenario:
        ends = tuple(ENDS.values()) if one["kind"] == "all" else ENDS[one["kind"]]
        if row.startswith(STARTS[one["provider"]]) and row.endswith(ends):
            counted.append(one["fraction"])
    return math.prod(1 - fraction for fraction in counted)
