"""A made-up market of three coins, and a hedge of one by the others with estimated betas."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from volsculpt.hedge.aim import policy_aim
from volsculpt.hedge.answer import Aim, Band
from volsculpt.hedge.market_features import Features, features_at
from volsculpt.hedge.needs import needs_of
from volsculpt.hedge.policies.fixed import FixedPolicy
from volsculpt.hedge.policy import HedgeSummary
from volsculpt.hedge.spec import BetaRule, Hedge, Proxy
from volsculpt.market.streams import Stream
from volsculpt.units import DAY_NS

BEGIN_NS = 600 * 30 * DAY_NS  # a turn
DAYS = 400
RULE = BetaRule(is_given=False)
NOW_NS = BEGIN_NS + 330 * DAY_NS
BOOK = HedgeSummary("SOL", 150.0, 10.0, 10.0, 10.0, 0.0, 1_500.0)
TRUE = (0.8, 0.4)  # of SOL to BTC and ETH


def hedge(band: float = 0.02, **changed: Any) -> Hedge:  # noqa: ANN401
    """SOL by BTC and ETH at ratio 1, its betas estimated."""
    rule = replace(RULE, **changed)
    proxies = (Proxy("ETH", 0.5), Proxy("BTC", 0.5))
    width = Band(band, 0.0, band, 0.0)
    return Hedge("SOL", FixedPolicy(1.0), proxies=proxies, band=width, betas=rule)


@cache
def prices(shift: float = 0.0, days: int = DAYS) -> dict[str, tuple[float, ...]]:
    """Closes a day of three coins. shift: what betas change by after 300 days."""
    dice = np.random.default_rng(5)
    btc = 0.03 * dice.standard_normal(days)
    eth = 0.9 * btc + 0.02 * dice.standard_normal(days)
    late = np.where(np.arange(days) < 300, 0.0, shift)
    sol = (TRUE[0] + late) * btc + TRUE[1] * eth + 0.02 * dice.standard_normal(days)
    found = {"BTC": (60_000.0, btc), "ETH": (3_000.0, eth), "SOL": (150.0, sol)}
    return {coin: tuple(start * np.cumprod(1.0 + moves)) for coin, (start, moves) in found.items()}


def market(
    until_ns: int, shift: float = 0.0, changed: float = 1.0, asked: Hedge | None = None
) -> Features:
    """What is known at a time. changed: factor of every price that is known after it."""
    observed = {}
    for coin, each in prices(shift).items():
        rows = [
            (
                BEGIN_NS + day * DAY_NS,
                price * (changed if day * DAY_NS > until_ns - BEGIN_NS else 1.0),
            )
            for day, price in enumerate(each)
        ]
        observed[Stream("index", coin)] = observed[Stream("index", coin, DAY_NS)] = rows
    return features_at(observed, needs_of([asked or hedge()]), [until_ns])[0]


def asked(
    at_ns: int,
    memory: object = None,
    own: Hedge | None = None,
    **how: Any,  # noqa: ANN401
) -> tuple[Aim, Any]:
    """What the hedge is told at a time, and its memory."""
    own = own or hedge()
    return policy_aim(own, at_ns, market(at_ns, asked=own, **how), BOOK, memory)
