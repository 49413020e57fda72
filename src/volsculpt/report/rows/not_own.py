"""What in accounts is somebody else's, as rows."""

from collections.abc import Iterable, Iterator

from volsculpt.book.holdings import Account
from volsculpt.report.rows.plan import NotOwnRow


def not_own_rows(accounts: Iterable[Account]) -> list[NotOwnRow]:
    """A row for each contract and each currency of which something is not own."""
    return [row for account in accounts for row in _rows(account)]


def _rows(account: Account) -> Iterator[NotOwnRow]:
    """Of one account; of a contract that is not own at all, what the account holds of it."""
    held = {one.contract.key: one for one in account.positions}
    for one in account.not_own:
        whole = held.get(one.contract.key)
        contracts, entry = one.contracts, one.entry
        if contracts is None:
            contracts = whole.contracts if whole is not None else 0.0
            entry = whole.entry if whole is not None else None
        yield NotOwnRow(account.name, one.contract.symbol, contracts, entry, None, None)
    for name, coins in account.not_own_coins.items():
        yield NotOwnRow(account.name, None, None, None, name, coins)
