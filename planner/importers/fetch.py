"""Fetches price files over http and https, when that is asked for: the only place that uses the network.

The proxies of the environment (`https_proxy`, `no_proxy` …) and its certificates (`SSL_CERT_FILE`, `SSL_CERT_DIR`) are
honoured, as Python's own library does.
"""

from __future__ import annotations

import http.client
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import IO

from planner.errors import Complaint, InputError, Place

_CHUNK = 65_536


@dataclass(frozen=True)
class Limits:
    """How much is fetched at most, and how long is waited for an answer and for the whole, in seconds."""

    size: int = 2_000_000_000
    silence: float = 30.0
    whole: float = 900.0


def on_network(address: str) -> bool:
    """Say whether `address` is not a file of this machine."""
    return "://" in address


def without_secrets(address: str) -> str:
    """Return `address` without what may hold a password or a signature: user, query and fragment.

    >>> without_secrets("https://me:pw@prices.example/a.csv?signature=x#y"), without_secrets("prices/aws.csv")
    ('https://prices.example/a.csv', 'prices/aws.csv')
    """
    if not on_network(address):
        return address
    try:
        parts = urllib.parse.urlsplit(address)
    except ValueError:
        return f"{address.partition(':')[0]}://…"
    return urllib.parse.urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def joined(address: str, link: str) -> str:
    """Return where a link leads that stands at `address`."""
    try:
        return urllib.parse.urljoin(address, link)
    except ValueError:
        return link


def asking(address: str, name: str, value: str) -> str:
    """Return `address` with one thing asked for otherwise.

    >>> asking("https://prices.example/skus?key=1&page=a", "page", "b=")
    'https://prices.example/skus?key=1&page=b%3D'
    """
    parts = urllib.parse.urlsplit(address)
    kept = [part for part in parts.query.split("&") if part and part.partition("=")[0] != name]
    query = "&".join([*kept, urllib.parse.urlencode({name: value})])
    return urllib.parse.urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def same_host(address: str, other: str) -> bool:
    """Say whether two addresses have one scheme, host and port.

    >>> same_host("https://prices.example/a", "https://prices.example:443/b")
    True
    """
    try:
        return _origin(address) == _origin(other)
    except ValueError:
        return False


def overheard(address: str) -> bool:
    """Say whether others could read along, or answer in its stead: no https, and no loopback."""
    parts = urllib.parse.urlsplit(address)
    try:
        return parts.scheme != "https" and not ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.hostname != "localhost"


def _origin(address: str) -> tuple[str, str | None, int | None]:
    parts = urllib.parse.urlsplit(address)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)


def fetch(address: str, folder: Path, online: bool, limits: Limits = Limits()) -> Path:
    """Return the file at `address`: a path of this machine, or what was fetched into `folder`.

    Raises
    ------
    InputError
        when it cannot be had: no such file, not allowed, refused, too large, too slow, cut off.
    """
    if not on_network(address):
        path = Path(address)
        return path if path.is_file() else _refuse(address, "is no file")
    try:
        parts = urllib.parse.urlsplit(address)
        sound = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    except ValueError:
        sound = False
    if not sound:
        _refuse(address, "is no address that can be fetched", "https://… or http://…, without a user, or a file")
    if not online:
        _refuse(address, "is on the network, which is used only when asked for", "add --online, or name a file")
    target = folder / (Path(urllib.parse.unquote(parts.path)).name or "fetched")
    try:
        asked = urllib.parse.quote(address, safe="%/:=&?~#+!$,;'@()*[]")  # as $filter is written by hand
        with _opener().open(asked, timeout=limits.silence) as answer, target.open("wb") as stream:
            _copy(address, answer, stream, limits)
    except urllib.error.HTTPError as error:
        error.close()
        _refuse(address, f"answered {error.code} {error.reason}")
    except TimeoutError:
        _refuse(address, f"did not answer within {limits.silence:g} seconds")
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        if isinstance(reason, TimeoutError):
            _refuse(address, f"did not answer within {limits.silence:g} seconds")
        _refuse(address, f"cannot be fetched: {reason or type(error).__name__}")
    return target


def _copy(address: str, answer: http.client.HTTPResponse, stream: IO[bytes], limits: Limits) -> None:
    """Copy the answer, a piece at a time, so that neither its size nor a server that drips can hold us up."""
    promised = answer.headers.get("Content-Length")
    if promised is not None and promised.isdigit() and int(promised) > limits.size:
        _refuse(address, f"is larger than {limits.size:,} bytes")
    ends, taken = time.monotonic() + limits.whole, 0
    while piece := answer.read1(_CHUNK):
        taken += len(piece)
        if taken > limits.size:
            _refuse(address, f"is larger than {limits.size:,} bytes")
        if time.monotonic() > ends:
            _refuse(address, f"was not there after {limits.whole:g} seconds")
        stream.write(piece)
    if promised is not None and promised.isdigit() and taken != int(promised):
        _refuse(address, f"was cut off after {taken:,} of {int(promised):,} bytes")


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a few redirects, to http and https only, and never from https back to http."""

    max_redirections = 5

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        scheme = urllib.parse.urlsplit(newurl).scheme
        if scheme not in ("http", "https") or (req.type == "https" and scheme == "http"):
            raise urllib.error.HTTPError(req.full_url, code, f"leads to {scheme}", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    """Return an opener for http and https alone; the usual one also opens files and ftp."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(), urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=ssl.create_default_context()), urllib.request.HTTPDefaultErrorHandler(),
        _Redirects(), urllib.request.HTTPErrorProcessor(),
    ):  # fmt: skip
        opener.add_handler(handler)
    opener.addheaders = [("User-Agent", "planner"), ("Accept-Encoding", "identity")]
    return opener


def _refuse(address: str, message: str, cure: str | None = None) -> Path:
    raise InputError([Complaint(Place(without_secrets(address)), "", message, cure=cure)])
