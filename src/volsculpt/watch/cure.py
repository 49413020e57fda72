"""What ends a danger, coins or contracts: found with the functions that judge it."""

from collections.abc import Callable, Mapping

from volsculpt.book.breaches import Breaches
from volsculpt.book.exposure import venue_contracts
from volsculpt.book.fill import fill
from volsculpt.book.state import State, copy_state
from volsculpt.contracts.lots import lots_up
from volsculpt.decide.collateral import unit_of_coin
from volsculpt.decide.finish import whole
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


def closings_that_end(
    decision: Decision, state: State, found: MarginStatus, level: DangerLevel
) -> dict[int, float]:
    """Contracts by leg, the fewest whose closing leaves a group safe and in no danger.

    Of its main leg where that is enough, else the same share of each: none where all of them do not
    end it. Of a position of its own margin a part closed takes its part of the margin along, so
    all. What is not own cannot be closed, and buying back beside another's long helps nothing.

    Args: state, level: as in `coins_that_end`.
    """
    own = [
        leg
        for leg in decision.flat.legs_of(found.row)
        if state.contracts[leg] * venue_contracts(state, leg) > 0.0
    ]
    for legs in ([found.leg] if found.leg in own else [], own):
        if legs and _ends_with_less(
            decision, state, found, level, _share(decision, state, legs, 1.0)
        ):
            return _least_share(decision, state, found, level, legs)
    return {}


def _least_share(
    decision: Decision, state: State, found: MarginStatus, level: DangerLevel, legs: list[int]
) -> dict[int, float]:
    """The least share of legs, in whole lots, that ends a danger.

    Args: state, level: as in `coins_that_end`; legs: rows; all of them closed end it.
    """
    rows = decision.flat.layout.legs
    whole = _share(decision, state, legs, 1.0)
    if any(rows.posted_wallet[leg] >= 0 for leg in legs):
        return whole
    parts = max(lots_up(whole[leg] / rows.lot[leg]) for leg in legs)
    near, far = 0.0, parts
    while far - near > 1.0:
        middle = lots_up(0.5 * (near + far))
        closed = _share(decision, state, legs, middle / parts)
        ends = _ends_with_less(decision, state, found, level, closed)
        near, far = (near, middle) if ends else (middle, far)
    return _share(decision, state, legs, far / parts)


def _share(decision: Decision, state: State, legs: list[int], part: float) -> dict[int, float]:
    """Contracts by leg that are a part of what is held, in whole lots.

    Args: legs: rows; part: 1.0 = all.
    """
    lot, held = decision.flat.layout.legs.lot, {leg: abs(state.contracts[leg]) for leg in legs}
    return {
        leg: min(held[leg], whole(lots_up(part * held[leg] / lot[leg]) * lot[leg], lot[leg]))
        for leg in legs
    }


def margin_status_of(decision: Decision, book: State, found: MarginStatus) -> MarginStatus:
    """How the group found stands in another book."""
    breaches = Breaches(decision.flat, book, decision.quoted.quote)
    return margin_status(breaches, found.row, found.leg)


def _ends_with_less(
    decision: Decision,
    state: State,
    found: MarginStatus,
    level: DangerLevel,
    closed: Mapping[int, float],
) -> bool:
    """Whether contracts closed leave a group within what is safe, and in no danger.

    Args: closed: contracts by leg, > 0; the others as in `coins_that_end`.
    """
    book = copy_state(state)
    close(decision, book, closed)
    then, limits = margin_status_of(decision, book, found), decision.setup.limits
    distance = limits.min_liquidation_distance or 0.0
    within = Within(safe_leverage(decision, found.row), distance, 1)
    short = lacking(decision.problem, book, found.row, within)
    return short <= NOISE * then.gross and level_of(decision, then, level) is None


def close(decision: Decision, book: State, closed: Mapping[int, float]) -> None:
    """Close so many contracts in a book, the fees paid. closed: by leg, > 0.

    What an isolated position that is closed whole leaves, or owes, is its account's.
    """
    layout, marks = decision.flat.layout, decision.quoted.quote.mark
    for leg, contracts in closed.items():
        size = -contracts if book.contracts[leg] > 0.0 else contracts
        fill(layout, book, leg, size, marks[leg], layout.legs.taker[leg])
        posted = layout.legs.posted_wallet[leg]
        if posted >= 0 and book.contracts[leg] == 0.0:
            book.wallet[layout.legs.free_wallet[leg]] += book.wallet[posted]
            book.wallet[posted] = 0.0
