"""Books that contradict themselves, or cannot be sized: each is named with what to do."""

from dataclasses import replace

import pytest

from tests.factories import account, decided, fixed, inverse, vault
from volsculpt.book.holdings import Account, Book, Position, Sweep
from volsculpt.contracts.spec import Fees
from volsculpt.decide.limits import CollateralPlan
from volsculpt.decide.step import Decision
from volsculpt.errors import BookError, ContractError

BTC = inverse()
HELD = Position(BTC, -6_000.0, 60_000.0)


def decide(own: Account, **changed: object) -> Decision:
    """A decision on one hedge in an account beside a vault."""
    book = Book((vault(BTC=1.0), own), **changed)  # type: ignore[arg-type]
    return decided(book, [fixed()], [[("one", BTC, False)]], {"BTC": 60_000.0})


def posted(own: Account) -> float:
    """Coins that an isolated account's one position has posted."""
    flat = decide(own).flat
    return flat.state.wallet[flat.layout.legs.posted_wallet[0]]


def test_a_position_is_listed_once() -> None:
    """Two lines of one contract would be netted, or not: that is for the owner to say."""
    with pytest.raises(BookError, match="'one' lists BTC/USD:BTC twice; give one net position"):
        decide(account("one", {"BTC": 1.0}, (HELD, HELD)))


def test_an_isolated_position_says_what_it_posted() -> None:
    """Coins or a leverage, its own or its account's; one of them is enough."""
    with pytest.raises(BookError, match="'one', position BTC/USD:BTC: an isolated position needs"):
        decide(account("one", {"BTC": 1.0}, (HELD,), mode="isolated"))
    for one in (replace(HELD, margin=0.05), replace(HELD, leverage=2.0)):
        assert posted(account("one", {"BTC": 1.0}, (one,), mode="isolated")) == 0.05
    own = account("one", {"BTC": 1.0}, (HELD,), mode="isolated", leverage=4.0)
    assert posted(own) == 0.025


@pytest.mark.parametrize(("balance", "is_refused"), [(0.04, True), (0.05, False), (0.06, False)])
def test_what_is_posted_is_a_part_of_the_balance(balance: float, is_refused: bool) -> None:
    """0.05 posted out of 0.04 cannot be."""
    own = account("one", {"BTC": balance}, (replace(HELD, margin=0.05),), mode="isolated")
    if is_refused:
        with pytest.raises(BookError, match="part of the balance, so set"):
            decide(own)
    else:
        assert posted(own) == 0.05


def test_funding_is_swept_to_an_account_there_is() -> None:
    """A wallet nobody has keeps no coins."""
    with pytest.raises(
        BookError, match="funding of 'one' is swept to 'bank', but there is no such"
    ):
        decide(account("one", {"BTC": 1.0}, (HELD,)), sweeps=(Sweep("bank"),))


def test_coins_that_back_positions_are_no_source() -> None:
    """Coins of another margin account are not moved; those of a locked one not yet."""
    own, other = account("one", {"BTC": 0.1}, (HELD,)), account("two", {"BTC": 9.0}, venue="okx")
    book, plan = Book((own, other)), CollateralPlan(("two",), cost=0.0)
    legs = [[("one", BTC, False), ("two", inverse(venue="okx"), False)]]
    with pytest.raises(BookError, match="source 'two' is a margin account whose BTC backs its own"):
        decided(book, [fixed()], legs, {"BTC": 60_000.0}, plans=(plan,))
    locked = replace(vault(BTC=5.0), locked_until_ns=10)
    book, plan = Book((locked, own)), CollateralPlan(("vault",), (0.1, 0.2, 0.2, 0.3), cost=0.0)
    for time_ns, asks in ((9, False), (10, True)):
        answer = decided(
            book, [fixed()], legs[:1], {"BTC": 60_000.0}, plans=(plan,), time_ns=time_ns
        ).answer
        assert (answer.top_up[0] > 0.0) is asks


def test_a_contract_without_a_fee_is_not_sized() -> None:
    """What is unknown is asked for, and not taken for nothing."""
    contract = replace(BTC, fees=Fees(taker=None))
    book = Book((vault(BTC=1.0), account("one", {"BTC": 1.0})))
    with pytest.raises(ContractError, match="is unknown to the catalog; give it in your contracts"):
        decided(book, [fixed()], [[("one", contract, False)]], {"BTC": 60_000.0})
