"""What stored funding says of a length of time: its mean rate, at its low and its high."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from volsculpt.contracts.funding import annual
from volsculpt.market.gate import Floats
from volsculpt.market.opening import StoreNames, history_between
from volsculpt.market.series import FundingRates
from volsculpt.market.store import stored

LOW, HIGH = 0.05, 0.95
FEWEST = 20  # stretches; of fewer no such quantile is told


@dataclass(frozen=True, slots=True)
class FundingPast:
    """Mean funding over stretches of one length, simple yearly rates; + is paid by longs.

    low, high: their 5 % and 95 % quantile. from_ns, to_ns: of what is stored, ns UTC.
    """

    low: float
    high: float
    from_ns: int
    to_ns: int


def funding_past(root: Path, contract: str, time_ns: int, length_ns: int) -> FundingPast | None:
    """Stretches of `length_ns` in what was stored before a time; None where there are too few.

    Args: root: folder of the store; contract: "venue:symbol"; time_ns, length_ns: ns, UTC.
    """
    found = history_between(root, StoreNames(contracts=(contract,)), (None, time_ns + 1), 0)
    rates = found.funding.get(contract)
    return None if rates is None else stretches(rates, length_ns)


def stretches(rates: FundingRates, length_ns: int) -> FundingPast | None:
    """Low and high of the mean of stretches of a length; None where there are too few."""
    means = means_over(rates, length_ns)
    if means is None:
        return None
    low, high = (float(np.quantile(means, one)) for one in (LOW, HIGH))
    return FundingPast(low, high, int(rates.stamp_ns[0]), rates.end_ns)


def means_over(rates: FundingRates, length_ns: int) -> Floats | None:
    """The mean of each stretch that begins at a stamp and ends by the last, simple yearly rates.

    None where there are too few. Worked: rates by the 8 hours, a length of 30 days: the means of
    each 90 that follow each other.
    """
    begins = np.searchsorted(rates.stamp_ns, rates.stamp_ns + length_ns, side="left")
    whole = rates.stamp_ns + length_ns <= rates.end_ns
    first = np.flatnonzero(whole)
    if len(first) < FEWEST:
        return None
    paid = np.concatenate([[0.0], np.cumsum(rates.rate)])
    hours = np.concatenate([[0.0], np.cumsum(rates.interval_hours)])
    last = begins[first]
    means: Floats = annual(1.0, 1.0) * (paid[last] - paid[first]) / (hours[last] - hours[first])
    return means


def prices_end_ns(root: Path, coins: Sequence[str]) -> int | None:
    """The last time at which the store knows prices of all coins, ns UTC; None: of one it has none.

    Args: root: folder of the store; coins: by name.
    """
    every = stored(root)
    ends = [
        max((one.to_ns for one in every if (one.label.key, one.role) == (coin, "index")), default=0)
        for coin in coins
    ]
    return min(ends, default=0) or None
