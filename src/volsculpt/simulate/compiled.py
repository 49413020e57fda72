"""The compiled kernel: numba's one address, and a cache that notices changed formulas.

numba does not see a change in a function of another file, so the folder of the cache is named
by a digest of every compilable source, of numba's version and of the processor.
"""

import hashlib
import os
import platform
import sys
from pathlib import Path
from typing import Any

import volsculpt.simulate.kernel as kernel
from volsculpt.compilable import compilable_functions


def digest() -> str:
    """Name of the sources that decide: every file with a compilable function, and the kernel's."""
    import numba

    files = {sys.modules[one.__module__].__file__ for one in compilable_functions()}
    files.add(kernel.__file__)
    total = hashlib.sha256()
    for name in sorted(file for file in files if file):
        total.update(Path(name).read_bytes())
    total.update(f"{numba.__version__} {platform.processor()} {platform.machine()}".encode())
    return total.hexdigest()[:16]


def cache_folder() -> Path:
    """Where compiled code is kept: VOLSCULPT_CACHE, else the user's cache folder."""
    root = os.environ.get("VOLSCULPT_CACHE") or os.environ.get("XDG_CACHE_HOME")
    base = Path(root) if root else Path.home() / ".cache"
    return base / "volsculpt" / digest()


def compiled_run() -> Any:
    """The kernel compiled by numba, from the cache when the sources are the same."""
    import numba
    from numba.extending import register_jitable

    numba.config.CACHE_DIR = str(cache_folder())
    for function in (*compilable_functions(), *kernel.KERNEL_PARTS):
        register_jitable(error_model="numpy", _nrt=False)(function)
    return numba.njit(error_model="numpy", cache=True, _nrt=False)(kernel.run)
