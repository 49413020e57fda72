"""From a decision to margin rows, scenarios and the wealth curve of a plan."""

import math
from collections.abc import Sequence
from dataclasses import replace

from volsculpt.book.breaches import Breaches
from volsculpt.book.coming import coming_usd
from volsculpt.book.flatten import GroupLabel
from volsculpt.book.state import State
from volsculpt.decide.build import plan_of
from volsculpt.decide.step import Decision, summaries_of
from volsculpt.market.quotes import Quotes
from volsculpt.report.rows.plan import (
    Curve,
    HeldThen,
    Liquidation,
    MarginRow,
    ScenarioRow,
    Then,
    TransferKind,
    TransferRow,
)
from volsculpt.report.rows.plan_book import carry_rows
from volsculpt.simulate.scenario import SHOCKS, Outcome, outcome, outcomes, shocked
from volsculpt.watch.breach import (
    Breach,
    Ends,
    breach_at,
    ends_of,
    liquidation_anchor,
    main_leg,
    margin_status,
    tick_of,
)
from volsculpt.watch.filled import shares
from volsculpt.watch.loans import LOAN, sold_on_the_way
from volsculpt.watch.margin_call import margin_call
from volsculpt.watch.nextstep import book_then

CURVE_FROM, CURVE_TO, CURVE_STEPS = -0.6, 1.2, 90
ROUNDING = 1e-12  # of wealth: sums of its parts differ by less
MOST_STEPS = 100  # groups closed on the way that a curve tells one from another


def sources_of(decision: Decision, group: int) -> str | None:
    """The accounts coins come from or go back to, as the plan lists them."""
    rules, flat = decision.rules, decision.flat
    coins, posts = decision.answer.top_up[group], decision.answer.post[group]
    own = flat.groups[group].account
    if coins == 0.0:
        return own if posts != 0.0 else None
    span = range(rules.source_from[group], rules.source_to[group])
    wallets = [rules.source_wallet[slot] for slot in span]
    if coins < 0.0:
        if wallets:
            return flat.wallets[wallets[0]].account
        plan = plan_of(flat.groups[group], decision.setup.collateral)
        return next(iter(plan.source if plan else ()))
    names = [own] if posts > 0.0 else []
    names += [name for name, _ in source_shares(decision, group) if name]
    found = ", ".join(dict.fromkeys(names))
    if found and flat.layout.group_currency[group] < 0:  # the row is in USD, but coins move
        found += f" ({flat.currencies[rules.move_currency[group]]})"
    return found or None


def source_shares(decision: Decision, group: int) -> list[tuple[str | None, float]]:
    """(account, coins) that each source gives of a top-up, in order; none of its own account's."""
    moved = shares(decision, group, list(decision.work.goal.wallet))
    return [(decision.flat.wallets[wallet].account, coins) for wallet, coins in moved]


def margin_row(
    decision: Decision, breaches: Breaches, stage: str, group: int, leg: int
) -> MarginRow:
    """One group at one stage, its liquidation as a price of the contract of a leg.

    Args: breaches: of the book at that stage, "before" or "after" the orders fill; group: its row;
    leg: as `main_leg` finds it.
    """
    flat = decision.flat
    label: GroupLabel = flat.groups[group]
    found = margin_status(breaches, group, leg)
    breach = found.breach
    venue = breach_at(breaches, group, leg, alone=True)
    after = stage == "after"
    return MarginRow(
        stage="after" if after else "before",
        account=label.account,
        group=label.group,
        currency=label.currency,
        equity_coin=found.equity,
        maintenance_coin=found.maintenance,
        leverage=found.leverage,
        liquidation_price=breach.price if breach else None,
        venue_liquidation_price=venue.price if venue else None,
        liquidation_distance=abs(breach.move) if breach else None,
        top_up_coin=decision.answer.top_up[group] + decision.answer.post[group] if after else 0.0,
        source=sources_of(decision, group) if after else None,
        top_up_currency=flat.currencies[decision.rules.move_currency[group]] if after else None,
        liquidation_contract=breach.contract if breach else None,
        liquidation_coin=breach.coin if breach else None,
        liquidation_move=breach.move if breach else None,
    )


def margin_rows(decision: Decision, after: State, ends: Ends | None = None) -> list[MarginRow]:
    """Every group before and after the orders; planned transfers have not arrived.

    ends: of both books, where they are looked for already.
    """
    flat, ends = decision.flat, ends or ends_of(decision, after)
    rows = []
    for group in range(len(flat.groups)):
        leg = main_leg(flat, (flat.state, after), decision.quoted.quote, group)
        rows.append(margin_row(decision, ends.now, "before", group, leg))
        rows.append(margin_row(decision, ends.after, "after", group, leg))
    return rows


def with_calls(decision: Decision, book: State, rows: list[MarginRow]) -> list[MarginRow]:
    """The rows of a book, each group's last, with the coins it wants on the way to its end."""
    flat, found = decision.flat, list[MarginRow]()
    groups = {(one.account, one.group): row for row, one in enumerate(flat.groups)}
    for row in rows:
        end, call = None, None
        if row.stage == "after" and row.liquidation_price is not None:
            place = (
                row.liquidation_contract,
                row.liquidation_coin or "",
                row.liquidation_move or 0.0,
            )
            end = Breach(row.liquidation_price, *place)
            call = margin_call(decision, book, groups[row.account, row.group], end)
        if call is not None:
            row = replace(
                row,
                add_price=call.price,
                add_move=call.move,
                add_coin=call.coins,
                add_currency=call.currency,
            )
        found.append(row)
    return found


def then_rows(
    decision: Decision,
    after: State,
    quotes: Quotes,
    shocks: Sequence[float] = SHOCKS,
    ends: Ends | None = None,
) -> Then | None:
    """The book once coins have moved and what is decided then is filled; None: none must move.

    Args: after: the book once the orders of now fill; quotes: with funding; shocks: of scenarios;
    ends: of both books, where they are looked for already.
    """
    book, flat, quote = book_then(decision, after), decision.flat, decision.quoted.quote
    if book is None:
        return None
    breaches = Breaches(flat, book, quote, ends.after if ends is not None else None)
    summaries = summaries_of(flat, book, quote, decision.rules, decision.setup.hedges)
    margin = []
    for group in range(len(flat.groups)):
        leg = main_leg(flat, (flat.state, book), quote, group)
        row = margin_row(decision, breaches, "after", group, leg)
        margin.append(replace(row, top_up_coin=0.0, source=None, top_up_currency=None))
    held = [HeldThen(one.underlying, one.held_ratio) for one in summaries]
    carry = carry_rows(decision, quotes, book)
    margin = with_calls(decision, book, margin)
    return Then(held, margin, scenario_rows(decision, book, shocks, breaches), carry)


def transfer_rows(decision: Decision) -> list[TransferRow]:
    """Coins to move, a row for each account they leave or reach, in the currency that moves.

    Coins of an account posted to its isolated position, or freed from it, stay in the account.
    """
    flat, rules = decision.flat, decision.rules
    rows = []
    for group, label in enumerate(flat.groups):
        coins, name = decision.answer.top_up[group], flat.currencies[rules.move_currency[group]]
        if coins < 0.0:
            to = sources_of(decision, group) or label.account
            rows.append(TransferRow(*_names(label), name, -coins, label.account, to))
        elif coins > 0.0:
            shares = source_shares(decision, group) or [(None, coins)]
            rows += [
                TransferRow(*_names(label), name, part, account, label.account)
                for account, part in shares
            ]
        posted = decision.answer.post[group]
        if posted != 0.0:
            kind: TransferKind = "post" if posted > 0.0 else "free"
            names, asset = _names(label), label.currency
            rows.append(TransferRow(*names, asset, abs(posted), label.account, label.account, kind))
    return rows


def _names(label: GroupLabel) -> tuple[str, str]:
    return label.account, label.group


def _liquidations(decision: Decision, state: State, found: Outcome) -> list[Liquidation]:
    """The groups an outcome closed, with the price of their main contract."""
    flat, quote = decision.flat, decision.quoted.quote
    rows = []
    for group, factor in found.liquidated:
        leg = main_leg(flat, (flat.state, state), quote, group)
        breach = liquidation_anchor(flat, quote, group, leg) or (
            0.0,
            None,
            flat.groups[group].currency,
        )
        price, names = breach[0] * factor, _names(flat.groups[group])
        rows.append(Liquidation(*names, price, breach[1], breach[2], factor - 1.0))
    return rows


def _loans_sold(decision: Decision, state: State, shock: float) -> list[Liquidation]:
    """The loans whose lenders sell on the way to a shock, as groups that are closed."""
    return [
        Liquidation(one.account, LOAN, one.price, None, one.coin, one.move)
        for one in sold_on_the_way(decision, state, shock)
    ]


def difference(wealth_usd: float, other_usd: float) -> float:
    """One wealth less another, US dollars; 0 where rounding alone tells them apart.

    Worked: 15,890.000000000002 less 15,890 is 0.
    """
    if math.isclose(wealth_usd, other_usd, rel_tol=ROUNDING, abs_tol=0.0):
        return 0.0
    return wealth_usd - other_usd


def scenario_rows(
    decision: Decision,
    after: State,
    shocks: Sequence[float] = SHOCKS,
    breaches: Breaches | None = None,
) -> list[ScenarioRow]:
    """Wealth of the post-trade book under shocks, beside the held one closed now.

    Args: shocks: moves of all coins, fractions; breaches: of that book, where they are looked for
    already.
    """
    flat, quote = decision.flat, decision.quoted.quote
    return [
        ScenarioRow(
            shock_ratio=found.shock_ratio,
            hedged_usd=found.hedged_usd,
            unhedged_usd=found.unhedged_usd,
            futures_usd=difference(found.hedged_usd, found.unhedged_usd),
            liquidated=[
                *_liquidations(decision, after, found),
                *_loans_sold(decision, after, found.shock_ratio),
            ],
            coming_usd=coming_usd(flat, after, shocked(flat, quote, found.shock_ratio)),
        )
        for found in outcomes(flat, after, quote, flat.state, shocks, breaches)
    ]


def wealth_curve(decision: Decision, after: State, breaches: Breaches | None = None) -> Curve:
    """Wealth against the move of all coins, fine enough to draw.

    Where up to MOST_STEPS groups are closed, each step stands upright in it. breaches: of the book,
    where they are looked for already.
    """
    flat, quote = decision.flat, decision.quoted.quote
    step = (CURVE_TO - CURVE_FROM) / CURVE_STEPS
    shocks = [round(CURVE_FROM + step * n, 10) for n in range(CURVE_STEPS + 1)]
    breaches, moves = breaches or Breaches(flat, after, quote), dict[int, float]()
    for end in (CURVE_FROM, CURVE_TO):
        for group, factor in outcome(flat, after, quote, end, breaches=breaches).liquidated:
            moves[group] = factor - 1.0
    upright = moves.values() if len(moves) <= MOST_STEPS else ()
    around = [breach_move + tiny for breach_move in upright for tiny in (-1e-9, 1e-9)]
    shocks = sorted({*shocks, *around})
    found = outcomes(flat, after, quote, flat.state, shocks, breaches)
    named = [
        (breach_move, f"{flat.groups[group].account} {flat.groups[group].group}")
        for group, breach_move in moves.items()
    ]
    return Curve(
        shock_ratio=shocks,
        hedged_usd=[one.hedged_usd for one in found],
        unhedged_usd=[one.unhedged_usd for one in found],
        liquidations=sorted(named),
    )


def group_ticks(decision: Decision, after: State) -> dict[str, float]:
    """Price steps of the contracts that liquidations are told in: "account:group" -> tick."""
    flat, quote, found = decision.flat, decision.quoted.quote, dict[str, float]()
    for group, label in enumerate(flat.groups):
        tick = tick_of(flat, main_leg(flat, (flat.state, after), quote, group))
        if tick is not None:
            found[f"{label.account}:{label.group}"] = tick
    return found


def group_marks(decision: Decision, after: State) -> dict[str, float]:
    """Marks of the contracts that liquidation prices are quoted in: "account:group" -> mark."""
    flat, quote = decision.flat, decision.quoted.quote
    found = {}
    for group, label in enumerate(flat.groups):
        anchor = liquidation_anchor(
            flat, quote, group, main_leg(flat, (flat.state, after), quote, group)
        )
        if anchor is not None:
            found[f"{label.account}:{label.group}"] = anchor[0]
    return found
