"""Answers of Prometheus' query_range: requests of kube-state-metrics, utilization of the DCGM exporter.

A sample stands for the step that begins with it. Of DCGM's metrics one measures utilization; other metrics, supply and
resources that are no GPU do not count. GPU-hours of utilization are the time measured. DCGM writes what a GPU does not
support as a blank: numbers a little below 2^31, and at 2^47 and 2^63.
"""

from __future__ import annotations

from collections.abc import Mapping

from planner.actuals.duck import text_literal
from planner.actuals.table import Columns, Count, Table, Told
from planner.actuals.usage_mapping import NOT_COUNTED

REQUESTS = "kube_pod_container_resource_requests"
UTILIZATION = {"DCGM_FI_PROF_GR_ENGINE_ACTIVE": 1, "DCGM_FI_DEV_GPU_UTIL": 100}
"""Metrics that measure it, best first, and what is the whole in them."""
_MIG = r"(?i)mig[-_](\d+g)[._](\d+gb)"


def select(columns: Columns) -> Mapping[str, str]:
    """Return what each sample says."""
    labels, time, value = (columns.text(name) for name in ("labels", "sample_time", "sample_value"))
    metric = f"coalesce({columns.text('metric')}, {text_literal(columns.told.metric or REQUESTS)})"
    step = f"CAST(min(TRY_CAST({columns.text('step')} AS DOUBLE)) OVER () AS VARCHAR)"
    used, number, resource = (
        f"{metric} IN {tuple(UTILIZATION)}",
        f"TRY_CAST({value} AS DOUBLE)",
        _label(labels, "resource"),
    )
    whole, rank = (
        f"CASE {metric} {' '.join(f'''WHEN '{name}' THEN {one}''' for name, one in known.items())} END"
        for known in (UTILIZATION, {name: rank for rank, name in enumerate(UTILIZATION)})
    )
    blank = f"{number} BETWEEN 2147483632 AND 2147483647 OR {number} BETWEEN 140737488355328 AND 140737488355343 " \
            f"OR {number} BETWEEN 9.2e18 AND 9.3e18"  # fmt: skip
    profile = f"nullif(regexp_replace({resource}, '.*{_MIG}.*', '\\1.\\2'), {resource})"
    return {
        "source": f"CASE WHEN {used} THEN 'dcgm' ELSE 'prometheus' END",
        "cluster": f"coalesce({_label(labels, 'cluster')}, {columns.said('cluster')})",
        "starts": time,
        "lasts": step,
        "team": _label(labels, "exported_namespace", "namespace"),
        "workload": _label(labels, "exported_pod", "pod", "exported_container", "container"),
        "region": _label(labels, "region", "topology_kubernetes_io_region"),
        "gpu_name": _label(labels, "modelName", "gpu_model", "label_nvidia_com_gpu_product"),
        "profile": f"coalesce({_label(labels, 'GPU_I_PROFILE')}, {profile})",
        "gpus": f"CASE WHEN {used} THEN '1' WHEN abs({number}) < 1e9 THEN {value} END",
        "seconds": step,
        "utilization": f"CASE WHEN {used} THEN {number} / {whole} END",
        "kind": f"CASE WHEN {used} THEN 'used' ELSE 'requested' END",
        "doubt": f"""CASE
            WHEN {time} IS NULL THEN 'a sample is no pair of time and value'
            WHEN starts_with({metric}, 'kube_node_') THEN '{NOT_COUNTED}supply, not use: ' || {metric}
            WHEN NOT {used} AND {metric} <> '{REQUESTS}' THEN '{NOT_COUNTED}no metric of use: ' || {metric}[:80]
            WHEN {rank} > min({rank}) OVER (PARTITION BY {labels}, {time})
                THEN '{NOT_COUNTED}measured by a better metric too: ' || {metric}
            WHEN row_number() OVER (PARTITION BY {metric}, {labels}, {time} ORDER BY line) > 1
                THEN '{NOT_COUNTED}the same sample again'
            WHEN NOT {used} AND NOT regexp_matches({resource}, '(?i)gpu|mig[-_]')
                THEN '{NOT_COUNTED}resource is no GPU: ' || {resource}
            WHEN {used} AND ({blank}) THEN 'not supported by the GPU: a blank of DCGM'
            WHEN {number} IS NULL OR NOT isfinite({number}) THEN concat('value is no number: ', {value}[:20])
            WHEN {step} IS NULL THEN 'one sample alone: its step is not known'
            END""",
    }  # fmt: skip


def note(table: Table, told: Told, count: Count) -> str | None:
    """Return the trap of requests."""
    return (
        "requests hold those of pending pods too: join them on the phase Running, or the queue counts as use; "
        "Prometheus answers with 11,000 samples a series at most"
    )


def _label(labels: str, *names: str) -> str:
    found = ", ".join(f"nullif(json_extract_string({labels}, '$.{name}'), '')" for name in names)
    return f"coalesce({found})"
