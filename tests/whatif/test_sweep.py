"""Sweeps: what is varied, and what comes of it as tables, files and pictures."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from planner.analysis.study import buys, solve_case
from planner.assemble import build_case
from planner.errors import InputError
from planner.model.solve import Effort
from planner.report.markdown import markdown_of
from planner.report.whatif.sweep import sections, verdict
from planner.scenario.load import load_scenario
from planner.whatif.base import Base
from planner.whatif.drivers import drivers
from planner.whatif.store import opened
from planner.whatif.sweep import check, grid, sampled
from planner.whatif.variables import MOST, Variable, variables
from tests.cli.test_cli import ROOT
from tests.command import run
from tests.shipped import shipped_catalog

SCENARIO = ROOT / "examples" / "eight-a100s.yaml"
RANGES = ("demand=0.8..1.2", "finance.wacc_fraction=0.05..0.1")


@pytest.fixture(scope="module")
def base() -> Base:
    catalog = shipped_catalog()
    return Base(catalog, load_scenario(SCENARIO, catalog))


def read(base: Base, *asked: str) -> list[Variable]:
    return variables(asked, drivers(base, base.case()))


def sweep(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return run("sweep", str(SCENARIO), *map(str, arguments))


@pytest.mark.parametrize(
    ("asked", "values"),
    [
        ("finance.wacc_fraction=0.06,0.08", ("0.06", "0.08")),
        ("finance.wacc_fraction=0.06:0.1:5", ("0.06", "0.07", "0.08", "0.09", "0.1")),
        ("horizon_months=24, 36,24", ("24", "36")),
        ("demand=1,1.0,0.5", ("1", "0.5")),
        ("sites.room.x=[a, b],c", ("[a, b]", "c")),
        ("start=2027-01,2027-04", ("2027-01", "2027-04")),
        ("demand=0.4:1:3", ("0.4", "0.7", "1")),
    ],
)
def test_values_are_read(base: Base, asked: str, values: tuple[str, ...]) -> None:
    (one,) = read(base, asked)
    assert (one.values, one.drawn) == (values, False)


def test_a_driver_may_lie_at_either_end_of_what_it_can_be(base: Base) -> None:
    (demand,) = (one for one in drivers(base, base.case()) if one.name == "demand")
    (one,) = read(base, f"demand={demand.least!r},{demand.most!r}")
    assert [float(value) for value in one.values] == [demand.least, demand.most]


@pytest.mark.parametrize(
    "asked",
    [
        "finance.wacc_fraction", "=1", "finance.b=", "finance.b=1,,2", "finance.b=2:1:3", "finance.b=1:2",
        "finance.b=1:2:1", "finance.b=1:2:2.5", "finance.b=1:2:1000000000", "finance.b=2..1", "finance.b=x..y",
        "purchase=cheap", "purchase=0.5,99", "purchse=0.5", "horizn_months=1",
    ],
)  # fmt: skip
def test_what_cannot_be_varied_is_refused(base: Base, asked: str) -> None:
    with pytest.raises(InputError, match=r"--vary"):
        read(base, asked)


def test_every_wrong_variable_is_told_at_once(base: Base) -> None:
    with pytest.raises(InputError) as caught:
        read(base, "finance.b=2..1", "purchase=99", "demand=1,2", "demand=3")
    assert [one.field for one in caught.value.complaints] == ["finance.b", "purchase", "demand"]


def test_what_sets_the_same_field_is_refused(base: Base) -> None:
    """The one named later would win, beside values of the other that never were."""
    for one, other, field in (
        ("demand=1,2", "scale.demand=2,3", "scale.demand"),
        ("growth=0,0.1", "workloads.team.growth={annual_rate: 0.3}", "workloads.team.growth"),
        ("delivery=0,1", "server-8xa100-80gb/lead_time_months=2,4", "prices.server-8xa100-80gb/lead_time_months"),
    ):
        with pytest.raises(InputError, match=f"sets what {one.partition('=')[0]} sets: {field}"):
            read(base, one, other)
    assert len(read(base, "purchase=1,2", "server-8xa100-80gb/gpu_usd_per_gpu=9000,12000", "demand=1,2")) == 3


def test_a_row_without_a_range_can_be_varied_as_in_sensitivity(tmp_path: Path) -> None:
    row = "azure-nc24ads-a100-v4-eastus/on_demand_usd_per_gpu_hour"
    done = sweep("--vary", f"{row}=3,4", "--relaxed", "--out", tmp_path, "--format", "json", "--workers", "1")
    assert done.returncode == 0, done.stderr
    assert [one[row] for one in json.loads(done.stdout)["rows"]] == [3.0, 4.0]


def test_a_drivers_name_stands_for_what_it_moves(base: Base) -> None:
    (one,) = read(base, "purchase=0.7,1")
    assert one.at("0.7") == ("scale.rows.*/gpu_usd_per_gpu=0.7", "scale.rows.*/purchase_usd_per_server=0.7")
    assert one.at("1") == ()


def test_a_grid_holds_every_combination(base: Base) -> None:
    found = grid(read(base, "purchase=0.5,2", "horizon_months=24,36,48"))
    assert list(found.values) == [(p, h) for p in ("0.5", "2") for h in ("24", "36", "48")]
    assert found.settings()[1][-1] == "horizon_months=36"


def test_too_many_scenarios_are_refused_before_they_are_made(base: Base) -> None:
    many = read(base, "finance.b=1:2:1000", "finance.c=1:2:1000", "finance.d=1:2:1000")
    with pytest.raises(InputError, match=r"makes 1,000,000,000 scenarios"):
        grid(many)
    with pytest.raises(InputError, match="--samples"):
        sampled(read(base, *RANGES), MOST + 1, 1)


def test_a_hypercube_draws_once_from_each_part_and_the_same_for_the_same_seed(base: Base) -> None:
    pytest.importorskip("scipy")
    ranges = read(base, *RANGES)
    found = sampled(ranges, 50, 7)
    for one, values in zip(ranges, zip(*found.values, strict=True), strict=True):
        low, high = map(float, one.values)
        parts = sorted(int(50 * (float(value) - low) / (high - low)) for value in values)
        assert parts == list(range(50))
    assert sampled(ranges, 50, 7) == found
    assert sampled(ranges, 50, 8).values != found.values


def test_a_range_is_for_samples_and_samples_are_for_ranges(base: Base) -> None:
    with pytest.raises(InputError, match="is a range to draw from"):
        grid(read(base, *RANGES))
    with pytest.raises(InputError, match="has no range"):
        sampled(read(base, "demand=0.8,1.2"), 5, 1)


def test_ends_and_corners_are_tried_before_anything_is_solved(base: Base) -> None:
    with pytest.raises(InputError) as caught:
        check(base, grid(read(base, "finance.wacc_fraction=0.1:3:3", "horizon_months=36,-1", "finance.nothing=1,2")))
    assert {one.field for one in caught.value.complaints} >= {
        "finance.wacc_fraction",
        "horizon_months",
        "finance.nothing",
    }
    together = ("horizon_months=12,36", "budgets.capex_usd={},{2029: 1000000}")
    with pytest.raises(InputError, match="is no fiscal year of the horizon"):
        check(base, grid(read(base, *together)))


def test_an_error_of_what_is_varied_stands_where_it_was_typed(base: Base) -> None:
    for typed in ("horizon_months=36,-1", "staff.nobody.count=1,2"):
        with pytest.raises(InputError) as caught:
            check(base, grid(read(base, typed, "demand=1,1.1")))
        assert {str(one.place) for one in caught.value.complaints} == {f"--vary {typed}"}


@pytest.mark.parametrize(("held", "cure"), [(None, "--out names another folder"), ("words", "--fresh begins anew")])
def test_a_store_that_cannot_be_used_has_the_cure_of_its_fault(held: str | None, cure: str, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    if held is None:
        folder.write_text("a file", encoding="utf-8")
    else:
        folder.mkdir()
        (folder / "solved.sqlite").write_text(held * 1000, encoding="utf-8")
    with pytest.raises(InputError, match=cure), opened(folder / "solved.sqlite", "job"):
        pass


def test_nothing_is_written_when_a_corner_is_wrong(tmp_path: Path) -> None:
    done = sweep("--vary", "finance.wacc_fraction=0.1,3", "--out", tmp_path / "out")
    assert done.returncode == 3
    assert "nothing was written" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], str]:
    folder = tmp_path_factory.mktemp("sweep")
    vary = ("--vary", "purchase=0.6:1.4:3", "--vary", "offers.kinds=[on_demand],[]")
    done = sweep(*vary, "--relaxed", "--out", folder, "--format", "json", "--workers", "1")
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout), done.stderr


def test_rows_tables_and_messages_say_the_same(solved: tuple[Path, dict[str, Any], str]) -> None:
    folder, document, said = solved
    assert (document["solved"], document["samples"]) == ("relaxation", None)
    rows = list(csv.DictReader(io.StringIO((folder / "sweep.csv").read_text(encoding="utf-8"))))
    assert [float(row["present_usd"]) if row["present_usd"] else None for row in rows] == [
        row["present_usd"] for row in document["rows"]
    ]
    assert [row["purchase"] for row in document["rows"]] == [0.6, 0.6, 1.0, 1.0, 1.4, 1.4]
    assert [row["offers.kinds"] for row in document["rows"]][:2] == ["[on_demand]", "[]"]
    assert "relaxation" in said
    page = (folder / "sweep.html").read_text(encoding="utf-8")
    assert "relaxation" in page
    assert "In 3 scenarios no plan obeys the rules." in page
    assert "<svg" not in page  # buying pays in all
    assert "The decision flips nowhere here. In 3 of 6 buying and not buying cannot be compared" in page


def test_a_purchase_without_an_alternative_pays_too(solved: tuple[Path, dict[str, Any], str]) -> None:
    """A purchase that must be cannot be held against not buying, and one that cannot be neither."""
    row = next(row for row in solved[1]["rows"] if row["status"] == "ok") | {"buying_saves_usd": None}
    loses, must = row | {"buying_saves_usd": -5.0}, row | {"without_a_purchase_usd": None}
    never, none = row | {"buy_usd": None}, must | {"buy_usd": None}
    assert verdict({"rows": [loses, must, must, none]}) == "Buying pays in 2 of 3 scenarios; in 2 it is the only way"
    assert verdict({"rows": [never]}) == "Buying pays in 0 of 1 scenario; in 1 it is not possible"
    assert verdict({"rows": [none]}) == "In no scenario is there a plan"


def test_nothing_correlates_with_what_never_changes(solved: tuple[Path, dict[str, Any], str]) -> None:
    """Buying can be compared with not buying at one purchase price alone."""
    row = next(row for row in solved[1]["rows"] if row["status"] == "ok")
    cheap, same, dear = (
        row | {"purchase": price, "buying_saves_usd": saved} for price, saved in ((1, 5.0), (1, 7.0), (2, None))
    )
    text = markdown_of(sections(solved[1] | {"samples": 3, "rows": [cheap, same, dear]}))
    assert "correlation –" in text


def test_what_is_solved_is_not_solved_again(solved: tuple[Path, dict[str, Any], str]) -> None:
    folder, document, _ = solved
    with sqlite3.connect(folder / "solved.sqlite") as database:
        database.execute("UPDATE points SET point = json_set(point, '$.present_usd', 1.5)")
    vary = ("--vary", "purchase=0.6:1.4:3", "--vary", "offers.kinds=[on_demand],[]", "--relaxed", "--format", "json")
    again = json.loads(sweep(*vary, "--out", folder).stdout)
    assert {row["present_usd"] for row in again["rows"]} == {1.5}
    fresh = json.loads(sweep(*vary, "--out", folder, "--fresh").stdout)
    assert fresh == document


def test_a_spreadsheet_takes_no_name_or_value_for_a_formula(tmp_path: Path) -> None:
    done = sweep("--vary", "description==1+1,-x", "--out", tmp_path, "--format", "csv", "--workers", "1")
    assert done.returncode == 0, done.stderr
    assert done.stdout == (tmp_path / "sweep.csv").read_text(encoding="utf-8")
    assert [row["description"] for row in csv.DictReader(io.StringIO(done.stdout))] == ["'=1+1", "'-x"]


def test_parquet_has_the_rows_with_their_types(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    done = sweep(
        "--vary", "demand=0.9..1.1", "--samples", "3", "--relaxed", "--out", tmp_path, "--to", "parquet", "--format",
        "json",
    )  # fmt: skip
    table, rows = parquet.read_table(tmp_path / "sweep.parquet"), json.loads(done.stdout)["rows"]
    assert table.to_pylist() == rows
    assert str(table.schema.field("breakeven_months").type) == "double"
    assert table.schema.metadata[b"planner.solved"] == b"relaxation"


def test_a_small_sweep_says_what_planning_says(tmp_path: Path) -> None:
    done = sweep("--vary", "purchase=0.9,1,1.3", "--out", tmp_path, "--format", "json")
    document = json.loads(done.stdout)
    assert (document["solved"], document["gap"]) == ("whole numbers", 1e-9)
    assert "whole numbers" in done.stderr
    catalog = shipped_catalog()
    for row in document["rows"]:
        scale = {"scale.rows.*/gpu_usd_per_gpu": row["purchase"]}
        case = build_case(catalog, load_scenario(SCENARIO, catalog, [f"{at}={value}" for at, value in scale.items()]))
        study = solve_case(case, Effort(gap=1e-9), baselines=())
        assert buys(study.built, study.plan.answer.x) == (row["buying_saves_usd"] > 0) == (row["servers_bought"] > 0)
        assert row["present_usd"] == pytest.approx(study.plan.answer.objective, rel=1e-8)


def test_a_relaxed_sweep_doubts_the_sign_of_what_buying_saves(tmp_path: Path) -> None:
    done = sweep("--vary", "purchase=1,1.01", "--relaxed", "--out", tmp_path, "--format", "json")
    first = json.loads(done.stdout)["rows"][0]
    assert first["buying_saves_usd"] < 0  # in whole numbers it saves
    assert "may have the wrong sign near 0" in done.stderr


MANY = ("--vary", "demand=0.6:1.4:24", "--relaxed", "--format", "json")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("undisturbed")
    return folder, sweep(*MANY, "--out", folder, "--workers", "1").stdout


@pytest.mark.skipif(os.name != "posix", reason="asks for signals of POSIX")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["kill", "ctrl-c"])
def test_a_run_that_is_stopped_goes_on_from_what_it_solved(
    tmp_path: Path, undisturbed: tuple[Path, str], how: signal.Signals
) -> None:
    store = tmp_path / "solved.sqlite"
    process = subprocess.Popen(
        [sys.executable, "-m", "planner", "sweep", str(SCENARIO), *MANY, "--out", str(tmp_path)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    before = _wait_for(store, process)
    if how is signal.SIGINT:
        os.killpg(process.pid, how)  # as a terminal does: workers get it too
        said = process.communicate()[1].decode()
        assert process.returncode == 130
        assert said == "Stopped; what was solved is kept: the same command goes on from there.\n"
    else:
        process.kill()
        process.communicate()
    _wait_for_the_end_of_all(process.pid)
    kept = _rows(store)
    assert before <= len(kept) < 24
    assert sweep(*MANY, "--out", tmp_path).stdout == undisturbed[1]
    assert kept.items() <= _rows(store).items()
    assert _rows(store) == _rows(undisturbed[0] / "solved.sqlite")
    for name in ("sweep.csv", "sweep.html"):
        assert (tmp_path / name).read_bytes() == (undisturbed[0] / name).read_bytes()


def _wait_for_the_end_of_all(group: int) -> None:
    """Wait for workers to follow the process that asked them."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    raise AssertionError("workers live on")


def _wait_for(store: Path, process: subprocess.Popen[bytes]) -> int:
    """Return how many scenarios are kept, as soon as there are some."""
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        if store.exists() and (kept := len(_rows(store))):
            return kept
        time.sleep(0.01)
    raise AssertionError("nothing was solved before the run ended")


def _rows(store: Path) -> dict[str, str]:
    try:
        with sqlite3.connect(store, timeout=30) as database:
            return dict(database.execute("SELECT key, point FROM points"))
    except sqlite3.OperationalError:  # no table as yet
        return {}
