"""The command line in this process, which saves the second that a Python of its own takes to start.

Where the process is the subject (signals, pipes, terminals, what is imported, hash seeds) tests start a real one.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess
from unittest.mock import patch

from planner.cli.main import main


def run(*arguments: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None) -> CompletedProcess[str]:
    """Return how the command ended and what it wrote, as text."""
    done = raw(*arguments, cwd=cwd, env=env)
    stdout, stderr = (io.TextIOWrapper(io.BytesIO(one), "utf-8").read() for one in (done.stdout, done.stderr))
    return CompletedProcess(done.args, done.returncode, stdout, stderr)


def raw(*arguments: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None) -> CompletedProcess[bytes]:
    """Return how the command ended and the bytes that it wrote."""
    stdout, stderr = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
    with (
        patch.object(sys, "argv", ["planner", *map(str, arguments)]),
        patch.dict(os.environ, {"NO_COLOR": "1", **(env or {})}),
        chdir(cwd or Path.cwd()),
        redirect_stdout(stdout),
        redirect_stderr(stderr),
    ):
        code = _ended()
    written = []
    for stream in (stdout, stderr):
        stream.flush()
        written.append(stream.buffer.getvalue())  # type: ignore[attr-defined]
    return CompletedProcess(sys.argv, code, *written)


def _ended() -> int:
    """Run `main` and return the exit code; what it sets for its process is set back."""
    pipe = getattr(signal, "SIGPIPE", None)
    before = signal.getsignal(pipe) if pipe else None
    try:
        main()
    except SystemExit as ended:
        return int(ended.code or 0)
    finally:
        if pipe:
            signal.signal(pipe, before)
    return 0
