"""Files that a scenario names: they lie in its folder, or below."""

from __future__ import annotations

from pathlib import Path

from planner.documents import Document, Path_
from planner.errors import Complaint, InputError


def file_beside(folder: Path, name: str, document: Document, at: Path_) -> Path:
    """Return the file `name` in `folder`.

    Parameters
    ----------
    document, at : the file that names it, and where

    Raises
    ------
    InputError
        when the name leads out of the folder, also by a link.
    """
    message = "must stay inside the folder of this file"
    try:
        file = (folder / name).resolve()
        if not Path(name).is_absolute() and file.is_relative_to(folder.resolve()):
            return file
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: a loop of symbolic links
        message = f"cannot be read: {getattr(error, 'strerror', None) or error}"
    raise InputError([Complaint(document.place(at), ".".join(map(str, at)), message, found=name)])
