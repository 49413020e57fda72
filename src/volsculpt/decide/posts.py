"""Free coins that isolated positions post at once for what limits need, and coins given back."""

from volsculpt.book.group import group_gross
from volsculpt.book.posting import isolated_leg
from volsculpt.book.state import SLOT_FREE, Layout, State
from volsculpt.compilable import compilable
from volsculpt.decide.goal import free_now, post_more, set_goal
from volsculpt.decide.margin_need import Within, grown_leverage, is_lost, lacking
from volsculpt.decide.rules import WAITS, Answer, Problem

LEAST_POST = 1e-9  # of a group's |value|: less is not posted


@compilable
def limit_posts(problem: Problem, leg: int, grows: int) -> float:
    """Free coins that bring an isolated position of the goal book within the limits.

    0 within a limit's dead zone, but for a position that grows, which posts what its growth counts
    on, before another spends it. Worked: 1 BTC on 0.2 posted is 5x; at a limit of 4x it posts 0.05.
    """
    layout, state, rules, work = problem.layout, problem.state, problem.rules, problem.work
    group = layout.legs.group[leg]
    leverage, distance = rules.max_leverage, rules.min_distance
    if grows == 0:
        loose, near = leverage * (1.0 + rules.dead_zone), distance * (1.0 - rules.dead_zone)
        if lacking(problem, work.goal, group, Within(loose, near, 0)) <= 0.0:
            return 0.0
    else:
        leverage = grown_leverage(rules, group)
    short = lacking(problem, work.goal, group, Within(leverage, distance, grows))
    return max(0.0, min(short, free_now(layout, state, work, layout.legs.free_wallet[leg])))


@compilable
def post_free_coins(problem: Problem, leg: int) -> None:
    """Let an isolated position of the goal book post what the limits need of its free coins.

    A position that does not exist yet posts with its fill.
    """
    layout, state, quote, work = problem.layout, problem.state, problem.quote, problem.work
    if layout.legs.posted_wallet[leg] < 0 or state.contracts[leg] == 0.0:
        return
    group = layout.legs.group[leg]
    if is_lost(problem, group) == 1:
        return
    grows = 1 if abs(work.goal.contracts[leg]) > abs(state.contracts[leg]) else 0
    coins = limit_posts(problem, leg, grows)
    if coins > LEAST_POST * group_gross(layout, work.goal, quote, group):
        post_more(problem, leg, coins)


@compilable
def post_beside(problem: Problem, leg: int) -> None:
    """Let the other positions on a leg's free coins post first what limits need of these.

    One whose goal closes it or turns it round posts nothing itself. Worked: a long that is turned
    round lacks all free coins of its distance, a short that no hedge trades 0.038 ETH: the short
    posts them, and the hedge grows on what is left.
    """
    layout, state, work = problem.layout, problem.state, problem.work
    cash, goal = layout.legs.free_wallet[leg], work.goal.contracts[leg]
    if cash < 0:
        return
    if work.posting[leg] > 0.0 and state.contracts[leg] * goal <= 0.0:
        work.posting[leg] = 0.0
        set_goal(problem, leg, goal)
    for other in range(layout.cash_leg_from[cash], layout.cash_leg_to[cash]):
        if other != leg and layout.legs.cash_wallet[other] == cash:
            post_free_coins(problem, other)


@compilable
def is_pending(layout: Layout, state: State, answer: Answer, group: int) -> int:
    """1 while an order or a transfer of the group is on its way or about to be.

    Args: group: its row.
    """
    if state.incoming[group] != 0.0 or answer.top_up[group] != 0.0 or answer.post[group] != 0.0:
        return 1
    for leg in range(layout.group_leg_from[group], layout.group_leg_to[group]):
        if layout.legs.group[leg] == group:
            if state.slot[leg] != SLOT_FREE or answer.trade[leg] != 0.0:
                return 1
    return 0


@compilable
def is_turned(state: State, answer: Answer, leg: int) -> int:
    """1 when this step's order closes a position or turns it round."""
    held, trade = state.contracts[leg], answer.trade[leg]
    return 1 if trade != 0.0 and held != 0.0 and held * (held + trade) <= 0.0 else 0


@compilable
def release(problem: Problem, group: int) -> None:
    """Write what is posted, or the spare coins given back while nothing of it is under way.

    An isolated position frees them within its account. One that this step's order closes or
    turns round posts nothing: its fill gives all of it back.
    """
    layout, state, rules = problem.layout, problem.state, problem.rules
    work, answer = problem.work, problem.answer
    leg = isolated_leg(layout, group)
    if leg >= 0 and is_turned(state, answer, leg) == 0:
        answer.post[group] = work.posting[leg]
    if rules.planned[group] == 0 or work.spare[group] <= 0.0:
        return
    if is_pending(layout, state, answer, group) == 1:
        answer.group_code[group] += WAITS
    elif leg >= 0:
        answer.post[group] = -work.spare[group]
    else:
        answer.top_up[group] = -work.spare[group]
