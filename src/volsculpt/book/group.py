"""A margin group: balances and positions tested together, anywhere on the price line.

What a venue holds is tested, whoever owns it.

Every figure is a polynomial in the factor k by which all coins move together:
a/k + b + c*k + d*k*k, with a and d zero but for contracts quoted in a coin and quanto.
Between two tier borders the polynomial is exact, so the liquidation factor is solved, not
searched; only where a rate slopes with size does it hold at the one factor asked for.
"""

from typing import NamedTuple

from volsculpt.book.exposure import venue_contracts, venue_cost, venue_value
from volsculpt.book.state import Layout, Quote, State
from volsculpt.compilable import compilable
from volsculpt.contracts.margin import maintenance_rate
from volsculpt.contracts.payoff import INVERSE, power


class Polynomial(NamedTuple):
    """Coefficients of a/k + b + c*k + d*k*k."""

    over: float
    level: float
    slope: float
    square: float


@compilable
def term(amount: float, exponent: int) -> Polynomial:
    """amount * k**exponent as coefficients."""
    if exponent == 0:
        return Polynomial(0.0, amount, 0.0, 0.0)
    if exponent == 1:
        return Polynomial(0.0, 0.0, amount, 0.0)
    if exponent == 2:
        return Polynomial(0.0, 0.0, 0.0, amount)
    return Polynomial(amount, 0.0, 0.0, 0.0)


@compilable
def plus(left: Polynomial, right: Polynomial) -> Polynomial:
    """Sum of two polynomials."""
    return Polynomial(
        left.over + right.over,
        left.level + right.level,
        left.slope + right.slope,
        left.square + right.square,
    )


@compilable
def scaled(terms: Polynomial, by: float) -> Polynomial:
    """A polynomial times a number."""
    return Polynomial(terms.over * by, terms.level * by, terms.slope * by, terms.square * by)


@compilable
def at(terms: Polynomial, factor: float) -> float:
    """Value of the polynomial at a factor."""
    return (
        terms.over / factor + terms.level + terms.slope * factor + terms.square * (factor * factor)
    )


@compilable
def value_power(layout: Layout, leg: int) -> int:
    """Exponent of k in a leg's value, times its settle currency's own move."""
    legs = layout.legs
    if legs.payoff[leg] == INVERSE:
        return legs.settle_power[leg] - legs.mark_power[leg]
    return legs.settle_power[leg] + legs.mark_power[leg]


@compilable
def pnl_terms(layout: Layout, state: State, quote: Quote, leg: int) -> Polynomial:
    """Unrealised PnL of a leg as a polynomial, times the settle currency's move.

    Args: leg: its row.
    """
    legs = layout.legs
    sign = 1.0 if legs.payoff[leg] == INVERSE else -1.0
    held = venue_value(layout, state, quote, leg)
    return plus(
        term(sign * venue_cost(state, leg), legs.settle_power[leg]),
        term(-sign * held, value_power(layout, leg)),
    )


@compilable
def maintenance_terms(
    layout: Layout, state: State, quote: Quote, leg: int, factor: float
) -> Polynomial:
    """Maintenance margin of a leg as the polynomial that holds around `factor`.

    Where the rate slopes with size it holds at `factor` itself.

    Args: leg: its row; factor: of the price of all coins, > 0, 1.0 = now.
    """
    legs = layout.legs
    held = abs(venue_value(layout, state, quote, leg))
    exponent = value_power(layout, leg)
    settle = legs.settle_power[leg]
    if legs.margin_on_entry[leg] == 1:
        held = abs(venue_cost(state, leg))
        exponent = settle
    size = held * power(factor, exponent) / power(factor, settle)
    rate, cum = maintenance_rate(legs, leg, size, abs(venue_contracts(state, leg)))
    return plus(term(held * rate, exponent), term(-cum, settle))


@compilable
def currency_terms(
    layout: Layout, state: State, quote: Quote, group: int, currency: int, only_leg: int
) -> Polynomial:
    """Equity of a group in one currency: coins, bonus and PnL, times the currency's move.

    Args: group, currency: their rows; only_leg: a row, every other leg then stays where it is (a
    venue's per-position figure), or -1 = all move.
    """
    legs = layout.legs
    row = group * layout.currencies + currency
    total = term(state.bonus[row] + state.others_coins[row], layout.moves[currency])
    for wallet in range(layout.group_wallet_from[group], layout.group_wallet_to[group]):
        if layout.wallet_group[wallet] == group and layout.wallet_wrapped[wallet] == 0:
            if layout.wallet_currency[wallet] == currency:
                total = plus(total, term(state.wallet[wallet], layout.moves[currency]))
    for leg in range(layout.group_leg_from[group], layout.group_leg_to[group]):
        if legs.group[leg] == group and legs.settle[leg] == currency:
            profit = pnl_terms(layout, state, quote, leg)
            if only_leg >= 0 and leg != only_leg:
                profit = term(at(profit, 1.0), layout.moves[currency])
            total = plus(total, profit)
    return total


@compilable
def wrapped_terms(layout: Layout, state: State, quote: Quote, group: int) -> Polynomial:
    """Collateral in wrapped assets, in USD, each at its own weight.

    Args: group: its row.
    """
    total = Polynomial(0.0, 0.0, 0.0, 0.0)
    for wallet in range(layout.group_wallet_from[group], layout.group_wallet_to[group]):
        if layout.wallet_group[wallet] == group and layout.wallet_wrapped[wallet] == 1:
            currency = layout.wallet_currency[wallet]
            usd = state.wallet[wallet] * quote.index_usd[currency]
            if usd > 0.0:
                usd = usd * layout.wallet_weight[wallet]
            total = plus(total, term(usd, layout.moves[currency]))
    return total


@compilable
def equity_terms(
    layout: Layout, state: State, quote: Quote, group: int, factor: float, only_leg: int
) -> Polynomial:
    """Equity of a group around `factor`: in its currency, or in USD after haircuts.

    Args: group: its row; factor: of the price of all coins, > 0, 1.0 = now; only_leg: a row, the
    one leg that moves, or -1 = all.
    """
    home = layout.group_currency[group]
    if home >= 0:
        return currency_terms(layout, state, quote, group, home, only_leg)
    currencies = layout.currencies
    total = wrapped_terms(layout, state, quote, group)
    for currency in range(currencies):
        own = currency_terms(layout, state, quote, group, currency, only_leg)
        by = quote.index_usd[currency]
        if at(own, factor) > 0.0:
            by = by * layout.group_weight[group * currencies + currency]
        total = plus(total, scaled(own, by))
    return total


@compilable
def excess_terms(
    layout: Layout,
    state: State,
    quote: Quote,
    group: int,
    factor: float,
    only_leg: int,
    with_maintenance: int,
) -> Polynomial:
    """Equity less maintenance around `factor`; below zero the group is liquidated.

    Args: group: its row; factor: of the price of all coins, > 0, 1.0 = now; only_leg: a row, the
    one leg that moves, or -1 = all; with_maintenance: 0 gives equity alone.
    """
    legs = layout.legs
    total = equity_terms(layout, state, quote, group, factor, only_leg)
    if with_maintenance == 0:
        return total
    for leg in range(layout.group_leg_from[group], layout.group_leg_to[group]):
        if legs.group[leg] == group and venue_contracts(state, leg) != 0.0:
            needed = maintenance_terms(layout, state, quote, leg, factor)
            if only_leg >= 0 and leg != only_leg:
                frozen = maintenance_terms(layout, state, quote, leg, 1.0)
                needed = term(at(frozen, 1.0), layout.moves[legs.settle[leg]])
            total = plus(total, scaled(needed, -unit_usd(layout, quote, group, leg)))
    return total


@compilable
def unit_usd(layout: Layout, quote: Quote, group: int, leg: int) -> float:
    """What turns a leg's value into the group's unit: 1, or USD in a unified group.

    Args: group, leg: their rows.
    """
    if layout.group_currency[group] >= 0:
        return 1.0
    return quote.index_usd[layout.legs.settle[leg]]


@compilable
def group_equity(layout: Layout, state: State, quote: Quote, group: int) -> float:
    """Equity now, in the group's currency (USD after haircuts when unified).

    Args: group: its row.
    """
    return at(equity_terms(layout, state, quote, group, 1.0, -1), 1.0)


@compilable
def group_maintenance(layout: Layout, state: State, quote: Quote, group: int) -> float:
    """Sum of maintenance margins now, in the group's unit.

    Args: group: its row.
    """
    legs = layout.legs
    total = 0.0
    for leg in range(layout.group_leg_from[group], layout.group_leg_to[group]):
        if legs.group[leg] == group and venue_contracts(state, leg) != 0.0:
            needed = at(maintenance_terms(layout, state, quote, leg, 1.0), 1.0)
            total += needed * unit_usd(layout, quote, group, leg)
    return total


def is_breached(equity: float, maintenance: float) -> bool:
    """Whether a venue closes a group now: its equity is no more than its maintenance margin."""
    return equity <= maintenance


@compilable
def group_gross(layout: Layout, state: State, quote: Quote, group: int) -> float:
    """Sum of |value| of the group's legs, in its unit; over equity it is the leverage.

    Args: group: its row.
    """
    legs = layout.legs
    total = 0.0
    for leg in range(layout.group_leg_from[group], layout.group_leg_to[group]):
        if legs.group[leg] == group:
            held = abs(venue_value(layout, state, quote, leg))
            total += held * unit_usd(layout, quote, group, leg)
    return total


@compilable
def has_position(layout: Layout, state: State, group: int) -> int:
    """1 when a venue holds contracts on any leg of a group."""
    for leg in range(layout.group_leg_from[group], layout.group_leg_to[group]):
        if layout.legs.group[leg] == group and venue_contracts(state, leg) != 0.0:
            return 1
    return 0
