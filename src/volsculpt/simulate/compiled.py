"""The compiled kernel: the compiler's one address, and a cache that notices changed formulas.

The compiler does not see a change in a function of another file, so the folder of the cache is
named by a digest of every compilable source, of its own version and of the processor. In it is a
folder for each shape of book that was compiled, so whoever is about to wait is told.
"""

import hashlib
import logging
import os
import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

import volsculpt.simulate.kernel as kernel
import volsculpt.simulate.look_ahead as ahead
import volsculpt.simulate.series as series
from volsculpt.compilable import compilable_functions
from volsculpt.simulate.registries import load_registries
from volsculpt.sources import DECIDING, sources_digest

FOLDER = "VOLSCULPT_CACHE"
FOLDERS = (*DECIDING, "exchange", "simulate")
WAIT = "compiling the simulation for books of this size, a minute or two"

Tell = Callable[[str], object]
Run = Callable[..., None]
_tell: ContextVar[Tell] = ContextVar("tell", default=logging.getLogger("volsculpt").warning)


@contextmanager
def telling(tell: Tell) -> Iterator[None]:
    """Inside it, `tell` is called with a sentence before anything is compiled.

    Elsewhere the sentence is a warning in the log "volsculpt".
    """
    before = _tell.set(tell)
    try:
        yield
    finally:
        _tell.reset(before)


@cache
def digest() -> str:
    """Name of all sources that decide, constants too: the compiler freezes them into the code."""
    from importlib.metadata import version

    from llvmlite.binding import get_host_cpu_name  # type: ignore[import-untyped]

    machine = f"{get_host_cpu_name()} {platform.machine()}"
    return sources_digest(FOLDERS, f"{version('numba')} {machine}")


def cache_folder() -> Path:
    """Where compiled code is kept: VOLSCULPT_CACHE, else the user's cache folder."""
    from platformdirs import user_cache_path

    named = os.environ.get(FOLDER)
    base = Path(named) / "volsculpt" if named else user_cache_path("volsculpt", appauthor=False)
    return base / digest()


def is_usable(folder: Path) -> bool:
    """Whether compiled code can be kept in a folder, which is made if need be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


class CompiledKernel:
    """The kernel, compiled once for each shape of book; says so before that takes time.

    Each shape has its own folder, so that two can be compiled at once and what is there is
    known by looking.
    """

    def __init__(self, compile_in: Callable[[Path | None], Run], folder: Path | None) -> None:
        """compile_in(folder): a dispatcher that keeps its code there. folder: None is nowhere."""
        self._compile_in = compile_in
        self._folder = folder
        self._ready: dict[object, Run] = {}
        self.shapes_run: list[Path] = []  # of the shapes run so far

    def __call__(self, *arguments: Any) -> None:  # noqa: ANN401
        """Run; the type of the first records tells books of one size from those of another."""
        first = arguments[0]
        kind = (first[0] if isinstance(first, tuple) else first).dtype
        run = self._ready.get(kind)
        if run is None:
            run = self._ready[kind] = self._first(arguments)
        run(*arguments)

    def _first(self, arguments: Sequence[Any]) -> Run:
        """What runs a shape of book that this process has not run yet."""
        place = None if self._folder is None else self._folder / shape(arguments)
        if place is None:
            _tell.get()(f"{WAIT}; it cannot be kept: no writable folder; name one in {FOLDER}")
        elif not is_kept(place):
            _tell.get()(f"{WAIT}; it is kept in {self._folder}")
        self.shapes_run += [place] if place is not None else []
        return self._compile_in(place)


def is_kept(place: Path) -> bool:
    """Whether compiled code lies in a folder."""
    return any(place.glob("**/*.nbc"))


def shape(arguments: Sequence[Any]) -> str:
    """A name for the types of arguments: the compiler makes other code for another one."""
    total = hashlib.sha256()
    for one in arguments:
        for part in one if isinstance(one, tuple) else (one,):
            name = type(part).__name__
            if hasattr(part, "dtype"):
                name = f"{part.dtype.descr} {part.ndim} {part.flags.c_contiguous}"
            total.update(name.encode())
    return total.hexdigest()[:16]


@cache
def parts_listed() -> Any:  # noqa: ANN401
    """The compiler, told of every function that is a part of what is compiled."""
    import numba
    from numba.extending import register_jitable

    from volsculpt.simulate.parts import PART

    load_registries()
    register: Any = register_jitable(**PART)
    parts = (*kernel.KERNEL_PARTS, *ahead.AHEAD_PARTS, *series.SERIES_PARTS)
    for function in (*compilable_functions(), *parts):
        register(function)
    inlined: Any = register_jitable(forceinline=True, **PART)
    for function in kernel.INLINED:
        inlined(function)
    return numba


def compiled(function: Run) -> CompiledKernel:
    """A function compiled, from the cache when the sources are the same.

    Reference counting is off: nothing in the kernel allocates, and counting cost five times
    the arithmetic. Compiles at the first call for each size of book.
    """
    from volsculpt.simulate.parts import WHOLE

    compiler = parts_listed()

    def compile_in(place: Path | None) -> Run:
        """The compiled function, its code kept in a folder."""
        if place is not None:
            compiler.config.CACHE_DIR = str(place)
        made: Run = compiler.njit(cache=place is not None, **WHOLE)(function)
        return made

    folder = cache_folder()
    return CompiledKernel(compile_in, folder if is_usable(folder) else None)


@cache
def compiled_run() -> CompiledKernel:
    """The kernel, compiled."""
    return compiled(kernel.run)


@cache
def compiled_follow() -> CompiledKernel:
    """What tells the figures of every stamp, compiled."""
    return compiled(series.follow)


@cache
def compiled_look_ahead() -> CompiledKernel:
    """What writes the series that resting lanes look ahead in, compiled."""
    return compiled(ahead.look_ahead)
