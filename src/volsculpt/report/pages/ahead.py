"""What comes next, in words: how far a coin may move until something is traded or moved.

Of its own, so that a status need not load the page and the rows of a plan.
"""

from volsculpt.report.document import Line, Section
from volsculpt.text import amount, contracts, percent, price
from volsculpt.watch.next_change import Ahead, NextChangeRow, NextOrder, UnseenRow

MOST_ORDERS = 10  # told of one change; the largest stand first
LEGEND = (
    "how far one coin may move until something is traded or moved again, {when}: targets as they "
    "are, nothing else moving, funding aside."
)


def ahead_section(ahead: Ahead, when: str) -> Section:
    """The changes ahead as bullets, none where there are none. when: of which book it is said."""
    lines = [Line(change_line(row), "bullet") for row in ahead.changes]
    lines += [Line(unseen_line(row), "bullet") for row in ahead.unseen]
    legend = Line(LEGEND.format(when=when), "legend")
    return Section("What comes next", [*lines, legend] if lines else [])


def order_words(order: NextOrder, with_account: bool) -> str:
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
        told = [order_words(one, is_shared) for one in row.orders[:MOST_ORDERS]]
        more = len(row.orders) - len(told)
        told += [f"{more:,} more orders"] if more > 0 else []
        return f"{where}: {' and '.join(told)}"
    moved = row.coins or 0.0
    way = f"to {row.account}" if moved > 0.0 else f"back from {row.account}"
    return f"{where}: move {amount(abs(moved), row.currency or '')} {way}"


def unseen_line(row: UnseenRow) -> str:
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


def _price_words(row: NextChangeRow | UnseenRow) -> str:
    """A price and its move, or the factor of all prices."""
    if row.coin is None:
        return f"{row.price:.4g} times their price"
    sign = "+" if row.move > 0.0 else ""
    return f"{price(float(f'{row.price:.6g}'))} USD ({sign}{percent(row.move)})"
