"""What comes next, in words: how far a coin may move until something is traded or moved.

Of its own, so that a status need not load the page and the rows of a plan.
"""

from collections.abc import Sequence

from volsculpt.report.document import Line, Section
from volsculpt.text import amount, contracts, found_price, given, moment, percent, price
from volsculpt.watch.at_once import NextNowRow
from volsculpt.watch.coming_events import EventRow, event_coins_words
from volsculpt.watch.next_change import Ahead, NextChangeRow, NextOrder, UnprovenRow

MOST_ORDERS = 10  # told of one change; the largest stand first
LEGEND = (
    "how far one coin may move until something is traded or moved again, {when}: targets as they "
    "are, nothing else moving, funding aside."
)
FIRST = "at once"  # before any price moves
AFTER_THAT = " At once: what the next look does before any price moves; the rest follows it."


def ahead_section(ahead: Ahead, when: str) -> Section:
    """The changes ahead as bullets, none where there are none. when: of which book it is said."""
    lines = [Line(now_line(row), "bullet") for row in ahead.now]
    lines += [Line(change_line(row), "bullet") for row in ahead.changes]
    lines += [Line(unproven_line(row), "bullet") for row in ahead.unproven]
    lines += [Line(unknown_line(coin), "bullet") for coin in ahead.unknown]
    legend = LEGEND.format(when=when) + (AFTER_THAT if ahead.now else "")
    return Section("What comes next", [*lines, Line(legend, "legend")] if lines else [])


EVENT_LEGEND = (
    "what dated overlays ask for that have not begun, decided ahead at the prices of now; each is "
    "decided anew when it begins."
)


def events_section(rows: Sequence[EventRow]) -> Section:
    """Hedges that begin later, and what they need by then; nothing where none does."""
    lines = [line for row in rows for line in event_lines(row)]
    return Section("What begins later", [*lines, Line(EVENT_LEGEND, "legend")] if lines else [])


def event_lines(row: EventRow) -> list[Line]:
    """One event: when, which hedges, the coins by then and the orders when it begins."""
    changed = ", ".join(
        f"{one.underlying} {given(one.ratio_before, percent)} -> {percent(one.ratio)}"
        for one in row.hedges
    )
    head = f"{moment(row.begins)}, until {moment(row.ends)}: {changed} hedged"
    lines = [Line(head, "head")]
    for coins in row.coins:
        when = "when it begins" if coins.planned else "before it"
        lines.append(Line(f"{when} {event_coins_words(coins)}", "bullet"))
    for order in row.orders:
        words = order_words(NextOrder(order.account, order.contract or "", order.contracts or 0.0))
        lines.append(Line(f"then {words}", "bullet"))
    return lines


def now_line(row: NextNowRow) -> str:
    """What is done at once. Worked: "at once: move 0.6164 ETH back from futures"."""
    if row.contract is not None:
        order = NextOrder(row.account, row.contract, row.contracts or 0.0)
        return f"{FIRST}: {order_words(order)}"
    return f"{FIRST}: {_moved_words(row.coins or 0.0, row.currency, row.account)}"


def unknown_line(coin: str) -> str:
    """That nothing can be told of a coin whose price or balance is not known."""
    return f"{coin}: not told, as its price or what is held of it is not known now"


def _moved_words(coins: float, currency: str | None, account: str) -> str:
    """Worked: 0.1 ETH in is "move 0.1 ETH to futures"."""
    way = f"to {account}" if coins > 0.0 else f"back from {account}"
    return f"move {amount(abs(coins), currency or '')} {way}"


def order_words(order: NextOrder, with_account: bool = True) -> str:
    """One order. with_account: where one contract is traded in several accounts."""
    side = "buy" if order.contracts > 0.0 else "sell"
    where = f" on {order.account}" if with_account else ""
    return f"{side} {contracts(abs(order.contracts))} of {order.contract}{where}"


def change_line(row: NextChangeRow) -> str:
    """One change ahead in words, all its orders.

    Worked: "BTC above 72,380 USD (+20.6 %): sell 6,022 contracts of BTC/USD:BTC and buy 3 contracts
    of ETH/USD:ETH".
    """
    where = f"{row.coin or 'all coins'} {row.side} {_price_words(row)}"
    if row.orders:
        is_shared = len({one.contract for one in row.orders}) < len(row.orders)
        orders = [order_words(one, is_shared) for one in row.orders[:MOST_ORDERS]]
        more = len(row.orders) - len(orders)
        orders += [f"{more:,} more orders"] if more > 0 else []
        return f"{where}: {' and '.join(orders)}"
    return f"{where}: {_moved_words(row.coins or 0.0, row.currency, row.account)}"


def unproven_line(row: UnprovenRow) -> str:
    """A side on which no change was found and none is ruled out.

    Worked: "BTC below: nothing found down to 6,000 USD (-90 %), which does not rule it out; look
    again once the price has moved".
    """
    where = f"{row.coin or 'all coins'} {row.side}"
    way = "up to" if row.side == "above" else "down to"
    return (
        f"{where}: nothing found {way} {_price_words(row)}, which does not rule it out; look again "
        f"once the price has moved"
    )


def _price_words(row: NextChangeRow | UnprovenRow) -> str:
    """A price and its move, or the factor of all prices."""
    if row.coin is None:
        return f"{price(float(f'{row.price:.4g}'))} times their price"
    sign = "+" if row.move > 0.0 else ""
    return f"{found_price(row.price)} USD ({sign}{percent(row.move)})"
