"""The ratio of the market condition: soft memberships, conviction inside each band."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from volsculpt.hedge.answer import Aim, aim_of, plain
from volsculpt.hedge.feature import Feature
from volsculpt.hedge.known import Features
from volsculpt.hedge.policy import Parameter, Policy, PolicyInput
from volsculpt.hedge.words import held_words
from volsculpt.text import percent
from volsculpt.units import DAY_NS

if TYPE_CHECKING:
    from volsculpt.hedge.regimes.framework import Framework, RegimeSeen


@dataclass(frozen=True, slots=True)
class RegimePolicy(Policy):
    """As much as a framework of market conditions says.

    framework: what its file says, as `framework_text` has it. every_ns: between two looks, which
    fall on multiples of it since 1970, so that days begin at midnight UTC. max_age_ns: how long the
    last ratio holds while the regime is unknown; fallback_ratio: after that, None keeps what is
    held.
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
  (`min_dwell`). Both are remembered between two looks. A plan begins without memory.
- *What is not known* has no weight: the rest of its list counts for more, and the reasons say so. With
  less than half of the weight of any list the regime is unknown: the last ratio holds for `aim_max_age`,
  then `fallback_ratio` does; without one, what is held is kept.
- *Your own.* Bands, figures, thresholds and weights are a file:
  [framework.toml](../src/volsculpt/hedge/regimes/framework.toml). Copy it beside your mandate, edit the copy, and write
  `framework = "mine.toml"`. The file of this version has the digest `e411949fbe0e06e2`.
- *History.* A plan reads two years of the coin's prices with `--at TIME` and `--data FOLDER`, and the
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
        Parameter(
            "every",
            "duration",
            'how often it looks, on multiples since 1970; absent: "1d", at midnight UTC.',
            "1d",
            default="1d",
        ),
        Parameter(
            "aim_max_age",
            "duration",
            "how long the last ratio holds while the regime is unknown.",
            "7d",
            default="7d",
        ),
        Parameter(
            "fallback_ratio",
            "ratio",
            "the ratio after that; absent: what is held is kept.",
            0.3,
            unit="of the base",
            optional=True,
        ),
    )
    ASKS_BOOK: ClassVar[bool] = True

    framework: str
    every_ns: int = DAY_NS
    max_age_ns: int = 7 * DAY_NS
    fallback_ratio: float | None = None

    @classmethod
    def made(cls, values: Mapping[str, Any]) -> Self:
        """From the mandate's keys."""
        names = ("framework", "every", "aim_max_age", "fallback_ratio")
        return cls(*(values[name] for name in names))

    def of(self, coin: str) -> "Framework":
        """Its framework, with the figures of a coin."""
        from volsculpt.hedge.regimes.reading import framework_in

        return framework_in(self.framework, coin)

    def look(self, features: Features, coin: str) -> "RegimeSeen":
        """The market of a coin as the framework sees it at a moment."""
        from volsculpt.hedge.regimes.framework import seen

        return seen(self.of(coin), self.figures(features, coin))

    def figures(self, features: Features, coin: str) -> dict[str, float | None]:
        """The figures of the framework by name; None where one is not known."""
        return {one.name: features.value(coin, one.feature) for one in self.of(coin).figures}

    def step(self, memory: Any, given: PolicyInput) -> tuple[Aim, Any]:  # noqa: ANN401
        """The ratio of the last look; a new look when it is due."""
        from volsculpt.hedge.regimes.steady import followed, memory_of

        held = self.held(memory)
        if held is not None and given.time_ns < held[1]:
            return held[0], memory
        coin, now = given.book.underlying, given.time_ns
        looked = self.look(given.features, coin)
        before = None if memory is None else memory_of(memory["followed"])
        after = followed(self.of(coin), before, looked, now)
        said = self._said(coin, looked, after, now)
        kept = None if after is None else after._asdict()
        return said, {"asked_ns": now, "said": plain(said), "followed": kept}

    def _said(self, coin: str, looked: "RegimeSeen", after: Any, now_ns: int) -> Aim:  # noqa: ANN401
        """What is told after a look. after: the memory."""
        from volsculpt.hedge.regimes.telling import reasons, unknown_words

        framework = self.of(coin)
        if looked.ratio is not None:
            return Aim(after.ratio, reasons=reasons(framework, looked, after, coin))
        why = f"{coin}: {unknown_words(framework, looked)}"
        if after is not None and now_ns - after.known_ns <= self.max_age_ns:
            age = f"{(now_ns - after.known_ns) / DAY_NS:.3g} days"
            held = f"the last ratio, {percent(after.ratio)}, holds: it is {age} old"
            return Aim(after.ratio, reasons=(why, held))
        if self.fallback_ratio is None:
            return Aim(None, reasons=(why, "keeps what is held; no fallback_ratio is given"))
        last = f"your fallback_ratio is {percent(self.fallback_ratio)}"
        return Aim(self.fallback_ratio, reasons=(why, last))

    def held(self, memory: Any) -> tuple[Aim, int] | None:  # noqa: ANN401
        """What it said last, and when it looks next."""
        if memory is None:
            return None
        return aim_of(memory["said"]), (memory["asked_ns"] // self.every_ns + 1) * self.every_ns

    def words(self) -> str:
        """Worked: "hedge what the market condition asks, 0 % to 100 %"."""
        from volsculpt.hedge.regimes.reading import SOME_COIN

        low, high = self.of(SOME_COIN).ends
        return f"hedge what the market condition asks, {percent(low)} to {percent(high)}"

    def needs(self, coin: str, hedged: Sequence[str]) -> dict[str, tuple[Feature, ...]]:
        """The figures of its framework, of its own coin."""
        return {coin: tuple(dict.fromkeys(one.feature for one in self.of(coin).figures))}

    def highest(self) -> float | None:
        """The highest ratio that any condition asks."""
        from volsculpt.hedge.regimes.reading import SOME_COIN

        return max(self.of(SOME_COIN).ends[1], self.fallback_ratio or 0.0)

    def doubts(self, lowest: float, highest: float) -> list[str]:
        """Ends of its bands outside the limits."""
        from volsculpt.hedge.regimes.reading import SOME_COIN

        said = [held_words(one, lowest, highest) for one in self.of(SOME_COIN).ends]
        return [f"at the ends of its bands, {line}" for line in said if line is not None]
