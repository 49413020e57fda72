"""What a group lacks anywhere between here and a distance."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import account, decided, fixed, inverse, quanto, vault
from volsculpt.book.holdings import Book, Position
from volsculpt.decide.limits import Limits
from volsculpt.decide.margin_need import Within, lacking, short_at
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
