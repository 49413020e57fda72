"""The market that a mandate needs: its contracts and coins, out of a history, on one clock."""

from dataclasses import replace
from pathlib import Path

from volsculpt.contracts.currencies import is_stable
from volsculpt.contracts.expiries import parse_symbol, shown
from volsculpt.decide.build import UseLeg
from volsculpt.errors import HistoryError
from volsculpt.hedge.features import half_lives_of, look_back_ns
from volsculpt.mandate.objects import Mandate
from volsculpt.market.align import Aligned, align, clock_of
from volsculpt.market.history import History, common_span
from volsculpt.market.nearest import instead_of

DAY_NS = 86_400_000_000_000
Span = tuple[int | None, int | None, int | None]  # from, to, step: ns, None = what there is


def needed_keys(mandate: Mandate, times: list[int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(contracts, coins) a run needs prices of: what is held, and what is used at any time."""
    accounts = mandate.book.accounts
    keys = {held.contract.key for one in accounts for held in one.positions}
    keys |= {order.contract.key for one in accounts for order in one.orders}
    for time_ns in times:
        for hedge in mandate.hedges:
            keys |= {contract.key for _, contract, _ in mandate.legs(hedge, time_ns)}
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
            raise HistoryError("a run from a store needs --from and --to")
        keys, coins = needed_keys(mandate, days_of(span[0], span[1]))
        earlier = max(LOOK_BACK_NS, look_back_ns(half_lives_of(mandate.hedges)))
        told = mandate.book.pegs
        history = open_history(Path(data), keys, coins, *span[:2], look_back_ns=earlier, pegs=told)
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
        history = replace(history.only(keys), pegs=mandate.book.pegs)
    if history.is_synthetic:
        warnings.append("synthetic: this market is made up; it proves nothing about real ones")
    span = whole_days(history, span)
    check_span(history, keys, span)
    priced = tuple(
        name for name in coins if name in history.index or is_stable(name, mandate.book.pegs)
    )
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
