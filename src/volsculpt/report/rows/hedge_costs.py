"""What a hedge in one line costs and earns over its whole time, out of its plan."""

from volsculpt.contracts.costs import fee
from volsculpt.contracts.funding import annual
from volsculpt.contracts.spec import Contract
from volsculpt.report.rows.hedge import HedgeFunding, HedgeLock
from volsculpt.report.rows.hedge_inputs import HedgeInputs, at_shock, last_carry, last_scenarios
from volsculpt.report.rows.plan import CarryRow, PlanRows
from volsculpt.report.rows.plan_book import funding_usd_per_day
from volsculpt.units import DAY_NS, DAYS_PER_YEAR, HOUR_NS

EXAMPLE_DAILY, USUAL_HOURS = 0.0003, 8.0  # a rate a day, and how often it is paid


def fees_of(plan: PlanRows, inputs: HedgeInputs) -> tuple[float, float | None]:
    """(US dollars of fees to open it, to end it), at the prices of now.

    To end a perpetual is the same order again; a delivery has its own fee. None: unknown.
    """
    fees_in = opening_fees(plan)
    if inputs.request.lock is None:
        return fees_in, fees_in
    fees = [delivery_fee(row, inputs.contract(row.contract)) for row in last_carry(plan)]
    available = [one for one in fees if one is not None]
    return fees_in, sum(available) if len(available) == len(fees) else None


def opening_fees(plan: PlanRows) -> float:
    """US dollars of fees to open it: what futures take of wealth while nothing moves."""
    return -at_shock(last_scenarios(plan), 0.0).futures_usd


def delivery_fee(row: CarryRow, contract: Contract) -> float | None:
    """US dollars of the fee on delivery. Worked: 12,000 at 0.05 %: 6."""
    rate = contract.fees.delivery
    return None if rate is None else fee(row.face_usd or 0.0, rate)


def funding_of(row: CarryRow, inputs: HedgeInputs) -> HedgeFunding | None:
    """Funding of a position over the whole time; None of a dated contract."""
    contract = inputs.contract(row.contract)
    if contract.expiry_ns is not None:
        return None
    held, past = row.held_usd or 0.0, inputs.past.get(row.contract)
    hours = contract.funding.interval_hours if contract.funding is not None else USUAL_HOURS
    payment = EXAMPLE_DAILY * hours * HOUR_NS / DAY_NS
    now = row.hold_usd_per_day
    return HedgeFunding(
        contract=row.contract,
        held_usd=held,
        low_annual=past.low if past is not None else None,
        now_annual=row.funding_annual,
        high_annual=past.high if past is not None else None,
        low_usd=_over(inputs, held, past.low if past is not None else None),
        now_usd=None if now is None else now * inputs.days,
        high_usd=_over(inputs, held, past.high if past is not None else None),
        since=past.since if past is not None else None,
        example_usd=funding_usd_per_day(held, annual(payment, hours)) * inputs.days,
        example_rate=payment,
    )


def _over(inputs: HedgeInputs, held_usd: float, yearly: float | None) -> float | None:
    """US dollars of funding over the whole time, + earned. yearly: a simple rate."""
    return None if yearly is None else funding_usd_per_day(held_usd, yearly) * inputs.days


def lock_of(plan: PlanRows, inputs: HedgeInputs) -> HedgeLock | None:
    """What the coins sold forward are worth at delivery; None without a lock, or with none sold.

    Worked: 12,120 dollars of face, 6.60 of fees now and 6.06 then, on coins worth 12,000 and for
    100 days: 12,107.34 and 3.26 % a year.
    """
    rows = last_carry(plan)
    if inputs.request.lock is None or not rows:
        return None
    fees_in, delivery = fees_of(plan, inputs)
    face = -sum(row.face_usd or 0.0 for row in rows)
    spot = face - sum((row.hold_usd_per_day or 0.0) * (row.days_to_expiry or 0.0) for row in rows)
    locked = face - fees_in - (delivery or 0.0)
    a_year = DAYS_PER_YEAR / inputs.days
    return HedgeLock(
        locked_usd=locked,
        spot_usd=spot,
        delivery_fee_usd=delivery,
        yield_annual=(locked / spot - 1.0) * a_year,
        perpetual_annual=perpetual_yield(inputs, a_year),
    )


def perpetual_yield(inputs: HedgeInputs, a_year: float) -> float | None:
    """What the same with perpetuals earns a year after fees, at the funding of now; None: unknown.

    a_year: the length of the hedge in a year.
    """
    plan = inputs.perpetual
    rows = last_carry(plan) if plan is not None else []
    earned = [row.hold_usd_per_day for row in rows if row.hold_usd_per_day is not None]
    if plan is None or not rows or len(earned) < len(rows):
        return None
    fees = 2.0 * opening_fees(plan)
    held = -sum(row.held_usd or 0.0 for row in rows)
    return (sum(earned) * inputs.days - fees) / held * a_year
