"""Rolls of a finished run that an expiry overtook: what was delivered that was to be rolled."""

from volsculpt.decide.step import Setup
from volsculpt.exchange.events import DELIVERED
from volsculpt.simulate.ran import Ran
from volsculpt.text import contracts
from volsculpt.units import iso


def missed_rolls(ran: Ran, setup: Setup) -> list[str]:
    """Warnings of contracts that were delivered though their rule rolls before the expiry.

    What a rule keeps to its expiry (`roll_days = 0`), or a symbol names, is none.
    """
    rolled = {
        (use.account, use.rule.partition("@")[0])
        for hedge in setup.hedges
        for use in hedge.use
        if "@" in use.rule and use.roll_days > 0.0
    }
    found, delivered = [], ran.events.of(DELIVERED)
    for leg, stamp, size in zip(delivered.row, delivered.stamp, delivered.size, strict=True):
        account, contract = ran.lanes.flat.legs[int(leg)]
        if (account, contract.symbol.rpartition("-")[0]) in rolled:
            found.append(
                f"missed_roll: {contracts(abs(float(size)))} contracts of {contract.symbol} in "
                f"'{account}' were delivered by {iso(int(ran.stamp_ns[stamp]))}, before they were "
                f"rolled, and the next contract took their place later, at other prices; roll "
                f"earlier (`roll_days`), or take a shorter `--step`"
            )
    return found
