"""Hedges of a run that never came about, and what would have brought them about."""

from collections.abc import Sequence

import numpy as np

from volsculpt.book.flatten import Flat
from volsculpt.contracts.spec import Contract
from volsculpt.decide.step import Setup
from volsculpt.simulate.history_run import Ran
from volsculpt.text import amount, percent
from volsculpt.watch.danger import SAFE_LEVERAGE, rounded_up


def never_hedged(ran: Ran, setup: Setup) -> list[str]:
    """A warning for each hedge of which nothing was ever held though something was wanted."""
    track, rules, flat = ran.lanes.track, ran.lanes.rules, ran.lanes.flat
    found = []
    for row, hedge in enumerate(setup.hedges):
        coin = rules.pool_currency[rules.hedge_pool[row]]
        legs = [leg for leg in range(len(flat.legs)) if flat.layout.legs.base[leg] == coin]
        start = [flat.state.contracts[leg] for leg in legs]
        held = track.contracts[:, legs, 0].any() or any(start) or track.filled[:, legs, 0].any()
        target = np.where(ran.paused[:, row], 0.0, track.target[:, row, 0])
        if held or not target.any() or not track.delta[:, row, 0].any():
            continue
        most = percent(round(float(target.max()), 4))
        size = float((target * np.abs(track.delta[:, row, 0])).max())
        found.append(
            f"never_hedged: {hedge.underlying} was never hedged, though up to {most} was wanted: "
            f"{_why(ran, legs, size)}"
        )
    return found


def _why(ran: Ran, legs: Sequence[int], size: float) -> str:
    """What kept a hedge from being opened, and the remedy. size: coins sold forward at most."""
    track, flat = ran.lanes.track, ran.lanes.flat
    accounts = list(dict.fromkeys(flat.legs[leg][0] for leg in legs))
    places = " and ".join(f"'{one}'" for one in accounts)
    if not legs:
        return "no contract on it is in use; name one under use"
    groups = sorted({flat.layout.legs.group[leg] for leg in legs})
    some = " or ".join(_margin(flat.legs[leg][1], size) for leg in _first_of_each(flat, legs))
    if not (track.equity[:, groups, 0] > 0.0).any():
        return (
            f"account {places} never held margin; put {some} there (its balances), "
            f"or let a [[collateral]] table with a source send it"
        )
    if track.refused[:, legs, 0].any():
        return (
            f"the margin in {places} carried no order; put {some} there, or let "
            f"a [[collateral]] table send it"
        )
    return "limits, margin or the least order allowed none; `volsculpt plan` tells which"


def _first_of_each(flat: Flat, legs: Sequence[int]) -> list[int]:
    """The first leg of each currency that contracts settle in."""
    first: dict[str, int] = {}
    for leg in legs:
        first.setdefault(flat.legs[leg][1].settle, leg)
    return list(first.values())


def _margin(contract: Contract, size: float) -> str:
    """What a hedge needs at a safe leverage. Worked: 0.5 BTC inverse: "about 0.1667 BTC"."""
    needed = amount(rounded_up(size / SAFE_LEVERAGE), contract.base)
    if contract.settle == contract.base:
        return f"about {needed}"
    return f"{contract.settle} worth about {needed}"
