"""What policies are told of a book, and what a plan refuses."""

from dataclasses import replace

import pytest

from tests.factories import account, fixed, inverse, vault
from volsculpt.book.holdings import Book, Position, WorkingOrder
from volsculpt.decide.limits import CollateralPlan
from volsculpt.decide.step import Decision, Setup, decide, summaries_of
from volsculpt.errors import BookError
from volsculpt.market.quotes import Quotes

INVERSE = inverse()
SHORT = Position(INVERSE, -60_000.0, 60_000.0)


def decided(setup: Setup, price: float = 60_000.0) -> Decision:
    """The decision at a price of BTC."""
    return decide(setup, Quotes(0, {"BTC": price}, {}), 0)


def treasury(*plans: CollateralPlan) -> Setup:
    """2 BTC, half of them on the account of a short of 60,000 USD."""
    book = Book((vault(BTC=1.0), account("coinm", {"BTC": 1.0}, (SHORT,))))
    legs = ((("coinm", INVERSE, False),),)
    return Setup(book, (fixed("BTC", 0.5),), legs, collateral=plans)


def test_a_policy_is_told_base_and_held_ratio() -> None:
    """2 BTC owned and 1 of them sold forward: half is hedged."""
    decision = decided(treasury())
    flat, quote = decision.flat, decision.quoted.quote
    own = (flat, flat.state, quote, decision.rules, decision.setup.hedges)
    (summary,) = summaries_of(*own)
    assert summary.base_coin == pytest.approx(2.0)
    assert summary.delta_coin == pytest.approx(1.0)
    assert summary.held_ratio == pytest.approx(0.5)


def test_an_order_that_works_is_no_exposure_yet() -> None:
    """A policy is told what is held; what is on its way counts when the next order is sized."""
    setup = treasury()
    works = WorkingOrder("a", INVERSE, -30_000.0, "acked")
    accounts = [
        replace(one, orders=(works,)) if one.positions else one for one in setup.book.accounts
    ]
    decision = decided(replace(setup, book=replace(setup.book, accounts=tuple(accounts))))
    (summary,) = decision.summaries
    assert summary.delta_coin == pytest.approx(1.0)


def test_a_source_that_backs_positions_of_its_own_is_refused() -> None:
    """Coins are moved from cold, spot or earn accounts, not from under another position."""
    other = account("other", {"BTC": 1.0}, (replace(SHORT, contracts=-6_000.0),))
    setup = treasury(CollateralPlan(("other",), (1.0, 2.0, 2.0, 3.0), account="coinm"))
    book = replace(setup.book, accounts=(*setup.book.accounts, other))
    with pytest.raises(BookError, match="backs its own positions"):
        decided(replace(setup, book=book))
