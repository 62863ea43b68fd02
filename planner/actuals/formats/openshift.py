"""OpenShift's cost operator, ocp_gpu_usage.csv: how many seconds a pod held a GPU, or a MIG part of it, in an hour."""

from __future__ import annotations

from collections.abc import Mapping

from planner.actuals.table import Columns


def select(columns: Columns) -> Mapping[str, str]:
    """Return what each row says."""
    text = columns.text
    start, memory = text("interval_start"), f"number({text('gpu_memory_capacity_mib')})"
    named = f"{text('gpu_model_name')} || coalesce(' ' || TRY_CAST(round({memory} / 1024) AS INTEGER) || ' GB', '')"
    return {
        "source": "'openshift'",
        "cluster": columns.said("cluster"),
        "starts": start,
        "ends": f"CAST(moment({text('interval_end')}) + INTERVAL 1 SECOND AS VARCHAR)",
        "team": text("namespace"),
        "workload": text("pod"),
        "gpu_name": f"CASE WHEN regexp_matches(gpu_named({named}, ''), '-\\d+gb$') THEN {named} "
        f"ELSE {text('gpu_model_name')} END",
        "profile": text("mig_profile"),
        "gpus": "'1'",
        "seconds": text("gpu_pod_uptime"),
        "kind": "'allocated'",
        "doubt": f"CASE WHEN {text('mig_instance_id')} IS NOT NULL AND {text('mig_profile')} IS NULL "
        "THEN 'a MIG part without its profile' WHEN moment("
        f"{text('interval_end')}) IS NULL THEN 'end is no time' END",
    }
