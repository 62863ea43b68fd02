"""The only place where numbers are rounded or turned to text. Everything before it carries full precision."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

from planner.components import listed

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
MILLION = 1e6
_NO_SPAN = 1e-9

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_WORDS = {
    "usd": "USD", "eur": "EUR", "gbp": "GBP", "jpy": "JPY", "brl": "BRL", "gpu": "GPU", "kw": "kW", "kwh": "kWh",
    "gb": "GB", "fte": "FTE", "pue": "PUE", "api": "API", "mtok": "million tokens",
}  # fmt: skip
_NAMES = {
    "on_demand": "On-demand",
    "self_hosted": "Self-hosted",
    "cloud": "Cloud mix",
    "api": "Token API",
    "project_labor": "Project: labor",
    "project_data": "Project: data",
    "project_fit_out": "Project: fit-out",
}


def fixed(value: float | None, decimals: int = 0) -> str:
    """Return a number with thousands separators, a true minus and so many decimals; an en dash for None.

    >>> fixed(-1234567.8), fixed(0.126, 2), fixed(-0.2), fixed(None)
    ('−1,234,568', '0.13', '0', '–')
    """
    if value is None or not math.isfinite(value):
        return DASH
    text = f"{abs(value):,.{decimals}f}"
    return MINUS + text if value < 0 and any(digit in text for digit in "123456789") else text


def money(usd: float | None) -> str:
    """Return an amount for a sentence: in millions from one million on, in whole dollars below.

    >>> money(12_553_210), money(402_599.4), money(-1_401_695.9), money(999_999.7)
    ('12.55 M USD', '402,599 USD', '−1.40 M USD', '1.00 M USD')
    """
    if usd is None or not math.isfinite(usd):
        return DASH
    if round(abs(usd)) >= MILLION:
        return f"{fixed(usd / MILLION, 2)} M USD"
    return f"{fixed(usd)} USD"


def price(value: float | None) -> str:
    """Return a price per unit: cents and their hundredths for small ones, whole dollars for large ones.

    >>> price(1.274853), price(34.5), price(199200.0), price(0.0000123), price(0.0)
    ('1.2749', '34.50', '199,200', '0.0000123', '0')
    """
    if value is None or not math.isfinite(value):
        return DASH
    size = abs(value)
    if size < 0.01:
        return number(value)
    return fixed(value, 0 if size >= 1000 else 2 if size >= 10 else 4)


def number(value: float | None, digits: int = 6) -> str:
    """Return a number with so many significant digits and no more zeros than needed.

    >>> number(130000.0), number(1.325), number(0.8125), number(1 / 3, 3), number(2.5e-12), number(None)
    ('130,000', '1.325', '0.8125', '0.333', '2.5 × 10⁻¹²', '–')
    """
    if value is None or not math.isfinite(value):
        return DASH
    if value == 0:
        return "0"
    power = math.floor(math.log10(abs(value)))
    if power < -5 or power > 14:
        return power_of_ten(value)
    text = fixed(value, max(0, digits - 1 - power))
    return text.rstrip("0").rstrip(".") if "." in text else text


def power_of_ten(value: float | None) -> str:
    """Return a very small or large number as a power of ten.

    >>> power_of_ten(1.879e-16), power_of_ten(0.0)
    ('1.9 × 10⁻¹⁶', '0')
    """
    if value is None or not math.isfinite(value):
        return DASH
    if value == 0:
        return "0"
    mantissa, power = f"{value:.1e}".split("e")
    mantissa = mantissa.removesuffix(".0").replace("-", MINUS)
    return f"{mantissa} × 10{str(int(power)).translate(SUPERSCRIPTS)}"


def percent(fraction: float | None, digits: int = 1) -> str:
    """Return a fraction in percent.

    >>> percent(0.149489), percent(-0.5), percent(0.00042, 2), percent(1e-16, 2), percent(0.0004)
    ('14.9 %', '−50.0 %', '0.04 %', '0.00 %', '0.0 %')
    """
    return DASH if fraction is None or not math.isfinite(fraction) else f"{fixed(fraction * 100, digits)} %"


def count(value: float | None) -> str:
    """Return how many there are of something; decimals only where it is not whole.

    >>> count(12.0), count(0.1171875), count(10949.999999999969)
    ('12', '0.12', '10,950')
    """
    if value is None:
        return DASH
    is_whole = abs(value - round(value)) <= 1e-6 * max(1.0, abs(value))
    return fixed(value, 0 if is_whole else 2)


def plural(value: float, noun: str) -> str:
    """Return a count with its noun.

    >>> plural(1, "month"), plural(36, "month")
    ('1 month', '36 months')
    """
    return f"{count(value)} {noun}" + ("" if count(value) == "1" else "s")


def months(value: float | None) -> str:
    """Return a time in months to a tenth.

    >>> months(14.2724), months(None)
    ('14.3', '–')
    """
    return fixed(value, 1)


def after(months_: float) -> str:
    """Return from when on something holds.

    >>> after(14.2724), after(0.0)
    ('after 14.3 months', 'from the start')
    """
    return f"after {months(months_)} months" if months_ > 0 else "from the start"


def day(iso: str | None) -> str:
    """Return a date in words.

    >>> day("2026-11-21"), day(None)
    ('21 November 2026', '–')
    """
    if iso is None:
        return DASH
    when = date.fromisoformat(iso)
    return f"{when.day} {when:%B} {when.year}"


def month(label: str | None) -> str:
    """Return a month label ("YYYY-MM") in words.

    >>> month("2027-01")
    'January 2027'
    """
    return DASH if label is None else day(f"{label}-01").split(" ", 1)[1]


def name(key: str) -> str:
    """Return what a key of plan.json is called in a report.

    >>> name("self_hosted"), name("shared_storage"), name("negotiated_servers")
    ('Self-hosted', 'Shared storage', 'Servers: negotiated')
    """
    base = listed(key)
    return f"{name(base)}: negotiated" if base != key else _NAMES.get(key, sentence(words(key)))


def words(key: str) -> str:
    """Return a key in words, with the usual capitals.

    >>> words("power_is_within_site_limit"), words("usd_per_gpu_hour")
    ('power is within site limit', 'USD per GPU hour')
    """
    return " ".join(_WORDS.get(word, word) for word in key.split("_")).replace("on demand", "on-demand")


def unit(field: str, currency: str = "USD") -> str:
    """Return the unit that a catalog field's name says; the rest of the name stays where there is no unit in it.

    >>> unit("on_demand_usd_per_gpu_hour"), unit("usd_per_kwh", "EUR"), unit("pue")
    ('USD per GPU hour', 'EUR per kWh', 'PUE')
    """
    start = field.find("usd_")
    text = words(field[start:] if start >= 0 else field)
    return text if currency == "USD" else text.replace("USD", currency)


def sentence(text: str) -> str:
    """Return `text` with a capital first letter."""
    return text[:1].upper() + text[1:]


def add_up(values: Sequence[float], total: int | None = None) -> list[int]:
    """Round `values` to whole numbers that sum to `total` (default: their rounded sum), by largest remainder.

    >>> add_up([1 / 3, 1 / 3, 1 / 3]), add_up([0.5, 0.5]), add_up([-1.6, 2.2])
    ([1, 0, 0], [1, 0], [-1, 2])
    """
    exact = math.fsum(values)
    total = whole(exact) if total is None else total
    rounded = [math.floor(value) for value in values]
    by_remainder = sorted(range(len(values)), key=lambda n: (rounded[n] - values[n], n))
    missing = total - sum(rounded)
    each, rest = divmod(abs(missing), max(1, len(values)))
    for place, n in enumerate(by_remainder if missing > 0 else reversed(by_remainder)):
        rounded[n] += (each + (place < rest)) * (1 if missing > 0 else -1)
    return rounded


def add_up_both_ways(rows: Sequence[Sequence[float]]) -> tuple[list[list[int]], list[int], list[int]]:
    """Round a matrix so that rows and columns add up to their rounded totals; returns cells, row and column totals.

    Columns are rounded by largest remainder; then single dollars move within a column, where they add least error,
    from rows that have too many to rows that have too few.

    >>> add_up_both_ways([[0.4, 0.4], [0.4, 0.4]])
    ([[0, 1], [1, 0]], [1, 1], [1, 1])
    """
    row_totals = add_up([math.fsum(row) for row in rows])
    columns = list(zip(*rows, strict=True))
    column_totals = add_up([math.fsum(column) for column in columns], sum(row_totals))
    rounded = [add_up(column, total) for column, total in zip(columns, column_totals, strict=True)]
    cells = [list(row) for row in zip(*rounded, strict=True)] or [[] for _ in rows]
    missing = [total - sum(row) for total, row in zip(row_totals, cells, strict=True)]
    while any(missing):
        giver, taker = missing.index(min(missing)), missing.index(max(missing))
        error = [(cells[giver][c] - rows[giver][c]) - (cells[taker][c] - rows[taker][c]) for c in range(len(columns))]
        best = error.index(max(error))
        cells[giver][best] -= 1
        cells[taker][best] += 1
        missing[giver] += 1
        missing[taker] -= 1
    return cells, row_totals, column_totals


def whole(value: float) -> int:
    """Round half away from zero, as a reader does."""
    return int(math.copysign(math.floor(abs(value) + 0.5), value))


def position(value: float) -> str:
    """Return a coordinate of a drawing.

    >>> position(12.0), position(-0.04)
    ('12', '0')
    """
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return round values that cover [low, high], 0 among them.

    >>> ticks(0, 2_264_324), ticks(-12, 95)
    ([0.0, 500000.0, 1000000.0, 1500000.0, 2000000.0, 2500000.0], [-20.0, 0.0, 20.0, 40.0, 60.0, 80.0, 100.0])
    """
    low, high = min(low, 0.0), max(high, 0.0)
    span = high - low
    if span < _NO_SPAN:
        return [0.0, 1.0]
    power = 10.0 ** math.floor(math.log10(span / most))
    step = next(power * lead for lead in (1, 2, 2.5, 5, 10, 20) if span / (power * lead) <= most)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [step * n for n in range(first, last + 1)]


def tick_texts(values: Sequence[float], noun: str) -> tuple[list[str], str]:
    """Return the texts of an axis and its unit, scaled so that the texts stay short.

    >>> tick_texts([0, 500_000, 1_000_000], "USD")
    (['0', '0.5', '1.0'], 'M USD')
    """
    largest = max((abs(value) for value in values), default=0.0)
    scale, prefix = (MILLION, "M ") if largest >= MILLION else (1e3, "thousand ") if largest >= 1e4 else (1.0, "")
    scaled = [value / scale for value in values]
    decimals = next((d for d in range(4) if all(abs(v - round(v, d)) < 1e-9 * max(1, abs(v)) for v in scaled)), 4)
    return [fixed(value, decimals) if value else "0" for value in scaled], prefix + noun
