"""The last steps of an order: whole lots, the largest and the smallest, and what waits for what."""

import pytest

from tests.factories import account, decided, fixed, inverse, linear, quanto, vault
from volsculpt.book.holdings import Book, Position
from volsculpt.book.state import SLOT_BUSY, SLOT_FREE, SLOT_UNKNOWN
from volsculpt.decide.finish import (
    at_most,
    contract_usd,
    finish_leg,
    finish_pool,
    flag_legs,
    is_capped,
    keep_within,
    keep_worse,
    trim_growth,
    whole,
    within_largest,
)
from volsculpt.decide.goal import set_goal, start_goal
from volsculpt.decide.limits import Limits
from volsculpt.decide.margin_need import UNLIMITED
from volsculpt.decide.rules import (
    BLOCKED,
    BUSY,
    FULL,
    LEAST_VALUE,
    MAX_ORDER,
    MIN_ORDER,
    OVER_LIMIT,
    POSITION_MOST,
    RETIRED,
    VENUE_MOST,
    Problem,
)

LOTS = (1.0, 5.0, 0.5, 0.3, 0.1, 0.001, 1e-8)


@pytest.mark.parametrize("lot", LOTS)
@pytest.mark.parametrize("side", [1.0, -1.0])
def test_noise_is_taken_off_a_size(lot: float, side: float) -> None:
    """27,961 lots with noise are written as one writes them; half a lot more is left as it is."""
    for count in (1, 2, 27_961, 999_999):
        plain = side * float(f"{count * lot:.12g}")
        for noise in (0.0, 1e-9, -1e-9):
            assert whole(side * (count + noise) * lot, lot) == plain
        for more in (0.5, 0.4, -0.4, 1e-3):
            size = side * (count + more) * lot
            assert whole(size, lot) == size
    assert whole(27.96100000000002, 0.001) == 27.961


@pytest.mark.parametrize("side", [1.0, -1.0])
@pytest.mark.parametrize("lot", LOTS)
def test_an_order_is_cut_to_whole_lots(lot: float, side: float) -> None:
    """Of 10 lots at most 7 and a half: 7 go; what is no larger goes as it is."""
    assert at_most(side * 10.0 * lot, 7.5 * lot, lot) == pytest.approx(side * 7.0 * lot)
    assert at_most(side * 7.0 * lot, 7.5 * lot, lot) == side * 7.0 * lot
    assert at_most(side * 3.3 * lot, 7.5 * lot, lot) == side * 3.3 * lot
    assert abs(at_most(side * lot, 0.5 * lot, lot)) == 0.0


def of_three() -> Problem:
    """A linear contract on dollars at 0.5, one settled in its coin, and a quanto one."""
    used = (
        linear("ETH", 0.1, settle="USDC"),
        inverse("ETH", 10.0, quote="USDC"),
        quanto("ETH", multiplier=1e-5, venue="bybit"),
    )
    coins = {"USDC": 1e6, "ETH": 100.0, "BTC": 10.0}
    prices = {"ETH": 3_000.0, "BTC": 60_000.0, "USDC": 0.5, "USD": 1.0}
    book = Book((vault(ETH=20.0), account("one", coins, mode="unified")))
    legs = [[("one", contract, False) for contract in used]]
    return decided(book, [fixed("ETH", base="coins", coins=20.0)], legs, prices).problem


def test_the_face_of_a_contract_in_us_dollars() -> None:
    """A tenth of a coin; 10 units of its quote; 1e-5 bitcoin a dollar of the price."""
    problem = of_three()
    faces = [contract_usd(problem.layout, problem.quote, leg) for leg in range(3)]
    told = dict(zip(problem.layout.legs.multiplier, faces, strict=True))
    assert told == pytest.approx({0.1: 300.0, 10.0: 5.0, 1e-5: 1_800.0})


INVERSE, LINEAR = inverse(), linear(settle="USDC")
PRICES = {"BTC": 60_000.0, "USDC": 1.0}


def two_legs(contracts: float = -60_000.0, coins: float = -1.0, **limits: float) -> Problem:
    """A pool of two legs begun: contracts of a dollar on one account, of a coin on another."""
    accounts = (
        account("one", {"BTC": 1.0}, (Position(INVERSE, contracts, 60_000.0),)),
        account("two", {"USDC": 60_000.0}, (Position(LINEAR, coins, 60_000.0),)),
    )
    legs = [[("one", INVERSE, False), ("two", LINEAR, False)]]
    bounds = Limits(**limits)  # type: ignore[arg-type]
    book = Book((vault(BTC=5.0), *accounts))
    problem = decided(book, [fixed(ratio=0.3)], legs, PRICES, bounds).problem
    start_goal(problem)
    answer = problem.answer
    answer.leg_code[:], answer.trade[:], answer.cancel[:] = [0, 0], [0.0, 0.0], [0, 0]
    answer.after[0] = answer.before[0]
    return problem


def test_a_pool_is_capped_beyond_the_noise_of_its_sums() -> None:
    """A millionth of its smallest lot, or 1e-12 of the largest of what is in it."""
    problem = two_legs()
    work, answer = problem.work, problem.answer
    for want in (-2.0, 2.0):
        for off, said in ((1.5e-11, 0), (2e-11, 1), (0.1, 1)):
            answer.want[0] = want
            for way in (off, -off):
                answer.can[0] = want + way
                assert is_capped(problem, 0) == said
    for column, leg, large in (
        (work.hold, 0, -6e9),
        (work.hold, 1, -1e5),
        (work.goal.contracts, 0, 6e9),
        (work.goal.contracts, 1, 1e5),
        (answer.want, 0, -1e5),
    ):
        before, column[leg] = column[leg], large
        for off, said in ((0.9e-7, 0), (1.1e-7, 1)):
            answer.can[0] = answer.want[0] + off
            assert is_capped(problem, 0) == said
        column[leg] = before
    problem.layout.legs.lot[:] = [180_000.0, 5.0]
    for off, said in ((2.9e-6, 0), (3.1e-6, 1)):
        answer.can[0] = answer.want[0] + off
        assert is_capped(problem, 0) == said


def test_legs_say_what_holds_them() -> None:
    """Blocked before retired before cut before full; what a position is at its most says so too."""
    for leg in (0, 1):
        for slot, retired, held, cut, cap, can, code in (
            (SLOT_UNKNOWN, 1, 0.3, 1.0, 0.0, -0.1, BLOCKED),
            (SLOT_FREE, 1, 0.3, 1.0, 0.0, -0.1, RETIRED),
            (SLOT_FREE, 1, 0.0, 1.0, 0.0, -0.1, 0),
            (SLOT_FREE, 0, 0.3, 0.5, 0.0, -0.1, OVER_LIMIT),
            (SLOT_FREE, 0, 0.3, 0.0, 0.0, -0.1, FULL),
            (SLOT_FREE, 0, 0.3, 0.0, 0.4, -0.1, FULL + POSITION_MOST),
            (SLOT_FREE, 0, 0.3, 0.0, 0.41, -0.1, FULL),
            (SLOT_FREE, 0, 0.3, 0.0, 0.4, -0.3, 0),
            (SLOT_FREE, 0, 0.3, 0.0, 0.4, 0.2, 0),
        ):
            problem = two_legs()
            work, answer = problem.work, problem.answer
            problem.state.slot[leg], problem.rules.use_retire[leg] = slot, retired
            work.hold[leg], work.cut[leg], work.cut[1 - leg] = held, cut, 0.0
            work.goal.contracts[leg], work.goal.others[leg] = -0.3, -0.1
            problem.layout.legs.position_most[leg] = cap
            answer.want[0], answer.can[0] = -0.2, can
            assert flag_legs(problem, 0) == int(code == OVER_LIMIT)
            assert answer.leg_code[leg] == code
            assert answer.leg_code[1 - leg] == (FULL if can == -0.1 else 0)


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_an_order_is_no_larger_than_venue_and_owner_take(side: float) -> None:
    """Whichever is less; each that cuts says so, and one that is as large cuts nothing."""
    for leg, face in ((0, 1.0), (1, 60_000.0)):
        for most, usd, size, code in (
            (0.0, 0.0, 9.0, 0),
            (9.0, 0.0, 9.0, 0),
            (5.0, 0.0, 5.0, VENUE_MOST),
            (0.0, 5.0, 5.0, MAX_ORDER),
            (0.0, 9.0, 9.0, 0),
            (7.0, 5.0, 5.0, VENUE_MOST + MAX_ORDER),
            (5.0, 7.0, 5.0, VENUE_MOST),
            (0.0, 0.0009, 0.0, MAX_ORDER),
        ):
            problem = two_legs()
            problem.layout.legs.order_most[leg] = most
            problem = problem._replace(rules=problem.rules._replace(max_order_usd=usd * face))
            found = within_largest(problem, leg, side * 9.0)
            assert found == pytest.approx(side * size)
            assert problem.answer.leg_code[leg] == code


def test_an_order_goes_from_what_is_held_to_the_goal() -> None:
    """It is told with what the pool then holds; a busy leg is cancelled and keeps the worse."""
    for leg, goal, per in ((0, -50_000.0, 1 / 60_000.0), (1, -0.4, 1.0)):
        problem = two_legs()
        work, answer = problem.work, problem.answer
        held = work.hold[leg]
        assert finish_leg(problem, leg, 0, UNLIMITED) == 0
        set_goal(problem, leg, goal)
        assert finish_leg(problem, leg, 0, UNLIMITED) == 1
        assert answer.trade[leg] == pytest.approx(goal - held)
        assert answer.after[0] == pytest.approx(-2.0 + (goal - held) * per)
        problem = two_legs()
        problem.state.slot[leg] = SLOT_UNKNOWN
        set_goal(problem, leg, goal)
        assert finish_leg(problem, leg, 0, UNLIMITED) == 0
        assert problem.answer.trade[leg] == 0.0
        problem.state.slot[leg], problem.work.hold[leg] = SLOT_BUSY, held * 1.5
        assert finish_leg(problem, leg, 0, UNLIMITED) == 1
        assert (problem.answer.cancel[leg], problem.answer.leg_code[leg]) == (1, BUSY)
        assert problem.work.goal.contracts[leg] == held * 1.5


@pytest.mark.parametrize("leg", [0, 1])
def test_what_is_at_work_counts_where_it_is_worse(leg: int) -> None:
    """The larger of held, and held and working, in size; its side is kept."""
    problem = two_legs()
    held = problem.state.contracts[leg]
    for sized, goal in ((0.5, 1.0), (1.5, 1.5), (-0.5, 1.0), (-1.5, -1.5), (-1.0, 1.0)):
        problem.work.hold[leg] = sized * held
        keep_worse(problem, leg)
        assert problem.work.goal.contracts[leg] == goal * held


@pytest.mark.parametrize("lots", [1.0, -1.0, 40.0])
@pytest.mark.parametrize("leg", [0, 1])
def test_an_order_has_no_noise_and_a_close_leaves_none(leg: int, lots: float) -> None:
    """From a position with noise an order is of whole lots; what is closed is closed to the bit."""
    problem = two_legs()
    lot, noise = problem.layout.legs.lot[leg], 1e-8 * problem.layout.legs.lot[leg]
    held = problem.work.hold[leg] = problem.state.contracts[leg] = -400.0 * lot - noise
    set_goal(problem, leg, -400.0 * lot + lots * lot)
    assert finish_leg(problem, leg, 0, UNLIMITED) == 1
    assert problem.answer.trade[leg] == pytest.approx(lots * lot, abs=0.0, rel=1e-13)
    set_goal(problem, leg, 0.0)
    assert finish_leg(problem, leg, 0, UNLIMITED) == 1
    assert problem.answer.trade[leg] == -held


@pytest.mark.parametrize("leg", [0, 1])
def test_a_venue_judges_an_order_by_all_that_it_holds(leg: int) -> None:
    """What closes its position whole is taken, however small; else nothing under the least."""
    for least, code in (("minimum", MIN_ORDER), ("order_least_value", LEAST_VALUE)):
        for others, sent in ((0.5, True), (-0.5, False), (0.0, False)):
            problem = two_legs()
            held = problem.work.hold[leg]
            getattr(problem.layout.legs, least)[leg] = 1e6
            problem.work.goal.others[leg] = -held * others
            set_goal(problem, leg, 0.5 * held)
            assert finish_leg(problem, leg, 0, UNLIMITED) == int(sent)
            assert problem.answer.trade[leg] == (-0.5 * held if sent else 0.0)
            assert problem.answer.leg_code[leg] == (0 if sent else code)


def test_an_order_moves_the_pool_no_further_than_it_may() -> None:
    """Half a coin more short, of one wanted; and what is under the smallest order is not sent."""
    for leg, goal, most in ((0, -120_000.0, 30_000.0), (1, -2.0, 0.5)):
        for limit, sent in ((-0.5, -most), (0.0, 0.0), (0.5, 0.0), (-5.0, goal / 2.0)):
            problem = two_legs()
            set_goal(problem, leg, goal)
            assert finish_leg(problem, leg, 0, limit) == int(sent != 0.0)
            assert problem.answer.trade[leg] == pytest.approx(sent)
            assert problem.answer.leg_code[leg] == 0
        for limit, sent in ((0.5, most), (0.0, 0.0), (-0.5, 0.0)):
            problem = two_legs()
            set_goal(problem, leg, 0.0)
            assert finish_leg(problem, leg, 0, limit) == int(sent != 0.0)
            assert problem.answer.trade[leg] == pytest.approx(sent)
            assert problem.answer.leg_code[leg] == 0
        problem = two_legs()
        problem.layout.legs.minimum[leg] = abs(goal)
        set_goal(problem, leg, goal)
        assert finish_leg(problem, leg, 0, UNLIMITED) == 0
        assert problem.answer.leg_code[leg] == MIN_ORDER
        assert problem.work.goal.contracts[leg] == problem.work.hold[leg]


def replaced(growing: int, cut: float = 1.0, **limits: float) -> Problem:
    """One leg is to give up half a coin or a part of it, the other to take on as much.

    Args: growing: the leg that takes on; cut: of what the other gives up, sent at once.
    """
    problem = two_legs(**limits)
    sizes = (30_000.0, 0.5)
    problem.layout.legs.order_most[1 - growing] = cut * sizes[1 - growing]
    for leg, side in ((growing, -1.0), (1 - growing, 1.0)):
        set_goal(problem, leg, problem.work.hold[leg] + side * sizes[leg])
    return problem


@pytest.mark.parametrize("growing", [0, 1])
def test_an_increase_waits_for_the_reduction_that_it_replaces(growing: int) -> None:
    """Where only a fifth is bought back at once, only a fifth is sold elsewhere."""
    for cut, part in ((1.0, 1.0), (0.2, 0.2)):
        problem = replaced(growing, cut)
        assert finish_pool(problem, 0) == 2
        sizes = (30_000.0, 0.5)
        trades = [part * size * (-1.0 if leg == growing else 1.0) for leg, size in enumerate(sizes)]
        assert problem.answer.trade == pytest.approx(trades)
        assert problem.answer.after[0] == pytest.approx(-2.0)


def test_an_increase_beside_what_is_held_up_keeps_its_group_s_limits() -> None:
    """1.5 coins short on an account of one coin, of which a limit of 1.2x allows 1.2."""
    for cut, sold in ((1.0, 30_000.0), (0.9, 11_992.0)):
        problem = replaced(0, cut, max_leverage=1.2)
        finish_pool(problem, 0)
        assert problem.answer.trade[0] == pytest.approx(-sold, abs=2.0)


@pytest.mark.parametrize("leg", [0, 1])
def test_what_a_group_carries_no_more_is_trimmed(leg: int) -> None:
    """A pool that was sized to twice its group's coins under a limit of 1.5x keeps one and a half.

    What its futures come to follows; a reduction and what is carried stay.
    """
    per = (1 / 60_000.0, 1.0)[leg]
    for coins, left in ((-2.0, -1.5), (-1.2, -1.2), (-0.5, -0.5)):
        problem = two_legs(max_leverage=1.5)
        answer, held = problem.answer, problem.work.hold[leg]
        set_goal(problem, leg, coins / per)
        answer.trade[leg] = coins / per - held
        answer.after[0] = coins - 1.0
        trim_growth(problem, 0)
        assert (held + answer.trade[leg]) * per == pytest.approx(left, abs=2e-3)
        assert problem.work.goal.contracts[leg] == pytest.approx(held + answer.trade[leg])
        assert answer.after[0] == pytest.approx((held + answer.trade[leg]) * per - 1.0)
        assert answer.leg_code[leg] == (FULL if left != coins else 0)
        assert answer.trade[1 - leg] == 0.0


@pytest.mark.parametrize("leg", [0, 1])
def test_what_is_not_sent_is_not_trimmed(leg: int) -> None:
    """A goal that nothing is sent for, as of an order at work, stays however large it is."""
    problem = two_legs(max_leverage=1.5)
    goal = 3.0 * problem.work.hold[leg]
    set_goal(problem, leg, goal)
    trim_growth(problem, 0)
    assert problem.work.goal.contracts[leg] == goal
    assert problem.answer.leg_code == [0, 0]


def test_what_passes_a_limit_grows_no_further() -> None:
    """A hundredth of a coin on a tenth of that under 1.5x stays; what is to come is left out."""
    problem = two_legs(-600.0, -0.01, max_leverage=1.5)
    for leg, goal in ((0, -1_200.0), (1, -0.02)):
        wallet = problem.layout.legs.cash_wallet[leg]
        problem.state.wallet[wallet] *= 0.001
        set_goal(problem, leg, goal)
        keep_within(problem, leg)
        assert problem.work.goal.contracts[leg] == problem.work.hold[leg]


@pytest.mark.parametrize("leg", [0, 1])
def test_whole_lots_are_no_more_than_the_goal(leg: int) -> None:
    """Ten lots more, but for noise: the goal is not passed by the noise."""
    problem = two_legs()
    goal = problem.work.hold[leg] - 9.9999999 * problem.layout.legs.lot[leg]
    set_goal(problem, leg, goal)
    keep_within(problem, leg)
    assert problem.work.goal.contracts[leg] == pytest.approx(goal, rel=1e-15)


def test_a_position_that_turns_is_carried_from_nothing() -> None:
    """A long of one coin turned into a short of 1.8 under 1.5x: 1.5 less fees, in whole lots."""
    problem = two_legs(60_000.0, 1.0, max_leverage=1.5)
    for leg, goal, most in ((0, -108_000.0, -89_898.0), (1, -1.8, -1.4983)):
        set_goal(problem, leg, goal)
        keep_within(problem, leg)
        found = problem.work.goal.contracts[leg]
        assert found == pytest.approx(most, rel=1e-3)
        lots = found / problem.layout.legs.lot[leg]
        assert lots == pytest.approx(round(lots), abs=1e-6)
        small = 0.4 * goal
        set_goal(problem, leg, small)
        keep_within(problem, leg)
        assert problem.work.goal.contracts[leg] == pytest.approx(small)
