"""The paper market and all accounts on it, moved on in time and by nothing but time.

Nothing runs in the background: whoever asks says what time it is, and everything due until
then happens first, in order. What happens never depends on when somebody looked.

At a stamp the bar before is over (liquidation inside it is judged) and the next has not
begun: its funding and delivery, and the orders and transfers due at that very moment, come
when an order reaches the book then, or when time goes on. So a decision at a stamp sees what
a backtest's decision sees.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from volsculpt.book.flatten import Caps, Flat, flatten
from volsculpt.book.holdings import Book, as_stated, with_arrivals
from volsculpt.book.state import Quote
from volsculpt.contracts.orders import NO_CONTRACTS
from volsculpt.contracts.spec import Contract
from volsculpt.ledger.events import FillReason, OrderOutcome
from volsculpt.market.align import Aligned
from volsculpt.trade.paper.feed import Feed
from volsculpt.trade.paper.holdings import Holdings
from volsculpt.trade.paper.matching import Matching, Moment, PartialFill
from volsculpt.trade.paper.records import PaperOrder, PaperTransfer
from volsculpt.trade.paper.terms import PaperTerms
from volsculpt.trade.paper.transfers import Transfers
from volsculpt.trade.venue import NotDone, OrderRequest

Flows = Callable[[int, int], list[tuple[str, str, float]]]
LegOf = tuple[str, Contract]


@dataclass(frozen=True, slots=True)
class Stage:
    """What a world is made from; it never changes, so many worlds may share one.

    wrapped: asset -> coins of its underlying. flows: (from, to] -> account, asset, coins that
    come from outside (+) or leave (-), booked at the first stamp at or after their date.
    """

    flat: Flat
    feed: Feed
    wrapped: dict[str, float]
    flows: Flows


def no_flows(from_ns: int, to_ns: int) -> list[tuple[str, str, float]]:
    """Nothing comes or goes."""
    return []


def stage_of(
    book: Book,
    legs: Iterable[LegOf],
    aligned: Aligned,
    flows: Flows = no_flows,
    caps: Caps | None = None,
) -> Stage:
    """The stage of a book: what was on its way arrived, and a row for each leg it may trade.

    A venue does not know who owns what of a position.

    Raises BookError, ContractError, HistoryError (a price that is not known).

    Args: legs: (account, contract) of each; aligned: the market; flows: (account, asset, coins)
    dated between two times, ns UTC; caps: the leverage that isolated positions are set to, as
    decisions size them.
    """
    wanted = list(legs)
    coins = [contract.base for _, contract in wanted]
    flat = flatten(with_arrivals(as_stated(book)), wanted, coins, caps)
    feed = Feed(aligned, [contract for _, contract in flat.legs], flat.currencies)
    return Stage(flat, feed, {name: one.rate for name, one in book.wrapped.items()}, flows)


class PaperExchange:
    """One market, one owner's accounts, their orders and transfers. Times are true, not skewed."""

    def __init__(self, stage: Stage, terms: PaperTerms) -> None:
        self.feed, self.terms, self._flows = stage.feed, terms, stage.flows
        self.holdings = Holdings(stage.flat, stage.wrapped, terms.skew_ns)
        self.matching = Matching(self.holdings, stage.feed, terms)
        self.transfers = Transfers(self.holdings, terms)
        self.orders: dict[str, PaperOrder] = {}
        self.alive: dict[str, PaperOrder] = {}
        self.time_ns = stage.feed.stamps[0]
        self._step, self._begun, self._judged = 0, False, 0.0
        self._waiting: list[tuple[int, int, PaperOrder]] = []
        self._resting: list[PaperOrder] = []
        self._finished: list[tuple[int, str]] = []
        self._count = 0

    # time

    def pass_time(self, now_ns: int) -> None:
        """Let everything happen that is due until now."""
        while self._step < self.feed.steps:
            start, end = self.feed.stamps[self._step], self.feed.stamps[self._step + 1]
            if not self._begun:
                if now_ns <= start:
                    break
                self._begin()
            due = self._next(end)
            if due > now_ns:
                break
            if due < end:
                self._happen(due)
            else:
                self._finish(end)
            self.time_ns = max(self.time_ns, due)
        if now_ns > self.time_ns:
            self.time_ns = now_ns

    def _next(self, end: int) -> int:
        """When something happens next, at the latest the end of the step."""
        due = min(end, self.transfers.next_ns)
        if self._waiting:
            due = min(due, self._waiting[0][0])
        if self._resting:
            due = min(due, (self.time_ns // self.terms.tick_ns + 1) * self.terms.tick_ns)
        return due

    def _begin(self) -> None:
        """What a stamp brings: delivery, funding, flows, transfers, and orders due at the open."""
        step, start = self._step, self.feed.stamps[self._step]
        self._begun, self._judged = True, 0.0
        opened = self.moment(start).quote
        for leg, price in enumerate(self.feed.delivery[step]):
            if price != 0.0:
                self.holdings.deliver(leg, price, opened, start)
                self._drop([leg], "the contract was delivered", start)
        self.holdings.fund(self.feed.funding[step], opened, start)
        before = self.feed.stamps[step - 1] if step else start - 1
        for account, asset, coins in self._flows(before, start):
            self.holdings.move(account, asset, coins)
        self.transfers.arrive(start)
        while self._waiting and self._waiting[0][0] <= start:
            self._arrive(heappop(self._waiting)[2], start)
        if self._resting:
            self._tick(start)

    def _happen(self, due: int) -> None:
        """What is due inside a step."""
        if self.transfers.next_ns <= due:
            self._judge(self.feed.part(self._step, due), due)
            self.transfers.arrive(due)
        while self._waiting and self._waiting[0][0] <= due:
            self._arrive(heappop(self._waiting)[2], due)
        if self._resting and due % self.terms.tick_ns == 0:
            self._tick(due)

    def _finish(self, end: int) -> None:
        """The end of a step: who did not survive it, whose profit was cut, what arrives."""
        self._judge(1.0, end)
        if self.terms.adl_move is not None:
            self._deleverage(self.terms.adl_move, end)
        self._step, self._begun = self._step + 1, False
        self.transfers.arrive(end)
        self._forget(end)

    def _forget(self, now_ns: int) -> None:
        """Drop what is older than the venue keeps."""
        kept = now_ns - self.terms.history_ns
        while self._finished and self._finished[0][0] < kept:
            self.orders.pop(self._finished.pop(0)[1], None)
        self.transfers.forget(kept)
        for rows in self.holdings.rows.values():
            rows.forget(kept)

    def _judge(self, part: float, time_ns: int) -> None:
        """Test every group on the way since the last test, on what was held on it."""
        if part <= self._judged:
            return
        if any(self.holdings.state.contracts):
            legs = range(len(self.holdings.flat.legs))
            reach = [self.feed.reach(self._step, leg, self._judged, part) for leg in legs]
            opened = self.quote(self._step, self._judged)
            for group in self.holdings.survive(opened, reach, time_ns):
                of_group = self.holdings.layout.legs.group
                lost = [leg for leg in legs if of_group[leg] == group]
                self._drop(lost, "the position was liquidated", time_ns)
        self._judged = part

    def _deleverage(self, move: float, end: int) -> None:
        """Cut what gained from a move so large that others could not pay."""
        before, after = self.quote(self._step, 0.0), self.quote(self._step, 1.0)
        for leg, held in enumerate(self.holdings.state.contracts):
            change = after.mark[leg] / before.mark[leg] - 1.0
            if held * change > 0.0 and abs(change) > move:
                self._close(leg, self.terms.adl_share, after.mark[leg], "adl", end)

    # prices

    def quote(self, step: int, part: float) -> Quote:
        """Marks and indexes at a part of a step."""
        marks = self.feed.marks(step, part)
        return Quote(self.feed.indexes(step, part, marks), marks)

    def moment(self, time_ns: int) -> Moment:
        """The market at a time of the step that is under way."""
        part = self.feed.part(self._step, time_ns)
        return Moment(self._step, part, time_ns, self.quote(self._step, part))

    # orders

    def place(self, request: OrderRequest, leg: int, now_ns: int) -> PaperOrder:
        """Take an order in; without latency it reaches the book at once."""
        if self._step >= self.feed.steps:
            raise NotDone("the paper market has ended: its history goes no further")
        self._count += 1
        arrives = now_ns + self.terms.order_latency_ns
        order = PaperOrder(request, leg, self._count, now_ns)
        self.orders[request.client_id] = self.alive[request.client_id] = order
        if arrives > now_ns:
            heappush(self._waiting, (arrives, self._count, order))
            return order
        if not self._begun:
            self._begin()
        self._arrive(order, now_ns)
        return order

    def withdraw(self, order: PaperOrder, now_ns: int) -> None:
        """Cancel what has not filled yet."""
        if order.outcome == "open":
            self._end(order, "cancelled", "asked for", now_ns)

    def check_leaving(self, account: str, currency: str, coins: float, now_ns: int) -> None:
        """NotDone where coins cannot leave an account.

        Args: account, currency: of the coins; coins: > 0; now_ns: ns UTC.
        """
        self.transfers.check_leaving(account, currency, coins, self.moment(now_ns).quote)

    def flow(self, account: str, currency: str, coins: float, now_ns: int) -> None:
        """Coins come from outside or go there, once what was held until now has been tested.

        Args: account, currency: of the coins; coins: + received; now_ns: ns UTC.
        """
        if self._begun:
            self._judge(self.feed.part(self._step, now_ns), now_ns)
        self.holdings.move(account, currency, coins)

    def transfer(self, transfer: PaperTransfer, now_ns: int) -> PaperTransfer:
        """Let coins leave, once what was held until now has been tested. NotDone: they cannot."""
        if self._begun:
            self._judge(self.feed.part(self._step, now_ns), now_ns)
        return self.transfers.send(transfer, self.moment(now_ns).quote, now_ns)

    def close(self, leg: int, share: float, reason: FillReason, now_ns: int) -> bool:
        """Close a share of a position at the mark, without the desk; whether there was one.

        Args: leg: its row; share: of the position, 0.0 to 1.0; reason: of the fills; now_ns: ns
        UTC.
        """
        mark = self.moment(now_ns).quote.mark[leg]
        return self._close(leg, share, mark, reason, now_ns)

    def _arrive(self, order: PaperOrder, time_ns: int) -> None:
        """An order reaches the book: refused, filled, or left to rest."""
        if order.outcome != "open":
            return
        moment, request = self.moment(time_ns), order.request
        why = self.matching.refused(order, moment)
        if why is not None:
            self._end(order, "rejected", why, time_ns)
            return
        for part in list(self.matching.takes(order, moment)):
            self._fill(order, part, moment)
        if abs(order.left) <= NO_CONTRACTS:
            self._end(order, "filled", "", time_ns)
        elif request.immediate or request.limit_price is None or not self.matching.reducible(order):
            self._end(order, "cancelled", "no more to be had within its limits", time_ns)
        else:
            self._resting.append(order)

    def _tick(self, time_ns: int) -> None:
        """See whether resting orders have been reached."""
        moment = self.moment(time_ns)
        for order in list(self._resting):
            if order.outcome != "open":
                continue
            part = self.matching.meets(order, moment)
            if part is not None:
                self._fill(order, part, moment)
            if abs(order.left) <= NO_CONTRACTS:
                self._end(order, "filled", "", time_ns)
            elif self.matching.reducible(order) == 0.0:
                self._end(order, "cancelled", "reduce-only: nothing left to reduce", time_ns)

    def _fill(self, order: PaperOrder, part: PartialFill, moment: Moment) -> None:
        """Book a part of an order on what survived until now."""
        self._judge(moment.part, moment.time_ns)
        if order.outcome != "open":
            return
        self.holdings.fill(
            order.leg,
            part.contracts,
            part.price,
            part.rate,
            moment.time_ns,
            order.request.client_id,
        )
        order.filled += part.contracts
        order.stamp_ns = moment.time_ns

    def _end(self, order: PaperOrder, outcome: OrderOutcome, why: str, time_ns: int) -> None:
        """An order is finished."""
        if order.outcome != "open":
            return
        order.outcome, order.why, order.stamp_ns = outcome, why, time_ns
        del self.alive[order.request.client_id]
        if order in self._resting:
            self._resting.remove(order)
        self._finished.append((time_ns, order.request.client_id))

    def _drop(self, legs: Sequence[int], why: str, time_ns: int) -> None:
        """Cancel the orders of legs."""
        for order in list(self.alive.values()):
            if order.leg in legs:
                self._end(order, "cancelled", why, time_ns)

    def _close(self, leg: int, share: float, price: float, reason: FillReason, now_ns: int) -> bool:
        """Close a share of a position in whole lots, at least one, without a fee."""
        if self._begun:
            self._judge(self.feed.part(self._step, now_ns), now_ns)
        held, lot = self.holdings.state.contracts[leg], self.holdings.layout.legs.lot[leg]
        if held == 0.0:
            return False
        size = abs(held) if share >= 1.0 else max(lot, int(abs(held) * share / lot) * lot)
        size = min(size, abs(held))
        closed = -size if held > 0.0 else size
        self.holdings.fill(leg, closed, price, 0.0, now_ns, None, reason)
        return True
