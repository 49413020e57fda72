"""The kernel compiled once for all tests; what set-up compiled serves, the home stays as it is.

With VOLSCULPT_PLAIN=1 it runs as it is written, and whole backtests with it.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import nullcontext

import pytest

from tests.simulate.plain import plain_run, plainly
from volsculpt.simulate.compiled import compiled_run
from volsculpt.simulate.warm import lacking


@pytest.fixture(scope="session")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., None]]:
    """The compiled kernel: from the cache where it is there or one is named."""
    with pytest.MonkeyPatch.context() as patch:
        if os.environ.get("VOLSCULPT_PLAIN"):
            yield plain_run
            return
        if "VOLSCULPT_CACHE" not in os.environ and lacking(1):
            patch.setenv("VOLSCULPT_CACHE", str(tmp_path_factory.mktemp("compiled")))
        yield compiled_run()


@pytest.fixture(autouse=True, scope="session")
def whole_backtests() -> Iterator[None]:
    """Backtests asked for by their mandate run plainly too, where that is asked for."""
    with plainly() if os.environ.get("VOLSCULPT_PLAIN") else nullcontext():
        yield
