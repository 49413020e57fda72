"""The market that a mandate needs: its contracts and coins, out of a history, on one clock."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from volsculpt.contracts.currencies import is_stable
from volsculpt.errors import ContractError, HistoryError, LifeError
from volsculpt.hedge.following import followed_before
from volsculpt.hedge.market_features import Features
from volsculpt.hedge.needs import contracts_of, needs_of, read_back_ns, series_of
from volsculpt.hedge.stored import features_of
from volsculpt.mandate.legs_used import days_of, days_run, ends_of, legs_over_time, needed_keys
from volsculpt.mandate.needed import check_ends, lacking_until, uses_of, with_unneeded
from volsculpt.mandate.objects import Mandate
from volsculpt.market.align import Aligned, align, clock_of
from volsculpt.market.history import History
from volsculpt.market.lacking import span_of
from volsculpt.market.nearest import instead_of
from volsculpt.market.times import interval_text
from volsculpt.units import iso, iso_day

RunSpan = tuple[int | None, int | None, int | None]  # from, to, step: ns, None = what there is


def open_market(
    mandate: Mandate,
    history: History | None,
    data: str | Path | None,
    span: RunSpan,
    from_first: bool = False,
) -> tuple[Aligned, History, list[str]]:
    """A run's history on its clock, the history itself, and what to warn of.

    Raises HistoryError: what is lacking, from when it is known, and the flag; ContractError: what
    did not exist, and what prices of it there are.

    Args: history: given, or None; data: the folder of a store, or None: the synthetic market where
    both are; span: (from, to, step), ns, None = left to the history; from_first: a start at which
    not everything is known yet moves to where it is, with a warning.
    """
    try:
        return _open_market(mandate, history, data, span, from_first)
    except LifeError as error:
        raise ContractError(f"{error}; {_kept_words(error.key, history, data)}") from None


def _kept_words(key: str, history: History | None, data: str | Path | None) -> str:
    """From when to when there are prices of a contract in what a run goes through.

    Args: key: "venue:symbol"; history, data: as `opened` takes them.
    """
    is_made_up = history is None and data is None
    if history is None and data is not None:
        from volsculpt.market.store import stored

        found = span_of(key, stored(Path(data)))
    else:
        if history is None:
            from volsculpt.market.synthetic import demo_market

            history = demo_market().history
        own = history.mark.get(key) or history.last.get(key)
        found = None if own is None else (int(own.stamps[0]), own.end_ns)
    if found is None and is_made_up:
        from volsculpt.mandate.made_up import OTHER_TIME

        return OTHER_TIME
    if found is None:
        return "there are no prices of it in this history, at no time"
    return f"prices of it are here from {iso_day(found[0])} to {iso_day(found[1])}"


def _open_market(
    mandate: Mandate,
    history: History | None,
    data: str | Path | None,
    span: RunSpan,
    from_first: bool,
) -> tuple[Aligned, History, list[str]]:
    """As `open_market`, whose arguments these are.

    Args: mandate, history, data, span, from_first: the same.
    """
    warnings: list[str] = []
    if history is None and data is None:
        history, given = made_up_for(mandate, span)
    else:
        given = history
    history, keys, coins = opened(mandate, history, data, span)
    if history.is_synthetic:
        from volsculpt.market.market_paths import synthetic_warning

        warnings.append(synthetic_warning(one.label.source for one in history.series))
    whole = ends_of(history, span[:2])
    held = [one.contract for account in mandate.book.accounts for one in account.positions]
    held += [one.contract for account in mandate.book.accounts for one in account.orders]
    uses = uses_of(held, legs_over_time(mandate), whole[0], whole[1])
    check_ends(history, uses, *whole)
    pegs = mandate.book.pegs
    priced = tuple(name for name in coins if name in history.index or is_stable(name, pegs))
    aligned = align(history, clock_of(history, *whole, span[2]), contracts=keys, currencies=priced)
    row, lacking = lacking_until(aligned, uses)
    if row:
        note = late_start(aligned, row, lacking, from_first or span[0] is None)
        warnings = [note, *warnings] if span[0] is not None else warnings
        clock = replace(aligned.clock, from_ns=int(aligned.stamp_ns[row]))
        aligned = align(history, clock, contracts=keys, currencies=priced)
    if span[1] is not None and aligned.clock.to_ns < span[1]:
        warnings.append(early_end(aligned, span[1]))
    by_key = {key: use.contract for key, use in uses.items()}
    lines = [*warnings, *aligned.warnings]
    return with_unneeded(aligned, by_key), with_fed(mandate, history, given, data, span), lines


def made_up_for(mandate: Mandate, span: RunSpan) -> tuple[History, History | None]:
    """(the made-up market that is run through where nothing else is named, and as one given).

    None as one given where it is the demo's: that has no more than what is run through.
    """
    from volsculpt.mandate.made_up import made_up_market

    history, is_demo = made_up_market(mandate, span[:2])
    return history, None if is_demo else history


def opened(
    mandate: Mandate, history: History | None, data: str | Path | None, span: RunSpan
) -> tuple[History, tuple[str, ...], tuple[str, ...]]:
    """(history, contracts, coins) of a run: the one given, or a store's.

    Args: history: given, or None; data: the folder of a store, where none is given; span: (from,
    to, step), ns, None = left to the history.
    """
    if history is None:
        assert data is not None
        from volsculpt.market.opening import LOOK_BACK_NS, open_history

        if span[0] is None or span[1] is None:
            raise HistoryError(
                "a run from a store needs --from and --to (in Python from_ns and to_ns, or the "
                "span of a RunRequest)"
            )
        keys, coins = needed_keys(mandate, days_of(span[0], span[1]))
        earlier = max(LOOK_BACK_NS, read_back_ns(mandate.hedges, mandate.overlays))
        pegs = mandate.book.pegs
        found = open_history(
            Path(data),
            keys,
            coins,
            *span[:2],
            index_venue=mandate.index_venue,
            look_back_ns=earlier,
            pegs=pegs,
        )
        return found, keys, coins
    keys, coins = needed_keys(mandate, days_run(history, span[:2]))
    missing = [key for key in keys if key not in history.contracts]
    if missing:
        raise HistoryError(
            f"no history of {instead_of(missing, history.contracts)}; --data names a folder "
            f"of your own, and `volsculpt data list` shows what it holds"
        )
    return replace(history.only(keys), pegs=mandate.book.pegs), keys, coins


def with_fed(
    mandate: Mandate,
    history: History,
    given: History | None,
    data: str | Path | None,
    span: RunSpan,
) -> History:
    """The history of a run, and beside it what features are fed of all it does not trade.

    Apart from what the run is opened with, so that no feature changes its clock or its start. It
    reaches to the run's last stamp, at which a plan would know of it.

    Args: history: of the run; given, data, span: what it was opened from.
    """
    needs = needs_of(mandate.hedges, mandate.overlays)
    coins = tuple(coin for coin in needs if coin not in history.index)
    contracts, values = contracts_of(needs), series_of(needs)
    if not (coins or contracts or values):
        return history
    if given is None and data is not None and span[1] is not None:
        from volsculpt.market.opening import StoreNames, history_between

        reached = (span[0], span[1] + 1)
        wanted = StoreNames(coins, contracts, values, mandate.index_venue, mandate.book.pegs)
        earlier = read_back_ns(mandate.hedges, mandate.overlays)
        given = history_between(Path(data), wanted, reached, earlier)
    whole = history if given is None else history.beside(given.only(contracts))
    return replace(whole, catalog=mandate.catalog)


def stored_knowledge(
    mandate: Mandate, time_ns: int, root: Path, memory: Sequence[Any] | None = None
) -> tuple[Features | None, Sequence[Any] | None]:
    """What the store lets policies know of the market at a time, and what they remember of it.

    Features: None where none of them asks.

    Args: time_ns: ns UTC; root: folder of the store; memory: what each remembers, None = nothing.
    """
    hedges, overlays = mandate.hedges, mandate.overlays
    needs = needs_of(hedges, overlays)
    if not needs:
        return None, memory
    from volsculpt.market.opening import StoreNames, history_before

    venue = mandate.index_venue
    wanted = StoreNames(
        tuple(needs), contracts_of(needs), series_of(needs), venue, mandate.book.pegs
    )
    history = history_before(root, time_ns, wanted, read_back_ns(hedges, overlays))
    history = replace(history, catalog=mandate.catalog)
    found = features_of(history, hedges, [time_ns], overlays)
    before = [None] * len(hedges) if memory is None else memory
    return found[0] if found else None, followed_before(history, hedges, before, time_ns)


def late_start(aligned: Aligned, row: int, lacking: list[str], may_move: bool) -> str:
    """The warning of a run that begins later than asked; HistoryError where it may not.

    Args: row: the first stamp at which all is known; lacking: what is not known before; may_move: a
    later start is allowed.
    """
    wanted, begins = iso(int(aligned.stamp_ns[0])), iso(int(aligned.stamp_ns[row]))
    what = ", ".join(lacking)
    if may_move:
        return f"moved_start: begins at {begins}, not {wanted}: before it {what} is not known"
    raise HistoryError(
        f"{what}: not known at all times it is needed from {wanted} on, only from {begins} on; "
        f"--from {begins} begins there, --from-first moves the start to where all is known, or "
        f"import more history"
    )


def early_end(aligned: Aligned, requested_ns: int) -> str:
    """The warning of a run whose last whole step ends before what was asked."""
    ends, step = iso(aligned.clock.to_ns), interval_text(aligned.clock.step_ns)
    return (
        f"early_end: ends at {ends}, not {iso(requested_ns)}: that is its last whole step of {step}"
    )
