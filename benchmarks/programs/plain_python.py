"""A plain Python loop over lists: the whole hedge, from the formulas; no report."""

from collections.abc import Mapping
from typing import Any

from benchmarks.plain_loop import Terms, hedge, tiers_of

TIERS = ((0.0, 0.005), (150.0, 0.01), (300.0, 0.015), (450.0, 0.02), (600.0, 0.025))
TERMS = Terms(10.0, 0.5, 0.02, 0.005, 0.00055, 0.0001, tiers_of(TIERS))
Ready = dict[str, list[float]]


def prepare(market: Mapping[str, Any]) -> Ready:
    """Columns as lists, which a plain loop reads four times as fast as arrays."""
    return {name: column.tolist() for name, column in market.items()}


def simulate(ready: Ready) -> list[float]:
    """Wealth at every bar."""
    return hedge(ready, TERMS)


def wealth(ran: list[float]) -> float:
    """US dollars at the end."""
    return ran[-1]
