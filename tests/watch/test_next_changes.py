"""What comes next: nothing changes before the price that is told, and something does there."""

from collections.abc import Sequence
from dataclasses import asdict

import pytest

from tests.factories import account, fixed, inverse, linear, vault
from tests.laws.moved import at_rest
from volsculpt.book.holdings import Book, Position
from volsculpt.book.state import State, copy_state
from volsculpt.decide.act import act
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.rules import Answer, Problem, new_problem, wants_change
from volsculpt.decide.step import Decision, Setup, decide
from volsculpt.decide.triggers import Triggers
from volsculpt.hedge.answer import Band
from volsculpt.hedge.spec import Proxy
from volsculpt.market.quotes import Quotes
from volsculpt.report.pages.ahead import ahead_section, change_line, now_line, unproven_line
from volsculpt.watch.at_once import NextNowRow, RowNames
from volsculpt.watch.filled import filled
from volsculpt.watch.next_change import (
    HIGHEST,
    LOWEST,
    NextChangeRow,
    Search,
    next_changes,
)

INVERSE = inverse()
LOOKS = 25
SIDES = ("above", "below")
NOISE = 1e-6  # nearer to the price that is told it is that price


def changes_at(decision: Decision, coin: str, factor: float) -> bool:
    """Whether anything changes where one coin stands at a factor of its price."""
    problem, row = decision.problem, decision.flat.currency(coin)
    names = RowNames(decision.flat.currencies, [], [])
    search = Search(problem, decision.ratios, names, (row,), 1.0)
    there = new_problem(problem.layout, problem.state, search.quote(factor), problem.rules)
    act(there, decision.ratios)
    return wants_change(there.answer)


def check(decision: Decision, row: NextChangeRow) -> None:
    """Silent on the way, not at its end."""
    if row.coin is None:
        return
    assert changes_at(decision, row.coin, 1.0 + row.move)
    for look in range(LOOKS):
        factor = 1.0 + row.move * look / LOOKS
        if abs(row.move) * (1.0 - look / LOOKS) > NOISE:
            assert not changes_at(decision, row.coin, factor), (row, factor)


@pytest.mark.parametrize("part", range(2))
def test_nothing_changes_before_the_price_that_is_told(part: int) -> None:
    """Of random books at rest, whatever their margin, limits and plans."""
    told = 0
    for seed in range(part, 32, 2):
        book = at_rest(seed)
        if book is None:
            continue
        for row in next_changes(book.decision, book.state).changes:
            check(book.decision, row)
            told += 1
    assert told > 10


def without_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """No row tells how far anything is."""

    def none(_problem: Problem, _ratios: Sequence[float], rows: Triggers) -> None:
        rows.used[0] = -1

    monkeypatch.setattr("volsculpt.watch.next_change.find_rows", none)


@pytest.mark.parametrize("part", range(2))
def test_a_side_that_no_row_tells_is_found_or_said(
    part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without rows the same changes are told at the same prices; a side with none is no silence."""
    told = 0
    for seed in range(part, 24, 2):
        book = at_rest(seed)
        if book is None:
            continue
        with_rows = next_changes(book.decision, book.state)
        with monkeypatch.context() as patch:
            without_rows(patch)
            ahead = next_changes(book.decision, book.state)
        found = {(row.coin, row.side): row for row in ahead.changes}
        missed = {(row.coin, row.side) for row in ahead.unproven}
        for row in with_rows.changes:
            if (row.coin, row.side) in found:
                there = found[row.coin, row.side]
                assert there.price == pytest.approx(row.price, rel=1e-5), seed
                assert there.contract == row.contract, seed
                assert (there.contracts or 0.0) == pytest.approx(row.contracts or 0.0, rel=1e-3), (
                    seed
                )
                told += 1
        hedged = {hedge.underlying for hedge in book.decision.setup.hedges}
        if found and None not in {coin for coin, _ in found}:
            assert {*found, *missed} >= {(coin, side) for coin in hedged for side in SIDES}, seed
    assert told > 5


@pytest.mark.parametrize("part", range(2))
def test_a_side_that_is_not_told_is_silent(part: int) -> None:
    """Neither a change nor unseen: nothing changes from a tenth to four times the price."""
    silent = 0
    for seed in range(part, 32, 2):
        book = at_rest(seed)
        if book is None or wants_change(acted(book.decision, book.state)):
            continue
        ahead = next_changes(book.decision, book.state)
        told = {(row.coin, row.side) for row in (*ahead.changes, *ahead.unproven)}
        hedged = {hedge.underlying for hedge in book.decision.setup.hedges}
        for coin, side in sorted({(coin, side) for coin in hedged for side in SIDES} - told):
            end = HIGHEST if side == "above" else LOWEST
            for look in range(1, 9):
                factor = end ** (look / 8)
                assert not changes_at(book.decision, coin, factor), (seed, coin, factor)
            silent += 1
    assert silent > 5


def acted(decision: Decision, book: State) -> Answer:
    """What is wanted of a book at today's prices."""
    problem = new_problem(decision.flat.layout, book, decision.quoted.quote, decision.rules)
    act(problem, decision.ratios)
    return problem.answer


def test_a_side_that_is_not_found_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hedge of all in coins needs no trade at any price: without rows that is not proven."""
    book = Book(
        (vault(BTC=1.0), account("coinm", {"BTC": 1.0}, (Position(INVERSE, -60_000.0, 60_000.0),)))
    )
    hedge = fixed("BTC", 0.5, band=Band(9.0, 0.0, 9.0, 0.0))
    setup = Setup(book, (hedge,), ((("coinm", INVERSE, False),),))
    decision = decide(setup, Quotes(0, {"BTC": 60_000.0}, {}), 0)
    assert next_changes(decision, filled(decision)).unproven == []
    without_rows(monkeypatch)
    ahead = next_changes(decision, filled(decision))
    below = [row for row in ahead.unproven if row.side == "below"]
    assert [(row.coin, row.move) for row in below] == [("BTC", pytest.approx(-0.9))]
    assert unproven_line(below[0]) == (
        "BTC below: nothing found down to 6,000 USD (-90 %), which does not rule it out; look "
        "again once the price has moved"
    )
    said = [getattr(one, "text", "") for one in ahead_section(ahead, "now").items]
    assert unproven_line(below[0]) in said


def treasury(coins: float = 1.0, plan: bool = False) -> Decision:
    """2 BTC, some on the account of a short of 60,000 USD, hedged to a half in a band of 5 %."""
    book = Book(
        (
            vault(BTC=2.0 - coins),
            account("coinm", {"BTC": coins}, (Position(INVERSE, -60_000.0, 60_000.0),)),
        )
    )
    hedge = fixed("BTC", 0.5, base="equity", band=Band(0.05, 0.0, 0.05, 0.0))
    plans = (CollateralPlan(("vault",), (0.1, 1.5, 1.5, 2.0), account="coinm"),) if plan else ()
    setup = Setup(book, (hedge,), ((("coinm", INVERSE, False),),), collateral=plans)
    return decide(setup, Quotes(0, {"BTC": 60_000.0}, {}), 0)


def test_the_next_order_of_a_worked_example() -> None:
    """A short of 60,000 USD leaves 1 BTC open at any price, of 2 owned and its profit or loss.

    At 45 % hedged 1/0.55 BTC are owned: 60,000/P - 1 is 0.1818 lost, P is 73,333. At 55 % it is
    1/0.45, 0.2222 are won, and P is 49,091.
    """
    decision = treasury()
    below, above = sorted(
        next_changes(decision, filled(decision)).changes, key=lambda row: row.price
    )
    assert above.price == pytest.approx(60_000.0 / (1.0 / 0.55 - 1.0), rel=1e-6)
    assert below.price == pytest.approx(60_000.0 / (1.0 / 0.45 - 1.0), rel=1e-6)
    assert (above.contract, below.contract) == ("BTC/USD:BTC", "BTC/USD:BTC")
    assert above.contracts is not None
    assert below.contracts is not None
    assert above.contracts < 0.0 < below.contracts
    for row in (below, above):
        check(decision, row)


def test_the_next_move_of_coins_is_told_where_it_comes_first() -> None:
    """A short at 1.9x of a band to 2x asks for coins long before the hedge leaves its band."""
    decision = treasury(coins=0.52, plan=True)
    rows = next_changes(decision, filled(decision)).changes
    moved = [row for row in rows if row.coins is not None]
    assert moved
    for row in moved:
        assert row.contract is None
        assert row.currency == "BTC"
        check(decision, row)


def test_what_is_traded_now_is_told_first_and_the_rest_of_the_book_after_it() -> None:
    """At half the price too much is sold: it is bought back, and the next order is as at rest."""
    decision = treasury()
    wide = decide(decision.setup, Quotes(0, {"BTC": 30_000.0}, {}), 0)
    ahead = next_changes(wide, wide.flat.state)
    assert ahead.now == [NextNowRow("coinm", "BTC/USD:BTC", 15_000.0)]
    assert ahead.changes == next_changes(wide, filled(wide)).changes
    assert {row.side for row in ahead.changes} == {"above", "below"}
    said = [getattr(one, "text", "") for one in ahead_section(ahead, "now").items]
    assert said[0] == "at once: buy 15,000 contracts of BTC/USD:BTC on coinm"
    assert "At once: what the next look does before any price moves" in said[-1]


def test_coins_that_are_given_back_at_once_hide_nothing() -> None:
    """1.9 BTC stand behind a short of 60,000 USD, less than once: 1.5x is kept, and 2x asks."""
    decision = released()
    ahead = next_changes(decision, filled(decision))
    (now,) = ahead.now
    assert (now.account, now.contract, now.currency) == ("coinm", None, "BTC")
    assert now.coins == pytest.approx(1.0 / 1.5 - 1.9)
    assert now_line(now) == "at once: move 1.23333333 BTC back from coinm"
    above = next(row for row in ahead.changes if row.side == "above")
    # equity 2/3 - 1 + 60,000/P is half of 60,000/P
    assert (above.coins or 0.0) > 0.0
    assert above.price == pytest.approx(60_000.0 / (2.0 * (1.0 - 1.0 / 1.5)), rel=1e-5)


def released() -> Decision:
    """A short that more coins back than its plan keeps there."""
    book = Book(
        (
            vault(BTC=0.1),
            account("coinm", {"BTC": 1.9}, (Position(INVERSE, -60_000.0, 60_000.0),)),
        )
    )
    hedge = fixed("BTC", 0.5, band=Band(0.3, 0.0, 0.3, 0.0))
    plans = (CollateralPlan(("vault",), (1.0, 1.5, 1.5, 2.0), account="coinm"),)
    setup = Setup(book, (hedge,), ((("coinm", INVERSE, False),),), collateral=plans)
    first = decide(setup, Quotes(0, {"BTC": 60_000.0}, {}), 0)
    first.answer.top_up[0] = 0.0  # nothing is moved yet
    return first


def test_of_an_unknown_price_nothing_is_told() -> None:
    """1 holds its place: no row is told at a multiple of that, and the coin is named."""
    decision = treasury()
    state = copy_state(filled(decision))
    state.known[decision.flat.currency("BTC")] = 0
    ahead = next_changes(decision, state)
    assert (ahead.changes, ahead.unproven, ahead.unknown) == ([], [], ["BTC"])
    said = [getattr(one, "text", "") for one in ahead_section(ahead, "now").items]
    assert said[0] == "BTC: not told, as its price or what is held of it is not known now"


def test_many_coins_are_moved_together() -> None:
    """More than four hedged coins have one row a side, without a coin."""
    names = [f"C{n}" for n in range(5)]
    contracts = [linear(name) for name in names]
    lines = tuple(Position(one, -5.0, 100.0) for one in contracts)
    book = Book((vault(**dict.fromkeys(names, 10.0)), account("usdm", {"USDT": 9_000.0}, lines)))
    hedges = tuple(fixed(name, 0.5, band=Band(0.05, 0.0, 0.05, 0.0)) for name in names)
    legs = tuple((("usdm", one, False),) for one in contracts)
    setup = Setup(book, hedges, legs, limits=Limits(max_leverage=1.0))
    decision = decide(setup, Quotes(0, dict.fromkeys(names, 100.0) | {"USDT": 1.0}, {}), 0)
    rows = next_changes(decision, filled(decision)).changes
    assert rows
    assert {row.coin for row in rows} == {None}


def test_a_hedge_on_two_proxies_tells_both_orders() -> None:
    """What `act` would send at the price that is told, all of it, the largest first."""
    decision = decide(
        Setup(
            Book((vault(SOL=100.0), account("coinm", {"BTC": 2.0, "ETH": 20.0}))),
            (
                fixed(
                    "SOL",
                    1.0,
                    band=Band(0.02, 0.0, 0.02, 0.0),
                    proxies=(Proxy("BTC", 0.6), Proxy("ETH", 0.7)),
                ),
            ),
            ((("coinm", INVERSE, False), ("coinm", inverse("ETH", 10.0), False)),),
        ),
        Quotes(0, {"BTC": 60_000.0, "ETH": 3_000.0, "SOL": 150.0}, {}),
        0,
    )
    rows = next_changes(decision, filled(decision)).changes
    both = [row for row in rows if len(row.orders) == 2]
    assert both
    for row in rows:
        assert row.coins is not None or row.orders[0].contracts == row.contracts
        assert row.coins is not None or row.orders[0].contract == row.contract
        assert all(one.contracts != 0.0 for one in row.orders)
    said = change_line(both[0])
    assert " contracts of BTC/USD:BTC and " in said or " of ETH/USD:ETH and " in said
    assert NextChangeRow.of(asdict(both[0])) == both[0]
