"""Liquidation inside a step: on highs and lows, only of the group, at the worst corner."""

import pytest

from tests.exchange.one_step import Venue, venue_of
from tests.factories import account, inverse, linear, one_leg, vault
from volsculpt.book.holdings import Book, Position
from volsculpt.book.state import SLOT_FREE
from volsculpt.exchange.events import CLOSED, LIQUIDATED, TAKEN
from volsculpt.exchange.rows import NOT_DUE

PERPETUAL = inverse()
# short 60,000 from 50,000 on 0.2 BTC of its own, 1 BTC cold: dies at 59,700
NAKED = Book(
    (vault(BTC=1.0), account("coinm", {"BTC": 0.2}, (Position(PERPETUAL, -60_000.0, 50_000.0),)))
)
AT_50 = {"BTC": 50_000.0}


def through(high: float, low: float, close: float, book: Book = NAKED) -> Venue:
    """The book after a bar that opens at 50,000."""
    venue = venue_of(book, AT_50, [50_000.0])
    venue.bar.high_mark[0], venue.bar.low_mark[0] = high, low
    venue.close_at({"BTC": close}, [close])
    venue.step()
    return venue


@pytest.mark.parametrize(("high", "dies"), [(59_699.99, 0), (59_700.01, 1), (80_000.0, 1)])
def test_a_short_dies_on_the_high(high: float, dies: int) -> None:
    """It is the high that closes a short, wherever the bar ends; the coins outside stay."""
    venue = through(high, 49_000.0, 50_000.0)
    assert venue.count(LIQUIDATED) == dies
    assert venue.state.contracts[0] == (0.0 if dies else -60_000.0)
    assert venue.wallet("vault", "BTC") == 1.0
    if dies:
        assert venue.wallet("coinm", "BTC") == 0.0
        assert venue.wealth() == pytest.approx(50_000.0)
        lost = (0.2 + 60_000.0 / 59_700.0 - 60_000.0 / 50_000.0) * 59_700.0
        assert venue.usd("liquidation") == pytest.approx(-lost, abs=1e-6)


def test_what_dies_is_worth_what_it_was_at_the_breach() -> None:
    """Short 60,000 from 50,000, dead at 59,700: 60,000 USD of contracts, and 0.2 BTC at 59,700."""
    page = through(80_000.0, 49_000.0, 50_000.0).page
    found = {page.event_kind[row]: row for row in range(page.used[0])}
    closed, taken = found[CLOSED], found[TAKEN]
    assert page.event_price[closed] == pytest.approx(59_700.0)
    assert page.event_usd[closed] == pytest.approx(60_000.0)
    assert page.event_price[taken] == pytest.approx(59_700.0)
    assert page.event_usd[taken] == pytest.approx(-0.2 * 59_700.0)


def test_a_long_dies_on_the_low() -> None:
    """Long 60,000 from 50,000 on 0.2: dies at 60,000·1.005/1.4 = 43,071.4."""
    longs = one_leg(PERPETUAL, 60_000.0, 50_000.0, 0.2)
    price = 60_000.0 * 1.005 / 1.4
    assert through(60_000.0, price + 0.01, 50_000.0, longs).count(LIQUIDATED) == 0
    assert through(60_000.0, price - 0.01, 50_000.0, longs).count(LIQUIDATED) == 1


@pytest.mark.parametrize(("entry", "dies"), [(1.02, 0), (1.04, 1)])
def test_a_group_that_no_price_touches_dies_as_it_opens(entry: float, dies: int) -> None:
    """Long 100,000 USDC at 1.02 with 3,000 USDT has 1,000 left of it, at 1.04 less than nothing.

    At what the step opens at, not the one before, where it stood well.
    """
    pegged = linear("USDC", multiplier=1.0)
    book = Book((account("coinm", {"USDT": 3_000.0}, (Position(pegged, 100_000.0, entry),)),))
    venue = venue_of(book, {"USDC": 1.05, "USDT": 1.0}, [1.05])
    venue.open_at({"USDC": 1.0, "USDT": 1.0}, [1.0])
    assert venue.flat.layout.moves[venue.flat.currency("USDC")] == 0
    venue.close_at({"USDC": 1.0, "USDT": 1.0}, [1.0])
    venue.step()
    assert venue.count(LIQUIDATED) == dies


def test_a_fully_posted_short_never_dies() -> None:
    """Law 4: with N/E posted, no high is high enough."""
    book = one_leg(PERPETUAL, -50_000.0, 50_000.0, 1.0)
    assert through(50_000_000.0, 50_000.0, 50_000.0, book).count(LIQUIDATED) == 0


def test_another_account_and_its_coins_stay() -> None:
    """Two groups, one dies: position, orders and coins of the other are untouched."""
    safe = account("safe", {"BTC": 2.0}, (Position(PERPETUAL, -60_000.0, 50_000.0),))
    venue = venue_of(Book((*NAKED.accounts, safe)), AT_50, [50_000.0, 50_000.0])
    venue.order(0, -500.0, due=5)
    venue.order(1, -500.0, due=5)
    for leg in range(2):
        venue.bar.high_mark[leg] = 60_000.0
    venue.step()
    assert list(venue.state.contracts) == [0.0, -60_000.0]
    assert list(venue.pending.order) == [0.0, -500.0]
    assert list(venue.state.slot) == [0, 1]
    assert venue.wallet("safe", "BTC") == 2.0


def test_an_isolated_leg_takes_only_what_it_posted() -> None:
    """The free coins of the same account outlive the position."""
    held = Position(PERPETUAL, -60_000.0, 50_000.0, margin=0.2)
    book = Book((account("coinm", {"BTC": 0.7}, (held,), mode="isolated"),))
    venue = through(59_701.0, 50_000.0, 50_000.0, book)
    assert venue.count(LIQUIDATED) == 1
    assert venue.wallet("coinm", "BTC", PERPETUAL.symbol) == 0.0
    assert venue.wallet("coinm", "BTC") == pytest.approx(0.5)


def corner(btc: tuple[float, float], eth: tuple[float, float]) -> int:
    """Liquidations of a BTC short and an ETH long in USDT, bars (low, high) from 50,000; 2,500."""
    book = Book(
        (
            account(
                "usdm",
                {"USDT": 12_000.0},
                (
                    Position(linear("BTC"), -1.0, 50_000.0),
                    Position(linear("ETH"), 20.0, 2_500.0),
                ),
            ),
        )
    )
    index = {"BTC": 50_000.0, "ETH": 2_500.0}
    venue = venue_of(book, index, [50_000.0, 2_500.0])
    for leg, (low, high) in enumerate((btc, eth)):
        venue.bar.low_mark[leg], venue.bar.high_mark[leg] = low, high
    venue.step()
    return venue.count(LIQUIDATED)


def test_several_coins_meet_at_the_worst_corner() -> None:
    """BTC's high with ETH's low kills what neither kills alone: 6,000 + 6,000 of 12,000."""
    assert corner((50_000.0, 56_000.0), (2_500.0, 2_500.0)) == 0
    assert corner((50_000.0, 50_000.0), (2_200.0, 2_500.0)) == 0
    assert corner((44_000.0, 50_000.0), (2_500.0, 2_800.0)) == 0
    assert corner((50_000.0, 56_000.0), (2_200.0, 2_500.0)) == 1


@pytest.mark.parametrize(("low", "dies"), [(1_500.0, 0), (60.0, 1)])
def test_a_coin_that_backs_a_group_kills_it_in_its_own_fall(low: float, dies: int) -> None:
    """2 ETH behind a short of 1 BTC that stands still; ETH trades in another account."""
    short = (Position(linear("BTC"), -1.0, 50_000.0),)
    weights = {"ETH": 1.0, "USDT": 1.0}
    backed = account("one", {"ETH": 2.0}, short, mode="unified", collateral_weights=weights)
    other = account("two", {"USDT": 9_000.0}, (Position(linear("ETH"), 0.01, 2_500.0),))
    venue = venue_of(Book((backed, other)), {"BTC": 50_000.0, "ETH": 2_500.0}, [50_000.0, 2_500.0])
    venue.bar.low_mark[1] = low
    venue.step()
    assert venue.count(LIQUIDATED) == dies
    assert venue.state.contracts[0] == (0.0 if dies else -1.0)


def test_a_gap_over_the_price_is_a_breach_at_the_open() -> None:
    """What opens beyond the liquidation price is closed there, whatever the bar does."""
    venue = venue_of(NAKED, AT_50, [50_000.0])
    venue.open_at({"BTC": 65_000.0}, [65_000.0])
    venue.bar.high_mark[0] = 80_000.0
    venue.step()
    assert venue.count(LIQUIDATED) == 1
    assert venue.wealth() == pytest.approx(65_000.0)
    assert venue.wealth() - 60_000.0 == pytest.approx(venue.told(), abs=1e-9)
    page = venue.page
    prices = [page.event_price[n] for n in range(page.used[0]) if page.event_kind[n] == CLOSED]
    assert prices == [65_000.0]


def test_orders_of_a_group_end_with_it() -> None:
    """What was on its way when it was closed is not filled, refused or told of later."""
    venue = venue_of(NAKED, AT_50, [50_000.0])
    venue.order(0, -1_000.0, due=1)
    venue.bar.high_mark[0] = 80_000.0
    venue.step()
    assert (venue.state.working[0], venue.state.slot[0]) == (0.0, SLOT_FREE)
    before = venue.page.used[0]
    venue.open_at(AT_50, [50_000.0])
    venue.step(1)
    assert (venue.page.used[0], venue.state.contracts[0]) == (before, 0.0)
    assert venue.pending.order_due[0] == NOT_DUE
