"""Share of a hidden state of a coin's market: how probable it is that this is its state now.

Three states of daily log returns, each with a mean and a spread, fitted to the two years before on
a schedule (days whose number since 1970 is a multiple of 91), then folded a day at a time. So what
is known depends on those two years alone, whoever begins, and no later day is in any share.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import log
from typing import Any, ClassVar, NamedTuple

from volsculpt.errors import EstimateError
from volsculpt.hedge.feature import Feature, Rows
from volsculpt.hedge.window import GAP, fed_words
from volsculpt.market.streams import Stream
from volsculpt.units import DAY_NS

STATE_NAMES = ("bull run", "range", "bearish")
REFIT_NS = 91 * DAY_NS
MOST_MISSING = 0.1  # of the days of a fit


class HiddenMemory(NamedTuple):
    """Closes of the window, the chain fitted last (None: none yet), and shares of its states.

    chain: moves, means, sigmas, start. failed: why the last fit gave none; "" where it did.
    """

    known_ns: tuple[int, ...]
    closes: tuple[float, ...]
    chain: tuple[Any, ...] | None
    shares: tuple[float, ...]
    failed: str


@dataclass(frozen=True, slots=True)
class HiddenState(Feature):
    """The filtered probability of a state, 0 to 1. state: bull run, range or bearish."""

    NAME: ClassVar[str] = "hidden-state"
    MEMORY: ClassVar[type] = HiddenMemory
    MEANING: ClassVar[str] = "probability of a hidden state, filtered"

    state: str
    window_ns: int = 730 * DAY_NS

    @property
    def look_back_ns(self) -> int:
        """The window, the time to the next fit, and a gap."""
        return self.window_ns + REFIT_NS + 2 * GAP * DAY_NS

    def stream(self, coin: str) -> Stream:
        """The last price of each day."""
        return Stream("index", coin, DAY_NS)

    def step(self, memory: HiddenMemory | None, time_ns: int, seen: float) -> HiddenMemory:
        """Fold one close."""
        held = memory or HiddenMemory((), (), None, (), "")
        chain, shares, failed = held.chain, held.shares, held.failed
        if chain is not None and held.known_ns[-1] == time_ns - DAY_NS:
            from volsculpt.hedge.estimators.hidden_markov import Chain, filtered

            shares = filtered(Chain(*chain), shares, log(seen / held.closes[-1]))
        first = 0
        while first < len(held.known_ns) and held.known_ns[first] < time_ns - self.window_ns:
            first += 1
        known_ns = (*held.known_ns[first:], time_ns)
        closes = (*held.closes[first:], seen)
        if time_ns % REFIT_NS == 0 and known_ns[0] <= time_ns - self.window_ns + GAP * DAY_NS:
            chain, shares, failed = _fitted(returns_of(known_ns, closes), self.window_ns // DAY_NS)
        return HiddenMemory(known_ns, closes, chain, shares, failed)

    def fold(self, memory: HiddenMemory | None, rows: Rows) -> HiddenMemory | None:
        """Fold several."""
        for time_ns, seen in rows:
            memory = self.step(memory, time_ns, seen)
        return memory

    def value(self, memory: HiddenMemory, now_ns: int) -> float | None:
        """The share of its state; 0 where no state is named so; None without a fit, or when old."""
        if memory.chain is None or now_ns - memory.known_ns[-1] > GAP * DAY_NS:
            return None
        from volsculpt.hedge.estimators.hidden_markov import Chain, state_names

        named = zip(state_names(Chain(*memory.chain)), memory.shares, strict=True)
        return sum(share for name, share in named if name == self.state)

    def lacking(self, coin: str, memory: HiddenMemory | None, now_ns: int) -> str:
        """Why there is no share, in words, with the fix."""
        if memory is not None and memory.failed:
            return f"{memory.failed}; the next fit is within {REFIT_NS // DAY_NS} days"
        known = memory.known_ns if memory is not None else ()
        age = now_ns - known[-1] if known else None
        spanned = known[-1] - known[0] if known else 0
        what, needed = self.stream(coin).words, self.window_ns + REFIT_NS
        return fed_words(what, age, GAP * DAY_NS, min(spanned, needed - DAY_NS), needed)

    def words(self) -> str:
        """Worked: "bearish, fitted to 730 days"."""
        return f"{self.state}, fitted to {self.window_ns / DAY_NS:g} days"

    @classmethod
    def usual(cls, streams: Sequence[Stream]) -> tuple[Feature, ...]:
        """None: a fit takes a library and its time."""
        return ()

    def plain(self, memory: HiddenMemory) -> dict[str, Any]:
        """Lists."""
        chain = None if memory.chain is None else [_listed(one) for one in memory.chain]
        held = {name: _listed(one) for name, one in memory._asdict().items()}
        return held | {"chain": chain}

    def memory_of(self, stored: Mapping[str, Any]) -> HiddenMemory:
        """A memory again."""
        return HiddenMemory(**{name: _tupled(one) for name, one in stored.items()})


def _listed(value: Any) -> Any:  # noqa: ANN401
    """Tuples as lists, however deep."""
    return [_listed(one) for one in value] if isinstance(value, tuple | list) else value


def _tupled(value: Any) -> Any:  # noqa: ANN401
    """Lists as tuples, however deep."""
    return tuple(_tupled(one) for one in value) if isinstance(value, list) else value


def returns_of(known_ns: tuple[int, ...], closes: tuple[float, ...]) -> tuple[float, ...]:
    """Log returns from one day to the next; those over a missing day are left out."""
    pairs = zip(pairwise(known_ns), pairwise(closes), strict=True)
    return tuple(log(now / then) for (one, other), (then, now) in pairs if other - one == DAY_NS)


@lru_cache(maxsize=64)
def _fitted(
    returns: tuple[float, ...], days: int
) -> tuple[tuple[Any, ...] | None, tuple[float, ...], str]:
    """(chain, shares after the last return, why there is none).

    Kept, as the states of one coin are fitted to the same days. days: of the window.
    """
    import numpy as np

    from volsculpt.hedge.estimators.hidden_markov import chain_fit, filtered

    if len(returns) < (1.0 - MOST_MISSING) * days:
        return None, (), f"{days - len(returns)} of {days} days miss a price; import them"
    try:
        chain = chain_fit(np.array(returns))
    except EstimateError as error:
        return None, (), str(error)
    shares = chain.start
    for one in returns:
        shares = filtered(chain, shares, one)
    return tuple(chain), shares, ""
