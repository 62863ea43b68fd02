"""Plans for the memo: one with everything that a plan may say of money, and one that rents."""

from __future__ import annotations

from typing import Any

from tests.report.documents import document

YEARS = [["2027-01", "2027-06"], ["2027-07", "2028-06"]]


def cash_row(year: int, **usd: float) -> dict[str, Any]:
    """Return a fiscal year whose payments sum to its net."""
    net = sum(usd.values())
    return {"fiscal_year": 2027 + year, "months": YEARS[year], **usd, "net_usd": net, "cumulative_usd": net,
            "present_usd": net * 0.97}  # fmt: skip


def profit_row(year: int | None, months: list[str], **usd: float) -> dict[str, Any]:
    return {"fiscal_year": year, "months": months, **usd, "total_usd": sum(usd.values())}


def rich(**changes: Any) -> dict[str, Any]:
    """Return a plan with statements, tax, financing, waiting, carbon, commitments and contingency."""
    cash = [
        cash_row(0, capex_usd=199_200.4, upfront_usd=10.5, opex_usd=40_000.3, lease_usd=0.0, tax_usd=-12_000.4),
        cash_row(1, capex_usd=0.0, upfront_usd=0.0, opex_usd=20_000.3, resale_usd=-50_000.2, tax_usd=9_000.4),
    ]
    profit = [
        profit_row(2027, YEARS[0], opex_usd=40_000.3, amortisation_usd=5.25, depreciation_usd=20_000.4),
        profit_row(2028, YEARS[1], opex_usd=20_000.3, amortisation_usd=5.25, depreciation_usd=30_000.4),
        profit_row(None, ["2028-07", "2028-12"], opex_usd=0.0, disposal_usd=1_000.3),
    ]
    money = {
        "finance__statements": {"plan": {"cash": cash, "profit_and_loss": profit}},
        "finance__tax": {"rate_fraction": 0.25, "method": "macrs_5", "bonus_fraction": 0.4, "source": "law",
                         "depreciation": [{"fiscal_year": 2027, "usd": 1234.4}, {"fiscal_year": 2028, "usd": 65.4}]},
        "finance__financing": [
            {"name": "cash", "kind": "cash", "term_months": None, "rate_fraction": None, "server": "server-8xa100-80gb",
             "usd_per_server": 199_200.4, "financed_usd_per_server": 0.0, "present_usd_per_server": 199_200.4,
             "present_at_debt_usd_per_server": 199_100.4, "debt_rate_fraction": 0.065,
             "monthly_usd_per_server": None, "chosen_servers": 0},
            {"name": "bank", "kind": "loan", "term_months": 48, "rate_fraction": 0.085, "server": "server-8xa100-80gb",
             "usd_per_server": 199_200.4, "financed_usd_per_server": 150_000.4, "present_usd_per_server": 188_111.2,
             "present_at_debt_usd_per_server": 198_100.4, "debt_rate_fraction": 0.065,
             "monthly_usd_per_server": 4_321.2, "chosen_servers": 1},
        ],
        "finance__waiting": {"months": 3, "present_usd": 250_000.2, "costs_usd": 52_000.4},
        "finance__not_proceeding": {"against": "without_a_purchase", "present_usd": 297_000.6, "costs_usd": 99_001.5,
                                    "relative_gap": 0.0},
        "carbon": {
            "plan": [
                {"fiscal_year": 2027, "place": "room", "kind": "owned", "kwh": 1_000.4, "tco2e": 12.4},
                {"fiscal_year": 2028, "place": "room", "kind": "owned", "kwh": 2_000.4, "tco2e": 13.4},
                {"fiscal_year": 2028, "place": "nowhere", "kind": "rented", "kwh": None, "tco2e": None},
            ],
            "price_usd_per_tonne": 80.0,
            "unknown": ["nowhere"],
        },
    }  # fmt: skip
    made = document(**money | changes)
    made["decisions"]["purchases"][0]["financing"] = "bank"
    made["tco"]["plan"]["by_component"] |= {"contingency": 7_777.4, "commitments": 60_000.2}
    made["tco"]["plan"]["obligations_after_horizon_usd"] = 4_444.4
    return made


def renting(**changes: Any) -> dict[str, Any]:
    """Return a plan that buys and commits nothing."""
    made = document(
        verdict__choice="rent", verdict__reason="Rent: buying would cost 9,000 USD more.", verdict__npv_usd=0.0,
        verdict__buy_npv_usd=-9_000.4,
    )  # fmt: skip
    made["decisions"] |= {"purchases": [], "sales": [], "commitments": [], "savings_plans": []}
    rented = made["tco"]["cloud"]
    made["tco"]["plan"] = rented | {"relative_gap": 0.0}
    made["finance"]["plan"]["cloud"] |= {"npv_usd": 0.0, "irr": None, "payback_months": None}
    made["tco"]["buy"] |= {"present_usd": rented["present_usd"] + 9_000.4}
    return made | changes
