"""What a plan says first while margin is thin, and in what it tells a liquidation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import account, decided, fixed, inverse, linear, vault
from volsculpt.book.breaches import Breaches
from volsculpt.book.fill import fill
from volsculpt.book.group import group_equity
from volsculpt.book.holdings import Book, Position
from volsculpt.book.state import copy_state
from volsculpt.contracts.spec import Contract, Margin, Tier
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.step import Decision
from volsculpt.hedge.answer import Band
from volsculpt.report.rows.plan_margin import margin_rows, scenario_rows, transfer_rows
from volsculpt.watch.breach import margin_status
from volsculpt.watch.coins import coins_needed, rounded_up
from volsculpt.watch.danger import DangerRow
from volsculpt.watch.danger import dangers as found_dangers
from volsculpt.watch.filled import filled

ETH = inverse("ETH")


def held(eth: float, contracts: float = -10_000.0, coins: float = 1.1111111) -> Decision:
    """A short of 10,000 USD from 3,000, hedged whole, at a price of ETH."""
    position = Position(ETH, contracts, 3_000.0)
    book = Book((vault(ETH=2.2222222), account("futures", {"ETH": coins}, (position,))))
    return decided(book, [fixed("ETH")], [[("futures", ETH, False)]], {"ETH": eth})


def dangers(decision: Decision) -> list[DangerRow]:
    """The danger rows of a decision."""
    return found_dangers(decision, filled(decision))


def test_the_remedy_comes_with_the_danger() -> None:
    """45x: 0.707071 ETH more make it 3x; where they are, and what closes the hedge, is told."""
    (row,) = dangers(held(4_400.0))
    assert (row.level, row.stage, row.currency, row.leverage) == ("critical", "now", "ETH", 3.0)
    assert row.coins == pytest.approx(0.7070707, abs=1e-6)
    assert row.text.startswith(
        "ADD 0.7071 ETH TO futures NOW (vault has 2.2222222 ETH): a rise of "
    )
    assert row.text.endswith("ETH/USD:ETH) closes your hedge")


@pytest.mark.parametrize(("most", "equity"), [(10.0, 1.0 / 3.0), (2.0, 0.5)])
def test_the_coins_told_are_what_a_venue_opens_the_position_at(most: float, equity: float) -> None:
    """To 3x, but half its value where the venue asks that of a position of its size."""
    tight = inverse("ETH", margin=Margin(tiers=(Tier(0.0, 0.005, max_leverage=most),)))
    position = Position(tight, -10_000.0, 3_000.0)
    book = Book((vault(ETH=9.0), account("futures", {"ETH": 1.1111111}, (position,))))
    made = decided(book, [fixed("ETH")], [[("futures", tight, False)]], {"ETH": 4_400.0})
    flat, quote = made.flat, made.quoted.quote
    needed = coins_needed(made, flat.state, 0, 3.0)
    own = group_equity(flat.layout, flat.state, quote, 0)
    assert own + needed == pytest.approx(equity * 10_000.0 / 4_400.0)


@pytest.mark.parametrize("eth", [4_499.9999, 4_500.0, 4_500.1, 5_000.0, 20_000.0])
def test_margin_that_is_gone_is_said_in_words(eth: float) -> None:
    """At nil equity and below there is no leverage and no exponent to read."""
    (row,) = dangers(held(eth))
    assert row.level == "critical"
    assert "closes your hedge" in row.text
    assert not any(word in row.text for word in ("-0", "e-", "nan", "0x"))


@pytest.mark.parametrize(("eth", "level"), [(3_000.0, None), (3_900.0, "warning")])
def test_what_stands_safely_is_no_danger(eth: float, level: str | None) -> None:
    """Under 25 % away is a warning, under 10 % critical, 48 % away nothing."""
    assert [row.level for row in dangers(held(eth))] == ([level] if level else [])


def test_without_free_coins_what_to_close_is_told_as_well() -> None:
    """Nothing in the vault: 9,348 contracts less leave 3x, fee included."""
    position = Position(ETH, -10_000.0, 3_000.0)
    book = Book((account("futures", {"ETH": 1.1111111}, (position,)),))
    decision = decided(book, [], [], {"ETH": 4_400.0})
    (row,) = dangers(decision)
    assert row.text.startswith("ADD 0.7071 ETH TO futures NOW, OR BUY BACK 9,348 contracts of ETH/")
    left = copy_state(decision.flat.state)
    fill(decision.flat.layout, left, 0, 9_348.0, 4_400.0, decision.flat.layout.legs.taker[0])
    quote = decision.quoted.quote
    after = margin_status(Breaches(decision.flat, left, quote), 0, 0)
    assert after.leverage == pytest.approx(3.0, rel=2e-3)
    assert after.leverage <= 3.0


def test_an_isolated_position_is_closed_whole_or_not_at_all() -> None:
    """A part of it closed would take its part of the margin along: leverage stays."""
    position = Position(ETH, -10_000.0, 3_000.0, margin=1.1111111, leverage=3.0)
    book = Book((account("futures", {"ETH": 1.1111111}, (position,), mode="isolated"),))
    decision = decided(book, [], [], {"ETH": 4_400.0})
    (row,) = dangers(decision)
    assert "OR BUY BACK 10,000 contracts of ETH/USD:ETH" in row.text
    assert "futures (ETH/USD:ETH)" in row.text


def test_what_the_orders_mend_is_told_with_them() -> None:
    """Half of what little is left wants a smaller short: its order is the first remedy."""
    position = Position(ETH, -10_000.0, 3_000.0)
    book = Book((vault(ETH=0.1), account("futures", {"ETH": 1.1111111}, (position,))))
    decision = decided(book, [fixed("ETH", 0.5)], [[("futures", ETH, False)]], {"ETH": 4_400.0})
    (row,) = dangers(decision)
    assert row.mended
    assert row.text.startswith("SEND THE ORDERS NOW, as told below: a rise of ")
    assert (row.add_coin, row.close) == (0.0, [])
    assert row.coins == pytest.approx(0.7070707, abs=1e-6)


def test_two_accounts_in_danger_stand_in_the_order_of_their_ends() -> None:
    """The one that a smaller rise closes comes first; each names its own coins and contract."""
    bitcoin = inverse()
    held = (
        account("slow", {"BTC": 0.2}, (Position(bitcoin, -40_000.0, 60_000.0),)),
        account("soon", {"ETH": 1.1111111}, (Position(ETH, -10_000.0, 3_000.0),)),
    )
    book = Book((vault(BTC=1.0, ETH=2.2), *held))
    first, second = dangers(decided(book, [], [], {"BTC": 65_000.0, "ETH": 4_400.0}))
    assert (first.account, first.currency, second.account, second.currency) == (
        "soon",
        "ETH",
        "slow",
        "BTC",
    )


def test_a_linear_long_is_closed_by_a_fall() -> None:
    """Dollars are asked for, and the price stands below."""
    contract = linear("BTC")
    book = Book((account("usdm", {"USDT": 6_000.0}, (Position(contract, 1.0, 60_000.0),)),))
    decision = decided(book, [], [], {"BTC": 60_000.0, "USDT": 1.0})
    (row,) = dangers(decision)
    assert row.currency == "USDT"
    assert row.liquidation_move is not None
    assert row.liquidation_move < 0.0
    assert "a fall of " in row.text
    assert "closes your position" in row.text


def test_a_danger_of_the_orders_themselves_is_told_before_them() -> None:
    """An account with few coins is safe until its first order fills."""
    (row,) = dangers(held(3_000.0, 0.0, 0.05))
    assert row.stage == "after_orders"
    assert "TO futures BEFORE THE ORDERS" in row.text


def test_a_move_in_a_unified_account_names_its_currency() -> None:
    """The group is told in US dollars; bitcoin moves, from and to accounts by name."""
    contract = inverse()
    weights = {"BTC": 0.95}
    unified = account("uta", {"BTC": 0.1}, mode="unified", collateral_weights=weights)
    book = Book((vault(BTC=2.0), unified))
    plans = [CollateralPlan(("vault",))]
    legs = [[("uta", contract, False)]]
    decision = decided(book, [fixed()], legs, {"BTC": 60_000.0}, plans=plans)
    (row,) = transfer_rows(decision)
    assert (row.currency, row.from_, row.to, row.account) == ("BTC", "vault", "uta", "uta")
    assert row.coins == decision.answer.top_up[0] > 0.0


def test_a_liquidation_names_a_contract_that_moves_before_and_after() -> None:
    """A larger pair of stablecoins goes to no such price; the bitcoin contract tells it."""
    pair: Contract = linear("USDC", multiplier=1_000.0)
    contract = linear("BTC")
    positions = (Position(pair, 200.0, 1.0), Position(contract, -1.0, 60_000.0))
    book = Book((account("usdm", {"USDT": 30_000.0}, positions),))
    prices = {"BTC": 60_000.0, "USDC": 1.0, "USDT": 1.0}
    decision = decided(book, [fixed()], [[("usdm", contract, False)]], prices)
    after = filled(decision)
    before, late = margin_rows(decision, after)
    assert before.liquidation_contract == "BTC/USDT:USDT"
    assert before.liquidation_coin == "BTC"
    assert before.liquidation_move is not None
    assert before.liquidation_price == pytest.approx(60_000.0 * (1.0 + before.liquidation_move))
    assert late.liquidation_contract in (None, "BTC/USDT:USDT")
    closed = [one for row in scenario_rows(decision, decision.flat.state) for one in row.liquidated]
    assert all((one.contract, one.coin) == ("BTC/USDT:USDT", "BTC") for one in closed)
    assert closed


@pytest.mark.parametrize(
    ("amount", "up"), [(0.7070707, 0.7071), (1.0, 1.0), (0.0, 0.0), (12_345.6, 12_350.0)]
)
def test_what_to_add_is_rounded_up(amount: float, up: float) -> None:
    """Four digits, and never too little."""
    assert rounded_up(amount) == pytest.approx(up)


@pytest.mark.parametrize(("contracts", "kind"), [(-60_000.0, "post"), (-300.0, "free")])
def test_coins_within_an_isolated_account_are_told_as_moves(contracts: float, kind: str) -> None:
    """0.2 of 0.6 BTC are posted: 5x under a limit of 4x is added to, 0.025x gives back."""
    held = (Position(inverse(), contracts, 60_000.0, margin=0.2, leverage=5.0),)
    own = account("fut", {"BTC": 0.6}, held, mode="isolated", leverage=5.0)
    book, legs = Book((vault(BTC=2.0), own)), [[("fut", inverse(), False)]]
    plans = (CollateralPlan(("vault",), (1.0, 1.5, 1.5, 2.0)),) if kind == "free" else ()
    hedge = fixed(ratio=-contracts / (2.6 * 60_000.0))
    limits = Limits(max_leverage=4.0)
    decision = decided(book, [hedge], legs, {"BTC": 60_000.0}, limits, plans)
    (row,) = [one for one in transfer_rows(decision) if one.kind != "move"]
    assert (row.kind, row.from_, row.to, row.currency) == (kind, "fut", "fut", "BTC")
    assert row.coins == pytest.approx(abs(decision.answer.post[0]))


def test_coins_posted_and_coins_moved_are_told_once_each() -> None:
    """1 BTC on 0.2 posted to 1.5x: 0.05 free coins are posted, 0.416667 come from the vault."""
    held = (Position(inverse(), -60_000.0, 60_000.0, margin=0.2, leverage=5.0),)
    own = account("fut", {"BTC": 0.25}, held, mode="isolated", leverage=5.0)
    book, legs = Book((vault(BTC=2.0), own)), [[("fut", inverse(), False)]]
    plans = (CollateralPlan(("vault",), (1.0, 1.5, 1.5, 2.0)),)
    hedge = fixed(ratio=1.0 / 2.25)
    decision = decided(book, [hedge], legs, {"BTC": 60_000.0}, Limits(), plans)
    told = {one.kind: (one.from_, one.to, one.coins) for one in transfer_rows(decision)}
    assert len(transfer_rows(decision)) == 2
    assert told["post"] == ("fut", "fut", pytest.approx(0.05))
    assert told["move"] == ("vault", "fut", pytest.approx(1.0 / 1.5 - 0.25))
    (after,) = [one for one in margin_rows(decision, filled(decision)) if one.stage == "after"]
    assert after.source == "fut, vault"
    assert after.top_up_coin == pytest.approx(1.0 / 1.5 - 0.2)


def unified(weights: dict[str, float], **coins: float) -> Decision:
    """A short of 1 BTC in a unified account, and nothing to trade."""
    own = account(
        "u",
        coins,
        (Position(inverse(), -60_000.0, 60_000.0),),
        mode="unified",
        collateral_weights=weights,
    )
    return decided(Book((vault(BTC=2.0), own)), [], [], {"BTC": 60_000.0, "USDT": 1.0})


def test_coins_that_count_nothing_are_no_remedy() -> None:
    """BTC at weight 0 cannot help a book at 60x: 19,000 USDT do."""
    (row,) = dangers(unified({"BTC": 0.0, "USDT": 1.0}, BTC=3.0, USDT=1_000.0))
    assert (row.currency, row.coins) == ("USDT", pytest.approx(19_000.0))
    assert row.text.startswith("ADD 19,000 USDT TO u, OR BUY BACK ")


@given(
    weight=st.sampled_from([0.0, 0.5, 0.9, 1.0]),
    owned=st.floats(-0.5, 0.5),
    cash=st.floats(1.0, 60_000.0),
)
def test_the_coins_told_bring_a_unified_account_to_the_leverage_told(
    weight: float, owned: float, cash: float
) -> None:
    """Whatever coins count, those that pay off a loan among them."""
    decision = unified({"BTC": weight, "USDT": 1.0}, BTC=owned, USDT=cash)
    for row in dangers(decision):
        left = copy_state(decision.flat.state)
        held = decision.flat.layout.wallet_currency
        for wallet, label in enumerate(decision.flat.wallets):
            if label.account == "u" and decision.flat.currencies[held[wallet]] == row.currency:
                left.wallet[wallet] += row.coins
        after = margin_status(Breaches(decision.flat, left, decision.quoted.quote), 0, 0)
        assert after.leverage == pytest.approx(row.leverage)


def test_a_planned_move_is_told_with_its_own_amount() -> None:
    """The danger says what the plan moves, not what the leverage alone would want."""
    own = account("futures", {"BTC": 0.3}, (Position(inverse(), -60_000.0, 60_000.0),))
    book, legs = Book((vault(BTC=2.0), own)), [[("futures", inverse(), False)]]
    hedge = fixed("BTC", 0.45, band=Band(0.3, 0.0, 0.3, 0.0))
    plans = (CollateralPlan(("vault",), (3.0, 5.0, 5.0, 6.0)),)
    limits = Limits(max_leverage=4.0)
    decision = decided(book, [hedge], legs, {"BTC": 66_000.0}, limits, plans)
    (row,) = dangers(decision)
    (move,) = transfer_rows(decision)
    assert row.text.startswith(f"MOVE {rounded_up(move.coins):g} BTC TO futures, as told below")
