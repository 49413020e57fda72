"""Income to come: what enters the accounts, without what only moves between them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from volsculpt.book.holdings import Book, Flow, Transfer
from volsculpt.contracts.counted import counted_asset
from volsculpt.hedge.spec import Hedge
from volsculpt.mandate.flows import flow_times
from volsculpt.mandate.objects import Mandate


class DatedFlow(NamedTuple):
    """One flow at one time. amount: of the currency, - leaves; coins: of what it is counted in."""

    time_ns: int
    coin: str
    account: str
    currency: str
    amount: float
    coins: float


def dated_flows_of(book: Book, from_ns: int, to_ns: int) -> list[DatedFlow]:
    """Every flow in (from, to], rising in time, those of a coin together."""
    return sorted(
        DatedFlow(time_ns, *_counted(book, flow))
        for flow in book.flows
        for time_ns in flow_times(flow, from_ns, to_ns)
    )


def _counted(book: Book, flow: Flow) -> tuple[str, str, str, float, float]:
    """A flow with the coin it is counted in, a wrapped asset as what it stands for."""
    wrapped = book.wrapped.get(flow.currency)
    coin = counted_asset(flow.currency)[0] if wrapped is None else wrapped.underlying
    coins = flow.amount if wrapped is None else flow.amount * wrapped.rate
    return coin, flow.account, flow.currency, flow.amount, coins


def income_between(book: Book, from_ns: int, to_ns: int) -> list[DatedFlow]:
    """What enters the accounts in (from, to], without coins moved from one to another.

    Coins that leave one account when as many enter another are moved, not earned. Those that leave
    the account they enter are sold as they come: at risk until then, so they are income. Worked: 5
    BTC leave a vault and 5 enter a loan at one time: none; 6 enter it: 1; 3 are mined into the
    vault then too: 4.
    """
    found = list[DatedFlow]()
    for _, group in groupby(dated_flows_of(book, from_ns, to_ns), attrgetter("time_ns", "coin")):
        flows = list(group)
        enters = sum(one.coins for one in flows if one.coins > 0.0)
        stays = enters - moved_coins(flows)
        found += [
            one._replace(amount=one.amount * stays / enters, coins=one.coins * stays / enters)
            for one in flows
            if one.coins > 0.0 and stays > 0.0
        ]
    return found


def moved_coins(flows: Sequence[DatedFlow]) -> float:
    """Most coins that can have gone from one account to another, of flows of one time and coin.

    What leaves an account may be what enters any other: the least of all that leaves, all that
    enters, and for each account what enters and leaves the others.
    """
    enters, leaves = defaultdict[str, float](float), defaultdict[str, float](float)
    for one in flows:
        enters[one.account] += max(0.0, one.coins)
        leaves[one.account] += max(0.0, -one.coins)
    all_in, all_out = sum(enters.values()), sum(leaves.values())
    others = (all_in - coins + all_out - leaves[account] for account, coins in enters.items())
    return max(0.0, min(all_in, all_out, *others))


def hedged_coins(hedges: Iterable[Hedge]) -> frozenset[str] | None:
    """The coins whose flows a hedge counts ahead; None: all, where a base is all wealth."""
    if any(hedge.base == "wealth" for hedge in hedges):
        return None
    return frozenset(hedge.underlying for hedge in hedges)


@dataclass(frozen=True, slots=True)
class CountedAhead:
    """What is hedged before it arrives. income_only: not what leaves; coins: of these, None: all.

    Money that is paid or earned moves with no price that is hedged, so it is none of it.
    """

    income_only: bool = False
    coins: frozenset[str] | None = None

    def of(self, book: Book, from_ns: int, to_ns: int) -> list[tuple[str, str, float]]:
        """(account, currency, amount) of (from, to].

        Args: book: with its flows; from_ns, to_ns: ns UTC.
        """
        every = income_between if self.income_only else dated_flows_of
        return [
            (one.account, one.currency, one.amount)
            for one in every(book, from_ns, to_ns)
            if self.coins is None or one.coin in self.coins
        ]

    def counted(self, book: Book, from_ns: int, to_ns: int) -> Book:
        """The book with what is counted ahead as coins on their way.

        A row for each place that anything can come to, now or later in a run.

        Args: book: with its flows; from_ns, to_ns: ns UTC, (from, to].
        """
        flows = (one for one in book.flows if one.amount > 0.0 or not self.income_only)
        found = {
            (one.account, one.currency): 0.0
            for one in flows
            if self.coins is None or _counted(book, one)[0] in self.coins
        }
        for account, currency, amount in self.of(book, from_ns, to_ns):
            found[account, currency] += amount
        coming = tuple(
            Transfer(currency, coins, account, is_sent=False)
            for (account, currency), coins in found.items()
        )
        return replace(book, transfers=(*book.transfers, *coming))


def ahead_of(mandate: Mandate) -> CountedAhead:
    """What of its flows a mandate hedges before they arrive."""
    return CountedAhead(mandate.flows_by_date, hedged_coins(mandate.hedges))
