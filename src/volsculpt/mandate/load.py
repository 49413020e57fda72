"""Reading a mandate: text, then tables, then a Mandate; every problem found is reported."""

import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from volsculpt.book.holdings import Book
from volsculpt.contracts.catalog import Catalog, load_catalog
from volsculpt.errors import ContractError, MandateError
from volsculpt.mandate.accounts import (
    check_spelling,
    check_weights,
    read_accounts,
    read_assets,
    read_flows,
    read_sweeps,
    read_transfers,
)
from volsculpt.mandate.hedges import read_hedges
from volsculpt.mandate.intentions import (
    read_collateral,
    read_limits,
    read_overlays,
    read_overrides,
)
from volsculpt.mandate.locations import Problems
from volsculpt.mandate.macro import read_macro
from volsculpt.mandate.migrations import NEWEST, migrate
from volsculpt.mandate.objects import Mandate
from volsculpt.mandate.odd import add_odd
from volsculpt.mandate.policies import NO_FILE
from volsculpt.mandate.reading import Reading
from volsculpt.mandate.tables import BY_DATE, MandateTable
from volsculpt.mandate.wording import collect
from volsculpt.parsing import toml_of
from volsculpt.units import duration_ns

DESK_TABLES = {"desk", "guard", "send"}
DATABASE = b"SQLite format 3\0"  # how a ledger's file begins
PERCENT = re.compile(r"=\s*([+-]?\d+(?:\.\d+)?)\s*%")
THOUSANDS = re.compile(r"=\s*([+-]?\d{1,3}(?:,\d{3})+)(?!\d)")


def load_mandate(path: str | Path) -> Mandate:
    """The mandate in a TOML file, with the files it names.

    Raises MandateError (every problem found, a line each) or PolicyError (a Python file).
    """
    path = Path(path)
    text = _text_of(path)
    if not text.strip():
        raise MandateError(f"{path}: is empty; `volsculpt init {path} --force` writes a mandate")
    return parse_mandate(text, path)


def _text_of(path: Path) -> str:
    """What stands in a mandate's file. Raises MandateError for what is none."""
    try:
        content = path.read_bytes()
        if content.startswith(DATABASE):
            raise MandateError(
                f"{path}: is a database, as a ledger is, and no mandate; name the mandate, a TOML "
                f"file (`volsculpt status {path}` reads a ledger)"
            )
        return content.decode("utf-8-sig")
    except FileNotFoundError:
        raise MandateError(f"{path}: no such file; `volsculpt init` writes a mandate") from None
    except UnicodeDecodeError:
        raise MandateError(f"{path}: is not UTF-8 text; save it as UTF-8") from None
    except ValueError as error:
        raise MandateError(f"{str(path)!r:.200} is no path: {error}; name a file") from None
    except IsADirectoryError:
        raise MandateError(f"{path}: is a folder; name the mandate in it, a TOML file") from None
    except OSError as error:
        raise MandateError(
            f"{path}: cannot be read: {error.strerror}; allow reading it, or name another file"
        ) from None


def parse_mandate(text: str, path: Path | None = None) -> Mandate:
    """The mandate in a TOML text. Files it names are beside `path`; None allows none.

    Raises MandateError (every problem found, a line each) or PolicyError (a Python file).
    """
    file = str(path) if path is not None else "mandate"
    try:
        content = toml_of(text)
    except tomllib.TOMLDecodeError as error:
        raise MandateError(f"{file}: {_syntax(str(error), text)}") from None
    return read_content(content, path)


def read_content(content: dict[str, Any], path: Path | None = None) -> Mandate:
    """The mandate in what a TOML text holds; as `parse_mandate`."""
    reading = _first_reading(content, path)
    read_accounts(reading)
    mandate = _second_reading(reading)
    reading.problems.stop_if_any()
    return mandate


def _syntax(message: str, text: str) -> str:
    """What the TOML reader says, with the line first, and what to write instead where it shows."""
    what, _, place = message.partition(" (at ")
    hint = '; text needs "quotes"' if what == "Invalid value" else ""
    row = re.match(r"line (\d+)", place)
    lines = text.splitlines()
    line = lines[int(row[1]) - 1] if row and int(row[1]) <= len(lines) else ""
    percent, comma = PERCENT.search(line), THOUSANDS.search(line)
    if percent:
        hint = f"; write {float(percent[1]) / 100.0:g} for {percent[1]} %"
    elif comma:
        hint = f"; write {comma[1].replace(',', '_')} for {comma[1]}"
    return f"{place.removesuffix(')') or 'text'}: is not valid TOML: {what}{hint}"


def _first_reading(content: dict[str, Any], path: Path | None) -> Reading:
    """The tables with the right keys and types; MandateError with all that are not."""
    problems = Problems(path, content)
    try:
        content = problems.data = migrate(content, problems.file)
    except MandateError as error:
        version = content.get("version")
        if isinstance(version, int) and version > NEWEST:
            raise
        problems.lines += error.problems
        content = {**content, "version": NEWEST}
    add_odd(problems)
    try:
        tables = MandateTable.model_validate(content)
        problems.stop_if_any()
    except ValidationError as error:
        collect(error, problems)
        raise MandateError(problems.lines) from None
    return Reading(tables, problems, _catalog(tables, problems, path), path)


def _catalog(tables: MandateTable, problems: Problems, path: Path | None) -> Catalog:
    """The contract catalog, with the mandate's own contracts laid over it."""
    if tables.contracts_file is None:
        return load_catalog(None)
    if path is None:
        problems.add(("contracts_file",), NO_FILE)
        return load_catalog(None)
    if not (path.parent / tables.contracts_file).is_file():
        problems.add(("contracts_file",), "there is no such file; it is relative to the mandate")
        return load_catalog(None)
    try:
        return load_catalog(path.parent / tables.contracts_file)
    except ContractError as error:
        problems.add(("contracts_file",), str(error))
        return load_catalog(None)


def _second_reading(reading: Reading) -> Mandate:
    """Every name looked up. The accounts that `use` assumes are known only after the hedges."""
    tables = reading.tables
    wrapped = read_assets(reading)
    check_spelling(reading)
    found = read_hedges(reading)
    check_weights(reading, found.settles)
    hedged = [hedge.underlying for hedge in found.hedges]
    events, tilts = read_overlays(reading, hedged)
    macro = read_macro(reading, found.hedges)
    overrides = read_overrides(reading, hedged)
    collateral = read_collateral(reading)
    transfers, flows = read_transfers(reading), read_flows(reading)
    sweeps = read_sweeps(reading)
    hold = tables.hold_for_withdrawals
    stem = reading.path.stem if reading.path is not None else "mandate"
    return Mandate(
        name=tables.name or stem,
        version=tables.version,
        numeraire=tables.numeraire,
        path=reading.path,
        book=Book(
            tuple(reading.accounts.values()), wrapped, transfers, flows, sweeps, reading.pegs
        ),
        hedges=found.hedges,
        tilts=tilts,
        events=events,
        overrides=overrides,
        collateral=collateral,
        limits=read_limits(tables.limits),
        catalog=reading.catalog,
        hedge_flows=bool(tables.hedge_flows),
        flows_by_date=tables.hedge_flows == BY_DATE,
        flow_horizon_ns=duration_ns(tables.flow_horizon),
        hold_ns=duration_ns(hold) if hold else 0,
        assumed_accounts=tuple(reading.assumed),
        notes=tuple(reading.noted),
        warnings=tuple(reading.warned),
        desk=tables.desk.rules(),
        guard=tables.guard.rules(),
        send=tables.send.rules(),
        macro=macro,
        index_venue=tables.index_venue,
        has_desk=bool(tables.model_fields_set & DESK_TABLES),
        guard_keys=frozenset(tables.guard.model_fields_set),
    )
