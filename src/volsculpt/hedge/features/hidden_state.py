"""Share of a hidden state of a coin's market: how probable it is that this is its state now.

Three states of daily log returns, each with a mean and a spread, fitted to the two years before on
a schedule, then folded a day at a time. So what is known depends on those two years alone, whoever
begins, and no later day is in any share.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import log
from typing import TYPE_CHECKING, ClassVar

from volsculpt.errors import EstimateError
from volsculpt.hedge.feature import Feature
from volsculpt.hedge.refit import Numbers, Refitted
from volsculpt.hedge.window import WindowMemory
from volsculpt.market.streams import Stream
from volsculpt.units import DAY_NS

if TYPE_CHECKING:
    from volsculpt.hedge.estimators.hidden_markov import Chain

STATE_NAMES = ("bull run", "range", "bearish")
MOST_MISSING = 0.1  # of the days of a fit


@dataclass(frozen=True, slots=True)
class HiddenState(Refitted):
    """The filtered probability of a state, 0 to 1. state: bull run, range or bearish."""

    NAME: ClassVar[str] = "hidden-state"
    MEANING: ClassVar[str] = "probability of a hidden state, filtered"
    IS_FOLLOWED: ClassVar[bool] = True

    state: str
    window_ns: int = 730 * DAY_NS
    every_ns: int = DAY_NS
    refit_ns: int = 91 * DAY_NS
    keep_ns: int = 30 * DAY_NS

    def stream(self, coin: str) -> Stream:
        """The last price of each day."""
        return Stream("index", coin, self.every_ns)

    def fitted(self, window: WindowMemory) -> Numbers:
        """(share of its state, then the chain, then the share of each state)."""
        returns = returns_of(window.known_ns, window.figures)
        days = self.window_ns // self.every_ns
        if len(returns) < (1.0 - MOST_MISSING) * days:
            raise EstimateError(f"{days - len(returns)} of {days} days miss a price; import them")
        return self.numbers(*chain_of(returns))

    def followed(self, fit: Numbers, before: float, observed: float, steps: int) -> Numbers:
        """After one more price; shares stay over a missing day, whose returns are no daily ones.

        Args: fit: before it; before, observed: US dollars; steps: days between them.
        """
        if steps > 1:
            return fit
        from volsculpt.hedge.estimators.hidden_markov import filtered

        chain, shares = unpacked(fit)
        return self.numbers(chain, filtered(chain, shares, log(observed / before)))

    def numbers(self, chain: "Chain", shares: Sequence[float]) -> Numbers:
        """All in one row. The own share is that of the states that are named so."""
        from volsculpt.hedge.estimators.hidden_markov import state_names

        named = zip(state_names(chain), shares, strict=True)
        own = sum(share for name, share in named if name == self.state)
        moves = (one for row in chain.moves for one in row)
        return (own, *moves, *chain.means, *chain.sigmas, *chain.start, *shares)

    def words(self) -> str:
        """Worked: "bearish, 730 days, fitted every 91 days"."""
        return f"{self.state}, {self.fit_words()}"

    @classmethod
    def usual(cls, streams: Sequence[Stream]) -> tuple[Feature, ...]:
        """None: a fit takes a library and its time."""
        return ()


def unpacked(fit: Numbers) -> tuple["Chain", Numbers]:
    """(chain, share of each state) out of a row."""
    from volsculpt.hedge.estimators.hidden_markov import STATES, Chain

    parts = [fit[at : at + STATES] for at in range(1, len(fit), STATES)]
    return Chain(tuple(parts[:STATES]), *parts[STATES:-1]), parts[-1]


def returns_of(available_ns: tuple[int, ...], closes: tuple[float, ...]) -> tuple[float, ...]:
    """Log returns from one day to the next; those over a missing day are left out."""
    pairs = zip(pairwise(available_ns), pairwise(closes), strict=True)
    return tuple(log(now / then) for (one, other), (then, now) in pairs if other - one == DAY_NS)


@lru_cache(maxsize=64)
def chain_of(returns: tuple[float, ...]) -> "tuple[Chain, tuple[float, ...]]":
    """(chain, shares after the last return). Raises EstimateError where there is none.

    Kept, as the states of one coin are fitted to the same days.
    """
    import numpy as np

    from volsculpt.hedge.estimators.hidden_markov import chain_fit, filtered

    chain = chain_fit(np.array(returns))
    shares = chain.start
    for one in returns:
        shares = filtered(chain, shares, one)
    return chain, shares
