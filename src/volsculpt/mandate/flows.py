"""The dated flows of a run: from its start, and those that fall due."""

from collections.abc import Sequence
from dataclasses import replace

from volsculpt.book.holdings import Flow, Transfer
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


def coming_transfers(
    flows: Sequence[Flow], from_ns: int, to_ns: int, income_only: bool
) -> tuple[Transfer, ...]:
    """What is counted ahead, a row for each account and currency that anything flows in.

    Args: flows: of a book; from_ns, to_ns: ns UTC, (from, to]; income_only: not what leaves.
    """
    found: dict[tuple[str, str], float] = {}
    for flow in flows:
        if flow.amount > 0.0 or not income_only:
            place = (flow.account, flow.currency)
            coins = flow.amount * len(flow_times(flow, from_ns, to_ns))
            found[place] = found.get(place, 0.0) + coins
    return tuple(
        Transfer(currency, coins, account, is_sent=False)
        for (account, currency), coins in found.items()
    )
