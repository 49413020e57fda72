"""What happened in a finished run, as the events that a desk's ledger keeps, in order of booking.

A run keeps rows of numbers (`log.py`); here they are what a venue would report and a desk would
write of the same: intents and what became of them, fills, cash, transfers, flows, and what each
hedge decided. What a backtest alone knows of an event stands beside it (`Valued`).
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from volsculpt.book.coming import is_coming
from volsculpt.contracts.orders import is_reduction
from volsculpt.contracts.payoff import trade
from volsculpt.contracts.refusals import refusal
from volsculpt.decide.causes import Judged, order_cause
from volsculpt.decide.rules import IN_BAND, Rules
from volsculpt.exchange import events as kinds
from volsculpt.exchange.cancel import BY_DECISION, BY_DELIVERY, BY_LIQUIDATION
from volsculpt.ledger.events import (
    Acknowledged,
    CashBooked,
    Converted,
    Filled,
    FlowBooked,
    Intended,
    OrderOutcome,
    TransferNoted,
)
from volsculpt.ledger.hedges import HedgeDecided
from volsculpt.simulate.happened import EventColumns
from volsculpt.simulate.ran import Ran
from volsculpt.simulate.record import Happened, Valued

SWEEP = "sweep"  # what ids of transfers begin with that carry funding on
NOT_OWN = "settled of contracts that are not own"
TAKEN_BACK = {
    BY_DECISION: "asked for",
    BY_DELIVERY: "the contract was delivered",
    BY_LIQUIDATION: "the position was liquidated",
}
AFTER_FLOWS = (kinds.ARRIVED, kinds.FILLED, kinds.REFUSED, kinds.TAKEN, kinds.CLOSED)


class LogRow(NamedTuple):
    """One row of what a run kept; see `exchange.events`. place: among all of them."""

    place: int
    kind: int
    row: int
    code: int
    moment: int
    size: float
    price: float
    usd: float
    fee: float
    moved: float
    charge: float

    @property
    def stamp(self) -> int:
        """Its stamp, by number."""
        return (self.moment + 1) // 2


def valued_events(ran: Ran) -> list[Valued[Happened]]:
    """All that happened in a run, as a ledger keeps it, in order of booking.

    Each with its time and with what only a backtest knows of it.
    """
    telling = _Telling(ran)
    return [one for row in rows_in_order(ran) for one in telling.of(row)]


def rows_in_order(ran: Ran) -> list[LogRow]:
    """Every row, with an empty one where flows of a stamp add up to nothing, at its place."""
    columns = [getattr(ran.events, name).tolist() for name in EventColumns.__dataclass_fields__]
    rows = [LogRow(place, *row) for place, row in enumerate(zip(*columns, strict=True))]
    found = {(row.stamp, row.row) for row in rows if row.kind == kinds.FLOWED}
    lacking = sorted({*ran.dated} - found)
    if not lacking:
        return rows
    rows += [
        LogRow(place, kinds.FLOWED, wallet, 0, 2 * stamp, *[0.0] * 6)
        for place, (stamp, wallet) in enumerate(lacking, len(rows))
    ]
    return sorted(rows, key=lambda row: (row.moment, row.kind in AFTER_FLOWS or _dies(row)))


def _dies(row: LogRow) -> bool:
    """Whether a row is of a liquidation."""
    is_dropped = row.kind == kinds.CANCELLED and row.code == BY_LIQUIDATION
    return row.kind == kinds.LIQUIDATED or is_dropped


class _Telling:
    """The fold over rows: orders that are alive, costs of positions, coins on their way."""

    def __init__(self, ran: Ran) -> None:
        flat = ran.lanes.flat
        self.ran, self.flat, self.legs = ran, flat, flat.layout.legs
        self.held, self.cost = list(flat.state.contracts), list(flat.state.cost)
        self.alive: dict[int, Intended] = {}  # by leg
        self.on_way: dict[int, list[tuple[TransferNoted, int]]] = {}  # by group, with the stamp
        self.left: dict[int, tuple[float, float]] = {}  # by wallet: coins, US dollars of one
        self.judged: list[Judged] = []
        self.moment, self.received = 0, 0.0  # coins of the funding told last
        terms = ran.lanes.arguments[2][0]
        self.costs, self.takes = terms["transfer_cost"].tolist(), terms["transfer_delay"].tolist()
        self.how: dict[int, Callable[[LogRow], Iterator[Valued[Happened]]]] = {
            kinds.FILLED: self.filled,
            kinds.REFUSED: self.refused,
            kinds.DELIVERED: self.delivered,
            kinds.FUNDED: self.funded,
            kinds.SWEPT: self.swept,
            kinds.SETTLED: self.settled,
            kinds.FLOWED: self.flowed,
            kinds.ARRIVED: self.arrived,
            kinds.TAKEN: self.taken,
            kinds.CLOSED: self.closed,
            kinds.LIQUIDATED: self.liquidated,
            kinds.SENT: self.sent,
            kinds.ORDERED: self.ordered,
            kinds.DECIDED: self.decided,
            kinds.CANCELLED: self.cancelled,
        }

    def of(self, row: LogRow) -> Iterator[Valued[Happened]]:
        """What a row tells; margin posted within an account tells nothing."""
        if row.moment != self.moment:
            self.moment, self.judged = row.moment, []
        if row.kind in self.how:
            yield from self.how[row.kind](row)

    def time_ns(self, stamp: int) -> int:
        """A stamp, or the last one, ns UTC."""
        return int(self.ran.stamp_ns[min(stamp, len(self.ran.stamp_ns) - 1)])

    def mark(self, leg: int, stamp: int) -> float:
        """The mark that a decision at a stamp saw."""
        market = self.ran.market
        if stamp == 0:
            return float(market.open_mark[leg, 0, 0])
        return float(market.close_mark[leg, 0, stamp - 1])

    def usd(self, currency: int, stamp: int) -> float:
        """US dollars of a currency at which what is booked at a stamp is counted."""
        market = self.ran.market
        if stamp < market.open_index.shape[2]:
            return float(market.open_index[currency, 0, stamp])
        return float(market.close_index[currency, 0, -1])

    # --- decisions and orders ---------------------------------------------------------------

    def decided(self, row: LogRow) -> Iterator[Valued[Happened]]:
        """What one hedge held and wanted."""
        hedge, rules = row.row, self.ran.lanes.rules
        self.judged.append((hedge, row.code, row.size, row.price))
        name = self.flat.currencies[rules.hedge_currency[hedge]]
        is_inside = bool(row.code & IN_BAND)
        yield Valued(HedgeDecided(name, row.size, row.price, is_inside), self.time_ns(row.stamp))

    def ordered(self, row: LogRow) -> Iterator[Valued[Happened]]:
        """An order leaves, with what it came from; it is sent at the market."""
        leg, flat = row.row, self.flat
        account, contract = flat.legs[leg]
        rules = rules_at(self.ran, row.stamp)
        why = (self.legs.base[leg], row.code, self.judged)
        intended = Intended(
            client_id=str(row.place),
            account=account,
            contract=contract.key,
            contracts=row.size,
            reduce_only=is_reduction(self.held[leg] + flat.state.others[leg], row.size) == 1,
            way="market",
            limit_price=None,
            reference_price=self.mark(leg, row.stamp),
            decision=row.stamp,
            cause=order_cause(rules, flat.currencies, *why),
        )
        self.alive[leg] = intended
        yield Valued(intended, self.time_ns(row.stamp))

    def ended(
        self, row: LogRow, outcome: OrderOutcome, filled: float = 0.0, why: str = ""
    ) -> Iterator[Valued[Happened]]:
        """The venue's last word on the order of a leg.

        Args: outcome: of it; filled: contracts, signed; why: in the venue's words.
        """
        order = self.alive.pop(row.row, None)
        if order is not None:
            time_ns = self.time_ns(row.stamp)
            final = Acknowledged(order.client_id, outcome, filled, None, why, time_ns)
            yield Valued(final, time_ns, price=row.price)

    def refused(self, row: LogRow) -> Iterator[Valued[Happened]]:
        """An order that was due and not taken, and why."""
        contract = self.flat.legs[row.row][1]
        why = refusal(contract, row.code, row.size, row.price, contract.orders.most)
        yield from self.ended(row, "rejected", 0.0, why)

    def cancelled(self, row: LogRow) -> Iterator[Valued[Happened]]:
        """An order that was taken back, or ended with its contract or position."""
        late = int(row.code == BY_LIQUIDATION)
        own = row._replace(moment=row.moment + 2 * late)
        yield from self.ended(own, "cancelled", 0.0, TAKEN_BACK[row.code])

    # --- fills ------------------------------------------------------------------------------

    def filled(self, row: LogRow) -> Iterator[Valued[Happened]]:
        """An order fills, whole."""
        leg, order = row.row, self.alive.get(row.row)
        terms = (self.legs.payoff[leg], self.legs.multiplier[leg])
        booked = trade(*terms, self.held[leg], self.cost[leg], row.size, row.price)
        self.held[leg], self.cost[leg], _ = booked
        ids = (str(row.place), None if order is None else order.client_id)
        where, time_ns = self.flat.legs[leg], self.time_ns(row.stamp)
        fill = Filled.of(where, row.size, row.price, row.charge, time_ns, ids)
        yield Valued(fill, time_ns, row.usd, row.fee, row.moved)
        yield from self.ended(row, "filled", row.size)

    def delivered(self, row: LogRow) -> Iterator[Valued[Happened]]:
        """A contract is settled."""
        leg, time_ns = row.row, self.time_ns(row.stamp)
        self.held[leg], self.cost[leg] = 0.0, 0.0
        figures = (row.size, row.price, row.charge, time_ns, (str(row.place), None))
        fill = Filled.of(self.flat.legs[leg], *figures, "delivery")
        yield Valued(fill, time_ns, row.usd, row.fee)

    # --- liquidations: known at the end of their bar ------------------------------------------

    def taken(self, row: LogRow) -> Iterator[Valued[Happened]]:
        """Coins of a group that is liquidated: told once its contracts are closed."""
        self.left[row.row] = (-row.size, row.price)
        yield from ()

    def closed(self, row: LogRow) -> Iterator[Valued[Happened]]:
        """A position of it is closed at its mark; its profit is of the coins that are taken."""
        leg, time_ns = row.row, self.time_ns(row.stamp + 1)
        terms = (self.legs.payoff[leg], self.legs.multiplier[leg])
        gained = trade(*terms, self.held[leg], self.cost[leg], row.size, row.price)[2]
        posted, label = self.legs.posted_wallet[leg], self.flat.groups[self.legs.group[leg]]
        wallet = posted if posted >= 0 else self.legs.cash_wallet[leg]
        coins, usd = self.left[wallet]
        self.left[wallet] = (coins + gained, usd)
        self.held[leg], self.cost[leg] = 0.0, 0.0
        if row.size != 0.0:
            figures = (row.size, row.price, 0.0, time_ns, (str(row.place), None))
            fill = Filled.of(self.flat.legs[leg], *figures, "liquidation")
            yield Valued(fill, time_ns, row.usd, group=label.group)

    def liquidated(self, row: LogRow) -> Iterator[Valued[Happened]]:
        """What is left of the group's coins is gone."""
        time_ns, group = self.time_ns(row.stamp + 1), self.flat.groups[row.row].group
        for wallet, (coins, usd) in self.left.items():
            if coins != 0.0:
                label, name = self.flat.wallets[wallet], f"{row.place}|{wallet}"
                own = (name, label.account, label.asset, -coins)
                cash = CashBooked(*own, "insurance", time_ns)
                yield Valued(cash, time_ns, -coins * usd, price=usd, group=group)
        self.left = {}

    # --- cash -------------------------------------------------------------------------------

    def funded(self, row: LogRow) -> Iterator[Valued[Happened]]:
        """Funding, + received."""
        account, contract = self.flat.legs[row.row]
        time_ns = self.time_ns(row.stamp)
        own = (str(row.place), account, contract.settle, row.size)
        self.received = row.size
        cash = CashBooked(*own, "funding", time_ns, contract.key)
        yield Valued(cash, time_ns, row.usd, price=row.price)

    def swept(self, row: LogRow) -> Iterator[Valued[Happened]]:
        """Funding goes on to another account, sold there where it is kept in another coin."""
        account, contract = self.flat.legs[row.row]
        wallet, time_ns = self.legs.funding_wallet[row.row], self.time_ns(row.stamp)
        label, there = self.flat.wallets[wallet], self.flat.layout.wallet_currency[wallet]
        coins, cost, name = self.received + row.size, -row.size, f"{SWEEP}|{row.place}"
        ends = (account, label.account, contract.settle)
        noted = TransferNoted(name, *ends, coins, cost, "arrived", stamp_ns=time_ns)
        yield Valued(noted, time_ns, row.usd, price=row.price)
        if there != self.legs.settle[row.row]:
            bought = coins * row.price / self.usd(there, row.stamp)
            sold = (label.account, contract.settle, coins, label.asset, bought)
            yield Valued(Converted(name, *sold, time_ns), time_ns, coins * row.price)

    def settled(self, row: LogRow) -> Iterator[Valued[Happened]]:
        """Coins of a delivered position that is not own come into the account."""
        account, contract = self.flat.legs[row.row]
        time_ns = self.time_ns(row.stamp)
        own = (str(row.place), account, contract.settle, row.size, NOT_OWN, time_ns)
        yield Valued(FlowBooked(*own), time_ns, row.usd, price=row.price)

    def flowed(self, row: LogRow) -> Iterator[Valued[Happened]]:
        """Interest of a loan, then each dated flow of the stamp.

        What an account begins or ends to keep stays in it, and what comes into sight is not there
        yet: nothing flows then.
        """
        stamp, wallet = row.stamp, row.row
        label, time_ns = self.flat.wallets[wallet], self.time_ns(stamp)
        usd = self.usd(self.flat.layout.wallet_currency[wallet], stamp)
        owed = float(self.ran.interest[stamp, wallet]) if len(self.ran.interest) else 0.0
        if owed != 0.0 and not is_coming(label):
            own = (str(row.place), label.account, label.asset, owed)
            yield Valued(CashBooked(*own, "interest", time_ns), time_ns, owed * usd, price=usd)
        for count, coins in enumerate(self.ran.dated.get((stamp, wallet), ())):
            flow = (f"{row.place}|{count}", label.account, label.asset, coins, "a dated flow")
            yield Valued(FlowBooked(*flow, time_ns), time_ns, coins * usd, price=usd)

    # --- transfers --------------------------------------------------------------------------

    def sent(self, row: LogRow) -> Iterator[Valued[Happened]]:
        """Coins leave a source, or a group."""
        rules, flat = rules_at(self.ran, row.stamp), self.flat
        group = next(one for one in range(len(flat.groups)) if row.row < rules.source_to[one])
        ends = (flat.wallets[rules.source_wallet[row.row]].account, flat.groups[group].account)
        source, target = ends if row.size > 0.0 else ends[::-1]
        name, time_ns = flat.currencies[rules.move_currency[group]], self.time_ns(row.stamp)
        own = (str(row.place), source, target, name, abs(row.size), self.costs[group])
        noted = TransferNoted(*own, "sent", stamp_ns=time_ns)
        self.on_way.setdefault(group, []).append((noted, row.stamp))
        yield Valued(noted, time_ns, row.usd, price=row.price)

    def arrived(self, row: LogRow) -> Iterator[Valued[Happened]]:
        """Coins are there, so many steps after they left."""
        for noted, since in self.on_way.pop(row.row, []):
            time_ns = self.time_ns(since + self.takes[row.row])
            yield Valued(noted.then("arrived", stamp_ns=time_ns), time_ns)


def rules_at(ran: Ran, stamp: int) -> Rules:
    """The rules that were in force when the decision of a stamp was made. stamp: its number."""
    return next(rules for first, rules in reversed(ran.in_force) if first <= stamp or first == 0)
