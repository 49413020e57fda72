"""Coins of accounts that no venue states: as the mandate says at first, then its changes. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from volsculpt.book.holdings import Flow
from volsculpt.ledger.books import Books
from volsculpt.ledger.events import Event, FlowBooked, Stated
from volsculpt.mandate.flows import flow_times

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


def due_flows(
    flows: Iterable[Flow], books: Books, stated: Iterable[str], now_ns: int
) -> Iterator[FlowBooked]:
    """Dated flows of accounts that no venue states, once their date is past.

    They are looked for from the last decision on; one dated this very moment comes with the next.

    Args: flows: of the mandate; stated: accounts that venues state; now_ns: ns UTC.
    """
    since_ns = books.last_decision_ns
    if since_ns is None:
        return
    elsewhere = set(stated)
    for flow in flows:
        if flow.account in elsewhere or flow.account not in books.adopted:
            continue
        for stamp in flow_times(flow, since_ns - 1, now_ns - 1):
            name = f"{flow.account}|{flow.currency}|{stamp}"
            event = FlowBooked(name, flow.account, flow.currency, flow.amount, "a dated flow")
            if not books.is_booked(event):
                yield event
