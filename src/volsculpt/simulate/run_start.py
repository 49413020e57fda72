"""What every run of one setup through one history starts from, made once for all of them.

A static hedge beside a run, and a sweep, go through the same market with the same book: legs in
use over time, flat book, market arrays, what lies ahead in them, and records of all that are the
same. Nothing here is written by a run, which takes copies.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from operator import is_not
from typing import Any

import numpy as np

from volsculpt.book.coming import is_coming
from volsculpt.book.fees import fee_changes
from volsculpt.book.flatten import Flat, WalletLabel
from volsculpt.book.holdings import Book
from volsculpt.book.state import Quote
from volsculpt.decide.build import LAST_ROLL_NS, LegsAt, UseLeg
from volsculpt.decide.ladder import Rung
from volsculpt.decide.step import Setup
from volsculpt.errors import BookError
from volsculpt.exchange.rows import Bar
from volsculpt.hedge.market_features import Features
from volsculpt.mandate.flows import coins_to_keep, dated_flows
from volsculpt.market.align import Aligned
from volsculpt.market.walk import missing_funding
from volsculpt.simulate.backtest import (
    Costs,
    Tables,
    flat_setup,
    look_through,
    rules_of,
    tables_of,
    transfer_steps,
)
from volsculpt.simulate.horizon import Horizon
from volsculpt.simulate.interest import interest_rows
from volsculpt.simulate.lanes import Array
from volsculpt.simulate.late import late_bar
from volsculpt.simulate.market_arrays import Market
from volsculpt.simulate.market_rows import market_arrays
from volsculpt.units import DAY_NS


@dataclass(frozen=True, slots=True)
class FlowsAhead:
    """Flows that are hedged before they arrive, so far ahead.

    coming: (from, to] -> account, coin, amount of what of them is hedged. rungs: the ladder of a
    time, of the legs in use then; None: no contract is for a date.
    """

    horizon_ns: int
    coming: Callable[[int, int], list[tuple[str, str, float]]]
    rungs: Callable[[Sequence[Sequence[UseLeg]], int], tuple[Rung, ...]] | None = None


@dataclass(frozen=True, slots=True)
class RunSpec:
    """What to run: the setup, the legs in use at each time, the history, the costs."""

    setup: Setup
    legs_at: LegsAt
    aligned: Aligned
    costs: Costs
    features: Sequence[Features] | None  # at each stamp; None: no policy asks for any
    flows: Callable[[int, int], list[tuple[str, str, float]]]  # (from, to] -> account, coin, amount
    allow_missing_funding: bool = False
    memory: Sequence[Any] | None = None  # of each policy before the first stamp; None: nothing
    looks: Sequence[Sequence[Features]] | None = None  # each policy's, between stamps; None: none
    ahead: FlowsAhead | None = None  # what of the flows is counted ahead; None: nothing


def legs_over_time(
    spec: RunSpec, stamps: Array
) -> tuple[list[UseLeg], dict[int, tuple[tuple[UseLeg, ...], ...]]]:
    """(every leg ever used, step -> legs in use from there on).

    A leg that is no longer picked stays in use to be closed, until it expires.
    """
    listed: list[dict[tuple[str, str], UseLeg]] = [{} for _ in spec.setup.hedges]
    changes: dict[int, tuple[tuple[UseLeg, ...], ...]] = {}
    last: tuple[tuple[UseLeg, ...], ...] = ()
    before: tuple[tuple[UseLeg, ...], ...] | None = None
    for step in roll_steps(spec, stamps):
        now = int(stamps[step])
        picked, wanted = [], spec.legs_at(now)
        if wanted == before and not any(leg[2] or leg[1].expiry_ns for u in last for leg in u):
            continue  # nothing rolls, and nothing that rolled is left
        before = wanted
        for hedge, used in enumerate(wanted):
            fresh = {(account, one.key): (account, one, False) for account, one, _ in used}
            old = {
                key: (leg[0], leg[1], True)
                for key, leg in listed[hedge].items()
                if key not in fresh and (leg[1].expiry_ns or now + 1) > now
            }
            listed[hedge] |= fresh
            picked.append((*fresh.values(), *old.values()))
        if tuple(picked) != last:
            last = tuple(picked)
            changes[step] = last
    everything = {key: leg for legs in listed for key, leg in legs.items()}
    return list(everything.values()), changes


def add_last_rolls(changes: dict[int, tuple[tuple[UseLeg, ...], ...]], stamps: Array) -> None:
    """Add the steps from which what is left of a roll goes at once (`roll_share`).

    Args: changes: step -> legs in use from there on; stamps: ns UTC, rising.
    """
    found: set[int] = set()
    for start, legs in changes.items():
        for _, contract, retire in (leg for used in legs for leg in used):
            if retire and contract.expiry_ns is not None:
                step = int(np.searchsorted(stamps, contract.expiry_ns - LAST_ROLL_NS))
                found |= {step} if step > start else set()
    for step in sorted(found):
        if step < len(stamps) - 1:
            changes.setdefault(step, changes[max(one for one in changes if one <= step)])


def roll_steps(spec: RunSpec, stamps: Array) -> list[int]:
    """The steps at which the legs in use may change: the first, rolls, and expiries of the past.

    Looked for once a day, and step by step only within a day that something changes in.
    """
    step_ns, last = int(stamps[1] - stamps[0]), len(stamps) - 2
    looks = [*range(0, last, max(1, DAY_NS // step_ns)), last]
    times, found = stamps[looks].tolist(), [0]
    all_used = list(map(spec.legs_at, times))
    used = all_used[0]
    if not any(map(is_not, all_used, all_used[1:])):
        return found  # the same all the time, seen at once: none is given up
    expiries = expiries_of(used)
    days = zip(pairwise(looks), pairwise(times), all_used[1:], strict=True)
    for (early, late), (start, end), now in days:
        if now != used or any(start < expiry <= end for expiry in expiries):
            found += range(early + 1, late + 1)
        if now != used:
            expiries |= expiries_of(now)
        used = now
    return found


def expiries_of(legs: tuple[tuple[UseLeg, ...], ...]) -> set[int]:
    """When dated legs in use end."""
    return {one.expiry_ns for used in legs for _, one, _ in used if one.expiry_ns}


def add_unlocks(
    changes: dict[int, tuple[tuple[UseLeg, ...], ...]],
    flat: Flat,
    book: Book,
    setup: Setup,
    stamps: Array,
) -> int:
    """Let locked coins move from the stamp on at which they are free; most sources there are then.

    Args: changes: step -> legs in use from there on, to which the stamps are added; flat, book,
    setup: of the run; stamps: ns UTC, rising.
    """
    ends = [one.locked_until_ns or 0 for one in book.accounts if one.loan is None]
    most = 0
    for end in sorted({end for end in ends if stamps[0] < end <= stamps[-1]}):
        step = int(np.searchsorted(stamps, end))
        legs = changes[max(one for one in changes if one <= step)]
        changes.setdefault(step, legs)
        rules = rules_of(flat, book, setup, legs, int(stamps[step]))
        most = max(most, len(rules.source_wallet))
    return most


def fee_steps(spec: RunSpec, stamps: Array) -> list[int]:
    """The stamps from which a discount that has ended is no longer taken off fees."""
    ends = fee_changes(spec.setup.book, int(stamps[0]), int(stamps[-1]))
    return [int(step) for step in np.searchsorted(stamps, ends)]


def dated_coins(
    spec: RunSpec, lanes_flat: Sequence[tuple[str, str]], stamps: Array
) -> dict[tuple[int, int], list[float]]:
    """(stamp, wallet) -> coins of each dated flow, booked at the first stamp at or after its date.

    What is dated at the last stamp itself belongs to the time after the run.
    """
    found: dict[tuple[int, int], list[float]] = {}
    first, last = int(stamps[0]) - 1, int(stamps[-1]) - 1
    if not spec.flows(first, last):
        return found
    for step in range(len(stamps)):
        before = int(stamps[step - 1]) if step else first
        for account, asset, amount in spec.flows(before, min(int(stamps[step]), last)):
            if (account, asset) not in lanes_flat:
                raise BookError(f"[[flow]] of {asset} into '{account}': there is no such account")
            wrapped = spec.setup.book.wrapped.get(asset)
            coins = amount * wrapped.rate if wrapped else amount
            found.setdefault((step, lanes_flat.index((account, asset))), []).append(coins)
    return found


def flow_rows(dated: Mapping[tuple[int, int], Sequence[float]], shape: tuple[int, int]) -> Array:
    """(stamp, wallet) coins of dated flows. shape: how many there are of both."""
    rows = np.zeros(shape)
    for place, flows in dated.items():
        for coins in flows:
            rows[place] += coins
    return rows


def ahead_rows(spec: RunSpec, labels: Sequence[WalletLabel], stamps: Array) -> Array:
    """(stamp, wallet) coins that come into sight (+) and, once they are there, leave it (-).

    So that the wallet of what is to come holds the flows of the horizon at each stamp.

    Args: labels: of the wallets; stamps: ns UTC, rising.
    """
    rows, ahead = np.zeros((len(stamps), len(labels))), spec.ahead
    if ahead is None:
        return rows
    wallet_rows = {
        (one.account, one.asset): row for row, one in enumerate(labels) if is_coming(one)
    }
    for step in range(1, len(stamps)):
        early, late = int(stamps[step - 1]), min(int(stamps[step]), int(stamps[-1]) - 1)
        coming = ahead.coming(early + ahead.horizon_ns, late + ahead.horizon_ns)
        for side, flows in ((1.0, coming), (-1.0, ahead.coming(early, late))):
            for account, asset, amount in flows:
                wrapped = spec.setup.book.wrapped.get(asset)
                coins = amount * wrapped.rate if wrapped else amount
                rows[step, wallet_rows[account, asset]] += side * coins
    return rows


def kept_rows(setup: Setup, labels: Sequence[WalletLabel], stamps: Array) -> Array:
    """(stamp, wallet) coins that an account begins to keep (+) or has no need to keep (-).

    They change rows and stay where they are, so that each decision finds kept what it would keep
    itself: what is booked at its own stamp is not booked yet.

    Args: setup: of the run, its flows from its start; labels: of the wallets; stamps: ns UTC.
    """
    rows, wallets = (
        np.zeros((len(stamps), len(labels))),
        [(one.account, one.asset) for one in labels],
    )
    for row, label in enumerate(labels):
        if not label.is_kept:
            continue
        free, until = wallets.index(wallets[row]), int(stamps[-1]) + setup.hold_ns
        dated = dated_flows(setup.book.flows, wallets[row], int(stamps[0]) - 1, until)
        times = np.array([time_ns for time_ns, _ in dated], np.int64)
        first = np.searchsorted(times, np.concatenate([stamps[:1] - 1, stamps[:-1]]), "right")
        last = np.searchsorted(times, stamps + setup.hold_ns, "right")
        ends = np.stack([first, last], axis=1)
        kept = coins_to_keep(dated[first[0] : last[0]])
        for step in np.flatnonzero(np.diff(ends, axis=0).any(axis=1)).tolist():
            coins = coins_to_keep(dated[first[step + 1] : last[step + 1]])
            rows[step, row] += coins - kept
            rows[step, free] -= coins - kept
            kept = coins
    return rows


@dataclass(frozen=True, slots=True)
class RunStart:
    """A book, its market and the legs it may use, ready to be run.

    changes: step -> legs in use from there on. charged: steps at which fees change. late: what is
    due at the very end. interest: (stamp, wallet) coins, - is added to what is owed. dated: (stamp,
    wallet) -> coins of each flow. ahead: the market as resting lanes look ahead in it, without
    targets. climbs: a ladder is looked at, at every step, as a desk does at every decision.
    """

    spec: RunSpec
    setup: Setup
    book: Book
    tables: Tables
    changes: dict[int, tuple[tuple[UseLeg, ...], ...]]
    charged: tuple[int, ...]
    market: Market
    late: Bar
    ahead: Horizon
    warnings: tuple[str, ...]
    interest: Array
    dated: dict[tuple[int, int], list[float]]
    climbs: bool


def start_of(spec: RunSpec) -> RunStart:
    """What every run of this starts from. Raises HistoryError, ContractError, BookError."""
    aligned = spec.aligned
    stamps = aligned.stamp_ns
    all_legs, changes = legs_over_time(spec, stamps)
    setup = replace(spec.setup, legs=changes[0])
    flat, rules, book = flat_setup(setup, all_legs, int(stamps[0]))
    keys = [leg.key for _, leg in flat.legs if leg.expiry_ns is None]
    warnings = missing_funding(aligned, keys, spec.allow_missing_funding)
    dated = dated_coins(spec, [(label.account, label.asset) for label in flat.wallets], stamps)
    flows = flow_rows(dated, (len(stamps), len(flat.wallets)))
    coming = ahead_rows(spec, flat.wallets, stamps)
    flows = flows + coming + kept_rows(setup, flat.wallets, stamps)
    interest = interest_rows(setup.book, flat, flows, stamps)
    flows = flows + interest
    market = market_arrays(aligned, flat, flows[:-1])
    first = Quote(market.open_index[:, 0, 0].tolist(), market.open_mark[:, 0, 0].tolist())
    delays = transfer_steps(flat, setup.collateral, spec.costs, int(stamps[1] - stamps[0]))
    add_last_rolls(changes, stamps)
    sources = add_unlocks(changes, flat, book, setup, stamps)
    tables = tables_of(flat, rules, spec.costs, first, delays, sources)
    return RunStart(
        spec=spec,
        setup=setup,
        book=book,
        tables=tables,
        changes=changes,
        charged=tuple(fee_steps(spec, stamps)),
        market=market,
        late=late_bar(aligned, flat, flows[-1]),
        ahead=look_through(flat, tables.records[0], market),
        warnings=tuple(warnings),
        interest=interest,
        dated=dated,
        climbs=spec.ahead is not None and spec.ahead.rungs is not None,
    )
