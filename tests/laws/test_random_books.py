import pytest

from tests.laws.run import seeds_seen, shown
from tests.laws.walks import CASES, walked


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_books_by_seed_keep_the_laws_of_money_over_time(first: int) -> None:
    """Books come to rest, keep their limits and never trade across; tighter is never more."""
    seen = seeds_seen(range(first, first + 50))
    assert seen.books == 50
    assert seen.laws.total() == 0, shown(seen, 2)


HARD = (
    490,
    665,
    868,
    1494,
    8195,
    12528,
    15011,
    15962,
    16370,
    19040,
    50188,
    50542,
    61392,
    61605,
    70794,
    72063,
    72517,
    102122,
    103449,
    111782,
    115615,
    115884,
    116466,
    119232,
    119780,
    202932,
    10977,
    300075,
    17148,
    19862,
    202006,
    301956,
    302952,
    304321,
    302945,
)


def test_books_that_once_broke_a_law_keep_it() -> None:
    """Two limits that pull apart, dead zones, ends of a fall to nothing, lots near a whole one."""
    seen = seeds_seen(HARD)
    assert seen.books == len(HARD)
    assert seen.laws.total() == 0, shown(seen, 2)


def test_a_limit_is_kept_along_a_walk_that_never_wakes_the_band() -> None:
    """Where the band is silent, the cut beyond a limit's dead zone keeps leverage at 4.2 for 4."""
    found = walked(CASES["limit in band, cut beyond 5 %"], 3, 24 * 15)
    assert not found.liquidated
    assert 4.0 < found.leverage <= 4.3
    assert found.orders >= 1
