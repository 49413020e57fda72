"""Compiling takes seconds: once for all tests here."""

from collections.abc import Callable

import pytest

from tests.compiled.lanes import compiled_drivers


@pytest.fixture(scope="session")
def compiled() -> dict[str, Callable[..., None]]:
    """The drivers compiled once for all tests."""
    return compiled_drivers()
