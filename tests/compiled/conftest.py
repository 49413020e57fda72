"""Compiling the drivers takes most of a minute: once for all tests here, and not every day.

Every day tests of `simulate` compare the whole kernel, plain and compiled.
"""

from collections.abc import Callable

import pytest

from tests.compiled.lanes import compiled_drivers


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that need the drivers are slow."""
    for item in items:
        if "compiled" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def compiled() -> dict[str, Callable[..., None]]:
    """The drivers compiled once for all tests."""
    return compiled_drivers()
