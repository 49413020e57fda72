"""Policies: each a step from memory and inputs to a ratio."""

from bisect import bisect_right

from volsculpt.compilable import compilable
from volsculpt.hedge.features import Features
from volsculpt.hedge.spec import SeriesPolicy, VolTargetPolicy
from volsculpt.hedge.volatility import vol_target_ratio
from volsculpt.hedge.words import percent


@compilable
def fixed_ratio(ratio: float) -> float:
    """The owner's ratio at every step. Worked: 0.5 -> 0.5, whatever the market does."""
    return ratio


def series_ratio(policy: SeriesPolicy, time_ns: int) -> float | None:
    """The last ratio stamped at or before `time_ns`; None before the first.

    Worked: stamps Jan 1 (0.2) and Feb 1 (0.8): on Jan 31 it is 0.2.
    """
    row = bisect_right(policy.times_ns, time_ns) - 1
    return policy.ratios[row] if row >= 0 else None


def vol_target(policy: VolTargetPolicy, coin: str, features: Features) -> tuple[float | None, str]:
    """The ratio that leaves wealth as volatile as wanted, and why; None without a forecast."""
    sigma = features.sigma_forecast(coin, policy.half_life_ns)
    if sigma is None:
        why = features.lacking(coin, policy.half_life_ns)
        return None, f"no volatility forecast: {why}; keeps what is held"
    ratio = vol_target_ratio(policy.volatility, sigma)
    wanted, left = percent(policy.volatility), percent(1.0 - ratio)
    return ratio, (
        f"{coin} is forecast to move {percent(sigma)} a year and {wanted} is wanted: {left} of "
        f"wealth stays exposed"
    )
