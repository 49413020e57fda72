"""Next steps whose coins are not all there: what is lacking, how to come by it, and what then."""

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import account, decided, fixed, inverse, linear, vault
from volsculpt.book.holdings import Account, Book, Position, Transfer
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.step import Decision, Setup, decide
from volsculpt.decide.words import reasons
from volsculpt.hedge.answer import Band
from volsculpt.hedge.spec import Hedge
from volsculpt.market.quotes import Quotes
from volsculpt.watch.filled import filled
from volsculpt.watch.nextstep import book_then, next_steps
from volsculpt.watch.step_words import step_words

BTC = inverse()


def dollars(
    cold: dict[str, float],
    plans: tuple[CollateralPlan, ...] = (),
    legs: tuple[str, ...] = ("usdm",),
    earn: dict[str, float] | None = None,
    time_ns: int = 0,
) -> Decision:
    """All BTC sold forward: in a dollar account with 200 USDT, or in a coin account with 0.05."""
    accounts = [vault(**cold), account("usdm", {"USDT": 200.0}), account("coinm", {"BTC": 0.05})]
    if earn is not None:
        accounts.append(Account("staked", "earn", balances=earn, locked_until_ns=100))
    hedge, contracts = fixed("BTC", 1.0), {"usdm": linear(), "coinm": BTC}
    used = (tuple((name, contracts[name], False) for name in legs),)
    prices = {"BTC": 60_000.0, "USDT": 1.0}
    setup = Setup(
        Book(tuple(accounts)), (hedge,), used, limits=Limits(max_leverage=4.0), collateral=plans
    )
    return decide(setup, Quotes(time_ns, prices, {}), time_ns)


def told(decision: Decision) -> list[str]:
    """The coins of each next step as a command."""
    return [step_words(row)[0] for row in next_steps(decision, filled(decision))]


@pytest.mark.parametrize(
    ("cold", "text"),
    [
        ({}, "(no account has any to spare: deposit them, or sell 0.4079 BTC for 24,470 of them"),
        ({"USDT": 3_000.0}, "(vault has 3,000 USDT; 27,620 more are lacking: deposit them, or"),
        ({"USDT": 90_000.0}, "(vault has 90,000 USDT)"),
    ],
)
def test_what_is_lacking_is_told_with_what_can_come(cold: dict[str, float], text: str) -> None:
    """MOVE where accounts have it all, else BRING: nobody has what is to be moved."""
    decision = dollars({"BTC": 2.0, **cold})
    (line,), (row,) = told(decision), next_steps(decision, filled(decision))
    assert text in line
    assert line.startswith("MOVE " if row.lacking == 0.0 else "BRING ")
    there = sum(row.available.values())
    assert row.lacking == pytest.approx(max(0.0, row.coins - there), rel=1e-3)
    assert (book_then(decision, filled(decision)) is None) == (row.lacking > 0.0)


def banded(ratio: float, base: Literal["equity", "coins", "wealth"]) -> Hedge:
    """A hedge of BTC that lets 1 % to each side be."""
    coins = 2.0 if base == "coins" else None
    return fixed("BTC", ratio, base=base, coins=coins, band=Band(0.01, 0.0, 0.01, 0.0))


@given(
    ratio=st.floats(0.2, 1.0),
    most=st.sampled_from([1.5, 2.0, 3.0, 5.0]),
    base=st.sampled_from(["equity", "coins", "wealth"]),
    there=st.floats(0.0, 1_500.0),
)
def test_coins_sold_for_margin_leave_the_hedge_at_its_target(
    ratio: float, most: float, base: Literal["equity", "coins", "wealth"], there: float
) -> None:
    """What is sold needs no hedge: sold and followed as told, the plan rests where it was to be."""

    def made(cold: float, cash: float, sold: float) -> Decision:
        held = (Position(linear(), -sold, 60_000.0),) if sold else ()
        free = there if not sold else 0.0
        book = Book((vault(BTC=cold, USDT=free), account("usdm", {"USDT": cash}, held)))
        hedge = banded(ratio, base)
        prices, legs = {"BTC": 60_000.0, "USDT": 1.0}, ((("usdm", linear(), False),),)
        return decided(book, (hedge,), legs, prices, Limits(max_leverage=most))

    first = made(2.0, 0.0, 0.0)
    (row,) = next_steps(first, filled(first))
    assert row.sold is not None
    assert (row.sold.coin, row.sold.contracts < row.contracts) == ("BTC", True)
    assert row.sold.brings == pytest.approx(row.sold.coins * 60_000.0, rel=1e-3)
    fee = row.sold.contracts * 60_000.0 * first.flat.layout.legs.taker[0]
    then = made(2.0 - row.sold.coins, there + row.sold.brings - fee, row.sold.contracts)
    assert then.answer.held[0] == pytest.approx(ratio, abs=2e-3)
    assert not any(then.answer.trade)
    assert sum(row.contracts for row in next_steps(then, filled(then))) < 0.01  # some lots


@given(
    ratio=st.floats(0.2, 1.0),
    most=st.sampled_from([1.5, 2.0, 3.0]),
    base=st.sampled_from(["equity", "coins"]),
)
def test_coins_bought_for_margin_are_hedged_with_the_rest(
    ratio: float, most: float, base: Literal["equity", "coins"]
) -> None:
    """What is bought is owned: the step is as large as the target is once it is there."""

    def made(cash: float, sold: float) -> Decision:
        held = (Position(BTC, -sold, 60_000.0),) if sold else ()
        locked = Account("staked", "earn", balances={"BTC": 2.0}, locked_until_ns=100)
        book = Book((locked, account("coinm", {"BTC": cash}, held)))
        hedge = banded(ratio, base)
        legs = ((("coinm", BTC, False),),)
        return decided(book, (hedge,), legs, {"BTC": 60_000.0}, Limits(max_leverage=most))

    first = made(0.0, 0.0)
    (row,) = next_steps(first, filled(first))
    assert (row.sold, row.lacking) == (None, row.coins)
    fee = row.contracts / 60_000.0 * first.flat.layout.legs.taker[0]
    then = made(row.coins - fee, row.contracts)
    assert then.answer.held[0] == pytest.approx(ratio, abs=3e-3)
    assert not any(then.answer.trade)
    assert sum(row.contracts for row in next_steps(then, filled(then))) < 300.0


def test_coins_that_only_carry_themselves_are_told_for_what_is_owned_now() -> None:
    """At 1x every coin bought carries its own hedge and no more: no number of them is enough."""
    locked = Account("staked", "earn", balances={"BTC": 2.0}, locked_until_ns=100)
    book, legs = Book((locked, account("coinm", {}))), ((("coinm", BTC, False),),)
    limits = Limits(max_leverage=1.0)
    decision = decided(book, (fixed("BTC", 1.0),), legs, {"BTC": 60_000.0}, limits)
    (row,) = next_steps(decision, filled(decision))
    assert row.contracts == pytest.approx(120_000.0, rel=1e-3)


def test_hedged_coins_are_not_advised_to_be_sold_where_there_are_too_few() -> None:
    """All of them locked: money is to be deposited, and nothing else."""
    decision = dollars({}, earn={"BTC": 2.0})
    (line,) = told(decision)
    assert line.endswith("(no account has any to spare: deposit them)")


def test_coins_that_are_lacking_are_bought_where_they_are_no_money() -> None:
    """A short of BTC in coins wants coins: selling them would not bring any."""
    decision = dollars({"USDT": 9e9}, legs=("coinm",), earn={"BTC": 2.0})
    (line,) = told(decision)
    assert line.endswith("(no account has any to spare: buy them or deposit them)")


@pytest.mark.parametrize(("time_ns", "text"), [(0, "no account has any"), (100, "staked has 9e")])
def test_coins_that_are_locked_cannot_come(time_ns: int, text: str) -> None:
    """An earn account lets them go once its time is over."""
    decision = dollars({"BTC": 2.0}, earn={"USDT": 9e5}, time_ns=time_ns)
    (line,) = told(decision)
    assert text.replace("9e", "900,000 USDT") in line


def test_what_is_carried_once_coins_have_moved_is_asked_for_once() -> None:
    """Dollars first, coins second: coins come and carry it all, so no dollars are asked for."""
    plan = CollateralPlan(("vault",), account="coinm")
    decision = dollars({"BTC": 2.0}, (plan,), ("usdm", "coinm"))
    after = filled(decision)
    assert any(coins > 0.0 for coins in decision.answer.top_up)
    (row,) = next_steps(decision, after)
    assert row.planned
    now = sum(decision.answer.after)
    assert -now + row.contracts / 60_000.0 == pytest.approx(2.05, rel=1e-3)


def test_what_no_source_has_follows_what_they_have() -> None:
    """3,000 USDT come from the vault; the rest is told after them, as what is lacking."""
    decision = dollars({"BTC": 2.0, "USDT": 3_000.0}, (CollateralPlan(("vault",)),))
    first, then = next_steps(decision, filled(decision))
    assert (first.planned, then.planned) == (True, False)
    assert (first.lacking, then.available) == (0.0, {})
    assert then.lacking == then.coins > 15_000.0
    assert first.contracts + then.contracts == pytest.approx(2.05, rel=0.01)


def test_coins_stand_for_one_step_only() -> None:
    """Two hedges want dollars: what the first takes is not told again to the second."""
    ether = linear("ETH")
    accounts = (vault(BTC=1.0, ETH=20.0, USDT=25_000.0), account("b", {}), account("e", {}))
    hedges, legs = (fixed("BTC"), fixed("ETH")), ((("b", linear(), False),), (("e", ether, False),))
    prices = {"BTC": 60_000.0, "ETH": 3_000.0, "USDT": 1.0}
    decision = decided(Book(accounts), hedges, legs, prices)
    first, second = next_steps(decision, filled(decision))
    assert first.available == {"vault": 25_000.0}
    assert second.available == {"vault": pytest.approx(25_000.0 - first.coins)}
    assert second.lacking == pytest.approx(second.coins - (25_000.0 - first.coins), rel=1e-3)


def two_hedges(iso: dict[str, float], held: tuple[Position, ...], most: float) -> Decision:
    """Ether on an isolated account, bitcoin on a dollar account with 100 USDT."""
    accounts = (
        vault(BTC=0.3, ETH=20.0),
        account("iso", iso, held, mode="isolated", leverage=3.0),
        account("usdm", {"USDT": 100.0}),
    )
    hedges = (fixed("ETH"), fixed("BTC"))
    legs = ((("iso", linear("ETH"), False),), (("usdm", linear(), False),))
    prices = {"BTC": 60_000.0, "ETH": 3_000.0, "USDT": 1.0}
    return decided(Book(accounts), hedges, legs, prices, Limits(max_leverage=most))


def test_coins_that_an_order_posts_are_not_free() -> None:
    """20,000 of 21,000 USDT go with the order: 970 are left, not 21,000."""
    decision = two_hedges({"USDT": 21_000.0}, (), 3.0)
    (row,) = next_steps(decision, filled(decision))
    assert row.available == {"iso": pytest.approx(970.0, abs=0.01)}
    assert row.lacking == pytest.approx(row.coins - 970.0, rel=1e-3)


def test_coins_that_the_plan_posts_are_not_free() -> None:
    """6,000 USDT of the same list are posted to 20 ETH at 5x: nobody has any to spare."""
    held = (Position(linear("ETH"), -20.0, 3_000.0, margin=12_000.0, leverage=3.0),)
    decision = two_hedges({"USDT": 18_000.0}, held, 3.3)
    assert decision.answer.post[0] > 5_000.0
    (row,) = next_steps(decision, filled(decision))
    left = 6_000.0 - decision.answer.post[0]
    assert sum(row.available.values()) == pytest.approx(left, abs=1e-6)


@pytest.mark.parametrize("mode", ["cross", "isolated", "unified"])
@pytest.mark.parametrize("coming", [0.0, 0.3, 0.68])
def test_coins_under_way_are_not_asked_for_again(mode: str, coming: float) -> None:
    """2 BTC at 3x want 0.6678; what comes is a part of that, in every kind of account."""
    weights = {"BTC": 1.0} if mode == "unified" else {}
    own = account("coinm", {}, mode=mode, leverage=3.0, collateral_weights=weights)
    sent = (Transfer("BTC", coming, "coinm", "vault"),) if coming else ()
    book = Book((vault(BTC=2.0 - coming), own), transfers=sent)
    hedge, legs = fixed("BTC", 1.0, base="coins", coins=2.0), ((("coinm", BTC, False),),)
    limits = Limits(max_leverage=3.0)
    decision = decided(book, (hedge,), legs, {"BTC": 60_000.0}, limits)
    rows, needed = next_steps(decision, filled(decision)), 2.0 / 3.0
    assert sum(row.coins for row in rows) == pytest.approx(max(0.0, needed - coming), abs=2e-3)
    then = book_then(decision, filled(decision))
    assert (then is not None) == bool(rows)
    if then is not None:
        assert sum(then.wallet) == pytest.approx(2.0, abs=2e-3)
        assert min(then.wallet) >= 0.0


@pytest.mark.parametrize(
    ("cold", "planned", "legs", "said"),
    [
        ({"BTC": 2.0}, "coinm", ("coinm",), "the rest follows when the coins to be moved"),
        ({"BTC": 2.0}, "coinm", ("usdm",), "a [[collateral]] plan, or more coins in the account"),
        ({"BTC": 2.0}, "usdm", ("usdm",), "nothing can be moved for the rest: its [[collateral]]"),
        ({"BTC": 2.0, "USDT": 3e3}, "usdm", ("usdm",), "a part of the rest follows when the coins"),
    ],
)
def test_the_rest_follows_coins_that_come_to_its_own_account(
    cold: dict[str, float], planned: str, legs: tuple[str, ...], said: str
) -> None:
    """Coins on their way to another hedge carry nothing of this one, and nothing is no coins."""
    made = dollars(cold, (CollateralPlan(("vault",), account=planned),), legs)
    assert [line for line in reasons(made, 0) if line.startswith(said)] != []
    others = ("the rest follows", "a part of", "nothing can be", "a [[collateral]] plan, or")
    assert sum(line.startswith(others) for line in reasons(made, 0)) == 1


def test_coins_that_come_to_another_hedge_carry_nothing_of_this_one() -> None:
    """Ether comes to its own account; of the dollars that BTC wants none do."""
    accounts = (vault(BTC=1.0, ETH=20.0), account("coinm", {}), account("usdm", {}))
    hedges, plans = (fixed("ETH"), fixed("BTC")), (CollateralPlan(("vault",), account="coinm"),)
    legs = ((("coinm", inverse("ETH"), False),), (("usdm", linear(), False),))
    prices = {"BTC": 60_000.0, "ETH": 3_000.0, "USDT": 1.0}
    decision = decided(Book(accounts), hedges, legs, prices, Limits(), plans)
    ether, bitcoin = reasons(decision, 0), reasons(decision, 1)
    assert any(line.startswith("the last leverage of the collateral band") for line in ether)
    assert any(line.startswith("the rest follows when the coins") for line in ether)
    assert any(line.startswith("the coins free to post as margin allow") for line in bitcoin)
    assert any(line.startswith("a [[collateral]] plan, or more coins") for line in bitcoin)
