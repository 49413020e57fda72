"""Events of a small life of a hedge, and makers of single ones."""

from typing import Any

from tests.factories import THE_BOOK, THE_HEDGES, THE_LEGS, THE_MARKS, THE_PRICES, decided
from volsculpt.ledger.decisions import decided_event
from volsculpt.ledger.events import (
    Acknowledged,
    AlertAcknowledged,
    Alerted,
    CashBooked,
    Converted,
    Decided,
    Event,
    Filled,
    FlowBooked,
    Intended,
    Operated,
    QuoteObserved,
    Refused,
    Stated,
    Submitted,
    TransferNoted,
)
from volsculpt.ledger.ledger import Ledger

PERPETUAL = "bybit:BTC/USD:BTC"
START_NS = 1_716_163_200_000_000_000  # 2024-05-20
TERMS: dict[str, Any] = {"payoff": "inverse", "multiplier": 1.0, "settle": "BTC"}


def intended(client_id: str = "c1", contracts: float = -10_000.0, **other: object) -> Intended:
    """An order that may be sent."""
    figures: dict[str, Any] = {
        "account": "coinm",
        "contract": PERPETUAL,
        "reduce_only": False,
        "way": "market",
        "limit_price": None,
        "reference_price": 50_000.0,
        "decision": None,
    }
    return Intended(client_id, contracts=contracts, **(figures | other))


def filled(lot_id: str = "l1", contracts: float = -10_000.0, **other: object) -> Filled:
    """A fill of the inverse perpetual at 50,000, with a fee of 0.0001 coins."""
    figures: dict[str, Any] = {
        "client_id": None,
        "account": "coinm",
        "contract": PERPETUAL,
        "price": 50_000.0,
        "fee": 0.0001,
        "fee_currency": "BTC",
        "stamp_ns": START_NS,
    }
    return Filled(lot_id, contracts=contracts, **(TERMS | figures | other))


def stated(
    balances: dict[str, float] | None = None,
    positions: dict[str, dict[str, Any]] | None = None,
    *,
    adopted: bool = True,
    **other: object,
) -> Stated:
    """What the venue says of the margin account."""
    held = balances if balances is not None else {"BTC": 0.5}
    return Stated("coinm", held, positions or {}, START_NS, adopted=adopted, **other)


def funding(cash_id: str = "f1", coins: float = 0.00002) -> CashBooked:
    """Funding received."""
    return CashBooked(cash_id, "coinm", "BTC", coins, "funding", START_NS, PERPETUAL)


def transfer(state: str, transfer_id: str = "t1", coins: float = 0.1) -> TransferNoted:
    """How far a transfer from the vault has come; it costs 0.0002 coins."""
    return TransferNoted(transfer_id, "vault", "coinm", "BTC", coins, 0.0002, state)  # type: ignore[arg-type]


def decision(ledger: Ledger) -> Decided:
    """The decision of the demonstration book."""
    made = decided(THE_BOOK, THE_HEDGES, THE_LEGS, THE_PRICES, contract_prices=THE_MARKS)
    return decided_event(ledger, made)


def life(ledger: Ledger) -> list[Event]:
    """One event of every kind and more: adopt, decide, trade, be funded, top up, be alerted."""
    return [
        Operated("start", who="tester"),
        stated(positions={PERPETUAL: {"contracts": -20_000.0, "entry": 52_000.0, **TERMS}}),
        QuoteObserved({"BTC": 50_000.0}, {PERPETUAL: 50_010.0}, {PERPETUAL: START_NS}),
        decision(ledger),
        intended(),
        Submitted("c1"),
        filled("l1", -4_000.0, client_id="c1"),
        Acknowledged("c1", "filled", -10_000.0, "v-1"),
        filled("l2", -6_000.0, client_id="c1", price=49_990.0),
        funding(),
        transfer("asked"),
        transfer("sent"),
        transfer("arrived"),
        FlowBooked("w1", "vault", "BTC", 0.25, "mined"),
        Refused("size", "too large"),
        Alerted("ratio", "warning", "out of band"),
        filled("l3", 25_000.0, price=40_000.0, fee=-0.00005),
        AlertAcknowledged("ratio", 1, "warning", "seen", "tester"),
        stated({"BTC": 0.7}, {PERPETUAL: {"contracts": -6_000.0, "entry": 50_000.0}}),
        Converted("x1", "vault", "BTC", 0.05, "USD", 2_500.0, START_NS),
    ]


def lived(ledger: Ledger) -> Ledger:
    """A ledger with that life in it, an event a minute."""
    for n, event in enumerate(life(ledger)):
        ledger.append([event], START_NS + n * 60 * 10**9)
    return ledger
