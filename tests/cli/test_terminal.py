"""The summary and the progress as a terminal shows them."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from contextlib import redirect_stdout
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.table import Column, Table

from planner.cli import terminal
from planner.cli.columns import print_table
from tests.cli.test_cli import EIGHT, ROOT
from tests.test_examples import planned

BLOCK = re.compile("[▏▎▍▌▋▊▉█]+$")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return planned("eight-a100s")


def shown(document: dict[str, Any], encoding: str = "utf-8") -> str:
    """Return what `show` prints where stdout is no terminal."""
    stdout = io.TextIOWrapper(io.BytesIO(), encoding)
    with redirect_stdout(stdout):
        terminal.show(document)
    stdout.seek(0)
    return stdout.read()


def on_terminal(command: list[str], columns: int, folder: Path, both: bool = True, **env: str) -> str:
    """Return what a terminal of some columns receives of stderr, and of stdout when it is one, too."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    here = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "COLUMNS": "", **env}
    here = {name: value for name, value in here.items() if value}
    process = subprocess.Popen(
        [sys.executable, *command], stdout=theirs if both else subprocess.DEVNULL, stderr=theirs, cwd=folder, env=here
    )
    os.close(theirs)
    seen = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        if not part:
            break
        seen += part
    assert process.wait() == 0, seen.decode()
    return seen.decode()


def test_the_summary_says_the_answer_the_options_and_the_proof(document: dict[str, Any]) -> None:
    lines = shown(document).splitlines()
    assert lines[0] == "Buy 1 server."
    assert lines[1].startswith("It saves 5,674 USD in present value against the best cloud mix")
    text = "\n".join(lines)
    for words in ("Self-hosting, 3 years", "Breakeven of buying", "After 19.6 months", "Proven", "low\nconfidence"):
        assert words in text
    assert "nothing is owned or committed" in text


def test_bars_are_in_proportion_and_lines_fit(document: dict[str, Any]) -> None:
    lines = shown(document).splitlines()
    assert max(map(len, lines)) <= terminal.WIDTH
    lengths = {line.split("  ")[0]: length(line) for line in lines if BLOCK.search(line)}
    usd = {"Plan = Buy": "plan", "Self-hosted": "self_hosted", "On-demand": "on_demand", "Cloud mix": "cloud"}
    assert lengths.keys() == usd.keys()
    longest = max(lengths.values())
    for name, key in usd.items():
        share = document["tco"][key]["present_usd"] / document["tco"]["on_demand"]["present_usd"]
        assert lengths[name] == pytest.approx(share * longest, abs=1 / 8)


def test_a_purchase_that_is_not_the_plan_has_a_line_of_its_own(document: dict[str, Any]) -> None:
    changed = deepcopy(document)
    changed["tco"]["buy"]["present_usd"] += 50_000
    text = shown(changed)
    assert re.search(r"^Plan +399,747 .*\nBuy +449,747 ", text, re.MULTILINE)
    assert "Plan = Buy" not in text


def test_units_stand_over_the_figures_and_say_what_the_bars_are(document: dict[str, Any]) -> None:
    lines = shown(document).splitlines()
    above = lines.index("USD over 36 months; the bars are the present cost")
    assert lines[above + 1].split() == ["Present", "cost", "Total", "GPU-hour"]


def length(line: str) -> float:
    """Return the length of a bar in characters."""
    found = BLOCK.search(line)
    assert found is not None
    return sum(" ▏▎▍▌▋▊▉█".index(character) / 8 for character in found[0])


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_where_blocks_cannot_be_written_there_is_ascii(encoding: str, document: dict[str, Any]) -> None:
    text = shown(document, encoding)
    assert "####" in text
    assert "?" not in text
    assert max(map(len, text.splitlines())) <= terminal.WIDTH


def test_what_is_not_there_has_its_reason_in_place_of_a_bar(document: dict[str, Any]) -> None:
    changed = deepcopy(document)
    changed["tco"]["buy"] = changed["tco"]["self_hosted"] = changed["breakeven"]["buy"] = None
    changed["left_out"] += [{"option": name, "reason": "no site has room"} for name in ("buy", "self_hosted")]
    text = shown(changed)
    assert re.search(r"Buy +– +– +–  no site has room", text)
    assert "– –" not in text


def test_a_plan_that_is_not_proven_says_so(document: dict[str, Any]) -> None:
    changed = deepcopy(document)
    changed["solver"]["status"], changed["solver"]["relative_gap"] = "not proven", 0.05
    changed["tco"]["plan"]["relative_gap"] = 0.05
    text = shown(changed)
    assert "! Not proven to the end" in text
    assert "Proven" not in text


def test_costs_of_nothing_and_income_are_drawn(document: dict[str, Any]) -> None:
    changed = deepcopy(document)
    for total in filter(None, changed["tco"].values()):
        total["present_usd"] = 0.0
    assert BLOCK.search(shown(changed)) is None
    changed["tco"]["plan"]["present_usd"], changed["tco"]["on_demand"]["present_usd"] = -1000.0, 5.0
    assert re.search(r"Plan +−1,000 ", shown(changed))


def test_what_turns_text_around_or_commands_a_terminal_is_shown(document: dict[str, Any]) -> None:
    changed = deepcopy(document)
    changed["left_out"].insert(0, {"option": "existing", "reason": "\x1b[2Jred\u202e[bold]"})
    text = shown(changed)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[bold]" in text


@pytest.mark.skipif(os.name != "posix", reason="asks for a terminal of POSIX")
@pytest.mark.parametrize("columns", [60, 80, 120])
def test_on_a_terminal_lines_fit_its_columns(columns: int, document: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(json.dumps(document), encoding="utf-8")
    code = "import json; from planner.cli.terminal import show; show(json.load(open('plan.json', encoding='utf-8')))"
    plain = on_terminal(["-c", code], columns, tmp_path, NO_COLOR="1")
    lines = re.sub(r"\x1b\[[0-9;]*m", "", plain).replace("\r", "").splitlines()
    assert max(map(len, lines)) <= columns
    assert "\x1b[32m" not in plain
    assert "\x1b[32m" in on_terminal(["-c", code], columns, tmp_path, NO_COLOR="")


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_no_number_is_broken_where_a_table_is_too_wide(columns: int) -> None:
    console = Console(file=io.StringIO(), width=columns)
    table = Table("name", *(Column(f"measure {n} usd", justify="right") for n in range(5)))
    table.add_row("a server with a long name", *(f"{n},645,561.00" for n in range(5)))
    print_table(console, table)
    text = console.file.getvalue()
    assert all(f"{n},645,561.00" in text for n in range(5))
    assert max(map(len, text.splitlines())) <= max(columns, 6 * 15 + 3)
    assert ("long name" in text) == (columns == 200)


@pytest.mark.skipif(os.name != "posix", reason="asks for a terminal of POSIX")
def test_progress_shows_on_a_terminal_only_and_leaves_nothing_behind(tmp_path: Path) -> None:
    command = ["-m", "planner", "plan", str(EIGHT), "--no-report"]
    seen = on_terminal(command, 100, tmp_path, both=False)
    assert "solving the plan" in seen
    assert "prices that change the answer: " in seen
    assert re.search(r"0:00:0\d", seen)
    last = seen.rpartition("\x1b[2K")[2]
    assert "solving" not in last and "Written" in last
    assert "\x1b" not in on_terminal([*command, "--quiet"], 100, tmp_path, both=False)


def test_progress_counts_the_prices_that_are_answered(document: dict[str, Any]) -> None:
    import planner

    said: list[str] = []
    catalog = planner.load_catalog()
    planner.plan(planner.load_scenario(EIGHT, catalog), catalog, say=said.append)
    counts = [one for one in said if one.startswith("prices that change the answer: ")]
    total = len(counts) - 1
    assert 1 < total <= len(document["prices_that_change_the_answer"])
    assert sorted(counts) == sorted(f"prices that change the answer: {n} of {total}" for n in range(total + 1))
    assert counts[0] == f"prices that change the answer: 0 of {total}"
