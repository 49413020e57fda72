"""What the command line does with histories: import, list, check. Thin, and prints nothing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from volsculpt.contracts.expiries import parse_symbol
from volsculpt.errors import HistoryError
from volsculpt.market.importer import Guess, ImportOptions, examine_all
from volsculpt.market.lacking import nothing_stored
from volsculpt.market.manifest import Manifest
from volsculpt.market.nearest import MOST_NAMED, instead_of
from volsculpt.market.quality import (
    DATED_DIVERGENCE,
    DIVERGENCE,
    Checked,
    Finding,
    check_series,
    divergence,
)
from volsculpt.market.rhythms import Rhythms
from volsculpt.market.series import Bars, Prices, PriceSeries, Series
from volsculpt.market.store import Saved, load, save, stored
from volsculpt.market.unclear import OneStamp, Unclear

ImportProgress = Callable[[int, int, Path], None]  # (done, all, the file that is done)
Examined = list[tuple[Guess, Series]]


@dataclass(frozen=True, slots=True)
class Imported:
    """One series of a file: what it was taken for, and what storing it did (None: only looked)."""

    guess: Guess
    saved: Saved | None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file of several that is not taken, and why."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class FilesRead:
    """What files hold; those that are not understood; those of a folder that are wrong."""

    found: Examined
    left_out: tuple[LeftOut, ...] = ()
    wrong: tuple[LeftOut, ...] = ()


def data_import(
    paths: Sequence[Path],
    root: Path,
    now_ns: int,
    given: ImportOptions | None = None,
    *,
    overwrite: bool = False,
    dry_run: bool = False,
    progress: ImportProgress | None = None,
) -> list[Imported]:
    """Read files and folders of them and store what they hold up to `now_ns`.

    Every file is read before the first is stored, so a bad one stores nothing. Raises HistoryError
    naming the file.

    Args: paths: files and folders; root: folder of the store; now_ns: ns UTC; given: what the user
    says of them; overwrite: rows that contradict what is stored replace it; dry_run: only say what
    they are taken for; progress: called with (done, all, path) after each file.
    """
    read = data_examine(paths, given, progress, now_ns=now_ns, root=root)
    if read.wrong or not read.found:
        raise HistoryError(_first_few(read.wrong or read.left_out))
    if dry_run:
        return [Imported(guess, None) for guess, _ in read.found]
    return data_store(read.found, root, now_ns, overwrite=overwrite)


def data_examine(
    paths: Sequence[Path],
    given: ImportOptions | None = None,
    progress: ImportProgress | None = None,
    *,
    now_ns: int | None = None,
    root: Path | None = None,
) -> FilesRead:
    """Read files and folders of them, to be shown before anything is stored.

    Rows that end after `now_ns` are left out; what one row does not tell of its series is taken
    from the store at `root`, or from the other files. Of several files those that are not
    understood are listed, of a folder those that are wrong too; it may hold none that is. Raises
    HistoryError naming a file that was given itself and is wrong, and where none is understood of
    files that were.

    Args: paths: files and folders; given: what the user says of them; progress: called with (done,
    all, path) after each file; now_ns: ns UTC; root: folder of the store.
    """
    files = [file for path in paths for file in _files(path)]
    if not files:
        raise HistoryError(
            f"no .csv, .zip or .parquet files in {', '.join(map(str, paths))}, nor others that "
            f"are read"
        )
    reading = _Reading(given, now_ns, Rhythms(root), frozenset(paths))
    again = []
    for count, file in enumerate(files, 1):
        if reading.read(file):
            again.append(file)
        if progress is not None:
            progress(count, len(files), file)
    for file in again:
        reading.read(file)
    read = reading.result(files)
    if not read.found and (read.wrong or any(one in files for one in paths)):
        raise HistoryError(_first_few((*read.wrong, *read.left_out)))
    of_values = given is not None and (given.unit is not None or given.lag is not None)
    if of_values and read.found and all(guess.kind != "values" for guess, _ in read.found):
        raise HistoryError(
            "--unit and --lag are of figures that are no prices, and none is there; if one is, say "
            "how it is called: --name"
        )
    return read


class _Reading:
    """Files that are read one after the other."""

    def __init__(
        self,
        given: ImportOptions | None,
        now_ns: int | None,
        rhythms: Rhythms,
        named: frozenset[Path],
    ) -> None:
        self._given = given
        self._now_ns = now_ns
        self._rhythms = rhythms
        self._named = named
        self._found: dict[Path, Examined] = {}
        self._unclear: dict[Path, str] = {}
        self._wrong: dict[Path, str] = {}

    def read(self, file: Path) -> bool:
        """Read a file; True where other files may yet tell its rhythm."""
        self._unclear.pop(file, None)
        try:
            found = examine_all(file, self._given, self._now_ns, self._rhythms.of)
        except Unclear as error:
            self._unclear[file] = str(error)
            return isinstance(error, OneStamp)
        except HistoryError as error:
            if file in self._named:
                raise
            self._wrong[file] = str(error)
            return False
        for _, series in found:
            self._rhythms.add(series)
        self._found[file] = found
        return False

    def result(self, files: list[Path]) -> FilesRead:
        """What was read, in the order of the files."""
        found = [one for file in files for one in self._found.get(file, [])]
        return FilesRead(found, _listed(self._unclear), _listed(self._wrong))


def _listed(reasons: dict[Path, str]) -> tuple[LeftOut, ...]:
    """Files with reasons, sorted."""
    return tuple(LeftOut(file, reason) for file, reason in sorted(reasons.items()))


def _first_few(listed: Sequence[LeftOut]) -> str:
    """Why files are not taken, of the first of many."""
    more = len(listed) - MOST_NAMED
    rest = [f"and {more} more files"] if more > 0 else []
    return "\n".join([*(one.reason for one in listed[:MOST_NAMED]), *rest])


def data_store(
    read: Examined,
    root: Path,
    now_ns: int,
    *,
    overwrite: bool = False,
    progress: ImportProgress | None = None,
) -> list[Imported]:
    """Store what was read; HistoryError where it contradicts what is stored.

    Args: read: each series with what it was taken for; root: folder of the store; now_ns: when, ns
    UTC; overwrite: rows that contradict what is stored replace it; progress: called with (done,
    all, path) after each.
    """
    done = []
    for count, (guess, series) in enumerate(read, 1):
        done.append(Imported(guess, save(root, series, now_ns, overwrite=overwrite)))
        if progress is not None:
            progress(count, len(read), guess.path)
    return done


def _files(path: Path) -> list[Path]:
    """The file itself, or all files in a folder."""
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.rglob("*") if file.is_file() and not _is_hidden(file, path))


def _is_hidden(file: Path, root: Path) -> bool:
    """Whether a file of a folder is one that systems put there."""
    parts = file.relative_to(root).parts
    return any(part.startswith(".") or part == "__MACOSX" for part in parts)


def data_list(root: Path) -> list[Manifest]:
    """Every stored series."""
    return stored(root)


def checked_series(
    root: Path, key: str | None = None, progress: ImportProgress | None = None
) -> Iterator[tuple[Checked, Series]]:
    """Check every stored series, or those of one coin ("BTC") or contract ("bybit:BTC/USD:BTC").

    Marks and last prices are also compared with the index of their base in their quote. One series
    after the other, each with its figures. Raises HistoryError when nothing is stored.
    """
    every = stored(root)
    chosen = [one for one in every if key is None or one.label.key == key]
    if not chosen:
        if key is None or not every:
            raise nothing_stored(root)
        hint = instead_of([key], (one.label.key for one in every))
        raise HistoryError(f"{root}: nothing stored of {hint}")
    for count, manifest in enumerate(chosen, 1):
        series = load(manifest)
        checked = check_series(series)
        if isinstance(series, Bars | Prices):
            extra = _against_index(series, every)
            findings = tuple(sorted([*checked.findings, *extra], key=lambda one: one.from_ns))
            checked = Checked(checked.name, checked.rows, checked.from_ns, checked.to_ns, findings)
        if progress is not None:
            progress(count, len(chosen), manifest.path)
        yield checked, series


def _against_index(series: PriceSeries, every: list[Manifest]) -> list[Finding]:
    """How far a contract's price strays from the index of its base in the same quote."""
    if series.label.role == "index":
        return []
    parsed = parse_symbol(series.label.symbol)
    if parsed.coins != 1.0:
        return []  # its price is that of so many coins, not of one
    base, limit = parsed.base, DIVERGENCE if parsed.day is None else DATED_DIVERGENCE
    for manifest in every:
        label = manifest.label
        if (label.role, label.symbol, label.quote) == ("index", base, series.label.quote):
            index = load(manifest)
            if isinstance(index, Bars | Prices):
                return divergence(series, index, limit)
    return []
