"""Ends looked for once are those that are looked for each time, to the bit."""

from unittest.mock import Mock

import pytest

from tests.factories import account, flat_at, linear
from tests.laws.drawn import draw
from volsculpt.book import breaches as module
from volsculpt.book.breaches import Breaches
from volsculpt.book.exposure import venue_contracts
from volsculpt.book.flatten import Flat
from volsculpt.book.holdings import Book, Position
from volsculpt.book.liquidation import DOWN, UP, liquidation_factor, nearest_factor
from volsculpt.book.state import Quote, State, copy_state
from volsculpt.decide.quoting import flat_quote
from volsculpt.decide.step import flat_of
from volsculpt.watch.breach import breach_at, main_leg


def test_each_end_is_that_of_the_function_that_looks_for_it() -> None:
    """Up, down and the nearer of both, of groups with and without contracts and loans."""
    for seed in range(40):
        found = of_seed(seed)
        book = (found.flat.layout, found.state, found.quote)
        for group in range(len(found.flat.groups)):
            for direction in (UP, DOWN):
                end = liquidation_factor(*book, group, direction, -1, 1)
                assert found.toward(group, direction) == end
            assert found.nearest(group) == nearest_factor(*book, group, -1, 1)


def test_what_a_venue_says_of_its_only_position_is_where_the_group_ends() -> None:
    """The figure with every other position held still is looked for where there are others."""
    alone = 0
    for seed in range(40):
        found = of_seed(seed)
        flat, book = found.flat, (found.flat.layout, found.state, found.quote)
        for group in range(len(flat.groups)):
            leg = main_leg(flat, (found.state,), found.quote, group)
            held = [one for one in flat.legs_of(group) if venue_contracts(found.state, one)]
            told = breach_at(found, group, leg, alone=True)
            if leg in held:
                _, factor = nearest_factor(*book, group, leg, 1)
                assert told is None or told.move == factor - 1.0
                alone += held == [leg]
    assert alone > 10


def test_groups_that_no_price_can_breach_are_not_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is held and nothing owed there is no end, and no search for one."""
    for seed in range(40):
        found = of_seed(seed)
        for leg in range(len(found.flat.legs)):
            for column in (found.state.contracts, found.state.cost, found.state.others):
                column[leg] = 0.0
            found.state.others_cost[leg] = 0.0
        for wallet, coins in enumerate(found.state.wallet):
            found.state.wallet[wallet] = abs(coins)
        book = (found.flat.layout, found.state, found.quote)
        groups = range(len(found.flat.groups))
        slow = [liquidation_factor(*book, group, UP, -1, 1) for group in groups]
        with monkeypatch.context() as patch:
            patch.setattr(module, "liquidation_factor", None)
            assert [found.toward(group, UP) for group in groups] == slow


def test_what_no_trade_has_touched_ends_where_it_did(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a book and one in which one figure of a group is another: only that one is searched."""
    for seed in range(40):
        found = of_seed(seed)
        columns = ("contracts", "cost", "others", "others_cost")
        for name, row in [(name, 0) for name in columns] + [("wallet", first_wallet(found))]:
            after = copy_state(found.state)
            getattr(after, name)[row] -= 0.125
            late = Breaches(found.flat, after, found.quote, found)
            for group in range(len(found.flat.groups)):
                end = liquidation_factor(found.flat.layout, after, found.quote, group, UP, -1, 1)
                assert late.toward(group, UP) == end
        counted = Mock(wraps=liquidation_factor)
        again = Breaches(found.flat, copy_state(found.state), found.quote, found)
        with monkeypatch.context() as patch:
            for group in range(len(found.flat.groups)):
                found.toward(group, UP)
            patch.setattr(module, "liquidation_factor", counted)
            ends = [again.toward(group, UP) for group in range(len(found.flat.groups))]
            assert not counted.called
            assert ends == [found.toward(group, UP) for group in range(len(found.flat.groups))]


def first_wallet(found: Breaches) -> int:
    """A wallet that backs a group."""
    return next(row for row, group in enumerate(found.flat.layout.wallet_group) if group >= 0)


def of_seed(seed: int) -> Breaches:
    """A random book, as it is held."""
    drawn = draw(seed)
    flat = flat_of(drawn.setup)
    return Breaches(flat, flat.state, flat_quote(flat, drawn.quotes).quote)


def test_beside_another_position_a_venue_says_where_one_alone_would_end() -> None:
    """Shorts of two coins end nearer together than one of them while the other stands still."""
    shorts = tuple(
        Position(linear(coin), -contracts, price)
        for coin, contracts, price in (("BTC", 1.0, 60_000.0), ("ETH", 20.0, 3_000.0))
    )
    book = Book((account("usdm", {"USDT": 40_000.0}, shorts),))
    found = Breaches(*at_prices(book, {"BTC": 60_000.0, "ETH": 3_000.0, "USDT": 1.0}))
    together, alone = breach_at(found, 0, 0), breach_at(found, 0, 0, alone=True)
    assert together is not None
    assert alone is not None
    assert 0.0 < together.move < 0.7 * alone.move


def at_prices(book: Book, prices: dict[str, float]) -> tuple[Flat, State, Quote]:
    """A book at its prices."""
    flat, quote = flat_at(book, prices)
    return flat, flat.state, quote
