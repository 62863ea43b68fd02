"""Kinds of capacity as reports name them, and the blocks of decisions that belong to each."""

from __future__ import annotations

AT_WORK = {
    "own": "owned", "committed": "committed", "covered": "committed", "on_demand": "on_demand", "spot": "spot",
}  # fmt: skip
"""Blocks of GPUs that do work. What a savings plan covers counts as committed."""
KINDS = tuple(dict.fromkeys(AT_WORK.values()))
PAID_FOR = AT_WORK | {
    "buy": "owned", "sell": "owned", "kept": "owned", "fleet": "owned", "own_standby": "owned",
    "commit": "committed", "active": "committed", "committed_standby": "committed",
    "spend": "committed", "spend_active": "committed",
    "on_demand_standby": "on_demand", "on_demand_instances": "on_demand", "spot_instances": "spot",
}  # fmt: skip
"""Every block on which something is paid for GPUs."""


def blocks_of(kind: str) -> list[str]:
    """Return the blocks of GPUs of a kind that do work."""
    return [block for block, one in AT_WORK.items() if one == kind]
