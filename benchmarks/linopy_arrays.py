"""The question in linopy: labelled arrays of variables, straight from the formulas of docs/model.md."""

from __future__ import annotations

from typing import Any

import linopy
import numpy as np
import pandas as pd
import xarray as xr

from benchmarks.clock import Clock
from benchmarks.question import LOSS, PUE, SHARE, TARIFF, WACC, Question, worth


def measure(question: Question) -> dict[str, Any]:
    """Write the model and let linopy hand it to HiGHS."""
    clock = Clock()
    model = written(question)
    clock.lap("build")
    status, _ = model.solve("highs", io_api="direct", progress=False, output_flag=False)
    clock.lap("solve")
    assert status == "ok"
    return clock.stages | {"objective": float(model.objective.value), "columns": model.nvars}


def written(asked: Question) -> linopy.Model:
    """Return the question as a model; k servers, o offers, w workloads, b months of orders, t months, g hours."""
    model, last = linopy.Model(), asked.months
    sizes = {"k": len(asked.servers), "o": len(asked.offers), "w": len(asked.demand), "b": last, "t": last,
             "g": len(asked.month)}  # fmt: skip
    index = {letter: pd.RangeIndex(size, name=letter) for letter, size in sizes.items()}

    def variables(name: str, letters: str, **limits: Any) -> linopy.Variable:
        return model.add_variables(lower=0, coords=[index[letter] for letter in letters], name=name, **limits)

    def array(values: Any, letters: str) -> xr.DataArray:
        return xr.DataArray(np.asarray(values, float), coords=[index[letter] for letter in letters])

    def of_servers(field: str) -> xr.DataArray:
        return array([getattr(server, field) for server in asked.servers], "k")

    def of_offers(field: str) -> xr.DataArray:
        return array([getattr(offer, field) for offer in asked.offers], "o")

    t, start = np.arange(last), (1 + WACC) ** (-np.arange(last + 1) / 12)
    end = array(start[1:], "t")
    month = xr.DataArray(asked.month, dims="g", coords={"g": index["g"]})
    hours = array(asked.hours * start[1:][asked.month], "g")

    ready = t + np.array([[server.lead] for server in asked.servers])
    can_come = (ready < last) & (t <= asked.last_order)
    can_go = can_come[:, :, None] & (t > ready[:, :, None])
    bought = variables("bought", "kb", upper=array(np.where(can_come, np.inf, 0), "kb"))
    sold = variables("sold", "kbt", upper=array(np.where(can_go, np.inf, 0), "kbt"))
    fleet = variables("fleet", "kt")
    started, active = variables("started", "ot"), variables("active", "ot")
    own = variables("own", "kwg")
    committed, rented, spot = (variables(name, "owg") for name in ("committed", "rented", "spot"))

    here = array(can_come[:, :, None] & (ready[:, :, None] <= t), "kbt")
    gone = sold.rename(t="u") * xr.DataArray((t[:, None] <= t).astype(float), coords=[t, t], dims=["u", "t"])
    model.add_constraints(fleet - (bought * here).sum("b") + gone.sum(["b", "u"]) == 0, name="fleet")
    kept = bought - sold.sum("t")
    model.add_constraints(kept >= 0, name="leave_once")
    model.add_constraints((fleet * of_servers("active_kw") * PUE).sum("k") <= asked.power_limit, name="power")
    running = array([(t[:, None] <= t) & (t < t[:, None] + offer.term) for offer in asked.offers], "obt")
    model.add_constraints(active - (started.rename(t="b") * running).sum("b") == 0, name="active")

    usable = of_servers("availability") * of_servers("gpus")
    model.add_constraints(own.sum("w") - fleet.sel(t=month) * usable <= 0, name="owned")
    model.add_constraints(committed.sum("w") - active.sel(t=month) * of_offers("gpus") <= 0, name="committed_use")
    limited = [o for o, offer in enumerate(asked.offers) if np.isfinite(offer.quota)]
    quota = of_offers("quota").sel(o=limited)
    model.add_constraints(rented.sel(o=limited).sum("w") <= quota, name="quota")
    model.add_constraints(spot.sum("w") <= of_offers("depth"), name="depth")
    demand, speed = array(asked.demand, "wg"), array(asked.speed[[offer.gpu for offer in asked.offers]], "ow")
    risky = (spot * speed * (1 - LOSS)).sum("o")
    work = (own * array(asked.speed, "kw")).sum("k") + (committed * speed).sum("o") + (rented * speed).sum("o") + risky
    model.add_constraints(work == demand, name="work")
    model.add_constraints(risky <= SHARE * demand, name="share")

    removal = np.array([server.removal for server in asked.servers])
    price = np.array([server.price for server in asked.servers])
    left = np.array([[worth(server, age) for age in range(last + 1)] for server in asked.servers])
    age = np.clip(last - ready, 0, None)
    at_end = (removal - price * np.take_along_axis(left, age, 1).T).T * start[last]
    sold_at = np.zeros(can_go.shape)
    k, b, u = np.nonzero(can_go)
    sold_at[k, b, u] = (removal[k] - price[k] * left[k, u - ready[k, b]]) * start[u]
    idle = array(TARIFF * PUE * asked.month_hours[:last], "t") * of_servers("idle_kw")
    support = of_servers("support_per_year") / 12 * of_servers("price")
    busy = TARIFF * PUE * (of_servers("active_kw") - of_servers("idle_kw")) / of_servers("gpus")
    contract = np.array([[_contract(asked, o, s, start) for s in range(last)] for o in range(len(asked.offers))])
    model.add_objective(
        (bought * array(price[:, None] * start[:last], "kb")).sum()
        + (kept * array(at_end, "kb")).sum()
        + (sold * array(sold_at, "kbt")).sum()
        + (fleet * (support + idle) * end).sum()
        + (started * array(contract, "ot")).sum()
        + (own * busy * hours).sum()
        + (rented * of_offers("on_demand") * hours).sum()
        + (spot * of_offers("spot") * hours).sum()
    )
    return model


def _contract(asked: Question, o: int, s: int, start: np.ndarray) -> float:
    """Return the present cost of an instance committed in month s."""
    offer, stop = asked.offers[o], min(s + asked.offers[o].term, asked.months)
    upfront = offer.upfront * asked.month_hours[s : s + offer.term].sum() * start[s]
    later = (1 - offer.upfront) * asked.month_hours[s:stop] @ start[s + 1 : stop + 1]
    return float(offer.committed * offer.gpus * (upfront + later))
