"""What is not known now stops orders there, and nowhere else."""

import pytest

from tests.factories import CHRISTMAS_2024_NS, account, dated, fixed, inverse, trades, vault
from volsculpt.book.flatten import flatten
from volsculpt.book.holdings import Book, Position
from volsculpt.book.state import SLOT_FREE, SLOT_MISSING
from volsculpt.decide.build import miss_expired
from volsculpt.decide.limits import Limits
from volsculpt.decide.rules import UNKNOWN_DATA
from volsculpt.decide.step import Decision, Missing, Setup, decide
from volsculpt.market.quotes import Quotes

COINS = {"BTC": 60_000.0, "ETH": 3_000.0}


def without(missing: Missing) -> Decision:
    """Two hedges in one account; some of it is not known."""
    contracts = {coin: inverse(coin) for coin in COINS}
    book = Book((vault(BTC=1.0, ETH=20.0), account("coinm", {"BTC": 1.0, "ETH": 20.0})))
    legs = tuple((("coinm", contracts[coin], False),) for coin in COINS)
    hedges = tuple(fixed(coin, 0.5) for coin in COINS)
    setup = Setup(book, hedges, legs, missing=missing)
    return decide(setup, Quotes(0, dict(COINS), {}), 0)


@pytest.mark.parametrize("coin", COINS)
def test_a_coin_that_is_not_known_is_not_traded(coin: str) -> None:
    """Its hedge says so, the other goes on as if nothing were."""
    whole, partly = without(Missing()), without(Missing(currencies=frozenset({coin})))
    key = inverse(coin).key
    assert set(trades(whole)) == {inverse(name).key for name in COINS}
    assert trades(partly) == {one: size for one, size in trades(whole).items() if one != key}
    codes = dict(zip(COINS, partly.answer.hedge_code, strict=True))
    assert [name for name, code in codes.items() if code & UNKNOWN_DATA] == [coin]


@pytest.mark.parametrize("coin", COINS)
def test_a_position_that_is_not_known_is_not_traded(coin: str) -> None:
    """Of one contract in one account."""
    key = inverse(coin).key
    partly = without(Missing(legs=frozenset({("coinm", key)})))
    expected = {one: size for one, size in trades(without(Missing())).items() if one != key}
    assert trades(partly) == expected


def test_a_position_that_is_not_known_counts_as_held_whole() -> None:
    """Nor is it cut back to a limit: what was cut there would be hedged a second time elsewhere."""
    contract = inverse()
    stuck = account("one", {"BTC": 0.25}, (Position(contract, -120_000.0, 60_000.0),))
    book = Book((vault(BTC=0.95), stuck, account("two", {"BTC": 1.0})))
    legs = ((("one", contract, False), ("two", contract, False)),)
    missing = Missing(legs=frozenset({("one", contract.key)}))
    setup = Setup(book, (fixed(),), legs, limits=Limits(max_leverage=4.0), missing=missing)
    decision = decide(setup, Quotes(0, dict(COINS), {}), 0)
    assert list(decision.answer.trade) == [0.0, -12_000.0]
    assert decision.answer.after[0] == pytest.approx(-2.2)


@pytest.mark.parametrize("late", [-1, 0, 1])
def test_what_has_expired_is_missing(late: int) -> None:
    """From its expiry on, its leg and its coin; another leg, another coin and what is flat are not.

    late: ns after the expiry.
    """
    lines = (
        Position(dated("ETH"), -3_000.0, 3_000.0),
        Position(inverse(), -60_000.0, 60_000.0),
        Position(inverse("ETH"), -3_000.0, 3_000.0),
    )
    own = account("coinm", {"BTC": 1.0, "ETH": 9.0}, lines)
    flat = flatten(Book((vault(BTC=1.0), own)), [("coinm", dated())])
    miss_expired(flat, CHRISTMAS_2024_NS + late)
    missing = [flat.legs[leg][1].key for leg, slot in enumerate(flat.state.slot) if slot]
    assert missing == ([dated("ETH").key] if late >= 0 else [])
    assert set(flat.state.slot) <= {SLOT_FREE, SLOT_MISSING}
    unknown = [
        name for name, known in zip(flat.currencies, flat.state.known, strict=True) if not known
    ]
    assert unknown == (["ETH"] if late >= 0 else [])
