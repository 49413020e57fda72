"""What would carry the rest of a hedge whose account has too few coins: first move, then trade."""

from volsculpt.book.exposure import coins_per_contract
from volsculpt.book.fill import fill
from volsculpt.book.group import group_equity, group_gross
from volsculpt.book.posting import group_wallet
from volsculpt.book.state import State, copy_state
from volsculpt.decide.lots import lots_down
from volsculpt.decide.rules import CAPPED, FULL
from volsculpt.decide.step import Decision
from volsculpt.report.numbers import coins, contracts, percent, price
from volsculpt.report.plan_danger import coins_needed, free_elsewhere, rounded_up, safe_leverage
from volsculpt.report.plan_margin import breach_at
from volsculpt.report.rows import NextStepRow


def next_steps(decision: Decision, after: State) -> list[NextStepRow]:
    """One row a pool that its limits or margin hold under its target, with no coins asked for.

    after: the book once this plan's orders fill. Each pool's rest goes to its first full leg.
    """
    rows = []
    for pool in range(decision.rules.pools):
        leg = _full_leg(decision, pool)
        if leg is not None:
            row = _step(decision, after, pool, leg)
            rows += [row] if row is not None else []
    return rows


def _full_leg(decision: Decision, pool: int) -> int | None:
    """The first leg of a capped pool that is full, where nothing is moved to its group."""
    rules, answer = decision.rules, decision.answer
    codes = [answer.hedge_code[h] for h, own in enumerate(rules.hedge_pool) if own == pool]
    if not any(code & CAPPED for code in codes):
        return None
    for slot in range(rules.pool_from[pool], rules.pool_to[pool]):
        leg = rules.use_leg[slot]
        group = decision.flat.layout.legs.group[leg]
        if answer.leg_code[leg] & FULL and answer.top_up[group] == 0.0:
            return leg
    return None


def _step(decision: Decision, after: State, pool: int, leg: int) -> NextStepRow | None:
    """The coins a leg needs for the rest of its pool's target, and the figures with both."""
    flat, quote, answer = decision.flat, decision.quoted.quote, decision.answer
    legs, group = flat.layout.legs, flat.layout.legs.group[leg]
    rest = (answer.want[pool] - answer.after[pool]) / coins_per_contract(flat.layout, quote, leg)
    size = lots_down(abs(rest) / legs.lot[leg]) * legs.lot[leg]
    wallet = group_wallet(flat.layout, group, decision.rules.move_currency[group])
    if size <= 0.0 or wallet < 0 or after.contracts[leg] * rest < 0.0:
        return None
    size, book = (size if rest > 0.0 else -size), copy_state(after)
    fill(flat.layout, book, leg, size, quote.mark[leg], legs.taker[leg])
    safe = safe_leverage(decision, group, None)
    needed = rounded_up(coins_needed(decision, book, group, safe))
    if needed <= 0.0:
        return None
    target = legs.posted_wallet[leg] if legs.posted_wallet[leg] >= 0 else wallet
    book.wallet[target] += needed
    equity = group_equity(flat.layout, book, quote, group)
    breach = breach_at(flat, book, quote, group, leg)
    account, contract = flat.legs[leg]
    return NextStepRow(
        account=account,
        currency=flat.currencies[decision.rules.move_currency[group]],
        coins=needed,
        available=free_elsewhere(decision, group),
        contract=contract.symbol,
        venue=contract.venue,
        side="sell" if size < 0.0 else "buy",
        contracts=abs(size),
        leverage=group_gross(flat.layout, book, quote, group) / equity,
        liquidation_price=breach.price if breach else None,
        liquidation_move=breach.move if breach else None,
    )


def step_words(row: NextStepRow) -> tuple[str, str, str]:
    """The two steps and what they lead to, as commands."""
    have = ", ".join(f"{name} has {coins(held)}" for name, held in row.available.items())
    first = f"1. MOVE {coins(row.coins)} {row.currency} TO {row.account}"
    then = f"2. {row.side.upper()} {contracts(row.contracts)} of {row.contract}"
    end = "is never liquidated"
    if row.liquidation_price is not None and row.liquidation_move is not None:
        at = price(round(row.liquidation_price, 2))
        end = f"is liquidated at {at} ({percent(row.liquidation_move)})"
    return (
        first + (f" ({have} {row.currency})" if have else " (no account has them)"),
        f"{then} on {row.account} ({row.venue}), once the coins are there",
        f"with both it stands at {row.leverage:.2f}x and {end}",
    )
