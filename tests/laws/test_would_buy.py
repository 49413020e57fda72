"""A hedge whose target would buy, beside others on the same futures: it takes nothing from them."""

import random

import pytest

from tests.factories import account, decided, inverse, vault
from tests.laws.drawn import Drawn
from tests.laws.moved import decided as decided_at
from tests.laws.moved import moved, rested, speaking
from volsculpt.book.holdings import Book, Position
from volsculpt.decide.limits import Limits
from volsculpt.decide.ratio_words import ratio_after
from volsculpt.decide.rules import NO_LONG, wants_change
from volsculpt.decide.step import Decision, Setup
from volsculpt.decide.words import reasons
from volsculpt.hedge.answer import Band
from volsculpt.hedge.policies.fixed import FixedPolicy
from volsculpt.hedge.policies.weight import WeightPolicy
from volsculpt.hedge.spec import Hedge, Proxy
from volsculpt.market.quotes import Quotes

BTC = inverse("BTC")
USE = ("one", BTC, False)
PRICES = {"BTC": 30_000.0, "XMR": 150.0, "LTC": 75.0}
BY_BTC = (Proxy("BTC", 1.0),)
NETS = Limits(min_ratio=-1.0, allow_long=True)


def both(other: Hedge, coins: dict[str, float], limits: Limits | None = None) -> Decision:
    """The decision on 7 BTC of which half of wealth may stay exposed, and another hedge by BTC."""
    book = Book((vault(BTC=3.0, **coins), account("one", {"BTC": 4.0})))
    hedges = [Hedge("BTC", WeightPolicy(0.5), "wealth"), other]
    return decided(book, hedges, [[USE], [USE]], PRICES, limits or Limits())


WOULD_BUY = [
    (Hedge("XMR", WeightPolicy(0.3), "wealth", proxies=BY_BTC), {"XMR": 100.0}),
    (Hedge("XMR", FixedPolicy(0.2), "coins", 400.0, BY_BTC), {"XMR": 100.0}),
    (Hedge("XMR", FixedPolicy(0.5), "wealth", proxies=BY_BTC), {"XMR": 100.0}),
]


@pytest.mark.parametrize(("other", "coins"), WOULD_BUY, ids=["weight", "coins", "wealth"])
def test_a_hedge_that_would_buy_takes_nothing_from_another(
    other: Hedge, coins: dict[str, float]
) -> None:
    """210,000 of 225,000 USD are BTC, and 112,500 are to stay: 97,500 are sold whatever XMR asks.

    Args: other: its hedge by BTC; coins: what is owned of it.
    """
    decision = both(other, coins)
    assert decision.answer.trade == [-97_500.0]
    assert ratio_after(decision, 0) == pytest.approx(0.5)
    base = decision.answer.base[1]
    assert decision.answer.held[1] == ratio_after(decision, 1) == pytest.approx(1 - 100.0 / base)
    said = "\n".join(reasons(decision, 1))
    assert "its target asks for a long: none is bought" in said
    assert "net of" not in said


@pytest.mark.parametrize("sides", [(0, 1), (1, 0)])
def test_hedges_net_where_futures_may_be_long_and_both_say_so(sides: tuple[int, int]) -> None:
    """XMR asks for 1.75 BTC bought, BTC for 3.25 sold: 1.5 are sold."""
    decision = both(*WOULD_BUY[0], limits=NETS)
    assert decision.answer.trade == [-45_000.0]
    told = (
        "carry it net of XMR, which asks for 1.75 bought: 1.5 sold in all",
        "carry it net of BTC, which asks for 3.25 sold: 1.5 sold in all",
    )
    assert any(told[sides[0]] in line for line in reasons(decision, sides[0]))
    assert not any(told[sides[1]] in line for line in reasons(decision, sides[0]))


def test_what_is_owed_is_bought_and_no_more() -> None:
    """20 XMR owed of a weight of 450: 20 of them, 0.1 BTC, are bought for it."""
    decision = both(WOULD_BUY[0][0], {"XMR": -20.0})
    need = 7.0 - 0.5 * (210_000.0 - 3_000.0) / 30_000.0
    assert decision.work.term == pytest.approx([need, -0.1])
    assert decision.answer.trade == [-round((need - 0.1) * 30_000.0)]


def test_a_long_that_no_hedge_trades_is_not_offset_by_hedges_that_would_buy() -> None:
    """Two coins below their weight ask for nothing, so nothing is sold against it."""
    other = inverse("BTC", venue="deribit")
    long = account("two", {"BTC": 1.0}, (Position(other, 20_000.0, 30_000.0),), venue="deribit")
    book = Book((vault(XMR=100.0, LTC=100.0), account("one", {"BTC": 4.0}), long))
    hedges = [Hedge(coin, WeightPolicy(0.5), "wealth", proxies=BY_BTC) for coin in ("XMR", "LTC")]
    assert decided(book, hedges, [[USE], [USE]], PRICES, Limits()).answer.trade == [0.0, 0.0]


def drawn(seed: int) -> Drawn:
    """A random book of three coins by BTC, some far below what their targets leave exposed."""
    dice = random.Random(seed)
    usd = {coin: dice.choice((1.0, 10.0, 60.0)) * 1_000.0 * dice.random() for coin in PRICES}
    coins = {coin: usd[coin] / PRICES[coin] for coin in PRICES}
    held = account("one", {"BTC": 4.0})
    hedges = []
    for coin in PRICES:
        trigger = dice.choice((0.005, 0.03, 0.1))
        kind = dice.randrange(3)
        policy = WeightPolicy(dice.uniform(0.05, 0.9)) if kind == 0 else FixedPolicy(dice.random())
        base = ("wealth", "wealth", "coins")[kind]
        number = coins[coin] * dice.uniform(0.3, 3.0) if kind == 2 else None
        proxies = () if coin == "BTC" else (Proxy("BTC", dice.uniform(0.3, 1.5)),)
        band = Band(trigger, dice.random() * trigger, trigger, dice.random() * trigger)
        hedges.append(Hedge(coin, policy, base, number, proxies, band=band))  # type: ignore[arg-type]
    setup = Setup(Book((vault(**coins), held)), tuple(hedges), ((USE,),) * 3)
    return Drawn(seed, setup, Quotes(0, PRICES))


def test_silent_rows_of_hedges_that_would_buy_are_a_silent_act() -> None:
    """At other prices, coins and targets; many of these hedges ask for nothing, and some begin."""
    books = would_buy = silent = speaks = 0
    for seed in (*range(60), 240):  # 240: the one that asks stops asking
        book = rested(drawn(seed))
        if book is None or book.rows.used[0] < 0:
            continue
        books += 1
        would_buy += any(code & NO_LONG for code in book.answer.hedge_code)
        dice = random.Random(seed)
        for _ in range(40):
            there = moved(book, dice)
            spoken = speaking(book, there)
            changed = wants_change(decided_at(book, there))
            assert spoken or not changed, (seed, there)
            silent += not spoken
            speaks += changed
    assert books > 40
    assert would_buy > 20
    assert silent > 500
    assert speaks > 200
