"""The flat rows of contract figures that compilable code reads: one row per leg.

A leg is one contract in one account. All fields are sequences of equal length but the
tier ones, which `tier_from`/`tier_to` index. Built by `book.flatten`.
"""

from collections.abc import Sequence
from typing import NamedTuple


class Legs(NamedTuple):
    """Static figures of each leg; currency and group columns are row numbers."""

    rows: int  # rows that are real; compiled code pads the columns
    payoff: Sequence[int]
    multiplier: Sequence[float]
    base_count: Sequence[float]  # base coins that the mark is the price of
    base: Sequence[int]
    quote: Sequence[int]
    settle: Sequence[int]
    group: Sequence[int]
    mark_power: Sequence[int]  # how the mark scales when all coins scale by k: k**mark_power
    settle_power: Sequence[int]  # likewise the settle currency's price
    lot: Sequence[float]
    minimum: Sequence[float]  # least contracts of an order
    order_least_value: Sequence[float]  # quote units, as `order_value` counts; 0.0 = none known
    order_exempt: Sequence[int]  # 1: a reduce-only order may be worth less than that
    order_most: Sequence[float]  # most contracts of an order with a price; 0.0 = none known
    position_most: Sequence[float]  # most contracts held; 0.0 = none known
    position_most_value: Sequence[float]  # most |value| held, unit of value; 0.0 = none known
    taker: Sequence[float]
    margin_kind: Sequence[int]  # TIERS_VALUE | TIERS_CONTRACTS | SLOPE
    margin_on_entry: Sequence[int]
    rate_base: Sequence[float]
    rate_slope: Sequence[float]
    rate_added: Sequence[float]
    initial_base: Sequence[float]  # slope: initial margin rate at size 0; 0.0 = unknown
    initial_slope: Sequence[float]  # slope: what a coin adds to it
    tier_from: Sequence[int]
    tier_to: Sequence[int]
    cash_wallet: Sequence[int]  # where PnL, fees and funding of the leg are booked
    funding_wallet: Sequence[int]  # where funding received goes: cash_wallet, or swept elsewhere
    sweep_cost: Sequence[float]  # share of funding received that sweeping it costs
    free_wallet: Sequence[int]  # isolated: where margin to post comes from; else -1
    posted_wallet: Sequence[int]  # isolated: the wallet of the margin posted; else -1
    leverage: Sequence[float]  # isolated: what a growing position posts at most leverage
    open_distance: Sequence[float]  # isolated: a move that what it posts survives; 0.0 = none
    tier_floor: Sequence[float]
    tier_rate: Sequence[float]
    tier_cum: Sequence[float]
    tier_initial: Sequence[float]  # initial margin rate of the whole position; 0.0 = unknown
