"""Books of two sizes in one process, each with the code that was compiled for it."""

import pytest

from tests.simulate.plain import plain_follow, plain_run
from tests.simulate.worlds import same_bits
from volsculpt.simulate.compiled import compiled_follow, compiled_run, is_kept
from volsculpt.simulate.history_run import run_history
from volsculpt.simulate.ran import series_of
from volsculpt.simulate.warm import made_up


@pytest.mark.compiled
def test_each_size_runs_its_own_code() -> None:
    """One after the other, and the first again: to the bit what the functions say as written.

    Set-up compiles each size in a process of its own; here both come from its cache.
    """
    for step in (0, 1, 0):
        spec = made_up(step)
        plain, compiled = run_history(spec, plain_run), run_history(spec, compiled_run())
        assert same_bits(compiled.lanes.log, plain.lanes.log) == []
        for one, other in zip(
            series_of(compiled, compiled_follow()), series_of(plain, plain_follow), strict=True
        ):
            assert (one == other).all()
    assert len(compiled_run().shapes_run) >= 2
    assert all(map(is_kept, compiled_run().shapes_run))
