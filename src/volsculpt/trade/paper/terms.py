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
class PaperTerms:
    """The terms of a paper venue. Times in ns, costs as fractions of price.

    order_latency_ns: from the request to its place in the book. answer_latency_ns: how long
    each call takes, there and back. depth: levels on both sides, full again every tick_ns;
    none: everything fills at half the spread. checks_margin: refuse what leaves a group without
    its initial margin. history_ns: how long fills, cash and finished orders are kept. calls,
    window_ns: so many calls in such a time, then NotDone. outages: [from, to) when nothing
    answers. skew_ns: how far its clock is ahead. adl_move: a profitable position is cut by
    adl_share after a step in which its mark moved by more than this fraction.
    """

    half_spread: float = HALF_SPREAD
    slippage: float = 0.0
    depth: tuple[DepthLevel, ...] = (DepthLevel(0.0, 250_000.0), DepthLevel(0.0005, 1_000_000.0))
    tick_ns: int = 60 * SECOND_NS
    order_latency_ns: int = 0
    answer_latency_ns: int = 0
    transfer_delay_ns: int = HOUR_NS
    transfer_cost: float = 0.0
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
