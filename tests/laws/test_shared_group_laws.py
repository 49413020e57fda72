"""Laws of legs that share a margin group: flips, cuts, parts of lots, and limits met by growing."""

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.factories import account, decided, fixed, inverse, linear, trades, vault
from tests.laws.after import act_again, filled, sent_legs
from tests.laws.test_capacity_laws import FREE, worst
from volsculpt.book.holdings import Book, Position
from volsculpt.contracts.lots import less_lots, lots_up
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.step import Decision
from volsculpt.hedge.spec import Band

PRICES = {"BTC": 60_000.0, "ETH": 3_000.0, "USDT": 1.0}
SPOT = inverse(fees=FREE)
DATED = replace(inverse(fees=FREE, multiplier=10.0), symbol="BTC/USD:BTC-301227", expiry_ns=10**19)
LINEAR = linear(fees=FREE)
ETHER = linear("ETH", fees=FREE)

distances = st.one_of(st.floats(0.7, 0.99), st.sampled_from([1.0, 1.2]))


@given(
    st.integers(750_000, 1_500_000),
    st.integers(50_000, 400_000),
    st.floats(1e4, 3e5),
    st.floats(-1.5, -0.05),
    distances,
)
def test_a_flip_is_judged_with_what_later_hedges_close(
    short: int, ether: int, usd: float, ratio: float, distance: float
) -> None:
    """A short turned long stands within the limits though another hedge closed what covered it."""
    lines = (Position(SPOT, -float(short), 60_000.0), Position(ETHER, -ether / 1e3, 3_000.0))
    own = account("one", {"BTC": short / 6e4, "USDT": usd}, lines, mode="unified")
    book = Book((vault(BTC=2.0, ETH=20.0), own))
    hedges = [fixed(ratio=ratio, base="coins", coins=8.0), fixed("ETH", ratio=0.0)]
    legs = [[("one", SPOT, False)], [("one", ETHER, False)]]
    limits = Limits(min_ratio=-1.5, max_ratio=1.0, min_liquidation_distance=distance)
    decision = decided(book, hedges, legs, PRICES, limits)
    assume(decision.answer.after[0] > 0.0)
    assert worst(decision, filled(decision)) >= -1e-6 * (usd + short)


@given(
    st.booleans(),
    st.floats(1.0, 8.0),
    st.floats(1.05, 1.5),
    st.floats(0.5, 1.0),
    st.floats(-1.0, 1.0),
    st.floats(0.7, 0.95),
)
def test_nothing_grows_where_another_close_breaks_a_limit(
    first: bool, coins: float, owed: float, part: float, ratio: float, distance: float
) -> None:
    """A short that covers a loan is closed: ether sold for bitcoin, sized before, adds nothing.

    owed: the loan over what the coins are worth at the distance.
    """
    loan, short = owed * coins * 60_000.0 * (1.0 - distance), round(part * coins * 60_000.0)
    cross = linear("ETH", settle="BTC", quote="BTC", symbol="ETH/BTC:BTC", lot=0.01, fees=FREE)
    lines = (Position(SPOT, -float(short), 60_000.0),)
    own = account("one", {"BTC": coins, "USDT": -loan}, lines, mode="unified")
    book = Book((vault(BTC=2.0, ETH=100.0), own))
    pairs = [(fixed(ratio=0.0), SPOT), (fixed("ETH", ratio=ratio), cross)]
    hedges, contracts = zip(*(pairs if first else pairs[::-1]), strict=True)
    legs = [[("one", contract, False)] for contract in contracts]
    limits = Limits(min_ratio=-1.5, max_ratio=1.5, min_liquidation_distance=distance)
    decision = decided(book, hedges, legs, PRICES, limits)
    assert worst(decision, filled(decision)) < 0.0
    assert trades(decision) == {SPOT.key: float(short)}


def two_accounts(shorts: float, longs: float, coins: float, bound: Limits) -> Decision:
    """A short perpetual and a long dated contract in one account, a perpetual in another."""
    lines = (Position(SPOT, -shorts, 60_000.0), Position(DATED, longs, 60_000.0))
    first = account("one", {"BTC": coins}, lines)
    other = account("two", {"BTC": 10.0}, venue="binance")
    legs = [[("one", SPOT, False), ("two", inverse(venue="binance"), False), ("one", DATED, False)]]
    book = Book((vault(BTC=20.0), first, other))
    return decided(book, [fixed(base="coins", coins=6.0)], legs, PRICES, bound)


@given(st.integers(50, 200), st.integers(50, 200), st.floats(0.5, 2.0), st.floats(0.3, 1.5))
def test_what_a_limit_cuts_in_one_account_is_sold_in_another_at_once(
    shorts: int, longs: int, coins: float, distance: float
) -> None:
    """Orders reach what the limits allow, whatever had to be closed on the way."""
    bound = Limits(min_liquidation_distance=distance)
    decision = two_accounts(1200.0 * shorts, 120.0 * longs, coins, bound)
    assert abs(decision.answer.after[0] - decision.answer.can[0]) <= 25.0 / 60_000.0


@given(st.integers(1, 10**12), st.integers(0, 12), st.floats(0.0, 1.0))
def test_no_part_of_a_lot_is_left_of_whole_ones(lots: int, digits: int, part: float) -> None:
    """Taking all of a position in lots off it leaves nothing, however binary fractions round."""
    lot = 10.0**-digits
    held = lots * lot
    assert less_lots(held, lots_up(held / lot) * lot, lot) == 0.0
    assert less_lots(-held, lots_up(held / lot) * lot, lot) == 0.0
    assert less_lots(-held, part * lots * 0.9 * lot, lot) < 0.0


@given(st.integers(10**6, 10**10), st.floats(0.3, 0.9), st.floats(0.05, 0.4))
def test_a_long_past_a_limit_is_turned_in_one_order(
    lots: int, distance: float, part: float
) -> None:
    """A long in fine lots, cut by a limit, is closed and the short opened by one order."""
    held = lots / 1e3
    own = account("one", {"USDT": 6e4 * part * held}, (Position(LINEAR, held, 60_000.0),))
    limits = Limits(min_liquidation_distance=distance)
    book = Book((vault(BTC=held), own))
    hedge = fixed(base="coins", coins=held)
    decision = decided(book, [hedge], [[("one", LINEAR, False)]], PRICES, limits)
    assert trades(decision)[LINEAR.key] < -held


@given(
    st.floats(1e3, 1e6),
    st.floats(0.5, 20.0),
    st.floats(0.9, 1.2),
    st.sampled_from([1e-3, 0.1, 1.0]),
)
def test_what_a_lot_of_one_leg_leaves_is_traded_once(
    usd: float, coins: float, distance: float, lot: float
) -> None:
    """A leg without room for a lot leaves it to the next at once, not a part of it each time."""
    large = linear(fees=FREE, lot=lot)
    own = account("one", {"USDT": usd, "BTC": coins}, mode="unified")
    weighed = replace(own, collateral_weights={"BTC": 0.0})
    legs = [[("one", large, False), ("one", SPOT, False)]]
    limits = Limits(min_liquidation_distance=distance)
    book = Book((vault(BTC=1e3), weighed))
    decision = decided(book, [fixed(base="coins", coins=1e3)], legs, PRICES, limits)
    state = filled(decision)
    for _ in range(3):
        answer = act_again(decision, state)
        decision.answer.trade[:] = answer.trade
        decision.flat.state.contracts[:] = state.contracts
        decision = replace(decision, flat=replace(decision.flat, state=state))
        state = filled(decision)
    assert not any(act_again(decision, state).trade)


@given(st.integers(20, 200), st.floats(0.02, 0.2), st.floats(0.8, 0.97), st.floats(0.05, 0.3))
def test_growth_that_a_limit_asks_for_reaches_it(
    longs: int, ratio: float, distance: float, settle: float
) -> None:
    """Beside a long that no hedge trades, a short is sold as far as the limit is kept, or not."""
    untraded = Position(DATED, 600.0 * longs, 60_000.0)
    book = Book((account("one", {"BTC": 10.0}, (untraded,)),))
    hedge = fixed(ratio=ratio, base="coins", coins=10.0, band=Band(0.3, settle, 0.3, settle))
    limits = Limits(min_liquidation_distance=distance)
    decision = decided(book, [hedge], [[("one", SPOT, False)]], PRICES, limits)
    assert not sent_legs(decision) or worst(decision, filled(decision)) >= -1e-9 * longs


@given(st.integers(1, 50), st.integers(1_000, 20_000), st.floats(0.1, 1.0), st.floats(1e3, 1e6))
def test_no_coins_are_posted_before_a_reduction_frees_them(
    longs: int, ether: int, ratio: float, free: float
) -> None:
    """Isolated positions of one account post at once no more than lies free there now."""
    lines = (
        Position(LINEAR, longs / 10.0, 60_000.0, margin=600.0 * longs),
        Position(ETHER, -ether / 10.0, 3_000.0, margin=30.0 * ether),
    )
    usdt = 600.0 * longs + 30.0 * ether + free
    own = account("one", {"USDT": usdt}, lines, mode="isolated", leverage=20.0)
    book = Book((vault(BTC=10.0, ETH=100.0, USDT=1e6), own))
    hedges = [fixed(ratio=ratio), fixed("ETH", ratio=ratio)]
    legs = [[("one", LINEAR, False)], [("one", ETHER, False)]]
    limits = Limits(max_leverage=10.0, min_liquidation_distance=1.0)
    decision = decided(book, hedges, legs, PRICES, limits, [CollateralPlan(("vault",))])
    assert sum(decision.work.posting) <= free * (1.0 + 1e-9)
