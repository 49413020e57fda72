"""The words of a backtest's report: books, metrics, parts, figures, and numbers in their units."""

from volsculpt.report.stats.metrics import METRICS
from volsculpt.text import percent, signed_percent, trimmed

NONE = "-"

BOOKS = {"hedged": "hedged", "unhedged": "unhedged", "static": "static hedge"}
METRICS_IN_WORDS = {metric.name: metric.words for metric in METRICS}
PARTS_IN_WORDS = {
    "spot": "coins",
    "futures": "futures",
    "basis": "basis",
    "funding": "funding",
    "fees": "fees",
    "slippage": "slippage",
    "liquidation": "liquidation",
    "transfers": "transfers",
    "flows": "paid in or out",
}
PARTS_EXPLAINED = {
    "spot": "the price of the coins owned",
    "futures": "the same move on the contracts",
    "basis": "futures prices moving away from the coin's",
    "funding": "received less paid",
    "fees": "to the exchange, for trades",
    "slippage": "filled worse than the mark",
    "liquidation": "taken by liquidations",
    "transfers": "for moving coins",
    "flows": "deposits less withdrawals",
}
WHOLE_FIGURES = {
    "variance_reduction": "variance taken away",
    "cvar_reduction": "worst days smaller by",
    "volatility_realised": "volatility of wealth a year",
    "time_in_position": "time with futures",
    "turnover": "traded a year, times wealth",
    "cost": "costs a year, of wealth",
    "funding_earned": "funding a year, of wealth",
}
HEDGE_FIGURES = {"mean_gap": "off target", "time_outside_band": "outside band"}
VOLATILITY_FIGURES = {
    "volatility_wanted": "wanted",
    "days_at_min_ratio": "days lowest",
    "days_at_max_ratio": "days highest",
    "days_without_target": "without",
}
GROUP_FIGURES = {"nearest_liquidation": "nearest", "max_leverage": "leverage"}


def in_unit(value: float | None, unit: str, signed: bool = False) -> str:
    """A figure in its unit. Worked: 0.5, "ratio" -> "50 %"; 1.234, "number" -> "1.23"."""
    if value is None:
        return NONE
    if unit == "number":
        return f"{'+' if signed and round(value, 2) > 0.0 else ''}{trimmed(value, 2)}"
    if unit == "x":
        return f"{trimmed(value, 2)}x"
    decimals = 3 if abs(value) >= 1.0 else 4 if abs(value) >= 0.001 else 6
    return (signed_percent if signed else percent)(round(value, decimals) + 0.0)


def range_text(low: float | None, high: float | None, unit: str, indicative: bool = False) -> str:
    """An interval to three digits: more would be luck. `~` before one that is a hint.

    Worked: -0.1, 0.20123, "ratio" -> "-10 to 20.1 %".

    Args: low, high: ends, None = not known; unit: as `in_unit` takes it; indicative: a hint.
    """
    if low is None or high is None:
        return NONE
    ends = [in_unit(three_digits(end), unit) for end in (low, high)]
    text = f"{ends[0].removesuffix(' %')} to {ends[1]}"
    return f"~ {text}" if indicative else text


def three_digits(figure: float) -> float:
    """Worked: 4.0581 -> 4.06, -0.59853 -> -0.599, 1079.2 -> 1080."""
    return float(f"{figure:.3g}")
