"""The AWS price list of EC2: what counts, and reserved terms made of two rows."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest

from planner.errors import InputError
from planner.importers import Imported, aws_price_list
from planner.importers.aws_price_list import read
from planner.importers.common import Settings
from tests.importers.given import SAMPLES, balanced, values, write

UNDATED = Settings("test-source")
PREAMBLE = {
    "FormatVersion": "v1.0", "Disclaimer": "Prices, made up for tests.", "Publication Date": "2026-10-05T22:53:08Z",
    "Version": "20261005225308", "OfferCode": "AmazonEC2",
}  # fmt: skip
ROW = {
    "SKU": "S1", "OfferTermCode": "JRTCKXETXF", "RateCode": "", "TermType": "OnDemand", "PriceDescription": "",
    "EffectiveDate": "2026-10-01", "StartingRange": "0", "EndingRange": "Inf", "Unit": "Hrs", "PricePerUnit": "",
    "Currency": "USD", "LeaseContractLength": "", "PurchaseOption": "", "OfferingClass": "",
    "Product Family": "Compute Instance", "Location": "US East (N. Virginia)", "Instance Type": "p5.48xlarge",
    "Tenancy": "Shared", "Operating System": "Linux", "License Model": "No License required",
    "usageType": "BoxUsage:p5.48xlarge", "operation": "RunInstances", "CapacityStatus": "Used", "GPU": "8",
    "MarketOption": "OnDemand", "Pre Installed S/W": "NA", "Region Code": "us-east-1",
}  # fmt: skip
P5 = "aws-p5-48xlarge-us-east-1"


def row(price: str, **cells: str) -> dict[str, str]:
    return ROW | {"PricePerUnit": price} | {name.replace("_", " "): cell for name, cell in cells.items()}


def term(sku: str, years: str, option: str, kind: str = "standard", **cells: str) -> dict[str, str]:
    return {
        "SKU": sku, "TermType": "Reserved", "OfferTermCode": f"T{years}{option}{kind}", "EffectiveDate": "2026-10-05",
        "LeaseContractLength": years, "PurchaseOption": option, "OfferingClass": kind, **cells,
    }  # fmt: skip


def price_list(folder: Path, *rows: dict[str, str], **head: str) -> Path:
    out = io.StringIO()
    table = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    table.writerows((PREAMBLE | head).items())
    table.writerow(ROW)
    table.writerows([one[name] for name in ROW] for one in rows)
    return write(folder / "index.csv", out.getvalue())


def imported(folder: Path, *rows: dict[str, str], settings: Settings = UNDATED) -> Imported:
    return read(price_list(folder, *rows), settings)


def test_on_demand_is_divided_by_the_instances_gpus(tmp_path: Path) -> None:
    found = imported(tmp_path, row("55.0400000000"))
    assert values(found) == {f"{P5}/on_demand_usd_per_gpu_hour": Decimal("6.88")}
    fact = found.rows[0]
    assert str(fact.value) == "6.88"
    assert (fact.date, fact.currency, fact.basis, fact.source) == ("2026-10-05", "USD", "list", "test-source")
    assert fact.attributes == {
        "provider": "aws", "region": "us-east-1", "country": "US", "instance_type": "p5.48xlarge",
        "gpu": "h100-sxm-80gb", "gpus": "8",
    }  # fmt: skip


def test_all_upfront_term_is_its_fee_over_the_hours_of_the_term(tmp_path: Path) -> None:
    # 36 months × 730 h = 26,280 h; × 8 GPUs = 210,240 GPU-hours; 2,102,400 USD ÷ 210,240 = 10 USD.
    all_upfront = term("S1", "3yr", "All Upfront")
    found = imported(
        tmp_path, row("96"), row("0.0000000000", **all_upfront), row("2102400", Unit="Quantity", **all_upfront)
    )
    assert values(found)[f"{P5}/36m-all-upfront/usd_per_gpu_hour"] == 10
    assert (found.read, found.mapped) == (3, 3)
    terms = {name: found.rows[1].attributes[name] for name in ("term_months", "upfront_fraction")}
    assert terms == {"term_months": "36", "upfront_fraction": "1"}


def test_partial_upfront_term_adds_fee_and_hours(tmp_path: Path) -> None:
    # 6,000 + 0.25 × 26,280 = 12,570 USD; ÷ 26,280 h ÷ 1 GPU = 0.478310502283…; 6,000 ÷ 12,570 = 0.4773…
    partial = term("S2", "3yr", "Partial Upfront", "convertible", GPU="1") | {"Instance Type": "g5.xlarge"}
    found = imported(tmp_path, row("6000", Unit="Quantity", **partial), row("0.25", **partial))
    field = "36m-partial-upfront-convertible/usd_per_gpu_hour"
    assert values(found)[f"aws-g5-xlarge-us-east-1/{field}"] == Decimal("0.478310502283")
    assert {one.attributes["upfront_fraction"] for one in found.rows if one.field == field} == {"0.477"}
    [unknown] = [one for one in found.rows if one.field == "on_demand_usd_per_gpu_hour"]
    assert (unknown.value, unknown.unknown) == (None, "the source gives no on-demand price")


def test_no_upfront_term_is_one_row(tmp_path: Path) -> None:
    found = imported(tmp_path, row("96"), row("48", **term("S1", "1yr", "No Upfront")))
    assert values(found)[f"{P5}/12m-no-upfront/usd_per_gpu_hour"] == 6
    assert found.rows[1].attributes["upfront_fraction"] == "0"


@pytest.mark.parametrize(
    ("option", "fees"),
    [("All Upfront", {"Hrs": "0"}), ("Partial Upfront", {"Hrs": "2"}), ("All Upfront", {"Quantity": "9000"}),
     ("No Upfront", {"Hrs": "0"}), ("No Upfront", {"Hrs": "2", "Quantity": "9000"})],
)  # fmt: skip
def test_term_without_a_half_makes_no_rate(tmp_path: Path, option: str, fees: dict[str, str]) -> None:
    rows = [row(fee, **term("S1", "1yr", option, Unit=unit)) for unit, fee in fees.items()]
    found = imported(tmp_path, *rows)
    assert values(found) == {}
    assert found.skipped == {"reserved term that lacks a half, or whose fees do not fit it": len(fees)}


def test_halves_of_other_terms_are_not_joined(tmp_path: Path) -> None:
    hourly = row("0", **term("S1", "1yr", "All Upfront"))
    fee = row("9000", Unit="Quantity", **term("S9", "1yr", "All Upfront"))
    assert values(imported(tmp_path, hourly, fee)) == {}


@pytest.mark.parametrize(
    ("cells", "why"),
    [({"Tenancy": "Dedicated"}, "Tenancy: Dedicated"), ({"Operating_System": "SUSE"}, "Operating System: SUSE"),
     ({"CapacityStatus": "UnusedCapacityReservation"}, "CapacityStatus: UnusedCapacityReservation"),
     ({"Pre_Installed_S/W": "SQL Web"}, "Pre Installed S/W: SQL Web"),
     ({"MarketOption": "CapacityBlock"}, "MarketOption: CapacityBlock"), ({"PricePerUnit": "0.0"}, "no price, or 0"),
     ({"PricePerUnit": "-1"}, "malformed row"), ({"EffectiveDate": "soon"}, "malformed row"),
     ({"Unit": "Quantity"}, "on-demand price in another unit than hours"), ({"Currency": "CNY"}, "currency CNY"),
     ({"Instance_Type": "c6i.large", "GPU": ""}, "no GPU"), ({"Instance_Type": ""}, "no instance"),
     ({"Instance_Type": "g6f.large", "GPU": "1"}, "part of a GPU"), ({"Region_Code": ""}, "no region"),
     ({"Instance_Type": "q9.metal", "GPU": "0.5"}, "not a whole number of GPUs"),
     ({"Instance_Type": "q9.metal"}, "unknown GPU of q9.metal"), ({"TermType": "Lease"}, "term Lease"),
     ({"GPU": "4"}, "another number of GPUs than the instance type has")],
)  # fmt: skip
def test_other_rows_are_skipped_with_their_reason(tmp_path: Path, cells: dict[str, str], why: str) -> None:
    found = imported(tmp_path, row(cells.pop("PricePerUnit", "55.04"), **cells))
    assert (values(found), found.skipped) == ({}, {why: 1})


def test_unknown_number_of_gpus_in_the_list_leaves_the_known_one(tmp_path: Path) -> None:
    assert values(imported(tmp_path, row("16", GPU="NA"))) == {f"{P5}/on_demand_usd_per_gpu_hour": Decimal(2)}


def test_the_later_of_two_prices_counts_and_two_of_one_day_are_doubted(tmp_path: Path) -> None:
    old = {"EffectiveDate": "2025-06-01"}
    found = imported(tmp_path, row("80"), row("88", **old), row("80"))
    assert values(found) == {f"{P5}/on_demand_usd_per_gpu_hour": Decimal(10)}
    assert found.skipped == {"replaced by a later price": 1, "the same price again": 1}
    assert values(imported(tmp_path, row("88", **old), row("80"))) == values(found)
    doubtful = imported(tmp_path, row("80"), row("88"))
    assert values(doubtful) == {f"{P5}/on_demand_usd_per_gpu_hour": None}
    assert doubtful.rows[0].unknown == "the source gives it twice, as 10 and as 11"


def test_price_to_come_is_dated_when_it_comes(tmp_path: Path) -> None:
    found = imported(tmp_path, row("80"), row("72", EffectiveDate="2027-01-01"))
    assert [(one.date, one.value) for one in found.rows] == [("2026-10-05", Decimal(10)), ("2027-01-01", Decimal(9))]


def test_given_date_stands_before_the_files(tmp_path: Path) -> None:
    found = imported(tmp_path, row("80"), settings=Settings("test-source", "2026-11-20"))
    assert [one.date for one in found.rows] == ["2026-11-20"]


def test_torn_rows_are_counted(tmp_path: Path) -> None:
    path = price_list(tmp_path, row("80"))
    path.write_text(path.read_text(encoding="utf-8") + '"S1","torn', encoding="utf-8")
    found = read(path, UNDATED)
    assert len(values(found)) == 1
    assert found.skipped == {"malformed row": 1}


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="of AmazonRDS, not of AmazonEC2"):
        read(price_list(tmp_path, OfferCode="AmazonRDS"), UNDATED)
    with pytest.raises(InputError, match="five lines"):
        read(write(tmp_path / "a.csv", "SKU,TermType\na,b\n"), UNDATED)
    lines = price_list(tmp_path).read_text(encoding="utf-8").replace("Tenancy", "Tenure")
    with pytest.raises(InputError, match="has no column Tenancy"):
        read(write(tmp_path / "b.csv", lines), UNDATED)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="needs the real files beside the checkout")
def test_real_rows_about_no_shared_linux_gpu_are_all_skipped() -> None:
    found = read(SAMPLES / "aws-price-list" / "3-global-pricing-file-sample.csv", UNDATED)
    balanced(found)
    assert (found.read, found.rows, found.skipped) == (44, [], {"no GPU": 43, "Tenancy: Dedicated": 1})


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="needs the real files beside the checkout")
def test_real_terms_cost_less_the_more_is_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    # The real file's reserved terms are about instances without GPUs: taken here as if they had one.
    monkeypatch.setattr(aws_price_list, "gpus_of", lambda *_: ("h100-sxm-80gb", 1))
    monkeypatch.setattr(aws_price_list, "_WANTED", {"CapacityStatus": ("Used",)})
    found = read(SAMPLES / "aws-price-list" / "3-global-pricing-file-sample.csv", UNDATED)
    made = values(found)
    order = [f"{months}m-{paid}-upfront" for months in (36, 12) for paid in ("all", "partial", "no")]
    for kind in ("", "-convertible"):
        rates = [made[f"aws-c6i-large-ap-northeast-1/{term}{kind}/usd_per_gpu_hour"] for term in order]
        assert all(rates) and rates == sorted(rates, key=lambda rate: rate or 0)
    assert {one.attributes.get("upfront_fraction", "0") for one in found.rows} == {"0", "0.5", "1"}
    assert found.skipped["reserved term that lacks a half, or whose fees do not fit it"] == 1  # the sample ends in it
