"""What stored funding says of a length of time: its low and its high."""

from pathlib import Path

import numpy as np
import pytest

from volsculpt.market.funding_past import funding_past, prices_end_ns, stretches
from volsculpt.market.series import FundingRates, Label, Prices
from volsculpt.market.store import save
from volsculpt.units import DAY_NS, HOUR_NS, SECOND_NS

KEY = "bybit:BTC/USD:BTC"
START = 1_704_067_200 * SECOND_NS  # 2024
STAMPS = 90  # by the 8 hours: 30 days


def rates(values: list[float]) -> FundingRates:
    """Rates by the 8 hours."""
    stamps = START + np.arange(len(values), dtype=np.int64) * 8 * HOUR_NS
    label = Label("bybit", "BTC/USD:BTC", "funding", "USD", "made")
    return FundingRates(label, stamps, np.array(values), np.full(len(values), 8.0))


def test_a_rate_that_never_changes_is_low_and_high() -> None:
    """0.01 % by the 8 hours is 10.95 % a year, in each stretch."""
    found = stretches(rates([0.0001] * 200), 30 * DAY_NS)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((0.1095, 0.1095))


def test_low_and_high_are_of_means_and_not_of_stamps() -> None:
    """Stamps that jump between -0.01 and 0.03 % are 0.01 % over any two."""
    found = stretches(rates([-0.0001, 0.0003] * 100), 30 * DAY_NS)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((0.1095, 0.1095))


def test_quantiles_are_of_all_stretches() -> None:
    """Rates that rise evenly: the mean of 90 from the k-th is that of the (k + 44.5)-th."""
    found = stretches(rates([1e-6 * k for k in range(190)]), 30 * DAY_NS)
    assert found is not None
    starts = 190 - STAMPS  # the last stretch ends with the last stamp
    low, high = (44.5 + q * (starts - 1) for q in (0.05, 0.95))
    assert (found.low, found.high) == pytest.approx((1095e-6 * low, 1095e-6 * high))
    assert (found.from_ns, found.to_ns) == (START, START + 189 * 8 * HOUR_NS)


@pytest.mark.parametrize(("count", "known"), [(STAMPS + 19, False), (STAMPS + 20, True)])
def test_of_few_stretches_nothing_is_told(count: int, known: bool) -> None:
    """Twenty at least."""
    assert (stretches(rates([0.0001] * count), 30 * DAY_NS) is not None) == known


def test_what_came_later_is_not_seen(tmp_path: Path) -> None:
    """A rate of after the moment changes nothing; what is not stored is not known."""
    save(tmp_path, rates([0.0001] * 150 + [0.01] * 50), 0)
    found = funding_past(tmp_path, KEY, START + 149 * 8 * HOUR_NS, 30 * DAY_NS)
    assert found is not None
    assert found.high == pytest.approx(0.1095)
    assert funding_past(tmp_path, "bybit:ETH/USD:ETH", START + 200 * 8 * HOUR_NS, DAY_NS) is None


def test_the_end_of_what_is_stored_is_of_all_coins(tmp_path: Path) -> None:
    """The earlier of both; none where one of them is not stored."""
    for coin, last in (("BTC", 10), ("ETH", 7)):
        stamps = START + np.arange(last + 1, dtype=np.int64) * HOUR_NS
        label = Label("bitstamp", coin, "index", "USD", "made")
        save(tmp_path, Prices(label, stamps, np.full(last + 1, 100.0)), 0)
    assert prices_end_ns(tmp_path, ["BTC"]) == START + 10 * HOUR_NS
    assert prices_end_ns(tmp_path, ["BTC", "ETH"]) == START + 7 * HOUR_NS
    assert prices_end_ns(tmp_path, ["BTC", "SOL"]) is None
