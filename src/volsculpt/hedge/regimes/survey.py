"""The market condition of one coin from a store, as its policy saw it over the year before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from volsculpt.contracts.currencies import Pegs
from volsculpt.hedge.answer import Aim
from volsculpt.hedge.feature import EVER_NS
from volsculpt.hedge.following import FOLLOWED_NS, followed_before
from volsculpt.hedge.market_features import Features
from volsculpt.hedge.needs import contracts_of, needs_of, series_of
from volsculpt.hedge.policies.regime import FRAMEWORK, RegimePolicy
from volsculpt.hedge.policy import HedgeSummary, PolicyInput
from volsculpt.hedge.regimes.framework import Framework, RegimeAssessment
from volsculpt.hedge.regimes.reading import framework_text
from volsculpt.hedge.regimes.steady import RegimeMemory, memory_of
from volsculpt.hedge.regimes.turning import Turn, nearest_turns
from volsculpt.hedge.spec import Hedge
from volsculpt.hedge.stored import features_of
from volsculpt.hedge.survey import moment_of, need_price
from volsculpt.market.history import History
from volsculpt.market.opening import StoreNames, history_before
from volsculpt.market.store import stored


@dataclass(frozen=True, slots=True)
class SurveyRequest:
    """Which store and moments a survey is of.

    root: folder of the store. time_ns: ns UTC, None: the end of what is stored of the coin's index.
    from_ns: of the looks that are told, None: a year before. index_venue: of its prices, None: the
    best that is stored. pegs: what the owner tells of stablecoins.
    """

    root: Path
    time_ns: int | None = None
    from_ns: int | None = None
    index_venue: str | None = None
    pegs: Pegs = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RegimeLook:
    """What the policy told at one look, and what it remembers after it."""

    time_ns: int
    aim: Aim
    memory: Mapping[str, Any]

    @property
    def followed(self) -> RegimeMemory | None:
        """The ratio passed on and the condition named; None while nothing was ever known."""
        return memory_of(self.memory["followed"])


@dataclass(frozen=True, slots=True)
class RegimeSurvey:
    """The condition of a coin at the last look at or before time_ns, and the looks of the year.

    figures: by the framework's names. looks: from the beginning that was asked for, a year before
    where none was. turns: what would change it. history: what it was made from. lacking:
    why each figure that is not known is not, in words. is_tested: by the framework whose timing
    was tested, and not one of the owner's or another model.
    """

    coin: str
    time_ns: int
    framework: Framework
    figures: Mapping[str, float | None]
    assessment: RegimeAssessment
    looks: tuple[RegimeLook, ...]
    turns: tuple[Turn, ...]
    history: History
    lacking: tuple[str, ...] = ()
    is_tested: bool = True

    @property
    def last(self) -> RegimeLook:
        """The last look."""
        return self.looks[-1]

    @property
    def changes(self) -> list[tuple[int, float | None, tuple[str, ...]]]:
        """When the ratio told became which, and why."""
        found: list[tuple[int, float | None, tuple[str, ...]]] = []
        for one in self.looks:
            if not found or found[-1][1] != one.aim.ratio:
                found.append((one.time_ns, one.aim.ratio, one.aim.reasons))
        return found

    @property
    def named(self) -> list[tuple[int, str]]:
        """Since when which condition was named, over the year; the first may be older than it."""
        found: list[tuple[int, str]] = []
        for one in self.looks:
            after = one.followed
            if after is not None and (not found or found[-1][1] != after.named):
                found.append((after.since_ns, after.named))
        return found


def regime_survey(request: SurveyRequest, coin: str, policy: RegimePolicy) -> RegimeSurvey:
    """What a policy sees of a coin, from a store; it is followed over the year before, or longer.

    Raises HistoryError when no price of the coin is stored, or none before the time.
    """
    root, venue = request.root, request.index_venue
    moment = moment_of(stored(root), root, coin, request.time_ns, venue)
    last = moment // policy.every_ns * policy.every_ns
    shown_ns = last - FOLLOWED_NS if request.from_ns is None else request.from_ns
    first = min(shown_ns, last - FOLLOWED_NS) // policy.every_ns * policy.every_ns
    stamps = range(first, last + 1, policy.every_ns)
    hedge = Hedge(coin, policy)
    needs = needs_of((hedge,))
    wanted = StoreNames((coin,), contracts_of(needs), series_of(needs), venue, request.pegs)
    history = history_before(root, moment, wanted, EVER_NS)
    need_price(history, root, coin, moment, venue)
    features = features_of(history, (hedge,), stamps) or []
    (memory,) = followed_before(history, (hedge,), [None], first)
    every = looks_over(policy, coin, features, memory)
    looks = tuple(one for one in every if one.time_ns >= shown_ns) or every[-1:]
    figures = policy.figures(features[-1], coin)
    framework = policy.of(coin)
    turns = tuple(nearest_turns(framework, figures)) if policy.model == FRAMEWORK else ()
    assessment = policy.look(features[-1], coin)
    lacking = tuple(
        f"{kind.words}: {features[-1].lacking(coin, kind.feature)}"
        for kind in map(framework.figure, assessment.missing)
    )
    is_tested = policy.model == FRAMEWORK and policy.framework == framework_text()
    found = (
        coin,
        moment,
        framework,
        figures,
        assessment,
        looks,
        turns,
        history,
        lacking,
        is_tested,
    )
    return RegimeSurvey(*found)


def looks_over(
    policy: RegimePolicy,
    coin: str,
    history: Sequence[Features],
    memory: Mapping[str, Any] | None = None,
) -> tuple[RegimeLook, ...]:
    """What a policy tells of a coin, look after look.

    Args: coin: its name; history: the market at rising times; memory: before them, None: none.
    """
    nothing = HedgeSummary(coin, 0.0, 0.0, 0.0, 0.0, None, 0.0)
    found = []
    for features in history:
        answer, memory = policy.step(memory, PolicyInput(features.time_ns, features, nothing))
        found.append(RegimeLook(features.time_ns, answer, memory))
    return tuple(found)
