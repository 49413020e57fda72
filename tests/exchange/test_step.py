"""Laws of one step of an exchange, in plain lists."""

from itertools import product

import pytest

from tests.exchange.one_step import quote_of, venue_of
from tests.factories import account, dated, inverse, linear, one_leg, vault
from volsculpt.book.flatten import flatten
from volsculpt.book.holdings import Book, Position, Sweep
from volsculpt.book.state import copy_state
from volsculpt.contracts.orders import (
    NO_MARGIN,
    OVER_POSITION,
    OVER_SIZE,
    UNDER_SIZE,
    UNDER_VALUE,
)
from volsculpt.contracts.spec import Margin, Orders, Tier
from volsculpt.errors import BookError
from volsculpt.exchange.events import DELIVERED, FILLED, LIQUIDATED, REFUSED, SETTLED
from volsculpt.exchange.step import is_carried

AT_60 = {"BTC": 60_000.0}
PERPETUAL = inverse()


def test_a_linear_short_receives_21_stamps() -> None:
    """T16: 1 BTC short at 60,000, +0.01 % x 21 stamps receives 126 USD; negative rates pay it."""
    venue = venue_of(one_leg(linear(), -1.0, 60_000.0, 10_000.0), AT_60, [60_000.0])
    for step in range(21):
        venue.bar.funding[0] = 0.0001
        venue.step(step)
    assert venue.wallet("coinm", "USDT") == pytest.approx(10_126.0, abs=1e-9)
    assert venue.usd("funding") == pytest.approx(126.0, abs=1e-9)
    venue.bar.funding[0] = -0.0001
    venue.step(21)
    assert venue.usd("funding") == pytest.approx(120.0, abs=1e-9)


@pytest.mark.parametrize(("mark", "coins"), [(50_000.0, 0.0002), (40_000.0, 0.00025)])
def test_inverse_funding_is_paid_at_the_mark_of_the_stamp(mark: float, coins: float) -> None:
    """T17: short 100,000 USD, +0.01 %: +0.0002 BTC at 50,000, +0.00025 at 40,000."""
    venue = venue_of(one_leg(PERPETUAL, -100_000.0, 50_000.0, 3.0), {"BTC": 50_000.0}, [50_000.0])
    venue.open_at({"BTC": mark}, [mark])
    venue.bar.funding[0] = 0.0001
    venue.close_at({"BTC": 45_000.0}, [45_000.0])
    venue.step()
    assert venue.wallet("coinm", "BTC") - 3.0 == pytest.approx(coins, abs=1e-15)
    assert venue.usd("funding") == pytest.approx(coins * mark, abs=1e-9)


def test_funding_swept_is_sold_at_the_index_less_its_cost() -> None:
    """0.001 BTC at 50,000 into dollars at 0.2 %: 49.90 USD, 0.10 lost; the mark does not matter."""
    held = Position(PERPETUAL, -60_000.0, 50_000.0)
    book = Book(
        (account("coinm", {"BTC": 2.0}, (held,)), vault("bank")),
        sweeps=(Sweep("bank", "USD", cost=0.002),),
    )
    venue = venue_of(book, {"BTC": 50_000.0}, [50_000.0])
    venue.open_at({"BTC": 50_000.0}, [60_000.0])
    venue.bar.funding[0] = 0.001
    before = venue.wealth()
    venue.step()
    assert venue.wallet("coinm", "BTC") == pytest.approx(2.0, abs=1e-15)
    assert venue.wallet("bank", "USD") == pytest.approx(49.90, abs=1e-12)
    assert venue.usd("funding") == pytest.approx(50.0, abs=1e-12)
    assert venue.usd("transfers") == pytest.approx(-0.10, abs=1e-12)
    assert venue.wealth() - before == pytest.approx(venue.told(), abs=1e-9)
    venue.bar.funding[0] = -0.001
    venue.step(1)
    assert venue.wallet("coinm", "BTC") == pytest.approx(1.999, abs=1e-12)
    assert venue.wallet("bank", "USD") == pytest.approx(49.90, abs=1e-12)


@pytest.mark.parametrize("mode", ["cross", "isolated"])
def test_funding_swept_as_it_is_keeps_its_coin(mode: str) -> None:
    """Each currency to its own place in the cold account, which held none of them."""
    posted = 0.5 if mode == "isolated" else None
    short = Position(PERPETUAL, -60_000.0, 60_000.0, margin=posted)
    book = Book(
        (
            vault("cold"),
            account("coinm", {"BTC": 2.0}, (short,), mode=mode),
            account("usdm", {"USDT": 9_000.0}, (Position(linear(), -1.0, 60_000.0),)),
        ),
        sweeps=(Sweep("cold", cost=0.25), Sweep("cold", account="usdm")),
    )
    venue = venue_of(book, AT_60, [60_000.0, 60_000.0])
    venue.bar.funding[0] = venue.bar.funding[1] = 0.0001
    venue.step()
    assert venue.wallet("cold", "BTC") == pytest.approx(0.0001 * 0.75, abs=1e-15)
    assert venue.wallet("cold", "USDT") == pytest.approx(6.0, abs=1e-12)
    assert venue.usd("transfers") == pytest.approx(-1.5, abs=1e-12)


def test_a_sweep_to_nowhere_is_refused() -> None:
    """A book made by hand is told."""
    book = Book((account("coinm", {"BTC": 2.0}),), sweeps=(Sweep("bank", "USD"),))
    with pytest.raises(BookError, match=r"funding of 'coinm' is swept to 'bank'.*no such account"):
        venue_of(book, AT_60, [60_000.0], [("coinm", PERPETUAL)])


def test_funding_is_paid_on_what_was_held_just_before() -> None:
    """An order that fills at the stamp neither earns its funding nor escapes it."""
    closing = venue_of(one_leg(PERPETUAL, -60_000.0, 60_000.0, 2.0), AT_60, [60_000.0])
    closing.order(0, 60_000.0)
    closing.bar.funding[0] = 0.001
    closing.step()
    assert closing.state.contracts[0] == 0.0
    assert closing.wallet("coinm", "BTC") == pytest.approx(2.001, abs=1e-12)
    opening = venue_of(
        Book((account("coinm", {"BTC": 2.0}),)), AT_60, [60_000.0], [("coinm", PERPETUAL)]
    )
    opening.order(0, -60_000.0)
    opening.bar.funding[0] = 0.001
    opening.step()
    assert opening.state.contracts[0] == -60_000.0
    assert opening.wallet("coinm", "BTC") == 2.0


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_a_fill_is_at_the_open_and_worse(side: float) -> None:
    """Half the spread and the slippage against the taker, then the fee on what was traded."""
    venue = venue_of(
        Book((account("coinm", {"BTC": 2.0}),)),
        AT_60,
        [60_000.0],
        [("coinm", PERPETUAL)],
        half_spread=0.0002,
        slippage=0.0003,
        taker=0.0005,
    )
    venue.order(0, side * 30_000.0)
    venue.close_at({"BTC": 61_000.0}, [61_000.0])
    venue.bar.high_mark[0] = 61_000.0
    venue.step()
    fill = 60_000.0 * (1.0 + side * 0.0005)
    cost, fee = side * 30_000.0 / fill, 30_000.0 / fill * 0.0005
    assert venue.state.cost[0] == pytest.approx(cost, rel=1e-14)
    assert venue.wallet("coinm", "BTC") == pytest.approx(2.0 - fee, abs=1e-14)
    assert venue.usd("fees") == pytest.approx(-fee * 60_000.0, abs=1e-9)
    assert venue.page.event_charge[0] == pytest.approx(fee, rel=1e-14)
    lost = (0.5 - 30_000.0 / fill) * (1.0 if side < 0.0 else -1.0)
    assert venue.usd("slippage") == pytest.approx(-abs(lost) * 60_000.0, abs=1e-9)
    assert venue.count(FILLED) == 1
    assert venue.state.slot[0] == 0


@pytest.mark.parametrize(
    ("coins", "size", "there"),
    [
        (0.0, -60_000.0, 0.0),  # emptied: not even at a price better than the mark
        (0.004, -60_000.0, 0.0),  # less than the maintenance of one coin, 0.005
        (0.006, -60_000.0, -60_000.0),
        (0.006, 60_000.0, 60_000.0),
        (0.006, -600_000.0, 0.0),
    ],
)
@pytest.mark.parametrize("mode", ["cross", "isolated"])
def test_a_venue_refuses_what_its_margin_does_not_carry(
    mode: str, coins: float, size: float, there: float
) -> None:
    """A refused order leaves no trace: no position, no fee, a free slot."""
    leverage = 170.0 if mode == "isolated" else None
    book = Book((account("coinm", {"BTC": coins}, mode=mode, leverage=leverage),))
    venue = venue_of(book, AT_60, [60_000.0], [("coinm", PERPETUAL)])
    venue.bar.trade[0] = 60_060.0 if size < 0.0 else 59_940.0
    venue.order(0, size)
    venue.step()
    assert venue.state.contracts[0] == there
    assert venue.state.slot[0] == 0
    assert venue.count(FILLED) == (1 if there else 0)
    if there == 0.0:
        assert sum(venue.state.wallet) == coins
        assert venue.told() == 0.0


TEN = Margin(tiers=(Tier(0.0, 0.005, max_leverage=10.0),))


@pytest.mark.parametrize(
    ("coins", "size", "price", "fills"),
    [
        (0.0999, -60_000.0, 60_000.0, False),
        (0.1001, -60_000.0, 60_000.0, True),
        (0.1001, 60_000.0, 60_000.0, True),
        (0.0999, -60_000.0, 66_000.0, False),  # a better price is no margin
        (0.1001, -60_000.0, 54_500.0, False),  # at its price it would be liquidated at once
        (0.1001, -60_000.0, 59_000.0, True),
        (0.05, -29_000.0, 60_000.0, True),
    ],
)
def test_a_venue_opens_what_has_its_initial_margin(
    coins: float, size: float, price: float, fills: bool
) -> None:
    """1 BTC at 10x asks 0.1 BTC at the mark, far more than its maintenance of 0.005."""
    book = Book((account("coinm", {"BTC": coins}),))
    venue = venue_of(book, AT_60, [60_000.0], [("coinm", inverse(margin=TEN))])
    venue.bar.trade[0] = price
    venue.order(0, size)
    venue.step()
    assert (venue.count(FILLED), venue.count(REFUSED)) == ((1, 0) if fills else (0, 1))
    assert venue.state.contracts[0] == (size if fills else 0.0)
    if not fills:
        assert venue.page.event_code[0] == NO_MARGIN
        assert venue.wallet("coinm", "BTC") == coins


def test_a_trial_of_margin_changes_nothing() -> None:
    """Cross and isolated, opened, grown or turned round: the book is the same to the bit after."""
    for mode, held, size in product(
        ("cross", "isolated"), (0.0, -6_000.0, 6_000.0), (-9_000.0, 9_000.0, 1e9)
    ):
        positions = (Position(PERPETUAL, held, 61_000.0, leverage=5.0),) if held else ()
        book = Book((account("coinm", {"BTC": 0.3}, positions, mode=mode, leverage=5.0),))
        flat = flatten(book, [("coinm", PERPETUAL)])
        before = copy_state(flat.state)
        quote = quote_of(flat, AT_60, [60_000.0])
        is_carried(flat.layout, flat.state, quote, 0, size, 59_990.0, 0.0005)
        assert flat.state == before


def test_a_reduction_is_never_refused() -> None:
    """Under maintenance already: what makes the position smaller still fills."""
    venue = venue_of(one_leg(PERPETUAL, -60_000.0, 60_000.0, 0.001), AT_60, [60_000.0])
    venue.order(0, 59_000.0)
    venue.step()
    assert venue.state.contracts[0] == -1_000.0


def test_an_order_waits_until_it_is_due() -> None:
    """Nothing fills a step early; the order stays working."""
    venue = venue_of(one_leg(PERPETUAL, -1_000.0, 60_000.0, 1.0), AT_60, [60_000.0])
    venue.order(0, -500.0, due=2)
    held = []
    for step in range(4):
        venue.step(step)
        held.append((venue.state.contracts[0], venue.state.working[0]))
    assert held == [(-1_000.0, -500.0)] * 2 + [(-1_500.0, 0.0)] * 2


def test_coins_that_arrive_save_from_the_same_bar() -> None:
    """What is there at the open comes before liquidation: 0.2 BTC dies at 59,700, 0.4 lives.

    A transfer that arrives by the end of the bar comes after it, and is not lost.
    """
    book = Book((vault(BTC=1.0), account("coinm", {"BTC": 0.2}, (Position(PERPETUAL, -6e4, 5e4),))))

    def ends(wallet: str | None, due: int = 0) -> float:
        venue = venue_of(book, {"BTC": 50_000.0}, [50_000.0])
        venue.bar.high_mark[0] = 59_701.0
        if wallet == "transfer":
            row = venue.terms.transit_wallet[0]
            venue.state.wallet[venue.wallet_row("vault", "BTC")] -= 0.2
            venue.state.wallet[row] += 0.2
            venue.pending.transfer[0], venue.pending.transfer_due[0] = 0.2, due
        elif wallet == "flow":
            venue.bar.flow[venue.wallet_row("coinm", "BTC")] = 0.2
        venue.step()
        return venue.wallet("coinm", "BTC")

    assert [ends(None), ends("transfer"), ends("flow")] == pytest.approx([0.0, 0.4, 0.4])
    assert [ends("transfer", 1), ends("transfer", 2)] == pytest.approx([0.2, 0.0])


def test_an_order_of_the_step_can_save_from_its_bar() -> None:
    """Fills come before liquidation: half closed at the open, the bar is survived."""
    venue = venue_of(one_leg(PERPETUAL, -60_000.0, 50_000.0, 0.2), {"BTC": 5e4}, [5e4])
    venue.bar.high_mark[0] = 59_701.0
    venue.order(0, 30_000.0)
    venue.step()
    assert venue.state.contracts[0] == -30_000.0
    assert venue.count(LIQUIDATED) == 0


def test_a_delivered_contract_is_worth_its_settlement() -> None:
    """Short 100 x 100 USD from 11,995.5 settled at 10,850.25, fee 0.015 %: +0.08785355 BTC."""
    contract = dated(multiplier=100.0)
    venue = venue_of(
        one_leg(contract, -100.0, 11_995.5, 1.0),
        {"BTC": 10_850.25},
        [10_850.25],
        delivery_fee=0.00015,
    )
    venue.bar.delivery[0] = 10_850.25
    venue.bar.funding[0] = 0.001
    venue.step()
    assert venue.wallet("coinm", "BTC") == pytest.approx(1.08785355, abs=5e-9)
    assert (venue.state.contracts[0], venue.state.cost[0]) == (0.0, 0.0)
    assert venue.page.event_charge[0] == pytest.approx(0.00015 * 1e4 / 10_850.25, rel=1e-14)
    assert venue.usd("funding") == 0.0
    assert (venue.count(DELIVERED), venue.count(SETTLED)) == (1, 0)  # nobody else held any of it


def test_a_flow_is_valued_when_it_comes() -> None:
    """0.1 BTC in at 60,000 is 6,000 USD of flow; what it gains later is spot."""
    venue = venue_of(Book((vault(BTC=1.0),)), AT_60, [])
    venue.bar.flow[0] = 0.1
    venue.close_at({"BTC": 66_000.0}, [])
    venue.step()
    assert venue.usd("flows") == pytest.approx(6_000.0)
    assert venue.usd("spot") == pytest.approx(6_600.0)
    assert venue.wealth() == pytest.approx(72_600.0)


def test_isolated_margin_is_posted_and_given_back() -> None:
    """An increase posts |value|/leverage, a decrease its share, a delivery all of it."""
    contract = dated()
    book = Book((account("coinm", {"BTC": 1.0}, mode="isolated", leverage=4.0),))
    venue = venue_of(book, {"BTC": 50_000.0}, [50_000.0], [("coinm", contract)])
    seen = []
    for step, size in enumerate((-40_000.0, -20_000.0, 15_000.0, 0.0)):
        if size:
            venue.order(0, size, step)
        else:
            venue.bar.delivery[0] = 50_000.0
        venue.step(step)
        seen.append((venue.wallet("coinm", "BTC", contract.symbol), venue.wallet("coinm", "BTC")))
    expected = [(0.2, 0.8), (0.3, 0.7), (0.225, 0.775), (0.0, 1.0)]
    assert [round(coins, 12) for pair in seen for coins in pair] == [
        coins for pair in expected for coins in pair
    ]


def test_a_flip_of_an_isolated_leg_posts_anew() -> None:
    """The old margin comes back with the profit; the new side posts its own."""
    book = Book((account("coinm", {"BTC": 1.0}, mode="isolated", leverage=4.0),))
    venue = venue_of(book, {"BTC": 50_000.0}, [50_000.0], [("coinm", PERPETUAL)])
    venue.order(0, -40_000.0)
    venue.step()
    venue.open_at({"BTC": 40_000.0}, [40_000.0])
    venue.order(0, 56_000.0, 1)
    venue.step(1)
    assert venue.state.contracts[0] == 16_000.0
    assert venue.wallet("coinm", "BTC", PERPETUAL.symbol) == pytest.approx(0.1, abs=1e-12)
    assert venue.wallet("coinm", "BTC") == pytest.approx(1.0 + 0.2 - 0.1, abs=1e-12)


@pytest.mark.parametrize(
    ("size", "why"),
    [
        (-19.0, UNDER_SIZE),
        (-999.0, UNDER_VALUE),
        (-6_001.0, OVER_SIZE),
        (-5_000.0, OVER_POSITION),
        (-4_000.0, NO_MARGIN),
        (-1_000.0, None),
        (19.0, UNDER_SIZE),
        (20.0, None),
    ],
)
def test_an_order_that_is_not_taken_says_why(size: float, why: int | None) -> None:
    """At the open a venue refuses by size, worth, position or margin: gone, and told."""
    terms = Orders(least_value=1_000.0, reduce_only_exempt=True, limit_most=6_000.0)
    contract = inverse(minimum=20.0, orders=terms, position_most=7_000.0)
    venue = venue_of(one_leg(contract, -3_000.0, 60_000.0, 0.0004), AT_60, [60_000.0])
    venue.order(0, size, 0)
    venue.step(0)
    page = venue.page
    told = [
        (page.event_code[row], page.event_size[row], page.event_price[row])
        for row in range(page.used[0])
        if page.event_kind[row] == REFUSED
    ]
    assert told == ([] if why is None else [(why, size, 60_000.0)])
    assert venue.state.contracts[0] == -3_000.0 + (size if why is None else 0.0)
    assert (venue.state.slot[0], venue.state.working[0]) == (0, 0.0)
