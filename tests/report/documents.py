"""A small plan.json, made by hand: two months, one server bought, no token API."""

from __future__ import annotations

import json
from typing import Any

MONTHS = ("2027-01", "2027-02")


def _tco(components: dict[str, tuple[float, str]], **changes: Any) -> dict[str, Any]:
    """Return totals of an option that pays everything in its first months, from {component: (usd, category)}."""
    by_component = {name: usd for name, (usd, _) in components.items()}
    total = sum(by_component.values())
    capex = sum(usd for usd, category in components.values() if category == "capex")
    year = {
        "year": 1, "months": list(MONTHS), "total_usd": total, "capex_usd": capex, "opex_usd": total - capex,
        "by_component": by_component,
    }  # fmt: skip
    return {
        "total_usd": total, "present_usd": total * 0.99, "by_component": by_component, "by_year": [year],
        "capex_usd": capex, "opex_usd": total - capex, "personnel_fraction": 0.25, "usd_per_gpu_hour": total / 1000,
        "gpu_hours": 1000.0, "relative_gap": 0.0, "obligations_after_horizon_usd": 0.0,
    } | changes  # fmt: skip


def _month(label: str) -> dict[str, Any]:
    return {
        "month": label, "owned_gpus": 8.0, "committed_gpus": 0.0, "owned_gpu_hours": 400.0, "committed_gpu_hours": 0.0,
        "on_demand_gpu_hours": 100.0, "spot_gpu_hours": 0.0, "api_work_units": 0.0, "unserved_work_units": 0.0,
        "cost_usd": 100_000.25,
    }  # fmt: skip


def _evidence(row: str, **changes: Any) -> dict[str, Any]:
    return {
        "row": row, "value": 2.586882, "low": None, "high": None, "unit": "on_demand_usd_per_gpu_hour",
        "currency": "USD", "date": "2026-06-09", "source": "list", "basis": "list", "confidence": "high",
        "place": "prices.yaml:1:1", "note": "", "used": True,
    } | changes  # fmt: skip


_OWNED = {
    "servers": (199_200.4, "capex"), "resale": (-50_000.2, "capex"), "staff": (50_000.4, "opex"),
    "on_demand": (800.0, "opex"),
}  # fmt: skip
_RENTED = {"on_demand": (260_000.4, "opex"), "staff": (40_000.2, "opex")}
_BREAKEVEN = {"months": 1.3, "discounted_months": 1.5, "months_with_resale": 1.25, "only_by_resale": False}
_RETURNS = {"npv_usd": 99_001.5, "irr": 0.5, "payback_months": 1.25, "discounted_payback_months": 1.5}
_AGAINST = ("on_demand", "cloud", "api", "existing")

_DOCUMENT: dict[str, Any] = {
    "schema_version": 1, "scenario": "small", "scenario_digest": "cd" * 32, "description": "One server.",
    "as_of": "2026-11-21", "start": "2027-01",
    "horizon_months": 2, "horizon_end": "continue", "hours_per_month": 730.0, "currency": "USD",
    "inputs": [{"input": "discount rate (WACC)", "value": 0.08, "unit": "per year, nominal", "source": "treasury"}],
    "catalog": {"digest": "ab" * 32, "newest_price": "2026-11-21", "oldest_price": "2024-08-31", "rows_used": 3},
    "solver": {
        "name": "HiGHS", "version": "1.2.3", "status": "proven", "relative_gap": 0.0, "gap_asked": 0.001,
        "columns": 12, "rows": 7, "nonzeros": 40,
    },
    "proof": {
        "objective_usd": 198_000.0, "ledger_usd": 198_000.0, "relative_difference": 0.0, "max_violation": 2.5e-13,
        "duality_gap": 1.2e-16, "relaxation_bound_usd": 190_080.0, "solver_bound_usd": 198_000.0,
        "violation_by_rule": {"work_is_served": 0.0},
    },
    "verdict": {
        "choice": "buy", "reason": "Buy 1 server: it saves 99,002 USD in present value against the best cloud mix.",
        "npv_usd": 99_001.5, "buy_npv_usd": 99_001.5, "against": "cloud",
    },
    "decisions": {
        "purchases": [{
            "server": "server-8xa100-80gb", "site": "room", "month": "2027-01", "in_service": "2027-01", "servers": 1.0,
            "gpus": 8.0, "usd_per_server": 199_200.4, "usd": 199_200.4,
        }],
        "sales": [{"server": "server-8xa100-80gb", "site": "room", "month": "2027-02", "servers": 1.0,
                   "usd": 50_000.2}],
        "commitments": [{
            "offer": "big", "term": "big/12m", "month": "2027-01", "term_months": 12, "instances": 2.0,
            "existing": False, "usd": 10.5,
        }],
        "savings_plans": [{"plan": "plan-a", "month": "2027-01", "term_months": 12, "usd_per_hour": 3.5}],
        "rentals": [
            {"offer": "big", "kind": "on_demand", "workload": "chat", "gpu_hours": 200.0, "usd": 800.0},
            {"offer": "big", "kind": "committed", "workload": "chat", "gpu_hours": 100.0, "usd": 100.5},
        ],
        "api": [{"offer": "model-a", "workload": "chat", "work_units": 10.0, "usd": 5.25}],
        "staff": [{"pool": "platform", "month": "2027-02", "fte": 0.5}],
        "by_month": [_month(label) for label in MONTHS],
    },
    "load": [{
        "year": 1, "months": list(MONTHS), "owned_gpus": 7.84, "committed_gpus": 0.0, "alone_hours": 730.0,
        "steps": [
            {"hours": 60.0, "owned": 7.84, "committed": 0.0, "on_demand": 3.0, "spot": 0.0},
            {"hours": 1400.0, "owned": 0.5, "committed": 0.0, "on_demand": 0.0, "spot": 0.0},
        ],
    }],
    "tco": {
        "on_demand": _tco(_RENTED), "cloud": _tco(_RENTED, relative_gap=0.0042), "self_hosted": _tco(_OWNED),
        "api": None, "existing": None, "plan": _tco(_OWNED), "buy": _tco(_OWNED),
    },
    "breakeven": {
        **{name: dict.fromkeys(_AGAINST) | {"on_demand": _BREAKEVEN, "cloud": _BREAKEVEN}
           for name in ("plan", "buy", "self_hosted")},
        "utilization_fraction": 0.61, "hours": 15_930.4,
    },
    "finance": {
        "wacc_fraction": 0.08,
        **{name: dict.fromkeys(_AGAINST) | {"on_demand": _RETURNS, "cloud": _RETURNS}
           for name in ("plan", "buy", "self_hosted")},
        "cash_flow": [
            {"month": label, "plan_usd": plan, "buy_usd": plan, "self_hosted_usd": plan, "on_demand_usd": 150_000.3,
             "cloud_usd": 150_000.3}
            for label, plan in zip(MONTHS, (240_000.5, -39_999.9), strict=True)
        ],
    },
    "prices_that_change_the_answer": [
        {"option": "buy server-8xa100-80gb", "chosen": True, "price_now_usd": 199_200.4, "price_at_change_usd": None,
         "unit": "USD/server", "basis": "whole numbers"},
        {"option": "on-demand big", "chosen": False, "price_now_usd": 4.0, "price_at_change_usd": 3.0,
         "unit": "USD/GPU-hour", "basis": "whole numbers"},
    ],
    "worth": [
        {"limit": "power_is_within_site_limit", "where": "room", "month": label, "usd_per_unit": 10.25, "unit": "kW",
         "basis": "relaxation"}
        for label in MONTHS
    ],
    "left_out": [
        {"option": "api", "reason": "no workload allows a token API"},
        {"option": "existing", "reason": "nothing is owned or committed today"},
        {"option": "small-offer", "reason": "not considered"},
    ],
    "evidence": [
        _evidence("big/on_demand_usd_per_gpu_hour"),
        _evidence("room/pue", value=1.58, low=1.25, high=2.5, unit="pue", source="bare", confidence="assumption",
                  basis="assumption", note="a guess"),
        _evidence("engineer/salary_usd_per_year", value=130_000.0, unit="salary_usd_per_year", source="a letter",
                  confidence="low"),
        _evidence("big/spot_usd_per_gpu_hour", value=None, used=False, note="no spot price was found",
                  basis="not found"),
        _evidence("never/asked", used=False),
    ],
    "sources": {
        "list": {"id": "list", "title": "Price list", "url": "https://example.org/prices",
                 "revision": "c15e03e1063985"},
        "bare": {"id": "bare", "title": "Notes", "url": "http://example.org/notes"},
    },
    "command": "planner plan small.yaml",
    "service": [
        {"workload": "chat", "unit": "hour", "kind": "owned", "option": "server-8xh100 @ room", "work_units": 800.0,
         "gpu_hours": 800.0, "share_fraction": 0.8},
        {"workload": "chat", "unit": "hour", "kind": "on_demand", "option": "rent", "work_units": 200.0,
         "gpu_hours": 200.0, "share_fraction": 0.2},
    ],
    "unit_costs": [
        {"kind": "owned", "gpu_hours": 800.0, "usd": 149_200.2, "usd_per_gpu_hour": 186.50025,
         "available_gpu_hours": 1600.0},
        {"kind": "on_demand", "gpu_hours": 200.0, "usd": 800.0, "usd_per_gpu_hour": 4.0, "available_gpu_hours": None},
    ],
    "loosened": [{"limit": "power", "where": "room", "change": "4 kW more at room", "saves_usd": 1234.4,
                  "set": ["sites.room.power_limit_kw=44"], "basis": "whole numbers"}],
    **{key: [] for key in ("lines", "components", "prices", "rules")},
}  # fmt: skip


def document(**changes: Any) -> dict[str, Any]:
    """Return the small document with keys replaced; a key `a__b` replaces b inside a."""
    made: dict[str, Any] = json.loads(json.dumps(_DOCUMENT))
    for path, value in changes.items():
        *above, last = path.split("__")
        inside = made
        for step in above:
            inside = inside[step]
        inside[last] = value
    return made
