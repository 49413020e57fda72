"""Accounts of a mandate, as statements tell them: tables of TOML, alone or in a mandate's text.

A mandate's own text stays as it is, comments and all, but for what the statement says: balances,
and contracts and entries of positions.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from volsculpt.errors import MandateError
from volsculpt.mandate.toml_text import key_text, number_text, quoted, written
from volsculpt.parsing import toml_of

HEAD = re.compile(r"^\s*\[\[\s*account\s*\]\]\s*(#.*)?$")
OWN = re.compile(r"^\s*\[+\s*account\s*\.")
POSITION = re.compile(r"^\s*\[\[\s*account\s*\.\s*position\s*\]\]")
ANY_HEAD = re.compile(r"^\s*\[")


@dataclass(frozen=True, slots=True)
class StatedPosition:
    """A position by the symbol of its contract: signed contracts, average entry."""

    symbol: str
    contracts: float
    entry: float


@dataclass(frozen=True, slots=True)
class StatedAccount:
    """An account as a mandate has it. positions: None where the statement tells none at all."""

    name: str
    kind: str
    venue: str
    balances: Mapping[str, float] = field(default_factory=dict)
    positions: Sequence[StatedPosition] | None = None

    def text(self) -> str:
        """Its tables as TOML."""
        lines = [
            "[[account]]",
            f"name = {quoted(self.name)}",
            f"kind = {quoted(self.kind)}",
            f"venue = {quoted(self.venue)}",
            f"balances = {self.balances_text()}",
        ]
        for one in self.positions or ():
            lines += ["", *position_lines(one)]
        return "\n".join(lines) + "\n"

    def balances_text(self) -> str:
        """Its balances as a value of TOML, coins in order."""
        return written(dict(sorted(self.balances.items())))


def position_lines(one: StatedPosition) -> list[str]:
    """The table of a position."""
    return [
        "[[account.position]]",
        f"contract = {quoted(one.symbol)}",
        f"contracts = {number_text(one.contracts)}",
        f"entry = {number_text(one.entry)}",
    ]


def merged_into(text: str, table: StatedAccount) -> str:
    """A mandate's text with an account as a statement tells it; added where there is none.

    MandateError: balances that are written as a table of their own.
    """
    lines = text.split("\n")
    span = _block(lines, table.name)
    if span is None:
        return text.rstrip("\n") + "\n\n" + table.text()
    begin, end = span
    block = lines[begin:end]
    if any(re.match(r"^\s*\[\s*account\s*\.\s*balances\s*\]", one) for one in block):
        raise MandateError(
            f"account {table.name!r}: its balances are a table of their own; write them in one "
            f"line, balances = {{ BTC = 1 }}, so that they can be replaced"
        )
    block = _with_balances(block, table)
    if table.positions is not None:
        block = _with_positions(block, table.positions)
    return "\n".join([*lines[:begin], *block, *lines[end:]])


def _block(lines: Sequence[str], name: str) -> tuple[int, int] | None:
    """From and to of the lines of an account; None where there is none of this name."""
    for begin in (n for n, line in enumerate(lines) if HEAD.match(line)):
        end = begin + 1
        while end < len(lines) and not (ANY_HEAD.match(lines[end]) and not OWN.match(lines[end])):
            end += 1
        while end > begin + 1 and _is_beside(lines[end - 1]):
            end -= 1  # what stands above the next table is of that
        if toml_of("\n".join(lines[begin:end]))["account"][0].get("name") == name:
            return begin, end
    return None


def _is_beside(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _with_balances(block: Sequence[str], table: StatedAccount) -> list[str]:
    """The account's lines with these balances, a remark behind them kept."""
    made = f"balances = {table.balances_text()}"
    for n, line in enumerate(block):
        if re.match(r"^\s*balances\s*=", line):
            rest = line.rpartition("}")[2].strip()
            return [*block[:n], f"{made}  {rest}".rstrip(), *block[n + 1 :]]
    at = next(n for n, line in enumerate(block) if re.match(r"^\s*name\s*=", line)) + 1
    return [*block[:at], made, *block[at:]]


def _with_positions(block: Sequence[str], positions: Sequence[StatedPosition]) -> list[str]:
    """The account's lines with these positions: known ones changed, new added, closed taken out."""
    left = {one.symbol: one for one in positions}
    found: list[str] = []
    for part in _parts(block):
        if not POSITION.match(part[0]):
            found += part
            continue
        symbol = toml_of("\n".join(["[[account]]", *part]))["account"][0]["position"][0]["contract"]
        held = left.pop(symbol, None)
        if held is not None:
            found += _replaced(part, held)
    for one in left.values():
        found += ["", *position_lines(one)]
    return found


def _parts(block: Sequence[str]) -> list[list[str]]:
    """The lines of an account, parted at each table of its own."""
    parts: list[list[str]] = []
    for line in block:
        if not parts or ANY_HEAD.match(line):
            parts.append([])
        parts[-1].append(line)
    return parts


def _replaced(part: Sequence[str], held: StatedPosition) -> list[str]:
    """A position's lines with other figures; all else stays."""
    figures = {"contracts": number_text(held.contracts), "entry": number_text(held.entry)}
    found = []
    for line in part:
        hit = re.match(rf"^(\s*)({'|'.join(map(key_text, figures))})\s*=\s*[^#\s]+(\s*#.*)?$", line)
        found.append(f"{hit[1]}{hit[2]} = {figures[hit[2]]}{hit[3] or ''}" if hit else line)
    return found
