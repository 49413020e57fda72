"""What is not own at an exchange: it pays, falls and settles with its account, not into wealth."""

from dataclasses import replace

import pytest

from tests.exchange.one_step import Venue, venue_of
from tests.factories import account, dated, inverse, vault, with_balances
from volsculpt.book.holdings import Account, Book, NotOwn, Position, as_stated
from volsculpt.contracts.spec import Contract

INVERSE, DATED = inverse(), dated()
PRICES = {"BTC": 50_000.0}


def shared(contract: Contract, own: float, other: float, coins: float = 0.0) -> Account:
    """0.2 coin and `coins` of somebody else; a position of which `other` is not own."""
    held = Position(contract, own + other, 50_000.0)
    said = NotOwn(contract, other, 50_000.0)
    one = account("coinm", {"BTC": 0.2 + coins}, (held,), not_own=(said,))
    return replace(one, not_own_coins={"BTC": coins}) if coins else one


def at_venue(one: Account, whole: bool = False) -> Venue:
    """The account beside a coin in a vault; whole: as if all of it were own."""
    book = Book((vault(BTC=1.0), one))
    return venue_of(as_stated(book) if whole else book, PRICES, [50_000.0])


@pytest.mark.parametrize(("own", "other"), [(-20_000.0, -40_000.0), (-80_000.0, 20_000.0)])
def test_a_liquidation_is_of_the_whole_and_takes_all(own: float, other: float) -> None:
    """0.2 coin under 60,000 USD short net falls at 59,701, whoever owns what of it."""
    for high, falls in ((59_690.0, False), (59_701.0, True)):
        venue = at_venue(shared(INVERSE, own, other))
        venue.bar.high_mark[0] = high
        venue.step()
        assert (venue.state.contracts[0] == 0.0) is falls
        assert (venue.state.others[0] == 0.0) is falls
        assert venue.state.others_cost[0] == (0.0 if falls else pytest.approx(other / 50_000.0))
    assert venue.wealth() == pytest.approx(50_000.0)
    assert venue.told() == pytest.approx(50_000.0 - 60_000.0)


def test_coins_that_are_not_own_stand_behind_it_and_fall_with_it() -> None:
    """With 0.1 coin of somebody else it falls at 66,333; a withdrawal of own coins leaves them."""
    for high, falls in ((66_333.0, False), (66_334.0, True)):
        venue = at_venue(shared(INVERSE, -20_000.0, -40_000.0, 0.1))
        assert venue.wallet("coinm", "BTC") == pytest.approx(0.2)
        venue.bar.high_mark[0] = high
        venue.step()
        assert (venue.state.contracts[0] == 0.0) is falls
        assert any(venue.state.others_coins) is not falls
    venue = at_venue(shared(INVERSE, -20.0, -40.0, 0.1))
    venue.bar.flow[venue.wallet_row("coinm", "BTC")] = -0.1
    venue.step()
    assert sum(venue.state.others_coins) == 0.1


def test_funding_is_of_the_whole() -> None:
    """A short of 60,000 USD at 50,000 receives 0.0012 coin at 0.1 %, whoever owns what of it."""
    for whole in (False, True):
        venue = at_venue(shared(INVERSE, -20_000.0, -40_000.0), whole)
        venue.bar.funding[0] = 0.001
        venue.step()
        assert venue.wallet("coinm", "BTC") == pytest.approx(0.2012)


def test_a_delivery_settles_both_parts_into_the_account() -> None:
    """What is not own settles as coins that flow in; causes add up; the wallet is the venue's."""
    wallets = []
    for whole in (False, True):
        venue = at_venue(shared(DATED, -6_000.0, -3_000.0), whole)
        before = venue.wealth()
        venue.bar.delivery[0] = 40_000.0
        venue.step()
        wallets.append(venue.wallet("coinm", "BTC"))
        assert not any((*venue.state.contracts, *venue.state.others, *venue.state.others_cost))
        changed = venue.told()
        assert venue.wealth() - before == pytest.approx(changed)
        flow = 0.0 if whole else 3_000.0 * (1 / 40_000.0 - 1 / 50_000.0) * 50_000.0
        assert venue.usd("flows") == pytest.approx(flow, rel=0.02)
    assert wallets[0] == pytest.approx(wallets[1], rel=1e-12)


def test_an_order_is_judged_on_the_net_position() -> None:
    """To buy back 6,000 grows the long of 54,000 at the venue: refused on 0.0057 coin."""
    for coins, left in ((0.2, 0.0), (0.0057, -6_000.0)):
        one = with_balances(shared(INVERSE, -6_000.0, 60_000.0), BTC=coins)
        venue = at_venue(one)
        venue.order(0, 6_000.0)
        venue.step()
        assert venue.state.contracts[0] == left
