"""What the guard reads beside a decision, and the latch that a drawdown sets. Pure."""

from collections.abc import Sequence

from volsculpt.decide.step import Decision
from volsculpt.ledger.books import Books
from volsculpt.ledger.events import Event, Operated
from volsculpt.mandate.desk import GuardRules
from volsculpt.text import percent, usd
from volsculpt.trade.execute.guard import Facts
from volsculpt.trade.observe.snapshot import Snapshot


def latch(books: Books, rules: GuardRules, decision: Decision) -> list[Operated]:
    """The drawdown latch: set once wealth has fallen too far below its peak, all prices known."""
    most = rules.max_drawdown
    if most is None or decision.setup.missing.currencies or decision.wealth_usd is None:
        return []
    wealth, peak = decision.wealth_usd, books.peak_wealth_usd
    if peak is None or "drawdown" in books.latches or wealth >= peak * (1.0 - most):
        return []
    why = f"wealth {usd(wealth)} USD is {percent(1.0 - wealth / peak)} under its peak {usd(peak)}"
    return [Operated("latch", {"latch": "drawdown", "why": why})]


def facts_of(
    found: Snapshot,
    books: Books,
    events: Sequence[Event],
    now_ns: int,
    killed: bool,
    recent: list[tuple[int, float]],
) -> Facts:
    """Ages of prices and statements by their venue's clock, latches (those of `events` too).

    Args: events: about to be booked; now_ns: ns UTC; killed: the kill switch is on; recent: (ns
    UTC, US dollars) of orders intended in the last day, oldest first.
    """
    latches = dict(books.latches)
    for event in events:
        if isinstance(event, Operated) and event.action == "latch":
            latches[event.arguments["latch"]] = event.arguments["why"]
    passed = now_ns - found.observed.time_ns
    ages, clocks = {}, {}
    for name, account in found.observed.accounts.items():
        if account.time_ns is not None:
            clocks[account.venue] = account.time_ns
            if account.statement is not None:
                ages[name] = account.time_ns - account.statement.stamp_ns + passed
    prices = {
        key: clocks[key.partition(":")[0]] - price.stamp_ns + passed
        for key, price in found.observed.prices.items()
        if key.partition(":")[0] in clocks
    }
    return Facts(now_ns, killed, latches, prices, ages, recent)
