"""A rise that liquidates, through the whole kernel: B8 of the worked books, T10 of the peers."""

from collections.abc import Sequence

import numpy as np
import pytest

from tests.factories import account, fixed, inverse, vault
from tests.simulate.worlds import Plain, World, steady
from volsculpt.book.holdings import Book, Position
from volsculpt.decide.step import Setup
from volsculpt.simulate.backtest import Costs, flat_setup
from volsculpt.simulate.market_arrays import TALLY_ROWS, Market, Track

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
    market = Market(*[np.ascontiguousarray(array[:, :, None]) for array in arrays])
    plain = Plain(World(flat, rules, market, Costs(half_spread=0.0, transfer_steps=0)))
    plain.walk(steady(steps, [1.0]))
    return plain


def dead_from(track: Track) -> int:
    """The first step after which a group is gone; -1 for none."""
    counted = track.tally[:, TALLY_ROWS.index("liquidations"), 0]
    return int(np.argmax(counted > 0.0)) if counted.any() else -1


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
    assert dead_from(plain.track) == expected
    assert plain.state.wallet[0] == 0.8
    if expected >= 0:
        assert not plain.track.contracts[expected:, 0, 0].any()
        assert not plain.track.wallet[expected:, 1, 0].any()
        assert plain.track.wealth[0, -1] == pytest.approx(0.8 * 23_900.0)
    else:
        assert plain.track.wealth[0, -1] == pytest.approx(19_602.7)


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
    track = plain.track
    assert dead_from(track) == 1
    assert track.wealth[0] == pytest.approx([30_000.0, 31_250.0, 25_000.0])
    assert track.held[:, 0, 0] == pytest.approx([1.0, 0.0, 0.0], abs=1e-9)
    assert track.distance[0, 0, 0] == pytest.approx(11_940.0 / 11_900.0 - 1.0)
    lost = (0.5 + 30_000.0 / 11_940.0 - 3.0) * 11_940.0
    assert track.tally[1, TALLY_ROWS.index("liquidation"), 0] == pytest.approx(-lost, rel=1e-9)


def test_ten_times_the_price_does_not_close_a_posted_short() -> None:
    """Law 4 through the kernel: all coins posted, wealth stays 30,000 USD."""
    plain = through((0.0, 3.0), 30_000.0, [10_000.0, 50_000.0, 100_000.0], [60_000.0, 120_000.0])
    assert dead_from(plain.track) == -1
    assert plain.track.wealth[0] == pytest.approx([30_000.0, 30_000.0])
