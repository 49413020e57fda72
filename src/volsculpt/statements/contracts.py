"""Contracts of statements: which one a name is, and which fills build a position from nothing.

A fill counts as one where the position before it is known. Of a position that was there before the
file begins no entry price is told, so until it is closed its fills are cash alone: profit, fee.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from math import isclose

from volsculpt.contracts.catalog import Catalog
from volsculpt.contracts.spec import Contract
from volsculpt.errors import ContractError, HistoryError
from volsculpt.market.instruments import read_instrument
from volsculpt.statements.chain import loose_ends
from volsculpt.statements.forms import StatementForm
from volsculpt.statements.rows import ZERO, StatementRow

LONG = re.compile(r"\b(buy|long)\b", re.IGNORECASE)
SHORT = re.compile(r"\b(sell|short)\b", re.IGNORECASE)
CLOSE = re.compile(r"\bclose\b", re.IGNORECASE)  # of a long is a sale, of a short a purchase
OPEN = re.compile(r"\bopen\b", re.IGNORECASE)


def contract_of(text: str, form: StatementForm, coin: str, catalog: Catalog) -> Contract | None:
    """The contract that a venue's name means; None for one that the catalog does not know.

    Args: text: the name; form: of the file; coin: that it settles in, empty where that is not told;
    catalog: of contracts.
    """
    return _found(text, form.venue, coin, catalog)


@lru_cache(maxsize=4_096)
def _found(text: str, venue: str, coin: str, catalog: Catalog) -> Contract | None:
    made = read_instrument(text, venue, None)
    if made is None or made.quote is None:
        return None
    settle = coin or made.settle or (made.base if made.quote == "USD" else made.quote)
    day = f"-{made.day}" if made.day else ""
    try:
        return catalog.get(venue, f"{made.base}/{made.quote}:{settle}{day}")
    except ContractError:
        return None


def signed_size(one: StatementRow) -> Decimal | None:
    """What a fill traded, + bought; None where the row does not tell."""
    if one.meaning == "position":
        return one.change
    if one.size is None or one.size == 0:
        return None
    is_close = CLOSE.search(one.side) is not None
    if LONG.search(one.side):
        return -abs(one.size) if is_close else abs(one.size)
    if SHORT.search(one.side):
        return abs(one.size) if is_close else -abs(one.size)
    return None


def contracts_in(size: Decimal, contract: Contract, form: StatementForm) -> float:
    """A size as a number of contracts. Worked: 0.5 BTC of 0.001 BTC each are 500."""
    return float(size) if form.counts == "contracts" else float(size) / contract.multiplier


def fills_with_position(
    rows: Sequence[StatementRow], contract: Contract, form: StatementForm, held: float
) -> set[int]:
    """Places of the fills of one contract before which the position is known.

    Args: rows: fills of one contract by time; contract: it; form: of the file; held: contracts that
    the books have of it before.
    """
    steps = [_step(one) for one in rows]
    if any(step is None for step in steps):
        return set()
    stated = [step for step in steps if step is not None and step[1] is not None]
    if len(stated) < len(rows):
        start = held if form.counts == "contracts" else held * contract.multiplier
        if is_possible(rows, start):
            return set(range(len(rows)))
        if held != 0.0:
            raise HistoryError(
                f"{rows[0].where}: the trades of {rows[0].contract} from here on cannot have begun "
                f"at the {held:g} contracts that the ledger holds of it: they close more than was "
                f"opened, or tell a profit where nothing is closed; export the time from the last "
                f"import on without a gap, or begin a new ledger"
            )
        return set()
    ways = [(before, after, row) for before, after, row in stated if after is not None]
    begins, ends = loose_ends(ways)
    opening = begins[0][0] if begins else ways[0][0]
    first = _first_with_position(ways, opening, held, contract, form)
    inside = [after - before for before, after, _ in ways[first:]]
    base = opening if first == 0 else ZERO
    final = ends[0][0] if ends else ways[-1][1]
    if len(begins) > 1 or base + sum(inside, ZERO) != final:
        return set()  # rows are missing, or of one second and in no order
    return set(range(first, len(rows)))


def lacks_opening_position(rows: Sequence[StatementRow], held: float) -> bool:
    """Whether no row says what was held before trades, and the books hold none. held: contracts."""
    return held == 0.0 and any(one.meaning == "fill" and one.position is None for one in rows)


def is_possible(rows: Sequence[StatementRow], start: float) -> bool:
    """Whether trades that tell no position can have begun at one, as the file counts: + long.

    Nothing closes more than was opened, and no profit is made by what only opens.
    """
    long, short = (Decimal(repr(max(0.0, side * start))) for side in (1.0, -1.0))
    for one in rows:
        size = signed_size(one) or ZERO
        if CLOSE.search(one.side):
            long, short = (long + size, short) if size < 0 else (long, short - size)
        elif OPEN.search(one.side):
            long, short = (long + size, short) if size > 0 else (long, short - size)
        else:
            if one.profit != 0 and (long - short) * size >= 0:
                return False
            net = long - short + size
            long, short = max(ZERO, net), max(ZERO, -net)
        if min(long, short) < 0:
            return False
    return True


def _step(one: StatementRow) -> tuple[Decimal, Decimal | None, StatementRow] | None:
    """(position before, after, row) of a fill; after is None where it is not told."""
    size = signed_size(one)
    if size is None:
        return None
    after = one.balance if one.meaning == "position" else one.position
    return (ZERO if after is None else after - size, after, one)


def _first_with_position(
    ways: Sequence[tuple[Decimal, Decimal, StatementRow]],
    opening: Decimal,
    held: float,
    contract: Contract,
    form: StatementForm,
) -> int:
    """Place of the first fill that begins at a known position: the books', or none at all.

    Args: ways: before, after and row of each fill; opening: position before the first; held:
    contracts of the books; contract: it; form: of the file.
    """
    if isclose(contracts_in(opening, contract, form), held, rel_tol=1e-9, abs_tol=1e-9):
        return 0
    flat = (n + 1 for n, (_, after, _) in enumerate(ways) if after == 0)
    return next(flat, len(ways))


def by_contract(rows: Sequence[StatementRow]) -> Mapping[str, list[StatementRow]]:
    """Fills of each contract by its name in the file, by time."""
    found: dict[str, list[StatementRow]] = {}
    for one in rows:
        found.setdefault(one.contract, []).append(one)
    return found
