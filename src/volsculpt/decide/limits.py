"""What the owner allows: limits on size and risk, and how collateral may move."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """None means no limit. Leverage and distance hold per margin group, ratio per hedge.

    min_base_usd: a hedge whose base is worth no more than this is closed, reduce-only.
    """

    min_ratio: float = 0.0
    max_ratio: float = 1.0
    max_leverage: float | None = None
    min_liquidation_distance: float | None = None
    max_order_usd: float | None = None
    min_base_usd: float = 0.0


@dataclass(frozen=True, slots=True)
class CollateralPlan:
    """How coins may move to and from a margin account.

    account, currency: None = every margin account, what its contracts settle in.
    source: accounts in order. leverage_band (first, second, third, last): release below the
    first, to the second; top up above the last, to the third. cost: coins a transfer.
    """

    source: tuple[str, ...]
    leverage_band: tuple[float, float, float, float] = (2.0, 3.0, 3.0, 4.0)
    account: str | None = None
    currency: str | None = None
    transfer_hours: float = 0.0
    cost: float = 0.0
