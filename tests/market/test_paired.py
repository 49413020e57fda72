"""A coin and a contract at the same moments: what is fresh, and that nothing is carried."""

import numpy as np
import pytest

from volsculpt.errors import HistoryError
from volsculpt.market.asof import TimeGrid
from volsculpt.market.history import history_of
from volsculpt.market.paired import paired_prices, shared_clock
from volsculpt.market.series import Label, Prices
from volsculpt.units import DAY_NS, HOUR_NS

KEY = "bybit:BTC/USD:BTC"
START = 19_000 * DAY_NS


def prices(venue: str, symbol: str, role: str, stamps: list[int], quote: str = "USD") -> Prices:
    """100, 101, … at hours after the start."""
    label = Label(venue, symbol, role, quote, "synthetic")  # type: ignore[arg-type]
    times = START + HOUR_NS * np.array(stamps, dtype=np.int64)
    return Prices(label, times, 100.0 + np.arange(len(stamps)))


def test_a_price_is_of_a_stamp_only_where_it_was_seen() -> None:
    """An hour old is the same moment of a day; two are not, and both steps beside it are lost."""
    spot = prices("bitstamp", "BTC", "index", [0, 24, 48, 72, 96])
    mark = prices("bybit", "BTC/USD:BTC", "mark", [0, 23, 46, 72, 96])
    found = paired_prices(
        history_of([spot, mark]), "BTC", KEY, TimeGrid(START, START + 4 * DAY_NS, DAY_NS)
    )
    assert found.fresh.tolist() == [True, True, False, True, True]
    assert found.steps.tolist() == [True, False, False, True]
    assert found.mark[found.fresh].tolist() == [100.0, 101.0, 103.0, 104.0]


def test_the_clock_is_what_both_share() -> None:
    """From the later first to the earlier last, at midnights."""
    spot = prices("bitstamp", "BTC", "index", [0, 24, 48, 72, 96])
    mark = prices("bybit", "BTC/USD:BTC", "last", [30, 48, 72, 96])
    clock = shared_clock(history_of([spot, mark]), "BTC", KEY, DAY_NS)
    assert (clock.from_ns, clock.to_ns) == (START + 2 * DAY_NS, START + 4 * DAY_NS)


def test_days_end_where_both_are_seen() -> None:
    """Bars that end at 04:00 and 12:00 only: days from 04:00 to 04:00, none of them lost."""
    spot = prices("bitstamp", "BTC", "index", list(range(100)))
    mark = prices("bybit", "BTC/USD:BTC", "last", [4, 12, 28, 36, 52, 60, 76, 84])
    history = history_of([spot, mark])
    clock = shared_clock(history, "BTC", KEY, DAY_NS)
    assert (clock.from_ns - START, clock.steps) == (4 * HOUR_NS, 3)
    assert paired_prices(history, "BTC", KEY, clock).steps.all()


def test_too_little_in_common_is_refused() -> None:
    """With the span that they share."""
    spot = prices("bitstamp", "BTC", "index", [0, 24])
    mark = prices("bybit", "BTC/USD:BTC", "mark", [24, 48])
    with pytest.raises(HistoryError, match="share less than two steps"):
        shared_clock(history_of([spot, mark]), "BTC", KEY, DAY_NS)
    with pytest.raises(HistoryError, match="no prices of one of them"):
        paired_prices(history_of([spot]), "BTC", KEY, TimeGrid(START, START + DAY_NS, DAY_NS))
