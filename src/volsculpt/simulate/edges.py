"""The box of a lane: its sides, what it holds to, and the guess at its edges."""

from collections.abc import MutableSequence, Sequence
from typing import NamedTuple

from volsculpt.book.state import Layout, Quote, State
from volsculpt.decide.act import act
from volsculpt.decide.rules import Answer, Rules, Work

AWAKE = 0  # the lane decides
RESTING = 1  # it is inside a certified box
PAID = 2  # it decides, and the funding of the step is booked already

FARTHEST = 1.6  # a box reaches at most this factor above the price, and its inverse below
ABOVE, BELOW = 1.2, 0.85  # factors at which `act` is asked, to guess where its band ends
FLAT = 1e-12


class Sides(NamedTuple):
    """The coordinates of a book's boxes: a bit of the corner's number each, -1 for none.

    Coordinates that share no decision may share a bit.
    """

    noted: int  # 1: every bar is decided and written down whole, and there are no boxes
    corners: int  # 0: no box for this book
    index_bit: Sequence[int]  # per currency
    basis_bit: Sequence[int]  # per leg
    cash_bit: Sequence[int]  # per wallet
    ratio_bit: Sequence[int]  # per hedge
    idle_bits: int  # bits of no basis: groups are tested where these are 0, at the least cash


class Calm(NamedTuple):
    """The box of one lane."""

    flag: MutableSequence[int]  # AWAKE | RESTING | PAID; one element, as have wait and until
    wait: MutableSequence[int]  # step before which no new box is tried
    until: MutableSequence[int]  # the step at which prices leave the box
    index_low: MutableSequence[float]
    index_high: MutableSequence[float]
    basis_low: MutableSequence[float]
    basis_high: MutableSequence[float]
    mark_low: MutableSequence[float]  # of highs and lows inside a bar
    mark_high: MutableSequence[float]
    cash_low: MutableSequence[float]
    cash_high: MutableSequence[float]
    cash_kept: MutableSequence[float]
    ratio_low: MutableSequence[float]
    ratio_high: MutableSequence[float]
    asked: MutableSequence[float]
    gap: MutableSequence[float]  # per hedge: how far from target, here
    gap_above: MutableSequence[float]  # and where all coins stand higher
    gap_below: MutableSequence[float]
    codes: MutableSequence[int]  # per hedge
    coins: MutableSequence[float]  # per currency: wallets, and what PnL does not owe to the mark


def fair(layout: Layout, quote: Quote, leg: int) -> float:
    """Index of what a leg's price is of, in its quote currency."""
    legs = layout.legs
    spot = quote.index_usd[legs.base[leg]] / quote.index_usd[legs.quote[leg]]
    return spot * legs.base_count[leg]


def note_gaps(rules: Rules, answer: Answer, gaps: MutableSequence[float]) -> None:
    """How far each hedge is from where its pool can bring it, in held ratio."""
    for hedge in range(rules.hedges):
        pool, base = rules.hedge_pool[hedge], answer.base[hedge]
        gaps[hedge] = 0.0
        if base > 0.0:
            gaps[hedge] = (answer.can[pool] - answer.before[pool]) / base


def probe(
    layout: Layout,
    rules: Rules,
    state: State,
    quote: Quote,
    there: Quote,
    targets: Sequence[float],
    work: Work,
    answer: Answer,
    factor: float,
    gaps: MutableSequence[float],
) -> None:
    """Ask `act` where all coins stand at `factor` times their price, and note the gaps."""
    for row in range(layout.currencies):
        moved = factor if layout.moves[row] == 1 else 1.0
        there.index_usd[row] = quote.index_usd[row] * moved
    for leg in range(layout.legs.rows):
        basis = quote.mark[leg] / fair(layout, quote, leg)
        there.mark[leg] = fair(layout, there, leg) * basis
    act(layout, state, there, rules, targets, work, answer)
    note_gaps(rules, answer, gaps)


def crossing(here: float, above: float, below: float, gap: float) -> float:
    """The factor at which a gap is reached, from the gaps at 1, ABOVE and BELOW; -1.0 if none.

    A gap is (a + b*f)/(1 + c*f) of the factor f by which all coins move, so three of them tell
    it. Worked: 0.0 here, 0.5 above, -0.5 below, gap 0.5: ABOVE.
    """
    rise, fall = ABOVE - 1.0, BELOW - 1.0
    bent_up, bent_down = above * ABOVE - here, below * BELOW - here
    turn = fall * bent_up - rise * bent_down
    bend = 0.0
    if abs(turn) > FLAT:
        bend = (rise * (below - here) - fall * (above - here)) / turn
    slope = (above - here + bend * bent_up) / rise
    level = here * (1.0 + bend) - slope
    steep = slope - gap * bend
    return (gap - level) / steep if abs(steep) > FLAT else -1.0


def edges(calm: Calm, rules: Rules) -> tuple[float, float]:
    """How far all coins may fall and rise together before a hedge leaves its band, as factors.

    A guess: what is certified is what counts.
    """
    down, up = 1.0 / FARTHEST, FARTHEST
    for hedge in range(rules.hedges):
        here, above, below = calm.gap[hedge], calm.gap_above[hedge], calm.gap_below[hedge]
        for side in range(2):
            gap = rules.over_trigger[hedge] if side == 1 else -rules.under_trigger[hedge]
            factor = crossing(here, above, below, gap)
            if factor > 1.0:
                up = min(up, factor)
            elif factor > 0.0:
                down = max(down, factor)
    return down, up


def old_edges(sides: Sides, calm: Calm, layout: Layout, quote: Quote) -> tuple[float, float]:
    """How far the box that was left reaches below and above these prices, as factors."""
    down, up = 1.0 / FARTHEST, FARTHEST
    for row in range(layout.currencies):
        if sides.index_bit[row] >= 0 and layout.moves[row] == 1:
            down = max(down, calm.index_low[row] / quote.index_usd[row])
            up = min(up, calm.index_high[row] / quote.index_usd[row])
    return down, up


EDGE_PARTS = (fair, note_gaps, probe, crossing, edges, old_edges)
