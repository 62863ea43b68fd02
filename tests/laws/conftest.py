from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all examples of a law may use: each writes its scenario and reads it at once."""
    return tmp_path_factory.mktemp("laws")
