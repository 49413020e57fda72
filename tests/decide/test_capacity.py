"""How large a position a group carries: what is to spare, growth, cuts, and the distance first."""

import random
from collections.abc import Iterator

import pytest

from tests.decide.undecided import undecided_of
from tests.factories import account, decided, fixed, inverse, linear, tiered, vault
from tests.laws.test_distance_first import one
from volsculpt.book.holdings import Book, Position
from volsculpt.book.liquidation import NEVER, nearest_factor
from volsculpt.contracts.spec import Margin
from volsculpt.decide.capacity import (
    away,
    below_tier_edge,
    cut_for,
    cut_to,
    cut_within_distance,
    grow_to,
    has_untraded,
    is_nearer,
    spare_at,
)
from volsculpt.decide.goal import free_now, post_more, set_goal, start_goal
from volsculpt.decide.limits import Limits
from volsculpt.decide.margin_need import UNLIMITED, Within, lacking
from volsculpt.decide.rules import Problem, use_rows

SEEDS = range(24)
BOUNDS = ((0.0, 0.0), (1.0, 0.0), (0.0, 0.9), (2.0, 0.3), (40.0, 0.0), (0.0, 0.02))
CLOSE = 3e-6  # of a lot: what a size may fall short of the one that just stands


def legs_of_books() -> Iterator[tuple[random.Random, Problem, int]]:
    """Every leg of random books, some of them with other goals and coins to post at once."""
    for seed in SEEDS:
        dice, problem = random.Random(seed), undecided_of(seed)
        legs = problem.layout.legs
        for leg in range(legs.rows):
            if dice.random() < 0.5:
                lots = dice.randrange(-900, 900)
                set_goal(problem, leg, problem.state.contracts[leg] + lots * legs.lot[leg])
            if legs.posted_wallet[leg] >= 0 and dice.random() < 0.3:
                post_more(problem, leg, 0.01 * problem.state.wallet[legs.cash_wallet[leg]])
        for leg in range(legs.rows):
            yield dice, problem, leg


def within_of(dice: random.Random) -> Within:
    """Limits at random."""
    leverage, distance = dice.choice((0.0, 0.5, 3.0)), dice.choice((0.0, 0.3))
    return Within(leverage, distance, dice.choice((0, 1)))


def test_what_is_to_spare() -> None:
    """What the group does not lack; free coins count where they can be posted, and must be there.

    What is opened or turned takes them all from the trade; what is assumed lacks nothing.
    """
    kinds = set()
    for dice, problem, leg in legs_of_books():
        layout, work = problem.layout, problem.work
        held, within = problem.state.contracts[leg], within_of(dice)
        size = dice.choice((0.0, held, 1.5 * held, -held, 3.0 * layout.legs.lot[leg]))
        group, free = layout.legs.group[leg], layout.legs.free_wallet[leg]
        set_goal(problem, leg, size)
        over = -lacking(problem, work.goal, group, within)
        now = free_now(layout, problem.state, work, free)
        if free < 0:
            kind, spare = "cross", over
        elif within.opening == 0:
            kind, spare = "held", work.goal.wallet[free] + over
        elif size * held > 0.0:
            kind, spare = "grown", min(now, now + over)
        else:
            kind, spare = "opened", min(now, over)
        set_goal(problem, leg, 0.0)
        assert spare_at(problem, leg, size, within) == pytest.approx(spare, rel=1e-9, abs=1e-9)
        assert work.goal.contracts[leg] == size
        problem.rules.assumed[group] = 1
        assert spare_at(problem, leg, size, within) == UNLIMITED
        problem.rules.assumed[group] = 0
        kinds.add(kind)
    assert kinds == {"cross", "held", "grown", "opened"}


def test_contracts_that_no_hedge_trades() -> None:
    """Of any leg that is in no use, and somebody else's of one that is; in that group alone."""
    found = []
    for dice, problem, _ in legs_of_books():
        state, layout = problem.state, problem.layout
        state.others[:] = [dice.choice((0.0, 0.0, 0.0, 1.0)) for _ in state.others]
        used = problem.rules.use_leg[: use_rows(problem.rules)]
        for group in range(layout.groups):
            mine = [leg for leg, one in enumerate(layout.legs.group) if one == group]
            there = [leg for leg in mine if state.contracts[leg] + state.others[leg] != 0.0]
            untraded = any(leg not in used or state.others[leg] for leg in there)
            assert has_untraded(problem, group) == untraded
            found.append(untraded)
    assert 0.1 < sum(found) / len(found) < 0.9


def test_a_leg_grows_to_what_its_group_carries() -> None:
    """All that is wanted where it stands, none where what is there does not, else up to the edge.

    Coins that arrive count; the goal is left as it was.
    """
    fates = {"all": 0, "none": 0, "part": 0}
    for dice, problem, leg in legs_of_books():
        rules, lot = problem.rules, problem.layout.legs.lot[leg]
        kept, side = problem.work.goal.contracts[leg], dice.choice((-1.0, 1.0))
        wanted = kept + side * lot * 10.0 ** dice.uniform(0.0, 7.0)
        most, extra = dice.choice((0.0, 0.5, 3.0)), dice.choice((0.0, 1.0, 1e4))
        within = Within(most, rules.min_distance, 1)
        found = grow_to(problem, leg, wanted, most, extra)
        assert problem.work.goal.contracts[leg] == kept
        start, end = (extra + spare_at(problem, leg, size, within) for size in (kept, wanted))
        if end >= 0.0 or start < 0.0:
            fates["all" if end >= 0.0 else "none"] += 1
            assert found == (wanted if end >= 0.0 else kept)
        else:
            fates["part"] += 1
            beyond = found + side * (CLOSE * lot + 1e-13 * abs(found))
            assert min(kept, wanted) <= found <= max(kept, wanted)
            assert extra + spare_at(problem, leg, found, within) >= 0.0
            assert extra + spare_at(problem, leg, beyond, within) < 0.0
        set_goal(problem, leg, kept)
    assert min(fates.values()) > 5


@pytest.mark.parametrize("most", [3_000_000.0, 300_000.0])
@pytest.mark.parametrize("lot", [1.0, 10.0])
@pytest.mark.parametrize("mode", ["cross", "isolated"])
def test_a_position_stays_below_a_tier_that_it_cannot_carry(
    most: float, mode: str, lot: float
) -> None:
    """Coins for twice the tier before, and hardly any for the next: hardly less than it.

    Where it can carry the next too, nothing is taken off.
    """
    contract = inverse(margin=tiered([(0.0, 0.01), (most, 0.5)], unit="contracts"), lot=lot)
    for coins, is_tight in ((most / 60_000.0 * 0.1, True), (most / 60_000.0, False)):
        own = account("one", {"BTC": coins}, mode=mode, leverage=20.0 if mode != "cross" else None)
        book = Book((vault(BTC=1_000.0), own))
        problem = decided(book, [fixed()], [[("one", contract, False)]], {"BTC": 60_000.0}).problem
        start_goal(problem)
        found = grow_to(problem, 0, -1.5 * most, 0.0, 0.0)
        if is_tight:
            assert most - 3e-6 * lot < -found < most - 1e-6 * lot
        else:
            assert -found >= most


@pytest.mark.parametrize("slope", [0.0, 5e-6, 5e-5, 1e-3])
def test_what_a_new_position_posts_keeps_the_distance_it_is_posted_for(slope: float) -> None:
    """Of every size, a fall to nothing too, where an inverse one is a thousand million times it.

    2,321.75 contracts of 10 dollars are opened as 2,321.56 are, where both leave coins free.
    """
    margin = Margin(kind="slope", rate_base=0.01, rate_slope=slope)
    contract = inverse(multiplier=10.0, margin=margin)
    own = account("one", {"BTC": 2.0}, mode="isolated", leverage=10.0)
    dice = random.Random(5)
    for distance in (0.5, 0.95, 1.0, 1.15):
        limits = Limits(min_liquidation_distance=distance)
        legs = [[("one", contract, False)]]
        book, prices = Book((vault(BTC=3.0), own)), {"BTC": 43_194.7}
        problem = decided(book, [fixed()], legs, prices, limits).problem
        start_goal(problem)
        within = Within(0.0, distance, 1)
        for size in (2_321.565, 2_321.746, *(10.0 ** dice.uniform(-1.0, 3.8) for _ in range(40))):
            assert spare_at(problem, 0, -size, within) >= 0.0
        assert spare_at(problem, 0, -90_000.0, within) < 0.0


def test_coins_that_arrive_carry_what_lies_beyond_a_tier() -> None:
    """A size just below it stays whole where half a coin more than is lacking has arrived."""
    contract = inverse(margin=tiered([(0.0, 0.01), (3e6, 0.5)], unit="contracts"))
    book = Book((vault(BTC=1_000.0), account("one", {"BTC": 1.0})))
    problem = decided(book, [fixed()], [[("one", contract, False)]], {"BTC": 60_000.0}).problem
    near, far, within = -3e6 + 1e-7, -4e6, Within(0.0, 0.0, 1)
    lacks = -spare_at(problem, 0, -3e6, within)
    assert lacks > 0.0
    assert below_tier_edge(problem, 0, near, far, within, lacks + 0.5) == near
    assert below_tier_edge(problem, 0, near, far, within, lacks - 0.5) == near + 2e-6


def test_a_small_position_is_one() -> None:
    """A hundredth of a coin that grows to two posts to what is there; the first account in file."""
    line = Position(linear(), -0.01, 60_000.0, margin=100.0)
    own = account("one", {"USDT": 1_000.0}, (line,), mode="isolated", leverage=6.0)
    book = Book((own, vault(BTC=1.0)))
    prices = {"BTC": 60_000.0, "USDT": 1.0}
    problem = decided(book, [fixed()], [[("one", linear(), False)]], prices).problem
    start_goal(problem)
    assert problem.layout.legs.free_wallet[0] == 0
    for within in (Within(4.0, 0.0, 1), Within(0.1, 0.0, 1), Within(0.1, 0.0, 0)):
        found = spare_at(problem, 0, -0.02, within)
        now = free_now(problem.layout, problem.state, problem.work, 0)
        over = -lacking(problem, problem.work.goal, 0, within)
        assert found == min(now, now + over)


def test_one_limit_leaves_what_it_carries() -> None:
    """All where it stands or less is no help, none where none is carried, else up to the edge."""
    fates = {"all": 0, "none": 0, "part": 0}
    for dice, problem, leg in legs_of_books():
        lot = problem.layout.legs.lot[leg]
        within = Within(*dice.choice(((0.5, 0.0, 0), (3.0, 0.0, 0), (0.0, 0.3, 0), (0.0, 0.9, 0))))
        kept = problem.work.goal.contracts[leg] * dice.choice((1.0, 3.0))
        spare, flat = (spare_at(problem, leg, size, within) for size in (kept, 0.0))
        found = cut_for(problem, leg, kept, within)
        if spare >= 0.0 or flat <= spare:
            fates["all"] += 1
            assert found == kept
        elif flat < 0.0:
            fates["none"] += 1
            assert found == 0.0
        else:
            fates["part"] += 1
            beyond = found + (CLOSE * lot + 1e-13 * abs(kept)) * (1.0 if kept > 0.0 else -1.0)
            assert 0.0 <= found / kept <= 1.0
            assert spare_at(problem, leg, found, within) >= 0.0
            assert spare_at(problem, leg, beyond, within) < 0.0
    assert min(fates.values()) > 1


def test_a_cut_is_to_the_tighter_limit_once_a_dead_zone_is_passed() -> None:
    """By leverage, the distance first, or by distance; within the dead zone all is kept."""
    cuts = 0
    for dice, problem, leg in legs_of_books():
        leverage, distance = dice.choice(BOUNDS)
        bound = problem.rules._replace(max_leverage=leverage, min_distance=distance)
        problem, zone = problem._replace(rules=bound), dice.choice((0.0, 0.05, 0.9))
        kept = problem.work.goal.contracts[leg] * dice.choice((1.0, 5.0, 20.0))
        set_goal(problem, leg, kept)
        loose = Within(leverage * (1.0 + zone), distance * (1.0 - zone), 0)
        stands = not (leverage or distance) or spare_at(problem, leg, kept, loose) >= 0.0
        by_leverage = cut_for(problem, leg, kept, Within(leverage, 0.0, 0))
        by_leverage = cut_within_distance(problem, leg, kept, by_leverage)
        by_distance = cut_for(problem, leg, kept, Within(0.0, distance, 0))
        set_goal(problem, leg, kept)
        found = cut_to(problem, leg, zone)
        assert found == (kept if stands else min(by_leverage, by_distance, key=abs))
        assert problem.work.goal.contracts[leg] == kept
        cuts += found != kept
    assert cuts > 5


def test_how_far_a_group_is_from_its_end() -> None:
    """By a thousandth of the price at least one is nearer than another."""
    nearer = []
    for dice, problem, leg in legs_of_books():
        sizes = [problem.work.goal.contracts[leg] * dice.uniform(0.0, 2.0) for _ in range(2)]
        ends, group = [], problem.layout.legs.group[leg]
        for size in sizes:
            found = away(problem, leg, size)
            assert problem.work.goal.contracts[leg] == size
            rest = (problem.work.goal, problem.quote, group, -1, 1)
            what, factor = nearest_factor(problem.layout, *rest)
            assert found == (UNLIMITED if what == NEVER else abs(factor - 1.0))
            ends.append(found)
        said = is_nearer(problem, leg, *sizes)
        assert said == (ends[0] < ends[1] - 1e-3)
        nearer.append(said)
    assert 0.1 < sum(nearer) / len(nearer) < 0.9


BEST = -611_000.0  # of 15,000 dollars: from 610 to 614 thousand short keep the distance


def peaked(part: int, dollars: float = 15_000.0) -> tuple[Problem, float, float]:
    """A short that holds off a long which no hedge trades, with dollars that hardly suffice.

    Returns it with the sizes to cut from and to, 80,000 contracts apart: of the eighths of that way
    the distance is kept at `part` alone.
    """
    problem = one(10.0, 10.0, dollars, 0.1, None, 0.5).problem
    start_goal(problem)
    return problem, BEST - 10_000.0 * part, BEST + 10_000.0 * (8 - part)


@pytest.mark.parametrize("lot", [1.0, 10.0])
@pytest.mark.parametrize("part", range(1, 8))
def test_a_cut_ends_where_the_distance_is_kept(part: int, lot: float) -> None:
    """Wherever between the two that is, in whole lots off, and not a lot more."""
    problem, kept, less = peaked(part)
    problem.layout.legs.lot[0] = lot
    within = Within(0.0, 0.5, 0)
    assert spare_at(problem, 0, kept, within) < 0.0
    found = cut_within_distance(problem, 0, kept, less)
    assert BEST <= found < less
    assert (found - kept) % lot == pytest.approx(0.0, abs=1e-6)
    assert spare_at(problem, 0, found, within) >= 0.0
    assert spare_at(problem, 0, found + lot, within) < 0.0
    steady = cut_within_distance(problem, 0, BEST, less)
    assert steady == pytest.approx(found, abs=lot)


@pytest.mark.parametrize(
    ("dollars", "kept", "less", "left"),
    [
        (12_000.0, -621_000.0, -6_000.0, -621_000.0),
        (12_000.0, -691_000.0, -615_000.0, -615_000.0),
        (400_000.0, -621_000.0, -6_000.0, -6_000.0),
    ],
)
def test_where_the_distance_is_kept_by_all_or_none(
    dollars: float, kept: float, less: float, left: float
) -> None:
    """All is cut where the rest keeps it; where nothing does, unless that brings the end nearer."""
    problem, _, _ = peaked(4, dollars)
    assert cut_within_distance(problem, 0, kept, less) == left


def test_a_cut_is_whole_where_no_distance_is_in_its_way() -> None:
    """None is asked for, nothing is cut, hedges trade all, or margin goes with its part."""
    problem, kept, less = peaked(4)
    assert cut_within_distance(problem, 0, kept, kept) == kept
    free = problem._replace(rules=problem.rules._replace(min_distance=0.0))
    assert cut_within_distance(free, 0, kept, less) == less
    assert cut_within_distance(problem, 0, kept, less) != less
    problem.layout.legs.free_wallet[0] = 0
    assert cut_within_distance(problem, 0, kept, less) == less
    problem.layout.legs.free_wallet[0] = -1
    problem.state.contracts[1] = 0.0
    assert cut_within_distance(problem, 0, kept, less) == less
