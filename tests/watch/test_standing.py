"""How margin groups stand: as a plan tells it, and with what was filled since a decision."""

from dataclasses import replace

import pytest

from tests.factories import (
    THE_BOOK,
    THE_HEDGES,
    THE_LEGS,
    THE_MARKS,
    THE_PRICES,
    account,
    decided,
    fixed,
    inverse,
    vault,
)
from tests.trade.desks import KEY, TEXT, Bench, run, small
from volsculpt.book.holdings import Book, Position
from volsculpt.decide.step import Decision
from volsculpt.ledger.books import Books, PositionBooked
from volsculpt.ledger.decisions import flat_of
from volsculpt.ledger.events import Decided
from volsculpt.report.rows.plan_margin import margin_rows
from volsculpt.watch import standing
from volsculpt.watch.breach import MarginStatus
from volsculpt.watch.filled import filled
from volsculpt.watch.standing import standings, with_fills

MADE = decided(THE_BOOK, THE_HEDGES, THE_LEGS, THE_PRICES, contract_prices=THE_MARKS)
ETH = inverse("ETH")
NAMES = (
    "account group currency equity_coin leverage liquidation_price liquidation_contract "
    "liquidation_coin liquidation_move"
).split()


def held(eth: float, contracts: float = -10_000.0) -> Decision:
    """A short of 10,000 USD from 3,000 on 1.11 coins, at a price of ETH."""
    position = Position(ETH, contracts, 3_000.0)
    positions = (position,) if contracts else ()
    book = Book((vault(ETH=2.2222222), account("futures", {"ETH": 1.1111111}, positions)))
    return decided(book, [fixed("ETH")], [[("futures", ETH, False)]], {"ETH": eth})


def test_groups_stand_as_the_plan_says_the_nearest_first() -> None:
    """Isolated and cross, in coins and stablecoins: the figures of its table of margin."""
    told = {
        (row.account, row.group): row
        for row in margin_rows(MADE, filled(MADE))
        if row.stage == "before" and row.leverage
    }
    found = standings(MADE.flat, MADE.quoted.quote)
    assert {(one.account, one.group) for one in found} == set(told)
    for one in found:
        row = told[one.account, one.group]
        assert [getattr(one, name) for name in NAMES] == [getattr(row, name) for name in NAMES]
        assert one.liquidation_distance == row.liquidation_distance
        assert one.equity_usd == one.equity_coin * THE_PRICES[one.currency]
        assert one.price == THE_MARKS.get(THE_LEGS[0][1][1].key) or one.price in (
            *THE_PRICES.values(),
        )
    distances = [one.liquidation_distance for one in found]
    assert distances == sorted(one for one in distances if one is not None)


@pytest.mark.parametrize("eth", [4_499.9, 4_500.0, 5_000.0])
def test_a_margin_that_is_gone_is_no_distance_away(eth: float) -> None:
    """At less equity than maintenance the exchange closes it now: 0, never a move back."""
    (one,) = standings(held(eth).flat, held(eth).quoted.quote)
    assert one.liquidation_distance == 0.0
    assert one.leverage is None or one.leverage > 100.0


def test_a_margin_that_is_gone_is_no_distance_away_where_no_move_is_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of contracts between stablecoins no move of coins is told, and the exchange closes them."""
    gone = MarginStatus(0, -1, equity=1.0, maintenance=2.0, gross=50.0, breach=None)
    monkeypatch.setattr(standing, "margin_status", lambda *_: gone)
    (one,) = standings(held(3_000.0).flat, held(3_000.0).quoted.quote)
    assert (one.liquidation_distance, one.liquidation_move, one.leverage) == (0.0, None, 50.0)


def test_what_holds_nothing_has_no_end() -> None:
    """A group without contracts is left out; one that no move closes has no distance."""
    assert standings(held(3_000.0, 0.0).flat, held(3_000.0, 0.0).quoted.quote) == []
    small_short = held(3_000.0, -1_000.0)
    (one,) = standings(small_short.flat, small_short.quoted.quote)
    assert (one.liquidation_distance, one.liquidation_price) == (None, None)


def test_fills_since_the_decision_count() -> None:
    """Of 20,000 sold after it, with their fee; where nothing was filled the book is as it was."""
    made = held(3_000.0, 0.0)
    books, leg = Books(), made.flat.leg("futures", ETH)
    same = with_fills(made.flat, made.quoted.quote, made.answer, books)
    assert same.state.contracts[leg] == 0.0
    books.positions["futures", ETH.key] = PositionBooked(
        -2_000.0, -2.0 / 3.0, "inverse", 1.0, "ETH"
    )
    now = with_fills(made.flat, made.quoted.quote, made.answer, books)
    (one,) = standings(now, made.quoted.quote)
    fee = 2_000.0 / 3_000.0 * made.flat.layout.legs.taker[leg]
    assert now.state.contracts[leg] == -2_000.0
    assert one.equity_coin == pytest.approx(1.1111111 - fee, abs=1e-12)


def test_a_stored_decision_stands_as_the_running_one() -> None:
    """From the ledger alone, names and all."""

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(6)
        made = bench.desk.last.decision if bench.desk.last is not None else None
        assert made is not None
        (stored,) = [
            entry.event
            for entry in bench.ledger.entries(bench.ledger.books.last_decision_seq or 0)
            if isinstance(entry.event, Decided)
        ]
        again = flat_of(bench.ledger, stored)
        quote, known = made.quoted.quote, ("base", "quote", "settle", "payoff", "key", "multiplier")
        assert standings(again, quote) == standings(made.flat, quote) != []
        assert replace(again, legs=[]) == replace(made.flat, legs=[], pegs={}, own_fees={})
        for (_, one), (_, other) in zip(again.legs, made.flat.legs, strict=True):
            assert [getattr(one, name) for name in known] == [
                getattr(other, name) for name in known
            ]
        assert made.flat.legs[0][1].key == KEY

    run(work, mandate=small(TEXT))
