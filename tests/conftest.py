"""How hard property tests try: VOLSCULPT_HYPOTHESIS = dev | daily | ci | long | thorough | quick.

And which tests share a worker, because what they make once takes long.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("tests/compiled/", "tests/structure/test_wheel.py")  # drivers compiled; a wheel built

settings.register_profile("dev", deadline=None)
settings.register_profile("daily", derandomize=True, max_examples=30, deadline=None)
settings.register_profile("ci", derandomize=True, max_examples=100, deadline=None)
settings.register_profile("long", derandomize=True, max_examples=300, deadline=None)
settings.register_profile("thorough", max_examples=2000, deadline=None)
settings.register_profile(  # for who asks only whether anything fails, not at what
    "quick",
    derandomize=True,
    max_examples=30,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("VOLSCULPT_HYPOTHESIS", "dev"))


class Together(LoadScopeScheduling):
    """One test after the other to whichever worker is free, but some all to one."""

    def _split_scope(self, nodeid: str) -> str:
        """What a worker takes whole."""
        return next((place for place in TOGETHER if nodeid.startswith(place)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Together:
    """How tests are given to workers, several at once."""
    return Together(config, log)
