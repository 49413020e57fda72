"""What a margin group owns and needs, and what a hedge asks for, as rows of coefficients.

Each function adds `by` times a figure, in US dollars, to a row. A figure that is linear only
while something holds (a tier of a margin table, the sign of a balance) adds the row that says
how long.
"""

import math

from volsculpt.book.exposure import venue_contracts, venue_cost
from volsculpt.book.group import at as value_at
from volsculpt.book.group import currency_terms, value_power
from volsculpt.book.state import Layout, Quote, State
from volsculpt.compilable import compilable
from volsculpt.contracts.payoff import INVERSE, LINEAR, coins_priced, power
from volsculpt.decide.rules import BASE_COINS, BASE_WEALTH, Problem
from volsculpt.decide.triggers import (
    RANGE,
    Triggers,
    add_contracts,
    add_index,
    add_pnl,
    add_wallet,
    drop_last,
    is_idle,
    new_row,
)


@compilable
def group_weight(
    layout: Layout,
    state: State,
    quote: Quote,
    group: int,
    currency: int,
    factor: float,
) -> float:
    """What a dollar of a currency counts in a group: 1, or its haircut where it is not owed.

    Args: group, currency: their rows; factor: of the price of all coins, > 0.
    """
    if layout.group_currency[group] >= 0:
        return 1.0
    own = currency_terms(layout, state, quote, group, currency, -1)
    if value_at(own, factor) > 0.0:
        return layout.group_weight[group * layout.currencies + currency]
    return 1.0


@compilable
def add_currency(
    problem: Problem,
    out: Triggers,
    row: int,
    group: int,
    currency: int,
    factor: float,
    lent: int,
    by: float,
) -> None:
    """Equity of a group in one currency when all coins stand at `factor` times their price.

    Args: row: of `out`; group, currency: their rows; factor: > 0, 1.0 = now; lent: 0 leaves out
    bonus and coins that are not own; by: times this.
    """
    layout, state = problem.layout, problem.state
    legs, of_index = layout.legs, power(factor, layout.moves[currency])
    if lent == 1:
        place = group * layout.currencies + currency
        coins = state.bonus[place] + state.others_coins[place]
        add_index(layout, out, row, currency, by * of_index * coins)
    for wallet in range(layout.group_wallet_from[group], layout.group_wallet_to[group]):
        if layout.wallet_group[wallet] == group and layout.wallet_wrapped[wallet] == 0:
            if layout.wallet_currency[wallet] == currency:
                add_wallet(layout, state, out, row, wallet, by * of_index)
    for leg in range(layout.group_leg_from[group], layout.group_leg_to[group]):
        if legs.group[leg] == group and legs.settle[leg] == currency:
            sign = 1.0 if legs.payoff[leg] == INVERSE else -1.0
            cost = venue_cost(state, leg)
            of_cost = power(factor, legs.settle_power[leg])
            of_value = power(factor, value_power(layout, leg))
            held = venue_contracts(state, leg)
            add_index(layout, out, row, currency, by * sign * cost * of_cost)
            add_contracts(layout, out, row, leg, -by * sign * held * of_value)


@compilable
def keep_sign(
    problem: Problem,
    out: Triggers,
    group: int,
    currency: int,
    factor: float,
    sign: float,
    where: int,
) -> None:
    """A row for how long a currency of a unified group stays owned, or owed.

    Args: group, currency: their rows; factor: of the price of all coins; sign: 1.0 owned, -1.0
    owed; where: prices it is looked at, as `new_row` takes it.
    """
    layout = problem.layout
    row = new_row(layout, problem.rules.hedges, out, RANGE, group, where)
    out.factor[row] = factor
    add_currency(problem, out, row, group, currency, factor, 1, sign)
    if is_idle(layout, out, row) == 1:
        drop_last(out, row)


@compilable
def add_equity(
    problem: Problem, out: Triggers, row: int, group: int, factor: float, lent: int, by: float
) -> None:
    """Equity of a group, after haircuts when unified, with all coins at `factor` times their price.

    Holds while the signs of its balances do: `keep_signs`.

    Args: row: of `out`; group: its row; factor: > 0, 1.0 = now; lent: 0 leaves out bonus and coins
    that are not own; by: times this.
    """
    layout, state, quote = problem.layout, problem.state, problem.quote
    for currency in range(layout.currencies):
        home = layout.group_currency[group]
        if home >= 0 and currency != home:
            continue
        weight = group_weight(layout, state, quote, group, currency, factor)
        add_currency(problem, out, row, group, currency, factor, lent, by * weight)
    if layout.group_currency[group] >= 0:
        return
    for wallet in range(layout.group_wallet_from[group], layout.group_wallet_to[group]):
        if layout.wallet_group[wallet] == group and layout.wallet_wrapped[wallet] == 1:
            weight = layout.wallet_weight[wallet] if state.wallet[wallet] > 0.0 else 1.0
            of_index = power(factor, layout.moves[layout.wallet_currency[wallet]])
            add_wallet(layout, state, out, row, wallet, by * weight * of_index)


@compilable
def keep_signs(problem: Problem, out: Triggers, group: int, factor: float, where: int) -> None:
    """Rows for how long the haircuts of a unified group's equity stay as they are.

    Args: group: its row; factor: of the price of all coins, > 0; where: as `new_row` takes it.
    """
    layout, state, quote = problem.layout, problem.state, problem.quote
    if layout.group_currency[group] >= 0:
        return
    for currency in range(layout.currencies):
        if layout.group_weight[group * layout.currencies + currency] != 1.0:
            own = currency_terms(layout, state, quote, group, currency, -1)
            sign = math.copysign(1.0, value_at(own, factor))
            keep_sign(problem, out, group, currency, factor, sign, where)


@compilable
def add_gross(layout: Layout, state: State, out: Triggers, row: int, group: int, by: float) -> None:
    """Sum of |value| of a group's legs.

    Args: row: of `out`; group: its row; by: times this.
    """
    for leg in range(layout.group_leg_from[group], layout.group_leg_to[group]):
        if layout.legs.group[leg] == group:
            add_contracts(layout, out, row, leg, by * abs(venue_contracts(state, leg)))


@compilable
def add_coins(layout: Layout, out: Triggers, row: int, leg: int, contracts: float) -> None:
    """Base coins of contracts of a leg, at its coin's index (`coins_per_contract`).

    Args: row: of `out`; leg: its row; contracts: signed.
    """
    legs = layout.legs
    if legs.payoff[leg] == LINEAR:
        coins = contracts * legs.multiplier[leg] * legs.base_count[leg]
        add_index(layout, out, row, legs.base[leg], coins)
    else:
        count = coins_priced(legs.payoff[leg], legs.base_count[leg])
        add_contracts(layout, out, row, leg, contracts * count)


@compilable
def add_futures(
    layout: Layout, state: State, out: Triggers, row: int, currency: int, by: float
) -> None:
    """Futures of a currency: contracts on it, and what contracts quoted in it are worth.

    Args: row: of `out`; currency: its row; by: times this.
    """
    legs = layout.legs
    for leg in range(legs.rows):
        held = state.contracts[leg]
        if legs.base[leg] == currency:
            add_coins(layout, out, row, leg, by * held)
        if legs.quote[leg] == currency and legs.payoff[leg] == INVERSE:
            add_index(layout, out, row, currency, -by * held * legs.multiplier[leg])
        if legs.quote[leg] == currency and legs.payoff[leg] == LINEAR:
            add_contracts(layout, out, row, leg, -by * held)


@compilable
def add_balance(
    layout: Layout, state: State, out: Triggers, row: int, currency: int, by: float
) -> None:
    """Coins of a currency in all wallets.

    Args: row: of `out`; currency: its row; by: times this.
    """
    for wallet in range(layout.wallets):
        if layout.wallet_currency[wallet] == currency:
            add_wallet(layout, state, out, row, wallet, by)


@compilable
def add_settled(
    layout: Layout, state: State, out: Triggers, row: int, currency: int, by: float
) -> None:
    """Coins of a currency were every contract closed at its mark (`settled_coins`).

    Args: row: of `out`; currency: its row; by: times this.
    """
    add_balance(layout, state, out, row, currency, by)
    for leg in range(layout.legs.rows):
        if layout.legs.settle[leg] == currency:
            add_pnl(layout, out, row, leg, state.contracts[leg], state.cost[leg], by)


@compilable
def add_spot(problem: Problem, out: Triggers, row: int, hedge: int, by: float) -> None:
    """Delta of a hedged coin apart from its pools (`spot_delta`).

    Args: row: of `out`; hedge: its row; by: times this.
    """
    layout, state, rules = problem.layout, problem.state, problem.rules
    currency = rules.hedge_currency[hedge]
    add_settled(layout, state, out, row, currency, by)
    if rules.hedge_own[hedge] == 0:
        add_futures(layout, state, out, row, currency, by)


@compilable
def add_wealth(layout: Layout, state: State, out: Triggers, row: int, by: float) -> None:
    """All coins and all unrealised PnL.

    Args: row: of `out`; by: times this.
    """
    for wallet in range(layout.wallets):
        add_wallet(layout, state, out, row, wallet, by)
    for leg in range(layout.legs.rows):
        add_pnl(layout, out, row, leg, state.contracts[leg], state.cost[leg], by)


@compilable
def add_base(problem: Problem, out: Triggers, row: int, hedge: int, by: float) -> None:
    """What the ratio of a hedge is a fraction of (`base_coins`).

    Args: row: of `out`; hedge: its row; by: times this.
    """
    layout, state, rules = problem.layout, problem.state, problem.rules
    currency = rules.hedge_currency[hedge]
    if rules.hedge_base[hedge] == BASE_COINS:
        add_index(layout, out, row, currency, by * rules.hedge_coins[hedge])
    elif rules.hedge_base[hedge] == BASE_WEALTH:
        add_wealth(layout, state, out, row, by)
    else:
        add_balance(layout, state, out, row, currency, by)
        for leg in range(layout.legs.rows):
            if layout.legs.base[leg] == currency:
                add_pnl(layout, out, row, leg, state.contracts[leg], state.cost[leg], by)
