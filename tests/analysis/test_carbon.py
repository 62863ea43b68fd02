"""Energy and carbon: worked out by hand, priced, and never 0 where they are not known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from planner.analysis.carbon import carbon
from planner.analysis.study import solve_case
from planner.analysis.tco import tco
from planner.errors import InputError
from planner.model.solve import Effort
from tests.small import CHEAP, DEAR, SERVER, SITE, WHOLE, serving, small

GCP = "gcp-a3-highgpu-8g-us-central1"
GROQ = "groq-llama-3-3-70b-versatile"
HELD: dict[str, Any] = {
    "sites": [{"id": SITE}], "servers": {"consider": []},
    "existing_servers": [
        {"server": SERVER, "site": SITE, "servers": 1, "in_service": "2026-01", "paid_usd_per_server": 0}
    ],
    "offers": {"consider": [WHOLE], "kinds": ["on_demand"]}, "workloads": [serving(12)],
}  # fmt: skip
"""A server at work in every hour, and 4 GPUs rented beside it."""
FACTORS = {
    f"{SITE}/pue": 1.5, f"{SITE}/carbon_kg_per_kwh": 0.4, "h100-sxm-80gb/power_kw_per_gpu": 0.5, "aws/pue": 2,
    f"{WHOLE}/carbon_kg_per_kwh": 0.25,
}  # fmt: skip
DIRTY_AND_CLEAN: dict[str, Any] = {
    "offers": {"consider": [WHOLE, GCP], "kinds": ["on_demand"]},
    "prices": {**FACTORS, "gcp/pue": 2, f"{GCP}/carbon_kg_per_kwh": 1, f"{GCP}/on_demand_usd_per_gpu_hour": 3.97},
}
"""At 1 kg for 3.97 USD, or 0.25 kg for 4 USD: equal at 0.03 USD for 0.75 kg, that is 40 USD a tonne."""


def found(tmp_path: Path, **changes: Any) -> dict[str, Any]:
    return carbon(solve_case(small(tmp_path, **changes), Effort(gap=1e-9)))


def test_kwh_and_tonnes_are_worked_out_by_hand(tmp_path: Path) -> None:
    # January and February are one fiscal year, March is the next
    said = found(tmp_path, **HELD, prices=FACTORS, fiscal_year_starts=3)
    month = {"owned": (10 * 730 * 1.5, 10 * 730 * 1.5 * 0.4), "rented": (4 * 730 * 0.5 * 2, 4 * 730 * 0.25)}
    rows = {(row["fiscal_year"], row["place"], row["kind"]): (row["kwh"], row["tco2e"]) for row in said["existing"]}
    places = {"owned": SITE, "rented": "aws us-east-1"}
    expected = {
        (year, places[kind], kind): pytest.approx((months * kwh, months * kg / 1000))
        for kind, (kwh, kg) in month.items()
        for year, months in ((2027, 2), (2028, 1))
    }
    assert rows == expected
    assert said["plan"] == said["existing"]
    assert (said["unknown"], said["price_usd_per_tonne"]) == ([], None)


@pytest.mark.parametrize(("usd", "place"), [(39.9, "gcp us-central1"), (40.1, "aws us-east-1")])
def test_a_price_of_carbon_decides(usd: float, place: str, tmp_path: Path) -> None:
    said = found(tmp_path, **DIRTY_AND_CLEAN, carbon={"usd_per_tonne": usd, "source": "by hand"})
    assert {row["place"] for row in said["plan"]} == {place}
    assert said["price_usd_per_tonne"] == usd


def test_a_price_of_carbon_can_make_a_server_pay(tmp_path: Path) -> None:
    # 110,000 USD lost on a server, 105,120 on three months of renting; 17,520 GPU-hours at 1 kg are 17.52 t
    case = {"sites": [{"id": SITE}], "offers": {"consider": [GCP], "kinds": ["on_demand"]}}
    dear = {f"{GCP}/on_demand_usd_per_gpu_hour": 6, f"{SERVER}/purchase_usd_per_server": 220_000}
    prices = FACTORS | dear | {"gcp/pue": 2, f"{GCP}/carbon_kg_per_kwh": 1, f"{SITE}/carbon_kg_per_kwh": 0.1}
    emitted = {"owned": 10 * 730 * 3 * 1.5 * 0.1 / 1000, "rented": 8 * 730 * 3 * 1 / 1000}
    even = (110_000 - 105_120) / (emitted["rented"] - emitted["owned"])
    for usd, kind in ((even - 1, "rented"), (even + 1, "owned")):
        study = solve_case(small(tmp_path, **case, prices=prices, carbon={"usd_per_tonne": usd, "source": "by hand"}),
                           Effort(gap=1e-9))  # fmt: skip
        (row,) = carbon(study)["plan"]
        assert (row["kind"], row["tco2e"]) == (kind, pytest.approx(emitted[kind]))
        assert tco(study, study.plan)["by_component"]["carbon"] == pytest.approx(emitted[kind] * usd)


def test_what_is_not_known_is_null_and_named_and_left_out_where_carbon_has_a_price(tmp_path: Path) -> None:
    both = {"offers": {"consider": [CHEAP, WHOLE], "kinds": ["on_demand"]}, "prices": FACTORS}
    said = found(tmp_path, **both)
    (row,) = said["plan"]
    assert (row["tco2e"], said["unknown"]) == (None, [CHEAP])
    study = solve_case(small(tmp_path, **both, carbon={"usd_per_tonne": 0, "source": "by hand"}), Effort())
    assert [row["tco2e"] for row in carbon(study)["plan"]] == [pytest.approx(8 * 730 * 3 * 0.25 / 1000)]
    assert (CHEAP, "carbon is priced and its carbon factor is unknown") in study.case.left_out


def test_the_carbon_of_a_token_api_is_not_known(tmp_path: Path) -> None:
    tokens = {"offers": [GROQ], "input_mtok_per_unit": 0.1, "cached_input_mtok_per_unit": 0,
              "output_mtok_per_unit": 0}  # fmt: skip
    changes = {"workloads": [serving(api=tokens)], "prices": {f"{GROQ}/input_usd_per_mtok": 1, **FACTORS}}
    said = found(tmp_path, **changes)
    assert said["plan"] == [
        {"fiscal_year": 2027, "place": "groq", "kind": "rented", "kwh": None, "tco2e": None}
    ]  # fmt: skip
    assert GROQ in said["unknown"]
    priced = found(tmp_path, **changes, offers={"consider": [DEAR, WHOLE], "kinds": ["on_demand"]},
                   carbon={"usd_per_tonne": 1, "source": "by hand"})  # fmt: skip
    assert {row["place"] for row in priced["plan"]} == {"aws us-east-1"}


def test_a_site_of_unknown_carbon_is_an_error_where_carbon_has_a_price(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    price = {"usd_per_tonne": 1, "source": "by hand"}
    small(tmp_path, **HELD, carbon=price)
    monkeypatch.setattr("planner.prices.Prices.known", lambda book, row: "carbon" not in row)
    with pytest.raises(InputError, match=f"{SITE}/carbon_kg_per_kwh: unknown, and carbon is priced"):
        small(tmp_path, **HELD, carbon=price)
