"""A forecast of volatility by GARCH(1,1) with Student tails.

    r = ln(P/P') = scale·(mean + e),   σ²' = omega + alpha·e² + beta·σ²,   forecast = scale·σ'·√365

of daily prices: e² is today's surprise, σ²' tomorrow's variance in units of scale². mean, omega,
alpha, beta and the degrees of freedom are found by `arch` on the window before each multiple of
`refit_ns`, by maximum likelihood under Student's law (of variance 1), so that one wild day moves
them less than under the normal law; between fits the recursion goes on day by day with those of the
last fit. Over n - 1 missing days no surprise is known: σ² moves as expected, and e² is
(r/scale - n·mean)²/n. It fails after a break: a variance that stays high is taken for one that
lasts, and forecasts come down slowly. Sources: Bollerslev, "Generalized Autoregressive Conditional
Heteroskedasticity", Journal of Econometrics 31(3), 1986, 307-327; Student's law: Bollerslev, "A
Conditionally Heteroskedastic Time Series Model for Speculative Prices and Rates of Return", Review
of Economics and Statistics 69(3), 1987, 542-547.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from volsculpt.errors import EstimateError
from volsculpt.hedge.feature import Feature
from volsculpt.hedge.refit import Numbers, Refitted
from volsculpt.hedge.window import WindowMemory
from volsculpt.market.streams import Stream
from volsculpt.units import DAY_NS, YEAR_NS

FEWEST = 250  # returns: with fewer, alpha and beta say more of the sample than of the market


def garch_step(
    variance: float, surprise: float, omega: float, alpha: float, beta: float, steps: int = 1
) -> float:
    """The next variance, after a surprise over some steps: omega + alpha·e²/n + beta·σ².

    Worked: variance 1, surprise 2, omega 0.1, alpha 0.1, beta 0.8 -> 1.3; over two steps the
    variance is 1 first (0.1 + 0.9·1), then 0.1 + 0.1·4/2 + 0.8 = 1.1.

    Args: variance: before, in squared units of the surprise; surprise: of all steps together;
    omega, alpha, beta: of the model; steps: days, 1 or more.
    """
    for _ in range(steps - 1):
        variance = omega + (alpha + beta) * variance
    return omega + alpha * surprise * surprise / steps + beta * variance


@dataclass(frozen=True, slots=True)
class GarchVolatility(Refitted):
    """The GARCH forecast of the next day's volatility, a ratio a year of 365 days."""

    NAME: ClassVar[str] = "garch-volatility"
    MEANING: ClassVar[str] = "forecast of volatility, a year, by GARCH(1,1) with Student tails"
    IS_FOLLOWED: ClassVar[bool] = True

    window_ns: int = 730 * DAY_NS
    every_ns: int = DAY_NS
    refit_ns: int = 30 * DAY_NS
    keep_ns: int = 30 * DAY_NS

    def stream(self, coin: str) -> Stream:
        """The last price of each day."""
        return Stream("index", coin, self.every_ns)

    def fitted(self, window: WindowMemory) -> Numbers:
        """(forecast, σ², mean, omega, alpha, beta, degrees of freedom, scale)."""
        import numpy as np

        from volsculpt.hedge.estimators.estimator import stands_still
        from volsculpt.hedge.estimators.garch import garch_fit, garch_fold

        whole = np.diff(np.array(window.known_ns)) == self.every_ns
        returns = np.diff(np.log(np.array(window.figures)))[whole]
        if len(returns) < FEWEST:
            raise EstimateError(f"garch: {len(returns)} daily returns, of {FEWEST} needed")
        if stands_still(returns):
            raise EstimateError("garch: the price does not move")
        found = garch_fit(returns, "garch", "t")
        sigma = float(garch_fold(returns, found)[1][-1]) / found.scale
        rest = (found.mean, found.omega, found.alpha, found.beta, found.freedom, found.scale)
        return self.yearly(sigma * sigma, found.scale), sigma * sigma, *rest

    def yearly(self, variance: float, scale: float) -> float:
        """A variance of one step as volatility a year."""
        return math.sqrt(variance * YEAR_NS / self.every_ns) * scale

    def followed(self, fit: Numbers, before: float, observed: float, steps: int) -> Numbers:
        """After one more price.

        Args: fit: before it; before, observed: US dollars; steps: days between them.
        """
        _, variance, mean, omega, alpha, beta, _, scale = fit
        surprise = math.log(observed / before) / scale - steps * mean
        after = garch_step(variance, surprise, omega, alpha, beta, steps)
        return self.yearly(after, scale), after, *fit[2:]

    def words(self) -> str:
        """Worked: "730 days, fitted every 30 days"."""
        return self.fit_words()

    @classmethod
    def usual(cls, streams: Sequence[Stream]) -> tuple[Feature, ...]:
        """That of two years, fitted every month."""
        return (cls(),)
