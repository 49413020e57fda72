"""The book after a decision, filled at the mark without fees."""

from volsculpt.book.exposure import coins_per_contract
from volsculpt.book.fill import fill
from volsculpt.book.state import SLOT_FREE, State, copy_state
from volsculpt.decide.act import act
from volsculpt.decide.rules import Answer, new_problem, pool_hedges
from volsculpt.decide.step import Decision


def sent_legs(decision: Decision) -> list[int]:
    """Rows of the legs that trade."""
    return [leg for leg, trade in enumerate(decision.answer.trade) if trade != 0.0]


def filled(decision: Decision) -> State:
    """The state once every trade is filled at its mark, with no fee."""
    state = copy_state(decision.flat.state)
    for leg in sent_legs(decision):
        mark = decision.quoted.quote.mark[leg]
        fill(decision.flat.layout, state, leg, decision.answer.trade[leg], mark, 0.0)
        state.slot[leg] = SLOT_FREE
    return state


def act_again(decision: Decision, state: State) -> Answer:
    """What act says of another state under the same rules and ratios."""
    layout, rules = decision.flat.layout, decision.rules
    problem = new_problem(layout, state, decision.quoted.quote, rules)
    act(problem, [aim.ratio or 0.0 for aim in decision.aims])
    return problem.answer


def pool_legs(decision: Decision, pool: int) -> list[int]:
    """Rows of the legs a pool uses."""
    rules = decision.rules
    return list(rules.use_leg[rules.pool_from[pool] : rules.pool_to[pool]])


def pools(decision: Decision) -> range:
    """Rows of the pools."""
    return range(len(decision.rules.pool_currency))


def pool_codes(decision: Decision, pool: int) -> int:
    """Every code of the hedges of a pool, united."""
    codes = 0
    for hedge in pool_hedges(decision.rules, pool):
        codes |= decision.answer.hedge_code[hedge]
    return codes


def leg_codes(decision: Decision, pool: int) -> int:
    """Every code of the legs of a pool, united."""
    codes = 0
    for leg in pool_legs(decision, pool):
        codes |= decision.answer.leg_code[leg]
    return codes


def lone_groups(decision: Decision) -> list[int]:
    """Groups that only one pool trades in, all of whose trades are sent or none."""
    group = decision.flat.layout.legs.group
    found = {row: set() for row in range(len(decision.flat.groups))}
    for pool in pools(decision):
        for leg in pool_legs(decision, pool):
            found[group[leg]].add(pool)
    return [row for row, traders in found.items() if len(traders) == 1]


def leaves_isolated(decision: Decision) -> bool:
    """True when an isolated position gets smaller or flips, and gives margin back."""
    legs, contracts = decision.flat.layout.legs, decision.flat.state.contracts
    return any(
        legs.posted_wallet[leg] >= 0 and contracts[leg] * decision.answer.trade[leg] < 0.0
        for leg in sent_legs(decision)
    )


def held_and_working(decision: Decision, leg: int) -> float:
    """Contracts of a leg that sizing starts from."""
    state = decision.flat.state
    return state.contracts[leg] + state.working[leg]


def coins_each(decision: Decision, leg: int) -> float:
    """Base coins of one contract."""
    return coins_per_contract(decision.flat.layout, decision.quoted.quote, leg)


def coins_after(decision: Decision, pool: int) -> float:
    """Futures coins of a pool once its trades are filled."""
    return sum(
        (held_and_working(decision, leg) + decision.answer.trade[leg]) * coins_each(decision, leg)
        for leg in pool_legs(decision, pool)
    )


def largest_lot(decision: Decision, pool: int) -> float:
    """Coins of the largest lot of a pool's legs."""
    lots = decision.flat.layout.legs.lot
    return max(lots[leg] * abs(coins_each(decision, leg)) for leg in pool_legs(decision, pool))


def a_lot_each(decision: Decision, pool: int) -> float:
    """Coins of a lot of every leg of a pool together."""
    lots = decision.flat.layout.legs.lot
    return sum(lots[leg] * abs(coins_each(decision, leg)) for leg in pool_legs(decision, pool))
