"""Price lists in pages: followed to their end, on one host, within limits, and only over the network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from planner.importers import pages
from planner.importers.fetch import overheard, same_host
from planner.importers.refresh import Refreshed
from tests.refresh.conftest import Prices
from tests.refresh.given import FIRST, azure, brought, catalog, gcp, rows

REGIONS = ("eastus", "westus", "northeurope")


def azure_page(region: str, following: Any) -> bytes:
    page = json.loads(azure(48, armRegionName=region))
    return json.dumps(page | {"NextPageLink": following}).encode()


def serve(served: Prices, *links: Any) -> str:
    """Serve a page for each region, with its link to the next one."""
    for at, (region, link) in enumerate(zip(REGIONS, links, strict=False)):
        served(f"/prices?$skip={at}", azure_page(region, link))
    return served("/prices?$skip=0")


def refreshed(folder: Path, address: str) -> Refreshed:
    (result,) = brought(folder, FIRST, ("azure", "azure", address))
    return result


def test_azures_pages_are_one_list(served: Prices, tmp_path: Path) -> None:
    folder = catalog(tmp_path)
    result = refreshed(folder, serve(served, served("/prices?$skip=1"), "/prices?$skip=2", None))
    assert (result.failed, result.imported.read, served.asked) == ("", 3, [f"/prices?$skip={at}" for at in range(3)])
    assert {row.id.rpartition("-")[2] for row in rows(folder, "azure")} == set(REGIONS)


def test_googles_pages_are_asked_for_by_token(served: Prices, tmp_path: Path) -> None:
    whole = json.loads(gcp(48))["skus"]
    served("/skus?key=1", json.dumps({"skus": whole[:2], "nextPageToken": "a="}).encode())
    served("/skus?key=1&pageToken=a%3D", json.dumps({"skus": whole[2:], "nextPageToken": ""}).encode())
    folder = catalog(tmp_path)
    (result,) = brought(folder, FIRST, ("gcp", "gcp", served("/skus?key=1")))
    assert (result.failed, result.imported.mapped, result.facts) == ("", 4, 4)
    assert "key=1" not in (folder / "refreshed" / "gcp-gcp.yaml").read_text()


def test_a_saved_file_is_read_as_it_is(served: Prices, tmp_path: Path) -> None:
    link = served("/prices?$skip=9")
    one, two = azure_page("eastus", link), azure_page("westus", link)
    for number, text in enumerate((one + b"\n" + two, b"[" + one + b"," + two + b"]")):
        file = tmp_path / f"{number}.json"
        file.write_bytes(text)
        (tmp_path / str(number)).mkdir()
        assert refreshed(catalog(tmp_path / str(number)), str(file)).facts == 2
    assert served.asked == []


@pytest.mark.parametrize(
    ("link", "message"),
    [("http://127.0.0.2:1/prices", "leads to another host"), ("https://prices.example/", "leads to another host"),
     ("file:///etc/passwd", "leads to another host"), ("http://[", "leads to another host"), (7, "answered 404"),
     ("/prices?$skip=0", "leads in a circle"), ("/gone", "answered 404"), ("/broken", "is broken off")],
)  # fmt: skip
def test_pages_that_lead_astray_fail_as_a_whole(link: Any, message: str, served: Prices, tmp_path: Path) -> None:
    folder = catalog(tmp_path)
    served("/broken", azure_page("westus", None)[:-30])
    assert message in refreshed(folder, serve(served, link)).failed
    assert not (folder / "refreshed").exists()


@pytest.mark.parametrize("limit", ["MAX_PAGES", "MAX_BYTES", "MAX_SECONDS"])
def test_pages_without_an_end(limit: str, served: Prices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, limit, {"MAX_PAGES": 2, "MAX_BYTES": 1000, "MAX_SECONDS": 0.0}[limit])
    address = serve(served, "/prices?$skip=1", "/prices?$skip=2", "/prices?$skip=3")
    assert "goes on for more than" in refreshed(catalog(tmp_path), address).failed
    assert len(served.asked) == 3 if limit == "MAX_PAGES" else 2


def test_hosts_and_listeners() -> None:
    assert same_host("https://prices.example/a", "https://prices.example:443/b?c")
    for other in ("http://prices.example/", "https://prices.example:8443/", "https://prices.example.org/"):
        assert not same_host("https://prices.example/a", other)
    safe = ("https://a.example", "http://127.0.0.1:8", "http://[::1]", "http://localhost")
    assert not any(overheard(one) for one in safe)
    assert overheard("http://prices.example")


def test_a_filter_may_be_written_by_hand(served: Prices, tmp_path: Path) -> None:
    served("/prices?$filter=serviceName%20eq%20'Virtual%20Machines'", azure(48))
    assert refreshed(catalog(tmp_path), served("/prices?$filter=serviceName eq 'Virtual Machines'")).failed == ""
