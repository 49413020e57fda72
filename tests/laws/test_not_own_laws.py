"""Laws of what is not own: in the margin of its account, and in nothing else."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.factories import account, decided, fixed, flat_at, inverse, linear, sums_of, vault
from tests.laws.after import act_again
from tests.laws.strategies import Case, cases
from volsculpt.book.fill import fill
from volsculpt.book.flatten import Flat, flatten
from volsculpt.book.group import group_equity, group_gross, group_maintenance
from volsculpt.book.holdings import Account, Book, NotOwn, Position, as_stated
from volsculpt.book.liquidation import DOWN, UP, liquidation_factor
from volsculpt.book.owners import cost_of
from volsculpt.book.state import State, copy_state
from volsculpt.contracts.payoff import PAYOFF_CODE, average_entry
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.step import Decision
from volsculpt.hedge.answer import Band

INVERSE, LINEAR = inverse(), linear()
PRICES = {"BTC": 50_000.0, "USDT": 1.0}
PLAN = CollateralPlan(("vault",), (1.0, 2.0, 2.0, 3.0))
NEAR = pytest.approx
parts = st.integers(-400_000, 400_000).filter(lambda count: count != 0).map(float)
entries = st.floats(30_000.0, 80_000.0)


def beside(own: Position, other: Position) -> tuple[Position, NotOwn]:
    """What a venue shows of two positions in one contract, and which part of it is not own."""
    contract, count = own.contract, own.contracts + other.contracts
    cost = cost_of(own) + cost_of(other)
    entry = average_entry(PAYOFF_CODE[contract.payoff], count, contract.multiplier, cost)
    said = NotOwn(contract, other.contracts, other.entry)
    return Position(contract, count, entry), said


def shared(one: Account, share: float, entry_by: float) -> Account:
    """The account with somebody else's contracts beside each of its positions."""
    pairs = []
    for held in one.positions:
        other = Position(held.contract, share * held.contracts, entry_by * held.entry)
        pairs.append(beside(held, other))
    return replace(
        one, positions=tuple(x for x, _ in pairs), not_own=tuple(said for _, said in pairs)
    )


def groups_of(flat: Flat) -> range:
    """Rows of the margin groups."""
    return range(len(flat.groups))


@given(case=cases(), share=st.sampled_from([-0.5, 0.25, 1.0, 3.0]), entry_by=st.floats(0.8, 1.25))
def test_exposure_is_of_what_is_own_and_margin_of_all(
    case: Case, share: float, entry_by: float
) -> None:
    """Sums are those of the own book; groups stand as if the venue's whole position were own."""
    book = case.setup.book
    assume(any(one.positions for one in book.accounts))
    with_others = tuple(
        shared(one, share, entry_by) if one.margin_mode in ("cross", "unified") else one
        for one in book.accounts
    )
    more = replace(book, accounts=with_others)
    quote = case.decide().quoted.quote
    legs = [(where, contract) for used in case.setup.legs for where, contract, _ in used]
    coins = [name for hedge in case.setup.hedges for name in hedge.coins_named]
    names = [*(name for name in coins if name), *case.setup.currencies]
    bare, told, whole = (flatten(one, legs, names) for one in (book, more, as_stated(more)))
    assert bare.currencies == told.currencies == whole.currencies
    mine, theirs = (sums_of(one, one.state, quote) for one in (bare, told))
    size = max(abs(coins) for sums in mine for coins in sums)
    for here, there in zip(mine, theirs, strict=True):
        assert list(there) == NEAR(list(here), rel=1e-6, abs=1e-9 * size + 1e-12)
    for group in groups_of(told):
        for figure in (group_equity, group_maintenance, group_gross):
            there = figure(told.layout, told.state, quote, group)
            gross = group_gross(whole.layout, whole.state, quote, group)
            want = figure(whole.layout, whole.state, quote, group)
            assert there == NEAR(want, rel=1e-6, abs=1e-6 * gross + 1e-9)


@given(own=st.integers(-60_000, 0).map(float), other=parts, entry=entries, entered=entries)
def test_liquidation_counts_what_is_not_own(
    own: float, other: float, entry: float, entered: float
) -> None:
    """It comes where the venue's net position makes it come, on either side."""
    assume(own + other != 0.0 and own != 0.0)
    held, said = beside(Position(INVERSE, own, entry), Position(INVERSE, other, entered))
    assume(held.entry > 0.0)
    one = account("coinm", {"BTC": 9.0}, (held,), not_own=(said,))
    (flat, quote), (whole, _) = (flat_at(Book((x,)), PRICES) for x in (one, without(one)))
    for way in (UP, DOWN):
        found = liquidation_factor(flat.layout, flat.state, quote, 0, way, -1, 1)
        want = liquidation_factor(whole.layout, whole.state, quote, 0, way, -1, 1)
        assert found[0] == want[0]
        assert found[1] == NEAR(want[1], rel=1e-6)


def filled(made: Decision, start: State, trade: Sequence[float]) -> State:
    """The state once orders fill at the mark, fees paid."""
    state, legs = copy_state(start), made.flat.layout.legs
    for leg, size in enumerate(trade):
        fill(made.flat.layout, state, leg, size, made.quoted.quote.mark[leg], legs.taker[leg])
    return state


def without(one: Account) -> Account:
    """The account as its venue states it."""
    return as_stated(Book((one,))).accounts[0]


def hedged(ratio: float, one: Account, limits: Limits, planned: bool = False) -> Decision:
    """A hedge of 5 BTC and what the account holds, in its inverse perpetual."""
    plans = [PLAN] if planned else []
    legs, hedge = [("coinm", INVERSE, False)], fixed(ratio=ratio, band=Band(0.02, 0.0, 0.02, 0.0))
    return decided(Book((vault(BTC=5.0), one)), [hedge], [legs], PRICES, limits, plans)


@given(
    ratio=st.floats(0.0, 1.0),
    own=st.integers(-200_000, 0).map(float),
    other=parts,
    entry=entries,
    coins=st.sampled_from([0.0, 0.5]),
    whole=st.booleans(),
)
def test_orders_are_the_same_beside_others_where_margin_is_ample(
    ratio: float, own: float, other: float, entry: float, coins: float, whole: bool
) -> None:
    """Contracts of the same contract, of another one and coins change no order and no ratio."""
    assume(own + other != 0.0)
    mine = Position(INVERSE, own, 50_000.0)
    bare = account("coinm", {"BTC": 40.0}, (mine,) if own else ())
    held, said = beside(mine, Position(INVERSE, other, entry))
    if whole:
        held, said = Position(LINEAR, other / 1e5, entry), NotOwn(LINEAR)
    stated = (held, *bare.positions) if whole else (held,)
    more = account("coinm", {"BTC": 40.0 + coins, "USDT": 3e5}, stated, not_own=(said,))
    more = replace(more, not_own_coins={"BTC": coins, "USDT": 3e5} if coins else {"USDT": 3e5})
    one, two = (hedged(ratio, x, Limits()) for x in (bare, more))
    leg = two.flat.leg("coinm", INVERSE)
    assert two.answer.trade[leg] == one.answer.trade[0]
    assert sum(map(abs, two.answer.trade)) == abs(one.answer.trade[0])
    assert two.answer.base == NEAR(one.answer.base, rel=1e-9)
    assert two.answer.held == NEAR(one.answer.held, abs=1e-9)


@given(
    ratio=st.floats(0.0, 1.0),
    own=st.integers(-50_000, 0).map(float),
    other=parts,
    coins=st.floats(0.05, 6.0),
    leverage=st.sampled_from([None, 1.0, 3.0]),
    planned=st.booleans(),
)
def test_limits_hold_with_others_and_it_comes_to_rest(
    ratio: float, own: float, other: float, coins: float, leverage: float | None, planned: bool
) -> None:
    """No sale takes the group past its limit; after three rounds nothing is traded any more.

    Buying back what is own is never held back, not where it leaves the others' long alone.
    """
    assume(own + other != 0.0)
    held, said = beside(Position(INVERSE, own, 50_000.0), Position(INVERSE, other, 50_000.0))
    one = account("coinm", {"BTC": coins}, (held,), not_own=(said,))
    made = hedged(ratio, one, Limits(max_leverage=leverage), planned)
    state = filled(made, made.flat.state, made.answer.trade)
    quote = made.quoted.quote
    assert list(state.others) == list(made.flat.state.others)
    before, after = (
        group_gross(made.flat.layout, x, quote, 0) / group_equity(made.flat.layout, x, quote, 0)
        for x in (made.flat.state, state)
    )
    if leverage is not None and made.answer.trade[0] <= 0.0:
        assert after <= max(before, leverage) + 1e-3
    traded = 1
    while any(trade := list(act_again(made, state).trade)):
        state, traded = filled(made, state, trade), traded + 1
        assert traded <= 3


@given(own=st.integers(-50_000, 0).map(float), other=parts)
def test_only_what_a_venue_would_take_is_reduce_only(own: float, other: float) -> None:
    """An order that would pass the venue's net position through flat is a plain one."""
    from volsculpt.report.rows.plan_book import order_rows

    assume(own != 0.0 and own + other != 0.0)
    held, said = beside(Position(INVERSE, own, 50_000.0), Position(INVERSE, other, 50_000.0))
    one = account("coinm", {"BTC": 40.0}, (held,), not_own=(said,))
    for order in order_rows(hedged(0.0, one, Limits())):
        net, bought = own + other, order.contracts if order.side == "buy" else -order.contracts
        assert order.held_contracts == own
        assert order.reduce_only == (net * bought < 0.0 and abs(bought) <= abs(net))
