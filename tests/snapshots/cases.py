"""Figures of books that random ones hardly ever are: legs that offset, coins owed, data missing."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.factories import account, decided, fixed, inverse, linear, quanto, vault
from tests.laws.drawn import draw
from tests.snapshots.books import Figures, Words, again, of_decision, with_accounts
from volsculpt.book.holdings import Book, OrderState, Position, WorkingOrder
from volsculpt.contracts.spec import Margin, Orders
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.step import Decision, Missing, Setup, decide
from volsculpt.hedge.answer import Band
from volsculpt.hedge.spec import Proxy
from volsculpt.market.quotes import Quotes

EACH = 30
PRICES = {"BTC": 60_000.0, "ETH": 3_000.0}
SPOT = inverse()
LATER = replace(inverse(multiplier=10.0), symbol="BTC/USD:BTC-301227", expiry_ns=10**19)
NARROW, WIDE = Band(0.0, 0.0, 0.0, 0.0), Band(0.1, 0.05, 0.2, 0.1)
CROSS = linear("ETH", settle="BTC", quote="BTC", symbol="ETH/BTC:BTC", lot=0.01)


def limits(rng: random.Random) -> Limits:
    """Limits, each there three times in four."""
    return Limits(
        max_leverage=rng.choice((None, 2.0, 3.0, 5.0)),
        min_liquidation_distance=rng.choice((None, 0.1, 0.3, 0.5)),
    )


def offset(rng: random.Random) -> Decision:
    """A long perpetual and a short dated contract in one account, or the other way round."""
    side, most = rng.choice((1.0, -1.0)), rng.choice((40, 400))
    longs, shorts = side * rng.randrange(400) * 600.0, -side * rng.randrange(1, most) * 600.0
    lines = (Position(SPOT, longs, 60_000.0), Position(LATER, shorts, 57_000.0))
    held = tuple(one for one in lines if one.contracts)
    coins = rng.uniform(0.2, 5.0)
    book = Book((vault(BTC=6.0), account("one", {"BTC": coins}, held)))
    legs = [[("one", SPOT, False), ("one", LATER, False)]]
    return decided(book, [fixed(ratio=rng.random())], legs, PRICES, limits(rng))


def crossed(rng: random.Random) -> Decision:
    """Ether sold for bitcoin, which is hedged itself, in a unified account that may owe dollars."""
    lines = (Position(SPOT, -600.0 * rng.randrange(1, 300), 60_000.0),)
    coins, loan = rng.uniform(0.5, 5.0), rng.choice((0.0, -90_000.0, 20_000.0))
    own = account("one", {"BTC": coins, "USDT": loan}, lines, mode="unified")
    book = Book((vault(BTC=2.0, ETH=rng.choice((100.0, -20.0))), own))
    hedges = [fixed(ratio=rng.uniform(-0.5, 1.0)), fixed("ETH", ratio=rng.uniform(-0.5, 1.0))]
    bound = replace(limits(rng), min_ratio=-1.5, allow_long=rng.random() < 0.5)
    legs = [[("one", SPOT, False)], [("one", CROSS, False)]]
    return decided(book, hedges, legs, PRICES, bound)


def owing(rng: random.Random) -> Decision:
    """Coins owed, or fewer than are stated, or dollars counted as coins."""
    contract = replace(SPOT, orders=Orders(least_value=100.0, market_most=90_000.0))
    contract = replace(contract, position_most=rng.choice((None, 150_000.0)))
    own = account("one", {"BTC": rng.uniform(-1.0, 2.0)})
    book = Book((vault(BTC=rng.uniform(-4.0, 4.0)), own))
    ratio, base = rng.uniform(0.0, 1.2), rng.choice(("equity", "coins", "wealth"))
    hedge = fixed(ratio=ratio, base=base, coins=3.0 if base == "coins" else None)
    bound = replace(limits(rng), allow_long=rng.random() < 0.5, min_ratio=-1.5)
    return decided(book, [hedge], [[("one", contract, rng.random() < 0.2)]], PRICES, bound)


def backing(rng: random.Random) -> Decision:
    """A short that holds off the loss of a long which no hedge trades, where less is wanted."""
    long, short = 600.0 * rng.randrange(50, 300), -600.0 * rng.randrange(50, 300)
    lines = (Position(SPOT, short, 60_000.0), Position(LATER, long / 10.0, 60_000.0))
    book = Book((vault(BTC=5.0), account("one", {"BTC": rng.uniform(0.1, 2.0)}, lines)))
    legs = [[("one", SPOT, False)]]
    return decided(book, [fixed(ratio=0.4 * rng.random())], legs, PRICES, limits(rng))


def posting(rng: random.Random) -> Decision:
    """Two isolated positions of one account, beside free coins and a plan for more."""
    lines = [
        Position(one, -600.0 * rng.randrange(1, 200) / one.multiplier, 60_000.0, margin=0.3)
        for one in (SPOT, LATER)
    ]
    own = account("one", {"BTC": 0.6 + rng.random()}, tuple(lines), mode="isolated", leverage=5.0)
    plans = (CollateralPlan(("vault",), (1.0, 2.0, 2.0, 3.0), cost=0.0),)
    legs = [[("one", SPOT, False), ("one", LATER, False)]]
    book = Book((vault(BTC=5.0), own))
    bound, known = limits(rng), rng.choice(((), plans))
    return decided(book, [fixed(ratio=rng.random())], legs, PRICES, bound, known)


def missing(rng: random.Random) -> Decision:
    """A random book of which a leg and a coin are not known."""
    drawn = draw(rng.randrange(10_000))
    held = [(one.name, p.contract.key) for one in drawn.setup.book.accounts for p in one.positions]
    coins = [one.underlying for one in drawn.setup.hedges]
    unknown = Missing(frozenset(held[:1]), frozenset(coins[:1] if rng.random() < 0.4 else ()))
    return replace(drawn, setup=replace(drawn.setup, missing=unknown)).decided()


def short_of_all(rng: random.Random) -> Decision:
    """A random book whose coins outside of margin are owed."""
    drawn = draw(rng.randrange(10_000))
    accounts = [
        replace(one, balances={name: -coins for name, coins in one.balances.items()})
        if one.margin_mode is None
        else one
        for one in drawn.setup.book.accounts
    ]
    return with_accounts(drawn, accounts).decided()


def assumed(rng: random.Random) -> Decision:
    """An account that does not exist yet beside one that does: it holds what it needs."""
    new = account("new", venue="okx", is_assumed=True)
    there = account("one", {"BTC": rng.uniform(0.0, 2.0)})
    book = Book((vault(BTC=rng.uniform(0.5, 6.0)), new, there))
    legs = [("new", SPOT, False), ("one", LATER, False)]
    plans = (CollateralPlan(("vault",), (1.0, 2.0, 2.0, 3.0)),)
    used = legs[: rng.randrange(1, 3)]
    hedge = fixed(ratio=rng.uniform(-0.2, 1.0))
    bound = replace(limits(rng), allow_long=rng.random() < 0.5, min_ratio=-1.0)
    return decided(book, [hedge], [used], PRICES, bound, rng.choice(((), plans)))


def proxied(rng: random.Random) -> Decision:
    """Coins without contracts carried by those of two others, of which one has a hedge itself."""
    betas = [rng.choice((0.0, 0.5, 1.2, -0.4)) for _ in range(3)]
    both = (Proxy("BTC", betas[0]), Proxy("ETH", betas[1] or 0.3))
    bases = rng.choices(("equity", "wealth"), k=3)
    band = rng.choice((NARROW, WIDE))
    hedges = [
        fixed("SOL", rng.choice((0.0, 0.5, 1.0)), proxies=both, base=bases[0], band=band),
        fixed("ADA", rng.uniform(0.0, 1.0), proxies=(Proxy("BTC", betas[2]),), base=bases[1]),
        fixed("BTC", rng.choice((0.0, 0.3, 1.0)), base=bases[2], band=band),
    ][: rng.randrange(1, 4)]
    perp, ether = SPOT, inverse("ETH")
    lines = (Position(perp, -600.0 * rng.randrange(1, 300), 60_000.0),)
    debt = rng.choice((0.0, 40_000.0, 400_000.0))
    cold = vault(BTC=2.0, SOL=rng.uniform(-50.0, 900.0), ADA=50_000.0, USD=-debt)
    book = Book((cold, account("one", {"BTC": 2.0, "ETH": 20.0}, lines)))
    pools = {"SOL": [("one", perp, False), ("one", ether, False)]}
    legs = [pools.get(hedge.underlying, [("one", perp, False)]) for hedge in hedges]
    unknown = frozenset(rng.choice(((), (), ("ETH",), ("SOL",))))
    setup = Setup(
        book,
        tuple(hedges),
        tuple(map(tuple, legs)),
        limits=replace(limits(rng), allow_long=rng.random() < 0.3),
        missing=Missing(currencies=unknown),
    )
    return decide(setup, Quotes(0, PRICES | {"SOL": 150.0, "ADA": 0.5}, {}), 0)


def rolled(rng: random.Random) -> Decision:
    """A contract that is left for another, orders at work, small bases and orders in slices."""
    lines = tuple(
        Position(one, -60.0 * rng.randrange(1, 2_000) / one.multiplier, 60_000.0)
        for one in (SPOT, LATER)
        if rng.random() < 0.8
    )
    state: OrderState = rng.choice(("acked", "unknown", "sent"))
    works = tuple(
        WorkingOrder(one.contract.symbol, one.contract, rng.choice((-50.0, 70.0)), state)
        for one in lines
        if rng.random() < 0.4
    )
    own = account("one", {"BTC": rng.uniform(0.1, 2.0)}, lines, orders=works)
    book = Book((vault(BTC=rng.choice((0.001, 1.0, 3.0))), own))
    hedge = fixed(ratio=rng.choice((0.0, 0.5, 1.0)), band=rng.choice((NARROW, WIDE)))
    bound = replace(
        limits(rng),
        max_order_usd=rng.choice((None, 5_000.0)),
        min_base_usd=rng.choice((0.0, 90_000.0)),
    )
    legs = [[("one", SPOT, rng.random() < 0.6), ("one", LATER, rng.random() < 0.3)]]
    return decided(book, [hedge], legs, PRICES, bound)


def sloped(rng: random.Random) -> Decision:
    """Margin that grows with size, or of another coin: ends that are found step by step."""
    margin = Margin(
        "slope",
        base=rng.choice(("mark", "entry")),
        rate_base=rng.uniform(0.004, 0.03),
        rate_slope=rng.choice((0.0005, 0.005)),
        initial_rate=0.05,
        initial_slope=0.005,
    )
    steep = replace(SPOT, margin=margin)
    other = quanto("ETH", "BTC", 1e-6, venue="bybit")
    used = rng.choice(([steep], [steep, other], [other]))
    lines = tuple(
        Position(one, -rng.randrange(1, 900) * 100.0, 60_000.0 if one is steep else 3_000.0)
        for one in used
    )
    mode = rng.choice(("cross", "cross", "unified"))
    own = account("one", {"BTC": rng.uniform(0.5, 4.0)}, lines, mode=mode)
    book = Book((vault(BTC=3.0, ETH=30.0), own))
    hedges = [fixed(one.base, rng.uniform(0.2, 1.0), band=WIDE) for one in used]
    legs = [[("one", one, False)] for one in used]
    bound = replace(limits(rng), min_liquidation_distance=rng.choice((0.1, 0.3, 0.5)))
    plans = rng.choice(((), (CollateralPlan(("vault",), (1.0, 2.0, 2.0, 3.0)),)))
    return decided(book, hedges, legs, PRICES, bound, plans)


CASES: dict[str, Callable[[random.Random], Decision]] = {
    one.__name__: one
    for one in (
        offset,
        crossed,
        owing,
        backing,
        posting,
        missing,
        short_of_all,
        assumed,
        proxied,
        rolled,
        sloped,
    )
}
NAMES = [f"{name} {seed}" for name in CASES for seed in range(EACH)]


def figures(name: str) -> Iterator[tuple[str, Figures | Words]]:
    """(what, its figures) of one of them."""
    kind, seed = name.split()
    one = CASES[kind](random.Random(seed))
    yield from of_decision("", one)
    yield "again", again(one)
