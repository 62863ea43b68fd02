"""What building a program costs beside solving it: (build + hand-over + run + read) ÷ (hand-over + run of its arrays).

    python -m benchmarks.build_program [NONZEROS …]

Both sides are measured in one process, in turn, in seconds of processor; the table shows medians. `straight` hands the
arrays to HiGHS, `through PuLP` puts the same program into a PuLP problem first. Run: the relaxation, from nothing.
"""

from __future__ import annotations

import gc
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pulp
import yaml

from planner.assemble import build_case
from planner.case import Case
from planner.catalog.load import load_catalog
from planner.model.build import Built, build
from planner.model.highs import Live
from planner.model.pulp_bridge import ArraySolver, to_pulp
from planner.program import Arrays, Floats
from planner.scenario.load import load_scenario

SIZES: dict[int, dict[str, int]] = {
    1_000: {"months": 12, "servers": 1, "offers": 2, "workloads": 1, "hours": 6},
    10_000: {"months": 12, "servers": 2, "offers": 4, "workloads": 2, "hours": 15},
    100_000: {"months": 24, "servers": 4, "offers": 8, "workloads": 3, "hours": 30},
    1_000_000: {"months": 36, "servers": 6, "offers": 16, "workloads": 6, "hours": 48},
}
"""Nonzeros that are asked for, and about how much of everything makes them."""

LIMITS = {10_000: 1.35, 100_000: 1.12, 1_000_000: 1.03}
"""What the ratio should be at most."""

SPAN = 3.0
"""Seconds of processor that a size is measured for, at least; 3 rounds at the fewest, 1 where a round takes longer."""


def measure(size: int, span: float = SPAN) -> dict[str, float]:
    """Return medians in seconds and ratios for a program of about `size` nonzeros (a key of `SIZES`)."""
    with tempfile.TemporaryDirectory() as folder:
        case = case_of(Path(folder), **SIZES[size])
    rounds: list[dict[str, float]] = []
    objectives: set[float] = set()
    while not rounds or ((sum(sum(one.values()) for one in rounds) < span or len(rounds) < 3) and _quick(rounds, span)):
        found, times = _once(case)
        objectives.add(found)
        rounds.append(times)
    assert len(objectives) == 1, f"the ways differ: {objectives}"
    arrays = build(case).arrays
    result = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    for way in ("straight", "through_pulp"):
        result[f"ratio_{way}"] = statistics.median(one[way] / one["arrays"] for one in rounds)
    rows, columns = arrays.shape
    return {"nonzeros": len(arrays.values), "rows": rows, "columns": columns, "rounds": len(rounds), **result}


def _quick(rounds: list[dict[str, float]], span: float) -> bool:
    """Say whether another round is worth its time."""
    return max(sum(one.values()) for one in rounds) < 5 * span


def _once(case: Case) -> tuple[float, dict[str, float]]:
    """Return the objective that all ways found, and the seconds of each, garbage cleared away before."""
    times: dict[str, float] = {}
    found = set()
    arrays = build(case).arrays
    for name, way in (
        ("build", lambda: build(case)),
        ("straight", lambda: _straight(build(case).arrays)),
        ("through_pulp", lambda: _through_pulp(build(case))),
        ("arrays", lambda: _straight(arrays)),
    ):
        gc.collect()
        started = time.process_time()
        answer = way()
        times[name] = time.process_time() - started
        if name != "build":
            found.add(float(arrays.cost @ answer))
    (objective,) = found
    return objective, times


def _straight(arrays: Arrays) -> Floats:
    solution = Live(arrays).solve()
    assert solution is not None
    return solution.x


def _through_pulp(built: Built) -> Floats:
    problem, variables = to_pulp(built.model.program, built.arrays)
    problem.solve(ArraySolver(built.arrays, variables, relaxed=True))
    return np.array([variable.varValue for variable in variables])


def case_of(folder: Path, months: int, servers: int, offers: int, workloads: int, hours: int) -> Case:
    """Return the case of a made-up catalog and a scenario; `hours` is the number of different hours of the week, ≤ 48.

    Newer GPUs are faster and dearer; every offer has two commitments, every second one spot and a quota; workloads
    peak at different hours of the day. No option is so good that it leaves nothing to decide.
    """
    gpus = [f"gpu-{k}" for k in range(servers)]
    catalog = {
        "sources": [{"id": "made-up", "title": "made up for measurements"}],
        "providers": [{"id": f"cloud-{o}", "name": f"cloud {o}"} for o in range(offers)],
        "gpus": [{"id": gpu, "name": gpu, "memory_gb": 80} for gpu in gpus],
        "offers": [_offer(o, gpus[o % servers], o % servers) for o in range(offers)],
        "servers": [_server(k) for k in range(servers)],
        "sites": [{"id": "room", "name": "room", "country": "US", "ownership": "own_room", "pue": _fact(1.4),
                   "electricity_usd_per_kwh": _fact(0.12), "space_usd_per_kw_month": _fact(100)}],
    }  # fmt: skip
    document = {
        "name": "made-up", "start": "2027-01", "as_of": "2026-11-21", "horizon_months": months,
        "finance": {"wacc_fraction": 0.09, "source": "made up"},
        "sites": [{"id": "room", "power_limit_kw": 400}],
        "whole": {"servers": False, "commitments": False},
        "workloads": [_workload(w, gpus, hours) for w in range(workloads)],
        "limits": {"on_demand_quota_gpus": {f"offer-{o}": 40 + 8 * o for o in range(0, offers, 2)},
                   "spot_depth_gpus": {f"offer-{o}": 16 + o for o in range(1, offers, 2)}},
    }  # fmt: skip
    prices = folder / "pricing"
    prices.mkdir(exist_ok=True)
    for path, content in ((prices / "all.yaml", catalog), (folder / "made-up.yaml", document)):
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
    rows = load_catalog(prices)
    return build_case(rows, load_scenario(folder / "made-up.yaml", rows))


def _fact(value: float) -> dict[str, Any]:
    return {"value": value, "date": "2026-01-01", "source": "made-up", "basis": "made up", "confidence": "high"}


def _speed(k: int) -> float:
    return round(1 + 0.6 * k, 3)


def _offer(o: int, gpu: str, k: int) -> dict[str, Any]:
    rate = round((2 + 0.13 * o) * _speed(k) ** 0.9, 4)
    terms = [
        {"id": f"{months}m", "term_months": months, "upfront_fraction": upfront, "hourly_billed": "term",
         "usd_per_gpu_hour": _fact(round(rate * part, 4))}
        for months, upfront, part in ((12, 0.0, 0.7), (36, 0.5, 0.45))
    ]  # fmt: skip
    spot = {"spot_usd_per_gpu_hour": _fact(round(rate * 0.4, 4))} if o % 2 else {}
    return {"id": f"offer-{o}", "provider": f"cloud-{o}", "region": "any", "country": "US", "gpu": gpu, "gpus": 8,
            "on_demand_usd_per_gpu_hour": _fact(rate), "commitments": terms, **spot}  # fmt: skip


def _server(k: int) -> dict[str, Any]:
    facts = {
        "purchase_usd_per_server": 120_000 * _speed(k) ** 0.9, "network_usd_per_server": 9_000,
        "storage_usd_per_server": 3_000, "installation_usd_per_server": 2_000, "decommissioning_usd_per_server": 500,
        "spare_parts_fraction": 0.02, "support_fraction_per_year": 0.04, "licence_usd_per_gpu_year": 0,
        "power_active_kw": 6 + 2 * k, "power_idle_kw": 2, "rack_units": 8, "lead_time_months": 2,
        "availability_fraction": 0.98, "useful_life_months": 60,
    }  # fmt: skip
    resale = {"12": _fact(0.6), "36": _fact(0.25), "60": _fact(0.1)}
    return {"id": f"server-{k}", "name": f"server {k}", "gpu": f"gpu-{k}", "gpus": 8, "resale_fraction": resale} | {
        name: _fact(round(value, 2)) for name, value in facts.items()
    }


def _workload(w: int, gpus: list[str], hours: int) -> dict[str, Any]:
    """A serving workload; loads of `hours` hours differ, the rest of the week repeats the last."""
    load = [round(1 + 0.5 * (w + 1) * min(h, hours - 1) / 48 + (7 * h + 5 * w) % 11 / 10, 3) for h in range(48)]
    load[hours:] = load[hours - 1 : hours] * (48 - hours)
    return {
        "name": f"work-{w}", "kind": "serving", "unit": "GPU-hour of gpu-0", "speed_source": "made up",
        "demand": {"peak_per_hour": 120 + 30 * w, "shape": {"weekday": load[:24], "weekend": load[24:]},
                   "growth": {"annual_rate": 0.2 + 0.05 * w}},
        "speed": {gpu: round(_speed(k) * (1 + 0.03 * (w + k) % 0.2), 3) for k, gpu in enumerate(gpus)},
        "headroom_fraction": 0.1 if w % 2 else 0.0,
        "spot": {"share_fraction": 0.2, "loss_fraction": 0.05},
    }  # fmt: skip


def main(sizes: list[int]) -> None:
    print(f"PuLP {pulp.__version__}, seconds of processor, medians")
    heads = ("nonzeros", "rounds", "build", "arrays", "straight", "ratio", "through PuLP", "ratio", "at most")
    print("".join(f"{head:>13}" for head in heads))
    for size in sizes:
        one = measure(size)
        ratios = one["ratio_straight"], one["ratio_through_pulp"]
        cells = (
            f"{one['nonzeros']:,.0f}", f"{one['rounds']:.0f}", f"{one['build']:.4f}", f"{one['arrays']:.4f}",
            f"{one['straight']:.4f}", f"{ratios[0]:.3f}", f"{one['through_pulp']:.4f}", f"{ratios[1]:.3f}",
            f"{LIMITS.get(size, '')}",
        )  # fmt: skip
        print("".join(f"{cell:>13}" for cell in cells), flush=True)


if __name__ == "__main__":
    main(sorted(int(text) for text in sys.argv[1:]) or [size for size in SIZES if size <= 100_000])
