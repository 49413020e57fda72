"""The judge itself: what it excuses, it excuses for that reason only."""

import pytest

from tests.factories import account, fixed, inverse, linear, vault
from tests.laws.bounds import breaches, can_be_kept
from tests.laws.drawn import Drawn
from tests.laws.formulas import groups_of
from tests.laws.judge import lot_left_over
from tests.laws.neighbours import asks_for_more, climbs, passed_on
from volsculpt.book.holdings import Book, Position
from volsculpt.contracts.spec import Margin, Tier
from volsculpt.decide.limits import Limits
from volsculpt.decide.step import Setup
from volsculpt.market.quotes import Quotes

LONG = linear()
SHORT = linear("ETH")
OTHER = inverse(multiplier=100.0)
QUOTES = Quotes(0, {"BTC": 60_000.0, "ETH": 3_000.0, "USDT": 1.0})


def drawn(book: Book, *legs: tuple[str, object, bool]) -> Drawn:
    """A book whose one hedge trades some legs."""
    return Drawn(0, Setup(book, (fixed(),), (legs,)), QUOTES)  # type: ignore[arg-type]


def held(*sizes: float, mode: str = "unified") -> Book:
    """Contracts held of the three legs, on 100,000 USDT."""
    lines = [
        Position(contract, size, entry, margin=1.0)
        for contract, size, entry in zip(
            (LONG, OTHER, SHORT), sizes, (60_000.0, 60_000.0, 3_000.0), strict=False
        )
        if size
    ]
    return Book((vault(), account("one", {"USDT": 1e5, "BTC": 1.0}, lines, mode=mode)))


@pytest.mark.parametrize(
    ("tradable", "kept"),
    [({LONG.key}, False), ({SHORT.key}, True), ({LONG.key, SHORT.key}, True), (set(), False)],
)
def test_a_limit_is_excused_where_no_smaller_size_keeps_it(tradable: set[str], kept: bool) -> None:
    """A long offsets the short that breaks the limit: closing the long alone is no help."""
    book = held(0.5, 0.0, -60.0, mode="cross")
    group = next(groups_of(book))
    limits = Limits(min_liquidation_distance=0.9)
    (words,) = breaches(drawn(book), group, limits, 1.05, 0.0)
    assert can_be_kept(drawn(book), group, limits, words, tradable) is kept


def test_each_limit_is_excused_by_itself() -> None:
    """Leverage can be kept by closing what leaves the distance as it is."""
    book = held(1.0, 0.0, -60.0, mode="cross")
    group = next(groups_of(book))
    limits = Limits(max_leverage=2.0, min_liquidation_distance=0.9)
    by_leverage, by_distance = breaches(drawn(book), group, limits, 1.05, 0.0)
    assert can_be_kept(drawn(book), group, limits, by_leverage, {LONG.key})
    assert not can_be_kept(drawn(book), group, limits, by_distance, {LONG.key})


def test_room_is_passed_on_within_a_group_only() -> None:
    """A leg may hold more for one before it that holds less of the same margin, else it may not."""
    legs = (("one", OTHER, False), ("one", LONG, False))
    loose, tight = held(-0.1, -600.0), held(-1.5, -60.0)
    one = drawn(loose, *legs)
    assert passed_on(one, loose, tight, "BTC", -1.0) == pytest.approx(1.4 - 0.9)
    assert passed_on(drawn(loose, *legs[::-1]), loose, tight, "BTC", -1.0) == 0.0
    assert passed_on(one, loose, held(-1.5, -600.0), "BTC", -1.0) == 0.0
    assert passed_on(one, loose, held(-0.2, -60.0), "BTC", -1.0) == 0.0
    for mode in ("cross", "isolated"):
        apart = (held(-0.1, -600.0, mode=mode), held(-1.5, -60.0, mode=mode))
        assert passed_on(one, *apart, "BTC", -1.0) == 0.0


def test_isolated_legs_pass_on_the_free_coins_that_one_grows_by() -> None:
    """2 BTC in place of 1, the dearer: what was there before took no coins of it."""
    first = linear(symbol="BTC/USDT:FIRST")
    legs = (("one", first, False), ("one", LONG, False))

    def both(*sizes: float) -> Book:
        lines = [
            Position(contract, size, 60_000.0, margin=1e4)
            for contract, size in zip((first, LONG), sizes, strict=True)
        ]
        return Book((vault(), account("one", {"USDT": 1e5}, lines, mode="isolated")))

    loose, tight = both(-1.0, -1.0), both(-0.1, -3.0)
    assert passed_on(drawn(both(-0.1, -0.5), *legs), loose, tight, "BTC", -1.0) == 2.0 - 0.9
    assert passed_on(drawn(both(-0.1, -1.5), *legs), loose, tight, "BTC", -1.0) == 1.5 - 0.9
    assert passed_on(drawn(both(-1.0, -3.0), *legs), loose, tight, "BTC", -1.0) == 0.0


def test_a_leg_climbs_where_more_of_it_is_in_a_higher_tier() -> None:
    """2 BTC in a tier of 5x beside 1 in one of 10x; of one tier more is no step, nor is less."""
    tiers = (Tier(0.0, 0.01, initial_rate=0.1), Tier(9e4, 0.02, initial_rate=0.2))
    stepped = linear(margin=Margin(tiers=tiers))

    def some(size: float) -> Book:
        line = Position(stepped, size, 60_000.0)
        return Book((vault(), account("one", {"USDT": 1e5}, [line], mode="unified")))

    one = drawn(some(-1.0), ("one", stepped, False))
    assert climbs(one, some(-1.0), some(-2.0), "BTC")
    assert not climbs(one, some(-1.0), some(-1.4), "BTC")
    assert not climbs(one, some(-2.0), some(-1.0), "BTC")


def test_coins_under_a_lot_count_where_a_hedge_has_two_legs() -> None:
    """The largest lot in dollars; of a lone leg nothing is left to another."""
    both = drawn(held(), ("one", LONG, False), ("one", OTHER, False))
    assert lot_left_over(both) == pytest.approx(100.0)
    assert lot_left_over(drawn(held(), ("one", OTHER, False))) == 0.0


def test_a_limit_asks_for_more_where_a_leg_offsets_what_no_hedge_trades() -> None:
    """Beside a short that no hedge trades a small long keeps no limit, a large one does."""
    limits = Limits(min_liquidation_distance=0.9)
    small, large = held(0.5, 0.0, -60.0, mode="cross"), held(2.0, 0.0, -60.0, mode="cross")
    one = drawn(small, ("one", LONG, False))
    assert asks_for_more(one, small, limits, "BTC")
    assert not asks_for_more(one, large, limits, "BTC")
    assert not asks_for_more(one, held(-4.0, mode="cross"), limits, "BTC")
