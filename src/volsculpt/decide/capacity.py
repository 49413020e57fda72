"""How large a position a margin group can carry: found with the function that later judges it.

What the post-trade book has to spare, in units of its group (coins it settles in, US dollars in a
unified one), is a function of one leg's contracts, concave but for steps of a margin table. So the
size at which it runs out is found by a bracketed secant.
"""

import math

from volsculpt.book.exposure import venue_contracts
from volsculpt.book.group import group_gross, unit_usd
from volsculpt.book.liquidation import NEVER, nearest_factor
from volsculpt.compilable import compilable
from volsculpt.contracts.lots import WHOLE, less_lots, lots_down
from volsculpt.contracts.margin import NEAR_ZERO
from volsculpt.contracts.payoff import value
from volsculpt.decide.goal import free_now, set_goal
from volsculpt.decide.margin_need import UNLIMITED, Within, is_lost, lacking
from volsculpt.decide.rules import Problem, use_rows

CLOSE = 1e-8  # of a lot: a size is found when the bracket is no wider
TURNS = 200
PARTS = 8  # sizes looked at on the way to a smaller one: spare coins may rise, then fall
STEEP = 1e3  # times the value added: a fall of the spare coins beyond it is a step
DOUBLES = 4e-15  # of the numbers compared: what a sum of a few of them may be off by
NEARER = 1e-3  # of a price: ends that lie closer than this are the same


@compilable
def spare_at(problem: Problem, leg: int, contracts: float, within: Within) -> float:
    """Units to spare in a leg's group with so many contracts as its goal; the other legs at theirs.

    An isolated account's free coins can be posted at once to a position that is there, so they
    count; to open more, what the trade posts and its fee must come out of them.

    Args: leg: its row; contracts: signed, left as the leg's goal.
    """
    layout, state, rules, work = problem.layout, problem.state, problem.rules, problem.work
    set_goal(problem, leg, contracts)
    group, free = layout.legs.group[leg], layout.legs.free_wallet[leg]
    if rules.assumed[group] == 1:
        return UNLIMITED
    short = lacking(problem, work.goal, group, within)
    if free < 0:
        return -short
    left = work.goal.wallet[free]
    if within.opening == 0:
        return left - short
    left = free_now(layout, state, work, free)
    if state.contracts[leg] * contracts <= 0.0:
        return min(left, posted_noise(problem, group, within) - short)
    return min(left, left - short)


@compilable
def posted_noise(problem: Problem, group: int, within: Within) -> float:
    """Units that what a fill posts may seem to lack of the distance it is posted for.

    A fall to nothing is judged where an inverse position is 1e9 times its value: doubles lose as
    much of what is left, and a size just found stood or not by chance. Worked: 4e-6 of it.
    """
    layout, quote, work = problem.layout, problem.quote, problem.work
    below = max(NEAR_ZERO, 1.0 - within.distance)
    return DOUBLES * group_gross(layout, work.goal, quote, group) / below


@compilable
def below_tier_edge(
    problem: Problem,
    leg: int,
    near: float,
    far: float,
    within: Within,
    extra: float,
) -> float:
    """`near`, or a little less where a margin table steps just beyond it.

    A count within a millionth of a lot is taken for the whole lot, which must not lie past the
    step: 2,999,999.999999 contracts stay 2,999,999 where 3,000,000 begin a higher tier.

    Args: leg: its row; near, far: contracts, signed, of the size that stands and of one that does
    not; extra: units counted as arrived.
    """
    layout, quote = problem.layout, problem.quote
    legs = layout.legs
    side = math.copysign(1.0, far - near)
    little = 2.0 * WHOLE * legs.lot[leg] * side
    here = spare_at(problem, leg, near, within)
    there = spare_at(problem, leg, near + little, within)
    moved = abs(value(legs.payoff[leg], little, legs.multiplier[leg], quote.mark[leg]))
    steps = here - there > STEEP * moved * unit_usd(layout, quote, legs.group[leg], leg)
    return near - little if steps and there + extra < 0.0 else near


@compilable
def most_between(
    problem: Problem,
    leg: int,
    near: float,
    far: float,
    within: Within,
    extra: float,
) -> float:
    """Most signed contracts between `near`, which stands, and `far`, which does not.

    Illinois' secant, halving every third turn.

    Args: leg: its row; near, far: contracts, signed; extra: units counted as arrived.
    """
    layout = problem.layout
    low = extra + spare_at(problem, leg, near, within)
    high = extra + spare_at(problem, leg, far, within)
    close = CLOSE * layout.legs.lot[leg]
    last = 0
    for turn in range(TURNS):
        if abs(far - near) <= max(close, 1e-15 * abs(far)):
            break
        middle = near + (far - near) * (low / (low - high))
        if turn % 3 == 2 or not (min(near, far) < middle < max(near, far)):
            middle = 0.5 * (near + far)
        if middle == near or middle == far:
            break
        found = extra + spare_at(problem, leg, middle, within)
        if found >= 0.0:
            near, low = middle, found
            high = high * 0.5 if last == 1 else high
            last = 1
        else:
            far, high = middle, found
            low = low * 0.5 if last == -1 else low
            last = -1
    return below_tier_edge(problem, leg, near, far, within, extra)


@compilable
def most_toward(problem: Problem, leg: int, wanted: float, within: Within, extra: float) -> float:
    """Signed contracts from a leg's goal toward `wanted` with which its group stands.

    The goal where it does not stand there. Leaves any of them as the goal.

    Args: leg: its row; wanted: contracts, signed; extra: units counted as arrived.
    """
    kept = problem.work.goal.contracts[leg]
    if extra + spare_at(problem, leg, wanted, within) >= 0.0:
        return wanted
    if extra + spare_at(problem, leg, kept, within) < 0.0:
        return kept
    return most_between(problem, leg, kept, wanted, within, extra)


@compilable
def grow_to(problem: Problem, leg: int, wanted: float, most_leverage: float, extra: float) -> float:
    """Signed contracts a leg can grow to from its goal, at most `wanted`, which has its sign.

    A position that already passes a limit grows no further, nor does one that is lost: its coins
    would go with it. The goal is left as it was.
    Worked: 1 BTC free at 2x isolated, fee 0.055 %: 1 / (0.5 + 0.00055) = 1.9978 BTC.

    Args: leg: its row; wanted: contracts, signed; most_leverage: gross over equity, 0.0 = no limit;
    extra: units counted as arrived.
    """
    rules, work = problem.rules, problem.work
    kept = work.goal.contracts[leg]
    within = Within(most_leverage, rules.min_distance, 1)
    if is_lost(problem, problem.layout.legs.group[leg]) == 1:
        found = kept
    else:
        found = most_toward(problem, leg, wanted, within, extra)
    set_goal(problem, leg, kept)
    return found


@compilable
def cut_to(problem: Problem, leg: int, dead_zone: float) -> float:
    """Signed contracts a leg may keep: all within a limit's dead zone, else what it carries.

    Left whole where a smaller position would not help its group, and cut for leverage only as
    far as the distance allows (`cut_within_distance`). The goal is left as it was.
    Worked: 12,000 USD on 0.042857 BTC at 60,000, 4x: 4.67x is beyond 4.2x: 10,285.7 remain.
    """
    rules, work = problem.rules, problem.work
    kept = work.goal.contracts[leg]
    leverage, distance = rules.max_leverage, rules.min_distance
    if leverage <= 0.0 and distance <= 0.0:
        return kept
    more, less = 1.0 + dead_zone, 1.0 - dead_zone
    found = kept
    if spare_at(problem, leg, kept, Within(leverage * more, distance * less, 0)) < 0.0:
        by_leverage = cut_for(problem, leg, kept, Within(leverage, 0.0, 0))
        by_leverage = cut_within_distance(problem, leg, kept, by_leverage)
        by_distance = cut_for(problem, leg, kept, Within(0.0, distance, 0))
        found = by_leverage if abs(by_leverage) < abs(by_distance) else by_distance
    set_goal(problem, leg, kept)
    return found


@compilable
def cut_for(problem: Problem, leg: int, kept: float, within: Within) -> float:
    """Signed contracts that one limit leaves of `kept`; all where less is no help.

    Each limit speaks for itself: a distance that no size keeps must not silence the leverage.

    Args: leg: its row; kept: contracts, signed.
    """
    spare = spare_at(problem, leg, kept, within)
    flat = spare_at(problem, leg, 0.0, within)
    if spare >= 0.0 or flat <= spare:
        return kept
    return most_between(problem, leg, 0.0, kept, within, 0.0) if flat >= 0.0 else 0.0


@compilable
def has_untraded(problem: Problem, group: int) -> int:
    """1 when a group holds contracts that no hedge trades: in no `use`, or somebody else's."""
    layout, state, rules = problem.layout, problem.state, problem.rules
    for leg in range(layout.group_leg_from[group], layout.group_leg_to[group]):
        if layout.legs.group[leg] != group or venue_contracts(state, leg) == 0.0:
            continue
        used = 0
        for use in range(use_rows(rules)):
            used = 1 if rules.use_leg[use] == leg else used
        if used == 0 or state.others[leg] != 0.0:
            return 1
    return 0


@compilable
def away(problem: Problem, leg: int, contracts: float) -> float:
    """How far all coins may move until a leg's group is liquidated, `contracts` its goal."""
    set_goal(problem, leg, contracts)
    group = problem.layout.legs.group[leg]
    found, factor = nearest_factor(problem.layout, problem.work.goal, problem.quote, group, -1, 1)
    return UNLIMITED if found == NEVER else abs(factor - 1.0)


@compilable
def is_nearer(problem: Problem, leg: int, one: float, other: float) -> int:
    """1 when `one` as its goal brings a leg's group nearer to its end than `other`.

    By more than NEARER: a rate that slopes with size ends an inverse position in the last
    hundredth of a percent of a fall, and what moves that end is no reason to keep a hedge.

    Args: leg: its row; one, other: contracts, signed.
    """
    return 1 if away(problem, leg, one) < away(problem, leg, other) - NEARER else 0


@compilable
def cut_within_distance(problem: Problem, leg: int, kept: float, less: float) -> float:
    """The smallest position between `kept` and `less` at which its group keeps its distance.

    Where none does: `less`, unless its group would be liquidated nearer than with `kept`.

    A short can be what keeps a group from its end when prices fall: one that holds off a long
    which no hedge trades. No order takes it below what the distance needs, whole lots stay.
    Where hedges trade all that a group holds, each is brought to its own target, and parts of an
    isolated position take their margin along.

    Args: leg: its row; kept, less: contracts, signed, `less` the nearer to none.
    """
    layout, rules = problem.layout, problem.rules
    if rules.min_distance <= 0.0 or kept == less or layout.legs.free_wallet[leg] >= 0:
        return less
    if has_untraded(problem, layout.legs.group[leg]) == 0:
        return less
    within = Within(0.0, rules.min_distance, 0)
    spare = spare_at(problem, leg, kept, within)
    near, most = kept, spare
    for part in range(1, PARTS):
        size = kept + (less - kept) * part / PARTS
        here = spare_at(problem, leg, size, within)
        if here > most:
            near, most = size, here
    if most < 0.0:
        return kept if is_nearer(problem, leg, less, kept) == 1 else less
    if spare_at(problem, leg, less, within) >= 0.0:
        return less
    lot = layout.legs.lot[leg]
    found = most_between(problem, leg, near, less, within, 0.0)
    return less_lots(kept, lots_down(abs(kept - found) / lot) * lot, lot)
