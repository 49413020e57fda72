"""Double entry: every move of coins or contracts has two sides that sum to zero.

Accounts: assets:<account>:<currency>, assets:<account>:contracts, assets:transit,
equity:opening, equity:flows, equity:differences, equity:conversions, equity:contracts,
income:trading, income:funding, income:interest, income:insurance, expenses:fees,
expenses:liquidation, expenses:transfers. Income is negative and expenses positive, as in any
double entry.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from volsculpt.errors import LedgerError

CONTRACTS = "contracts"
TRANSIT = "assets:transit"
OPENING = "equity:opening"
FLOWS = "equity:flows"
DIFFERENCES = "equity:differences"
CONVERSIONS = "equity:conversions"
EQUITY_CONTRACTS = "equity:contracts"
TRADING = "income:trading"
FEES = "expenses:fees"
LIQUIDATION = "expenses:liquidation"
TRANSFERS = "expenses:transfers"
AGAINST = {
    "funding": "income:funding",
    "fee": FEES,
    "interest": "income:interest",
    "insurance": "income:insurance",
    "profit": TRADING,
}


class Posting(NamedTuple):
    """One side of a move: an account, a currency or contract, and how much, signed."""

    account: str
    commodity: str
    amount: float


class Move(NamedTuple):
    """Coins or contracts into (+) or out of (-) one of the owner's accounts, and against what."""

    account: str
    commodity: str
    amount: float
    against: str
    is_contract: bool = False


def postings_of(moves: Sequence[Move]) -> list[Posting]:
    """Both sides of every move; a move of nothing has none."""
    found = []
    for account, commodity, amount, against, is_contract in moves:
        if amount != 0.0:
            name = CONTRACTS if is_contract else commodity
            found.append(Posting(f"assets:{account}:{name}", commodity, amount))
            found.append(Posting(against, commodity, -amount))
    return found


def check_balanced(postings: Sequence[Posting], what: str) -> None:
    """Refuse postings that do not sum to zero, exactly, in each commodity."""
    sums: dict[str, list[float]] = {}
    for _, commodity, amount in postings:
        sums.setdefault(commodity, []).append(amount)
    for commodity, amounts in sums.items():
        left = math.fsum(amounts)
        if left != 0.0:
            raise LedgerError(
                f"{what} does not balance: its postings leave {left!r} {commodity}; nothing was "
                f"written; this is a mistake of the program, please report it"
            )
