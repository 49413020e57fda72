"""Funding that is probably not what it is taken for; said wherever it is used.

funding_doubts(series)   ["percent: bybit:BTC/USD:BTC funding: the usual rate is …"]
"""

import numpy as np

from volsculpt.contracts.catalog import BUILT_IN, load_catalog
from volsculpt.errors import ContractError
from volsculpt.market.series import FundingRates

PERCENT = 0.003  # a usual rate over this for 8 hours is probably percent
HOURS = 8.0
MANY = 0.2  # a share of rates over that which is no storm


def usual_rate(series: FundingRates) -> tuple[float, float]:
    """(median of the rates' size, the most that is plausible for their usual hours).

    Worked: hourly rates are plausible up to 0.000375, those for 8 hours and more up to 0.003.
    """
    hours = min(float(np.median(series.interval_hours)), HOURS)
    return float(np.median(np.abs(series.rate))), PERCENT * hours / HOURS


def percent_words(series: FundingRates) -> str | None:
    """The question whether rates are percent, where they are so large; None where not."""
    usual, most = usual_rate(series)
    share = float((np.abs(series.rate) > most).mean())
    if usual > most:
        return f"the usual rate is {usual:.2%} a stamp; are these percent, not fractions?"
    if share >= MANY:
        return f"{share:.0%} of the rates are over {most:.2%}; are those percent, not fractions?"
    return None


def interval_words(series: FundingRates) -> str | None:
    """What the catalog says of how often the contract charges, where the history says another."""
    label = series.label
    if label.venue not in BUILT_IN:
        return None
    try:
        funding = load_catalog().get(label.venue, label.symbol).funding
    except ContractError:
        return None
    hours = float(np.median(series.interval_hours))
    if funding is None or funding.kind != "stamp" or hours == funding.interval_hours:
        return None
    return (
        f"it pays every {hours:g} hours here, every {funding.interval_hours:g} by the catalog; are "
        f"these the rates that were paid?"
    )


def funding_doubts(series: FundingRates) -> list[str]:
    """What to warn of wherever these rates are used."""
    found = {"percent": percent_words(series), "funding_interval": interval_words(series)}
    return [f"{code}: {series.name}: {text}" for code, text in found.items() if text is not None]
