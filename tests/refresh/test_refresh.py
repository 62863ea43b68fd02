"""A catalog through the quarters: facts are appended, a feed that fails keeps what it has."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from planner.catalog.load import load_catalog
from planner.errors import InputError
from planner.importers.feeds import feed_of, read_feeds
from tests.refresh.conftest import Prices
from tests.refresh.given import (
    FIRST,
    ON_DEMAND,
    P5,
    SECOND,
    SPOT,
    azure,
    brought,
    catalog,
    gpuhunt,
    rows,
    skypilot,
)


def state(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_feed_continues_what_people_keep_by_hand(tmp_path: Path) -> None:
    folder = catalog(tmp_path)
    by_hand = (folder / "all.yaml").read_bytes()
    (tmp_path / "vms.csv").write_bytes(skypilot(55.04, spot="20"))
    (result,) = brought(folder, FIRST, ("aws", "skypilot", str(tmp_path / "vms.csv")))
    assert (result.facts, result.unchanged) == (2, 0)  # 55.04 / 8 has stood for more than a quarter; spot is new
    assert (folder / "all.yaml").read_bytes() == by_hand
    (tmp_path / "vms.csv").write_bytes(skypilot(48, spot="20"))
    (result,) = brought(folder, SECOND, ("aws", "skypilot", str(tmp_path / "vms.csv")))
    dated = load_catalog(folder).rows[f"{P5}/{ON_DEMAND}"]
    assert [float(row.fact.value or 0) for row in dated] == [12.29, 6.88, 6.88, 6]
    assert [float(row.fact.value or 0) for row in load_catalog(folder).rows[f"{P5}/{SPOT}"]] == [2.5, 2.5]


def test_what_a_feed_leaves_out_keeps_its_price(tmp_path: Path) -> None:
    folder, file = catalog(tmp_path), tmp_path / "vms.csv"
    file.write_bytes(skypilot(48, spot="20") + skypilot(50, region="us-west-2").partition(b"\n")[2])
    brought(folder, FIRST, ("aws", "skypilot", str(file)))
    file.write_bytes(skypilot(0, spot="16"))  # no on-demand price, and one region less
    (result,) = brought(folder, SECOND, ("aws", "skypilot", str(file)))
    assert result.not_listed == (f"aws-p5-48xlarge-us-west-2/{ON_DEMAND}",)
    loaded = load_catalog(folder)
    for row_id, value in {f"{P5}/{ON_DEMAND}": 6, f"{P5}/{SPOT}": 2, result.not_listed[0]: 6.25}.items():
        found = loaded.in_force(row_id, SECOND)
        assert found is not None
        assert float(found.fact.value or 0) == value


def test_what_is_known_is_not_edited(tmp_path: Path) -> None:
    folder, file = catalog(tmp_path), tmp_path / "vms.csv"
    file.write_bytes(skypilot(48))
    brought(folder, FIRST, ("aws", "skypilot", str(file)))
    before = state(folder)
    file.write_bytes(skypilot(40))
    (again,) = brought(folder, FIRST, ("aws", "skypilot", str(file)))
    assert again.refused == {"a price of the same day is known already": 1}
    assert state(folder) == before


def test_rows_that_the_catalog_cannot_take_do_not_spoil_the_others(tmp_path: Path) -> None:
    folder, file = catalog(tmp_path), tmp_path / "vms.csv"
    four = b"p5.48xlarge,H100,4,192,2048,24,us-east-1,,\n"
    unknown = b"p4d.24xlarge,A100,8,96,1152,22,us-east-1,,\n"
    west = skypilot(50, region="us-west-2").partition(b"\n")[2]
    file.write_bytes(skypilot(48).partition(b"\n")[0] + b"\n" + four + unknown + west)
    (result,) = brought(folder, FIRST, ("aws", "skypilot", str(file)))
    assert result.facts == 1
    assert sorted(result.refused) == [
        "a gpu that the catalog does not have: a100-sxm-40gb",
        "another GPU, or another number of them, than the catalog's offer of that name",
    ]
    assert len(load_catalog(folder).things["offers"]) == 2


def test_a_price_in_doubt_is_written_told_and_not_published(tmp_path: Path) -> None:
    folder, file = catalog(tmp_path), tmp_path / "vms.csv"
    file.write_bytes(skypilot(48 * 730))
    (result,) = brought(folder, FIRST, ("aws", "skypilot", str(file)))
    (doubted,) = result.doubtful
    assert doubted.id == f"{P5}/{ON_DEMAND}"
    assert "above any on-demand price" in doubted.quarantined
    assert result.changes == ()  # the price before it stays in force


def test_without_writing_nothing_is_written(tmp_path: Path) -> None:
    folder, file = catalog(tmp_path), tmp_path / "vms.csv"
    file.write_bytes(skypilot(48))
    before = state(folder)
    (result,) = brought(folder, FIRST, ("aws", "skypilot", str(file)), write=False)
    assert (result.facts, len(result.changes)) == (1, 1)
    assert state(folder) == before


def _cut(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Length", "5000")
    request.end_headers()
    request.wfile.write(skypilot(1))


FAILURES = {
    "500": (lambda request: request.send_error(500), "answered 500"),
    "cut off": (_cut, "was cut off"),
    "another format": (gpuhunt(48), "looks like gpuhunt"),
    "a page": (b"<html><body>Please sign in</body></html>", "is no SkyPilot catalog"),
    "nothing": (b"", "is no SkyPilot catalog"),
    "only a header": (skypilot(48).partition(b"\n")[0] + b"\n", "holds no price"),
    "no GPU": (skypilot(48).replace(b"H100,8", b","), "holds no price"),
}


@pytest.mark.parametrize("how", FAILURES)
def test_a_feed_that_fails_keeps_its_last_good_file(how: str, served: Prices, tmp_path: Path) -> None:
    folder = catalog(tmp_path)
    feeds = (
        ("aws", "skypilot", served("/aws", skypilot(48))), ("azure", "azure", served("/azure", azure(48))),
    )  # fmt: skip
    assert [one.failed for one in brought(folder, FIRST, *feeds)] == ["", ""]
    good = rows(folder, "aws")
    answer, message = FAILURES[how]
    served("/aws", answer)
    served("/azure", azure(40))
    failed, fine = brought(folder, SECOND, *feeds)
    assert message in failed.failed
    assert (failed.facts, fine.failed, fine.facts) == (0, "", 1)
    assert rows(folder, "aws") == good
    assert len(rows(folder, "azure")) == 2
    load_catalog(folder)


def test_a_feed_that_would_make_the_catalog_unsound_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, file = catalog(tmp_path), tmp_path / "vms.csv"
    file.write_bytes(skypilot(48))
    (folder / "refreshed").mkdir()
    good = (
        f"section,id,field,value,date,source,basis,confidence\noffers,{P5},{ON_DEMAND},7,2026-07-01,invoice,list,high\n"
    )
    (folder / "refreshed" / "aws.csv").write_text(good)
    before = state(folder)
    # what a later row says that the offer is must agree with what stands there
    monkeypatch.setattr("planner.importers.news.News._attributes", lambda *_: {"gpus": "16"})
    (result,) = brought(folder, FIRST, ("aws", "skypilot", str(file)))
    assert "gpus" in result.failed
    assert state(folder) == before


def test_a_catalog_that_is_not_sound_is_not_touched(tmp_path: Path) -> None:
    folder, file = catalog(tmp_path), tmp_path / "vms.csv"
    file.write_bytes(skypilot(48))
    (folder / "bad.yaml").write_text("offers: [{id: x}]\n")
    before = state(folder)
    with pytest.raises(InputError, match=r"bad\.yaml"):
        brought(folder, FIRST, ("aws", "skypilot", str(file)))
    assert state(folder) == before


def test_feeds_are_read_from_the_command_line_and_from_a_file(tmp_path: Path) -> None:
    one = feed_of("aws=skypilot:https://prices.example/a=b:c.csv")
    assert (one.name, one.format, one.address, one.source) == (
        "aws", "skypilot", "https://prices.example/a=b:c.csv", "aws-skypilot")  # fmt: skip
    for wrong in ("aws", "aws=skypilot", "aws=skypilot:", "=skypilot:x", "../up=skypilot:x", "Aws=skypilot:x"):
        with pytest.raises(InputError, match="--source"):
            feed_of(wrong)
    (tmp_path / "feeds.yaml").write_text(
        "feeds:\n  - {name: aws, format: skypilot, address: vms.csv}\n"
        "  - {name: own, format: gpuhunt, address: 'https://prices.example/x.csv', provider: nebius}\n"
    )
    first, second = read_feeds(tmp_path / "feeds.yaml")
    assert first.address == str(tmp_path / "vms.csv")
    assert (second.address, second.provider) == ("https://prices.example/x.csv", "nebius")
    (tmp_path / "feeds.yaml").write_text("feeds:\n" + 2 * "  - {name: aws, format: skypilot, address: a}\n")
    with pytest.raises(InputError, match="stands twice"):
        read_feeds(tmp_path / "feeds.yaml")
