"""The fold: one event into the books, and the postings it makes. No input, no output.

`book` changes the books and answers both sides of every move of coins or contracts. An event
that is already booked (a lot that comes twice) changes nothing and makes no postings.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from volsculpt.contracts.payoff import PAYOFF_CODE, trade, value
from volsculpt.ledger.books import (
    AlertBooked,
    Books,
    OrderBooked,
    PositionBooked,
    StatementBooked,
    TransferBooked,
)
from volsculpt.ledger.entry import Entry
from volsculpt.ledger.events import (
    Acknowledged,
    AlertAcknowledged,
    Alerted,
    CashBooked,
    Converted,
    Decided,
    Filled,
    FlowBooked,
    Intended,
    Operated,
    QuoteObserved,
    Stated,
    Submitted,
    TransferNoted,
)
from volsculpt.ledger.gains import earn, let_go, reprice, take_over
from volsculpt.ledger.postings import (
    AGAINST,
    CONVERSIONS,
    DIFFERENCES,
    EQUITY_CONTRACTS,
    FEES,
    FLOWS,
    LIQUIDATION,
    OPENING,
    TRADING,
    TRANSFERS,
    TRANSIT,
    Move,
    Posting,
    postings_of,
)

EVERY = "*"  # the underlying of an override that is for every hedge


def book(books: Books, entry: Entry) -> list[Posting]:
    """Fold one entry into the books; its postings.

    Worked: 10,000 USD inverse sold at 50,000 and 4,000 bought at 40,000: position -6,000, cost
    -0.12, and 0.02 coins from income:trading to assets.
    """
    return postings_of(moves_of(books, entry))


def moves_of(books: Books, entry: Entry) -> list[Move]:
    """Fold one entry into the books; what it moves into and out of the owner's accounts."""
    event = entry.event
    how = _HOW.get(type(event))
    if how is None or books.is_booked(event):
        return []
    moves = how(books, event, entry) or []
    earn(books.gains, moves)
    return moves


def _add(books: Books, move: Move) -> Move:
    """Book coins of a move on the owner's side."""
    key = (move.account, move.commodity)
    books.balances[key] = books.balances.get(key, 0.0) + move.amount
    return move


# --- orders ---------------------------------------------------------------------------


def _intended(books: Books, event: Intended, entry: Entry) -> None:
    books.orders[event.client_id] = OrderBooked(event, entry.seq, entry.time_ns)
    books.slots[event.account, event.contract] = event.client_id


def _submitted(books: Books, event: Submitted, entry: Entry) -> None:
    order = books.orders[event.client_id]
    if order.alive:
        order.state = "sent" if event.request == "order" else "cancelling"


def _acknowledged(books: Books, event: Acknowledged, entry: Entry) -> None:
    order = books.orders[event.client_id]
    order.outcome, order.why = event.outcome, event.why
    order.venue_order_id = event.venue_order_id or order.venue_order_id
    if event.outcome == "unknown":
        order.state = "unknown"
        return
    order.filled_contracts = _further(order.filled_contracts, event.filled_contracts)
    if event.outcome == "open":
        order.state = "partial" if order.filled_contracts != 0.0 else "acked"
        return
    order.state = "done"
    if books.slots.get(order.place) == order.client_id:
        del books.slots[order.place]


def _further(one: float, other: float) -> float:
    """The larger count of contracts, whichever its sign."""
    return other if abs(other) > abs(one) else one


# --- coins and contracts ---------------------------------------------------------------


def _filled(books: Books, event: Filled, entry: Entry) -> list[Move]:
    books.lots.add((event.account, event.lot_id))
    key = (event.account, event.contract)
    held = books.positions.get(key)
    if held is None:
        held = PositionBooked(0.0, 0.0, event.payoff, event.multiplier, event.settle)
        books.positions[key] = held
    held.contracts, held.cost, realised = trade(
        PAYOFF_CODE[event.payoff],
        event.multiplier,
        held.contracts,
        held.cost,
        event.contracts,
        event.price,
    )
    if event.realised is not None:
        realised = event.realised
    _forget_closed(books, key)
    _count(books, event, entry)
    if event.reason in {"liquidation", "adl"}:
        books.last_liquidation = event
    fees = FEES if event.reason in {"trade", "delivery"} else LIQUIDATION
    return [
        Move(event.account, event.contract, event.contracts, EQUITY_CONTRACTS, True),
        _add(books, Move(event.account, event.settle, realised, TRADING)),
        _add(books, Move(event.account, event.fee_currency, -event.fee, fees)),
    ]


def _forget_closed(books: Books, key: tuple[str, str]) -> None:
    """A position that was found is no question any more once it is closed.

    Where only a part of it is in question, none is no answer: parts may have netted to nothing.
    """
    if books.positions[key].contracts == 0.0 and books.found.get(key) is not None:
        del books.found[key]


def _count(books: Books, event: Filled, entry: Entry) -> None:
    """Count a fill to its order."""
    order = books.orders.get(event.client_id) if event.client_id is not None else None
    if order is None:
        return
    order.booked_contracts += event.contracts
    order.filled_contracts = _further(order.filled_contracts, order.booked_contracts)
    if order.state in {"intended", "sent", "acked"}:
        order.state = "partial"


def _cash(books: Books, event: CashBooked, entry: Entry) -> list[Move]:
    books.cash_ids.add((event.account, event.cash_id))
    against = AGAINST[event.reason]
    return [_add(books, Move(event.account, event.currency, event.coins, against))]


def _flow(books: Books, event: FlowBooked, entry: Entry) -> list[Move]:
    books.flow_ids.add(event.flow_id)
    return [_add(books, Move(event.account, event.currency, event.coins, FLOWS))]


def _converted(books: Books, event: Converted, entry: Entry) -> list[Move]:
    books.conversion_ids.add((event.account, event.conversion_id))
    return [
        _add(books, Move(event.account, event.sold, -event.sold_coins, CONVERSIONS)),
        _add(books, Move(event.account, event.bought, event.bought_coins, CONVERSIONS)),
    ]


def _transfer(books: Books, event: TransferNoted, entry: Entry) -> list[Move]:
    """Coins leave when it is sent, and are there, or back, when it ends."""
    booked = books.transfers.setdefault(event.transfer_id, TransferBooked(event, entry.time_ns))
    booked.noted = noted = replace(booked.noted, state=event.state, why=event.why)
    moves = _leaving(booked) if event.state in {"sent", "arrived"} else []
    if event.state == "arrived":
        if event.coins != noted.coins:  # less or more came than was meant: that is the cost
            lost = booked.gone_coins - event.coins
            booked.noted = replace(noted, coins=event.coins, cost=lost)
        moves += _arriving(booked)
    elif event.state == "failed" and booked.gone_coins != 0.0:
        moves.append(Move(noted.source, noted.currency, booked.gone_coins, TRANSIT))
        booked.gone_coins = 0.0
    return [_add(books, move) for move in moves]


def _leaving(booked: TransferBooked) -> list[Move]:
    """Coins and cost from the source into transit, once."""
    if booked.gone_coins != 0.0:
        return []
    noted = booked.noted
    booked.gone_coins = noted.coins + noted.cost
    return [Move(noted.source, noted.currency, -booked.gone_coins, TRANSIT)]


def _arriving(booked: TransferBooked) -> list[Move]:
    """All that left out of transit to the target, and from there what it cost."""
    noted = booked.noted
    return [
        Move(noted.target, noted.currency, booked.gone_coins, TRANSIT),
        Move(noted.target, noted.currency, -noted.cost, TRANSFERS),
    ]


# --- statements -----------------------------------------------------------------------


def _stated(books: Books, event: Stated, entry: Entry) -> list[Move]:
    if event.cursor is not None or event.account not in books.cursors:
        books.cursors[event.account] = event.cursor
    books.statements[event.account] = StatementBooked(
        event.balances, event.positions, event.stamp_ns, event.adopted
    )
    if not event.adopted:
        return []
    against = DIFFERENCES if event.account in books.adopted else OPENING
    books.adopted.add(event.account)
    let_go(books, event.account)
    moves = [*_adopt_balances(books, event, against), *_adopt_positions(books, event, against)]
    take_over(books, event.account)
    return moves


def _adopt_balances(books: Books, event: Stated, against: str) -> list[Move]:
    """Make booked coins those stated; a currency that is not stated is not held."""
    names = {name for where, name in books.balances if where == event.account}
    moves = []
    for name in sorted(names | set(event.balances)):
        coins = event.balances.get(name, 0.0)
        change = coins - books.balances.get((event.account, name), 0.0)
        books.balances[event.account, name] = coins
        moves.append(Move(event.account, name, change, against))
    return moves


def _adopt_positions(books: Books, event: Stated, against: str) -> list[Move]:
    """Make booked positions those stated; a contract that is not stated is not held."""
    names = {name for where, name in books.positions if where == event.account}
    moves = []
    for name in sorted(names | set(event.positions)):
        key = (event.account, name)
        before = books.positions[key].contracts if key in books.positions else 0.0
        books.positions[key] = stated_position(event.positions.get(name), books.positions.get(key))
        _forget_closed(books, key)
        change = books.positions[key].contracts - before
        moves.append(Move(event.account, name, change, against, True))
    return moves


def stated_position(stated: dict[str, Any] | None, held: PositionBooked | None) -> PositionBooked:
    """A stated position; its contract's terms from what is said, else from what is booked.

    Raises KeyError: terms are neither said nor known, which `checks` refuses before.
    """
    terms = dict(stated or {})
    if held is not None:
        held_terms = {"payoff": held.payoff, "multiplier": held.multiplier, "settle": held.settle}
        terms = held_terms | terms
    payoff, multiplier, settle = terms["payoff"], terms["multiplier"], terms["settle"]
    contracts = terms.get("contracts", 0.0)
    if contracts == 0.0:
        return PositionBooked(0.0, 0.0, payoff, multiplier, settle)
    cost = value(PAYOFF_CODE[payoff], contracts, multiplier, terms["entry"])
    return PositionBooked(contracts, cost, payoff, multiplier, settle)


# --- the desk -------------------------------------------------------------------------


def _quoted(books: Books, event: QuoteObserved, entry: Entry) -> None:
    reprice(books, event, entry.time_ns)


def _decided(books: Books, event: Decided, entry: Entry) -> None:
    books.last_decision_seq, books.last_decision_ns = entry.seq, entry.time_ns
    books.memory = event.memory
    wealth = event.aim_input.get("wealth_usd")
    if wealth is not None:
        books.peak_wealth_usd = max(wealth, books.peak_wealth_usd or wealth)


def _alerted(books: Books, event: Alerted, entry: Entry) -> None:
    if event.over:
        gone = books.alerts.pop(event.key, None)
        if gone is not None and gone.waits:
            kind = event.key.partition(":")[0]
            books.passed[kind] = books.passed.get(kind, 0) + 1
        return
    fresh = AlertBooked(event.key, event.level, event.text, entry.time_ns)
    one = books.alerts.setdefault(event.key, fresh)
    one.level, one.text, one.waits = event.level, event.text, event.waits
    if one.number is None and not event.waits:
        books.alert_count += 1
        one.number = books.alert_count


def _alert_acknowledged(books: Books, event: AlertAcknowledged, entry: Entry) -> None:
    one = books.alerts[event.key]
    one.acknowledged, one.acknowledged_ns = event, entry.time_ns


def _operated(books: Books, event: Operated, entry: Entry) -> None:
    arguments = event.arguments
    if event.action in {"pause", "resume"}:
        books.paused = event.action == "pause"
    elif event.action == "override":
        underlying = arguments.get("underlying") or EVERY
        books.override.pop(underlying, None)
        if arguments.get("ratio") is not None:
            books.override[underlying] = arguments
    elif event.action == "found":
        books.found[arguments["account"], arguments["contract"]] = arguments["contracts"]
        if arguments["contracts"] is not None:
            _forget_closed(books, (arguments["account"], arguments["contract"]))
    elif event.action == "adopt":
        books.found.pop((arguments["account"], arguments["contract"]), None)
    elif event.action == "latch":
        books.latches[arguments["latch"]] = arguments.get("why", "")
    elif event.action == "reset":
        books.peak_wealth_usd = None
        for latch in [arguments["latch"]] if arguments.get("latch") else list(books.latches):
            books.latches.pop(latch, None)


_HOW: dict[type, Callable[[Books, Any, Entry], list[Move] | None]] = {
    Acknowledged: _acknowledged,
    AlertAcknowledged: _alert_acknowledged,
    Alerted: _alerted,
    CashBooked: _cash,
    Converted: _converted,
    Decided: _decided,
    Filled: _filled,
    FlowBooked: _flow,
    Intended: _intended,
    Operated: _operated,
    QuoteObserved: _quoted,
    Stated: _stated,
    Submitted: _submitted,
    TransferNoted: _transfer,
}
