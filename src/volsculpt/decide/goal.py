"""The post-trade book under construction: positions as they would be, opened at the mark.

Trading at the mark leaves equity as it is, so a goal position keeps the PnL of the held one
in its cost; limits and collateral are then judged by the same functions as any other book.
"""

from volsculpt.book.exposure import leg_pnl, leg_value
from volsculpt.book.state import Layout, Quote, State
from volsculpt.compilable import compilable
from volsculpt.contracts.payoff import INVERSE, value
from volsculpt.decide.rules import Work


@compilable
def set_goal(
    layout: Layout, state: State, quote: Quote, work: Work, leg: int, contracts: float
) -> None:
    """Make `contracts` the goal of a leg; an isolated leg posts margin for an increase."""
    legs, goal = layout.legs, work.goal
    pnl = leg_pnl(layout, state, quote, leg)
    wanted = value(legs.payoff[leg], contracts, legs.multiplier[leg], quote.mark[leg])
    goal.contracts[leg] = contracts
    goal.cost[leg] = pnl + wanted if legs.payoff[leg] == INVERSE else wanted - pnl
    posted, free = legs.posted_wallet[leg], legs.free_wallet[leg]
    if posted >= 0:
        held = abs(leg_value(layout, state, quote, leg))
        post = max(0.0, abs(wanted) - held) / legs.leverage[leg]
        before = goal.wallet[posted]
        goal.wallet[posted] = state.wallet[posted] + post
        goal.wallet[free] -= goal.wallet[posted] - before


@compilable
def start_goal(layout: Layout, state: State, quote: Quote, work: Work) -> None:
    """Begin with what is held, or held and working where that is the larger position."""
    for wallet in range(layout.wallets):
        work.goal.wallet[wallet] = state.wallet[wallet]
    for leg in range(layout.legs.rows):
        both = state.contracts[leg] + state.working[leg]
        work.hold[leg] = both
        worse = both if abs(both) > abs(state.contracts[leg]) else state.contracts[leg]
        set_goal(layout, state, quote, work, leg, worse)
