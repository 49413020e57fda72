"""What a trade posts and gives back, where sent coins arrive, and what goes with a bonus."""

import pytest

from tests.factories import account, flat_at, inverse, linear, tiered, vault
from volsculpt.book.fill import book_trade, fill, fill_price
from volsculpt.book.flatten import Flat, flatten
from volsculpt.book.holdings import Book, Position, Wrapped
from volsculpt.book.posting import (
    cover_free,
    group_wallet,
    isolated_leg,
    lose_backing,
    lose_bonus,
    lose_coins,
)
from volsculpt.contracts.spec import Contract

BTC, ETH, STABLE = inverse(), inverse("ETH"), linear("BTC")
PRICES = {"BTC": 50_000.0, "ETH": 3_000.0, "USDT": 1.0}


def mixed(first: int = 0) -> Flat:
    """Accounts of every kind: cross, isolated with two legs, unified, cross; or from another on."""
    lines = (Position(BTC, -100.0, 5e4), Position(ETH, 100.0, 3e3, margin=0.1))
    isolated = account("iso", {"BTC": 1.0, "ETH": 1.0}, lines, mode="isolated", leverage=2.0)
    one = account("one", {"ETH": 2.0, "BTC": 3.0}, (Position(BTC, 5.0, 5e4),))
    coins = {"stBTC": 1.0, "BTC": 4.0, "USDT": 5.0}
    uni = account("uni", coins, (Position(STABLE, 1.0, 5e4),), mode="unified")
    last = account("last", {"BTC": 5.0}, (Position(ETH, 5.0, 3e3), Position(BTC, 5.0, 5e4)))
    accounts = (one, isolated, uni, last)
    order = (vault(BTC=9.0), *accounts[first:], *accounts[:first])
    return flatten(Book(order, wrapped={"stBTC": Wrapped("BTC", 1.0)}))


@pytest.mark.parametrize("first", range(4))
def test_coins_sent_to_a_group_arrive_in_a_wallet_of_its_own(first: int) -> None:
    """Free ones of an isolated position's account; no asset that only stands for the coin."""
    flat = mixed(first)
    found = {}
    for row, label in enumerate(flat.groups):
        for currency in ("BTC", "ETH", "USDT"):
            wallet = group_wallet(flat.layout, row, flat.currency(currency))
            place = flat.wallets[wallet] if wallet >= 0 else None
            assert place is None or place.posted_to is None
            found[label.account, label.group, currency] = place and (place.account, place.asset)
    cross = {("one", "BTC", "BTC"), ("last", "ETH", "ETH"), ("last", "BTC", "BTC")}
    free = {("iso", BTC.symbol): "BTC", ("iso", ETH.symbol): "ETH"}
    for (name, group, currency), where in found.items():
        if name == "iso":
            assert where == ("iso", free[name, group])
        elif name == "uni":
            assert where == (("uni", currency) if currency != "ETH" else None)
        else:
            assert where == ((name, currency) if (name, group, currency) in cross else None)


@pytest.mark.parametrize("first", range(4))
def test_only_isolated_groups_have_a_leg_of_their_own(first: int) -> None:
    """Wherever their account stands in the book."""
    flat = mixed(first)
    for group, label in enumerate(flat.groups):
        leg = isolated_leg(flat.layout, group)
        assert (leg >= 0) is (label.account == "iso")
        if leg >= 0:
            assert flat.legs[leg][0] == "iso"
            assert flat.legs[leg][1].symbol == label.group


@pytest.mark.parametrize("group", range(6))
def test_what_is_not_owned_goes_from_one_group_alone(group: int) -> None:
    """A bonus; with others' coins; with others' contracts: of every group in turn."""
    flat = mixed()
    state, currencies = flat.state, len(flat.currencies)
    rows = range(group * currencies, (group + 1) * currencies)
    whole = [1.0] * len(state.bonus)
    gone = [0.0 if row in rows else 1.0 for row in range(len(whole))]
    legs = [0.0 if own == group else 1.0 for own in flat.layout.legs.group]
    for lose, coins, others in (
        (lose_bonus, whole, [1.0] * len(legs)),
        (lose_coins, gone, [1.0] * len(legs)),
        (lose_backing, gone, legs),
    ):
        state.bonus[:], state.others_coins[:] = whole, whole
        state.others[:] = state.others_cost[:] = [1.0] * len(legs)
        lose(flat.layout, state, group)
        assert (list(state.bonus), list(state.others_coins)) == (gone, coins)
        assert list(state.others) == list(state.others_cost) == others


# --- fills -----------------------------------------------------------------------------------


def test_an_order_fills_on_the_worse_side() -> None:
    """A buy above, a sell below, by the fraction given."""
    assert fill_price(60_000.0, -5.0, 0.0003) == pytest.approx(59_982.0)
    assert fill_price(60_000.0, 0.001, 0.0003) == pytest.approx(60_018.0)


def signed_value(contract: Contract, size: float, price: float) -> float:
    """Of contracts at a price."""
    face = size * contract.multiplier
    return face / price if contract.payoff == "inverse" else face * price


def profit(contract: Contract, size: float, entry: float, price: float) -> float:
    """Of contracts from their entry."""
    won = signed_value(contract, size, price) - signed_value(contract, size, entry)
    return -won if contract.payoff == "inverse" else won


def law(posted: float, held: float, after: float, worth: float, rate: float) -> float:
    """Margin posted after a trade. worth: |value| of one contract at its price."""
    if after == 0.0:
        return 0.0
    if held * after < 0.0:
        return abs(after) * worth * rate
    if abs(after) > abs(held):
        return posted + (abs(after) - abs(held)) * worth * rate
    return posted * after / held


TIERS = tiered([(0.0, 0.1), (1_000.0, 0.7)], unit="contracts")


@pytest.mark.parametrize("change", [-900.0, -200.0, 100.0, 300.0, 400.0, 700.0, -1.0, -1e-3])
@pytest.mark.parametrize("side", [-1.0, 1.0])
@pytest.mark.parametrize(
    "contract", [inverse(multiplier=100.0, margin=TIERS), linear(multiplier=0.01, margin=TIERS)]
)
def test_a_trade_moves_cost_cash_and_margin(contract: Contract, side: float, change: float) -> None:
    """An increase, a reduction, a close and a flip of 300 contracts, and the fee of each."""
    held, change, price, entry = -300.0 * side, change * side, 60_000.0, 50_000.0
    line = Position(contract, held, entry, margin=5.0)
    first = account(
        "a", {"BTC": 1.0}, (Position(inverse(), 10.0, 5e4, margin=0.1),), mode="isolated"
    )
    one = account("iso", {contract.settle: 1e6}, (line,), mode="isolated", leverage=2.0)
    flat, _ = flat_at(Book((first, one)), PRICES)
    state, rows = flat.state, flat.layout.legs
    book_trade(flat.layout, state, 1, change, price, 0.001)
    after, worth = held + change, abs(signed_value(contract, 1.0, price))
    assert state.contracts[1] == after
    closed = held if held * after < 0.0 else held - after if abs(after) < abs(held) else 0.0
    realised = profit(contract, closed, entry, price)
    rate = 0.5 if abs(after) < 1_000.0 else 0.7
    posted = law(5.0, held, after, worth, rate)
    assert state.wallet[rows.posted_wallet[1]] == pytest.approx(posted)
    free = 1e6 - posted + realised - 0.001 * abs(change) * worth
    assert state.wallet[rows.free_wallet[1]] == pytest.approx(free, rel=1e-8)
    opened = signed_value(contract, after - (held - closed), price)
    kept = signed_value(contract, held - closed, entry)
    assert state.cost[1] == pytest.approx(kept + opened, abs=1e-9)
    assert (state.contracts[0], state.wallet[rows.posted_wallet[0]]) == (10.0, 0.1)


def test_a_trade_of_nothing_changes_nothing() -> None:
    """Not even where the free coins are owed."""
    flat = mixed()
    before = repr(flat.state)
    for leg in range(len(flat.legs)):
        book_trade(flat.layout, flat.state, leg, 0.0, 5e4, 0.001)
        fill(flat.layout, flat.state, leg, 0.0, 5e4, 0.001)
    assert repr(flat.state) == before


@pytest.mark.parametrize(
    ("free", "contracts", "left"),
    [
        (-0.003, -100.0, (0.0, 0.047)),
        (-0.003, 0.001, (0.0, 0.047)),
        (-0.003, 0.0, (-0.003, 0.05)),
        (0.003, -100.0, (0.003, 0.05)),
        (0.0, -100.0, (0.0, 0.05)),
    ],
)
def test_what_free_coins_lack_comes_out_of_what_is_posted(
    free: float, contracts: float, left: tuple[float, float]
) -> None:
    """Of a leg that holds something: what is flat has nothing to give, and the loan stays."""
    flat = mixed()
    state, rows = flat.state, flat.layout.legs
    leg = flat.leg("iso", BTC)
    wallets = rows.free_wallet[leg], rows.posted_wallet[leg]
    before = list(state.wallet)
    for wallet, coins in zip(wallets, (free, 0.05), strict=True):
        state.wallet[wallet] = before[wallet] = coins
    state.contracts[leg] = contracts
    cover_free(flat.layout, state, leg)
    for wallet, coins in zip(wallets, left, strict=True):
        before[wallet] = coins
    assert list(state.wallet) == pytest.approx(before)


def test_a_cross_account_owes_what_it_lacks() -> None:
    """Nothing is posted there, first leg or last: the balance goes below zero."""
    flat = mixed()
    for leg, (where, _) in enumerate(flat.legs):
        if where != "iso":
            flat.state.wallet[flat.layout.legs.cash_wallet[leg]] = -1.0
            before = list(flat.state.wallet)
            cover_free(flat.layout, flat.state, leg)
            assert list(flat.state.wallet) == before


def test_a_fill_is_a_trade_whose_lack_is_covered() -> None:
    """0.04 BTC are to be posted and 0.005 are free: they are posted, and none is owed."""
    line = Position(BTC, -8_000.0, 40_000.0, margin=0.1)
    book = Book((account("iso", {"BTC": 0.105}, (line,), mode="isolated", leverage=2.0),))
    flat, _ = flat_at(book, PRICES)
    state, rows = flat.state, flat.layout.legs
    fill(flat.layout, state, 0, -4_000.0, 50_000.0, 0.0)
    assert state.contracts[0] == -12_000.0
    assert state.cost[0] == pytest.approx(-0.28)
    assert state.wallet[rows.free_wallet[0]] == 0.0
    assert state.wallet[rows.posted_wallet[0]] == pytest.approx(0.105)


@pytest.mark.parametrize("lot", [1.0, 0.001])
@pytest.mark.parametrize("side", [1.0, -1.0])
def test_margin_follows_every_lot(lot: float, side: float) -> None:
    """2 and 3 lots at 5x and back to 1, from coins that were posted before anything was held."""
    contract = linear(lot=lot)
    book = Book((account("iso", {"USDT": 1e6}, mode="isolated", leverage=5.0),))
    flat, _ = flat_at(book, PRICES, extra=[("iso", contract)])
    state, rows = flat.state, flat.layout.legs
    posted, worth = rows.posted_wallet[0], lot * 50_000.0
    state.wallet[posted] = 0.5 * worth
    for lots, wanted in ((2.0, 0.9), (1.0, 1.1), (-2.0, 1.1 / 3.0), (-1.0, 0.0)):
        fill(flat.layout, state, 0, side * lots * lot, 50_000.0, 0.0)
        assert state.wallet[posted] == pytest.approx(wanted * worth, abs=1e-9)
        if lots == -2.0:
            state.contracts[0] = side * lot
