"""Less variance, and a short that survives a rise: ratio and leverage found together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from volsculpt.hedge.fitted_ratio import (
    NO_ERROR,
    FittedPolicy,
    FittedRatio,
    fitting_parameters,
    fitting_values,
    ratio_words,
)
from volsculpt.hedge.policy import Parameter, Policy
from volsculpt.hedge.refit import Numbers
from volsculpt.hedge.window import WindowMemory
from volsculpt.text import duration, leverage, percent
from volsculpt.units import DAY_NS


@dataclass(frozen=True, slots=True)
class LiquidationRatio(FittedRatio):
    """The ratio of least variance plus aversion times the probability of liquidation.

    margin: posted for the short, of what is held. aversion: what a certain liquidation weighs in
    whole variances. maintenance: of the contract's value. horizon_ns: between two times that margin
    is topped up. inverse: whether the contract pays in the coin.
    """

    NAME: ClassVar[str] = "liquidation-ratio"
    MEANING: ClassVar[str] = "hedge ratio of least variance and few liquidations, on a schedule"

    margin: float = 0.2
    aversion: float = 1.0
    maintenance: float = 0.005
    horizon_ns: int = 7 * DAY_NS
    inverse: bool = True

    def fitted(self, window: WindowMemory) -> Numbers:
        """(ratio, no error, leverage, probability of liquidation a horizon, variance left)."""
        from volsculpt.hedge.estimators.liquidation import LiquidationAware

        moves = self.moves(window)
        one = LiquidationAware(
            margin=self.margin,
            aversion=self.aversion,
            maintenance=self.maintenance,
            horizon=max(1, self.horizon_ns // self.every_ns),
            payoff="inverse" if self.inverse else "linear",
        )
        one.fit_ratio(moves.moved[:, None], moves.held)
        figures = (one.leverage_, one.liquidation_probability_, one.variance_left_)
        return float(one.ratio_[0]), NO_ERROR, *(float(figure) for figure in figures)

    def least_window_ns(self) -> int:
        """As many horizons as the estimator needs."""
        from volsculpt.hedge.estimators.liquidation import LiquidationAware

        return LiquidationAware.FEWEST * max(self.horizon_ns, self.every_ns)

    def found_words(self, coin: str, fit: Numbers) -> str:
        """Worked: "87 % of BTC is hedged on a margin of 20 %: leverage 4.3x, ..."."""
        hedged = f"{ratio_words(coin, fit, self.own)} on a margin of {percent(self.margin)}"
        ends = f"liquidated within {duration(self.horizon_ns)} with probability {percent(fit[3])}"
        left = f"{percent(fit[4])} of the variance is left"
        return f"hedge {hedged}: leverage {leverage(fit[2])}, {ends}, {left}"

    def words(self) -> str:
        """Worked: "margin of 20 %, 730 days, fitted every 30 days"."""
        return f"margin of {percent(self.margin)}, {self.fit_words()}"


@dataclass(frozen=True, slots=True)
class LiquidationAwarePolicy(FittedPolicy, Policy):
    """Variance and the probability of liquidation weighed against each other.

    margin, aversion, maintenance, horizon_ns: of `LiquidationRatio`. The rest: `FittedPolicy`.
    """

    NAME: ClassVar[str] = "liquidation-aware"
    SUMMARY: ClassVar[str] = "least variance and few liquidations"
    DOCS: ClassVar[
        str
    ] = """A short on little margin is liquidated in a rise, just when it is needed
afterwards. It hedges the ratio h with the least

`variance left(h) + liquidation_aversion × probability that the short is liquidated within the horizon`

where the short of h stands on `margin` (a fraction of what you hold), so its leverage is h / margin: ratio
and leverage are found together.

```toml
[[hedge]]
underlying = "BTC"
policy = "liquidation-aware"
contract = "bybit:{coin}/USD:{coin}"
margin = 0.25
horizon = "7d"
liquidation_aversion = 1.0
```

- *Margin* is what you mean to keep posted, and the policy reckons with it; it posts nothing itself. Hold as
  much in the margin account, or set `max_leverage` in `[limits]` to the leverage that the reasons tell.
- *The probability* is of the highest rise inside a horizon: counted where rises are common, and by the tail
  of a generalised Pareto law where they are rare. An inverse short with `margin` of its ratio or more is never
  liquidated, and the ratio is that of least squares.
- *Horizon:* how long margin is left alone. Its rises are taken from prices one `step` apart; closes understate
  them, so give a short `step` where history has it. A fit needs thirty horizons: 210 days of weeks.
- *Aversion* 1 weighs a certain liquidation as much as all of the variance; 0 is plain least variance.
- *When it is fitted, and when it cannot be,* is as for [min-variance](#min-variance): on multiples of
  `refit` since 1970; the last fit holds for `aim_max_age` beyond its turn, then `fallback_ratio`.
- *It assumes* that horizons are alike. The tail of some hundred of them is a guess: a probability of 0.3 % may
  be 1 %. Its error is left out here, as it takes twenty fits each time; `volsculpt ratio` has it.
- It needs the extra `models`, and history with `--at TIME` and `--data FOLDER`.
- Source: Alexander, Deng and Zou, "Hedging with automatic liquidation and leverage selection on bitcoin
  futures", European Journal of Operational Research 306(1), 2023, 478-493."""  # noqa: E501 - text of the page
    PARAMETERS: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "margin",
            "number",
            "what the short stands on; absent: 0.2.",
            0.2,
            unit="of what is held",
            default=0.2,
            above=0.0,
            most=2.0,
            why=": it is a fraction of what is held; 20 % is margin = 0.2",
        ),
        Parameter(
            "liquidation_aversion",
            "number",
            "what a certain liquidation weighs, in whole variances; absent: 1.",
            1.0,
            unit="variances",
            default=1.0,
            least=0.0,
        ),
        Parameter(
            "maintenance",
            "number",
            "maintenance margin of the contract; absent: 0.005.",
            0.005,
            unit="of its value",
            default=0.005,
            above=0.0,
            most=0.5,
            why=": it is a fraction of value; 0.5 % is maintenance = 0.005",
        ),
        Parameter(
            "horizon",
            "duration",
            'how long margin is left alone; absent: "7d".',
            "7d",
            default="7d",
        ),
        *fitting_parameters("730d"),
    )

    window_ns: int = 730 * DAY_NS
    margin: float = 0.2
    aversion: float = 1.0
    maintenance: float = 0.005
    horizon_ns: int = 7 * DAY_NS

    @classmethod
    def made(cls, values: Mapping[str, Any]) -> Self:
        """From the mandate's keys."""
        return cls(
            **fitting_values(values),
            margin=values["margin"],
            aversion=values["liquidation_aversion"],
            maintenance=values["maintenance"],
            horizon_ns=values["horizon"],
        )

    def feature(self, coin: str) -> LiquidationRatio:
        """The ratio of a coin."""
        symbol = self.symbol(coin)
        return LiquidationRatio(
            **self.shared(coin),
            margin=self.margin,
            aversion=self.aversion,
            maintenance=self.maintenance,
            horizon_ns=self.horizon_ns,
            inverse=symbol.settle == symbol.base,
        )

    def words(self) -> str:
        """Worked: "hedge for little variance and few liquidations (margin 20 %, 730 days …)"."""
        how = f"margin {percent(self.margin)}, {self.fitting_words()}"
        return f"hedge for little variance and few liquidations ({how})"
