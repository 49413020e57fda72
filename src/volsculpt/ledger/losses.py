"""What venues closed or cut against the owner, until a person knows of it: part of the fold."""

from volsculpt.contracts.payoff import PAYOFF_CODE, value
from volsculpt.ledger.books import Books, LossBooked, PositionBooked
from volsculpt.ledger.events import CashBooked, Filled
from volsculpt.ledger.gains import usd_of

AGAINST_OWNER = frozenset({"liquidation", "adl"})  # reasons of such fills


def loss_key(account: str, contract: str, reason: str) -> str:
    """The key of the alert that tells of it. Worked: "lost:coinm|bybit:BTC/USD:BTC|adl"."""
    return f"lost:{account}|{contract}|{reason}"


def note_fill(books: Books, event: Filled, realised: float) -> None:
    """Count a fill that a venue made against the owner. realised: coins of profit, - lost."""
    if event.reason not in AGAINST_OWNER:
        return
    key = loss_key(event.account, event.contract, event.reason)
    one = books.losses.get(key)
    if one is None:
        closed = PositionBooked(0.0, 0.0, event.payoff, event.multiplier, event.settle)
        one = books.losses[key] = LossBooked(event.account, event.contract, event.reason, closed)
    one.closed.contracts += event.contracts
    one.closed.cost += value(
        PAYOFF_CODE[event.payoff], event.contracts, event.multiplier, event.price
    )
    one.left, one.stamp_ns = (
        books.positions[event.account, event.contract].contracts,
        event.stamp_ns,
    )
    books.last_liquidation, books.last_loss = event, one
    if event.reason == "liquidation":
        books.liquidated.add(event.account)
    _add(books, one, event.settle, realised)
    _add(books, one, event.fee_currency, -event.fee)


def note_cash(books: Books, event: CashBooked) -> None:
    """Count what an insurance fund took or paid to the last loss of its account, if any stands."""
    if event.reason != "insurance":
        return
    there = [one for one in books.losses.values() if one.account == event.account]
    there.sort(key=lambda one: (one.closed.settle == event.currency, one.stamp_ns))
    if there:
        _add(books, there[-1], event.currency, event.coins)


def _add(books: Books, one: LossBooked, currency: str, coins: float) -> None:
    """Coins that came with it, - lost, at the newest price."""
    if coins == 0.0:
        return
    one.coins[currency] = one.coins.get(currency, 0.0) + coins
    unit = usd_of(books.gains, currency)
    one.usd = None if one.usd is None or unit is None else one.usd + coins * unit
