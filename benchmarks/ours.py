"""The only place where the benchmarks call volsculpt: its market, its run, its report."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import volsculpt as vs
from benchmarks.plain_loop import Terms, tiers_of
from volsculpt.mandate.objects import Mandate
from volsculpt.mandate.setup import setup_of
from volsculpt.market.align import align, clock_of
from volsculpt.market.history import History
from volsculpt.market.synthetic import Coin, SyntheticSpec, make
from volsculpt.simulate.backtest import Costs
from volsculpt.simulate.compiled import compiled_run
from volsculpt.simulate.history_run import run_history
from volsculpt.simulate.ran import Ran
from volsculpt.simulate.run_start import RunSpec, RunStart

HERE = Path(__file__).parent
MANDATE = HERE / "w1.toml"
KEY = "bybit:BTC/USD:BTC"
HOURS = 43_800
LEAD = 24  # a run begins at the first midnight at which all is known
COSTS = Costs(half_spread=0.0001)
Floats = np.ndarray[Any, np.dtype[np.float64]]


def made_up(hours: int = HOURS, seed: int = 4) -> History:
    """The market that every program is given: one coin, one inverse perpetual, hourly bars."""
    world = SyntheticSpec(seed, hours + LEAD, coins=(Coin("BTC", 7_200.0),), dated=())
    return make(world).history.only((KEY,))


def asked_of(history: History, mandate: Mandate | None = None) -> RunSpec:
    """The hedge and its aligned history: what a run starts from."""
    loaded = vs.load(MANDATE) if mandate is None else mandate
    whole = clock_of(history)
    clock = replace(whole, from_ns=whole.from_ns + (LEAD - 1) * whole.step_ns)
    aligned = align(history, clock, contracts=(KEY,), currencies=("BTC",))
    legs = tuple(tuple(loaded.legs(one, clock.from_ns)) for one in loaded.hedges)
    return RunSpec(
        setup=replace(setup_of(loaded, clock.from_ns), book=loaded.book),
        legs_at=lambda time_ns: legs,
        aligned=aligned,
        costs=COSTS,
        features=None,
        flows=lambda from_ns, to_ns: [],
    )


def run(
    spec: RunSpec | RunStart,
    lanes: int = 1,
    kernel: Callable[..., None] | None = None,
    noted: bool = False,
) -> Ran:
    """One run through the history, from prepared prices to wealth at every bar.

    From a `RunStart` what runs through one market share is there already. noted: what happens is
    kept for a report.
    """
    return run_history(spec, compiled_run() if kernel is None else kernel, lanes, noted=noted)


def wealth_usd(ran: Ran) -> Floats:
    """Wealth in US dollars at the end of each bar."""
    return ran.wealth_usd


def report(history: History) -> Any:  # noqa: ANN401
    """What `volsculpt backtest` makes: the run, a static one beside it, all metrics."""
    return vs.backtest(MANDATE, history, costs=COSTS)


def market_of(spec: RunSpec) -> dict[str, Floats]:
    """The same bars as plain arrays, a figure a bar, for programs that know nothing of ours."""
    aligned = spec.aligned
    mark, index = aligned.mark.value[:, 0], aligned.index.value[:, 0]
    inside = aligned.inside
    return {
        "time_ns": aligned.stamp_ns[:-1].astype(np.float64),
        "open_mark": mark[:-1],
        "trade": inside.open[:, 0],
        "high_mark": inside.high[:, 0],
        "low_mark": inside.low[:, 0],
        "close_mark": mark[1:],
        "close_index": index[1:],
        "funding": aligned.funding.paid[:-1, 0],
    }


def terms_of(spec: RunSpec) -> Terms:
    """The hedge in plain figures."""
    (hedge,), ((leg,),) = spec.setup.hedges, spec.setup.legs
    contract = leg[1]
    (held,) = spec.setup.book.accounts
    policy: Any = hedge.policy
    taker = contract.fees.taker
    assert taker is not None
    return Terms(
        coins=held.balances["BTC"],
        ratio=policy.ratio,
        trigger=hedge.band.under_trigger,
        settle=hedge.band.under_settle,
        taker=taker,
        half_spread=spec.costs.half_spread,
        tiers=tiers_of([(tier.floor, tier.maintenance_rate) for tier in contract.margin.tiers]),
    )
