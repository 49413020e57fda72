"""What a coin's futures must carry: its own hedge and those of coins proxied by it.

need[u] = spot_delta[u] - (1 - ratio[u])*base[u], the coins to be sold forward; the pool on
coin k targets -sum of beta*(P_u/P_k)*need[u]. A proxied coin's own futures count as its
spot. Held futures are shared among the hedges in proportion to their terms.
"""

from collections.abc import MutableSequence, Sequence

from volsculpt.book.exposure import held_ratio
from volsculpt.book.state import Exposure, Quote
from volsculpt.compilable import compilable
from volsculpt.decide.rules import BASE_COINS, BASE_GONE, BASE_WEALTH, ZERO_TARGET, Problem, Rules


@compilable
def is_own(rules: Rules, hedge: int) -> int:
    """1 when a hedge trades contracts on its own coin, 0 when it goes by a proxy."""
    pool = rules.hedge_pool[hedge]
    return 1 if rules.pool_currency[pool] == rules.hedge_currency[hedge] else 0


@compilable
def pool_coins_per_coin(quote: Quote, rules: Rules, hedge: int) -> float:
    """Coins of the pool that hedge one coin of the hedge: beta * P_u / P_k; 1 for its own."""
    if is_own(rules, hedge) == 1:
        return 1.0
    proxy = rules.pool_currency[rules.hedge_pool[hedge]]
    own = rules.hedge_currency[hedge]
    return rules.hedge_beta[hedge] * quote.index_usd[own] / quote.index_usd[proxy]


@compilable
def settled_coins(sums: Exposure, currency: int) -> float:
    """Coins that would be there if every contract were closed at its mark; below 0: owed."""
    return sums.balance[currency] + sums.pnl[currency]


@compilable
def spot_delta(rules: Rules, sums: Exposure, hedge: int) -> float:
    """Delta of a hedged coin apart from the pool: balances and PnL settled in it."""
    currency = rules.hedge_currency[hedge]
    spot = settled_coins(sums, currency)
    if is_own(rules, hedge) == 0:
        spot += sums.futures[currency]
    return spot


@compilable
def base_coins(rules: Rules, quote: Quote, sums: Exposure, wealth: float, hedge: int) -> float:
    """What the ratio is a fraction of, in coins: owned, declared, or wealth over price.

    Worked: 2 BTC and a short 50,000 USD from 50,000 at 40,000: equity 2.25.

    Args: wealth: US dollars, read for base "wealth" alone; hedge: its row.
    """
    currency = rules.hedge_currency[hedge]
    if rules.hedge_base[hedge] == BASE_COINS:
        return rules.hedge_coins[hedge]
    if rules.hedge_base[hedge] == BASE_WEALTH:
        return wealth / quote.index_usd[currency]
    return sums.balance[currency] + sums.pnl_on[currency]


@compilable
def closing_code(rules: Rules, quote: Quote, base: float, ratio: float, hedge: int) -> int:
    """BASE_GONE or ZERO_TARGET when the hedge is to be closed whole, else 0.

    Args: base: coins; ratio: asked for, 1.0 = fully hedged; hedge: its row.
    """
    if base * quote.index_usd[rules.hedge_currency[hedge]] <= rules.min_base_usd:
        return BASE_GONE
    return ZERO_TARGET if ratio == 0.0 else 0


@compilable
def hedge_term(
    rules: Rules, quote: Quote, sums: Exposure, base: float, ratio: float, hedge: int
) -> float:
    """Coins of the pool to be sold forward for one hedge; 0 when it is to be closed.

    Worked: 10 ETH at 3,000 by BTC at 50,000, beta 1, ratio 1: 0.06 * 10 = 0.6 BTC.

    Args: base: coins; ratio: asked for, 1.0 = fully hedged; hedge: its row.
    """
    if closing_code(rules, quote, base, ratio, hedge) != 0:
        return 0.0
    need = spot_delta(rules, sums, hedge) - (1.0 - ratio) * base
    return pool_coins_per_coin(quote, rules, hedge) * need


@compilable
def fill_shares(
    problem: Problem,
    base: Sequence[float],
    pool: int,
    term: Sequence[float],
    share: MutableSequence[float],
) -> None:
    """Each hedge's share of the pool's futures: by term, or by beta*base_usd if terms mix signs.

    Args: base: coins per hedge; pool: its row; term: per hedge, coins of the pool it asks to sell;
    share: per hedge, a fraction, written for those of the pool.
    """
    quote, rules = problem.quote, problem.rules
    total = 0.0
    usd_total = 0.0
    mixed = 0
    for hedge in range(rules.hedges):
        if rules.hedge_pool[hedge] == pool:
            total += term[hedge]
            price = quote.index_usd[rules.hedge_currency[hedge]]
            usd_total += max(0.0, base[hedge]) * price * rules.hedge_beta[hedge]
            if term[hedge] < 0.0:
                mixed = 1
    for hedge in range(rules.hedges):
        if rules.hedge_pool[hedge] == pool:
            if mixed == 0 and total > 0.0:
                share[hedge] = term[hedge] / total
            elif usd_total > 0.0:
                price = quote.index_usd[rules.hedge_currency[hedge]]
                usd = max(0.0, base[hedge]) * price * rules.hedge_beta[hedge]
                share[hedge] = usd / usd_total
            else:
                share[hedge] = 1.0 * is_own(rules, hedge)


@compilable
def ratio_at(
    rules: Rules,
    quote: Quote,
    sums: Exposure,
    base: float,
    share: float,
    futures: float,
    hedge: int,
) -> float:
    """Held ratio of a hedge if its pool held so many coins in futures.

    1 - (spot_delta + share*futures / coins-per-coin) / base.

    Args: base: coins, > 0; share: of the pool's futures, a fraction; futures: coins of the pool, -
    is short; hedge: its row.
    """
    part = share * futures / pool_coins_per_coin(quote, rules, hedge)
    return held_ratio(spot_delta(rules, sums, hedge) + part, base)


@compilable
def futures_per_ratio(rules: Rules, quote: Quote, base: float, share: float, hedge: int) -> float:
    """Pool coins that change this hedge's held ratio by 1 (positive); 0.0 without a share.

    Args: base: coins; share: of the pool's futures, a fraction; hedge: its row.
    """
    if share <= 0.0:
        return 0.0
    return base * pool_coins_per_coin(quote, rules, hedge) / share
