"""Laws of isolated positions that are opened: what they post carries them within every limit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import (
    account,
    decided,
    filled,
    fixed,
    flat_at,
    inverse,
    linear,
    one_leg,
    trades,
    vault,
)
from tests.laws.strategies import logarithmic, margins
from tests.laws.test_capacity_laws import FREE, worst
from volsculpt.book.holdings import Book, Position
from volsculpt.contracts.margin import opening_rate, survival_rate
from volsculpt.contracts.spec import Contract, Margin
from volsculpt.decide.limits import Limits
from volsculpt.decide.step import Decision

payoffs = st.sampled_from(["inverse", "linear"])
distances = st.one_of(st.just(0.0), st.floats(0.02, 0.95))
leverages = st.one_of(st.just(0.0), st.floats(0.5, 20.0))


def contract_of(payoff: str, margin: Margin) -> Contract:
    """A contract with a margin rule and small lots."""
    if payoff == "inverse":
        return inverse(margin=margin, fees=FREE)
    return linear(margin=margin, lot=1e-5, fees=FREE)


def opened(
    contract: Contract, usd: float, set_to: float, leverage: float, distance: float
) -> Decision:
    """A first isolated short on coins worth `usd`, as large as they carry."""
    coins = {"BTC": usd / 60_000.0} if contract.payoff == "inverse" else {"USDT": usd}
    own = account("one", coins, mode="isolated", leverage=set_to)
    limits = Limits(max_leverage=leverage or None, min_liquidation_distance=distance or None)
    book = Book((vault(BTC=1e7), own))
    legs = [[("one", contract, False)]]
    return decided(book, [fixed()], legs, {"BTC": 60_000.0, "USDT": 1.0}, limits)


@given(
    margins(initial=True),
    payoffs,
    logarithmic(1e3, 1e8),
    st.floats(1.0, 50.0),
    leverages,
    distances,
)
def test_what_is_posted_carries_what_is_opened(
    margin: Margin, payoff: str, usd: float, set_to: float, leverage: float, distance: float
) -> None:
    """A first order stands within every limit on the coins it posts, whatever its size."""
    decision = opened(contract_of(payoff, margin), usd, set_to, leverage, distance)
    legs, state = decision.flat.layout.legs, filled(decision)
    assert worst(decision, state) >= -1e-9 * usd
    assert state.wallet[legs.free_wallet[0]] >= -1e-9 * usd


@given(
    margins(initial=True),
    payoffs,
    logarithmic(1e3, 1e8),
    st.floats(1.0, 50.0),
    leverages,
    st.floats(0.02, 0.95),
    st.floats(0.1, 1.0),
)
def test_a_tighter_limit_never_opens_more(
    margin: Margin,
    payoff: str,
    usd: float,
    set_to: float,
    leverage: float,
    distance: float,
    part: float,
) -> None:
    """Less leverage or a longer distance never makes a first isolated order larger."""
    contract = contract_of(payoff, margin)
    sizes = [
        abs(opened(contract, usd, set_to, *limits).answer.trade[0])
        for limits in (
            (leverage, part * distance),
            (leverage, distance),
            (part * (leverage or 3.0), distance),
        )
    ]
    assert sizes == sorted(sizes, reverse=True)


@given(margins(initial=True), payoffs, logarithmic(1e-3, 1e6), st.floats(1.0, 50.0))
def test_the_posted_rate_is_the_highest_that_is_asked(
    margin: Margin, payoff: str, size: float, set_to: float
) -> None:
    """Never less than 1/leverage, and a distance only adds to it."""
    contract = contract_of(payoff, margin)
    near, far = (
        opened(contract, 1e4, set_to, 0.0, distance).flat.layout.legs for distance in (0.0, 0.3)
    )
    held = -size if payoff == "linear" else -size * 60_000.0
    assert opening_rate(near, 0, held, size) >= 1.0 / set_to
    assert opening_rate(far, 0, held, size) >= opening_rate(near, 0, held, size)


def test_a_cut_past_the_target_is_made_good_by_whole_lots() -> None:
    """A limit cuts a long: the net is short past its target, and the short is bought back to it."""
    short = inverse(multiplier=10.0)
    long = linear(venue="binance", fees=FREE)
    book = Book(
        (
            vault(BTC=2.4493),
            account("one", {"BTC": 5.0}, (Position(short, -36_676.0, 100_000.0),)),
            account(
                "two",
                {"USDT": 14_655.0},
                (Position(long, 2.731, 100_000.0, margin=13_655.0),),
                mode="isolated",
                venue="binance",
                leverage=20.0,
            ),
        )
    )
    legs = [[("one", short, False), ("two", long, False)]]
    prices = {"BTC": 100_000.0, "USDT": 1.0}
    hedge = fixed(ratio=0.500007, base="coins", coins=10.0)
    decision = decided(book, [hedge], legs, prices, Limits(max_leverage=5.0))
    assert trades(decision)[long.key] < 0.0 < trades(decision)[short.key]
    assert decision.answer.after[0] >= decision.answer.want[0]
    assert decision.answer.after[0] == pytest.approx(decision.answer.want[0], abs=2e-4)


@pytest.mark.parametrize("size", [1e-6, 0.5, 3.0, 1e5])
@pytest.mark.parametrize("side", [1.0, -1.0])
@pytest.mark.parametrize(
    ("payoff", "factor", "won"),
    [
        ("linear", 0.8, -0.2),
        ("linear", 1.25, 0.25),
        ("inverse", 0.8, -0.25),
        ("inverse", 1.25, 0.2),
    ],
)
def test_what_survives_a_move_is_its_loss_and_maintenance(
    size: float, side: float, payoff: str, factor: float, won: float
) -> None:
    """Of longs and shorts, of a part of a contract and of many: 0.5 % of the value there."""
    contract = inverse() if payoff == "inverse" else linear()
    legs = flat_at(one_leg(contract, 1.0, 60_000.0, 1.0), {"BTC": 60_000.0})[0].layout.legs
    growth = 1.0 / factor if payoff == "inverse" else factor
    rate = survival_rate(legs, 0, side * size, 7.0, factor)
    assert rate == pytest.approx(0.005 * growth - side * won, rel=1e-12)
