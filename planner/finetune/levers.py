"""Levers at work: they change inputs one after another, in the order in which they are listed.

So two that halve the same hours leave a quarter of them, and what one saves depends on the others. Everything here
prices the project again with the levers pulled; nothing adds up savings. Many sets are priced at once, as arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import factorial

import numpy as np
from numpy.typing import NDArray

from planner.finetune.inputs import Floats, Tree, Value, copied, places
from planner.finetune.lines import Line, by_term, lines_of, total

Bools = NDArray[np.bool_]
MOST_LEVERS = 15
"""All sets of so many levers, 32,768, are priced in well under a second."""
_SAME_USD = 1e-6


def pulled(tree: Tree, on: Sequence[bool | Bools]) -> Tree:
    """Return the tree with levers pulled.

    Parameters
    ----------
    on : for each lever whether it is pulled: one answer, or one for each set
    """
    made: Tree = copied(tree)
    made["lever_costs"] = {}
    for (name, lever), used in zip(tree["levers"].items(), on, strict=True):
        for change in lever["changes"].values():
            for path in change["at"]:
                for parent, key in places(made, path):
                    parent[key] = np.where(used, _changed(parent[key], change), parent[key])
        for cost, item in lever["costs"].items() if np.any(used) else ():
            made["lever_costs"][f"lever {name}: {cost}"] = item | {"pulled": np.where(used, 1.0, 0.0)}
    return made


def _changed(value: Value, change: Tree) -> Value:
    number: Value
    if change["factor"] is not None:
        number = value * change["factor"]
    elif change["divide_by"] is not None:
        number = value / change["divide_by"]
    else:
        number = change["to"]
    return number


def with_levers(tree: Tree, names: Sequence[str]) -> list[Line]:
    """Return the lines of the project with the levers `names` pulled."""
    return lines_of(pulled(tree, [name in names for name in tree["levers"]]))


@dataclass(frozen=True)
class Sets:
    """Every set of some levers: `on` is [set, lever], and set n has those levers whose bit of n is 1."""

    names: tuple[str, ...]
    on: Bools
    totals: Floats


def all_sets(tree: Tree, names: Sequence[str]) -> Sets:
    """Price every set of the levers `names`; the others are not pulled."""
    count = 2 ** len(names)
    on = np.array([np.arange(count) >> n & 1 for n in range(len(names))], bool).reshape(len(names), count).T
    none = np.zeros(count, bool)
    masks = [on[:, list(names).index(name)] if name in names else none for name in tree["levers"]]
    return Sets(tuple(names), on, np.broadcast_to(np.asarray(total(lines_of(pulled(tree, masks)))), (count,)))


def every_mask(tree: Tree) -> list[Bools]:
    """Return for each lever in which of all sets it is."""
    sets = np.arange(2 ** len(tree["levers"]))
    return [(sets >> n & 1).astype(bool) for n in range(len(tree["levers"]))]


def best_set(tree: Tree, budget_usd: float | None) -> tuple[str, ...]:
    """Return the levers with the lowest total among all sets that may be pulled together.

    Found by pricing every set, which interaction asks for: savings are no sum that a linear program could hold.
    Prerequisites, exclusions and the budget for one-off costs strike sets out. Of sets that cost the same, to a
    millionth of a dollar, the one with the fewest levers is taken, and then the one with the first ones listed.
    """
    sets = all_sets(tree, tuple(tree["levers"]))
    allowed = _allowed(tree, sets, budget_usd)
    least = sets.totals[allowed].min()
    tied = np.flatnonzero(allowed & (sets.totals <= least + _SAME_USD))
    best = min(tied, key=lambda n: (int(sets.on[n].sum()), n))
    return tuple(name for name, used in zip(sets.names, sets.on[best], strict=True) if used)


def _allowed(tree: Tree, sets: Sets, budget_usd: float | None) -> Bools:
    column = {name: sets.on[:, n] for n, name in enumerate(sets.names)}
    allowed = np.ones(len(sets.on), bool)
    for name, lever in tree["levers"].items():
        for other in lever["needs"]:
            allowed &= ~column[name] | column[other]
        for other in lever["excludes"]:
            allowed &= ~(column[name] & column[other])
    if budget_usd is not None:
        once = sum(column[name] * one_off_usd(lever) for name, lever in tree["levers"].items())
        allowed &= once <= budget_usd + _SAME_USD
    return allowed


def one_off_usd(lever: Tree) -> float:
    """What a lever costs once."""
    return float(sum(cost["usd"] for cost in lever["costs"].values() if cost["per_months"] is None))


@dataclass(frozen=True)
class Step:
    """One step of the waterfall: what a lever saves after those before it."""

    lever: str
    before_usd: float
    after_usd: float
    by_term: dict[str, float]

    @property
    def usd(self) -> float:
        """Change of the total, negative when it saves."""
        return self.after_usd - self.before_usd


def waterfall(tree: Tree, chosen: Sequence[str]) -> list[Step]:
    """Return a step for each chosen lever, in their order: each begins where the one before ends."""
    sheets = [with_levers(tree, chosen[:n]) for n in range(len(chosen) + 1)]
    sums = [{term: float(usd) for term, usd in by_term(lines).items()} for lines in sheets]
    totals = [float(total(lines)) for lines in sheets]
    return [
        Step(name, totals[n], totals[n + 1], {term: sums[n + 1][term] - sums[n][term] for term in sums[n]})
        for n, name in enumerate(chosen)
    ]


@dataclass(frozen=True)
class Rank:
    """What a lever is worth.

    Attributes
    ----------
    alone_usd : what it saves when no other is pulled
    share_usd : its share of what the chosen levers save together; None when it is not chosen
    last_usd : what is lost when it alone is dropped from the chosen ones; None when it is not chosen
    one_off_usd : what it costs once, counted in the savings
    """

    lever: str
    chosen: bool
    alone_usd: float
    share_usd: float | None
    last_usd: float | None
    one_off_usd: float


def ranking(tree: Tree, chosen: Sequence[str]) -> list[Rank]:
    """Rank levers by what they save: the chosen ones by their share, then the others by what they save alone.

    The share is the Shapley value: what a lever saves after a set of others, averaged over all orders in which the
    chosen levers may be pulled. Unlike savings alone or in last place, shares sum to what all save together, and do
    not depend on the order of the waterfall. Prerequisites are not enforced within: a lever without what it needs
    changes the same inputs.
    """
    sets = all_sets(tree, chosen)
    base = float(sets.totals[0])
    shares = _shapley(sets)
    found = []
    for name, lever in tree["levers"].items():
        alone = base - float(total(with_levers(tree, [name])))
        bit = 1 << list(chosen).index(name) if name in chosen else 0
        last = float(sets.totals[-1 - bit] - sets.totals[-1]) if bit else None
        found.append(Rank(name, bool(bit), alone, shares.get(name), last, one_off_usd(lever)))
    return sorted(found, key=lambda one: (not one.chosen, -(one.alone_usd if one.share_usd is None else one.share_usd)))


def _shapley(sets: Sets) -> dict[str, float]:
    """Return each lever's mean saving: a set of k of n levers comes before it in k!·(n−k−1)! of n! orders."""
    n, sizes = len(sets.names), sets.on.sum(axis=1)
    weights = np.array([factorial(k) * factorial(n - k - 1) / factorial(n) for k in range(n)])
    shares = {}
    for bit, name in enumerate(sets.names):
        without = np.flatnonzero(~sets.on[:, bit])
        saved = sets.totals[without] - sets.totals[without | 1 << bit]
        shares[name] = float((weights[sizes[without]] * saved).sum())
    return shares
