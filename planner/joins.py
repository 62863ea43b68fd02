"""Work on tables of keys: which entries of two tables agree on the keys that both have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def filled(value: Any, size: int, kind: type = np.int64) -> NDArray[Any]:
    """Return `value`, one for all or one for each, as an array of length `size`."""
    array: NDArray[Any] = np.asarray(value, kind)
    if array.shape == (size,):
        return array
    return np.full(size, array) if array.ndim == 0 else np.broadcast_to(array, (size,))


def codes(size: int, keys: Sequence[Ints]) -> Ints:
    """Return a number for each of `size` entries that tells their combination of `keys`, and sorts as they do."""
    code = np.zeros(size, np.int64)
    for key in keys if size else ():
        low = key.min()
        code = code * (key.max() - low + 1) + (key - low)
    return code


def join(rows: Mapping[str, Ints], height: int, keys: Mapping[str, Ints], size: int) -> tuple[Ints, Ints]:
    """Return the pairs (row, entry) of a table of `height` and one of `size` that agree on the keys of both."""
    shared = [np.concatenate([rows[name], keys[name]]) for name in rows if name in keys]
    row_code, entry_code = np.split(codes(height + size, shared), [height])
    order = np.argsort(row_code, kind="stable")
    ordered = row_code[order]
    first = np.searchsorted(ordered, entry_code, "left")
    last = np.searchsorted(ordered, entry_code, "right")
    entry, offset = expand(last - first)
    return order[first[entry] + offset], entry


def expand(counts: Ints) -> tuple[Ints, Ints]:
    """Return each index as often as `counts` says, and beside it 0, 1, … within the index."""
    index = np.repeat(np.arange(len(counts)), counts)
    return index, np.arange(len(index)) - np.repeat(np.cumsum(counts) - counts, counts)
