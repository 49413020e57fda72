"""What coins and contracts have earned since a ledger's first prices: the fold, and its sums.

The change of wealth is the coins owned times the moves of their prices, what came and went at the
price of its time, and what open contracts have earned and not booked yet. Of all that the
accounts hold.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from volsculpt.contracts.payoff import PAYOFF_CODE, unrealised_pnl, value
from volsculpt.decide.quoting import index_price
from volsculpt.errors import PriceError
from volsculpt.ledger.books import Books, GainsBooked
from volsculpt.ledger.events import QuoteObserved
from volsculpt.ledger.postings import (
    AGAINST,
    CONVERSIONS,
    DIFFERENCES,
    FEES,
    FLOWS,
    LIQUIDATION,
    OPENING,
    TRADING,
    TRANSFERS,
    TRANSIT,
    Move,
)
from volsculpt.market.quotes import Quotes

COINS = "coins"  # what their own price has earned


@dataclass(frozen=True, slots=True)
class Gains:
    """US dollars since the first decision; None where a price was not known.

    coins_usd: by moves of their prices, and by trading them for others off these prices.
    futures_usd: realised and not, without funding and fees. fees_usd: of trades, liquidations and
    transfers, - paid. liquidation_usd: what insurance funds took of the margin of what was
    liquidated, and what they paid. flows_usd: deposits and withdrawals; differences_usd: accepted
    ones. They add up to the change of wealth.
    """

    begun_ns: int
    coins_usd: float | None
    futures_usd: float | None
    funding_usd: float | None
    fees_usd: float | None
    interest_usd: float | None
    liquidation_usd: float | None
    flows_usd: float | None
    differences_usd: float | None


def gains_of(books: Books) -> Gains | None:
    """What was earned up to the newest prices; None before the first.

    Worked: 2 coins at 50,000, 20,000 USD of inverse sold there, now 40,000: coins -20,000, futures
    0.1 coins, that is +4,000.
    """
    kept = books.gains
    if kept.begun_ns is None:
        return None
    earned = kept.gained_usd
    return Gains(
        begun_ns=kept.begun_ns,
        coins_usd=_total(earned.get(one, 0.0) for one in (COINS, CONVERSIONS)),
        futures_usd=_total([earned.get(TRADING, 0.0), _open_usd(books)]),
        funding_usd=earned.get(AGAINST["funding"], 0.0),
        fees_usd=_total(earned.get(one, 0.0) for one in (FEES, LIQUIDATION, TRANSFERS)),
        interest_usd=earned.get(AGAINST["interest"], 0.0),
        liquidation_usd=earned.get(AGAINST["insurance"], 0.0),
        flows_usd=earned.get(FLOWS, 0.0),
        differences_usd=_total(earned.get(one, 0.0) for one in (OPENING, DIFFERENCES)),
    )


def _total(parts: Iterable[float | None]) -> float | None:
    """Their sum; None where one is not known."""
    total = 0.0
    for part in parts:
        if part is None:
            return None
        total += part
    return total


def _open_usd(books: Books) -> float | None:
    """What open contracts have earned and not booked, less what they had when taken over."""
    if any(books.positions[place].contracts for place in books.gains.unpriced):
        return None
    opening = books.gains.opening_usd
    now = _total(_unrealised_usd(books, place) for place in books.positions)
    return None if now is None or opening is None else now - opening


def _unrealised_usd(books: Books, place: tuple[str, str]) -> float | None:
    """What an open position has earned at the newest prices; None where one is not known."""
    held = books.positions[place]
    if held.contracts == 0.0:
        return 0.0
    mark, unit = books.gains.mark.get(place[1]), usd_of(books.gains, held.settle)
    if mark is None or unit is None:
        return None
    code = PAYOFF_CODE[held.payoff]
    worth = value(code, held.contracts, held.multiplier, mark)
    return unrealised_pnl(code, held.cost, worth) * unit


def usd_of(kept: GainsBooked, currency: str) -> float | None:
    """The newest price of a coin, of a stablecoin without one its peg; None: not known."""
    try:
        return index_price(currency, Quotes(0, kept.index_usd), [])
    except PriceError:
        return None


# --- the fold -------------------------------------------------------------------------


def earn(kept: GainsBooked, moves: Sequence[Move]) -> None:
    """Count coins that came and went, at the newest price; before the first decision none."""
    for move in moves:
        if move.is_contract or move.against == TRANSIT or move.amount == 0.0:
            continue
        kept.owned[move.commodity] = kept.owned.get(move.commodity, 0.0) + move.amount
        if kept.begun_ns is not None:
            unit = usd_of(kept, move.commodity)
            _add(kept, move.against, None if unit is None else move.amount * unit)


def _add(kept: GainsBooked, source: str, usd: float | None) -> None:
    kept.gained_usd[source] = _total([kept.gained_usd.get(source, 0.0), usd])


def reprice(books: Books, event: QuoteObserved, time_ns: int) -> None:
    """Count what new prices make of the coins that are owned. time_ns: ns UTC."""
    kept = books.gains
    coins = [one for one, held in kept.owned.items() if held != 0.0]
    before = {one: usd_of(kept, one) for one in coins}
    kept.index_usd.update(event.index_usd)
    kept.mark.update(event.mark)
    if kept.begun_ns is None:
        kept.begun_ns = time_ns
    else:
        for coin, then in before.items():
            now, held = usd_of(kept, coin), kept.owned[coin]
            _add(kept, COINS, None if now is None or then is None else held * (now - then))
    for place in [one for one in kept.unpriced if _unrealised_usd(books, one) is not None]:
        kept.unpriced.discard(place)
        kept.opening_usd = _total([kept.opening_usd, _unrealised_usd(books, place)])


def let_go(books: Books, account: str) -> None:
    """Before an account's positions are taken from a statement: those booked are gone."""
    kept = books.gains
    for place in books.positions:
        if place[0] == account and place not in kept.unpriced:
            earned = _unrealised_usd(books, place)
            kept.opening_usd = _total([kept.opening_usd, None if earned is None else -earned])


def take_over(books: Books, account: str) -> None:
    """After that: what they have earned by the next price was earned before."""
    held = {place for place, one in books.positions.items() if one.contracts != 0.0}
    books.gains.unpriced |= {place for place in held if place[0] == account}
