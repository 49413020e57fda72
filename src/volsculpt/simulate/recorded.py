"""From a finished run to its record."""

from collections.abc import Sequence

import numpy as np

from volsculpt.book.state import Quote
from volsculpt.contracts.payoff import PAYOFF_CODE, value
from volsculpt.decide.rules import IN_BAND, RETIRED
from volsculpt.decide.step import Setup
from volsculpt.market.gate import Floats
from volsculpt.simulate.history_run import Ran
from volsculpt.simulate.market_arrays import TALLY_ROWS
from volsculpt.simulate.record import (
    BacktestRecord,
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
from volsculpt.simulate.scenario import close_all, wealth
from volsculpt.text import percent
from volsculpt.units import iso


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


def noted(ran: Ran, name: str) -> Floats:
    """(stamp, row) of a figure the kernel noted: at the first stamp, and at each step's end."""
    first = getattr(ran.opening or ran.lanes.track, name)[:1, :, 0]
    return np.concatenate([first, getattr(ran.lanes.track, name)[:, :, 0]])


def first_quote(ran: Ran) -> Quote:
    """The prices of the first stamp."""
    market = ran.market
    return Quote(market.open_index[0, :, 0].tolist(), market.open_mark[0, :, 0].tolist())


def start_wealth(ran: Ran) -> float:
    """Wealth at the first stamp."""
    return wealth(ran.lanes.flat, ran.lanes.flat.state, first_quote(ran))


def wealth_path(ran: Ran, start_usd: float) -> Floats:
    """Wealth in US dollars at each stamp, of a run that was noted or of one that was not."""
    return from_start(start_usd, ran.lanes.track.wealth[0])


def bare_path(ran: Ran) -> Floats:
    """Wealth of the same coins with every contract closed at the first stamp, and the flows."""
    flat = ran.lanes.flat
    bare = close_all(flat, flat.state, first_quote(ran))
    total = np.zeros(len(ran.stamp_ns))
    for wallet, currency in enumerate(flat.layout.wallet_currency):
        came = from_start(0.0, np.cumsum(flows_of(ran)[:, wallet]))
        total += (bare.wallet[wallet] + came) * index_path(ran, currency)
    return total


def flows_of(ran: Ran) -> Floats:
    """(step, wallet) coins that came at each step, those of the very end with the last."""
    flows = ran.market.flow[:, :, 0].copy()
    if ran.late is not None:
        flows[-1] += ran.late.flow
    return flows


def hedge_paths(ran: Ran, setup: Setup) -> tuple[HedgePath, ...]:
    """Held and target ratio of each hedge, and what moves with its price."""
    rules = ran.lanes.rules
    limits = (setup.limits.min_ratio, setup.limits.max_ratio)
    paths = []
    held, delta, target = noted(ran, "held"), noted(ran, "delta"), noted(ran, "target")
    for row, hedge in enumerate(setup.hedges):
        paused = ran.paused[:, row]
        asked = np.where(np.concatenate([paused[:1], paused]), np.nan, target[:, row])
        coin = rules.hedge_currency[row]
        price = index_path(ran, coin)
        band = (hedge.band.under_trigger, hedge.band.over_trigger)
        wanted = hedge.policy.volatility_wanted()
        figures = (held[:, row], asked, delta[:, row] * price)
        path = HedgePath(hedge.underlying, *figures, *band, wanted, limits, price)
        paths.append(path)
    return tuple(paths)


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
    equities, grosses, aways = noted(ran, "equity"), noted(ran, "gross"), noted(ran, "distance")
    needed = noted(ran, "maintenance")
    paths = []
    for row, label in enumerate(ran.lanes.flat.groups):
        equity, gross, away = equities[:, row], grosses[:, row], aways[:, row]
        solvent = equity > 0.0
        leverage = np.where(solvent, gross / np.where(solvent, equity, 1.0), np.nan)
        distance = np.where(away < 0.0, np.nan, away)
        columns = (equity, needed[:, row], leverage, distance)
        paths.append(GroupPath(label.account, label.group, label.currency, *columns))
    return tuple(paths)


def events(
    ran: Ran,
) -> tuple[tuple[OrderEvent, ...], tuple[LiquidationEvent, ...], tuple[TransferEvent, ...]]:
    """Fills, liquidations and transfers, as the kernel wrote them down."""
    return tuple(_fills(ran)), tuple(_liquidations(ran)), tuple(_transfers(ran))


def _fills(ran: Ran) -> list[OrderEvent]:
    """Fills and deliveries in order of time; what a liquidation closes is no order."""
    track, delay = ran.lanes.track, int(ran.lanes.arguments[2][0]["order_delay"])
    found = []
    for step, leg in np.argwhere(track.filled[:, :, 0] != 0.0).tolist():
        size, price = track.filled[step, leg, 0], track.fill_price[step, leg, 0]
        costs = (float(track.fee_usd[step, leg, 0]), float(track.slippage_usd[step, leg, 0]))
        figures = (float(size), float(price), float(track.fill_usd[step, leg, 0]), *costs)
        why = decided_why(ran, leg, step - 1 - delay)
        account, contract = ran.lanes.flat.legs[leg]
        stamp = int(ran.stamp_ns[step])
        found.append(OrderEvent(stamp, account, contract.key, *figures, why))
    return sorted([*found, *_deliveries(ran)], key=lambda one: one.time_ns)


def _deliveries(ran: Ran) -> list[OrderEvent]:
    """Dated contracts that were settled; one due inside the last step is, at its end."""
    track, flat, last = ran.lanes.track, ran.lanes.flat, len(ran.stamp_ns) - 2
    found = []
    for step, leg in np.argwhere(track.delivered[:, :, 0] != 0.0).tolist():
        account, contract = flat.legs[leg]
        is_late = ran.late is not None and step == last and ran.late.delivery[leg] != 0.0
        size, price = (float(one[step, leg, 0]) for one in (track.delivered, track.delivery_price))
        usd = float(index_path(ran, flat.layout.legs.settle[leg])[step + is_late])
        worth = abs(value(PAYOFF_CODE[contract.payoff], size, contract.multiplier, price)) * usd
        figures = (size, price, worth, float(track.fee_usd[step, leg, 0]), 0.0)
        stamp = int(ran.stamp_ns[step + is_late])
        found.append(OrderEvent(stamp, account, contract.key, *figures, "delivered"))
    return found


def decided_why(ran: Ran, leg: int, step: int) -> str:
    """What an order of a leg came from, as its decision at the end of a step noted it.

    The first hedge of the leg's pool that stood outside its band; a trade inside every band is
    a roll, or a limit or margin that binds. Worked: "BTC held 54.8 % of 60 %".
    """
    flat, rules, track = ran.lanes.flat, ran.lanes.rules, ran.lanes.track
    coin = flat.layout.legs.base[leg]
    if step < 0:
        return "first decision"
    if int(track.leg_code[step, leg, 0]) & RETIRED:
        return "roll"
    for hedge in range(rules.hedges):
        if rules.pool_currency[rules.hedge_pool[hedge]] != coin:
            continue
        held, target = float(track.held[step, hedge, 0]), float(track.target[step, hedge, 0])
        if not int(track.hedge_code[step, hedge, 0]) & IN_BAND:
            name = flat.currencies[rules.hedge_currency[hedge]]
            return f"{name} held {percent(round(held, 3))} of {percent(round(target, 3))}"
    return "roll, limit or margin"


def _liquidations(ran: Ran) -> list[LiquidationEvent]:
    """Groups that were closed, each with its own loss and the price of its largest contract."""
    flat, track = ran.lanes.flat, ran.lanes.track
    found = []
    for step, group in np.argwhere(track.fell[:, :, 0] != 0).tolist():
        label = flat.groups[group]
        legs = [leg for leg, one in enumerate(flat.layout.legs.group) if one == group]
        leg = max(legs, key=lambda one: _closed_usd(ran, step, one))
        price, lost = track.closed_mark[step, leg, 0], track.lost_usd[step, group, 0]
        stamp = int(ran.stamp_ns[step])
        found.append(LiquidationEvent(stamp, label.account, label.group, float(price), float(lost)))
    return found


def _closed_usd(ran: Ran, step: int, leg: int) -> float:
    """US dollars of what a liquidation closed of one leg."""
    contract, track = ran.lanes.flat.legs[leg][1], ran.lanes.track
    size, mark = (float(one[step, leg, 0]) for one in (track.closed, track.closed_mark))
    if size == 0.0:
        return 0.0
    usd = float(ran.market.open_index[step, ran.lanes.flat.layout.legs.settle[leg], 0])
    return abs(value(PAYOFF_CODE[contract.payoff], size, contract.multiplier, mark)) * usd


def emptied(ran: Ran, liquidations: Sequence[LiquidationEvent]) -> list[str]:
    """Warnings of groups that hold no margin since their liquidation, so that nothing fills."""
    labels = [(label.account, label.group) for label in ran.lanes.flat.groups]
    last = {(one.account, one.group): one.time_ns for one in liquidations}
    return [
        f"no_margin: {account} has held nothing since its liquidation at {iso(stamp)}; orders "
        f"there are refused until coins arrive"
        for (account, group), stamp in last.items()
        if ran.lanes.track.equity[-1, labels.index((account, group)), 0] == 0.0
    ]


def _transfers(ran: Ran) -> list[TransferEvent]:
    """Coins sent to groups and taken from them, source by source."""
    flat, rules, track = ran.lanes.flat, ran.lanes.rules, ran.lanes.track
    moves: list[tuple[int, int, float, float]] = []
    if ran.opening is not None:
        first = ran.opening.sent_usd[0, :, 0]
        sent = ran.first_sent[:, 0]
        moves += [
            (0, int(row), float(sent[row]), float(first[row])) for row in np.flatnonzero(sent)
        ]
    for step, row in np.argwhere(track.sent[:, :, 0] != 0.0).tolist():
        figures = (float(track.sent[step, row, 0]), float(track.sent_usd[step, row, 0]))
        moves.append((step + 1, row, *figures))
    found = []
    for stamp, row, coins, cost in moves:
        group = next(
            one for one in range(len(flat.groups)) if row < rules.source_to[one]
        )  # sources stand in the order of the groups
        ends = (flat.wallets[rules.source_wallet[row]].account, flat.groups[group].account)
        source, target = ends if coins > 0.0 else ends[::-1]
        name = flat.currencies[rules.move_currency[group]]
        time_ns = int(ran.stamp_ns[stamp])
        found.append(TransferEvent(time_ns, source, target, name, abs(coins), cost))
    return found


def flow_events(ran: Ran) -> tuple[FlowEvent, ...]:
    """Dated deposits and withdrawals."""
    flat = ran.lanes.flat
    flows = ran.market.flow[:, :, 0]
    if ran.late is not None:
        flows = np.concatenate([flows, [ran.late.flow]])
    found = []
    for stamp, wallet in np.argwhere(flows != 0.0).tolist():
        label, currency = flat.wallets[wallet], flat.layout.wallet_currency[wallet]
        amount = float(flows[stamp, wallet])
        usd = amount * float(index_path(ran, currency)[stamp])
        time_ns = int(ran.stamp_ns[stamp])
        found.append(FlowEvent(time_ns, label.account, label.asset, amount, usd))
    return tuple(found)


def record_of(
    name: str,
    ran: Ran,
    static: tuple[Ran, str] | None,
    setup: Setup,
    warnings: Sequence[str],
    notes: Sequence[str],
) -> BacktestRecord:
    """A run as its record; static: the same book under a steady ratio, and which one."""
    coin = ran.lanes.rules.hedge_currency[0]
    orders, liquidations, transfers = events(ran)
    return BacktestRecord(
        name=name,
        coin=ran.lanes.flat.currencies[coin],
        stamps_ns=ran.stamp_ns,
        price_usd=index_path(ran, coin),
        hedged_usd=wealth_path(ran, start_wealth(ran)),
        unhedged_usd=bare_path(ran),
        static_usd=None if static is None else wealth_path(static[0], start_wealth(ran)),
        tallies=tallies(ran),
        hedges=hedge_paths(ran, setup),
        wallets=wallet_paths(ran),
        legs=leg_paths(ran),
        groups=group_paths(ran),
        orders=orders,
        liquidations=liquidations,
        transfers=transfers,
        flows=flow_events(ran),
        static_words="" if static is None else static[1],
        warnings=(*warnings, *emptied(ran, liquidations)),
        notes=tuple(notes),
    )
