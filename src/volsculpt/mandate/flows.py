"""The dated flows of a run: from its start, and those that fall due."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import accumulate

from volsculpt.book.holdings import Account, Book, Flow
from volsculpt.mandate.objects import Mandate
from volsculpt.units import DAY_NS

LONGEST_MONTH_NS = 31 * DAY_NS


def flow_times(flow: Flow, from_ns: int, to_ns: int) -> list[int]:
    """When a flow happens in (from_ns, to_ns]; a repeating one counts from its first time.

    Worked: every 30 days without a first time, over 60 days: after 30 and after 60 days.
    """
    to_ns = to_ns if flow.until_ns is None else min(to_ns, flow.until_ns)
    first = flow.at_ns
    if not flow.repeats:
        return [first] if first is not None and from_ns < first <= to_ns else []
    first = flow.after(from_ns) if first is None else first
    shortest = flow.every_ns or LONGEST_MONTH_NS * (flow.every_months or 1)
    count, found = max(0, (from_ns - first) // shortest), list[int]()
    while (stamp := flow.after(first, count)) <= to_ns:
        found += [stamp] if stamp > from_ns else []
        count += 1
    return found


def flows_from(mandate: Mandate, start_ns: int) -> tuple[Flow, ...]:
    """The flows of a run; a repeating one without a first time comes one period after the start."""
    return tuple(
        replace(flow, at_ns=flow.after(start_ns)) if flow.at_ns is None and flow.repeats else flow
        for flow in mandate.book.flows
    )


def anchored(mandate: Mandate, start_ns: int) -> Mandate:
    """The mandate with the flows of a run, so that a repeating one does not move on with time."""
    return replace(mandate, book=replace(mandate.book, flows=flows_from(mandate, start_ns)))


def flows_between(flows: Sequence[Flow], from_ns: int, to_ns: int) -> list[tuple[str, str, float]]:
    """(account, coin, amount) of the flows in (from, to]."""
    return [
        (flow.account, flow.currency, flow.amount)
        for flow in flows
        for _ in flow_times(flow, from_ns, to_ns)
    ]


def dated_flows(
    flows: Iterable[Flow], place: tuple[str, str], from_ns: int, to_ns: int
) -> list[tuple[int, float]]:
    """(time, coins) of what flows in one place in (from, to], in order; what leaves goes first.

    Args: flows: of a book, from its start; place: account and currency; from_ns, to_ns: ns UTC.
    """
    return sorted(
        (time_ns, flow.amount)
        for flow in flows
        if (flow.account, flow.currency) == place
        for time_ns in flow_times(flow, from_ns, to_ns)
    )


def coins_to_keep(dated: Iterable[tuple[int, float]]) -> float:
    """Coins that must be there so that all of it can leave; what comes in before counts.

    Worked: 4 leave, 1 comes, 2 leave: 5. 3 come, 2 leave: 0.
    """
    return max(0.0, -min(accumulate(coins for _, coins in dated), default=0.0))


def with_kept(
    book: Book, sources: Collection[str], times_ns: tuple[int, int], hold_ns: int
) -> Book:
    """The book with what accounts keep for withdrawals that are near.

    A place that anything leaves at some time keeps 0 until then. Margin accounts keep nothing:
    their coins are moved by what their positions need, and a wrapped asset is moved nowhere.

    Args: sources: accounts that coins may be moved from; times_ns: since when flows may not be
    booked yet, and now, ns UTC; hold_ns: how long before a withdrawal its coins stay.
    """
    since_ns, now_ns = times_ns
    leaves = {(one.account, one.currency) for one in book.flows if one.amount < 0.0}

    def kept(account: Account) -> dict[str, float]:
        if account.name not in sources or account.kind == "margin" or account.loan is not None:
            return {}
        return {
            asset: coins_to_keep(dated_flows(book.flows, (name, asset), since_ns, now_ns + hold_ns))
            for name, asset in sorted(leaves)
            if name == account.name and asset not in book.wrapped
        }

    accounts = [replace(one, kept=kept(one)) for one in book.accounts] if hold_ns else book.accounts
    return replace(book, accounts=tuple(accounts))
