"""What a step books and tells of odd moments: single contracts, deliveries, sweeps, arrivals."""

import pytest

from tests.exchange.one_step import Venue, quote_of, venue_of
from tests.factories import account, dated, inverse, linear, one_leg, vault
from volsculpt.book.flatten import flatten
from volsculpt.book.holdings import Book, Position, Sweep
from volsculpt.contracts.orders import NO_MARGIN
from volsculpt.exchange import events as kinds
from volsculpt.exchange.events import add_charge, add_coded, add_event, add_trade, new_page
from volsculpt.exchange.reprice import reprice

AT_60 = {"BTC": 60_000.0}
PERPETUAL = inverse()


def rows(venue: Venue, kind: int) -> list[tuple[float, float, float]]:
    """(size, price, usd) of each event of a kind."""
    page = venue.page
    return [
        (page.event_size[row], page.event_price[row], page.event_usd[row])
        for row in range(page.used[0])
        if page.event_kind[row] == kind
    ]


@pytest.mark.parametrize("size", [1.0, -1.0, 2.0])
@pytest.mark.parametrize("rate", [1.0, 0.0001])
def test_funding_of_any_size_at_any_rate_is_paid(size: float, rate: float) -> None:
    """One contract is as many as another, and a rate of 100 % a rate."""
    venue = venue_of(one_leg(linear(), size, 60_000.0, 900_000.0), AT_60, [60_000.0])
    venue.bar.funding[0] = rate
    venue.step()
    assert venue.usd("funding") == pytest.approx(-size * rate * 60_000.0, rel=1e-12)


def test_no_funding_is_told_where_nothing_is_held() -> None:
    """Nor where it is 0."""
    for held, rate in ((0.0, 0.01), (-6_000.0, 0.0)):
        positions = (Position(PERPETUAL, held, 60_000.0),) if held else ()
        book = Book((account("coinm", {"BTC": 1.0}, positions),))
        venue = venue_of(book, AT_60, [60_000.0], [("coinm", PERPETUAL)])
        venue.bar.funding[0] = rate
        venue.step()
        assert rows(venue, kinds.FUNDED) == []


def test_an_isolated_position_pays_funding_out_of_what_it_posted() -> None:
    """No free coin is there: 0.01 of the 0.2 coins posted to 60,000 USD go, and none is owed."""
    held = Position(PERPETUAL, -60_000.0, 60_000.0, margin=0.2)
    book = Book((account("coinm", {"BTC": 0.2}, (held,), mode="isolated"),))
    venue = venue_of(book, AT_60, [60_000.0])
    venue.bar.funding[0] = -0.01
    venue.step()
    assert venue.wallet("coinm", "BTC") == pytest.approx(0.0, abs=1e-15)
    assert venue.wallet("coinm", "BTC", PERPETUAL.symbol) == pytest.approx(0.19, abs=1e-12)


def test_a_sweep_is_sold_at_the_price_of_what_it_buys() -> None:
    """0.001 BTC at 50,000 into dollars at 0.98 each, 0.2 % lost: 50.918; 0.000002 BTC are told."""
    held = Position(PERPETUAL, -60_000.0, 50_000.0)
    book = Book(
        (account("coinm", {"BTC": 2.0}, (held,)), vault("bank", USDT=0.0)),
        sweeps=(Sweep("bank", "USDT", cost=0.002),),
    )
    at = {"BTC": 50_000.0, "USDT": 0.98}
    venue = venue_of(book, at, [50_000.0])
    venue.open_at(at, [60_000.0])
    venue.bar.funding[0] = 0.001
    venue.step()
    assert venue.wallet("bank", "USDT") == pytest.approx(49.90 / 0.98, rel=1e-12)
    (told,) = rows(venue, kinds.SWEPT)
    assert told == pytest.approx((-0.000002, 50_000.0, -0.1), rel=1e-9)


@pytest.mark.parametrize("contracts", [1.0, -1.0, -3.0])
def test_a_delivery_tells_what_left_and_what_it_was_worth(contracts: float) -> None:
    """Contracts of 6,000 USD at 60,000, settled at 50,000 against a last mark of 55,000.

    The fee of 1 % of 0.12 coin a contract is cost, all else of it against the mark is basis.
    """
    contract = dated(multiplier=6_000.0)
    venue = venue_of(
        one_leg(contract, contracts, 60_000.0, 9.0),
        {"BTC": 50_000.0},
        [55_000.0],
        delivery_fee=0.01,
    )
    before = venue.wealth()
    venue.bar.delivery[0] = 50_000.0
    venue.step()
    worth = abs(contracts) * 0.12 * 50_000.0
    assert rows(venue, kinds.DELIVERED) == [(-contracts, 50_000.0, pytest.approx(worth))]
    assert venue.usd("fees") == pytest.approx(-0.01 * worth, rel=1e-12)
    against = contracts * 6_000.0 * (1 / 55_000.0 - 1 / 50_000.0) * 50_000.0
    assert venue.usd("basis") == pytest.approx(against, rel=1e-9)
    assert venue.wealth() - before == pytest.approx(venue.told(), abs=1e-9)


def test_a_delivery_ends_the_orders_of_its_contract_and_no_others() -> None:
    """Due in the same step, one on the dated contract never fills; its slot is free."""
    contract = dated()
    book = Book((account("coinm", {"BTC": 5.0}),))
    legs = [("coinm", contract), ("coinm", PERPETUAL)]
    venue = venue_of(book, AT_60, [60_000.0, 60_000.0], legs)
    for leg in (0, 1):
        venue.order(leg, -600.0)
    venue.bar.delivery[0] = 60_000.0
    venue.step()
    assert venue.state.contracts[:2] == [0.0, -600.0]
    assert (venue.state.slot[0], venue.state.working[0]) == (0, 0.0)
    assert rows(venue, kinds.DELIVERED) == []  # nothing of it was held


def test_what_has_arrived_is_told_and_is_not_on_its_way_any_more() -> None:
    """Once, with its coins and no price; its place is empty for the next."""
    book = Book((vault(BTC=1.0), account("coinm", {"BTC": 1.0})))
    venue = venue_of(book, AT_60, [60_000.0], [("coinm", PERPETUAL)])
    venue.state.wallet[venue.terms.transit_wallet[0]] += 0.3
    venue.pending.transfer[0], venue.pending.transfer_due[0] = 0.3, 1
    for step in range(1, 4):
        venue.step(step)
    assert rows(venue, kinds.ARRIVED) == [(0.3, 0.0, 0.0)]
    assert (venue.pending.transfer[0], venue.pending.transfer_due[0]) == (0.0, -1)
    assert venue.wallet("coinm", "BTC") == pytest.approx(1.3)


def test_what_is_filled_is_not_on_its_way_any_more() -> None:
    """No order, due at no step."""
    venue = venue_of(one_leg(PERPETUAL, -600.0, 60_000.0, 1.0), AT_60, [60_000.0])
    venue.order(0, -600.0)
    venue.step()
    assert (venue.pending.order[0], venue.pending.order_due[0]) == (0.0, -1)


@pytest.mark.parametrize(("coins", "fills"), [(0.19, False), (0.2, True), (0.21, True)])
def test_margin_is_posted_out_of_coins_that_are_there(coins: float, fills: bool) -> None:
    """1 BTC at 5x posts 0.2, far more than a venue asks for; 0.19 are no 0.2."""
    book = Book((account("coinm", {"BTC": coins}, mode="isolated", leverage=5.0),))
    venue = venue_of(book, AT_60, [60_000.0], [("coinm", PERPETUAL)])
    venue.order(0, -60_000.0)
    venue.step()
    assert venue.state.contracts[0] == (-60_000.0 if fills else 0.0)
    if not fills:
        assert venue.page.event_code[0] == NO_MARGIN


def test_what_only_turns_round_is_not_asked_for_margin() -> None:
    """0.001 coin behind 6,000 USD: as much the other way is no growth; a dollar more is."""
    for size, there in ((12_000.0, 6_000.0), (12_001.0, -6_000.0)):
        venue = venue_of(one_leg(PERPETUAL, -6_000.0, 60_000.0, 0.0004), AT_60, [60_000.0])
        venue.bar.high_mark[0] = venue.bar.low_mark[0] = 60_000.0
        venue.order(0, size)
        venue.step()
        assert [row[0] for row in rows(venue, kinds.REFUSED)] == ([] if there > 0.0 else [size])


def test_a_move_with_the_index_is_futures_and_the_rest_basis() -> None:
    """A long of 1 BTC in USDT that falls from 0.99 to 0.98, along an index that rises by 10 %."""
    flat = flatten(one_leg(linear(), 1.0, 60_000.0, 10_000.0))
    before = quote_of(flat, {"BTC": 59_400.0, "USDT": 0.99}, [60_500.0])
    after = quote_of(flat, {"BTC": 65_340.0, "USDT": 0.98}, [68_000.0])
    spot, futures, basis = reprice(flat.layout, flat.state, before, after)
    along = 60_500.0 * 1.1 / (0.98 / 0.99)
    assert spot == pytest.approx(-0.01 * 10_000.0)
    assert futures == pytest.approx((along - 60_000.0) * 0.98 - 500.0 * 0.99)
    assert basis == pytest.approx((68_000.0 - along) * 0.98)


def test_a_contract_that_is_not_held_needs_no_price() -> None:
    """Before it begins its mark is 0."""
    flat = flatten(Book((account("coinm", {"BTC": 1.0}),)), [("coinm", PERPETUAL)])
    before, after = (quote_of(flat, {"BTC": price}, [0.0]) for price in (60_000.0, 66_000.0))
    assert reprice(flat.layout, flat.state, before, after) == (6_000.0, 0.0, 0.0)


def test_kinds_of_events_are_told_apart() -> None:
    """From each other, and from a row in which nothing is written."""
    found = [one for name, one in vars(kinds).items() if name.isupper() and type(one) is int]
    assert len({0, *found}) == len(found) + 1 == 17


def test_a_page_has_room_for_all_that_can_happen() -> None:
    """Eight for a leg, two for a wallet, four for a group, one for a source and a hedge."""
    places = [(1, 0, 0, 0, 0), (0, 1, 0, 0, 0), (0, 0, 1, 0, 0), (0, 0, 0, 1, 0), (0, 0, 0, 0, 1)]
    assert [kinds.page_rows(*one) for one in places] == [8, 2, 4, 1, 1]
    assert kinds.page_rows(2, 3, 5, 7, 11) == 16 + 6 + 20 + 7 + 11


def test_a_row_says_only_what_it_was_given() -> None:
    """Whatever the page held before: a page is written over step by step."""
    page = new_page(1, 0, 0, 0, 0)
    columns = [getattr(page, name) for name in page._fields if name.startswith("event_")]
    for column in columns:
        column[:] = [9] * len(column)
    add_event(page, 1, 2, 3.0, 4.0, 5.0)
    add_trade(page, 6, 7, 8.0, 9.5, 10.0, 11.0)
    add_charge(page, 0.001, 50_000.0)
    add_coded(page, 12, 13, 14, 15.0, 16.0)
    assert page.used[0] == 3
    assert [[column[row] for column in columns] for row in range(3)] == [
        [1, 2, 0, 3.0, 4.0, 5.0, 0.0, 0.0, 0.0],
        [6, 7, 0, 8.0, 9.5, 10.0, -50.0, 11.0, 0.001],
        [12, 13, 14, 15.0, 16.0, 0.0, 0.0, 0.0, 0.0],
    ]
