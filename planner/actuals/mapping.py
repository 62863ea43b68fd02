"""From what a format says of each row, its draft, to the rows of `charges`; what is not understood is kept."""

from __future__ import annotations

from collections.abc import Mapping

from planner.actuals.gpus import NAMES_GPU, PROVIDERS

DRAFT = {
    "provider": "VARCHAR", "account": "VARCHAR", "starts": "VARCHAR", "ends": "VARCHAR", "bills": "VARCHAR",
    "category": "VARCHAR", "correction": "BOOLEAN", "pricing": "VARCHAR", "unused": "BOOLEAN", "counts": "BOOLEAN",
    "service": "VARCHAR", "description": "VARCHAR", "region": "VARCHAR", "instance_type": "VARCHAR",
    "gpu_name": "VARCHAR", "gpus": "VARCHAR", "quantity": "VARCHAR", "unit": "VARCHAR", "list_cost": "VARCHAR",
    "contracted_cost": "VARCHAR", "effective_cost": "VARCHAR", "billed_cost": "VARCHAR", "currency": "VARCHAR",
    "resource": "VARCHAR", "tags": "VARCHAR", "component": "VARCHAR", "words": "VARCHAR", "compute": "BOOLEAN",
    "doubt": "VARCHAR", "left_out": "BOOLEAN",
}  # fmt: skip
"""What a format may say of a row, as text where it is read here.

starts, ends, bills : the charge's period, and any day of its billing month
counts : its quantity is time on a node or a GPU; else the row is cost alone
instance_type : looked up in the table of GPUs
gpu_name : of a row whose quantity is of GPUs; `gpus` is then 1
gpus : GPUs per unit of the quantity, where the row says it itself
words : in which a GPU may be named, where neither gpu_name nor the table of instance types knows it
compute : it is of computers, and of a provider of GPUs then likely of one
doubt : why it cannot be understood
left_out : it is no charge: its doubt is LEFT_OUT then, and the store does not keep it
"""
OWN = "owned"
"""Provider of the own fleet."""
COSTS = ("list_cost", "contracted_cost", "effective_cost", "billed_cost")
CATEGORIES = ("usage", "purchase", "tax", "credit", "adjustment")
MOST_YEARS = 10
"""That a charge may last, as a commitment's fee."""
LEFT_OUT = "no charge"
MOST_MONEY = 1_000_000_000_000_000
"""Of one row: sums stay within what a store holds."""
TABLED = tuple(sorted(set(PROVIDERS.values())))
_GPU_FAMILIES = "^(ml\\.)?(p|g|gr)\\d+[a-z]*(-[a-z0-9]+)?\\."
_GPU_SERIES = "^(standard[_ ])?n[cdgv]+\\d"


def charges_from(source: str, draft: Mapping[str, str]) -> str:
    """Return SQL for the rows of `charges` without their file.

    Parameters
    ----------
    source : yields `line` and the columns of the file
    draft : an expression by name of DRAFT; what is left out is not known
    """
    said = ", ".join(
        f"coalesce({draft.get(name, 'false')}, false) AS {name}" if kind == "BOOLEAN"
        else f"CAST({draft.get(name, 'NULL')} AS {kind}) AS {name}"
        for name, kind in DRAFT.items()
    )  # fmt: skip
    costs = ", ".join(
        f"CASE WHEN abs(number({name})) <= {MOST_MONEY} THEN number({name}) END AS {name}_number" for name in COSTS
    )
    largest = ", ".join(f"coalesce(abs(number({name})), 0)" for name in COSTS)
    return f"""
    WITH raw AS ({source}),
    draft AS (SELECT line, {said} FROM raw),
    placed AS (
        SELECT draft.* EXCLUDE (provider), coalesce(providers.id, slug(draft.provider), 'unknown') AS provider,
            moment(starts) AS start_at, moment(ends) AS end_at, moment(bills) AS billed_at, {costs},
            number(quantity) AS amount, per_hour(unit) AS units_per_hour, unit_size(unit) AS size,
            coalesce(category = 'usage', false) AND counts AND NOT correction AND NOT unused AS timed,
            coalesce(regexp_matches(words, '{NAMES_GPU}'), false) AS names_gpu, greatest({largest}) AS largest
        FROM draft LEFT JOIN providers ON providers.name = firm(draft.provider)
    ),
    known AS (
        SELECT placed.*,
            CASE WHEN gpu_name IS NOT NULL THEN gpu_named(gpu_name, placed.provider)
                 WHEN gpu_types.gpu IS NOT NULL THEN gpu_types.gpu
                 WHEN counts AND names_gpu THEN nullif(gpu_in(words, placed.provider), '') END AS model,
            CASE WHEN of_gpu(unit) THEN 1
                 ELSE coalesce(nullif(TRY_CAST(number(placed.gpus) AS DECIMAL(12, 6)), 0), gpu_types.gpus,
                               CASE WHEN counts AND names_gpu THEN nullif(gpus_in(words), 0) END) END AS per_node,
            compute AND units_per_hour IS NOT NULL AND NOT coalesce(regexp_matches(words, '(?i)cpu'), false)
                AND placed.provider NOT IN {TABLED} AND placed.provider IN (SELECT provider FROM gpu_types) AS rents,
            regexp_matches(lower(placed.instance_type), CASE placed.provider
                WHEN 'aws' THEN '{_GPU_FAMILIES}' WHEN 'azure' THEN '{_GPU_SERIES}' ELSE '^bm\\.gpu|^vm\\.gpu|[^a-z]gpu'
                END) AS suspect
        FROM placed LEFT JOIN gpu_types ON gpu_types.provider = placed.provider AND gpu_types.instance_type =
            bare_type(placed.instance_type)
    ),
    worked AS (
        SELECT *, coalesce(model, CASE WHEN per_node > 0 THEN slug(instance_type) END) AS named,
            CASE WHEN units_per_hour = 1 THEN TRY_CAST(TRY_CAST(amount AS DECIMAL(24, 9)) * size AS DECIMAL(38, 9))
                 ELSE TRY_CAST(CAST(amount AS DOUBLE) * size / units_per_hour AS DECIMAL(38, 9)) END AS worked_hours
        FROM known
    ),
    judged AS (
        SELECT *, CASE WHEN left_out THEN '{LEFT_OUT}' ELSE coalesce(doubt, CASE
            WHEN starts IS NULL THEN 'no start of the charge'
            WHEN start_at IS NULL OR year(start_at) NOT BETWEEN 2000 AND 2100 THEN 'start of the charge is no time'
            WHEN ends IS NOT NULL AND end_at IS NULL THEN 'end of the charge is no time'
            WHEN end_at < start_at THEN 'ends before it starts'
            WHEN end_at > start_at + INTERVAL {MOST_YEARS} YEAR THEN 'lasts longer than {MOST_YEARS} years'
            WHEN bills IS NOT NULL AND billed_at IS NULL THEN 'billing period is no time'
            WHEN category IS NULL OR category NOT IN {CATEGORIES} THEN 'unknown category of charge'
            WHEN currency IS NULL THEN 'no currency'
            {_unparsed()}
            WHEN largest > {MOST_MONEY} THEN 'a cost is too large'
            WHEN timed AND model IS NULL AND instance_type IS NOT NULL AND (suspect OR per_node > 0)
                THEN 'instance type in no table of GPUs: ' || instance_type
            WHEN timed AND model IS NULL AND (per_node > 0 OR names_gpu AND (unit IS NULL OR units_per_hour > 0))
                THEN 'GPU not known: ' || coalesce(words[:80], '')
            WHEN timed AND model IS NULL AND rents
                THEN 'no GPU named, though its provider rents them: ' || coalesce(words[:80], '')
            WHEN timed AND model IS NOT NULL AND per_node IS NULL
                THEN 'number of GPUs not known' || coalesce(': ' || coalesce(instance_type, words[:80]), '')
            WHEN timed AND model IS NOT NULL AND quantity IS NULL THEN 'no quantity'
            WHEN timed AND model IS NOT NULL AND amount IS NULL THEN 'quantity is no number'
            WHEN timed AND model IS NOT NULL AND unit IS NULL THEN 'no unit'
            WHEN timed AND model IS NOT NULL AND units_per_hour IS NULL THEN 'unit is no time: ' || unit[:60]
            WHEN timed AND model IS NOT NULL AND TRY_CAST(worked_hours AS DECIMAL(24, 9)) IS NULL
                THEN 'quantity is too large'
            END) END AS why
        FROM worked
    )
    SELECT line, provider, account, start_at, coalesce(end_at, start_at),
        strftime(coalesce(billed_at, start_at), '%Y-%m'),
        CASE WHEN category IN {CATEGORIES} THEN category ELSE 'adjustment' END, correction,
        coalesce(pricing, 'other'), unused, service, description, region, instance_type,
        named, CASE WHEN named IS NOT NULL THEN per_node END,
        CASE WHEN timed AND model IS NOT NULL AND why IS NULL THEN worked_hours END,
        CASE WHEN timed AND model IS NOT NULL AND why IS NULL
             THEN CAST(per_node * TRY_CAST(worked_hours AS DECIMAL(24, 9)) AS DECIMAL(38, 9)) END,
        {", ".join(f"{name}_number" for name in COSTS)}, upper(currency), resource, tags, component, why
    FROM judged"""


def _unparsed() -> str:
    return "\n".join(
        f"WHEN {name} IS NOT NULL AND number({name}) IS NULL THEN '{name.replace('_', ' ')} is no number'"
        for name in COSTS
    )
