"""Demand out of the past: hours, months, a typical week, and a workload that can be planned."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from planner.actuals.demand import as_yaml, future_demand, workload
from planner.actuals.history import Pick, hourly, monthly_gpu_hours, typical_week
from planner.actuals.store import How, Store
from planner.catalog.load import Catalog
from planner.errors import InputError
from planner.units import month_label
from tests.actuals.small import add, focus, write
from tests.actuals.test_usage import answer, sacct
from tests.command import run
from tests.shipped import shipped_catalog

MONDAY = 1791158400
"""2026-10-05 00:00 UTC."""
SCENARIO = """
name: from-bills
start: 2026-07
as_of: 2026-11-21
horizon_months: 3
finance: {wacc_fraction: 0.08, source: assumption}
offers:
  consider: [aws-p4de-24xlarge-us-east-1]
"""


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return shipped_catalog()


def months(path: Path, values: list[float], **changes: str) -> Path:
    rows = [{"month": month_label("2024-01", n), "gpu_model": "a100-sxm-80gb", "region": "", "gpu_hours": value,
             "team": "vision"} | changes for n, value in enumerate(values)]  # fmt: skip
    return write(path, rows)


def test_a_job_is_spread_over_its_hours_and_months(store: Store, tmp_path: Path) -> None:
    over = {"Start": "2026-10-31T22:30:00", "End": "2026-11-01T01:00:00"}
    add(store, sacct(tmp_path / "a.txt", {}, over | {"JobIDRaw": "2"}))
    hours = hourly(store)
    assert hours is not None and hours[hours > 0].tolist() == [8, 8, 4, 4, 8, 8] and hours.sum() == 40
    assert [(one.label, one.gpu_hours) for one in monthly_gpu_hours(store)] == [("2026-10", 32), ("2026-11", 8)]
    assert monthly_gpu_hours(store)[1].hours == 1 and monthly_gpu_hours(store)[0].hours == 26 * 24 + 14


def test_a_typical_week_by_the_clock_that_is_told(store: Store, tmp_path: Path) -> None:
    busy = [30 if 9 <= hour % 24 < 17 and hour < 120 else 10 for hour in range(168)]
    add(store, answer(tmp_path / "a.json", [({"namespace": "a"}, busy + [2 * one for one in busy])], first=MONDAY))
    hours = hourly(store)
    assert hours is not None and len(hours) == 336
    assert typical_week(store, hours) == [one * 1.5 for one in busy]
    later = typical_week(store, hours, "Asia/Tokyo")
    assert later is not None and later[9:] == [one * 1.5 for one in busy[:-9]]
    assert typical_week(store, hours[:167]) is None and typical_week(store, hours[:168]) == busy
    with pytest.raises(InputError, match="clock of 'Moon/Base'"):
        typical_week(store, hours, "Moon/Base")


def test_days_and_months_tell_no_hours(store: Store, tmp_path: Path) -> None:
    add(store, months(tmp_path / "a.csv", [100, 200]))
    assert hourly(store) is None
    assert [one.gpu_hours for one in monthly_gpu_hours(store)] == [100, 200]


def test_what_may_be_the_same_hours_is_never_added(store: Store, tmp_path: Path) -> None:
    add(store, sacct(tmp_path / "a.txt", {}))
    assert sum(one.gpu_hours for one in monthly_gpu_hours(store)) == 20
    add(store, answer(tmp_path / "b.json", [({"namespace": "a"}, [5, 5])]))
    with pytest.raises(InputError, match="allocated and requested"):
        monthly_gpu_hours(store)
    assert sum(one.gpu_hours for one in monthly_gpu_hours(store, Pick(kind="requested"))) == 10
    add(store, write(tmp_path / "c.csv", [focus()]))
    with pytest.raises(InputError, match="usage and of charges"):
        monthly_gpu_hours(store, Pick(kind="requested"))
    assert sum(one.gpu_hours for one in monthly_gpu_hours(store, Pick("charges", team="a"))) == 8
    with pytest.raises(InputError, match="there are teams vision and GPUs a100"):
        monthly_gpu_hours(store, Pick("usage", "allocated", team="speech"))


def test_utilization_counts_as_far_as_a_gpu_was_used(store: Store, tmp_path: Path) -> None:
    gpu = {"__name__": "DCGM_FI_DEV_GPU_UTIL", "UUID": "1"}
    add(store, answer(tmp_path / "a.json", [(gpu, [50, 100, 0])]))
    assert sum(one.gpu_hours for one in monthly_gpu_hours(store)) == 1.5


def test_months_count_as_mean_gpus_so_that_lengths_and_parts_compare(
    store: Store, tmp_path: Path, catalog: Catalog
) -> None:
    add(store, months(tmp_path / "a.csv", [days * 24 * 10 for days in (31, 29, 31, 30, 31)]))
    found = future_demand(store, catalog, Pick(), 2)
    assert found.gpu_hours == (7200, 7440) and found.labels == ("2024-06", "2024-07")
    assert found.forecast.mape == pytest.approx(0, abs=1e-12) and found.low == (7200, 7440)
    later = future_demand(store, catalog, Pick(), 1, start="2025-02")
    assert later.gpu_hours == (28 * 240,) and later.labels == ("2025-02",)
    with pytest.raises(InputError, match="begins in 2024-06 or later"):
        future_demand(store, catalog, Pick(), 2, start="2024-05")


def test_edges_of_less_than_a_week_are_left_out(store: Store, tmp_path: Path, catalog: Catalog) -> None:
    first = MONDAY + 26 * 86400 - 2 * 86400  # 29 October
    add(store, answer(tmp_path / "a.json", [({"namespace": "a"}, [100] * 72 + [10] * 24 * 20)], first=first))
    found = future_demand(store, catalog, Pick(), 1, reference="h100-sxm-80gb")
    assert [one.label for one in found.past] == ["2026-11"]
    assert found.gpu_hours == (31 * 240,)


def test_gpus_compare_by_their_peaks_or_not_at_all(store: Store, tmp_path: Path, catalog: Catalog) -> None:
    add(store, months(tmp_path / "a.csv", [7440]))
    add_more = months(tmp_path / "b.csv", [7440], gpu_model="h100-sxm-80gb")
    list(store.add("demand", [add_more], How(add=True)))
    with pytest.raises(InputError, match="a100-sxm-80gb 7,440 h, h100-sxm-80gb 7,440 h"):
        future_demand(store, catalog, Pick(), 1)
    ratio = round(312 / 989, 4)
    found = future_demand(store, catalog, Pick(), 1, reference="h100-sxm-80gb")
    assert found.speeds == {"h100-sxm-80gb": 1, "a100-sxm-80gb": pytest.approx(ratio, abs=1e-3)}
    assert found.gpu_hours[0] == pytest.approx(29 * 24 * 10 * (1 + found.speeds["a100-sxm-80gb"]), abs=0.01)
    assert "assumption" in workload(found, "a")["speed_source"]
    with pytest.raises(InputError, match="no GPU of the catalog"):
        future_demand(store, catalog, Pick(), 1, reference="h1000")
    odd = months(tmp_path / "c.csv", [7440], gpu_model="odd")
    list(store.add("demand", [odd], How(add=True)))
    with pytest.raises(InputError, match="no peak of odd"):
        future_demand(store, catalog, Pick(), 1, reference="h100-sxm-80gb")
    alone = future_demand(store, catalog, Pick(gpu="odd"), 1, reference="h100-sxm-80gb")
    assert alone.speeds == {"h100-sxm-80gb": 1} and alone.gpu_hours == (6960,)


def test_the_cure_for_gpus_of_no_name_is_one_that_works(store: Store, tmp_path: Path, catalog: Catalog) -> None:
    add(store, months(tmp_path / "a.csv", [7440.0], gpu_model=""))
    with pytest.raises(InputError, match="GPU-hours of no model") as caught:
        future_demand(store, catalog, Pick(), 2)
    assert caught.value.complaints[0].cure == "--reference-gpu ID counts all in hours of that GPU"
    with pytest.raises(InputError, match="GPUs of no name"):
        future_demand(store, catalog, Pick(gpu="none"), 2)
    assert future_demand(store, catalog, Pick(), 2, reference="h100-sxm-80gb").reference == "h100-sxm-80gb"


def test_names_are_text_in_yaml(store: Store, tmp_path: Path, catalog: Catalog) -> None:
    from planner.documents import parse_document

    add(store, months(tmp_path / "a.csv", [7440]))
    text = as_yaml(future_demand(store, catalog, Pick(), 1), 'a: "b" # {c}')
    assert parse_document(text, "a.yaml").value["workloads"][0]["name"] == 'a: "b" # {c}'


def test_history_becomes_a_workload_that_is_planned(tmp_path: Path) -> None:
    kept = str(tmp_path / "a.duckdb")
    bill = months(tmp_path / "a.csv", [3000 + 100 * month for month in range(30)])
    assert run("actuals", "import", "demand", str(bill), "--into", kept).returncode == 0
    asked = ("actuals", "demand", "--from", kept, "--months", "3")
    done = run(*asked, "--name", "vision")
    assert done.returncode == 0, done.stderr
    assert "MAPE" in done.stdout and "naive forecast's error" in done.stdout and "80 %" in done.stdout
    path = tmp_path / "scenario.yaml"
    path.write_text(SCENARIO + done.stdout)
    planned = run("plan", str(path), "--format", "json", "--quiet", "--no-report", "--out", str(tmp_path / "out"))
    assert planned.returncode == 0, planned.stderr
    told = json.loads(run(*asked, "--format", "json").stdout)
    assert told["mape"] < told["naive_mape"] < 0.25
    assert told["workload"]["demand"]["work_per_month"] == pytest.approx([6000, 6100, 6200], rel=0.05)
    rows = run(*asked, "--format", "csv").stdout.splitlines()
    assert rows[0] == "month,what,gpu_hours,low,high" and len(rows) == 1 + 30 + 3
    assert rows[1].startswith("2024-01,past,3000") and rows[-1].startswith("2026-09,forecast,")


def test_a_typical_week_in_a_file_is_planned_too(tmp_path: Path) -> None:
    kept, week = str(tmp_path / "a.duckdb"), tmp_path / "week.csv"
    asked = answer(tmp_path / "a.json", [({"namespace": "a"}, [8] * 200)], first=MONDAY - 100 * 86400)
    assert run("actuals", "import", "auto", str(asked), "--into", kept).returncode == 0
    done = run("actuals", "demand", "--from", kept, "--months", "3", "--reference-gpu", "a100-sxm-80gb",
               "--week", str(week), "--start", "2026-11")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(week.read_text().splitlines()) == 169 and '"csv": "week.csv"' in done.stdout
    path = tmp_path / "scenario.yaml"
    path.write_text(SCENARIO.replace("2026-07", "2026-11") + done.stdout)
    planned = run("plan", str(path), "--format", "json", "--quiet", "--no-report", "--out", str(tmp_path / "out"))
    assert planned.returncode == 0, planned.stderr


def test_what_starts_from_bills_alone_is_refused_without_them(tmp_path: Path) -> None:
    for option, value in (("--months", "12"), ("--gpu", "h100-sxm-80gb"), ("--reference-gpu", "h100-sxm-80gb")):
        made = run("init", str(tmp_path), option, value)
        assert made.returncode == 2 and f"{option} needs --from" in made.stderr
    assert not [*tmp_path.iterdir()]


def test_a_scenario_starts_from_bills(tmp_path: Path) -> None:
    kept, folder = str(tmp_path / "a.duckdb"), tmp_path / "new"
    bill = months(tmp_path / "a.csv", [3000 + 100 * month for month in range(30)])
    assert run("actuals", "import", "demand", str(bill), "--into", kept).returncode == 0
    made = run("init", str(folder), "--from", kept, "--months", "3")
    assert made.returncode == 0 and "out/from-actuals/" in made.stderr
    path = folder / "scenario.yaml"
    done = run("plan", str(path), "--format", "json", "--quiet", "--no-report", "--out", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    assert (plan["scenario"], plan["start"], plan["horizon_months"]) == ("from-actuals", "2026-07", 3)
    used = sum(row["gpu_hours"] for row in plan["decisions"]["rentals"])
    assert used == pytest.approx(6000 + 6100 + 6200, rel=0.05)
    text = path.read_text(encoding="utf-8")
    assert "# A starter scenario: what was used" in text and "chat" not in text
    assert (
        "consider: [server-8xa100-80gb" in text and "h100" not in text.partition("servers:")[2].partition("staff:")[0]
    )
