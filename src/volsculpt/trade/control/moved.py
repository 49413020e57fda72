"""Coins that a person moves on paper: between accounts, in from outside, or out. One event each.

A paper venue keeps what it holds, so another number in the mandate moves nothing there; this does.
The event is in the ledger first. What the venue was not asked for yet, as the desk did not run or
was killed, it is asked for at the next start, each by its id and once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from volsculpt.errors import LedgerError, VenueError
from volsculpt.ledger.books import Books
from volsculpt.ledger.events import Decided, FlowBooked, TransferNoted
from volsculpt.ledger.ledger import Ledger
from volsculpt.text import amount
from volsculpt.trade.desk import Desk
from volsculpt.trade.observe.recall import BY_HAND_FLOW

BY_HAND = "by hand"


@dataclass(frozen=True, slots=True)
class RequestedMove:
    """Coins to move. source, target: accounts; None: outside."""

    coins: float
    currency: str
    source: str | None
    target: str | None

    @property
    def words(self) -> str:
        """Worked: "0.31 BTC from vault to futures"."""
        source, target = self.source or "outside", self.target or "outside"
        return f"{amount(self.coins, self.currency)} from {source} to {target}"


def coin_move(books: Books, arguments: Mapping[str, Any]) -> RequestedMove:
    """What a person asks for, checked against the books. Raises LedgerError.

    arguments: coins, currency, source and target, of which one may be None: outside.
    """
    coins, currency = arguments.get("coins"), str(arguments.get("currency"))
    requested = RequestedMove(
        float(coins or 0.0), currency, arguments.get("source"), arguments.get("target")
    )
    if not (isfinite(requested.coins) and requested.coins > 0.0):
        raise LedgerError(f"{coins!r} {currency} cannot be moved: write a number above 0")
    if requested.source == requested.target:
        raise LedgerError("--from and --to are the same: name two accounts, or one of them alone")
    for flag, name in (("--from", requested.source), ("--to", requested.target)):
        if name is not None and name not in books.adopted:
            there = ", ".join(sorted(books.adopted)) or "none yet"
            raise LedgerError(f"{flag} {name}: this desk has no such account; it has {there}")
    currencies = sorted({name for _, name in books.balances})
    if currency not in currencies:
        names = ", ".join(currencies) or "none"
        raise LedgerError(f"no account holds {currency}; there are {names}")
    if requested.source is not None:
        _check_there(books, requested, requested.source)
    return requested


def _check_there(books: Books, requested: RequestedMove, source: str) -> None:
    """Raise LedgerError where the coins are not there, or are about to leave."""
    leaving = sum(
        one.noted.coins + one.noted.cost - one.gone_coins
        for one in books.transfers.values()
        if one.alive and (one.noted.source, one.noted.currency) == (source, requested.currency)
    )
    free = books.balances.get((source, requested.currency), 0.0) - leaving
    if requested.coins > free * (1.0 + 1e-12):
        held, coins = (amount(one, requested.currency) for one in (max(free, 0.0), requested.coins))
        raise LedgerError(f"'{source}' has {held}, not {coins}: nothing was moved")


def moved_event(
    ledger: Ledger, requested: RequestedMove, ids: str, time_ns: int
) -> TransferNoted | FlowBooked:
    """The one event of coins that are moved.

    What leaves an account for another is what was asked for: its cost is taken out of it.

    Args: ledger: as it is; requested: checked; ids: what ids of this ledger begin with; time_ns: ns
    UTC.
    """
    books = ledger.books
    if requested.source is not None and requested.target is not None:
        cost = transfer_cost(ledger, requested)
        if requested.coins <= cost:
            held = amount(cost, requested.currency)
            raise LedgerError(f"{requested.words}: the transfer alone costs {held}; move more")
        name = f"vt-{ids}-{len(books.transfers) + 1}"
        ends = (requested.source, requested.target, requested.currency)
        return TransferNoted(name, *ends, requested.coins - cost, cost, "asked", BY_HAND)
    name = f"{BY_HAND_FLOW}{ids}-{len(books.flow_ids) + 1}"
    sign, account = (
        (1.0, requested.target) if requested.target is not None else (-1.0, requested.source)
    )
    own = (str(account), requested.currency, sign * requested.coins)
    return FlowBooked(name, *own, BY_HAND, time_ns)


def transfer_cost(ledger: Ledger, requested: RequestedMove) -> float:
    """Coins that a transfer costs, by the plans of the last decision; 0 without any for it."""
    seq = ledger.books.last_decision_seq
    if seq is None:
        return 0.0
    event = next(ledger.entries(seq)).event
    assert isinstance(event, Decided)
    rules, layout = ledger.document(event.rules), ledger.document(event.layout)
    for group, label in enumerate(layout["groups"]):
        moves = layout["currencies"][rules["move_currency"][group]]
        ends = (requested.target, requested.source)
        if label["account"] in ends and moves == requested.currency and rules["planned"][group]:
            return float(rules["transfer_cost"][group])
    return 0.0


async def move_coins(desk: Desk, arguments: Mapping[str, Any], who: str) -> str:
    """Move coins on a desk that runs; the answer in words. Raises LedgerError: they are not."""
    requested = coin_move(desk.ledger.books, arguments)
    made = moved_event(desk.ledger, requested, desk.recall.ids, desk.clock.now_ns())
    if isinstance(made, TransferNoted):
        return await _transferred(desk, made, requested)
    flow, now = desk.connections.flow, desk.clock.now_ns()
    if flow is None:
        raise LedgerError("coins come from and go outside at the venue; a statement shows them")
    try:
        flow(made, now, False)
    except VenueError as error:
        raise LedgerError(f"{requested.words}: not moved, {error}") from None
    desk.append([made])
    flow(made, now, True)
    await desk.observe()
    return f"moved {requested.words}"


async def _transferred(desk: Desk, noted: TransferNoted, requested: RequestedMove) -> str:
    """A transfer between two accounts, asked of the venue that carries it."""
    if desk.connections.carrier(desk.mandate, noted.source, noted.target) is None:
        raise LedgerError(
            f"no venue carries coins from '{noted.source}' to '{noted.target}': move them where "
            f"they are, a statement shows it"
        )
    desk.append([noted])
    desk.append(await desk.mover.send(noted))
    now = desk.ledger.books.transfers[noted.transfer_id].noted
    await desk.observe()
    if now.state == "failed":
        raise LedgerError(f"{requested.words}: not moved, {now.why}")
    return f"moving {requested.words}: transfer {noted.transfer_id}, {now.state}"


def move_written(ledger: Ledger, arguments: Mapping[str, Any], begun: str, now_ns: int) -> str:
    """Write coins to move into the ledger of a desk that does not run; the answer in words.

    Args: ledger: open to be written; arguments: of the verb; begun: its mark; now_ns: ns
    UTC.
    """
    requested, books = coin_move(ledger.books, arguments), ledger.books
    has_positions = any(
        one.contracts and account == requested.source
        for (account, _), one in books.positions.items()
    )
    if requested.target is None and has_positions:
        raise LedgerError(
            f"'{requested.source}' holds positions, and its venue must say what margin lets go: "
            f"start the desk, then move the coins"
        )
    event = moved_event(ledger, requested, f"{begun}m{ledger.head[0]}", now_ns)
    ledger.append([event], now_ns)
    return f"written: {requested.words}; it moves when the desk starts again"
