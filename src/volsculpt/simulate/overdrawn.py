"""Accounts that a run has taken more out of than was there."""

import numpy as np

from volsculpt.book.kept import rows_by_wallet
from volsculpt.decide.step import Setup
from volsculpt.simulate.ran import Ran
from volsculpt.text import amount, moment
from volsculpt.watch.coins import rounded_up
from volsculpt.watch.withdrawals import KINDS

NOISE = 1e-12  # of the most that was there


def overdrawn(ran: Ran, setup: Setup) -> list[str]:
    """A warning for each balance that backs no futures and fell below zero, which no coins can.

    Worked: 5 BTC, 1.7 of them moved for margin, 4 withdrawn: below zero by 0.7.
    """
    kinds = {one.name: one.kind for one in setup.book.accounts}
    found = []
    labels = ran.lanes.flat.wallets
    for row, rows in rows_by_wallet(labels).items():
        label, path = labels[row], ran.held.wallet[:, rows].sum(axis=1)
        if label.in_transit or kinds.get(label.account) not in KINDS or path[0] < 0.0:
            continue
        below = np.flatnonzero(path < -NOISE * np.abs(path).max())
        if len(below):
            most = amount(rounded_up(-float(path.min())), label.asset)
            found.append(
                f"short_withdrawal: {label.account} was below zero from "
                f"{moment(int(ran.stamp_ns[below[0]]))} on, by up to {most}: a withdrawal took "
                f"more than was there; give [[collateral]] another source"
            )
    return found
