"""What is said of limits that hold a hedge off its target."""

import pytest

from tests.factories import account, decided, fixed, inverse, vault
from volsculpt.book.holdings import Book
from volsculpt.decide.limits import Limits
from volsculpt.decide.ratio_words import cap_words
from volsculpt.hedge.spec import Proxy


@pytest.mark.parametrize("pool", [0, 1])
def test_a_hedge_held_above_its_target_in_any_pool_says_so(pool: int) -> None:
    """SOL by BTC and ETH: one of both stays larger than wanted for the distance of its account."""
    both = (("one", inverse(), False), ("one", inverse("ETH"), False))
    hedge = fixed("SOL", 0.5, proxies=(Proxy("BTC", 0.6), Proxy("ETH", 0.5)))
    book = Book((vault(SOL=300.0), account("one", {"BTC": 1.0, "ETH": 10.0})))
    prices = {"BTC": 60_000.0, "ETH": 3_000.0, "SOL": 150.0}
    decision = decided(book, (hedge,), (both,), prices, Limits(min_liquidation_distance=0.2))
    answer = decision.answer
    assert "stays hedged" not in cap_words(decision, 0)[0]
    answer.can[pool] = 2.0 * answer.want[pool]
    assert "stays hedged: less brings its account nearer" in cap_words(decision, 0)[0]
