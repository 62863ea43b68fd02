"""Ctrl-C while a solver is at work: answered at once, with nothing written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from planner.cli.interrupt import interruptible
from planner.errors import Complaint, InputError, Place
from tests.cli.test_cli import ROOT

LARGE = ROOT / "examples" / "llm-platform.yaml"


def test_what_the_work_returns_and_raises_comes_through() -> None:
    assert interruptible(lambda: 5) == 5
    error = InputError([Complaint(Place("f"), "", "is wrong")])

    def work() -> None:
        raise error

    with pytest.raises(InputError) as raised:
        interruptible(work)
    assert raised.value is error


@pytest.mark.skipif(os.name != "posix", reason="asks for signals and a terminal of POSIX")
@pytest.mark.parametrize("command", ["plan", "breakeven"])
def test_ctrl_c_stops_at_once_and_leaves_nothing(command: str, tmp_path: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "planner", command, str(LARGE)], cwd=tmp_path, stdout=theirs, stderr=theirs,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color"},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a job in the background ignores it
    )  # fmt: skip
    os.close(theirs)
    seen, asked = b"", 0.0
    while part := _read(ours):
        seen += part
        if not asked and b"solving" in seen:
            time.sleep(2)
            process.send_signal(signal.SIGINT)
            asked = time.monotonic()
    assert process.wait() == 130, seen.decode()
    assert time.monotonic() - asked < 30
    os.close(ours)
    text = seen.decode()
    assert "Stopped; nothing was written." in text
    assert "Traceback" not in text
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l"), "the cursor is hidden still"
    assert [*tmp_path.iterdir()] == []


def _read(terminal: int) -> bytes:
    """Return what comes next, nothing at the end."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""
