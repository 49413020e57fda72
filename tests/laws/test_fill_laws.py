"""Laws of fills: wealth moves by fees alone, and an isolated position's margin follows it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import flat_at, inverse, linear, one_leg, sums_of, wealth_of
from tests.laws.strategies import logarithmic
from volsculpt.book.fill import fill
from volsculpt.book.posting import cover_free
from volsculpt.contracts.spec import Contract

contracts = st.sampled_from([inverse(), linear()])
parts = st.lists(st.floats(-2.5, 2.5), min_size=1, max_size=6)
SIZE = {"inverse": 60_000.0, "linear": 1.0}
COINS = {"inverse": 0.5, "linear": 30_000.0}


@given(contracts, parts, st.sampled_from(["cross", "isolated"]), st.floats(0.0, 0.01))
def test_a_fill_at_the_mark_costs_its_fee(
    contract: Contract, sizes: list[float], mode: str, rate: float
) -> None:
    """Wealth after a fill at the mark is less by the fee and by nothing else."""
    one = SIZE[contract.payoff]
    book = one_leg(contract, -one, 50_000.0, COINS[contract.payoff], mode)
    flat, quote = flat_at(book, {"BTC": 60_000.0, "USDT": 1.0})
    for part in sizes:
        before = wealth_of(flat, flat.state, quote)
        fill(flat.layout, flat.state, 0, part * one, quote.mark[0], rate)
        paid = abs(part) * 60_000.0 * rate
        assert wealth_of(flat, flat.state, quote) == pytest.approx(before - paid, abs=1e-5)


def assert_law(posted: float, law: float, covered: bool) -> None:
    """Posted margin is what the law says, or less where it had to cover the free coins."""
    if covered:
        assert posted <= law + 1e-9 * abs(law)
    else:
        assert posted == pytest.approx(law, rel=1e-9)


def test_fees_beyond_the_free_coins_come_out_of_the_posted_margin() -> None:
    """0.001 coin free of 0.501: a fee of 0.005 empties it and leaves 0.496 posted."""
    book = one_leg(inverse(), -60_000.0, 60_000.0, 0.501, "isolated")
    flat, _ = flat_at(book, {"BTC": 60_000.0, "USDT": 1.0})
    legs = flat.layout.legs
    flat.state.wallet[legs.posted_wallet[0]] = 0.5
    flat.state.wallet[legs.free_wallet[0]] = 0.001
    flat.state.wallet[legs.free_wallet[0]] -= 0.005
    cover_free(flat.layout, flat.state, 0)
    assert flat.state.wallet[legs.free_wallet[0]] == 0.0
    assert flat.state.wallet[legs.posted_wallet[0]] == pytest.approx(0.496)


@given(contracts, parts, logarithmic(30_000.0, 120_000.0))
def test_isolated_margin_follows_its_position(
    contract: Contract, sizes: list[float], price: float
) -> None:
    """Nothing stays posted when flat; a partial close gives back its share; a flip posts anew.

    What free coins do not cover comes out of the posted margin, and free coins end at nothing.
    """
    one = SIZE[contract.payoff]
    book = one_leg(contract, -one, 50_000.0, COINS[contract.payoff], "isolated")
    flat, quote = flat_at(book, {"BTC": price, "USDT": 1.0})
    state, legs = flat.state, flat.layout.legs
    posted = legs.posted_wallet[0]
    for part in (*sizes, 0.0):
        held, cost, margin = state.contracts[0], state.cost[0], state.wallet[posted]
        coins = sums_of(flat, state, quote).balance
        change = part * one if part != 0.0 else -held
        fill(flat.layout, state, 0, change, price, 0.0)
        after, free = state.contracts[0], state.wallet[legs.free_wallet[0]]
        assert free >= 0.0 or after == 0.0
        if after == 0.0:
            assert state.wallet[posted] == 0.0
        elif held * after < 0.0:
            law = abs(state.cost[0]) / legs.leverage[0]
            assert_law(state.wallet[posted], law, covered=free == 0.0)
        elif abs(after) < abs(held):
            law = margin * state.cost[0] / cost
            assert_law(state.wallet[posted], law, covered=free == 0.0)
        else:
            assert free == 0.0 or state.wallet[posted] >= margin
        settle = legs.settle[0]
        booked = sums_of(flat, state, quote).balance[settle] - coins[settle]
        assert (
            abs(after) < abs(held) or held * after < 0.0 or booked == pytest.approx(0.0, abs=1e-6)
        )
