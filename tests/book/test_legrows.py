"""The columns of legs: every figure of a contract in its place, of several in a row."""

import pytest

from tests.factories import inverse, tiered
from volsculpt.book.legrows import LegRows, margin_kind
from volsculpt.contracts.legs import Legs
from volsculpt.contracts.margin import SLOPE, TIERS_CONTRACTS, TIERS_VALUE
from volsculpt.contracts.spec import Fees, Margin, Orders, Tier
from volsculpt.errors import ContractError

FIRST = inverse(
    multiplier=10.0,
    lot=5.0,
    minimum=15.0,
    orders=Orders(least_value=100.0, reduce_only_exempt=True, limit_most=900.0),
    position_most=7e6,
    position_most_value=80.0,
    fees=Fees(taker=0.0007),
    margin=Margin(
        tiers=(Tier(0.0, 0.01, 50.0), Tier(20.0, 0.02, initial_rate=0.1), Tier(30.0, 0.05)),
        closing_fee_rate=0.0003,
    ),
)
SLOPED = Margin("slope", base="entry", rate_base=0.01, rate_slope=0.001)
SECOND = inverse("ETH", base_count=1_000.0, lot=2.0, margin=SLOPED)
THIRD = inverse(margin=Margin("slope", initial_rate=0.04, initial_slope=0.002))


def rows() -> Legs:
    """Three legs, the second of them swept."""
    made = LegRows()
    made.add(FIRST, (1, 2, 3), 4, (5, 6, 7), (8.0, 0.9), (10, 11))
    made.add(SECOND, (21, 22, 23), 24, (25, -1, -1), (28.0, 0.0), (0, 1))
    made.add(THIRD, (31, 32, 33), 34, (35, -1, -1), (38.0, 0.0), (-1, 0))
    made.sweep(1, 99, 0.25)
    return made.legs()


WANTED = {
    "rows": 3,
    "payoff": [0, 0, 0],
    "multiplier": [10.0, 1.0, 1.0],
    "base_count": [1.0, 1_000.0, 1.0],
    "base": [1, 21, 31],
    "quote": [2, 22, 32],
    "settle": [3, 23, 33],
    "group": [4, 24, 34],
    "mark_power": [10, 0, -1],
    "settle_power": [11, 1, 0],
    "lot": [5.0, 2.0, 1.0],
    "minimum": [15.0, 2.0, 1.0],
    "order_least_value": [100.0, 0.0, 0.0],
    "order_exempt": [1, 0, 0],
    "order_most": [900.0, 0.0, 0.0],
    "position_most": [7e6, 0.0, 0.0],
    "position_most_value": [80.0, 0.0, 0.0],
    "taker": [0.0007, 0.0005, 0.0005],
    "margin_kind": [TIERS_VALUE, SLOPE, SLOPE],
    "margin_on_entry": [0, 1, 0],
    "rate_base": [0.0, 0.01, 0.0],
    "rate_slope": [0.0, 0.001, 0.0],
    "rate_added": [0.0003, 0.0, 0.0],
    "initial_base": [0.0, 0.0, 0.04],
    "initial_slope": [0.0, 0.0, 0.002],
    "tier_from": [0, 3, 3],
    "tier_to": [3, 3, 3],
    "cash_wallet": [5, 25, 35],
    "funding_wallet": [5, 99, 35],
    "sweep_cost": [0.0, 0.25, 0.0],
    "free_wallet": [6, -1, -1],
    "posted_wallet": [7, -1, -1],
    "leverage": [8.0, 28.0, 38.0],
    "open_distance": [0.9, 0.0, 0.0],
    "tier_floor": [0.0, 20.0, 30.0],
    "tier_rate": [0.01, 0.02, 0.05],
    "tier_cum": [0.0, pytest.approx(0.2), pytest.approx(1.1)],
    "tier_initial": [0.02, 0.1, 0.0],
}


def test_every_figure_of_a_leg_has_its_column() -> None:
    """What is not known is 0; tiers of one leg stand after another's."""
    found = {name: list(one) if name != "rows" else one for name, one in rows()._asdict().items()}
    assert found == WANTED


def test_kinds_of_margin_have_their_codes() -> None:
    """A slope whatever its unit, else tiers of value or of contracts."""
    kinds = [
        margin_kind(one) for one in (SLOPED, tiered([(0.0, 0.1)], unit="contracts"), tiered([]))
    ]
    assert kinds == [SLOPE, TIERS_CONTRACTS, TIERS_VALUE]


def test_a_leg_without_a_taker_fee_is_refused() -> None:
    """What it would cost to trade nobody knows; 0 is known."""
    places = ((0, 1, 0), 0, (0, -1, -1), (1.0, 0.0), (1, 1))
    with pytest.raises(ContractError, match=r"taker fee \(fees.taker\) is unknown to the catalog"):
        LegRows().add(inverse(fees=Fees()), *places)
    made = LegRows()
    made.add(inverse(fees=Fees(taker=0.0)), *places)
    assert list(made.legs().taker) == [0.0]
