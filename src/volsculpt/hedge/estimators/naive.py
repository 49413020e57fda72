"""As much short as is held."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from volsculpt.hedge.estimators.estimator import Estimator
from volsculpt.market.gate import Floats


@dataclass(eq=False)
class Naive(Estimator):
    """ratio = 1, shared evenly by several instruments: 1/k each.

    Assumes that a contract moves as the coin does. Nothing is estimated, so its standard error is
    0 and it cannot be wrong by bad luck: what others must beat. Fails where the contract is on
    another coin, or moves more or less than the coin. Source: Wang, Wu and Yang, "Hedging with
    Futures: Does Anything Beat the Naïve Hedging Strategy?", Management Science 61(12), 2015,
    2870-2889. Worked: 2 instruments -> 0.5, 0.5.
    """

    NAME: ClassVar[str] = "naive"
    WORDS: ClassVar[str] = "as much short as is held"
    FREE: ClassVar[bool] = False

    def _solve(self, X: Floats, y: Floats) -> Floats:
        return np.full(X.shape[1], 1.0 / X.shape[1])

    def _errors(self, X: Floats, y: Floats) -> Floats:
        return np.zeros(X.shape[1])
