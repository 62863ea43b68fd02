"""The planner's own program of the question: a scenario and a catalog as users write them, built and solved."""

from __future__ import annotations

import math
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from benchmarks.clock import Clock
from benchmarks.hourly_load import START
from benchmarks.question import HOURS_PER_MONTH, LOSS, PUE, SHARE, TARIFF, WACC, Offer, Question, Server
from planner.assemble import build_case
from planner.case import Case
from planner.catalog.load import load_catalog
from planner.model.build import build
from planner.model.highs import Live
from planner.scenario.demand import Demand
from planner.scenario.load import load_scenario

NOTHING = (
    "network_usd_per_server", "storage_usd_per_server", "installation_usd_per_server", "spare_parts_fraction",
    "licence_usd_per_gpu_year", "rack_units",
)  # fmt: skip
NO_END = 120
"""Months of a server's life: beyond any horizon measured."""


def measure(question: Question) -> dict[str, Any]:
    """Build and solve the relaxation; reading the scenario is not counted, as the other models read nothing."""
    return solved(case_of(question))


def solved(case: Case) -> dict[str, Any]:
    """Build the program of a case, solve it, and return the figures of both."""
    clock = Clock()
    built = build(case)
    clock.lap("build")
    solution = Live(built.arrays).solve()
    clock.lap("solve")
    assert solution is not None, "every question can be answered"
    rows, columns = built.arrays.shape
    return clock.stages | {
        "objective": solution.objective, "rows": rows, "columns": columns, "nonzeros": len(built.arrays.values),
    }  # fmt: skip


def case_of(question: Question) -> Case:
    """Return the question as a case, with each of its groups of hours a group."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pricing").mkdir()
        (folder / "pricing" / "all.yaml").write_text(yaml.safe_dump(_catalog(question)), encoding="utf-8")
        (folder / "asked.yaml").write_text(yaml.safe_dump(_scenario(question)), encoding="utf-8")
        catalog = load_catalog(folder / "pricing")
        case = build_case(catalog, load_scenario(folder / "asked.yaml", catalog))
    hold = np.zeros((len(question.demand), question.months))
    month_hours = question.month_hours[: question.months]
    peak = question.demand.max(axis=1)
    return replace(case, demand=Demand(question.month, question.hours, month_hours, question.demand, hold, (), peak))


def _catalog(question: Question) -> dict[str, Any]:
    return {
        "sources": [{"id": "made-up", "title": "made up for measurements"}],
        "providers": [{"id": "cloud", "name": "cloud"}],
        "gpus": [{"id": f"gpu-{k}", "name": f"GPU {k}", "memory_gb": 80} for k in range(len(question.servers))],
        "offers": [_offer(o, offer) for o, offer in enumerate(question.offers)],
        "servers": [_server(k, server) for k, server in enumerate(question.servers)],
        "sites": [{"id": "room", "name": "room", "country": "US", "ownership": "own_room", "pue": _fact(PUE),
                   "electricity_usd_per_kwh": _fact(TARIFF), "space_usd_per_kw_month": _fact(0)}],
    }  # fmt: skip


def _scenario(question: Question) -> dict[str, Any]:
    year, month = (int(part) for part in START.split("-"))
    years, months = divmod(month - 1 + question.last_order, 12)
    limits = {kind: {f"offer-{o}": getattr(offer, field) for o, offer in enumerate(question.offers)
                     if math.isfinite(getattr(offer, field))}
              for kind, field in (("on_demand_quota_gpus", "quota"), ("spot_depth_gpus", "depth"))}  # fmt: skip
    return {
        "name": "asked", "start": START, "as_of": "2026-11-21", "horizon_months": question.months,
        "hours_per_month": "calendar" if question.calendar else HOURS_PER_MONTH,
        "finance": {"wacc_fraction": WACC, "source": "made up"},
        "sites": [{"id": "room", "power_limit_kw": question.power_limit}],
        "servers": {"order_until": f"{year + years}-{months + 1:02}"},
        "whole": {"servers": False, "commitments": False}, "limits": limits,
        "workloads": [
            {"name": f"work-{w}", "kind": "serving", "unit": "work unit", "speed_source": "made up",
             "speed": {f"gpu-{k}": float(speed) for k, speed in enumerate(question.speed[:, w])},
             "demand": {"peak_per_hour": 1, "shape": "flat", "growth": {"annual_rate": 0}},
             "spot": {"share_fraction": SHARE, "loss_fraction": LOSS}}
            for w in range(len(question.demand))
        ],
    }  # fmt: skip


def _offer(o: int, offer: Offer) -> dict[str, Any]:
    term = {"id": "term", "term_months": offer.term, "upfront_fraction": offer.upfront, "hourly_billed": "term",
            "usd_per_gpu_hour": _fact(offer.committed)}  # fmt: skip
    return {"id": f"offer-{o}", "provider": "cloud", "region": "any", "country": "any", "gpu": f"gpu-{offer.gpu}",
            "gpus": offer.gpus, "on_demand_usd_per_gpu_hour": _fact(offer.on_demand),
            "spot_usd_per_gpu_hour": _fact(offer.spot), "commitments": [term]}  # fmt: skip


def _server(k: int, server: Server) -> dict[str, Any]:
    facts = dict.fromkeys(NOTHING, 0.0) | {
        "purchase_usd_per_server": server.price, "decommissioning_usd_per_server": server.removal,
        "support_fraction_per_year": server.support_per_year, "power_active_kw": server.active_kw,
        "power_idle_kw": server.idle_kw, "lead_time_months": server.lead, "useful_life_months": NO_END,
        "availability_fraction": server.availability,
    }  # fmt: skip
    return {"id": f"server-{k}", "name": f"server {k}", "gpu": f"gpu-{k}", "gpus": server.gpus,
            "resale_fraction": {str(age): _fact(left) for age, left in server.resale.items()}} | {
        key: _fact(value) for key, value in facts.items()
    }  # fmt: skip


def _fact(value: float) -> dict[str, Any]:
    return {"value": value, "date": "2026-01-01", "source": "made-up", "basis": "made up", "confidence": "high"}
