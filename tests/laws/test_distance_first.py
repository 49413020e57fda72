"""Laws of a short that holds off a long which no hedge trades: no order brings the end nearer."""

import math

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.factories import account, decided, filled, fixed, inverse, linear, trades, vault
from tests.laws.after import act_again
from volsculpt.book.holdings import Book, Position
from volsculpt.book.liquidation import NEVER, nearest_factor
from volsculpt.book.state import State
from volsculpt.contracts.spec import Fees
from volsculpt.decide.capacity import NEARER
from volsculpt.decide.limits import Limits
from volsculpt.decide.margin_need import Within, lacking
from volsculpt.decide.rules import wants_change
from volsculpt.decide.step import Decision
from volsculpt.decide.words import reasons

FREE = Fees(taker=0.0)
SHORT = inverse(fees=FREE, lot=1.0)
LONG = linear("ETH", fees=FREE)
PRICES = {"BTC": 60_000.0, "ETH": 3_000.0, "USDT": 1.0}

coins = st.floats(0.5, 20.0)
leverages = st.one_of(st.none(), st.floats(1.0, 6.0))
distances = st.one_of(st.floats(0.1, 0.95), st.just(1.0))


def one(
    longs: float,
    shorts: float,
    dollars: float,
    ratio: float,
    leverage: float | None,
    distance: float,
) -> Decision:
    """A decision on 30 BTC by the short alone, in a unified account that is long of ETH too.

    longs, shorts: in BTC, of which one is worth 20 ETH.
    """
    lines = (
        Position(SHORT, -round(shorts * 60_000.0), 60_000.0),
        Position(LONG, round(20.0 * longs, 3), 3_000.0),
    )
    weights = {"BTC": 0.95, "USDT": 1.0}
    held = account("one", {"USDT": dollars}, lines, mode="unified", collateral_weights=weights)
    limits = Limits(max_leverage=leverage, min_liquidation_distance=distance)
    legs = [[("one", SHORT, False)]]
    return decided(Book((vault(BTC=30.0), held)), [fixed(ratio=ratio)], legs, PRICES, limits)


def short_of(decision: Decision, state: State) -> float:
    """US dollars that the account lacks for its distance alone; below zero to spare."""
    return lacking(decision.problem, state, 0, Within(0.0, decision.rules.min_distance, 0))


def away(decision: Decision, state: State) -> float:
    """How far all coins may move until the account is liquidated."""
    quote = decision.quoted.quote
    found, factor = nearest_factor(decision.flat.layout, state, quote, 0, -1, 1)
    return math.inf if found == NEVER else abs(factor - 1.0)


books = st.builds(
    one, coins, coins, st.floats(1e4, 1e6), st.floats(0.01, 0.9), leverages, distances
)


@given(books)
def test_a_reduction_leaves_the_distance_whole(decision: Decision) -> None:
    """A group that keeps its distance keeps it after its orders; another ends no nearer."""
    assume(trades(decision))
    before, after = decision.flat.state, filled(decision)
    if short_of(decision, before) <= 0.0:
        assert short_of(decision, after) <= 1e-2  # US dollars, of 10,000 and more
    else:
        assert away(decision, after) >= away(decision, before) - 1.01 * NEARER


@given(books)
def test_what_is_held_back_stays(decision: Decision) -> None:
    """A reduction that the distance has stopped is not tried again lot by lot."""
    assume(decision.answer.trade[0] > 0.0)
    assert not wants_change(act_again(decision, filled(decision)))


def test_a_lower_ratio_is_reached_only_as_far_as_the_distance_allows() -> None:
    """Of ETH worth 10 BTC a fall by half loses 300,000 USD: what 100,000 do not pay is held off.

    A ratio of 0.1 asks for 3 BTC; 6.67 pay 200,000 of it, maintenance a little more.
    """
    decision = one(10.0, 10.0, 100_000.0, 0.1, None, 0.5)
    assert 6.67 < -filled(decision).contracts[0] / 60_000.0 < 7.5
    assert "23.82 % stays hedged: less brings its account" in "\n".join(reasons(decision, 0))


def test_a_hedge_that_is_closed_is_closed_whole() -> None:
    """A ratio of 0 closes the short whatever its group's distance becomes."""
    decision = one(10.0, 10.0, 100_000.0, 0.0, None, 0.5)
    assert filled(decision).contracts[0] == 0.0


def test_two_hedges_do_not_hold_each_other_back() -> None:
    """Where hedges trade all that a group holds, neither short nor long stays for the other."""
    lines = (Position(SHORT, -600_000.0, 60_000.0), Position(LONG, 200.0, 3_000.0))
    held = account("one", {"USDT": 100_000.0}, lines, mode="unified")
    legs = [[("one", SHORT, False)], [("one", LONG, False)]]
    hedges = [fixed(ratio=0.1), fixed("ETH", 0.5, base="coins", coins=200.0)]
    limits = Limits(min_liquidation_distance=0.5)
    decision = decided(Book((vault(BTC=30.0, ETH=200.0), held)), hedges, legs, PRICES, limits)
    short, long = filled(decision).contracts
    assert short == -180_000.0
    assert long <= 0.0
