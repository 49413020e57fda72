"""From a decision to the rows of a plan: exposure, decisions, orders, carry."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from volsculpt.book.coming import coming_coins
from volsculpt.book.exposure import delta_of, exposure, fair_mark, leg_value, venue_contracts
from volsculpt.book.flatten import Flat
from volsculpt.book.holdings import Account
from volsculpt.book.state import State, new_exposure
from volsculpt.contracts.costs import fee
from volsculpt.contracts.expiries import coin_of
from volsculpt.contracts.funding import annual
from volsculpt.contracts.margin import opening_rate
from volsculpt.contracts.orders import is_reduction
from volsculpt.contracts.payoff import value
from volsculpt.contracts.pricing import basis_annual, convergence
from volsculpt.contracts.spec import Contract
from volsculpt.decide.finish import contract_usd
from volsculpt.decide.ratio_words import target_of
from volsculpt.decide.rules import BASE_GONE, WEALTH_GONE
from volsculpt.decide.split_words import order_whys
from volsculpt.decide.step import Decision
from volsculpt.decide.words import residual_usd
from volsculpt.market.quotes import Quotes
from volsculpt.market.rates import fraction_paid
from volsculpt.report.rows.plan import (
    CarryRow,
    DecisionRow,
    ExposureRow,
    NotOwnRow,
    OrderRow,
    Stance,
)
from volsculpt.report.rows.plan_rest import later_words, reasons_to_end
from volsculpt.units import DAY_NS, DAYS_PER_YEAR
from volsculpt.watch.filled import filled
from volsculpt.watch.later import later_trades, once_arrived

NEUTRAL = 0.005  # a target this close to 1 is called market neutral
DUST_USD = 0.5  # what stays of a coin that is not owned, called market neutral too


def margin_equity(flat: Flat, currency: int, pnl: float) -> float:
    """Coins in margin accounts' wallets plus PnL settled in the currency."""
    margin_accounts = {account for account, _ in flat.legs} | {g.account for g in flat.groups}
    return pnl + sum(
        flat.state.wallet[row]
        for row, label in enumerate(flat.wallets)
        if label.account in margin_accounts
        and not label.in_transit
        and flat.layout.wallet_currency[row] == currency
    )


def exposure_rows(decision: Decision, hedgeable: set[str]) -> list[ExposureRow]:
    """One row a currency with a balance, a leg or a hedge; the held book, before orders.

    hedgeable: coins that some contract or proxy can hedge.
    """
    flat, index = decision.flat, decision.quoted.quote.index_usd
    sums = new_exposure(flat.layout)
    exposure(flat.layout, flat.state, decision.quoted.quote, 0, sums)
    hedged = {currency: row for row, currency in enumerate(decision.rules.hedge_currency)}
    shown, ahead = _shown_currencies(decision), coming_coins(flat, flat.state)
    rows = []
    for currency, name in enumerate(flat.currencies):
        if currency not in shown:
            continue
        delta = delta_of(sums, currency)
        base = decision.answer.base[hedged[currency]] if currency in hedged else None
        bare = flat.layout.moves[currency] == 1 and name not in hedgeable
        rows.append(
            ExposureRow(
                currency=name,
                owned_coin=sums.balance[currency] - ahead[currency] + sums.pnl_on[currency],
                equity_coin=margin_equity(flat, currency, sums.pnl[currency]),
                futures_coin=sums.futures[currency],
                delta_coin=delta,
                delta_usd=delta * index[currency],
                base_coin=base,
                held_ratio=held_ratio(decision, hedged[currency]) if base is not None else None,
                unhedgeable_usd=delta * index[currency] if bare else 0.0,
                coming_coin=ahead[currency],
            )
        )
    return rows


def _shown_currencies(decision: Decision) -> set[int]:
    """Rows of the currencies that have a balance, a leg or a hedge."""
    flat, legs = decision.flat, decision.flat.layout.legs
    shown = set(decision.rules.hedge_currency)
    for row, amount in enumerate(flat.state.wallet):
        if amount != 0.0:
            shown.add(flat.layout.wallet_currency[row])
    for leg in range(len(flat.legs)):
        shown |= {legs.base[leg], legs.quote[leg], legs.settle[leg]}
    return shown


def held_ratio(decision: Decision, row: int) -> float | None:
    """Held ratio of a hedge, None where its base is not positive."""
    return decision.answer.held[row] if decision.answer.base[row] > 0.0 else None


def is_decided(decision: Decision, row: int) -> bool:
    """Whether a hedge has a target of its own; else what is held is kept."""
    code = decision.answer.hedge_code[row]
    if code & (BASE_GONE | WEALTH_GONE):
        return bool(code & BASE_GONE)
    return decision.aims[row].ratio is not None


def decision_rows(decision: Decision) -> list[DecisionRow]:
    """One row a hedge, with its reasons in words."""
    late, _ = once_arrived(decision, filled(decision))
    later = later_trades(decision)
    rows = []
    for row, hedge in enumerate(decision.setup.hedges):
        gone = decision.answer.hedge_code[row] & BASE_GONE
        target = 0.0 if gone else target_of(decision, row)
        rows.append(
            DecisionRow(
                underlying=hedge.underlying,
                policy=hedge.policy.NAME,
                target_ratio=target,
                held_ratio=held_ratio(decision, row),
                stance=_stance(_open_part(decision, row, target)),
                reasons=reasons_to_end(decision, late, row) + later_words(decision, later, row),
                is_decided=is_decided(decision, row),
                base=hedge.base,
            )
        )
    return rows


def _open_part(decision: Decision, row: int, target: float) -> float:
    """The share of a coin that the target leaves at risk; without a base the sign of what stays."""
    if held_ratio(decision, row) is not None:
        return 1.0 - target
    layout, coin = decision.flat.layout, decision.rules.hedge_currency[row]
    sums = new_exposure(layout)
    exposure(layout, filled(decision), decision.quoted.quote, 0, sums)
    delta = delta_of(sums, coin)
    is_dust = abs(delta) * decision.quoted.quote.index_usd[coin] < DUST_USD
    return 0.0 if is_dust else math.copysign(1.0, delta)


def _stance(open_part: float) -> Stance:
    """Whether its owner gains when a coin rises, loses, or neither."""
    if abs(open_part) <= NEUTRAL:
        return "market neutral"
    return "net long" if open_part > 0.0 else "net short"


def _order(
    decision: Decision, leg: int, action: str, size: float, why: str | None = None
) -> OrderRow:
    """One order row.

    Args: leg: its row; action: place or cancel; size: signed contracts to place or still working;
    why: of one that is split.
    """
    flat, quote = decision.flat, decision.quoted.quote
    account, contract = flat.legs[leg]
    legs = flat.layout.legs
    held = flat.state.contracts[leg]
    target = float(f"{held + (size if action == 'place' else 0.0):.12g}")
    traded = value(legs.payoff[leg], size, contract.multiplier, quote.mark[leg])
    leverage, posts = _opening(decision, leg, target) if action == "place" else (None, None)
    return OrderRow(
        action="place" if action == "place" else "cancel",
        account=account,
        venue=contract.venue,
        contract=contract.symbol,
        side="buy" if size > 0.0 else "sell",
        contracts=abs(size),
        face_usd=abs(size) * contract_usd(flat.layout, quote, leg),
        reference_price=quote.mark[leg],
        fee=fee(traded, legs.taker[leg]) if action == "place" else None,
        fee_currency=contract.settle,
        reduce_only=is_reduction(venue_contracts(flat.state, leg), target - held) == 1,
        held_contracts=held,
        target_contracts=target,
        residual_usd=residual_usd(decision, leg),
        leverage=leverage,
        posts_coin=posts,
        market_most=contract.orders.market_most,
        why=why,
    )


def _opening(decision: Decision, leg: int, target: float) -> tuple[float | None, float | None]:
    """(leverage to set, coins posted) of an order that adds to an isolated position, else None.

    Worked: 90,000 USD sold at 60,000 under a plan of 2x: (2, 0.75 BTC).
    """
    flat, legs = decision.flat, decision.flat.layout.legs
    held = flat.state.contracts[leg]
    start = held if held * target > 0.0 else 0.0
    if legs.posted_wallet[leg] < 0 or abs(target) <= abs(start):
        return None, None
    price = decision.quoted.quote.mark[leg]
    size = abs(value(legs.payoff[leg], target, legs.multiplier[leg], price))
    added = abs(value(legs.payoff[leg], target - start, legs.multiplier[leg], price))
    rate = opening_rate(legs, leg, target, size)
    return 1.0 / rate, added * rate


def order_rows(decision: Decision) -> list[OrderRow]:
    """Cancels first, then orders to place, in the order of the legs."""
    answer, working, whys = decision.answer, decision.flat.state.working, order_whys(decision)
    legs, later = range(len(decision.flat.legs)), later_trades(decision)
    cancels = [_order(decision, leg, "cancel", working[leg]) for leg in legs if answer.cancel[leg]]
    rows = [
        replace(
            _order(decision, leg, "place", answer.trade[leg], whys.get(leg)),
            later_contracts=abs(later.get(leg, 0.0)),
        )
        for leg in legs
        if answer.trade[leg]
    ]
    last = last_on_coins(rows)
    return cancels + [
        order if row in last else replace(order, residual_usd=0.0) for row, order in enumerate(rows)
    ]


def last_on_coins(orders: Sequence[OrderRow]) -> set[int]:
    """Places of the last order on each coin, which tells what is left of their common target."""
    coins = [coin_of(order.contract) for order in orders]
    return set({coin: row for row, coin in enumerate(coins)}.values())


# --- what in accounts is somebody else's ---------------------------------------------


def not_own_rows(accounts: Iterable[Account]) -> list[NotOwnRow]:
    """A row for each contract and each currency of which something is not own."""
    return [row for account in accounts for row in _rows(account)]


def _rows(account: Account) -> Iterator[NotOwnRow]:
    """Of one account; of a contract that is not own at all, what the account holds of it."""
    held = {one.contract.key: one for one in account.positions}
    for one in account.not_own:
        whole = held.get(one.contract.key)
        contracts, entry = one.contracts, one.entry
        if contracts is None:
            contracts = whole.contracts if whole is not None else 0.0
            entry = whole.entry if whole is not None else None
        yield NotOwnRow(account.name, one.contract.symbol, contracts, entry, None, None)
    for name, coins in account.not_own_coins.items():
        yield NotOwnRow(account.name, None, None, None, name, coins)


# --- what contracts earn or cost while prices stand still -----------------------------


def funding_fraction(contract: Contract, quotes: Quotes, mark: float) -> float | None:
    """Funding as a fraction of value per interval; None when no rate was given."""
    rate = quotes.funding.get(contract.key)
    if rate is None or contract.funding is None:
        return None
    return fraction_paid(contract, rate, mark)


def funding_usd_per_day(held_usd: float, yearly: float) -> float:
    """US dollars a day that a perpetual position earns by funding, + earned.

    Worked: 12,000 USD short at 10.95 % a year: 3.60. Args: held_usd: its value, - short; yearly: a
    simple rate, + paid by longs.
    """
    return -held_usd * yearly / DAYS_PER_YEAR


def _held_usd(decision: Decision, after: State, leg: int) -> float:
    """The value of a leg of a state in US dollars, - short: at the mark, coins at their index."""
    layout, quote = decision.flat.layout, decision.quoted.quote
    return leg_value(layout, after, quote, leg) * quote.index_usd[layout.legs.settle[leg]]


def _hold_usd_per_day(decision: Decision, quotes: Quotes, after: State, leg: int) -> float | None:
    """US dollars a day that a leg of a state earns while prices stand still, + earned.

    Perpetual: funding. Dated: what converges until delivery, over the days left. None when no
    rate, or no price, was given.
    """
    contract = decision.flat.legs[leg][1]
    quote, layout = decision.quoted.quote, decision.flat.layout
    if contract.expiry_ns is None:
        yearly = funding_annual(contract, quotes, quote.mark[leg])
        held = _held_usd(decision, after, leg)
        return None if yearly is None else funding_usd_per_day(held, yearly)
    days = (contract.expiry_ns - decision.time_ns) / DAY_NS
    if days <= 0.0 or not decision.quoted.own_mark[leg]:
        return None
    spot = spot_of(decision, leg)
    size = after.contracts[leg]
    legs = layout.legs
    earned = convergence(legs.payoff[leg], size, legs.multiplier[leg], quote.mark[leg], spot)
    return earned * quote.index_usd[legs.settle[leg]] / days


def spot_of(decision: Decision, leg: int) -> float:
    """The index of a leg's contract, in its quote currency."""
    return fair_mark(decision.flat.layout, decision.quoted.quote, leg)


def funding_annual(contract: Contract, quotes: Quotes, mark: float) -> float | None:
    """Funding as a simple yearly rate; None when no rate was given."""
    rate = funding_fraction(contract, quotes, mark)
    hours = contract.funding.interval_hours if contract.funding else 8.0
    return None if rate is None else annual(rate, quotes.interval_hours.get(contract.key, hours))


def _carry(decision: Decision, quotes: Quotes, leg: int) -> CarryRow:
    """What one contract earns a year, and nothing of what is held of it."""
    contract = decision.flat.legs[leg][1]
    mark = decision.quoted.quote.mark[leg]
    if contract.expiry_ns is None:
        yearly = funding_annual(contract, quotes, mark)
        return CarryRow(contract.key, yearly, None, None, None)
    days = (contract.expiry_ns - decision.time_ns) / DAY_NS
    live = decision.quoted.own_mark[leg] and days > 0.0
    return CarryRow(
        contract=contract.key,
        funding_annual=None,
        basis_annual=basis_annual(mark, spot_of(decision, leg), days) if live else None,
        days_to_expiry=max(0.0, days),
        hold_usd_per_day=None,
    )


def carry_rows(decision: Decision, quotes: Quotes, after: State) -> list[CarryRow]:
    """One row a contract that is held after the orders or may be used; + is earned."""
    found: dict[str, CarryRow] = {}
    for leg, (_, contract) in enumerate(decision.flat.legs):
        row = found.get(contract.key)
        if row is None:
            row = replace(_carry(decision, quotes, leg), hold_usd_per_day=0.0)
        found[contract.key] = _with_leg(decision, quotes, after, leg, row)
    return list(found.values())


def _with_leg(
    decision: Decision, quotes: Quotes, after: State, leg: int, row: CarryRow
) -> CarryRow:
    """The row of a contract with what one more account holds of it.

    Args: after: the book once the orders fill; leg: of the account.
    """
    earned, before = _hold_usd_per_day(decision, quotes, after, leg), row.hold_usd_per_day
    size = after.contracts[leg]
    face = size * contract_usd(decision.flat.layout, decision.quoted.quote, leg)
    return replace(
        row,
        hold_usd_per_day=None if earned is None or before is None else before + earned,
        held_contracts=(row.held_contracts or 0.0) + size,
        held_usd=(row.held_usd or 0.0) + _held_usd(decision, after, leg),
        face_usd=(row.face_usd or 0.0) + face,
    )
