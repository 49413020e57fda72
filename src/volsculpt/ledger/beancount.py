"""A ledger as a beancount journal: https://beancount.github.io, plain-text double entry.

Its names obey stricter rules than ours: parts of an account begin with a capital or a digit,
commodities are up to 24 capitals, digits and - . _ '. What is written at the venue stays beside
as metadata. Amounts are decimals that read back as the same number, written move by move, so
that beancount finds every transaction to balance exactly.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, timedelta
from decimal import Context, Decimal
from itertools import groupby
from pathlib import Path
from typing import Any, TextIO

from volsculpt.ledger.export import replacing, table_rows
from volsculpt.ledger.ledger import Ledger
from volsculpt.units import iso_day

LONGEST = 24  # letters of a commodity
DAY = len("2024-05-20")
EXACT = Context(prec=400)  # no sum of floats needs more digits than this keeps
LEAST = 1e-60  # beancount reads no longer numbers; nothing that is owned is as small
ROUNDED_TO = 20  # digits, of the 28 that beancount adds with, that are sure to be right


class Names:
    """Legal names for ours, the same each time, and never one for two."""

    def __init__(self, legal: Callable[[str], str], longest: int) -> None:
        self._legal, self._longest = legal, longest
        self.legal: dict[str, str] = {}
        self._used: set[str] = set()

    def of(self, name: str) -> str:
        """The legal name; a number is added where two of ours would share one."""
        if name not in self.legal:
            plain = self._legal(name)[: self._longest]
            made, number = plain, 2
            while made in self._used:
                made = f"{plain[: self._longest - len(str(number)) - 1]}-{number}"
                number += 1
            self.legal[name] = made
            self._used.add(made)
        return self.legal[name]


def legal_commodity(name: str) -> str:
    """Worked: "bybit:BTC/USD:BTC" is "BYBIT-BTC-USD-BTC", "1INCH" is "X1INCH", "T" is "T-X".

    Of one too long the end is kept, where the expiry stands: "binance:BTC/USDT:USDT-241227" is
    "BTC-USDT-USDT-241227".
    """
    plain = re.sub(r"[^A-Z0-9]+", "-", name.upper()).strip("-") or "X"
    if len(plain) >= LONGEST:
        cut = plain[1 - LONGEST :]
        plain = cut[cut.find("-") + 1 :] if "-" in cut[:-1] else cut
    plain = plain if plain[0].isalpha() else f"X{plain}"
    return plain if len(plain) > 1 else f"{plain}-X"


def legal_part(name: str) -> str:
    """Worked: "coinm" is "Coinm", "my vault" is "My-vault", "-" is "X"."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-") or "X"
    return plain[0].upper() + plain[1:]


class Journal:
    """What has been named and opened while a journal is written."""

    def __init__(self) -> None:
        self.commodities = Names(legal_commodity, LONGEST)
        self.parts = Names(legal_part, 200)
        self.sums: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}  # net, and of sizes

    def account(self, ours: str) -> str:
        """Worked: "assets:coinm:BTC" is "Assets:Coinm:BTC"."""
        kind, _, rest = ours.partition(":")
        name, colon, last = rest.rpartition(":")
        parts = [name, last] if kind == "assets" and colon else [rest]
        return ":".join([kind.capitalize(), *map(self.parts.of, parts)])

    def line(self, account: str, commodity: str, amount: float) -> str:
        """One posting; what it adds to its account is kept for the end."""
        number = Decimal(repr(amount)) if abs(amount) >= LEAST else Decimal(0)
        where, what = self.account(account), self.commodities.of(commodity)
        net, gross = self.sums.get((where, what), (Decimal(0), Decimal(0)))
        self.sums[where, what] = EXACT.add(net, number), EXACT.add(gross, abs(number))
        return f"  {where}  {number:f} {what}\n"


def export_beancount(ledger: Ledger, out: Path) -> int:
    """Write the postings as a beancount journal; how many transactions.

    LedgerError: the file cannot be written. Closes with a balance assertion for every account
    of assets, a day after the last event, so that beancount checks the sums too.
    """
    journal, count, day = Journal(), 0, ""
    body = out.with_name(f"{out.name}.body")
    try:
        with replacing(out) as part, body.open("w+", encoding="utf-8") as held:
            for (seq, time, kind), rows in _transactions(ledger):
                day = max(day, time[:DAY])
                held.write(_transaction(journal, seq, time, kind, rows))
                count += 1
            held.seek(0)
            with part.open("w", encoding="utf-8") as file:
                _write(file, journal, _first_day(ledger), held, day, ledger.name)
    finally:
        with suppress(OSError):  # as of `replacing`
            body.unlink(missing_ok=True)
    return count


def _transactions(ledger: Ledger) -> Iterator[tuple[tuple[int, str, str], Iterator[Any]]]:
    """Postings of one event after another."""
    rows = table_rows(ledger, "postings")
    return groupby(rows, key=lambda row: (row[0], row[1], row[3]))


def _transaction(journal: Journal, seq: int, time: str, kind: str, rows: Iterator[Any]) -> str:
    head = f'{time[:DAY]} * "{kind}"\n  seq: {seq}\n  time: "{time}"\n'
    return head + "".join(journal.line(*row[5:]) for row in rows) + "\n"


def _first_day(ledger: Ledger) -> str:
    """The earliest day of any event: clocks may have been set back between two."""
    times = (row.time_ns for row in ledger.store.rows(1, ()))
    return iso_day(min(times, default=0))


def _write(file: TextIO, journal: Journal, first: str, body: TextIO, last: str, name: str) -> None:
    """Head, opened accounts, transactions, and what every account holds at the end."""
    file.write(f'option "title" "{_quoted(name)}"\n\n')
    for ours, legal in sorted(journal.commodities.legal.items()):
        file.write(f'{first} commodity {legal}\n  name: "{_quoted(ours)}"\n')
    for account in sorted({account for account, _ in journal.sums}):
        file.write(f"{first} open {account}\n")
    file.write("\n")
    for line in body:
        file.write(line)
    for (account, commodity), (net, gross) in sorted(journal.sums.items()):
        if account.startswith("Assets:"):
            allowed = gross.scaleb(-ROUNDED_TO) + Decimal("1e-30")
            balance = f"{net:f} ~ {allowed:.40f} {commodity}"
            file.write(f"{_next_day(last)} balance {account}  {balance}\n")


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _next_day(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
