"""The one flat layout of a book: what compilable code reads and writes.

Plain mode holds Python lists, the simulator columns of arrays. `Layout` never changes
during a run; `State` does; `Quote` is what the market says at one moment.
"""

from collections.abc import MutableSequence, Sequence
from typing import Any, NamedTuple

from volsculpt.contracts.legs import Legs
from volsculpt.dimensions import PerCurrency, PerGroup, PerLeg, PerWallet, PerWeight, blank

SLOT_FREE = 0
SLOT_BUSY = 1  # an order is working: a new size cancels it first
SLOT_UNKNOWN = 2  # the outcome of an order is unknown: the leg is blocked
SLOT_MISSING = 3  # position, balance, order or mark is missing or stale: blocked


class Layout(NamedTuple):
    """Who is where. Rows: currencies, wallets, groups, legs; columns hold row numbers."""

    legs: Legs
    currencies: int  # rows that are real; compiled code pads the columns
    wallets: int
    groups: int
    moves: PerCurrency[Sequence[int]]  # currency: 1 a coin, 0 a stablecoin or fiat
    wallet_currency: PerWallet[Sequence[int]]
    wallet_group: PerWallet[Sequence[int]]  # margin group it is collateral of, or -1
    wallet_wrapped: PerWallet[Sequence[int]]  # 1: counted in coins of its underlying
    wallet_weight: PerWallet[Sequence[float]]  # collateral weight of a wrapped asset
    group_currency: PerGroup[Sequence[int]]  # -1: a unified group, tested in USD
    group_weight: PerWeight[Sequence[float]]  # collateral weights
    # Spans: all rows of it lie in [from, to), with others between them (`spans.py`)
    group_leg_from: PerGroup[Sequence[int]]
    group_leg_to: PerGroup[Sequence[int]]
    group_wallet_from: PerGroup[Sequence[int]]
    group_wallet_to: PerGroup[Sequence[int]]
    cash_leg_from: PerWallet[Sequence[int]]  # legs that it is the cash wallet of
    cash_leg_to: PerWallet[Sequence[int]]


class State(NamedTuple):
    """What is held now.

    A venue nets what one account holds of a contract: its position is `contracts + others`, and
    margin, funding and liquidation are of that. Exposure, wealth and orders are of `contracts`.
    """

    wallet: PerWallet[MutableSequence[float]]  # coins, without unrealised PnL
    contracts: PerLeg[MutableSequence[float]]  # signed
    cost: PerLeg[MutableSequence[float]]  # signed, in the unit of value
    working: PerLeg[MutableSequence[float]]  # signed contracts still working
    slot: PerLeg[MutableSequence[int]]  # SLOT_FREE | SLOT_BUSY | SLOT_UNKNOWN | SLOT_MISSING
    incoming: PerGroup[MutableSequence[float]]  # coins on their way to it
    known: PerCurrency[MutableSequence[int]]  # 1 when its balances and index are known
    bonus: PerWeight[MutableSequence[float]]  # margin nobody owns
    others: PerLeg[MutableSequence[float]]  # contracts beside `contracts` that are not own
    others_cost: PerLeg[MutableSequence[float]]  # their signed cost
    others_coins: PerWeight[MutableSequence[float]]  # coins that are not own, rows as of `bonus`


class Quote(NamedTuple):
    """Prices of one moment; both are positive and finite once through the gate."""

    index_usd: PerCurrency[MutableSequence[float]]
    mark: PerLeg[MutableSequence[float]]  # in its quote currency


class Exposure(NamedTuple):
    """Sums per currency, in coins of it, and per leg (`exposure` writes them)."""

    balance: PerCurrency[MutableSequence[float]]  # wallets everywhere
    pnl: PerCurrency[MutableSequence[float]]  # unrealised PnL settled in the currency
    pnl_on: PerCurrency[MutableSequence[float]]  # unrealised PnL of contracts on it, in coins of it
    futures: PerCurrency[MutableSequence[float]]  # coin value or q*mult; quote -face or -value
    leg_coin: PerLeg[MutableSequence[float]]  # base coins of delta


def layout_rows(layout: Layout) -> dict[str, int]:
    """How many there are of what a book has, by dimension."""
    return {
        "currency": len(layout.moves),
        "wallet": len(layout.wallet_currency),
        "group": len(layout.group_currency),
        "leg": len(layout.legs.payoff),
        "weight": len(layout.group_weight),
    }


def new_exposure(layout: Layout) -> Exposure:
    """Empty lists of the right length, for `exposure` to fill."""
    return blank(Exposure, layout_rows(layout))


def copy_state(state: State) -> State:
    """A second state that can be changed without touching the first."""
    columns: list[Any] = [list(column) for column in state]
    return State(*columns)
