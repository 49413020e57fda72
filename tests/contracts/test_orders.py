"""What a venue counts an order as, and why it takes none: with contracts of more than one unit."""

import pytest

from tests.factories import inverse, linear, one_leg
from volsculpt.book.flatten import flatten
from volsculpt.contracts.legs import Legs
from volsculpt.contracts.orders import (
    OVER_POSITION,
    OVER_SIZE,
    TAKEN,
    UNDER_SIZE,
    UNDER_VALUE,
    is_reduction,
    judge_order,
    order_value,
    position_cap,
)
from volsculpt.contracts.payoff import INVERSE, LINEAR
from volsculpt.contracts.spec import Contract, Orders


def legs_of(contract: Contract) -> Legs:
    """The row of a contract."""
    return flatten(one_leg(contract, 0.0, 1.0, 1.0)).layout.legs


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_an_order_is_counted_in_quote(sign: float) -> None:
    """5 inverse contracts of 100 USD are 500 at any price; 300 of 0.001 BTC at 60,000 18,000."""
    assert order_value(INVERSE, 5.0 * sign, 100.0, 60_000.0) == 500.0
    assert order_value(LINEAR, 300.0 * sign, 0.001, 60_000.0) == pytest.approx(18_000.0)


@pytest.mark.parametrize(
    ("most", "most_value", "cap"),
    [
        (None, None, 0.0),
        (70.0, None, 70.0),
        (None, 6_000.0, 60.0),
        (70.0, 6_000.0, 60.0),
        (50.0, 6_000.0, 50.0),
    ],
)
def test_the_narrower_cap_of_a_position_holds(
    most: float | None, most_value: float | None, cap: float
) -> None:
    """6,000 USDT are 60 contracts of 0.002 BTC at 50,000; none known is 0."""
    caps = {"position_most": most, "position_most_value": most_value}
    legs = legs_of(linear(multiplier=0.002, **caps))
    assert position_cap(legs, 0, 50_000.0) == pytest.approx(cap)


@pytest.mark.parametrize(
    ("held", "size", "reduces"),
    [
        (-10.0, 5.0, 1),
        (-10.0, 10.0, 1),
        (-10.0, 10.1, 0),
        (-10.0, -5.0, 0),
        (10.0, -10.0, 1),
        (10.0, 0.0, 0),
        (0.0, -1.0, 0),
        (0.5, -0.4, 1),
    ],
)
def test_what_only_reduces(held: float, size: float, reduces: int) -> None:
    """The other way, and no further than to nothing."""
    assert is_reduction(held, size) == reduces


@pytest.mark.parametrize(
    ("held", "size", "exempt", "why"),
    [
        (0.0, 5.0, True, TAKEN),  # 500 USD
        (0.0, 4.0, True, UNDER_VALUE),
        (-9.0, 4.0, True, TAKEN),  # a reduction
        (-9.0, 4.0, False, UNDER_VALUE),
        (-4.0, 4.0, False, TAKEN),  # all of it
        (-4.0, 8.1, True, TAKEN),
        (0.0, 1.9, True, UNDER_SIZE),
        (0.0, 20.0, True, TAKEN),
        (0.0, 20.1, True, OVER_SIZE),
        (-30.0, 20.0, True, TAKEN),
        (-25.0, -5.0, True, TAKEN),
        (-25.0, -5.1, True, OVER_POSITION),
        (-40.0, -5.0, True, OVER_POSITION),
        (-40.0, 20.0, True, TAKEN),  # over it already: less is less
    ],
)
def test_why_an_order_is_not_taken(held: float, size: float, exempt: bool, why: int) -> None:
    """Contracts of 100 USD: 2 and 500 USD at least, 20 at once and 30 in all at most."""
    terms = Orders(least_value=500.0, reduce_only_exempt=exempt, limit_most=20.0)
    own = {"lot": 0.1, "minimum": 2.0, "position_most": 30.0, "orders": terms}
    legs = legs_of(inverse(multiplier=100.0, **own))
    assert judge_order(legs, 0, held, size, 60_000.0, legs.order_most[0]) == why


@pytest.mark.parametrize(
    ("most", "most_value", "cap"), [(0.5, None, 0.5), (None, 0.6, 0.3), (0.2, 0.6, 0.2)]
)
def test_a_cap_may_be_less_than_one(
    most: float | None, most_value: float | None, cap: float
) -> None:
    """Of contracts of 100,000 USD at 50,000, two coins each: 0.6 coins are 0.3 of them."""
    caps = {"position_most": most, "position_most_value": most_value}
    legs = legs_of(inverse(multiplier=100_000.0, lot=0.001, **caps))
    assert position_cap(legs, 0, 50_000.0) == pytest.approx(cap)
    for size, why in ((cap, TAKEN), (cap + 0.001, OVER_POSITION)):
        for side in (-1.0, 1.0):
            assert judge_order(legs, 0, 0.0, side * size, 50_000.0, 0.0) == why


@pytest.mark.parametrize("lot", [0.001, 1.0, 100.0])
def test_a_lot_too_many_is_refused_whatever_a_lot_is(lot: float) -> None:
    """50 lots at once and 80 in all, told to the millionth of a lot."""
    terms = Orders(limit_most=50.0 * lot)
    legs = legs_of(linear(lot=lot, minimum=2.0 * lot, position_most=80.0 * lot, orders=terms))
    for lots, held, why in (
        (50.0, 0.0, TAKEN),
        (50.000001, 0.0, TAKEN),
        (50.01, 0.0, OVER_SIZE),
        (40.0, 40.0, TAKEN),
        (40.000001, 40.0, TAKEN),
        (40.01, 40.0, OVER_POSITION),
        (2.0, 0.0, TAKEN),
        (1.99, 0.0, UNDER_SIZE),
        (1.0, -1.0, TAKEN),  # all of it
    ):
        for side in (-1.0, 1.0):
            ordered, there = side * lots * lot, side * held * lot
            assert judge_order(legs, 0, there, ordered, 60_000.0, legs.order_most[0]) == why
