"""The bugs of other catalogs, and the bad rows of ours: each is caught, and no good row is lost.

corpus.csv holds bad rows among good ones; expected.csv says of each what it is and which check catches it. `kept` rows
are good; rows `not told apart` are wrong and look like any other: no honest check can tell, and none may pretend to.
Checks were written without the rows marked `held_out`.
"""

from __future__ import annotations

import csv
import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml

from planner.catalog.checks import CHECKS, doubts
from planner.catalog.load import Catalog, load_catalog

HERE = Path(__file__).parent
SHIPPED = HERE.parent.parent / "data" / "pricing"
NOT_TOLD_APART = "not told apart"


def _read(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


EXPECTED = {(f"{one['id']}/{one['field']}", one["date"]): one for one in _read("expected.csv")}
BAD = {key: one for key, one in EXPECTED.items() if one["verdict"] not in ("kept", NOT_TOLD_APART)}


@cache
def replayed(beside_shipped: bool) -> Catalog:
    """Load the corpus, alone or beside the shipped catalog."""
    with TemporaryDirectory() as place:
        folder = Path(place) / "pricing"
        if beside_shipped:
            shutil.copytree(SHIPPED, folder)
        folder.mkdir(exist_ok=True)
        known = load_catalog(SHIPPED).section("gpus") if beside_shipped else {}
        rows = _read("corpus.csv")
        gpus = sorted({row["gpu"] for row in rows} - set(known))
        things = {
            "providers": [{"id": name, "name": name} for name in sorted({row["provider"] for row in rows})],
            "gpus": [{"id": name, "name": name, "memory_gb": 80} for name in gpus],
        }
        (folder / "corpus-things.yaml").write_text(yaml.safe_dump(things), encoding="utf-8")
        for name in ("corpus.csv", "corpus.yaml"):
            shutil.copy(HERE / name, folder / name)
        return load_catalog(folder)


def test_corpus_says_what_becomes_of_each_of_its_rows() -> None:
    assert set(EXPECTED) == {(f"{row['id']}/{row['field']}", row["date"]) for row in _read("corpus.csv")}
    names = {check.__name__ for check in CHECKS}
    assert {one["verdict"] for one in BAD.values()} <= names
    assert all(one["why"] for one in EXPECTED.values() if one["verdict"] != "kept")


@pytest.mark.parametrize("beside_shipped", [False, True], ids=["alone", "beside the shipped catalog"])
def test_every_bad_row_is_caught_by_its_check_and_no_good_one_is_lost(
    beside_shipped: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    catalog = replayed(beside_shipped)
    facts = {(row.id, str(row.fact.date)): row.fact for dated in catalog.rows.values() for row in dated}
    checks = {(doubt.row.id, str(doubt.row.fact.date)): doubt.check for doubt in doubts(catalog)}
    wrong = {key: checks.get(key) for key, one in BAD.items() if checks.get(key) != one["verdict"]}
    lost = {key: check for key, check in checks.items() if key in EXPECTED and key not in BAD}
    shipped = _doubted_of_the_shipped() if beside_shipped else {}
    good = {key for key, fact in facts.items() if fact.value is not None} - set(BAD) - set(shipped)
    with capsys.disabled():
        print(f"\ncaught {len(set(checks) & set(BAD))} of {len(BAD)} bad rows,", end=" ")
        print(f"kept {len(good - set(checks))} of {len(good)} others")
    assert wrong == {}
    assert lost == {}
    assert {key: check for key, check in checks.items() if key not in EXPECTED} == shipped


def _doubted_of_the_shipped() -> dict[tuple[str, str], str]:
    return {(doubt.row.id, str(doubt.row.fact.date)): doubt.check for doubt in doubts(load_catalog(SHIPPED))}
