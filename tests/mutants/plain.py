"""Whole backtests run as they are written in every test, whichever is run first."""

from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop() -> Generator[None, object, object]:
    """Around all tests; what it needs is imported here, so that who loads this may look on."""
    from tests.simulate.plain import plainly

    with plainly():
        return (yield)
