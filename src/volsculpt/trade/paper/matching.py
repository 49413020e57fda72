"""Which part of an order fills, at what price, and what is refused: the book of a paper venue.

The book is the market's price, half the spread on each side, and levels behind it that are
full again every tick. Taking walks the levels; resting fills at its own price once the best
price of the other side has reached it, one level a tick at most.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from volsculpt.book.fill import fill_price
from volsculpt.book.state import Quote
from volsculpt.contracts.lots import WHOLE, is_whole, lots_down
from volsculpt.contracts.orders import NO_MARGIN, judge_order, judge_price
from volsculpt.contracts.payoff import value
from volsculpt.contracts.refusals import refusal
from volsculpt.contracts.spec import Contract
from volsculpt.trade.paper.feed import Feed
from volsculpt.trade.paper.holdings import Holdings
from volsculpt.trade.paper.records import PaperOrder
from volsculpt.trade.paper.terms import PaperTerms
from volsculpt.trade.venue import OrderRequest


@dataclass(frozen=True, slots=True)
class Moment:
    """A time inside the market, and its prices."""

    step: int
    part: float
    time_ns: int
    quote: Quote


@dataclass(frozen=True, slots=True)
class PartialFill:
    """A part of an order that fills. rate: of its fee."""

    contracts: float
    price: float
    rate: float


def malformed(contract: Contract, request: OrderRequest, time_ns: int) -> str | None:
    """Why an order can never be accepted, in words; None when it can."""
    if contract.expiry_ns is not None and contract.expiry_ns <= time_ns:
        return f"{contract.symbol} has expired"
    size, price = abs(request.contracts), request.limit_price
    least = contract.least_contracts
    under = size < least * (1.0 - WHOLE) and not request.reduce_only
    if is_whole(size / contract.lot) == 0 or under:
        lots = f"lots of {contract.lot:g} from {least:g}"
        return f"{size:g} contracts: {contract.symbol} trades {lots}"
    if price is not None and not price > 0.0:
        return f"a limit price is above 0, not {price:g}"
    if price is not None and contract.tick and is_whole(price / contract.tick) == 0:
        return f"limit price {price!r}: {contract.symbol} has steps of {contract.tick:g}"
    if request.post_only and (price is None or request.immediate):
        return "a post-only order has a limit price and is not immediate"
    return None


class Matching:
    """The book around the prices of a feed."""

    def __init__(self, holdings: Holdings, feed: Feed, terms: PaperTerms) -> None:
        self._holdings, self._feed, self._terms = holdings, feed, terms
        self._used_depth: dict[tuple[str, bool], tuple[int, list[float]]] = {}

    def best(self, leg: int, moment: Moment) -> tuple[float, float]:
        """(bid, ask)."""
        price, half = self._traded(leg, moment), self._terms.half_spread
        return fill_price(price, -1.0, half), fill_price(price, 1.0, half)

    def _traded(self, leg: int, moment: Moment) -> float:
        """The price the book stands around."""
        mark = moment.quote.mark[leg]
        return self._feed.traded(moment.step, moment.part, leg, mark)

    def refused(self, order: PaperOrder, moment: Moment) -> str | None:
        """Why an order that reaches the book is rejected, in words; None when it is not."""
        request, bid_ask = order.request, self.best(order.leg, moment)
        if request.post_only and request.limit_price is not None:
            crosses = (
                request.limit_price >= bid_ask[1]
                if request.contracts > 0.0
                else request.limit_price <= bid_ask[0]
            )
            if crosses:
                return "post-only: it would trade at once"
        if request.reduce_only and self.reducible(order) == 0.0:
            return "reduce-only: there is no position to reduce"
        held = self._holdings.state.contracts[order.leg]
        why = self._untaken(order, held, moment.quote.mark[order.leg])
        if why is not None:
            return why
        if self._terms.checks_margin and abs(held + request.contracts) > abs(held):
            worse = self._terms.half_spread + self._terms.slippage
            price = fill_price(self._traded(order.leg, moment), order.left, worse)
            rate = self.taker(order.leg, moment.time_ns)
            if not self._holdings.affords(order.leg, order.left, price, rate, moment.quote):
                contract = self._holdings.flat.legs[order.leg][1]
                return refusal(contract, NO_MARGIN, order.left, price)
        return None

    def _untaken(self, order: PaperOrder, held: float, mark: float) -> str | None:
        """Why the venue takes no order of this size, value or price, in words; None when it does.

        A reduce-only order larger than the position is judged as what it can close.
        """
        legs, contract = self._holdings.layout.legs, self._holdings.flat.legs[order.leg][1]
        at_market = order.request.limit_price is None
        most = contract.orders.market_most if at_market else contract.orders.most
        size = self.reducible(order)
        price = order.request.limit_price or mark
        why = judge_order(legs, order.leg, held, size, price, most or 0.0)
        up, down = contract.orders.price_up, contract.orders.price_down
        if not why and not at_market:
            why = judge_price(size, price, mark, up or 0.0, down or 0.0)
        return refusal(contract, why, size, price, most) if why else None

    def reducible(self, order: PaperOrder) -> float:
        """Signed contracts of an order that may fill: all, or what reduces the position."""
        if not order.request.reduce_only:
            return order.left
        held = self._holdings.state.contracts[order.leg]
        if held * order.left >= 0.0:
            return 0.0
        return order.left if abs(order.left) <= abs(held) else -held

    def taker(self, leg: int, time_ns: int) -> float:
        """Taker fee of a leg."""
        return self._holdings.flat.fees_of(leg, time_ns).taker or 0.0

    def maker(self, leg: int, time_ns: int) -> float:
        """Maker fee of a leg; the taker's where none is known."""
        maker = self._holdings.flat.fees_of(leg, time_ns).maker
        return maker if maker is not None else self.taker(leg, time_ns)

    def takes(self, order: PaperOrder, moment: Moment) -> Iterator[PartialFill]:
        """The parts that fill at once."""
        left, leg = self.reducible(order), order.leg
        price, worse = self._traded(leg, moment), self._terms.half_spread + self._terms.slippage
        limit = order.request.limit_price
        if not self._terms.depth:
            at = fill_price(price, left, worse)
            if left != 0.0 and not _beyond(at, limit, left):
                yield PartialFill(left, at, self.taker(leg, moment.time_ns))
            return
        used = self._used(leg, left > 0.0, moment)
        for row, level in enumerate(self._terms.depth):
            at = fill_price(price, left, worse + level.distance)
            if left == 0.0 or _beyond(at, limit, left):
                return
            size = self._at_most(leg, left, level.size_usd - used[row], at, moment)
            if size != 0.0:
                used[row] += self._usd(leg, size, at, moment)
                left -= size
                yield PartialFill(size, at, self.taker(leg, moment.time_ns))

    def meets(self, order: PaperOrder, moment: Moment) -> PartialFill | None:
        """The part of a resting order that fills now."""
        left, limit = self.reducible(order), order.request.limit_price
        bid, ask = self.best(order.leg, moment)
        if limit is None or left == 0.0 or (ask > limit if left > 0.0 else bid < limit):
            return None
        if self._terms.depth:
            size_usd = self._terms.depth[0].size_usd
            left = self._at_most(order.leg, left, size_usd, limit, moment)
        if left == 0.0:
            return None
        return PartialFill(left, limit, self.maker(order.leg, moment.time_ns))

    def _used(self, leg: int, buys: bool, moment: Moment) -> list[float]:
        """US dollars taken from each level since the last tick, to be added to."""
        key = (self._holdings.flat.legs[leg][1].key, buys)
        tick = moment.time_ns // self._terms.tick_ns
        if key not in self._used_depth or self._used_depth[key][0] != tick:
            self._used_depth[key] = (tick, [0.0] * len(self._terms.depth))
        return self._used_depth[key][1]

    def _usd(self, leg: int, contracts: float, price: float, moment: Moment) -> float:
        """US dollars of face."""
        legs = self._holdings.layout.legs
        traded = value(legs.payoff[leg], abs(contracts), legs.multiplier[leg], price)
        return traded * moment.quote.index_usd[legs.settle[leg]]

    def _at_most(
        self, leg: int, contracts: float, size_usd: float, price: float, moment: Moment
    ) -> float:
        """Signed contracts in whole lots that so many US dollars have room for."""
        lot = self._holdings.layout.legs.lot[leg]
        lots = lots_down(size_usd / self._usd(leg, lot, price, moment))
        room = max(0.0, lots * lot)
        if abs(contracts) <= room:
            return contracts
        return room if contracts > 0.0 else -room


def _beyond(price: float, limit: float | None, contracts: float) -> bool:
    """Whether a price is worse than an order allows."""
    if limit is None:
        return False
    return price > limit if contracts > 0.0 else price < limit
