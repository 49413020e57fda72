"""From the store to what one run needs: the right series of each coin and contract."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from volsculpt.contracts.currencies import NO_PEGS, Pegs, is_stable, peg_of
from volsculpt.contracts.expiries import parse_symbol
from volsculpt.errors import HistoryError
from volsculpt.market.align import align
from volsculpt.market.asof import TimeGrid
from volsculpt.market.choosing import Reach, best
from volsculpt.market.history import History, history_of
from volsculpt.market.lacking import not_stored, span_words
from volsculpt.market.manifest import Manifest
from volsculpt.market.place import folder_of
from volsculpt.market.quotes import Quotes
from volsculpt.market.series import Role, Series, Values
from volsculpt.market.store import Span, load_all, stored
from volsculpt.market.streams import dated_by
from volsculpt.market.times import run_span
from volsculpt.units import DAY_NS, HOUR_NS, MomentLike, whole

LOOK_BACK_NS = 14 * DAY_NS
OLD_NS = HOUR_NS  # a price older than this is told


def open_history(
    root: str | Path,
    contracts: str | Iterable[str],
    currencies: str | Iterable[str] = (),
    from_ns: MomentLike | None = None,
    to_ns: MomentLike | None = None,
    *,
    index_venue: str | None = None,
    look_back_ns: int = 0,
    pegs: Pegs = NO_PEGS,
) -> History:
    """The stored series of contracts and of what they and the user name.

    Of several the one that `choosing` takes; the notes say which. Prices are read from
    `look_back_ns` before the span. A stablecoin may lack them: `align` takes it at its peg and
    warns. Raises HistoryError naming what is not stored.

    Args: root: folder of the store; contracts: "venue:symbol", one or several; currencies: names;
    from_ns, to_ns: a day, a time with its zone or ns UTC, None = as far as stored; index_venue: the
    venue of the index, where several are stored; look_back_ns: ns; pegs: what the owner tells of
    stablecoins.
    """
    root, (start, end, _) = folder_of(root, "root"), run_span(from_ns, to_ns)
    look_back_ns = _look_back(look_back_ns)
    if not isinstance(pegs, Mapping):
        raise HistoryError(f'pegs: {pegs!r:.60} is no dict; write {{"USDT": "USD"}}')
    span, contracts, currencies = (start, end), _names(contracts), _names(currencies)
    history = _opened(root, contracts, currencies, span, index_venue, look_back_ns, pegs)
    lacking = [key for key in contracts if key not in history.contracts]
    parts = [parse_symbol(key.partition(":")[2]) for key in contracts]
    coins = {*currencies, *(part.base for part in parts)}
    unknown = sorted(coin for coin in coins - {"USD"} if coin not in history.index)
    lacking += [coin for coin in unknown if not is_stable(coin, pegs)]
    if lacking:
        raise not_stored(root, lacking, stored(root), span_words(*span), index_venue=index_venue)
    return history


def _look_back(given: object) -> int:
    """Nanoseconds before a span, 0 or more; HistoryError for what is none."""
    found = whole(given)
    if found is None or found < 0:
        raise HistoryError(f"look_back_ns: {given!r:.60} is no whole number of nanoseconds")
    return found


def _names(given: object) -> tuple[str, ...]:
    """One name or several as several; HistoryError for what are none."""
    several = (given,) if isinstance(given, str) else given
    if not isinstance(several, Iterable) or not all(isinstance(one, str) for one in several):
        raise HistoryError(
            f'{given!r:.60} are no names; write contracts=["bybit:BTC/USD:BTC"], currencies=["BTC"]'
        )
    return tuple(several)


def with_values(
    history: History, root: Path, names: tuple[str, ...], to_ns: int | None = None
) -> History:
    """The same with stored values by name, from their beginning; the notes say what was taken.

    Of several publishers of one name the one that `choosing` takes. Raises HistoryError naming what
    is not stored.

    Args: root: folder of the store; names: as `data list` shows them ("fear_greed"); to_ns: ns UTC,
    values stamped from it on are left out, None = as far as stored.
    """
    every = stored(root)
    notes: list[str] = []
    span = (None, to_ns)
    taken = {name: best(every, name, "value", Reach(span), None, notes) for name in names}
    lacking = [name for name, one in taken.items() if one is None]
    if lacking:
        raise not_stored(root, lacking, every, span_words(*span), ("value",))
    found = load_all([one for one in taken.values() if one is not None], *span)
    values = history.values | {one.label.key: one for one in found if isinstance(one, Values)}
    return replace(history, values=values, notes=(*history.notes, *notes))


def quotes_at(
    root: Path,
    time_ns: int,
    contracts: tuple[str, ...],
    currencies: tuple[str, ...] = (),
    max_age_ns: int = DAY_NS,
    *,
    index_venue: str | None = None,
    look_back_ns: int = 0,
    pegs: Pegs = NO_PEGS,
) -> tuple[Quotes, tuple[str, ...]]:
    """Prices and funding as they were known at a time, from the store, and what was assumed.

    What is not stored, or older than `max_age_ns`, is left out: whoever needs it says so.

    Args: root: folder of the store; time_ns: ns UTC; contracts: "venue:symbol"; currencies: names;
    max_age_ns: ns; index_venue: the venue of the index, None: the best that is stored;
    look_back_ns: of features that are made from the same series, ns; pegs: what the owner tells of
    stablecoins.
    """
    span = (time_ns - LOOK_BACK_NS, time_ns + 1)
    history = _opened(root, contracts, currencies, span, index_venue, look_back_ns, pegs)
    usable = tuple(
        key
        for key in contracts
        if key in history.contracts and parse_symbol(key.partition(":")[2]).base in history.index
    )
    coins = tuple(sorted(history.index))
    if not usable and not coins:
        return Quotes(time_ns), ()
    got = align(
        history,
        TimeGrid(time_ns, time_ns, HOUR_NS),
        currencies=coins,
        contracts=usable,
        max_age_ns=max_age_ns,
    )
    index = {
        c: float(got.index.value[0, k]) for k, c in enumerate(coins) if got.index.available[0, k]
    }
    marks = {
        c: float(got.mark.value[0, k]) for k, c in enumerate(usable) if got.mark.available[0, k]
    }
    paid = [k for k in range(len(usable)) if got.funding.last_hours[0, k] > 0.0]
    rates = {usable[k]: float(got.funding.last_rate[0, k]) for k in paid}
    hours = {usable[k]: float(got.funding.last_hours[0, k]) for k in paid}
    ages = dict(zip((*coins, *usable), (*got.index.age_ns[0], *got.mark.age_ns[0]), strict=True))
    warnings = tuple(
        f"old_price: the last stored price of {name} is {age / HOUR_NS:.3g} hours old"
        for name, age in ages.items()
        if name in index | marks and age > OLD_NS
    )
    return Quotes(time_ns, index, marks, rates, hours), (*history.notes, *got.warnings, *warnings)


@dataclass(frozen=True, slots=True)
class StoreNames:
    """What is to be opened: names of coins, "venue:symbol" of contracts, names of values.

    index_venue: the venue of every index, where several are stored; None: the best. pegs: what the
    owner tells of stablecoins.
    """

    currencies: tuple[str, ...] = ()
    contracts: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    index_venue: str | None = None
    pegs: Pegs = field(default_factory=dict)


def history_before(root: Path, time_ns: int, wanted: StoreNames, look_back_ns: int) -> History:
    """What is stored up to a time, and `look_back_ns` before it, of the series `quotes_at` takes.

    What is not stored is left out: whoever needs it says so.

    Args: root: folder of the store; time_ns: ns UTC; look_back_ns: ns.
    """
    return history_between(root, wanted, (time_ns - LOOK_BACK_NS, time_ns + 1), look_back_ns)


def history_between(root: Path, wanted: StoreNames, span: Span, look_back_ns: int) -> History:
    """What is stored in a span, and `look_back_ns` before it; values from their beginning.

    What is not stored is left out: whoever needs it says so.

    Args: root: folder of the store; span: (from, to), ns UTC; look_back_ns: ns.
    """
    names = (wanted.contracts, wanted.currencies)
    opened = _opened(root, *names, span, wanted.index_venue, look_back_ns, wanted.pegs)
    values = (one for one in stored(root) if one.kind == "values")
    there = {one.label.key for one in values if span[1] is None or one.from_ns < span[1]}
    values_there = tuple(name for name in wanted.values if name in there)
    return with_values(opened, root, values_there, span[1]) if values_there else opened


def _opened(
    root: Path,
    contracts: tuple[str, ...],
    currencies: tuple[str, ...],
    span: Span,
    index_venue: str | None,
    look_back_ns: int = 0,
    pegs: Pegs = NO_PEGS,
) -> History:
    """What is stored of all that is named; quotes of what is taken are taken too, and pegs.

    The venue is that of coins that are named; what their prices are quoted in is taken of any.
    """
    every = stored(root)
    found: list[Series] = []
    notes: list[str] = []
    contracts = _each(contracts, every)
    parts = [parse_symbol(key.partition(":")[2]) for key in contracts]
    wanted = [*currencies, *(n for p in parts for n in (p.base, p.quote, p.settle))]
    by_venue = {one for one in (*currencies, *(p.base for p in parts)) if not is_stable(one, pegs)}
    done, reach = {"USD"}, Reach(span, look_back_ns)
    start = None if span[0] is None else span[0] - look_back_ns
    while wanted:
        fresh = [coin for coin in dict.fromkeys(wanted) if coin not in done]
        done.update(fresh)
        venues = [index_venue if coin in by_venue else None for coin in fresh]
        pairs = zip(fresh, venues, strict=True)
        taken = [best(every, coin, "index", reach, venue, notes) for coin, venue in pairs]
        read = load_all([one for one in taken if one is not None], start, span[1])
        found += read
        wanted = [one.label.quote for one in read]
        wanted += [peg for coin in fresh if (peg := peg_of(coin, pegs)) is not None]
    roles: tuple[Role, ...] = ("mark", "last", "funding")
    keyed = [(key, role) for key in dict.fromkeys(contracts) for role in roles]
    taken = [best(every, key, role, reach, None, notes) for key, role in keyed]
    found += load_all([one for one in taken if one is not None], start, span[1])
    return replace(history_of(found, tuple(notes)), pegs=pegs)


def _each(contracts: tuple[str, ...], every: list[Manifest]) -> tuple[str, ...]:
    """The contracts named; for a rule all that are stored and that it can mean.

    every: all that is stored.
    """
    if not any("@" in one for one in contracts):
        return contracts
    there = dict.fromkeys(one.label.key for one in every if one.role in ("mark", "last"))
    return tuple(
        key for one in contracts for key in (dated_by(one, there) if "@" in one else (one,))
    )
