"""Google Cloud's billing export from BigQuery, as CSV with dotted or joined names, or as Parquet with nested columns.

A GPU is a product of its own and its quantity GPU time, in seconds; the machine around it is other rows, whose money is
the GPU's and which count no hours. A commitment's fee is a row of its own, and what it covers is credited, or the fee
is, where what it covers has a lower price by its consumption model: either way their sum is the accrued cost.
"""

from __future__ import annotations

from collections.abc import Mapping

from planner.actuals.formats.focus import COMMITMENT, gpu_product, machine_gpu, product_name
from planner.actuals.table import Columns

_AMOUNT = """[''"]amount[''"]\\s*:\\s*[''"]?(-?[0-9.]+(?:[eE][+-]?[0-9]+)?)"""

_SPEC = """machine_spec[''"]\\s*,\\s*[''"]value[''"]\\s*:\\s*[''"]([a-z0-9-]+)"""
_UNUSED = """is_unused_reservation[''"](\\s*,\\s*[''"]value[''"])?\\s*:\\s*[''"]?true"""


def select(columns: Columns) -> Mapping[str, str]:
    """Return what each row says."""
    description, credits = _inner(columns, "sku", "description"), columns.text("credits")
    kind = f"lower(coalesce({columns.text('cost_type')}, 'regular'))"
    gpu = gpu_product(description)
    fee = f"regexp_matches({description}, '{COMMITMENT}')"
    model = _inner(columns, "consumption_model", "description")
    machine, labels = machine_gpu(description), columns.text("system_labels")
    spec = f"nullif(regexp_extract({labels}, '{_SPEC}', 1), '')"
    net = _net(columns.text("cost"), credits)
    return {
        "provider": "'gcp'",
        "account": f"coalesce({_inner(columns, 'project', 'id')}, {columns.text('billing_account_id')})",
        "starts": columns.text("usage_start_time"),
        "ends": columns.text("usage_end_time"),
        "bills": _inner(columns, "invoice", "month"),
        "category": f"CASE {kind} WHEN 'regular' THEN CASE WHEN {fee} THEN 'purchase' ELSE 'usage' END "
        "WHEN 'tax' THEN 'tax' WHEN 'adjustment' THEN 'adjustment' WHEN 'rounding_error' THEN 'adjustment' END",
        "correction": f"{kind} = 'adjustment'",
        "pricing": f"CASE WHEN {fee} OR {credits} LIKE '%COMMITTED_USAGE_DISCOUNT%' "
        f"OR regexp_matches({model}, '(?i)\\bcuds?\\b|commit') THEN 'committed' "
        f"WHEN regexp_matches({description}, '(?i)\\b(spot|preemptible)\\b') THEN 'spot' "
        f"WHEN {kind} = 'regular' THEN 'on_demand' ELSE 'other' END",
        "unused": f"regexp_matches({labels}, '{_UNUSED}')",
        "counts": gpu,
        "service": _inner(columns, "service", "description"),
        "description": description,
        "region": f"coalesce({_inner(columns, 'location', 'region')}, {_inner(columns, 'location', 'location')})",
        "instance_type": f"CASE WHEN {machine} IS NOT NULL THEN {spec} END",
        "gpu_name": f"CASE WHEN {gpu} THEN {product_name(description)} WHEN {spec} IS NULL THEN {machine} END",
        "gpus": f"CASE WHEN {gpu} THEN '1' END",
        "quantity": _inner(columns, "usage", "amount"),
        "unit": _inner(columns, "usage", "unit"),
        "list_cost": columns.text("cost_at_list"),
        "contracted_cost": columns.text("cost"),
        "effective_cost": net,
        "billed_cost": net,
        "currency": columns.text("currency"),
        "resource": f"coalesce({_inner(columns, 'resource', 'global_name')}, {_inner(columns, 'resource', 'name')})",
        "tags": _labels(columns.text("labels")),
        "doubt": f"CASE WHEN trim({credits}, '[]{{}} ') <> '' AND len(regexp_extract_all({credits}, '{_AMOUNT}')) = 0 "
        "THEN 'credits are not understood' END",
    }


def _inner(columns: Columns, outer: str, name: str) -> str:
    """Return a member of a nested column, whether it has a column of its own or not."""
    return f"coalesce({columns.text(f'{outer}.{name}')}, member({columns.text(outer)}, '{name}'))"


def _net(cost: str, credits: str) -> str:
    """Return the cost with its credits, which are negative, as text; a cost that is no number stays as it is."""
    amounts = f"list_transform(regexp_extract_all(coalesce({credits}, ''), '{_AMOUNT}', 1), lambda x: number(x))"
    return (
        f"CASE WHEN number({cost}) IS NULL THEN {cost} "
        f"ELSE CAST(number({cost}) + coalesce(list_sum({amounts}), 0) AS VARCHAR) END"
    )


def _labels(labels: str) -> str:
    """Return labels, a list of keys and values in JSON or as Python writes it, as one JSON object."""
    said = f"CASE WHEN json_valid({labels}) THEN {labels} WHEN json_valid(replace({labels}, '''', '\"')) " \
           f"THEN replace({labels}, '''', '\"') END"  # fmt: skip
    pairs = f'from_json({said}, \'[{{"key": "VARCHAR", "value": "VARCHAR"}}]\')'
    return (
        f"CASE WHEN {labels} LIKE '[%' THEN '{{' || array_to_string(list_transform({pairs}, "
        "lambda x: to_json(x.key) || ':' || to_json(coalesce(x.value, ''))), ',') || '}' "
        f"ELSE object({labels}) END"
    )
