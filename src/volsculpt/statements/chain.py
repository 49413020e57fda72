"""Whether the rows of a statement are all there: each balance begins where another one ended.

Rows of one second stand in any order, so order is not asked: every row leads from a balance to
another, and all of them together lead from one balance, before the first, to one, after the last.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from volsculpt.errors import HistoryError
from volsculpt.statements.rows import StatementRow

LooseEnds = list[tuple[Decimal, StatementRow]]
GRID = Decimal("1e-7")  # what venues round balances to, at the most


@dataclass(frozen=True, slots=True)
class BalanceSpan:
    """A balance before the first row and after the last."""

    coin: str
    opening: Decimal
    final: Decimal


def balance_spans(rows: Iterable[StatementRow], *, gaps: bool) -> list[BalanceSpan]:
    """Balances of each wallet that tells them, in order of wallets.

    Raises HistoryError that names a row whose balance before it no other row ended with. gaps: rows
    may be missing; then balances are those of the first and of the last row by time.
    """
    wallets: dict[str, list[StatementRow]] = {}
    for one in rows:
        if one.balance is not None and one.meaning != "position":
            wallets.setdefault(one.wallet, []).append(one)
    return [_span(found, gaps=gaps) for _, found in sorted(wallets.items())]


def _span(rows: list[StatementRow], *, gaps: bool) -> BalanceSpan:
    """The two ends of one wallet."""
    ordered = sorted(rows, key=lambda one: one.time_ns)
    begins, last = loose_ends([(_before(one), one.balance or Decimal(0), one) for one in rows])
    if len(begins) == len(last) == 1:
        return BalanceSpan(rows[0].coin, begins[0][0], last[0][0])
    if begins and not gaps:
        first = ordered[0]
        value, one = next((pair for pair in begins if pair[1] is not first), begins[-1])
        raise HistoryError(
            f"{one.where}: the balance of {one.coin} before it is {value}, and no other row ends "
            f"with that, so rows between are missing; export the whole time at once and "
            f"unfiltered, give all parts together, or say --allow-gaps"
        )
    final = ordered[-1].balance
    return BalanceSpan(rows[0].coin, _before(ordered[0]), final or Decimal(0))


def _before(one: StatementRow) -> Decimal:
    return (one.balance or Decimal(0)) - one.change


def loose_ends(
    steps: Sequence[tuple[Decimal, Decimal, StatementRow]],
) -> tuple[LooseEnds, LooseEnds]:
    """Where steps (from, to, row) begin and no other ends, and where they end and none begins."""
    starts = [(begin, row) for begin, _, row in steps]
    ends = [(end, row) for _, end, row in steps]
    return _without(starts, ends), _without(ends, starts)


def _without(some: LooseEnds, others: LooseEnds) -> LooseEnds:
    """Those that match none of the others but for rounding, each of which is matched once."""
    there: dict[int, int] = {}
    for value, _ in others:
        there[_cell(value)] = there.get(_cell(value), 0) + 1
    left = []
    for value, row in some:
        near = next((n for n in _near(value) if there.get(n, 0) > 0), None)
        if near is None:
            left.append((value, row))
        else:
            there[near] -= 1
    return left


def _cell(value: Decimal) -> int:
    return int((value / GRID).to_integral_value())


def _near(value: Decimal) -> tuple[int, int, int]:
    cell = _cell(value)
    return cell, cell - 1, cell + 1
