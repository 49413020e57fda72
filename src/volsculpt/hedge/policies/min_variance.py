"""The ratio that takes the most risk away, by an estimator of the owner's choice."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from volsculpt.errors import EstimateError
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

# By name, so that a mandate is read without the libraries; a test holds them to those there are.
ESTIMATORS = (
    "naive",
    "ols",
    "rolling-ols",
    "ewma",
    "error-correction",
    "inverse",
    "garch",
    "dcc",
    "kalman",
    "min-cvar",
)


@dataclass(frozen=True, slots=True)
class MinVarianceRatio(FittedRatio):
    """The ratio that an estimator finds, and its standard error where that takes no further fits.

    estimator: its name.
    """

    NAME: ClassVar[str] = "min-variance-ratio"
    MEANING: ClassVar[str] = "hedge ratio by an estimator, fitted on a schedule"

    estimator: str = "ols"

    def fitted(self, window: WindowMemory) -> Numbers:
        """(ratio, its standard error)."""
        from volsculpt.hedge.estimators.every import estimator_class
        from volsculpt.hedge.estimators.inverse import InverseClosedForm

        moves = self.moves(window)
        one = estimator_class(self.estimator)()
        if isinstance(one, InverseClosedForm):
            if not self.own:
                raise EstimateError(f"inverse: {self.contract} is on another coin; take ols")
            one = InverseClosedForm(premium=moves.premium)
        if "groups" in one.get_params():  # its error is a jackknife's
            return float(one.fit_ratio(moves.moved[:, None], moves.held).ratio_[0]), NO_ERROR
        one.fit(moves.moved[:, None], moves.held)
        return float(one.ratio_[0]), float(one.ratio_std_[0])

    def least_window_ns(self) -> int:
        """As many returns as its estimator needs."""
        from volsculpt.hedge.estimators.every import estimator_class

        kind = estimator_class(self.estimator)
        return (kind.FEWEST + kind.PER_COLUMN) * self.every_ns

    def found_words(self, coin: str, fit: Numbers) -> str:
        """Worked: "ols: the least variance is left by hedging 98 % of BTC, give or take 1 %"."""
        hedged = ratio_words(coin, fit, self.own)
        return f"{self.estimator}: the least variance is left by hedging {hedged}"

    def words(self) -> str:
        """Worked: "ols, 365 days, fitted every 30 days"."""
        return f"{self.estimator}, {self.fit_words()}"


@dataclass(frozen=True, slots=True)
class MinVariancePolicy(FittedPolicy, Policy):
    """The ratio of least variance, as an estimator finds it from the past.

    estimator: its name. The rest: `FittedPolicy`.
    """

    NAME: ClassVar[str] = "min-variance"
    SUMMARY: ClassVar[str] = "an estimator of least variance"
    DOCS: ClassVar[str] = """It asks the past which ratio would have left the least variance, and
hedges that much. `volsculpt ratio` shows all estimators beside each other first, with their errors.

```toml
[[hedge]]
underlying = "BTC"
policy = "min-variance"
estimator = "ols"
contract = "bybit:{coin}/USD:{coin}"
window = "365d"
refit = "30d"
```

- *Estimators:* `naive` (as much as is held), `ols` (with errors by Newey and West), `rolling-ols`, `ewma`,
  `error-correction`, `inverse` (the closed form for contracts that pay in the coin), `garch`, `dcc`, `kalman`
  (a ratio that wanders), `min-cvar` (the mildest worst days). Formulas, sources and where each fails:
  [estimators](../src/volsculpt/hedge/estimators/README.md).
- *For a coin's own perpetual* all of them find about 1, and selling as much as is held is hard to beat:
  the rest of the variance is the basis. They say more of a contract on *another coin*: with `proxy` and a
  `contract` on it the ratio is US dollars sold for each held. Leave `beta` out then, or it counts twice.
- *When it is fitted.* On the first price at or after each multiple of `refit` since 1970, on the `window`
  before it and nothing later, so that a plan, a backtest and a desk find the same at the same moment. In
  between the ratio stands. Its numbers are kept in the ledger, which acts on them again without fitting.
- *When it cannot be fitted* (history too short, a gap longer than ten steps in the window, prices that do not
  move) the last fit holds for `aim_max_age` beyond its turn, and the reasons say why. After that
  `fallback_ratio` does; without one, what is held is kept.
- *The error* that is told is of the ratio, not of what it saves. For `garch`, `dcc` and `min-cvar` it would take
  twenty fits each time and is left out; `volsculpt ratio` has it.
- *Costs.* A ratio that moves by less than its error is noise: keep the band wider than that.
- It needs the extra `models` (`pip install 'volsculpt[models]'`), and history with `--at TIME` and
  `--data FOLDER`, as far back as the window and two refits.
- Sources: Johnson, "The theory of hedging and speculation in commodity futures", Review of Economic Studies
  27(3), 1960, 139-151; Ederington, "The hedging performance of the new futures markets", Journal of
  Finance 34(1), 1979, 157-170."""  # noqa: E501 - text of the page
    PARAMETERS: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "estimator",
            "choice",
            'how the ratio is found; absent: "ols".',
            "ols",
            default="ols",
            choices=ESTIMATORS,
        ),
        *fitting_parameters("365d"),
    )

    estimator: str = "ols"

    @classmethod
    def made(cls, values: Mapping[str, Any]) -> Self:
        """From the mandate's keys."""
        return cls(**fitting_values(values), estimator=values["estimator"])

    def feature(self, coin: str) -> MinVarianceRatio:
        """The ratio of a coin."""
        return MinVarianceRatio(**self.shared(coin), estimator=self.estimator)

    def words(self) -> str:
        """Worked: "hedge what leaves the least variance (ols on 365 days of 1d prices, …)"."""
        how = f"{self.estimator} on {self.fitting_words()}"
        return f"hedge what leaves the least variance ({how})"
