"""A program that is kept alive in HiGHS and to which rows are added: the master of a decomposition."""

from __future__ import annotations

import highspy
import numpy as np

from planner.errors import SolverError
from planner.model.highs import Live
from planner.program import INF, Floats


class Growing(Live):
    """A live program that takes further rows; each solve starts from the last basis."""

    def add_row(self, coefficients: Floats, at_least: float) -> None:
        """Add the row coefficients·x >= at_least."""
        columns = np.flatnonzero(coefficients).astype(np.int32)
        status = self._highs.addRow(at_least, INF, len(columns), columns, coefficients[columns])
        if status == highspy.HighsStatus.kError:
            raise SolverError("HiGHS refused a row")
