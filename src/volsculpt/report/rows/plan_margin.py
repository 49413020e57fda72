"""From a decision to margin rows, scenarios and the wealth curve of a plan."""

from collections.abc import Sequence
from dataclasses import replace

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
from volsculpt.simulate.scenario import SHOCKS, Breaches, Outcome, outcome, outcomes
from volsculpt.watch.breach import breach_at, liquidation_anchor, main_leg, margin_status
from volsculpt.watch.filled import shares
from volsculpt.watch.nextstep import book_then

CURVE_FROM, CURVE_TO, CURVE_STEPS = -0.6, 1.2, 90


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
        plan = plan_of(flat.groups[group], decision.setup.collateral)
        first = [flat.wallets[wallet].account for wallet in wallets]
        return (first or list(plan.source if plan else ()))[0]
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


def margin_row(decision: Decision, state: State, stage: str, group: int, leg: int) -> MarginRow:
    """One group at one stage, its liquidation as a price of the contract of a leg.

    Args: stage: "before" or "after" the orders fill; group: its row; leg: as `main_leg` finds it.
    """
    flat, quote = decision.flat, decision.quoted.quote
    label: GroupLabel = flat.groups[group]
    found = margin_status(flat, state, quote, group, leg)
    breach = found.breach
    venue = breach_at(flat, state, quote, group, leg, alone=True)
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


def margin_rows(decision: Decision, after: State) -> list[MarginRow]:
    """Every group before and after the orders; planned transfers have not arrived."""
    flat = decision.flat
    rows = []
    for group in range(len(flat.groups)):
        leg = main_leg(flat, (flat.state, after), decision.quoted.quote, group)
        rows.append(margin_row(decision, flat.state, "before", group, leg))
        rows.append(margin_row(decision, after, "after", group, leg))
    return rows


def then_rows(
    decision: Decision, after: State, quotes: Quotes, shocks: Sequence[float] = SHOCKS
) -> Then | None:
    """The book once coins have moved and what is decided then is filled; None: none must move.

    Args: after: the book once the orders of now fill; quotes: with funding; shocks: of scenarios.
    """
    book, flat, quote = book_then(decision, after), decision.flat, decision.quoted.quote
    if book is None:
        return None
    summaries = summaries_of(flat, book, quote, decision.rules, decision.setup.hedges)
    margin = []
    for group in range(len(flat.groups)):
        leg = main_leg(flat, (flat.state, book), quote, group)
        row = margin_row(decision, book, "after", group, leg)
        margin.append(replace(row, top_up_coin=0.0, source=None, top_up_currency=None))
    held = [HeldThen(one.underlying, one.held_ratio) for one in summaries]
    carry = carry_rows(decision, quotes, book)
    return Then(held, margin, scenario_rows(decision, book, shocks), carry)


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


def scenario_rows(
    decision: Decision, after: State, shocks: Sequence[float] = SHOCKS
) -> list[ScenarioRow]:
    """Wealth of the post-trade book under shocks, beside the held one closed now."""
    flat, quote = decision.flat, decision.quoted.quote
    return [
        ScenarioRow(
            shock_ratio=found.shock_ratio,
            hedged_usd=found.hedged_usd,
            unhedged_usd=found.unhedged_usd,
            futures_usd=found.hedged_usd - found.unhedged_usd,
            liquidated=_liquidations(decision, after, found),
        )
        for found in outcomes(flat, after, quote, flat.state, shocks)
    ]


def wealth_curve(decision: Decision, after: State) -> Curve:
    """Wealth against the move of all coins, fine enough to draw."""
    flat, quote = decision.flat, decision.quoted.quote
    step = (CURVE_TO - CURVE_FROM) / CURVE_STEPS
    shocks = [round(CURVE_FROM + step * n, 10) for n in range(CURVE_STEPS + 1)]
    breaches, moves = Breaches(flat, after, quote), dict[int, float]()
    for end in (CURVE_FROM, CURVE_TO):
        for group, factor in outcome(flat, after, quote, end, breaches=breaches).liquidated:
            moves[group] = factor - 1.0
    around = [breach_move + tiny for breach_move in moves.values() for tiny in (-1e-9, 1e-9)]
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


def group_ticks(decision: Decision) -> dict[str, float]:
    """Price step of each margin group's contracts, "account:group" -> tick, where known."""
    ticks: dict[str, float] = {}
    for leg, (_, contract) in enumerate(decision.flat.legs):
        label = decision.flat.groups[decision.flat.layout.legs.group[leg]]
        if contract.tick is not None:
            ticks.setdefault(f"{label.account}:{label.group}", contract.tick)
    return ticks


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
