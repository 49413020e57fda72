"""The one flat layout of a book: what compilable code reads and writes.

Plain mode holds Python lists, the simulator columns of arrays. `Layout` never changes
during a run; `State` does; `Quote` is what the market says at one moment.
"""

from collections.abc import MutableSequence, Sequence
from typing import NamedTuple

from volsculpt.contracts.legs import Legs

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
    moves: Sequence[int]  # currency: 1 a coin, 0 a stablecoin or fiat
    wallet_currency: Sequence[int]
    wallet_group: Sequence[int]  # margin group it is collateral of, or -1
    wallet_wrapped: Sequence[int]  # 1: a wrapped asset, counted in coins of its underlying
    wallet_weight: Sequence[float]  # collateral weight of a wrapped asset
    group_currency: Sequence[int]  # -1: a unified group, tested in USD
    group_weight: Sequence[float]  # collateral weights, row group * currencies + currency


class State(NamedTuple):
    """What is held now.

    A venue nets what one account holds of a contract: its position is `contracts + others`, and
    margin, funding and liquidation are of that. Exposure, wealth and orders are of `contracts`.
    """

    wallet: MutableSequence[float]  # coins, without unrealised PnL
    contracts: MutableSequence[float]  # per leg, signed
    cost: MutableSequence[float]  # per leg, signed, in the unit of value
    working: MutableSequence[float]  # per leg, signed contracts still working
    slot: MutableSequence[int]  # per leg: SLOT_FREE | SLOT_BUSY | SLOT_UNKNOWN | SLOT_MISSING
    incoming: MutableSequence[float]  # per group: coins on their way to it
    known: MutableSequence[int]  # per currency: 1 when its balances and index are known
    bonus: MutableSequence[float]  # margin nobody owns, row group * currencies + currency
    others: MutableSequence[float]  # per leg: contracts beside `contracts` that are not own
    others_cost: MutableSequence[float]  # their signed cost
    others_coins: MutableSequence[float]  # coins that are not own, rows as of `bonus`


class Quote(NamedTuple):
    """Prices of one moment; both are positive and finite once through the gate."""

    index_usd: MutableSequence[float]  # per currency
    mark: MutableSequence[float]  # per leg, in its quote currency


class Exposure(NamedTuple):
    """Sums per currency, in coins of it, and per leg (`exposure` writes them)."""

    balance: MutableSequence[float]  # wallets everywhere
    pnl: MutableSequence[float]  # unrealised PnL settled in the currency
    pnl_on: MutableSequence[float]  # unrealised PnL of contracts on it, in coins of it
    futures: MutableSequence[float]  # legs only: coin value or q*mult; quote -face or -value
    leg_coin: MutableSequence[float]  # per leg: base coins of delta


def new_exposure(layout: Layout) -> Exposure:
    """Empty lists of the right length, for `exposure` to fill."""
    currencies, legs = len(layout.moves), len(layout.legs.payoff)
    return Exposure(
        [0.0] * currencies,
        [0.0] * currencies,
        [0.0] * currencies,
        [0.0] * currencies,
        [0.0] * legs,
    )


def copy_state(state: State) -> State:
    """A second state that can be changed without touching the first."""
    return State(
        wallet=list(state.wallet),
        contracts=list(state.contracts),
        cost=list(state.cost),
        working=list(state.working),
        slot=list(state.slot),
        incoming=list(state.incoming),
        known=list(state.known),
        bonus=list(state.bonus),
        others=list(state.others),
        others_cost=list(state.others_cost),
        others_coins=list(state.others_coins),
    )
