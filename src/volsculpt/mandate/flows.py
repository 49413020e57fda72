"""The dated flows of a run: from its start, and those that fall due."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import accumulate

from volsculpt.book.holdings import Account, Book, Flow
from volsculpt.mandate.objects import Mandate


def flow_times(flow: Flow, from_ns: int, to_ns: int) -> list[int]:
    """When a flow happens in (from_ns, to_ns]; a repeating one counts from its first time.

    Worked: every 30 days without a first time, over 60 days: after 30 and after 60 days.
    """
    if flow.every_ns is None:
        return [flow.at_ns] if flow.at_ns is not None and from_ns < flow.at_ns <= to_ns else []
    first = flow.at_ns if flow.at_ns is not None else from_ns
    steps = max(0, (from_ns - first) // flow.every_ns + 1)
    start = first + steps * flow.every_ns
    if flow.at_ns is not None and first > from_ns:
        start = first
    return list(range(start, to_ns + 1, flow.every_ns))


def flows_from(mandate: Mandate, start_ns: int) -> tuple[Flow, ...]:
    """The flows of a run; a repeating one without a first time comes one period after the start."""
    return tuple(
        replace(flow, at_ns=start_ns + flow.every_ns)
        if flow.at_ns is None and flow.every_ns is not None
        else flow
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
