"""The contracts that a mandate holds or may trade at any time, and the coins that go with them."""

from functools import cache, partial

from volsculpt.contracts.expiries import parse_symbol
from volsculpt.decide.build import LegsAt, UseLeg
from volsculpt.mandate.objects import Mandate
from volsculpt.market.gate import FIRST_NS, LAST_NS
from volsculpt.market.history import History, common_span
from volsculpt.units import DAY_NS


def days_run(history: History, ends: tuple[int | None, int | None]) -> list[int]:
    """`days_of` a run; ends left out are the first midnight UTC that is known, and the last.

    Args: history: whose coins all have prices in the run; ends: from and to, ns UTC or None.
    """
    start, end = ends_of(history, ends)
    return days_of(start, end)


def ends_of(history: History, ends: tuple[int | None, int | None]) -> tuple[int, int]:
    """From when to when a run goes, ns UTC; what is left out is filled in."""
    first, last = common_span(History(index=history.index))
    start = ends[0] if ends[0] is not None else -(-first // DAY_NS) * DAY_NS
    return start, ends[1] if ends[1] is not None else last


def needed_keys(mandate: Mandate, times: list[int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(contracts, coins) a run needs prices of: what is held, and what is used at any time."""
    accounts = mandate.book.accounts
    keys = {held.contract.key for one in accounts for held in one.positions}
    keys |= {order.contract.key for one in accounts for order in one.orders}
    used = map(legs_over_time(mandate), times)
    keys |= {contract.key for now in used for legs in now for _, contract, _ in legs}
    wrapped = mandate.book.wrapped
    assets = {name for one in accounts for name in one.balances}
    assets |= {flow.currency for flow in mandate.book.flows}
    assets |= {sent.currency for sent in mandate.book.transfers}
    coins = {wrapped[name].underlying if name in wrapped else name for name in assets}
    coins |= {hedge.underlying for hedge in mandate.hedges} | {mandate.numeraire}
    coins |= {sweep.into for sweep in mandate.book.sweeps if sweep.into is not None}
    parts = [parse_symbol(key.partition(":")[2]) for key in keys]
    coins |= {name for part in parts for name in (part.base, part.quote, part.settle)}
    return tuple(sorted(keys)), tuple(sorted(coins - {"USD"}))


def legs_at(mandate: Mandate, time_ns: int) -> tuple[tuple[UseLeg, ...], ...]:
    """The legs in use at a time, per hedge."""
    return tuple(tuple(mandate.legs(hedge, time_ns)) for hedge in mandate.hedges)


def legs_over_time(mandate: Mandate) -> LegsAt:
    """The legs in use at any time, looked up once where no rule picks contracts by the date.

    Without such a rule they are the same as long as each of them exists.
    """
    if any("@" in use.rule for hedge in mandate.hedges for use in hedge.use):
        return cache(partial(legs_at, mandate))
    kept: list[tuple[int, int, tuple[tuple[UseLeg, ...], ...]]] = []

    def found(time_ns: int) -> tuple[tuple[UseLeg, ...], ...]:
        """Those looked up last, while all of them live."""
        if not kept or not kept[0][0] <= time_ns < kept[0][1]:
            used = legs_at(mandate, time_ns)
            lives = [contract.life_ns for legs in used for _, contract, _ in legs]
            starts = [start for start, _ in lives if start is not None]
            ends = [end for _, end in lives if end is not None]
            kept[:] = [(max(starts, default=FIRST_NS), min(ends, default=LAST_NS), used)]
        return kept[0][2]

    return found


def days_of(from_ns: int, to_ns: int) -> list[int]:
    """A time a day from one time to another, and the last moment before it."""
    return [*range(from_ns, to_ns, DAY_NS), to_ns - 1]
