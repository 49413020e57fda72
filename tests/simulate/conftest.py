"""The kernel compiled once for all tests, its cache outside of the user's home."""

import os
from collections.abc import Callable, Iterator

import pytest

from volsculpt.simulate.compiled import compiled_run


@pytest.fixture(scope="session")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., None]]:
    """The compiled kernel; a cache folder that is given already is used."""
    with pytest.MonkeyPatch.context() as patch:
        if "VOLSCULPT_CACHE" not in os.environ:
            patch.setenv("VOLSCULPT_CACHE", str(tmp_path_factory.mktemp("compiled")))
        yield compiled_run()
