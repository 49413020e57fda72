"""What the owner allows: limits on size and risk, and how collateral may move."""

from dataclasses import dataclass

SAFE_LEVERAGE = 3.0  # what a margin group is brought to where the mandate states nothing


def may_be_long(allow_long: bool, min_ratio: float) -> bool:
    """Whether futures may be net long: where that is allowed, or a ratio below 0 is."""
    return allow_long or min_ratio < 0.0


@dataclass(frozen=True, slots=True)
class Limits:
    """None means no limit. Leverage and distance hold per margin group, ratio per hedge.

    min_base_usd: a hedge whose base is worth no more than this is closed, reduce-only.
    dead_zone: a held position may pass a limit by this share before it is cut back to it
    (0.05: leverage 4.2 for 4, a distance of 0.2375 for 0.25). allow_long: futures may be net
    long; implied by a min_ratio below 0.
    """

    min_ratio: float = 0.0
    max_ratio: float = 1.0
    max_leverage: float | None = None
    min_liquidation_distance: float | None = None
    max_order_usd: float | None = None
    min_base_usd: float = 0.0
    dead_zone: float = 0.05
    allow_long: bool = False

    @property
    def may_be_long(self) -> bool:
        """Whether futures may be net long."""
        return may_be_long(self.allow_long, self.min_ratio)


@dataclass(frozen=True, slots=True)
class CollateralPlan:
    """How coins may move to and from a margin account.

    account, currency: None = every margin account, what its contracts settle in.
    source: accounts in order. leverage_band (first, second, third, last): release below the
    first, to the second; top up above the last, to the third. cost: coins a transfer.
    min_transfer: coins; a smaller move is not made. Default: 20 times the cost.
    """

    source: tuple[str, ...]
    leverage_band: tuple[float, float, float, float] = (2.0, 3.0, 3.0, 4.0)
    account: str | None = None
    currency: str | None = None
    transfer_hours: float = 0.0
    cost: float = 0.0
    min_transfer: float | None = None

    @property
    def least_coins(self) -> float:
        """The least move that is made. Worked: a cost of 0.0002 BTC: 0.004 BTC."""
        return self.min_transfer if self.min_transfer is not None else COSTS * self.cost


COSTS = 20.0  # a move is at least so many times its cost
