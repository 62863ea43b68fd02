"""OpenCost's and Kubecost's allocation CSV: one row a container and day, whose GPUs are the mean while it ran.

The file does not say how long that was, so it counts for the whole day: the GPU-hours are at most these.
What it costs are charges only where a provider is told: costs of a cloud are in the cloud's own bill already.
"""

from __future__ import annotations

from collections.abc import Mapping

from planner.actuals.table import Columns, Count, Table, Told


def select(columns: Columns) -> Mapping[str, str]:
    """Return what each row says of use."""
    text = columns.text
    return {
        "source": "'opencost'",
        "cluster": f"coalesce({text('Cluster')}, {columns.said('cluster')})",
        **_day(columns),
        "team": text("Namespace"),
        "workload": f"coalesce({text('ControllerName')}, {text('Pod')}, {text('Container')})",
        "region": text("Region"),
        "gpu_name": text("Label_nvidia_com_gpu_product", "Label_gpu_model"),
        "gpus": f"coalesce({text('GPUs')}, '0')",
        "seconds": "'86400'",
        "kind": "'allocated'",
    }


def charges(columns: Columns) -> Mapping[str, str] | None:
    """Return what each row says of cost; nothing without a provider."""
    text = columns.text
    if columns.told.provider is None:
        return None
    return {
        "provider": columns.said("provider"),
        "account": f"coalesce({text('Cluster')}, {columns.said('cluster')})",
        **_day(columns),
        "category": "'usage'",
        "pricing": "'other'",
        "counts": f"number({text('GPUs')}) > 0",
        "service": "'OpenCost'",
        "description": f"concat_ws('/', {text('Namespace')}, {text('Pod')}, {text('Container')})",
        "gpu_name": f"CASE WHEN number({text('GPUs')}) > 0 THEN "
        f"coalesce({text('Label_nvidia_com_gpu_product', 'Label_gpu_model')}, 'gpu') END",
        "gpus": text("GPUs"),
        "quantity": "'24'",
        "unit": "'hours'",
        "effective_cost": text("GPUCost"),
        "billed_cost": text("GPUCost"),
        "currency": f"coalesce({columns.said('currency')}, 'USD')",
        "resource": text("Pod"),
        "tags": f"json_object('team', {text('Namespace')})",
    }


def note(table: Table, told: Told, count: Count) -> str:
    """Return what becomes of the hours and of the costs."""
    said = "GPU-hours are at most these: a container counts for its whole day, as the file does not say how long it ran"
    if told.provider is None:
        return f"{said}. GPUCost is left out: --provider NAME makes charges of it, where no bill has them already"
    return said if told.currency else f"{said}. GPUCost is taken as USD; --currency says another"


def _day(columns: Columns) -> Mapping[str, str]:
    day = columns.text("Date")
    return {"starts": day, "ends": f"CAST(moment({day}) + INTERVAL 1 DAY AS VARCHAR)"}
