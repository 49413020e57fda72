"""Dated flows of accounts that venues state: booked once a statement shows their coins. Pure.

A venue tells fills and cash, and of a deposit only what is there afterwards. So a difference that
is just what the mandate says has flowed by now is that flow, and any other stays a question.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

from volsculpt.ledger.books import Books
from volsculpt.ledger.events import FlowBooked
from volsculpt.mandate.flows import flows_from
from volsculpt.mandate.objects import Mandate
from volsculpt.trade.observe.booking import later_contracts
from volsculpt.trade.observe.declared import flows_due
from volsculpt.trade.observe.observed import AccountObservation, Observation
from volsculpt.trade.observe.recall import Recall
from volsculpt.trade.observe.reconciliation import booked_balances, differing, same_coins
from volsculpt.units import DAY_NS

LATE_NS = 30 * DAY_NS  # how long after its date a flow may come


def detected_flows(
    mandate: Mandate, books: Books, recall: Recall, observed: Observation
) -> Iterator[FlowBooked]:
    """The flows that explain what statements say beyond the books, with what is new booked.

    One that is late is taken once it comes. Worked: the books have 1 BTC, 0.2 and 0.3 were to
    come since, 1.3 are stated: the 0.3.

    Args: books: with the fills and cash of this snapshot; recall: of the ledger.
    """
    since = {
        name: max(one.stamp_ns, recall.begun_ns, observed.time_ns - LATE_NS)
        for name, one in recall.adopted.items()
        if name in observed.accounts
    }
    waiting: dict[tuple[str, str], list[FlowBooked]] = {}
    dues = flows_due(flows_from(mandate, recall.begun_ns), since, observed.time_ns + 1)
    for due in sorted(dues, key=lambda one: one.time_ns):
        if not books.is_booked(due.flow):
            waiting.setdefault((due.account, due.currency), []).append(due.flow)
    for account in observed.accounts.values():
        yield from _of_account(waiting, books, account) if waiting else ()


def _of_account(
    waiting: dict[tuple[str, str], list[FlowBooked]], books: Books, account: AccountObservation
) -> Iterator[FlowBooked]:
    """The flows of one account, where its statement and its rows are of one moment."""
    stated, activity = account.statement, account.activity
    if stated is None or activity is None or account.account not in books.adopted:
        return
    late = any(cash.stamp_ns > stated.stamp_ns for cash in activity.cash)
    if late or later_contracts(stated, activity):
        return
    booked = booked_balances(books, account.account)
    for name in differing(books, stated):
        held = stated.balances.get(name, 0.0)
        flows = waiting.get((account.account, name), [])
        yield from _explaining(flows, held - booked.get(name, 0.0), held)


def _explaining(flows: Sequence[FlowBooked], change: float, held: float) -> Sequence[FlowBooked]:
    """Flows that follow one another and add up to a change; none where none do.

    Args: flows: not booked yet, by their dates; change: coins that are to be explained; held: coins
    stated.
    """
    for first, last in combinations(range(len(flows) + 1), 2):
        found = flows[first:last]
        if same_coins(sum(one.coins for one in found), change, held):
            return found
    return ()
