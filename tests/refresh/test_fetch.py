"""Fetching: only when asked, only http and https, with limits, and never half a file."""

from __future__ import annotations

import socket
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from planner.errors import InputError
from planner.importers.fetch import Limits, fetch
from tests.refresh.conftest import Prices

LIMITS = Limits(size=1000, silence=0.3, whole=0.6)


def refused(address: str, folder: Path, limits: Limits = LIMITS, online: bool = True) -> str:
    with pytest.raises(InputError) as caught:
        fetch(address, folder, online, limits)
    return str(caught.value)


def head(request: BaseHTTPRequestHandler, status: int = 200, **headers: object) -> None:
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), str(value))
    request.end_headers()


def test_a_file_is_fetched_under_its_name(served: Prices, tmp_path: Path) -> None:
    path = fetch(served("/aws/vms.csv?x=1", b"prices"), tmp_path, online=True)
    assert path == tmp_path / "vms.csv"
    assert path.read_bytes() == b"prices"


def test_a_file_of_this_machine_needs_no_network(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x")
    assert fetch(str(tmp_path / "a.csv"), tmp_path, online=False) == tmp_path / "a.csv"
    assert "is no file" in refused(str(tmp_path / "b.csv"), tmp_path)


def test_the_network_is_not_used_unless_asked_for(
    served: Prices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = served("/a.csv", b"x")
    monkeypatch.setattr(socket, "socket", lambda *_, **__: pytest.fail("a socket was made"))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("a name was looked up"))
    assert "--online" in refused(address, tmp_path, online=False)
    assert served.asked == []


@pytest.mark.parametrize(
    "address",
    ["ftp://prices.example/a.csv", "file:///etc/passwd", "s3://bucket/a.csv", "http://", "https://me:secret@h/a.csv"],
)
def test_other_addresses_are_refused_and_say_no_secret(address: str, tmp_path: Path) -> None:
    message = refused(address, tmp_path)
    assert "is no address that can be fetched" in message
    assert "secret" not in message


def test_an_error_of_the_server_is_told(served: Prices, tmp_path: Path) -> None:
    assert "answered 500" in refused(served("/a", lambda request: request.send_error(500)), tmp_path)
    assert "answered 404" in refused(served("/none?token=secret"), tmp_path)
    assert "secret" not in refused(served("/none?token=secret"), tmp_path)


def test_nobody_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    assert "cannot be fetched" in refused(f"http://127.0.0.1:{port}/a", tmp_path)


def test_silence_is_not_waited_for(served: Prices, tmp_path: Path) -> None:
    began = time.monotonic()
    assert "did not answer" in refused(served("/a", lambda request: time.sleep(2)), tmp_path)
    assert time.monotonic() - began < 1.5


def test_neither_is_a_server_that_drips(served: Prices, tmp_path: Path) -> None:
    def drip(request: BaseHTTPRequestHandler) -> None:
        head(request, Content_Length=100)
        for _ in range(100):
            request.wfile.write(b"x")
            time.sleep(0.05)

    assert "was not there after 0.6 seconds" in refused(served("/a", drip), tmp_path)


def test_a_file_that_is_cut_off_is_not_taken(served: Prices, tmp_path: Path) -> None:
    def cut(request: BaseHTTPRequestHandler) -> None:
        head(request, Content_Length=100)
        request.wfile.write(b"only this")

    assert "was cut off after 9 of 100 bytes" in refused(served("/a", cut), tmp_path)


@pytest.mark.parametrize("told", [True, False])
def test_a_gigantic_file_is_not_taken(told: bool, served: Prices, tmp_path: Path) -> None:
    def flood(request: BaseHTTPRequestHandler) -> None:
        head(request, **({"Content_Length": 10**12} if told else {}))
        try:
            while True:
                request.wfile.write(b"x" * 10_000)
        except OSError:
            pass

    assert "is larger than 1,000 bytes" in refused(served("/a", flood), tmp_path)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 1000


def test_redirects_are_followed_a_few_times_and_never_out_of_http(served: Prices, tmp_path: Path) -> None:
    served("/b", b"prices")
    to_b = served("/a", lambda request: head(request, 302, Location="/b", Content_Length=0))
    assert fetch(to_b, tmp_path, online=True).read_bytes() == b"prices"
    round_and_round = served("/c", lambda request: head(request, 302, Location="/c", Content_Length=0))
    assert "answered 302" in refused(round_and_round, tmp_path)
    assert served.asked.count("/c") <= 6
    for target in ("file:///etc/passwd", "ftp://prices.example/a"):
        out = served("/d", lambda request, target=target: head(request, 302, Location=target, Content_Length=0))  # type: ignore[misc]
        assert "answered 302" in refused(out, tmp_path)


def test_the_proxy_of_the_environment_is_used(served: Prices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served("http://prices.example/a.csv", b"through the proxy")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", served(""))
    assert fetch("http://prices.example/a.csv", tmp_path, online=True).read_bytes() == b"through the proxy"
