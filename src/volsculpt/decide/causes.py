"""Why an order leaves, in a few words: what a run and a desk's ledger keep beside it."""

from collections.abc import Iterable, Sequence

from volsculpt.decide.rules import IN_BAND, RETIRED, Rules, hedge_pools
from volsculpt.text import percent

ROLL = "roll"
BINDS = "roll, limit or margin"

Judged = tuple[int, int, float, float]  # row of a hedge, its code, held ratio, target ratio


def order_cause(
    rules: Rules, currencies: Sequence[str], coin: int, code: int, judged: Iterable[Judged]
) -> str:
    """What an order came from, as its decision said it.

    A leg that is no longer in use is rolled. Else it is the first hedge of its pool that stood
    outside its band; a trade inside every band is a roll into the next contract, or a limit or
    margin that binds. Worked: "BTC held 54.8 % of 60 %".

    Args: rules: in force; currencies: names by row; coin: row of what the contract is on; code: of
    the leg; judged: what the decision said of each hedge.
    """
    if code & RETIRED:
        return ROLL
    for hedge, codes, held, target in judged:
        coins = [rules.pool_currency[pool] for pool in hedge_pools(rules, hedge)]
        if coin in coins and not codes & IN_BAND:
            name = currencies[rules.hedge_currency[hedge]]
            return f"{name} held {percent(round(held, 3))} of {percent(round(target, 3))}"
    return BINDS
