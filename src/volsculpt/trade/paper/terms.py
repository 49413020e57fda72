"""How a paper venue behaves: delays, costs, depth, limits. Nothing in it is drawn by chance."""

from dataclasses import dataclass

from volsculpt.contracts.costs import HALF_SPREAD
from volsculpt.units import DAY_NS, HOUR_NS, SECOND_NS


@dataclass(frozen=True, slots=True)
class DepthLevel:
    """One level of the book: how far behind the best price (fraction), and how much is there."""

    distance: float
    size_usd: float


@dataclass(frozen=True, slots=True)
class TransferRoute:
    """How long transfers of a currency from or to an account take, and what they cost in it.

    account, currency: None is any. delay_ns: ns; cost: coins.
    """

    account: str | None
    currency: str | None
    delay_ns: int
    cost: float

    def is_for(self, accounts: tuple[str, str], currency: str) -> bool:
        """Whether it is for coins between two accounts."""
        named = self.account is None or self.account in accounts
        return named and self.currency in (None, currency)


@dataclass(frozen=True, slots=True)
class PaperTerms:
    """The terms of a paper venue. Times in ns, costs as fractions of price.

    order_latency_ns: from the request to its place in the book. answer_latency_ns: how long
    each call takes, there and back. depth: levels on both sides, full again every tick_ns;
    none: everything fills at half the spread. checks_margin: refuse what leaves a group without
    its initial margin. history_ns: how long fills, cash and finished orders are kept. calls,
    window_ns: so many calls in such a time, then NotDone. outages: [from, to) when nothing
    answers. skew_ns: how far its clock is ahead. adl_move: a profitable position is cut by
    adl_share after a step in which its mark moved by more than this fraction. transfer_delay_ns,
    transfer_cost: of transfers that no route is for; routes: the first that fits counts.
    """

    half_spread: float = HALF_SPREAD
    slippage: float = 0.0
    depth: tuple[DepthLevel, ...] = (DepthLevel(0.0, 250_000.0), DepthLevel(0.0005, 1_000_000.0))
    tick_ns: int = 60 * SECOND_NS
    order_latency_ns: int = 0
    answer_latency_ns: int = 0
    transfer_delay_ns: int = HOUR_NS
    transfer_cost: float = 0.0
    routes: tuple[TransferRoute, ...] = ()
    transfer_fail_rate: float = 0.0
    checks_margin: bool = True
    history_ns: int = 7 * DAY_NS
    calls: int | None = None
    window_ns: int = SECOND_NS
    outages: tuple[tuple[int, int], ...] = ()
    skew_ns: int = 0
    adl_move: float | None = None
    adl_share: float = 0.5
    seed: int = 0

    def route(self, source: str, target: str, currency: str) -> TransferRoute:
        """That of a transfer. Args: source, target: accounts; currency: of the coins."""
        fits = (one for one in self.routes if one.is_for((source, target), currency))
        own = TransferRoute(None, None, self.transfer_delay_ns, self.transfer_cost)
        return next(fits, own)
