"""From a finished run to its record."""

from collections.abc import Iterator, Sequence

import numpy as np

from volsculpt.book.coming import is_coming
from volsculpt.book.flatten import WalletLabel
from volsculpt.book.kept import rows_by_wallet
from volsculpt.book.state import Quote
from volsculpt.contracts.payoff import value
from volsculpt.contracts.refusals import refusal
from volsculpt.decide.rules import IN_BAND, RETIRED, Rules, hedge_pools
from volsculpt.decide.step import Setup
from volsculpt.exchange import events as kinds
from volsculpt.exchange.events import CAUSES
from volsculpt.ledger.events import Filled, FillReason
from volsculpt.market.gate import Floats
from volsculpt.simulate.happened import cash_by_cause, summed
from volsculpt.simulate.loans import interest_usd, loan_warnings
from volsculpt.simulate.ran import Ran
from volsculpt.simulate.record import (
    BacktestRecord,
    FlowEvent,
    GroupPath,
    HedgePath,
    LegPath,
    LiquidationEvent,
    OrderEvent,
    RefusalEvent,
    Tallies,
    TransferEvent,
    WalletPath,
)
from volsculpt.simulate.scenario import close_all, run_wealth
from volsculpt.text import percent
from volsculpt.units import iso

DUST = 1e-9  # of interest: what taking it off flows leaves of nothing


def from_start(first: float, path: Floats) -> Floats:
    """A path with what it was before the first step put in front."""
    return np.concatenate([[first], path])


def tallies(ran: Ran) -> Tallies:
    """What changed wealth, by cause, from 0 at the first stamp."""
    found = {}
    for cause in CAUSES:
        found[cause] = summed(*cash_by_cause(ran.events, cause), ran.decision_moments)
    for column, cause in enumerate(("spot", "futures", "basis")):
        found[cause] = found[cause] + np.cumsum(ran.series.moved[:, column])
    interest = interest_usd(ran)
    flows = found["flows"] - interest  # it is booked as a flow, and earned or lost
    found["flows"] = np.where(np.abs(flows) <= DUST * np.abs(interest), 0.0, flows)
    return Tallies(**found, interest=interest, traded=traded(ran))


def traded(ran: Ran) -> Floats:
    """|value| of all fills so far, at the mark of their moment, in US dollars."""
    legs, fills = ran.lanes.flat.layout.legs, ran.events.of(kinds.FILLED)
    usd = np.zeros(len(fills))
    for place, (leg, size, step) in enumerate(zip(fills.row, fills.size, fills.stamp, strict=True)):
        mark = float(ran.market.open_mark[leg, 0, step])
        price = float(ran.market.open_index[legs.settle[leg], 0, step])
        usd[place] = abs(value(legs.payoff[leg], float(size), legs.multiplier[leg], mark)) * price
    return summed(fills.moment, usd, ran.decision_moments)


def index_path(ran: Ran, currency: int) -> Floats:
    """US dollars of a currency at each stamp."""
    market = ran.market
    return from_start(market.open_index[currency, 0, 0], market.close_index[currency, 0])


def first_quote(ran: Ran) -> Quote:
    """The prices of the first stamp."""
    market = ran.market
    return Quote(market.open_index[:, 0, 0].tolist(), market.open_mark[:, 0, 0].tolist())


def start_wealth(ran: Ran) -> float:
    """Wealth at the first stamp, with what the run counts ahead, as at all that follow."""
    return run_wealth(ran.lanes.flat, ran.lanes.flat.state, first_quote(ran))


def wealth_path(ran: Ran, start_usd: float) -> Floats:
    """Wealth in US dollars at each stamp."""
    return from_start(start_usd, ran.wealth_usd)


def bare_path(ran: Ran) -> Floats:
    """Wealth of the same coins with every contract closed at the first stamp, and the flows."""
    flat, flows = ran.lanes.flat, ran.events.of(kinds.FLOWED)
    bare = close_all(flat, flat.state, first_quote(ran))
    total = np.zeros(len(ran.stamp_ns))
    for wallet, currency in enumerate(flat.layout.wallet_currency):
        own = flows.where(flows.row == wallet)
        came = summed(own.moment, own.size, ran.decision_moments)
        total += (bare.wallet[wallet] + came) * index_path(ran, currency)
    return total


def hedge_paths(ran: Ran, setup: Setup) -> tuple[HedgePath, ...]:
    """Held and target ratio of each hedge, and what moves with its price."""
    rules = ran.lanes.rules
    limits = (setup.limits.min_ratio, setup.limits.max_ratio)
    paths = []
    for row, hedge in enumerate(setup.hedges):
        paused = ran.paused[:, row]
        asked = np.where(np.concatenate([paused[:1], paused]), np.nan, ran.targets[:, row])
        price = index_path(ran, rules.hedge_currency[row])
        band = (hedge.band.under_trigger, hedge.band.over_trigger)
        wanted = hedge.policy.volatility_wanted()
        figures = (ran.series.held[:, row], asked, ran.series.delta[:, row] * price)
        path = HedgePath(hedge.underlying, *figures, *band, wanted, limits, price)
        paths.append(path)
    return tuple(paths)


def place_words(label: WalletLabel) -> str:
    """Where coins are. Worked: "vault (to come)"."""
    if is_coming(label):
        return f"{label.account} (to come)"
    return f"{label.account} (on its way)" if label.in_transit else label.account


def wallet_paths(ran: Ran) -> tuple[WalletPath, ...]:
    """Every balance; coins on their way are told under the account they will reach."""
    flat, places = ran.lanes.flat, rows_by_wallet(ran.lanes.flat.wallets)
    return tuple(
        WalletPath(
            place_words(label),
            label.asset if label.posted_to is None else f"{label.asset} at {label.posted_to}",
            ran.held.wallet[:, rows].sum(axis=1),
        )
        for label, rows in ((flat.wallets[row], rows) for row, rows in places.items())
    )


def leg_paths(ran: Ran) -> tuple[LegPath, ...]:
    """Contracts held in every leg."""
    return tuple(
        LegPath(
            account,
            contract.key,
            ran.held.contracts[:, leg],
        )
        for leg, (account, contract) in enumerate(ran.lanes.flat.legs)
    )


def group_paths(ran: Ran) -> tuple[GroupPath, ...]:
    """Equity, maintenance, leverage and distance to liquidation of every margin group."""
    series, paths = ran.series, []
    for row, label in enumerate(ran.lanes.flat.groups):
        equity, gross, away = (
            one[:, row] for one in (series.equity, series.gross, series.distance)
        )
        solvent = equity > 0.0
        leverage = np.where(solvent, gross / np.where(solvent, equity, 1.0), np.nan)
        distance = np.where(away < 0.0, np.nan, away)
        columns = (equity, series.maintenance[:, row], leverage, distance)
        paths.append(GroupPath(label.account, label.group, label.currency, *columns))
    return tuple(paths)


def events(
    ran: Ran,
) -> tuple[tuple[OrderEvent, ...], tuple[LiquidationEvent, ...], tuple[TransferEvent, ...]]:
    """Fills, liquidations and transfers, as they were booked."""
    return tuple(_orders(ran)), tuple(_liquidations(ran)), tuple(_transfers(ran))


FILLS: dict[int, FillReason] = {
    kinds.FILLED: "trade",
    kinds.DELIVERED: "delivery",
    kinds.CLOSED: "liquidation",
}


def fills(ran: Ran) -> list[Filled]:
    """All that was filled, delivered or liquidated, as a venue reports it, in order of booking.

    The lot is its row among all that happened. A liquidation is stamped with the end of the bar
    that it is in: it is known then.
    """
    events, legs = ran.events, ran.lanes.flat.legs
    found, last = [], len(ran.stamp_ns) - 1
    for place in np.flatnonzero(np.isin(events.kind, [*FILLS]) & (events.size != 0.0)).tolist():
        kind, stamp = int(events.kind[place]), int(events.stamp[place])
        at = min(stamp + 1, last) if kind == kinds.CLOSED else stamp
        columns = (events.size, events.price, events.charge)
        size, price, fee = (float(column[place]) for column in columns)
        leg, when, ids = legs[events.row[place]], int(ran.stamp_ns[at]), (str(place), None)
        found.append(Filled.of(leg, size, price, fee, when, ids, FILLS[kind]))
    return found


def _orders(ran: Ran) -> list[OrderEvent]:
    """Fills and deliveries in order of time; what a liquidation closes is no order."""
    found, why, events = [], reasons(ran), ran.events
    for fill in fills(ran):
        if fill.reason == "liquidation":
            continue
        place, is_trade = int(fill.lot_id), fill.reason == "trade"
        usd, fee = float(events.usd[place]), float(events.fee[place])
        slipped = float(events.moved[place]) if is_trade else 0.0
        reason = next(why) if is_trade else "delivered"
        found.append(OrderEvent(fill, usd, fee, slipped, reason))
    return sorted(found, key=lambda one: (one.time_ns, one.reason == "delivered"))


def refusals(ran: Ran) -> tuple[RefusalEvent, ...]:
    """Orders that were due and not taken, and why."""
    found, events = [], ran.events.of(kinds.REFUSED)
    for place, leg in enumerate(events.row.tolist()):
        account, contract = ran.lanes.flat.legs[leg]
        stamp, size = int(ran.stamp_ns[events.stamp[place]]), float(events.size[place])
        price, code = float(events.price[place]), int(events.code[place])
        why = refusal(contract, code, size, price, contract.orders.most)
        found.append(RefusalEvent(stamp, account, contract.key, size, price, why))
    return tuple(found)


def reasons(ran: Ran) -> Iterator[str]:
    """What each fill came from, in their order: the order it fills, and its decision."""
    events, last = ran.events, {}
    for place, kind in enumerate(events.kind.tolist()):
        if kind == kinds.ORDERED:
            last[int(events.row[place])] = place
        elif kind == kinds.FILLED:
            leg = int(events.row[place])
            yield decided_why(ran, last.get(leg, -1))


def decided_why(ran: Ran, order: int) -> str:
    """What an order came from, as its decision said it. order: its place among the events.

    The first hedge of the leg's pool that stood outside its band; a trade inside every band is
    a roll, or a limit or margin that binds. Worked: "BTC held 54.8 % of 60 %".
    """
    flat, rules, events = ran.lanes.flat, ran.lanes.rules, ran.events
    if order < 0 or events.moment[order] < 0:
        return "first decision"
    if int(events.code[order]) & RETIRED:
        return "roll"
    coin, moment = flat.layout.legs.base[events.row[order]], events.moment[order]
    same = events.where(slice(np.searchsorted(events.moment, moment), order)).of(kinds.DECIDED)
    for place, hedge in enumerate(same.row):
        pools = hedge_pools(rules, int(hedge))
        if coin not in [rules.pool_currency[pool] for pool in pools]:
            continue
        if not int(same.code[place]) & IN_BAND:
            name = flat.currencies[rules.hedge_currency[hedge]]
            held, target = round(float(same.size[place]), 3), round(float(same.price[place]), 3)
            return f"{name} held {percent(held)} of {percent(target)}"
    return "roll, limit or margin"


def _liquidations(ran: Ran) -> list[LiquidationEvent]:
    """Groups that were closed, each with its own loss and the price of its largest contract."""
    flat, events = ran.lanes.flat, ran.events.of(kinds.CLOSED, kinds.LIQUIDATED)
    found, begin = [], 0
    for place in np.flatnonzero(events.kind == kinds.LIQUIDATED):
        label = flat.groups[events.row[place]]
        largest = begin + int(np.argmax(events.usd[begin:place]))  # its contracts stand before it
        stamp = int(ran.stamp_ns[events.stamp[place]])
        figures = (float(events.price[largest]), float(events.usd[place]))
        found.append(LiquidationEvent(stamp, label.account, label.group, *figures))
        begin = int(place) + 1
    return found


def emptied(ran: Ran, liquidations: Sequence[LiquidationEvent]) -> list[str]:
    """Warnings of groups that hold no margin since their liquidation, so that nothing fills."""
    labels = [(label.account, label.group) for label in ran.lanes.flat.groups]
    last = {(one.account, one.group): one.time_ns for one in liquidations}
    return [
        f"no_margin: {account} has held nothing since its liquidation at {iso(stamp)}; orders "
        f"there are refused until coins arrive"
        for (account, group), stamp in last.items()
        if ran.series.equity[-1, labels.index((account, group))] == 0.0
    ]


def rules_at(ran: Ran, stamp: int) -> Rules:
    """The rules that were in force when the decision of a stamp was made. stamp: its number."""
    return next(rules for first, rules in reversed(ran.in_force) if first <= stamp or first == 0)


def _transfers(ran: Ran) -> list[TransferEvent]:
    """Coins sent to groups and taken from them, source by source."""
    flat, sent = ran.lanes.flat, ran.events.of(kinds.SENT)
    found = []
    for place, row in enumerate(sent.row.tolist()):
        rules = rules_at(ran, int(sent.stamp[place]))
        group = next(
            one for one in range(len(flat.groups)) if row < rules.source_to[one]
        )  # sources stand in the order of the groups
        ends = (flat.wallets[rules.source_wallet[row]].account, flat.groups[group].account)
        coins = float(sent.size[place])
        source, target = ends if coins > 0.0 else ends[::-1]
        name = flat.currencies[rules.move_currency[group]]
        stamp = int(ran.stamp_ns[sent.stamp[place]])
        found.append(TransferEvent(stamp, source, target, name, abs(coins), float(sent.usd[place])))
    return found


def flow_events(ran: Ran) -> tuple[FlowEvent, ...]:
    """Dated deposits and withdrawals, without the interest of loans.

    What an account begins or ends to keep stays in it: nothing flows then.
    """
    flat, flows = ran.lanes.flat, ran.events.of(kinds.FLOWED)
    found: dict[tuple[int, str, str], tuple[float, float]] = {}
    for place, wallet in enumerate(flows.row.tolist()):
        step, label = int(flows.stamp[place]), flat.wallets[wallet]
        if is_coming(label):
            continue
        where, price = (step, label.account, label.asset), float(flows.price[place])
        coins = found.get(where, (0.0, 0.0))[0] + float(flows.size[place])
        coins -= float(ran.interest[step, wallet] if len(ran.interest) else 0.0)
        found[where] = (coins, coins * price)
    return tuple(
        FlowEvent(int(ran.stamp_ns[step]), account, asset, *figures)
        for (step, account, asset), figures in found.items()
        if figures[0] != 0.0
    )


def record_of(
    name: str,
    ran: Ran,
    static: tuple[Ran, str] | None,
    setup: Setup,
    warnings: Sequence[str],
    notes: Sequence[str],
) -> BacktestRecord:
    """A run as its record.

    Args: name: of the mandate; static: the same book under a steady ratio, and which one; warnings,
    notes: in words.
    """
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
        refusals=refusals(ran),
        liquidations=liquidations,
        transfers=transfers,
        flows=flow_events(ran),
        static_words="" if static is None else static[1],
        warnings=(*warnings, *emptied(ran, liquidations), *loan_warnings(ran, setup.book)),
        notes=tuple(notes),
    )
