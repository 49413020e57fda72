"""Figures chosen by hand that decide what is moved, when, and how closely it is looked at.

A change of one changes orders, or what they cost to find: it is made on purpose, here too.
"""

import pytest

from volsculpt.contracts import funding, pricing
from volsculpt.decide import (
    capacity,
    collateral,
    limits,
    margin_need,
    quoting,
    trigger_margin,
    trigger_room,
    trigger_shares,
)
from volsculpt.simulate import horizon, kernel, log, scan, walk_forward


@pytest.mark.parametrize(
    ("figures", "chosen"),
    [
        ((collateral.MARGIN, collateral.GIVE_BACK), (0.08, 0.25)),
        ((collateral.DUST, collateral.SPECK, limits.COSTS), (0.001, 0.0001, 20.0)),
        ((capacity.STEEP, capacity.NEARER, capacity.PARTS), (1_000.0, 0.001, 8)),
        ((margin_need.PARTS, margin_need.TURNS), (8, 16)),
        ((quoting.FAR_FROM_INDEX,), (0.2,)),
        ((trigger_margin.CHORD, trigger_shares.WIDEST, trigger_shares.EQUAL), (1.25, 2.0, 1e-12)),
        ((trigger_room.BASIS, trigger_room.SMALLER), (0.97, 1.25)),
        ((horizon.BLOCK, scan.REACH, log.CAPACITY), (64, 1_024, 4_096)),
        ((scan.MORE, kernel.PATIENCE), (1.001, 4)),
        ((walk_forward.LEAST_DAYS,), (2,)),
        ((funding.HOURS_PER_YEAR, pricing.DAYS_PER_YEAR), (8_760.0, 365.0)),
    ],
)
def test_a_figure_is_as_chosen(figures: tuple[float, ...], chosen: tuple[float, ...]) -> None:
    """Margins beyond limits, least moves, bounds of rows, sizes of blocks."""
    assert figures == chosen


def test_the_golden_section_is_what_it_is() -> None:
    """The lesser part is to the greater as that to the whole; 16 turns leave a thousandth."""
    part, turns = margin_need.GOLDEN, margin_need.TURNS
    whole = part + part * part
    assert whole == pytest.approx(1.0, abs=1e-15)
    assert part**turns < 0.001
