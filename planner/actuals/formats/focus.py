"""FOCUS, the FinOps Open Cost and Usage Specification, by the columns that are there: no row says its version.

A charge's time counts when it is usage, no correction, and of no commitment or reservation that stood unused. Google
and others sell the GPU as a product of its own, whose quantity is GPU-hours already; Google's instance around it is
other rows, whose money is the GPU's. A file without EffectiveCost accrues what it bills. The plan's rows of a file that
`planner actuals focus` wrote are no charges.
"""

from __future__ import annotations

from collections.abc import Mapping

from planner.actuals.table import Columns, Count, Table, Told

_GPU_PRODUCT = r"(?i)\b(nvidia|tesla|amd|instinct)\b.*\bgpus?\b|\b(gpus?|rtx \d+)\b.*\brunning in\b"
_GPU_FEE = r"(?i)\b(licen[cs]\w+|fee|nvidia ai enterprise)\b"
COMMITMENT = r"(?i)^commitment"
_MACHINES = {
    "a2": "a100-sxm-40gb", "a3": "h100-sxm-80gb", "a3plus": "h100-sxm-80gb", "a3mega": "h100-sxm-80gb",
    "a3ultra": "h200-sxm-141gb", "a4": "b200-sxm-180gb", "a4x": "gb200-186gb", "g2": "l4-24gb",
    "g4": "rtx-pro-6000-96gb",
}  # fmt: skip
_MACHINE = r"(?i)\b(a2|a3|a3plus|a3mega|a3ultra|a4|a4x|g2|g4)\b.*\b(?:core|cpu|ram|memory)\b"
"""Google's machines with GPUs, whose cores and memory are other rows than the GPU."""
_INSTANCE = r"(?i)\b((?:ml\.)?[a-z][a-z0-9-]*\.[a-z0-9-]+) instance(?: hour|-hour|\b)"
_TYPE = r"(?i)\b((?:ml\.)?[a-z][a-z0-9-]*\.(?:\d*x?large|metal[a-z0-9-]*))\b"
"""An instance type of AWS wherever it stands: of spot, of what a reservation covers, of SageMaker's hosting."""
_OF_NODES = "(?i)elastic compute cloud|ec2|sagemaker"
_SERIES = r"(?i) - (n[cdgv]+\d[^/]*?)(?: (?:spot|low priority))?(?: - |$)"
"""A machine with GPUs in a description of Azure's: `Virtual Machines NCasT4_v3 Series - NC4as T4 v3 - US East`."""
_NOT_RUN = "(?i)unused(box|ded)|unused reservation"
_NO_TIME = r"(?i)\bmbps per\b|software usage"
"""What names an instance type besides its own time, as its dedicated bandwidth."""
USAGE_TYPE = r"(?i)(?:(?:Box|Spot|Dedicated|Sched)Usage:|:(?:[a-z]+-)?ml\.)(.+)$"
"""Usage types of AWS that are time of an instance: of EC2, and all of SageMaker (`Studio:JupyterLab-ml.g5.xlarge`)."""


def gpu_product(description: str) -> str:
    """Return SQL that says whether a description of Google's is of a GPU: of no licence, nor of a fee on top of it."""
    return f"(regexp_matches({description}, '{_GPU_PRODUCT}') AND NOT regexp_matches({description}, '{_GPU_FEE}'))"


def product_name(description: str) -> str:
    """Return SQL for the GPU's name in a description of Google's, as in `Nvidia H100 80GB GPU running in Iowa`."""
    maker = f"nullif(regexp_extract({description}, '(?i)\\b(?:nvidia|tesla|amd|instinct)\\b.*'), '')"
    return (
        f"regexp_replace(regexp_replace(coalesce({maker}, {description}), "
        "'(?i)\\s+(gpus?\\b.*|attached to .*|running in .*)$', ''), "
        "'(?i)^(commitment v1: |spot preemptible |reserved |dws [a-z ]+ )', '')"
    )


def machine_gpu(description: str) -> str:
    """Return SQL for the GPU of a machine whose cores or memory a description of Google's is of, as its products say.

    A2 is of either A100: of 40 GB where nothing else tells.
    """
    cases = " ".join(f"WHEN '{family}' THEN '{gpu}'" for family, gpu in _MACHINES.items())
    return f"CASE lower(regexp_extract({description}, '{_MACHINE}', 1)) {cases} END"


def select(columns: Columns) -> Mapping[str, str]:
    """Return what each row says."""
    text = columns.text
    provider = text("ServiceProviderName", "ProviderName", "PublisherName", "InvoiceIssuerName")
    category = f"lower({text('ChargeCategory')})"
    details, more, usage_type = text("SkuPriceDetails", "x_SkuPriceDetails"), text("x_SkuDetails"), text("x_UsageType")
    description, service = text("ChargeDescription"), text("ServiceName")
    google = f"lower({provider}) LIKE 'google%'"
    product = f"{google} AND {gpu_product(description)}"
    instance = (
        f"coalesce(member({details}, 'InstanceType'), member({details}, 'x_InstanceType'), "
        f"nullif(regexp_extract({usage_type}, '{USAGE_TYPE}', 1), ''), member({more}, 'ServiceType'), "
        f"member({details}, 'ServiceType'), member({details}, 'x_ServiceType'), {text('x_InstanceType')}, "
        f"nullif(regexp_extract({text('SkuMeter')}, '{USAGE_TYPE}', 1), ''), "
        f"nullif(regexp_extract({description}, '{_INSTANCE}', 1), ''), "
        f"nullif(CASE WHEN regexp_matches({service}, '{_OF_NODES}') THEN regexp_extract({description}, '{_TYPE}', 1) "
        f"WHEN {service} = 'Virtual Machines' THEN regexp_extract({description}, '{_SERIES}', 1) END, ''), "
        f"member({details}, 'GpuModel'), member({details}, 'x_GpuModel'))"
    )
    quantity, unit = _quantity(columns)
    gpu, pricing = text("x_Gpu"), f"lower({text('x_Pricing')})"  # as `planner actuals focus` writes them
    unused = (
        f"(lower({text('CommitmentDiscountStatus')}) = 'unused') IS TRUE "
        f"OR (lower({text('CapacityReservationStatus')}) = 'unused') IS TRUE "
        f"OR regexp_matches(concat_ws(' ', {usage_type}, {description}), '{_NOT_RUN}')"
    )
    return {
        "provider": provider,
        "account": text("SubAccountId", "BillingAccountId"),
        "starts": text("ChargePeriodStart"),
        "ends": text("ChargePeriodEnd"),
        "bills": text("BillingPeriodStart"),
        "category": category,
        "correction": f"(lower({text('ChargeClass')}) = 'correction') IS TRUE",
        "pricing": f"CASE WHEN {unused} THEN 'committed' WHEN {pricing} IN ('on_demand', 'spot', 'committed', "
        f"'owned', 'other') THEN {pricing} ELSE CASE lower({text('PricingCategory')}) "
        "WHEN 'standard' THEN 'on_demand' WHEN 'dynamic' THEN 'spot' WHEN 'committed' THEN 'committed' ELSE "
        f"CASE WHEN {text('CommitmentDiscountId')} IS NOT NULL THEN 'committed' ELSE 'other' END END END",
        "unused": unused,
        "counts": _counts(columns, google, product, usage_type, f"({description})", instance),
        "service": service,
        "description": description,
        "region": text("RegionId", "RegionName"),
        "instance_type": f"CASE WHEN NOT coalesce({google}, false) THEN {instance} END",
        "gpu_name": f"CASE WHEN {product} THEN {product_name(description)} WHEN {google} THEN "
        f"coalesce({machine_gpu(description)}, {gpu}) ELSE {gpu} END",
        "gpus": f"CASE WHEN ({product}) OR {gpu} IS NOT NULL THEN '1' ELSE member({details}, 'GpuCount') END",
        "words": f"CASE WHEN {text('x_Record')} IS NULL THEN concat_ws(' ', {instance}, {description}, "
        f"{text('SkuMeter')}, {text('ResourceType')}) END",
        "compute": f"(lower({text('ServiceCategory')}) IN ('compute', 'ai and machine learning') "
        f"AND {text('x_Record')} IS NULL) IS TRUE",
        "quantity": quantity,
        "unit": unit,
        "list_cost": text("ListCost"),
        "contracted_cost": text("ContractedCost"),
        "effective_cost": f"coalesce({text('EffectiveCost')}, {text('BilledCost')})",
        "billed_cost": text("BilledCost"),
        "currency": text("BillingCurrency"),
        "resource": text("ResourceId"),
        "tags": f"object({text('Tags')})",
        "component": f"CASE WHEN {pricing} = 'owned' THEN {text('x_Component')} END",
        "doubt": f"CASE WHEN {columns.has('EffectiveCost')} AND {text('EffectiveCost')} IS NULL "
        f"AND {text('BilledCost')} IS NOT NULL THEN 'no effective cost' END",
        "left_out": f"lower({text('x_Record')}) = 'plan'",
    }


def note(table: Table, told: Told, count: Count) -> str | None:
    """Return what becomes of a file without accrued costs."""
    return None if Columns(table).has("EffectiveCost") else "no EffectiveCost: what was billed is taken as accrued"


def _counts(columns: Columns, google: str, product: str, usage_type: str, description: str, instance: str) -> str:
    """Say whether a row's quantity is the time of a node or a GPU: no licence, no surcharge of another service."""
    service = columns.text("ServiceName")
    return f"""CASE
        WHEN regexp_matches({description}, '{_NO_TIME}') THEN false
        WHEN {google} THEN ({product}) AND NOT regexp_matches({description}, '{COMMITMENT}')
        WHEN {usage_type} IS NOT NULL THEN regexp_matches({usage_type}, '{USAGE_TYPE}')
            AND coalesce(regexp_matches({service}, '{_OF_NODES}'), true)
        WHEN {instance} IS NULL AND regexp_matches({description}, '{_GPU_FEE}') THEN false
        WHEN {service} IS NULL THEN true
        ELSE NOT regexp_matches({service}, '(?i)licen[cs]e|mapreduce|marketplace|load balanc|elastic block')
    END"""


def _quantity(columns: Columns) -> tuple[str, str]:
    """Return quantity and unit: what was priced, but what was consumed where the price is of blocks of units.

    Microsoft writes a quantity of blocks beside the unit without its block, and the size in x_PricingBlockSize.
    """
    text = columns.text
    unit, block = text("PricingUnit"), f"coalesce(number({text('x_PricingBlockSize')}), 1)"
    plain = f"(per_hour({unit}) IS NOT NULL AND unit_size({unit}) = 1 AND {block} = 1)"
    consumed = f"({text('ConsumedQuantity')} IS NOT NULL AND per_hour({text('ConsumedUnit')}) IS NOT NULL)"
    priced = f"CASE WHEN {block} = 1 THEN {text('PricingQuantity')} ELSE " \
             f"CAST(CAST(number({text('PricingQuantity')}) AS DOUBLE) * {block} AS VARCHAR) END"  # fmt: skip
    unblocked = f"CASE WHEN {block} = 1 THEN {unit} ELSE unit_word({unit}) END"
    return (
        f"CASE WHEN {plain} OR NOT {consumed} THEN {priced} ELSE {text('ConsumedQuantity')} END",
        f"CASE WHEN {plain} OR NOT {consumed} THEN {unblocked} ELSE {text('ConsumedUnit')} END",
    )
