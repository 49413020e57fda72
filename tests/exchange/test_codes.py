"""Codes are numbered through: a gap or a code given twice is a slip of the hand."""

import pytest

from volsculpt.book import liquidation, state
from volsculpt.contracts import margin, orders, payoff
from volsculpt.decide import band, leg_moves, rules, triggers
from volsculpt.exchange import cancel, events, rows
from volsculpt.simulate import block_sums, kernel, log, scan


@pytest.mark.parametrize(
    ("codes", "first"),
    [
        ((payoff.INVERSE, payoff.LINEAR, payoff.QUANTO), 0),
        ((margin.TIERS_VALUE, margin.TIERS_CONTRACTS, margin.SLOPE), 0),
        (
            (
                orders.TAKEN,
                orders.UNDER_SIZE,
                orders.UNDER_VALUE,
                orders.OVER_SIZE,
                orders.OVER_POSITION,
                orders.OVER_PRICE,
                orders.NO_MARGIN,
            ),
            0,
        ),
        ((liquidation.NEVER, liquidation.FOUND, liquidation.BREACHED), 0),
        ((state.SLOT_FREE, state.SLOT_BUSY, state.SLOT_UNKNOWN, state.SLOT_MISSING), 0),
        (
            (
                leg_moves.LEFT_BY_BAND,
                leg_moves.HELD_TO_LIMITS,
                leg_moves.WITH_TRANSFERS,
                leg_moves.WHOLE_LOTS,
                leg_moves.BACK_IN_LOTS,
            ),
            0,
        ),
        ((band.UNDER, band.WITHIN, band.OVER), -1),
        ((rules.BASE_EQUITY, rules.BASE_COINS, rules.BASE_WEALTH), 0),
        (
            (
                triggers.FORM,
                triggers.BAND,
                triggers.LOT,
                triggers.LEVERAGE,
                triggers.DISTANCE,
                triggers.TOP_UP,
                triggers.RELEASE,
                triggers.SURVIVAL,
                triggers.BASE,
                triggers.RANGE,
                triggers.ROOM,
            ),
            0,
        ),
        ((triggers.NO_ROWS, triggers.AT_CLOSE, triggers.INSIDE), -1),
        (
            (
                events.FILLED,
                events.REFUSED,
                events.DELIVERED,
                events.FUNDED,
                events.SWEPT,
                events.SETTLED,
                events.FLOWED,
                events.ARRIVED,
                events.TAKEN,
                events.CLOSED,
                events.LIQUIDATED,
                events.POSTED,
                events.SENT,
                events.ORDERED,
                events.DECIDED,
                events.CANCELLED,
            ),
            1,
        ),
        ((cancel.BY_DECISION, cancel.BY_DELIVERY, cancel.BY_LIQUIDATION), 0),
        ((rows.NOT_DUE,), -1),
        ((block_sums.HIGH, block_sums.LOW, block_sums.HEDGES), 1),
        ((kernel.RUNNING, kernel.NOT_FINITE, kernel.FULL), 0),
        ((kernel.WHOLE, kernel.ADVANCE, kernel.DECIDE), 0),
        ((log.BEGUN, log.FIRST), -2),
        ((scan.NOTHING, scan.PAID, scan.ADVANCED), 0),
    ],
)
def test_one_of_several(codes: tuple[int, ...], first: int) -> None:
    """From the first on, each once."""
    assert codes == tuple(range(first, first + len(codes)))


def test_several_at_once() -> None:
    """Of hedges, of legs and of groups: each a bit of its own, none left out."""
    own = {name: code for name, code in vars(rules).items() if name.isupper()}
    codes = [code for name, code in own.items() if type(code) is int and "BASE_" not in name[:5]]
    codes.insert(2, rules.BASE_GONE)
    ends = [place for place, code in enumerate(codes) if code == 1]
    assert len(ends) == 3
    for start, end in zip(ends, (*ends[1:], len(codes)), strict=True):
        assert codes[start:end] == [1 << bit for bit in range(end - start)]
