"""From a finished run to the inputs of a backtest's report."""

from collections.abc import Sequence

import numpy as np

from volsculpt.contracts.expiries import shown
from volsculpt.contracts.payoff import PAYOFF_CODE, value
from volsculpt.decide.step import Setup
from volsculpt.hedge.spec import VolTargetPolicy
from volsculpt.report.arrays import Floats
from volsculpt.report.backtest_inputs import (
    BacktestInputs,
    FlowEvent,
    GroupPath,
    HedgePath,
    LegPath,
    LiquidationEvent,
    OrderEvent,
    Tallies,
    TransferEvent,
    WalletPath,
)
from volsculpt.report.numbers import percent
from volsculpt.simulate.history_run import Ran
from volsculpt.simulate.market_arrays import TALLY_ROWS


def from_start(first: float, path: Floats) -> Floats:
    """A path with what it was before the first step put in front."""
    return np.concatenate([[first], path])


def tallies(ran: Ran) -> Tallies:
    """What changed wealth, by cause, from 0 at the first stamp."""
    table = ran.lanes.track.tally[:, :, 0]
    columns = {name: from_start(0.0, table[:, row]) for row, name in enumerate(TALLY_ROWS)}
    return Tallies(**{name: columns[name] for name in Tallies.__dataclass_fields__})


def index_path(ran: Ran, currency: int) -> Floats:
    """US dollars of a currency at each stamp."""
    market = ran.market
    return from_start(market.open_index[0, currency, 0], market.close_index[:, currency, 0])


def start_wealth(ran: Ran) -> float:
    """Wealth at the first stamp: what the first step reached, less what it added."""
    added = ran.lanes.track.tally[0, :9, 0].sum()
    return float(ran.lanes.track.wealth[0, 0] - added)


def wealth_path(ran: Ran, start_usd: float) -> Floats:
    """Wealth in US dollars at each stamp, of a run that was noted or of one that was not."""
    return from_start(start_usd, ran.lanes.track.wealth[0])


def bare_path(ran: Ran) -> Floats:
    """Wealth of the same coins with every contract closed at the first stamp, and the flows."""
    flat = ran.lanes.flat
    prices = np.stack([index_path(ran, row) for row in range(flat.layout.currencies)], axis=1)
    coins = np.zeros(prices.shape)
    for wallet, currency in enumerate(flat.layout.wallet_currency):
        came = from_start(0.0, np.cumsum(ran.market.flow[:, wallet, 0]))
        coins[:, currency] += flat.state.wallet[wallet] + came
    start = start_wealth(ran) - float((coins[0] * prices[0]).sum())
    first = flat.currency("USD") if start == 0.0 else _settle_of(ran)
    coins[:, first] += start / prices[0, first]
    return np.asarray((coins * prices).sum(axis=1))


def _settle_of(ran: Ran) -> int:
    """The currency that profit held in contracts at the start is closed into."""
    held = [leg for leg, size in enumerate(ran.lanes.flat.state.contracts) if size != 0.0]
    return int(ran.lanes.flat.layout.legs.settle[held[0]]) if held else 0


def hedge_paths(ran: Ran, setup: Setup) -> tuple[HedgePath, ...]:
    """Held and target ratio of each hedge, and what moves with its price."""
    track, rules = ran.lanes.track, ran.lanes.rules
    limits = (setup.limits.min_ratio, setup.limits.max_ratio)
    paths = []
    for row, hedge in enumerate(setup.hedges):
        held = from_start(track.held[0, row, 0], track.held[:, row, 0])
        asked = np.where(ran.paused[:, row], np.nan, track.target[:, row, 0])
        target = from_start(asked[0], asked)
        coin = rules.hedge_currency[row]
        price = index_path(ran, coin)
        delta = _delta_coins(ran, coin) * price
        band, policy = (hedge.band.under_trigger, hedge.band.over_trigger), hedge.policy
        wanted = policy.volatility if isinstance(policy, VolTargetPolicy) else None
        path = HedgePath(hedge.underlying, held, target, delta, *band, wanted, limits, price)
        paths.append(path)
    return tuple(paths)


def _delta_coins(ran: Ran, coin: int) -> Floats:
    """Coins of exposure at each stamp: wallets, profit settled in it, contracts on it."""
    flat, track, market = ran.lanes.flat, ran.lanes.track, ran.market
    legs = flat.layout.legs
    total = np.zeros(track.wealth.shape[1])
    for wallet, currency in enumerate(flat.layout.wallet_currency):
        if currency == coin:
            total += track.wallet[:, wallet, 0]
    for leg in range(legs.rows):
        size, cost = track.contracts[:, leg, 0], track.cost[:, leg, 0]
        mark = market.close_mark[:, leg, 0]
        inverse = legs.payoff[leg] == PAYOFF_CODE["inverse"]
        held = size * legs.multiplier[leg] * (1.0 / mark if inverse else mark)
        if legs.settle[leg] == coin:
            total += cost - held if inverse else held - cost
        if legs.base[leg] == coin:
            total += held if inverse else size * legs.multiplier[leg]
    return from_start(total[0], total)


def wallet_paths(ran: Ran) -> tuple[WalletPath, ...]:
    """Every balance; coins on their way are told under the account they will reach."""
    flat = ran.lanes.flat
    return tuple(
        WalletPath(
            f"{label.account} (on its way)" if label.in_transit else label.account,
            label.asset if label.posted_to is None else f"{label.asset} at {label.posted_to}",
            from_start(flat.state.wallet[row], ran.lanes.track.wallet[:, row, 0]),
        )
        for row, label in enumerate(flat.wallets)
    )


def leg_paths(ran: Ran) -> tuple[LegPath, ...]:
    """Contracts held in every leg."""
    return tuple(
        LegPath(
            account,
            contract.key,
            from_start(ran.lanes.flat.state.contracts[leg], ran.lanes.track.contracts[:, leg, 0]),
        )
        for leg, (account, contract) in enumerate(ran.lanes.flat.legs)
    )


def group_paths(ran: Ran) -> tuple[GroupPath, ...]:
    """Equity, maintenance, leverage and distance to liquidation of every margin group."""
    track = ran.lanes.track
    paths = []
    for row, label in enumerate(ran.lanes.flat.groups):
        equity = track.equity[:, row, 0]
        gross = track.gross[:, row, 0]
        solvent = equity > 0.0
        leverage = np.where(solvent, gross / np.where(solvent, equity, 1.0), np.nan)
        away = track.distance[:, row, 0]
        distance = np.where(away < 0.0, np.nan, away)
        columns = (equity, track.maintenance[:, row, 0], leverage, distance)
        paths.append(
            GroupPath(
                label.account,
                label.group,
                label.currency,
                *[from_start(column[0], column) for column in columns],
            )
        )
    return tuple(paths)


def events(
    ran: Ran, slip: float
) -> tuple[tuple[OrderEvent, ...], tuple[LiquidationEvent, ...], tuple[TransferEvent, ...]]:
    """Fills, liquidations and transfers, read off what changed from step to step."""
    orders: list[OrderEvent] = []
    for leg in range(len(ran.lanes.flat.legs)):
        orders += _fills(ran, leg, slip)
    return (
        tuple(sorted(orders, key=lambda one: one.time_ns)),
        tuple(_liquidations(ran)),
        tuple(_transfers(ran)),
    )


def _liquidated_steps(ran: Ran) -> set[int]:
    """Steps in which some group was liquidated."""
    column = ran.lanes.track.tally[:, TALLY_ROWS.index("liquidations"), 0]
    return set(np.flatnonzero(np.diff(column, prepend=0.0)).tolist())


def _fills(ran: Ran, leg: int, slip: float) -> list[OrderEvent]:
    """The fills of one leg; a leg that goes flat in a liquidation is no fill."""
    account, contract = ran.lanes.flat.legs[leg]
    sizes = ran.lanes.track.contracts[:, leg, 0]
    changes = np.diff(sizes, prepend=ran.lanes.flat.state.contracts[leg])
    settle = ran.lanes.flat.layout.legs.settle[leg]
    taker = ran.lanes.flat.layout.legs.taker[leg]
    lost = _liquidated_steps(ran)
    delay = int(ran.lanes.arguments[2][0]["order_delay"])
    found = []
    for step in np.flatnonzero(changes).tolist():
        if step in lost and sizes[step] == 0.0:
            continue
        change = float(changes[step])
        delivered = float(ran.market.delivery[step, leg, 0])
        trade = delivered or float(ran.market.trade[step, leg, 0])
        price = trade * (1.0 + (slip if change > 0.0 else -slip)) if not delivered else trade
        usd = float(ran.market.open_index[step, settle, 0])
        code = PAYOFF_CODE[contract.payoff]
        worth = abs(value(code, change, contract.multiplier, price)) * usd
        mark = float(ran.market.open_mark[step, leg, 0])
        missed = abs(value(code, change, contract.multiplier, mark)) * usd
        side = 1.0 if change > 0.0 else -1.0
        gap = worth - missed if contract.payoff != "inverse" else missed - worth
        found.append(
            OrderEvent(
                int(ran.stamp_ns[step]),
                account,
                contract.key,
                change,
                price,
                worth,
                -taker * worth,
                -side * gap,
                "delivered" if delivered else decided_why(ran, leg, step - 1 - delay),
            )
        )
    return found


def decided_why(ran: Ran, leg: int, step: int) -> str:
    """What an order of a leg came from, as it was known at the end of the step that decided it.

    The first hedge of the leg's pool that stood outside its band; a trade inside every band is
    a roll, or a limit or margin that binds. Worked: "BTC held 54.8 % of 60 %".
    """
    flat, rules, track = ran.lanes.flat, ran.lanes.rules, ran.lanes.track
    coin = flat.layout.legs.base[leg]
    if step < 0:
        return "first decision"
    for hedge in range(rules.hedges):
        if rules.pool_currency[rules.hedge_pool[hedge]] != coin:
            continue
        held, target = float(track.held[step, hedge, 0]), float(track.target[step, hedge, 0])
        if not -rules.under_trigger[hedge] <= held - target <= rules.over_trigger[hedge]:
            name = flat.currencies[rules.hedge_currency[hedge]]
            return f"{name} held {percent(round(held, 3))} of {percent(round(target, 3))}"
    return "roll, limit or margin"


def _liquidations(ran: Ran) -> list[LiquidationEvent]:
    """Groups that hold nothing after a step with a liquidation, and held something before."""
    flat, track = ran.lanes.flat, ran.lanes.track
    losses = np.diff(track.tally[:, TALLY_ROWS.index("liquidation"), 0], prepend=0.0)
    found = []
    for step in sorted(_liquidated_steps(ran)):
        for group, label in enumerate(flat.groups):
            if not _is_emptied(ran, step, group):
                continue
            legs = [leg for leg, one in enumerate(flat.layout.legs.group) if one == group]
            held = track.contracts[step - 1, :, 0] if step else np.array(flat.state.contracts)
            leg = max(legs, key=lambda one: abs(float(held[one])))
            price = _breach_price(ran, step, group, leg, float(held[leg]))
            found.append(
                LiquidationEvent(
                    int(ran.stamp_ns[step]), label.account, label.group, price, float(losses[step])
                )
            )
    return found


def emptied(ran: Ran, liquidations: Sequence[LiquidationEvent]) -> list[str]:
    """Warnings of groups that hold no margin since their liquidation, so that nothing fills."""
    labels = [(label.account, label.group) for label in ran.lanes.flat.groups]
    last = {(one.account, one.group): one.time_ns for one in liquidations}
    return [
        f"no_margin: {account} has held nothing since its liquidation at {shown(stamp)}; orders "
        f"there are refused until coins arrive"
        for (account, group), stamp in last.items()
        if ran.lanes.track.equity[-1, labels.index((account, group)), 0] == 0.0
    ]


def _is_emptied(ran: Ran, step: int, group: int) -> bool:
    """Whether a group had coins or contracts before a step and has neither after it."""
    layout, track, start = ran.lanes.flat.layout, ran.lanes.track, ran.lanes.flat.state
    legs = [leg for leg, one in enumerate(layout.legs.group) if one == group]
    wallets = [row for row, one in enumerate(layout.wallet_group[: layout.wallets]) if one == group]
    held = track.contracts[step - 1, :, 0] if step else np.array(start.contracts)
    coins = track.wallet[step - 1, :, 0] if step else np.array(start.wallet)
    left = track.contracts[step, legs, 0].any() or track.wallet[step, wallets, 0].any()
    return bool((held[legs].any() or coins[wallets].any()) and not left)


def _breach_price(ran: Ran, step: int, group: int, leg: int, held: float) -> float:
    """Where a group was closed: its liquidation price as it stood before, inside the bar.

    The end of the bar that hurts where it was opened in the same step: a hedge is short.
    """
    market, is_short = ran.market, held <= 0.0
    opened, before = float(market.open_mark[step, leg, 0]), max(step - 1, 0)
    end = float((market.high_mark if is_short else market.low_mark)[step, leg, 0])
    away = float(ran.lanes.track.distance[before, group, 0])
    if step == 0 or away < 0.0 or held == 0.0:
        return end
    there = float(market.close_mark[before, leg, 0]) * (1.0 + (away if is_short else -away))
    return float(np.clip(there, min(opened, end), max(opened, end)))


def _transfers(ran: Ran) -> list[TransferEvent]:
    """Coins sent to groups and taken from them."""
    flat, rules = ran.lanes.flat, ran.lanes.rules
    found = []
    for group, label in enumerate(flat.groups):
        currency = rules.move_currency[group]
        prices = index_path(ran, currency)
        rows = range(rules.source_from[group], rules.source_to[group])
        sources = [flat.wallets[rules.source_wallet[slot]].account for slot in rows]
        names = ", ".join(dict.fromkeys(sources))
        moved = from_start(ran.first_top_up[group, 0], ran.lanes.track.top_up[:, group, 0])
        for step in np.flatnonzero(moved).tolist():
            coins = float(moved[step])
            ends = (names, label.account) if coins > 0.0 else (label.account, names)
            cost = -rules.transfer_cost[group] * float(prices[step])
            stamp = int(ran.stamp_ns[step])
            name = flat.currencies[currency]
            found.append(TransferEvent(stamp, *ends, name, abs(coins), cost))
    return sorted(found, key=lambda one: one.time_ns)


def flow_events(ran: Ran) -> tuple[FlowEvent, ...]:
    """Dated deposits and withdrawals."""
    flat = ran.lanes.flat
    found = []
    for step, wallet in np.argwhere(ran.market.flow[:, :, 0] != 0.0).tolist():
        label, currency = flat.wallets[wallet], flat.layout.wallet_currency[wallet]
        amount = float(ran.market.flow[step, wallet, 0])
        usd = amount * float(ran.market.open_index[step, currency, 0])
        found.append(FlowEvent(int(ran.stamp_ns[step]), label.account, label.asset, amount, usd))
    return tuple(found)


def backtest_inputs(
    name: str,
    ran: Ran,
    static: Ran | None,
    static_words: str,
    setup: Setup,
    slip: float,
    warnings: Sequence[str],
    notes: Sequence[str],
    draws: int,
) -> BacktestInputs:
    """Everything the report of one run needs; static is the same book under a steady ratio."""
    coin = ran.lanes.rules.hedge_currency[0]
    orders, liquidations, transfers = events(ran, slip)
    return BacktestInputs(
        name=name,
        coin=ran.lanes.flat.currencies[coin],
        stamps_ns=ran.stamp_ns,
        price_usd=index_path(ran, coin),
        hedged_usd=wealth_path(ran, start_wealth(ran)),
        unhedged_usd=bare_path(ran),
        static_usd=None if static is None else wealth_path(static, start_wealth(ran)),
        tallies=tallies(ran),
        hedges=hedge_paths(ran, setup),
        wallets=wallet_paths(ran),
        legs=leg_paths(ran),
        groups=group_paths(ran),
        orders=orders,
        liquidations=liquidations,
        transfers=transfers,
        flows=flow_events(ran),
        static_words=static_words,
        warnings=(*warnings, *emptied(ran, liquidations)),
        notes=tuple(notes),
        draws=draws,
    )
