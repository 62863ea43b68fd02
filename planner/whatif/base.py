"""What every scenario of a study has in common, and how one differs: plain `path=value` texts, as `--set` takes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from planner.assemble import build_case
from planner.case import Case
from planner.catalog.load import Catalog
from planner.scenario.load import LoadedScenario, changed

Settings = tuple[str, ...]
"""`path=value`, applied one after another over the base: plain text, between processes and in files."""


@dataclass(frozen=True)
class Base:
    """The scenario as it was loaded, and the catalog."""

    catalog: Catalog
    loaded: LoadedScenario

    @property
    def digest(self) -> str:
        """SHA-256 of all that an answer depends on, but for settings."""
        return hashlib.sha256(f"{self.catalog.digest} {self.loaded.digest}".encode()).hexdigest()

    def case(self, settings: Sequence[str] = ()) -> Case:
        """Return the case with `settings` applied.

        Raises
        ------
        InputError
            when a setting leads nowhere, or its value is not allowed.
        """
        return build_case(self.catalog, changed(self.loaded, self.catalog, settings) if settings else self.loaded)
