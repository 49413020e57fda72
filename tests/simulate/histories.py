"""Small histories run through the whole backtest, for what is about data and time."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tests.factories import account, fixed, inverse, linear, vault
from tests.market.made import BTC, LAST, MARK, START_NS, at, floats, funding
from volsculpt.book.holdings import Book
from volsculpt.contracts.spec import Contract
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.step import Setup
from volsculpt.hedge.spec import Hedge
from volsculpt.hedge.stored import features_of
from volsculpt.market.align import align
from volsculpt.market.asof import TimeGrid
from volsculpt.market.history import History, history_of
from volsculpt.market.series import Bars, FundingRates, Label
from volsculpt.simulate.backtest import Costs
from volsculpt.simulate.history_run import run_history
from volsculpt.simulate.ran import Ran
from volsculpt.simulate.run_start import RunSpec
from volsculpt.units import HOUR_NS

Floats = np.ndarray[Any, np.dtype[np.float64]]
Flows = Callable[[int, int], list[tuple[str, str, float]]]
PERPETUAL = inverse()
LINEAR = linear()
BOOK = Book((vault(BTC=2.0), account("coinm", {"BTC": 0.5})))
PLAN = CollateralPlan(("vault",), (1.0, 2.0, 2.0, 3.0), cost=0.0002)


def no_flows(from_ns: int, to_ns: int) -> list[tuple[str, str, float]]:
    """Nothing comes or goes."""
    return []


def wandering(hours: int, seed: int, start: float = 60_000.0) -> Floats:
    """Closes of an hourly price."""
    dice = np.random.default_rng(seed)
    return start * np.exp(np.cumsum(0.01 * dice.standard_normal(hours)))


def bars_of(label: Label, closes: Floats, hours: float = 1.0) -> Bars:
    """Bars that open at the close before and reach half a per cent over and under both."""
    opens = np.concatenate([closes[:1], closes[:-1]])
    high, low = np.maximum(opens, closes) * 1.005, np.minimum(opens, closes) * 0.995
    stamps = at([row * hours for row in range(len(closes))])
    return Bars(label, round(hours * HOUR_NS), stamps, opens, floats(high), floats(low), closes)


def three(closes: Floats, rates: Sequence[float], hours: Sequence[float]) -> History:
    """Index, mark, last and funding of the inverse perpetual."""
    series = [bars_of(BTC, closes), bars_of(MARK, closes * 1.001), bars_of(LAST, closes * 1.0012)]
    return history_of([*series, funding(rates, hours)])


def funded(closes: Floats, seed: int) -> History:
    """The same with funding every eighth hour."""
    hours = list(range(0, len(closes) + 1, 8))
    rates = 0.0003 * np.random.default_rng(seed).standard_normal(len(hours))
    return three(closes, rates.tolist(), hours)


def asked(
    history: History,
    hedge: Hedge | None = None,
    contract: Contract = PERPETUAL,
    flows: Flows = no_flows,
    first_hour: int = 1,
    step_hours: int = 1,
    book: Book = BOOK,
    **other: Any,  # noqa: ANN401
) -> RunSpec:
    """A run over all of a history from its first whole bar."""
    end = max(one.end_ns for one in history.index.values())
    first = START_NS + first_hour * HOUR_NS
    aligned = align(history, TimeGrid(first, end, step_hours * HOUR_NS))
    legs = ((("coinm", contract, False),),)
    hedges = (hedge or fixed("BTC", 0.6),)
    limits, plans = Limits(max_leverage=4.0), (PLAN,)
    setup = Setup(book, hedges, legs, limits=limits, collateral=plans)
    return RunSpec(
        setup=setup,
        legs_at=lambda _: legs,
        aligned=aligned,
        costs=Costs(half_spread=0.0002),
        features=features_of(history, hedges, aligned.stamp_ns.tolist()),
        flows=flows,
        **other,
    )


def ran(history: History, run: Callable[..., None], **said: Any) -> Ran:  # noqa: ANN401
    """The finished run."""
    return run_history(asked(history, **said), run)


def without_funding(history: History) -> History:
    """The same history, its funding forgotten."""
    return History(history.index, history.mark, history.last, {})


def later(rates: FundingRates, from_ns: int, add: float) -> FundingRates:
    """Rates that differ from a time on."""
    changed = np.where(rates.stamp_ns > from_ns, rates.rate + add, rates.rate)
    return FundingRates(rates.label, rates.stamp_ns, changed, rates.interval_hours)
