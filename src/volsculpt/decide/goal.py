"""The post-trade book under construction: what fills at the mark, fees paid, would leave.

It is built by the very function that books a fill, so limits and collateral are judged on the
book that the venue will hold.
"""

from volsculpt.book.fill import book_trade
from volsculpt.book.state import SLOT_MISSING, SLOT_UNKNOWN, Layout, State
from volsculpt.compilable import compilable
from volsculpt.contracts.lots import less_lots, lots_up
from volsculpt.decide.rules import Problem, Work


@compilable
def is_blocked(state: State, leg: int) -> int:
    """1 when nothing may be sent on a leg: an unknown order or missing data."""
    return 1 if state.slot[leg] == SLOT_UNKNOWN or state.slot[leg] == SLOT_MISSING else 0


@compilable
def share_margin(layout: Layout, leg: int, other: int) -> int:
    """1 when two legs stand on the same coins: of one margin group, or of one isolated account."""
    legs = layout.legs
    same = legs.group[leg] == legs.group[other] or legs.cash_wallet[leg] == legs.cash_wallet[other]
    return 1 if same else 0


@compilable
def is_growth(goal: float, held: float) -> int:
    """1 when a goal adds to what is held or opens the other side; a flip adds all it opens.

    Worked: -35,114 held, 33,521 as the goal: 33,521 are new though the position is smaller.
    """
    return 1 if abs(goal) > abs(held) or goal * held < 0.0 else 0


@compilable
def set_goal(problem: Problem, leg: int, contracts: float) -> None:
    """Make `contracts` the goal of a leg: trade there from what is held, at the mark.

    What an isolated position is to post at once is posted before the trade. Free coins of an
    isolated account may end below zero: then the goal asks for more than the account has. What
    other legs' goals book to the same wallet stays.
    """
    layout, state, quote, work = problem.layout, problem.state, problem.quote, problem.work
    legs, goal = layout.legs, work.goal
    cash, posted = legs.cash_wallet[leg], legs.posted_wallet[leg]
    start = state.wallet[cash]
    for other in range(layout.cash_leg_from[cash], layout.cash_leg_to[cash]):
        if other != leg and legs.cash_wallet[other] == cash:
            start += work.booked[other]
    goal.wallet[cash] = start
    if posted >= 0:
        goal.wallet[posted] = state.wallet[posted] + work.posting[leg]
        goal.wallet[cash] -= work.posting[leg]
    goal.contracts[leg], goal.cost[leg] = state.contracts[leg], state.cost[leg]
    change = contracts - state.contracts[leg]
    book_trade(layout, goal, leg, change, quote.mark[leg], legs.taker[leg])
    goal.contracts[leg] = contracts
    work.booked[leg] = goal.wallet[cash] - start


@compilable
def set_cut(problem: Problem, leg: int, cut: float, whole: int) -> None:
    """Take contracts off a leg's goal, rounded up to whole lots where they count.

    Worked: a goal of -12,000 less 1,714.3 in lots of 1: -10,285.

    Args: leg: its row; cut: contracts, 0 or more; whole: 1 rounds up to whole lots.
    """
    layout, work = problem.layout, problem.work
    goal, lot = work.goal.contracts[leg], layout.legs.lot[leg]
    if cut <= 0.0:
        return
    cut = lots_up(cut / lot) * lot if whole == 1 else cut
    set_goal(problem, leg, less_lots(goal, cut, lot))


@compilable
def post_more(problem: Problem, leg: int, coins: float) -> None:
    """Post more free coins of the account to an isolated leg at once, its goal as it is."""
    work = problem.work
    work.posting[leg] += coins
    set_goal(problem, leg, work.goal.contracts[leg])


@compilable
def free_now(layout: Layout, state: State, work: Work, wallet: int) -> float:
    """Coins of an isolated account that its goals leave free before any reduction frees more.

    A venue takes an increase only for coins that are there when it arrives. Worked: 1 free,
    one goal posts 0.3, another gives 0.2 back: 0.7.

    Args: wallet: row of the account's free coins.
    """
    coins = state.wallet[wallet]
    for leg in range(layout.cash_leg_from[wallet], layout.cash_leg_to[wallet]):
        if layout.legs.cash_wallet[leg] == wallet:
            coins += min(0.0, work.booked[leg] + work.posting[leg]) - work.posting[leg]
    return coins


@compilable
def start_goal(problem: Problem) -> None:
    """Begin with what is held, or held and working where that is the larger position."""
    layout, state, work = problem.layout, problem.state, problem.work
    for wallet in range(layout.wallets):
        work.goal.wallet[wallet] = state.wallet[wallet]
    for row in range(layout.groups * layout.currencies):
        work.goal.bonus[row] = state.bonus[row]
        work.goal.others_coins[row] = state.others_coins[row]
    for leg in range(layout.legs.rows):
        work.booked[leg], work.posting[leg] = 0.0, 0.0
        work.goal.contracts[leg], work.goal.cost[leg] = state.contracts[leg], state.cost[leg]
        work.goal.others[leg] = state.others[leg]
        work.goal.others_cost[leg] = state.others_cost[leg]
    for leg in range(layout.legs.rows):
        both = state.contracts[leg] + state.working[leg]
        work.hold[leg] = both
        if abs(both) > abs(state.contracts[leg]):
            set_goal(problem, leg, both)
