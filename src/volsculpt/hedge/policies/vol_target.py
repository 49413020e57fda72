"""As much exposed as makes the whole wealth move as wanted, by a forecast of volatility."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from volsculpt.compilable import compilable
from volsculpt.hedge.answer import Aim, fallen_back
from volsculpt.hedge.fading import HALF_LIFE_NS
from volsculpt.hedge.feature import Feature
from volsculpt.hedge.features.garch_volatility import GarchVolatility
from volsculpt.hedge.features.har import HarVolatility
from volsculpt.hedge.features.volatility import Volatility
from volsculpt.hedge.market_features import Features
from volsculpt.hedge.max_age import checked_max_age, max_age_parameter, too_old
from volsculpt.hedge.policy import BaseKind, Parameter, Policy, PolicyInput
from volsculpt.text import duration, percent


@compilable
def vol_target_ratio(sigma_target: float, sigma_forecast: float) -> float:
    """Share of wealth to hedge so that what is left moves as wanted: 1 - σ_target/σ_forecast.

    delta_usd = wealth_usd·σ_target/σ_forecast. Below 0 where the coin is calmer than wanted:
    the limits then decide. sigma_forecast is above 0. Worked: 0.4 and 0.8 -> 0.5; 0.4 and 0.4
    -> 0. Source: Moreira and Muir, "Volatility-Managed Portfolios", Journal of Finance 72(4),
    2017, 1611-1644 (there of variance); Harvey et al., "The Impact of Volatility Targeting",
    Journal of Portfolio Management 45(1), 2018, 14-33.
    """
    return 1.0 - sigma_target / sigma_forecast


@dataclass(frozen=True, slots=True)
class VolTargetPolicy(Policy):
    """Keep as much exposed as gives wealth this volatility, by a forecast for the coin.

    volatility: wanted, a ratio a year of 365 days (0.4 is 40 %). half_life_ns: the age at which
    a return counts half as much in the forecast "ewma". forecast: "ewma", "har" or "garch".
    fallback_ratio: while there is none, None keeps what is held. max_age_ns: how old the newest
    price may be, None as the forecast has it. The base is always wealth.
    """

    NAME: ClassVar[str] = "vol-target"
    SUMMARY: ClassVar[str] = "a forecast of volatility"
    DOCS: ClassVar[str] = """It keeps as much exposed as makes your whole wealth move as
you want: `wealth × volatility / forecast` US dollars of the coin, so `ratio = 1 - volatility /
forecast`, held to `min_ratio` and `max_ratio`. At a forecast of 80 % and a target of 40 % half of your
wealth is exposed. When the coin is calmer than the target, the ratio would be below 0: with
`min_ratio = 0` (the default) you are never more than wholly exposed; `min_ratio = -0.5` would allow one
and a half times your wealth, with long futures.

```toml
[[hedge]]
underlying = "BTC"
policy = "vol-target"
volatility = 0.40
half_life = "30d"
```

- *Wealth* is all of it, cash and other coins too: a book that holds dollars or another coin beside the
  coin may be told to buy. Targets of several hedges are each of the whole wealth, whatever part of it
  the coin is: two coins at 20 % that move together are 40 %. Give each coin a target that fits its part.
- *The forecast* `ewma` is RiskMetrics' weighted mean of squared log returns of the coin's index, with weights
  that halve with every half-life of time, not of rows: hourly and daily prices mean the same.
  Prices within an hour of the last one taken are left out. A year has 365 days.
- `forecast = "har"` takes the last day, week and month of variance, weighted by least squares over all
  whole days before: 120 days are needed. `forecast = "garch"` is GARCH(1,1) with Student tails on daily
  prices, fitted by the extra `models` on the two years before each multiple of thirty days since 1970, then
  followed day by day; a fit that cannot be made leaves the last one for thirty days more.
- *Without a forecast* `fallback_ratio` holds, or else what is held is kept, and the reasons say why. `ewma`
  needs a half-life of prices with ten returns and no gap longer than a half-life; the last forecast holds
  until the newest price, or its last move, is older than one, or the price than `aim_max_age`. A hedge on a proxy is forecast from its own coin's index, not the
  proxy's.
- *History.* A plan reads it with `--at TIME` and `--data FOLDER`, from its beginning on; without `--at`
  there is no forecast. A backtest uses what is stored before its start.
- A forecast follows the market, it does not foresee. [A study](../examples/studies/README.md) shows what
  came of it in six years."""  # noqa: E501 - text of the page
    PARAMETERS: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "volatility",
            "number",
            "the volatility of wealth that is wanted, a year (0.4 is 40 %).",
            0.4,
            unit="a year",
            above=0.0,
            most=5.0,
            why=": it is a fraction a year; 40 % is volatility = 0.4",
        ),
        Parameter(
            "half_life",
            "duration",
            'the age at which a return counts half in the forecast; absent: "30d".',
            "30d",
            default="30d",
            least="1d",
            why=', so that it holds enough returns; for example half_life = "30d"',
            only_with=("forecast", "ewma"),
        ),
        Parameter(
            "forecast",
            "choice",
            'how volatility is forecast; absent: "ewma".',
            "ewma",
            default="ewma",
            choices=("ewma", "har", "garch"),
        ),
        Parameter(
            "fallback_ratio",
            "ratio",
            "the ratio while there is no forecast; absent: what is held is kept.",
            0.5,
            unit="of the base",
            optional=True,
        ),
        max_age_parameter("a half-life, ten days of har and garch"),
    )
    BASE: ClassVar[BaseKind | None] = "wealth"
    BASE_WHY: ClassVar[str] = "which keeps a share of the whole wealth exposed"

    volatility: float
    half_life_ns: int = HALF_LIFE_NS
    forecast: str = "ewma"
    fallback_ratio: float | None = None
    max_age_ns: int | None = None

    @classmethod
    def made(cls, values: Mapping[str, Any]) -> Self:
        """From the mandate's keys."""
        names = ("volatility", "half_life", "forecast", "fallback_ratio", "aim_max_age")
        made = cls(*(values[name] for name in names))
        checked_max_age(made.max_age_ns, made.feature, f"the forecast {made.forecast}")
        return made

    def step(self, memory: Any, given: PolicyInput) -> tuple[Aim, Any]:  # noqa: ANN401
        """The ratio that leaves wealth as volatile as wanted; what is held without a forecast."""
        coin, feature = given.book.underlying, self.feature
        sigma = self.volatility_forecast(coin, given.features)
        why = too_old(given.features, coin, feature, self.max_age_ns)
        if sigma is None or why:
            why = why or given.features.lacking(coin, feature)
            return fallen_back(f"no volatility forecast: {why}", self.fallback_ratio), memory
        ratio = vol_target_ratio(self.volatility, sigma)
        wanted, left = percent(self.volatility), percent(1.0 - ratio)
        reason = (
            f"{coin} is forecast to move {percent(sigma)} a year and {wanted} is wanted: {left} "
            f"of wealth stays exposed"
        )
        kept = feature.kept_words(given.features.memory(coin, feature), given.time_ns)
        return Aim(ratio, reasons=(reason, kept) if kept else (reason,)), memory

    @property
    def feature(self) -> Feature:
        """Its forecast."""
        if self.forecast == "har":
            return HarVolatility()
        return GarchVolatility() if self.forecast == "garch" else Volatility(self.half_life_ns)

    def words(self) -> str:
        """Worked: "hedge so that wealth moves 40 % a year (vol-target, half-life 30 days)"."""
        how = self.forecast
        if how == "ewma":
            how = f"half-life {duration(self.half_life_ns)}"
        return f"hedge so that wealth moves {percent(self.volatility)} a year (vol-target, {how})"

    def needs(self, coin: str, hedged: Sequence[str]) -> dict[str, tuple[Feature, ...]]:
        """The forecast of its own coin."""
        return {coin: (self.feature,)}

    def volatility_wanted(self) -> float | None:
        """The target."""
        return self.volatility

    def volatility_forecast(self, coin: str, features: Features) -> float | None:
        """What the coin is forecast to move a year."""
        return features.value(coin, self.feature)

    def notes(self, coin: str, lowest: float, highest: float) -> list[str]:
        """What it may keep exposed at most."""
        least, most = percent(1.0 - highest), percent(1.0 - lowest)
        when = "; a min_ratio below 0 would allow more than all" if lowest == 0.0 else ""
        how = f"the forecast {self.forecast}"
        if self.forecast == "ewma":
            how = f"a forecast with a half-life of {duration(self.half_life_ns)}"
        text = (
            f"{coin}: vol-target keeps {least} to {most} of your whole wealth exposed (max_ratio "
            f"{highest:g}, min_ratio {lowest:g}), by {how}{when}"
        )
        return [text]

    @classmethod
    def together(cls, policies: Mapping[str, Self]) -> list[str]:
        """Several targets: coins that move together add up."""
        if len(policies) < 2:
            return []
        coins = ", ".join(policies)
        total = percent(sum(one.volatility for one in policies.values()))
        text = (
            f"vol-target of {coins}: each is of the whole wealth, whatever part of it the coin "
            f"is; coins that move together add up to {total} a year"
        )
        return [text]
