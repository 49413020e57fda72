"""The compiled kernel: the compiler's one address, and a cache that notices changed formulas.

The compiler does not see a change in a function of another file, so the folder of the cache is
named by a digest of every compilable source, of its own version and of the processor.
"""

import hashlib
import os
import platform
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import volsculpt.simulate.kernel as kernel
from volsculpt.compilable import compilable_functions

FOLDER = "VOLSCULPT_CACHE"
FOLDERS = ("contracts", "book", "hedge", "decide", "exchange", "simulate")


def digest() -> str:
    """Name of all sources that decide, constants too: the compiler freezes them into the code."""
    import numba

    root = Path(kernel.__file__).parent.parent
    total = hashlib.sha256()
    for folder in FOLDERS:
        for file in sorted((root / folder).glob("*.py")):
            total.update(file.name.encode() + file.read_bytes())
    total.update(f"{numba.__version__} {platform.processor()} {platform.machine()}".encode())
    return total.hexdigest()[:16]


def cache_folder() -> Path:
    """Where compiled code is kept: VOLSCULPT_CACHE, else the user's cache folder."""
    said = os.environ.get(FOLDER) or os.environ.get("XDG_CACHE_HOME")
    base = Path(said) if said else Path.home() / ".cache"
    return base / "volsculpt" / digest()


def is_cold() -> bool:
    """True when the first run will compile, for about half a minute."""
    return not any(cache_folder().glob("**/*.nbc"))


@cache
def compiled_run() -> Callable[..., None]:
    """The kernel compiled, from the cache when the sources are the same.

    Reference counting is off: nothing in the kernel allocates, and counting cost five times
    the arithmetic. Compiles at the first call.
    """
    import numba
    from numba.extending import register_jitable

    settings: Any = numba.config
    settings.CACHE_DIR = str(cache_folder())
    register: Any = register_jitable(error_model="numpy", _nrt=False)
    for function in (*compilable_functions(), *kernel.KERNEL_PARTS):
        register(function)
    inlined: Any = register_jitable(error_model="numpy", _nrt=False, forceinline=True)
    for function in kernel.INLINED:
        inlined(function)
    compiler: Any = numba.njit
    made: Callable[..., None] = compiler(error_model="numpy", cache=True, _nrt=False)(kernel.run)
    return made
