"""What a reader of a plan should look at: thin margin, unknown figures, lone risks."""

import re
from collections.abc import Iterable

from volsculpt.book.exposure import coins_per_contract, venue_contracts, venue_value
from volsculpt.book.fill import fill
from volsculpt.book.group import group_equity, group_gross, is_breached
from volsculpt.book.holdings import Book
from volsculpt.book.state import State, copy_state
from volsculpt.contracts.currencies import is_fiat
from volsculpt.contracts.lots import is_whole
from volsculpt.contracts.payoff import LINEAR
from volsculpt.decide.collateral import unit_of_coin
from volsculpt.decide.limits import SAFE_LEVERAGE
from volsculpt.decide.rules import USELESS, WEALTH_GONE
from volsculpt.decide.step import Decision
from volsculpt.decide.words import no_wealth_words
from volsculpt.hedge.betas import UNKNOWN, lacks_betas
from volsculpt.mandate.objects import Mandate
from volsculpt.market.quotes import Quotes
from volsculpt.report.rows.plan import ExposureRow, MarginRow
from volsculpt.report.rows.plan_book import carry_rows, funding_annual, funding_fraction, spot_of
from volsculpt.report.rows.plan_locked import unlock_words
from volsculpt.text import amount, contracts, leverage, moment, of_currency, percent, usd
from volsculpt.trade.execute.guard import KEYS, REMEDIES, Facts, judged
from volsculpt.watch.coins import safe_leverage
from volsculpt.watch.level import WORRY_LEVERAGE
from volsculpt.watch.nextstep import book_then
from volsculpt.watch.withdrawals import kept_words

LARGEST_PLAIN_RATE = 0.005  # a stamp; venues cap most rates below it
PEG = re.compile(r"assumed_peg: (?:(?:no price|prices) of )?(\w+)")


def once(warnings: Iterable[str]) -> list[str]:
    """Each warning once, the first of those that say the same of the same stablecoin.

    Stored prices and the plan both tell of a peg that is assumed, each in its own words.
    """
    found: dict[str, str] = {}
    for line in warnings:
        peg = PEG.match(line)
        found.setdefault(f"assumed_peg {peg[1]}" if peg else line, line)
    return list(found.values())


def margin_warnings(
    decision: Decision, after: State, rows: list[MarginRow], assumed: tuple[str, ...]
) -> list[str]:
    """Groups that lack coins once the orders fill, and accounts that do not exist yet.

    Args: rows: the margin rows of the stage after, one a group; assumed: accounts that do not exist
    yet.
    """
    warnings = []
    for group, row in enumerate(rows):
        gross = group_gross(decision.flat.layout, after, decision.quoted.quote, group)
        unit = unit_of_coin(decision.flat.layout, decision.quoted.quote, decision.rules, group)
        coming = decision.flat.state.incoming[group] * unit
        short = decision.answer.lacking[group]
        safe = min(SAFE_LEVERAGE, safe_leverage(decision, group))
        lacking = max(0.0, gross / safe - row.equity_coin - coming)
        more = amount(lacking, row.currency)
        where = f"'{row.account}' ({row.group})"
        if row.account in assumed:
            warnings.append(
                f"assumed_account: '{row.account}' does not exist yet; to carry this plan at "
                f"{safe:g}x leverage it needs {more}"
            )
        elif row.equity_coin < 0.0 and gross == 0.0:
            warnings.append(
                f"margin_shortfall: {where} would have been liquidated before: it owes "
                f"{amount(-row.equity_coin, row.currency)} more than it has; check its balances, "
                f"its contracts and their entry"
            )
        elif gross > 0.0 and is_breached(row.equity_coin, row.maintenance_coin):
            warnings.append(
                f"margin_shortfall: {where} would be liquidated at once: equity "
                f"{of_currency(row.equity_coin, row.currency)}, maintenance "
                f"{of_currency(row.maintenance_coin, row.currency)} {row.currency}; "
                f"{more} more bring it to {safe:g}x leverage"
            )
        elif gross > WORRY_LEVERAGE * row.equity_coin and row.top_up_coin <= 0.0:
            warnings.append(
                f"margin_thin: {where} stands at {leverage(gross / row.equity_coin)} leverage; "
                f"{more} more bring it to {safe:g}x, or add a [[collateral]] plan"
            )
        if decision.answer.group_code[group] & USELESS:
            warnings.append(
                f"coins_count_nothing: {row.top_up_currency} has no collateral weight in {where}, "
                f"so moving it there would not help; name another currency in [[collateral]]"
            )
        if short > 0.0:
            needed = amount(short, row.top_up_currency or row.currency)
            warnings.append(
                f"sources_short: {where} needs {needed} more than its [[collateral]] sources hold"
                f"{unlock_words(decision, group)}{kept_words(decision, group)}"
            )
    return warnings


def working_warnings(decision: Decision) -> list[str]:
    """Orders still working that would leave their group thin, or liquidated, once they fill."""
    flat, quote = decision.flat, decision.quoted.quote
    if not any(flat.state.working):
        return []
    full = copy_state(flat.state)
    for leg, size in enumerate(flat.state.working):
        if size != 0.0:
            fill(flat.layout, full, leg, size, quote.mark[leg], flat.layout.legs.taker[leg])
    warnings = []
    for group, label in enumerate(flat.groups):
        gross = group_gross(flat.layout, full, quote, group)
        equity = group_equity(flat.layout, full, quote, group)
        held = group_gross(flat.layout, flat.state, quote, group)
        if gross > held and gross > WORRY_LEVERAGE * equity:
            stands = f"{leverage(gross / equity)} leverage" if equity > 0.0 else "no equity"
            warnings.append(
                f"working_order: once the orders working on '{label.account}' ({label.group}) "
                f"fill, it stands at {stands}; this plan's margin rows do not count them"
            )
    return warnings


def guard_warnings(decision: Decision, mandate: Mandate) -> list[str]:
    """Orders that a desk's guard would refuse, judged by it: prices and statements are fresh.

    None where the mandate says nothing of a desk: who places orders by hand has no guard. Worked:
    60,000 USD under a max_order_usd of 1,000.
    """
    if not mandate.has_desk:
        return []
    fresh = {contract.key: 0 for _, contract in decision.flat.legs}
    stated = {account: 0 for account, _ in decision.flat.legs}
    facts = Facts(decision.time_ns, price_ages_ns=fresh, statement_ages_ns=stated)
    _, refused = judged(decision, mandate.guard, facts)
    return [
        f"guard_refuses: the desk would not {'sell' if order.contracts < 0.0 else 'buy'} "
        f"{contracts(abs(order.contracts))} of {order.contract.partition(':')[2]} on "
        f"{order.account}: {why.why}{_default_words(why.rule, mandate)}; {REMEDIES[why.rule]}"
        for order, why in refused
    ]


def _default_words(rule: str, mandate: Mandate) -> str:
    """That a limit is the desk's own, where [guard] does not give it."""
    key = KEYS.get(rule)
    return "" if key is None or key in mandate.guard_keys else ", which is a desk's default"


def overdue_warnings(book: Book, time_ns: int) -> list[str]:
    """Coins under way that were due before now: once they are there they are a balance.

    Args: book: as the mandate states it; time_ns: ns UTC.
    """
    return [
        f"transfer_overdue: {amount(one.amount, one.currency)} to '{one.target}' were due at "
        f"{moment(one.arrives_ns)}; once they are there, take the [[transfer]] out and add them to "
        f"its balances"
        for one in book.transfers
        if one.arrives_ns is not None and one.arrives_ns <= time_ns
    ]


def lot_warnings(decision: Decision) -> list[str]:
    """Positions that are no whole number of lots: coins, most likely, written as contracts.

    Worked: -0.33 contracts of 1 US dollar; 0.33 BTC at 60,000 are 19,800.
    """
    flat, warnings = decision.flat, []
    for leg, (account, contract) in enumerate(flat.legs):
        held = abs(venue_contracts(flat.state, leg))
        lots = held / contract.lot
        if is_whole(lots) == 0:
            warnings.append(
                f"part_lots: {contracts(held)} of {contract.symbol} on {account} is no whole "
                f"number of lots of {contract.lot:g}; {_as_coins(decision, leg, held)}"
            )
    return warnings


def _as_coins(decision: Decision, leg: int, held: float) -> str:
    """What a position is where its number is one of coins."""
    flat, contract = decision.flat, decision.flat.legs[leg][1]
    per = abs(coins_per_contract(flat.layout, decision.quoted.quote, leg))
    if per in (0.0, 1.0):
        return "check it"
    return f"if you mean {amount(held, contract.base)}, write {contracts(round(held / per))}"


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


def carry_warnings(decision: Decision, quotes: Quotes, after: State) -> list[str]:
    """Dated contracts that are sold below the coin: what is earned until they expire is a loss.

    Args: quotes: with funding; after: the book once the orders fill.
    """
    quote, legs = decision.quoted.quote, range(len(decision.flat.legs))
    if not any(decision.quoted.own_mark[n] and quote.mark[n] < spot_of(decision, n) for n in legs):
        return []
    book = book_then(decision, after) or after
    return [
        f"negative_carry: {row.contract} is below the coin's price, {percent(row.basis_annual)} "
        f"a year: {contracts(abs(row.held_contracts))} held short cost "
        f"{usd(-row.hold_usd_per_day)} USD a day until it expires; for income sell another one, or "
        f"wait until it is above the coin"
        for row in carry_rows(decision, quotes, book)
        if row.basis_annual is not None
        and row.hold_usd_per_day is not None
        and row.hold_usd_per_day < 0.0
        and row.held_contracts is not None
        and row.held_contracts < 0.0
    ]


def tier_warnings(decision: Decision, after: State) -> list[str]:
    """Positions larger than the margin tiers that could be sourced: maintenance may be more."""
    warnings = []
    flat, quote = decision.flat, decision.quoted.quote
    for leg, (account, contract) in enumerate(flat.legs):
        sourced_to = contract.margin.known_to if contract.margin is not None else None
        if sourced_to is None or contract.margin is None:
            continue
        size = abs(venue_contracts(after, leg))
        if contract.margin.unit == "value":
            size = abs(venue_value(flat.layout, after, quote, leg))
        if size > sourced_to:
            unit = "contracts" if contract.margin.unit == "contracts" else contract.settle
            warnings.append(
                f"tiers_unknown: {contract.key} on {account}: margin is known only up to "
                f"{sourced_to:g} {unit}; above it the venue may ask for more than shown"
            )
    return warnings


def bonus_warnings(decision: Decision) -> list[str]:
    """A bonus that a release takes with it, and one that no position can stand on."""
    flat, warnings = decision.flat, []
    for account in decision.setup.book.accounts:
        for name, coins in account.bonus.items():
            what = f"the bonus of {amount(coins, name)} in '{account.name}'"
            counts = [
                group
                for group, label in enumerate(flat.groups)
                if label.account == account.name
                and name in flat.currencies
                and flat.state.bonus[group * flat.layout.currencies + flat.currency(name)] > 0.0
            ]
            if not counts:
                warnings.append(f"bonus_idle: {what} counts for nothing: no contract settles in it")
            elif any(decision.answer.top_up[group] < 0.0 for group in counts):
                warnings.append(f"bonus_lost: {what} goes when coins are released from there")
    return warnings


def book_warnings(decision: Decision, rows: list[ExposureRow]) -> list[str]:
    """Hedges without a target, coins nothing can hedge, contracts that are no longer alive."""
    warnings = [
        f"undecided: {hedge.underlying} keeps what it holds{_undecided(decision, row)}"
        for row, hedge in enumerate(decision.setup.hedges)
        if decision.aims[row].ratio is None
    ]
    warnings += [
        f"no_wealth: {hedge.underlying}: {no_wealth_words(decision)}"
        for row, hedge in enumerate(decision.setup.hedges)
        if decision.answer.hedge_code[row] & WEALTH_GONE
    ]
    warnings += [
        f"owed: you owe {amount(-row.owned_coin, row.currency)} net; a hedge of it only closes, "
        f"and closing a long that covers the loan leaves you short"
        for row in rows
        if row.owned_coin < 0.0 and row.base_coin is not None
    ]
    warnings += [
        f"unhedgeable: {row.currency} has neither a contract at your venues nor a proxy"
        for row in rows
        if row.unhedgeable_usd
    ]
    for account, contract in decision.flat.legs:
        if contract.expiry_ns is not None and contract.expiry_ns <= decision.time_ns:
            warnings.append(
                f"expired: {contract.symbol} on {account} expired before this moment; take it "
                f"out of the mandate and book its delivery as a balance"
            )
    return warnings


def _undecided(decision: Decision, row: int) -> str:
    """Why a hedge has no target, as it goes on after what it does instead."""
    hedge, aim = decision.setup.hedges[row], decision.aims[row]
    if lacks_betas(hedge, aim):
        return f": {next((line for line in aim.reasons if line.startswith(UNKNOWN)), UNKNOWN)}"
    return f", as {hedge.policy.NAME} has no ratio: {'; '.join(aim.reasons[:1])}"


def depeg_note(decision: Decision) -> list[str]:
    """What linear shorts leave their owner long of, where it is not dollars: say how much.

    A stablecoin can lose its peg; a coin that a contract is quoted in moves by itself.
    """
    flat, legs = decision.flat, decision.flat.layout.legs
    left: dict[int, float] = {}
    for leg, (_, contract) in enumerate(flat.legs):
        goal = decision.work.goal.contracts[leg]
        if goal < 0.0 and legs.payoff[leg] == LINEAR and contract.quote != "USD":
            notional = -goal * contract.multiplier * decision.quoted.quote.mark[leg]
            left[legs.quote[leg]] = left.get(legs.quote[leg], 0.0) + notional
    return [left_long(decision, row, held) for row, held in left.items()]


def left_long(decision: Decision, row: int, held: float) -> str:
    """One sentence of `depeg_note`. Worked: 10 ETH sold at 0.05 BTC: long 0.5 BTC."""
    name = decision.flat.currencies[row]
    long = f"the linear shorts leave you long {amount(held, name)}"
    if decision.flat.layout.moves[row] == 0:
        risk = f"if {name} loses its peg, so do you"
        return long if is_fiat(name) else f"{long}: {risk}"
    hedged = any(hedge.underlying == name for hedge in decision.setup.hedges)
    return f"{long}, which {f'the hedge of {name} counts' if hedged else 'moves with its price'}"
