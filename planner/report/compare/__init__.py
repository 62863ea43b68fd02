"""Plans side by side, read from plan.json alone: what was asked, prices, money, decisions, advice."""

from planner.report.compare.comparison import Comparison, compare

__all__ = ["Comparison", "compare"]
