"""One contract at one moment: its premium, its funding as it was and is expected, its yield."""

from dataclasses import dataclass, replace

import numpy as np

from volsculpt.contracts.funding import annual as annual_funding
from volsculpt.contracts.pricing import basis, basis_annual, basis_continuous
from volsculpt.contracts.spec import Contract
from volsculpt.errors import ContractError
from volsculpt.hedge.carry.funding_model import FundingModel, why_unknown
from volsculpt.hedge.carry.margin import CarryPrices, initial_margin
from volsculpt.hedge.carry.terms import (
    SHORTEST_DAYS,
    CarryCosts,
    CarryTerms,
    annual,
    days_to_pay,
    funding_earned,
    is_wild,
    premium_earned,
    trade_costs,
)
from volsculpt.hedge.features.funding_forecast import FundingForecast
from volsculpt.market.funding_past import means_over
from volsculpt.market.observed import paid_funding
from volsculpt.market.series import FundingRates
from volsculpt.units import DAY_NS, DAYS_PER_YEAR, HOUR_NS

SPANS_DAYS = (7, 30, 90)  # over which past funding is told


@dataclass(frozen=True, slots=True)
class FundingSpan:
    """Funding of the last `days`, simple rates a year: the mean, the least and most of its days.

    negative: share of its days on which shorts paid.
    """

    days: int
    mean: float
    low: float
    high: float
    negative: float


@dataclass(frozen=True, slots=True)
class ContractCarry:
    """What selling by a contract earns. Rates are simple and a year where a name says so.

    days: how long it is held for, is_delivered: to its delivery.
    expected: by the premium or by funding over those days, error: the standard deviation of that;
    net: expected less costs; fractions of what is sold. below_zero: share of past stretches of that
    length in which net was below 0. pay_days: until costs are paid. why: what is not known, in
    words.
    """

    contract: Contract
    prices: CarryPrices
    premium: float
    days: float
    is_delivered: bool = False
    days_left: float | None = None
    premium_annual: float | None = None
    premium_continuous: float | None = None
    funding_annual: float | None = None
    past: tuple[FundingSpan, ...] = ()
    expected: float | None = None
    error: float | None = None
    costs: CarryCosts | None = None
    below_zero: float | None = None
    pay_days: float | None = None
    why: tuple[str, ...] = ()

    @property
    def net(self) -> float | None:
        """Expected less all costs."""
        if self.expected is None or self.costs is None:
            return None
        return self.expected - self.costs.total

    @property
    def net_annual(self) -> float | None:
        """Likewise a year; None of less than a week."""
        return None if self.net is None else annual(self.net, self.days)


def costs_of(
    contract: Contract, terms: CarryTerms, prices: CarryPrices, delivered: bool
) -> CarryCosts | str:
    """What a short costs, fractions of what is sold; why that is not known.

    Args: terms: its size and how long it is held; delivered: whether it is held to delivery.
    """
    fees = contract.fees
    if fees.taker is None:
        return "its taker fee is unknown"
    if delivered and fees.delivery is None:
        return "its fee at delivery is unknown"
    try:
        rate = initial_margin(contract, terms.coins, prices)
    except ContractError:
        return "its margin is unknown"
    return trade_costs(fees.taker, fees.delivery if delivered else None, rate, terms)


def funding_model(rates: FundingRates, days: float, time_ns: int) -> FundingModel | str:
    """The model of a perpetual's funding over some days, of what was paid by a time.

    Where there is none, why. The fold is that of the feature `funding-forecast`.

    Args: rates: stored; days: to be held; time_ns: ns UTC.
    """
    feature = FundingForecast("", max(1, round(days)))
    rows = paid_funding(rates, DAY_NS, int(rates.stamp_ns[0]), time_ns)
    memory = feature.fold(None, rows) if rows else None
    model = feature.model(memory, time_ns)
    return why_unknown(memory, time_ns, feature.days) if model is None else model


def span_of(rates: FundingRates, days: int) -> FundingSpan | None:
    """Funding of the last days that are stored; None where there are fewer."""
    first = rates.end_ns - days * DAY_NS
    own = rates.stamp_ns > first
    if rates.stamp_ns[0] - rates.interval_hours[0] * HOUR_NS > first or not own.any():
        return None
    day = (rates.stamp_ns[own] - first - 1) // DAY_NS
    paid, hours = (np.bincount(day, one[own], days) for one in (rates.rate, rates.interval_hours))
    has_end = hours > 0.0
    daily = annual_funding(1.0, 1.0) * paid[has_end] / hours[has_end]
    mean = annual_funding(float(rates.rate[own].sum()), float(rates.interval_hours[own].sum()))
    low, high, negative = float(daily.min()), float(daily.max()), float((daily < 0.0).mean())
    return FundingSpan(days, mean, low, high, negative)


def carry_of(
    contract: Contract,
    terms: CarryTerms,
    prices: CarryPrices,
    time_ns: int,
    rates: FundingRates | None,
) -> ContractCarry:
    """What selling by a contract earns.

    Args: terms: how it is asked for; prices: of now; time_ns: now, ns UTC; rates: of its funding,
    None where none is stored.
    """
    if contract.expiry_ns is not None:
        return _dated(contract, terms, prices, (contract.expiry_ns - time_ns) / DAY_NS)
    return _perpetual(contract, terms, prices, rates, time_ns)


def _dated(
    contract: Contract, terms: CarryTerms, prices: CarryPrices, days_left: float
) -> ContractCarry:
    """A contract with a day of delivery."""
    delivered = terms.days >= days_left
    held = replace(terms, days=min(terms.days, days_left))
    premium = basis(prices.mark, prices.spot)
    found = ContractCarry(contract, prices, premium, held.days, delivered, days_left)
    if days_left >= SHORTEST_DAYS:
        simple = basis_annual(prices.mark, prices.spot, days_left)
        found = replace(
            found,
            premium_annual=simple,
            premium_continuous=basis_continuous(prices.mark, prices.spot, days_left),
        )
    if is_wild(premium, days_left):
        return replace(found, why=("its premium is none that a market pays: look at its price",))
    costs = costs_of(contract, held, prices, delivered)
    if isinstance(costs, str):
        return replace(found, why=(costs,))
    earned = premium_earned(premium, days_left, held.days)
    whole = replace(found, expected=earned, error=0.0 if delivered else None, costs=costs)
    paid = days_to_pay(premium / days_left, costs.total)
    below = float(earned < costs.total) if delivered else None
    why = () if delivered else ("what its premium is when it is left early is not known",)
    return replace(whole, pay_days=_within(paid, days_left), below_zero=below, why=why)


def _within(days: float | None, most: float) -> float | None:
    """Days, where they are no more than these."""
    return days if days is not None and days <= most else None


def _perpetual(
    contract: Contract,
    terms: CarryTerms,
    prices: CarryPrices,
    rates: FundingRates | None,
    time_ns: int,
) -> ContractCarry:
    """A contract that pays funding.

    Args: terms: how it is asked for; prices: of now; rates: of its funding, None where none is
    stored; time_ns: now, ns UTC.
    """
    premium = basis(prices.mark, prices.spot)
    found = ContractCarry(contract, prices, premium, terms.days)
    costs = costs_of(contract, terms, prices, delivered=False)
    why = (costs,) if isinstance(costs, str) else ()
    if rates is None:
        return replace(found, why=(*why, "none of its funding is stored"))
    past = tuple(one for days in SPANS_DAYS if (one := span_of(rates, days)) is not None)
    now = annual_funding(float(rates.rate[-1]), float(rates.interval_hours[-1]))
    found = replace(found, funding_annual=now, past=past)
    model = funding_model(rates, terms.days, time_ns)
    if isinstance(model, str):
        return replace(found, why=(*why, model))
    expected, error = (funding_earned(one, terms.days) for one in (model.expected, model.error))
    found = replace(found, expected=expected, error=error, why=why)
    if isinstance(costs, str):
        return found
    below = share_below(rates, terms.days, costs.total)
    paid = days_to_pay(expected / terms.days, costs.total)
    return replace(found, costs=costs, below_zero=below, pay_days=paid)


def share_below(rates: FundingRates, days: float, costs: float) -> float | None:
    """Share of past stretches of some days whose funding was less than costs; None: too few.

    Worked: 60 of 1,200 stretches of 90 days: 5 %.
    """
    means = means_over(rates, int(days * DAY_NS))
    return None if means is None else float((means * days / DAYS_PER_YEAR < costs).mean())
