"""What the figures of a contract say together: the least order, the largest, what is lacking."""

import pytest

from tests.factories import flat_margin, inverse
from volsculpt.contracts.spec import Fees, Orders, Tier


@pytest.mark.parametrize(
    ("tier", "rate"),
    [
        (Tier(0.0, 0.01), None),
        (Tier(0.0, 0.01, 8.0), 0.125),
        (Tier(0.0, 0.01, 8.0, 0.2), 0.2),
        (Tier(0.0, 0.01, None, 0.3), 0.3),
    ],
)
def test_initial_margin_is_as_stated_or_by_leverage(tier: Tier, rate: float | None) -> None:
    """Unknown where neither is."""
    assert tier.initial == rate


@pytest.mark.parametrize(
    ("minimum", "market", "least"),
    [
        (None, None, 5.0),
        (10.0, None, 10.0),
        (None, 20.0, 20.0),
        (10.0, 20.0, 20.0),
        (30.0, 20.0, 30.0),
    ],
)
def test_the_least_order_is_taken_however_it_is_sent(
    minimum: float | None, market: float | None, least: float
) -> None:
    """The larger of what is known, else a lot."""
    one = inverse(lot=5.0, minimum=minimum, orders=Orders(market_least=market))
    assert one.least_contracts == least


@pytest.mark.parametrize(
    ("limit", "market", "most"),
    [(None, None, None), (None, 7.0, 7.0), (3.0, 7.0, 3.0), (9.0, 7.0, 9.0)],
)
def test_the_largest_order_is_one_with_a_price(
    limit: float | None, market: float | None, most: float | None
) -> None:
    """Of the market only where no other is known."""
    assert Orders(limit_most=limit, market_most=market).most == most


def test_what_no_plan_can_do_without_is_named() -> None:
    """As a contracts file has it; a fee of 0 is known."""
    assert inverse(fees=Fees(taker=0.0)).needs == ()
    assert inverse(margin=None).needs == ("margin",)
    assert inverse(fees=Fees(maker=0.1)).needs == ("fees.taker",)
    assert inverse(margin=None, fees=Fees()).needs == ("margin", "fees.taker")
    assert inverse(margin=flat_margin()).need_margin() == flat_margin()


@pytest.mark.parametrize(
    ("to", "expiry", "end"), [(None, None, None), (5, None, 5), (None, 7, 7), (5, 7, 5), (9, 7, 7)]
)
def test_a_contract_lives_until_it_is_first_said_to_end(
    to: int | None, expiry: int | None, end: int | None
) -> None:
    """Taken off the list or expired, whichever comes before."""
    one = inverse(valid_from_ns=1, valid_to_ns=to, expiry_ns=expiry)
    assert one.life_ns == (1, end)
