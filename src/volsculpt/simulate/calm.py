"""Bars in which nothing can happen: a box of prices and cash inside which `act` is silent.

After a step in which `act` did nothing, a box around the prices is certified: `act` itself is
asked at every corner, and every margin group must stand there with its maintenance met. What
keeps `act` silent, and a group solvent, is concave or linear-fractional in each coordinate
alone, so what holds at the corners holds inside. A bar inside its box needs no decision.

Coordinates: the index of each coin that moves, the basis mark/index of each leg, the cash of
each leg that funding changes, the target of each hedge that changes. Books whose decisions
are not of that shape (collateral plans, proxied hedges, unified groups, more corners than are
worth it) have no box and decide at every bar.
"""

from collections.abc import Sequence

from volsculpt.book.exposure import venue_value
from volsculpt.book.state import SLOT_FREE, Layout, Quote, State
from volsculpt.decide.act import act
from volsculpt.decide.rules import IN_BAND, ZERO_TARGET, Answer, Rules, Work
from volsculpt.exchange.liquidate import excess_now, has_position
from volsculpt.exchange.rows import NOT_DUE, Pending
from volsculpt.simulate.edges import (
    ABOVE,
    BELOW,
    EDGE_PARTS,
    RESTING,
    Calm,
    Sides,
    edges,
    fair,
    note_gaps,
    old_edges,
    probe,
)

INSET = 0.9  # of the way to the edges found, so that cash and basis have room
SHRINK = 0.6  # of a box that could not be certified
SHRINKS = 5  # before a lane gives up for a while
PATIENCE = 4  # steps until it tries again
SMALLEST = 0.01  # a box that ends nearer is not worth its price
BASIS = 0.004  # mark/index may move by this either way
CASH = 0.008  # cash may move by this share of the coins a leg stands for
WIDEST = 0.5  # a box this wide or wider, low to high, has those sides whole
REACH = 0.02  # highs and lows may pass the edges of the box by this, if groups stand it


def end_of(low: float, high: float, corner: int, bit: int) -> float:
    """The end of a coordinate that a corner's number asks for."""
    return high if (corner >> bit) & 1 == 1 else low


def go_to_corner(
    sides: Sides,
    calm: Calm,
    corner: int,
    layout: Layout,
    rules: Rules,
    state: State,
    quote: Quote,
    there: Quote,
    targets: Sequence[float],
) -> None:
    """Write the prices, cash and targets of one corner of the box."""
    for row in range(layout.currencies):
        there.index_usd[row] = quote.index_usd[row]
        if sides.index_bit[row] >= 0:
            low, high = calm.index_low[row], calm.index_high[row]
            there.index_usd[row] = end_of(low, high, corner, sides.index_bit[row])
    for leg in range(layout.legs.rows):
        low, high = calm.basis_low[leg], calm.basis_high[leg]
        there.mark[leg] = fair(layout, there, leg) * end_of(low, high, corner, sides.basis_bit[leg])
    for row in range(layout.wallets):
        if sides.cash_bit[row] >= 0:
            low, high = calm.cash_low[row], calm.cash_high[row]
            state.wallet[row] = end_of(low, high, corner, sides.cash_bit[row])
    for row in range(rules.hedges):
        calm.asked[row] = targets[row]
        if sides.ratio_bit[row] >= 0:
            low, high = calm.ratio_low[row], calm.ratio_high[row]
            calm.asked[row] = end_of(low, high, corner, sides.ratio_bit[row])


def is_silent(
    calm: Calm,
    layout: Layout,
    rules: Rules,
    state: State,
    quote: Quote,
    targets: Sequence[float],
    work: Work,
    answer: Answer,
) -> int:
    """1 when `act` does nothing here, for the same reasons as where the box was begun."""
    act(layout, state, quote, rules, targets, work, answer)
    for leg in range(rules.legs):
        if answer.trade[leg] != 0.0 or answer.cancel[leg] != 0 or answer.leg_code[leg] != 0:
            return 0
    for hedge in range(rules.hedges):
        if answer.hedge_code[hedge] != calm.codes[hedge]:
            return 0
    for group in range(rules.groups):
        if answer.top_up[group] != 0.0 or answer.post[group] != 0.0:
            return 0
        if answer.group_code[group] != 0:
            return 0
    return 1


def stands(
    sides: Sides, calm: Calm, corner: int, layout: Layout, state: State, there: Quote
) -> int:
    """1 when every group is solvent at a corner of the marks that a bar may touch.

    Cash stands at its corner already; the basis bit of a leg now chooses its mark.
    """
    for leg in range(layout.legs.rows):
        low, high = calm.mark_low[leg], calm.mark_high[leg]
        there.mark[leg] = end_of(low, high, corner, sides.basis_bit[leg])
    for group in range(layout.groups):
        if has_position(layout, state, group) == 1:
            if excess_now(layout, state, there, group) <= 0.0:
                return 0
    return 1


def set_box(
    sides: Sides,
    calm: Calm,
    layout: Layout,
    rules: Rules,
    state: State,
    quote: Quote,
    targets: Sequence[float],
    down: float,
    up: float,
    wide: float,
) -> None:
    """Draw the box from `down` to `up` times each index; `wide` scales its other sides."""
    legs = layout.legs
    for row in range(layout.currencies):
        by = 1.0 if layout.moves[row] == 1 else BASIS * wide
        calm.index_low[row] = quote.index_usd[row] * (1.0 - by * (1.0 - down))
        calm.index_high[row] = quote.index_usd[row] * (1.0 + by * (up - 1.0))
    for row in range(layout.wallets):
        calm.cash_low[row] = state.wallet[row]
        calm.cash_high[row] = state.wallet[row]
    for leg in range(legs.rows):
        basis = quote.mark[leg] / fair(layout, quote, leg)
        calm.basis_low[leg] = basis * (1.0 - BASIS * wide)
        calm.basis_high[leg] = basis * (1.0 + BASIS * wide)
        calm.mark_low[leg] = quote.mark[leg] * down * (1.0 - REACH * wide)
        calm.mark_high[leg] = quote.mark[leg] * up * (1.0 + REACH * wide)
        drift = CASH * wide * abs(venue_value(layout, state, quote, leg))
        calm.cash_low[legs.cash_wallet[leg]] -= drift
        calm.cash_high[legs.cash_wallet[leg]] += drift
    for row in range(rules.hedges):
        drift = CASH * wide if sides.ratio_bit[row] >= 0 else 0.0
        calm.ratio_low[row] = targets[row] - drift
        calm.ratio_high[row] = targets[row] + drift


def is_resting(
    calm: Calm,
    layout: Layout,
    rules: Rules,
    state: State,
    pending: Pending,
    answer: Answer,
) -> int:
    """1 when nothing was just decided and nothing is on its way; notes why `act` was silent.

    Legs that retire, that no pool manages or that are not own whole are left to `act`. So are
    collateral plans: what a group needs is the larger of two figures, of which one rises with the
    price and one falls, so coins can be free inside a box at whose corners none are.
    """
    for group in range(rules.groups):
        if rules.planned[group] == 1:
            return 0
    managed = 0
    for slot in range(rules.pool_to[rules.pools - 1] if rules.pools > 0 else 0):
        if rules.use_retire[slot] == 1:
            return 0
        managed += 1 if state.contracts[rules.use_leg[slot]] != 0.0 else 0
    for leg in range(layout.legs.rows):
        managed -= 1 if state.contracts[leg] != 0.0 else 0
        if state.others[leg] != 0.0:
            return 0
    if managed != 0:
        return 0
    for leg in range(layout.legs.rows):
        if state.slot[leg] != SLOT_FREE or state.working[leg] != 0.0 or answer.trade[leg] != 0.0:
            return 0
    for group in range(layout.groups):
        if pending.transfer_due[group] != NOT_DUE or state.incoming[group] != 0.0:
            return 0
        if answer.top_up[group] != 0.0 or answer.post[group] != 0.0:
            return 0
    for hedge in range(rules.hedges):
        code = answer.hedge_code[hedge]
        calm.codes[hedge] = code
        if code != IN_BAND and code != IN_BAND + ZERO_TARGET:
            return 0
    return 1


def is_certified(
    sides: Sides,
    calm: Calm,
    layout: Layout,
    rules: Rules,
    state: State,
    quote: Quote,
    there: Quote,
    targets: Sequence[float],
    work: Work,
    answer: Answer,
) -> int:
    """1 when `act` is silent and every group stands at every corner; cash is put back."""
    found = 1
    for row in range(layout.wallets):
        calm.cash_kept[row] = state.wallet[row]
    for corner in range(sides.corners):
        go_to_corner(sides, calm, corner, layout, rules, state, quote, there, targets)
        asked = calm.asked
        silent = is_silent(calm, layout, rules, state, there, asked, work, answer)
        if silent == 1 and (corner & sides.idle_bits) == 0:
            silent = stands(sides, calm, corner, layout, state, there)
        if silent == 0:
            found = 0
            break
    for row in range(layout.wallets):
        state.wallet[row] = calm.cash_kept[row]
    return found


def seek_calm(
    sides: Sides,
    calm: Calm,
    step: int,
    by_cash: int,
    layout: Layout,
    rules: Rules,
    state: State,
    pending: Pending,
    quote: Quote,
    there: Quote,
    targets: Sequence[float],
    work: Work,
    answer: Answer,
) -> None:
    """Try to certify a box around the prices of a step in which nothing was done.

    by_cash = 1: the box before was left by its cash alone, so its edges are tried first.
    """
    if is_resting(calm, layout, rules, state, pending, answer) == 0:
        return
    note_gaps(rules, answer, calm.gap)
    down, up = old_edges(sides, calm, layout, quote)
    for turn in range(1 - by_cash, 1 + SHRINKS):
        if turn == 1:
            for side in range(2):
                factor, gaps = (ABOVE, calm.gap_above) if side == 0 else (BELOW, calm.gap_below)
                probe(layout, rules, state, quote, there, targets, work, answer, factor, gaps)
            down, up = edges(calm, rules)
            up, down = 1.0 + INSET * (up - 1.0), 1.0 - INSET * (1.0 - down)
        if up - 1.0 < SMALLEST or 1.0 - down < SMALLEST:
            if turn > 0:
                break
            continue
        wide = min(1.0, (up - down) / WIDEST)  # a small box is left soon
        set_box(sides, calm, layout, rules, state, quote, targets, down, up, wide)
        if is_certified(sides, calm, layout, rules, state, quote, there, targets, work, answer):
            calm.flag[0] = RESTING
            return
        if turn > 0:
            up, down = 1.0 + SHRINK * (up - 1.0), 1.0 - SHRINK * (1.0 - down)
    calm.wait[0] = step + PATIENCE


CALM_PARTS = (
    *EDGE_PARTS,
    end_of,
    go_to_corner,
    is_silent,
    stands,
    set_box,
    is_resting,
    is_certified,
    seek_calm,
)
