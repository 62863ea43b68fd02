"""The facts of a GPU that training needs: memory and peak speed, from the catalog."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from planner.catalog.load import Catalog
from planner.catalog.names import gpu_id
from planner.errors import Complaint, InputError, Place, nearest

PEAK = "peak_16bit_tflops"


@dataclass(frozen=True)
class TrainingGpu:
    """What one GPU can do.

    Attributes
    ----------
    id : the catalog's
    memory_gb : as the maker rates it, taken as 10⁹ bytes; most cards hold a few percent more
    peak_16bit_tflops : dense matrix multiplication in BF16 (FP16 where a GPU lacks BF16), 10¹² FLOP per second
    """

    id: str
    memory_gb: float
    peak_16bit_tflops: float


def training_gpu(catalog: Catalog, name: str, day: date, place: Place, field: str = "gpu") -> TrainingGpu:
    """Return the facts on `day` of the GPU called `name`: an id of the catalog, or a name that means one of them.

    Parameters
    ----------
    place, field : where `name` stands, for the complaint

    Raises
    ------
    InputError
        when the catalog has no such GPU, or no peak for it: names the nearest and those that are allowed.
    """
    known = catalog.section("gpus")
    found = name if name in known else gpu_id(name)
    rows = {gpu: row for gpu in known if (row := catalog.in_force(f"{gpu}/{PEAK}", day)) and row.fact.value is not None}
    if found not in rows:
        unknown = found is None or found not in known
        message = "is not a GPU of the catalog" if unknown else f"has no {PEAK} on {day}, so hours cannot be estimated"
        cure = nearest(name, rows) or "give gpu_hours instead, or add the GPU to a price book"
        raise InputError([Complaint(place, field, message, found=name, allowed=", ".join(sorted(rows)), cure=cure)])
    row = rows[found]
    return TrainingGpu(found, float(known[found].memory_gb), float(row.fact.value or 0))
