"""A mandate as it was read: a page for people, an object for programs."""

from dataclasses import asdict
from typing import Any

from volsculpt.book.holdings import Account, Flow, LoanTerms, Position
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.hedge.answer import Band
from volsculpt.hedge.spec import BetaRule, EventOverlay, Hedge, Tilt
from volsculpt.mandate.objects import Mandate
from volsculpt.report.document import Cells, Column, Line, Page, Section, grid_of, warned
from volsculpt.report.rows.plan_book import not_own_rows
from volsculpt.text import (
    NONE,
    amount,
    coins,
    given,
    leverage,
    measured,
    moment,
    percent,
    price,
    usd,
)
from volsculpt.units import DAY_NS, iso_trimmed
from volsculpt.watch.empty_margin import unable
from volsculpt.watch.unheard import unheard

ACCOUNTS: Cells[Account] = (
    (Column("account", left=True), lambda one: one.name),
    (Column("kind", left=True), lambda one: one.kind),
    (Column("venue", left=True), lambda one: one.venue or NONE),
    (Column("mode", left=True, spare=1), lambda one: one.margin_mode or NONE),
    (Column("balances", left=True), lambda one: _held(one)),
)
POSITIONS: Cells[tuple[Account, Position]] = (
    (Column("account", left=True), lambda one: one[0].name),
    (Column("contract", left=True), lambda one: one[1].contract.symbol),
    (Column("contracts", "minus is short"), lambda one: coins(one[1].contracts)),
    (Column("entry"), lambda one: price(one[1].entry)),
)


# --- for people -----------------------------------------------------------------------


def as_page(mandate: Mandate, now_ns: int) -> Page:
    """What was read, in the order of the file; what cannot work comes first."""
    before = unworkable(mandate, now_ns)
    held = [(account, one) for account in mandate.book.accounts for one in account.positions]
    sections = [
        Section("Read this first", warned(before)),
        Section("Accounts", [grid_of(mandate.book.accounts, ACCOUNTS)]),
        Section("Loans", [Line(text, "bullet") for text in loan_words(mandate)]),
        Section("Positions", [grid_of(held, POSITIONS)] if held else []),
        Section("Hedges", [line for hedge in mandate.hedges for line in hedge_lines(hedge)]),
        Section("Dated", [Line(text, "bullet") for text in dated(mandate)]),
        Section("Moving coins", [Line(plan_words(one), "bullet") for one in mandate.collateral]),
        Section("Limits", [Line(text, "bullet") for text in limit_words(mandate.limits)]),
        Section("Warnings", warned(mandate.warnings)),
        Section("Notes", [Line(text, "bullet") for text in mandate.notes]),
    ]
    lead = f"version {mandate.version}, counted in {mandate.numeraire}: understood"
    return Page(mandate.name, lead, [one for one in sections if one.items])


def unworkable(mandate: Mandate, now_ns: int) -> list[str]:
    """What keeps hedges from being opened, or alerts from whom they are for. now_ns: ns UTC."""
    silent = unheard(mandate.desk).items()
    return [*unable(mandate, now_ns), *(f"untold_{name}: {why}" for name, why in silent)]


def _held(account: Account) -> str:
    """Its balances in words."""
    held = [amount(number, name) for name, number in account.balances.items()]
    return ", ".join(held) or "empty"


def loan_words(mandate: Mandate) -> list[str]:
    """What is owed at which interest, and the levels of each loan."""
    found = []
    for account in mandate.book.accounts:
        if account.loan is None:
            continue
        terms, owed = account.loan, []
        for name, number in account.balances.items():
            if number < 0.0:
                rate = given(terms.interest.get(name), lambda part: f" at {percent(part)} a year")
                owed.append(f"{amount(-number, name)}{rate if name in terms.interest else ''}")
        words = f"{account.name}: owes {', '.join(owed)}"
        if terms.call_ltv is not None:
            words += f"; more is asked for at {percent(terms.call_ltv)} loan-to-value"
        if terms.liquidation_ltv is not None:
            words += f"; pledged coins are sold at {percent(terms.liquidation_ltv)} loan-to-value"
        found.append(words if terms.due_ns is None else f"{words}; due {moment(terms.due_ns)}")
    return found


def hedge_lines(hedge: Hedge) -> list[Line]:
    """One hedge: how much of what, and with which contracts."""
    lines = [
        Line(f"{hedge.underlying}: {hedge.policy.words()}", "head"),
        Line(f"of {base_words(hedge)}; {band_words(hedge.band)}", "bullet"),
    ]
    for one in hedge.proxies:
        beta = "estimated" if hedge.betas is not None else coins(one.beta)
        lines.append(Line(f"through {one.coin}, beta {beta}", "bullet"))
    if hedge.betas is not None:
        lines.append(Line(f"betas by {betas_words(hedge.betas)}", "bullet"))
    used = ", then ".join(f"{use.rule} on {use.account}" for use in hedge.use)
    return [*lines, Line(f"with {used}", "bullet")] if used else lines


def betas_words(rule: BetaRule) -> str:
    """How betas are estimated. Worked: "ewma of 180 days of prices, anew every 30 days"."""
    days, refit = rule.window_ns / DAY_NS, rule.refit_ns / DAY_NS
    prices = f"{rule.estimator} of {measured(days, 4, 'day')} of prices"
    return f"{prices}, anew every {measured(refit, 4, 'day')}"


WEALTH = "your whole wealth, where what you hold in dollars counts as hedged"


def base_words(hedge: Hedge) -> str:
    """What the ratio is a share of."""
    if hedge.base == "coins":
        return f"{coins(hedge.coins or 0.0)} {hedge.underlying} (base = coins)"
    return {"equity": "what you own of it", "wealth": WEALTH}[hedge.base]


def band_words(band: Band) -> str:
    """When it trades, and back to where."""
    under, over = percent(band.under_trigger), percent(band.over_trigger)
    if (band.under_trigger, band.under_settle) == (band.over_trigger, band.over_settle):
        return f"trade when more than {under} off, back to within {percent(band.under_settle)}"
    return (
        f"trade when more than {under} under, back to within {percent(band.under_settle)}, "
        f"or more than {over} over, back to within {percent(band.over_settle)}"
    )


def dated(mandate: Mandate) -> list[str]:
    """Tilts, events, overrides, coins on their way and flows, with when they hold."""
    words = []
    for tilt in mandate.tilts:
        words.append(f"{_whom(tilt.underlying)}: add {percent(tilt.add)}{_span(tilt)}")
    for event in mandate.events:
        how = {"at_least": "at least", "at_most": "at most", "set": "exactly"}[event.mode]
        words.append(f"{_whom(event.underlying)}: {how} {percent(event.ratio)}{_span(event)}")
    for one in mandate.overrides:
        until = moment(one.until_ns)
        words.append(f"{_whom(one.underlying)}: {percent(one.ratio)} by hand until {until}")
    for way in mandate.book.transfers:
        due = "" if way.arrives_ns is None else f", due at {moment(way.arrives_ns)}"
        words.append(f"{amount(way.amount, way.currency)} on their way to {way.target}{due}")
    for flow in mandate.book.flows:
        words.append(f"{amount(flow.amount, flow.currency)} to {flow.account}{_when(flow)}")
    return words


def _whom(underlying: str | None) -> str:
    return underlying or "every hedge"


def _span(dated: Tilt | EventOverlay) -> str:
    note = f" ({dated.note})" if dated.note else ""
    return f", from {moment(dated.from_ns)} to {moment(dated.to_ns)}{note}"


def _when(flow: Flow) -> str:
    start = None if flow.at_ns is None else moment(flow.at_ns)
    if not flow.repeats:
        return f" at {start}"
    often = f", every {measured((flow.every_ns or 0) / DAY_NS, 8, 'day')}"
    if flow.every_months is not None:
        often = ", every month" if flow.every_months == 1 else f", every {flow.every_months} months"
    often += f" from {start}" if start else ""
    return f"{often} until {moment(flow.until_ns)}" if flow.until_ns is not None else often


def plan_words(plan: CollateralPlan) -> str:
    """Where coins come from, and when."""
    low, second, third, high = (leverage(one) for one in plan.leverage_band)
    target = plan.account if plan.account else "every margin account"
    what = f" ({plan.currency})" if plan.currency else ""
    return (
        f"{target}{what}: from {', '.join(plan.source)}; more above {high} leverage, "
        f"to {third}; release below {low}, to {second}"
    )


def limit_words(limits: Limits) -> list[str]:
    """The limits that are set."""
    words = [f"ratio from {percent(limits.min_ratio)} to {percent(limits.max_ratio)}"]
    if limits.max_leverage is not None:
        words.append(f"leverage of a margin group at most {leverage(limits.max_leverage)}")
    if limits.min_liquidation_distance is not None:
        words.append(f"liquidation at least {percent(limits.min_liquidation_distance)} away")
    if limits.max_leverage is not None or limits.min_liquidation_distance is not None:
        words.append(f"a position is cut back once it is {percent(limits.dead_zone)} past a limit")
    if limits.allow_long:
        words.append("futures may be net long")
    if limits.max_order_usd is not None:
        words.append(f"an order at most {usd(limits.max_order_usd)} USD")
    if limits.min_base_usd:
        words.append(f"closed when less than {usd(limits.min_base_usd)} USD is left to hedge")
    return words


# --- for programs ---------------------------------------------------------------------


def as_dict(mandate: Mandate, now_ns: int) -> dict[str, Any]:
    """What `check --json` prints of a valid mandate."""
    plain = {
        "name": mandate.name,
        "version": mandate.version,
        "numeraire": mandate.numeraire,
        "accounts": [_account_dict(account) for account in mandate.book.accounts],
        "hedges": [_hedge_dict(hedge) for hedge in mandate.hedges],
        "dated": dated(mandate),
        "collateral": [asdict(plan) for plan in mandate.collateral],
        "limits": asdict(mandate.limits),
        "warnings": [*unworkable(mandate, now_ns), *mandate.warnings],
        "notes": list(mandate.notes),
    }
    return {"schema": 1, "valid": True, "problems": [], "mandate": plain}


def _account_dict(account: Account) -> dict[str, Any]:
    return {
        "name": account.name,
        "kind": account.kind,
        "venue": account.venue,
        "margin_mode": account.margin_mode,
        "balances": account.balances,
        "positions": [_position_dict(held) for held in account.positions],
        "not_own": [asdict(one) for one in not_own_rows([account])],
        "loan": None if account.loan is None else _loan_dict(account.loan),
        "locked_until": _time(account.locked_until_ns),
    }


def _loan_dict(terms: LoanTerms) -> dict[str, Any]:
    return {
        "interest": terms.interest,
        "call_ltv": terms.call_ltv,
        "liquidation_ltv": terms.liquidation_ltv,
        "due": _time(terms.due_ns),
    }


def _time(time_ns: int | None) -> str | None:
    return None if time_ns is None else iso_trimmed(time_ns)


def _position_dict(held: Position) -> dict[str, Any]:
    return {
        "contract": held.contract.symbol,
        "contracts": held.contracts,
        "entry": held.entry,
        "margin": held.margin,
        "leverage": held.leverage,
    }


def _hedge_dict(hedge: Hedge) -> dict[str, Any]:
    policy = hedge.policy
    only = hedge.proxies[0] if len(hedge.proxies) == 1 else None
    return {
        "underlying": hedge.underlying,
        "policy": policy.words(),
        "ratio": policy.ratio_meant(),
        "base": hedge.base,
        "coins": hedge.coins,
        "proxy": only.coin if only is not None else None,
        "beta": only.beta if only is not None else 1.0,
        "proxies": [one._asdict() for one in hedge.proxies],
        "betas": asdict(hedge.betas) if hedge.betas is not None else None,
        "band": asdict(hedge.band),
        "use": [asdict(use) for use in hedge.use],
    }
