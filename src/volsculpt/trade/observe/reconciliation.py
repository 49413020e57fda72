"""The books against what the venue states: what stands, what differs, what is blocked. Pure.

The venue is the truth for positions and balances, the ledger for intentions. A difference
that an order under way explains waits; any other blocks its account and raises an alert. The
statement is compared after all new events of the same snapshot is booked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from volsculpt.contracts.orders import SAME_CONTRACTS
from volsculpt.ledger.books import Books
from volsculpt.ledger.disputes import AGAINST_INTENT
from volsculpt.ledger.events import Stated
from volsculpt.text import coins
from volsculpt.trade.connections import ContractOf
from volsculpt.trade.observe.booking import (
    baseline_event,
    later_contracts,
    statement_event,
)
from volsculpt.trade.observe.found import questions as found_questions
from volsculpt.trade.observe.observed import AccountObservation, Alert
from volsculpt.trade.observe.ownership import SAME_COINS, Ownership, doubts
from volsculpt.trade.venue import Statement
from volsculpt.units import MINUTE_NS

SAME_SHARE = 1e-6  # of a balance: rounding of the venue's own
SAME_TIME_NS = MINUTE_NS
DISPUTE = "dispute:"


@dataclass(slots=True)
class ReconciledAccount:
    """One account after a snapshot: what it holds, and what must not be traded and why.

    blocked: contract -> why; account_blocked: why nothing of it may be traded, or None.
    statement: the event to write when it tells something new.
    """

    account: str
    balances: dict[str, float] = field(default_factory=dict)
    positions: dict[str, tuple[float, float]] = field(default_factory=dict)
    margins: dict[str, float] = field(default_factory=dict)
    blocked: dict[str, str] = field(default_factory=dict)
    account_blocked: str | None = None
    alerts: list[Alert] = field(default_factory=list)
    statement: Stated | None = None


def reconcile_account(
    books: Books,
    observed: AccountObservation,
    questions: Mapping[str, str],
    contract_of: ContractOf,
    ownership: Ownership,
) -> ReconciledAccount:
    """What one account holds now and whether the books agree; news is booked before.

    Args: questions: client id -> why an order's outcome is not known; contract_of: "venue:symbol"
    -> the contract; ownership: what the mandate says of positions, some of which may not be own.
    """
    found = _compared(books, observed, questions, contract_of, ownership)
    for contract, alert in found_questions(books, ownership, observed.account).items():
        found.blocked.setdefault(contract, alert.text)
        found.alerts.append(alert)
    if found.account_blocked is None:
        _tell_apart(found, ownership, observed.time_ns)
    return found


def _tell_apart(found: ReconciledAccount, ownership: Ownership, now_ns: int | None) -> None:
    """Block what cannot be told from what is not own: a contract, or an account for its coins."""
    for name, alert in doubts(ownership, found.account, found.positions, found.balances, now_ns):
        found.alerts.append(alert)
        if ":" in name:
            found.blocked.setdefault(name, alert.text)
        else:
            found.account_blocked = alert.text


def _compared(
    books: Books,
    observed: AccountObservation,
    questions: Mapping[str, str],
    contract_of: ContractOf,
    ownership: Ownership,
) -> ReconciledAccount:
    """How an account stands, whatever it held before the ledger began."""
    found = ReconciledAccount(observed.account)
    _block_orders(found, books, observed, questions, ownership)
    stated, activity = observed.statement, observed.activity
    if stated is None or activity is None or observed.orders is None:
        found.account_blocked = "; ".join(observed.problems) or "it was not read whole"
    else:
        _block_unstated(found, books, stated, contract_of)
    if found.account_blocked is not None or stated is None or activity is None:
        _from_books(found, books)
        return found
    later = later_contracts(stated, activity)
    moved = bool(later) or any(cash.stamp_ns > stated.stamp_ns for cash in activity.cash)
    now = _positions_now(stated, later, books)
    found.positions, found.balances = now, dict(stated.balances)
    found.margins = dict(stated.margins)
    if moved:
        found.balances = booked_balances(books, observed.account)
    before = books.statements.get(observed.account)
    gap = before is not None and activity.complete_from_ns > before.stamp_ns + SAME_TIME_NS
    differs = _compare(found, books, observed, moved, now, ownership)
    if differs and gap and not moved:
        _take_over(found, observed, contract_of)
    elif _is_new(books, stated, activity.cursor) and not found.account_blocked:
        found.statement = statement_event(stated, contract_of, activity.cursor)
    return found


def _block_unstated(
    found: ReconciledAccount, books: Books, stated: Statement, contract_of: ContractOf
) -> None:
    """Block an account whose statement cannot be taken as all that it holds.

    contract_of: the contract of a key, None where no catalog has it.
    """
    name = found.account
    unknown = sorted(key for key in stated.positions if contract_of(key) is None)
    lacking = _lacking(books, stated)
    if unknown:
        found.account_blocked = f"{name} holds {', '.join(unknown)}, which no catalog knows"
        found.alerts.append(Alert(f"unknown:{name}", "critical", found.account_blocked))
    elif name not in books.adopted:
        found.account_blocked = "it was never read whole"
    elif lacking:
        found.account_blocked = (
            f"{name} states no {', '.join(lacking)}, of which the books hold some"
        )
        text = f"{found.account_blocked}; `volsculpt accept` believes it"
        found.alerts.append(Alert(f"lacks:{name}", "warning", text))


def _lacking(books: Books, stated: Statement) -> list[str]:
    """Coins the books hold that a statement does not name: unsaid, which is not none."""
    held = booked_balances(books, stated.account)
    return sorted(
        name
        for name, coins in held.items()
        if abs(coins) > SAME_COINS and name not in stated.balances
    )


def booked_balances(books: Books, account: str) -> dict[str, float]:
    """Coins of an account as booked."""
    return {name: coins for (where, name), coins in books.balances.items() if where == account}


def _from_books(found: ReconciledAccount, books: Books) -> None:
    """Without a statement the books say what was held last; nothing is traded on it."""
    found.balances = booked_balances(books, found.account)
    found.positions = {
        key: (held.contracts, held.entry)
        for (account, key), held in books.positions.items()
        if account == found.account and held.contracts != 0.0
    }


def _block_orders(
    found: ReconciledAccount,
    books: Books,
    observed: AccountObservation,
    questions: Mapping[str, str],
    ownership: Ownership,
) -> None:
    """Legs whose order's outcome is a question, and legs where somebody else has an order."""
    for (account, contract), client_id in books.slots.items():
        if account == found.account and client_id in questions:
            why = questions[client_id]
            found.blocked[contract] = f"order {client_id}: {why}"
            if why.startswith(AGAINST_INTENT):
                found.alerts.append(_dispute(found.account, client_id, why))
    for client_id, one in books.disputes.items():
        here = [contract for account, contract in one.legs if account == found.account]
        found.blocked |= dict.fromkeys(here, f"order {client_id}: {one.why}")
        if here:
            found.alerts.append(_dispute(found.account, client_id, one.why))
    for report in observed.foreign_orders:
        if ownership.is_not_own((found.account, report.contract)):
            continue
        text = f"{report.contract} on {found.account}: order {report.client_id} is not ours"
        found.blocked[report.contract] = text
        key = f"stranger:{found.account}|{report.client_id}"
        found.alerts.append(Alert(key, "warning", f"{text}; cancel it at the venue"))


def _dispute(account: str, client_id: str, why: str) -> Alert:
    """The alert of an order of which a venue says what was never intended."""
    text = (
        f"order {client_id} on {account} is {why}: nothing more is sent there; look at the venue, "
        f"cancel what is left of it, then `volsculpt accept` takes the venue's figures"
    )
    return Alert(f"dispute:{client_id}", "critical", text)


def _positions_now(
    stated: Statement, later: Mapping[str, float], books: Books
) -> dict[str, tuple[float, float]]:
    """Stated positions, and what was filled after the statement."""
    now = dict(stated.positions)
    for key, contracts in later.items():
        held, entry = now.get(key, (0.0, 0.0))
        booked = books.positions.get((stated.account, key))
        if booked is not None and abs(booked.contracts - held - contracts) <= SAME_CONTRACTS:
            held, contracts, entry = booked.contracts, 0.0, booked.entry
        now[key] = (held + contracts, entry)
    return {key: held for key, held in now.items() if held[0] != 0.0}


def _compare(
    found: ReconciledAccount,
    books: Books,
    observed: AccountObservation,
    moved: bool,
    now: Mapping[str, tuple[float, float]],
    ownership: Ownership,
) -> bool:
    """Block what differs and say so; True when something differs without an explanation."""
    differs, waits = False, False
    booked = {
        key: held.contracts
        for (where, key), held in books.positions.items()
        if where == observed.account
    }
    for key in sorted({*booked, *now}):
        at_venue, in_books = now.get(key, (0.0, 0.0))[0], booked.get(key, 0.0)
        if abs(at_venue - in_books) <= SAME_CONTRACTS or ownership.is_not_own(
            (observed.account, key)
        ):
            continue
        text = (
            f"{key} on {observed.account}: the venue holds {at_venue:g} contracts, the books "
            f"{in_books:g}"
        )
        found.blocked[key] = text
        advice = f"{text}; if its fills do not come `volsculpt accept` takes the venue's figure"
        if _is_under_way(books, observed.account, key, at_venue - in_books):
            waits = True
            continue
        differs = True
        found.alerts.append(Alert(f"position:{observed.account}|{key}", "critical", advice))
    if not moved and not waits:
        differs |= _compare_balances(found, books, observed, differs)
    if differs:
        found.account_blocked = f"{observed.account} differs from the books"
    elif waits:
        found.account_blocked = f"{observed.account} has a fill that was not told yet"
    return differs


def _is_under_way(books: Books, account: str, contract: str, change: float) -> bool:
    """Whether an order that is alive may have filled so much without our knowing yet."""
    client_id = books.slots.get((account, contract))
    if client_id is None:
        return False
    left = books.orders[client_id].left_contracts
    return change * left > 0.0 and abs(change) <= abs(left) + SAME_CONTRACTS


def _compare_balances(
    found: ReconciledAccount, books: Books, observed: AccountObservation, reported: bool
) -> bool:
    """Compare coins; a difference beyond rounding that nothing explains is reported."""
    assert observed.statement is not None
    at_venue, in_books = observed.statement.balances, booked_balances(books, observed.account)
    differs = False
    for name in differing(books, observed.statement):
        stated, booked = at_venue.get(name, 0.0), in_books.get(name, 0.0)
        if _transfer_explains(books, observed.account, name, stated - booked):
            found.account_blocked = f"{observed.account} has a transfer under way that was not told"
            continue
        differs = True
        if not reported:
            text = (
                f"{observed.account}: the venue states {coins(stated)} {name}, the books "
                f"{coins(booked)}; `volsculpt accept` takes the venue's figure"
            )
            found.alerts.append(Alert(f"balance:{observed.account}|{name}", "critical", text))
    return differs


def differing(books: Books, stated: Statement) -> list[str]:
    """Currencies whose stated coins are not the booked ones, beyond rounding."""
    at_venue, in_books = stated.balances, booked_balances(books, stated.account)
    found = []
    for name in sorted({*at_venue, *in_books}):
        coins = at_venue.get(name, 0.0)
        if not same_coins(coins, in_books.get(name, 0.0), coins):
            found.append(name)
    return found


def same_coins(one: float, other: float, held: float) -> bool:
    """Whether two amounts are the same but for rounding. held: coins that were rounded."""
    return abs(one - other) <= SAME_COINS + SAME_SHARE * abs(held)


def _transfer_explains(books: Books, account: str, currency: str, change: float) -> bool:
    """Whether a transfer of ours under way may have moved so much."""
    for noted in (one.noted for one in books.transfers.values() if one.alive):
        if noted.currency != currency:
            continue
        most = noted.coins + noted.cost
        side = (noted.target == account) - (noted.source == account)
        if side * change > 0.0 and abs(change) <= most * (1.0 + SAME_SHARE) + SAME_COINS:
            return True
    return False


def _take_over(
    found: ReconciledAccount, observed: AccountObservation, contract_of: ContractOf
) -> None:
    """The venue no longer tells all that happened since the last look: its statement is taken."""
    assert observed.statement is not None
    assert observed.activity is not None
    found.statement = baseline_event(observed.statement, observed.activity, contract_of)
    found.account_blocked = None
    found.blocked = {key: why for key, why in found.blocked.items() if why.startswith("order ")}
    found.alerts = [one for one in found.alerts if one.key.startswith(("stranger:", DISPUTE))]
    text = (
        f"{observed.account}: the venue keeps no fills back to the last look, so its statement was "
        f"taken as it is"
    )
    found.alerts.append(Alert(f"gap:{observed.account}", "warning", text))


def _is_new(books: Books, stated: Statement, cursor: str) -> bool:
    """Whether a statement tells something that the last one did not."""
    before = books.statements.get(stated.account)
    if before is None or books.cursors.get(stated.account) != cursor:
        return True
    held = {key: (one["contracts"], one["entry"]) for key, one in before.positions.items()}
    coins = {name: amount for name, amount in stated.balances.items() if amount != 0.0}
    return coins != before.balances or held != dict(stated.positions)
