"""`planner catalog show, diff, refresh` as a user meets them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from planner.cli import main
from tests.input.given import write_catalog
from tests.refresh.given import CATALOG, ON_DEMAND, P5, SECOND, catalog, skypilot
from tests.refresh.test_difference import RENT, SCENARIO, SERVER, content, fact

BASE = {"id", "kind", "provider", "value", "low", "high", "unit", "currency", "date", "source", "source_title", "url",
        "basis", "confidence", "unknown", "note", "place"}  # fmt: skip
OFFERS: list[dict[str, Any]] = [
    {"id": "b", "region": "eu-west-1", "country": "IE", ON_DEMAND: [fact(4), fact(3, date="2026-06-01")],
     "spot_usd_per_gpu_hour": fact(1, date="2026-05-01")},
    {"id": "a", "region": "us-east-1", "country": "US", ON_DEMAND: fact(5),
     "commitments": [{"id": f"{term}m", "term_months": term, "upfront_fraction": 0, "usd_per_gpu_hour": fact(price)}
                     for term, price in ((12, 4), (36, 2))]},
    {"id": "c", "region": "us-east-1", "country": "US", ON_DEMAND: [
        fact(2), fact(None, unknown="sold out", date="2026-03-01"), fact(2.5, date="2026-09-01")]},
    {"id": "e", "region": "eu-west-1", "country": "IE", ON_DEMAND: fact(1, currency="EUR")},
    {"id": "u", "region": "us-east-1", "country": "US", ON_DEMAND: fact(None, unknown="nobody says")},
]  # fmt: skip


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    made = CATALOG | {"offers": [
        {"provider": "azure" if one["id"] == "a" else "aws", "gpu": "h100-sxm-80gb", "gpus": 8, **one} for one in OFFERS
    ]}  # fmt: skip
    return write_catalog(tmp_path / "shown", made)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main.app, ["catalog", *map(str, arguments)])


def shown(prices: Path, *arguments: str) -> list[dict[str, Any]]:
    result = run("show", "--catalog", prices, "--format", "json", *arguments)
    assert result.exit_code == 0, result.output
    found: list[dict[str, Any]] = json.loads(result.stdout)
    assert all(row.keys() >= BASE for row in found)
    return found


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["id"] for row in rows]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (["--kind", "spot"], ["b/spot_usd_per_gpu_hour"]),
        (["--kind", "commitment"], ["a/12m/usd_per_gpu_hour", "a/36m/usd_per_gpu_hour"]),
        (["--term-months", "36"], ["a/36m/usd_per_gpu_hour"]),
        (["--region", "IE", "--kind", "on_demand"], [f"b/{ON_DEMAND}", f"e/{ON_DEMAND}"]),
        (["--region", "US-EAST-1", "--provider", "aws"], [f"c/{ON_DEMAND}", f"u/{ON_DEMAND}"]),
        (["--provider", "azure", "--kind", "on_demand", "--kind", "spot"], [f"a/{ON_DEMAND}"]),
        (["--gpu", "H100", "--kind", "spot"], ["b/spot_usd_per_gpu_hour"]),
        (["--gpu", "a100"], []),
    ],
)
def test_prices_are_found(filters: list[str], found: list[str], prices: Path) -> None:
    assert ids(shown(prices, *filters)) == found


def test_the_cheapest_stands_first_and_the_unknown_last(prices: Path) -> None:
    rows = shown(prices, "--kind", "on_demand", "--sort", "price")
    assert [row["id"][0] for row in rows] == ["c", "b", "a", "u", "e"]  # euros are no cheaper dollars
    assert [row["value"] for row in rows] == [2.5, 3, 5, None, 1]
    assert [row["id"][0] for row in shown(prices, "--sort", "date")][-1] == "c"


def test_history_shows_every_fact_with_its_change(prices: Path) -> None:
    rows = shown(prices, "--history", "--kind", "on_demand", "--provider", "aws")
    assert [(row["id"][0], row["value"], row["change_percent"], row["in_force"]) for row in rows] == [
        ("b", 4, None, False), ("b", 3, -25, True),
        ("c", 2, None, False), ("c", None, None, False), ("c", 2.5, 25, True),  # against the last price known
        ("e", 1, None, True), ("u", None, None, True),
    ]  # fmt: skip
    rows = shown(prices, "b/on_demand", "--history", "--as-of", "2026-05-31")
    assert [(row["value"], row["in_force"]) for row in rows] == [(4, True)]


def test_own_prices_are_shown_beside_the_list(prices: Path, tmp_path: Path) -> None:
    """A quote is in its own currency, a discount in that of the row; a row in doubt or unknown has none."""
    book = tmp_path / "ours.yaml"
    quote = {"id": "Q", "row": f"c/{ON_DEMAND}", "value": 2, "currency": "EUR", "date": "2026-10-01", "source": "s"}
    discount = {"id": "D", "rows": f"*/{ON_DEMAND}", "fraction": 0.5, "source": "s", "valid_until": "2026-10-31"}
    book.write_text(json.dumps({"quotes": [quote], "discounts": [discount]}), encoding="utf-8")
    rows = shown(prices, "on_demand", "--price-book", str(book), "--as-of", "2026-10-15")
    own = {row["id"][0]: (row["own_value"], row["own_currency"], row["agreement"]) for row in rows}
    assert own == {"a": (2.5, "USD", "D"), "b": (1.5, "USD", "D"), "c": (2, "EUR", "Q"), "e": (0.5, "EUR", "D"),
                   "u": (None, "USD", "")}  # fmt: skip
    result = run("show", "--catalog", prices, "--price-book", book)
    assert "needs --as-of DATE" in str(result.exception)


@pytest.mark.parametrize("form", ["table", "md", "csv"])
def test_every_form_holds_every_row(form: str, prices: Path) -> None:
    result = run("show", "--catalog", prices, "--format", form, "--history")
    assert all(row["id"] in result.stdout for row in shown(prices))
    if form == "csv":
        assert len(list(csv.DictReader(io.StringIO(result.stdout)))) == len(shown(prices, "--history"))


def test_a_price_in_doubt_says_so(tmp_path: Path) -> None:
    folder = catalog(tmp_path)
    (tmp_path / "vms.csv").write_bytes(skypilot(48 * 730))
    result = run("refresh", "--source", f"aws=skypilot:{tmp_path}/vms.csv", "--into", folder, "--as-of", SECOND,
                 "--fail-on", "doubt", "--format", "json")  # fmt: skip
    assert result.exit_code == 1
    assert [one["id"] for one in json.loads(result.stdout)[0]["doubtful"]] == [f"{P5}/{ON_DEMAND}"]
    assert "in doubt, not published" in result.stderr
    assert [(row["value"], row["in_doubt"]) for row in shown(folder, P5)] == [(6.88, None)]
    doubted = shown(folder, P5, "--history")[-1]
    assert "above any on-demand price" in doubted["in_doubt"] and not doubted["in_force"]


def test_a_refresh_is_shown_before_it_is_written(tmp_path: Path) -> None:
    folder = catalog(tmp_path)
    (tmp_path / "vms.csv").write_bytes(skypilot(48))
    source = ("--source", f"aws=skypilot:{tmp_path}/vms.csv", "--as-of", SECOND)
    result = run("refresh", *source, "--catalog", folder)
    assert (result.exit_code, "-12.79" in result.stdout, "--into" in result.stderr) == (0, True, True)
    assert not (folder / "refreshed").exists()
    result = run("refresh", *source, "--into", folder, "--format", "json")
    (one,) = json.loads(result.stdout)
    assert (one["facts"], one["changed"], one["changes"][0]["percent"]) == (1, 1, -12.79)
    assert [row["value"] for row in shown(folder, P5)] == [6]
    assert json.loads(run("refresh", *source, "--into", folder, "--format", "json").stdout)[0]["facts"] == 0


def test_a_feed_that_fails_is_told_and_ends_in_1_when_asked(tmp_path: Path) -> None:
    folder = catalog(tmp_path)
    (tmp_path / "vms.csv").write_bytes(skypilot(48))
    command = ("refresh", "--source", f"aws=skypilot:{tmp_path}/vms.csv", "--source", "azure=azure:http://127.0.0.1:9/x",
               "--as-of", SECOND, "--into", folder)  # fmt: skip
    result = run(*command)
    assert result.exit_code == 0
    assert "azure: failed, what it has is kept" in result.stderr
    assert "--online" in result.stderr
    assert (folder / "refreshed" / "aws.csv").is_file()
    assert run(*command, "--fail-on", "failure").exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "nothing to refresh from"),
        (["--source", "aws=skypilot:a", "--source", "aws=gpuhunt:b"], "stands twice"),
        (["--source", "aws"], "NAME=FORMAT:ADDRESS"),
    ],
)
def test_what_to_refresh_from_must_be_said(arguments: list[str], message: str) -> None:
    result = run("refresh", *arguments)
    assert message in str(result.exception)


@pytest.fixture
def quarters(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Two catalogs and a scenario whose verdict is buy with the first and rent with the second."""
    scenario = tmp_path / "scenario.yaml"
    scenario.write_text(SCENARIO)
    old = write_catalog(tmp_path / "old", content(rent=fact(3)))
    return old, write_catalog(tmp_path / "new", content(rent=[fact(3), fact(1.5, date="2026-12-15")])), scenario


def test_a_flip_is_told_with_its_cause_and_can_fail_the_build(quarters: tuple[Path, Path, Path]) -> None:
    old, new, scenario = quarters
    command = ("diff", old, new, "--scenario", scenario, "--format", "json", "--quiet")
    result = run(*command)
    assert (result.exit_code, result.stderr) == (0, "")
    found = json.loads(result.stdout)
    assert found["counts"] == {"changed": 1, "dropped": 0, "added": 0}
    assert [(one["id"], one["old"], one["new"], one["percent"]) for one in found["prices"]] == [(RENT, 3, 1.5, -50)]
    (decided,) = found["scenarios"]
    # the price is dated after the scenario's as_of; what is asked is what it would do
    assert (decided["before"]["choice"], decided["after"]["choice"], decided["advice"]) == ("buy", "rent", "flips")
    assert [(one["row"], one["sets_back"]) for one in decided["causes"]] == [(RENT, True)]
    assert run(*command, "--fail-on", "flip").exit_code == 1
    assert run(*command, "--fail-on", "flip", "--band", "0.5").exit_code == 0


def test_a_flip_is_told_in_words(quarters: tuple[Path, Path, Path]) -> None:
    old, new, scenario = quarters
    result = run("diff", old, new, "--scenario", scenario)
    assert "small: flips: buy → rent" in result.stderr
    assert f"{RENT} 3 → 1.5" in result.stderr
    assert "set back alone, the old verdict returns" in result.stderr
    result = run("diff", old, new, "--scenario", scenario, "--band", "0.5")
    assert "same advice: within the band: buy → rent" in result.stderr
    (row,) = csv.DictReader(io.StringIO(run("diff", old, new, "--scenario", scenario, "--format", "csv").stdout))
    assert (row["scenario"], row["choice_before"], row["choice_after"]) == ("small", "buy", "rent")


def test_one_catalog_at_two_days_and_one_provider(quarters: tuple[Path, Path, Path]) -> None:
    _, new, scenario = quarters
    days = ("--from", "2026-06-01", "--to", "2026-12-31", "--format", "json", "--scenario", scenario)
    assert json.loads(run("diff", new, *days).stdout)["scenarios"][0]["advice"] == "flips"
    found = json.loads(run("diff", new, *days, "--provider", "cloud").stdout)
    assert [one["id"] for one in found["prices"]] == [RENT]
    assert SERVER not in json.dumps(found["prices"])
    before = json.loads(run("diff", new, "--from", "2026-06-01", "--to", "2026-12-14", "--format", "json").stdout)
    assert before["prices"] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "leaves nothing to compare"),
        (["--from", "2026-06-01", "--to", "2026-06-01"], "leaves nothing to compare"),
        (["--from", "yesterday"], "is not a day"),
        (["--from", "2026-01-01", "--provider", "clout"], "did you mean 'cloud'?"),
    ],
)
def test_what_to_compare_must_be_said(arguments: list[str], message: str, quarters: tuple[Path, Path, Path]) -> None:
    assert message in str(run("diff", quarters[1], *arguments).exception)


def history(*prices: float) -> list[dict[str, Any]]:
    return [fact(price, date=f"{2024 + year}-01-01") for year, price in enumerate(prices)]


@pytest.fixture
def moved(tmp_path: Path) -> Path:
    """Two H100 that moved by 0.8, 0.75, 0.8 and 1.25, an A100 that stood still, and one in EUR."""
    offers = [
        {"id": "aws-a", "gpu": "h100-sxm-80gb", ON_DEMAND: history(5, 4, 3)},
        {"id": "aws-b", "gpu": "h100-sxm-80gb", ON_DEMAND: history(5, 4, 5)},
        {"id": "aws-old", "gpu": "a100-sxm-80gb", ON_DEMAND: history(3, 3, 3)},
        {"id": "azure-e", "gpu": "h100-sxm-80gb", ON_DEMAND: fact(4, currency="EUR")},
    ]
    gpus = [*CATALOG["gpus"], {"id": "a100-sxm-80gb", "name": "A100", "memory_gb": 80}]
    place = {"region": "us-east-1", "country": "US", "gpus": 8}
    named = [place | one | {"provider": one["id"].split("-")[0]} for one in offers]
    return write_catalog(tmp_path / "moved", CATALOG | {"gpus": gpus, "offers": named})


def paths(prices: Path, *arguments: str) -> dict[str, Any]:
    result = run("show", "--catalog", prices, "--paths", "--format", "json", *arguments)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_paths_are_offered_from_the_history_of_the_rows_asked_for(moved: Path) -> None:
    found = paths(moved, "--gpu", "h100", "--as-of", "2026-11-21")
    assert found["as_of"] == "2026-11-21"
    dollars, euros = found["pools"]
    assert (dollars["rows"], dollars["read_again"], dollars["row_years"]) == (2, 2, 4.0)
    assert [(one["id"], one["date"], one["factor"]) for one in dollars["steps"]] == [
        (f"aws-a/{ON_DEMAND}", "2025-01-01", 0.8), (f"aws-b/{ON_DEMAND}", "2025-01-01", 0.8),
        (f"aws-a/{ON_DEMAND}", "2026-01-01", 0.75), (f"aws-b/{ON_DEMAND}", "2026-01-01", 1.25),
    ]  # fmt: skip
    assert list(dollars["paths"]) == ["flat", "low", "likely", "high"]
    assert dollars["paths"]["flat"] == {}
    likely = {f"{2027 + year}-02": round(0.8 ** (1 + year), 6) for year in range(5)}  # every 365.5 days
    assert dollars["paths"]["likely"] == pytest.approx(likely)
    assert (euros["currency"], euros["enough"], list(euros["paths"]), euros["price_paths"]) == (
        "EUR",
        False,
        ["flat"],
        [],
    )
    slower = paths(moved, "--provider", "aws")["pools"][0]
    assert slower["row_years"] == 6
    assert min(slower["paths"]["likely"]) == "2027-08"


def test_what_is_offered_can_be_pasted_into_a_scenario(moved: Path, tmp_path: Path) -> None:
    from planner.catalog.load import load_catalog
    from planner.prices import Prices
    from planner.scenario.price_schema import PricePath
    from tests.small import small

    (pool,) = paths(moved, "--gpu", "h100", "--provider", "aws", "--as-of", "2026-11-21")["pools"]
    assert [one["rows"] for one in pool["price_paths"]] == [f"aws-a/{ON_DEMAND}", f"aws-b/{ON_DEMAND}"]
    assert pool["price_paths"][0]["like"] == [f"aws-a/{ON_DEMAND}", f"aws-b/{ON_DEMAND}"]
    scenario = small(tmp_path).scenario.model_copy(
        update={"price_paths": [PricePath(**one) for one in pool["price_paths"]], "prices": {}}
    )
    book = Prices(load_catalog(moved), scenario)
    assert book.series(f"aws-a/{ON_DEMAND}").values == pytest.approx([3, 3 * 0.8, 3 * 0.8])
    assert book.series(f"aws-old/{ON_DEMAND}").values.tolist() == [3, 3, 3]
    (single,) = paths(moved, "--provider", "aws")["pools"][0]["price_paths"]
    assert single == {"rows": f"aws-*/{ON_DEMAND}", "kind": "history", "case": "likely", "source": "catalog history"}


@pytest.mark.parametrize("form", ["table", "csv", "md"])
def test_paths_in_every_form(form: str, moved: Path) -> None:
    result = run("show", "aws", "--catalog", moved, "--paths", "--format", form)
    assert result.exit_code == 0, result.output
    for word in ("measured", "flat", "low", "likely", "high", "2025-01-01", "2027-08"):
        assert word in result.stdout
    assert "4 steps on 2 days in 6.0 row-years of 3 rows, 2024-01-01 to 2026-01-01" in result.stderr
    assert f'  - {{"rows": "aws-*/{ON_DEMAND}", "kind": "history"' in result.stderr
    if form == "csv":
        found = list(csv.DictReader(io.StringIO(result.stdout)))
        assert [row["path"] for row in found[:5]] == ["measured"] * 4 + ["flat"]
        assert {row["row_years"] for row in found} == {"6.0"}


def test_of_one_row_its_steps_are_shown_and_no_path_is_made_up(moved: Path) -> None:
    result = run("show", "aws-a", "--catalog", moved, "--paths", "--format", "csv")
    found = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [(row["path"], row["date"], row["factor"]) for row in found] == [
        ("measured", "2025-01-01", "0.8"), ("measured", "2026-01-01", "0.75"), ("flat", "", "1.0")
    ]  # fmt: skip
    assert "Too little for low, likely and high: these take 4 steps" in result.stderr


def test_paths_see_nothing_after_the_day(moved: Path) -> None:
    (pool,) = paths(moved, "--provider", "aws", "--as-of", "2025-12-31")["pools"]
    assert [one["factor"] for one in pool["steps"]] == [0.8, 0.8]
    assert not pool["enough"]
    assert paths(moved, "--as-of", "2020-01-01")["pools"] == []


def test_history_and_paths_are_two_views(moved: Path) -> None:
    assert "give one of them" in str(run("show", "--catalog", moved, "--paths", "--history").exception)


def test_a_path_from_history_holds_while_two_days_are_compared(tmp_path: Path) -> None:
    prices = content(rent=[fact(6, date="2023-01-01"), *history(5, 4, 3), fact(2, date="2026-12-15")])
    scenario = tmp_path / "scenario.yaml"
    scenario.write_text(f"{SCENARIO}price_paths: [{{rows: {RENT}, kind: history, case: likely, source: own}}]\n")
    late = [fact(1.5, date="2027-01-15")]
    prices["offers"][0][ON_DEMAND] = [fact(7, date="2022-01-01"), *prices["offers"][0][ON_DEMAND], *late]
    folder = write_catalog(tmp_path / "held", prices)
    days = ("--from", "2026-12-31", "--to", "2027-12-31", "--format", "json", "--scenario", scenario)
    result = run("diff", folder, *days)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["counts"]["changed"] == 1
