"""Four hedges on two pools, and what they are decided by at random."""

import random
from collections.abc import Iterator

from tests.factories import account, decided, fixed, inverse, vault
from volsculpt.book.holdings import Book
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
from volsculpt.hedge.spec import Proxy

PRICES = {"BTC": 60_000.0, "ETH": 3_000.0, "SOL": 150.0, "ADA": 0.5}
CODES = (0, 0, ZERO_TARGET, BASE_GONE, OWES, WEALTH_GONE)
ROUNDS = 150


def four_hedges() -> Problem:
    """BTC and ETH by two legs each, SOL by both coins, ADA by ETH."""
    names = ("one", "two")
    accounts = [account(name, {"BTC": 1.0, "ETH": 20.0}) for name in names]
    legs = [[(name, inverse(coin), False) for name in names] for coin in ("BTC", "ETH")]
    sol = fixed("SOL", proxies=(Proxy("BTC", 0.6), Proxy("ETH", 0.5)))
    hedges = [fixed(), fixed("ETH"), sol, fixed("ADA", proxies=(Proxy("ETH", 1.2),))]
    book = Book((vault(BTC=1.0, ETH=10.0, SOL=300.0, ADA=9_000.0), *accounts))
    used = [legs[0], legs[1], [*legs[0], *legs[1]], legs[1]]
    return decided(book, hedges, used, PRICES).problem


def drawn() -> Iterator[tuple[random.Random, Problem]]:
    """The four hedges with sums, codes, betas, bands, terms, shares and positions at random."""
    problem = four_hedges()
    work, answer = problem.work, problem.answer
    for seed in range(ROUNDS):
        dice = random.Random(seed)
        draw_rules(dice, problem)
        for hedge in range(problem.rules.hedges):
            answer.hedge_code[hedge] = dice.choice(CODES)
            answer.base[hedge] = dice.choice((-1.0, 0.0, dice.uniform(0.1, 9.0)))
        for sums in (work.held, work.sized):
            for column in (sums.balance, sums.pnl, sums.pnl_on, sums.futures):
                column[:] = [dice.uniform(-9.0, 9.0) for _ in column]
        for link in range(problem.rules.links):
            work.term[link] = dice.choice((0.0, dice.uniform(-3.0, 3.0)))
            work.share[link] = dice.choice((0.0, 1.0, dice.uniform(-1.5, 1.5)))
        for leg in range(problem.rules.legs):
            work.hold[leg] = dice.choice((0.0, 0.0, float(dice.randrange(-90_000, 90_000))))
        yield dice, problem


def draw_rules(dice: random.Random, problem: Problem) -> None:
    """Bases, bands, betas, and legs that retire."""
    rules = problem.rules
    for hedge in range(rules.hedges):
        rules.hedge_hold[hedge] = dice.choice((0, 0, 1))
        rules.hedge_base[hedge] = dice.choice((BASE_EQUITY, BASE_COINS, BASE_WEALTH))
        rules.hedge_coins[hedge] = dice.uniform(0.1, 9.0)
        for band in (rules.under_trigger, rules.over_trigger):
            band[hedge] = dice.choice((0.0, 0.05, 0.3))
        for band in (rules.under_settle, rules.over_settle):
            band[hedge] = dice.choice((0.0, 0.02, 0.3))
    for link in range(rules.links):
        rules.link_beta[link] = dice.choice((0.0, 1.0, dice.uniform(-1.5, 1.5)))
        rules.link_weight[link] = dice.choice((0.0, 1.0, dice.random()))
    for use in range(len(rules.use_leg)):
        rules.use_retire[use] = dice.choice((0, 0, 1))


def links_of(problem: Problem, pool: int) -> list[int]:
    """The links of a pool."""
    return [link for link, one in enumerate(problem.rules.link_pool) if one == pool]


def code_of(problem: Problem, link: int) -> int:
    """The code of the hedge of a link."""
    return problem.answer.hedge_code[problem.rules.link_hedge[link]]


def open_links(problem: Problem, pool: int) -> list[int]:
    """The links by which a pool carries something."""
    return [
        link
        for link in links_of(problem, pool)
        if problem.rules.link_beta[link] and not code_of(problem, link) & (ZERO_TARGET | BASE_GONE)
    ]
