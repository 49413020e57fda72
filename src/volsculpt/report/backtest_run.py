"""Running a mandate through history, and the same book under a steady ratio beside it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from volsculpt.book.holdings import Flow
from volsculpt.contracts.currencies import is_stable
from volsculpt.contracts.expiries import parse_symbol, shown
from volsculpt.decide.build import UseLeg
from volsculpt.errors import HistoryError
from volsculpt.hedge.features import half_lives_of, look_back_ns
from volsculpt.hedge.stored import features_of
from volsculpt.mandate.objects import Mandate
from volsculpt.mandate.setup import flow_times, setup_of, sweep_notes
from volsculpt.market.align import Aligned, align, clock_of
from volsculpt.market.history import History, common_span
from volsculpt.market.nearest import instead_of
from volsculpt.report.backtest_inputs import BacktestInputs
from volsculpt.report.backtest_of import backtest_inputs
from volsculpt.report.bootstrap import DRAWS
from volsculpt.simulate.backtest import Costs
from volsculpt.simulate.compiled import compiled_run
from volsculpt.simulate.history_run import Asked, Ran, run_history

DAY_NS = 86_400_000_000_000
Span = tuple[int | None, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a run is asked for, apart from the mandate and its history."""

    span: Span
    costs: Costs
    allow_missing_funding: bool
    draws: int = DRAWS


def needed_keys(mandate: Mandate, times: list[int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(contracts, coins) a run needs prices of: what is held, and what is used at any time."""
    keys = {position.contract.key for one in mandate.book.accounts for position in one.positions}
    for time_ns in times:
        for hedge in mandate.hedges:
            keys |= {contract.key for _, contract, _ in mandate.legs(hedge, time_ns)}
    wrapped = mandate.book.wrapped
    assets = {name for one in mandate.book.accounts for name in one.balances}
    assets |= {flow.currency for flow in mandate.book.flows}
    coins = {wrapped[name].underlying if name in wrapped else name for name in assets}
    coins |= {hedge.underlying for hedge in mandate.hedges} | {mandate.numeraire}
    coins |= {sweep.into for sweep in mandate.book.sweeps if sweep.into is not None}
    parts = [parse_symbol(key.partition(":")[2]) for key in keys]
    coins |= {name for part in parts for name in (part.base, part.quote, part.settle)}
    return tuple(sorted(keys)), tuple(sorted(coins - {"USD"}))


def legs_at(mandate: Mandate, time_ns: int) -> tuple[tuple[UseLeg, ...], ...]:
    """The legs in use at a time, per hedge."""
    return tuple(tuple(mandate.legs(hedge, time_ns)) for hedge in mandate.hedges)


def flows_from(mandate: Mandate, start_ns: int) -> tuple[Flow, ...]:
    """The flows of a run; a repeating one without a first time comes one period after the start."""
    return tuple(
        replace(flow, at_ns=start_ns + flow.every_ns)
        if flow.at_ns is None and flow.every_ns is not None
        else flow
        for flow in mandate.book.flows
    )


def flows_between(flows: Sequence[Flow], from_ns: int, to_ns: int) -> list[tuple[str, str, float]]:
    """(account, coin, amount) of the flows in (from, to]."""
    return [
        (flow.account, flow.currency, flow.amount)
        for flow in flows
        for _ in flow_times(flow, from_ns, to_ns)
    ]


def days_of(from_ns: int, to_ns: int) -> list[int]:
    """A time a day from one time to another, and the last moment before it."""
    return [*range(from_ns, to_ns, DAY_NS), to_ns - 1]


def open_market(
    mandate: Mandate, history: History | None, data: str | Path | None, span: Span
) -> tuple[Aligned, History, list[str]]:
    """A run's history on its clock, the history itself, and what to warn of."""
    warnings: list[str] = []
    if history is None and data is None:
        from volsculpt.market.synthetic import demo_market

        history = demo_market().history
    if history is None:
        assert data is not None
        from volsculpt.market.opening import LOOK_BACK_NS, open_history

        if span[0] is None or span[1] is None:
            raise HistoryError("a backtest from a store needs --from and --to")
        keys, coins = needed_keys(mandate, days_of(span[0], span[1]))
        earlier = max(LOOK_BACK_NS, look_back_ns(half_lives_of(mandate.hedges)))
        history = open_history(Path(data), keys, coins, *span[:2], look_back_ns=earlier)
    else:
        first, last = common_span(History(index=history.index))
        start = span[0] if span[0] is not None else first
        end = span[1] if span[1] is not None else last
        keys, coins = needed_keys(mandate, days_of(start, end))
        missing = [key for key in keys if key not in history.contracts]
        if missing:
            raise HistoryError(
                f"no history of {instead_of(missing, history.contracts)}; --data names a folder "
                f"of your own, and `volsculpt data list` shows what it holds"
            )
        history = history.only(keys)
    if history.is_synthetic:
        warnings.append("synthetic: this market is made up; it proves nothing about real ones")
    span = whole_days(history, span)
    check_span(history, keys, span)
    priced = tuple(name for name in coins if name in history.index or is_stable(name))
    aligned = align(history, clock_of(history, *span), contracts=keys, currencies=priced)
    aligned = from_first_row(aligned, history, keys, priced)
    return aligned, history, [*warnings, *aligned.warnings]


def whole_days(history: History, span: Span) -> Span:
    """The span with what was left out filled in: from the first midnight UTC that is known."""
    first, last = common_span(History(index=history.index))
    start = span[0] if span[0] is not None else -(-first // DAY_NS) * DAY_NS
    return start, span[1] if span[1] is not None else last, span[2]


def check_span(history: History, keys: tuple[str, ...], span: Span) -> None:
    """Refuse a span that reaches beyond what is known: prices would stand still in it.

    Dated contracts end by themselves and are left out.
    """
    alive = [key for key in keys if "-" not in key.rpartition(":")[2]]
    series = [*history.index.values()]
    series += [(history.mark.get(key) or history.last[key]) for key in alive]
    for one in series:
        if span[1] is not None and one.end_ns < span[1] - DAY_NS:
            raise HistoryError(
                f"{one.name} ends at {shown(one.end_ns)}, before {shown(span[1])}; end earlier "
                f"or import more history"
            )


def from_first_row(
    aligned: Aligned, history: History, keys: tuple[str, ...], coins: tuple[str, ...]
) -> Aligned:
    """The same from the first stamp at which everything is known."""
    row = aligned.first_row()
    if row == 0:
        return aligned
    clock = replace(aligned.clock, from_ns=int(aligned.stamp_ns[row]))
    return align(history, clock, contracts=keys, currencies=coins)


def replay(
    mandate: Mandate, history: History | None, data: str | Path | None, wanted: Wanted
) -> BacktestInputs:
    """Run the mandate, then a static hedge of its mean held ratio, through the same market."""
    aligned, history, warnings = open_market(mandate, history, data, wanted.span)
    start = int(aligned.stamp_ns[0])
    setup = replace(setup_of(mandate, start), book=mandate.book)
    flows = flows_from(mandate, start)
    asked = Asked(
        setup=setup,
        legs_at=lambda time_ns: legs_at(mandate, time_ns),
        aligned=aligned,
        costs=wanted.costs,
        features=features_of(history, mandate.hedges, aligned.stamp_ns.tolist()),
        flows=lambda from_ns, to_ns: flows_between(flows, from_ns, to_ns),
        allow_missing_funding=wanted.allow_missing_funding,
    )
    kernel = compiled_run()
    ran = run_history(asked, kernel)
    static, words = static_run(asked, ran)
    slip = wanted.costs.half_spread + wanted.costs.slippage
    return backtest_inputs(
        mandate.name,
        ran,
        static,
        words,
        setup,
        slip,
        [*mandate.warnings, *warnings, *ran.warnings, *paused_words(asked, ran)],
        [*mandate.notes, *sweep_notes(mandate), *history.notes],
        wanted.draws,
    )


def paused_words(asked: Asked, ran: Ran) -> list[str]:
    """A warning for each hedge whose policy had no answer for a time."""
    found = []
    stamps, step_ns = ran.stamp_ns, int(ran.stamp_ns[1] - ran.stamp_ns[0])
    for row, hedge in enumerate(asked.setup.hedges):
        steps = np.flatnonzero(ran.paused[:, row])
        if len(steps):
            days, last = len(steps) * step_ns / DAY_NS, shown(int(stamps[steps[-1] + 1]))
            found.append(
                f"no_target: {hedge.underlying}'s policy had no answer on {days:.3g} days, last at "
                f"{last}; what was held was kept"
            )
    return found


def static_run(asked: Asked, ran: Ran) -> tuple[Ran, str]:
    """The same book, contracts, fees and band at the mean of the ratio that was held."""
    held = ran.lanes.track.held[:, :, 0]
    mean = held.mean(axis=0)
    steady = np.broadcast_to(mean[None, :, None], (len(held), len(mean), 1)).copy()
    names = [hedge.underlying for hedge in asked.setup.hedges]
    words = ", ".join(
        f"{name} {100.0 * ratio:.1f} %" for name, ratio in zip(names, mean, strict=True)
    )
    ran = run_history(asked, compiled_run(), ratios=steady, noted=False)
    return ran, f"the mean held ratio: {words}"
