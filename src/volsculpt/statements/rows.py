"""Rows of a statement: cells as figures, with the file and row they are from.

Figures are decimals, as the venue writes them, so that balances add up exactly.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import polars as pl

from volsculpt.errors import HistoryError
from volsculpt.market.clocks import times
from volsculpt.market.tables import FileTable
from volsculpt.statements.forms import Meaning, StatementForm
from volsculpt.units import HOUR_NS, MINUTE_NS

NOTHING = ("", "-", "--", "none", "null", "nan")
ZERO = Decimal(0)
_OFFSET = re.compile(r"(?:UTC|GMT)\s*([+-])\s*-?(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)
_SHORT = r"^(\d{2}-\d{2}-\d{2}[ T])"


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One row. Figures are None where the file has none; fee + paid, once its sign is known.

    change: of the balance, all in all. entry_id: of the venue, or made of the row's own cells.
    kind: its own words. size: as the file counts, without a sign where `side` says it.
    """

    path: Path
    row: int
    time_ns: int
    entry_id: str
    group: str
    kind: str
    meaning: Meaning | None
    coin: str
    change: Decimal
    fee: Decimal = ZERO
    fee_coin: str = ""
    funding: Decimal = ZERO
    profit: Decimal = ZERO
    balance: Decimal | None = None
    wallet: str = ""
    contract: str = ""
    size: Decimal | None = None
    side: str = ""
    price: Decimal | None = None
    position: Decimal | None = None
    entry: Decimal | None = None
    is_spot: bool | None = None

    @property
    def where(self) -> str:
        """How messages name it."""
        return f"{self.path.name}: row {self.row}"


class RowReader:
    """Reads the rows of one table of one form."""

    def __init__(self, table: FileTable, form: StatementForm, zone: str | None) -> None:
        """zone: of times without one, as the user says it: UTC, UTC+8."""
        self.table, self.form = table, form
        self.names = form.found(table.frame.columns)
        self.cells: dict[str, list[str]] = {
            ours: [_text(one) for one in table.frame[theirs].to_list()]
            for ours, theirs in self.names.items()
        }
        self.zone = zone

    @property
    def place(self) -> str:
        """How messages call the table."""
        return self.table.place

    def rows(self) -> list[StatementRow]:
        """Every row that has an entry id, or whose form has none."""
        stamps = self._times()
        ids = self._ids()
        rows = [self._row(n, stamps[n], ids[n]) for n in range(self.table.frame.height)]
        return _with_fees(rows, self.form, self.place)

    def text(self, name: str, n: int) -> str:
        """A cell; empty where there is none."""
        cell = self.cells[name][n] if name in self.cells else ""
        return "" if cell.lower() in NOTHING else cell

    def figure(self, name: str, n: int) -> Decimal | None:
        """A cell as a number; None where it is empty. HistoryError names a cell that is none."""
        cell = self.text(name, n)
        if not cell:
            return None
        try:
            found = Decimal(cell.replace(",", "").replace("\u2212", "-").lstrip("+"))
        except InvalidOperation:
            found = Decimal("NaN")
        if not found.is_finite():
            raise HistoryError(
                f"{self.place}: row {n + 1}: {self.names[name]} is {cell!r}, which is no number; "
                f"export the file again"
            )
        return found

    def _times(self) -> list[int]:
        """ns UTC of each row."""
        cells = pl.Series(self.names["time"], self.cells["time"])
        if self.form.short_years:
            cells = cells.str.replace(_SHORT, "20$1")
        zone = self.zone or self.form.zone or _zone_in(self.table.above, self.table.path.name)
        shift = offset_ns(zone) if zone is not None else 0
        stamps, _ = times(cells, None if zone is None else "UTC", self.place)
        return [int(one) - shift for one in stamps.to_list()]

    def _ids(self) -> list[str]:
        """The venue's id of each row; where it gives none, one made of the row's own cells."""
        counts: Counter[str] = Counter()
        found = []
        for n in range(self.table.frame.height):
            one = self.text("id", n)
            if one:
                full = (one, self._kind(n), self.text("coin", n))
                found.append(one if self.form.unique_ids else " ".join(filter(None, full)))
            else:
                made = self._made_id(n)
                counts[made] += 1
                found.append(made if counts[made] == 1 else f"{made}-{counts[made]}")
        return found

    def _shared_id(self, n: int) -> str:
        """The id of a row where others may have it too."""
        return "" if self.form.unique_ids else self.text("id", n)

    def _made_id(self, n: int) -> str:
        """An id of a row's own cells: the same row of another file has the same."""
        cells = "|".join(f"{name}={self.cells[name][n]}" for name in sorted(self.cells))
        return hashlib.sha256(cells.encode()).hexdigest()[:20]

    def _kind(self, n: int) -> str:
        """The row's own words for what it is."""
        words = [self.text("type", n), self.text("action", n) if self._has_actions() else ""]
        return " ".join(one for one in words if one)

    def _has_actions(self) -> bool:
        """Whether the form's kinds are told by a second word too."""
        return any("|" in key for key in self.form.kinds)

    def _row(self, n: int, time_ns: int, entry_id: str) -> StatementRow:
        """One row as it stands; fees have the file's sign."""
        form = self.form
        meaning = form.meaning(self.text("type", n), self.text("action", n))
        coin, contract = self.text("coin", n), self.text("contract", n)
        fee = self.figure("fee", n) or ZERO
        if meaning == "cash" and "_" in coin:
            meaning, contract = "position", contract or coin
        if (
            meaning is not None
            and form.fee == "paid"
            and "id" in self.names
            and not self.text("id", n)
        ):
            meaning = "nothing"  # not booked yet: it comes again with its id
        return StatementRow(
            path=self.table.path,
            row=n + 1,
            time_ns=time_ns,
            entry_id=entry_id,
            group=self.text("group", n) or self._shared_id(n),
            kind=self._kind(n),
            meaning=meaning,
            coin=form.coin(coin),
            change=self._change(n, fee),
            fee=fee,
            fee_coin=form.coin(self.text("fee_coin", n) or coin),
            funding=self.figure("funding", n) or ZERO,
            profit=self.figure("profit", n) or ZERO,
            balance=self.figure("balance", n),
            wallet=f"{self.text('wallet', n)} {coin}".strip(),
            contract=contract,
            size=self.figure("size", n),
            side=self.text("side", n) or self.text("action", n),
            price=self.figure("price", n),
            position=self.figure("position", n),
            entry=self.figure("entry", n),
            is_spot=self._is_spot(n),
        )

    def _change(self, n: int, fee: Decimal) -> Decimal:
        """How the balance changed: as told, from before to after, or the amount less the fee."""
        change = self.figure("change", n)
        if change is not None:
            return change
        before, after = self.figure("before", n), self.figure("balance", n)
        if before is not None and after is not None:
            return after - before
        return (self.figure("amount", n) or ZERO) - fee

    def _is_spot(self, n: int) -> bool | None:
        """Whether a trade is of coins, not of contracts; None where the file does not tell."""
        if "category" in self.cells:
            return self.text("category", n).lower() == "spot"
        return not self.text("action", n) if "action" in self.cells else None


def _text(cell: Any) -> str:  # noqa: ANN401 - whatever a column holds
    return "" if cell is None else str(cell).strip()


def _zone_in(*texts: str) -> str | None:
    """A zone that a text names: "Time Zone:UTC+8", "…(UTC--6).csv"."""
    found = next((hit for text in texts if (hit := _OFFSET.search(text))), None)
    return None if found is None else found.group(0)


def offset_ns(zone: str) -> int:
    """How far clocks of a zone are ahead of UTC. Worked: "UTC+8" is eight hours, "UTC" none.

    Raises HistoryError for what is no offset.
    """
    if zone.upper() in ("UTC", "GMT", "Z"):
        return 0
    hit = _OFFSET.fullmatch(zone.strip())
    if hit is None:
        raise HistoryError(f"zone {zone!r} is no offset from UTC; write UTC, UTC+8 or UTC-3:30")
    sign = -1 if hit[1] == "-" or "--" in zone else 1
    return sign * (int(hit[2]) * HOUR_NS + int(hit[3] or 0) * MINUTE_NS)


def _with_fees(rows: list[StatementRow], form: StatementForm, place: str) -> list[StatementRow]:
    """Rows whose fees are + paid."""
    if form.fee == "paid":
        return rows
    if form.fee == "received":
        return [replace(one, fee=-one.fee) for one in rows]
    signs = _inferred_signs(rows, place)
    return [
        replace(one, fee=one.fee * signs["fee"], funding=one.funding * signs["funding"])
        for one in rows
    ]


def _inferred_signs(rows: Sequence[StatementRow], place: str) -> Mapping[str, int]:
    """Signs that make change = profit + funding - fee of every row; + fee is paid.

    Raises HistoryError naming the first row for which none does.
    """
    signed = [one for one in rows if one.profit or one.funding or one.fee]
    tried = [(fee, funding) for fee in (1, -1) for funding in (1, -1)]
    wrong: dict[tuple[int, int], StatementRow | None] = {}
    for fee, funding in tried:
        off = (one for one in signed if not _adds_up(one, fee, funding))
        wrong[fee, funding] = next(off, None)
        if wrong[fee, funding] is None:
            return {"fee": fee, "funding": funding}
    worst = max((one for one in wrong.values() if one is not None), key=lambda one: one.row)
    raise HistoryError(
        f"{place}: row {worst.row}: a change of {worst.change} is not its cash flow {worst.profit} "
        f"with funding {worst.funding} and fee {worst.fee}; the file was changed, or is of another "
        f"form: export it again"
    )


def _adds_up(one: StatementRow, fee: int, funding: int) -> bool:
    """Whether a row's parts are its change, but for the last digit."""
    off = one.change - one.profit - funding * one.funding + fee * one.fee
    return abs(off) <= Decimal("1e-9") + abs(one.change) * Decimal("1e-9")
