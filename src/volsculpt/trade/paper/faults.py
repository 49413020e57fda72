"""Everything that goes wrong between a desk and a venue, by chance, from one seed.

    venue = FaultyVenue(PaperVenue(world, clock), clock, Faults(lost_answer=0.05), seed=7)

Each kind of fault has its own rate (per call it can befall) and its own dice, so that raising
one changes nothing about the others. What the venue holds stays true, but for the kinds that
happen at a venue: an order cut short, a transfer refused, a position closed behind the desk.
"""

import asyncio
import math
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol, TypeVar

import numpy as np

from volsculpt.contracts.spec import Contract
from volsculpt.errors import VenueError
from volsculpt.ledger.events import FillReason
from volsculpt.trade.clock import Clock
from volsculpt.trade.venue import (
    NotDone,
    OrderReport,
    OrderRequest,
    OutcomeUnknown,
    SetupProblem,
    Statement,
    TransferReport,
    Venue,
    VenueActivity,
    VenuePrice,
)
from volsculpt.units import SECOND_NS

BEHIND: tuple[FillReason, ...] = ("trade", "adl", "liquidation")

T = TypeVar("T")
Stamped = TypeVar("Stamped", VenuePrice, Statement, OrderReport, TransferReport)


@dataclass(frozen=True, slots=True)
class Faults:
    """Rates, 0 to 1; times in ns.

    Of requests that change something: lost_request (never arrived, nobody knows), late_request
    (arrives within late_ns, nobody knows), lost_answer (done, nobody knows), doubled_request
    (arrives twice), rejected, cut (an order is filled in part and cancelled),
    transfer_refused. Of all calls: delayed_answer (by up to delay_ns), outage (begins, up to
    outage_ns), rate_limited. Of reads: failed_read, failed_balance, missing_balance,
    missing_mark, wrong_mark (not a number), stale_price (the answer of before), doubled_rows,
    reordered_rows, late_rows (nothing yet), hidden_order (not shown for late_ns after it was
    sent). At each statement: closed_behind (by hand, deleveraged or liquidated). skew_ns: the
    venue's clock is off by up to so much.

    late_ns is to be shorter than the time after which a desk takes an order that is not there
    for one that will never be: no real venue keeps that promise longer either.
    """

    lost_request: float = 0.0
    late_request: float = 0.0
    lost_answer: float = 0.0
    doubled_request: float = 0.0
    rejected: float = 0.0
    cut: float = 0.0
    transfer_refused: float = 0.0
    delayed_answer: float = 0.0
    outage: float = 0.0
    rate_limited: float = 0.0
    failed_read: float = 0.0
    failed_balance: float = 0.0
    missing_balance: float = 0.0
    missing_mark: float = 0.0
    wrong_mark: float = 0.0
    stale_price: float = 0.0
    doubled_rows: float = 0.0
    reordered_rows: float = 0.0
    late_rows: float = 0.0
    hidden_order: float = 0.0
    closed_behind: float = 0.0
    skew_ns: int = 0
    delay_ns: int = 30 * SECOND_NS
    late_ns: int = 30 * SECOND_NS
    outage_ns: int = 1800 * SECOND_NS


KINDS = tuple(one.name for one in fields(Faults) if not one.name.endswith("_ns"))


class Upsettable(Protocol):
    """A venue whose positions can be closed behind the desk's back."""

    async def upset(
        self, account: str, contract: str, share: float, reason: FillReason = "trade"
    ) -> bool:
        """Close a share of a position; whether there was one.

        Args: account, contract: names; share: of the position, 0.0 to 1.0; reason: of the fills.
        """
        ...


class Dice:
    """One stream of chance a kind, all from one seed; `counts` tells what came of them."""

    def __init__(self, faults: Faults, seed: int) -> None:
        self.counts: Counter[str] = Counter()
        self._rates = {kind: float(getattr(faults, kind)) for kind in KINDS}
        self._streams = {
            kind: np.random.default_rng([seed, row])
            for row, kind in enumerate(KINDS)
            if self._rates[kind] > 0.0
        }
        self.skew_ns = 0
        if faults.skew_ns:
            dice = np.random.default_rng([seed, len(KINDS)])
            self.skew_ns = int(dice.integers(-faults.skew_ns, faults.skew_ns + 1))

    def falls(self, kind: str) -> bool:
        """Whether a fault of this kind happens now."""
        if self._rates[kind] <= 0.0 or self._streams[kind].random() >= self._rates[kind]:
            return False
        self.counts[kind] += 1
        return True

    def part(self, kind: str) -> float:
        """A number from 0 to 1 of the kind's own stream."""
        return float(self._streams[kind].random())

    def order(self, kind: str, rows: Sequence[T]) -> tuple[T, ...]:
        """Rows in another order."""
        return tuple(rows[place] for place in self._streams[kind].permutation(len(rows)))


class FaultyVenue:
    """A venue that fails. It shows what the venue under it says, late, twice, wrong or not."""

    def __init__(self, venue: Venue, clock: Clock, faults: Faults, seed: int) -> None:
        self.name, self.venue, self.faults = venue.name, venue, faults
        self.dice = Dice(faults, seed)
        self._clock, self._down_until_ns = clock, 0
        self._shown: dict[str, VenuePrice] = {}
        self._cut: dict[str, float] = {}
        self._sent_ns: dict[str, int] = {}
        self._under_way: set[asyncio.Future[None]] = set()

    def end_faults(self) -> None:
        """No fault from now on; the clock stays as it is, and what was sent late still comes."""
        skew = self.dice.skew_ns
        self.dice, self._down_until_ns = Dice(Faults(), 0), 0
        self.dice.skew_ns = skew

    async def specs(self) -> Sequence[Contract]:
        """Contracts it lists."""
        return await self._read(self.venue.specs)

    async def time_ns(self) -> int:
        """The venue's clock, which may be off."""
        return await self._read(self.venue.time_ns) + self.dice.skew_ns

    async def prices(self, contracts: Sequence[str]) -> Sequence[VenuePrice]:
        """Prices, some of them missing, no number, or those of before."""
        found = []
        for price in await self._read(lambda: self.venue.prices(contracts)):
            fresh = self._skewed(price)
            if self.dice.falls("missing_mark"):
                continue
            if self.dice.falls("wrong_mark"):
                found.append(replace(fresh, mark=math.nan))
                continue
            if price.contract in self._shown and self.dice.falls("stale_price"):
                found.append(self._shown[price.contract])
                continue
            self._shown[price.contract] = fresh
            found.append(fresh)
        return found

    async def statement(self, account: str) -> Statement:
        """What an account holds; it may fail, or lack a balance."""
        await self._behind(account)
        if self.dice.falls("failed_balance"):
            raise NotDone(f"{self.name}: the balance of '{account}' could not be read")
        answer = self._skewed(await self._read(lambda: self.venue.statement(account)))
        if answer.balances and self.dice.falls("missing_balance"):
            lost = list(answer.balances)[
                int(self.dice.part("missing_balance") * len(answer.balances))
            ]
            left = {name: coins for name, coins in answer.balances.items() if name != lost}
            return replace(answer, balances=left)
        return answer

    async def open_orders(self, account: str) -> Sequence[OrderReport]:
        """Orders that may still fill."""
        answer = await self._read(lambda: self.venue.open_orders(account))
        return [self._reported(one) for one in answer]

    async def activity(self, account: str, cursor: str | None) -> VenueActivity:
        """Fills and cash: repeated, out of order, or not there yet."""
        answer = await self._read(lambda: self.venue.activity(account, cursor))
        if cursor is not None and self.dice.falls("late_rows"):
            return replace(answer, fills=(), cash=(), cursor=cursor)
        if self.dice.falls("doubled_rows"):
            again = await self.venue.activity(account, None)
            answer = replace(
                answer, fills=(*again.fills, *answer.fills), cash=(*again.cash, *answer.cash)
            )
        if self.dice.falls("reordered_rows"):
            answer = replace(
                answer,
                fills=self.dice.order("reordered_rows", answer.fills),
                cash=self.dice.order("reordered_rows", answer.cash),
            )
        skew = self.dice.skew_ns
        return replace(
            answer,
            fills=tuple(replace(one, stamp_ns=one.stamp_ns + skew) for one in answer.fills),
            cash=tuple(replace(one, stamp_ns=one.stamp_ns + skew) for one in answer.cash),
            complete_from_ns=answer.complete_from_ns + skew,
        )

    async def find_order(self, account: str, client_id: str) -> OrderReport | None:
        """An order by its id; it may not be shown yet."""
        found = await self._read(lambda: self.venue.find_order(account, client_id))
        young = self._clock.now_ns() - self._sent_ns.get(client_id, 0) < self.faults.late_ns
        if found is None or (young and self.dice.falls("hidden_order")):
            return None
        return self._reported(found)

    async def send(self, request: OrderRequest) -> OrderReport:
        """Send an order, which may get lost, be refused, arrive twice, or be cut short."""
        if self.dice.falls("rejected"):
            raise NotDone(f"{self.name}: the order was refused")
        self._sent_ns[request.client_id] = self._clock.now_ns()
        requested = request
        if request.client_id in self._cut or self.dice.falls("cut"):
            requested = await self._shortened(request)
        return self._reported(await self._change(lambda: self.venue.send(requested)))

    async def cancel(self, account: str, client_id: str) -> OrderReport:
        """Cancel an order."""
        return self._reported(await self._change(lambda: self.venue.cancel(account, client_id)))

    async def transfer(
        self, transfer_id: str, source: str, target: str, currency: str, coins: float
    ) -> TransferReport:
        """Move coins; it may be refused, or end unknown.

        Args: transfer_id, source, target, currency, coins: as `Venue.transfer` takes them.
        """
        if self.dice.falls("transfer_refused"):
            raise NotDone(f"{self.name}: transfers are suspended")
        ends = (source, target, currency, coins)
        return self._skewed(await self._change(lambda: self.venue.transfer(transfer_id, *ends)))

    async def find_transfer(self, transfer_id: str) -> TransferReport | None:
        """A transfer by its id."""
        found = await self._read(lambda: self.venue.find_transfer(transfer_id))
        return self._skewed(found) if found is not None else None

    async def check_setup(self, account: str) -> Sequence[SetupProblem]:
        """What is wrong with an account."""
        return await self._read(lambda: self.venue.check_setup(account))

    async def _read(self, call: Callable[[], Awaitable[T]]) -> T:
        """A read that may fail or come late."""
        self._reach(is_read=True)
        if self.dice.falls("failed_read"):
            raise NotDone(f"{self.name}: no answer")
        return await self._late(await call())

    async def _change(self, call: Callable[[], Awaitable[T]]) -> T:
        """A request that changes something: its outcome may stay unknown."""
        self._reach(is_read=False)
        if self.dice.falls("lost_request"):
            raise OutcomeUnknown(f"{self.name}: no answer")
        if self.dice.falls("late_request"):
            wait = int(self.dice.part("late_request") * self.faults.late_ns)
            task = asyncio.ensure_future(self._later(call, self._clock.now_ns() + wait))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
            raise OutcomeUnknown(f"{self.name}: no answer")
        answer = await call()
        if self.dice.falls("doubled_request"):
            answer = await call()
        if self.dice.falls("lost_answer"):
            raise OutcomeUnknown(f"{self.name}: no answer")
        return await self._late(answer)

    async def _later(self, call: Callable[[], Awaitable[object]], due_ns: int) -> None:
        """A request that arrives when nobody waits for its answer any more."""
        await self._clock.sleep_until(due_ns)
        with suppress(VenueError):
            await call()

    def _reach(self, is_read: bool) -> None:
        """Raise when the venue cannot be reached, or will not listen."""
        now = self._clock.now_ns()
        if now >= self._down_until_ns and self.dice.falls("outage"):
            part = self.dice.part("outage")
            self._down_until_ns = now + 1 + int(part * self.faults.outage_ns)
        if now < self._down_until_ns:
            text = f"{self.name}: cannot be reached"
            raise NotDone(text) if is_read else OutcomeUnknown(text)
        if self.dice.falls("rate_limited"):
            raise NotDone(f"{self.name}: too many calls", now + SECOND_NS)

    async def _late(self, answer: T) -> T:
        """An answer, perhaps after a while."""
        if self.dice.falls("delayed_answer"):
            wait = int(self.dice.part("delayed_answer") * self.faults.delay_ns)
            await self._clock.sleep_until(self._clock.now_ns() + wait)
        return answer

    async def _behind(self, account: str) -> None:
        """Close part or all of a position of an account that nobody asked to close."""
        venue: Any = self.venue
        if not hasattr(venue, "upset") or not self.dice.falls("closed_behind"):
            return
        upsettable: Upsettable = venue
        reason = BEHIND[int(self.dice.part("closed_behind") * len(BEHIND))]
        share = 1.0 if self.dice.part("closed_behind") < 0.5 else 0.5
        for contract in (await self.venue.statement(account)).positions:
            await upsettable.upset(account, contract, share, reason)

    async def _shortened(self, request: OrderRequest) -> OrderRequest:
        """The order as the venue will fill it: about half, in whole lots; the rest is cancelled."""
        for contract in await self.venue.specs():
            if contract.key == request.contract:
                lots = int(abs(request.contracts) / contract.lot / 2.0)
                least = contract.minimum if contract.minimum is not None else contract.lot
                if lots * contract.lot >= least and lots > 0:
                    size = math.copysign(lots * contract.lot, request.contracts)
                    self._cut[request.client_id] = request.contracts
                    return replace(request, contracts=size)
        return request

    def _reported(self, report: OrderReport) -> OrderReport:
        """A report with the size that was asked for, cancelled where the venue cut it."""
        shown = self._skewed(report)
        requested = self._cut.get(report.client_id)
        if requested is None:
            return shown
        outcome = "cancelled" if report.outcome == "filled" else report.outcome
        return replace(shown, contracts=requested, outcome=outcome)

    def _skewed(self, answer: Stamped) -> Stamped:
        """The same on the venue's wrong clock."""
        if self.dice.skew_ns == 0:
            return answer
        return replace(answer, stamp_ns=answer.stamp_ns + self.dice.skew_ns)
