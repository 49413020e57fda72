"""Laws of coins that are hedged together: what each holds of the contracts of one pool."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.factories import account, decided, inverse, vault
from volsculpt.book.holdings import Book, Position
from volsculpt.decide.limits import Limits
from volsculpt.decide.step import Decision
from volsculpt.hedge.policies.fixed import FixedPolicy
from volsculpt.hedge.spec import Hedge, Proxy

CONTRACT = inverse()
PRICES = {"BTC": 60_000.0, "ETH": 3_000.0}
amounts = st.floats(0.1, 100.0)
targets = st.sampled_from([0.0, 0.2, 0.5, 1.0])


def together(coins: tuple[float, float], ratios: tuple[float, float], beta: float) -> Decision:
    """BTC and ETH, both by contracts on BTC, holding just what both targets ask for."""
    bitcoin, ether = coins
    asked = ratios[0] * bitcoin + ratios[1] * ether * beta * 3_000.0 / 60_000.0
    held = (Position(CONTRACT, -asked * 60_000.0, 60_000.0),) if asked else ()
    book = Book((vault(BTC=bitcoin, ETH=ether), account("one", {}, held)))
    hedges = (
        Hedge("BTC", FixedPolicy(ratios[0]), base="coins", coins=bitcoin),
        Hedge(
            "ETH", FixedPolicy(ratios[1]), base="coins", coins=ether, proxies=(Proxy("BTC", beta),)
        ),
    )
    legs = [[("one", CONTRACT, False)], [("one", CONTRACT, False)]]
    return decided(book, hedges, legs, PRICES, Limits(min_ratio=-1.0))


@given(st.tuples(amounts, amounts), st.tuples(targets, targets), st.floats(0.3, 2.0))
def test_a_pool_that_holds_what_is_asked_holds_each_target(
    coins: tuple[float, float], ratios: tuple[float, float], beta: float
) -> None:
    """Each hedge holds its own target, however they differ; one of zero holds nothing."""
    assume(any(ratios))
    assert together(coins, ratios, beta).answer.held == pytest.approx(ratios, abs=1e-9)


def test_hedges_on_both_sides_share_by_what_they_own() -> None:
    """600,000 USD of BTC half sold, 300,000 of ETH at a beta of 0.5 half more bought: 4 to 1."""
    decision = together((10.0, 100.0), (0.5, -0.5), 0.5)
    assert decision.work.share == pytest.approx([0.8, 0.2])
