"""A hedge that never came about is told, with what kept it from it and the remedy."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from tests.factories import account, fixed, inverse, vault
from tests.simulate.test_told_by_the_kernel import NEVER, ordered, ran_in, still
from tests.simulate.worlds import steady
from volsculpt.book.holdings import Book
from volsculpt.contracts.spec import Fees, Orders
from volsculpt.decide.step import Setup
from volsculpt.hedge.answer import Band
from volsculpt.hedge.spec import Proxy
from volsculpt.simulate.never_hedged import never_hedged
from volsculpt.simulate.ran import Ran

Kernel = Callable[..., None]
FREE = inverse(fees=Fees(taker=0.0))
LEGS = ((("one", FREE, False),),)
ANY = Band(0.01, 0.0, 0.01, 0.0)


def setup_of(coins: float, margin: float, band: Band = ANY) -> Setup:
    """A vault, an account for margin, and a hedge of bitcoin."""
    book = Book((vault(BTC=coins), account("one", {"BTC": margin})))
    return Setup(book, (fixed("BTC", 0.5, band=band),), LEGS)


def gone_through(
    setup: Setup, kernel: Kernel, ratios: Sequence[float], flows: Mapping[int, Mapping[str, float]]
) -> Ran:
    """A run of still prices. ratios: one a step; flows: coins per account that come at a step."""
    world = still(setup, {"BTC": 60_000.0})
    for step, coins in flows.items():
        for row, label in enumerate(world.flat.wallets):
            world.market.flow[row, :, step] = coins.get(label.account, 0.0)
    wanted = steady(6, (0.5,))
    wanted[:, 0, 0] = ratios
    return ran_in(world, wanted, kernel)


@pytest.mark.parametrize("ratios", [(0.2,) * 3 + (0.7,) * 3, (0.7,) * 3 + (0.2,) * 3])
def test_the_most_that_was_wanted_is_told(kernel: Kernel, ratios: Sequence[float]) -> None:
    """70 % of 5 BTC at 3x is 1.167 BTC of margin, whichever came first."""
    setup = setup_of(5.0, 0.0)
    (line,) = never_hedged(gone_through(setup, kernel, ratios, {}), setup)
    assert "though up to 70 % was wanted: account 'one' never held margin" in line
    assert "put about 1.167 BTC there" in line


def test_little_that_was_wanted_is_not_told_as_nothing(kernel: Kernel) -> None:
    """A thousandth of a per cent."""
    setup = setup_of(5.0, 0.0)
    (line,) = never_hedged(gone_through(setup, kernel, (0.00001,) * 6, {}), setup)
    assert "though up to 0.001 % was wanted" in line


def test_coins_that_leave_count_while_they_are_there(kernel: Kernel) -> None:
    """Five until the third step, none from then on: half of them was wanted."""
    setup = setup_of(5.0, 0.0)
    ran = gone_through(setup, kernel, (0.5,) * 6, {2: {"vault": -5.0}})
    (line,) = never_hedged(ran, setup)
    assert "put about 0.8334 BTC there" in line


def test_what_was_withdrawn_before_the_first_step_ends_was_no_margin(kernel: Kernel) -> None:
    """One coin that leaves at once: it was never there when something was decided."""
    setup = setup_of(5.0, 1.0, NEVER)
    ran = gone_through(setup, kernel, (0.5,) * 6, {0: {"one": -1.0}})
    (line,) = never_hedged(ran, setup)
    assert "account 'one' never held margin" in line
    stays = gone_through(setup, kernel, (0.5,) * 6, {2: {"one": -1.0}})
    (line,) = never_hedged(stays, setup)
    assert "its band, limits, margin or the least order allowed none" in line


def test_a_policy_that_had_no_answer_wanted_nothing(kernel: Kernel) -> None:
    """Where every step was paused no hedge is missed; where one was not it is."""
    setup = setup_of(5.0, 0.0)
    ran = gone_through(setup, kernel, (0.5,) * 6, {})
    assert never_hedged(replace(ran, paused=np.ones_like(ran.paused)), setup) == []
    most = np.ones_like(ran.paused)
    most[4] = False
    (line,) = never_hedged(replace(ran, paused=most), setup)
    assert "though up to 50 % was wanted" in line


def test_nothing_is_missed_where_nothing_is_owned(kernel: Kernel) -> None:
    """A ratio of nothing."""
    setup = setup_of(0.0, 0.0)
    assert never_hedged(gone_through(setup, kernel, (0.5,) * 6, {}), setup) == []


def refused(kernel: Kernel, orders: Mapping[int, float]) -> str:
    """What is told where the venue took none of some orders."""
    contract = inverse(fees=Fees(taker=0.0), orders=Orders(least_value=100.0, limit_most=8_000.0))
    book = Book((vault(BTC=4.0), account("one", {"BTC": 1.0})))
    setup = Setup(book, (fixed("BTC", 0.5, band=NEVER),), ((("one", contract, False),),))
    (line,) = never_hedged(ordered(setup, kernel, orders), setup)
    return line


def test_one_order_that_the_margin_did_not_carry_is_enough(kernel: Kernel) -> None:
    """Whether one that the venue does not take comes before it or after."""
    far = -8_000.0
    with_less = Book((vault(BTC=4.0), account("one", {"BTC": 0.0001})))
    contract = inverse(fees=Fees(taker=0.0), orders=Orders(least_value=100.0, limit_most=8_000.0))
    setup = Setup(with_less, (fixed("BTC", 0.5, band=NEVER),), ((("one", contract, False),),))
    for orders in ({2: far, 3: -50.0}, {2: -50.0, 3: far}):
        (line,) = never_hedged(ordered(setup, kernel, orders), setup)
        assert "the margin in 'one' carried no order; put about 0.6667 BTC there" in line


def test_the_last_refusal_is_told(kernel: Kernel) -> None:
    """An order too small and one too large: the one that came last, with its own figures."""
    assert "under 100 USD" in refused(kernel, {2: -9_000.0, 3: -50.0})
    assert "9000 contracts: one order of" in refused(kernel, {2: -50.0, 3: -9_000.0})


def test_what_is_no_risk_of_the_coin_needs_no_contract(kernel: Kernel) -> None:
    """Half of wealth is dollars: half of it is hedged without a contract, more is not."""
    book = Book((vault(BTC=1.0, USD=60_000.0), account("one", {"BTC": 0.0})))
    setup = Setup(book, (fixed("BTC", 0.5, base="wealth", band=ANY),), LEGS)
    assert never_hedged(gone_through(setup, kernel, (0.5,) * 6, {}), setup) == []
    (line,) = never_hedged(gone_through(setup, kernel, (0.5,) * 3 + (0.8,) * 3, {}), setup)
    assert "though up to 80 % was wanted" in line
    assert "put about 0.2 BTC there" in line, "0.6 of 2 coins, at 3x"


def test_a_hedge_that_shares_its_contracts_waits_for_the_other(kernel: Kernel) -> None:
    """The margin is there; it is the other hedge that had no answer."""
    book = Book((vault(BTC=2.0, ETH=10.0), account("one", {"BTC": 1.0})))
    hedges = (fixed("BTC", 0.5, band=NEVER), fixed("ETH", 0.5, proxies=(Proxy("BTC"),), band=NEVER))
    setup = Setup(book, hedges, (*LEGS, ()))
    world = still(setup, {"BTC": 60_000.0, "ETH": 3_000.0})
    ran = ran_in(world, steady(6, (0.5, 0.5)), kernel)
    paused = np.zeros_like(ran.paused)
    paused[:, 1] = True
    (line,) = never_hedged(replace(ran, paused=paused), setup)
    assert line.startswith("never_hedged: BTC was never hedged, though up to 50 % was wanted: its")
    assert "its contracts hedge ETH too, of which there was no answer" in line
    paused[3, 1] = False
    told = never_hedged(replace(ran, paused=paused), setup)
    assert not any("too, of which there was no answer" in one for one in told)
