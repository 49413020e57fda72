"""How wide a no-trade band is worth its trades: the cube-root rule.

A held ratio h of what is owned drifts with the price P, dh = -h·(1 - h)·d ln P: coins hedged are
money, and money does not move. Kept within w of its target by trades at the edge alone, each of
cost k a dollar traded, it wanders evenly over [-w, w]; at variance σ² a year

    trades cost   k·σ²·(h·(1 - h))² / (2w)   a year, a share of the base
    being off costs   (γ/2)·σ²·w²/3          γ: the aversion to variance, relative

and the sum is least at w = ((3/2)·(k/γ)·(h·(1 - h))²)^(1/3). The volatility says what it costs, not
how wide it is. Both edges are where a trade ends, but for its own fee: going further costs more
than it mends. Sources: Janecek and Shreve, "Asymptotic analysis for optimal investment and
consumption with transaction costs", Finance and Stochastics 8(2), 2004, 181-206; Whalley and
Wilmott, "An asymptotic analysis of an optimal hedging model for option pricing with transaction
costs", Mathematical Finance 7(3), 1997, 307-324.
"""

from dataclasses import dataclass

from volsculpt.contracts.costs import HALF_SPREAD
from volsculpt.hedge.answer import Band
from volsculpt.text import fine_percent, percent, significant

AVERSION = 3.0  # of a Kelly investor it is 1; 2 to 4 is usual
NARROWEST = 0.005  # below it lots, funding and fees of a target that moves are all there is
SHOWN_VOLATILITY = 0.6  # a ratio a year, of what its trades are said to cost
WIDEST_AT = 0.5  # the ratio at which price moves it most, where none is stated


@dataclass(frozen=True, slots=True)
class TradeCosts:
    """What a trade costs, fractions of its value: the taker fee, half of the spread."""

    taker: float
    half_spread: float = HALF_SPREAD

    @property
    def total(self) -> float:
        """Both."""
        return self.taker + self.half_spread


def drift(ratio: float) -> float:
    """What a held ratio moves by for a move of the price by 1 (in logs): h·(1 - h), its size.

    Worked: 0.5 -> 0.25; 1 -> 0, all hedged is money.
    """
    return abs(ratio * (1.0 - ratio))


def cube_root_width(cost: float, aversion: float, drifts: float) -> float:
    """Half of the band, absolute, in held ratio: ((3/2)·(cost/aversion)·drift²)^(1/3).

    Worked: cost 0.0007, aversion 3, ratio 0.5 (drift 0.25): (0.00035·0.0625)^(1/3) = 0.02797.

    Args: cost: of a trade, a fraction of its value; aversion: > 0; drifts: `drift`.
    """
    return float((1.5 * cost / aversion * drifts * drifts) ** (1.0 / 3.0))


def yearly_cost(cost: float, width: float, drifts: float, volatility: float) -> float:
    """What trades at the edges of a band cost a year, a share of the base.

    Worked: cost 0.0007, width 0.028, drift 0.25, volatility 0.6: 0.0007·0.0225/0.056 = 0.000281.

    Args: cost: a fraction of a trade; width: half of the band, > 0; drifts: `drift`; volatility:
    a ratio a year.
    """
    moved = drifts * volatility
    return cost * moved * moved / (2.0 * width)


def auto_band(costs: TradeCosts, aversion: float, drifts: float) -> Band:
    """The band of the rule, never narrower than `NARROWEST`; a trade ends just inside its edge.

    By the fee: it is paid out of what the ratio is of, and a trade of all moves the ratio by no
    more, so that none is followed by another. Worked: width 0.0280, fee 0.00055: to 0.02745.
    """
    width = max(NARROWEST, cube_root_width(costs.total, aversion, drifts))
    settle = max(0.0, width - costs.taker)
    return Band(width, settle, width, settle)


def auto_words(band: Band, costs: TradeCosts, aversion: float, drifts: float) -> str:
    """The band and its reason, for a plan's notes.

    Worked: "band 2.73 % either side: a trade costs 0.065 % (fee 0.055 %, half a spread 0.01 %),
    ...".

    Args: band: as found; costs: of a trade; aversion: as stated; drifts: `drift`.
    """
    width = band.under_trigger
    year = yearly_cost(costs.total, width, drifts, SHOWN_VOLATILITY)
    return (
        f"band {percent(width)} either side: a trade costs {fine_percent(costs.total)} (fee "
        f"{fine_percent(costs.taker)}, half a spread {fine_percent(costs.half_spread)}), aversion "
        f"{aversion:g}; at a volatility of {percent(SHOWN_VOLATILITY)} its trades cost "
        f"{significant(100.0 * year, 2, 6)} % a year"
    )
