"""The remedy that is told ends the danger: of random books, applied and judged again."""

import math
import random
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.factories import account, decided, inverse, linear, vault
from tests.laws.drawn import draw
from tests.laws.rounds import FILL
from tests.watch.followed import starved
from volsculpt.book.holdings import Account, Book, Position
from volsculpt.book.posting import group_wallet, isolated_leg
from volsculpt.book.state import State, copy_state
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.step import Decision
from volsculpt.errors import VolsculptError
from volsculpt.watch.danger import DangerRow, dangers
from volsculpt.watch.filled import arrived, filled

ADD = re.compile(r"\bADD ([\d,.]+) ")


def thin(seed: int) -> Decision | None:
    """A random book whose entries are far from the price, half of them with hardly any coins."""
    drawn, rng = draw(seed), random.Random(seed)
    setup = starved(drawn.setup, rng) if rng.random() < 0.5 else drawn.setup
    rich = rng.random() < 0.5
    accounts = tuple(entered(one, rng, rich) for one in setup.book.accounts)
    limits = setup.limits
    if rng.random() < 0.3:
        limits = replace(limits, max_leverage=rng.choice((2.0, 5.0, 6.0, 10.0)))
    setup = replace(setup, book=replace(setup.book, accounts=accounts), limits=limits)
    try:
        return drawn.decided(setup)
    except VolsculptError:
        return None


def entered(one: Account, rng: random.Random, rich: bool) -> Account:
    """An account that entered its positions far from the price. rich: it keeps its other coins."""
    if one.kind != "margin" and not rich:
        return replace(one, balances={coin: held * 1e-3 for coin, held in one.balances.items()})
    lines = [replace(p, entry=p.entry * math.exp(rng.gauss(0.0, 0.3))) for p in one.positions]
    return replace(one, positions=tuple(lines))


def found(seeds: range) -> Iterator[tuple[int, Decision, DangerRow, State]]:
    """(seed, decision, danger, the book once the plan's own orders and moves are done)."""
    for seed in seeds:
        decision = thin(seed)
        if decision is None:
            continue
        after = filled(decision)
        for row in dangers(decision, after):
            yield seed, decision, row, arrived(decision, after)


def group_of(decision: Decision, row: DangerRow) -> int:
    """The row of a danger's group."""
    names = [(one.account, one.group) for one in decision.flat.groups]
    return names.index((row.account, row.group))


def lasts(decision: Decision, row: DangerRow, book: State, reported: bool = True) -> list[str]:
    """What is told of the same group in another book, the danger reported before or not."""
    flat = replace(decision.flat, state=book)
    levels = {f"{row.account}|{row.group}": row.level} if reported else {}
    again = dangers(replace(decision, flat=flat), book, levels)
    return [one.text for one in again if (one.account, one.group) == (row.account, row.group)]


def told_wallet(decision: Decision, row: DangerRow) -> int:
    """The wallet that coins told to be added go to: what is posted, of an isolated position."""
    layout, group = decision.flat.layout, group_of(decision, row)
    leg, currency = isolated_leg(layout, group), decision.flat.currency(row.currency)
    return layout.legs.posted_wallet[leg] if leg >= 0 else group_wallet(layout, group, currency)


def test_the_coins_told_end_the_danger() -> None:
    """ADD, and nothing more is told of the group, though what was a danger lasts a tenth longer."""
    added = 0
    for seed, decision, row, book in found(range(300)):
        told = ADD.search(row.text)
        wallet = told_wallet(decision, row)
        if told is None or row.text.startswith("MOVE") or wallet < 0:
            continue
        book.wallet[wallet] += float(told[1].replace(",", ""))
        assert lasts(decision, row, book) == [], (seed, row.text)
        added += 1
    assert added > 50


def test_the_contracts_told_end_the_danger() -> None:
    """BUY BACK or SELL, its fee paid: at least one contract, and nothing more is told."""
    closed = 0
    for seed, decision, row, book in found(range(450)):
        if not row.close:
            continue
        names = [(one, contract.symbol) for one, contract in decision.flat.legs]
        for line in row.close:
            leg, legs = names.index((row.account, line.contract)), decision.flat.layout.legs
            held, count = book.contracts[leg], line.contracts
            size = -held if math.isclose(count, abs(held)) else math.copysign(count, -held)
            assert (size > 0.0) == (line.side == "buy"), (seed, row.text)
            assert f"{count:,.10g} contract" in row.text
            mark = decision.quoted.quote.mark[leg]
            FILL(decision.flat.layout, book, leg, size, mark, legs.taker[leg])
        assert lasts(decision, row, book) == [], (seed, row.text)
        closed += 1
    assert closed > 20


def test_coins_that_the_plan_moves_end_the_danger_with_what_is_told_beside_them() -> None:
    """MOVE as told, AND ADD what is missing beyond."""
    moved = 0
    for seed, decision, row, book in found(range(300)):
        wallet, top_up = told_wallet(decision, row), decision.answer.top_up[group_of(decision, row)]
        is_isolated = isolated_leg(decision.flat.layout, group_of(decision, row)) >= 0
        if not row.text.startswith("MOVE") or wallet < 0 or is_isolated:
            continue
        assert top_up > 0.0
        beside = ADD.search(row.text)
        book.wallet[wallet] += float(beside[1].replace(",", "")) if beside else 0.0
        assert lasts(decision, row, book, reported=False) == [], (seed, row.text)
        moved += 1
    assert moved > 1


@pytest.mark.parametrize("most", [4.0, 6.0, 10.0])
@pytest.mark.parametrize("past", [0.97, 0.999999, 1.0, 1.000001, 1.03])
@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_around_a_limit_the_remedy_is_no_speck(most: float, past: float, side: float) -> None:
    """Just past a limit as just under it: the danger that is told is over with what is told."""
    size = round(most * past * 0.1 * 60_000.0)
    held = (Position(inverse(), side * size, 60_000.0),)
    book = Book((vault(BTC=9.0), account("fut", {"BTC": 0.1}, held)))
    decision = decided(book, [], [], {"BTC": 60_000.0}, Limits(max_leverage=most))
    for row in dangers(decision, filled(decision)):
        assert row.coins > 1e-3
        state = copy_state(decision.flat.state)
        state.wallet[told_wallet(decision, row)] += row.coins
        assert lasts(decision, row, state) == []


def test_coins_are_told_to_one_danger_only() -> None:
    """Two accounts near their end want 0.28 and 0.27 of 0.4 BTC: 0.117 are left for the other."""
    held = (Position(inverse(), -60_000.0, 60_000.0),)
    both = (account("one", {"BTC": 0.05}, held), account("two", {"BTC": 0.06}, held))
    decision = decided(Book((vault(BTC=0.4), *both)), [], [], {"BTC": 60_000.0})
    first, second = dangers(decision, filled(decision))
    assert "(vault has 0.4 BTC)" in first.text
    assert first.coins == pytest.approx(1.0 / 3.0 - 0.05)
    assert "(vault has 0.11666667 BTC)" in second.text
    assert "BUY BACK" in second.text


def test_a_planned_move_that_is_too_small_is_told_with_the_rest() -> None:
    """A source holds a tenth of what is lacking: MOVE it, AND ADD the rest."""
    held = (Position(linear(), -1.0, 60_000.0),)
    cold = (vault(USDT=1_000.0), Account("bank", "cold", balances={"USDT": 90_000.0}))
    book = Book((*cold, account("usdm", {"USDT": 2_000.0}, held)))
    plans, prices = (CollateralPlan(("vault",)),), {"BTC": 60_000.0, "USDT": 1.0}
    decision = decided(book, [], [], prices, Limits(), plans)
    (row,) = dangers(decision, filled(decision))
    assert row.text.startswith("MOVE 1,000 USDT TO usdm NOW, as told below, AND ADD 17,000 USDT (")
    assert "bank has 90,000 USDT" in row.text
