"""The ratio of least variance for contracts that pay in the coin."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from volsculpt.errors import EstimateError
from volsculpt.hedge.estimators.ols import LeastSquares, least_squares, with_constant
from volsculpt.market.gate import Floats


def inverse_moves(X: Floats, y: Floats, premium: float = 1.0) -> Floats:
    """What one coin of delta in inverse contracts makes, in US dollars per US dollar of the coin.

        S1·F0·(1/F0 - 1/F1)/S0 = (1 + y)·x/(premium + x),  x = (F1 - F0)/S0, premium = F0/S0

    The profit N·(1/F0 - 1/F1) is paid in coins, which are worth S1 by then. Raises EstimateError
    where a contract falls to nothing. Worked: S 50,000 to 50,820, F 50,250 to 51,105: x 0.0171,
    y 0.0164, premium 1.005: 0.017005.
    """
    if np.min(premium + X) <= 0.0:
        raise EstimateError(
            f"inverse: a contract moves by {np.min(X):g} of the price, to nothing or below: give "
            f"moves as fractions, (F1 - F0)/S0"
        )
    return np.asarray((1.0 + y[:, None]) * X / (premium + X))


@dataclass(eq=False)
class InverseClosedForm(LeastSquares):
    """ratio = Cov(y, x̂)/Var(x̂), x̂ what an inverse contract really pays (`inverse_moves`).

    premium: F0/S0, mark over spot at the start of a row, taken as the same in all. Face to sell:
    N = ratio·coins·F0. lags: as in `Ols`.

    A short in inverse contracts gains more coins in a fall than it loses in a rise, and they are
    worth less then: with x = y both cancel, and the ratio is 1; where the basis moves they do not.
    Assumes one ratio for all the time, and moves of the coin's own contract. Fails over steps so
    short that the two payoffs agree to second order: there it is `Ols`. Source: Deng, Pan, Zhang
    and Zou, "Minimum-variance hedging of bitcoin inverse futures", Applied Economics 52(58), 2020,
    6320-6337: Var(ΔS - θ·S_T·Δ(1/F)) at its least. Worked: ten moves at S 50,000, F 50,250 (those
    of the tests): N = 48,363 US dollars a coin, ratio 0.96245, all but 3.7e-5 of variance gone.
    """

    NAME: ClassVar[str] = "inverse"
    WORDS: ClassVar[str] = "least variance of what inverse contracts pay"

    premium: float = 1.0
    lags: int | None = None

    def _solve(self, X: Floats, y: Floats) -> Floats:
        paid = inverse_moves(X, y, self.premium)
        self._fitted = least_squares(with_constant(paid), y, self.lags)
        return np.asarray(self._fitted.params[1:])
