"""The contracts that venues list: the built-in catalog, and a user's own file over it.

    catalog = load_catalog()
    catalog.get("bybit", "BTC/USD:BTC")
    catalog.resolve("bybit", "BTC/USD:BTC@quarter", time_ns, roll_days=7)

A venue is read when it is first asked for: `data/NAME.toml`, and over it `data/NAME.json`, which
`scripts/catalog.py` writes. Times are int64 ns UTC, intervals [from, to).
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from volsculpt.contracts.catalog_build import (
    Family,
    contract_of,
    dated_entry,
    family_of,
    merged,
)
from volsculpt.contracts.catalog_file import CatalogEntry, entries_of, parse_file
from volsculpt.contracts.counted import counted
from volsculpt.contracts.expiries import (
    RULES,
    day_by_rule,
    days_around,
    parse_symbol,
    rules_shown,
    yymmdd,
)
from volsculpt.contracts.spec import Contract
from volsculpt.errors import ContractError, LifeError
from volsculpt.units import iso

_DATA = Path(__file__).parent / "data"
NAMED = 8  # symbols that a message names
_NOT_VENUES = ("currencies",)  # figures beside those of venues
# A venue is built in when the catalog has a file of its name: data/NAME.toml.
BUILT_IN = tuple(sorted(file.stem for file in _DATA.glob("*.toml") if file.stem not in _NOT_VENUES))


@dataclass(frozen=True, slots=True)
class _Shelf:
    """What one venue lists, by symbol, in the order of its files."""

    contracts: dict[str, Contract]
    families: dict[str, Family]


class Catalog:
    """Contracts by venue and symbol. Made by `load_catalog`."""

    def __init__(self, over: Iterable[CatalogEntry] = ()) -> None:
        """`over`: entries of a user's file, laid over the built-in ones."""
        self._over: dict[str, list[CatalogEntry]] = {}
        for entry in over:
            self._over.setdefault(entry.venue, []).append(entry)
        self._shelves: dict[str, _Shelf] = {}
        self._freed_from: Catalog | None = None  # whose contracts these are without largest orders

    def venues(self) -> list[str]:
        """All venues, built-in and the user's, sorted."""
        return sorted({*BUILT_IN, *self._over})

    def get(self, venue: str, symbol: str, time_ns: int | None = None) -> Contract:
        """The contract of a symbol: a perpetual, or a dated one such as BTC/USD:BTC-241227.

        With `time_ns` (ns UTC) also checked to exist at that time. Raises ContractError
        for an unknown venue or symbol, a day on which nothing expires, or a time outside
        the contract's life.
        """
        shelf = self._shelf(venue)
        contract = shelf.contracts.get(symbol)
        if contract is None:
            contract = _from_family(shelf, venue, symbol)
        if time_ns is not None:
            _check_alive(contract, time_ns)
        return contract

    def resolve(
        self, venue: str, symbol_or_rule: str, time_ns: int, roll_days: float = 0.0
    ) -> Contract:
        """The contract that a symbol or a rule means at a time.

        A rule is a pair and @quarter, @next_quarter, @month or @week: the nearest expiry of
        that calendar with more than `roll_days` days left ("@next_quarter": the one after).
        Raises ContractError as `get` does, and for a rule the family has no calendar for.

        Args: venue: its name; symbol_or_rule: "BTC/USD:BTC-241227" or "BTC/USD:BTC@quarter";
        time_ns: when, ns UTC; roll_days: days, 0 or more, of a rule alone.
        """
        pair, at, rule = symbol_or_rule.partition("@")
        if not at:
            return self.get(venue, symbol_or_rule, time_ns)
        family = self._family(venue, pair)
        if rule in RULES and RULES[rule][0] not in family.calendars:
            raise ContractError(
                f"{venue}:{symbol_or_rule}: {venue} lists {pair} by "
                f"{', '.join(family.calendars)}, not by {RULES[rule][0]}; use one of "
                f"{', '.join('@' + name for name in family.calendars)}"
            )
        try:
            day = day_by_rule(rule, family.instant_ns, time_ns, roll_days)
        except ContractError as error:
            raise ContractError(f"{venue}:{symbol_or_rule}: {error}") from None
        return self.get(venue, f"{pair}-{yymmdd(day)}", time_ns)

    def contracts(self, venue: str | None = None) -> list[Contract]:
        """The perpetuals, and what a user's file adds with a date; of one venue or of all."""
        return [
            c for name in self._searched_venues(venue) for c in self._shelf(name).contracts.values()
        ]

    def families(self, venue: str | None = None) -> list[Family]:
        """The families of dated contracts; of one venue or of all."""
        return [
            f for name in self._searched_venues(venue) for f in self._shelf(name).families.values()
        ]

    def perpetuals(self, venue: str, base: str, payoff: str | None = None) -> list[Contract]:
        """The perpetuals of a venue on one base coin, all or only of one payoff.

        ``perpetuals("bybit", "BTC", "inverse")`` is what "inverse perpetual" means there.
        """
        return [
            contract
            for contract in self.contracts(venue)
            if contract.expiry_ns is None
            and contract.base == base
            and payoff in (None, contract.payoff)
        ]

    def without_largest_orders(self) -> "Catalog":
        """The same contracts, for one who sends as many orders as a trade takes."""
        made = Catalog()
        made._over, made._freed_from = self._over, self
        return made

    def listed_coins(self) -> set[str]:
        """The coins that a perpetual or dated contract of any venue is on."""
        return {one.base for one in self.contracts()} | {f.template.base for f in self.families()}

    def on_coin(self, text: str) -> tuple[str, list[Contract], list[Family]]:
        """(coin, its contracts, its families) of all venues, from a name as people write it.

        "sol" is SOL and "1000SHIB" SHIB. Raises ContractError for a coin that no venue has.
        """
        every, dated = self.contracts(), self.families()
        listed = sorted(self.listed_coins())
        meant = (text, counted(text)[0], text.upper(), counted(text.upper())[0])
        coin = next((name for name in meant if name in listed), None)
        if coin is None:
            near = get_close_matches(text.upper(), listed, 1)
            fix = f'did you mean "{near[0]}"? ' if near else ""
            raise ContractError(
                f"no venue of the catalog has a contract on {text!r}; {fix}it has "
                f"{', '.join(listed)}; others can be given in a contracts file (docs/mandate.md, "
                f"Contracts of your own)"
            )
        of_coin = [one for one in every if one.base == coin]
        return coin, of_coin, [one for one in dated if one.template.base == coin]

    def _searched_venues(self, venue: str | None) -> list[str]:
        return self.venues() if venue is None else [venue]

    def _family(self, venue: str, pair: str) -> Family:
        shelf = self._shelf(venue)
        family = shelf.families.get(pair)
        if family is None:
            offered = ", ".join(shelf.families) or "none"
            raise ContractError(
                f"{venue} has no dated contracts of {pair!r}; it has them of: {offered} "
                f"(rules: {rules_shown()})"
            )
        return family

    def _shelf(self, venue: str) -> _Shelf:
        if venue not in self._shelves:
            if venue not in BUILT_IN and venue not in self._over:
                near = get_close_matches(venue.lower(), self.venues(), 1)
                fix = f'did you mean "{near[0]}"? ' if near else ""
                raise ContractError(
                    f"venue {venue!r} is unknown; {fix}known: {', '.join(self.venues())}; "
                    f"others can be added in a contracts file"
                )
            if self._freed_from is not None:
                self._shelves[venue] = _without_largest(self._freed_from._shelf(venue))
                return self._shelves[venue]
            entries = _built_in(venue) if venue in BUILT_IN else ()
            self._shelves[venue] = _shelf_of([*entries, *self._over.get(venue, [])])
        return self._shelves[venue]


def load_catalog(user_file: Path | None = None) -> Catalog:
    """The built-in catalog, with the contracts and figures of `user_file` laid over it.

    Raises ContractError for a file that is missing or wrong.
    """
    return Catalog() if user_file is None else _catalog_over(_read(user_file))


def read_contracts(path: str | Path) -> list[Contract]:
    """The contracts that a user's file names, completed from the built-in catalog.

    Raises ContractError for a file that is missing or wrong.
    """
    if not isinstance(path, str | Path):
        raise ContractError(
            f'path: {path!r:.60} is no file; write the path of one, as "contracts.toml"'
        )
    entries = _read(Path(path))
    catalog = _catalog_over(entries)
    return [catalog.get(one.venue, one.symbol) for one in entries if not one.is_family]


def _catalog_over(entries: list[CatalogEntry]) -> Catalog:
    """A catalog whose named venues are built now, so that a wrong file is refused at once."""
    catalog = Catalog(entries)
    for venue in {entry.venue for entry in entries}:
        catalog.contracts(venue)
    return catalog


def _read(path: Path) -> list[CatalogEntry]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise ContractError(f"{path}: the contracts file cannot be read: {error}") from None
    return parse_file(text, str(path), unsourced=f"given in {path.name}")


@cache
def _built_in(venue: str) -> tuple[CatalogEntry, ...]:
    """The entries of a built-in venue, parsed once: those written by hand, then the generated."""
    text = (_DATA / f"{venue}.toml").read_text(encoding="utf-8")
    entries = parse_file(text, f"built-in {venue}.toml", unsourced=None)
    generated = _DATA / f"{venue}.json"
    if generated.exists():
        raw = json.loads(generated.read_text(encoding="utf-8"))
        entries += entries_of(raw, f"built-in {generated.name}", unsourced=None)
    return tuple(entries)


def _shelf_of(entries: list[CatalogEntry]) -> _Shelf:
    """Entries merged in order, then built."""
    contracts: dict[str, CatalogEntry] = {}
    families: dict[str, CatalogEntry] = {}
    for entry in sorted(entries, key=lambda one: not one.is_family):  # families first
        held = families if entry.is_family else contracts
        base = held.get(entry.symbol)
        if base is None and not entry.is_family:
            base = _family_entry(entry, families)
        held[entry.symbol] = entry if base is None else merged(base, entry)
    return _Shelf(
        {symbol: contract_of(entry) for symbol, entry in contracts.items()},
        {symbol: family_of(entry) for symbol, entry in families.items()},
    )


def _without_largest(shelf: _Shelf) -> _Shelf:
    """A shelf on which no order is too large."""

    def freed(one: Contract) -> Contract:
        return replace(one, orders=replace(one.orders, market_most=None, limit_most=None))

    families = {s: replace(one, template=freed(one.template)) for s, one in shelf.families.items()}
    return _Shelf({s: freed(one) for s, one in shelf.contracts.items()}, families)


def _family_entry(entry: CatalogEntry, families: dict[str, CatalogEntry]) -> CatalogEntry | None:
    """What its family says about a dated contract that a file names."""
    symbol = parse_symbol(entry.symbol)
    family = families.get(symbol.pair)
    return None if symbol.day is None or family is None else dated_entry(family, entry.symbol)


def _from_family(shelf: _Shelf, venue: str, symbol: str) -> Contract:
    """A dated contract made from its family; raises ContractError naming what is near."""
    if "@" in symbol:
        raise ContractError(f"{venue}:{symbol} is a rule; it means a contract only at a time")
    named = {c.native_symbol: c.symbol for c in shelf.contracts.values() if c.native_symbol}
    if symbol in named:
        raise ContractError(f"{venue} calls it {symbol}; write {named[symbol]!r} here")
    try:
        parsed = parse_symbol(symbol)
    except ContractError as error:
        raise ContractError(f"{venue}: {error}. {_near(shelf, symbol)}") from None
    family = shelf.families.get(parsed.pair)
    if parsed.day is None or family is None:
        raise ContractError(f"{venue} has no contract {symbol!r}; {_near(shelf, symbol)}")
    if not family.lists(parsed.day):
        near = [f"{parsed.pair}-{yymmdd(d)}" for d in days_around(family.calendars, parsed.day)]
        raise ContractError(
            f"{venue} has no contract {symbol!r}: {parsed.pair} expires there by "
            f"{', '.join(family.calendars)}; the nearest are {' and '.join(near)}"
        )
    return family.dated(parsed.day)


def _near(shelf: _Shelf, symbol: str) -> str:
    """A hint for messages: the nearest symbol, or the first of them."""
    names = [*shelf.contracts, *(f"{pair}-YYMMDD" for pair in shelf.families)]
    near = get_close_matches(symbol.upper(), names, 1)
    if near:
        return f"did you mean {near[0]!r}?"
    more = len(names) - NAMED
    rest = f" and {more} more (volsculpt contracts list)" if more > 0 else ""
    return f"known: {', '.join(names[:NAMED])}{rest}"


def _check_alive(contract: Contract, time_ns: int) -> None:
    """Raise LifeError when the contract does not exist at `time_ns`."""
    start, end = contract.life_ns
    if start is not None and time_ns < start:
        raise LifeError(
            contract.key, f"exists from {iso(start)} on; the time asked for is {iso(time_ns)}"
        )
    if end is not None and time_ns >= end:
        raise LifeError(
            contract.key,
            f"exists until {iso(end)}; the time asked for is {iso(time_ns)}; a rule such as "
            f"{contract.symbol.partition('-')[0]}@quarter picks a living one",
        )
