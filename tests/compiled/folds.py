"""The fold over prices, to be compiled."""

from collections.abc import Callable, Sequence
from typing import Any

import numba
from numba.extending import register_jitable

from volsculpt.compilable import compilable_functions
from volsculpt.hedge.features.volatility import (
    NO_OBSERVATIONS,
    is_warm,
    volatility_forecast,
    volatility_step,
)
from volsculpt.simulate.parts import PART, WHOLE

Rows = Any


def fold_prices(times_ns: Sequence[int], prices: Rows, half_life_ns: int, found: Rows) -> None:
    """Forecast after each price, 0 where there is none."""
    memory = NO_OBSERVATIONS
    for row in range(len(prices)):
        memory = volatility_step(memory, times_ns[row], prices[row], half_life_ns)
        found[row] = 0.0
        if is_warm(memory, times_ns[row], half_life_ns) == 1:
            found[row] = volatility_forecast(memory)


def compiled_fold() -> Callable[..., None]:
    """The same, compiled."""
    for function in compilable_functions():
        register_jitable(**PART)(function)
    fast: Callable[..., None] = numba.njit(**WHOLE)(fold_prices)
    return fast
