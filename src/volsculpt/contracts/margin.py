"""Initial and maintenance margin of a leg, and what an isolated one posts."""

from collections.abc import Sequence

from volsculpt.compilable import compilable
from volsculpt.contracts.legs import Legs
from volsculpt.contracts.payoff import INVERSE, LINEAR, power

TIERS_VALUE = 0
TIERS_CONTRACTS = 1
SLOPE = 2

NEAR_ZERO = 1e-9  # the price that a fall by 100 % or more is judged at
ROUNDED_UP = 1.0 + 1e-9  # what is posted meets what it is for, the noise of fractions aside


def cumulative_amounts(floors: Sequence[float], rates: Sequence[float]) -> list[float]:
    """Amount each tier subtracts so that maintenance is continuous across its floor.

    cum_n = floor_n*(rate_n - rate_(n-1)) + cum_(n-1). Worked (Binance COIN-M BTC, 2021):
    level 5 is 50*(5 % - 2.5 %) + 0.56 = 1.81.
    """
    amounts = [0.0]
    for n in range(1, len(floors)):
        amounts.append(floors[n] * (rates[n] - rates[n - 1]) + amounts[n - 1])
    return amounts


@compilable
def slope_rate(base: float, slope: float, size: float) -> float:
    """Deribit's size-dependent rate, base + slope*size, never above the whole value.

    Worked: 1 % + 0.005 % x 25 coins = 1.125 %.
    """
    return min(1.0, base + slope * size)


@compilable
def tier_at(legs: Legs, leg: int, size: float) -> int:
    """Row of the last tier whose floor is at or below `size`."""
    found = legs.tier_from[leg]
    for row in range(legs.tier_from[leg], legs.tier_to[leg]):
        if legs.tier_floor[row] <= size:
            found = row
    return found


@compilable
def maintenance_rate(
    legs: Legs, leg: int, size: float, size_contracts: float
) -> tuple[float, float]:
    """(rate, cumulative amount) that hold for |value| `size` of |contracts| given.

    Law: they follow from size, never from leverage. Maintenance is size*rate - cum. A slope
    is per coin: of a linear contract the coins are contracts * multiplier.
    Worked: 60 BTC on the 2021 Binance table: rate 5 %, cum 1.81, maintenance 1.19.

    Args: leg: its row; size: |value|, in the unit of value; size_contracts: |contracts|.
    """
    if legs.margin_kind[leg] == SLOPE:
        linear = legs.payoff[leg] == LINEAR
        coins = size_contracts * legs.multiplier[leg] if linear else size
        rate = slope_rate(legs.rate_base[leg], legs.rate_slope[leg], coins)
        return rate + legs.rate_added[leg], 0.0
    if legs.margin_kind[leg] == TIERS_CONTRACTS:
        row = tier_at(legs, leg, size_contracts)
        return legs.tier_rate[row] + legs.rate_added[leg], 0.0
    row = tier_at(legs, leg, size)
    return legs.tier_rate[row] + legs.rate_added[leg], legs.tier_cum[row]


@compilable
def initial_rate(legs: Legs, leg: int, size: float, size_contracts: float) -> float:
    """Initial margin over |value| for a position of |value| `size` and |contracts| given.

    One rate for the whole position: of the tier it falls in, or the slope's; 0.0 where the
    venue's is unknown. What an isolated leg posts at its own leverage is `post_margin`'s.
    Worked: 60 BTC on the 2021 Binance table: 10x, so 0.1; 100 BTC: 5x, so 0.2.

    Args: leg: its row; size: |value|, in the unit of value; size_contracts: |contracts|.
    """
    rate = 0.0
    if legs.margin_kind[leg] == SLOPE:
        if legs.initial_base[leg] > 0.0:
            linear = legs.payoff[leg] == LINEAR
            coins = size_contracts * legs.multiplier[leg] if linear else size
            rate = slope_rate(legs.initial_base[leg], legs.initial_slope[leg], coins)
    else:
        by_contracts = legs.margin_kind[leg] == TIERS_CONTRACTS
        rate = legs.tier_initial[tier_at(legs, leg, size_contracts if by_contracts else size)]
    return rate


@compilable
def maintenance(legs: Legs, leg: int, size: float, size_contracts: float) -> float:
    """Maintenance margin of one leg, in the unit of value.

    Args: leg: its row; size: |value| at the mark, or |cost|, in the unit of value; size_contracts:
    |contracts|.
    """
    rate, cum = maintenance_rate(legs, leg, size, size_contracts)
    return size * rate - cum


@compilable
def survival_rate(legs: Legs, leg: int, contracts: float, size: float, factor: float) -> float:
    """Margin over |value| with which a position opened at the mark stands at `factor` times it.

    Loss there plus maintenance there (at the entry where the venue takes it so). Worked: inverse
    short, factor 1.25, rate 0.5 %: the loss is 1 - 1/1.25 = 0.2, maintenance 0.005/1.25 = 0.004:
    0.204.

    Args: leg: its row; contracts: signed, not 0; size: |value| at the mark, > 0; factor: of the
    price of all coins, > 0.
    """
    inverse = legs.payoff[leg] == INVERSE
    growth = power(factor, -legs.mark_power[leg] if inverse else legs.mark_power[leg])
    judged = size if legs.margin_on_entry[leg] == 1 else size * growth
    kept = maintenance(legs, leg, judged, abs(contracts)) / size
    won = (1.0 - growth) if inverse else (growth - 1.0)
    return kept - (won if contracts > 0.0 else -won)


@compilable
def opening_rate(legs: Legs, leg: int, contracts: float, size: float) -> float:
    """Margin over |value| that an isolated position of a size posts what it adds at.

    The most of 1/leverage, the initial and the maintenance rate of that size, and what survives the
    leg's `open_distance` either way: the leverage to set before the order. Worked: set to 5x, a
    tier of 4x (0.25), no distance: 0.25. Raises nothing.

    Args: leg: its row; contracts: of the position, signed, not 0; size: its |value| at the mark, >
    0.
    """
    rate = initial_rate(legs, leg, size, abs(contracts))
    rate = max(rate, survival_rate(legs, leg, contracts, size, 1.0))
    distance = legs.open_distance[leg]
    if distance > 0.0:
        below = max(NEAR_ZERO, 1.0 - distance)
        rate = max(rate, survival_rate(legs, leg, contracts, size, 1.0 + distance))
        rate = max(rate, survival_rate(legs, leg, contracts, size, below))
    return max(1.0 / legs.leverage[leg], rate * ROUNDED_UP)
