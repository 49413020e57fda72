import pytest

from tests.factories import (
    dated,
    decided,
    delta_of,
    filled,
    fixed,
    flat_at,
    inverse,
    liquidation_price,
    one_leg,
    sums_of,
    trades,
    vault,
    wealth_of,
)
from tests.golden.examples import Computation, Example, Inputs, check, name_of, of_topics
from volsculpt.book.exposure import leg_pnl
from volsculpt.book.fill import fill
from volsculpt.book.flatten import Flat
from volsculpt.book.holdings import Account, Book
from volsculpt.book.state import Quote, State, copy_state
from volsculpt.contracts.funding import cash_flow
from volsculpt.contracts.payoff import INVERSE, base_exposure, unrealised_pnl, value
from volsculpt.contracts.pricing import basis
from volsculpt.simulate.scenario import close_all, outcome, shocked, wipe_out

SATS = 100_000_000.0


def at_price(i: Inputs, price: float) -> tuple[Flat, Quote]:
    """The example's coins in a margin account with its short, seen at a price."""
    coins = i["coins"] if "coins" in i else i["sats"] / SATS
    return flat_at(one_leg(inverse(), -i["short_usd"], i["entry"], coins), {"BTC": price})


def coins_of(flat: Flat, state: State, quote: Quote) -> float:
    """Equity in coins: balance and unrealised PnL."""
    sums, row = sums_of(flat, state, quote), flat.currency("BTC")
    return sums.balance[row] + sums.pnl_on[row]


def with_profit(i: Inputs) -> dict[str, object]:
    """PnL, coins and dollars of a short in full."""
    flat, quote = at_price(i, i["price"])
    return {
        "pnl": leg_pnl(flat.layout, flat.state, quote, 0),
        "coins": coins_of(flat, flat.state, quote),
        "usd": wealth_of(flat, flat.state, quote),
    }


def syn_03(i: Inputs) -> dict[str, object]:
    """A wallet in satoshi."""
    flat, quote = at_price(i, i["price"])
    return {
        "sats": coins_of(flat, flat.state, quote) * SATS,
        "usd": wealth_of(flat, flat.state, quote),
    }


def syn_04(i: Inputs) -> dict[str, object]:
    """The same fall, hedged and with the contract closed before it."""
    flat, quote = at_price(i, i["entry"])
    shock = i["price"] / i["entry"] - 1.0
    there = shocked(flat, quote, shock)
    after = outcome(flat, flat.state, quote, shock)
    return {
        "coins": coins_of(flat, flat.state, there),
        "usd": after.hedged_usd,
        "unhedged_usd": after.unhedged_usd,
    }


def syn_05(i: Inputs) -> dict[str, object]:
    """Half hedged by a decision, then the price falls."""
    contract = inverse()
    book = Book((Account("coinm", "margin", "bybit", "cross", {"BTC": i["coins"]}),))
    legs = [[("coinm", contract, False)]]
    decision = decided(book, [fixed(ratio=i["hedge_ratio"])], legs, {"BTC": i["entry"]})
    after = filled(decision)
    there = shocked(decision.flat, decision.quoted.quote, i["price"] / i["entry"] - 1.0)
    return {
        "short_usd": -trades(decision)[contract.key],
        "coins_equity": coins_of(decision.flat, after, there),
        "usd": wealth_of(decision.flat, after, there),
        "delta_btc": delta_of(decision.flat, after, there, "BTC"),
    }


def syn_06(i: Inputs) -> dict[str, object]:
    """One book at several prices."""
    seen = [at_price(i, price) for price in i["prices"]]
    return {
        "coins": [coins_of(flat, flat.state, quote) for flat, quote in seen],
        "usd": [wealth_of(flat, flat.state, quote) for flat, quote in seen],
    }


def dlt_01(i: Inputs) -> dict[str, object]:
    """One contract by itself."""
    worth = value(INVERSE, i["size_usd"], 1.0, i["mark"])
    cost = value(INVERSE, i["size_usd"], 1.0, i["avg"])
    return {
        "size_currency": worth,
        "delta": base_exposure(INVERSE, i["size_usd"], 1.0, i["mark"], i["mark"], i["mark"]),
        "total_pl": unrealised_pnl(INVERSE, cost, worth),
    }


def dlt_02(i: Inputs) -> dict[str, object]:
    """Equity less face against wallet less face."""
    rows = []
    for price in i["prices"]:
        flat, quote = at_price(i, price)
        sums = sums_of(flat, flat.state, quote)
        face = sums.futures[flat.currency("USD")]
        delta = delta_of(flat, flat.state, quote, "BTC")
        rows.append(
            {
                "price": price,
                "equity_btc": coins_of(flat, flat.state, quote),
                "equity_usd": wealth_of(flat, flat.state, quote),
                "article_net_exposure_usd": sums.balance[flat.currency("BTC")] * price - face,
                "true_net_exposure_usd": wealth_of(flat, flat.state, quote) - face,
                "true_delta_btc": delta,
            }
        )
    return {"rows": rows}


def dlt_03(i: Inputs) -> dict[str, object]:
    """Buying back what the wallet does not cover, and the price comes back."""
    low, back = i["path"][1:]
    flat, quote = at_price(i, low)
    sums = sums_of(flat, flat.state, quote)
    over = sums.futures[flat.currency("USD")] - sums.balance[flat.currency("BTC")] * low
    after = copy_state(flat.state)
    fill(flat.layout, after, 0, over, low, 0.0)
    there = shocked(flat, quote, back / low - 1.0)
    return {
        "action_at_40000": f"buy back {over:,.0f}",
        "residual_short": -after.contracts[0],
        "delta_after": delta_of(flat, after, quote, "BTC"),
        "usd_at_40000": wealth_of(flat, after, quote),
        "usd_back_at_50000": wealth_of(flat, after, there),
    }


def dlt_04(i: Inputs) -> dict[str, object]:
    """Delta and dollars along the price."""
    seen = [at_price(i, price) for price in i["prices"]]
    return {
        "delta_btc": [delta_of(flat, flat.state, quote, "BTC") for flat, quote in seen],
        "usd": [wealth_of(flat, flat.state, quote) for flat, quote in seen],
    }


def clm_01(i: Inputs) -> dict[str, object]:
    """The same contract, both ways."""
    flat, quote = flat_at(one_leg(inverse(), i["qty"], i["entry"], 0.0), {"BTC": i["exit"]})
    other, _ = flat_at(one_leg(inverse(), -i["qty"], i["entry"], 0.0), {"BTC": i["exit"]})
    return {
        "long_inverse": leg_pnl(flat.layout, flat.state, quote, 0),
        "short_inverse": leg_pnl(other.layout, other.state, quote, 0),
    }


def clm_02(i: Inputs) -> dict[str, object]:
    """A short hedge at a positive and a negative rate."""
    held = value(INVERSE, -i["short_usd"], 1.0, i["mark"])
    return {"cashflow_btc": [cash_flow(held, rate) for rate in i["rates_8h"]]}


def clm_03(i: Inputs) -> dict[str, object]:
    """A liquidation, and the way back."""
    margin = one_leg(inverse(), -i["short_usd"], i["entry"], i["exchange_margin"]).accounts
    book = Book((vault(BTC=i["cold_spot"]), *margin))
    liq = liquidation_price(book, {"BTC": i["entry"]})
    assert liq is not None
    flat, quote = flat_at(book, {"BTC": i["entry"]})
    there = shocked(flat, quote, liq / i["entry"] - 1.0)
    after = wipe_out(flat, flat.state, 0)
    later = shocked(flat, quote, i["later_price"] / i["entry"] - 1.0)
    return {
        "liq": liq,
        "delta_before": delta_of(flat, flat.state, quote, "BTC"),
        "delta_after": delta_of(flat, after, there, "BTC"),
        "usd_at_liq": wealth_of(flat, after, there),
        "usd_at_later": wealth_of(flat, after, later),
        "usd_if_hedge_survived": wealth_of(flat, flat.state, later),
    }


def clm_04(i: Inputs) -> dict[str, object]:
    """A fall earns nothing; funding and basis are where a yield comes from."""
    flat, low = at_price(i, i["price_drop_to"])
    held = value(INVERSE, -i["short_usd"], 1.0, i["entry"])
    month = sum(cash_flow(held, i["funding_8h"]) for _ in range(3 * i["days"])) * i["entry"]
    against = sum(cash_flow(held, -i["funding_8h"]) for _ in range(3 * i["days"])) * i["entry"]
    future = i["dated_future"]
    locked = one_leg(dated(), -i["coins"] * future, future, i["coins"])
    end, end_quote = flat_at(locked, {"BTC": i["price_drop_to"]})
    closed = close_all(end, end.state, end_quote)
    return {
        "perp_usd_without_funding": wealth_of(flat, flat.state, low),
        "perp_funding_usd_30d": month,
        "perp_negative_funding_usd_30d": against,
        "dated_yield": basis(future, i["entry"]),
        "dated_usd_at_expiry_N51000": wealth_of(end, closed, end_quote),
    }


COMPUTED: dict[str, Computation] = {
    "A-SYN-01": with_profit,
    "A-SYN-02": with_profit,
    "A-SYN-03": syn_03,
    "A-SYN-04": syn_04,
    "A-SYN-05": syn_05,
    "A-SYN-06": syn_06,
    "A-DLT-01": dlt_01,
    "A-DLT-02": dlt_02,
    "A-DLT-03": dlt_03,
    "A-DLT-04": dlt_04,
    "A-CLM-01": clm_01,
    "A-CLM-02": clm_02,
    "A-CLM-03": clm_03,
    "A-CLM-04": clm_04,
}


@pytest.mark.parametrize(
    "example", of_topics("synthetic_usd", "delta", "article_claims"), ids=name_of
)
def test_wealth_examples(example: Example) -> None:
    """Coins, dollars and delta of hedged books come out as worked by hand."""
    check(example, COMPUTED)
