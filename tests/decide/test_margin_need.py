"""What a group lacks anywhere between here and a distance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import account, decided, fixed, inverse, linear, quanto, vault
from volsculpt.book.holdings import Book, Position
from volsculpt.contracts.spec import Margin
from volsculpt.decide.limits import Limits
from volsculpt.decide.margin_need import Within, lacking, short_at, whole_rate_at
from volsculpt.decide.rules import Problem

QUANTO, INVERSE = quanto(), inverse()
PRICES = {"BTC": 60_000.0, "ETH": 3_000.0, "USDT": 1.0}
FACE_USD = 1_000.0 * QUANTO.multiplier * 3_000.0 * 60_000.0  # of 1,000 contracts
PATH = 150


def held(contracts: float, entry: float, coins: float) -> Problem:
    """Quanto contracts on dollars, beside a coin that is hedged."""
    one = account(
        "uni",
        {"USDT": coins},
        (Position(QUANTO, contracts, entry),),
        mode="unified",
        venue="bitmex",
    )
    book = Book((vault(ETH=1.0), account("one", {"BTC": 1.0}), one))
    decision = decided(
        book, [fixed("ETH", 0.0)], [(("uni", QUANTO, False),)], PRICES, Limits(max_leverage=90.0)
    )
    return decision.problem


@given(
    st.sampled_from([1_000.0, -1_000.0]),
    st.floats(0.7, 1.4),
    st.floats(0.02, 1.0),
    st.floats(0.05, 0.99),
)
def test_the_worst_of_quanto_may_lie_between(
    contracts: float, entry: float, coins: float, distance: float
) -> None:
    """As many units are lacking as at the worst of many prices either way, and hardly more."""
    problem = held(contracts, entry * 3_000.0, coins * FACE_USD)
    group = problem.layout.legs.group[0]
    factors = np.concatenate(
        [np.geomspace(1.0, end, PATH) for end in (1.0 - distance, 1.0 + distance)]
    )
    worst = max(short_at(problem, problem.state, group, float(factor)) for factor in factors)
    found = lacking(problem, problem.state, group, Within(0.0, distance, 0))
    assert found >= worst - 1e-6 * max(FACE_USD, abs(worst))
    assert found <= worst + 1e-3 * max(FACE_USD, abs(worst))


SLOPED = inverse(
    multiplier=10.0,
    venue="deribit",
    margin=Margin(kind="slope", rate_base=0.01, rate_slope=5e-5, initial_rate=0.02),
)
COINS = linear(
    settle="USDC", venue="deribit", margin=Margin(kind="slope", rate_base=0.01, rate_slope=5e-5)
)


def sloped(short_usd: float, linear_coins: float, usdc: float, coins: float) -> Problem:
    """An inverse short and linear contracts, at rates that grow with size, in a unified account."""
    lines = (Position(SLOPED, -round(short_usd / 10.0), 60_000.0),)
    lines += (Position(COINS, linear_coins, 60_000.0),) if linear_coins else ()
    own = account(
        "uni",
        {"USDC": usdc, "BTC": coins},
        lines,
        mode="unified",
        venue="deribit",
        collateral_weights={"BTC": 0.0, "USDC": 1.0},
    )
    legs = [("uni", SLOPED, False), ("uni", COINS, False)]
    prices = PRICES | {"USDC": 1.0}
    return decided(Book((vault(BTC=1.0), own)), [fixed()], [legs], prices).problem


@given(
    st.floats(1e4, 4e8),
    st.floats(-500.0, 500.0),
    st.floats(1e4, 4e8),
    st.floats(0.0, 4e3),
    st.floats(0.05, 1.0),
)
@settings(max_examples=400)
def test_the_worst_of_a_rate_that_slopes_is_found(
    short_usd: float, linear_coins: float, usdc: float, coins: float, distance: float
) -> None:
    """Nowhere between here and a distance either way is more lacking, a fall to nothing included.

    As a price falls an inverse position is of more coins, so its rate grows, up to the whole value:
    below that more of a fall needs no more, and the worst may lie there.
    """
    problem = sloped(short_usd, linear_coins, usdc, coins)
    group = problem.layout.legs.group[0]
    low = max(1e-6, 1.0 - distance)
    factors = np.concatenate([np.geomspace(1.0, end, PATH) for end in (low, 1.0 + distance)])
    worst = max(short_at(problem, problem.state, group, float(factor)) for factor in factors)
    found = lacking(problem, problem.state, group, Within(0.0, distance, 0))
    assert found >= worst - 1e-9 * (short_usd + abs(worst))


def test_a_fall_that_ends_well_is_judged_where_its_rate_is_the_whole_value() -> None:
    """120 million short at 1 % and 0.005 % a BTC: the whole value from a tenth of the price on.

    A linear short of 2,000 has won 108 million of 120 there, and at nothing 120. So with 10 million
    dollars it is gone at a tenth, and stands at nothing.
    """
    problem = sloped(1.2e8, -2_000.0, 1e7, 3_000.0)
    group = problem.layout.legs.group[0]
    leg = problem.layout.legs.payoff.index(0)
    whole = whole_rate_at(problem.layout, problem.state, problem.quote, leg)
    assert whole == pytest.approx(2_000.0 * 5e-5 / 0.99)
    assert short_at(problem, problem.state, group, 1e-6) < 0.0
    assert short_at(problem, problem.state, group, whole) > 0.0
    assert lacking(problem, problem.state, group, Within(0.0, 1.0, 0)) >= short_at(
        problem, problem.state, group, whole
    )


def test_a_rate_that_is_the_whole_value_at_any_size_reaches_it_nowhere() -> None:
    """Nor does one that does not grow, nor that of a contract of so many coins."""
    whole = Margin(kind="slope", rate_base=1.0, rate_slope=5e-5, initial_rate=1.0)
    for contract in (inverse(margin=whole), inverse(), COINS):
        own = account("one", {"BTC": 9.0, "USDC": 1e5}, (Position(contract, -9.0, 6e4),))
        prices = PRICES | {"USDC": 1.0}
        problem = decided(
            Book((vault(BTC=1.0), own)), [fixed()], [[("one", contract, False)]], prices
        ).problem
        assert whole_rate_at(problem.layout, problem.state, problem.quote, 0) == 0.0
