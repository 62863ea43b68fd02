"""`planner actuals import` and `show`."""

from __future__ import annotations

import json
from pathlib import Path

from tests.actuals.small import focus, write
from tests.actuals.test_usage import sacct
from tests.command import run


def test_import_show_and_what_is_unknown(tmp_path: Path) -> None:
    kept, path = str(tmp_path / "a.duckdb"), str(write(tmp_path / "a.csv", [
        focus(), focus(ListCost="much", EffectiveCost="10"), focus(BillingCurrency="EUR", PricingCategory="Dynamic"),
    ]))  # fmt: skip
    done = run("actuals", "import", "auto", path, "--into", kept)
    assert done.returncode == 0 and done.stdout == "", done.stderr
    assert "focus, 3 rows, 16.00 GPU-hours" in done.stderr and "1 row is not understood" in done.stderr
    assert "USD: 108.32 accrued, 196.64 billed" in done.stderr and "EUR: 98.32 accrued" in done.stderr
    assert "nothing changed" in run("actuals", "import", "focus", path, "--into", kept).stderr
    months = json.loads(run("actuals", "show", "--from", kept, "--format", "json").stdout)
    assert [(one["month"], one["pricing"], one["currency"], one["gpu_hours"]) for one in months] == [
        ("2026-10", "on_demand", "USD", 8), ("2026-10", "spot", "EUR", 8),
    ]  # fmt: skip
    assert months[0]["effective_cost"] == 108.32 and months[0]["component"] is None
    (unknown,) = json.loads(run("actuals", "show", "--from", kept, "--unknown", "--format", "json").stdout)
    assert (unknown["reason"], unknown["rows"], unknown["first_line"]) == ("list cost is no number", 1, 3)
    (file,) = json.loads(run("actuals", "show", "--from", kept, "--files", "--format", "json").stdout)
    assert (file["name"], file["rows"], file["first_day"]) == (path, 3, "2026-10-05")


def test_usage_is_shown_by_month_and_team(tmp_path: Path) -> None:
    kept, path = str(tmp_path / "a.duckdb"), str(sacct(tmp_path / "a.txt", {}, {"JobIDRaw": "1.batch"}))
    done = run("actuals", "import", "slurm", path, "--into", kept, "--time-zone", "Europe/Berlin", "--cluster", "x")
    assert done.returncode == 0 and "slurm, 2 rows, 20.00 GPU-hours" in done.stderr, done.stderr
    assert "1 row does not count: planner actuals show --unknown" in done.stderr
    (month,) = json.loads(run("actuals", "show", "--from", kept, "--usage", "--format", "json").stdout)
    assert (month["month"], month["team"], month["gpu"], month["cluster"]) == ("2026-10", "vision", "a100", "c1")
    assert (month["gpu_hours"], month["queued_gpu_hours"], month["utilization_fraction"]) == (20, 8, None)


def test_of_a_batch_the_good_files_go_in_and_the_others_are_told(tmp_path: Path) -> None:
    kept, hopeless = str(tmp_path / "a.duckdb"), tmp_path / "hopeless.csv"
    hopeless.write_text("a,b\n1,2\n")
    paths = [str(write(tmp_path / f"{n}.csv", [focus(SubAccountId=n, EffectiveCost="5")])) for n in "123"]
    again = str(write(tmp_path / "again.csv", [focus(SubAccountId="1", EffectiveCost="6")]))
    done = run("actuals", "import", "auto", paths[0], again, str(hopeless), "none.csv", *paths[1:], "--into", kept)
    assert done.returncode == 3 and "3 problems found; 3 of 6 files refused, the others imported." in done.stderr
    for name in ("again.csv: covers 2026-10 of aws '1'", "hopeless.csv:1: is of no format", "none.csv: cannot be read"):
        assert name in done.stderr, done.stderr
    files = json.loads(run("actuals", "show", "--from", kept, "--files", "--format", "json").stdout)
    assert sorted(one["name"] for one in files) == paths
    alone = run("actuals", "import", "auto", again, "--into", kept)
    assert "1 problem found; nothing was written." in alone.stderr


def test_costs_that_nobody_told_are_shown_as_such(tmp_path: Path) -> None:
    kept = str(tmp_path / "a.duckdb")
    path = str(write(tmp_path / "a.csv", [focus(ListCost=""), focus(ListCost="", PricingCategory="Dynamic")]))
    assert run("actuals", "import", "auto", path, "--into", kept).returncode == 0
    months = json.loads(run("actuals", "show", "--from", kept, "--format", "json").stdout)
    assert [(one["list_cost"], one["effective_cost"]) for one in months] == [(None, 98.32)] * 2


def test_faults_are_inputs_that_are_invalid(tmp_path: Path) -> None:
    path, kept = str(write(tmp_path / "a.csv", [focus()])), tmp_path / "a.duckdb"
    wrong = run("actuals", "import", "aws-cur", path, "--into", str(kept))
    assert wrong.returncode == 3 and "it looks like focus" in wrong.stderr and "lineItem/LineItemType" in wrong.stderr
    assert "planner actuals import focus" in wrong.stderr and not kept.exists()
    assert "did you mean 'focus'" in run("actuals", "import", "fokus", path, "--into", str(kept)).stderr
    assert run("actuals", "show", "--from", str(kept)).returncode == 3
