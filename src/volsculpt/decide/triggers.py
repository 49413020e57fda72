"""When `act` would speak, as data: rows of coefficients that stay above zero while it is silent.

Nearly all that `act` tests is linear in two kinds of numbers: the index of each currency and
the value of one contract of each leg, both in US dollars. A row is the sum of coefficient times
number; `act` has nothing to say while every row is above its least. What is not linear is
bounded over a range, and the end of the range is a row too: such a row speaks early, never late.

A row also keeps what one coin more in a wallet, or another ratio of a hedge, adds to it, so that
funding and a moving target need no new rows.
"""

from collections.abc import MutableSequence, Sequence
from typing import NamedTuple

from volsculpt.book.state import Layout, Quote, State, layout_rows
from volsculpt.compilable import compilable
from volsculpt.contracts.payoff import INVERSE, value
from volsculpt.dimensions import (
    JustOne,
    PerHedge,
    PerNumber,
    PerRow,
    PerRowHedge,
    PerRowNumber,
    PerRowSeries,
    PerRowWallet,
    PerWallet,
    blank,
)

NOISE = 1e-11  # of the sum of a row's sizes: nearer to zero it is taken to speak

# what a row is about, and whose row its subject is
FORM = 0  # a sum that other rows are built of; not tested
BAND = 1  # hedge
LOT = 2  # leg
LEVERAGE = 3  # group
DISTANCE = 4  # group
TOP_UP = 5  # group
RELEASE = 6  # group
SURVIVAL = 7  # group
BASE = 8  # hedge
ROOM = 10  # leg: no room to grow by what its hedge would trade
RANGE = 9  # leg or group: the end of what other rows were bounded for, so they are renewed

AT_CLOSE = 0  # tested at the end of each bar
INSIDE = 1  # tested at the highs and lows inside each bar

NO_ROWS = -1


class Triggers(NamedTuple):
    """Rows of one lane. A row is as wide as there are numbers, wallets and hedges."""

    used: JustOne[MutableSequence[int]]  # rows in use; NO_ROWS: decide at every bar
    full: JustOne[MutableSequence[int]]  # 1 when a row found no room
    kind: PerRow[MutableSequence[int]]
    subject: PerRow[MutableSequence[int]]
    where: PerRow[MutableSequence[int]]  # AT_CLOSE | INSIDE
    factor: PerRow[MutableSequence[float]]  # of a RANGE: the move it is judged at
    least: PerRow[MutableSequence[float]]
    constant: PerRow[MutableSequence[float]]  # US dollars
    coef: PerRowNumber[MutableSequence[float]]  # row * numbers + number
    ahead: PerRowSeries[MutableSequence[float]]  # likewise over time, funding to come included
    gain: PerRowWallet[MutableSequence[float]]  # row * wallets + wallet: times a coin at its index
    turn: PerRowHedge[MutableSequence[float]]  # row * hedges + hedge: times its base in USD
    ratio: PerHedge[MutableSequence[float]]  # the ratio that the rows were built with,
    turns: PerHedge[MutableSequence[int]]  # and 1 where it may be another as time goes on
    now: PerNumber[MutableSequence[float]]  # the numbers that they were built at
    kept: PerWallet[MutableSequence[float]]  # its coins when `coef` was last brought up to date
    tested: JustOne[MutableSequence[int]]  # how many rows could come to speak,
    order: PerRow[MutableSequence[int]]  # and which


@compilable
def rows_for(legs: int, groups: int, hedges: int) -> int:
    """Rows that a book may need; one that needs more is decided at every bar."""
    return 24 * legs + 30 * groups + 12 * hedges


def new_triggers(layout: Layout, hedges: int) -> Triggers:
    """No rows, with room for those of a book."""
    rows = layout_rows(layout)
    count = rows_for(rows["leg"], rows["group"], hedges)
    numbers = rows["currency"] + rows["leg"]
    found = blank(
        Triggers,
        rows
        | {"hedge": hedges, "number": numbers, "row": count}
        | {"row_number": count * numbers, "row_series": count * (numbers + rows["leg"])}
        | {"row_wallet": count * rows["wallet"], "row_hedge": count * hedges},
    )
    found.used[0] = NO_ROWS
    found.turns[:] = [1] * hedges
    return found


@compilable
def numbers_of(layout: Layout) -> int:
    """How many numbers a row is a sum of."""
    return layout.currencies + layout.legs.rows


@compilable
def write_numbers(layout: Layout, quote: Quote, numbers: MutableSequence[float]) -> None:
    """The numbers at a quote: each index, and each leg's one contract, in US dollars.

    Worked: an inverse contract of 100 USD at mark 50,000, index 49,900: 99.8.
    """
    legs = layout.legs
    for currency in range(layout.currencies):
        numbers[currency] = quote.index_usd[currency]
    for leg in range(legs.rows):
        one = value(legs.payoff[leg], 1.0, legs.multiplier[leg], quote.mark[leg])
        numbers[layout.currencies + leg] = one * quote.index_usd[legs.settle[leg]]


@compilable
def new_row(layout: Layout, hedges: int, out: Triggers, kind: int, subject: int, where: int) -> int:
    """An empty row. Where no room is left the last one again, and `full` is set.

    Args: hedges: their number; kind: LEVERAGE, BAND, FORM and so on; subject: the group, leg, pool
    or hedge it is of, by row; where: prices it is looked at, AT_CLOSE or INSIDE. Returns its
    number.
    """
    numbers, wallets, row = numbers_of(layout), layout.wallets, out.used[0]
    if row >= rows_for(layout.legs.rows, layout.groups, hedges):
        out.full[0], row = 1, row - 1
    out.used[0] = row + 1
    out.kind[row], out.subject[row], out.where[row] = kind, subject, where
    out.constant[row], out.factor[row] = 0.0, 1.0
    for number in range(numbers):
        out.coef[row * numbers + number] = 0.0
    for wallet in range(wallets):
        out.gain[row * wallets + wallet] = 0.0
    for hedge in range(hedges):
        out.turn[row * hedges + hedge] = 0.0
    return row


@compilable
def add_index(layout: Layout, out: Triggers, row: int, currency: int, coins: float) -> None:
    """Add coins at a currency's index.

    Args: row: of `out`; currency: its row; coins: signed.
    """
    out.coef[row * numbers_of(layout) + currency] += coins


@compilable
def add_contracts(layout: Layout, out: Triggers, row: int, leg: int, contracts: float) -> None:
    """Add the value of contracts of a leg.

    Args: row: of `out`; leg: its row; contracts: signed.
    """
    out.coef[row * numbers_of(layout) + layout.currencies + leg] += contracts


@compilable
def add_wallet(
    layout: Layout, state: State, out: Triggers, row: int, wallet: int, by: float
) -> None:
    """Add `by` times the coins of a wallet, and remember that they may change.

    Args: row: of `out`; wallet: its row; by: times this.
    """
    add_index(layout, out, row, layout.wallet_currency[wallet], by * state.wallet[wallet])
    out.gain[row * layout.wallets + wallet] += by


@compilable
def add_pnl(
    layout: Layout, out: Triggers, row: int, leg: int, contracts: float, cost: float, by: float
) -> None:
    """Add `by` times the unrealised PnL of contracts of a leg that cost so much.

    Args: row: of `out`; leg: its row; contracts: signed; cost: theirs, signed, in the unit of
    value; by: times this.
    """
    sign = 1.0 if layout.legs.payoff[leg] == INVERSE else -1.0
    add_index(layout, out, row, layout.legs.settle[leg], sign * by * cost)
    add_contracts(layout, out, row, leg, -sign * by * contracts)


@compilable
def add_row(layout: Layout, hedges: int, out: Triggers, row: int, other: int, by: float) -> None:
    """Add `by` times another row.

    Args: hedges: their number; row: written, other: added to it, both of `out`; by: times this.
    """
    numbers, wallets = numbers_of(layout), layout.wallets
    out.constant[row] += by * out.constant[other]
    for number in range(numbers):
        out.coef[row * numbers + number] += by * out.coef[other * numbers + number]
    for wallet in range(wallets):
        out.gain[row * wallets + wallet] += by * out.gain[other * wallets + wallet]
    for hedge in range(hedges):
        out.turn[row * hedges + hedge] += by * out.turn[other * hedges + hedge]


@compilable
def drop_last(out: Triggers, row: int) -> None:
    """Take back a row that was added last."""
    if row == out.used[0] - 1:
        out.used[0] = row


@compilable
def row_at(layout: Layout, rows: Triggers, row: int, numbers: Sequence[float]) -> float:
    """Value of a row at some numbers, in US dollars; coins and targets as it was built with.

    Args: row: of `rows`; numbers: US dollars, as `write_numbers` writes them, one index a currency
    and one contract a leg.
    """
    count = numbers_of(layout)
    total = rows.constant[row]
    for number in range(count):
        total += rows.coef[row * count + number] * numbers[number]
    return total


@compilable
def row_now(layout: Layout, out: Triggers, row: int) -> float:
    """Value of a row at the numbers it was built at, in US dollars."""
    return row_at(layout, out, row, out.now)


@compilable
def size_of(layout: Layout, out: Triggers, row: int) -> float:
    """Sum of the sizes of a row's parts, at the numbers it was built at."""
    numbers = numbers_of(layout)
    total = abs(out.constant[row])
    for number in range(numbers):
        total += abs(out.coef[row * numbers + number]) * out.now[number]
    return total


@compilable
def is_idle(layout: Layout, out: Triggers, row: int) -> int:
    """1 when nothing that moves is in a row."""
    numbers, wallets = numbers_of(layout), layout.wallets
    for number in range(numbers):
        if out.coef[row * numbers + number] != 0.0:
            return 0
    for wallet in range(wallets):
        if out.gain[row * wallets + wallet] != 0.0:
            return 0
    return 1
