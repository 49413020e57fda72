"""Withdrawals that are known: coins kept for them, and coins that an account will not have."""

from collections.abc import Iterator
from dataclasses import dataclass

from volsculpt.book.kept import rows_by_wallet
from volsculpt.book.state import State
from volsculpt.decide.build import plan_of
from volsculpt.decide.step import Decision
from volsculpt.mandate.flows import dated_flows
from volsculpt.text import amount, moment
from volsculpt.units import DAY_NS, iso_trimmed
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


@dataclass(frozen=True, slots=True)
class KeptRow:
    """Coins of an account that stay for known withdrawals.

    lacking: of them, not there. first, last: the first and the last withdrawal they are kept for.
    source_of: margin accounts whose collateral plan names the account.
    """

    account: str
    currency: str
    coins: float
    lacking: float
    first: str
    last: str
    source_of: list[str]

    @property
    def text(self) -> str:
        """Worked: "4 BTC stay in 'vault' for a withdrawal on 2024-01-06 00:00 UTC"."""
        until = "" if self.first == self.last else f", the last on {moment(self.last)}"
        what = "a withdrawal" if not until else "withdrawals, the first"
        there = amount(self.coins, self.currency)
        return f"{there} stay in '{self.account}' for {what} on {moment(self.first)}{until}"


def kept_rows(decision: Decision) -> list[KeptRow]:
    """A row for each account and currency that keeps coins for withdrawals."""
    flat, now_ns, found = decision.flat, decision.time_ns, list[KeptRow]()
    until_ns = now_ns + decision.setup.hold_ns
    for free, rows in rows_by_wallet(flat.wallets).items():
        place = (flat.wallets[free].account, flat.wallets[free].asset)
        kept = sum(flat.state.wallet[row] for row in rows[1:])
        if kept <= 0.0:
            continue
        dated = dated_flows(decision.setup.book.flows, place, now_ns - 1, until_ns)
        times = [iso_trimmed(time_ns) for time_ns, coins in dated if coins < 0.0]
        lacking = min(kept, max(0.0, -flat.state.wallet[free]))
        dates = (times[0], times[-1])
        found.append(KeptRow(*place, kept, lacking, *dates, waiting_for(decision, *place)))
    return found


def kept_words(decision: Decision, group: int) -> str:
    """What the sources of a group keep for withdrawals, "" where nothing.

    Worked: "; 4 BTC stay in 'vault' for a withdrawal on 2024-01-06 00:00 UTC".
    """
    name = decision.flat.currencies[decision.rules.move_currency[group]]
    own = decision.flat.groups[group].account
    rows = (one for one in kept_rows(decision) if one.currency == name and own in one.source_of)
    return "".join(f"; {one.text}" for one in rows)


def waiting_for(decision: Decision, account: str, currency: str) -> list[str]:
    """The margin accounts whose collateral plan names an account as a source of a currency."""
    flat, plans, found = decision.flat, decision.setup.collateral, dict[str, None]()
    for group, label in enumerate(flat.groups):
        plan = plan_of(label, plans)
        moved = flat.currencies[decision.rules.move_currency[group]]
        if plan is not None and account in plan.source and moved == currency:
            found[label.account] = None
    return list(found)


def short_withdrawals(decision: Decision, after: State) -> Iterator[ShortWithdrawal]:
    """The first withdrawal of each account and currency that what is there does not cover.

    Of this moment and the coming 30 days, once coins to move have left; what comes in before
    counts. An account that owes already is none. Worked: 5 BTC, 1.7 of them to move for margin, 4
    to leave: 0.7.

    Args: after: the book once orders are filled.
    """
    book, flat, now_ns = arrived(decision, after), decision.flat, decision.time_ns
    kinds = {one.name: one.kind for one in decision.setup.book.accounts}
    for row, rows in rows_by_wallet(flat.wallets).items():
        label, left = flat.wallets[row], sum(book.wallet[one] for one in rows)
        if label.in_transit or kinds.get(label.account) not in KINDS or left < 0.0:
            continue
        place, until_ns = (label.account, label.asset), now_ns + AHEAD_NS
        for time_ns, coins in dated_flows(decision.setup.book.flows, place, now_ns - 1, until_ns):
            left += coins
            if left < coins * NOISE and coins < 0.0:
                yield ShortWithdrawal(label.account, label.asset, time_ns, -coins, -left)
                break


@dataclass(frozen=True, slots=True)
class OverdrawnPlace:
    """An account that withdrawals took more out of than was there. lacking: coins below zero."""

    account: str
    currency: str
    last_ns: int
    lacking: float

    @property
    def text(self) -> str:
        """In words, with what mends it."""
        lacks = amount(rounded_up(self.lacking), self.currency)
        return (
            f"{self.account} is {lacks} below zero, which no coins can be: withdrawals, the last "
            f"on {moment(self.last_ns)}, took more than was there; bring {lacks} there, or correct "
            f"its [[flow]] tables"
        )


def overdrawn_accounts(decision: Decision) -> Iterator[OverdrawnPlace]:
    """Accounts that back no futures and that withdrawals before this moment left below zero.

    One that owes without a withdrawal is a debt that its mandate states.
    """
    flat, now_ns = decision.flat, decision.time_ns
    kinds = {one.name: one.kind for one in decision.setup.book.accounts}
    for row, rows in rows_by_wallet(flat.wallets).items():
        label, held = flat.wallets[row], sum(flat.state.wallet[one] for one in rows)
        if label.in_transit or kinds.get(label.account) not in KINDS or held >= 0.0:
            continue
        place = (label.account, label.asset)
        past = dated_flows(decision.setup.book.flows, place, 0, now_ns - 1)
        left = [one for one in past if one[1] < 0.0]
        if left and held < left[-1][1] * NOISE:
            yield OverdrawnPlace(*place, left[-1][0], -held)
