"""What hedges ask of their pools, what of a pool's futures is theirs, and when they close."""

import pytest

from tests.decide.four_hedges import code_of, drawn, four_hedges, links_of
from volsculpt.decide.pool import (
    base_coins,
    beta_usd,
    closing_code,
    fill_shares,
    futures_per_ratio,
    hedge_term,
    part_coins,
    pool_coins_per_coin,
    settled_coins,
    spot_delta,
)
from volsculpt.decide.rules import (
    BASE_COINS,
    BASE_EQUITY,
    BASE_GONE,
    BASE_WEALTH,
    OWES,
    WEALTH_GONE,
    ZERO_TARGET,
    Problem,
)


def prices_of(problem: Problem, link: int) -> tuple[float, float]:
    """US dollars of the coin of a hedge and of the coin of its pool."""
    rules, index = problem.rules, problem.quote.index_usd
    hedge, pool = rules.link_hedge[link], rules.link_pool[link]
    return index[rules.hedge_currency[hedge]], index[rules.pool_currency[pool]]


def test_coins_of_a_pool_that_hedge_a_coin() -> None:
    """One of its own; of a proxy beta times as many US dollars, of any base above 0."""
    for _, problem in drawn():
        rules = problem.rules
        for link in range(rules.links):
            own, proxy = prices_of(problem, link)
            beta = 1.0 if link in (0, 1) else rules.link_beta[link] * own / proxy
            assert pool_coins_per_coin(problem.quote, rules, link) == pytest.approx(beta)
            for coins in (2.0, 0.0, -1.0):
                base = [coins if row == rules.link_hedge[link] else 7.0 for row in range(4)]
                usd = max(0.0, coins) * own * rules.link_beta[link]
                assert beta_usd(rules, problem.quote, base, link) == pytest.approx(usd)


def test_what_is_exposed_and_what_a_ratio_is_of() -> None:
    """Futures of a coin that goes by proxies count as spot; a ratio is of equity, coins, wealth."""
    for dice, problem in drawn():
        rules, sums, wealth = problem.rules, problem.work.held, dice.uniform(-1e5, 1e5)
        for hedge, coin in enumerate(rules.hedge_currency):
            spot = sums.balance[coin] + sums.pnl[coin] + (sums.futures[coin] if hedge > 1 else 0.0)
            assert spot_delta(rules, sums, hedge) == pytest.approx(spot)
            base = {
                BASE_EQUITY: sums.balance[coin] + sums.pnl_on[coin],
                BASE_COINS: rules.hedge_coins[hedge],
                BASE_WEALTH: wealth / problem.quote.index_usd[coin],
            }[rules.hedge_base[hedge]]
            found = base_coins(rules, problem.quote, sums, wealth, hedge)
            assert found == pytest.approx(base)


@pytest.mark.parametrize(
    ("kind", "base", "spot", "ratio", "said"),
    [
        (BASE_EQUITY, 1.0, 1.0, 0.5, 0),
        (BASE_EQUITY, 1.0, 1.0, 0.0, ZERO_TARGET),
        (BASE_EQUITY, 0.01, 1.0, 0.5, BASE_GONE),
        (BASE_EQUITY, 0.011, 1.0, 0.5, 0),
        (BASE_EQUITY, -1.0, 1.0, 0.0, BASE_GONE),
        (BASE_COINS, 1.0, 1.5, 0.0, ZERO_TARGET),
        (BASE_WEALTH, 1.0, 1.0, 0.0, ZERO_TARGET),
        (BASE_WEALTH, 1.0, 1.5, 0.0, OWES),
        (BASE_WEALTH, 1.0, 1.5, 0.5, 0),
        (BASE_WEALTH, -1.0, 1.5, 0.5, WEALTH_GONE),
        (BASE_WEALTH, 0.01, 0.011, 0.0, WEALTH_GONE),
        (BASE_WEALTH, 0.01, 0.01, 0.0, BASE_GONE),
        (BASE_WEALTH, -1.0, -1.0, 0.5, BASE_GONE),
    ],
)
@pytest.mark.parametrize("hedge", range(4))
def test_a_hedge_is_closed_where_nothing_is_left_of_it(
    hedge: int, kind: int, base: float, spot: float, ratio: float, said: int
) -> None:
    """Up to the least base in US dollars, here a hundredth of a coin; wealth may be owed against.

    Args: hedge: its row; kind: of base; base, spot: coins; ratio: asked for; said: a code.
    """
    problem = four_hedges()
    price = problem.quote.index_usd[problem.rules.hedge_currency[hedge]]
    rules = problem.rules._replace(min_base_usd=price * 0.01)
    rules.hedge_base[hedge] = kind
    assert closing_code(rules, problem.quote, base, spot, ratio, hedge) == said


def test_what_a_hedge_asks_a_pool_to_sell() -> None:
    """What is exposed less what is to stay so; all of it without wealth; none where it closes.

    Less than nothing only as far as coins are owed, where futures may not be long.
    """
    for dice, problem in drawn():
        rules, ratio = problem.rules, dice.random()
        for link in range(rules.links):
            hedge, code = rules.link_hedge[link], code_of(problem, link)
            stays = 0.0 if code & WEALTH_GONE else (1.0 - ratio) * problem.answer.base[hedge]
            need = spot_delta(rules, problem.work.sized, hedge) - stays
            if rules.allow_long == 0:
                owned = settled_coins(problem.work.held, rules.hedge_currency[hedge])
                need = max(need, min(0.0, owned))
            need *= pool_coins_per_coin(problem.quote, rules, link)
            asked = 0.0 if code & (BASE_GONE | ZERO_TARGET) else need
            assert hedge_term(problem, ratio, link) == pytest.approx(asked)


def shares_of(problem: Problem, pool: int) -> dict[int, float]:
    """Shares of the hedges of a pool, by what they ask or else by what they are worth."""
    rules, links = problem.rules, links_of(problem, pool)
    asked = {link: problem.work.term[link] for link in links}
    usd = {
        link: max(0.0, problem.answer.base[rules.link_hedge[link]])
        * prices_of(problem, link)[0]
        * rules.link_beta[link]
        for link in links
    }
    mixed = any(asked[link] * rules.link_beta[link] < 0.0 for link in links)
    for parts, is_used in ((asked, not mixed), (usd, True)):
        whole, gross = sum(parts.values()), sum(map(abs, parts.values()))
        if is_used and abs(whole) > 1e-9 * gross:
            return {link: part / whole for link, part in parts.items()}
    return {link: 1.0 if link in (0, 1) else 0.0 for link in links}


def test_futures_of_a_pool_are_shared_by_what_is_asked() -> None:
    """By beta and base where needs mix signs; where these net too the coin's own hedge has all.

    Of a billionth of a coin as of many; what sums leave of noise is nothing. The shares of other
    pools stay as they are.
    """
    for dice, problem in drawn():
        rules, term, base = problem.rules, problem.work.term, problem.answer.base
        if dice.random() < 0.5:  # SOL asks BTC and ETH, and ADA asks ETH, for what nets
            term[:] = [0.3 * (1.0 + 1e-12), 0.1, -0.3, 0.2, -0.3]
            rules.link_beta[:] = [2.0 * one for one in term]
            worth = [abs(2.0 * prices_of(problem, link)[0]) for link in (0, 1, 2, 4)]
            base[:] = [dice.choice((0.0, 1.0)) / usd for usd in worth]
        size = dice.choice((1.0, 1e-12))
        term[:], base[:] = [size * one for one in term], [size * size * one for one in base]
        for pool in range(rules.pools):
            share = [7.0] * rules.links
            fill_shares(problem, base, pool, term, share)
            whole = dict.fromkeys(range(rules.links), 7.0) | shares_of(problem, pool)
            assert share == pytest.approx(list(whole.values()))


def test_what_a_pool_adds_to_a_hedge() -> None:
    """Its share of the futures in the hedge's coins, weighed; nothing where it weighs nothing."""
    for dice, problem in drawn():
        rules, futures = problem.rules, dice.uniform(-9.0, 9.0)
        for link in range(rules.links):
            per = pool_coins_per_coin(problem.quote, rules, link)
            weight, share = rules.link_weight[link], problem.work.share[link]
            if per == 0.0:
                weight = rules.link_weight[link] = 0.0
            part = weight * share * futures / per if weight else 0.0
            found = part_coins(rules, problem.quote, share, futures, link)
            assert found == pytest.approx(part)


def test_coins_of_a_pool_that_move_a_ratio_by_one() -> None:
    """A share above 1 in size counts as 1; none without a share, a beta or a base."""
    for _, problem in drawn():
        rules = problem.rules
        for link in range(rules.links):
            base, share = problem.answer.base[rules.link_hedge[link]], problem.work.share[link]
            part = max(-1.0, min(1.0, share))
            if share == 0.0 or base <= 0.0 or rules.link_beta[link] == 0.0:
                per = 0.0
            else:
                per = base * pool_coins_per_coin(problem.quote, rules, link) / part
            found = futures_per_ratio(rules, problem.quote, base, share, link)
            assert found == pytest.approx(per)
