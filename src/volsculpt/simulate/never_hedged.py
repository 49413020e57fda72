"""Hedges of a run that never came about, and what would have brought them about."""

from collections.abc import Sequence

import numpy as np

from volsculpt.book.flatten import Flat
from volsculpt.contracts.orders import NO_MARGIN
from volsculpt.contracts.refusals import refusal
from volsculpt.contracts.spec import Contract
from volsculpt.decide.rules import hedge_pools
from volsculpt.decide.step import Setup
from volsculpt.exchange import events as kinds
from volsculpt.simulate.ran import Ran
from volsculpt.text import amount, percent
from volsculpt.watch.coins import SAFE_LEVERAGE, rounded_up


def never_hedged(ran: Ran, setup: Setup) -> list[str]:
    """A warning for each hedge of which nothing was ever held though something was wanted."""
    rules, flat = ran.lanes.rules, ran.lanes.flat
    found = []
    for row, hedge in enumerate(setup.hedges):
        coins = [rules.pool_currency[pool] for pool in hedge_pools(rules, row)]
        legs = [leg for leg in range(len(flat.legs)) if flat.layout.legs.base[leg] in coins]
        start = [flat.state.contracts[leg] for leg in legs]
        filled = ran.events.of(kinds.FILLED)
        if ran.held.contracts[:, legs].any() or any(start) or np.isin(filled.row, legs).any():
            continue
        target = np.where(ran.paused[:, row], 0.0, ran.targets[1:, row])
        delta = ran.series.delta[1:, row]
        if not target.any() or not delta.any():
            continue
        most = percent(float(target.max()))
        size = float((target * np.abs(delta)).max())
        found.append(
            f"never_hedged: {hedge.underlying} was never hedged, though up to {most} was wanted: "
            f"{_why(ran, legs, size)}"
        )
    return found


def _why(ran: Ran, legs: Sequence[int], size: float) -> str:
    """What kept a hedge from being opened, and the remedy. size: coins sold forward at most."""
    flat = ran.lanes.flat
    accounts = list(dict.fromkeys(flat.legs[leg][0] for leg in legs))
    places = " and ".join(f"'{one}'" for one in accounts)
    if not legs:
        return "no contract on it is in use; name one under use"
    groups = sorted({flat.layout.legs.group[leg] for leg in legs})
    some = " or ".join(_margin(flat.legs[leg][1], size) for leg in _first_of_each(flat, legs))
    if not (ran.series.equity[1:, groups] > 0.0).any():
        return (
            f"account {places} never held margin; put {some} there (its balances), "
            f"or let a [[collateral]] table with a source send it"
        )
    refused = ran.events.of(kinds.REFUSED)
    refused = refused.where(np.isin(refused.row, legs))
    if (refused.code == NO_MARGIN).any():
        return (
            f"the margin in {places} carried no order; put {some} there, or let "
            f"a [[collateral]] table send it"
        )
    if len(refused):
        contract = flat.legs[refused.row[-1]][1]
        size, price = float(refused.size[-1]), float(refused.price[-1])
        why = refusal(contract, int(refused.code[-1]), size, price, contract.orders.most)
        return f"the venue took no order: {why}"
    return "its band, limits, margin or the least order allowed none; `volsculpt plan` tells which"


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
