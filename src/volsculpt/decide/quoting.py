"""From prices by name to the flat quote, with a warning for each thing assumed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches

from volsculpt.book.flatten import Flat
from volsculpt.book.state import Quote
from volsculpt.contracts.catalog import load_catalog
from volsculpt.contracts.currencies import NO_PEGS, Pegs, peg_of, stands_for_words
from volsculpt.contracts.expiries import parse_symbol
from volsculpt.contracts.payoff import fair_price
from volsculpt.contracts.spec import Contract
from volsculpt.errors import ContractError, PriceError
from volsculpt.market.quotes import Quotes, merged
from volsculpt.text import found_price, percent, price

FAR_FROM_INDEX = 0.2
MOST_LISTED = 20  # names in a sentence


@dataclass(frozen=True, slots=True)
class Quoted:
    """The flat quote, what was assumed to make it, and which legs have a price of their own."""

    quote: Quote
    warnings: list[str]
    own_mark: list[bool]


def index_price(currency: str, quotes: Quotes, warnings: list[str], pegs: Pegs = NO_PEGS) -> float:
    """US dollars for one unit; a stablecoin without a price is worth its peg, with a warning.

    Raises PriceError for a price that is missing (`need_prices` tells of all at once).

    Args: currency: its name; warnings: one is added for a peg that is assumed; pegs: those that the
    owner tells of.
    """
    if currency in quotes.index:
        return quotes.index[currency]
    if currency == "USD":
        return 1.0
    need_prices([currency], quotes, pegs)
    peg = peg_of(currency, pegs)
    assert peg is not None, "what has neither a price nor a peg was refused"
    warnings.append(
        f"assumed_peg: {currency} is taken at 1 {peg}; give --price {currency}=PRICE to value it"
    )
    return index_price(peg, quotes, warnings, pegs)


def need_prices(currencies: Iterable[str], quotes: Quotes, pegs: Pegs = NO_PEGS) -> None:
    """Raise PriceError naming every price that is missing, as flags to fill in."""
    if quotes.index.get("USD", 1.0) != 1.0:
        raise PriceError(
            f"USD is what prices are counted in: its price is 1, not {quotes.index['USD']:g}; "
            f"take --price USD out"
        )
    lacking, pegged = lacking_prices(currencies, quotes, pegs)
    if lacking:
        words = missing_words(lacking, [name for name in pegged if name not in lacking])
        raise PriceError(words + name_words(lacking, quotes))


def name_words(lacking: list[str], quotes: Quotes) -> str:
    """What may be wrong with names that have no price: capitals, or a coin that is wrapped."""
    return other_case(lacking, quotes) + wrapped_words(lacking)


def lacking_prices(
    currencies: Iterable[str], quotes: Quotes, pegs: Pegs = NO_PEGS
) -> tuple[list[str], list[str]]:
    """(what has no price, stablecoins that some of it is the peg of)."""
    lacking: dict[str, None] = {}
    pegged: list[str] = []
    for name in currencies:
        worth = peg_of(name, pegs) or name
        if name not in quotes.index and worth not in quotes.index and worth != "USD":
            lacking[worth] = None
            pegged += [name] if worth != name else []
    return list(lacking), pegged


def other_case(lacking: list[str], quotes: Quotes) -> str:
    """Which given names differ from missing ones in capitals alone. Worked: eth for ETH."""
    raised = {one.upper() for one in lacking}
    near = [name for name in quotes.index if name.upper() in raised]
    return f"; {listed(near)} was given: write the name as the mandate does" if near else ""


def wrapped_words(lacking: list[str]) -> str:
    """How those that may be another coin, wrapped or staked, are counted as it. Worked: WBTC."""
    listed_coins = load_catalog().listed_coins()
    unlisted = [name for name in lacking[:MOST_LISTED] if name not in listed_coins]
    ways = [stands_for_words(name, listed_coins) for name in unlisted]
    return "".join(f"; {name}: {way}" for name, way in zip(unlisted, ways, strict=True) if way)


def missing_words(lacking: list[str], pegged: list[str]) -> str:
    """What is missing as flags to fill in. pegged: stablecoins that some of it is the peg of."""
    each = lacking[0] if len(lacking) == 1 else "of each"
    hint = ""
    if pegged:
        many = ("prices", "themselves do") if len(pegged) > 1 else ("a price", "itself does")
        hint = f"; {many[0]} of {listed(pegged)} {many[1]} too"
    flags = price_flags(lacking)
    return f"no price for {listed(lacking)}: add {flags} (US dollars for one {each}{hint})"


def price_flags(lacking: list[str]) -> str:
    """Options to fill in. Worked: "--price BTC=PRICE --price ETH=PRICE"."""
    flags = " ".join(f"--price {name}=PRICE" for name in lacking[:MOST_LISTED])
    return f"{flags} ..." if len(lacking) > MOST_LISTED else flags


def listed(names: list[str]) -> str:
    """Names in a sentence. Worked: [A, B, C] is "A, B and C"; of 50 the first 20 are named."""
    more = len(names) - MOST_LISTED
    names = [*names[:MOST_LISTED], f"{more:,} more"] if more > 0 else names
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def price_flag(contract: Contract, fair: float) -> str:
    """How a price is given: of a dated contract the venue's own, as the index shows no premium.

    fair: its index.
    """
    if contract.expiry_ns is None:
        return f"--price {contract.key}={fair:.10g}"
    return (
        f"the venue's price of that contract, --price {contract.key}=PRICE: at the index it earns "
        f"nothing"
    )


def mark_price(
    contract: Contract, index: dict[str, float], quotes: Quotes, warnings: list[str]
) -> float:
    """The contract's own price, else index with the warning assumed_mark.

    Args: index: US dollars by currency; warnings: those of this price are added.
    """
    fair: float = fair_price(index[contract.base], index[contract.quote], contract.base_count)
    given = quotes.contract.get(contract.key)
    if given is None:
        line = (
            f"assumed_mark: {contract.key} has no price of its own, so its mark is the index "
            f"{price(fair)}; give {price_flag(contract, fair)}"
        )
        if line not in warnings:
            warnings.append(line)
        return fair
    away = abs(given / fair - 1.0)
    if away > FAR_FROM_INDEX:
        warnings.append(
            f"mark_far_from_index: {contract.key} at {price(given)} is {percent(away)} away from "
            f"its index {price(fair)}; is it a typing error?"
        )
    return given


def unused_warnings(flat: Flat, quotes: Quotes, numeraire: str = "USD") -> list[str]:
    """A warning for each price or rate that names nothing of this book, with the nearest name."""
    keys = [contract.key for _, contract in flat.legs]
    names = [*flat.currencies, numeraire, "USD"]
    names += [peg for name in names if (peg := peg_of(name, flat.pegs)) is not None]
    found = []
    for code, given, expected in (
        ("unused_price", quotes.index, names),
        ("unused_price", quotes.contract, keys),
        ("unused_funding", quotes.funding, keys),
    ):
        for name in given:
            if name not in expected:
                near = [key for key in expected if f":{name}/" in key]
                near += get_close_matches(name, expected, n=1, cutoff=0.4)
                hint = f"; did you mean {near[0]}?" if near else ""
                found.append(f"{code}: nothing here is called {name}{hint}")
    return found


def flat_quote(flat: Flat, quotes: Quotes) -> Quoted:
    """Prices for every currency and leg of a flat book; PriceError names the flag to give."""
    warnings: list[str] = []
    need_prices(flat.currencies, quotes, flat.pegs)
    index = {name: index_price(name, quotes, warnings, flat.pegs) for name in flat.currencies}
    marks = [mark_price(contract, index, quotes, warnings) for _, contract in flat.legs]
    own = [contract.key in quotes.contract for _, contract in flat.legs]
    return Quoted(Quote([index[name] for name in flat.currencies], marks), warnings, own)


def beside(
    earlier: Quotes, given: Quotes, pegs: Pegs = NO_PEGS, *, is_stated: bool = False
) -> tuple[Quotes, tuple[str, ...]]:
    """`earlier` with what is given in its place, and a note for each mark that moved with it.

    A mark without a price given of its own is index x earlier mark / earlier index, as between two
    observations; where there is no earlier index of a given one it is left out, to be derived.
    Worked: 62,706.5 at an index of 62,772.01 is 99,895.6 at a given 100,000.

    Args: earlier: stored, or of a file; given: of a person; pegs: those that the owner tells of;
    is_stated: the earlier ones are given too: a mark moves with an index stated among them alone.
    """
    notes, marks = list[str](), dict[str, float]()
    for key, mark in earlier.contract.items():
        factor = 1.0 if key in given.contract else _moved_by(key, earlier, given, pegs, is_stated)
        if factor is None:
            continue
        marks[key] = mark * factor
        if factor != 1.0:
            notes.append(
                f"moved_mark: {key} is taken at {found_price(marks[key])}: its earlier price "
                f"{price(mark)}, moved as the prices given moved its index; give --price "
                f"{key}=PRICE"
            )
    return replace(merged(earlier, given), contract=marks | given.contract), tuple(notes)


def _moved_by(
    key: str, earlier: Quotes, given: Quotes, pegs: Pegs, is_stated: bool
) -> float | None:
    """New over earlier index of a contract; 1 where none of it is given, None: not known.

    Args: key: "venue:symbol"; the rest as `beside` takes them.
    """
    symbol, after, moved = key.partition(":")[2], merged(earlier, given), 1.0
    try:
        pair = parse_symbol(symbol)
    except ContractError:  # the name of nothing: `unused_warnings` tells it
        return moved
    for name, power in ((pair.base, 1.0), (pair.quote, -1.0)):
        is_new = name in given.index or (
            name not in earlier.index and peg_of(name, pegs) in given.index
        )
        if not is_new or (is_stated and name not in earlier.index):
            continue
        if lacking_prices([name], earlier, pegs)[0]:
            return None
        ratio = index_price(name, after, [], pegs) / index_price(name, earlier, [], pegs)
        moved *= ratio**power
    return moved
