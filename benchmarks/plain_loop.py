"""The hedge of the benchmark in forty lines of plain Python, written from the formulas alone.

It shares no code with volsculpt, so that agreement means something, and is what a careful person
writes first, so that its time means something too.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Tier = tuple[float, float, float]  # floor, rate, what the rate counts too much (cum), in coins


@dataclass(frozen=True)
class Terms:
    """What the hedge is: coins posted, ratio and its band, costs, maintenance tiers."""

    coins: float
    ratio: float
    trigger: float
    settle: float
    taker: float
    half_spread: float
    tiers: Sequence[Tier]


def hedge(market: Mapping[str, Sequence[float]], terms: Terms) -> list[float]:
    """Wealth in US dollars at the end of each bar. Raises ValueError when it is liquidated.

    market: open_mark, trade, high_mark, close_mark, close_index, funding, a figure a bar.
    """
    balance, contracts, cost = terms.coins, 0.0, 0.0
    order = decide(balance, market["open_mark"][0], contracts, terms)
    wealth = []
    bars = zip(
        market["open_mark"],
        market["trade"],
        market["high_mark"],
        market["close_mark"],
        market["close_index"],
        market["funding"],
        strict=True,
    )
    for opened, trade, high, mark, index, rate in bars:
        balance -= contracts / opened * rate
        if order:
            price = trade * (1.0 + math.copysign(terms.half_spread, order))
            balance -= abs(order) / price * terms.taker
            if contracts * order >= 0.0:
                cost += order / price
            else:
                part = -order / contracts
                balance += cost * part + order / price
                cost -= cost * part
            contracts += order
        size = abs(contracts) / high
        needed = max(size * rate - cum for _, rate, cum in terms.tiers)
        if contracts and balance + cost - contracts / high < needed:
            raise ValueError("liquidated")
        owned = balance + cost - contracts / mark
        order = decide(owned, mark, contracts, terms)
        wealth.append(owned * index)
    return wealth


def decide(owned: float, mark: float, contracts: float, terms: Terms) -> float:
    """Contracts to trade: none inside the band, else to the whole contract at its inner edge."""
    held = -contracts / mark / owned
    if held < terms.ratio - terms.trigger - 1e-9:
        return -math.ceil((terms.ratio - terms.settle) * owned * mark - 1e-6) - contracts
    if held > terms.ratio + terms.trigger + 1e-9:
        return -math.floor((terms.ratio + terms.settle) * owned * mark + 1e-6) - contracts
    return 0.0


def tiers_of(floors_and_rates: Sequence[tuple[float, float]]) -> list[Tier]:
    """Tiers with what each rate counts too much below its floor, so that they join."""
    found: list[Tier] = []
    for floor, rate in floors_and_rates:
        _, before, cum = found[-1] if found else (0.0, rate, 0.0)
        found.append((floor, rate, cum + floor * (rate - before)))
    return found
