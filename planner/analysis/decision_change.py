"""Whether a change of prices changes the advice for a scenario, by how much, and which price did it.

The scenario is planned twice, with the prices before and after; nothing else moves. The advice counts as changed when
the verdict is another one and keeping the old plan at the new prices would cost more than a band allows: a verdict that
tips over for a percent is no news.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from planner.analysis.decisions import decisions
from planner.analysis.given import solve_given
from planner.analysis.returns import breakevens, finance
from planner.analysis.study import Study, solve_case
from planner.analysis.verdict import verdict
from planner.assemble import build_case
from planner.catalog.difference import Change, with_facts
from planner.catalog.load import Catalog
from planner.errors import InfeasibleError, InputError
from planner.model.solve import Effort
from planner.scenario.load import LoadedScenario

Say = Callable[[str], None]
SAME, WITHIN = "same advice", "same advice: within the band"
REBUILD, FLIPS = "same verdict, another plan", "flips"


@dataclass(frozen=True)
class Advice:
    """What a scenario comes to with one set of prices; USD in present value.

    Attributes
    ----------
    choice : buy, rent or mix; "no plan" where none is possible, with the reason
    """

    choice: str
    reason: str
    present_usd: float | None = None
    buy_npv_usd: float | None = None
    breakeven_months: float | None = None
    utilization_fraction: float | None = None


@dataclass(frozen=True)
class Cause:
    """One price that moved, and what setting it back alone takes away again.

    Attributes
    ----------
    present_usd, buy_npv_usd : its part in the move of the plan's cost and of what buying is worth
    sets_back : whether the old verdict returns without it
    """

    change: Change
    present_usd: float | None
    buy_npv_usd: float | None
    sets_back: bool


@dataclass(frozen=True)
class DecisionChange:
    """A scenario at the prices before and after.

    Attributes
    ----------
    advice : SAME, WITHIN, REBUILD or FLIPS
    keeping_usd : what keeping the old purchases and commitments costs more at the new prices than the new plan;
        None where they cannot be kept
    causes : the prices that were set back one at a time, largest effect first
    together : where none did it alone, ids of the rows with which, set back at once, the old verdict returns
    not_tried : number of further changed prices that the plan or its baselines use
    """

    scenario: str
    before: Advice
    after: Advice
    advice: str
    keeping_usd: float | None
    keeping_fraction: float | None
    causes: tuple[Cause, ...] = ()
    together: tuple[str, ...] = ()
    not_tried: int = 0

    @property
    def flips(self) -> bool:
        """Whether the advice is another one, outside the band."""
        return self.advice == FLIPS


def decision_change(
    loaded: LoadedScenario, catalog: Catalog, changes: Sequence[Change], other: Catalog | None = None,
    band: float = 0.05, most: int = 5, effort: Effort = Effort(), say: Say = lambda text: None,  # noqa: B008
) -> DecisionChange:  # fmt: skip
    """Plan a scenario at the prices before and after `changes`.

    Parameters
    ----------
    catalog : with the prices after them
    changes : what is set back for the prices before
    other : where things stand that `catalog` no longer has
    band : fraction of the new plan's cost that keeping the old plan may cost more before the advice counts as changed
    most : number of prices that are set back one at a time, to see which did it
    """
    mine = [change for change in changes if change.row.id not in loaded.scenario.prices]
    trial = _Trial(loaded, catalog, other, effort, say)
    after, before = trial.solve([], "after"), trial.solve(mine, "before")
    now, then = _advice(after), _advice(before)
    keeping = _keeping(before, after, effort)
    share = None if keeping is None or not now.present_usd else keeping / now.present_usd
    verdict_moved, kept = then.choice != now.choice, before is after or (share is not None and share <= band)
    advice = (WITHIN if verdict_moved else SAME) if kept else (FLIPS if verdict_moved else REBUILD)
    name = loaded.scenario.name
    if not (advice in (FLIPS, REBUILD) or _moved(then, now, band)):
        return DecisionChange(name, then, now, advice, keeping, share)
    used, unused = _ranked(mine, [one for one in (before, after) if isinstance(one, Study)])
    causes = sorted((trial.cause(change, then, now) for change in used[:most]), key=_effect, reverse=True)
    together = () if not verdict_moved or any(one.sets_back for one in causes) else (
        trial.together([*used, *unused][:most], then.choice))  # fmt: skip
    return DecisionChange(name, then, now, advice, keeping, share, tuple(causes), together, len(used[most:]))


def _moved(before: Advice, after: Advice, band: float) -> bool:
    """Say whether the plan's cost, or what buying is worth, moved by more than the band of the plan's cost."""
    steps = (_minus(after.present_usd, before.present_usd), _minus(after.buy_npv_usd, before.buy_npv_usd))
    return any(step is not None and abs(step) > band * (after.present_usd or 0.0) for step in steps)


@dataclass
class _Trial:
    """Solves the scenario with some changes set back; the same inputs are solved once."""

    loaded: LoadedScenario
    catalog: Catalog
    other: Catalog | None
    effort: Effort
    say: Say

    def __post_init__(self) -> None:
        self.known: dict[Any, Study | str] = {}

    def solve(self, back: Sequence[Change], what: str) -> Study | str:
        """Return the study with `back` set back, or why there is none."""
        facts = {change.row.id: change.old for change in back}
        day = self.loaded.scenario.as_of
        try:
            case = build_case(with_facts(self.catalog, facts, day, self.other), self.loaded)
        except InputError as error:
            return str(error)
        key = tuple((one.row, one.value, one.currency) for one in case.evidence)
        if key not in self.known:
            try:
                self.known[key] = solve_case(case, self.effort, lambda text: self.say(f"{what}: {text}"))
            except InfeasibleError as error:
                self.known[key] = str(error)
        return self.known[key]

    def cause(self, change: Change, before: Advice, after: Advice) -> Cause:
        """Set one price back, and see what that takes away."""
        without = _advice(self.solve([change], f"{change.row.id} set back"))
        return Cause(
            change, _minus(after.present_usd, without.present_usd), _minus(after.buy_npv_usd, without.buy_npv_usd),
            before.choice != after.choice and without.choice == before.choice,
        )  # fmt: skip

    def together(self, ranked: Sequence[Change], choice: str) -> tuple[str, ...]:
        """Set back one price after the other until the verdict is `choice`; return their ids, none where it never is.

        Rivals that nobody uses count too: where two offers fell alike, setting back either changes nothing.
        """
        for count in range(2, len(ranked) + 1):
            if _advice(self.solve(ranked[:count], f"{count} prices set back")).choice == choice:
                return tuple(change.row.id for change in ranked[:count])
        return ()


def _advice(study: Study | str) -> Advice:
    if isinstance(study, str):
        return Advice("no plan", study)
    answer, even = verdict(study, finance(study)), breakevens(study)
    against = (even["buy"] or {}).get(answer["against"] or "cloud") or {}
    return Advice(
        answer["choice"], answer["reason"], float(study.plan.ledger["present_usd"].sum()), answer["buy_npv_usd"],
        against.get("months"), even["utilization_fraction"],
    )  # fmt: skip


def _keeping(before: Study | str, after: Study | str, effort: Effort) -> float | None:
    """USD that the purchases and commitments of `before` cost more at the prices of `after` than the plan there."""
    if isinstance(before, str) or isinstance(after, str):
        return None
    if before is after:
        return 0.0
    try:
        kept = solve_given(after.asked, decisions(before, before.plan), effort)
    except (InputError, InfeasibleError):
        return None
    return max(0.0, kept.plan.answer.objective - after.plan.answer.objective)


def _ranked(changes: Sequence[Change], studies: Sequence[Study]) -> tuple[list[Change], list[Change]]:
    """Return the changes of things that are paid for in any outcome, those first by which most money moves; and others.

    The others were asked for, but are not paid, or only would have been.
    """
    charged: dict[str, float] = {}
    asked = {one.row for study in studies for one in study.case.evidence}
    for study in studies:
        for outcome in study.outcomes.values():
            if outcome is None:
                continue
            for source, usd in outcome.ledger.groupby("source")["present_usd"].sum().items():
                for row in str(source).replace(" + ", " × ").split(" × "):
                    charged[row.strip()] = max(charged.get(row.strip(), 0.0), abs(float(usd)))
    things = {row.partition("/")[0] for row in charged}

    def weight(change: Change) -> tuple[float, float, str]:
        step = abs(1.0 if change.fraction is None else change.fraction)
        return -step * charged.get(change.row.id, 0.0), -step, change.row.id

    ranked = sorted((change for change in changes if change.row.id in asked), key=weight)
    used = [change for change in ranked if change.row.id.partition("/")[0] in things]
    return used, [change for change in ranked if change not in used]


def _effect(cause: Cause) -> tuple[bool, float]:
    return cause.sets_back, abs(cause.present_usd or 0.0) + abs(cause.buy_npv_usd or 0.0)


def _minus(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other
