"""Random lives of a hedge: any event after any other, many of them twice, some impossible."""

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

from tests.ledger.samples import START_NS
from volsculpt.errors import LedgerError
from volsculpt.ledger.events import (
    Acknowledged,
    Alerted,
    CashBooked,
    Converted,
    Event,
    Filled,
    FlowBooked,
    Intended,
    Operated,
    Refused,
    Stated,
    Submitted,
    TransferNoted,
)
from volsculpt.ledger.ledger import Ledger

TERMS: dict[str, dict[str, Any]] = {
    "bybit:BTC/USD:BTC": {"payoff": "inverse", "multiplier": 1.0, "settle": "BTC"},
    "binance:BTC/USDT:USDT": {"payoff": "linear", "multiplier": 0.001, "settle": "USDT"},
    "bitmex:ETH/USD:BTC": {"payoff": "quanto", "multiplier": 1e-6, "settle": "BTC"},
}
accounts = st.sampled_from(["coinm", "usdm", "vault"])
keys = st.sampled_from(sorted(TERMS))
clients = st.sampled_from(["c1", "c2", "c3"])
ids = st.sampled_from(["1", "2", "3", "4", "5"])
coins = st.floats(1e-9, 1e6) | st.floats(-1e6, -1e-9)
positive = st.floats(1e-9, 1e6)
prices = st.floats(1e-3, 1e6)
currencies = st.sampled_from(["BTC", "USDT"])
stamps = st.none() | st.integers(START_NS, START_NS + 100)  # as a venue says, or when written


@st.composite
def fills(draw: Callable[[Any], Any]) -> Filled:
    """A fill of any contract, of an order or of nobody's."""
    key = draw(keys)
    size = draw(coins)
    fee = draw(st.just(0.0) | coins)
    return Filled(
        lot_id=draw(ids),
        client_id=draw(clients | st.none()),
        account=draw(accounts),
        contract=key,
        contracts=size,
        price=draw(prices),
        fee=fee,
        fee_currency=draw(currencies),
        stamp_ns=START_NS,
        reason=draw(st.sampled_from(["trade", "liquidation", "adl", "delivery"])),
        realised=draw(st.none() | coins),
        **TERMS[key],
    )


@st.composite
def statements(draw: Callable[[Any], Any]) -> Stated:
    """A statement, adopted or not."""
    held = draw(st.dictionaries(keys, st.tuples(coins, prices), max_size=2))
    positions = {
        key: {"contracts": size, "entry": entry, **TERMS[key]}
        for key, (size, entry) in held.items()
    }
    balances = draw(st.dictionaries(currencies, coins))
    return Stated(draw(accounts), balances, positions, START_NS, draw(st.booleans()))


outcomes = st.sampled_from(
    ["open", "filled", "cancelled", "rejected", "expired", "absent", "unknown"]
)
states = st.sampled_from(["asked", "sent", "arrived", "failed", "unknown"])
reasons = st.sampled_from(["funding", "fee", "interest", "insurance", "profit"])
events: st.SearchStrategy[Event] = st.one_of(
    fills(),
    fills(),
    statements(),
    st.builds(
        Intended,
        clients,
        accounts,
        keys,
        coins,
        st.booleans(),
        st.just("market"),
        st.none(),
        prices,
        st.none(),
    ),
    st.builds(Submitted, clients, st.sampled_from(["order", "cancel"])),
    st.builds(Acknowledged, clients, outcomes, coins),
    st.builds(CashBooked, ids, accounts, currencies, coins, reasons, st.just(START_NS)),
    st.builds(
        TransferNoted,
        ids,
        accounts,
        accounts,
        currencies,
        positive,
        st.floats(0.0, 1.0),
        states,
        st.just(""),
        stamps,
    ),
    st.builds(FlowBooked, ids, accounts, currencies, coins, st.just(""), stamps),
    st.builds(
        Converted, ids, accounts, currencies, positive, currencies, positive, st.just(START_NS)
    ),
    st.builds(Refused, st.just("size"), st.text(max_size=20)),
    st.builds(Alerted, ids, st.just("warning"), st.text(max_size=20), st.booleans()),
    st.builds(Operated, st.sampled_from(["pause", "resume", "reset"])),
)
lives = st.lists(events, max_size=40)


def live(ledger: Ledger, life: Sequence[Event]) -> list[Event]:
    """Append each event, those that are refused left out; what was written."""
    written: list[Event] = []
    for n, event in enumerate(life):
        try:
            ledger.append([event], START_NS + n)
        except LedgerError:
            continue
        written.append(event)
    return written
