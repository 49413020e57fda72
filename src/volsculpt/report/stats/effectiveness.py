"""Whether the hedge did its work: risk taken away, target kept, costs, distance from liquidation.

Figures over time weigh each step by how long it lasted: what stands at a stamp holds until the
next. NaN in an array is a thing that did not exist then, and is left out; a figure with nothing to
go by is None.
"""

import numpy as np

from volsculpt.decide.band import EDGE
from volsculpt.report.stats.bootstrap import Samples
from volsculpt.report.stats.metrics import NO_RISK, cvar
from volsculpt.report.stats.returns import Floats, Ints, finite, floats, years_between
from volsculpt.simulate.record import BacktestRecord, GroupPath, HedgePath
from volsculpt.units import DAY_NS

# --- risk taken away ------------------------------------------------------------------


def variance_reduction(samples: Samples) -> Floats:
    """1 - Var(hedged) / Var(unhedged) of daily returns, a ratio: 1 is all risk, 0 none of it.

    Negative when the hedge added risk. NaN where the unhedged book did not vary. Worked: daily
    deviations 0.01 and 0.04 -> 0.9375. Source: Ederington, "The Hedging Performance of the New
    Futures Markets", Journal of Finance 34(1), 1979, 157-170.
    """
    below = samples["unhedged"].deviation ** 2
    return np.asarray(1.0 - samples["hedged"].deviation ** 2 / _above_zero(below))


def cvar_reduction(samples: Samples) -> Floats:
    """1 - CVaR(hedged) / CVaR(unhedged) at 95 %, a ratio: by how much the worst days shrank.

    NaN where the worst days of the unhedged book were no loss. Worked: -0.01 and -0.08 -> 0.875.
    Source: Cotter and Hanly, "Reevaluating Hedging Performance", Journal of Futures Markets
    26(7), 2006, 677-702.
    """
    return np.asarray(1.0 - cvar(samples["hedged"]) / -_above_zero(-cvar(samples["unhedged"])))


def _above_zero(risk: Floats) -> Floats:
    return np.asarray(np.where(risk > NO_RISK**2, risk, np.nan))


# --- target kept ----------------------------------------------------------------------


def held_for(stamps_ns: Ints) -> Floats:
    """How long the figure of each stamp held, as a share of the whole; 0 for the last stamp."""
    spans = floats(np.append(np.diff(stamps_ns), 0))
    return np.asarray(spans / spans.sum())


def share_of_time(stamps_ns: Ints, true: Floats) -> float | None:
    """Share of the time at which something is 1 rather than 0; NaN is time left out."""
    weight = np.where(np.isfinite(true), held_for(stamps_ns), 0.0)
    total = weight.sum()
    return float(weight @ np.nan_to_num(true) / total) if total > 0.0 else None


def mean_gap(stamps_ns: Ints, hedge: HedgePath) -> float | None:
    """Mean |held - target| over time, a ratio. Worked: 0.1 off half the time -> 0.05."""
    return share_of_time(stamps_ns, np.abs(hedge.held_ratio - hedge.target_ratio))


def outside_band(stamps_ns: Ints, hedge: HedgePath) -> float | None:
    """Share of the time at which held lay more than `under` below or `over` above target.

    An edge is inside. Worked: bands 0.05, held 0.44 of 0.5 for a day in four -> 0.25.
    """
    gap = hedge.held_ratio - hedge.target_ratio
    out = (gap < -hedge.under - EDGE) | (gap > hedge.over + EDGE)
    return share_of_time(stamps_ns, np.where(np.isfinite(gap), out.astype(np.float64), np.nan))


def days_with(stamps_ns: Ints, true: Floats) -> float:
    """Days on which something is 1 rather than 0; NaN counts as 0, and part days count as such."""
    days = float(stamps_ns[-1] - stamps_ns[0]) / DAY_NS
    return float(held_for(stamps_ns) @ np.nan_to_num(true)) * days


def days_at(stamps_ns: Ints, hedge: HedgePath, limit: float) -> float:
    """Days on which the target stood at a limit. Worked: two stamps of 8 hours -> 0.667."""
    return days_with(stamps_ns, floats(np.abs(hedge.target_ratio - limit) <= EDGE))


def days_without_target(stamps_ns: Ints, hedge: HedgePath) -> float:
    """Days on which a policy had no answer."""
    return days_with(stamps_ns, floats(np.isnan(hedge.target_ratio)))


def time_in_position(inputs: BacktestRecord) -> float | None:
    """Share of the time with any contract held."""
    held = np.zeros(inputs.stamps_ns.size)
    for leg in inputs.legs:
        held[leg.contracts != 0.0] = 1.0
    return share_of_time(inputs.stamps_ns, held)


# --- turnover and costs ---------------------------------------------------------------


def a_year(inputs: BacktestRecord, *tallies: Floats) -> float | None:
    """What some tallies grew by in a year, as a ratio of the hedged book's mean wealth over time.

    Signs stay: a cost is negative. Worked: fees of -300 US dollars in 2 years on 100,000 ->
    -0.0015. None where mean wealth is not above zero.
    """
    mean_wealth = float(held_for(inputs.stamps_ns) @ inputs.hedged_usd)
    if not mean_wealth > 0.0:
        return None
    years = years_between(inputs.stamps_ns[0], inputs.stamps_ns[-1])
    grown = sum(float(tally[-1] - tally[0]) for tally in tallies)
    return grown / mean_wealth / years


def turnover(inputs: BacktestRecord) -> float | None:
    """US dollars traded in a year over mean wealth: 2 is the whole book bought and sold once."""
    return a_year(inputs, inputs.tallies.traded)


def hedge_cost(inputs: BacktestRecord) -> float | None:
    """Fees, slippage and transfers in a year over mean wealth; negative, a cost."""
    paid = inputs.tallies
    return a_year(inputs, paid.fees, paid.slippage, paid.transfers)


def funding_earned(inputs: BacktestRecord) -> float | None:
    """Funding in a year over mean wealth: + earned, - paid."""
    return a_year(inputs, inputs.tallies.funding)


# --- distance from liquidation --------------------------------------------------------


def nearest(stamps_ns: Ints, group: GroupPath) -> tuple[float, int] | None:
    """(smallest liquidation distance, when) of a group; None if it never could be liquidated."""
    there = np.isfinite(group.liquidation_distance)
    if not there.any():
        return None
    at = int(np.nanargmin(group.liquidation_distance))
    return float(group.liquidation_distance[at]), int(stamps_ns[at])


def most_leverage(stamps_ns: Ints, group: GroupPath) -> tuple[float, int] | None:
    """(largest leverage, when) of a group; None if it never had equity."""
    if not np.isfinite(group.leverage).any():
        return None
    at = int(np.nanargmax(group.leverage))
    figure = finite(group.leverage[at])
    return None if figure is None else (figure, int(stamps_ns[at]))
