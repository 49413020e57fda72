"""Looking at every venue and account at once; what does not come in time counts as missing.

Of one account the statement is read first and all else after it, so that what happened
between two reads is seen in the later one, never lost between them.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TypeVar

from volsculpt.errors import VenueError
from volsculpt.ledger.books import Books
from volsculpt.mandate.desk import DeskRules, GuardRules
from volsculpt.market.quotes import is_price
from volsculpt.text import duration
from volsculpt.trade.connections import ContractOf
from volsculpt.trade.observe.features import PricesAt, no_prices
from volsculpt.trade.observe.observed import AccountObservation, Alert, Observation
from volsculpt.trade.venue import (
    OrderReport,
    TransferReport,
    Venue,
    VenueActivity,
    VenuePrice,
)
from volsculpt.units import SECOND_NS

MOST_SKEW_NS = 30 * SECOND_NS
FAR = 10.0  # times the mark, or a part of it: a best bid or ask there is a mistake of the feed

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ReadScope:
    """What is looked at: contracts and accounts by venue, and how patient the desk is.

    contract_of: "venue:symbol" -> the contract, None for one that is not known. stored: what a
    history tells of coins.
    """

    venues: Mapping[str, Venue]
    contracts: Mapping[str, Sequence[str]]
    accounts: Mapping[str, Sequence[str]]
    desk: DeskRules
    guard: GuardRules
    contract_of: ContractOf
    stored: PricesAt = no_prices


@dataclass(slots=True)
class _Reads:
    """Reads of one venue or account, each with a time-out; what failed is kept in words."""

    timeout_ns: int
    problems: list[str]

    async def read(self, what: str, scope: Awaitable[T]) -> T | None:
        """An answer, or None with the reason in `problems`: it is late, an error, or no number."""
        found = await self.read_raw(what, scope)
        wrong = not_finite(found)
        if wrong is not None:
            self.problems.append(f"{what}: {wrong}, no number")
            return None
        return found

    async def read_raw(self, what: str, scope: Awaitable[T]) -> T | None:
        """An answer whose figures are judged one by one, or None with the reason."""
        try:
            async with asyncio.timeout(self.timeout_ns / SECOND_NS):
                return await scope
        except TimeoutError:
            self.problems.append(f"{what}: no answer within {duration(self.timeout_ns)}")
        except VenueError as error:
            self.problems.append(f"{what}: {error}")
        return None


def not_finite(found: object) -> str | None:
    """Where an answer has a figure that is no number, in words; None where all are.

    Worked: a statement with a balance of NaN: "balances BTC is nan".
    """
    if isinstance(found, float):
        return None if math.isfinite(found) else f"is {found!r}"
    if is_dataclass(found):
        parts = [(field.name, getattr(found, field.name)) for field in fields(found)]
    elif isinstance(found, Mapping):
        parts = [(str(name), one) for name, one in found.items()]
    elif isinstance(found, tuple | list):
        parts = [("", one) for one in found]
    else:
        return None
    for name, one in parts:
        wrong = not_finite(one)
        if wrong is not None:
            return f"{name} {wrong}".strip()
    return None


async def observe(scope: ReadScope, books: Books, now_ns: Callable[[], int]) -> Observation:
    """Everything there is to know of every venue, read at once. Never raises VenueError."""
    tasks = [_observe_venue(scope, name, books, now_ns) for name in scope.venues]
    found = await asyncio.gather(*tasks)
    time_ns = now_ns()
    stored = scope.stored(time_ns)
    return Observation(
        time_ns=time_ns,
        prices={key: price for one in found for key, price in one.prices.items()},
        accounts={name: observed for one in found for name, observed in one.accounts.items()},
        transfers={key: reports for one in found for key, reports in one.transfers.items()},
        alerts=tuple(alert for one in found for alert in one.alerts),
        stored=stored.usd,
        stored_ns=stored.stamp_ns,
        old={key: words for one in found for key, words in one.old.items()},
    )


async def _observe_venue(
    scope: ReadScope, name: str, books: Books, now_ns: Callable[[], int]
) -> Observation:
    """One venue: its clock first, then prices and accounts side by side."""
    venue, reads = scope.venues[name], _Reads(scope.desk.read_timeout_ns, [])
    time_ns = await reads.read("clock", venue.time_ns())
    ahead_ns = 0 if time_ns is None else time_ns - now_ns()
    tasks = [_account(scope, name, one, books, time_ns) for one in scope.accounts[name]]
    (prices, old), accounts = await asyncio.gather(
        _prices(scope, name, time_ns, reads), asyncio.gather(*tasks)
    )
    transfers = await _transfers(venue, scope, name, books, reads)
    alerts = [Alert(f"read:{name}", "warning", f"{name}: {'; '.join(reads.problems)}")]
    alerts = alerts if reads.problems else []
    if abs(ahead_ns) > MOST_SKEW_NS:
        text = f"{name}: its clock and ours differ by {duration(abs(ahead_ns))}"
        alerts.append(Alert(f"clock:{name}", "warning", text))
    for observed in accounts:
        if observed.problems:
            text = f"{observed.account} at {name}: {'; '.join(observed.problems)}"
            alerts.append(Alert(f"read:{observed.account}", "warning", text))
    found = {observed.account: observed for observed in accounts}
    return Observation(time_ns or now_ns(), prices, found, transfers, tuple(alerts), old=old)


def old_words(age_ns: int, most_ns: int) -> str:
    """How old a price is and may be (ns), and how to let it be older."""
    return (
        f"{duration(age_ns)} old, {duration(most_ns)} are allowed: look at the venue, or raise "
        f"max_price_age in [guard]"
    )


async def _prices(
    scope: ReadScope, name: str, time_ns: int | None, reads: _Reads
) -> tuple[dict[str, VenuePrice], dict[str, str]]:
    """(the prices of a venue that are fresh, how old the others are in words)."""
    contracts, old = scope.contracts[name], dict[str, str]()
    if time_ns is None or not contracts:
        return {}, old
    reports = await reads.read_raw("prices", scope.venues[name].prices(contracts))
    fresh = {}
    for price in reports or ():
        age = time_ns - price.stamp_ns
        if age > scope.guard.oldest_price_ns(price.contract):
            old[price.contract] = old_words(age, scope.guard.oldest_price_ns(price.contract))
            reads.problems.append(f"{price.contract}: its price is {old[price.contract]}")
        elif (wrong := no_price(price)) is not None:
            reads.problems.append(f"{price.contract}: {wrong}")
        else:
            fresh[price.contract], doubts = with_sides(price)
            reads.problems += doubts
    if reports is not None:
        lacking = sorted(set(contracts) - {price.contract for price in reports})
        reads.problems += [f"{key}: the venue gave no price" for key in lacking]
    return fresh, old


def with_sides(price: VenuePrice) -> tuple[VenuePrice, list[str]]:
    """A venue's prices without a best bid or ask that is none, and what was wrong with it.

    The mark is what is decided on, so it stays. A side is 0 where nobody stands on it.
    """
    sides, doubts = {"bid": price.bid, "ask": price.ask}, []
    for side, found in sides.items():
        if found is None or (is_price(found) and 1.0 / FAR <= found / price.mark <= FAR):
            continue
        sides[side] = None
        if found != 0.0:
            doubts.append(
                f"{price.contract}: its {side} is {found!r}, no price beside {price.mark}"
            )
    return replace(price, bid=sides["bid"], ask=sides["ask"]), doubts


def no_price(price: VenuePrice) -> str | None:
    """What in a venue's prices is no price: not finite, or not above 0; None where all are.

    A funding rate may be below 0; it must be a number.
    """
    prices = {
        "price": price.mark,
        "index": price.index_usd,
        "price of what it is quoted in": price.quote_usd,
        "price of what it is settled in": price.settle_usd,
    }
    for name, found in prices.items():
        if found is not None and not is_price(found):
            return f"its {name} is {found!r}, no price"
    if price.funding_rate is not None and not math.isfinite(price.funding_rate):
        return f"its funding rate is {price.funding_rate!r}, no rate"
    return None


async def _account(
    scope: ReadScope, name: str, account: str, books: Books, time_ns: int | None
) -> AccountObservation:
    """One account: its statement, then orders, then what happened since the cursor."""
    venue, reads = scope.venues[name], _Reads(scope.desk.read_timeout_ns, [])
    if time_ns is None:
        return AccountObservation(account, name, problems=("the venue's clock did not answer",))
    statement = await reads.read("statement", venue.statement(account))
    if statement is not None and time_ns - statement.stamp_ns > scope.guard.max_statement_age_ns:
        age_ns = time_ns - statement.stamp_ns
        reads.problems.append(f"its statement is {duration(age_ns)} old")
        statement = None
    opened = await reads.read("open orders", venue.open_orders(account))
    orders, foreign_orders = await _orders(venue, account, books, opened, reads)
    cursor = books.cursors.get(account)
    activity = await reads.read("what happened", venue.activity(account, cursor))
    wrong = activity and not_of(activity, account, scope.contract_of)
    if wrong:
        reads.problems.append(f"what happened: {wrong}")
        activity = None
    return AccountObservation(
        account, name, time_ns, statement, activity, orders, foreign_orders, tuple(reads.problems)
    )


def not_of(activity: VenueActivity, account: str, contract_of: ContractOf) -> str | None:
    """What in an answer is not the account's, or of another kind of contract than is known.

    None where all is as it should be. A contract that nobody knows is no fault of the answer.

    Args: account: that was asked of; contract_of: the contract of a key, None for an unknown one.
    """
    names = [(one.lot_id, one.account) for one in activity.fills]
    for name, whose in [*names, *((one.cash_id, one.account) for one in activity.cash)]:
        if whose != account:
            return f"{name} is of {whose}"
    for fill in activity.fills:
        expected = contract_of(fill.contract)
        if expected is not None:
            stated = (fill.payoff, fill.multiplier, fill.settle)
            terms = (expected.payoff, expected.multiplier, expected.settle)
            if stated != terms:
                return f"{fill.lot_id}: {fill.contract} is told as {stated}, and known as {terms}"
    return None


async def _orders(
    venue: Venue,
    account: str,
    books: Books,
    opened: Sequence[OrderReport] | None,
    reads: _Reads,
) -> tuple[dict[str, OrderReport | None] | None, tuple[OrderReport, ...]]:
    """(each alive order of ours as the venue knows it, open orders that are not ours)."""
    if opened is None:
        return None, ()
    by_id = {report.client_id: report for report in opened}
    alive = set(books.slots.values())  # one of ours that was taken for final is a stranger too
    foreign_orders = tuple(report for report in opened if report.client_id not in alive)
    found: dict[str, OrderReport | None] = {}
    for (where, _), client_id in books.slots.items():
        if where != account:
            continue
        if client_id in by_id:
            found[client_id] = by_id[client_id]
            continue
        failed = len(reads.problems)
        found[client_id] = await reads.read(
            f"order {client_id}", venue.find_order(account, client_id)
        )
        if len(reads.problems) > failed:
            return None, foreign_orders
    return found, foreign_orders


async def _transfers(
    venue: Venue, scope: ReadScope, name: str, books: Books, reads: _Reads
) -> dict[str, TransferReport | None]:
    """Each transfer under way that touches an account of this venue; unread ones left out."""
    local = set(scope.accounts[name])
    found: dict[str, TransferReport | None] = {}
    for transfer_id, booked in books.transfers.items():
        if booked.alive and local & {booked.noted.source, booked.noted.target}:
            failed = len(reads.problems)
            reports = await reads.read(f"transfer {transfer_id}", venue.find_transfer(transfer_id))
            if len(reads.problems) == failed:
                found[transfer_id] = reports
    return found
