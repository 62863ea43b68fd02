"""What commands that ask about a decision have in common: the scenario is read, and who answers is chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.cli.interrupt import interruptible
from planner.cli.options import read_scenario
from planner.cli.progress import Say, progress

if TYPE_CHECKING:
    from planner.whatif.basis import Ask
    from planner.whatif.question import Question


@dataclass(frozen=True)
class Call:
    """What each of them is told of the scenario and of who answers."""

    scenario: Path
    assignments: list[str] | None
    as_of: str | None
    catalog: Path | None
    whole: bool | None
    workers: int
    executor: str
    quiet: bool

    def answered(
        self, measured: tuple[str, ...], answer: Callable[[Question, Ask, Say], dict[str, Any]]
    ) -> dict[str, Any]:
        """Return what `answer` makes of the question about the scenario and of who answers it.

        Parameters
        ----------
        measured : the options of the plan that are solved for each answer
        """
        from planner.whatif.base import Base
        from planner.whatif.question import asking, question
        from planner.whatif.runner import How

        def work(tell: Say) -> dict[str, Any]:
            prices, loaded = read_scenario(self.scenario, self.assignments, self.as_of, self.catalog)
            asked = question(Base(prices, loaded), self.whole)
            how = How(measured, asked.effort, self.workers, self.executor)
            return answer(asked, asking(asked, how, tell), tell)

        with progress(self.quiet) as tell:
            return interruptible(lambda: work(tell))
