"""Coins of a plan that cannot move yet: locked or staked, with the time from which they can."""

from volsculpt.decide.step import Decision
from volsculpt.report.rows.plan import LockedRow
from volsculpt.text import amount, moment
from volsculpt.units import DAY_NS, iso_trimmed
from volsculpt.watch.withdrawals import waiting_for


def locked_rows(decision: Decision) -> list[LockedRow]:
    """A row for each currency of each locked account, the first to be free first."""
    found = []
    for account in decision.setup.book.accounts:
        end_ns = account.locked_until_ns
        if account.loan is not None or end_ns is None or end_ns <= decision.time_ns:
            continue
        days = round((end_ns - decision.time_ns) / DAY_NS, 6)
        for name, coins in account.balances.items():
            if coins > 0.0:
                waits = waiting_for(decision, account.name, name)
                row = LockedRow(account.name, name, coins, iso_trimmed(end_ns), days, waits)
                found.append(row)
    return sorted(found, key=lambda row: row.days)


def unlock_words(decision: Decision, group: int) -> str:
    """What more comes to a group's sources once it is free, "" where nothing does.

    Worked: "; 1 BTC in 'staked' is free from 2024-09-01 00:00 UTC on".
    """
    account, moved = decision.flat.groups[group].account, decision.rules.move_currency[group]
    name = decision.flat.currencies[moved]
    rows = [
        row for row in locked_rows(decision) if row.currency == name and account in row.source_of
    ]
    return "".join(
        f"; {amount(row.coins, name)} in '{row.account}' is free from {moment(row.until)} on"
        for row in rows
    )
