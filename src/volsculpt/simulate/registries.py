"""What the compiler loads before it runs anything, without the part that nothing here needs."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

LINEAR_ALGEBRA = "scipy.linalg.cython_blas"


@contextmanager
def held_back(module: str) -> Iterator[None]:
    """A module that whoever tries to import it meanwhile does not find, unless it is loaded."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment] # how Python marks what is not there
    try:
        yield
    finally:
        del sys.modules[module]


def load_registries() -> None:
    """Load the compiler's tables of functions, as its first call would.

    They ask whether scipy's linear algebra is there by importing it, which takes longer than all
    else; the kernel multiplies no matrices. Code of others that does still finds it afterwards.
    """
    from numba.core import registry

    target: Any = registry.cpu_target
    with held_back(LINEAR_ALGEBRA):
        target.typing_context.refresh()
        target.target_context.refresh()
