"""Laws of capacity: a group takes all that its limits allow, and not a lot more."""

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.factories import account, decided, filled, fixed, inverse, linear, vault
from tests.laws.after import act_again, sent_legs
from tests.laws.strategies import Case, cases, logarithmic, margins
from volsculpt.book.fill import fill
from volsculpt.book.group import group_equity, group_gross
from volsculpt.book.holdings import Book, Position, WorkingOrder
from volsculpt.book.liquidation import excess_at
from volsculpt.book.state import SLOT_FREE, State, copy_state
from volsculpt.contracts.spec import Fees, Margin
from volsculpt.decide.limits import Limits
from volsculpt.decide.step import Decision

FREE = Fees(taker=0.0)


def worst(decision: Decision, state: State) -> float:
    """The tightest of a lone group's limits, below zero when broken, in its own unit."""
    layout, quote, rules = decision.flat.layout, decision.quoted.quote, decision.rules
    room = [excess_at(layout, state, quote, 0, 1.0, -1, 1)]
    for side in (-1.0, 1.0):
        if rules.min_distance > 0.0 and side * rules.min_distance > -1.0:
            factor = 1.0 + side * rules.min_distance
            room.append(excess_at(layout, state, quote, 0, factor, -1, 1))
    if rules.max_leverage > 0.0:
        equity = group_equity(layout, state, quote, 0)
        room.append(rules.max_leverage * equity - group_gross(layout, state, quote, 0))
    return min(room)


@given(
    margins(),
    st.sampled_from(["inverse", "linear"]),
    st.sampled_from(["cross", "unified"]),
    logarithmic(1e3, 1e8),
    st.one_of(st.just(0.0), st.floats(0.5, 20.0)),
    st.floats(0.02, 0.9),
)
def test_a_group_is_filled_to_its_limit(
    margin: Margin, payoff: str, mode: str, usd: float, leverage: float, distance: float
) -> None:
    """The order leaves the group within its limits, and two lots more would break one."""
    if payoff == "inverse":
        contract, coins = inverse(margin=margin, fees=FREE), {"BTC": usd / 60_000.0}
    else:
        contract, coins = linear(margin=margin, lot=1e-5, fees=FREE), {"USDT": usd}
    book = Book((vault(BTC=1e7), account("one", coins, mode=mode)))
    limits = Limits(max_leverage=leverage or None, min_liquidation_distance=distance)
    prices = {"BTC": 60_000.0, "USDT": 1.0}
    decision = decided(book, [fixed()], [[("one", contract, False)]], prices, limits)
    assume(sent_legs(decision) == [0])
    state, scale = filled(decision), usd * 1e-9
    assert worst(decision, state) >= -scale
    assume(margin.unit == "value")
    fill(decision.flat.layout, state, 0, -2.0 * contract.lot, 60_000.0, 0.0)
    assert worst(decision, state) < scale


@given(logarithmic(1.0, 1e3), st.floats(0.1, 1.0), st.booleans())
def test_a_replacement_waits_for_what_it_replaces(coins: float, ratio: float, busy: bool) -> None:
    """A leg to retire that cannot be closed yet is not hedged a second time elsewhere."""
    old = inverse(venue="bybit", lot=1.0 if busy else 1e6)
    new = inverse(venue="binance")
    held = -max(1.0, round(coins * ratio)) * 1e6
    orders = (WorkingOrder("a1", old, -1.0, "acked"),) if busy else ()
    line = (Position(old, held, 60_000.0),)
    book = Book(
        (
            vault(BTC=coins),
            account("one", {"BTC": 1e4}, line, orders=orders),
            account("two", {"BTC": 1e4}, venue="binance"),
        )
    )
    legs = [[("two", new, False), ("one", old, True)]]
    limits = Limits(max_order_usd=None if busy else 5e5)
    hedge = fixed(base="coins", coins=-held / 60_000.0 + 2e4)
    decision = decided(book, [hedge], legs, {"BTC": 60_000.0}, limits)
    ends = [decision.answer.before[0], decision.answer.want[0]]
    assert min(ends) - 1e-4 <= decision.answer.after[0] <= max(ends) + 1e-4


@given(st.floats(0.0, 0.15), st.booleans(), st.sampled_from((0.5, 1.0)))
def test_what_an_open_loss_owes_is_owed_as_what_it_leaves(
    coins: float, closed: bool, ratio: float
) -> None:
    """A short of 20 USD from 55.18 owes 0.229 SOL at 150, and as much once it is closed there.

    So much may be held long, and no more: half of the coin stated would ask for 0.5 beside it.
    """
    contract = inverse("SOL", lot=1.0, venue="alpha")
    loss = 20.0 / 55.18 - 20.0 / 150.0
    lines = () if closed else (Position(contract, -20.0, 55.18),)
    one = account("one", {"SOL": coins - loss if closed else coins}, lines, venue="alpha")
    hedge = fixed("SOL", ratio, base="coins", coins=1.0)
    decision = decided(Book((one,)), [hedge], [[("one", contract, False)]], {"SOL": 150.0})
    assert abs(decision.answer.want[0] - (loss - coins)) < 1e-12


@given(cases(bounded=False, payoffs=("inverse",)))
def test_what_is_working_counts_as_held(case: Case) -> None:
    """A target is the same while an order works and once it is filled at the mark."""
    decision = case.decide()
    layout, quote = decision.flat.layout, decision.quoted.quote
    state = copy_state(decision.flat.state)
    for leg, working in enumerate(decision.flat.state.working):
        if working != 0.0:
            fill(layout, state, leg, working, quote.mark[leg], 0.0)
            state.working[leg], state.slot[leg] = 0.0, SLOT_FREE
    later = act_again(decision, state)
    for pool, want in enumerate(decision.answer.want):
        scale = 1e-9 * (1.0 + abs(want) + sum(map(abs, decision.answer.base)))
        scale += 1e-9 * abs(decision.answer.before[pool])
        assert abs(later.want[pool] - want) <= scale
        assert abs(later.before[pool] - decision.answer.before[pool]) <= scale
