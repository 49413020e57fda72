"""The kernel compiled once for all tests; what set-up compiled serves, the home stays as it is."""

import os
from collections.abc import Callable, Iterator

import pytest

from volsculpt.simulate.compiled import compiled_run
from volsculpt.simulate.warm import lacking


@pytest.fixture(scope="session")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., None]]:
    """The compiled kernel: from the cache where it is there or one is named."""
    with pytest.MonkeyPatch.context() as patch:
        if "VOLSCULPT_CACHE" not in os.environ and lacking(1):
            patch.setenv("VOLSCULPT_CACHE", str(tmp_path_factory.mktemp("compiled")))
        yield compiled_run()
