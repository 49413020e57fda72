import pytest

from tests.factories import dated, delta_of, flat_at, one_leg, wealth_of
from tests.golden.examples import Computation, Example, Inputs, check, name_of, of_topics
from tests.golden.formulas import (
    accrued,
    collared_mark,
    damped_rate,
    ema_weight,
    forward,
    funding_fair_mark,
    interest_rate,
    lock_face,
    perpetual_fair,
)
from volsculpt.contracts.funding import annual, cash_flow
from volsculpt.contracts.payoff import INVERSE, unrealised_pnl, value
from volsculpt.contracts.pricing import basis, basis_annual

SIDE = {"long": 1.0, "short": -1.0}


def profit(face: float, entry: float, price: float) -> float:
    """PnL in coin of an inverse position."""
    cost = value(INVERSE, face, 1.0, entry)
    return unrealised_pnl(INVERSE, cost, value(INVERSE, face, 1.0, price))


def fund_01(i: Inputs) -> dict[str, object]:
    """What the long pays, the short receives, and the trade as a whole."""
    worth = value(INVERSE, i["qty"], 1.0, i["mark"])
    paid = cash_flow(worth, i["rate"])
    return {
        "funding_cashflow_xbt": paid,
        "total_pnl_after_close_800": profit(i["qty"], i["mark"], 800.0) + paid,
        "short_cashflow_xbt": cash_flow(-worth, i["rate"]),
    }


def fund_02(i: Inputs) -> dict[str, object]:
    """The interest part of a rate."""
    return {"rate": interest_rate(i["quote_rate_day"], i["base_rate_day"], i["per_day"])}


def fund_03(i: Inputs) -> dict[str, object]:
    """The short receives, by the minute and over eight hours."""
    rate = damped_rate(i["mark"], i["index"], i["damper"])
    short = -i["position_eth"]
    return {
        "premium": basis(i["mark"], i["index"]),
        "rate_8h": rate,
        "payment_1min_eth": accrued(short, rate, 8.0, i["minutes"] / 60.0),
        "payment_8h_eth": cash_flow(short, rate),
    }


def fund_04(i: Inputs) -> dict[str, object]:
    """Every pair of side and sign."""
    held = i["notional_coin"]
    return {"cashflows": [cash_flow(SIDE[side] * held, rate) for side, rate in i["cases"]]}


def fund_05(i: Inputs) -> dict[str, object]:
    """Simple, and with every payment added to the short."""
    grown = 1.0
    for _ in range(i["per_day"] * i["days"]):
        grown += cash_flow(-grown, i["rate_8h"])
    return {"simple": annual(i["rate_8h"], 24.0 / i["per_day"]), "compound": grown - 1.0}


def fund_06(i: Inputs) -> dict[str, object]:
    """Minutes of a premium and of a discount, and one within the damper."""
    damper = i["damper"]
    rates = [damped_rate(mark, index, damper) for mark, index in i["case3"]]
    return {"case3_total": sum(rates), "case4_rate": damped_rate(*i["case4"], damper)}


def bas_01(i: Inputs) -> dict[str, object]:
    """A row of a table of futures."""
    future = i["future"]
    spot = future - i["diff"]
    return {
        "spot": spot,
        "basis": basis(future, spot),
        "annualised_21d": basis_annual(future, spot, i["displayed_days"]),
        "implied_days_from_31_77pct": basis_annual(future, spot, 1.0) / i["printed_annual"],
    }


def bas_02(i: Inputs) -> dict[str, object]:
    """A short future earns its fall; the long perpetual beside it pays funding."""
    gained = profit(-i["short_usd"], i["entry"], i["exit"])
    worth = value(INVERSE, i["short_usd"], 1.0, i["entry"])
    paid = sum(cash_flow(worth, i["funding_8h"]) for _ in range(3 * i["days"]))
    return {"pnl_btc": gained, "funding_cost": -paid, "net": gained + paid}


def bas_03(i: Inputs) -> dict[str, object]:
    """Covered parity."""
    return {"forward": forward(i["spot"], i["r_usd"], i["r_xbt"], i["t"])}


def bas_04(i: Inputs) -> dict[str, object]:
    """Two faces held to delivery: only coins x future is free of the price."""
    lock = lock_face(i["coins"], i["future"])
    at_end = {"BTC": i["settlement"]}
    locked = one_leg(dated(), -lock, i["future"], i["coins"])
    by_spot = one_leg(dated(), -i["coins"] * i["spot"], i["future"], i["coins"])
    flat, quote = flat_at(locked, at_end)
    other, its_quote = flat_at(by_spot, at_end)
    return {
        "N_lock": lock,
        "usd_at_expiry_N_lock": wealth_of(flat, flat.state, quote),
        "yield_period": basis(i["future"], i["spot"]),
        "yield_simple_365": basis_annual(i["future"], i["spot"], i["days"]),
        "usd_at_expiry_N_spot": wealth_of(other, other.state, its_quote),
        "residual_delta_N_spot": delta_of(other, other.state, its_quote, "BTC"),
    }


def bas_05(i: Inputs) -> dict[str, object]:
    """A basis in dollars, as a yearly rate."""
    future = i["notional"] + i["basis_usd"]
    return {"annualised": basis_annual(future, i["notional"], i["days"])}


def mrk_01(i: Inputs) -> dict[str, object]:
    """The weight of a second, and a premium held in its collar."""
    return {
        "alpha": ema_weight(i["periods"]),
        "mark": collared_mark(i["index"], i["ema"], i["collar"]),
    }


def mrk_02(i: Inputs) -> dict[str, object]:
    """A mark that fades into the index at the stamp."""
    fair = funding_fair_mark(i["index"], i["funding_rate"], i["hours_to_funding"], i["interval"])
    return {"fair": fair}


def pap_01(i: Inputs) -> dict[str, object]:
    """The perpetual that interest alone would make, and its premium as a basis."""
    price = perpetual_fair(i["spot"], i["kappa_per_year"], i["r_usd"], i["r_btc"])
    return {"price": price, "premium_bp": basis(price, i["spot"]) * 1e4}


COMPUTED: dict[str, Computation] = {
    "A-FUND-01": fund_01,
    "A-FUND-02": fund_02,
    "A-FUND-03": fund_03,
    "A-FUND-04": fund_04,
    "A-FUND-05": fund_05,
    "A-FUND-06": fund_06,
    "A-BAS-01": bas_01,
    "A-BAS-02": bas_02,
    "A-BAS-03": bas_03,
    "A-BAS-04": bas_04,
    "A-BAS-05": bas_05,
    "A-MRK-01": mrk_01,
    "A-MRK-02": mrk_02,
    "A-PAP-01": pap_01,
}


@pytest.mark.parametrize(
    "example", of_topics("funding", "basis_carry", "mark_price", "perp_pricing"), ids=name_of
)
def test_funding_and_basis_examples(example: Example) -> None:
    """Funding, basis and marks come out as exchanges and peers print them."""
    check(example, COMPUTED)
