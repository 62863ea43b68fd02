"""A serving workload out of GPU-hours of the past: a typical week, and the work of the months to come."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from planner.actuals.duck import refuse
from planner.actuals.forecast import Forecast, forecast
from planner.actuals.history import Month, Pick, gpu_hours_by_gpu, hourly, monthly_gpu_hours, resolved, typical_week
from planner.actuals.store import Store
from planner.errors import Complaint, InputError, Place, nearest
from planner.units import HOURS_PER_WEEK, hours_in, month_label, months_between

if TYPE_CHECKING:
    from planner.catalog.load import Catalog

LEAST_COVERED = HOURS_PER_WEEK
"""Hours of the first or last month, below which it is left out."""
LONGEST = 600


@dataclass(frozen=True)
class FutureDemand:
    """Demand of the months to come in GPU-hours of a reference GPU, and what it was worked out from.

    Attributes
    ----------
    forecast : of mean GPUs in use, from the month after the last of `past` on
    labels, gpu_hours, low, high : of the months asked for
    week : mean GPUs by hour of a week from Monday 00:00; None where hours are not known
    speeds : of the GPUs seen, 1 for the reference
    """

    pick: Pick
    reference: str
    speeds: Mapping[str, float]
    past: tuple[Month, ...]
    forecast: Forecast
    labels: tuple[str, ...]
    gpu_hours: tuple[float, ...]
    low: tuple[float, ...] | None
    high: tuple[float, ...] | None
    week: tuple[float, ...] | None


def future_demand(
    store: Store, catalog: Catalog, pick: Pick, months: int, start: str | None = None, reference: str | None = None,
    time_zone: str = "UTC",
) -> FutureDemand:  # fmt: skip
    """Forecast the demand of `months` months from `start` on, by default the month after the past.

    A month counts as mean GPUs over the hours that are covered, so that short months and halves compare.

    Raises
    ------
    InputError
        when the store holds nothing of the sort, GPUs cannot be compared, or `start` lies in the past.
    """
    pick = resolved(store, pick)
    reference, speeds = _speeds(store, catalog, pick, reference)
    past = _covered(_weighted(store, pick, speeds))
    after = month_label(past[-1].label, 1)
    ahead = months_between(after, start) if start else 0
    if not 0 <= ahead <= LONGEST:
        refuse(store.path, f"knows {past[-1].label}: demand begins in {after} or later", f"--start {after}")
    said = forecast([one.gpu_hours / one.hours for one in past], ahead + months)
    labels = tuple(month_label(after, ahead + offset) for offset in range(months))

    def of_months(values: Sequence[float]) -> tuple[float, ...]:
        return tuple(
            round(value * hours_in(label, "calendar"), 3) for label, value in zip(labels, values[ahead:], strict=True)
        )

    hours = hourly(store, pick)
    week = None if hours is None else typical_week(store, hours, time_zone)
    if not any(said.values[ahead:]):
        refuse(store.path, "leads to no demand at all: its last months are empty")
    return FutureDemand(
        pick, reference, speeds, tuple(past), said, labels, of_months(said.values),
        said.low and of_months(said.low), said.high and of_months(said.high), tuple(week) if week else None,
    )  # fmt: skip


def workload(found: FutureDemand, name: str, csv: str | None = None) -> dict[str, Any]:
    """Return the workload of a scenario; its shape is a week in the file `csv` where one is named."""
    shape: Any = "flat"
    if found.week and csv:
        shape = {"csv": csv, "column": "gpus", "covers": "week"}
    elif found.week:
        days = [found.week[day * 24 : day * 24 + 24] for day in range(7)]
        shape = {
            "weekday": [round(sum(day[hour] for day in days[:5]) / 5, 4) for hour in range(24)],
            "weekend": [round(sum(day[hour] for day in days[5:]) / 2, 4) for hour in range(24)],
        }
        if not any(shape["weekday"] + shape["weekend"]):
            shape = "flat"
    return {
        "name": name,
        "kind": "serving",
        "unit": f"{found.reference} GPU-hour",
        "demand": {"work_per_month": list(found.gpu_hours), "shape": shape},
        "speed": dict(found.speeds),
        "speed_source": "by definition" if len(found.speeds) == 1
        else "ratio of dense 16-bit peaks of the catalog, an assumption: measure it",
    }  # fmt: skip


def as_yaml(found: FutureDemand, name: str, csv: str | None = None) -> str:
    """Return the workload as YAML, under comments that say where it comes from and how well that went before."""
    lines = [f"# {line}" for line in told(found)]
    block = workload(found, name, csv)
    demand = block.pop("demand")
    after = {key: block.pop(key) for key in ("speed", "speed_source")}
    lines += ["workloads:", *_entries(block, "  - ", "    "), "    demand:"]
    lines += [
        f"      # {found.labels[0]} to {found.labels[-1]}: start and horizon_months of the scenario must be these"
    ]
    lines += [*_entries(demand, "      ", "      "), *_entries(after, "    ", "    ")]
    return "\n".join(lines) + "\n"


def told(found: FutureDemand) -> list[str]:
    """Return what the demand was worked out from, in lines."""
    said, past = found.forecast, found.past
    error = "its error could not be measured: too few months" if said.mape is None else (
        f"back-test: error {said.mape:.1%} of the month's figure (MAPE), bias {said.bias or 0:+.1%}; "
        f"the naive forecast's error {said.naive_mape or 0:.1%}"
    )  # fmt: skip
    lines = [
        f"GPU-hours of {found.pick.source} ({found.pick.kind}), {past[0].label} to {past[-1].label}, "
        f"{sum(one.gpu_hours for one in past):,.0f} in all.",
        f"Forecast: {said.method}; {error}.",
    ]
    if found.low and found.high:
        ends = [f"{found.low[one]:,.0f} and {found.high[one]:,.0f} in {found.labels[one]}" for one in (0, -1)]
        lines.append(f"80 % of what comes should lie between {', '.join(ends)}.")
    lines.append("The week is a mean of many: an hour's own peak lies above it." if found.week
                 else "The shape is flat: it takes a week of hours to tell a typical one.")  # fmt: skip
    return lines


def _entries(block: Mapping[str, Any], first: str, indent: str) -> list[str]:
    """Return lines of YAML; values are JSON, which YAML reads."""
    return [
        f"{indent if place else first}{key}: {json.dumps(value, ensure_ascii=False)}"
        for place, (key, value) in enumerate(block.items())
    ]


def _speeds(store: Store, catalog: Catalog, pick: Pick, reference: str | None) -> tuple[str, dict[str, float]]:
    """Return the reference GPU, and the speed of every GPU that was seen; one of an unknown name is the reference."""
    seen, gpus = gpu_hours_by_gpu(store, pick), catalog.section("gpus")
    if reference is not None and reference not in gpus:
        complaint = Complaint(
            Place("--reference-gpu"), "", "is no GPU of the catalog", reference, cure=nearest(reference, gpus)
        )
        raise InputError([complaint])
    if len(seen) == 1 and (reference or next(iter(seen)) in gpus):
        alone = next(iter(seen))
        if reference is None or alone not in gpus:
            return str(reference or alone), {str(reference or alone): 1.0}
    held = ", ".join(f"{gpu or 'no model'} {hours:,.0f} h" for gpu, hours in seen.items())
    if reference is None:
        known = [str(gpu) for gpu in seen if gpu in gpus]
        chosen = f"--gpu chooses one ({', '.join(known)}), or " if known else ""
        refuse(store.path, f"holds GPU-hours of {held}", f"{chosen}--reference-gpu ID counts all in hours of that GPU")
    peaks = {gpu: _peak(gpus[gpu]) for gpu in (reference, *seen) if gpu in gpus}
    if without := [str(gpu or "of no name") for gpu in (reference, *seen) if not peaks.get(gpu or "")]:
        refuse(store.path, f"cannot compare GPUs: the catalog knows no peak of {', '.join(without)}",
               "--gpu chooses one; one alone that the catalog does not know counts as the reference")  # fmt: skip
    return reference, {
        str(gpu): round(peaks[str(gpu)] / peaks[reference], 4) for gpu in dict.fromkeys((reference, *seen))
    }


def _peak(gpu: Any) -> float:
    facts = gpu.peak_16bit_tflops
    return float(max(facts, key=lambda fact: fact.date).value) if facts else 0.0


def _weighted(store: Store, pick: Pick, speeds: Mapping[str, float]) -> list[Month]:
    """Return the months in GPU-hours of the reference."""
    if len(speeds) == 1:
        return monthly_gpu_hours(store, pick)
    seen = [gpu for gpu in gpu_hours_by_gpu(store, pick) if gpu is not None]
    parts = [(speeds[gpu], monthly_gpu_hours(store, replace(pick, gpu=gpu))) for gpu in seen]
    return [
        Month(
            same[0].label,
            sum(speed * one.gpu_hours for (speed, _), one in zip(parts, same, strict=True)),
            same[0].hours,
        )
        for same in zip(*(months for _, months in parts), strict=True)
    ]


def _covered(months: list[Month]) -> list[Month]:
    """Leave out a first or last month of which less than a week is covered, while others are left."""
    kept = list(months)
    for end in (0, -1):
        if len(kept) > 1 and kept[end].hours < LEAST_COVERED:
            kept.pop(end)
    return kept
