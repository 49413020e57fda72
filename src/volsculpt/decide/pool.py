"""What a coin's futures must carry: its own hedge and those of coins proxied by it.

    need[u] = spot_delta[u] - (1 - ratio[u])·base[u]           coins to be sold forward,
              held at 0, or at what is owed, where futures may not be long
    target[k] = -Σ_u B[u,k]·(P_u/P_k)·need[u]                   futures coins of the pool on k
    held_ratio[u] = 1 - (spot_delta[u] + Σ_k w[u,k]·part[u,k]·P_k/(B[u,k]·P_u))/base[u]

B is beta (1 for the coin's own contracts), w = |B[u,k]|/Σ_k|B[u,k]|, and a term whose B is 0 is
left out. A proxied coin's own futures count as its spot. Held futures of a pool are shared among
its hedges in proportion to their terms: part[u,k].
"""

import math
from collections.abc import MutableSequence, Sequence

from volsculpt.book.exposure import is_owing
from volsculpt.book.state import Exposure, Quote
from volsculpt.compilable import compilable
from volsculpt.decide.rules import (
    BASE_COINS,
    BASE_GONE,
    BASE_WEALTH,
    OWES,
    WEALTH_GONE,
    ZERO_TARGET,
    Problem,
    Rules,
)

NETTED = 1e-9  # of what hedges of a pool ask for: below it they cancel each other out


@compilable
def pool_coins_per_coin(quote: Quote, rules: Rules, link: int) -> float:
    """Coins of a link's pool that hedge one coin of its hedge: beta * P_u / P_k; 1 for its own."""
    hedge = rules.link_hedge[link]
    if rules.hedge_own[hedge] == 1:
        return 1.0
    proxy = rules.pool_currency[rules.link_pool[link]]
    own = rules.hedge_currency[hedge]
    return rules.link_beta[link] * quote.index_usd[own] / quote.index_usd[proxy]


@compilable
def settled_coins(sums: Exposure, currency: int) -> float:
    """Coins that would be there if every contract were closed at its mark; below 0: owed."""
    return sums.balance[currency] + sums.pnl[currency]


@compilable
def spot_delta(rules: Rules, sums: Exposure, hedge: int) -> float:
    """Delta of a hedged coin apart from its pools: balances and PnL settled in it."""
    currency = rules.hedge_currency[hedge]
    spot = settled_coins(sums, currency)
    if rules.hedge_own[hedge] == 0:
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
def closing_code(
    rules: Rules, quote: Quote, base: float, spot: float, ratio: float, hedge: int
) -> int:
    """BASE_GONE or ZERO_TARGET when the hedge is to be closed whole, else 0, OWES or WEALTH_GONE.

    A ratio of wealth leaves (1 - ratio)·wealth exposed, at 0 too: against a debt that asks for
    futures, and closing them would expose more than all of wealth (OWES). Without wealth the ratio
    is a fraction of nothing, and coins are still there: WEALTH_GONE, a short is kept up to
    them.

    Worked: 1.5 BTC at 60,000 and 30,000 USD owed: wealth is 1 BTC, and 0 of it is short 0.5.

    Args: base: coins; spot: delta without futures, coins; ratio: asked for, 1.0 = fully hedged;
    hedge: its row.
    """
    price = quote.index_usd[rules.hedge_currency[hedge]]
    of_wealth = rules.hedge_base[hedge] == BASE_WEALTH
    if base * price <= rules.min_base_usd:
        return WEALTH_GONE if of_wealth and spot * price > rules.min_base_usd else BASE_GONE
    if ratio != 0.0:
        return 0
    return OWES if of_wealth and is_owing(base, spot) == 1 else ZERO_TARGET


@compilable
def hedge_need(problem: Problem, ratio: float, hedge: int) -> float:
    """Coins of a hedge that its target asks to be sold forward; below 0: bought, 0: it is closed.

    `answer` holds the bases and what closes. Where wealth is gone the need is all coins, which
    every ratio of wealth comes to as wealth goes to 0. Worked: 100 XMR of a weight of 300: -200.

    Args: ratio: asked for, 1.0 = fully hedged; hedge: its row.
    """
    answer = problem.answer
    if answer.hedge_code[hedge] & (BASE_GONE | ZERO_TARGET) != 0:
        return 0.0
    need = spot_delta(problem.rules, problem.work.sized, hedge)
    if answer.hedge_code[hedge] & WEALTH_GONE == 0:
        need -= (1.0 - ratio) * answer.base[hedge]
    return need


@compilable
def least_need(problem: Problem, hedge: int) -> float:
    """The least that a hedge may need: minus the coins it owes, where futures may not be long.

    So a hedge that would buy takes nothing from the others of its pool. Without end where the owner
    lets futures be long: hedges then net.
    """
    rules = problem.rules
    if rules.allow_long == 1:
        return -math.inf
    return min(0.0, settled_coins(problem.work.held, rules.hedge_currency[hedge]))


@compilable
def hedge_term(problem: Problem, ratio: float, link: int) -> float:
    """Coins of a pool to be sold forward for one hedge; 0 when it is to be closed.

    Each pool of a hedge is asked for its beta times the whole need, which takes nothing from what
    others ask for (`least_need`). Worked: 10 ETH at 3,000 by BTC at 50,000, beta 1, ratio 1:
    0.06 * 10 = 0.6 BTC.

    Args: ratio: asked for, 1.0 = fully hedged; link: its row.
    """
    hedge = problem.rules.link_hedge[link]
    need = max(hedge_need(problem, ratio, hedge), least_need(problem, hedge))
    return pool_coins_per_coin(problem.quote, problem.rules, link) * need


@compilable
def beta_usd(rules: Rules, quote: Quote, base: Sequence[float], link: int) -> float:
    """US dollars of a pool that hedge all of a base: beta * base * P_u.

    Args: base: coins per hedge; link: its row.
    """
    hedge = rules.link_hedge[link]
    price = quote.index_usd[rules.hedge_currency[hedge]]
    return max(0.0, base[hedge]) * price * rules.link_beta[link]


@compilable
def fill_shares(
    problem: Problem,
    base: Sequence[float],
    pool: int,
    term: Sequence[float],
    share: MutableSequence[float],
) -> None:
    """Each hedge's share of the pool's futures: by term, or by beta*base_usd if needs mix signs.

    A share is signed as its beta is, where betas of a pool mix signs: hedges then net. Worked:
    terms 100 and -25 by betas 1 and -0.5: shares 4/3 and -1/3.

    Args: base: coins per hedge; pool: its row; term: per link, coins of the pool it asks to sell;
    share: per link, a fraction, written for those of the pool.
    """
    quote, rules = problem.quote, problem.rules
    total, gross = 0.0, 0.0
    usd_total, usd_gross = 0.0, 0.0
    mixed = 0
    for link in range(rules.links):
        if rules.link_pool[link] == pool:
            total += term[link]
            gross += abs(term[link])
            usd = beta_usd(rules, quote, base, link)
            usd_total += usd
            usd_gross += abs(usd)
            if term[link] * rules.link_beta[link] < 0.0:
                mixed = 1
    for link in range(rules.links):
        if rules.link_pool[link] == pool:
            if mixed == 0 and abs(total) > NETTED * gross:
                share[link] = term[link] / total
            elif abs(usd_total) > NETTED * usd_gross:
                share[link] = beta_usd(rules, quote, base, link) / usd_total
            else:
                share[link] = 1.0 * rules.hedge_own[rules.link_hedge[link]]


@compilable
def part_coins(rules: Rules, quote: Quote, share: float, futures: float, link: int) -> float:
    """What a pool adds to the delta of a hedge, in its coins: w*share*futures / (B * P_u / P_k).

    Each of several pools that carry a hedge tells the whole of it, and these are weighted by the
    size of beta. Worked: 10 ETH by 0.36 BTC short at beta 0.6, P 3,000 and 50,000, beside
    another proxy of beta 0.5: (0.6/1.1) * -0.36 / 0.036 = -5.45.

    Args: share: of the pool's futures, a fraction; futures: coins of the pool, - is short; link:
    its row.
    """
    if rules.link_weight[link] == 0.0:
        return 0.0
    return rules.link_weight[link] * (share * futures / pool_coins_per_coin(quote, rules, link))


@compilable
def futures_per_ratio(rules: Rules, quote: Quote, base: float, share: float, link: int) -> float:
    """Pool coins that change what a hedge holds by the pool by 1 of its base; 0.0 without either.

    Above 0, but where a negative beta has turned the pool against the hedge. A share above 1 in
    size, of a pool that nets, counts as 1: netting makes no band narrower.

    Args: base: coins; share: of the pool's futures, a fraction; link: its row.
    """
    if share == 0.0 or rules.link_beta[link] == 0.0:
        return 0.0
    coins = max(0.0, base) * pool_coins_per_coin(quote, rules, link)
    return coins / min(1.0, max(-1.0, share))
