"""What a status tells beside the books: margin, gains, the last liquidation, the next decision."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from volsculpt.book.state import Quote
from volsculpt.decide.act import measure
from volsculpt.decide.rules import Answer
from volsculpt.errors import LedgerError
from volsculpt.ledger.books import Books
from volsculpt.ledger.decisions import flat_of, problem_of
from volsculpt.ledger.events import Decided, Operated
from volsculpt.ledger.gains import gains_of
from volsculpt.ledger.ledger import Ledger
from volsculpt.ledger.losses import AGAINST_OWNER
from volsculpt.ledger.plain import rows_in
from volsculpt.mandate.desk import next_step_ns
from volsculpt.trade.control.alerts import LOSS
from volsculpt.trade.control.states import stopped
from volsculpt.units import iso
from volsculpt.watch.standing import GroupStanding, standings, with_fills

Json = dict[str, Any]


def standing_of(ledger: Ledger, decided: Decided) -> list[Json]:
    """Each margin group at a decision's prices, with what was filled since; the nearest first.

    None in a form of another version, and no group that needs a price that is not known.
    """
    try:
        flat, quote = flat_of(ledger, decided), rows_in(Quote, decided.quote)
        answer = rows_in(Answer, decided.answer)
    except LedgerError:
        return []
    held, unpriced = with_fills(flat, quote, answer, ledger.books), unpriced_at(decided)
    found: list[GroupStanding] = standings(held, quote, unpriced)
    return [asdict(one) for one in found]


def held_ratios(ledger: Ledger, decided: Decided) -> list[float] | None:
    """Held ratios at a decision's prices with what was filled since, as the next will measure them.

    None of a decision in a form of another version.
    """
    try:
        problem, flat = problem_of(ledger, decided), flat_of(ledger, decided)
        answer = rows_in(Answer, decided.answer)
    except LedgerError:
        return None
    now = with_fills(flat, problem.quote, answer, ledger.books)
    measured = problem._replace(state=now.state)
    measure(measured, decided.ratio)
    return list(measured.answer.held)


def unpriced_at(decided: Decided) -> frozenset[str]:
    """Currencies of which no price was known at a decision."""
    return frozenset(decided.aim_input.get("unpriced", ()))


def unpriced_words(unpriced: Sequence[str]) -> str:
    """Why a figure is not told. Worked: "not known: no price of SHIB"."""
    return f"not known: no price of {', '.join(unpriced)}"


def positions_of(books: Books) -> list[Json]:
    """What is held, contract by contract."""
    return [
        {"account": account, "contract": key, "contracts": one.contracts, "entry": one.entry}
        for (account, key), one in sorted(books.positions.items())
        if one.contracts != 0.0
    ]


def balances_of(books: Books) -> list[Json]:
    """Coins of every account as booked."""
    return [
        {"account": account, "currency": name, "coins": coins}
        for (account, name), coins in sorted(books.balances.items())
    ]


def gains_row(books: Books) -> Json | None:
    """What was earned since the first decision; None before it."""
    found = gains_of(books)
    if found is None:
        return None
    made = asdict(found)
    return {"since": iso(made.pop("begun_ns")), **made}


def liquidation_row(books: Books) -> Json | None:
    """The last fill by which a venue closed or cut a position; None: there was none.

    closed_contracts, average_price: of all its fills together, as its alert tells them.
    """
    one, loss = books.last_liquidation, books.last_loss
    if one is None:
        return None
    return {
        "time": iso(one.stamp_ns),
        "account": one.account,
        "contract": one.contract,
        "contracts": one.contracts,
        "price": one.price,
        "reason": one.reason,
        "closed_contracts": one.contracts if loss is None else loss.closed.contracts,
        "average_price": one.price if loss is None else loss.closed.entry,
        "lost_usd": None if loss is None or loss.usd is None else -loss.usd,
    }


def stopped_rows(books: Books) -> list[Json]:
    """What a person or a guard has stopped and no alert tells yet, each with its remedy."""
    return [
        {"key": one.key, "level": one.level, "text": one.text}
        for one in stopped(books, None)
        if one.key not in books.alerts
    ]


def is_ended(key: str, books: Books) -> bool:
    """Whether a person has ended what an alert tells of since: the next step takes it away.

    A pause that is resumed, a latch that is reset, a position that is adopted, a loss that is
    acknowledged.
    """
    kind, _, rest = key.partition(":")
    if rest.rpartition("|")[2] in AGAINST_OWNER and kind == LOSS:
        return key not in books.losses
    if kind in ("paused", "latch"):
        return key not in {one.key for one in stopped(books, None)}
    return kind == "found" and tuple(rest.split("|", 1)) not in books.found


def held_back_words(books: Books) -> list[str]:
    """That a desk sends nothing, or only reductions; nothing where it sends all."""
    latched = [f"latched by {name}: only reductions are sent" for name in books.latches]
    return ["paused: nothing is sent"] if books.paused else latched


def last_start(ledger: Ledger) -> Json:
    """What the last start of a desk says of its mandate; nothing before the first."""
    found: Json = {}
    for event in _starts(ledger):
        found = event.arguments
    return found


def _starts(ledger: Ledger) -> Iterator[Operated]:
    for entry in ledger.entries(kinds=(Operated.KIND,)):
        if isinstance(entry.event, Operated) and entry.event.action == "start":
            yield entry.event


def next_decision(ledger: Ledger, start: Json) -> str | None:
    """When a running desk decides next; None where its ledger is too old to tell.

    start: as `last_start` finds it.
    """
    every_ns, seq = start.get("every_ns"), ledger.head[0]
    if every_ns is None or not seq:
        return None
    return iso(next_step_ns(next(ledger.entries(seq)).time_ns, every_ns))
