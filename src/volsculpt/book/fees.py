"""What an account pays to trade: its own fees and discount, else what its venue lists."""

from dataclasses import replace

from volsculpt.book.holdings import Book, OwnFees
from volsculpt.contracts.spec import Contract, Fees


def fees_at(own: OwnFees, contract: Contract, time_ns: int | None = None) -> Fees:
    """Fees of a contract in an account that states `own`, at a time (None: before any end).

    Its own of the symbol, else its own of every contract, else the catalog's; then fees above 0
    are lower by the discount, a rebate is not. Worked: taker 0.0005 with 10 % off is 0.00045.
    """
    symbol = own.by_symbol.get(contract.symbol, Fees())
    maker = _first(symbol.maker, own.maker, contract.fees.maker)
    taker = _first(symbol.taker, own.taker, contract.fees.taker)
    ended = time_ns is not None and own.until_ns is not None and time_ns >= own.until_ns
    left = 1.0 if ended else 1.0 - own.discount
    return replace(contract.fees, maker=_lower(maker, left), taker=_lower(taker, left))


def _first(*stated: float | None) -> float | None:
    """The first figure that is known."""
    return next((one for one in stated if one is not None), None)


def _lower(rate: float | None, left: float) -> float | None:
    """A fee after its discount; what is paid to the owner stays."""
    return rate * left if rate is not None and rate > 0.0 else rate


def fee_changes(book: Book, after_ns: int, to_ns: int) -> list[int]:
    """When discounts end in (after_ns, to_ns], in order."""
    ends = {one.fees.until_ns for one in book.accounts if one.fees.discount > 0.0}
    return sorted(end for end in ends if end is not None and after_ns < end <= to_ns)
