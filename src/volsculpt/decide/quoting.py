"""From prices by name to the flat quote, with a warning for each thing assumed."""

from dataclasses import dataclass
from difflib import get_close_matches

from volsculpt.book.flatten import Flat
from volsculpt.book.state import Quote
from volsculpt.contracts.currencies import is_fiat, is_stable
from volsculpt.contracts.spec import Contract
from volsculpt.errors import PriceError
from volsculpt.market.quotes import Quotes

FAR_FROM_INDEX = 0.2


@dataclass(frozen=True, slots=True)
class Quoted:
    """The flat quote, what was assumed to make it, and which legs have a price of their own."""

    quote: Quote
    warnings: list[str]
    own_mark: list[bool]


def index_price(currency: str, quotes: Quotes, warnings: list[str]) -> float:
    """US dollars for one unit; a stablecoin without a price is taken at 1 with a warning."""
    if currency == "USD" and quotes.index.get("USD", 1.0) != 1.0:
        raise PriceError(
            f"USD is what prices are counted in: its price is 1, not {quotes.index['USD']:g}; "
            f"take --price USD out"
        )
    if currency in quotes.index:
        return quotes.index[currency]
    if currency == "USD":
        return 1.0
    if is_stable(currency):
        warnings.append(
            f"assumed_peg: {currency} is taken at 1 USD; give --price {currency}=0.9995 to value it"
        )
        return 1.0
    example = "1.08" if is_fiat(currency) else "60000"
    raise PriceError(
        f"no price for {currency}: add --price {currency}={example} (US dollars for one {currency})"
    )


def mark_price(
    contract: Contract, index: dict[str, float], quotes: Quotes, warnings: list[str]
) -> float:
    """The contract's own price, else index with the warning assumed_mark."""
    fair = index[contract.base] / index[contract.quote]
    given = quotes.contract.get(contract.key)
    if given is None:
        line = (
            f"assumed_mark: {contract.key} has no price of its own, so its mark is the index "
            f"{fair:.10g}; give --price {contract.key}={fair:.10g}"
        )
        if line not in warnings:
            warnings.append(line)
        return fair
    if abs(given / fair - 1.0) > FAR_FROM_INDEX:
        warnings.append(
            f"mark_far_from_index: {contract.key} at {given:.10g} is "
            f"{abs(given / fair - 1.0):.0%} away from its index {fair:.10g}; is it a typing error?"
        )
    return given


def unused_warnings(flat: Flat, quotes: Quotes) -> list[str]:
    """A warning for each price or rate that names nothing of this book, with the nearest name."""
    keys = [contract.key for _, contract in flat.legs]
    names = [*flat.currencies, "USD"]
    found = []
    for given, known in ((quotes.index, names), (quotes.contract, keys), (quotes.funding, keys)):
        for name in given:
            if name not in known:
                near = get_close_matches(name, known, n=1, cutoff=0.4)
                hint = f"; did you mean {near[0]}?" if near else ""
                found.append(f"unused_price: nothing here is called {name}{hint}")
    return found


def flat_quote(flat: Flat, quotes: Quotes) -> Quoted:
    """Prices for every currency and leg of a flat book; PriceError names the flag to give."""
    warnings: list[str] = []
    index = {name: index_price(name, quotes, warnings) for name in flat.currencies}
    marks = [mark_price(contract, index, quotes, warnings) for _, contract in flat.legs]
    own = [contract.key in quotes.contract for _, contract in flat.legs]
    return Quoted(Quote([index[name] for name in flat.currencies], marks), warnings, own)
