"""What happened in a step, as rows: the one account of it that everything else is read from.

A row says what (`event_kind`), to which leg, wallet, group, source or hedge (`event_row`), and
a few figures. Cash is + received, in US dollars at the index of the moment. The fee of a trade is
told in coins of what it is settled in too, as `charge`, + paid. The columns by kind:

    kind        row     size              price       usd          fee         moved
    FILLED      leg     contracts         of the fill |value|      -fee        slippage
    REFUSED     leg     contracts         of the fill            code: of `contracts.orders`
    CANCELLED   leg     contracts; code: of `exchange.cancel`
    DELIVERED   leg     contracts         settlement  |value|      -fee        against the mark
    FUNDED      leg     coins             mark        cash
    SWEPT       leg     coins lost        index       cash
    SETTLED     leg     coins not own     settlement  cash
    FLOWED      wallet  coins             index       cash
    ARRIVED     group   coins
    TAKEN       wallet  coins             index there cash                     of it, till there
    CLOSED      leg     contracts         mark there  |value|                  of it, till there
    LIQUIDATED  group                                 cash
    POSTED      group   coins
    SENT        source  coins             index       cash: its cost
    ORDERED     leg     contracts; code: of the leg
    DECIDED     hedge   held ratio        target      code: of the hedge

What a liquidation takes is told three times: coins by wallet, contracts by leg, and LIQUIDATED,
which is the loss of the group; `moved` is what wealth changed by between the open and the breach.
"""

from collections.abc import MutableSequence
from typing import NamedTuple

from volsculpt.compilable import compilable
from volsculpt.dimensions import JustOne, PerEvent, blank

FILLED = 1
REFUSED = 2
DELIVERED = 3
FUNDED = 4
SWEPT = 5
SETTLED = 6
FLOWED = 7
ARRIVED = 8
TAKEN = 9
CLOSED = 10
LIQUIDATED = 11
POSTED = 12
SENT = 13
ORDERED = 14
DECIDED = 15
CANCELLED = 16


# what wealth changes by beside prices: cause -> (kind, column) of the events that tell it
CAUSES = {
    "spot": ((TAKEN, "moved"),),
    "futures": ((CLOSED, "moved"),),
    "basis": ((DELIVERED, "moved"),),
    "funding": ((FUNDED, "usd"),),
    "fees": ((FILLED, "fee"), (DELIVERED, "fee")),
    "slippage": ((FILLED, "moved"),),
    "liquidation": ((LIQUIDATED, "usd"),),
    "transfers": ((SWEPT, "usd"), (SENT, "usd")),
    "flows": ((FLOWED, "usd"), (SETTLED, "usd")),
}


class EventPage(NamedTuple):
    """The events of a step, in the order they were booked."""

    used: JustOne[MutableSequence[int]]  # rows that are written
    event_kind: PerEvent[MutableSequence[int]]
    event_row: PerEvent[MutableSequence[int]]
    event_code: PerEvent[MutableSequence[int]]
    event_size: PerEvent[MutableSequence[float]]
    event_price: PerEvent[MutableSequence[float]]
    event_usd: PerEvent[MutableSequence[float]]
    event_fee: PerEvent[MutableSequence[float]]
    event_moved: PerEvent[MutableSequence[float]]
    event_charge: PerEvent[MutableSequence[float]]


def page_rows(legs: int, wallets: int, groups: int, sources: int, hedges: int) -> int:
    """The most that can happen in a step.

    A leg is settled, swept, funded, delivered, filled, closed, cancelled and ordered; a wallet
    flows and is taken; a group is reached twice, liquidated and posted to. Worked: one of each: 16
    rows.

    Args: legs, wallets, groups, sources, hedges: how many of each there are.
    """
    return 8 * legs + 2 * wallets + 4 * groups + sources + hedges


def new_page(legs: int, wallets: int, groups: int, sources: int, hedges: int) -> EventPage:
    """Nothing happened yet.

    Args: legs, wallets, groups, sources, hedges: how many of each there are.
    """
    rows = page_rows(legs, wallets, groups, sources, hedges)
    return blank(EventPage, {"event": rows})


@compilable
def add_event(page: EventPage, kind: int, row: int, size: float, price: float, usd: float) -> None:
    """One row more.

    Args: kind: FILLED, REFUSED and so on; row: what it happened to; size, price, usd: by kind, in
    the table above.
    """
    place = page.used[0]
    page.event_kind[place], page.event_row[place], page.event_code[place] = kind, row, 0
    page.event_size[place], page.event_price[place], page.event_usd[place] = size, price, usd
    page.event_fee[place], page.event_moved[place], page.event_charge[place] = 0.0, 0.0, 0.0
    page.used[0] = place + 1


@compilable
def add_trade(
    page: EventPage,
    kind: int,
    leg: int,
    size: float,
    price: float,
    usd: float,
    moved: float,
) -> None:
    """A fill, a delivery, or what a liquidation takes.

    Args: kind: FILLED, DELIVERED, TAKEN, CLOSED and so on; leg: its row, or the wallet's of TAKEN;
    size, price: by kind, in the table above; usd: |value|, or cash; moved: US dollars, + received.
    """
    add_event(page, kind, leg, size, price, usd)
    page.event_moved[page.used[0] - 1] = moved


@compilable
def add_charge(page: EventPage, coins: float, index_usd: float) -> None:
    """The fee of the trade that was added last. Worked: 0.001 coins at 50,000: fee -50.0.

    Args: coins: of what it is settled in, + paid; index_usd: US dollars a coin.
    """
    place = page.used[0] - 1
    page.event_charge[place], page.event_fee[place] = coins, -coins * index_usd


@compilable
def add_coded(page: EventPage, kind: int, row: int, code: int, size: float, price: float) -> None:
    """What a code says the reason of: an order that leaves or ends unfilled, or a decision.

    Args: kind: ORDERED, REFUSED, CANCELLED or DECIDED; row: of the leg or hedge; code: why; size:
    contracts, + buys, or the held ratio; price: of a fill that was refused, the target of a
    decision, else 0.0.
    """
    add_event(page, kind, row, size, price, 0.0)
    page.event_code[page.used[0] - 1] = code
