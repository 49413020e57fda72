"""What a backtest, a paper venue and a desk's ledger say happened, as rows of one form."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from volsculpt.exchange.events import CLOSED, DELIVERED, FILLED, FUNDED
from volsculpt.ledger.events import CashBooked, Filled
from volsculpt.ledger.ledger import Ledger
from volsculpt.simulate.ran import Ran
from volsculpt.trade.paper.world import PaperExchange

KINDS = {FILLED: "trade", DELIVERED: "delivery", CLOSED: "liquidation", FUNDED: "funding"}


class Told(NamedTuple):
    """A fill, or the funding of a contract. size: contracts, or coins; fee: coins, + paid."""

    time_ns: int
    account: str
    what: str
    contract: str
    size: float
    price: float = 0.0
    fee: float = 0.0


def told_by_kernel(ran: Ran) -> list[Told]:
    """A backtest's; it stamps a liquidation with the bar it is in, a venue with that bar's end."""
    events, flat = ran.events.of(*KINDS), ran.lanes.flat
    found = []
    for place in range(len(events)):
        kind, leg, stamp = (int(one[place]) for one in (events.kind, events.row, events.stamp))
        account, contract = flat.legs[leg]
        one = Told(
            int(ran.stamp_ns[stamp + (kind == CLOSED)]),
            account,
            KINDS[kind],
            contract.key,
            float(events.size[place]),
        )
        if kind != FUNDED:
            usd = float(ran.market.open_index[stamp, flat.layout.legs.settle[leg], 0])
            fee = -float(events.fee[place]) / usd
            one = one._replace(price=float(events.price[place]), fee=fee)
        found += [one] if one.size != 0.0 else []
    return sorted(found)


def told_by_venue(world: PaperExchange) -> list[Told]:
    """A paper venue's rows."""
    return sorted(_of_venue(world))


def _of_venue(world: PaperExchange) -> Iterator[Told]:
    for name, rows in world.holdings.rows.items():
        for time_ns, row in zip(rows.times, rows.rows, strict=True):
            if isinstance(row, Filled):
                figures = (row.contracts, row.price, row.fee)
                yield Told(time_ns, name, row.reason, row.contract, *figures)
            elif row.reason == "funding":
                yield Told(time_ns, name, "funding", row.contract or "", row.coins)


def told_by_ledger(ledger: Ledger) -> list[Told]:
    """A desk's ledger's."""
    return sorted(_of_ledger(ledger))


def _of_ledger(ledger: Ledger) -> Iterator[Told]:
    for event in (entry.event for entry in ledger.entries(kinds=("fill", "cash"))):
        if isinstance(event, Filled):
            figures = (event.contracts, event.price, event.fee)
            yield Told(event.stamp_ns, event.account, event.reason, event.contract, *figures)
        elif isinstance(event, CashBooked) and event.reason == "funding":
            figures = (event.contract or "", event.coins)
            yield Told(event.stamp_ns, event.account, "funding", *figures)


def check_told(one: list[Told], other: list[Told]) -> None:
    """Both are one list: when, where, what and how much, to a billionth of it."""
    assert [row[:4] for row in one] == [row[:4] for row in other]
    for here, there in zip(one, other, strict=True):
        assert here[4:] == pytest.approx(there[4:], rel=1e-9, abs=1e-15)
