"""What is cut for a limit once all pools are sized: where a later one has made it a help."""

import pytest

from tests.factories import account, decided, filled, fixed, inverse, vault
from volsculpt.book.holdings import Book, Position, WorkingOrder
from volsculpt.decide.limits import Limits
from volsculpt.decide.margin_need import Within, lacking
from volsculpt.decide.rules import BLOCKED, BUSY, CAPPED, MAX_ORDER, OVER_LIMIT, TRADED
from volsculpt.decide.step import Decision
from volsculpt.decide.words import reasons


def two_pools(distance: float, works: str = "", **limits: float) -> Decision:
    """Shorts of 2 BTC and 20 ETH in a unified account of 1 BTC and of ETH that count nothing.

    BTC is sized first, when a fall to nothing ends the account by the ETH short, which is closed.
    works: the state of an order for one lot of BTC, none where it is "".
    """
    shorts = (inverse(lot=100.0), inverse("ETH", lot=100.0))
    lines = (Position(shorts[0], -120_000.0, 60_000.0), Position(shorts[1], -60_000.0, 3_000.0))
    weights = {"BTC": 1.0, "ETH": 0.0}
    coins = {"BTC": 1.0, "ETH": 20.0}
    orders = (WorkingOrder("a1", shorts[0], 100.0, works),) if works else ()  # type: ignore[arg-type]
    own = account("one", coins, lines, mode="unified", collateral_weights=weights, orders=orders)
    bounds = Limits(min_liquidation_distance=distance, **limits)  # type: ignore[arg-type]
    book = Book((vault(BTC=0.9, ETH=2.0), own))
    hedges = [fixed("BTC"), fixed("ETH", 0.9)]
    legs = [[("one", one, False)] for one in shorts]
    return decided(book, hedges, legs, {"BTC": 60_000.0, "ETH": 3_000.0}, bounds)


@pytest.mark.parametrize("distance", [1.2, 1.5, 2.0])
def test_a_limit_that_a_later_pool_makes_reachable_is_kept_at_once(distance: float) -> None:
    """While the ETH short stood no size of the BTC one was a help: once it is closed a cut is."""
    decision = two_pools(distance)
    assert lacking(decision.problem, filled(decision), 0, Within(0.0, distance, 0)) <= 0.0
    btc, eth = filled(decision).contracts
    assert eth == 0.0
    assert decision.answer.after == pytest.approx([btc / 60_000.0, 0.0])
    assert decision.answer.leg_code == [OVER_LIMIT, OVER_LIMIT]
    assert decision.answer.hedge_code == [TRADED | CAPPED, TRADED | CAPPED]
    assert "over its limits, so it is cut back" in "\n".join(reasons(decision, 0))


def test_such_a_cut_waits_for_what_makes_it_a_help() -> None:
    """In orders of 9,000 dollars ETH is still there; an order at work is cancelled first."""
    answer = two_pools(1.5, max_order_usd=9_000.0).answer
    assert answer.trade == [6_000.0, 9_000.0]
    assert answer.leg_code == [0, OVER_LIMIT | MAX_ORDER]
    busy, unknown = two_pools(1.5, "acked").answer, two_pools(1.5, "unknown").answer
    assert (busy.trade[0], busy.cancel[0], unknown.trade[0], unknown.cancel[0]) == (0.0, 1, 0.0, 0)
    assert busy.leg_code[0] == BUSY
    assert unknown.leg_code[0] == BLOCKED


def test_what_is_not_traded_in_is_left_to_its_dead_zone() -> None:
    """At 1.02 times what a limit allows nothing is cut; at 1.06 it is, and no more than that."""
    for leverage, cut in ((2.94, 0), (2.83, 1)):
        lines = (
            Position(inverse(), -60_000.0, 60_000.0),
            Position(inverse("ETH"), -120_000.0, 3e3),
        )
        own = account("one", {"BTC": 1.0}, lines, mode="unified")
        legs = [[("one", line.contract, False)] for line in lines]
        book = Book((vault(ETH=40.0), own))
        prices, limits = {"BTC": 60_000.0, "ETH": 3_000.0}, Limits(max_leverage=leverage)
        answer = decided(book, [fixed(), fixed("ETH")], legs, prices, limits).answer
        assert sum(1 for trade in answer.trade if trade) == cut
