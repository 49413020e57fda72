"""volsculpt: the whole hedge, exactly: inverse payoff, margin, funding, liquidation, whole lots."""

from collections.abc import Mapping
from typing import Any

from benchmarks import ours
from volsculpt.market.history import History
from volsculpt.simulate.ran import Ran
from volsculpt.simulate.run_start import RunStart, start_of


def prepare(market: Mapping[str, Any]) -> tuple[History, RunStart]:
    """The same market, made again from its seed, and the hedge on it, ready to be run."""
    history = ours.made_up(len(market["trade"]))
    return history, start_of(ours.asked_of(history))


def simulate(ready: tuple[History, RunStart]) -> Ran:
    """One run, prepared prices to wealth at every bar, positions and all that happened."""
    return ours.run(ready[1])


def report(ready: tuple[History, RunStart]) -> str:
    """Alignment, the run, a static one beside it, metrics with bootstrapped ranges."""
    text: str = ours.report(ready[0]).to_json()
    return text


def wealth(ran: Ran) -> float:
    """US dollars at the end."""
    return float(ours.wealth_usd(ran)[-1])
