"""Compiling ahead of time, so that nobody's first run waits for it.

A book is padded to a size class, and each class is compiled once. A class is compiled by running
a made-up book of that size through two made-up days.
"""

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from volsculpt.errors import VolsculptError
from volsculpt.simulate.compiled import (
    FOLDER,
    cache_folder,
    compiled_follow,
    compiled_look_ahead,
    compiled_run,
    is_kept,
    is_usable,
    telling,
)
from volsculpt.simulate.lanes import room_class

if TYPE_CHECKING:
    from volsculpt.simulate.run_start import RunSpec

HOURS = 48


@dataclass(frozen=True, slots=True)
class Size:
    """A size class: what it holds, and how long it took to compile (None: it was there)."""

    step: int
    legs: int
    currencies: int
    seconds: float | None


def note_of(folder: Path, step: int) -> Path:
    """The file that names the folders in which the code of a size class lies."""
    return folder / f"size-{step}"


def is_there(folder: Path, step: int) -> bool:
    """Whether a size class is compiled."""
    note = note_of(folder, step)
    names = note.read_text(encoding="utf-8").split() if note.is_file() else []
    return bool(names) and all(is_kept(folder / name) for name in names)


def lacking(sizes: int) -> list[int]:
    """The size classes, of the first so many, that are not compiled yet."""
    folder = cache_folder()
    return [step for step in range(sizes) if not is_there(folder, step)]


def compile_sizes(sizes: int, tell: Callable[[Size], None] = lambda size: None) -> list[Size]:
    """Compile the first so many size classes, all that are missing at once.

    `tell` is called with each as soon as it is compiled. Raises VolsculptError where compiled code
    cannot be kept.
    """
    folder = cache_folder()
    missing = lacking(sizes)
    if missing and not is_usable(folder):
        raise VolsculptError(f"{folder}: cannot be written; name another folder in {FOLDER}")
    took: dict[int, float] = {}
    if missing:
        with ProcessPoolExecutor(len(missing), get_context("spawn")) as pool:
            for step, seconds in zip(missing, pool.map(compile_one, missing), strict=True):
                took[step] = seconds
                tell(size_of(step, seconds))
    return [size_of(step, took.get(step)) for step in range(sizes)]


def size_of(step: int, seconds: float | None) -> Size:
    """A size class as it is told."""
    room = room_class(step)
    return Size(step, room.leg, room.currency, seconds)


def compile_one(step: int) -> float:
    """Compile one size class and note where; the seconds that took."""
    start = time.perf_counter()
    with telling(lambda words: None):
        run_made_up(step)
    parts = (compiled_look_ahead(), compiled_run(), compiled_follow())
    names = [one.shapes_run[-1].name for one in parts]
    note_of(cache_folder(), step).write_text(" ".join(names), encoding="utf-8")
    return time.perf_counter() - start


def run_made_up(step: int) -> None:
    """Run a book that needs the room of a size class through two made-up days."""
    from volsculpt.simulate.history_run import run_history
    from volsculpt.simulate.ran import series_of

    series_of(run_history(made_up(step), compiled_run()), compiled_follow())


def made_up(step: int) -> "RunSpec":
    """A book that needs the room of a size class, and two made-up days for it."""
    from volsculpt.book.holdings import Account, Book
    from volsculpt.contracts.catalog import load_catalog
    from volsculpt.decide.step import Setup
    from volsculpt.hedge.policies.fixed import FixedPolicy
    from volsculpt.hedge.spec import Hedge
    from volsculpt.market.align import align, clock_of
    from volsculpt.market.synthetic import VENUE, Coin, SyntheticSpec, make
    from volsculpt.simulate.backtest import Costs
    from volsculpt.simulate.run_start import RunSpec

    others = [f"C{n}" for n in range(room_class(step - 1).currency)] if step else []
    coins = (Coin("BTC", 60_000.0), *(Coin(name, 1.0) for name in others))
    history = make(SyntheticSpec(1, HOURS, coins=coins, dated=())).history
    contract = load_catalog().get(VENUE, "BTC/USD:BTC")
    aligned = align(
        history, clock_of(history), contracts=(contract.key,), currencies=("BTC", *others)
    )
    legs = ((("futures", contract, False),),)
    vault = Account("vault", "cold", balances=dict.fromkeys(others, 1.0))
    futures = Account("futures", "margin", VENUE, "cross", {"BTC": 1.0})
    hedge = Hedge("BTC", FixedPolicy(0.5))
    return RunSpec(
        setup=Setup(Book((vault, futures)), (hedge,), legs),
        legs_at=lambda time_ns: legs,
        aligned=aligned,
        costs=Costs(),
        features=None,
        flows=lambda from_ns, to_ns: [],
        allow_missing_funding=True,
    )
