"""The house: imports point down, libraries stay in their rooms, nothing below the command line looks around."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "planner"
LAYERS = [
    {"errors", "units", "finance", "resources", "numerals", "plaintext", "joins", "components"},
    {"documents"},
    {"records"},
    {"catalog"},
    {"scenario", "importers"},
    {"negotiated"},
    {"prices"},
    {"case"},
    {"assemble", "eligibility", "existing", "needs", "program", "promises"},
    {"dispatch", "decisions"},
    {"costs"},
    {"quantities", "ledger", "model"},
    {"analysis"},
    {"planschema"},
    {"planfile", "planreader"},
    {"finetune", "whatif", "actuals"},
    {"report"},
    {"api"},
    {"cli", "__main__", "__init__"},
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
ROOMS = {
    "xlsxwriter": {"report"},
    "pulp": {"model"},
    "highspy": {"model"},
    "yaml": {"documents"},
    "jinja2": {"report"},
    "weasyprint": {"report"},
    "docxtpl": {"report"},
    "docx": {"report"},
    "distributed": {"whatif"},
    "scipy": {"whatif"},
    "pyarrow": {"report"},
    "typer": {"cli"},
    "rich": {"cli"},
    "duckdb": {"actuals"},
}
"""Where a library may be imported."""
OUTSIDE = {"os.environ", "datetime.now", "date.today", "time.time"}
NETWORK = {"urllib", "socket", "requests", "http"}
FILES = sorted(ROOT.rglob("*.py"))


def room(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    return parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            if node.module == "planner":
                found |= {f"planner.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_point_down(path: Path) -> None:
    mine = room(path)
    for name in imports(path):
        if name.startswith("planner."):
            other = name.split(".")[1]
            assert other in RANK, f"{other} has no layer"
            below = (
                RANK[other] <= RANK[mine] if (mine, other) not in {("ledger", "model"), ("model", "ledger")} else True
            )
            assert below, f"{path.name} imports {name}, which lies above it"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_libraries_stay_in_their_rooms(path: Path) -> None:
    for name in imports(path):
        allowed = ROOMS.get(name.split(".")[0])
        assert allowed is None or room(path) in allowed, f"{name} in {path.name}"


def test_nothing_below_the_command_line_asks_the_clock_the_environment_or_the_network() -> None:
    found = [
        (path.name, word)
        for path in FILES
        if room(path) not in {"cli", "__main__"} and path.name != "fetch.py"  # which asks the network, when told to
        for word in [
            *(word for word in OUTSIDE if word in path.read_text(encoding="utf-8")),
            *(NETWORK & {name.split(".")[0] for name in imports(path)}),
        ]
    ]
    assert found == []


def test_files_are_short_enough_to_read_at_one_sitting() -> None:
    long = {path.name: lines for path in FILES if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 300}
    assert long == {}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_function_calls_what_a_name_of_its_own_hides(path: Path) -> None:
    """A checker of types is silent where what is called instead is Any."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    functions |= {alias.asname or alias.name for node in tree.body if isinstance(node, ast.ImportFrom)
                  for alias in node.names}  # fmt: skip
    for one in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        inside = [*ast.walk(one)]
        own = {node.arg for node in inside if isinstance(node, ast.arg)}
        own |= {node.id for node in inside if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        called = {node.func.id for node in inside if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
        assert not own & called & functions, f"{path.name}: {one.name}"
