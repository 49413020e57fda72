"""What ends a danger, coins or contracts: found with the functions that judge it."""

from collections.abc import Callable

from volsculpt.book.breaches import Breaches
from volsculpt.book.exposure import venue_contracts
from volsculpt.book.fill import fill
from volsculpt.book.state import State, copy_state
from volsculpt.decide.collateral import unit_of_coin
from volsculpt.decide.lots import lots_up
from volsculpt.decide.margin_need import Within, lacking
from volsculpt.decide.step import Decision
from volsculpt.watch.breach import MarginStatus, margin_status
from volsculpt.watch.coins import coins_needed, safe_leverage
from volsculpt.watch.level import DangerLevel, level_of

FIRST = 1e-3  # of a group's value in coins: the first amount tried beyond what it needs
DOUBLINGS = 24  # then no amount of coins ends the danger
CLOSE = 1e-6  # of what is found
NOISE = 1e-9  # of a group's value


def coins_that_end(
    decision: Decision, state: State, found: MarginStatus, level: DangerLevel
) -> float | None:
    """Least coins, beyond those under way, that bring a group where it is safe and no danger.

    None: no amount does. Args: state: the book in danger, where it stands as found; level: of the
    danger, which so lasts until it is well over.
    """
    unit = unit_of_coin(decision.flat.layout, decision.quoted.quote, decision.rules, found.row)
    if unit <= 0.0:
        return None

    def ends(coins: float) -> bool:
        return level_of(decision, with_coins(decision, state, found, coins), level) is None

    near = coins_needed(decision, state, found.row, safe_leverage(decision, found.row))
    if ends(near):
        return near
    far, step = near, FIRST * found.gross / unit
    for _ in range(DOUBLINGS):
        near, far, step = far, far + step, 2.0 * step
        if ends(far):
            return _least(near, far, ends)
    return None


def _least(near: float, far: float, ends: Callable[[float], bool]) -> float:
    """The least amount that ends it, to CLOSE: `near` does not, `far` does."""
    while far - near > CLOSE * far:
        middle = 0.5 * (near + far)
        near, far = (near, middle) if ends(middle) else (middle, far)
    return far


def with_coins(decision: Decision, state: State, found: MarginStatus, coins: float) -> MarginStatus:
    """How a group stands with coins added, those under way among them.

    They are put beside its wallets, as coins that count as margin: it may have no wallet for them.
    Args: state: the book; found: how the group stands without; coins: of its moving currency.
    """
    flat, book = decision.flat, copy_state(state)
    row = found.row * flat.layout.currencies + decision.rules.move_currency[found.row]
    book.others_coins[row] += coins + max(0.0, state.incoming[found.row])
    return margin_status_of(decision, book, found)


def contracts_that_end(
    decision: Decision, state: State, found: MarginStatus, level: DangerLevel
) -> float:
    """Fewest contracts of its main leg to close that leave a group safe and in no danger.

    0.0: all of them do not. Of a position of its own margin a part closed takes its part of the
    margin along, so all. What is not own cannot be closed, and buying back beside another's long
    helps nothing.

    Args: state, level: as in `coins_that_end`.
    """
    layout, leg = decision.flat.layout, found.leg
    if leg < 0 or state.contracts[leg] * venue_contracts(state, leg) <= 0.0:
        return 0.0
    held, lot = abs(state.contracts[leg]), layout.legs.lot[leg]

    def ends(lots: float) -> bool:
        return _ends_with_less(decision, state, found, level, min(held, lots * lot))

    near, far = 0.0, lots_up(held / lot)
    then = _with_less(decision, state, found, held)
    if level_of(decision, margin_status_of(decision, then, found), level) is not None:
        return 0.0
    if layout.legs.posted_wallet[leg] >= 0:
        return held
    while far - near > 1.0:
        middle = lots_up(0.5 * (near + far))
        near, far = (near, middle) if ends(middle) else (middle, far)
    return min(held, far * lot)


def margin_status_of(decision: Decision, book: State, found: MarginStatus) -> MarginStatus:
    """How the group found stands in another book."""
    breaches = Breaches(decision.flat, book, decision.quoted.quote)
    return margin_status(breaches, found.row, found.leg)


def _ends_with_less(
    decision: Decision, state: State, found: MarginStatus, level: DangerLevel, contracts: float
) -> bool:
    """Whether contracts closed leave a group within what is safe, and in no danger.

    Args: contracts: of its main leg, > 0; the others as in `coins_that_end`.
    """
    book = _with_less(decision, state, found, contracts)
    then, limits = margin_status_of(decision, book, found), decision.setup.limits
    distance = limits.min_liquidation_distance or 0.0
    within = Within(safe_leverage(decision, found.row), distance, 1)
    short = lacking(decision.problem, book, found.row, within)
    return short <= NOISE * then.gross and level_of(decision, then, level) is None


def _with_less(decision: Decision, state: State, found: MarginStatus, contracts: float) -> State:
    """The book once so many contracts of a group's main leg are closed, the fee paid."""
    flat, book, leg = decision.flat, copy_state(state), found.leg
    size = -contracts if state.contracts[leg] > 0.0 else contracts
    mark, taker = decision.quoted.quote.mark[leg], flat.layout.legs.taker[leg]
    fill(flat.layout, book, leg, size, mark, taker)
    return book
