"""Coins of accounts that no venue states: as the mandate says at first, then its changes. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from volsculpt.book.holdings import Account, Flow
from volsculpt.book.loans import interest_due
from volsculpt.ledger.books import Books
from volsculpt.ledger.events import CashBooked, Event, FlowBooked, Stated
from volsculpt.mandate.flows import flow_times, flows_from
from volsculpt.mandate.objects import Mandate
from volsculpt.trade.observe.recall import Recall
from volsculpt.units import DAY_NS

Coins = Mapping[str, Mapping[str, float]]  # account -> coins by asset


def declared_events(books: Books, declared: Coins, before: Coins, now_ns: int) -> Iterator[Event]:
    """What a start books.

    Worked: 2 BTC declared and adopted, now 2.5: a flow of + 0.5, whatever has moved since.

    Args: declared, before: coins by account and asset, as the mandate has them now and had them at
    the start before; now_ns: ns UTC.
    """
    for name, coins in declared.items():
        if name not in books.adopted:
            yield Stated(name, dict(coins), {}, now_ns, adopted=True)
            continue
        was = before.get(name, {})
        for asset in sorted({*coins, *was}):
            change = coins.get(asset, 0.0) - was.get(asset, 0.0)
            if change != 0.0:
                note = "the mandate was changed"
                yield FlowBooked(f"{name}|{asset}|{now_ns}", name, asset, change, note)


def due_events(
    mandate: Mandate, books: Books, recall: Recall, stated: Collection[str], now_ns: int
) -> Iterator[Event]:
    """Dated flows and interest of accounts that no venue states, once their moment is past.

    They are looked for from the last decision on, in order of time; what is dated this very moment
    comes with the next. Interest is added to what is owed at midnight UTC, before the flows of that
    moment, as a backtest does.

    Args: recall: of the ledger; stated: accounts that venues state; now_ns: ns UTC.
    """
    begun = {
        name: max(one.stamp_ns, recall.begun_ns)
        for name, one in recall.adopted.items()
        if name not in stated
    }
    since = {name: max(books.last_decision_ns or 0, begun_ns) for name, begun_ns in begun.items()}
    flows, accounts = flows_from(mandate, recall.begun_ns), mandate.book.accounts
    dues = [*flows_due(flows, since, now_ns), *_midnights(accounts, since, begun, now_ns)]
    owed = dict(books.balances)
    for due in sorted(dues, key=lambda one: (one.time_ns, one.rate is None)):
        place = (due.account, due.currency)
        event = due.event(owed.get(place, 0.0))
        if event.coins != 0.0 and not books.is_booked(event):
            owed[place] = owed.get(place, 0.0) + event.coins
            yield event


@dataclass(frozen=True, slots=True)
class Due:
    """Coins that are due. rate, spent_ns: of interest; None: coins that flow, the count-th then."""

    time_ns: int
    account: str
    currency: str
    coins: float = 0.0
    count: int = 1
    rate: float | None = None
    spent_ns: int = 0

    @property
    def flow(self) -> FlowBooked:
        """What is booked of coins that flow."""
        name = f"{self.account}|{self.currency}|{self.time_ns}"
        name = name if self.count == 1 else f"{name}|{self.count}"
        own = (name, self.account, self.currency, self.coins)
        return FlowBooked(*own, "a dated flow", self.time_ns)

    def event(self, held: float) -> FlowBooked | CashBooked:
        """What is booked. held: coins just before, - is owed."""
        if self.rate is None:
            return self.flow
        name = f"{self.account}|{self.currency}|{self.time_ns}"
        coins = interest_due(held, self.rate, self.spent_ns)
        own = (f"{CashBooked.OWN}{name}", self.account, self.currency, coins)
        return CashBooked(*own, "interest", self.time_ns)


def flows_due(flows: Iterable[Flow], since: Mapping[str, int], now_ns: int) -> Iterator[Due]:
    """The flows of each account from a time on; those of one moment are counted."""
    counts: Counter[tuple[int, str, str]] = Counter()
    for flow in flows:
        if flow.account not in since:
            continue
        for stamp in flow_times(flow, since[flow.account] - 1, now_ns - 1):
            place = (stamp, flow.account, flow.currency)
            counts[place] += 1
            yield Due(*place, flow.amount, counts[place])


def _midnights(
    accounts: Iterable[Account], since: Mapping[str, int], begun: Mapping[str, int], now_ns: int
) -> Iterator[Due]:
    """The ends of days at which loans bear interest, each for the part of the day that was owed.

    Args: since: from when, by account; begun: when its books begin; now_ns: ns UTC.
    """
    for account in accounts:
        if account.loan is None or account.name not in since:
            continue
        first = -(-since[account.name] // DAY_NS) * DAY_NS
        for midnight in range(first, now_ns, DAY_NS):
            spent_ns = min(DAY_NS, midnight - begun[account.name])
            for currency, rate in account.loan.interest.items():
                if spent_ns > 0:
                    place = (midnight, account.name, currency)
                    yield Due(*place, rate=rate, spent_ns=spent_ns)
