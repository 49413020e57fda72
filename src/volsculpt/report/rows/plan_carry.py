"""What the contracts of a plan earn or cost while prices stand still."""

from volsculpt.book.exposure import fair_mark, leg_value
from volsculpt.book.state import State
from volsculpt.contracts.funding import annual
from volsculpt.contracts.pricing import DAYS_PER_YEAR, basis_annual, convergence
from volsculpt.contracts.spec import Contract
from volsculpt.decide.step import Decision
from volsculpt.market.quotes import Quotes
from volsculpt.market.rates import fraction_paid
from volsculpt.report.rows.plan import CarryRow
from volsculpt.text import percent
from volsculpt.units import DAY_NS

LARGEST_PLAIN_RATE = 0.005  # a stamp; venues cap most rates below it


def funding_fraction(contract: Contract, quotes: Quotes, mark: float) -> float | None:
    """Funding as a fraction of value per interval; None when no rate was given."""
    rate = quotes.funding.get(contract.key)
    if rate is None or contract.funding is None:
        return None
    return fraction_paid(contract, rate, mark)


def _hold_usd_per_day(decision: Decision, quotes: Quotes, after: State, leg: int) -> float | None:
    """US dollars a day that a leg of a state earns while prices stand still, + earned.

    Perpetual: funding, on value at the mark in settle coins, at the index. Dated: what
    converges until delivery, over the days left. None when no rate, or no price, was given.
    """
    contract = decision.flat.legs[leg][1]
    quote, layout = decision.quoted.quote, decision.flat.layout
    settle_usd = quote.index_usd[layout.legs.settle[leg]]
    if contract.expiry_ns is None:
        yearly = funding_annual(contract, quotes, quote.mark[leg])
        held = leg_value(layout, after, quote, leg)
        return None if yearly is None else -held * settle_usd * yearly / DAYS_PER_YEAR
    days = (contract.expiry_ns - decision.time_ns) / DAY_NS
    if days <= 0.0 or not decision.quoted.own_mark[leg]:
        return None
    spot = spot_of(decision, leg)
    size = after.contracts[leg]
    legs = layout.legs
    earned = convergence(legs.payoff[leg], size, legs.multiplier[leg], quote.mark[leg], spot)
    return earned * settle_usd / days


def spot_of(decision: Decision, leg: int) -> float:
    """The index of a leg's contract, in its quote currency."""
    return fair_mark(decision.flat.layout, decision.quoted.quote, leg)


def funding_annual(contract: Contract, quotes: Quotes, mark: float) -> float | None:
    """Funding as a simple yearly rate; None when no rate was given."""
    rate = funding_fraction(contract, quotes, mark)
    hours = contract.funding.interval_hours if contract.funding else 8.0
    return None if rate is None else annual(rate, quotes.interval_hours.get(contract.key, hours))


def funding_warnings(decision: Decision, quotes: Quotes) -> list[str]:
    """Rates so large that a percentage may have been given as a fraction, with both readings."""
    found = {}
    for leg, (_, contract) in enumerate(decision.flat.legs):
        rate = funding_fraction(contract, quotes, decision.quoted.quote.mark[leg])
        yearly = funding_annual(contract, quotes, decision.quoted.quote.mark[leg])
        if rate is None or yearly is None or abs(rate) <= LARGEST_PLAIN_RATE:
            continue
        given = quotes.funding[contract.key]
        found[contract.key] = (
            f"funding_large: the funding of {contract.key}, {given:g}, is {percent(rate)} a stamp, "
            f"{percent(yearly)} a year; if {given:g} % was meant, give "
            f"--funding {contract.key}={given:g}%"
        )
    return list(found.values())


def _carry(decision: Decision, quotes: Quotes, leg: int, hold: float | None) -> CarryRow:
    """What one contract earns a year; hold: what the post-trade position of it does a day."""
    contract = decision.flat.legs[leg][1]
    mark = decision.quoted.quote.mark[leg]
    if contract.expiry_ns is None:
        yearly = funding_annual(contract, quotes, mark)
        return CarryRow(contract.key, yearly, None, None, hold)
    days = (contract.expiry_ns - decision.time_ns) / DAY_NS
    live = decision.quoted.own_mark[leg] and days > 0.0
    return CarryRow(
        contract=contract.key,
        funding_annual=None,
        basis_annual=basis_annual(mark, spot_of(decision, leg), days) if live else None,
        days_to_expiry=max(0.0, days),
        hold_usd_per_day=hold,
    )


def carry_rows(decision: Decision, quotes: Quotes, after: State) -> list[CarryRow]:
    """One row a contract that is held after the orders or may be used; + is earned."""
    hold: dict[str, float | None] = {}
    first: dict[str, int] = {}
    for leg, (_, contract) in enumerate(decision.flat.legs):
        earned = _hold_usd_per_day(decision, quotes, after, leg)
        before = hold.get(contract.key, 0.0)
        hold[contract.key] = None if earned is None or before is None else before + earned
        first.setdefault(contract.key, leg)
    return [_carry(decision, quotes, leg, hold[key]) for key, leg in first.items()]
