"""What a backtest, a paper venue and a desk's ledger say happened: lists of the same events."""

from collections.abc import Iterable
from dataclasses import replace

from volsculpt.exchange.events import FUNDED
from volsculpt.ledger.events import CashBooked, Filled
from volsculpt.ledger.ledger import Ledger
from volsculpt.simulate.ran import Ran
from volsculpt.simulate.recorded import fills
from volsculpt.trade.paper.world import PaperExchange

Told = Filled | CashBooked


def told_by_kernel(ran: Ran) -> list[Told]:
    """A backtest's fills and funding."""
    funded, legs = ran.events.of(FUNDED), ran.lanes.flat.legs
    paid = []
    for place, leg in enumerate(funded.row.tolist()):
        account, contract = legs[leg]
        coins, stamp = float(funded.size[place]), int(ran.stamp_ns[funded.stamp[place]])
        one = CashBooked("", account, contract.settle, coins, "funding", stamp, contract.key)
        paid += [one] if coins != 0.0 else []
    return unnamed([*fills(ran), *paid])


def told_by_venue(world: PaperExchange) -> list[Told]:
    """A paper venue's."""
    return unnamed(row for rows in world.holdings.rows.values() for row in rows.rows)


def told_by_ledger(ledger: Ledger) -> list[Told]:
    """A desk's ledger's."""
    return unnamed(entry.event for entry in ledger.entries(kinds=("fill", "cash")))


def unnamed(events: Iterable[object]) -> list[Told]:
    """Fills and funding in order of time and place, without the names a venue or a desk gives."""
    found: list[Told] = []
    for event in events:
        if isinstance(event, Filled):
            found.append(replace(event, lot_id="", client_id=None))
        elif isinstance(event, CashBooked) and event.reason == "funding":
            found.append(replace(event, cash_id=""))
    return sorted(found, key=_place)


def _place(event: Told) -> tuple[int, str, str, str, float]:
    size = event.contracts if isinstance(event, Filled) else event.coins
    return event.stamp_ns, event.account, event.reason, event.contract or "", size
