"""Answers to "why?", read from plan.json alone: why this mix, why not that, where a number comes from, any rule."""

from planner.report.explain.ask import Explanation, explain

__all__ = ["Explanation", "explain"]
