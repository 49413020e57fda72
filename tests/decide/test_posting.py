"""What is put behind isolated positions: free coins first, nothing twice, nothing that is lost."""

import random

import pytest

from tests.factories import account, decided, fixed, inverse, trades, vault
from volsculpt.book.holdings import Account, Book, Position
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.margin_need import is_lost
from volsculpt.decide.step import Decision
from volsculpt.hedge.answer import Band

BTC = inverse()
WIDE = Band(0.2, 0.2, 0.2, 0.2)
NONE = Limits()


def short(
    posted: float, free: float, entry: float = 60_000.0, contracts: float = -60_000.0
) -> Account:
    """An isolated short at bybit with coins posted to it and coins free beside it."""
    held = Position(BTC, contracts, entry, margin=posted, leverage=5.0)
    return account("iso", {"BTC": posted + free}, (held,), mode="isolated", leverage=5.0)


def kept(own: Account, price: float = 60_000.0, limits: Limits = NONE) -> Decision:
    """A decision whose ratio is as it should be, with coins in a vault to be moved."""
    book = Book((vault(BTC=3.0), own))
    ratio = 60_000.0 / price / 3.2
    plans = (CollateralPlan(("vault",), (2.0, 3.0, 3.0, 4.0)),)
    prices = {"BTC": price}
    return decided(
        book, (fixed("BTC", ratio, band=WIDE),), ((("iso", BTC, False),),), prices, limits, plans
    )


@pytest.mark.parametrize(("free", "posts", "brings"), [(0.06, 0.06, 0.0), (0.02, 0.02, 0.1133)])
def test_coins_are_brought_only_where_free_ones_do_not_do(
    free: float, posts: float, brings: float
) -> None:
    """1 BTC at 5x under a band to 4x: 0.05 bring it back; what came besides would lie idle."""
    answer = kept(short(0.2, free)).answer
    assert answer.post[0] == pytest.approx(posts)
    assert answer.top_up[0] == pytest.approx(brings, abs=1e-4)


def test_a_position_comes_to_rest_within_its_band_with_nothing_idle() -> None:
    """Whatever is free: coins that are brought are posted, and then nothing more is asked for."""
    dice = random.Random(3)
    for _ in range(60):
        posted, free = dice.uniform(0.15, 0.3), dice.uniform(0.0, 0.2)
        brought = 0.0
        for _ in range(8):
            answer = kept(short(posted, free)).answer
            posts, sent = answer.post[0], answer.top_up[0]
            posted, free, brought = posted + posts, free - posts + sent, brought + sent
            if posts == 0.0 and sent == 0.0:
                break
        else:
            pytest.fail("it does not come to rest")
        assert 1.0 / posted <= 4.0 * (1.0 + 1e-9)
        assert brought == 0.0 or free < 0.002


def test_the_last_digits_of_a_price_do_not_say_how_much_is_brought() -> None:
    """Posted exactly up to a limit, beyond the band: equal books ask for equal shares."""
    dice, asked = random.Random(1), set[tuple[float, float]]()
    for _ in range(200):
        price, contracts = round(dice.uniform(2e4, 9e4), 2), dice.randrange(10_000, 200_000)
        coins = contracts / price
        own = short(coins / 4.5, coins / 4.0 - coins / 4.5, price, -float(contracts))
        plan = CollateralPlan(("vault",), (2.0, 3.5, 3.5, 3.9))
        book = Book((vault(BTC=3.0 * coins), own))
        ratio, legs = coins / (3.0 * coins + coins / 4.0), ((("iso", BTC, False),),)
        limits, prices = Limits(max_leverage=4.0), {"BTC": price}
        answer = decided(book, (fixed("BTC", ratio),), legs, prices, limits, (plan,)).answer
        asked.add((round(answer.top_up[0] / coins, 4), round(answer.post[0] / coins, 4)))
    assert asked == {(round(1.0 / 3.5 - 0.25, 4), round(0.25 - 1.0 / 4.5, 4))}


@pytest.mark.parametrize("mode", ["isolated", "cross"])
@pytest.mark.parametrize("most", [None, 4.0])
def test_nothing_is_put_behind_what_is_lost(mode: str, most: float | None) -> None:
    """A short of 60,000 from 40,000 on 0.1 BTC owes 0.4 at 60,000: the venue closes it.

    At 42,000 it has 0.03, and coins come.
    """
    for price, is_gone in ((60_000.0, True), (42_000.0, False)):
        posted = 0.1 if mode == "isolated" else None
        held = Position(BTC, -60_000.0, 40_000.0, margin=posted, leverage=5.0 if posted else None)
        leverage = 5.0 if posted else None
        coins = {"BTC": 0.1 if mode == "cross" else 2.0}
        own = account("iso", coins, (held,), mode=mode, leverage=leverage)
        decision = kept(own, price, Limits(max_leverage=most))
        given = decision.answer.post[0] + decision.answer.top_up[0]
        assert (given > 0.0) != is_gone, price
        assert is_lost(decision.problem, 0) == is_gone
        assert trades(decision).get(BTC.key, 0.0) >= 0.0


@pytest.mark.parametrize("mode", ["isolated", "cross"])
def test_what_is_lost_does_not_grow(mode: str) -> None:
    """Coins that a larger position would post would go with what is owed: 2 BTC more stay free."""
    posted = 0.1 if mode == "isolated" else None
    held = Position(BTC, -60_000.0, 40_000.0, margin=posted, leverage=20.0 if posted else None)
    coins = {"BTC": 0.1 if mode == "cross" else 2.1}
    own = account("iso", coins, (held,), mode=mode, leverage=20.0 if posted else None)
    book = Book((vault(BTC=1.0), own))
    legs = ((("iso", BTC, False),),)
    decision = decided(book, (fixed("BTC", 1.0),), legs, {"BTC": 60_000.0})
    assert trades(decision).get(BTC.key, 0.0) >= 0.0
