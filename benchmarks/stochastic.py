"""One plan for many futures: all of them as one program, and decomposed. Both must agree within the stated gap.

Relaxations, half of the mean and half of CVaR 90 %. Decomposition is given what each future costs when it is known
beforehand, which `planner risk` asks for anyway; its seconds are counted here. Beside them, as far as `planner risk`
does so, whole numbers: the best decisions with an order now and without one, and what each future costs beforehand.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.clock import Clock
from planner.catalog.load import load_catalog
from planner.resources import shipped
from planner.scenario.load import load_scenario
from planner.whatif.base import Base
from planner.whatif.risk.answer import ALL_UP_TO_NONZEROS
from planner.whatif.risk.benders import GAP, solve_benders
from planner.whatif.risk.branches import Asked, Trials, solve_branches
from planner.whatif.risk.futures import draw, months_to_decide
from planner.whatif.risk.programs import Programs, build_programs
from planner.whatif.risk.solver import Solver, costs
from planner.whatif.risk.stochastic import solve_extensive

EXAMPLES = Path(__file__).parent.parent / "examples"
AVERSION, ALPHA = 0.5, 0.9


def measure(example: str, futures: int) -> dict[str, float]:
    """Return seconds of processor of building the programs and of both ways to solve them, and how far they differ."""
    catalog = load_catalog(shipped("data/pricing"))
    base = Base(catalog, load_scenario(EXAMPLES / f"{example}.yaml", catalog))
    drawn = draw(base, base.case(), futures, 1)
    clock = Clock()
    programs = build_programs(base, drawn.settings, months_to_decide(base))
    clock.lap("build")
    one = solve_extensive(programs, AVERSION, ALPHA)
    clock.lap("one_program")
    least = costs(Solver(programs).replies())
    cut = solve_benders(programs, AVERSION, ALPHA, least)
    clock.lap("decomposed")
    assert one is not None, "a plan for all futures"
    assert cut is not None, "a plan for all futures"
    difference = cut.objective / one.objective - 1
    assert -1e-9 <= difference <= GAP, f"the objective differs by {difference:.1e}"
    whole = _in_whole_numbers(programs, clock, one.objective) if programs.nonzeros <= ALL_UP_TO_NONZEROS else {}
    return {
        "nonzeros": programs.nonzeros, "shared": len(programs.keys),
        **{name: float(f"{clock.stages[name]:.3g}") for name in ("build", "one_program", "decomposed")},
        "rounds": cut.rounds, "gap": float(f"{cut.relative_gap:.2g}"), "difference": float(f"{difference:.2g}"),
        **whole,
    }  # fmt: skip


def _in_whole_numbers(programs: Programs, clock: Clock, relaxed: float) -> dict[str, float]:
    """Return seconds of processor of the best decisions in whole numbers, their gap, and what they cost more."""
    trials = Trials(programs, True)
    best = solve_branches(trials, trials.solver.replies(), Asked(True, "auto", AVERSION, ALPHA)).best
    clock.lap("whole")
    assert best is not None, "a plan for all futures"
    assert best.objective >= relaxed * (1 - 1e-9), "whole numbers cost less than fractions"
    return {
        "whole": float(f"{clock.stages['whole']:.3g}"), "whole_gap": float(f"{best.relative_gap:.2g}"),
        "whole_costs_more": float(f"{best.objective / relaxed - 1:.2g}"),
    }  # fmt: skip
