"""Coins that an account keeps for known withdrawals: owned, in it, and moved nowhere.

They stand in a row of their own beside that of the account's other coins, from which coins are
moved. So what may leave is bounded without a figure more: who moves coins sees the other row alone.
"""

from collections.abc import Sequence
from dataclasses import replace

from volsculpt.book.flatten import WalletLabel


def rows_by_wallet(labels: Sequence[WalletLabel]) -> dict[int, list[int]]:
    """The rows of all coins of a place, by the row that coins are moved from, which is the first.

    Worked: a vault with 5 BTC of which 4 are kept, then 30 ETH: {0: [0, 1], 2: [2]}.
    """
    kept = {replace(one, is_kept=False): row for row, one in enumerate(labels) if one.is_kept}
    return {
        row: [row, kept[label]] if label in kept and not label.in_transit else [row]
        for row, label in enumerate(labels)
        if not label.is_kept
    }
