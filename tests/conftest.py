"""No test may depend on how busy the machine is, and none should keep it waiting."""

from __future__ import annotations

import pytest
from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the longest test first: as one of the last it would keep one process waiting for the other."""
    items.sort(key=lambda item: "[llm-platform]" not in item.name)
