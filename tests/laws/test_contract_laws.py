"""Laws of one position: constant delta, harmonic entry, maintenance by size, funding's sign."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.laws.strategies import logarithmic, margins
from volsculpt.book.legrows import LegRows
from volsculpt.contracts.costs import fee
from volsculpt.contracts.funding import cash_flow
from volsculpt.contracts.legs import Legs
from volsculpt.contracts.margin import (
    initial_rate,
    maintenance,
    maintenance_rate,
)
from volsculpt.contracts.payoff import (
    INVERSE,
    LINEAR,
    average_entry,
    base_exposure,
    quote_exposure,
    trade,
    unrealised_pnl,
    value,
)
from volsculpt.contracts.spec import Contract, Fees, Margin, Tier

prices = logarithmic(1e-3, 1e7)
sizes = logarithmic(1e-3, 1e9)
payoffs = st.sampled_from([INVERSE, LINEAR])


def legs_of(margin: Margin) -> Legs:
    """The flat rows of one inverse contract with this margin rule."""
    contract = Contract(
        "alpha",
        "BTC/USD:BTC",
        "BTC",
        "USD",
        "BTC",
        "inverse",
        1.0,
        fees=Fees(taker=0.0005),
        margin=margin,
    )
    rows = LegRows()
    rows.add(contract, (0, 1, 0), 0, (0, -1, -1), (1.0, 1.0), (1, 1))
    return rows.legs()


@given(sizes, prices, sizes, prices)
def test_a_coin_margined_short_has_constant_delta(
    face: float, entry: float, coins: float, price: float
) -> None:
    """Law 1: a short of N at E on C coins is worth N + P(C - N/E), delta C - N/E at any P."""
    cost = value(INVERSE, -face, 1.0, entry)
    held = value(INVERSE, -face, 1.0, price)
    profit = unrealised_pnl(INVERSE, cost, held)
    delta = coins + profit + base_exposure(INVERSE, -face, 1.0, price, 1.0, 1.0)
    scale = coins + face / entry + face / price
    assert delta == pytest.approx(coins - face / entry, abs=1e-12 * scale)
    wealth = (coins + profit) * price
    law = face + price * (coins - face / entry)
    assert wealth == pytest.approx(law, abs=1e-12 * scale * price)
    assert quote_exposure(INVERSE, -face, 1.0, price) == face


@given(st.lists(st.tuples(sizes, prices), min_size=1, max_size=8), st.sampled_from([1.0, -1.0]))
def test_the_inverse_entry_is_harmonic(fills: list[tuple[float, float]], side: float) -> None:
    """Law 2: the average entry of inverse fills is their face over their coins."""
    held, cost = 0.0, 0.0
    for size, price in fills:
        held, cost, realised = trade(INVERSE, 1.0, held, cost, side * size, price)
        assert realised == 0.0
    face = sum(size for size, _ in fills)
    coins = sum(size / price for size, price in fills)
    assert average_entry(INVERSE, held, 1.0, cost) == pytest.approx(face / coins)


@given(payoffs, sizes, prices, prices, st.floats(0.01, 0.99), st.sampled_from([1.0, -1.0]))
def test_a_partial_close_leaves_the_entry(
    payoff: int, size: float, entry: float, fill: float, part: float, side: float
) -> None:
    """Law 2: a partial close leaves the average entry, and books that part of the profit."""
    cost = value(payoff, side * size, 1.0, entry)
    left, cost_left, realised = trade(payoff, 1.0, side * size, cost, -side * size * part, fill)
    assert average_entry(payoff, left, 1.0, cost_left) == pytest.approx(entry)
    whole = unrealised_pnl(payoff, cost, value(payoff, side * size, 1.0, fill))
    scale = abs(cost) + abs(value(payoff, size, 1.0, fill))
    assert realised == pytest.approx(whole * part, abs=1e-9 * scale)


@given(payoffs, sizes, prices, prices, st.floats(1.01, 9.0), st.sampled_from([1.0, -1.0]))
def test_a_flip_resets_the_entry(
    payoff: int, size: float, entry: float, fill: float, times: float, side: float
) -> None:
    """Law 2: a trade through zero opens at its own price and books all the profit."""
    cost = value(payoff, side * size, 1.0, entry)
    left, cost_left, realised = trade(payoff, 1.0, side * size, cost, -side * size * times, fill)
    assert left * side < 0.0
    assert average_entry(payoff, left, 1.0, cost_left) == pytest.approx(fill)
    assert realised == unrealised_pnl(payoff, cost, value(payoff, side * size, 1.0, fill))


@given(payoffs, sizes, prices, st.lists(st.tuples(st.floats(-2.0, 2.0), prices), max_size=6))
def test_trading_at_the_mark_moves_no_wealth(
    payoff: int, size: float, mark: float, fills: list[tuple[float, float]]
) -> None:
    """What a trade books and what stays unrealised add up to what was there, at the mark."""
    held, cost = size, value(payoff, size, 1.0, mark * 1.1)
    for part, fill in fills:
        before = unrealised_pnl(payoff, cost, value(payoff, held, 1.0, fill))
        scale = abs(cost) + abs(value(payoff, held, 1.0, fill))
        held, cost, realised = trade(payoff, 1.0, held, cost, part * size, fill)
        after = unrealised_pnl(payoff, cost, value(payoff, held, 1.0, fill))
        scale += abs(cost) + abs(value(payoff, held, 1.0, fill))
        assert realised + after == pytest.approx(before, abs=1e-9 * scale)


@given(margins(), logarithmic(1e-3, 1e6))
def test_maintenance_follows_size(margin: Margin, size: float) -> None:
    """Law 3: the maintenance rate rises with size, and leverage is no part of it."""
    legs = legs_of(margin)
    rate, _ = maintenance_rate(legs, 0, size, size)
    larger, _ = maintenance_rate(legs, 0, size * 1.5, size * 1.5)
    assert larger >= rate > 0.0
    assert maintenance(legs, 0, size * 1.5, size * 1.5) > maintenance(legs, 0, size, size) > 0.0


@given(margins(initial=True), logarithmic(1e-3, 1e6))
def test_initial_margin_follows_size_and_never_falls(margin: Margin, size: float) -> None:
    """One rate for the whole position, rising with size."""
    legs = legs_of(margin)
    rate = initial_rate(legs, 0, size, size)
    assert initial_rate(legs, 0, size * 1.5, size * 1.5) >= rate > 0.0


def test_initial_margin_by_hand() -> None:
    """The 2021 Binance tiers: 60 BTC at 10x, 100 BTC at 5x; Deribit: 2 % + 0.005 % a coin."""
    tiers = (Tier(0.0, 0.025, 20.0), Tier(50.0, 0.05, 10.0), Tier(100.0, 0.1, 5.0))
    legs = legs_of(Margin(tiers=tiers))
    assert [initial_rate(legs, 0, size, 1.0) for size in (60.0, 99.9, 100.0)] == [0.1, 0.1, 0.2]
    stated = legs_of(Margin(tiers=(Tier(0.0, 0.075, 6.7, initial_rate=0.15),), unit="contracts"))
    assert initial_rate(stated, 0, 5.0, 5.0) == 0.15
    slope = Margin("slope", rate_base=0.01, rate_slope=5e-5, initial_rate=0.02, initial_slope=5e-5)
    assert initial_rate(legs_of(slope), 0, 100.0, 1.0) == pytest.approx(0.025)


def test_initial_margin_that_is_unknown_is_zero() -> None:
    """No leverage in a tier, no initial rate of a slope: 0 stands for unknown, not for free."""
    assert initial_rate(legs_of(Margin(tiers=(Tier(0.0, 0.01),))), 0, 5.0, 5.0) == 0.0
    slope = Margin("slope", rate_base=0.01, rate_slope=0.1, initial_slope=0.1)
    assert initial_rate(legs_of(slope), 0, 5.0, 5.0) == 0.0


@given(margins(), logarithmic(1e-3, 1e6))
def test_value_tiers_meet_at_their_floors(margin: Margin, size: float) -> None:
    """Law 3: by value tiers, maintenance is the largest over tiers of size*rate - cum."""
    legs = legs_of(margin)
    rows = range(legs.tier_from[0], legs.tier_to[0])
    if margin.kind == "tiers" and margin.unit == "value":
        each = [
            size * (legs.tier_rate[row] + legs.rate_added[0]) - legs.tier_cum[row] for row in rows
        ]
        assert maintenance(legs, 0, size, size) == pytest.approx(max(each), rel=1e-9)


@given(payoffs, sizes, prices, st.floats(1e-8, 0.01))
def test_a_positive_rate_pays_the_short(payoff: int, size: float, mark: float, rate: float) -> None:
    """Law 5: a positive rate takes from the long what it gives the short, a negative reverses."""
    long, short = value(payoff, size, 1.0, mark), value(payoff, -size, 1.0, mark)
    assert cash_flow(short, rate) > 0.0 > cash_flow(long, rate)
    assert cash_flow(short, rate) == -cash_flow(long, rate) == cash_flow(long, -rate)


@given(st.floats(-1e6, 1e6), st.floats(0.0, 0.01))
def test_a_fee_is_paid_on_either_side(traded: float, rate: float) -> None:
    """A fee does not depend on the side."""
    assert fee(traded, rate) == fee(-traded, rate) >= 0.0
