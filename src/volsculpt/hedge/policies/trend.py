"""A ratio tilted against the trend of the coin: more hedge in a fall, less in a rise.

ratio = ratio asked - tilt · min(1, max(-1, z)),  z the strength of `features/trend.py`
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from volsculpt.hedge.answer import Aim, fallen_back
from volsculpt.hedge.fading import HALF_LIFE_NS
from volsculpt.hedge.feature import Feature
from volsculpt.hedge.features.trend import Trend
from volsculpt.hedge.max_age import checked_max_age, max_age_parameter, too_old
from volsculpt.hedge.policy import Parameter, Policy, PolicyInput
from volsculpt.hedge.words import held_words
from volsculpt.text import duration, percent, signed_decimals


def tilted(ratio: float, tilt: float, strength: float) -> float:
    """The ratio less what a rise takes off, or with what a fall adds.

    Worked: 0.5 tilted by 0.3 at strength -0.5 -> 0.65; at 2 -> 0.2.
    """
    return ratio - tilt * min(1.0, max(-1.0, strength))


@dataclass(frozen=True, slots=True)
class TrendPolicy(Policy):
    """The owner's ratio, tilted against the trend of the coin.

    ratio: without a trend. tilt: the most it is moved by, either way, a fraction of the base.
    half_life_ns: the age at which a return counts half as much. fallback_ratio: while there is no
    strength, None keeps what is held. max_age_ns: how old the newest price may be; None, as the
    strength has it.
    """

    NAME: ClassVar[str] = "trend"
    SUMMARY: ClassVar[str] = "the trend of its price"
    DOCS: ClassVar[
        str
    ] = """Your ratio, tilted against the trend of the coin: up to `tilt` more in a
fall, up to `tilt` less in a rise. `ratio - tilt × min(1, max(-1, strength))`, held to `min_ratio` and
`max_ratio`.

```toml
[[hedge]]
underlying = "BTC"
policy = "trend"
ratio = 0.5
tilt = 0.3
half_life = "30d"
```

- *Strength* is how far the price has come, its returns weighted so that they halve with every half-life
  of time, in standard deviations of what chance alone makes of a price with this volatility. Without a
  trend it is between -1 and 1 two times in three. At 1 or more the whole tilt is taken off, at -1 or less
  it is added; above, 0.2 to 0.8.
- *Without a strength* `fallback_ratio` holds, or else what is held is kept, and the reasons say why. It needs
  a half-life of prices with ten returns and no gap longer than a half-life; the last strength holds until the
  newest price is older than one, or than `aim_max_age`.
- *History.* A plan reads it with `--at TIME` and `--data FOLDER`, from its beginning on; without `--at`
  there is none. A backtest uses what is stored before its start.
- A trend says what was, and turns are seen late: in a market that goes to and fro it hedges after the fall
  and lets go after the rise. A band as wide as a usual day's change of the tilt keeps it from trading that.
- Sources: Moskowitz, Ooi and Pedersen, "Time series momentum", Journal of Financial Economics 104(2), 2012,
  228-250; Lempérière and others, "Two centuries of trend following", Journal of Investment Strategies 3(3),
  2014, 41-61. Both report gains of portfolios over decades; one coin's hedge is not that."""  # noqa: E501 - text of the page
    PARAMETERS: ClassVar[tuple[Parameter, ...]] = (
        Parameter("ratio", "ratio", "the ratio without a trend.", 0.5, unit="of the base"),
        Parameter(
            "tilt",
            "number",
            "the most that the trend takes off or adds.",
            0.3,
            unit="of the base",
            above=0.0,
            most=1.0,
            why=": it is a fraction of the base; for example tilt = 0.3",
        ),
        Parameter(
            "half_life",
            "duration",
            'the age at which a return counts half; absent: "30d".',
            "30d",
            default="30d",
            least="1d",
            why=', so that it holds enough returns; for example half_life = "30d"',
        ),
        Parameter(
            "fallback_ratio",
            "ratio",
            "the ratio while there is no strength; absent: what is held is kept.",
            0.5,
            unit="of the base",
            optional=True,
        ),
        max_age_parameter("a half-life"),
    )

    ratio: float
    tilt: float
    half_life_ns: int = HALF_LIFE_NS
    fallback_ratio: float | None = None
    max_age_ns: int | None = None

    @classmethod
    def made(cls, values: Mapping[str, Any]) -> Self:
        """From the mandate's keys."""
        names = ("ratio", "tilt", "half_life", "fallback_ratio", "aim_max_age")
        made = cls(*(values[name] for name in names))
        checked_max_age(made.max_age_ns, Trend(made.half_life_ns), "the strength of the trend")
        return made

    def step(self, memory: Any, given: PolicyInput) -> tuple[Aim, Any]:  # noqa: ANN401
        """The tilted ratio; what is held without a strength."""
        coin, feature = given.book.underlying, Trend(self.half_life_ns)
        strength = given.features.value(coin, feature)
        why = too_old(given.features, coin, feature, self.max_age_ns)
        if strength is None or why:
            why = why or given.features.lacking(coin, feature)
            return fallen_back(f"no trend is known: {why}", self.fallback_ratio), memory
        ratio = tilted(self.ratio, self.tilt, strength)
        reason = (
            f"the trend of {coin} is {signed_decimals(strength, 2)} standard deviations: "
            f"{percent(self.ratio)} is tilted to {percent(ratio)}"
        )
        return Aim(ratio, reasons=(reason,)), memory

    def words(self) -> str:
        """Worked: "hedge 50 %, tilted by up to 30 % against the trend (half-life 30 days)"."""
        half_life = duration(self.half_life_ns)
        ratio, most = percent(self.ratio), percent(self.tilt)
        return f"hedge {ratio}, tilted by up to {most} against the trend (half-life {half_life})"

    def needs(self, coin: str, hedged: Sequence[str]) -> dict[str, tuple[Feature, ...]]:
        """The trend of its own coin."""
        return {coin: (Trend(self.half_life_ns),)}

    def highest(self) -> float | None:
        """The ratio with all of the tilt."""
        return self.ratio + self.tilt

    def ratio_meant(self) -> float | None:
        """The ratio without a trend."""
        return self.ratio

    def doubts(self, lowest: float, highest: float) -> list[str]:
        """Ends of the tilt outside the limits."""
        ends = (self.ratio - self.tilt, self.ratio + self.tilt)
        outside = [held_words(one, lowest, highest) for one in ends]
        return [f"with its whole tilt, {line}" for line in outside if line is not None]
