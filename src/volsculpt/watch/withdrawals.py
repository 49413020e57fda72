"""Withdrawals that are known and that an account will not have the coins for."""

from collections.abc import Iterator
from dataclasses import dataclass

from volsculpt.book.state import State
from volsculpt.decide.step import Decision
from volsculpt.mandate.flows import flow_times
from volsculpt.text import amount, moment
from volsculpt.units import DAY_NS
from volsculpt.watch.coins import rounded_up
from volsculpt.watch.filled import arrived

AHEAD_NS = 30 * DAY_NS  # how far withdrawals are looked for
KINDS = ("cold", "spot", "earn")  # accounts whose coins back no futures
NOISE = 1e-12  # of a withdrawal


@dataclass(frozen=True, slots=True)
class ShortWithdrawal:
    """The first withdrawal that an account lacks coins for. coins, lacking: of the currency."""

    account: str
    currency: str
    time_ns: int
    coins: float
    lacking: float

    @property
    def text(self) -> str:
        """In words, with what mends it."""
        lacks = amount(rounded_up(self.lacking), self.currency)
        return (
            f"{self.account}: {amount(self.coins, self.currency)} are to leave it on "
            f"{moment(self.time_ns)}, and {lacks} of them will not be there: bring {lacks} back "
            f"first, or name another source in [[collateral]]"
        )


def short_withdrawals(decision: Decision, after: State) -> Iterator[ShortWithdrawal]:
    """The first withdrawal of each account and currency that what is there does not cover.

    Of the coming 30 days, once coins to move have left; what comes in before counts. An account
    that owes already is none. Worked: 5 BTC, 1.7 of them to move for margin, 4 to leave: 0.7.

    Args: after: the book once orders are filled.
    """
    book, flat, now_ns = arrived(decision, after), decision.flat, decision.time_ns
    kinds = {one.name: one.kind for one in decision.setup.book.accounts}
    for row, label in enumerate(flat.wallets):
        left = book.wallet[row]
        if label.in_transit or kinds.get(label.account) not in KINDS or left < 0.0:
            continue
        flows = sorted(
            (time_ns, one.amount)
            for one in decision.setup.book.flows
            if (one.account, one.currency) == (label.account, label.asset)
            for time_ns in flow_times(one, now_ns, now_ns + AHEAD_NS)
        )
        for time_ns, coins in flows:
            left += coins
            if left < coins * NOISE and coins < 0.0:
                yield ShortWithdrawal(label.account, label.asset, time_ns, -coins, -left)
                break
