"""Exposure as a vector over currencies, what is owned, and wealth."""

from volsculpt.book.state import Exposure, Layout, Quote, State
from volsculpt.compilable import compilable
from volsculpt.contracts.legs import Legs
from volsculpt.contracts.payoff import (
    base_exposure,
    coins_priced,
    fair_price,
    quote_exposure,
    unrealised_pnl,
    value,
)

OWED_NOISE = 1e-9  # of coins: what sums leave is not owed


def leg_value(layout: Layout, state: State, quote: Quote, leg: int) -> float:
    """Signed value of the owner's contracts of a leg at its mark, in its settle unit.

    Args: leg: its row.
    """
    legs = layout.legs
    return value(legs.payoff[leg], state.contracts[leg], legs.multiplier[leg], quote.mark[leg])


@compilable
def venue_contracts(state: State, leg: int) -> float:
    """Signed contracts a venue holds on a leg: the owner's and the others', netted.

    Worked: own -20,000 beside somebody else's +5,000: -15,000.
    """
    return state.contracts[leg] + state.others[leg]


@compilable
def venue_cost(state: State, leg: int) -> float:
    """What the contracts a venue holds on a leg cost, the owner's and the others', signed.

    Worked: own -0.8 beside somebody else's -0.4: -1.2.
    """
    return state.cost[leg] + state.others_cost[leg]


@compilable
def venue_value(layout: Layout, state: State, quote: Quote, leg: int) -> float:
    """Signed value of a venue's whole position on a leg at its mark, in its settle unit.

    Args: leg: its row.
    """
    legs = layout.legs
    held = venue_contracts(state, leg)
    return value(legs.payoff[leg], held, legs.multiplier[leg], quote.mark[leg])


@compilable
def pnl_of(legs: Legs, leg: int, contracts: float, cost: float, mark: float) -> float:
    """Unrealised PnL at a mark of contracts in a leg's contract, in its settle currency.

    Args: leg: its row; contracts: signed; cost: of them, in the unit of value; mark: price,
    in quote.
    """
    held = value(legs.payoff[leg], contracts, legs.multiplier[leg], mark)
    return unrealised_pnl(legs.payoff[leg], cost, held)


@compilable
def others_pnl(layout: Layout, state: State, leg: int, mark: float) -> float:
    """Unrealised PnL at a mark of what on a leg is not own, in its settle currency.

    Args: leg: its row; mark: price, in quote.
    """
    return pnl_of(layout.legs, leg, state.others[leg], state.others_cost[leg], mark)


@compilable
def pnl_at(layout: Layout, state: State, leg: int, mark: float) -> float:
    """Unrealised PnL at a mark of the owner's contracts of a leg, in its settle currency.

    Args: leg: its row; mark: price, in quote.
    """
    return pnl_of(layout.legs, leg, state.contracts[leg], state.cost[leg], mark)


@compilable
def leg_pnl(layout: Layout, state: State, quote: Quote, leg: int) -> float:
    """Unrealised PnL of the owner's contracts of a leg at its mark, in its settle currency.

    Args: leg: its row.
    """
    return pnl_at(layout, state, leg, quote.mark[leg])


@compilable
def coins_per_contract(layout: Layout, quote: Quote, leg: int) -> float:
    """Delta in base coins of one long contract of this leg.

    Worked: a linear contract of one 1000SHIB is 1,000 SHIB.
    """
    legs = layout.legs
    return coins_priced(legs.payoff[leg], legs.base_count[leg]) * base_exposure(
        legs.payoff[leg],
        1.0,
        legs.multiplier[leg],
        quote.mark[leg],
        quote.index_usd[legs.settle[leg]],
        quote.index_usd[legs.base[leg]],
    )


@compilable
def fair_mark(layout: Layout, quote: Quote, leg: int) -> float:
    """What a leg's contract would cost at the indexes, in its quote currency.

    Worked: SHIB at 0.00002: 1000SHIB is fair at 0.02.
    """
    legs = layout.legs
    index, count = quote.index_usd, legs.base_count[leg]
    return float(fair_price(index[legs.base[leg]], index[legs.quote[leg]], count))


@compilable
def delta_of(sums: Exposure, currency: int) -> float:
    """All that is exposed to a currency, in units of it: balances, PnL and futures.

    Worked: 2 BTC, 0.1 of profit, 1.5 sold short: 0.6. Args: currency: its row.
    """
    return sums.balance[currency] + sums.pnl[currency] + sums.futures[currency]


@compilable
def exposure(layout: Layout, state: State, quote: Quote, with_working: int, out: Exposure) -> None:
    """Fill `out`: balances, PnL and contract legs summed per currency.

    delta = balance + pnl + futures; spot delta = balance + pnl; owned = balance + pnl_on. Worked: 2
    BTC, short 50,000 USD inverse from 50,000, mark 40,000: balance 2, PnL 0.25, futures -1.25,
    delta 1.0, owned 2.25; USD +50,000.

    Args: with_working: 1 counts working orders as held (for sizing), at the mark, 0 does not; out:
    written whole.
    """
    legs = layout.legs
    for currency in range(layout.currencies):
        out.balance[currency] = 0.0
        out.pnl[currency] = 0.0
        out.pnl_on[currency] = 0.0
        out.futures[currency] = 0.0
    for wallet in range(layout.wallets):
        out.balance[layout.wallet_currency[wallet]] += state.wallet[wallet]
    for leg in range(legs.rows):
        base, settle = legs.base[leg], legs.settle[leg]
        pnl = leg_pnl(layout, state, quote, leg)
        out.pnl[settle] += pnl
        out.pnl_on[base] += pnl * quote.index_usd[settle] / quote.index_usd[base]
        contracts = state.contracts[leg] + with_working * state.working[leg]
        coin = contracts * coins_per_contract(layout, quote, leg)
        out.leg_coin[leg] = coin
        out.futures[base] += coin
        out.futures[legs.quote[leg]] += quote_exposure(
            legs.payoff[leg], contracts, legs.multiplier[leg], quote.mark[leg]
        )


@compilable
def wealth_usd(layout: Layout, quote: Quote, sums: Exposure) -> float:
    """Net wealth: (balances + unrealised PnL) of each currency at its index.

    Law (Euler): at mark = index it equals the sum of delta * price, quanto apart.
    """
    total = 0.0
    for currency in range(layout.currencies):
        total += (sums.balance[currency] + sums.pnl[currency]) * quote.index_usd[currency]
    return total


@compilable
def held_ratio(delta_coin: float, base_coin: float) -> float:
    """1 - delta/base; only for base > 0. Worked: delta 1 of 2.6667 owned: 0.625."""
    return 1.0 - delta_coin / base_coin


@compilable
def is_owing(base: float, spot: float) -> int:
    """1 when wealth is less than the coins it stands in: something is owed against them.

    Worked: 1.5 BTC and a wealth of 1 BTC: 1; of 1.5 BTC, but for noise: 0.

    Args: base: coins that wealth would buy; spot: delta without futures, coins.
    """
    return 1 if (1.0 - OWED_NOISE) * spot > base else 0
