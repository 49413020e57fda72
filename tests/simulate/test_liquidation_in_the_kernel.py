"""A rise that liquidates, through the whole kernel: B8 of the worked books, T10 of the peers."""

from collections.abc import Sequence

import numpy as np
import pytest

from tests.factories import account, fixed, inverse, vault
from tests.simulate.plain import plain_follow
from tests.simulate.worlds import Plain, World, ran_of, steady
from volsculpt.book.holdings import Book, Position
from volsculpt.decide.step import Setup
from volsculpt.exchange.events import LIQUIDATED
from volsculpt.simulate.backtest import Costs, flat_setup
from volsculpt.simulate.happened import events_of
from volsculpt.simulate.log import Log
from volsculpt.simulate.market_arrays import Market
from volsculpt.simulate.ran import Ran, series_of

PERPETUAL = inverse(lot=0.1)


def through(
    coins: tuple[float, float], face: float, closes: Sequence[float], highs: Sequence[float]
) -> Plain:
    """A full hedge opened at the first close, (cold, posted) coins, walked through these bars."""
    short = Position(PERPETUAL, -face, closes[0])
    book = Book((vault(BTC=coins[0]), account("coinm", {"BTC": coins[1]}, (short,))))
    used = (("coinm", PERPETUAL, False),)
    flat, rules, _ = flat_setup(Setup(book, (fixed(),), (used,)), used, 0)
    close = np.array(closes)
    price = np.stack([close[:-1], close[1:]])
    steps, wallets = len(highs), len(flat.wallets)
    index = np.ones((2, steps, len(flat.currencies)))
    index[:, :, flat.currency("BTC")] = price
    mark = price[:, :, None]
    none = np.zeros((steps, 1))
    arrays = Market(
        open_mark=mark[0],
        trade=mark[0],
        high_mark=np.array(highs)[:, None],
        low_mark=mark.min(axis=0),
        close_mark=mark[1],
        open_index=index[0],
        close_index=index[1],
        funding=none,
        delivery=none,
        flow=np.zeros((steps, wallets)),
    )
    market = Market(*[np.ascontiguousarray(array.T[:, None]) for array in arrays])
    plain = Plain(World(flat, rules, market, Costs(half_spread=0.0, transfer_steps=0)))
    plain.walk(steady(steps, [1.0]))
    return plain


def dead_from(log: Log) -> int:
    """The first step after which a group is gone; -1 for none."""
    dead = events_of(log).of(LIQUIDATED)
    return int(dead.stamp[0]) if len(dead) else -1


def told(plain: Plain) -> Ran:
    """The walk as a finished run."""
    steps = plain.world.steps
    return ran_of(plain.world, plain.made, steady(steps, [1.0]))


@pytest.mark.parametrize(
    ("highs", "expected"),
    [
        ([23_000.0, 24_380.857, 24_000.0, 24_380.0], -1),
        ([23_000.0, 24_380.857, 24_380.859, 24_000.0], 2),
        ([24_380.859, 24_500.0, 24_500.0, 24_500.0], 0),
    ],
)
def test_the_first_bar_that_reaches_it_closes_the_short(highs: list[float], expected: int) -> None:
    """B8: 1 BTC, 0.2 posted, hedged at 19,602.7: closed by the first high over 24,380.858."""
    closes = [19_602.7, 22_000.0, 23_900.0, 23_800.0, 23_900.0]
    plain = through((0.8, 0.2), 19_602.7, closes, highs)
    assert dead_from(plain.log) == expected
    assert plain.state.wallet[0] == 0.8
    if expected >= 0:
        held = told(plain).held
        assert not held.contracts[expected + 1 :, 0].any()
        assert not held.wallet[expected + 1 :, 1].any()
        assert plain.log.wealth[0, -1] == pytest.approx(0.8 * 23_900.0)
    else:
        assert plain.log.wealth[0, -1] == pytest.approx(19_602.7)


def test_the_owner_is_long_after_a_rise_with_fewer_coins() -> None:
    """T10: 3 BTC, 0.5 posted, 30,000 USD at 10,000; beyond 11,940 only 2.5 BTC are left."""
    plain = through(
        (2.5, 0.5),
        30_000.0,
        [10_000.0, 11_900.0, 12_500.0, 10_000.0],
        [
            11_939.9,
            12_500.0,
            12_500.0,
        ],
    )
    series = series_of(told(plain), plain_follow)
    assert dead_from(plain.log) == 1
    assert plain.log.wealth[0] == pytest.approx([30_000.0, 31_250.0, 25_000.0])
    assert series.held[1:, 0] == pytest.approx([1.0, 0.0, 0.0], abs=1e-9)
    assert series.distance[1, 0] == pytest.approx(11_940.0 / 11_900.0 - 1.0)
    lost = (0.5 + 30_000.0 / 11_940.0 - 3.0) * 11_940.0
    (taken,) = events_of(plain.log).of(LIQUIDATED).usd
    assert taken == pytest.approx(-lost, rel=1e-9)


def test_ten_times_the_price_does_not_close_a_posted_short() -> None:
    """Law 4 through the kernel: all coins posted, wealth stays 30,000 USD."""
    plain = through((0.0, 3.0), 30_000.0, [10_000.0, 50_000.0, 100_000.0], [60_000.0, 120_000.0])
    assert dead_from(plain.log) == -1
    assert plain.log.wealth[0] == pytest.approx([30_000.0, 30_000.0])
