"""The ratio of the market condition: soft memberships, conviction inside each band."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any, ClassVar, Self

from volsculpt.errors import PolicyError
from volsculpt.hedge.answer import Aim, fallen_back, plain
from volsculpt.hedge.feature import Feature
from volsculpt.hedge.looking import DAILY, holding_parameters, last_answer
from volsculpt.hedge.market_features import Features
from volsculpt.hedge.policy import Parameter, Policy, PolicyInput
from volsculpt.hedge.words import held_words
from volsculpt.text import duration, percent
from volsculpt.units import DAY_NS

if TYPE_CHECKING:
    from volsculpt.hedge.features.hidden_state import HiddenState
    from volsculpt.hedge.regimes.framework import Framework, RegimeAssessment


FRAMEWORK, HMM = "framework", "hmm"
MODELS = (FRAMEWORK, HMM)
BY_HMM = 'judged by a hidden-Markov model of daily returns (model = "hmm"), not by figures'


@dataclass(frozen=True, slots=True)
class RegimePolicy(Policy):
    """As much as a framework of market conditions says.

    framework: what its file says, as `framework_text` has it. every_ns: between two looks, which
    fall on multiples of it since 1970, so that days begin at midnight UTC. max_age_ns: how long the
    last ratio holds while the regime is unknown; fallback_ratio: after that, None keeps what is
    held. model: of MODELS.
    """

    NAME: ClassVar[str] = "regime"
    SUMMARY: ClassVar[str] = "a framework of market conditions"
    DOCS: ClassVar[
        str
    ] = """It asks which of four market conditions is seen, hedges each within its band, and says why:

| condition | band | why |
|---|---|---|
| bull run: euphoric, high retail participation | 20-40 % | protect against profit-taking corrections without missing the trend |
| range: neutral, low volatility | 0-10 % | minimal hedging; offset funding cost, minor rebalancing |
| bearish: fearful, high-volume selling | 60-100 % | aggressive protection when a major downside is seen |
| recovery: after a crash, cautiously optimistic | 30-50 % | dead-cat bounces and retests, while the upside is left open |

```toml
[[hedge]]
underlying = "BTC"
policy = "regime"
fallback_ratio = 0.3
```

- *Evidence.* For each condition a list of figures (trend, fall from the high, unrest, funding, fear and
  greed …), each on a ramp from 0 to 1: its weighted mean is how much of the condition is seen. Shares
  that add up to more than 1 are scaled to 1; what is left below 1 is "no regime", hedged 10 %.
- *Conviction.* A second list says where in the band: 0 its low end, 1 its high end.
  `ratio = Σ share × (low + conviction × (high - low)) + rest × 0.10`. No switch is thrown anywhere: a
  small change of a figure is a small change of the ratio.
- *Steady.* The ratio passed on changes only by more than 5 points (`hysteresis`); the condition that is
  named only when another leads by 10 points (`lead`) and the last one has been named for a week
  (`min_dwell`). Both are remembered between two looks. A plan, a backtest and a desk on paper begin with what a run through
  the year before would remember, or longer where that could still show: at one moment they say the same. What is
  looked at is the market of midnight itself, whenever steps fall.
- *What is not known* has no weight: the rest of its list counts for more, and the reasons say so. With
  less than half of the weight of any list the regime is unknown: the last ratio holds for `aim_max_age`,
  then `fallback_ratio` does; without one, what is held is kept.
- *For comparison*, `model = "hmm"` asks a hidden-Markov model instead of the evidence: three states of daily returns, fitted to the
  two years before every 91 days, never to a later day, and named by their moments: the lowest mean, if below 0, is bearish; of the others
  the calmer is range; the last, with a mean above 0, is bull run. Bands, convictions and what keeps the ratio steady stay. It
  knows no recovery, needs `pip install 'volsculpt[models]'`, and a state is often a handful of wild days: it is told for what it is.
- *Your own.* Bands, figures, thresholds and weights are a file:
  [framework.toml](../src/volsculpt/hedge/regimes/framework.toml). Copy it beside your mandate, edit the copy, and write
  `framework = "mine.toml"`. A band may reach below 0, which buys beyond what you own, where `min_ratio` in `[limits]` is below 0
  too, and above 1, a bet on a fall, where `max_ratio` is; an end beyond the limits is held to them, and warned of. The file of this version has the digest `e411949fbe0e06e2`.
- *History.* A plan reads the coin's prices, two years and the time that is followed, with `--at TIME` and `--data FOLDER`, and the
  series `fear_greed` and `btc_dominance` where they are stored.
- `volsculpt regime BTC` shows all of it: each figure, what it adds, and what would change the answer.
- Thresholds were chosen by the reasons written beside them, not by results. On BTC and ETH after 2021, costs on,
  there is no evidence of timing skill: a steady hedge of the same mean ratio did as well ([ratio.md](ratio.md))."""  # noqa: E501 - text of the page
    PARAMETERS: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "framework",
            "framework",
            "a file of conditions, bands and evidence of your own; absent: that of the package.",
            "mine.toml",
            optional=True,
        ),
        DAILY,
        *holding_parameters("the regime is unknown"),
        Parameter(
            "model",
            "choice",
            'what says how much of each condition is seen: the "framework", or "hmm", a '
            "hidden-Markov model of daily returns, for comparison.",
            FRAMEWORK,
            default=FRAMEWORK,
            choices=MODELS,
        ),
    )
    ASKS_BOOK: ClassVar[bool] = True

    framework: str
    every_ns: int = DAY_NS
    max_age_ns: int = 7 * DAY_NS
    fallback_ratio: float | None = None
    model: str = FRAMEWORK

    @classmethod
    def made(cls, values: Mapping[str, Any]) -> Self:
        """From the mandate's keys."""
        names = ("framework", "every", "aim_max_age", "fallback_ratio", "model")
        made = cls(*(values[name] for name in names))
        if made.model == HMM:
            _need_named(made)
        return made

    def of(self, coin: str) -> "Framework":
        """Its framework, with the figures of a coin."""
        from volsculpt.hedge.regimes.reading import framework_in

        return framework_in(self.framework, coin)

    def look(self, features: Features, coin: str) -> "RegimeAssessment":
        """The market of a coin as the framework sees it at a moment."""
        from volsculpt.hedge.regimes.framework import assessment_by_states, regime_assessment

        framework, figures = self.of(coin), self.figures(features, coin)
        if self.model == FRAMEWORK:
            return regime_assessment(framework, figures)
        states = {one.state: features.value(coin, one) for one in hidden_states()}
        return assessment_by_states(framework, figures, states)

    def figures(self, features: Features, coin: str) -> dict[str, float | None]:
        """The figures of the framework by name; None where one is not known."""
        return {one.name: features.value(coin, one.feature) for one in self.of(coin).figures}

    def step(self, memory: Any, given: PolicyInput) -> tuple[Aim, Any]:  # noqa: ANN401
        """The ratio of the last look; a new look when it is due."""
        held = self.held(memory)
        if held is not None and given.time_ns < held[1]:
            return held[0], memory
        coin = given.book.underlying
        return self._went_on(coin, memory, self.look(given.features, coin), given.features)

    def _went_on(
        self,
        coin: str,
        memory: Any,  # noqa: ANN401
        assessment: "RegimeAssessment",
        features: Features,
    ) -> tuple[Aim, dict[str, Any]]:
        """What is told after a look, and the memory.

        Args: coin: its name; memory: before, None at first; features: of the look.
        """
        from volsculpt.hedge.regimes.steady import followed, memory_of

        now_ns, before = features.time_ns, None if memory is None else memory_of(memory["followed"])
        after = followed(self.of(coin), before, assessment, now_ns)
        answer = self._aim_after(coin, assessment, after, features)
        kept = None if after is None else after._asdict()
        return answer, {"asked_ns": now_ns, "said": plain(answer), "followed": kept}

    def looks_every_ns(self) -> int | None:
        """As often as it is told to."""
        return self.every_ns

    def follow(self, coin: str, history: Sequence[Features]) -> tuple[Any, bool]:
        """Look after look; whether hysteresis and dwell have forgotten the first."""
        from volsculpt.hedge.regimes.forgetting import narrowed

        memory, possible, framework = None, None, self.of(coin)
        for features in history:
            assessment = self.look(features, coin)
            _, memory = self._went_on(coin, memory, assessment, features)
            possible = narrowed(framework, possible, assessment, features.time_ns)
        return memory, possible is not None and possible.is_one

    def _aim_after(
        self,
        coin: str,
        assessment: "RegimeAssessment",
        after: Any,  # noqa: ANN401
        features: Features,
    ) -> Aim:
        """What is told after a look. after: the memory. features: of the look."""
        from volsculpt.hedge.regimes.telling import most_missed, reasons, unknown_words

        framework, now_ns = self.of(coin), features.time_ns
        if assessment.ratio is not None:
            lacks = {
                name: features.lacking(coin, framework.figure(name).feature)
                for name in assessment.missing
            }
            evidence = reasons(framework, assessment, after, coin, lacks)
            return Aim(after.ratio, reasons=(*evidence, BY_HMM) if self.model == HMM else evidence)
        why = f"{coin}: {unknown_words(framework, assessment)}"
        if assessment.missing:
            first = framework.figure(most_missed(assessment))
            why += f"; {first.words}: {features.lacking(coin, first.feature)}"
        if self.model == HMM and all(
            one.evidence.mean is None for one in assessment.conditions[:1]
        ):
            why = f"{coin}: no hidden states: {features.lacking(coin, hidden_states()[0])}"
        if after is not None and now_ns - after.known_ns <= self.max_age_ns:
            age = duration(now_ns - after.known_ns)
            held = f"the last ratio, {percent(after.ratio)}, holds: it is {age} old"
            return Aim(after.ratio, reasons=(why, held))
        return fallen_back(why, self.fallback_ratio)

    def held(self, memory: Any) -> tuple[Aim, int] | None:  # noqa: ANN401
        """What it said last, and when it looks next."""
        return last_answer(memory, self.every_ns)

    def words(self) -> str:
        """Worked: "hedge what the market condition asks, 0 % to 100 %"."""
        from volsculpt.hedge.regimes.reading import SOME_COIN

        low, high = self.of(SOME_COIN).ends
        return f"hedge what the market condition asks, {percent(low)} to {percent(high)}"

    def needs(self, coin: str, hedged: Sequence[str]) -> dict[str, tuple[Feature, ...]]:
        """The figures of its framework, of its own coin."""
        own = dict.fromkeys(one.feature for one in self.of(coin).figures)
        return {coin: (*own, *(hidden_states() if self.model == HMM else ()))}

    def highest(self) -> float | None:
        """The highest ratio that any condition asks."""
        from volsculpt.hedge.regimes.reading import SOME_COIN

        return max(self.of(SOME_COIN).ends[1], self.fallback_ratio or 0.0)

    def doubts(self, lowest: float, highest: float) -> list[str]:
        """The least and the highest end of its bands, where they are outside the limits."""
        from volsculpt.hedge.regimes.reading import SOME_COIN

        framework = self.of(SOME_COIN)
        rest = ("rest_ratio", framework.rest_ratio)
        lows = [rest, *((f"low of {one.name!r}", one.low) for one in framework.conditions)]
        highs = [rest, *((f"high of {one.name!r}", one.high) for one in framework.conditions)]
        ends = (min(lows, key=itemgetter(1)), max(highs, key=itemgetter(1)))
        outside = [(name, held_words(ratio, lowest, highest)) for name, ratio in ends]
        return [f"its framework's {name}: {line}" for name, line in outside if line is not None]


def _need_named(policy: RegimePolicy) -> None:
    """Raise PolicyError where the framework of a model has no condition for one of its states."""
    from volsculpt.hedge.features.hidden_state import STATE_NAMES
    from volsculpt.hedge.regimes.reading import SOME_COIN

    there = [one.name for one in policy.of(SOME_COIN).conditions]
    lacking = [name for name in STATE_NAMES if name not in there]
    if lacking:
        raise PolicyError(
            f'model = "hmm" has a state {lacking[0]!r}, and the framework no condition of that '
            f"name, only {', '.join(there)}; name one so, or leave model out"
        )


def hidden_states() -> "tuple[HiddenState, ...]":
    """The states of the hidden-Markov model."""
    from volsculpt.hedge.features.hidden_state import STATE_NAMES, HiddenState

    return tuple(HiddenState(name) for name in STATE_NAMES)
