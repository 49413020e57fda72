"""Variances and correlations that both come in clusters."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from volsculpt.errors import EstimateError
from volsculpt.hedge.estimators.extra import models
from volsculpt.hedge.estimators.garch import Forecast, Garch, forecast_of, garch_fit
from volsculpt.market.gate import Floats

MOST_LASTING = 0.9999
STARTS = ((0.5, 0.1), (0.95, 0.05), (0.98, 0.2))  # (a + b, a/(a + b)) that the search begins at


def dcc_fold(shocks: Floats, average: Floats, a: float, b: float) -> Floats:
    """(n + 1, m, m) correlations, each from the shocks of the rows before.

        Q = (1 - a - b)·average + a·u·u' + b·Q,  R = Q scaled to a diagonal of 1

    Worked: average correlation 0.5, a 0.1, b 0.8, u = (1, -1): Q12 = 0.05 - 0.1 + 0.4 = 0.35, its
    diagonal 1 -> 0.35.

    Args: shocks: (n, m); average: (m, m); a, b: 0 or more, together below 1.
    """
    with models():
        from scipy.signal import lfilter
    fed = (1.0 - a - b) * average + a * shocks[:, :, None] * shocks[:, None, :]
    begun = b * average[None]
    folded, _ = lfilter([1.0], [1.0, -b], fed, axis=0, zi=begun)
    every = np.concatenate([average[None], folded])
    widths = np.sqrt(np.diagonal(every, axis1=1, axis2=2))
    return np.asarray(every / (widths[:, :, None] * widths[:, None, :]))


def unlikelihood(point: Floats, shocks: Floats, average: Floats) -> float:
    """Half the mean of log|R| + u'R⁻¹u - u'u, to be made least.

    Args: point: (a + b, a/(a + b)); shocks: (n, m); average: (m, m).
    """
    a = float(point[0] * point[1])
    found = dcc_fold(shocks, average, a, float(point[0]) - a)[:-1]
    sign, size = np.linalg.slogdet(found)
    if np.any(sign <= 0.0):
        return 1e6
    solved = np.linalg.solve(found, shocks[:, :, None])[:, :, 0]
    return float(0.5 * np.mean(size + np.sum(shocks * (solved - shocks), axis=1)))


def dcc_fit(shocks: Floats) -> tuple[Floats, float, float]:
    """(average correlation, a, b) of greatest likelihood, by scipy from several starts."""
    with models():
        from scipy.optimize import minimize
    average = np.asarray(np.corrcoef(shocks.T))
    bounds = [(0.0, MOST_LASTING), (0.0, 1.0)]
    tried = [
        minimize(unlikelihood, start, (shocks, average), method="L-BFGS-B", bounds=bounds)
        for start in STARTS
    ]
    best = min(tried, key=lambda one: float(one.fun))
    if not np.isfinite(best.fun) or best.fun >= 1e6:
        raise EstimateError(
            f"dcc: the search for correlations did not end on {len(shocks)} returns; give a longer "
            f"span, or take garch, whose correlation is constant"
        )
    lasting, share = (float(one) for one in best.x)
    return average, lasting * share, lasting * (1.0 - share)


@dataclass(eq=False)
class Dcc(Garch):
    """ratio = ρ·σ_held/σ_future of the next row: σ by GARCH(1,1) each, ρ by Engle's DCC(1,1).

    groups: as in `Garch`. Two steps: variances by `arch`; then a and b, `news_` and `memory_`, by
    greatest likelihood of the correlations (`dcc_fold`).

    Assumes one a and b for all correlations, which return to an average. Fails where the ratio is
    constant, and on few rows: a and b are then barely known, and a ratio that moves costs fees
    without taking variance away. Source: Engle, "Dynamic Conditional Correlation", Journal of
    Business and Economic Statistics 20(3), 2002, 339-350. Worked: `dcc_fold`.
    """

    NAME: ClassVar[str] = "dcc"
    WORDS: ClassVar[str] = "variances by GARCH(1,1), correlation by DCC"

    def _fit_parameters(self, series: Floats) -> None:
        self._variances = [garch_fit(column, self.NAME) for column in series.T]
        shocks = forecast_of(series, self._variances).shocks
        self._correlation, self.news_, self.memory_ = dcc_fit(shocks)

    def _correlations(self, forecast: Forecast) -> Any:  # noqa: ANN401 - an array
        return dcc_fold(forecast.shocks, self._correlation, self.news_, self.memory_)
