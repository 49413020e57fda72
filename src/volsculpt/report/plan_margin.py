"""From a decision to margin rows, scenarios and the wealth curve of a plan."""

from collections.abc import Sequence
from dataclasses import dataclass

from volsculpt.book.exposure import leg_value
from volsculpt.book.flatten import Flat, GroupLabel
from volsculpt.book.group import group_equity, group_gross, group_maintenance
from volsculpt.book.liquidation import NEVER, nearest_factor
from volsculpt.book.state import Quote, State
from volsculpt.decide.build import plan_of
from volsculpt.decide.step import Decision
from volsculpt.report.rows import Curve, Liquidation, MarginRow, ScenarioRow, TransferRow
from volsculpt.simulate.scenario import Outcome, outcome, outcomes

CURVE_FROM, CURVE_TO, CURVE_STEPS = -0.6, 1.2, 90


def main_leg(flat: Flat, states: Sequence[State], quote: Quote, group: int) -> int:
    """The leg whose price a group's liquidation is told in, the same in all states; -1 if none.

    The largest by value of those that move when all coins move together; a pair of
    stablecoins, or of two coins, goes to no such price.
    """
    legs = flat.layout.legs
    best, most = -1, 0.0
    for leg in range(len(flat.legs)):
        if legs.group[leg] != group or legs.mark_power[leg] == 0:
            continue
        unit = quote.index_usd[legs.settle[leg]]
        size = max(abs(leg_value(flat.layout, one, quote, leg)) * unit for one in states)
        if best < 0 or size > most:
            best, most = leg, size
    return best


@dataclass(frozen=True, slots=True)
class Breach:
    """Where a group is closed: the price of a contract, or of a coin it is margined in.

    move: of all coins together, with its sign.
    """

    price: float
    contract: str | None
    coin: str
    move: float


def told_by(flat: Flat, quote: Quote, group: int, leg: int) -> tuple[float, str | None, str] | None:
    """(price now, contract, coin) that a group's liquidation is told in; None without any.

    Where no contract of the group moves, the coin that backs it most.
    """
    if leg >= 0:
        contract = flat.legs[leg][1]
        return quote.mark[leg], contract.symbol, contract.base
    layout = flat.layout
    coins = {
        layout.wallet_currency[row]: amount * quote.index_usd[layout.wallet_currency[row]]
        for row, amount in enumerate(flat.state.wallet)
        if layout.wallet_group[row] == group and layout.moves[layout.wallet_currency[row]] == 1
    }
    if not coins:
        return None
    coin = max(coins, key=lambda one: abs(coins[one]))
    return quote.index_usd[coin], None, flat.currencies[coin]


def breach_at(
    flat: Flat, state: State, quote: Quote, group: int, leg: int, alone: bool = False
) -> Breach | None:
    """Where the group breaches, told in the leg's contract; None: never.

    alone: the venue's own figure, every other position held where it is.
    """
    legs = flat.layout.legs
    held = [n for n in range(len(flat.legs)) if legs.group[n] == group and state.contracts[n]]
    told = told_by(flat, quote, group, leg)
    if told is None or not held or (alone and leg not in held):
        return None
    found, factor = nearest_factor(flat.layout, state, quote, group, leg if alone else -1, 1)
    return None if found == NEVER else Breach(told[0] * factor, told[1], told[2], factor - 1.0)


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
    found = ", ".join(dict.fromkeys(name for name, _ in source_shares(decision, group) if name))
    if found and flat.layout.group_currency[group] < 0:  # the row is in USD, but coins move
        found += f" ({flat.currencies[rules.move_currency[group]]})"
    return found or None


def source_shares(decision: Decision, group: int) -> list[tuple[str | None, float]]:
    """(account, coins) of a top-up: what its own account posts, then the sources in order."""
    rules, flat = decision.rules, decision.flat
    shares: list[tuple[str | None, float]] = []
    if decision.answer.post[group] > 0.0:
        shares.append((flat.groups[group].account, decision.answer.post[group]))
    left = decision.answer.top_up[group]
    for slot in range(rules.source_from[group], rules.source_to[group]):
        wallet = rules.source_wallet[slot]
        free = max(0.0, decision.work.goal.wallet[wallet] - rules.transfer_cost[group])
        if left > 1e-12 and free > 1e-12:
            shares.append((flat.wallets[wallet].account, min(left, free)))
            left -= free
    return shares


def margin_row(decision: Decision, state: State, stage: str, group: int, leg: int) -> MarginRow:
    """One group at one stage, its liquidation told in the contract of a leg."""
    flat, quote = decision.flat, decision.quoted.quote
    label: GroupLabel = flat.groups[group]
    equity = group_equity(flat.layout, state, quote, group)
    gross = group_gross(flat.layout, state, quote, group)
    breach = breach_at(flat, state, quote, group, leg)
    venue = breach_at(flat, state, quote, group, leg, alone=True)
    after = stage == "after"
    return MarginRow(
        stage="after" if after else "before",
        account=label.account,
        group=label.group,
        currency=label.currency,
        equity_coin=equity,
        maintenance_coin=group_maintenance(flat.layout, state, quote, group),
        leverage=gross / equity if equity > 0.0 else None,
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


def transfer_rows(decision: Decision) -> list[TransferRow]:
    """Coins to move, a row for each account they leave or reach, in the currency that moves."""
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
    return rows


def _names(label: GroupLabel) -> tuple[str, str]:
    return label.account, label.group


def _liquidations(decision: Decision, state: State, found: Outcome) -> list[Liquidation]:
    """The groups an outcome closed, with the price of their main contract."""
    flat, quote = decision.flat, decision.quoted.quote
    rows = []
    for group, factor in found.liquidated:
        leg = main_leg(flat, (flat.state, state), quote, group)
        told = told_by(flat, quote, group, leg) or (0.0, None, flat.groups[group].currency)
        price, names = told[0] * factor, _names(flat.groups[group])
        rows.append(Liquidation(*names, price, told[1], told[2], factor - 1.0))
    return rows


def scenario_rows(decision: Decision, after: State) -> list[ScenarioRow]:
    """Wealth of the post-trade book under the standard shocks, beside the held one closed now."""
    flat, quote = decision.flat, decision.quoted.quote
    return [
        ScenarioRow(
            shock_ratio=found.shock_ratio,
            hedged_usd=found.hedged_usd,
            unhedged_usd=found.unhedged_usd,
            futures_usd=found.hedged_usd - found.unhedged_usd,
            liquidated=_liquidations(decision, after, found),
        )
        for found in outcomes(flat, after, quote, flat.state)
    ]


def wealth_curve(decision: Decision, after: State) -> Curve:
    """Wealth against the move of all coins, fine enough to draw."""
    flat, quote = decision.flat, decision.quoted.quote
    step = (CURVE_TO - CURVE_FROM) / CURVE_STEPS
    shocks = [round(CURVE_FROM + step * n, 10) for n in range(CURVE_STEPS + 1)]
    edges: dict[int, float] = {}
    for end in (CURVE_FROM, CURVE_TO):
        for group, factor in outcome(flat, after, quote, end).liquidated:
            edges[group] = factor - 1.0
    around = [edge + tiny for edge in edges.values() for tiny in (-1e-9, 1e-9)]
    shocks = sorted({*shocks, *around})
    found = [outcome(flat, after, quote, shock, flat.state) for shock in shocks]
    named = [
        (edge, f"{flat.groups[group].account} {flat.groups[group].group}")
        for group, edge in edges.items()
    ]
    return Curve(
        shock_ratio=shocks,
        hedged_usd=[one.hedged_usd for one in found],
        unhedged_usd=[one.unhedged_usd for one in found],
        liquidations=sorted(named),
    )
