"""Checks of arguments: what is wrong is named, with the value found and what is allowed."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray


def require(holds: bool, name: str, found: object, allowed: str) -> None:
    """Raise ValueError about the argument `name` unless `holds`."""
    if not holds:
        raise ValueError(f"{name}: found {found}, allowed is {allowed}")


def require_finite(**values: float) -> None:
    """Every keyword is a finite number."""
    for name, value in values.items():
        require(math.isfinite(value), name, value, "a finite number")


def require_not_negative(**values: float) -> None:
    """Every keyword is a finite number, 0 or more."""
    for name, value in values.items():
        require(math.isfinite(value) and value >= 0, name, value, "a finite number, 0 or more")


def require_positive(**values: float) -> None:
    """Every keyword is a finite number above 0."""
    for name, value in values.items():
        require(math.isfinite(value) and value > 0, name, value, "a finite number above 0")


def require_rate(**values: float) -> None:
    """Every keyword is a finite rate above −1: nothing loses more than all of its worth."""
    for name, value in values.items():
        require(math.isfinite(value) and value > -1, name, value, "a finite number above -1")


def vector(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Return `values` as a new float array of shape (n,); ValueError when they are not finite numbers in a row."""
    array = np.array(values, dtype=np.float64)
    require(array.ndim == 1, name, f"shape {array.shape}", "one dimension")
    wrong = np.flatnonzero(~np.isfinite(array))
    require(wrong.size == 0, name, [f"{array[i]} at {i}" for i in wrong[:3]], "finite numbers")
    return array
