"""The rows of a whole book at rest: which there are, when they speak, and when there are none."""

import math

import pytest

from tests.factories import account, decided, fixed, inverse, vault
from tests.laws.forms import There, empty_rows, read
from volsculpt.book.holdings import Book, Position
from volsculpt.decide.act import act
from volsculpt.decide.limits import CollateralPlan
from volsculpt.decide.rules import Problem, new_problem
from volsculpt.decide.trigger_book import find_rows, find_silence
from volsculpt.decide.triggers import (
    BAND,
    BASE,
    FORM,
    NO_ROWS,
    SURVIVAL,
    TOP_UP,
    Triggers,
    new_triggers,
    numbers_of,
    row_now,
    size_of,
)
from volsculpt.hedge.answer import Band
from volsculpt.hedge.spec import Proxy

PRICES = {"BTC": 60_000.0, "ETH": 3_000.0}
RATIOS = [1.0, 0.5]


def at_rest(plans: tuple[CollateralPlan, ...] = (), **columns: object) -> Problem:
    """1 BTC hedged whole and 4 ETH hedged by half, an account each; what `act` left of it."""
    lines = (Position(inverse(), -60_000.0, 60_000.0), Position(inverse("ETH"), -6_000.0, 3_000.0))
    accounts = (
        account("one", {"BTC": 0.5}, (lines[0],)),
        account("two", {"ETH": 4.0}, (lines[1],)),
    )
    hedges = [fixed("BTC", band=Band()), fixed("ETH", 0.5, band=Band())]
    legs = [[("one", inverse(), False)], [("two", inverse("ETH"), False)]]
    book = Book((vault(BTC=0.5), *accounts))
    made = decided(book, hedges, legs, PRICES, plans=plans).problem
    rules = made.rules._replace(**columns)  # type: ignore[arg-type]
    problem = new_problem(made.layout, made.state, made.quote, rules)
    act(problem, RATIOS)
    return problem


def rows_of(problem: Problem) -> Triggers:
    """Its rows, in a table that other rows filled before."""
    rows = empty_rows(problem)
    rows.used[0], rows.full[0] = len(rows.kind), 1
    rows.now[:] = [math.nan] * len(rows.now)
    rows.ratio[:] = [math.nan] * len(rows.ratio)
    find_rows(problem, RATIOS, rows)
    return rows


def subjects(rows: Triggers, kind: int) -> set[int]:
    """What the rows of a kind are of."""
    return {rows.subject[row] for row in range(rows.used[0]) if rows.kind[row] == kind}


def test_a_book_at_rest_begins_with_its_bases_and_wealth() -> None:
    """1 BTC and 4 ETH, 72,000 USD together; then the rows of every group and pool."""
    problem = at_rest()
    rows, now = rows_of(problem), There(problem.quote, problem.state)
    assert rows.used[0] > 3
    assert [rows.kind[row] for row in range(3)] == [FORM, FORM, FORM]
    assert [rows.subject[row] for row in range(3)] == [0, 1, 0]
    found = [read(problem, rows, row, now) for row in range(3)]
    assert found == pytest.approx([60_000.0, 12_000.0, 72_000.0])
    assert list(rows.ratio) == RATIOS
    assert [subjects(rows, kind) for kind in (SURVIVAL, BAND)] == [{0, 1}, {0, 1}]


def test_a_row_speaks_when_it_is_as_good_as_nothing() -> None:
    """At a hundredth of a billionth of the sizes in it, of all tested or read over time."""
    problem = at_rest()
    rows = rows_of(problem)
    for row in range(rows.used[0]):
        form = rows.kind[row] == FORM
        if not form or row < 3:
            size = size_of(problem.layout, rows, row)
            assert rows.least[row] == pytest.approx(1e-11 * size)
        if not form:
            assert row_now(problem.layout, rows, row) > rows.least[row]


@pytest.mark.parametrize("usd", [11_999.0, 12_000.0 * (1.0 - 1e-13), 12_000.0, 12_001.0])
def test_a_book_of_which_a_row_speaks_already_has_none(usd: float) -> None:
    """The least that is hedged next to a base of 12,000 USD, what sums leave counted as nothing."""
    problem = at_rest()
    said = problem._replace(rules=problem.rules._replace(min_base_usd=usd))
    assert (rows_of(said).used[0] == NO_ROWS) == (usd > 11_999.0)


@pytest.mark.parametrize("waits", [0, 1])
def test_a_hedge_without_an_answer_waits_for_it(waits: int) -> None:
    """Its pool has no band then; only whether there is something to hedge is looked at."""
    rows = rows_of(at_rest(hedge_hold=[int(hedge == waits) for hedge in range(2)]))
    assert subjects(rows, BAND) == {1 - waits}
    assert subjects(rows, BASE) == {0, 1}


def test_a_book_that_is_not_at_rest_has_no_rows() -> None:
    """Something works, or a bonus would be lost to a sweep of funding."""
    problem = at_rest()
    problem.state.working[1] = -1.0
    assert rows_of(problem).used[0] == NO_ROWS
    problem.state.working[1] = 0.0
    assert rows_of(problem).used[0] > 0
    legs = problem.layout.legs
    swept = legs._replace(funding_wallet=[0] * legs.rows)
    problem.state.bonus[0] = 0.1
    assert rows_of(problem).used[0] > 0
    layout = problem.layout._replace(legs=swept)
    assert rows_of(problem._replace(layout=layout)).used[0] == NO_ROWS


def test_a_hedge_that_asks_its_pool_for_nothing_has_no_band_there() -> None:
    """100 SOL to hedge and none in the book, beside a hedge of BTC: decided at every bar."""
    book = Book((account("one", {"BTC": 1.0}, (Position(inverse(), -60_000.0, 60_000.0),)),))
    declared = fixed("SOL", base="coins", coins=100.0, proxies=(Proxy("BTC", 0.8),), band=Band())
    hedges, legs = [fixed("BTC", band=Band()), declared], [[("one", inverse(), False)]] * 2
    problem = decided(book, hedges, legs, PRICES | {"SOL": 150.0}).problem
    assert problem.work.term[1] == 0.0
    rows = empty_rows(problem)
    find_rows(problem, [1.0, 1.0], rows)
    assert rows.used[0] == NO_ROWS


def test_rows_before_a_decision_are_those_after_it() -> None:
    """Of a book on which the decision is silent; whatever an earlier one left."""
    plan = CollateralPlan(("vault",), (0.3, 0.4, 3.0, 4.0), cost=0.0)
    problem = at_rest((plan,), hedge_hold=[0, 1])
    after = rows_of(problem)
    assert TOP_UP in after.kind[: max(0, after.used[0])]
    work = problem.work
    for column in (*work.held, *work.sized, *work.goal, *work[3:], *problem.answer):
        if isinstance(column, list):
            column[:] = [-7 if type(one) is int else -7.0 for one in column]
    before = new_triggers(problem.layout, problem.rules.hedges)
    find_silence(problem, RATIOS, before)
    used = after.used[0]
    width = used * numbers_of(problem.layout)
    assert before.used[0] == used > 0
    assert before.kind[:used] == after.kind[:used]
    assert before.coef[:width] == after.coef[:width]
