"""What a backtest, a paper venue and a desk's ledger say happened: lists of the same events.

Interest is in those of a backtest and of a ledger: no venue states a loan.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from volsculpt.exchange.events import FUNDED
from volsculpt.ledger.events import CashBooked, Filled
from volsculpt.ledger.ledger import Ledger
from volsculpt.simulate.ran import Ran
from volsculpt.simulate.recorded import fills
from volsculpt.trade.paper.world import PaperExchange

Told = Filled | CashBooked


def told_by_kernel(ran: Ran) -> list[Told]:
    """A backtest's fills, funding and interest."""
    funded, legs = ran.events.of(FUNDED), ran.lanes.flat.legs
    paid = []
    for place, leg in enumerate(funded.row.tolist()):
        account, contract = legs[leg]
        coins, stamp = float(funded.size[place]), int(ran.stamp_ns[funded.stamp[place]])
        one = CashBooked("", account, contract.settle, coins, "funding", stamp, contract.key)
        paid += [one] if coins != 0.0 else []
    return unnamed([*fills(ran), *paid, *_interest(ran)])


def _interest(ran: Ran) -> list[Told]:
    """Interest of loans, as a run added it to what was owed."""
    found: list[Told] = []
    for step, wallet in zip(*np.nonzero(ran.interest), strict=True):
        label, coins = ran.lanes.flat.wallets[wallet], float(ran.interest[step, wallet])
        own = (label.account, label.asset, coins, "interest", int(ran.stamp_ns[step]))
        found.append(CashBooked("", *own))
    return found


def told_by_venue(world: PaperExchange) -> list[Told]:
    """A paper venue's."""
    return unnamed(row for rows in world.holdings.rows.values() for row in rows.rows)


def told_by_ledger(ledger: Ledger) -> list[Told]:
    """A desk's ledger's."""
    return unnamed(entry.event for entry in ledger.entries(kinds=("fill", "cash")))


def unnamed(events: Iterable[object]) -> list[Told]:
    """Fills, funding and interest in order of time and place, without the names they were given."""
    found: list[Told] = []
    for event in events:
        if isinstance(event, Filled):
            found.append(replace(event, lot_id="", client_id=None))
        elif isinstance(event, CashBooked) and event.reason in ("funding", "interest"):
            found.append(replace(event, cash_id=""))
    return sorted(found, key=_place)


def _place(event: Told) -> tuple[int, str, str, str, float]:
    size = event.contracts if isinstance(event, Filled) else event.coins
    return event.stamp_ns, event.account, event.reason, event.contract or "", size
