"""What the tests of importers share: settings, written files, facts by row id."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from planner.importers import Imported
from planner.importers.common import Settings

SAMPLES = Path(__file__).parent.parent.parent.parent / "shared" / "samples"
"""Real files beside the checkout, where there are any."""

KNOWN = ("aws", "gcp", "lambda", "nebius", "verda", "oracle", "runpod")
SETTINGS = Settings("test-source", "2026-11-20", providers=KNOWN)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def values(found: Imported) -> dict[str, Decimal | None]:
    """Return the values by row id, after the books are seen to balance and no row to stand twice."""
    balanced(found)
    made = {row.row_id: row.value for row in found.rows}
    assert len(made) == len(found.rows)
    return made


def balanced(found: Imported) -> None:
    assert found.read == found.mapped + sum(found.skipped.values())
    assert all(rows > 0 for rows in found.skipped.values())
