"""What happens to one leg, wallet or group of several, each in turn, and to no other."""

import pytest

from tests.exchange.one_step import Venue, venue_of
from tests.factories import account, dated, inverse, linear, vault
from tests.laws import formulas
from tests.laws.drawn import draw
from volsculpt.book.flatten import flatten
from volsculpt.book.holdings import Book, NotOwn, Position
from volsculpt.book.state import Quote
from volsculpt.exchange import events as kinds
from volsculpt.exchange.cancel import BY_DELIVERY
from volsculpt.exchange.reprice import reprice
from volsculpt.exchange.rows import NOT_DUE
from volsculpt.exchange.step import arrive, book_flows, deliver, fill_due, pay_funding

INDEX = {"BTC": 50_000.0, "ETH": 2_500.0, "USDT": 0.98}
LINES = (
    Position(inverse(), -6_000.0, 48_000.0),
    Position(dated(), 3_000.0, 52_000.0),
    Position(linear("ETH"), -4.0, 2_600.0),
)
MARKS = [50_100.0, 50_900.0, 2_490.0] * 2
NAMES = ("one", "two")
PRICE = 51_000.0


def of_two() -> Venue:
    """Two accounts alike: BTC and USDT of their own, a bonus of each; a third of it not own."""
    others = tuple(NotOwn(one.contract, one.contracts / 3.0, one.entry * 1.02) for one in LINES)
    accounts = [
        account(
            name,
            {"BTC": 1.0, "USDT": 9_000.0},
            LINES,
            bonus={"BTC": 0.1, "USDT": 50.0},
            not_own=others,
        )
        for name in NAMES
    ]
    book = Book((vault(BTC=3.0), *accounts))
    return venue_of(book, INDEX, MARKS, half_spread=0.001, taker=0.0005, delivery_fee=0.002)


def told(venue: Venue) -> list[tuple[float, ...]]:
    """Kind, row, size, price and dollars of all that happened."""
    page = venue.page
    columns = [getattr(page, f"event_{one}") for one in ("kind", "row", "size", "price", "usd")]
    return [tuple(column[row] for column in columns) for row in range(page.used[0])]


def moved(venue: Venue, before: list[float]) -> dict[int, float]:
    """Wallets with other coins than before, and how much more."""
    pairs = enumerate(zip(venue.state.wallet, before, strict=True))
    return {row: now - then for row, (now, then) in pairs if now != then}


def lost_bonus(venue: Venue) -> set[int]:
    """Groups whose bonus is gone."""
    count = len(venue.flat.currencies)
    groups = range(len(venue.flat.groups))
    return {group for group in groups if not any(venue.state.bonus[group * count :][:count])}


@pytest.mark.parametrize("leg", range(6))
@pytest.mark.parametrize("rate", [0.001, -0.002])
def test_each_leg_pays_its_own_funding(leg: int, rate: float) -> None:
    """Of all that its venue holds, out of what it settles in; a positive rate pays the short."""
    venue = of_two()
    before, line = list(venue.state.wallet), LINES[leg % 3]
    venue.bar.funding[leg] = rate
    pay_funding(venue.flat.layout, venue.state, venue.bar, venue.prices.opened, venue.page)
    coins = -rate * formulas.size_at(line.contract, line.contracts, MARKS[leg])
    wallet = venue.wallet_row(NAMES[leg // 3], line.contract.settle)
    assert moved(venue, before) == {wallet: pytest.approx(coins)}
    usd = coins * INDEX[line.contract.settle]
    assert told(venue) == [
        (kinds.FUNDED, leg, pytest.approx(coins), MARKS[leg], pytest.approx(usd))
    ]


@pytest.mark.parametrize("wallet", range(5))
@pytest.mark.parametrize("coins", [0.001, -0.5, 2.0])
def test_each_wallet_has_its_own_flow(wallet: int, coins: float) -> None:
    """What goes out of an account takes the bonus of its group along, what comes in does not."""
    venue = of_two()
    before = list(venue.state.wallet)
    venue.bar.flow[wallet] = coins
    book_flows(venue.flat.layout, venue.state, venue.bar, venue.prices.opened, venue.page)
    label = venue.flat.wallets[wallet]
    assert moved(venue, before) == {wallet: pytest.approx(coins)}
    price = INDEX[label.asset]
    assert told(venue) == [(kinds.FLOWED, wallet, coins, price, pytest.approx(coins * price))]
    own = {row for row, one in enumerate(venue.flat.groups) if one.account == label.account}
    lost = {row for row in own if venue.flat.groups[row].currency == label.asset}
    assert lost_bonus(venue) == (lost if coins < 0.0 else set())


@pytest.mark.parametrize("group", range(4))
@pytest.mark.parametrize("coins", [0.3, -0.3, 1e-3])
def test_each_group_has_its_own_transfer(group: int, coins: float) -> None:
    """It arrives in its account, or where it was released to, from its own place on the way."""
    venue = of_two()
    pending, state = venue.pending, venue.state
    for row in range(4):
        pending.transfer[row], pending.transfer_due[row] = 9.0, 99
        pending.transfer_wallet[row], state.incoming[row] = 0, 9.0
    pending.transfer[group], pending.transfer_due[group] = coins, 7
    before = list(state.wallet)
    for step in (6, 7, 8):
        for row in range(4):
            arrive(venue.at, row, step)
        assert len(told(venue)) == (step >= 7)
    label = venue.flat.groups[group]
    there = venue.wallet_row(label.account, label.currency) if coins > 0.0 else 0
    way = venue.terms.transit_wallet[group]
    assert moved(venue, before) == {way: -abs(coins), there: pytest.approx(abs(coins))}
    assert told(venue) == [(kinds.ARRIVED, group, coins, 0.0, 0.0)]
    gone = [row == group for row in range(4)]
    assert list(state.incoming) == list(pending.transfer) == [0.0 if one else 9.0 for one in gone]
    assert list(pending.transfer_due) == [NOT_DUE if one else 99 for one in gone]


@pytest.mark.parametrize("leg", range(6))
def test_each_leg_is_delivered_by_itself(leg: int) -> None:
    """Whole, the part that is not own too; orders on the others and their contracts stay."""
    venue = of_two()
    state, before, line = venue.state, list(venue.state.wallet), LINES[leg % 3]
    price = PRICE if leg % 3 < 2 else 2_450.0
    venue.bar.delivery[leg] = price
    for row in range(6):
        venue.order(row, 1.0, due=9)
    deliver(venue.at, venue.bar, venue.prices.opened)
    fee = 0.002 * abs(formulas.size_at(line.contract, line.contracts, price))
    coins = formulas.profit(line, price) - fee
    wallet = venue.wallet_row(NAMES[leg // 3], line.contract.settle)
    assert moved(venue, before) == {wallet: pytest.approx(coins, rel=1e-9)}
    assert [kind for kind, *_ in told(venue)] == [kinds.CANCELLED, kinds.SETTLED, kinds.DELIVERED]
    assert [row for _, row, *_ in told(venue)] == [leg] * 3
    assert (venue.page.event_code[0], venue.page.event_size[0]) == (BY_DELIVERY, 1.0)
    for column in (state.contracts, state.cost, state.others, state.others_cost, state.working):
        assert [figure == 0.0 for figure in column] == [row == leg for row in range(6)]
    assert list(venue.pending.order_due) == [NOT_DUE if row == leg else 9 for row in range(6)]


@pytest.mark.parametrize("leg", range(6))
@pytest.mark.parametrize("side", [1.0, -1.0])
def test_each_order_fills_on_its_own_leg(leg: int, side: float) -> None:
    """At the trade price of it and worse, when it is due; its fee is paid by its own account."""
    venue = of_two()
    state, before, one = venue.state, list(venue.state.wallet), LINES[leg % 3].contract
    held, size = list(state.contracts), side * (0.5 if leg % 3 == 2 else 500.0)
    for row in range(6):
        venue.order(row, 1.0, due=9)
        venue.bar.trade[row] = MARKS[row] * 1.001
    venue.order(leg, size, due=4)
    for row in range(6):
        fill_due(venue.at, venue.bar, venue.prices.opened, row, 4)
    price = MARKS[leg] * 1.001 * (1.0 + side * 0.001)
    assert [now - then for now, then in zip(state.contracts, held, strict=True)] == [
        pytest.approx(size) if row == leg else 0.0 for row in range(6)
    ]
    (wallet,) = moved(venue, before)
    assert wallet == venue.wallet_row(NAMES[leg // 3], one.settle)
    usd = abs(formulas.size_at(one, size, price)) * INDEX[one.settle]
    assert told(venue) == [(kinds.FILLED, leg, size, pytest.approx(price), pytest.approx(usd))]
    assert venue.page.event_fee[0] == pytest.approx(-0.0005 * usd)
    assert list(state.working) == [0.0 if row == leg else 1.0 for row in range(6)]


@pytest.mark.parametrize("seed", range(12))
def test_a_move_of_prices_is_split_by_wallet_and_by_line(seed: int) -> None:
    """Coins by index, contracts as if their mark went with its index, and the rest."""
    drawn = draw(seed)
    flat = flatten(drawn.setup.book)
    quotes = drawn.quotes
    index = [quotes.index.get(name, 1.0) for name in flat.currencies]
    moves = [1.0 + 0.03 * (row + 1) for row in range(len(index))]
    marks = [formulas.mark_at(one, quotes, 1.0) for _, one in flat.legs]
    after = Quote([a * b for a, b in zip(index, moves, strict=True)], [1.05 * one for one in marks])
    found = reprice(flat.layout, flat.state, Quote(index, marks), after)
    price = dict(zip(flat.currencies, after.index_usd, strict=True))
    move = dict(zip(flat.currencies, moves, strict=True))
    coins = formulas.balances_of(drawn.setup.book)
    spot = sum(n * (price[name] - quotes.index.get(name, 1.0)) for name, n in coins.items() if n)
    futures = basis = 0.0
    for _, line in formulas.lines_of(drawn.setup.book):
        one, mark = line.contract, formulas.mark_at(line.contract, quotes, 1.0)
        along = formulas.profit(line, mark * move[one.base] / move[one.quote]) * price[one.settle]
        start = formulas.profit(line, mark) * quotes.index.get(one.settle, 1.0)
        futures += along - start
        basis += formulas.profit(line, 1.05 * mark) * price[one.settle] - along
    assert found == pytest.approx((spot, futures, basis), rel=1e-9, abs=1e-6)
