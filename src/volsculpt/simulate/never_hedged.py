"""Hedges of a run that never came about, and what would have brought them about."""

from collections.abc import Sequence

import numpy as np

from volsculpt.book.flatten import Flat
from volsculpt.contracts.orders import NO_MARGIN
from volsculpt.contracts.refusals import refusal
from volsculpt.contracts.spec import Contract
from volsculpt.decide.limits import SAFE_LEVERAGE
from volsculpt.decide.rules import hedge_pools
from volsculpt.decide.step import Setup
from volsculpt.exchange import events as kinds
from volsculpt.simulate.lanes import Array
from volsculpt.simulate.ran import Ran
from volsculpt.text import amount, percent
from volsculpt.watch.coins import rounded_up

LEAST_COINS = 1e-12  # what rounding leaves of nothing


def never_hedged(ran: Ran, setup: Setup) -> list[str]:
    """A warning for each hedge of which nothing was ever held though something was wanted."""
    rules, flat = ran.lanes.rules, ran.lanes.flat
    found = []
    for row, hedge in enumerate(setup.hedges):
        pools = set(hedge_pools(rules, row))
        coins = [rules.pool_currency[pool] for pool in pools]
        legs = [leg for leg in range(len(flat.legs)) if flat.layout.legs.base[leg] in coins]
        start = [flat.state.contracts[leg] for leg in legs]
        filled = ran.events.of(kinds.FILLED)
        if ran.held.contracts[:, legs].any() or any(start) or np.isin(filled.row, legs).any():
            continue
        missed = missed_coins(ran, row)
        steps = np.flatnonzero(missed > LEAST_COINS)
        if not len(steps):
            continue
        most = percent(float(ran.targets[1 + steps, row].max()))
        mates = [one for one in range(len(setup.hedges)) if pools & set(hedge_pools(rules, one))]
        why = _why(ran, legs, float(missed.max()))
        if ran.paused[steps][:, mates].any(axis=1).all():
            why = _waits(
                [setup.hedges[one].underlying for one in mates if ran.paused[:, one].any()]
            )
        found.append(
            f"never_hedged: {hedge.underlying} was never hedged, though up to {most} was wanted: "
            f"{why}"
        )
    return found


def missed_coins(ran: Ran, row: int) -> Array:
    """How many coins more a hedge wanted sold at each step than were; 0 where it had no answer.

    What is not exposed to begin with, dollars in a share of wealth, is hedged without a contract.
    Worked: 10 coins at a target of 50 %, none sold: 5; as a share of a wealth of 20 coins: 0.
    """
    held, delta = ran.series.held[1:, row], ran.series.delta[1:, row]
    wanted = np.where(ran.paused[:, row], 0.0, ran.targets[1:, row])
    is_open = np.isfinite(held) & (held < 1.0)
    base = np.abs(delta) / np.where(is_open, 1.0 - held, 1.0)
    missed: Array = np.where(is_open, np.maximum(0.0, wanted - held) * base, 0.0)
    return missed


def _waits(coins: Sequence[str]) -> str:
    """That a hedge shares its contracts with others that had no answer. coins: of these."""
    return (
        f"its contracts hedge {' and '.join(coins)} too, of which there was no answer, and are "
        f"left alone until there is one; no_target tells when, `volsculpt plan` why"
    )


def _why(ran: Ran, legs: Sequence[int], size: float) -> str:
    """What kept a hedge from being opened, and the remedy. size: coins sold forward at most."""
    flat = ran.lanes.flat
    accounts = list(dict.fromkeys(flat.legs[leg][0] for leg in legs))
    names = " and ".join(f"'{one}'" for one in accounts)
    if not legs:
        return "no contract on it is in use; name one under use"
    groups = sorted({flat.layout.legs.group[leg] for leg in legs})
    some = " or ".join(_margin(flat.legs[leg][1], size) for leg in _first_of_each(flat, legs))
    if not (ran.series.equity[1:, groups] > 0.0).any():
        return (
            f"account {names} never held margin; put {some} there (its balances), "
            f"or let a [[collateral]] table with a source send it"
        )
    refused = ran.events.of(kinds.REFUSED)
    refused = refused.where(np.isin(refused.row, legs))
    if (refused.code == NO_MARGIN).any():
        return (
            f"the margin in {names} carried no order; put {some} there, or let "
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
