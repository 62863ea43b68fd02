"""The JSON Schemas of docs/schema/ describe the files that the planner reads and writes, no more and no less."""

from __future__ import annotations

import csv
import io
import json
from copy import deepcopy
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import best_match

from planner.cli.schema import Kind, schema_of
from planner.documents import load_document
from tests.test_examples import planned

ROOT = Path(__file__).parent.parent.parent
SCHEMAS = ROOT / "docs" / "schema"
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
PROJECTS = [path for path in EXAMPLES if "fine-tune" in path.name]
SCENARIOS = [*(path for path in EXAMPLES if path not in PROJECTS), ROOT / "templates" / "scenario.yaml"]
PRICES = sorted((ROOT / "data" / "pricing").rglob("*.yaml"))
LEVERS = ROOT / "data" / "finetune" / "levers.yaml"
SOLVED = ("eight-a100s", "self-hosted-llm")


@cache
def validator(kind: Kind) -> Draft202012Validator:
    schema = json.loads((SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=FormatChecker())


def problem(kind: Kind, value: Any) -> str:
    """Return the worst thing that a schema finds in a value."""
    found = best_match(validator(kind).iter_errors(value))
    return "" if found is None else f"{found.json_path}: {found.message[:300]}"


def as_json_has_it(value: Any) -> Any:
    """Return a value of a YAML file with its exact numbers as JSON has them."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {key: as_json_has_it(item) for key, item in value.items()}
    return [as_json_has_it(item) for item in value] if isinstance(value, list) else value


def read(path: Path) -> Any:
    return as_json_has_it(load_document(path).value)


def named(paths: list[Path]) -> Any:
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.relative_to(ROOT).as_posix())


@named(SCENARIOS)
def test_every_scenario_obeys_its_schema(path: Path) -> None:
    assert problem(Kind.scenario, read(path)) == ""


@named(PROJECTS)
def test_every_fine_tuning_project_obeys_its_schema(path: Path) -> None:
    assert problem(Kind.finetune, read(path)) == ""


def test_the_library_of_levers_obeys_its_schema() -> None:
    levers = read(LEVERS)
    assert problem(Kind.levers, levers) == ""
    assert problem(Kind.levers, levers | {"$schema": "levers.schema.json"}) == ""
    for wrong in ({"factor": -1}, {"where": {"method": 1}}, {"fcator": 1}):
        other = deepcopy(levers)
        other["levers"][0]["changes"][0] |= wrong
        assert problem(Kind.levers, other) != ""
    assert problem(Kind.levers, {"levers": [levers["levers"][0] | {"basis": "guess"}]}) != ""


@named(PRICES)
def test_every_file_of_the_catalog_obeys_its_schema(path: Path) -> None:
    assert problem(Kind.catalog, read(path)) == ""


@named([*SCENARIOS[:-1], *PROJECTS, *PRICES, LEVERS])
def test_the_first_line_leads_to_the_schema(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    start = "# yaml-language-server: $schema="
    assert first.startswith(start)
    kinds = {LEVERS: Kind.levers} | dict.fromkeys(PRICES, Kind.catalog) | dict.fromkeys(PROJECTS, Kind.finetune)
    kind = kinds.get(path, Kind.scenario)
    assert (path.parent / first.removeprefix(start)).resolve() == SCHEMAS / f"{kind}.schema.json"


@pytest.mark.parametrize("name", SOLVED)
def test_plan_json_obeys_its_schema(name: str) -> None:
    assert problem(Kind.plan, planned(name)) == ""


def closed(schema: Any) -> Any:
    """Return a schema that allows no key which it does not name."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inside = {key: closed(item) for key, item in schema.items()}
    return {"additionalProperties": False, **inside} if isinstance(schema.get("properties"), dict) else inside


@pytest.mark.parametrize("name", SOLVED)
def test_plan_json_holds_nothing_that_its_schema_does_not_name(name: str) -> None:
    validator = Draft202012Validator(closed(schema_of(Kind.plan)))
    assert [error.message[:300] for error in validator.iter_errors(planned(name))] == []


MISTAKES: list[tuple[tuple[str | int, ...], Any]] = [
    (("horizon_monhts",), 36),
    (("horizon_months",), "36"),
    (("horizon_months",), 0),
    (("start",), "2027-13"),
    (("as_of",), "21.11.2026"),
    (("finance", "wacc_fraction"), "8%"),
    (("workloads", 0, "kind"), "serve"),
    (("workloads", 0, "name"), "My Chat"),
    (("workloads", 0, "demand", "shape"), "round"),
    (("workloads", 0, "demand", "shape"), {"weekday": [1, 2, 3]}),
    (("workloads", 0, "demand", "peak_per_hour"), -1),
    (("workloads", 1, "hours"), [24]),
    (("workloads", 1, "spot", "share_fraction"), 1.5),
    (("sites", 0, "power_limit"), 40),
    (("staff", 0, "whole"), "yes"),
]


@pytest.mark.parametrize(("path", "value"), MISTAKES, ids=[f"{path[-1]} {value}" for path, value in MISTAKES])
def test_an_editor_marks_what_the_planner_refuses(path: tuple[str | int, ...], value: Any) -> None:
    scenario = read(ROOT / "templates" / "scenario.yaml")
    part = scenario
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    assert problem(Kind.scenario, scenario) != ""


def test_a_fact_stands_alone_or_in_a_list_and_is_never_text() -> None:
    fact = {"value": 1.5, "date": "2026-11-20", "source": "ours", "basis": "quote", "confidence": "high"}
    provider = {"id": "here", "name": "Here", "pue": fact}
    assert problem(Kind.catalog, {"providers": [provider]}) == ""
    assert problem(Kind.catalog, {"providers": [{**provider, "pue": [fact, {**fact, "date": "2027-01-01"}]}]}) == ""
    assert problem(Kind.catalog, {"providers": [{**provider, "pue": []}]}) != ""
    assert problem(Kind.catalog, {"providers": [{**provider, "pue": {**fact, "value": "1.5"}}]}) != ""
    assert problem(Kind.catalog, {"providers": [{**provider, "pue": {**fact, "confidence": "sure"}}]}) != ""


@pytest.mark.parametrize(
    ("cells", "right"),
    [(["1.5", "0"] * 84, True), (["1e3"] * 168, True), (["1"] * 8760, True), (["1"] * 2160, True), (["1"] * 167, False),
     (["x"] + ["1"] * 167, False), (["-1"] + ["1"] * 167, False), ([""] + ["1"] * 167, False)],
    ids=["a week", "powers", "a year", "the horizon", "too short", "text", "negative", "empty"],
)  # fmt: skip
def test_a_series_is_judged_by_its_schema_as_by_the_planner(cells: list[str], right: bool, tmp_path: Path) -> None:
    from planner.documents import Document
    from planner.errors import InputError
    from planner.scenario.demand_schema import SeriesFile
    from planner.scenario.series import read_series

    text = "hour,load\n" + "".join(f"h{n},{cell}\n" for n, cell in enumerate(cells))
    (tmp_path / "load.csv").write_text(text, encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert (problem(Kind.series, rows) == "") is right
    try:
        read = read_series(
            tmp_path, SeriesFile(csv="load.csv", column="load"), Document("s.yaml", {}), (), "2027-01", 3
        )
    except InputError:
        read = []
    assert bool(read) is right


def test_fields_that_a_newcomer_meets_are_explained() -> None:
    """By the field's own words, or by those of the part that it leads to."""
    schema = schema_of(Kind.scenario)
    met = read(ROOT / "templates" / "scenario.yaml")
    silent = []
    for part, record in (("Scenario", met), ("Finance", met["finance"]), ("Serving", met["workloads"][0]),
                         ("Batch", met["workloads"][1]), ("Demand", met["workloads"][0]["demand"]),
                         ("Spot", met["workloads"][1]["spot"]), ("SiteUse", met["sites"][0]),
                         ("ServerChoice", met["servers"]), ("StaffPool", met["staff"][0])):  # fmt: skip
        fields = (schema if part == "Scenario" else schema["$defs"][part])["properties"]
        silent += [f"{part}.{name}" for name in record if not explained(schema, fields[name])]
    assert silent == []


def explained(schema: dict[str, Any], field: dict[str, Any]) -> bool:
    if "description" in field or "const" in field:
        return True
    inside = [field, *field.get("anyOf", []), *field.get("oneOf", [])]
    leads = [one["$ref"].rpartition("/")[2] for one in inside if "$ref" in one]
    return any("description" in schema["$defs"][name] for name in leads)


def test_a_change_of_the_plan_is_seen() -> None:
    plan = deepcopy(planned(SOLVED[0]))
    plan["tco"]["plan"]["total_usd"] = "a lot"
    assert "total_usd" in problem(Kind.plan, plan)
    del plan["tco"]["plan"]["total_usd"]
    assert "total_usd" in problem(Kind.plan, plan)
