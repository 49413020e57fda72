"""Figures of whole backtests: mandates of every kind through a made-up market."""

from collections.abc import Iterable, Iterator
from dataclasses import astuple, fields
from functools import cache

import numpy as np

from tests.simulate.plain import plainly
from tests.snapshots.books import Figures, Words
from tests.snapshots.mandates import MANDATES, mandate_of
from volsculpt.market.history import History
from volsculpt.market.synthetic import SyntheticSpec, make
from volsculpt.report.rows.backtest_events import Events, events_of
from volsculpt.simulate.backtest import Costs
from volsculpt.simulate.record import BacktestRecord, arrays_of
from volsculpt.simulate.run import RunRequest, run_mandate

HOURS = 100 * 24
LISTS = tuple(one.name for one in fields(Events))


@cache
def market() -> History:
    """Two coins, their perpetuals and dated futures, until a quarter has ended."""
    return make(SyntheticSpec(7, HOURS)).history


def curves(record: BacktestRecord) -> Figures:
    """Each array of the record, added up by its place; where there is nothing it counts as -1."""
    found = {}
    for place, array, _ in arrays_of(record):
        weights = np.arange(1, len(array) + 1)
        found[place] = [float(weights @ np.where(np.isnan(array), -1.0, array))]
    return found


def happened(record: BacktestRecord) -> Figures:
    """Of each list how many there are, and its figures added up by their place."""
    found, events = {}, events_of(record.events)
    for name in LISTS:
        rows = [numbers(astuple(event)) for event in getattr(events, name)]
        sums = [sum(place * one for place, one in enumerate(row, 1)) for row in rows]
        found[name] = [float(len(rows)), float(sum(n * one for n, one in enumerate(sums, 1)))]
    return found


def numbers(row: Iterable[object]) -> Iterator[float]:
    """The numbers of a row, those of rows in it too."""
    for one in row:
        if isinstance(one, tuple):
            yield from numbers(one)
        elif isinstance(one, float):
            yield one


def says(record: BacktestRecord) -> Words:
    """What the record says in words."""
    events = events_of(record.events)
    reasons = [getattr(one, "reason", "") for one in (*events.orders, *events.refusals)]
    places = [one.name for one in record.groups] + [one.account for one in record.wallets]
    return {
        "warnings": list(record.warnings),
        "notes": [*record.notes, record.static_words],
        "reasons": reasons,
        "places": places,
    }


def figures(name: str) -> Iterator[tuple[str, Figures | Words]]:
    """(what, its figures) of one mandate's backtest."""
    request = RunRequest((None, None, None), Costs(0.0002, 0.0001), allow_missing_funding=False)
    with plainly():
        record = run_mandate(mandate_of(name), market(), None, request)
    yield "curves", curves(record)
    yield "happened", happened(record)
    yield "says", says(record)


NAMES = list(MANDATES)
