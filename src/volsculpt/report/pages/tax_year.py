"""A report of gains and income in words, as JSON and as CSV."""

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from volsculpt.ledger.coin_lots import CoinDisposal, CoinLot, LotMethod
from volsculpt.ledger.coin_moves import EARNED, CoinMove, MoveKind, ValuedMove
from volsculpt.ledger.export import write_rows
from volsculpt.ledger.tax_year import HeldCoins, TaxYear
from volsculpt.report.document import Cells, Column, Grid, Line, Page, Section, capped_grid, grid_of
from volsculpt.text import NONE, coins, day, given, of_currency, without_dust
from volsculpt.units import DAY_NS, iso, iso_day

METHOD_WORDS: dict[LotMethod, str] = {
    "fifo": "first in, first out",
    "average": "average cost",
    "specific": "lots as chosen, others first in, first out",
}
KIND_WORDS: dict[MoveKind, str] = {
    "futures": "profit of contracts",
    "funding": "funding",
    "fee": "fees",
    "interest": "interest",
    "insurance": "insurance funds",
    "conversion": "traded for another",
    "flow": "deposits, withdrawals",
    "opening": "there at the beginning",
    "difference": "accepted differences",
    "transfer": "moved between own accounts",
}
HEAD = (
    *("row", "time", "move", "kind", "account", "contract", "coin", "coins", "lot", "since"),
    *("days_held", "worth", "cost", "gain"),
)

# --- page -----------------------------------------------------------------------------


def tax_page(name: str, found: TaxYear, full: bool) -> Page:
    """What was realised, by what it came from, and what is held at the end.

    Args: name: of the ledger; found: the report; full: every row, not sums alone.
    """
    money = _money(found.numeraire)
    gone = gone_grid(found.disposals, money) if full else gone_sums(found.disposals, money)
    paid = paid_grid(found.income, money) if full else paid_sums(found.income, money)
    sections = [
        Section("Realised", [realised_grid(found, money)]),
        Section("Coins that went", capped_grid(gone, "rows")),
        Section("What venues paid and took", capped_grid(paid, "rows")),
        Section("Held at the end", [grid_of(found.held, held_cells(money))]),
        Section("Notes", [Line(one, "bullet") for one in found.notes]),
    ]
    pool = ", lots by account" if found.rules.by_account else ""
    lead = f"in {found.numeraire}, {METHOD_WORDS[found.rules.method]}{pool}; times in UTC"
    shown = [one for one in sections if any(not isinstance(i, Grid) or i.rows for i in one.items)]
    return Page(f"Gains of {Path(name).name}, {span_words(found)}", lead, shown)


def span_words(found: TaxYear) -> str:
    """Worked: 2024; "all of it" where no time was asked for."""
    begun, end = found.span
    if begun is None or end is None:
        return "all of it"
    return iso_day(begun)[:4]


def _money(numeraire: str) -> Callable[[float], str]:
    """How sums in the numeraire are written."""
    return lambda number: of_currency(without_dust(number), numeraire)


def _coins_in_all(parts: Iterable[float]) -> str:
    """A sum of coins."""
    return coins(without_dust(math.fsum(parts)))


def realised_grid(found: TaxYear, money: Callable[[float], str]) -> Grid:
    """Gains of coins, each kind of income, and their sum."""
    rows = [("gains of coins that went", money(found.coin_gain))]
    earned = [(kind, found.earned(kind)) for kind in EARNED]
    rows += [(KIND_WORDS[kind], money(worth)) for kind, worth in earned if worth != 0.0]
    return Grid(
        (Column("what", left=True), Column(found.numeraire)), [*rows, ("all", money(found.total))]
    )


def gone_sums(disposals: Sequence[CoinDisposal], money: Callable[[float], str]) -> Grid:
    """Coins that went, summed by coin and by why."""
    ordered = sorted(disposals, key=_coin_and_why)
    rows = []
    for (coin, why), group in groupby(ordered, key=_coin_and_why):
        some = list(group)
        sums = (
            math.fsum(getattr(one, name) for one in some) for name in ("proceeds", "cost", "gain")
        )
        rows.append((coin, why, _coins_in_all(one.coins for one in some), *map(money, sums)))
    return Grid(
        (
            *(Column("coin", left=True), Column("why", left=True), Column("coins")),
            *(Column("worth then"), Column("cost"), Column("gain")),
        ),
        rows,
    )


def _coin_and_why(one: CoinDisposal) -> tuple[str, str]:
    return one.move.coin, why_words(one)


def why_words(one: CoinDisposal) -> str:
    """Why coins went. Worked: "funding", "withdrawn", "moved to own wallets"."""
    if one.is_moved:
        return "moved to own wallets"
    words = {"flow": "withdrawn", "futures": "losses of contracts"}
    return words.get(one.move.kind, KIND_WORDS[one.move.kind])


def gone_grid(disposals: Sequence[CoinDisposal], money: Callable[[float], str]) -> Grid:
    """Every lot that coins went from."""
    cells: Cells[CoinDisposal] = (
        (Column("day", left=True), lambda one: day(one.move.time_ns)),
        (Column("coin", left=True), lambda one: one.move.coin),
        (Column("why", left=True, spare=1), why_words),
        (Column("coins"), lambda one: coins(without_dust(one.coins))),
        (Column("had since"), lambda one: day(one.lot.time_ns)),
        (Column("worth then", spare=2), lambda one: money(one.proceeds)),
        (Column("cost", spare=2), lambda one: money(one.cost)),
        (Column("gain"), lambda one: money(one.gain)),
        (Column("move", spare=3), lambda one: one.move.move_id),
        (Column("lot", spare=3), lambda one: one.lot.lot_id),
    )
    return grid_of(disposals, cells)


def paid_sums(income: Sequence[ValuedMove], money: Callable[[float], str]) -> Grid:
    """What venues paid and took, summed by contract, kind and coin."""
    rows = []
    for (contract, kind, coin), group in groupby(sorted(income, key=_paid_for), key=_paid_for):
        some = list(group)
        held = _coins_in_all(one.move.coins for one in some)
        rows.append((contract, kind, held, coin, money(math.fsum(one.worth for one in some))))
    heads = (Column("contract", left=True), Column("what", left=True), Column("coins"))
    return Grid((*heads, Column("of", left=True), Column("worth then")), rows)


def _paid_for(one: ValuedMove) -> tuple[str, str, str]:
    return one.move.contract or NONE, KIND_WORDS[one.move.kind], one.move.coin


def paid_grid(income: Sequence[ValuedMove], money: Callable[[float], str]) -> Grid:
    """Everything that venues paid and took."""
    cells: Cells[ValuedMove] = (
        (Column("day", left=True), lambda one: day(one.move.time_ns)),
        (Column("contract", left=True, spare=1), lambda one: one.move.contract or NONE),
        (Column("what", left=True), lambda one: KIND_WORDS[one.move.kind]),
        (Column("coins"), lambda one: coins(without_dust(one.move.coins))),
        (Column("of", left=True), lambda one: one.move.coin),
        (Column("worth then"), lambda one: money(one.worth)),
    )
    return grid_of(income, cells)


def held_cells(money: Callable[[float], str]) -> Cells[HeldCoins]:
    """What of each coin is held, and what of its gain is not realised."""
    return (
        (Column("coin", left=True), lambda one: one.coin),
        (Column("coins"), lambda one: coins(without_dust(one.coins))),
        (Column("cost"), lambda one: money(one.cost)),
        (Column("worth"), lambda one: given(one.worth, money)),
        (Column("not realised"), lambda one: given(unrealised(one), money)),
    )


def unrealised(one: HeldCoins) -> float | None:
    """What coins that are held have gained; None where their price is not known."""
    return None if one.worth is None else one.worth - one.cost


# --- JSON -----------------------------------------------------------------------------


def tax_dict(name: str, found: TaxYear) -> dict[str, Any]:
    """What `ledger report --json` prints."""
    begun, end = found.span
    made = {
        "schema": 1,
        "ledger": name,
        "numeraire": found.numeraire,
        "method": found.rules.method,
        "lots_by": "account" if found.rules.by_account else "all",
        "from": None if begun is None else iso(begun),
        "to": None if end is None else iso(end),
        "coin_gain": found.coin_gain,
        "earned": {kind: found.earned(kind) for kind in EARNED},
        "total": found.total,
        "disposals": [_gone(one) for one in found.disposals],
        "income": [_valued(one) for one in found.income],
        "flows": [_valued(one) for one in found.flows],
        "lots_before": [_lot(one) for one in found.before],
        "lots_after": [_lot(one) for one in found.after],
        "held": [
            {
                "coin": one.coin,
                "coins": one.coins,
                "cost": one.cost,
                "worth": one.worth,
                "unrealised": unrealised(one),
            }
            for one in found.held
        ],
        "notes": found.notes,
    }
    return {key: _dusted(value) for key, value in made.items()}


def _dusted(value: Any) -> Any:  # noqa: ANN401
    """A value of the report with each figure without what rounding left of it."""
    if isinstance(value, float):
        return without_dust(value)
    if isinstance(value, dict):
        return {key: _dusted(one) for key, one in value.items()}
    return [_dusted(one) for one in value] if isinstance(value, list) else value


def _gone(one: CoinDisposal) -> dict[str, Any]:
    """Coins of one lot that went."""
    return {
        **_moved(one.move),
        "coins": one.coins,
        "lot": one.lot.lot_id,
        "since": iso(one.lot.time_ns),
        "days_held": (one.move.time_ns - one.lot.time_ns) // DAY_NS,
        "worth": one.proceeds,
        "cost": one.cost,
        "gain": one.gain,
        "moved": one.is_moved,
    }


def _valued(one: ValuedMove) -> dict[str, Any]:
    """Coins that came or went, and their worth then."""
    return {**_moved(one.move), "worth": one.worth}


def _moved(move: CoinMove) -> dict[str, Any]:
    """What moved coins, when and where."""
    return {
        "time": iso(move.time_ns),
        "move": move.move_id,
        "kind": move.kind,
        "account": move.account,
        "contract": move.contract,
        "coin": move.coin,
        "coins": move.coins,
    }


def _lot(one: CoinLot) -> dict[str, Any]:
    """An open lot."""
    lot = {"lot": one.lot_id, "coin": one.coin, "since": iso(one.time_ns), "account": one.account}
    return {**lot, "coins": one.coins, "cost": one.cost}


# --- CSV ------------------------------------------------------------------------------


def write_csv(found: TaxYear, out: Path) -> int:
    """Write every row under `HEAD`; how many. Figures have up to ten decimals."""
    rows = sorted([*_gone_rows(found.disposals), *_paid_rows(found.income)], key=lambda one: one[1])
    write_rows(HEAD, rows, out)
    return len(rows)


def _gone_rows(disposals: Iterable[CoinDisposal]) -> list[tuple[Any, ...]]:
    """A row a lot that coins went from."""
    return [("disposal", *_cells(_gone(one))) for one in disposals]


def _paid_rows(income: Iterable[ValuedMove]) -> list[tuple[Any, ...]]:
    """A row a payment."""
    return [("income", *_cells(_valued(one))) for one in income]


def _cells(row: dict[str, Any]) -> tuple[Any, ...]:
    """A row under `HEAD`, empty where it has no such figure."""
    return tuple("" if row.get(name) is None else _dusted(row[name]) for name in HEAD[1:])
