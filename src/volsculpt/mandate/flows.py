"""The dated flows of a run: from its start, and those that fall due."""

from collections.abc import Sequence
from dataclasses import replace

from volsculpt.book.holdings import Flow
from volsculpt.mandate.objects import Mandate
from volsculpt.mandate.setup import flow_times


def flows_from(mandate: Mandate, start_ns: int) -> tuple[Flow, ...]:
    """The flows of a run; a repeating one without a first time comes one period after the start."""
    return tuple(
        replace(flow, at_ns=start_ns + flow.every_ns)
        if flow.at_ns is None and flow.every_ns is not None
        else flow
        for flow in mandate.book.flows
    )


def flows_between(flows: Sequence[Flow], from_ns: int, to_ns: int) -> list[tuple[str, str, float]]:
    """(account, coin, amount) of the flows in (from, to]."""
    return [
        (flow.account, flow.currency, flow.amount)
        for flow in flows
        for _ in flow_times(flow, from_ns, to_ns)
    ]
