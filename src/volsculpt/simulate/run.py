"""Running a mandate through history, and the same book under a steady ratio beside it."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from volsculpt.errors import BookError
from volsculpt.hedge.stored import features_of
from volsculpt.mandate.flows import flows_between, flows_from
from volsculpt.mandate.history import RunSpan, legs_over_time, open_market
from volsculpt.mandate.objects import Mandate
from volsculpt.mandate.setup import bonus_notes, fee_notes, setup_of, sweep_notes
from volsculpt.market.history import History
from volsculpt.simulate.backtest import Costs
from volsculpt.simulate.compiled import compiled_run
from volsculpt.simulate.history_run import Asked, run_history
from volsculpt.simulate.never_hedged import never_hedged
from volsculpt.simulate.ran import Ran
from volsculpt.simulate.record import BacktestRecord
from volsculpt.simulate.recorded import record_of
from volsculpt.text import percent, trimmed
from volsculpt.units import DAY_NS, iso


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What a run needs, apart from the mandate and its history."""

    span: RunSpan
    costs: Costs
    allow_missing_funding: bool
    from_first: bool = False


def run_mandate(
    mandate: Mandate, history: History | None, data: str | Path | None, request: RunRequest
) -> BacktestRecord:
    """Run the mandate, then a static hedge of its mean held ratio, through the same market.

    Raises BookError for a mandate without hedges, and what `run_history` raises.

    Args: history, data: given, or the folder of a store, both None: the synthetic market.
    """
    if not mandate.hedges:
        raise BookError(
            "there is no [[hedge]], so nothing to backtest; add one, ratio = 0 keeps all of the "
            "risk"
        )
    opened = open_market(mandate, history, data, request.span, request.from_first)
    aligned, history, warnings = opened
    start = int(aligned.stamp_ns[0])
    setup = replace(setup_of(mandate, start), book=mandate.book)
    flows = flows_from(mandate, start)
    asked = Asked(
        setup=setup,
        legs_at=legs_over_time(mandate),
        aligned=aligned,
        costs=request.costs,
        features=features_of(history, mandate.hedges, aligned.stamp_ns.tolist()),
        flows=lambda from_ns, to_ns: flows_between(flows, from_ns, to_ns),
        allow_missing_funding=request.allow_missing_funding,
    )
    kernel = compiled_run()
    ran = run_history(asked, kernel)
    paused = paused_words(asked, ran)
    return record_of(
        mandate.name,
        ran,
        static_run(asked, ran),
        setup,
        [*never_hedged(ran, setup), *mandate.warnings, *warnings, *ran.warnings, *paused],
        [
            *mandate.notes,
            *sweep_notes(mandate),
            *fee_notes(mandate, start),
            *bonus_notes(mandate),
            *history.notes,
        ],
    )


def paused_words(asked: Asked, ran: Ran) -> list[str]:
    """A warning for each hedge whose policy had no answer for a time."""
    found = []
    stamps, step_ns = ran.stamp_ns, int(ran.stamp_ns[1] - ran.stamp_ns[0])
    for row, hedge in enumerate(asked.setup.hedges):
        steps = np.flatnonzero(ran.paused[:, row])
        if len(steps):
            days = trimmed(len(steps) * step_ns / DAY_NS, 2)
            last = iso(stamps[steps[-1] + 1])
            found.append(
                f"no_target: {hedge.underlying}'s policy had no answer on {days} days, last at "
                f"{last}; what was held was kept"
            )
    return found


def static_run(asked: Asked, ran: Ran) -> tuple[Ran, str]:
    """The same book, contracts, fees and band at the mean of the ratio that was held."""
    held = ran.series.held[1:]
    mean = held.mean(axis=0)
    steady = np.broadcast_to(mean[None, :, None], (len(held), len(mean), 1)).copy()
    names = [hedge.underlying for hedge in asked.setup.hedges]
    words = ", ".join(
        f"{name} {percent(round(ratio, 3))}" for name, ratio in zip(names, mean, strict=True)
    )
    ran = run_history(asked, compiled_run(), ratios=steady, noted=False)
    return ran, f"the mean held ratio: {words}"
