"""In which market condition each day of a run began, by the framework of the package.

What a policy did is told apart by what the market was like, whatever the policy looks at itself.
Each look knows what was known at its midnight, so a day is never named by what it brought.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from volsculpt.hedge.needs import contracts_of, look_back_ns, needs_of, series_of
from volsculpt.hedge.policies.regime import RegimePolicy
from volsculpt.hedge.regimes.reading import framework_text
from volsculpt.hedge.regimes.survey import looks_over
from volsculpt.hedge.spec import Hedge
from volsculpt.hedge.stored import features_of
from volsculpt.market.history import History
from volsculpt.market.opening import StoreNames, history_between
from volsculpt.units import DAY_NS


@dataclass(frozen=True, slots=True)
class ConditionPath:
    """The condition of a coin's market that was named at each midnight; None while unknown.

    begins_ns: the midnights, ns UTC.
    """

    underlying: str
    begins_ns: tuple[int, ...]
    named: tuple[str | None, ...]


def condition_paths(
    market: History | Path, coins: Sequence[str], from_ns: int, to_ns: int
) -> tuple[ConditionPath, ...]:
    """Of each coin whose condition is ever known, at the midnights of a span.

    The first look remembers no other.

    Args: market: a history, or the folder of a store; coins: by name; from_ns, to_ns: ns UTC.
    """
    begins = tuple(range(from_ns // DAY_NS * DAY_NS, to_ns, DAY_NS))
    paths = (_path(market, coin, begins) for coin in coins)
    return tuple(one for one in paths if any(one.named))


def _path(market: History | Path, coin: str, begins: tuple[int, ...]) -> ConditionPath:
    """One coin."""
    policy = RegimePolicy(framework_text())
    hedge = Hedge(coin, policy)
    if isinstance(market, Path):
        needs = needs_of((hedge,))
        wanted = StoreNames((coin,), contracts_of(needs), series_of(needs), None)
        span = (begins[0], begins[-1] + 1)
        market = history_between(market, wanted, span, look_back_ns(needs))
    features = features_of(market, (hedge,), begins) or []
    after = [one.followed for one in looks_over(policy, coin, features)]
    return ConditionPath(coin, begins, tuple(None if one is None else one.named for one in after))
