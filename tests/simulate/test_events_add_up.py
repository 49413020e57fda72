"""What happened, added up, is what changed: account by account, for random books and markets."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tests.simulate.plain import plain_follow, plain_run
from tests.simulate.test_rest_of_random_books import random_setup
from tests.simulate.worlds import (
    COSTS,
    World,
    compiled_lanes,
    mixed_world,
    prepare,
    ran_of,
    random_market,
    random_ratios,
    rest_of,
    same_bits,
    steady,
)
from volsculpt.book.exposure import exposure, pnl_at
from volsculpt.book.group import group_equity, group_gross, group_maintenance
from volsculpt.book.holdings import Sweep
from volsculpt.book.state import Quote, State, copy_state, new_exposure
from volsculpt.exchange import events as kinds
from volsculpt.simulate import log as logs
from volsculpt.simulate.backtest import flat_setup, run_span
from volsculpt.simulate.log import take_state
from volsculpt.simulate.one_lane import StepSpan
from volsculpt.simulate.ran import Ran, series_of
from volsculpt.simulate.recorded import tallies

Kernel = Callable[..., None]
Place = tuple[str, bool]  # an account, or coins on their way to it
QUIET = (kinds.REFUSED, kinds.ORDERED, kinds.DECIDED)
SWEEPS = (Sweep("vault", "USD", "coinm", 0.001), Sweep("vault", None, None, 0.0005))


def random_world(seed: int) -> World:
    """A random book in a random market, wild enough to close some."""
    dice = np.random.default_rng([11, seed])
    setup = random_setup(dice)
    flat, rules, _ = flat_setup(setup, [leg for used in setup.legs for leg in used], 0)
    return World(
        flat, rules, random_market(flat, 40, seed, float(dice.choice([0.01, 0.05]))), COSTS
    )


WORLDS = {
    "mixed": lambda: mixed_world(150, 1, 0.03),
    "wild": lambda: mixed_world(150, 3, 0.12),
    "swept": lambda: mixed_world(150, 5, 0.02, sweeps=SWEEPS),
    **{f"random-{seed}": lambda seed=seed: random_world(seed) for seed in range(8)},
}


def finished(world: World, kernel: Kernel) -> Ran:
    """A run of a world whose targets jump."""
    ratios = random_ratios(world.steps, world.rules.hedges, 1, 3)
    return ran_of(world, compiled_lanes(world, ratios, kernel), ratios)


def states(ran: Ran) -> list[tuple[int, State]]:
    """(moment, the book from then on) of all that was kept."""
    log, layout, found = ran.lanes.log, ran.lanes.flat.layout, []
    for row in range(int(log.used[0, 1])):
        state = copy_state(ran.lanes.flat.state)
        take_state(layout, log.state[0, row].tolist(), state)
        found.append((int(log.moment[0, row]), state))
    return found


def quote_of(ran: Ran, moment: int) -> Quote:
    """Prices of a moment: the open of a step, or its end."""
    step, at_end = divmod(moment, 2)
    market = ran.market
    index, mark = (
        (market.close_index, market.close_mark) if at_end else (market.open_index, market.open_mark)
    )
    return Quote(index[:, 0, step].tolist(), mark[:, 0, step].tolist())


def worth(ran: Ran, state: State, quote: Quote) -> dict[Place, float]:
    """US dollars by account."""
    flat, found = ran.lanes.flat, defaultdict[Place, float](float)
    for row, label in enumerate(flat.wallets):
        price = quote.index_usd[flat.layout.wallet_currency[row]]
        found[label.account, label.in_transit] += state.wallet[row] * price
    for leg, (name, _) in enumerate(flat.legs):
        usd = quote.index_usd[flat.layout.legs.settle[leg]]
        found[name, False] += pnl_at(flat.layout, state, leg, quote.mark[leg]) * usd
    return found


def told(ran: Ran, moment: int, quote: Quote) -> dict[Place, float]:
    """US dollars by account that the events of a moment say it gained at its prices."""
    flat, rules = ran.lanes.flat, ran.lanes.rules
    legs, found = flat.layout.legs, defaultdict[Place, float](float)
    events = ran.events.where(ran.events.moment == moment)
    funded: dict[int, float] = {}
    for place, kind in enumerate(events.kind.tolist()):
        row = int(events.row[place])
        columns = (events.size, events.usd, events.fee, events.moved)
        size, usd, fee, moved = (float(column[place]) for column in columns)
        if kind in (kinds.FILLED, kinds.DELIVERED):
            found[flat.legs[row][0], False] += fee + moved
        elif kind in (kinds.FUNDED, kinds.SETTLED):
            funded[row] = usd
            found[flat.legs[row][0], False] += usd
        elif kind == kinds.SWEPT:
            found[flat.legs[row][0], False] -= funded[row]
            found[flat.wallets[legs.funding_wallet[row]].account, False] += funded[row] + usd
        elif kind == kinds.FLOWED:
            found[flat.wallets[row].account, False] += usd
        elif kind == kinds.TAKEN:
            found[flat.wallets[row].account, False] += moved
        elif kind == kinds.CLOSED:
            found[flat.legs[row][0], False] += moved
        elif kind == kinds.LIQUIDATED:
            found[flat.groups[row].account, False] += usd
        elif kind == kinds.ARRIVED:
            price = quote.index_usd[rules.move_currency[row]]
            name = flat.groups[row].account
            found[name, True] -= abs(size) * price
            there = name
            if size < 0.0:
                there = flat.wallets[rules.source_wallet[rules.source_from[row]]].account
            found[there, False] += abs(size) * price
        elif kind == kinds.SENT:
            group = next(one for one in range(len(flat.groups)) if row < rules.source_to[one])
            price = quote.index_usd[rules.move_currency[group]]
            name = flat.groups[group].account
            source = flat.wallets[rules.source_wallet[row]].account if size > 0.0 else name
            found[source, False] += usd - abs(size) * price
            found[name, True] += abs(size) * price
    return found


SIZED = (  # all but orders not taken, what was decided, and a group's loss, which has no size
    kinds.FILLED,
    kinds.DELIVERED,
    kinds.FUNDED,
    kinds.SWEPT,
    kinds.SETTLED,
    kinds.FLOWED,
    kinds.ARRIVED,
    kinds.TAKEN,
    kinds.CLOSED,
    kinds.POSTED,
    kinds.SENT,
    kinds.ORDERED,
)


@pytest.mark.parametrize("name", WORLDS)
def test_nothing_is_told_of_what_did_not_happen(kernel: Kernel, name: str) -> None:
    """An event that has a size has one that is not 0; the rest say so in US dollars."""
    events = finished(WORLDS[name](), kernel).events
    sized = np.isin(events.kind, SIZED)
    assert sized.any()
    assert not np.any(events.size[sized] == 0.0), sorted(
        set(events.kind[sized & (events.size == 0.0)])
    )
    assert not np.any(events.usd[events.kind == kinds.LIQUIDATED] == 0.0)


@pytest.mark.parametrize("name", WORLDS)
def test_events_are_the_change_of_every_account(kernel: Kernel, name: str) -> None:
    """At the prices of its moment every account gains what its events say, to a billionth."""
    ran = finished(WORLDS[name](), kernel)
    kept = [one for one in states(ran) if one[0] >= 0]
    changed = {moment for moment, _ in kept}
    before = states(ran)[0][1]
    for moment, state in kept:
        quote = quote_of(ran, moment)
        start, end = worth(ran, before, quote), worth(ran, state, quote)
        gained = told(ran, moment, quote)
        scale = 1e-9 * sum(abs(usd) for usd in start.values())
        for place in start | gained:
            assert end[place] - start[place] == pytest.approx(gained[place], abs=scale), place
        before = state
    cash = ran.events.where(~np.isin(ran.events.kind, QUIET) & (ran.events.size != 0.0))
    assert set(cash.moment[cash.moment >= 0].tolist()) <= changed


@pytest.mark.parametrize("name", WORLDS)
def test_causes_are_the_change_of_wealth(kernel: Kernel, name: str) -> None:
    """From stamp to stamp wealth changes by what all causes together gained."""
    ran = finished(WORLDS[name](), kernel)
    found = tallies(ran)
    causes = [getattr(found, one) for one in found.__dataclass_fields__ if one != "traded"]
    whole, wealth = np.sum(causes, axis=0), ran.wealth_usd
    assert np.diff(wealth) == pytest.approx(np.diff(whole)[1:], abs=1e-9 * np.abs(wealth).max())


@pytest.mark.parametrize("name", WORLDS)
def test_series_are_what_the_book_functions_say(kernel: Kernel, name: str) -> None:
    """Margin and exposure of each stamp are to the bit those of the book kept, at its prices."""
    ran = finished(WORLDS[name](), kernel)
    flat, rules, kept = ran.lanes.flat, ran.lanes.rules, states(ran)
    for stamp in range(1, len(ran.stamp_ns), 3):
        state = [one for moment, one in kept if moment <= 2 * stamp - 2][-1]
        quote, sums = quote_of(ran, 2 * stamp - 1), new_exposure(flat.layout)
        exposure(flat.layout, state, quote, 0, sums)
        for group in range(len(flat.groups)):
            own = (flat.layout, state, quote, group)
            assert ran.series.equity[stamp, group] == group_equity(*own)
            assert ran.series.maintenance[stamp, group] == group_maintenance(*own)
            assert ran.series.gross[stamp, group] == group_gross(*own)
        for hedge, coin in enumerate(rules.hedge_currency[: rules.hedges]):
            whole = sums.balance[coin] + sums.pnl[coin] + sums.futures[coin]
            assert ran.series.delta[stamp, hedge] == whole


@pytest.mark.compiled
@pytest.mark.parametrize("name", ["mixed", "wild"])
def test_series_are_the_same_compiled(kernel: Kernel, name: str) -> None:
    """Bit for bit."""
    ran = finished(WORLDS[name](), kernel)
    plain = series_of(ran, plain_follow)
    assert [
        field
        for field, one, other in zip(plain._fields, plain, ran.series, strict=True)
        if one.tobytes() != other.tobytes()
    ] == []


def test_series_in_pieces_are_those_of_the_whole() -> None:
    """Where rules change at many stamps, each piece finds the book it begins with."""
    ran = finished(WORLDS["mixed"](), plain_run)
    cut = replace(ran, in_force=tuple((stamp, ran.lanes.rules) for stamp in (0, 1, 2, 40, 41, 90)))
    whole, pieces = series_of(ran, plain_follow), series_of(cut, plain_follow)
    for one, other in zip(whole, pieces, strict=True):
        assert one.tobytes() == other.tobytes()


def test_what_is_held_is_what_each_decision_found(kernel: Kernel) -> None:
    """Ratios told afterwards of a run that rests are to the bit those of deciding at every bar."""
    world = mixed_world(120, 9, 0.01)
    ratios = steady(120, (0.5, 0.4))
    ran = ran_of(world, compiled_lanes(world, ratios, kernel), ratios)
    made = prepare(world.flat, world.rules, world.costs, world.first, 120, 1)
    rest = rest_of(made, world.market, ratios)
    for step in range(120):
        run_span(made, world.market, kernel, ratios, StepSpan(step, step + 1, 0, 0), rest)
        held = made.arguments[5][0]["held"][: world.rules.hedges]
        assert ran.series.held[step + 1].tolist() == held.tolist()


def test_a_full_log_loses_nothing(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that halts for room again and again leaves what one with room for all leaves."""
    world = mixed_world(150, 1, 0.03)
    whole = finished(world, kernel).lanes.log
    grown: list[int] = []
    real = logs.grown

    def counted(log: logs.Log, least: int) -> logs.Log:
        grown.append(least)
        return real(log, 0)

    monkeypatch.setattr(logs, "CAPACITY", 64)
    monkeypatch.setattr("volsculpt.simulate.backtest.grown", counted)
    small = finished(world, kernel).lanes.log
    assert len(grown) >= 3
    assert set(same_bits(whole, small)) <= {"wealth"}
    assert small.wealth == pytest.approx(whole.wealth, rel=1e-12)
