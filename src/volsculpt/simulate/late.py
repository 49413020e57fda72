"""What falls due inside the last step of a run: settled at its end, with no decision after it.

A run covers [from, to). What is dated inside a step is booked at the step's end, which for the last
step is the end of the run; what is dated at that very end belongs to the time after it.
"""

from typing import Any

from volsculpt.book.flatten import Flat
from volsculpt.book.state import Quote, State
from volsculpt.exchange.events import EventPage
from volsculpt.exchange.rows import Bar, Exchange, Pending, Terms, new_bar
from volsculpt.exchange.step import book_flows, deliver, pay_funding
from volsculpt.market.align import Aligned
from volsculpt.market.walk import settled_late
from volsculpt.simulate.backtest import Lanes
from volsculpt.simulate.lanes import Array, needed_room, plain_of, write
from volsculpt.simulate.log import is_full, keep
from volsculpt.simulate.market_arrays import Market
from volsculpt.simulate.scenario import run_wealth

KINDS = ((Terms, 2), (State, 3), (Pending, 4), (EventPage, 7))


def late_bar(aligned: Aligned, flat: Flat, flow: Array) -> Bar:
    """Funding, deliveries and flows that are due at the end of the run. flow: per wallet."""
    contracts = [contract for _, contract in flat.legs]
    funding, delivery = settled_late(aligned, contracts, flat.currencies)
    due = {"funding": funding.tolist(), "delivery": delivery.tolist(), "flow": flow.tolist()}
    return new_bar(flat.layout)._replace(**due)


def settle_late(lanes: Lanes, market: Market, late: Bar) -> bool:
    """Book what is due at the end of the run in every lane; whether anything was.

    Worked: daily steps and funding at 0, 8 and 16 h: of the last day 8 and 16 h are booked here.

    Args: lanes: written; late: what is due.
    """
    if not any(any(row) for row in (late.funding, late.delivery, late.flow)):
        return False
    room, last = needed_room(lanes.flat, lanes.rules), market.close_mark.shape[2] - 1
    layout = lanes.flat.layout
    for lane in range(len(lanes.status)):
        path = lane if market.close_mark.shape[1] > 1 else 0
        index, marks = market.close_index[:, path, last], market.close_mark[:, path, last]
        quote = Quote(index.tolist(), marks.tolist())
        own: Any = [plain_of(kind, lanes.arguments[row][lane], room) for kind, row in KINDS]
        terms, state, pending, page = own
        page.used[0] = 0
        deliver(Exchange(layout, state, pending, terms, page), late, quote)
        pay_funding(layout, state, late, quote, page)
        book_flows(layout, state, late, quote, page)
        lanes.log.wealth[lane, last] = run_wealth(lanes.flat, state, quote)
        if lanes.noted:
            if is_full(lanes.log, page, lane):
                lanes.make_room()
            keep(layout, state, page, lanes.log, lane, 2 * (last + 1))
        for row, made in ((3, state), (4, pending)):
            write(lanes.arguments[row][lane], made)
    return True
