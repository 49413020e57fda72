"""How a fork that ended is understood."""

import os
import signal
import time

import pytest

from tests.mutants.host import CRASHES, FAILED, NEVER_ENDS, Fork, outcome


@pytest.mark.parametrize(
    ("status", "found"),
    [
        (0, (0, "said")),
        (FAILED << 8, (FAILED, "said")),
        (signal.SIGPROF, (FAILED, NEVER_ENDS)),
        (signal.SIGSEGV, (FAILED, CRASHES)),
    ],
)
def test_how_a_fork_ended(status: int, found: tuple[int, str]) -> None:
    """By itself, at the end of what a test may take, or for no reason that it could say."""
    assert outcome(status, "said") == found


def test_a_fork_that_stands_still_is_ended() -> None:
    """It waits for something that does not come: killed, and said so."""
    pipe, end = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        time.sleep(60.0)
        os._exit(0)
    os.close(end)
    fork = Fork(0, (), 0, 0.2, pid, pipe)
    while (ended := fork.ended()) is None:
        time.sleep(0.01)
    assert ended == (FAILED, NEVER_ENDS)
