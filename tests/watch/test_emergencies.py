"""What an owner is told near an end: beside the plan's own orders and coins, and no more."""

from dataclasses import replace

import pytest

from tests.factories import NO_LIMITS, account, decided, fixed, inverse, linear, vault
from tests.report.plans import treasury
from volsculpt.book.breaches import Breaches
from volsculpt.book.fill import fill
from volsculpt.book.holdings import Book, Position
from volsculpt.book.state import copy_state
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.step import Decision
from volsculpt.report.pages.plan_danger import rescue_lines
from volsculpt.report.rows.plan_steps import rescues, step_rows
from volsculpt.watch.breach import main_leg, margin_status
from volsculpt.watch.danger import DangerRow, dangers, desk_words
from volsculpt.watch.filled import arrived, filled

BTC = inverse()


def near(cold: float, ratio: float = 1.0, planned: bool = False) -> Decision:
    """A short of 60,000 USD from 50,000 on 0.2 BTC, at 59,000: 60x, closed by a rise of 1.2 %."""
    held = (Position(BTC, -60_000.0, 50_000.0),)
    book = Book((vault(BTC=cold), account("futures", {"BTC": 0.2}, held)))
    plans = (CollateralPlan(("vault",)),) if planned else ()
    legs = [[("futures", BTC, False)]]
    return decided(book, [fixed("BTC", ratio)], legs, {"BTC": 59_000.0}, plans=plans)


def told(decision: Decision) -> DangerRow:
    """The one danger of a decision."""
    (row,) = dangers(decision, filled(decision))
    return row


@pytest.mark.parametrize(("cold", "ratio"), [(1.0, 0.5), (0.05, 1.0)])
def test_orders_and_moved_coins_that_mend_it_together_need_nothing_more(
    cold: float, ratio: float
) -> None:
    """0.1693 BTC were asked for beside an order that halves the short: they came back next day."""
    decision = near(cold, ratio, planned=True)
    row = told(decision)
    assert row.text.startswith("MOVE ")
    assert " TO futures AND SEND THE ORDERS NOW, as told below: a rise of 1.19 %" in row.text
    assert (row.add_coin, row.close, row.mended) == (0.0, [], False)
    book = arrived(decision, filled(decision))
    leg = main_leg(decision.flat, (book,), decision.quoted.quote, 0)
    then = margin_status(Breaches(decision.flat, book, decision.quoted.quote), 0, leg)
    assert then.leverage == pytest.approx(3.0)
    assert rescues([row]) == []


def test_coins_beside_the_orders_are_those_that_the_orders_leave_open() -> None:
    """BUY 41,300 leaves 19x; 0.0891 BTC more make it 3x, where 0.3221 and 57,095 were told."""
    row = told(near(0.3))
    assert row.text.startswith(
        "SEND THE ORDERS NOW, as told below, AND ADD 0.08906 BTC TO futures NOW (vault has 0.3 BTC)"
    )
    assert row.close == []
    assert row.coins == pytest.approx(0.322, abs=1e-3)  # what brings it there as it stands


def test_what_to_close_is_told_with_the_limit_that_keeps_it_closed() -> None:
    """A hedge at its target sells back what is bought: max_leverage keeps it from that."""
    contract = linear()
    legs, prices = [[("usdm", contract, False)]], {"BTC": 60_000.0, "USDT": 1.0}

    def plan(short: float, cash: float, limits: Limits = NO_LIMITS) -> Decision:
        held = (Position(contract, -short, 50_000.0),)
        book = Book((vault(BTC=1.0), account("usdm", {"USDT": cash}, held)))
        return decided(book, [fixed()], legs, prices, limits)

    row = told(plan(1.0, 12_000.0))
    (closing,) = row.close
    assert row.close_max_leverage == 3.0
    words = f"OR BUY BACK {closing.contracts:g} contracts of BTC/USDT:USDT AND SET max_leverage = 3"
    assert f"{words} IN [limits]: " in row.text
    left, cash = 1.0 - closing.contracts, 12_000.0 - closing.contracts * (10_000.0 + 30.0)
    again = plan(left, cash, Limits(max_leverage=3.0))
    assert again.answer.trade[0] == 0.0
    assert dangers(again, filled(again)) == []
    assert plan(left, cash).answer.trade[0] < 0.0


def two_shorts() -> Decision:
    """Shorts of 1 BTC and 10 ETH on one margin of 2,000 USDT: 46.5x, and no USDT anywhere."""
    bitcoin, ether = linear(), linear("ETH")
    held = (Position(bitcoin, -1.0, 50_000.0), Position(ether, -10.0, 2_500.0))
    book = Book((vault(BTC=1.0, ETH=10.0), account("usdm", {"USDT": 20_000.0}, held)))
    return decided(book, [], [], {"BTC": 60_000.0, "ETH": 3_300.0, "USDT": 1.0})


def test_legs_on_one_margin_are_closed_in_proportion() -> None:
    """Neither alone ends it: 94 % of both do, where only 29,000 USDT were told."""
    decision = two_shorts()
    row = told(decision)
    one, other = row.close
    assert (one.contract, other.contract) == ("BTC/USDT:USDT", "ETH/USDT:USDT")
    assert one.contracts == pytest.approx(0.937, abs=2e-3)
    assert other.contracts == pytest.approx(9.37, abs=2e-2)
    words = f"OR BUY BACK {one.contracts:g} contracts of BTC/USDT:USDT AND {other.contracts:g}"
    assert words in row.text
    book, layout = copy_state(decision.flat.state), decision.flat.layout
    for line in row.close:
        leg = [contract.symbol for _, contract in decision.flat.legs].index(line.contract)
        fill(layout, book, leg, line.contracts, decision.quoted.quote.mark[leg], 0.0005)
    after = margin_status(Breaches(decision.flat, book, decision.quoted.quote), 0, 0)
    assert after.leverage is not None
    assert 2.9 < after.leverage <= 3.0


def test_a_long_and_a_short_on_one_margin_say_what_is_bought_and_what_is_sold() -> None:
    """SELL the one, the larger, AND BUY BACK the other."""
    bitcoin, ether = linear(), linear("ETH")
    held = (Position(bitcoin, -1.0, 50_000.0), Position(ether, 20.0, 3_300.0))
    book = Book((account("usdm", {"USDT": 12_000.0}, held),))
    row = told(decided(book, [], [], {"BTC": 60_000.0, "ETH": 3_300.0, "USDT": 1.0}))
    assert {line.side for line in row.close} == {"buy", "sell"}
    assert "OR SELL 19.073 contracts of ETH/USDT:USDT AND BUY BACK 0.954 contracts" in row.text


def test_the_steps_tell_the_coins_with_what_to_do_instead() -> None:
    """The list of what to do says ADD and OR, as the danger does, and the coins of the danger."""
    row = told(two_shorts())
    (step,) = step_rows(two_shorts(), [], [], [], [], [row])
    assert (step.action, step.coins, step.account) == ("bring", row.add_coin, "usdm")

    (line,) = rescue_lines(replace(treasury(), dangers=[row]))
    assert line.text.startswith("ADD 29,000 USDT to usdm, OR BUY BACK 0.937 contracts of BTC/USDT")
    assert line.text.endswith(", as told above")


@pytest.mark.parametrize(
    ("text", "carried", "said"),
    [
        ("SEND THE ORDERS NOW, as told below, AND ADD 1 BTC TO a: x", False, "ADD 1 BTC TO a: x"),
        ("SEND THE ORDERS NOW, as told below: x", False, "THE DESK SENDS THE ORDERS NOW: x"),
        ("MOVE 1 BTC TO a AND SEND THE ORDERS NOW, as told below", False, "MOVE 1 BTC TO a NOW"),
        ("MOVE 1 BTC TO a AND POST THE COINS, as told below", True, "THE DESK MOVES 1 BTC TO a"),
        ("MOVE 1 BTC TO a, as told below, AND ADD 2", False, "MOVE 1 BTC TO a, AND ADD 2"),
        ("ADD 1 BTC TO a NOW: x", True, "ADD 1 BTC TO a NOW: x"),
    ],
)
def test_a_desk_tells_what_it_does_not_do_itself(text: str, carried: bool, said: str) -> None:
    """It sends the orders, and may move the coins."""
    assert desk_words(text, carried) == said


def test_coins_from_outside_are_enough_for_what_is_sold_of_them() -> None:
    """Each coin that is bought is sold 1.2 times: to 3x alone, the next plan stood at 4.2x."""
    limits, legs = Limits(max_ratio=1.5), [[("futures", BTC, False)]]

    def plan(coins: float, short: float) -> Decision:
        held = (Position(BTC, -short, 59_000.0),)
        cold = account("vault", {"BTC": 1.0}, kind="cold", locked_until_ns=2**62)
        book = Book((cold, account("futures", {"BTC": coins}, held)))
        return decided(book, [fixed("BTC", 1.2)], legs, {"BTC": 59_000.0}, limits)

    short = round(1.2 * 1.02 * 59_000.0)
    row = told(plan(0.02, short))
    assert row.add_coin > row.coins > 0.0
    (size,) = plan(0.02 + row.add_coin, short).answer.trade
    assert size < 0.0
    grown = plan(0.02 + row.add_coin + size / 59_000.0 * 0.0005, short - size)
    assert dangers(grown, filled(grown)) == []
