"""Legs of a pool in order of preference: what each can take, what is added, what is left over."""

import pytest

from tests.factories import (
    account,
    decided,
    filled,
    fixed,
    flat_margin,
    inverse,
    linear,
    vault,
)
from tests.laws.drawn import draw
from volsculpt.book.holdings import Book, Position
from volsculpt.contracts.spec import Margin, Tier
from volsculpt.decide.act import post_needs
from volsculpt.decide.collateral import movable
from volsculpt.decide.goal import set_goal, start_goal
from volsculpt.decide.leg_moves import WITH_TRANSFERS, carried, raise_legs, room
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.posts import post_free_coins
from volsculpt.decide.rules import Problem
from volsculpt.hedge.answer import Band

LINEAR = linear(settle="USDC")
PRICES = {"BTC": 60_000.0, "ETH": 3_000.0, "USDC": 1.0}


def two_accounts(
    held: float = -1.0, cold: float = 1e6, plans: tuple[CollateralPlan, ...] = (), **limits: float
) -> Problem:
    """A coin short on 60,000 dollars in two accounts each, and dollars in a vault."""
    line = (Position(LINEAR, held, 60_000.0),) if held else ()
    accounts = [account(name, {"USDC": 60_000.0}, line) for name in ("one", "two")]
    legs = [[("one", LINEAR, False), ("two", LINEAR, False)]]
    book = Book((vault(BTC=9.0, USDC=cold), *accounts))
    bounds = Limits(**limits)  # type: ignore[arg-type]
    problem = decided(book, [fixed(ratio=0.3)], legs, PRICES, bounds, plans).problem
    start_goal(problem)
    return problem


@pytest.mark.parametrize(("leverage", "most"), [(0.0, 3.0), (2.0, 2.0), (9.0, 3.0)])
def test_with_coins_to_come_a_leg_grows_to_the_third_leverage_of_its_band(
    leverage: float, most: float
) -> None:
    """Or to the owner's where that is less: of 60,000 dollars and as many in the vault."""
    plans = (CollateralPlan(("vault",), (1.0, 2.0, 3.0, 4.0)),)
    problem = two_accounts(cold=60_000.0, plans=plans, max_leverage=leverage or None)
    for leg in (0, 1):
        found = room(problem, leg, -30.0, WITH_TRANSFERS)
        assert found == pytest.approx(-2.0 * most, rel=0.01)
        assert movable(problem, problem.layout.legs.group[leg]) == pytest.approx(60_000.0)


@pytest.mark.parametrize("leg", [0, 1])
@pytest.mark.parametrize("side", [1.0, -1.0])
def test_what_is_added_where_a_limit_is_passed_already(leg: int, side: float) -> None:
    """All room in whole lots where so much brings its group within the limits, else none.

    More of the same is no help; a short that covers somebody else's long is, but not the first
    part of it. What stands is not asked.
    """
    problem = two_accounts(max_leverage=1.5)
    set_goal(problem, leg, -1.0)
    assert carried(problem, leg, -1.0, 0.3, 0.4001) == 0.3
    set_goal(problem, leg, 2.0 * side)
    assert carried(problem, leg, side, 0.3, 0.4) == 0.0
    problem.work.goal.others[leg] = -4.0 * side
    problem.work.goal.others_cost[leg] = -4.0 * side * 60_000.0
    assert carried(problem, leg, side, 0.6, 0.7777) == 0.6
    assert carried(problem, leg, side, 0.3, 0.7777) == pytest.approx(0.777)
    assert carried(problem, leg, side, 0.3, 0.4999) == 0.0
    assert problem.work.goal.contracts[leg] == 2.0 * side


def test_what_a_venue_opens_is_a_limit_too() -> None:
    """At 2x at most 60,000 dollars open two coins: of three nothing more is added, of one it is."""
    tight = linear(settle="USDC", margin=Margin(tiers=(Tier(0.0, 0.005, 2.0),)))
    book = Book((vault(BTC=9.0), account("one", {"USDC": 60_000.0})))
    problem = decided(book, [fixed()], [[("one", tight, False)]], PRICES).problem
    start_goal(problem)
    for held, more in ((-3.0, 0.0), (-1.0, 0.3)):
        set_goal(problem, 0, held)
        assert carried(problem, 0, -1.0, 0.3, 0.4) == more


def test_coins_moved_to_one_leg_are_not_there_for_the_next() -> None:
    """60,000 dollars carry two coins more at 3x at most; nothing is left for the second account."""
    plans = (CollateralPlan(("vault",), (1.0, 2.0, 3.0, 4.0)),)
    problem = two_accounts(cold=60_000.0, plans=plans)
    left = raise_legs(problem, 0, -20.0, -20.0, WITH_TRANSFERS)
    first, second = problem.work.goal.contracts
    assert first == pytest.approx(-6.0, rel=0.01)
    assert second == pytest.approx(-3.0, rel=0.01)
    assert left == pytest.approx(-20.0 - (first + 1.0) - (second + 1.0))
    group = problem.layout.legs.group
    assert problem.work.reserved[group[0]] == pytest.approx(60_000.0, rel=0.01)
    assert problem.work.reserved[group[1]] == pytest.approx(0.0, abs=600.0)


def test_a_position_that_carries_a_hedge_posts_before_another() -> None:
    """Of 0.02 BTC free two isolated positions lack more each: that of the hedge has them."""
    used, quoted = inverse(), linear("ETH", quote="BTC", settle="BTC", symbol="ETH/BTC:BTC")
    lines = (
        Position(quoted, -20.0, 0.05, margin=0.2, leverage=9.0),
        Position(used, -60_000.0, 60_000.0, margin=0.2, leverage=9.0),
    )
    own = account("one", {"BTC": 0.42}, lines, mode="isolated", leverage=9.0)
    book = Book((vault(BTC=1.0), own))
    limits = Limits(max_leverage=4.0)
    problem = decided(book, [fixed(ratio=0.7)], [[("one", used, False)]], PRICES, limits).problem
    start_goal(problem)
    post_needs(problem)
    assert problem.work.posting == pytest.approx([0.0, 0.02])
    start_goal(problem)
    post_free_coins(problem, 0)
    assert problem.work.posting == pytest.approx([0.02, 0.0])


@pytest.mark.parametrize("seed", [1223, 1235])
def test_cuts_that_pass_a_target_are_taken_back(seed: int) -> None:
    """Legs are cut for their groups one by one; what is left never lies beyond nothing."""
    answer = draw(seed).decided().answer
    for want, can in zip(answer.want, answer.can, strict=True):
        assert can == 0.0 or want * can > 0.0


SHORT, LONG = inverse(lot=100.0), inverse(multiplier=10.0)


def two_shorts(second: float, asked: float, settle: float = 0.0) -> list[float]:
    """Coins sold short in a large account at 2.05x and in a small one, once orders are filled.

    asked: coins of 60 that the hedge asks for; settle: coins that its band leaves above it.
    """
    band = Band(0.0, 0.0, settle / 60.0, settle / 60.0)
    lines = [(Position(SHORT, -60_000.0 * size, 60_000.0),) for size in (20.5, second)]
    accounts = [
        account(name, {"BTC": coins}, line)
        for name, coins, line in zip(("large", "small"), (10.0, second / 2.05), lines, strict=True)
    ]
    coins = 50.0 - second / 2.05
    legs = [[("large", SHORT, False), ("small", SHORT, False)]]
    book = Book((vault(BTC=coins), *accounts))
    hedge = fixed(ratio=asked / 60.0, band=band)
    decision = decided(book, [hedge], legs, {"BTC": 60_000.0}, Limits(max_leverage=2.0))
    return [contracts / 60_000.0 for contracts in filled(decision).contracts]


@pytest.mark.parametrize("second", [0.205, 0.41])
def test_a_reduction_is_given_back_as_far_as_its_group_carries(second: float) -> None:
    """A cut from 20.5 to 20 leaves 0.4 and more to sell: the small account keeps what 2x allow."""
    large, small = two_shorts(second, 20.45)
    assert large == pytest.approx(-20.0, abs=0.02)
    assert small == pytest.approx(-second * 2.0 / 2.05, abs=0.002)


@pytest.mark.parametrize("asked", [19.9, 20.1])
def test_a_hedge_that_a_cut_takes_past_its_band_ends_at_its_edge(asked: float) -> None:
    """The small account gives up what the band would have traded, whether a leg beside it is cut.

    0.4 BTC more than is asked for are left alone.
    """
    assert sum(two_shorts(4.1, asked, settle=0.35)) == pytest.approx(-asked - 0.35, abs=0.004)


@pytest.mark.parametrize("held", [2.05, 2.08])
def test_what_a_cut_leaves_open_another_contract_takes_at_once(held: float) -> None:
    """A short of 2.05x, a little more than is asked for, is cut to 2x: dollars carry the rest."""
    lines = (Position(SHORT, -60_000.0 * held, 60_000.0),)
    own = account("one", {"BTC": 1.0, "USDC": 60_000.0}, lines)
    legs = [[("one", SHORT, False), ("one", LINEAR, False)]]
    book = Book((vault(BTC=1.04), own))
    decision = decided(book, [fixed()], legs, PRICES, Limits(max_leverage=2.0))
    short, dollars = filled(decision).contracts
    assert -short / 60_000.0 == pytest.approx(2.0, abs=0.003)
    assert short / 60_000.0 + dollars == pytest.approx(-2.04, abs=0.002)
    assert decision.answer.can[0] == pytest.approx(-2.04)


@pytest.mark.parametrize("posted", [5_000.0, 20_000.0])
def test_two_isolated_positions_do_not_grow_on_the_same_coins(posted: float) -> None:
    """A plan's band ends at 4x: what 100,000 grow by is posted to them, the next has the rest."""
    first, second = linear(settle="USDC", symbol="BTC/USDC:FIRST"), LINEAR
    lines = (Position(first, -1.667, 60_000.0, margin=posted, leverage=20.0),)
    own = account("one", {"USDC": 57_000.0}, lines, mode="isolated", leverage=20.0)
    plans = (CollateralPlan(("vault",), (2.0, 2.0, 4.0, 4.0)),)
    legs = [[("one", first, False), ("one", second, False)]]
    decision = decided(Book((vault(BTC=9.0), own)), [fixed()], legs, PRICES, plans=plans)
    state, used = filled(decision), decision.flat.layout.legs
    for leg, contracts in enumerate(state.contracts):
        coins = state.wallet[used.posted_wallet[leg]] + decision.answer.post[used.group[leg]]
        assert abs(contracts) * 60_000.0 <= 4.0 * coins * (1.0 + 1e-6)
    assert sum(state.contracts) == pytest.approx(-3.8, rel=0.01)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("long_usd", [33_000_000.0, -3_000_000.0])
def test_the_room_of_a_group_that_is_cut_goes_to_its_legs_in_order(
    long_usd: float, order: tuple[int, int]
) -> None:
    """A tighter leverage cuts other legs first, and yet never hedges more.

    12 million dollars beside coins that count nothing, nine tenths of a rise to be survived.
    """
    used = (SHORT, linear())
    own = account(
        "one",
        {"USDT": 12e6, "BTC": 300.0},
        (Position(SHORT, long_usd, 60_000.0), Position(used[1], -238.0, 60_000.0)),
        mode="unified",
        collateral_weights={"BTC": 0.0, "USDT": 1.0},
    )
    book = Book((vault(BTC=3_000.0), own))
    legs = [[("one", used[row], False) for row in order]]
    prices, held = {"BTC": 60_000.0, "USDT": 1.0}, []
    for most in (None, 5.0, 3.5, 2.0, 1.0):
        limits = Limits(max_leverage=most, min_liquidation_distance=0.9)
        held.append(-decided(book, [fixed()], legs, prices, limits).answer.after[0])
    assert held == sorted(held, reverse=True)
    first = decided(
        book, [fixed()], legs, prices, Limits(max_leverage=5.0, min_liquidation_distance=0.9)
    )
    assert first.answer.after[0] < (-840.0 if order == (0, 1) and long_usd > 0.0 else -219.0)


def test_a_gain_of_less_than_a_lot_moves_nothing_between_legs() -> None:
    """Two equal legs cut by leverage: the less preferred one gives way, the first one stays."""
    first, second = linear(), linear(venue="okx")
    lines = (Position(first, -1.0, 60_000.0), Position(second, -1.0, 60_000.0))
    own = account("one", {"USDT": 25_000.0}, lines)
    legs = [[("one", first, False), ("one", second, False)]]
    decision = decided(
        Book((vault(BTC=9.0), own)),
        [fixed()],
        legs,
        PRICES | {"USDT": 1.0},
        Limits(max_leverage=4.0),
    )
    venues = (one.venue for _, one in decision.flat.legs)
    trade = dict(zip(venues, decision.answer.trade, strict=True))
    assert trade == {"bybit": 0.0, "okx": 0.335}


def test_a_position_that_no_hedge_trades_posts_before_one_that_is_turned_round() -> None:
    """The long lacks all free coins of a fall to nothing; as it is sold, they are there for others.

    Worked: the short that stands beside posts what doubles of the price ask for, at either limit.
    """
    other = inverse(multiplier=10.0, symbol="BTC/USD:BTC-270326")
    lines = (
        Position(LONG, 90.0, 60_000.0, margin=0.01, leverage=2.0),
        Position(other, -40.0, 60_000.0, margin=0.0008, leverage=2.0),
    )
    own = account("one", {"BTC": 0.05}, lines, mode="isolated", leverage=2.0)
    book, posted = Book((vault(BTC=1.0), own)), []
    for distance in (0.5, 0.99):
        limits = Limits(max_leverage=1.0, min_liquidation_distance=distance)
        answer = decided(book, [fixed()], [[("one", LONG, False)]], PRICES, limits).answer
        posted.append((answer.post, answer.trade))
    assert posted[0] == posted[1]
    assert posted[0][0] == pytest.approx([0.0, 0.0058667], rel=1e-4)


@pytest.mark.parametrize(
    ("long_usd", "short", "least", "moved"),
    [(33_000_000.0, 450.0, 1_200.0, True), (0.0, 399.9, 399.9, False)],
)
def test_room_is_shared_out_anew_where_a_leg_is_cut_and_not_where_all_stand(
    long_usd: float, short: float, least: float, moved: bool
) -> None:
    """Of 12 million dollars half a rise leaves nothing for the first leg beside the second's short.

    Cut, the second makes room for the first, which 300 BTC carry; at its limit it is left alone.
    """
    own = account(
        "one",
        {"USDT": 12e6, "BTC": 300.0},
        [
            Position(contract, size, 60_000.0)
            for contract, size in ((SHORT, long_usd), (linear(margin=flat_margin(0.0001)), -short))
            if size
        ],
        mode="unified",
        collateral_weights={"BTC": 0.0, "USDT": 1.0},
    )
    legs = [[("one", SHORT, False), ("one", linear(margin=flat_margin(0.0001)), False)]]
    book, limits = Book((vault(BTC=3_000.0), own)), Limits(min_liquidation_distance=0.5)
    decision = decided(book, [fixed()], legs, {"BTC": 60_000.0, "USDT": 1.0}, limits)
    second = [contract.symbol for _, contract in decision.flat.legs].index("BTC/USDT:USDT")
    assert -decision.answer.after[0] >= least
    assert (decision.answer.trade[second] != 0.0) is moved
