"""What a book says by name: its accounts, their sweeps, and what is so unless told otherwise."""

from dataclasses import replace

from tests.factories import account, inverse, linear, vault
from volsculpt.book.holdings import (
    Book,
    Flow,
    NotOwn,
    OwnFees,
    Position,
    Sweep,
    Transfer,
    as_stated,
)


def test_an_account_is_found_by_its_name() -> None:
    """The first, the last, or none."""
    book = Book((vault(BTC=1.0), account("one"), account("two")))
    found = [book.account(name) for name in ("vault", "one", "two", "three")]
    assert found == [*book.accounts, None]


def test_a_sweep_that_names_its_account_goes_before_one_for_all() -> None:
    """In whichever order they are told; without either there is none."""
    named, every = Sweep("vault", "USD", "one"), Sweep("bank")
    for sweeps in ((named, every), (every, named)):
        book = Book((), sweeps=sweeps)
        assert (book.sweep_of("one"), book.sweep_of("two")) == (named, every)
    assert Book((), sweeps=(named,)).sweep_of("one") == named
    assert Book((), sweeps=(named,)).sweep_of("two") is None


def test_a_venue_does_not_know_who_owns_what() -> None:
    """Of every account all is as it states it; nothing else of the book changes."""
    not_own = {"not_own": (NotOwn(inverse()),), "not_own_coins": {"BTC": 0.5}}
    bare = [account(name, {"BTC": 1.0}, bonus={"BTC": 0.1}) for name in ("one", "two")]
    told = [replace(one, **not_own) for one in bare]
    book = Book((vault(ETH=1.0), *told), flows=(Flow("one", "BTC", 1.0),))
    assert as_stated(book) == replace(book, accounts=(vault(ETH=1.0), *bare))


def test_nothing_is_so_unless_it_is_told() -> None:
    """No discount, no cost of a sweep, nothing assumed or owed to others; coins sent are sent."""
    one = account("one")
    assert (one.is_assumed, one.fees) == (False, OwnFees())
    assert (OwnFees().discount, OwnFees().taker) == (0.0, None)
    assert (one.bonus, one.not_own, one.not_own_coins) == ({}, (), {})
    assert (Sweep("vault").cost, Transfer("BTC", 1.0, "one").is_sent) == (0.0, True)
    line = Position(linear(), 1.0, 2.0)
    assert (line.margin, line.leverage) == (None, None)
