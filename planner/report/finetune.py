"""A fine-tuning project's answer as sections, which every form of the report can show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from planner.plaintext import readable
from planner.report.formatting import DASH, MINUS, day, fixed, name, number, percent, plural, price, sentence
from planner.report.parts import Block, Cell, Column, Facts, Figure, Fold, Section, Table, Text, code, columns
from planner.report.summary import Head
from planner.report.waterfall import Bar, waterfall

Answer = Mapping[str, Any]
_NAMES = {"training_compute": "Training compute", "infra": "Infrastructure"}
_TOP = 3
RANKED = (
    "Saves alone: with the levers that it needs, and no other. Share: of what the pulled levers save together, a mean "
    "over every order in which a lever comes after what it needs; shares add up. Lost without it: together with the "
    "pulled levers that need it. Would save more: beside the pulled ones, with what it needs. What levers cost is "
    "counted in all of them."
)


def head(document: Answer) -> tuple[Head, list[Section]]:
    """Return the answer as a page of its own has it: its head, and the sections below."""
    found = readable(dict(document))
    top = Head(
        title=found["project"],
        description=found["description"],
        verdict=f"{_usd(found['total_usd'])} over {plural(found['horizon_months'], 'month')}",
        because=_because(found),
        facts=Facts((("Prices as of", Cell(day(found["as_of"]))), ("Currency", Cell(found["currency"])))),
        answer=tuple(_answer(found)),
        warnings=tuple(one["text"] for one in found["warnings"]),
        figures=Facts(tuple(_figures(found)), look="figures"),
        eyebrow="Fine-tuning project: what does it cost?",
        question="what does fine-tuning cost?",
    )
    return top, _rest(found)


def sections(document: Answer) -> list[Section]:
    """Return the answer; its first section says the total and what it is made of."""
    found = readable(dict(document))
    said: list[Block] = [
        Text(f"{_usd(found['total_usd'])} over {plural(found['horizon_months'], 'month')}.", strong=True)
    ]
    said += [Text(_because(found)), *(Text(text) for text in _answer(found))]
    said += [Text(one["text"], strong=True) for one in found["warnings"]]
    first = Section("answer", f"Fine-tuning project {found['project']}", found["description"], tuple(said))
    return [first, *_rest(found)]


def _rest(found: Answer) -> list[Section]:
    parts = [_costs(found)]
    if "levers" in found:
        parts.append(_levers(found))
    if "training" in found or "serving" in found:
        parts.append(_computing(found))
    if "draws" in found:
        parts.append(_range(found))
    parts.append(_checklist(found))
    if found["notes"]:
        parts.append(Section("notes", "Notes", "What must be known to read the figures.",
                             tuple(Text(text) for text in found["notes"])))  # fmt: skip
    return parts


def _because(found: Answer) -> str:
    terms = sorted(found["terms"].items(), key=lambda one: -one[1])[:_TOP]
    total = found["total_usd"]
    shares = [f"{term_name(term).lower()} {percent(usd / total)}" for term, usd in terms if usd > 0]
    return f"Most of it: {', '.join(shares)}." if shares else "Nothing in it costs anything."


def _answer(found: Answer) -> list[str]:
    said = []
    if "optimized" in found:
        after = found["optimized"]
        saved = after["saved_usd"]
        share = percent(saved / found["total_usd"]) if found["total_usd"] else DASH
        how = {"best": "the best set of levers", "all": "all levers"}.get(after["chosen_by"], "the chosen levers")
        change = f"{_usd(saved)} or {share} less" if saved >= 0 else f"{_usd(-saved)} more"
        said += [f"With {how} it is {_usd(after['total_usd'])}, {change}."] if after["levers"] else []
    for case, which in (("range", "it"), ("range_optimized", "with levers it")):
        if case in found:
            low, high = (_usd(found[case][key]) for key in ("p10", "p90"))
            said.append(f"In 8 of 10 futures {which} lies between {low} and {high}.")
    return said


def _figures(found: Answer) -> list[tuple[str, Cell]]:
    pairs = [("Total", Cell(_usd(found["total_usd"]))), ("A month", Cell(_usd(found["usd_per_month"])))]
    if "optimized" in found:
        after = found["optimized"]
        pairs += [("With levers", Cell(_usd(after["total_usd"]), note=plural(len(after["levers"]), "lever"))),
                  ("Saved", Cell(_usd(after["saved_usd"]),
                                 note=f"{_usd(after['one_off_usd'])} paid once for levers is counted"))]  # fmt: skip
    if "range" in found:
        pairs.append(("Median of the range", Cell(_usd(found["range"]["p50"]))))
    return pairs


def _costs(found: Answer) -> Section:
    after = found.get("optimized")
    titles = columns("Term", "USD", *(["With levers", "Saved"] if after else []), "Share")
    total = found["total_usd"]
    rows = []
    for term, usd in [*found["terms"].items(), ("total", total)]:
        texts = [term_name(term), fixed(usd, 2)]
        if after:
            other = after["total_usd"] if term == "total" else after["terms"].get(term, 0.0)
            texts += [fixed(other, 2), fixed(usd - other, 2)]
        rows.append(tuple(Cell(text) for text in [*texts, percent(usd / total if total else None)]))
    by_term = Table("Terms", titles, tuple(rows[:-1]), (rows[-1],))
    blocks: list[Block] = [by_term, _lines("Lines", found["lines"])]
    if after and after["levers"]:
        blocks.append(Fold("Lines with levers", _lines("Lines with levers", after["lines"])))
    lead = "Every line is a quantity × a unit price; contingency is a share of the rest."
    return Section("costs", "What it costs", lead, tuple(blocks))


def _lines(caption: str, lines: Sequence[Answer]) -> Table:
    titles = columns("Line", "Term", "Quantity", "Unit", "USD a unit", "USD", words=("Term", "Unit"))
    titles = (*titles, Column("Source", number=False, wide=True))
    rows = tuple(
        (code(one["name"]), Cell(term_name(one["term"])), Cell(number(one["quantity"])), Cell(one["unit"]),
         Cell(price(one["unit_usd"])), Cell(fixed(one["usd"], 2)), Cell(one["source"]))
        for one in lines
    )  # fmt: skip
    whole = Cell(fixed(sum(one["usd"] for one in lines), 2))
    total = (Cell("Total"), *(Cell("") for _ in range(4)), whole, Cell(""))
    return Table(caption, titles, rows, (total,))


def _levers(found: Answer) -> Section:
    blocks: list[Block] = []
    if found["waterfall"]:
        blocks += [_figure(found), _steps(found), Fold("Step by step, by term", _steps_by_term(found))]
    blocks += [_ranking(found), Text(RANKED)]
    lead = "Levers change the same inputs one after another, so what one saves depends on the others."
    return Section("levers", "Levers", lead, tuple(blocks))


def _figure(found: Answer) -> Figure:
    steps = found["waterfall"]
    bars = [Bar("As it stands", 0.0, found["total_usd"], fixed(found["total_usd"], 2), is_total=True)]
    bars += [Bar(one["lever"], one["before_usd"], one["after_usd"], _signed(one["usd"])) for one in steps]
    last = found["optimized"]["total_usd"]
    bars.append(Bar("With levers", 0.0, last, fixed(last, 2), is_total=True))
    described = "; ".join(f"{one.label} {one.text}" for one in bars)
    drawing = waterfall(
        "levers-waterfall", "From the project as it stands to the one with levers, USD", described, bars
    )
    return Figure(
        drawing, "From the project as it stands to the one with levers, USD, in the order in which they work."
    )


def _steps(found: Answer) -> Table:
    rows = tuple((code(step["lever"]), Cell(_signed(step["usd"])), Cell(fixed(step["after_usd"], 2)))
                 for step in found["waterfall"])  # fmt: skip
    first = (Cell("As it stands"), Cell(""), Cell(fixed(found["total_usd"], 2)))
    after = found["optimized"]
    last = (Cell("With levers"), Cell(_signed(-after["saved_usd"])), Cell(fixed(after["total_usd"], 2)))
    return Table(
        "Step by step, USD", columns("Step", "Changes the total by", "Total after it"), (first, *rows), (last,)
    )


def _steps_by_term(found: Answer) -> Table:
    steps = found["waterfall"]
    terms = [term for term in found["terms"] if any(step["by_term"].get(term) for step in steps)]
    titles = columns("Step", "USD", *map(term_name, terms), "Total after it")
    rows = [(Cell("As it stands"), Cell(""), *(Cell(fixed(found["terms"][term], 2)) for term in terms),
             Cell(fixed(found["total_usd"], 2)))]  # fmt: skip
    rows += [
        (code(step["lever"]), Cell(_signed(step["usd"])),
         *(Cell(_signed(step["by_term"].get(term, 0.0))) for term in terms), Cell(fixed(step["after_usd"], 2)))
        for step in steps
    ]  # fmt: skip
    after = found["optimized"]
    ends = (Cell(fixed(after["terms"].get(term, 0.0), 2)) for term in terms)
    last = (Cell("With levers"), Cell(_signed(-after["saved_usd"])), *ends, Cell(fixed(after["total_usd"], 2)))
    return Table("Step by step, by term, USD", titles, tuple(rows), (last,))


def _ranking(found: Answer) -> Table:
    titles = (Column("Lever", number=False), Column("Pulled", number=False), Column("Saves alone"),
              Column("Share of what all save"), Column("Lost without it"), Column("Would save more"),
              Column("Paid once"),
              Column("Basis", number=False, wide=True))  # fmt: skip
    rows = tuple(
        (code(one["lever"], note=one["description"]), Cell("yes" if one["chosen"] else "no"),
         Cell(fixed(one["alone_usd"], 2), note=f"with {', '.join(one['needs'])}" if one["needs"] else ""),
         *(Cell(fixed(one[key], 2)) for key in ("share_usd", "last_usd", "more_usd", "one_off_usd")),
         Cell(one["source"], mark="assumption" if one["basis"] == "assumption" else ""))
        for one in found["levers"]
    )  # fmt: skip
    return Table("Levers by what they save, USD", titles, rows)


def _computing(found: Answer) -> Section:
    blocks: list[Block] = []
    if "training" in found:
        titles = columns("Run", "Method", "GPUs", "Runs", "GPU-hours", "Hours", "USD a GPU-hour", "GB on each GPU",
                         "Fewest GPUs", words=("Method",))  # fmt: skip
        rows = tuple(
            (code(one["run"], note=f"MFU {one['mfu_basis']}: {one['mfu_source']}"), Cell(one["method"]),
             Cell(number(one["gpus"])),
             *(Cell(_moved(one, key)) for key in ("runs", "gpu_hours", "wall_hours", "usd_per_gpu_hour")),
             *(Cell(number(one[key], 4)) for key in ("memory_gb_per_gpu", "smallest_gpus")))
            for one in found["training"]
        )  # fmt: skip
        blocks.append(Table("Runs whose hours are estimated, each", titles, rows))
    blocks += [Text(_served(one)) for one in found.get("serving", ())]
    return Section("computing", "Training and serving", _computed(found), tuple(blocks))


def _computed(found: Answer) -> str:
    if not found.get("optimized", {}).get("levers"):
        return "Hours of training from compute, and what serving takes in a month."
    return (
        "Hours of training from compute, as they stand → with the levers pulled; method and memory are as they stand. "
        "What serving takes in a month is with the levers pulled."
    )


def _moved(run: Answer, key: str) -> str:
    """Return a figure of a run, and after an arrow what levers make of it."""
    before, after = (number(one[key], 4) for one in (run, run.get("optimized", run)))
    return before if before == after else f"{before} → {after}"


def _served(one: Answer) -> str:
    volume, hosted = f"{number(one['requests_per_month'])} requests a month", one["hosted"]
    said = f"{one['name']}: {volume} take {plural(hosted['gpus'], 'GPU')} and {_usd(hosted['usd'])}"
    if "breakeven" not in one:
        return f"{said}. {one['counted']}"
    least = one["breakeven"]["requests_per_month"]
    until = "at no volume" if least is None else f"from {number(least, 12)} requests a month on"
    reason = one["breakeven"]["reason"]
    return (f"{said}; by API they cost {_usd(one['api_usd'])} ({one['api_source']}). Self-hosting costs no more {until}"
            f"{f': {reason}' if reason else ''}. {one['counted']}")  # fmt: skip


def _range(found: Answer) -> Section:
    titles = {"range": "As it stands", "range_optimized": "With levers", "range_saved": "Saved by levers"}
    keys = ("low", "p10", "p50", "p90", "high")
    rows = tuple(
        (Cell(title), *(Cell(fixed(found[case][key], 2)) for key in keys))
        for case, title in titles.items()
        if case in found
    )
    heads = columns("Case", "Lowest", "10 %", "Median", "90 %", "Highest")
    blocks: list[Block] = [Table("Range of the total, USD", heads, rows)]
    pulled = " with the levers pulled" if found.get("optimized", {}).get("levers") else ""
    moved = found.get("swings_optimized", found.get("swings"))
    if moved:
        ends = columns("Input", "Low", "High", "Total at low, USD", "Total at high, USD")
        blocks.append(Table(f"What one input moves{pulled}, others at their likely values", ends, tuple(
            (code(one["input"], note=one.get("means", "")), Cell(number(one["low"])), Cell(number(one["high"])),
             Cell(fixed(one["usd_at_low"], 2)), Cell(fixed(one["usd_at_high"], 2))) for one in moved
        )))  # fmt: skip
    drawn = found["draws"]
    lead = f"{number(drawn['samples'])} draws of every uncertain input by Latin hypercube, seed {drawn['seed']}."
    return Section("range", "Range", lead, tuple(blocks))


def _checklist(found: Answer) -> Section:
    pairs = tuple((sentence(one["step"]), Cell(one["says"])) for one in found["checklist"])
    return Section("checklist", "Checklist", "What to settle, and what to watch.", (Facts(pairs, look="terms"),))


def term_name(key: str) -> str:
    """Return what a term is called."""
    return _NAMES.get(key) or name(key)


def _usd(usd: float) -> str:
    return f"{fixed(usd, 2)} USD"


def _signed(usd: float) -> str:
    text = fixed(usd, 2)
    return text if text.startswith(MINUS) or not usd else f"+{text}"
