"""What the command line does with histories: import, list, check. Thin, and prints nothing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from volsculpt.contracts.expiries import parse_symbol
from volsculpt.errors import HistoryError
from volsculpt.market.importer import Given, Guess, examine
from volsculpt.market.manifest import Manifest
from volsculpt.market.quality import (
    DATED_DIVERGENCE,
    DIVERGENCE,
    Checked,
    Finding,
    check_series,
    divergence,
)
from volsculpt.market.series import Bars, FundingRates, Prices, PriceSeries, Series
from volsculpt.market.store import Saved, load, save, stored

Progress = Callable[[int, int, Path], None]  # (done, all, the file that is done)
Examined = list[tuple[Guess, Series]]


@dataclass(frozen=True, slots=True)
class Imported:
    """One file: what it was taken for, and what storing it did (None: only looked at)."""

    guess: Guess
    saved: Saved | None


def data_import(
    paths: Sequence[Path],
    root: Path,
    now_ns: int,
    given: Given | None = None,
    *,
    overwrite: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> list[Imported]:
    """Read files and folders of them and store what they hold.

    Every file is read before the first is stored, so a bad one stores nothing. dry_run:
    only say what they are taken for. progress(done, all, path) is called after each file.
    Raises HistoryError naming the file.
    """
    read = data_examine(paths, given, progress)
    if dry_run:
        return [Imported(guess, None) for guess, _ in read]
    return data_store(read, root, now_ns, overwrite=overwrite)


def data_examine(
    paths: Sequence[Path], given: Given | None = None, progress: Progress | None = None
) -> Examined:
    """Read files and folders of them, to be shown before anything is stored.

    Raises HistoryError naming the file.
    """
    files = [file for path in paths for file in _files(path)]
    if not files:
        raise HistoryError(f"no .csv, .zip or .parquet files in {', '.join(map(str, paths))}")
    read = []
    for count, file in enumerate(files, 1):
        read.append(examine(file, given))
        if progress is not None:
            progress(count, len(files), file)
    return read


def data_store(
    read: Examined,
    root: Path,
    now_ns: int,
    *,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> list[Imported]:
    """Store what was read; HistoryError where it contradicts what is stored."""
    done = []
    for count, (guess, series) in enumerate(read, 1):
        done.append(Imported(guess, save(root, series, now_ns, overwrite=overwrite)))
        if progress is not None:
            progress(count, len(read), guess.path)
    return done


def _files(path: Path) -> list[Path]:
    """The file itself, or all tables in a folder."""
    if not path.is_dir():
        return [path]
    endings = (".csv", ".csv.gz", ".zip", ".parquet")
    return sorted(file for file in path.rglob("*") if file.name.lower().endswith(endings))


def data_list(root: Path) -> list[Manifest]:
    """Every stored series."""
    return stored(root)


def data_check(
    root: Path, key: str | None = None, progress: Progress | None = None
) -> list[Checked]:
    """Check every stored series, or those of one coin ("BTC") or contract ("bybit:BTC/USD:BTC").

    Marks and last prices are also compared with the index of their base in their quote.
    Raises HistoryError when nothing is stored.
    """
    return [checked for checked, _ in checked_series(root, key, progress)]


def checked_series(
    root: Path, key: str | None = None, progress: Progress | None = None
) -> Iterator[tuple[Checked, Series]]:
    """What `data_check` finds, one series after the other, each with its figures."""
    every = stored(root)
    asked = [one for one in every if key is None or one.label.key == key]
    if not asked:
        names = ", ".join(sorted({one.label.key for one in every})) or "nothing"
        raise HistoryError(f"{root}: nothing stored of {key or 'any coin'}; there is: {names}")
    for count, manifest in enumerate(asked, 1):
        series = load(manifest)
        checked = check_series(series)
        if not isinstance(series, FundingRates):
            extra = _against_index(series, every)
            findings = tuple(sorted([*checked.findings, *extra], key=lambda one: one.from_ns))
            checked = Checked(checked.name, checked.rows, checked.from_ns, checked.to_ns, findings)
        if progress is not None:
            progress(count, len(asked), manifest.path)
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
