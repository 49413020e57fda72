"""Prices of a coin and of a contract at the same moments, for whoever compares their moves."""

from dataclasses import dataclass
from functools import reduce

import numpy as np

from volsculpt.contracts.expiries import parse_symbol
from volsculpt.errors import HistoryError
from volsculpt.market.asof import TimeGrid, last_price_observation, observations
from volsculpt.market.gate import Flags, Floats, Stamps
from volsculpt.market.history import History
from volsculpt.market.indexes import Indexes
from volsculpt.units import iso_day

SAME_MOMENT = 24  # a price is of a stamp when it is no older than this part of a step


@dataclass(frozen=True, slots=True, eq=False)
class PairedPrices:
    """A row per stamp, in US dollars; fresh: whether both were observed there, not long before.

    spot: of the coin held; mark: of one coin in the contract, last price where no mark is stored;
    own_spot: of the contract's own coin. warnings: what was assumed of stablecoins.
    """

    stamp_ns: Stamps
    spot: Floats
    mark: Floats
    own_spot: Floats
    fresh: Flags
    warnings: tuple[str, ...]

    @property
    def steps(self) -> Flags:
        """Which steps begin and end with fresh prices: one less than there are stamps."""
        return self.fresh[:-1] & self.fresh[1:]


def paired_prices(history: History, coin: str, key: str, clock: TimeGrid) -> PairedPrices:
    """The coin and the contract on one clock; nothing is carried to where it was not seen.

    A price that is carried would make the two move together, or not at all, where nobody knows.
    Raises HistoryError where a history is not there.

    Args: history: with both; coin: its name; key: "venue:symbol"; clock: the stamps.
    """
    series = history.mark.get(key, history.last.get(key))
    if series is None or coin not in history.index:
        raise HistoryError(
            f"{coin} by {key}: the history has no prices of one of them; see `volsculpt data list`"
        )
    symbol, stamps = parse_symbol(key.partition(":")[2]), clock.stamps
    indexes = Indexes(history)
    spot, own = indexes.usd(coin, stamps), indexes.usd(symbol.base, stamps)
    mark, quote = last_price_observation(series, stamps), indexes.usd(symbol.quote, stamps)
    fresh = np.ones(len(stamps), dtype=np.bool_)
    for one in (spot, own, mark):
        fresh &= one.available & (stamps - one.at_ns <= clock.step_ns // SAME_MOMENT)
    return PairedPrices(
        stamps,
        spot.value,
        mark.value * quote.value / symbol.coins,
        own.value,
        fresh & quote.available,
        tuple(dict.fromkeys(indexes.warnings)),
    )


def spacing_ns(history: History, coin: str, key: str) -> int:
    """How far apart prices of a coin and of a contract usually are, the wider of both; 0: of none.

    Args: history: with both; coin: its name; key: "venue:symbol".
    """
    series = (history.mark.get(key, history.last.get(key)), history.index.get(coin))
    apart = [np.diff(observations(one)[0]) for one in series if one is not None]
    return max((int(np.median(one)) for one in apart if len(one)), default=0)


def shared_clock(history: History, coin: str, key: str, step_ns: int) -> TimeGrid:
    """Stamps a step apart in the time that both were observed, at moments at which both were.

    At whole steps (of a day: midnights, UTC) where they can be, else at the earliest phase at which
    both have a price: bars of 8 hours from 04:00 on make days that end at 04:00. Raises
    HistoryError where that is less than two steps.

    Args: history: with both; coin: its name; key: "venue:symbol"; step_ns: ns.
    """
    series = [history.mark.get(key, history.last.get(key)), history.index.get(coin)]
    times = [observations(one)[0] for one in series if one is not None]
    phases = np.unique(reduce(np.intersect1d, times) % step_ns)
    phase = int(phases[0]) if len(phases) else 0  # 0 is the first where it is one
    start = -(-(max(int(one[0]) for one in times) - phase) // step_ns) * step_ns + phase
    end = (min(int(one[-1]) for one in times) - phase) // step_ns * step_ns + phase
    if end - start < 2 * step_ns:
        raise HistoryError(
            f"{coin} by {key}: their stored prices share less than two steps, {iso_day(start)} to "
            f"{iso_day(end)}; import more, or change --from and --to"
        )
    return TimeGrid(start, end, step_ns)
