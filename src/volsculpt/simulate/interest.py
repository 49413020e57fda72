"""Interest of loans as it falls due in a run: known before it begins, as dated flows are."""

import numpy as np

from volsculpt.book.flatten import Flat
from volsculpt.book.holdings import Book
from volsculpt.book.loans import interest_due
from volsculpt.simulate.lanes import Array
from volsculpt.units import DAY_NS
from volsculpt.watch.loans import loans_of


def interest_rows(book: Book, flat: Flat, flows: Array, stamps: Array) -> Array:
    """(stamp, wallet) coins of interest, - is added to what is owed, at the first stamp of a day.

    On what was owed since the time before, with the interest of the days before. Worked: 36,500
    owed at 10 % a year: 10 a day. What falls due in the last step is paid at the end of the run. A
    rate that is not known adds nothing.

    Args: flows: (stamp, wallet) coins of dated flows; stamps: ns UTC, rising.
    """
    rows, loans = np.zeros_like(flows), {one.name: one for one in loans_of(book)}
    days = np.flatnonzero(np.diff(stamps // DAY_NS)) + 1
    for wallet, label in enumerate(flat.wallets):
        terms = loans[label.account].loan if label.account in loans else None
        rate = 0.0 if terms is None else terms.interest.get(label.asset, 0.0)
        if rate == 0.0 or label.in_transit:
            continue
        held, last = flat.state.wallet[wallet], 0
        for step in days.tolist():
            held += float(flows[last:step, wallet].sum())
            due = interest_due(held, rate, int(stamps[step] - stamps[last]))
            rows[step, wallet], held, last = due, held + due, step
    return rows
