"""Names that become files and ids cannot leave their place, and what is refused is refused in readable words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from planner.catalog.load import load_catalog
from planner.errors import InputError
from planner.scenario.load import load_scenario
from tests.command import raw as run
from tests.hostile.texts import ALONE, UNSEEN, unseen
from tests.report.documents import document

LEAVING = ["../out", "..", ".", "/etc/passwd", "a/b", "a\\b", "C:a", "~", "a\n", "-rf", "", " ", "a b", "ａ", "A",
           "a.b", "x" * 81]  # fmt: skip
Written = Callable[[str], tuple[Path, Path, set[str]]]


@pytest.mark.parametrize("name", [*LEAVING, *ALONE, *UNSEEN])
def test_a_name_is_a_slug(written: Written, tmp_path: Path, name: str) -> None:
    path, prices, _ = written("text")
    catalog, scenario = load_catalog(prices), yaml.safe_load(path.read_text(encoding="utf-8"))
    for place in ("scenario", "workload"):
        bad = scenario | {"name": name} if place == "scenario" else scenario | {
            "workloads": [scenario["workloads"][0] | {"name": name}]
        }  # fmt: skip
        (tmp_path / "bad.yaml").write_text(yaml.safe_dump(bad, allow_unicode=True), encoding="utf-8")
        with pytest.raises(InputError) as caught:
            load_scenario(tmp_path / "bad.yaml", catalog)
        assert any(one.field.endswith("name") for one in caught.value.complaints)
        assert all(len(line) < 300 for line in str(caught.value).splitlines())


@pytest.mark.parametrize("name", [*LEAVING, *ALONE, *UNSEEN])
def test_an_id_of_the_catalog_is_a_slug(written: Written, name: str) -> None:
    _, prices, _ = written("text")
    content = yaml.safe_load((prices / "all.yaml").read_text(encoding="utf-8"))
    content["sites"][0]["id"] = name
    (prices / "all.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_catalog(prices)
    assert any(one.field.endswith("id") for one in caught.value.complaints)


def test_texts_stay_text_from_the_command_line(written: Written, tmp_path: Path) -> None:
    path, prices, _ = written(" ; ".join([*ALONE, *UNSEEN]))
    done = run("plan", path, "--catalog", prices, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert sorted(one.relative_to(tmp_path).as_posix() for one in tmp_path.rglob("*") if one.is_file()) == [
        "out/small/ledger.csv", "out/small/plan.json", "out/small/report.html",
    ]  # fmt: skip
    listed = [run("catalog", "show", "--catalog", prices, "--format", form, cwd=tmp_path) for form in ("table", "md")]
    for one in (done, *listed):
        assert one.returncode == 0
        said = (one.stdout + one.stderr).decode()
        assert said
        assert not any(unseen(letter) for letter in said.replace("\n", ""))


@pytest.mark.parametrize("form", ["html", "md", "csv"])
def test_a_report_is_written_beside_the_plan_or_to_stdout(tmp_path: Path, form: str) -> None:
    (tmp_path / "plan.json").write_text(json.dumps(document(description="\x1b[31mred\u202e")), encoding="utf-8")
    assert run("report", "plan.json", "--to", form, cwd=tmp_path).returncode == 0
    assert run("report", "plan.json", "--to", form, "-o", "deeper/r", cwd=tmp_path).returncode == 0
    done = run("report", "plan.json", "--to", form, "-o", "-", cwd=tmp_path)
    written = (tmp_path / f"report.{form}").read_bytes()
    assert written == (tmp_path / "deeper" / "r").read_bytes()
    assert written.startswith(b"\xef\xbb\xbf") == (form == "csv"), "Excel knows UTF-8 by its mark only"
    assert done.stdout == written.removeprefix(b"\xef\xbb\xbf")
    assert done.stderr == b""
    assert "⟨U+001B⟩[31mred⟨U+202E⟩" in done.stdout.decode().replace("\\", "")


@pytest.mark.parametrize("content", ["", "[1, 2", "[]", '{"schema_version": 1, "scenario": []}', "[" * 100_000])
def test_a_broken_plan_ends_with_3_and_one_line(tmp_path: Path, content: str) -> None:
    (tmp_path / "plan.json").write_text(content, encoding="utf-8")
    done = run("report", "plan.json", "--to", "md", cwd=tmp_path)
    assert done.returncode == 3, done.stderr
    assert done.stderr.decode().startswith("plan.json: ")
    assert b"Traceback" not in done.stderr
    assert b"cure: " in done.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["plan.json"]
