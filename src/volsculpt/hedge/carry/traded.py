"""What selling by the contracts of a hedge is expected to earn at a moment, as its policy sees it.

The formulas are those of `terms.py` and `funding_model.py`, which `volsculpt carry` uses too. What
a policy is told of a contract are plain numbers, so that a stored decision is made again from
itself.
"""

from typing import NamedTuple

from volsculpt.contracts.spec import Contract, Fees
from volsculpt.errors import ContractError
from volsculpt.hedge.carry.margin import CarryPrices, initial_margin
from volsculpt.hedge.carry.terms import (
    SHORTEST_DAYS,
    CarryTerms,
    annual,
    funding_earned,
    is_wild,
    premium_earned,
    trade_costs,
)
from volsculpt.hedge.feature import Feature
from volsculpt.hedge.features.forward_premium import ForwardPremium
from volsculpt.hedge.features.funding_forecast import FundingForecast
from volsculpt.hedge.market_features import Features
from volsculpt.units import DAY_NS

WILD = "its premium is none that a market pays: look at its price"
SHORT = f"fewer than {SHORTEST_DAYS:g} days are left, so nothing is said a year"


class TradedContract(NamedTuple):
    """A contract that a hedge may sell by, as its mandate names it, and what that costs.

    rule: "bybit:BTC/USD:BTC", a dated symbol or a rule for one. is_dated: it has a day of delivery.
    roll_days: before it, at which a rule takes the next; 0 of what is held to delivery. taker,
    delivery: fees, fractions of value; margin: initial, of a small position, a fraction of what is
    sold. None: not known.
    """

    rule: str
    is_dated: bool
    roll_days: float
    taker: float | None
    delivery: float | None
    margin: float | None

    def feature(self, days: int) -> Feature:
        """What tells what it earns. days: it is held for."""
        if self.is_dated:
            return ForwardPremium(self.rule, self.roll_days)
        return FundingForecast(self.rule, days)


class CarryOutlook(NamedTuple):
    """What selling by one contract is expected to earn, from a moment on.

    key: the contract that its rule means now. enter: simple rate a year after all costs; stay: the
    same with the cost of entering paid already. is_locked: it is held to delivery, so that what it
    earns does not change. why: nothing is known, in words; enter and stay are None then. premium,
    expiry_ns: of a dated contract.
    """

    rule: str
    key: str
    enter: float | None
    stay: float | None
    is_locked: bool = False
    why: str = ""
    premium: float | None = None
    expiry_ns: int | None = None


def traded(rule: str, roll_days: float, contract: Contract, fees: Fees) -> TradedContract:
    """A contract as a policy is told of it.

    Args: rule: "venue:symbol" or "venue:rule"; roll_days: of a rule; contract: one that it means;
    fees: that its account pays.
    """
    try:
        margin = initial_margin(contract, 1.0, CarryPrices(1.0, 1.0, 1.0, 1.0))
    except ContractError:
        margin = None
    days = roll_days if "@" in rule else 0.0
    is_dated = contract.expiry_ns is not None
    return TradedContract(rule, is_dated, days, fees.taker, fees.delivery, margin)


def outlook(one: TradedContract, features: Features, coin: str, terms: CarryTerms) -> CarryOutlook:
    """What selling by a contract is expected to earn.

    Args: features: what is known of the market; coin: that is hedged; terms: how long it is held,
    and what cash earns.
    """
    if one.taker is None:
        return CarryOutlook(one.rule, one.rule, None, None, why="its taker fee is unknown")
    if one.margin is None:
        return CarryOutlook(one.rule, one.rule, None, None, why="its margin is unknown")
    return (
        _dated(one, features, coin, terms)
        if one.is_dated
        else _perpetual(one, features, coin, terms)
    )


def _perpetual(
    one: TradedContract, features: Features, coin: str, terms: CarryTerms
) -> CarryOutlook:
    """A contract that pays funding. Arguments as those of `outlook`."""
    feature = one.feature(round(terms.days))
    rate = features.value(coin, feature)
    if rate is None:
        return CarryOutlook(one.rule, one.rule, None, None, why=features.lacking(coin, feature))
    earned = funding_earned(rate, terms.days)
    return _after_costs(one, one.rule, earned, terms, delivered=False)


def _dated(one: TradedContract, features: Features, coin: str, terms: CarryTerms) -> CarryOutlook:
    """A contract with a day of delivery. Arguments as those of `outlook`."""
    feature = one.feature(round(terms.days))
    premium, memory = features.value(coin, feature), features.memory(coin, feature)
    if premium is None:
        return CarryOutlook(one.rule, one.rule, None, None, why=features.lacking(coin, feature))
    left = (memory.expiry_ns - features.time_ns) / DAY_NS
    held = min(terms.days, left - one.roll_days)
    why = WILD if is_wild(premium, left) else SHORT if held < SHORTEST_DAYS else ""
    delivered = one.roll_days == 0.0 and held == left
    if delivered and one.delivery is None:
        why = "its fee at delivery is unknown"
    dated = {"premium": premium, "expiry_ns": memory.expiry_ns}
    if why:
        return CarryOutlook(one.rule, memory.key, None, None, why=why, **dated)
    own = CarryTerms(held, terms.coins, terms.half_spread, terms.slippage, terms.cash_rate)
    earned = premium_earned(premium, left, held)
    return _after_costs(one, memory.key, earned, own, delivered)._replace(**dated)


def _after_costs(
    one: TradedContract, key: str, earned: float, terms: CarryTerms, delivered: bool
) -> CarryOutlook:
    """What is left a year after costs.

    Args: key: of the contract; earned: over the days of the terms, a fraction of what is sold;
    delivered: whether it is held to delivery.
    """
    costs = trade_costs(
        one.taker or 0.0, one.delivery if delivered else None, one.margin or 0.0, terms
    )
    enter = annual(earned - costs.total, terms.days)
    stay = annual(earned - costs.leave - costs.margin, terms.days)
    why = "" if enter is not None else SHORT
    return CarryOutlook(one.rule, key, enter, stay, delivered, why)


def best_first(every: list[CarryOutlook]) -> list[CarryOutlook]:
    """The ones that are known, the highest yield first; of equals the first named."""
    priced = [one for one in every if one.enter is not None]
    return sorted(priced, key=lambda one: -(one.enter or 0.0))
