"""The store: each file whole and once, nothing counted twice in silence, whole after a sudden death."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest

from planner.actuals.monthly import charges_by_month
from planner.actuals.store import How, Store
from planner.catalog.load import Catalog
from planner.errors import InputError
from tests.actuals.small import add, focus, write

NOVEMBER = {"BillingPeriodStart": "2026-11-01", "ChargePeriodStart": "2026-11-02", "ChargePeriodEnd": "2026-11-03"}


def count(store: Store) -> int:
    return store.rows("SELECT count(*) AS n FROM charges")[0]["n"]


def test_the_same_content_twice_changes_nothing_under_whatever_name(store: Store, tmp_path: Path) -> None:
    add(store, write(tmp_path / "a.csv", [focus()]))
    again = add(store, write(tmp_path / "b.csv", [focus()]), replace=True)
    assert again.unchanged and count(store) == 1


def test_a_month_of_an_account_that_is_there_is_refused_with_both_names(store: Store, tmp_path: Path) -> None:
    add(store, write(tmp_path / "draft.csv", [focus()]))
    final = write(tmp_path / "final.csv", [focus(EffectiveCost="90")])
    with pytest.raises(InputError, match=r"final\.csv: covers 2026-10 of aws '11', as .*draft\.csv does"):
        add(store, final)
    assert count(store) == 1 and [one["name"][-9:] for one in store.rows("SELECT name FROM files")] == ["draft.csv"]


def test_accounts_and_months_are_told_in_one_line(store: Store, tmp_path: Path) -> None:
    rows = [focus(SubAccountId=str(n), **when) for n in range(11, 15) for when in ({}, NOVEMBER)]
    add(store, write(tmp_path / "draft.csv", rows))
    with pytest.raises(InputError) as caught:
        add(store, write(tmp_path / "final.csv", [row | {"EffectiveCost": "1"} for row in rows]))
    (only,) = caught.value.complaints
    assert "covers 2026-10 to 2026-11 of aws '11', '12' and 2 more, as " in only.message


def test_replace_takes_away_what_the_older_file_said_of_these_months_alone(store: Store, tmp_path: Path) -> None:
    add(store, write(tmp_path / "draft.csv", [focus(), focus(), focus(**NOVEMBER), focus(SubAccountId="12")]))
    done = add(store, write(tmp_path / "final.csv", [focus(EffectiveCost="90")]), replace=True)
    assert list(done.replaced.values()) == [2]
    found = store.rows("SELECT account, billing_month, effective_cost FROM charges ORDER BY ALL")
    assert [tuple(one.values()) for one in found] == [
        ("11", "2026-10", Decimal(90)), ("11", "2026-11", Decimal("98.32")), ("12", "2026-10", Decimal("98.32")),
    ]  # fmt: skip
    add(store, write(tmp_path / "last.csv", [focus(EffectiveCost="91")]), replace=True)
    assert count(store) == 3


def test_a_file_of_which_nothing_is_left_may_come_again(store: Store, tmp_path: Path) -> None:
    draft = write(tmp_path / "draft.csv", [focus()])
    add(store, draft)
    add(store, write(tmp_path / "final.csv", [focus(EffectiveCost="90")]), replace=True)
    assert not add(store, draft, replace=True).unchanged and count(store) == 1


def test_a_file_that_lost_rows_may_come_again_and_is_whole_then(store: Store, tmp_path: Path) -> None:
    both = write(tmp_path / "both.csv", [focus(), focus(**NOVEMBER)])
    add(store, both)
    add(store, write(tmp_path / "wrong.csv", [focus(EffectiveCost="1")]), replace=True)
    with pytest.raises(InputError, match="covers 2026-10"):
        add(store, both)
    assert not add(store, both, replace=True).unchanged
    found = store.rows("SELECT billing_month, effective_cost FROM charges ORDER BY 1")
    assert [tuple(one.values()) for one in found] == [("2026-10", Decimal("98.32")), ("2026-11", Decimal("98.32"))]
    assert add(store, both).unchanged


def test_parts_of_one_export_stay_beside_each_other_and_replace_what_was_before(store: Store, tmp_path: Path) -> None:
    add(store, write(tmp_path / "draft.csv", [focus(EffectiveCost="1")]))
    parts = [write(tmp_path / f"{n}.csv", [focus(ResourceId=f"i-{n}")]) for n in range(3)]
    with pytest.raises(InputError, match="covers 2026-10"):
        list(store.add("auto", parts, How(replace=True)))
    list(store.add("auto", parts, How(replace=True, add=True)))
    assert count(store) == 3


def test_every_line_that_does_not_fit_is_named_and_nothing_goes_in(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [focus() for _ in range(5)])
    lines = path.read_text().splitlines()
    lines[2], lines[4] = lines[2] + ",more", lines[4].rpartition(",")[0].rpartition(",")[0]
    path.write_text("\n".join(lines))
    with pytest.raises(InputError) as caught:
        add(store, path)
    assert [one.place.line for one in caught.value.complaints] == [3, 5]
    assert count(store) == 0 and store.rows("SELECT * FROM files") == []
    add(store, write(path, [focus()]))
    assert count(store) == 1


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no CSV file with a header"),
        (b"a,b\n1,2\n", "is of no format that is known"),
        (b"PAR1 but no more", "is no Parquet file"),
        (b"PK\3\4zip", "is a zip archive"),
        (b"\xff\xfea\0,\0b\0", "UTF-16"),
        (b"\x1f\x8bno gzip", "cannot be read"),
        (b"\xe9\xe8,b\n", "UTF-8"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(store: Store, tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=why):
        add(store, path)


def test_of_many_lines_that_do_not_fit_the_first_are_named_with_a_cure(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [focus() for _ in range(40)])
    head, *lines = path.read_text().splitlines()
    path.write_text("\n".join([head, *(f"{line},more" for line in lines)]))
    with pytest.raises(InputError) as caught:
        add(store, path)
    *first, last = caught.value.complaints
    assert len(first) == 10 and all(one.cure for one in first) and last.message == "has 30 more lines that do not fit"


def test_a_column_that_is_needed_stands_once(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [focus(Other="1")])
    path.write_text(path.read_text().replace("Other", "BilledCost"))
    with pytest.raises(InputError, match="two columns 'BilledCost'"):
        add(store, path)


def test_names_and_data_are_never_sql(store: Store, tmp_path: Path) -> None:
    evil = "'); DROP TABLE charges; --"
    folder = tmp_path / "it's [a] *"
    folder.mkdir()
    write(tmp_path / "it's a x", [focus()])
    add(store, write(folder / "a{1}?.csv", [focus(SubAccountId=evil, ServiceName=evil, **{evil: '"; x'})]), "focus")
    assert store.rows("SELECT account FROM charges") == [{"account": evil}]


@pytest.mark.parametrize(("name", "other"), [("a*.csv", "ab.csv"), ("c[d].csv", "cd.csv"), ("e?.csv", "ef.csv")])
def test_a_name_is_no_pattern(store: Store, tmp_path: Path, name: str, other: str) -> None:
    write(tmp_path / other, [focus(SubAccountId="other")])
    add(store, write(tmp_path / name, [focus()]), "focus")
    assert store.rows("SELECT account FROM charges") == [{"account": "11"}]


@pytest.mark.parametrize("form", ["gzip", "semicolon", "bom", "crlf", "parquet"])
def test_packed_and_written_otherwise(store: Store, tmp_path: Path, form: str) -> None:
    path = write(tmp_path / "a.csv", [focus(), focus(ChargeDescription='of "two"\nlines; p5.48xlarge Instance Hour')])
    if form == "gzip":
        path.write_bytes(gzip.compress(path.read_bytes()))
    elif form == "bom":
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    elif form == "crlf":
        path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    else:
        nested = ", MAP {'GpuCount': '8'} AS SkuPriceDetails" if form == "parquet" else ""
        how = "FORMAT parquet" if form == "parquet" else "HEADER true, DELIMITER ';'"
        store.base.execute(f"COPY (SELECT *{nested} FROM read_csv('{path}')) TO '{path}2' ({how})")
        path = Path(f"{path}2")
    add(store, path, "focus")
    assert [one["gpu_hours"] for one in store.rows("SELECT gpu_hours FROM charges")] == [8, 8]


def test_months_share_a_charge_by_time_and_cash_falls_where_it_begins(store: Store, tmp_path: Path) -> None:
    rows = [
        focus(ChargePeriodStart="2026-10-31T00:00:00Z", ChargePeriodEnd="2026-11-02T00:00:00Z", PricingQuantity="48",
              EffectiveCost="96", BilledCost="96"),
        focus(ChargePeriodStart="2026-10-30T00:00:00Z", ChargePeriodEnd="2026-11-01T00:00:00Z", PricingQuantity="48"),
        focus(ChargePeriodStart="2026-10-01", ChargePeriodEnd="2026-11-01", BillingCurrency="EUR", EffectiveCost="7"),
    ]  # fmt: skip
    add(store, write(tmp_path / "a.csv", rows))
    found = charges_by_month(store).set_index(["month", "currency"])
    assert found.gpu_hours.to_dict() == {("2026-10", "EUR"): 8, ("2026-10", "USD"): 192 + 384, ("2026-11", "USD"): 192}
    assert found.effective_cost.to_dict() == pytest.approx(
        {("2026-10", "EUR"): 7, ("2026-10", "USD"): 48 + 98.32, ("2026-11", "USD"): 48}
    )
    assert found.billed_cost["2026-11", "USD"] == 0


def test_a_store_is_a_store(tmp_path: Path) -> None:
    import duckdb

    with pytest.raises(InputError, match="does not exist"):
        Store(tmp_path / "none.duckdb", read_only=True)
    duckdb.connect(str(tmp_path / "other.duckdb")).execute("CREATE TABLE t (x INT)").close()
    with pytest.raises(InputError, match="no store of actuals"):
        Store(tmp_path / "other.duckdb")
    (tmp_path / "text").write_text("no database" * 1000)
    with pytest.raises(InputError, match="cannot be opened"):
        Store(tmp_path / "text")
    with pytest.raises(InputError), Store(tmp_path / "new.duckdb") as store:
        add(store, write(tmp_path / "a.csv", [{"a": 1, "b": 2}]))
    assert not (tmp_path / "new.duckdb").exists()


_SLOW = {
    "insert": "insert = s._insert; s._insert = lambda *a: (print('at', flush=True), insert(*a))[1]; ",
    "settle": "settle = m.settle; m.settle = lambda *a: (print('at', flush=True), time.sleep(60)); ",
    "commit": "s.base = Told(s.base); ",
}
"""Says when an import is there: before the rows are written, when they are, and before they are committed."""
_IMPORT = """
import sys, time
from pathlib import Path
from planner.actuals import store as m

class Told:
    def __init__(self, base): self._base = base
    def __getattr__(self, name): return getattr(self._base, name)
    def commit(self):
        print('at', flush=True)
        self._base.commit()

s = m.Store(sys.argv[1])
SLOW
list(s.add('focus', [Path(sys.argv[2])]))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")
@pytest.mark.parametrize(
    ("where", "wait"), [("insert", 0.02), ("insert", 0.2), ("settle", 0.2), ("commit", 0.0), ("commit", 0.02)]
)
def test_killed_in_the_middle_the_store_is_whole_and_a_second_run_completes_it(
    tmp_path: Path, where: str, wait: float
) -> None:
    kept, path = tmp_path / "kept.duckdb", tmp_path / "many.csv"
    write(path, [focus(SubAccountId="22", ResourceId=f"i-{n}") for n in range(30_000)])
    with Store(kept) as store:
        add(store, write(tmp_path / "first.csv", [focus()]))
    code = _IMPORT.replace("SLOW", _SLOW[where])
    started = subprocess.Popen([sys.executable, "-c", code, kept, path], stdout=subprocess.PIPE, cwd=os.getcwd())
    assert started.stdout is not None and started.stdout.readline() == b"at\n"
    time.sleep(wait)
    started.kill()
    started.wait()
    with Store(kept) as store:
        files = len(store.rows("SELECT * FROM files"))
        assert count(store) == (1 if files == 1 else 30_001)
        assert files == 1 or where == "commit"
        assert add(store, path).rows == (30_000 if files == 1 else 0)
        assert count(store) == 30_001


def test_a_file_is_read_past_the_catalog_in_little_memory(tmp_path: Path, catalog: Catalog) -> None:
    path = write(tmp_path / "many.csv", [focus(ResourceId=f"i-{n:032}") for n in range(100_000)])
    with Store(tmp_path / "kept.duckdb", catalog=catalog, memory="100MB") as store:
        assert add(store, path).gpu_hours == 800_000


def test_of_two_imports_at_once_one_waits_for_the_other(tmp_path: Path) -> None:
    kept, path = tmp_path / "kept.duckdb", write(tmp_path / "a.csv", [focus()])
    code = _IMPORT.replace("SLOW", _SLOW["settle"])
    started = subprocess.Popen([sys.executable, "-c", code, kept, path], stdout=subprocess.PIPE, cwd=os.getcwd())
    assert started.stdout is not None and started.stdout.readline() == b"at\n"
    with pytest.raises(InputError, match=r"is open for writing elsewhere\n.*wait for the other import"):
        Store(kept)
    started.kill()
    started.wait()
    with Store(kept) as store:
        assert add(store, path).rows == 1 == count(store)
