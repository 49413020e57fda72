"""Rows of room in single accounts: what a leg lacks first, in US dollars."""

import pytest

from tests.factories import account, decided, fixed, inverse, tiered
from tests.laws.forms import empty_rows, new_form
from volsculpt.book.holdings import Account, Book, Position
from volsculpt.contracts.spec import Contract
from volsculpt.decide.rules import Problem
from volsculpt.decide.trigger_room import by_leverage, room_row
from volsculpt.decide.triggers import ROOM, Triggers, row_now

PRICES = {"BTC": 60_000.0}
MORE = 30_000.0  # US dollars added


def book_of(own: Account, contract: Contract, **limits: object) -> Problem:
    """A book of one account that hedges BTC by a contract."""
    legs = [[("one", contract, False)]]
    problem = decided(Book((own,)), [fixed()], legs, PRICES).problem
    return problem._replace(rules=problem.rules._replace(**limits))  # type: ignore[arg-type]


def more_of(problem: Problem) -> tuple[Triggers, int]:
    """(rows, the form of what is added among them)."""
    rows = empty_rows(problem)
    size = new_form(problem, rows)
    rows.constant[size] = MORE
    return rows, size


def lacking_usd(problem: Problem, up: float) -> float:
    """What a leg lacks to be so much larger."""
    rows, size = more_of(problem)
    room_row(problem, rows, 0, size, up)
    kept = [row for row in range(rows.used[0]) if rows.kind[row] == ROOM]
    assert len(kept) == 1
    return row_now(problem.layout, rows, kept[0])


def test_an_isolated_position_opens_with_the_free_coins_of_its_account() -> None:
    """30,000 USD at 3x and a fee of 0.05 %, less 0.1 BTC: the first account of a book as any."""
    own = account("one", {"BTC": 0.1}, mode="isolated", leverage=3.0)
    problem = book_of(own, inverse())
    assert problem.layout.legs.free_wallet[0] == 0
    assert lacking_usd(problem, -1.0) == pytest.approx(MORE * (1.0 / 3.0 + 0.0005) - 6_000.0)


@pytest.mark.parametrize("distance", [0.0, 0.5])
def test_where_initial_margin_is_not_known_maintenance_is_lacked(distance: float) -> None:
    """At 10 % of 60,000 and 30,000 USD with 0.05 BTC; half as far away a short loses half more."""
    steep = inverse(margin=tiered([(0.0, 0.1)]))
    own = account("one", {"BTC": 0.05}, (Position(steep, -60_000.0, 60_000.0),))
    problem = book_of(own, steep, min_distance=distance)
    now = 0.1 * (60_000.0 + MORE) + 15.0 - 3_000.0
    far = 1.0 + distance
    lost = (60_000.0 + MORE) * (far - 1.0) + 15.0 * far
    above = 0.1 * (60_000.0 + MORE) + lost - 3_000.0 * far
    assert lacking_usd(problem, -1.0) == pytest.approx(max(now, above))


def test_a_fee_counts_at_the_weight_of_the_coins_that_pay_it() -> None:
    """0.1 BTC at 0.9 now; at twice the price a short of 1 BTC has lost them, and more."""
    short = Position(inverse(), -60_000.0, 60_000.0)
    own = account("one", {"BTC": 0.1}, (short,), mode="unified", collateral_weights={"BTC": 0.9})
    problem = book_of(own, inverse())
    rows, added = more_of(problem)
    row = by_leverage(problem, rows, 0, added, 4.0)
    usd = (60_000.0 + MORE) / 4.0 + 0.9 * 0.0005 * MORE - 0.9 * 6_000.0
    assert row_now(problem.layout, rows, row) == pytest.approx(usd)
