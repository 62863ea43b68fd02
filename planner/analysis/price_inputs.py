"""What a scenario assumes of prices beside the catalog, each with its source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from planner.catalog.load import Catalog
from planner.catalog.price_history import PathCase, changes, learned
from planner.scenario.price_schema import PricePath
from planner.scenario.schema import Scenario
from planner.units import month_label

Row = dict[str, Any]
_SCENARIO = "scenario"


def row(name: str, value: Decimal | float | str, unit: str = "", source: str = _SCENARIO) -> Row:
    """Return a row {input, value, unit, source}."""
    return {"input": name, "value": value if isinstance(value, str) else float(value), "unit": unit, "source": source}


def words(keys: Iterable[str]) -> str:
    """Return keys as a reader says them."""
    return ", ".join(key.replace("on_demand", "on-demand").replace("_", " ") for key in keys) or "none"


def price_inputs(scenario: Scenario, catalog: Catalog) -> Iterator[Row]:
    """Yield discounts, price paths, what-ifs and exchange rates."""
    for one in scenario.discounts:
        yield row(f"discount of {one.provider} on {words([one.kind])}", one.fraction, "fraction", one.source)
    for path in scenario.price_paths:
        name = f"price path of {path.rows}"
        if path.annual_rate is not None:
            yield row(name, path.annual_rate, "fraction per year", path.source)
        elif path.factor is not None:
            yield row(name, path.factor, f"times, from {path.month}", path.source)
        elif path.factors is not None:
            said = ", ".join(f"{factor} from {month}" for month, factor in path.factors.items())
            yield row(name, f"times {said}", source=path.source)
        elif path.case is not None:
            yield _from_history(name, path, path.case, scenario, catalog)
        else:
            yield row(name, path.kind, source=path.source)
    if scenario.scale.demand != 1:
        yield row("what-if on all demand", scenario.scale.demand, "times")
    if by_month := scenario.scale.demand_by_month:
        said = ", ".join(f"{factor} in {month}" for month, factor in by_month.items())
        yield row("what-if on all demand by month", f"times {said}")
    for rows, factor in scenario.scale.rows.items():
        yield row(f"what-if on {rows}", factor, "times")
    for rows, factor in scenario.scale.later.items():
        yield row(f"what-if on {rows}", factor, f"times, from {scenario.scale.later_from or scenario.start}")
    for rate in scenario.exchange_rates:
        yield row(f"USD for one {rate.currency}", rate.usd_per_unit, str(rate.date), rate.source)


def _from_history(name: str, path: PricePath, case: PathCase, scenario: Scenario, catalog: Catalog) -> Row:
    """Return a path with the steps that it was made of, each with the day on which it was seen."""
    history = learned(catalog, path.learned_from, scenario.as_of)
    months = [month_label(scenario.start, t) for t in range(scenario.horizon_months)]
    moves = changes(months, history.factors(case, scenario.as_of, months))
    said = ", ".join(f"{factor:.3f} from {month}" for month, factor in moves.items())
    seen = Counter(f"{step.factor:.3f} on {step.date}" for step in history.steps)
    steps = ", ".join(step if count == 1 else f"{step} ({count} rows)" for step, count in seen.items())
    unit = f"{case}; {history} of {' or '.join(path.learned_from)}: times {steps}"
    return row(name, f"times {said}" if said else "no step within the horizon", unit, path.source)
