"""Laws of legs that offset each other in one margin group: reducing one keeps the limits too."""

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.factories import account, decided, filled, fixed, inverse, trades, vault
from tests.laws.test_capacity_laws import worst
from volsculpt.book.holdings import Book, Position
from volsculpt.contracts.spec import Fees
from volsculpt.decide.capacity import spare_at
from volsculpt.decide.goal import start_goal
from volsculpt.decide.limits import Limits
from volsculpt.decide.margin_need import Within
from volsculpt.decide.offset import close_against, is_over, pair_off, settle_group
from volsculpt.decide.step import Decision

FREE = Fees(taker=0.0)
SPOT = inverse(fees=FREE)
DATED = replace(inverse(fees=FREE, multiplier=10.0), symbol="BTC/USD:BTC-301227", expiry_ns=10**19)
PRICES = {"BTC": 60_000.0}

sizes = st.integers(0, 400).map(lambda coins: coins * 600.0)
limits = st.builds(
    Limits,
    max_leverage=st.one_of(st.none(), st.floats(0.5, 10.0)),
    min_liquidation_distance=st.one_of(st.none(), st.floats(0.05, 0.9)),
)


def one(longs: float, shorts: float, coins: float, ratio: float, bound: Limits) -> Decision:
    """A decision on 6 BTC with a long perpetual and a short dated contract in one account."""
    lines = (Position(SPOT, longs, 60_000.0), Position(DATED, -shorts, 60_000.0))
    held = tuple(line for line in lines if line.contracts)
    book = Book((vault(BTC=6.0 - coins), account("one", {"BTC": coins}, held)))
    legs = [[("one", SPOT, False), ("one", DATED, False)]]
    return decided(book, [fixed(ratio=ratio)], legs, PRICES, bound)


@given(sizes, sizes, st.floats(0.05, 3.0), st.floats(0.1, 1.0), limits)
def test_a_reduction_keeps_the_limits(
    longs: float, shorts: float, coins: float, ratio: float, bound: Limits
) -> None:
    """Whatever is reduced or added, a group that was traded in stands within its limits.

    One that has no limits and is below maintenance already is the venue's to close.
    """
    decision = one(longs, shorts, coins, ratio, bound)
    limited = bound.max_leverage is not None or bound.min_liquidation_distance is not None
    assume(trades(decision) and (limited or worst(decision, decision.flat.state) >= 0.0))
    assert worst(decision, filled(decision)) >= -1e-9 * (longs + shorts) / 60_000.0 - 1e-9


@given(sizes, sizes, st.floats(0.05, 3.0), st.floats(0.1, 1.0), limits, st.floats(0.3, 1.0))
def test_a_tighter_limit_holds_no_more(
    longs: float, shorts: float, coins: float, ratio: float, bound: Limits, part: float
) -> None:
    """Less leverage allowed never leaves the two legs together shorter, a lot apart."""
    assume(bound.max_leverage is not None)
    tight = replace(bound, max_leverage=part * (bound.max_leverage or 1.0))
    loose = one(longs, shorts, coins, ratio, bound).answer.after[0]
    held = one(longs, shorts, coins, ratio, tight).answer.after[0]
    assert held >= min(loose, (longs - 10.0 * shorts) / 60_000.0) - 20.0 / 60_000.0


@given(sizes, sizes, st.floats(0.05, 3.0), st.floats(0.1, 1.0), limits)
def test_what_is_within_the_limits_is_left_whole(
    longs: float, shorts: float, coins: float, ratio: float, bound: Limits
) -> None:
    """A group is settled by as few lots as a limit asks for: by none where none is passed."""
    assume(longs and shorts)
    decision = one(longs, shorts, coins, ratio, bound)
    problem, rules, work = decision.problem, decision.rules, decision.work
    start_goal(problem)
    assume(is_over(problem, 0) == 1)
    settle_group(problem, 0, 0, 1, -1.0)
    settled = list(work.goal.contracts)
    spare = spare_at(problem, 0, settled[0], Within(rules.max_leverage, rules.min_distance, 0))
    assert spare >= -1e-9 * (longs + shorts) / 60_000.0
    settle_group(problem, 0, 0, 1, -1.0)
    assert list(work.goal.contracts) == settled


@given(st.integers(10, 400), st.floats(0.9, 1.1), st.floats(0.1, 0.5), st.floats(0.5, 8.0))
def test_two_offsetting_legs_are_closed_by_the_fewest_lots(
    size: int, part: float, coins: float, leverage: float
) -> None:
    """Where closing against each other suffices, a lot less of the long would not."""
    longs, shorts = 600.0 * size, float(round(60.0 * size * part))
    decision = one(longs, shorts, coins, 0.5, Limits(max_leverage=leverage))
    problem, work = decision.problem, decision.work
    start_goal(problem)
    held, offset = work.goal.contracts[0], work.goal.contracts[1]
    assume(is_over(problem, 0) == 1)
    pair_off(problem, 0, 1, 1, -1.0)
    assume(is_over(problem, 0) == 0)
    closed = held - work.goal.contracts[0]
    assert 1.0 <= closed <= longs
    close_against(problem, 0, 1, held, offset, closed - 1.0, 1, -1.0)
    assert is_over(problem, 0) == 1


@given(st.integers(10, 400), st.floats(0.1, 3.0), st.floats(0.01, 0.5), st.booleans())
def test_no_more_is_closed_than_offsets(
    size: int, part: float, coins: float, swapped: bool
) -> None:
    """As much of one is closed as of the other, a lot apart, where all of it is not enough too."""
    longs, shorts = 600.0 * size, float(max(1, round(60.0 * size * part)))
    decision = one(longs, shorts, coins, 0.5, Limits(max_leverage=0.01))
    problem, work = decision.problem, decision.work
    start_goal(problem)
    legs, usd = ((1, 0), (10.0, 1.0)) if swapped else ((0, 1), (1.0, 10.0))
    before = [work.goal.contracts[leg] for leg in legs]
    pair_off(problem, *legs, 1, -1.0)
    closed = [abs(was - work.goal.contracts[leg]) for was, leg in zip(before, legs, strict=True)]
    assert abs(closed[0] * usd[0] - closed[1] * usd[1]) <= 10.0
    assert max(closed) > 0.0


@given(st.integers(1, 99), st.sampled_from([1.0, -1.0]))
def test_in_whole_lots_the_pool_goes_no_further_than_wanted(lots: int, side: float) -> None:
    """Lots of 1 USD against lots of 10 USD: what is over is left on the side that goes on."""
    decision = one(600.0, 600.0, 1.0, 0.5, Limits())
    problem = decision.problem
    legs = problem.layout.legs
    spot, dated = sorted(range(2), key=lambda leg: legs.multiplier[leg])
    start_goal(problem)
    held, offset = (problem.work.goal.contracts[leg] for leg in (spot, dated))
    close_against(problem, spot, dated, held, offset, float(lots), 1, side)
    closed = held - problem.work.goal.contracts[spot]
    back = offset - problem.work.goal.contracts[dated]
    assert closed == lots
    assert abs(back) == (-(-lots // 10) if side < 0.0 else lots // 10)
