"""Laws of the made-up market; tolerances are standard errors, not trials."""

from datetime import UTC, datetime

import numpy as np
import pytest

from tests.market.made import same
from volsculpt.contracts.expiries import expiry_ns, parse_symbol
from volsculpt.errors import HistoryError
from volsculpt.market.align import align, clock_of
from volsculpt.market.frames import columns_of
from volsculpt.market.gate import Floats
from volsculpt.market.marks import OWN
from volsculpt.market.paths import (
    DEGREES,
    REGIMES,
    bridge_extremes,
    heavy_returns,
    regime_path,
    smooth,
)
from volsculpt.market.quality import check_series
from volsculpt.market.series import Bars
from volsculpt.market.synthetic import (
    DEFAULT_COINS,
    Coin,
    SyntheticSpec,
    demo_market,
    make,
    synthetic,
)
from volsculpt.units import HOUR_NS

SEEDS = (1, 2, 3)
MARKET = synthetic(7, hours=20_000)
ERRORS = 5.0  # standard errors: one in two million by chance


def log_returns_of(coin: str) -> Floats:
    """Hourly log returns of a coin's index."""
    series = MARKET.history.index[coin]
    assert isinstance(series, Bars)
    changes: Floats = np.diff(np.log(series.close))
    return changes


@pytest.mark.parametrize("seed", SEEDS)
def test_returns_have_the_moments_of_theory(seed: int) -> None:
    """Mean 0, variance 1, correlation as asked; errors follow from kurtosis 3 + 6/(ν - 4)."""
    count, asked = 200_000, 0.7
    drawn = heavy_returns(np.random.default_rng(seed), count, 2, asked)
    kurtosis = 3.0 + 6.0 / (DEGREES - 4.0)
    assert np.abs(drawn.mean(axis=0)).max() < ERRORS / np.sqrt(count)
    assert np.abs(drawn.var(axis=0) - 1.0).max() < ERRORS * np.sqrt((kurtosis - 1.0) / count)
    # the product of two such has second moment kurtosis/3·(1 + 2·correlation²)
    spread = np.sqrt((kurtosis / 3.0 * (1.0 + 2.0 * asked**2) - asked**2) / count)
    assert abs(float((drawn[:, 0] * drawn[:, 1]).mean()) - asked) < ERRORS * spread


def test_tails_are_heavy() -> None:
    """Moves over five deviations are common as in markets, not one in millions."""
    drawn = heavy_returns(np.random.default_rng(1), 200_000, 1, 0.0)
    share = float((np.abs(drawn) > 5.0).mean())
    assert 5e-4 < share < 3e-3  # Student t with 6 degrees: 2·P(T > 5·sqrt(1.5)) = 8.6e-4


@pytest.mark.parametrize("seed", SEEDS)
def test_bridge_extremes_follow_their_law(seed: int) -> None:
    """From 0 to 0 with σ 1 the high has P(M > m) = exp(-2m²): mean sqrt(π/8), m² mean 1/2."""
    count = 100_000
    zero, one = np.zeros(count), np.ones(count)
    high, low = bridge_extremes(np.random.default_rng(seed), zero, zero, one)
    mean, variance = np.sqrt(np.pi / 8.0), 0.5 - np.pi / 8.0
    assert abs(high.mean() - mean) < ERRORS * np.sqrt(variance / count)
    assert abs(low.mean() + mean) < ERRORS * np.sqrt(variance / count)


def test_without_volatility_the_extremes_are_the_ends() -> None:
    """σ = 0: a straight line."""
    start, end = np.array([0.0, 1.0]), np.array([1.0, 0.0])
    high, low = bridge_extremes(np.random.default_rng(1), start, end, np.zeros(2))
    assert list(high) == [1.0, 1.0]
    assert list(low) == [0.0, 0.0]


def test_regimes_last_as_long_as_they_should() -> None:
    """Mean stays within errors of a geometric law, and every regime occurs."""
    codes = regime_path(np.random.default_rng(3), 4_000_000)
    edges = np.flatnonzero(np.diff(codes)) + 1
    stays, which = np.diff(edges), codes[edges[:-1]]
    for code, regime in enumerate(REGIMES):
        found = stays[which == code]
        assert abs(found.mean() - regime.hours) < ERRORS * regime.hours / np.sqrt(len(found))


def test_regimes_move_as_they_are_called() -> None:
    """Crashes fall and are wildest; bull markets rise; ranges are calmest."""
    market = synthetic(11, hours=200_000, coins=(Coin("BTC", 7_200.0),))
    series = market.history.index["BTC"]
    assert isinstance(series, Bars)
    moved = np.log(series.close / series.open)
    mean = [moved[market.regime == code].mean() for code in range(4)]
    spread = [moved[market.regime == code].std() for code in range(4)]
    assert mean[3] < mean[1] < mean[0]
    assert spread[2] < min(spread[0], spread[1]) < spread[3]


def test_the_same_seed_gives_the_same_bits() -> None:
    """And another seed gives others."""
    again, other = synthetic(7, hours=20_000), synthetic(8, hours=20_000)
    for one, two in zip(MARKET.history.series, again.history.series, strict=True):
        assert one.label == two.label
        assert same(one.stamps, two.stamps)
        theirs = columns_of(two)
        assert all(same(values, theirs[name]) for name, values in columns_of(one).items())
    first, second = MARKET.history.index["BTC"], other.history.index["BTC"]
    assert isinstance(first, Bars)
    assert isinstance(second, Bars)
    assert not same(first.close, second.close)


def test_everything_is_labelled_synthetic() -> None:
    """In the label, the name in messages, and the history."""
    assert {one.label.source for one in MARKET.history.series} == {"synthetic, seed 7"}
    assert all("synthetic, seed 7" in one.name for one in MARKET.history.series)
    assert MARKET.history.is_synthetic


def test_bars_hang_together() -> None:
    """Every bar opens at the close before, and there are no gaps."""
    for one in MARKET.history.series:
        if isinstance(one, Bars):
            assert same(one.open[1:], one.close[:-1])
            assert set(np.diff(one.open_ns)) == {HOUR_NS}
            assert (one.high >= np.maximum(one.open, one.close)).all()
        assert check_series(one).count("gap") + check_series(one).count("missing") == 0


def test_coins_move_together() -> None:
    """The correlation of the coins is that of the world, jumps and drift aside."""
    found = float(np.corrcoef(log_returns_of("BTC"), log_returns_of("ETH"))[0, 1])
    assert 0.6 < found < 0.85


def test_funding_follows_momentum() -> None:
    """After rises longs pay more."""
    rates = MARKET.history.funding["bybit:BTC/USD:BTC"]
    momentum = smooth(log_returns_of("BTC"), 1.0 / 72.0)
    rows = (rates.stamp_ns - MARKET.history.index["BTC"].stamps[0]) // HOUR_NS - 2
    inside = (rows > 200) & (rows < len(momentum))
    assert np.corrcoef(rates.rate[inside], momentum[rows[inside]])[0, 1] > 0.4


def test_the_basis_is_zero_at_expiry() -> None:
    """A dated contract ends on its index, and is away from it before."""
    index = MARKET.history.index["BTC"]
    assert isinstance(index, Bars)
    found = 0
    for key, series in MARKET.history.mark.items():
        symbol = parse_symbol(key.partition(":")[2])
        assert isinstance(series, Bars)
        if symbol.day is None or symbol.base != "BTC":
            continue
        expiry = expiry_ns(symbol.day, "08:00", UTC)
        assert series.end_ns == min(expiry, index.end_ns)
        row = int(np.searchsorted(index.available_ns, series.end_ns))
        if series.end_ns == expiry:
            assert series.close[-1] == pytest.approx(index.close[row], rel=1e-12)
            found += 1
        rows = np.searchsorted(index.available_ns, series.available_ns)
        assert np.abs(series.close / index.close[rows] - 1.0).max() > 1e-3
    assert found >= 8


def test_the_stablecoin_wobbles_around_a_dollar() -> None:
    """Near one, seldom far from it, never at it for long."""
    series = MARKET.history.index["USDT"]
    assert isinstance(series, Bars)
    assert 0.9 <= series.low.min() < 0.998
    assert abs(float(np.median(series.close)) - 1.0) < 0.001
    assert series.close.std() > 1e-4


def test_inverse_and_linear_agree_in_dollars() -> None:
    """The same premium: the linear mark in USDT times USDT is the inverse mark."""
    history = MARKET.history.only(["bybit:BTC/USD:BTC", "bybit:BTC/USDT:USDT"])
    got = align(history, clock_of(history))
    usdt = got.index.value[:, got.currencies.index("USDT")]
    assert np.allclose(got.mark.value[:, 1] * usdt, got.mark.value[:, 0], rtol=1e-12)
    assert (got.mark.source == OWN).all()
    assert not [line for line in got.warnings if "assumed" in line]


def test_the_demo_holds_what_a_plan_needs() -> None:
    """Five years of BTC and ETH: inverse, linear, and dated contracts of the catalog's venue."""
    history = demo_market().history
    assert {"BTC", "ETH", "USDT"} <= set(history.index)
    for coin in ("BTC", "ETH"):
        assert f"bybit:{coin}/USD:{coin}" in history.funding
        assert f"bybit:{coin}/USDT:USDT" in history.last
        assert f"bybit:{coin}/USD:{coin}-211231" in history.mark
    assert len(history.index["BTC"].stamps) == 43_800


def test_a_world_of_nothing_is_refused() -> None:
    """Too short, or without coins."""
    with pytest.raises(HistoryError, match="needs 24 hours, a coin"):
        make(SyntheticSpec(1, hours=5))
    with pytest.raises(HistoryError, match="needs 24 hours, a coin"):
        make(SyntheticSpec(1, coins=()))


def test_a_world_may_start_between_stamps() -> None:
    """Funding stays on the venue's hours, dated contracts on their Fridays."""
    start = int(datetime(2024, 3, 3, 5, tzinfo=UTC).timestamp()) * 10**9
    market = make(SyntheticSpec(5, hours=1000, start_ns=start, coins=DEFAULT_COINS))
    stamps = market.history.funding["bybit:ETH/USD:ETH"].stamp_ns
    assert set(stamps // HOUR_NS % 8) == {0}
    assert "bybit:BTC/USD:BTC-240329" in market.history.contracts
