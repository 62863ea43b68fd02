"""Up to when files can tell of a month."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from planner.actuals.comparison import Scope
from planner.actuals.reach import ends_early, reaches
from planner.actuals.store import Store
from planner.actuals.track import track
from planner.catalog.load import Catalog
from tests.actuals.small import add, write
from tests.actuals.tracked import bill, bills, read, slurm

TENTH = {"ChargePeriodEnd": "2027-02-10T00:00:00Z"}


def told(store: Store) -> dict[str, str]:
    return {month: f"{until:%m-%d}" for (provider, month), until in reaches(store).items() if provider == "azure"}


def test_a_day_that_lacks_at_the_end_of_a_month_is_a_gap_and_less_is_none() -> None:
    key, last = ("azure", "2027-03"), datetime(2027, 3, 31)
    assert ends_early({key: last}, *key) == last and ends_early({key: last + timedelta(seconds=1)}, *key) is None


def test_a_part_of_a_month_is_not_whole_because_the_next_one_is(
    tiny: Path, catalog: Catalog, store: Store, tmp_path: Path
) -> None:
    bills(store, tmp_path, [bill(0, 1000), bill(1, 333, **TENTH)])
    bills(store, tmp_path, [bill(2, 1000)])
    found = track(read(tiny), catalog, store, Scope())
    assert found["compared"] == ["2027-01", "2027-03"] and found["causes"] == []
    assert found["months"][1]["why_not"] == ["azure is imported up to 2027-02-10 only"]


def test_a_file_that_goes_on_has_the_whole_month(store: Store, tmp_path: Path) -> None:
    bills(store, tmp_path, [bill(1, 333, **TENTH), bill(2, 1000)])
    assert told(store) == {"2027-02": "04-01", "2027-03": "04-01"}


def test_every_account_must_be_there(store: Store, tmp_path: Path) -> None:
    bills(store, tmp_path, [bill(1, 500)])
    bills(store, tmp_path, [bill(1, 166, **TENTH, SubAccountId="12")])
    assert told(store) == {"2027-02": "02-10"}
    bills(store, tmp_path, [bill(2, 1, SubAccountId="13"), bill(2, 1, SubAccountId="14", SkuPriceDetails="{}")])
    assert told(store) == {"2027-02": "02-10", "2027-03": "04-01"}
    part = {"ChargePeriodEnd": "2027-03-05T00:00:00Z", "SkuPriceDetails": "{}"}  # of one that has no GPU
    bills(store, tmp_path, [bill(2, 1, SubAccountId="15", **part)])
    assert told(store)["2027-03"] == "04-01"


def test_files_of_days_reach_as_far_as_the_last_and_take_the_accounts_beside_along(
    store: Store, tmp_path: Path
) -> None:
    def day(n: int) -> dict[str, str]:
        return {"ChargePeriodStart": f"2027-02-{n:02d}T00:00:00Z", "ChargePeriodEnd": f"2027-02-{n:02d}T23:00:00Z"}

    once = bill(1, 9, **day(3), SubAccountId="12")
    add(store, write(tmp_path / "3.csv", [bill(1, 9, **day(3)), once]))
    add(store, write(tmp_path / "28.csv", [bill(1, 9, **day(28))]), add=True)
    assert told(store) == {"2027-02": "02-28"}


def test_meters_reach_by_cluster(store: Store, tmp_path: Path) -> None:
    slurm(store, tmp_path, (4, 4000))
    slurm(store, tmp_path, (5, 4000), cluster="hall")
    found = reaches(store)
    assert {month: f"{until:%m-%d}" for (_, month), until in found.items()} == {"2027-05": "06-01", "2027-06": "07-01"}
    assert [month for _, month in reaches(store, ("hall",))] == ["2027-06"]


def test_a_fee_for_months_to_come_makes_none_of_them_whole(
    tiny: Path, catalog: Catalog, store: Store, tmp_path: Path
) -> None:
    year = {"ChargeCategory": "Purchase", "EffectiveCost": "12000", "ChargePeriodEnd": "2028-01-01T00:00:00Z"}
    bills(store, tmp_path, [bill(0, 1000), bill(0, 0, **year)])
    found = track(read(tiny), catalog, store, Scope())
    assert found["compared"] == ["2027-01"]
    assert found["months"][1]["why_not"] == ["azure is imported up to 2027-02-01 only"]
