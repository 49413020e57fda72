"""A margin group that holds what has no price: nothing grows there and no coins move."""

import dataclasses
import random
from collections import Counter

import pytest

from tests.factories import account, fixed, linear, trades, vault
from tests.laws.drawn import NOW_NS, Drawn, draw
from volsculpt.book.exposure import venue_contracts
from volsculpt.book.holdings import Book, Position
from volsculpt.contracts.orders import is_reduction
from volsculpt.decide.act import act
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.rules import new_problem
from volsculpt.decide.step import Decision, Missing, Setup, decide
from volsculpt.decide.unpriced import unpriced_groups
from volsculpt.market.quotes import Quotes
from volsculpt.trade.control.states import unknown_margin

BOOKS = 250
INVENTED = (1e-6, 1.0, 1e6)


def without_price(drawn: Drawn, coin: str, stands_for_it: float) -> Decision:
    """The decision where nobody tells what a coin is worth."""
    names = {coin}
    legs = [
        (one.name, line.contract) for one in drawn.setup.book.accounts for line in one.positions
    ] + [(name, contract) for used in drawn.setup.legs for name, contract, _ in used]
    gone = {(name, one.key) for name, one in legs if names & {one.base, one.quote, one.settle}}
    missing = Missing(frozenset(gone), frozenset(names), frozenset(names))
    index = {**drawn.quotes.index, coin: stands_for_it}
    marks = {
        key: mark
        for key, mark in drawn.quotes.contract.items()
        if all(key != one.key or coin not in (one.base, one.quote) for _, one in legs)
    }
    quotes = dataclasses.replace(drawn.quotes, index=index, contract=marks)
    return decide(dataclasses.replace(drawn.setup, missing=missing), quotes, NOW_NS)


def seen(decision: Decision) -> Counter[str]:
    """What happened in groups without a price, judged; others are only counted."""
    found, flat, answer = Counter[str](), decision.flat, decision.answer
    dark = unpriced_groups(flat, decision.setup.missing.unpriced)
    again = new_problem(flat.layout, flat.state, decision.quoted.quote, decision.rules)
    act(again, decision.ratios)
    assert again.answer == answer  # what is kept of it is enough to make it again
    for group in dark:
        assert answer.top_up[group] == 0.0
        found["groups"] += 1
    for leg, trade in enumerate(answer.trade):
        inside = flat.layout.legs.group[leg] in dark
        if inside and trade != 0.0:
            assert is_reduction(venue_contracts(flat.state, leg), trade)
            found["made smaller"] += 1
        found["elsewhere"] += not inside and trade != 0.0
    return found


def test_nothing_grows_on_margin_that_nobody_knows() -> None:
    """Whatever stands for the price: orders there only reduce, and no coins come or go."""
    found = Counter[str]()
    for seed in range(BOOKS):
        drawn, rng = draw(seed), random.Random(seed)
        held = [line.contract for one in drawn.setup.book.accounts for line in one.positions]
        if held:
            coin = rng.choice(held).base
            found += seen(without_price(drawn, coin, rng.choice(INVENTED)))
    assert found["groups"] > BOOKS / 4
    assert found["elsewhere"] > 0


BTC, ETH = linear(), linear("ETH")
SHORT_OF_BOTH = (Position(BTC, -1.0, 60_000.0), Position(ETH, -10.0, 3_000.0))
PLAN = CollateralPlan(("bank",), (1.0, 1.5, 1.5, 2.0))


def on_one_margin(ratio: float, price: float, lines: tuple[Position, ...]) -> Decision:
    """Two shorts on one margin, ETH without a price; the hedge of BTC at a ratio of 2 BTC."""
    bank = vault(name="bank", USDT=500_000.0, BTC=2.0, ETH=10.0)
    book = Book((bank, account("usdm", {"USDT": 60_000.0}, lines)))
    names = frozenset({"ETH"})
    missing = Missing(frozenset({("usdm", ETH.key)}), names, names)
    setup = Setup(
        book,
        (fixed("BTC", ratio), fixed("ETH", 1.0)),
        ((("usdm", BTC, False),), (("usdm", ETH, False),)),
        limits=Limits(max_leverage=5.0),
        collateral=(PLAN,),
        missing=missing,
    )
    return decide(setup, Quotes(0, {"BTC": 60_000.0, "ETH": price, "USDT": 1.0}), 0)


@pytest.mark.parametrize("price", [1.0, 3_000.0])
@pytest.mark.parametrize(("ratio", "traded"), [(1.0, 0.0), (0.5, 0.0), (0.25, 0.5)])
def test_the_other_leg_of_its_margin_may_only_shrink(
    ratio: float, traded: float, price: float
) -> None:
    """2 BTC, 1 sold: 100 % wants another sold, which needs margin; 25 % buys half of it back."""
    found = on_one_margin(ratio, price, SHORT_OF_BOTH)
    assert trades(found) == ({BTC.key: traded} if traded else {})
    assert list(found.answer.top_up) == [0.0] * len(found.answer.top_up)


@pytest.mark.parametrize("ratio", [0.25, 1.0])
def test_an_invented_loss_closes_nothing(ratio: float) -> None:
    """As if ETH stood at 50,000 its short would have lost all margin: nothing is cut for that."""
    assert trades(on_one_margin(ratio, 50_000.0, SHORT_OF_BOTH)) == {}


def test_it_is_told_with_what_is_missing() -> None:
    """A critical alert names the margin, the coin and what to do; none where all is known."""
    (told,) = unknown_margin(on_one_margin(1.0, 1.0, SHORT_OF_BOTH))
    assert (told.key, told.level) == ("unpriced:usdm|USDT", "critical")
    assert "no price of ETH is known" in told.text
    assert "volsculpt flatten" in told.text
    assert list(unknown_margin(on_one_margin(1.0, 1.0, SHORT_OF_BOTH[:1]))) == []


def test_without_the_position_nothing_is_held_back() -> None:
    """A contract that is not held takes no margin: the hedge grows as ever."""
    found = on_one_margin(1.0, 1.0, SHORT_OF_BOTH[:1])
    assert trades(found)[BTC.key] < 0.0
