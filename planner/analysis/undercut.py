"""Options that undercut others everywhere and so keep them out of the program, and at which price they no longer do."""

from __future__ import annotations

from typing import Any

import numpy as np

from planner.analysis.study import Study
from planner.case import Case, Offer


def undercuts(study: Study) -> dict[str, tuple[float, str]]:
    """Return, for options that keep others out of the program, the θ up to which they do, and the first that is let in.

    Above it the program without those others would ask too much of the option.
    """
    case, found = study.case, dict[str, tuple[float, str]]()

    def note(option: str, theta: float, other: str) -> None:
        if theta < found.get(option, (np.inf, ""))[0]:
            found[option] = theta, other

    offers, terms = {one.id: one for one in case.offers}, {one.id: one for one in case.terms}
    for (name, w), rival in study.built.model.options.dominated.items():
        if w < 0:
            kept_out, said, paid = terms[name].rate.values, "commit", terms[rival].rate.values
        else:
            name, kind = name.rsplit(" ", 1)
            mine, other, said = offers[name], offers[rival], kind.replace("_", "-")
            kept_out = getattr(mine, kind).values * case.speed(w, other.gpu) / case.speed(w, mine.gpu)
            paid = getattr(other, kind).values
        if (paid > 0).all():
            note(f"{said} {rival}", float((kept_out / paid).min()), f"{said} {name}")
    return found


def left_out_prices(study: Study, in_program: set[str]) -> list[dict[str, Any]]:
    """Offers that another one undercuts everywhere: the highest price at which they would stop being undercut."""
    case, rows = study.case, []
    for kind in ("on_demand", "spot"):
        for offer in case.offers:
            rate, name = getattr(offer, kind), f"{kind.replace('_', '-')} {offer.id}"
            rivals = [(w, rival) for (option, w), rival in study.built.model.options.dominated.items()
                      if option == f"{offer.id} {kind}"]  # fmt: skip
            if rate is None or name in in_program or not rivals:
                continue
            tie = rate.now * max(_tie(case, kind, offer, rival, w) for w, rival in rivals)
            rows.append({"option": name, "chosen": False, "price_now_usd": rate.now,
                         "price_at_change_usd": tie, "unit": "USD/GPU-hour",
                         "basis": f"bound: {rivals[0][1]} is as good up to here"})  # fmt: skip
    return rows


def _tie(case: Case, kind: str, offer: Offer, rival_id: str, w: int) -> float:
    """Highest θ of the price of `offer`, over the months, at which its work units cost no more than the rival's."""
    rival = next(one for one in case.offers if one.id == rival_id)
    ratio = case.speed(w, offer.gpu) / case.speed(w, rival.gpu)
    mine, theirs = getattr(offer, kind).values, getattr(rival, kind).values * ratio
    return float(np.divide(theirs, mine, out=np.ones_like(mine), where=mine > 0).max())
