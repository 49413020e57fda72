"""The paper venue: `Venue` over a world. It never fails by chance; `faults.py` sees to that."""

from collections import deque
from collections.abc import Sequence

from volsculpt.contracts.spec import Contract
from volsculpt.ledger.events import FillReason
from volsculpt.trade.clock import Clock
from volsculpt.trade.paper.commands import Commands
from volsculpt.trade.paper.matching import Moment
from volsculpt.trade.paper.world import PaperExchange
from volsculpt.trade.venue import (
    NotDone,
    OrderReport,
    OrderRequest,
    SetupProblem,
    Statement,
    TransferReport,
    VenueActivity,
    VenuePrice,
)


class PaperVenue:
    """One exchange of a paper world. name None: all exchanges of the world at once.

    Several may stand on the same commands: a world with accounts at two exchanges.
    """

    def __init__(
        self, commands: Commands | PaperExchange, clock: Clock, name: str | None = None
    ) -> None:
        self.name = name or "paper"
        self._commands = Commands(commands) if isinstance(commands, PaperExchange) else commands
        self.world = self._commands.world
        self._clock, self._terms = clock, self.world.terms
        self._contracts = {
            contract.key: (row, contract)
            for row, (_, contract) in enumerate(self.world.holdings.flat.legs)
            if name is None or contract.venue == name
        }
        self._calls: deque[int] = deque()

    async def specs(self) -> Sequence[Contract]:
        """Contracts it lists."""
        await self._enter()
        return [contract for _, contract in self._contracts.values()]

    async def time_ns(self) -> int:
        """The venue's own clock."""
        return await self._enter() + self._terms.skew_ns

    async def prices(self, contracts: Sequence[str]) -> Sequence[VenuePrice]:
        """Prices of contracts; one it does not know is left out."""
        moment = self.world.moment(await self._enter())
        existing = [key for key in contracts if key in self._contracts]
        return [self._price(key, self._contracts[key][0], moment) for key in existing]

    def _price(self, key: str, leg: int, moment: Moment) -> VenuePrice:
        """The prices of one contract."""
        feed, legs = self.world.feed, self.world.holdings.layout.legs
        bid, ask = self.world.matching.best(leg, moment)
        index_usd = moment.quote.index_usd
        return VenuePrice(
            key,
            moment.quote.mark[leg],
            index_usd[legs.base[leg]],
            bid,
            ask,
            feed.observed_ns(moment.step, leg, moment.time_ns) + self._terms.skew_ns,
            feed.rate(moment.step, leg),
            index_usd[legs.quote[leg]],
            index_usd[legs.settle[leg]],
        )

    async def statement(self, account: str) -> Statement:
        """Balances and positions of one account, read at one moment."""
        now = await self._enter()
        self._require_account(account)
        holdings = self.world.holdings
        return Statement(
            account,
            holdings.balances(account),
            holdings.positions(account),
            now + self._terms.skew_ns,
            holdings.margins(account),
        )

    async def open_orders(self, account: str) -> Sequence[OrderReport]:
        """Orders of an account that may still fill."""
        await self._enter()
        self._require_account(account)
        return [
            order.report(self._terms.skew_ns)
            for order in self.world.alive.values()
            if order.request.account == account
        ]

    async def activity(self, account: str, cursor: str | None) -> VenueActivity:
        """Fills and cash since a cursor of an earlier answer; None: all it still keeps."""
        now = await self._enter()
        self._require_account(account)
        kept = max(self.world.feed.stamps[0], now - self._terms.history_ns)
        return self.world.holdings.rows[account].since(cursor, kept, self._terms.skew_ns)

    async def find_order(self, account: str, client_id: str) -> OrderReport | None:
        """An order by its client id; None: not there now (it may still arrive)."""
        await self._enter()
        order = self._commands.find(account, client_id)
        return order.report(self._terms.skew_ns) if order is not None else None

    async def send(self, request: OrderRequest) -> OrderReport:
        """Send an order. NotDone: it does not exist."""
        now = await self._enter()
        return self._commands.send(request, now).report(self._terms.skew_ns)

    async def cancel(self, account: str, client_id: str) -> OrderReport:
        """Cancel an order; its report afterwards, which may be that it filled first."""
        now = await self._enter()
        return self._commands.cancel(account, client_id, now).report(self._terms.skew_ns)

    async def transfer(
        self, transfer_id: str, source: str, target: str, currency: str, coins: float
    ) -> TransferReport:
        """Move coins between two accounts of the owner; the same id twice is one transfer.

        The cost comes out of what leaves. Within an account coins move at once and at no cost.

        Args: transfer_id: the sender's; source, target: accounts, "account|symbol" is the margin of
        an isolated position; currency: its name; coins: > 0.
        """
        now = await self._enter()
        transfer = self._commands.transfer(transfer_id, source, target, currency, coins, now)
        return transfer.report(self._terms.skew_ns)

    async def find_transfer(self, transfer_id: str) -> TransferReport | None:
        """A transfer by its id; None: not there now."""
        await self._enter()
        existing = self.world.transfers.by_id.get(transfer_id)
        return existing.report(self._terms.skew_ns) if existing is not None else None

    async def check_setup(self, account: str) -> Sequence[SetupProblem]:
        """A paper account is always set up as the mandate says."""
        await self._enter()
        self._require_account(account)
        return []

    async def upset(
        self, account: str, contract: str, share: float, reason: FillReason = "trade"
    ) -> bool:
        """Close a share of a position behind the desk's back: by hand, or as the reason says.

        Args: account, contract: names; share: of the position, 0.0 to 1.0; reason: of the fills.
        """
        now = self._clock.now_ns()
        self.world.pass_time(now)
        return self._commands.upset(account, contract, share, reason, now)

    async def _enter(self) -> int:
        """Wait for the answer's way, refuse what is too much, let time pass; the time."""
        if self._terms.answer_latency_ns > 0:
            await self._clock.sleep_until(self._clock.now_ns() + self._terms.answer_latency_ns)
        now = self._clock.now_ns()
        self.world.pass_time(now)
        for start, end in self._terms.outages:
            if start <= now < end:
                raise NotDone(f"{self.name} does not answer", end)
        if self._terms.calls is not None:
            self._count(self._terms.calls, now)
        return now

    def _count(self, most: int, now_ns: int) -> None:
        """Refuse a call beyond so many in a window."""
        while self._calls and self._calls[0] <= now_ns - self._terms.window_ns:
            self._calls.popleft()
        if len(self._calls) >= most:
            retry = self._calls[0] + self._terms.window_ns
            raise NotDone(f"{self.name}: more than {most} calls", retry)
        self._calls.append(now_ns)

    def _require_account(self, account: str) -> None:
        """Refuse an account that is not there."""
        if account not in self.world.holdings.rows:
            raise NotDone(f"no account '{account}' here")
