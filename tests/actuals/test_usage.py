"""Usage: what Slurm, Prometheus, OpenShift and OpenCost say, and the plain table of demand."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from planner.actuals.monthly import charges_by_month, usage_by_month
from planner.actuals.store import How, Imported, Store, Told
from planner.errors import InputError
from tests.actuals.small import SAMPLES, add, write

JOB = {
    "JobIDRaw": "1", "Cluster": "c1", "User": "u", "Account": "vision", "Partition": "gpu", "State": "COMPLETED",
    "Submit": "2026-10-05T09:00:00", "Start": "2026-10-05T10:00:00", "End": "2026-10-05T12:30:00",
    "ElapsedRaw": "9000", "AllocTRES": "billing=96,cpu=96,gres/gpu:a100=8,gres/gpu=8,mem=1000G,node=1",
}  # fmt: skip
"""Eight GPUs for two and a half hours, after an hour in the queue."""


def sacct(path: Path, *changes: Mapping[str, str]) -> Path:
    rows = [JOB | dict(one) for one in changes]
    path.write_text("\n".join("|".join(line) for line in [list(JOB), *(list(row.values()) for row in rows)]) + "\n")
    return path


def usage(store: Store, what: str = "*") -> list[dict[str, Any]]:
    return store.rows(f"SELECT {what} FROM usage ORDER BY line, gpu")


def told(store: Store, path: Path, **said: str) -> Imported:
    (done,) = store.add("auto", [path], How(), Told(**said))
    return done


def test_a_job_of_slurm_counts_typed_and_untyped_gpus_once(store: Store, tmp_path: Path) -> None:
    done = add(store, sacct(tmp_path / "a.txt", {}))
    (one,) = usage(store)
    assert done.format == "slurm" and done.note is not None and "--time-zone" in done.note
    assert (one["gpus"], one["gpu_hours"], one["queued_gpu_hours"], one["gpu"]) == (8, 20, 8, "a100")
    assert (one["team"], one["workload"], one["cluster"], one["kind"]) == ("vision", "gpu", "c1", "allocated")
    assert usage_by_month(store)[["gpu_hours", "queued_gpu_hours"]].values.tolist() == [[20, 8]]
    assert (one["start"], one["end"]) == (datetime(2026, 10, 5, 10), datetime(2026, 10, 5, 12, 30))


@pytest.mark.parametrize(
    ("changes", "hours", "doubt"),
    [
        ({"AllocTRES": "cpu=4,gres/gpu=2"}, [5], None),
        ({"AllocTRES": "cpu=4,mem=8G"}, [0], None),
        ({"AllocTRES": "gres/gpu:a100=2,gres/gpu:h100=4,gres/gpu=7"}, [2.5, 5, 10], None),
        ({"AllocTRES": "gres/gpu:a100_3g.20gb=2,gres/gpu=2"}, [2.5 * 6 / 7], None),
        ({"AllocTRES": "gres/gpu:1g.6gb=2,gres/gpu=2"}, [2.5 * 2 / 4], None),
        ({"AllocTRES": "", "ElapsedRaw": "0", "Start": "None", "End": "2026-10-05T12:30:00",
          "State": "CANCELLED by 1001"}, [0], None),
        ({"AllocTRES": ""}, [None], "ran, but says nothing of its allocation"),
        ({"End": "Unknown", "State": "RUNNING", "ElapsedRaw": "3600"}, [8], None),
        ({"Start": "Unknown"}, [None], "ran, but has no start"),
        ({"JobIDRaw": "1.batch"}, [None], "not counted: step of a job, whose allocation counts"),
        ({"ElapsedRaw": "90000"}, [None], "more GPU-hours than its time holds"),
        ({"ElapsedRaw": "long"}, [None], "time held is no number"),
        ({"Start": "5 May"}, [None], "start is no time"),
        ({"End": "soon"}, [None], "end is no time"),
    ],
)  # fmt: skip
def test_jobs_that_are_not_plain(
    store: Store, tmp_path: Path, changes: dict[str, str], hours: list[float | None], doubt: str | None
) -> None:
    add(store, sacct(tmp_path / "a.txt", changes))
    found = store.rows("SELECT gpu_hours, doubt FROM usage ORDER BY gpu_hours")
    assert [one["gpu_hours"] if one["gpu_hours"] is None else float(one["gpu_hours"]) for one in found] == (
        hours if hours == [None] else pytest.approx(hours)
    )
    assert {one["doubt"] for one in found} == {doubt}


def test_elapsed_may_be_days_or_left_out(store: Store, tmp_path: Path) -> None:
    days = sacct(tmp_path / "a.txt", {"ElapsedRaw": "1-02:30:00", "End": "2026-10-06T12:30:00"})
    days.write_text(days.read_text().replace("ElapsedRaw", "Elapsed"))
    add(store, days)
    assert usage(store, "gpu_hours") == [{"gpu_hours": Decimal("26.5") * 8}]
    bare = sacct(tmp_path / "b.txt", {"Cluster": "c2", "ElapsedRaw": ""})
    add(store, bare)
    assert store.rows("SELECT gpu_hours FROM usage WHERE cluster = 'c2'") == [{"gpu_hours": 20}]


def test_a_run_again_counts_again_but_the_same_run_counts_once(store: Store, tmp_path: Path) -> None:
    again = {"Start": "2026-10-06T10:00:00", "End": "2026-10-06T12:30:00"}
    done = add(store, sacct(tmp_path / "a.txt", {"State": "REQUEUED"}, again, {}))
    assert (done.rows, done.gpu_hours, done.unknown, done.uncounted) == (3, 40, 0, 1)
    assert [one["reason"] for one in store.unknown()] == ["not counted: the same run of a job again"]


def test_local_times_and_those_that_say_their_zone(store: Store, tmp_path: Path) -> None:
    zoned = {"JobIDRaw": "2", "Start": "2026-10-05T10:00:00-0500", "End": "2026-10-05T12:30:00-0500"}
    done = told(store, sacct(tmp_path / "a.txt", {}, zoned), time_zone="Europe/Berlin")
    assert done.note is None
    assert [one["start"].hour for one in usage(store)] == [8, 15]
    with pytest.raises(InputError, match=r"Unknown TimeZone 'Moon/Base'"):
        told(store, sacct(tmp_path / "b.txt", {"Cluster": "c2"}), time_zone="Moon/Base")
    with pytest.raises(InputError, match="says its times in UTC"):
        told(store, write(tmp_path / "c.csv", [POD]), time_zone="Europe/Berlin")
    add(store, sacct(tmp_path / "d.txt", {"Cluster": "c3"}))
    assert store.rows("SELECT start FROM usage WHERE cluster = 'c3'")[0]["start"].hour == 10


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Write what a site in Berlin exports each month: 27 hours of 8 GPUs in September, two in October's first night."""
    folder = tmp_path_factory.mktemp("berlin")
    nights = [
        {"JobIDRaw": str(day), "Start": f"2026-09-{day:02}T01:00:00", "End": f"2026-09-{day:02}T02:00:00",
         "ElapsedRaw": "3600"} for day in range(2, 29)
    ]  # fmt: skip
    first = {"JobIDRaw": "100", "Start": "2026-10-01T00:00:00", "End": "2026-10-01T02:00:00", "ElapsedRaw": "7200"}
    return sacct(folder / "september.txt", *nights), sacct(folder / "october.txt", first)


@pytest.mark.parametrize("replace", [False, True])
def test_months_of_local_time_stand_beside_each_other(store: Store, months: tuple[Path, Path], replace: bool) -> None:
    for path in months:
        (done,) = store.add("slurm", [path], How(replace), Told(time_zone="Europe/Berlin"))
        assert done.replaced == {}
    assert usage_by_month(store).groupby("month").gpu_hours.sum().to_dict() == {"2026-09": 27 * 8 + 16}


def test_a_run_in_two_exports_counts_once_in_that_which_says_most(store: Store, tmp_path: Path) -> None:
    begun = {"JobIDRaw": "7", "Start": "2026-10-30T00:00:00", "End": "Unknown", "ElapsedRaw": "86400"}
    over = begun | {"End": "2026-11-02T00:00:00", "ElapsedRaw": "259200"}
    other = {"JobIDRaw": "8", "Start": "2026-10-05T00:00:00", "End": "2026-10-05T01:00:00", "ElapsedRaw": "3600"}
    october, november = sacct(tmp_path / "10.txt", begun, other), sacct(tmp_path / "11.txt", over)
    add(store, october)
    assert add(store, november).replaced == {str(october): 1}
    assert usage_by_month(store).groupby("month").gpu_hours.sum().to_dict() == {"2026-10": 8 + 384, "2026-11": 192}
    again = add(store, october)
    assert (again.unchanged, again.gpu_hours, again.uncounted) == (False, 8, 1)
    assert [one["reason"] for one in store.unknown()] == ["not counted: another file says more of the same run"]
    assert usage_by_month(store).gpu_hours.sum() == 8 + 576


def test_a_job_over_the_change_of_the_clock_keeps_its_hours(store: Store, tmp_path: Path) -> None:
    night = {"Start": "2026-10-25T02:30:00", "End": "2026-10-25T02:10:00", "ElapsedRaw": "2400", "Submit": ""}
    done = told(store, sacct(tmp_path / "a.txt", night), time_zone="Europe/Berlin")
    assert (float(done.gpu_hours), done.unknown) == (pytest.approx(8 * 40 / 60), 0)


def test_samples_of_one_day_stand_beside_each_other_but_not_the_same_time_twice(store: Store, tmp_path: Path) -> None:
    def hours(name: str, first: int, values: list[int]) -> Path:
        return answer(tmp_path / name, [({"namespace": "a"}, values)], 1791190800 + 3600 * first)

    add(store, hours("a.json", 0, [1] * 5))
    add(store, hours("b.json", 5, [1] * 5))
    with pytest.raises(InputError, match=r"covers 2026-10-05 of prometheus, as .*b\.json does"):
        add(store, hours("c.json", 9, [8] * 5))
    done = add(store, tmp_path / "c.json", replace=True)
    assert list(done.replaced.values()) == [1]
    assert usage_by_month(store).gpu_hours.sum() == 5 + 4 + 40


def test_names_with_quotes_are_text(store: Store, tmp_path: Path) -> None:
    add(store, sacct(tmp_path / "a.txt", {"Account": '"a'}, {"JobIDRaw": "2"}))
    assert [one["team"] for one in usage(store)] == ['"a', "vision"]


JSON_JOB = {
    "job_id": 7, "cluster": "c1", "user": "u", "account": "vision", "partition": "gpu",
    "state": {"current": ["COMPLETED"], "reason": "None"}, "steps": [{"tres": {"allocated": [
        {"type": "gres", "name": "gpu", "id": 1001, "count": 8}]}}],
    "time": {"submission": 1791190800, "start": 1791194400, "end": 1791203400, "elapsed": 9000},
    "tres": {"allocated": [{"type": "cpu", "name": "", "id": 1, "count": 96},
                           {"type": "gres", "name": "gpu", "id": 1001, "count": 8},
                           {"type": "gres", "name": "gpu:a100", "id": 1002, "count": 8}]},
}  # fmt: skip


@pytest.mark.parametrize("packed", [False, True])
def test_jobs_in_json_are_those_of_the_table(store: Store, tmp_path: Path, packed: bool) -> None:
    running = {
        "job_id": {"set": True, "infinite": False, "number": 8}, "state": ["RUNNING"],
        "time": JSON_JOB["time"] | {"end": {"set": True, "number": 0}},  # type: ignore[operator]
    }  # fmt: skip
    pending = {"job_id": 9, "time": {"submission": 1791190800, "start": 0, "end": 0, "elapsed": 0}, "tres": {}}
    text = json.dumps({"meta": {"Slurm": {}}, "jobs": [JSON_JOB, JSON_JOB | running, JSON_JOB | pending]}, indent=1)
    path = tmp_path / "a.json"
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    done = add(store, path)
    assert (done.format, done.rows, done.gpu_hours, done.unknown, done.note) == ("slurm", 3, 40, 0, None)
    first = usage(store)[0]
    assert (first["start"], first["gpus"], first["queued_gpu_hours"]) == (datetime(2026, 10, 5, 10), 8, 8)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"jobs": [{"job_id": 1}', "cut off"),
        ('{"jobs": [1]}', "no object"),
        ('{"jobs": [{"job_id": }]}', "no JSON"),
        ('{"status":"error","errorType":"bad_data","error":"exceeded 11,000 points"}', "error of Prometheus: exceeded"),
        ('{"status":"success","data":{"resultType":"vector","result":[]}}', "instant query"),
        ('{"a": 1}', "no answer of Prometheus"),
        ('{"jobs": [' + '{"a":' * 100_000, "no JSON"),
    ],
)
def test_json_that_is_something_else_is_refused(store: Store, tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(InputError, match=why):
        add(store, tmp_path / "a.json")
    assert store.rows("SELECT * FROM files") == []


def test_objects_are_read_one_by_one_within_a_limit(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from planner.actuals import jsonfile

    monkeypatch.setattr(jsonfile, "HEAD", 50)

    def short(path: Path) -> Path:
        path.write_text('{"data":{"resultType":"matrix","result":[' + path.read_text().partition('"result": [')[2])
        return path

    path = short(answer(tmp_path / "a.json", [({"namespace": f"n{n}"}, [1, 2, 3]) for n in range(40)]))
    assert add(store, path).gpu_hours == 240
    monkeypatch.setattr(jsonfile, "MAX_OBJECT", 60)
    with pytest.raises(InputError, match="too large"):
        add(store, short(answer(tmp_path / "b.json", [({"namespace": "n" * 200}, [1, 2, 3])])))


def answer(path: Path, series: Any, first: int = 1791190800) -> Path:
    """Write an answer of Prometheus: labels and values of series, an hour apart."""
    result = [
        {"metric": labels, "values": [[first + 3600 * n, str(value)] for n, value in enumerate(values)]}
        for labels, values in series
    ]
    path.write_text(json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}}))
    return path


def test_requests_count_for_their_step_and_say_the_trap(store: Store, tmp_path: Path) -> None:
    done = told(store, answer(tmp_path / "a.json", [
        ({"namespace": "research"}, [16, 24, "NaN"]), ({"namespace": "serving", "cluster": "x"}, [8, "+Inf", 8]),
        ({"__name__": "kube_pod_container_resource_requests", "resource": "cpu"}, [3, 3]),
        ({"resource": "nvidia_com_mig_1g_5gb", "namespace": "a"}, [7, 7]), ({"namespace": "short"}, [5]),
        ({"__name__": "kube_node_status_allocatable"}, [9]),
    ]), cluster="k8s")  # fmt: skip
    assert (done.format, done.gpu_hours) == ("prometheus", 16 + 24 + 8 + 8 + 2 + 5)
    assert (done.unknown, done.uncounted) == (2, 3)
    assert done.note is not None and "pending" in done.note
    months = usage_by_month(store).groupby(["team", "cluster"]).gpu_hours.sum().to_dict()
    assert months["research", "k8s"] == 40 and months["serving", "x"] == 16 and months["a", "k8s"] == 2
    assert {one["reason"] for one in store.unknown()} == {
        "value is no number: NaN", "value is no number: +Inf", "not counted: resource is no GPU: cpu",
        "not counted: supply, not use: kube_node_status_allocatable",
    }  # fmt: skip


def test_one_sample_alone_has_no_step(store: Store, tmp_path: Path) -> None:
    add(store, answer(tmp_path / "a.json", [({"namespace": "a"}, [5]), ({"namespace": "b"}, [5])]))
    assert {one["doubt"] for one in usage(store)} == {"one sample alone: its step is not known"}


def test_utilization_is_weighted_by_the_time_measured(store: Store, tmp_path: Path) -> None:
    gpu = {"__name__": "DCGM_FI_DEV_GPU_UTIL", "modelName": "NVIDIA A100-SXM4-40GB", "namespace": "monitoring"}
    done = add(store, answer(tmp_path / "a.json", [
        (gpu | {"UUID": "1", "exported_namespace": "vision"}, [50, 100, 9223372036854775794, "NaN", 101]),
        (gpu | {"UUID": "2", "exported_namespace": "vision"}, [0]),
        (gpu | {"__name__": "DCGM_FI_DEV_FB_USED"}, [80000]),
    ]))  # fmt: skip
    assert (done.gpu_hours, done.unknown, done.uncounted) == (3, 3, 1)
    (month,) = usage_by_month(store).dropna(subset="utilization_fraction").to_dict("records")
    assert (month["team"], month["gpu"], month["kind"]) == ("vision", "a100-sxm-40gb", "used")
    assert month["utilization_fraction"] == pytest.approx(0.5)
    assert {one["reason"] for one in store.unknown()} == {
        "not supported by the GPU: a blank of DCGM", "value is no number: NaN",
        "utilization is not between 0 and 1", "not counted: no metric of use: DCGM_FI_DEV_FB_USED",
    }  # fmt: skip


def test_a_gpu_that_two_metrics_measure_counts_once_and_mig_in_part(store: Store, tmp_path: Path) -> None:
    done = add(store, answer(tmp_path / "a.json", [
        ({"__name__": "DCGM_FI_DEV_GPU_UTIL", "UUID": "1"}, [50, 50]),
        ({"__name__": "DCGM_FI_PROF_GR_ENGINE_ACTIVE", "UUID": "1"}, [0.25, 0.25]),
        ({"__name__": "DCGM_FI_PROF_GR_ENGINE_ACTIVE", "UUID": "2", "GPU_I_PROFILE": "3g.40gb"}, [1, 1]),
    ]))  # fmt: skip
    assert float(done.gpu_hours) == pytest.approx(2 + 6 / 7)
    assert (done.unknown, done.uncounted) == (0, 2)
    assert [one["utilization_fraction"] for one in usage(store)][2:] == [0.25, 0.25, 1, 1]


def test_a_metric_without_its_name_is_told(store: Store, tmp_path: Path) -> None:
    told(store, answer(tmp_path / "a.json", [({"UUID": "1"}, [50, 50])]), metric="DCGM_FI_DEV_GPU_UTIL")
    assert [(one["kind"], one["gpu_hours"]) for one in usage(store)] == [("used", 1), ("used", 1)]


POD = {
    "interval_start": "2026-10-01 00:00:00 +0000 UTC", "interval_end": "2026-10-01 00:59:59 +0000 UTC",
    "namespace": "vision", "pod": "p", "gpu_uuid": "GPU-1", "gpu_model_name": "A10", "gpu_memory_capacity_mib": "24576",
    "gpu_pod_uptime": "1800", "mig_instance_id": "", "mig_profile": "", "mig_strategy": "",
}  # fmt: skip


def test_pods_of_openshift_hold_a_gpu_or_a_part_of_it(store: Store, tmp_path: Path) -> None:
    part = {"mig_instance_id": "1", "mig_strategy": "mixed"}
    done = add(store, write(tmp_path / "a.csv", [
        POD, POD | part | {"mig_profile": "2g.10gb"}, POD | part | {"mig_profile": "odd"}, POD | part,
        POD | {"gpu_pod_uptime": "4000"}, POD | {"gpu_model_name": "H100", "gpu_memory_capacity_mib": "81920"},
    ]))  # fmt: skip
    assert done.format == "openshift" and float(done.gpu_hours) == pytest.approx(0.5 + 0.5 * 2 / 7 + 0.5)
    first, *_, last = usage(store)
    assert (first["end"], first["gpu"], last["gpu"]) == (datetime(2026, 10, 1, 1), "a10-24gb", "h100")
    assert [one["doubt"] for one in usage(store)] == [
        None, None, "MIG profile not known: odd", "a MIG part without its profile",
        "more GPU-hours than its time holds", None,
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["NVIDIA-A100-SXM4-80GB-MIG-1g.10gb", "NVIDIA A100-SXM4-80GB MIG 1g.10gb"])
def test_a_gpu_whose_name_says_its_mig_profile_counts_in_part(store: Store, tmp_path: Path, name: str) -> None:
    add(store, write(tmp_path / "ocp_gpu_usage.csv", [POD | {"gpu_model_name": name, "gpu_pod_uptime": "3600"}]))
    (found,) = store.rows("SELECT gpu, gpu_hours, doubt FROM usage")
    assert found == {"gpu": "a100-sxm-80gb", "gpu_hours": Decimal("0.142857143"), "doubt": None}


CONTAINER = {
    "Date": "2026-10-05T00:00:00Z", "Namespace": "vision", "ControllerName": "train", "Pod": "p", "Container": "c",
    "GPUs": "0.5", "GPUCost": "12.5", "TotalCost": "20", "Label_nvidia_com_gpu_product": "NVIDIA-A10",
}  # fmt: skip


def test_container_days_of_opencost_are_use_and_charges_of_the_provider_told(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [CONTAINER, CONTAINER | {"GPUs": "0", "GPUCost": "0"}])
    done = told(store, path, provider="own", cluster="k")
    assert (done.rows, done.gpu_hours, done.unknown) == (2, 12, 0) and done.note is not None and "USD" in done.note
    month = charges_by_month(store).dropna(subset="gpu").to_dict("records")
    assert [
        (one["provider"], one["gpu"], one["gpu_hours"], one["effective_cost"], one["currency"]) for one in month
    ] == [("own", "a10-24gb", 12, 12.5, "USD")]
    with pytest.raises(InputError, match="covers 2026-10"):
        told(store, write(tmp_path / "b.csv", [CONTAINER]), cluster="k")
    (again,) = store.add("opencost", [tmp_path / "b.csv"], How(replace=True), Told(provider="own", cluster="k"))
    assert list(again.replaced.values()) == [4] and len(store.rows("SELECT * FROM files")) == 1
    assert store.rows("SELECT count(*) AS n FROM charges") == [{"n": 1}]


def test_without_a_provider_costs_of_opencost_are_left_out_and_said(store: Store, tmp_path: Path) -> None:
    done = told(store, write(tmp_path / "a.csv", [CONTAINER]))
    assert done.gpu_hours == 12 and store.rows("SELECT * FROM charges") == []
    assert done.note is not None and "GPUCost is left out" in done.note and "GPU-hours are at most" in done.note


def test_gpu_hours_by_month_are_a_table_anyone_can_write(store: Store, tmp_path: Path) -> None:
    row = {"month": "2026-10", "gpu_model": "H100 80GB HBM3", "region": "eu", "gpu_hours": "1234.5", "team": "vision"}
    done = add(store, write(tmp_path / "a.csv", [
        row, row | {"month": "2026-11-01", "team": ""}, row | {"gpu_hours": "many"}, row | {"gpu_hours": "-1"},
        row | {"month": "soon"}, row | {"gpu_hours": ""},
    ]))  # fmt: skip
    assert (done.format, done.gpu_hours) == ("demand", 2469)
    assert [one["doubt"] for one in usage(store)] == [
        None, None, "GPU-hours is no number", "less than nothing", "start is no time", "no GPU-hours",
    ]  # fmt: skip
    months = usage_by_month(store).query("gpu_hours > 0")
    assert months[["month", "gpu", "team"]].values.tolist()[0] == ["2026-10", "h100-sxm-80gb", "vision"]
    assert months.gpu_hours.tolist() == [1234.5, 1234.5]


@pytest.mark.skipif(not SAMPLES.exists(), reason=f"no samples at {SAMPLES}")
@pytest.mark.parametrize(
    ("name", "rows", "hours"),
    [
        ("prometheus/query_range_gpu_requests.json", 672, 10_752),
        ("cost-exports/ocp_gpu_usage.csv", 4_464, 2_207.325),
    ],
)
def test_samples(store: Store, name: str, rows: int, hours: float) -> None:
    done = add(store, SAMPLES / name)
    assert (done.rows, done.unknown) == (rows, 0) and float(done.gpu_hours) == pytest.approx(hours, abs=1e-6)


ODD = (
    "", "-1", "1e400", "9" * 40, "NaN", "2026-13-45", "9999-12-31 23:59:59", "0000-01-01", "294247-01-01", "'; --",
    "gres/gpu:a=99999999999999999999,gres/gpu=1", "0.1e-9", "١٢", "{}", "1_000", "99999999999",
)  # fmt: skip


@pytest.mark.parametrize("name", ["slurm", "openshift", "opencost", "demand", "owned"])
def test_no_cell_is_so_odd_that_a_file_is_lost(store: Store, tmp_path: Path, name: str) -> None:
    plain = {"month": "2026-10", "gpu_model": "h100", "gpu_hours": "1", "region": "eu", "team": "a"}
    owned = {
        "month": "2026-10",
        "component": "space",
        "site": "x",
        "usd": "1",
        "gpu_hours": "1",
        "kwh": "1",
        "gpu": "h",
    }
    row = {"slurm": JOB, "openshift": POD, "opencost": CONTAINER, "demand": plain, "owned": owned}[name]
    rows = [row | {column: odd} for column in row for odd in ODD if column != "component"]
    path = tmp_path / "a.csv"
    _ = sacct(path, *rows) if name == "slurm" else write(path, rows)
    (done,) = store.add(name, [path], How(), Told(provider="own"))
    assert done.rows >= len(rows) and done.unknown > 0
    for table in ("usage", "charges"):
        (bad,) = store.rows(
            f"SELECT count(*) AS n FROM {table} WHERE NOT isfinite(CAST(gpu_hours AS DOUBLE)) OR gpu_hours < 0"
        )
        assert bad["n"] == 0


def test_no_sample_is_so_odd_that_a_file_is_lost(store: Store, tmp_path: Path) -> None:
    text = json.dumps([[1791190800 + 60 * n, odd] for n, odd in enumerate(ODD)])
    times = json.dumps([[None, "1"], ["x", "1"], [-1, "1"], [1e300, "1"], [True, "1"], [1791190800], 7, None])
    odd = f'{{"metric": {{"__name__": 7, "resource": ["a"]}}, "values": {times}}}'
    ours = f'{{"metric": {{"a": {{}}}}, "values": {text}}}, {odd}, {{"metric": 7, "values": 7}}, {{}}'
    (tmp_path / "a.json").write_text(f'{{"data": {{"resultType": "matrix", "result": [{ours}]}}}}')
    done = add(store, tmp_path / "a.json")
    assert done.rows == len(ODD) + 8 and done.unknown >= 12
