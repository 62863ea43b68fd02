"""A price server on loopback that can misbehave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

Answer = Callable[[BaseHTTPRequestHandler], None]


class Prices:
    """Files by path; an answer may also be a function of the request."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.files: dict[str, bytes | Answer] = {}
        self.asked: list[str] = []
        self.port = server.server_address[1]

    def __call__(self, path: str, answer: bytes | Answer | None = None) -> str:
        """Return the address of `path`, which gets `answer`."""
        if answer is not None:
            self.files[path] = answer
        return f"http://127.0.0.1:{self.port}{path}"


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Prices]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            prices.asked.append(self.path)
            answer = prices.files.get(self.path)
            if callable(answer):
                answer(self)
                return
            self.send_response(200 if answer is not None else 404)
            self.send_header("Content-Length", str(len(answer or b"")))
            self.end_headers()
            self.wfile.write(answer or b"")

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    prices = Prices(server)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield prices
    server.shutdown()
    server.server_close()
