"""Finds the data and templates that ship with the planner, in a checkout and in an installed wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def shipped(name: str) -> Path:
    """Return the folder `name` ("data/pricing", "templates") that ships with this installation.

    A wheel carries the folders inside the package, a checkout beside it.
    """
    for parent in (_PACKAGE / "_shipped", _PACKAGE.parent):
        if (parent / name).is_dir():
            return parent / name
    raise FileNotFoundError(f"{name} is missing from this installation of the planner; install it again")
