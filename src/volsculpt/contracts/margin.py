"""Initial and maintenance margin, bankruptcy and auto-deleveraging rank."""

from collections.abc import Sequence

from volsculpt.compilable import compilable
from volsculpt.contracts.legs import Legs
from volsculpt.contracts.payoff import LINEAR

TIERS_VALUE = 0
TIERS_CONTRACTS = 1
SLOPE = 2


@compilable
def initial_margin(position_value: float, leverage: float) -> float:
    """Margin to open: |value| / leverage, in the unit of value.

    Worked: 10,000 USD inverse at 400, 10x: 25/10 = 2.5 coins.
    """
    return abs(position_value) / leverage


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


def distance_leverage(payoff: str, side: float, distance: float, rate: float) -> float:
    """Leverage at which a position opened at the mark survives a move by `distance` against it.

    side: -1 short, +1 long; k = 1 - side*distance. Linear: 1 / (distance + rate*max(1, k)),
    inverse: 1 / (|1/k - 1| + rate*max(1, 1/k)): enough for maintenance on mark and on entry.
    Worked: inverse short, 25 %, 0.5 %: 1 / (0.2 + 0.005) = 4.878.
    """
    factor = max(1e-9, 1.0 - side * distance)
    if payoff == "inverse":
        return factor / (abs(1.0 - factor) + rate * max(1.0, factor))
    return 1.0 / (distance + rate * max(1.0, factor))


@compilable
def maintenance(legs: Legs, leg: int, size: float, size_contracts: float) -> float:
    """Maintenance margin of one leg, in the unit of value; `size` is |value| (mark or entry)."""
    rate, cum = maintenance_rate(legs, leg, size, size_contracts)
    return size * rate - cum


@compilable
def effective_leverage(mark_value: float, bankruptcy_value: float) -> float:
    """BitMEX: |mark value| / |mark value - bankruptcy value|; both signed values in coin.

    Worked: short 60,000 from 50,000 with 0.3 coin: values -1.5 and -0.9, leverage 2.5.
    """
    return abs(mark_value) / abs(mark_value - bankruptcy_value)


@compilable
def adl_score(pnl_ratio: float, leverage: float) -> float:
    """Rank in the auto-deleveraging queue: profit * leverage, or loss / leverage.

    `pnl_ratio` is PnL over |entry value|. Source: BitMEX auto-deleveraging page.
    Worked: +25 % at 2.5x: 0.625.
    """
    if pnl_ratio >= 0.0:
        return pnl_ratio * leverage
    return pnl_ratio / leverage


def adl_fills(queue: Sequence[tuple[int, float, float]], quantity: float) -> dict[int, float]:
    """Who is closed against a liquidation of `quantity`: highest score first.

    queue: (id, size, score). Returns id -> size closed. Worked (BitMEX): 20 to close among
    sizes 10, 10, 20, 30, 20, 10 with scores 3, 6, 1, 4, 5, 2: the second in whole, then 10
    of the fifth.
    """
    closed: dict[int, float] = {}
    left = quantity
    for identity, size, _ in sorted(queue, key=lambda row: -row[2]):
        if left <= 0.0:
            break
        closed[identity] = min(size, left)
        left -= closed[identity]
    return closed
