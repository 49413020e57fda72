"""From a finished run to its record."""

from collections.abc import Iterable, Sequence

import numpy as np

from volsculpt.book.coming import is_coming
from volsculpt.book.flatten import WalletLabel
from volsculpt.book.kept import rows_by_wallet
from volsculpt.book.state import Quote
from volsculpt.contracts.payoff import value
from volsculpt.decide.step import Setup
from volsculpt.exchange import events as kinds
from volsculpt.exchange.events import CAUSES
from volsculpt.ledger.events import CashBooked, Filled
from volsculpt.market.gate import Floats
from volsculpt.simulate.event_list import valued_events
from volsculpt.simulate.happened import cash_by_cause, summed
from volsculpt.simulate.loans import interest_usd, loan_warnings
from volsculpt.simulate.missed_rolls import missed_rolls
from volsculpt.simulate.ran import Ran
from volsculpt.simulate.record import (
    BacktestRecord,
    GroupPath,
    Happened,
    HedgePath,
    LegPath,
    Tallies,
    Valued,
    WalletPath,
)
from volsculpt.simulate.scenario import close_all, run_wealth
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
        targets = np.where(np.concatenate([paused[:1], paused]), np.nan, ran.targets[:, row])
        price = index_path(ran, rules.hedge_currency[row])
        band = (hedge.band.under_trigger, hedge.band.over_trigger)
        wanted = hedge.policy.volatility_wanted()
        figures = (ran.series.held[:, row], targets, ran.series.delta[:, row] * price)
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
    flat, wallet_rows = ran.lanes.flat, rows_by_wallet(ran.lanes.flat.wallets)
    return tuple(
        WalletPath(
            place_words(label),
            label.asset if label.posted_to is None else f"{label.asset} at {label.posted_to}",
            ran.held.wallet[:, rows].sum(axis=1),
        )
        for label, rows in ((flat.wallets[row], rows) for row, rows in wallet_rows.items())
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


def emptied(ran: Ran, happened: Iterable[Valued[Happened]]) -> list[str]:
    """Warnings of groups that hold no margin since their liquidation, so that nothing fills."""
    labels = [(label.account, label.group) for label in ran.lanes.flat.groups]
    last = {
        (one.event.account, one.group): one.time_ns
        for one in happened
        if isinstance(one.event, Filled | CashBooked) and one.group
    }
    return [
        f"no_margin: {account} has held nothing since its liquidation at {iso(stamp)}; orders "
        f"there are refused until coins arrive"
        for (account, group), stamp in last.items()
        if ran.series.equity[-1, labels.index((account, group))] == 0.0
    ]


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
    happened = tuple(valued_events(ran))
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
        events=happened,
        static_words="" if static is None else static[1],
        warnings=(
            *warnings,
            *emptied(ran, happened),
            *loan_warnings(ran, setup.book),
            *missed_rolls(ran, setup),
        ),
        notes=tuple(notes),
    )
