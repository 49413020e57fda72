"""Why an order is split over contracts, accounts and venues: said for each, and as a sentence."""

from dataclasses import replace

from tests.factories import NO_LIMITS, account, decided, fixed, inverse, vault
from volsculpt.book.holdings import Book, Position
from volsculpt.decide.limits import Limits
from volsculpt.decide.split_words import order_whys, split_words
from volsculpt.decide.step import Decision

ONE, TWO = inverse(), inverse(venue="okx")
LEGS = [[("a", ONE, False), ("b", TWO, False)]]
PRICES = {"BTC": 60_000.0}


def whys(made: Decision) -> list[str | None]:
    """Why each of the two orders is as it is."""
    found = order_whys(made)
    return [found.get(made.flat.leg(name, one)) for name, one in (("a", ONE), ("b", TWO))]


def of(first: float, second: float, limits: Limits = NO_LIMITS) -> Decision:
    """2 BTC in a vault sold forward in two accounts with these coins."""
    book = Book((vault(BTC=2.0), account("a", {"BTC": first}), account("b", {"BTC": second})))
    return decided(book, [fixed()], LEGS, PRICES, limits=limits)


def test_the_first_takes_what_its_limit_allows_and_the_next_the_rest() -> None:
    """0.5 BTC at 2x carry 60,000 USD: the sentence names both venues and the limit."""
    made = of(0.5, 2.5, Limits(max_leverage=2.0))
    assert whys(made) == [
        "all that max_leverage 2 allows there",
        "the rest: what the contracts before it in `use` do not carry",
    ]
    (line,) = split_words(made, 0)
    assert line.startswith("split: BTC/USD:BTC on a (bybit) takes ")
    assert line.endswith("allows there; BTC/USD:BTC on b (okx) takes the rest")


def test_one_order_on_the_first_contract_is_not_split() -> None:
    """Where the first carries all there is nothing to say."""
    made = of(3.0, 0.0)
    assert whys(made) == [None, None]
    assert split_words(made, 0) == []


def test_a_first_contract_that_is_full_is_said_though_it_trades_nothing() -> None:
    """All of the order goes to the second: why not to the first is its reason."""
    held = (Position(ONE, -60_000.0, 60_000.0),)
    book = Book((vault(BTC=2.0), account("a", {"BTC": 0.5}, held), account("b", {"BTC": 3.0})))
    made = decided(book, [fixed()], LEGS, PRICES, limits=Limits(max_leverage=2.0))
    assert made.answer.trade[made.flat.leg("a", ONE)] == 0.0
    assert whys(made) == [None, "the rest: what the contracts before it in `use` do not carry"]
    (line,) = split_words(made, 0)
    assert "on a (bybit) takes no more, all that max_leverage 2 allows there" in line


def test_the_largest_position_of_a_venue_is_named() -> None:
    """A venue that lets an account hold 50,000 contracts of a dollar."""
    small = replace(ONE, position_most=50_000.0)
    legs = [[("a", small, False), ("b", TWO, False)]]
    book = Book((vault(BTC=2.0), account("a", {"BTC": 3.0}), account("b", {"BTC": 3.0})))
    made = decided(book, [fixed()], legs, PRICES)
    why = order_whys(made)[made.flat.leg("a", small)]
    assert why.startswith("all that bybit lets one account hold, 50,000 contracts")


def test_what_is_bought_back_of_several_is_told_in_its_order() -> None:
    """From all sold to a little: the last in use first, then the first."""
    held = [(Position(one, -90_000.0, 60_000.0),) for one in (ONE, TWO)]
    book = Book(
        (vault(BTC=1.0), account("a", {"BTC": 1.0}, held[0]), account("b", {"BTC": 1.0}, held[1]))
    )
    made = decided(book, [fixed(ratio=0.2)], LEGS, PRICES)
    (line,) = split_words(made, 0)
    assert line.endswith("BTC/USD:BTC on b (okx), then BTC/USD:BTC on a (bybit)")
