"""Histories in words: what files are taken for, what is stored, and what a check found."""

from collections.abc import Sequence
from typing import Any, cast

from volsculpt.market.columns import NO_KIND
from volsculpt.market.data import Examined, FilesRead, Imported, LeftOut
from volsculpt.market.importer import Guess
from volsculpt.market.manifest import Manifest
from volsculpt.market.quality import lacking
from volsculpt.market.series import ROLES, Label, Role, Series
from volsculpt.market.times import interval_text
from volsculpt.report.document import Column, Grid, Line, Page, Section
from volsculpt.text import day, minute_below, trimmed
from volsculpt.units import DAY_NS, iso

MOST_FILES = 25  # more are shown by kind, not each by itself
SHORT_NS = 7 * DAY_NS  # a span below it is shown with its hours

WHAT = (
    Column("venue", left=True),
    Column("symbol", left=True),
    Column("role", left=True),
    Column("bar", left=True),
)
SPAN = (Column("rows", spare=1), Column("from"), Column("to"))
FILES = (Column("file", left=True), *WHAT, *SPAN, Column("gaps"))
KINDS = (WHAT[0], *WHAT[2:], Column("series"), *SPAN, Column("gaps"))
STORED = (*WHAT, Column("in", "the currency of its prices", left=True, spare=2), *SPAN)
VALUES = (
    Column("from whom", left=True),
    Column(
        "name", "figures that are no prices; key in --json: with the venue before it", left=True
    ),
    Column("unit", left=True),
    Column("rows", spare=2),
    *SPAN[1:],
    Column("gaps", spare=1),
)

# --- import ---------------------------------------------------------------------------


def import_page(read: FilesRead, root: str) -> Page:
    """What each file is taken for, to be confirmed, and what is left out."""
    sections = [
        Section("Taken for", _taken_for(read.found) if read.found else []),
        Section("Columns", [Line(text, "bullet") for text in column_words(read.found)]),
        Section("Notes", [Line(text, "bullet") for text in _file_notes(read.found)]),
        Section("Not understood", _left_out_lines(read.left_out)),
        Section("Wrong", [Line(one.reason, "warning") for one in read.wrong]),
        Section("How a file should look", [] if read.found else how_files_look()),
    ]
    files, out = len({guess.path for guess, _ in read.found}), len(read.left_out + read.wrong)
    left = f", {out} left out" if out else ""
    lead = f"{_count(files, 'file')} for {root}{left}; times in UTC"
    return Page("Import", lead, [one for one in sections if one.items])


def how_files_look() -> list[Line]:
    """What a file needs so that it is understood, of each kind."""
    kinds = (
        "prices: columns time and price, or time, open, high, low, close",
        "funding: columns time and rate; the rate is what was paid at that time, + when longs pay",
        "another figure: columns time and one more; it is named: --name hash_rate --unit EH/s",
        "times have their zone: `2024-05-20T00:00:00Z`, or are numbers since 1970",
        "its name tells venue, coin and currency, as bybit_inverse_BTCUSD_mark_1h.csv does",
        "what its name does not tell is said: --venue kraken --symbol BTC --role index --quote USD",
        "columns of other names are said: --columns time=when,price=px",
    )
    return [Line(text, "bullet") for text in kinds]


def _taken_for(read: Examined) -> list[Line | Grid]:
    """What each file is taken for; of many files, how many of each kind, and their symbols."""
    if len(read) <= MOST_FILES:
        rows = [
            (guess.path.name, *_what(guess.label, guess.interval_ns), *_span_of(series))
            for guess, series in read
        ]
        return [Grid(FILES, rows)]
    kinds: dict[tuple[str, str, str], Examined] = {}
    for guess, series in read:
        venue, _, role, bar = _what(guess.label, guess.interval_ns)
        kinds.setdefault((venue, role, bar), []).append((guess, series))
    items: list[Line | Grid] = [
        Grid(KINDS, [_kind_row(*one) for one in sorted(kinds.items(), key=_by_role)])
    ]
    for kind, found in sorted(kinds.items(), key=_by_role):
        symbols = sorted({_symbol_words(guess.label) for guess, _ in found})
        items.append(Line(f"{' '.join(kind).strip()}: {', '.join(symbols)}", "bullet"))
    items.append(Line("what each file is taken for: --json, or fewer files at once", "legend"))
    return items


def _by_role(one: tuple[tuple[str, str, str], Examined]) -> tuple[int, str, str]:
    """Roles in their order, then venues."""
    (venue, role, bar), _ = one
    return ROLES.index(cast(Role, role)), venue, bar


def _symbol_words(label: Label) -> str:
    """A symbol; of values without their venue before it, and with their unit."""
    symbol = _what(label, None)[1]
    return f"{symbol} ({label.quote})" if label.role == "value" else symbol


def _kind_row(kind: tuple[str, str, str], found: Examined) -> tuple[str, ...]:
    """Venue, role and bar of several files, their number, and what they span together."""
    first = min(int(series.stamps[0]) for _, series in found)
    last = max(series.end_ns for _, series in found)
    gaps = sum(lacking(series)[0] for _, series in found)
    rows = sum(len(series.stamps) for _, series in found)
    return (*kind, trimmed(len(found), 0), *_span(rows, first, last), trimmed(gaps, 0))


def _left_out_lines(left_out: Sequence[LeftOut]) -> list[Line]:
    """Files and why each is not taken, said once for those that agree."""
    files: dict[str, list[str]] = {}
    for one in left_out:
        reason = one.reason.removeprefix(f"{one.path.name}: ")
        if len(left_out) > 1:
            reason = reason.replace(NO_KIND, " are of no kind that is stored")
        files.setdefault(reason, []).append(one.path.name)
    lines = [Line(f"{_names(names, 0)}: {reason}", "bullet") for reason, names in files.items()]
    if len(left_out) > 1 and any(NO_KIND in one.reason for one in left_out):
        lines.append(Line(f"columns of no kind that is stored{NO_KIND}", "legend"))
    return lines


def column_words(read: Examined) -> list[str]:
    """Which column is which, said once for all files that agree."""
    files: dict[str, list[str]] = {}
    for guess, _ in read:
        pairs = ", ".join(_pair(ours, theirs) for ours, theirs in guess.columns.items())
        files.setdefault(f"{pairs}; the time is a {guess.times}", []).append(guess.path.name)
    return [f"{_names(names, len(read))}: {words}" for words, names in files.items()]


def _pair(ours: str, theirs: str) -> str:
    return ours if ours == theirs else f"{ours} = {theirs}"


def _names(names: list[str], of: int) -> str:
    """The files in few words."""
    if len(names) == of and of > 1:
        return "all files"
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _file_notes(read: Examined) -> list[str]:
    """What was done with the files, said once for all that agree."""
    files: dict[str, list[str]] = {}
    for guess, _ in read:
        for note in guess.notes:
            files.setdefault(note, []).append(guess.path.name)
    return [f"{_names(names, len(read))}: {note}" for note, names in files.items()]


def _what(label: Label, interval_ns: int | None) -> tuple[str, str, str, str]:
    """Venue, symbol, role and bar; the symbol of a value without its venue before it."""
    symbol = label.symbol.removeprefix(f"{label.venue}:")
    bar = "" if interval_ns is None else interval_text(interval_ns)
    return label.venue, symbol, label.role, bar


def _span_of(series: Series) -> tuple[str, str, str, str]:
    """Rows, from, to and gaps."""
    rows, gaps = len(series.stamps), lacking(series)[0]
    return (*_span(rows, int(series.stamps[0]), series.end_ns), f"{gaps}")


def _span(rows: int, from_ns: int, to_ns: int) -> tuple[str, str, str]:
    """Rows, from and to; short spans with their hours."""
    worded = minute_below if to_ns - from_ns < SHORT_NS else day
    return trimmed(rows, 0), worded(from_ns), worded(to_ns)


def _count(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{trimmed(number, 0)} {name}s"


def stored_lines(done: Sequence[Imported]) -> list[str]:
    """What storing did, a line for each file."""
    lines = []
    for one in done:
        if one.saved is not None:
            replaced = f", {_count(one.saved.replaced, 'row')} replaced"
            more = replaced if one.saved.replaced else ""
            before = one.guess.rows - one.saved.added - one.saved.replaced
            kept = f", {trimmed(before, 0)} stored before" if before else ""
            added = f"{_count(one.saved.added, 'new row')}{more}{kept}"
            lines.append(f"stored {one.saved.manifest.path}: {added}")
            lines += [f"  {note}" for note in one.saved.notes]
    return lines


def import_dict(read: FilesRead, done: Sequence[Imported] | None, root: str) -> dict[str, Any]:
    """What `data import --json` prints; done is None for a dry run."""
    saved = done if done is not None else [Imported(guess, None) for guess, _ in read.found]
    files = [
        _guess_dict(guess, series) | _saved_dict(one)
        for (guess, series), one in zip(read.found, saved, strict=True)
    ]
    return {
        "schema": 1,
        "root": root,
        "stored": done is not None,
        "files": files,
        "left_out": [_left_out_dict(one) for one in read.left_out],
        "wrong": [_left_out_dict(one) for one in read.wrong],
    }


def _left_out_dict(one: LeftOut) -> dict[str, str]:
    return {"file": str(one.path), "reason": one.reason}


def _guess_dict(guess: Guess, series: Series) -> dict[str, Any]:
    gaps, missing = lacking(series)
    label = guess.label
    return {
        "file": str(guess.path),
        "kind": guess.kind,
        "venue": label.venue,
        "symbol": label.symbol,
        "role": label.role,
        "quote": label.quote,
        "interval": None if guess.interval_ns is None else interval_text(guess.interval_ns),
        "columns": guess.columns,
        "times": guess.times,
        "rows": guess.rows,
        "from": iso(int(series.stamps[0])),
        "to": iso(series.end_ns),
        "gaps": gaps,
        "missing": missing,
    }


def _saved_dict(one: Imported) -> dict[str, Any]:
    saved = one.saved
    return {
        "notes": [*one.guess.notes, *(saved.notes if saved is not None else ())],
        "path": None if saved is None else str(saved.manifest.path),
        "added": None if saved is None else saved.added,
        "replaced": None if saved is None else saved.replaced,
    }


# --- list -----------------------------------------------------------------------------


def stored_page(stored: Sequence[Manifest], root: str) -> Page:
    """Every stored series."""
    if not stored:
        line = Line("Nothing is stored here. `volsculpt data import FOLDER` stores files.")
        return Page("Histories", root, [Section("", [line])])
    rows = [
        (
            *_what(one.label, one.interval_ns),
            one.quote,
            *_span(one.rows, one.from_ns, one.to_ns),
            f"{one.gaps}",
        )
        for one in stored
        if one.kind != "values"
    ]
    sections = [Section("Series", [Grid((*STORED, Column("gaps")), rows)])] if rows else []
    values = [
        (
            *_what(one.label, None)[:2],
            one.quote,
            *_span(one.rows, one.from_ns, one.to_ns),
            f"{one.gaps}",
        )
        for one in stored
        if one.kind == "values"
    ]
    if values:
        sections.append(Section("Values", [Grid(VALUES, values)]))
    made_up = [one for one in stored if any(s.startswith("synthetic") for s in one.sources)]
    if made_up:
        text = f"{len(made_up)} of these series are synthetic: made up, no real prices"
        sections.append(Section("Notes", [Line(text, "warning")]))
    return Page("Histories", f"{len(stored)} in {root}; times in UTC", sections)


def stored_dict(stored: Sequence[Manifest], root: str) -> dict[str, Any]:
    """What `data list --json` prints."""
    return {
        "schema": 1,
        "root": root,
        "series": [
            {
                "key": one.label.key,
                "path": str(one.path),
                "kind": one.kind,
                "venue": one.venue,
                "symbol": one.symbol,
                "role": one.role,
                "quote": one.quote,
                "interval": one.interval,
                "rows": one.rows,
                "from": iso(one.from_ns),
                "to": iso(one.to_ns),
                "gaps": one.gaps,
                "missing": one.missing,
                "sources": list(one.sources),
                "imported_at": iso(one.imported_ns),
            }
            for one in stored
        ],
    }
