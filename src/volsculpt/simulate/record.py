"""What a backtest hands over: a figure for every stamp, and lists of what happened.

Every array has one figure for each stamp, after all that happened at it. Cash flows and tallies are
+ received: a fee paid is negative. Coins and contracts are signed. NaN means that a thing does not
exist at that stamp (a ratio of nothing, a liquidation price that is never reached) where a field
says so, and is refused elsewhere: `checked` names every such field.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Generic, TypeVar, cast

import numpy as np

from volsculpt.errors import ReportError
from volsculpt.ledger.events import (
    Acknowledged,
    CashBooked,
    Converted,
    Filled,
    FlowBooked,
    Intended,
    TransferNoted,
)
from volsculpt.ledger.hedges import HedgeDecided
from volsculpt.market.gate import Floats, Stamps
from volsculpt.units import iso

PARTS = (
    "spot",
    "futures",
    "basis",
    "funding",
    "fees",
    "slippage",
    "liquidation",
    "transfers",
    "interest",
    "flows",
)


@dataclass(frozen=True, slots=True)
class Tallies:
    """What changed the hedged book's wealth, summed up from the start, in US dollars.

    All but `traded` together are the change of wealth, to a billionth.

    spot: coins owned, as their index moves.
    futures: contracts, as if marks moved with the index.
    basis: contracts, by which marks moved away from the index.
    funding: + received.
    fees, slippage, transfers: costs, negative. Slippage is fill against mark.
    liquidation: what liquidations took beyond the price, negative.
    interest: of loans, negative.
    flows: deposits and income less withdrawals, at the index of the stamp before, when they came.
    traded: |value| of all fills, never falling.
    """

    spot: Floats
    futures: Floats
    basis: Floats
    funding: Floats
    fees: Floats
    slippage: Floats
    liquidation: Floats
    transfers: Floats
    interest: Floats
    flows: Floats
    traded: Floats


@dataclass(frozen=True, slots=True)
class HedgePath:
    """One hedge. NaN in held_ratio: there is nothing to hedge; in target_ratio: no target yet.

    delta_usd: what moves with the price, in US dollars. under, over: the band, how far held may lie
    below and above target before it trades. volatility: of wealth, a year, that a vol-target policy
    is asked for; None for another policy. limits: the lowest and the highest ratio allowed.
    price_usd: the coin's index, None where unknown.
    """

    underlying: str
    held_ratio: Floats
    target_ratio: Floats
    delta_usd: Floats
    under: float
    over: float
    volatility: float | None = None
    limits: tuple[float, float] = (0.0, 1.0)
    price_usd: Floats | None = None


@dataclass(frozen=True, slots=True)
class WalletPath:
    """One balance in one account, in units of its currency, without unrealised profit."""

    account: str
    currency: str
    balance_coin: Floats


@dataclass(frozen=True, slots=True)
class LegPath:
    """One contract in one account: how many are held."""

    account: str
    contract: str
    contracts: Floats


@dataclass(frozen=True, slots=True)
class GroupPath:
    """One margin group, in coins of its currency.

    leverage: NaN where there is no equity. liquidation_distance: |price/mark - 1|; NaN is never.
    """

    account: str
    group: str
    currency: str
    equity_coin: Floats
    maintenance_coin: Floats
    leverage: Floats
    liquidation_distance: Floats

    @property
    def name(self) -> str:
        """The account, and the group where the account alone does not say which."""
        plain = self.group in (self.currency, "unified")
        return self.account if plain else f"{self.account} {self.group}"


Happened = (
    HedgeDecided
    | Intended
    | Acknowledged
    | Filled
    | CashBooked
    | TransferNoted
    | Converted
    | FlowBooked
)
KeptEvent = TypeVar("KeptEvent", bound=Happened)


@dataclass(frozen=True, slots=True)
class Valued(Generic[KeptEvent]):
    """An event of a ledger, and what only a backtest knows of it.

    time_ns: when it was booked, ns UTC. usd: US dollars at the index of that moment: |value| of a
    fill, of coins what they are worth, + received, of a transfer its cost, negative. fee_usd,
    slippage_usd: of a fill, negative costs. price: where the event has none: the index of coins, or
    what a refused order would have filled at. group: of what a liquidation takes.
    """

    event: KeptEvent
    time_ns: int
    usd: float = 0.0
    fee_usd: float = 0.0
    slippage_usd: float = 0.0
    price: float | None = None
    group: str = ""


def of_kind(events: Iterable[Valued[Happened]], kind: type[KeptEvent]) -> list[Valued[KeptEvent]]:
    """Those of one kind, in their order."""
    return [cast(Valued[KeptEvent], one) for one in events if isinstance(one.event, kind)]


@dataclass(frozen=True, slots=True)
class BacktestRecord:
    """A whole backtest of a hedged book, with the same coins unhedged, and with a static hedge.

    coin: the currency in which wealth is also told; price_usd its index at each stamp.
    hedged_usd, unhedged_usd, static_usd: wealth. All three books get the same flows. static_usd is
    None where no static hedge was run; static_words says which one it was. events: all that
    happened to the hedged book, in order of booking.
    """

    name: str
    coin: str
    stamps_ns: Stamps
    price_usd: Floats
    hedged_usd: Floats
    unhedged_usd: Floats
    static_usd: Floats | None
    tallies: Tallies
    hedges: tuple[HedgePath, ...] = ()
    wallets: tuple[WalletPath, ...] = ()
    legs: tuple[LegPath, ...] = ()
    groups: tuple[GroupPath, ...] = ()
    events: tuple[Valued[Happened], ...] = ()
    static_words: str = ""
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def books(self) -> dict[str, Floats]:
        """Wealth by book: hedged, unhedged and, where it was run, static."""
        both = {"hedged": self.hedged_usd, "unhedged": self.unhedged_usd}
        return both if self.static_usd is None else both | {"static": self.static_usd}

    @property
    def fills(self) -> list[Valued[Filled]]:
        """Fills and deliveries; what a liquidation closes is no order."""
        return [one for one in of_kind(self.events, Filled) if one.event.reason != "liquidation"]

    @property
    def flows_usd(self) -> Floats:
        """What came in at each stamp since the one before; 0 at the first."""
        return np.diff(self.tallies.flows, prepend=self.tallies.flows[0])


MAY_LACK = {"held_ratio", "target_ratio", "leverage", "liquidation_distance"}  # NaN: is not there


def arrays_of(inputs: BacktestRecord) -> Iterator[tuple[str, Floats, bool]]:
    """(place, array, whether NaN may stand in it) for every array of a backtest.

    Found by their fields: one that is added is checked and published without another word.
    """
    yield "price_usd", inputs.price_usd, False
    for book, wealth in inputs.books.items():
        yield f"{book}_usd", wealth, False
    yield from _fields_of("tallies", inputs.tallies)
    for hedge in inputs.hedges:
        yield from _fields_of(f"hedges[{hedge.underlying}]", hedge)
    for wallet in inputs.wallets:
        yield from _fields_of(f"wallets[{wallet.account} {wallet.currency}]", wallet)
    for leg in inputs.legs:
        yield from _fields_of(f"legs[{leg.account} {leg.contract}]", leg)
    for group in inputs.groups:
        yield from _fields_of(f"groups[{group.account} {group.group}]", group)


def _fields_of(
    place: str, path: Tallies | HedgePath | WalletPath | LegPath | GroupPath
) -> Iterator[tuple[str, Floats, bool]]:
    for one in fields(path):
        array = getattr(path, one.name)
        if isinstance(array, np.ndarray):
            yield f"{place}.{one.name}", array, one.name in MAY_LACK


def checked(inputs: BacktestRecord) -> BacktestRecord:
    """The same, or ReportError with every problem: wrong lengths, figures that are not numbers."""
    problems = list(_stamp_problems(inputs.stamps_ns))
    for place, array, may_lack in arrays_of(inputs):
        if array.shape != inputs.stamps_ns.shape:
            problems.append(f"{place} has {array.size} figures for {inputs.stamps_ns.size} stamps")
            continue
        wrong = np.flatnonzero(np.isinf(array) if may_lack else ~np.isfinite(array))
        if wrong.size:
            problems.append(f"{place} is not a number at {iso(inputs.stamps_ns[wrong[0]])}")
    if not problems and not np.all(inputs.price_usd > 0.0):
        problems.append("price_usd must be above zero at every stamp")
    if problems:
        raise ReportError("\n".join(problems))
    return inputs


def _stamp_problems(stamps_ns: Stamps) -> Iterator[str]:
    if stamps_ns.dtype != np.int64 or stamps_ns.ndim != 1 or stamps_ns.size < 2:
        yield "stamps_ns must be a row of at least two int64 nanoseconds"
    elif np.any(np.diff(stamps_ns) <= 0):
        yield "stamps_ns must increase from one to the next"
