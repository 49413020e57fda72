"""Next steps of random books, followed: coins are there, and limits are kept."""

from dataclasses import replace

import pytest

from tests.laws.rounds import is_overdrawn
from tests.watch.followed import carried_out, stepped, told_to

TOLD_TWICE = [191, 517, 804, 1178, 4983, 6248, 6463]


@pytest.mark.parametrize("seeds", [range(100), TOLD_TWICE], ids=str)
def test_coins_that_are_told_are_there_when_their_step_comes(seeds: range | list[int]) -> None:
    """What orders, posts and steps before take is not told again: no account goes below 0."""
    for told in told_to(seeds):
        book = carried_out(told)
        for row in told.steps:
            before = {one.name: one.balances for one in book.accounts}
            book = stepped(told, book, row)
            there = sum(row.available.values())
            assert row.planned or row.lacking >= (row.coins - there) * (1.0 - 1e-9), told.seed
            assert not is_overdrawn(book), told.seed
            for one in book.accounts:
                if one.name in row.available and not row.planned:
                    left = one.balances.get(row.currency, 0.0)
                    held = before[one.name].get(row.currency, 0.0)
                    assert left >= min(0.0, held) - 1e-9 * row.coins, told.seed


def test_no_step_leads_past_a_limit() -> None:
    """The leverage and the distance told are those that the limits allow."""
    for told in told_to(range(300)):
        limits = told.decision.setup.limits
        for row in told.steps:
            if row.planned:
                continue
            assert row.leverage is not None, told.seed
            assert row.leverage <= (limits.max_leverage or row.leverage) * (1.0 + 1e-9), told.seed
            if limits.min_liquidation_distance and row.liquidation_move is not None:
                least = limits.min_liquidation_distance * (1.0 - 1e-6)
                assert abs(row.liquidation_move) >= least, told.seed


@pytest.mark.parametrize("seed", [269, 303, 494, 609, 679, 720, 778])
def test_what_comes_for_a_step_turns_no_target_round(seed: int) -> None:
    """Coins that are bought or deposited are owned: what was told is not traded back."""
    for told in told_to([seed]):
        book = carried_out(told)
        for row in told.steps:
            book = stepped(told, book, row)
        then = told.drawn.decided(replace(told.decision.setup, book=book))
        signs = {
            (row.account, row.contract): 1.0 if row.side == "buy" else -1.0 for row in told.steps
        }
        for trade, (account, contract) in zip(then.answer.trade, then.flat.legs, strict=True):
            side = signs.get((account, contract.symbol), 0.0)
            sizes = [row.contracts for row in told.steps if row.contract == contract.symbol]
            assert trade * side >= -0.01 * sum(sizes), (account, contract.symbol, trade)
