"""Levers at work: they change inputs one after another, in the order in which they are listed.

So two that halve the same hours leave a quarter of them, and what one saves depends on the others. Everything here
prices the project again with the levers pulled; nothing adds up savings. Many sets are priced at once, as arrays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from planner.finetune.inputs import CHANGED, Floats, Tree, Value, copied, places
from planner.finetune.lines import Line, by_term, lines_of, total

Bools = NDArray[np.bool_]
MOST_LEVERS = 15
"""All sets of so many levers, 32,768, are priced in well under a second; in seconds where all move self-hosted GPUs."""
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
                    before = parent[key]
                    parent[key] = np.where(used, _changed(parent, key, change, lever), before)
                    if np.all(used) and np.any(parent[key] != before):
                        _tell(made, path, name, lever)
        for cost, item in lever["costs"].items() if np.any(used) else ():
            made["lever_costs"][f"lever {name}: {cost}"] = item | {"pulled": np.where(used, 1.0, 0.0)}
    return made


def _changed(parent: Tree, key: str, change: Tree, lever: Tree) -> Value:
    number: Value
    value = parent[key]
    if lever["rented"] and key == "usd_per_gpu_hour" and parent.get("spot"):
        number, _ = parent["spot"]
    elif change["factor"] is not None:
        number = value * change["factor"]
    elif change["divide_by"] is not None:
        number = value / change["divide_by"]
    else:
        number = change["to"]
    return number


def _tell(tree: Tree, path: str, name: str, lever: Tree) -> None:
    """Say of what holds the number at `path` that a lever has changed it: in its source, and in how it is rented."""
    holders = [tree]
    for step in path.split(".")[:-1]:
        holders.append(holders[-1][step])
    if lever["rented"] and "rented" in holders[-1]:
        holders[-1]["rented"] = lever["rented"]
        if path.endswith(".usd_per_gpu_hour") and holders[-1].get("spot"):
            (_, source), (_, *others) = holders[-1]["spot"], holders[-1]["source"].split(CHANGED)
            holders[-1]["source"] = CHANGED.join([source, *others])
    sourced = next((one for one in reversed(holders) if one.get("source") is not None), None)
    if sourced is not None and name not in sourced["source"].split(CHANGED):
        sourced["source"] += CHANGED + name


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
    on = _every_set(len(names))
    none = np.zeros(len(on), bool)
    masks = [on[:, list(names).index(name)] if name in names else none for name in tree["levers"]]
    return Sets(tuple(names), on, np.broadcast_to(np.asarray(total(lines_of(pulled(tree, masks)))), (len(on),)))


def allowed_sets(tree: Tree) -> Bools:
    """Return the sets of levers that may be pulled together, as [set, lever]."""
    names = list(tree["levers"])
    on = _every_set(len(names))
    kept: Bools = on[_allowed(tree, {name: on[:, n] for n, name in enumerate(names)})]
    return kept


def _every_set(count: int) -> Bools:
    """Return every set of so many levers as [set, lever]: set n has those whose bit of n is 1."""
    return np.array([np.arange(2**count) >> n & 1 for n in range(count)], bool).reshape(count, 2**count).T


def best_set(tree: Tree, budget_usd: float | None) -> tuple[str, ...]:
    """Return the levers with the lowest total among all sets that may be pulled together.

    Found by pricing every set, which interaction asks for: savings are no sum that a linear program could hold.
    Prerequisites, exclusions and the budget for one-off costs strike sets out. Of sets that cost the same, to a
    millionth of a dollar, the one with the fewest levers is taken, and then the one with the first ones listed.
    """
    sets = all_sets(tree, tuple(tree["levers"]))
    column = {name: sets.on[:, n] for n, name in enumerate(sets.names)}
    allowed = _allowed(tree, column)
    if budget_usd is not None:
        once = sum(column[name] * one_off_usd(lever) for name, lever in tree["levers"].items())
        allowed &= once <= budget_usd + _SAME_USD
    least = sets.totals[allowed].min()
    tied = np.flatnonzero(allowed & (sets.totals <= least + _SAME_USD))
    best = min(tied, key=lambda n: (int(sets.on[n].sum()), n))
    return tuple(name for name, used in zip(sets.names, sets.on[best], strict=True) if used)


def _allowed(tree: Tree, column: Mapping[str, Bools]) -> Bools:
    """Say of each set whether it holds what its levers need, and none that they exclude.

    Parameters
    ----------
    column : for each lever in which of the sets it is
    """
    allowed = np.ones(len(next(iter(column.values()), [True])), bool)
    for name, used in column.items():
        for other in tree["levers"][name]["needs"]:
            allowed &= ~used | column[other]
        for other in tree["levers"][name]["excludes"]:
            allowed &= ~(used & column.get(other, np.False_))
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
    alone_usd : what it saves with the levers that it needs, when no other is pulled
    share_usd : its share of what the chosen levers save together; None when it is not chosen
    last_usd : what is lost when it is dropped from the chosen ones, with those that need it; None when it is not chosen
    more_usd : what it would save beside the chosen ones, with those that it needs; None when it is chosen, or excluded
    one_off_usd : what it costs once itself, counted in the savings
    """

    lever: str
    chosen: bool
    alone_usd: float
    share_usd: float | None
    last_usd: float | None
    more_usd: float | None
    one_off_usd: float


def ranking(tree: Tree, chosen: Sequence[str]) -> list[Rank]:
    """Rank levers by what they save: the chosen ones by their share, then the others by what they save alone.

    The share is the Shapley value: what a lever saves after a set of others, averaged over all orders in which the
    chosen levers may be pulled, so those in which each comes after what it needs (Faigle and Kern 1992). Unlike
    savings alone or in last place, shares sum to what all save together, and do not depend on the order of the
    waterfall.
    """
    needs = {name: lever["needs"] for name, lever in tree["levers"].items()}

    def usd(names: Collection[str]) -> float:
        return float(total(with_levers(tree, list(names))))

    base, best, shares = usd(()), usd(chosen), _shapley(tree, all_sets(tree, chosen))
    found = []
    for name, lever in tree["levers"].items():
        wanted = closure(needs, [name])
        rest = [one for one in chosen if name not in closure(needs, [one])]
        both = wanted | set(chosen)
        used = name in chosen
        last = usd(rest) - best if used else None
        more = None if used or excluding(tree, both) else best - usd(both)
        found.append(Rank(name, used, base - usd(wanted), shares.get(name), last, more, one_off_usd(lever)))
    return sorted(found, key=lambda one: (not one.chosen, -(one.alone_usd if one.share_usd is None else one.share_usd)))


def closure(needs: Mapping[str, Sequence[str]], names: Iterable[str]) -> set[str]:
    """Return `names` with all that they need, and all that those need.

    >>> sorted(closure({"a": ["b"], "b": ["c"], "c": [], "d": []}, ["a"]))
    ['a', 'b', 'c']
    """
    found: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += needs[name]
    return found


def excluding(tree: Tree, names: Collection[str]) -> bool:
    """Say whether one of `names` excludes another."""
    return any(other in names for name in names for other in tree["levers"][name]["excludes"])


def _shapley(tree: Tree, sets: Sets) -> dict[str, float]:
    """Return each lever's mean saving over the orders in which what it needs comes before it.

    Orders lead from the empty set to the full one through sets that hold what their levers need. A step from one such
    set to the next lies on as many orders as lead to the one × lead on from the other.
    """
    whole = _allowed(tree, {name: sets.on[:, n] for n, name in enumerate(sets.names)})
    steps = []  # the sets without each lever from which it may be pulled, by their size
    sizes = sets.on.sum(axis=1)
    for size, bit in product(range(len(sets.names)), range(len(sets.names))):
        before = np.flatnonzero(whole & ~sets.on[:, bit] & (sizes == size))
        steps.append((bit, before[whole[before | 1 << bit]]))
    leading, onward = np.zeros(len(sets.on)), np.zeros(len(sets.on))
    leading[0] = onward[-1] = 1
    for bit, before in steps:
        leading[before | 1 << bit] += leading[before]
    for bit, before in reversed(steps):
        onward[before] += onward[before | 1 << bit]
    shares = dict.fromkeys(sets.names, 0.0)
    for bit, before in steps:
        after = before | 1 << bit
        saved = sets.totals[before] - sets.totals[after]
        shares[sets.names[bit]] += float((leading[before] * onward[after] / leading[-1] * saved).sum())
    return shares
