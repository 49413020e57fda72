"""Lots of coins: laws of any life of a ledger, and worked figures of each method."""

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.samples import START_NS, filled, stated
from tests.ledger.strategies import live, lives
from volsculpt.errors import LedgerError, PriceError
from volsculpt.ledger.coin_lots import CoinLot, LotMethod, LotRules
from volsculpt.ledger.coin_moves import coin_moves
from volsculpt.ledger.coin_prices import CoinPrices, RecordedPrices, WantedPrices
from volsculpt.ledger.entry import Entry
from volsculpt.ledger.events import (
    CashBooked,
    Converted,
    Event,
    FlowBooked,
    QuoteObserved,
    TransferNoted,
    stamp_of,
)
from volsculpt.ledger.ledger import open_ledger
from volsculpt.ledger.tax_year import ReportSpan, TaxYear, tax_year
from volsculpt.units import DAY_NS

METHODS: tuple[LotMethod, ...] = ("fifo", "average", "specific")
ALL: ReportSpan = (None, None)


class Told(CoinPrices):
    """Prices that a function tells of any coin and time."""

    def __init__(self, seed: int) -> None:
        """seed: another one, other prices."""
        super().__init__(RecordedPrices([]), None, "USD")
        self.seed = seed

    def of(self, wanted: WantedPrices) -> dict[tuple[str, int], float]:
        """From 1 to 100, jumping."""
        return {
            (coin, at): 1.0 + (self.seed * (at % 9_973 + len(coin))) % 99
            for coin, stamps in wanted.items()
            for at in stamps
        }


def entries(events: Sequence[Event]) -> list[Entry]:
    """Written one after another, a second each."""
    return [Entry(n, START_NS + n * 10**9, one, "") for n, one in enumerate(events, 1)]


def lived(life: list[Event]) -> list[Entry]:
    """What of a random life a ledger takes."""
    ledger = open_ledger("memory:")
    live(ledger, life)
    return list(ledger.entries())


def close(one: float, other: float, sizes: Sequence[float]) -> bool:
    """Equal but for the rounding of sums of such sizes."""
    return math.isclose(one, other, rel_tol=0, abs_tol=1e-9 * (1.0 + math.fsum(map(abs, sizes))))


def sizes_of(found: TaxYear) -> list[float]:
    """Of everything that was added up."""
    gone = [one for row in found.disposals for one in (row.proceeds, row.cost)]
    return [*gone, *(one.worth for one in (*found.income, *found.flows))]


@given(lives, st.sampled_from(METHODS), st.integers(1, 10**6))
def test_gains_and_income_are_the_change_of_wealth(
    life: list[Event], method: LotMethod, seed: int
) -> None:
    """Realised and unrealised add up to what coins are worth at the end, less flows."""
    written, prices = lived(life), Told(seed)
    found = tax_year(written, prices, ALL, LotRules(method, loans=True))
    at = START_NS + DAY_NS
    units = {coin: prices.of({coin: [at]})[coin, at] for coin in ("BTC", "USDT")}
    owned = {k: v for k, v in coin_moves(written)[1].gains.owned.items() if v != 0.0}
    wealth = math.fsum(coins * units[coin] for coin, coins in owned.items())
    unrealised = math.fsum(one.coins * units[one.coin] - one.cost for one in found.after)
    flows = math.fsum(one.worth for one in found.flows)
    sizes = [*sizes_of(found), wealth, *(one.coins * 100 for one in found.after)]
    assert close(found.total + unrealised, wealth - flows, sizes)


@given(lives, st.sampled_from(METHODS))
def test_coins_of_lots_are_the_balance(life: list[Event], method: LotMethod) -> None:
    """Of each coin the open lots hold what the books say is owned, on its way or not."""
    written = lived(life)
    moves, books = coin_moves(written)
    found = tax_year(written, Told(7), ALL, LotRules(method, loans=True))
    for coin, coins in books.gains.owned.items():
        lots = [one.coins for one in found.after if one.coin == coin]
        sizes = [one.coins for one in moves if one.coin == coin]
        assert close(math.fsum(lots), coins, sizes)


@given(lives, st.integers(1, 10**6))
def test_methods_differ_in_time_only(life: list[Event], seed: int) -> None:
    """Once everything is given away, each method has realised the same."""
    written = lived(life)
    _, books = coin_moves(written)
    left = [(k, v) for k, v in sorted(books.gains.owned.items()) if v != 0.0]
    last = len(written)
    for n, (coin, coins) in enumerate(left, 1):
        away = FlowBooked(f"last {n}", "vault", coin, -coins)
        written.append(Entry(last + n, START_NS + DAY_NS, away, ""))
    found = [tax_year(written, Told(seed), ALL, LotRules(one, loans=True)) for one in METHODS]
    sizes = [size for one in found for size in sizes_of(one)]
    assert all(close(one.total, found[0].total, sizes) for one in found[1:])


@given(lives, st.sampled_from(METHODS), st.integers(0, 40))
def test_times_add_up_and_lots_carry_over(life: list[Event], method: LotMethod, cut: int) -> None:
    """Two times realise what the whole does, and the second begins with the lots of the first."""
    written, rules, at = lived(life), LotRules(method, loans=True), START_NS + cut
    whole = tax_year(written, Told(3), ALL, rules)
    first, second = (tax_year(written, Told(3), one, rules) for one in ((None, at), (at, None)))
    assert first.after == second.before
    assert second.after == whole.after
    assert close(first.total + second.total, whole.total, sizes_of(whole))
    assert len(first.disposals) + len(second.disposals) == len(whole.disposals)


# --- worked figures -------------------------------------------------------------------


def day(number: float, usd: float) -> QuoteObserved:
    """The price of a day."""
    return QuoteObserved({"BTC": usd}, {}, {"BTC": START_NS + round(number * DAY_NS)})


def flow(number: int, coins: float, day_number: float) -> FlowBooked:
    """Coins that came or left on a day."""
    stamp_ns = START_NS + round(day_number * DAY_NS)
    return FlowBooked(f"w{number}", "vault", "BTC", coins, "", stamp_ns)


BOUGHT = [
    day(0, 20_000.0),
    day(10, 40_000.0),
    day(20, 50_000.0),
    flow(1, 1.0, 0),
    flow(2, 1.0, 10),
]
SOLD = Converted("s", "vault", "BTC", 1.0, "USD", 50_000.0, START_NS + 20 * DAY_NS)


def year(events: Sequence[Event], rules: LotRules | None = None, span: ReportSpan = ALL) -> TaxYear:
    """The report at the prices that these events tell."""
    written = entries(events)
    return tax_year(
        written, CoinPrices(RecordedPrices(written), None, "USD"), span, rules or LotRules()
    )


def test_coins_that_came_before_the_first_price_are_worth_that() -> None:
    """A desk takes accounts over, then sees a price: its lots are at that one, and it is told."""
    found = year([flow(1, 2.0, 0), day(0.5, 30_000.0), day(1.5, 40_000.0)])
    assert [one.cost for one in found.after] == [60_000.0]
    assert "no price of BTC is known in the day before 2024-05-20 00:00 UTC" in found.notes[0]


@pytest.mark.parametrize("span", [ALL, (None, START_NS + 300 * DAY_NS)])
def test_what_is_held_is_worth_the_last_price_not_that_of_the_last_booking(
    span: tuple[int | None, int | None],
) -> None:
    """Coins came on the first day, and the last price is of a month later: that one counts.

    In a year that is not over too; one that is over before it knows no later price.
    """
    written = [
        Entry(1, START_NS, day(0, 20_000.0), ""),
        Entry(2, START_NS + 1, flow(1, 2.0, 0), ""),
        Entry(3, START_NS + 15 * DAY_NS, day(15, 30_000.0), ""),
        Entry(4, START_NS + 30 * DAY_NS, day(30, 45_000.0), ""),
    ]
    prices = CoinPrices(RecordedPrices(written), None, "USD")
    assert [one.worth for one in tax_year(written, prices, span, LotRules()).held] == [90_000.0]
    early = tax_year(written, prices, (None, START_NS + 20 * DAY_NS), LotRules())
    assert [one.worth for one in early.held] == [60_000.0]


def test_a_price_of_before_goes_before_a_later_one() -> None:
    """What was seen within a day before is the price then, and nothing is assumed."""
    found = year([day(0, 20_000.0), flow(1, 2.0, 0.9), day(1, 30_000.0)])
    assert [one.cost for one in found.after] == [40_000.0]
    assert not any("the first that the ledger saw" in one for one in found.notes)


def test_a_price_of_more_than_a_day_later_is_none() -> None:
    """Coins that came two days before the first price have none: the report asks for it."""
    with pytest.raises(PriceError, match="none that the ledger saw in the day after"):
        year([flow(1, 2.0, 0), day(1.01, 30_000.0)])


@pytest.mark.parametrize(
    ("rules", "gain", "left"),
    [
        (LotRules("fifo"), 30_000.0, 40_000.0),  # the coin of 20,000 goes, that of 40,000 stays
        (LotRules("average"), 20_000.0, 30_000.0),  # both cost 30,000
        (LotRules("specific", {"6.1": [("5.1", 1.0)]}), 10_000.0, 20_000.0),
        (LotRules("specific", {"6.1": [("5.1", 0.5)]}), 20_000.0, 30_000.0),  # the rest by time
    ],
)
def test_each_method_takes_its_lots(rules: LotRules, gain: float, left: float) -> None:
    """Bought at 20,000 and 40,000, one sold at 50,000."""
    found = year([*BOUGHT, SOLD], rules)
    assert found.coin_gain == gain == found.total
    assert math.fsum(one.cost for one in found.after if one.coin == "BTC") == left


def test_an_average_is_of_what_is_left() -> None:
    """Two coins at 30,000, one of them sold; one more at 60,000: the next costs 45,000."""
    events = [
        *BOUGHT,
        SOLD,
        day(30, 60_000.0),
        flow(3, 1.0, 30),
        flow(4, -1.0, 31),
    ]
    found = year(events, LotRules("average"))
    assert [one.cost for one in found.disposals] == [30_000.0, 45_000.0]
    assert [one.cost for one in found.after if one.coin == "BTC"] == [45_000.0]


def test_an_average_of_what_rounding_left_is_no_division_by_nothing() -> None:
    """Coins too few beside all that moved for a running sum to tell."""
    fees = [
        CashBooked(f"f{n}", "vault", "BTC", -c, "fee", START_NS) for n, c in enumerate((1e17, 1.0))
    ]
    back = [CashBooked("b", "vault", "BTC", 1e17, "fee", START_NS)]
    found = year([day(0, 1.0), *fees, *back], LotRules("average", loans=True))
    assert math.fsum(one.coins for one in found.after) == -1.0


def test_profit_in_coins_is_income_and_a_lot() -> None:
    """0.1 coins at 40,000 are 4,000 earned; sold at 50,000 they have gained 1,000 more."""
    events = [
        *BOUGHT[:3],
        stated({"BTC": 0.0}),
        filled("a", -20_000.0, price=50_000.0, fee=0.0, stamp_ns=START_NS),
        filled("b", 20_000.0, price=40_000.0, fee=0.0, stamp_ns=START_NS + 10 * DAY_NS),
        Converted("s", "coinm", "BTC", 0.1, "USD", 5_000.0, START_NS + 20 * DAY_NS),
    ]
    found = year(events)
    assert found.earned("futures") == pytest.approx(4_000.0)  # 20,000/40,000 - 20,000/50,000
    assert found.coin_gain == pytest.approx(1_000.0)
    assert [one.coin for one in found.after if one.coins > 1e-9] == ["USD"]


def test_a_fee_in_coins_gives_coins_away() -> None:
    """A coin of 20,000 that pays a fee at 40,000: an expense of 40, and a gain of 20."""
    fee = CashBooked("f", "vault", "BTC", -0.001, "fee", START_NS + 10 * DAY_NS)
    found = year([*BOUGHT[:4], fee])
    assert found.earned("fee") == pytest.approx(-40.0)
    assert found.coin_gain == pytest.approx(20.0)


def test_a_transfer_realises_nothing_but_its_cost() -> None:
    """Half a coin moves between own accounts; 0.001 of a coin of 20,000 is paid for it."""
    when = START_NS + 10 * DAY_NS
    moved = TransferNoted("t", "vault", "coinm", "BTC", 0.5, 0.001, "arrived", "", when)
    found = year([*BOUGHT[:4], moved])
    assert [one.coins for one in found.disposals] == [pytest.approx(0.001)]
    assert math.fsum(one.coins for one in found.after) == pytest.approx(0.999)


def test_coins_given_away_to_own_wallets_gain_nothing() -> None:
    """Sold at the price of the day, or moved with what they cost."""
    away = [*BOUGHT[:4], flow(3, -1.0, 20)]
    assert year(away).coin_gain == 30_000.0
    moved = year(away, LotRules(moved=True))
    assert (moved.coin_gain, moved.after) == (0.0, [])
    assert (moved.disposals[0].proceeds, moved.disposals[0].cost) == (50_000.0, 20_000.0)


def test_what_was_paid_before_counts_where_it_is_told() -> None:
    """A coin bought for 5,000 a year before; the rest of what came keeps its price."""
    lot = CoinLot("mine", "BTC", START_NS - 365 * DAY_NS, 0.5, 2_500.0)
    found = year([*BOUGHT[:4], flow(3, -1.0, 20)], LotRules(given=(lot,)))
    assert [(one.coins, one.cost) for one in found.disposals] == [(0.5, 2_500.0), (0.5, 10_000.0)]
    assert found.coin_gain == 37_500.0


def test_lots_that_nothing_needed_are_told() -> None:
    """More is given than came, or it was bought after it came."""
    lot = CoinLot("mine", "BTC", START_NS - DAY_NS, 1.5, 2_500.0)
    (note,) = year(BOUGHT[:4], LotRules(given=(lot,))).notes
    assert note.startswith("0.5 BTC of 2024-05-19T00:00:00Z are given as a lot")
    late = year(BOUGHT[:4], LotRules(given=(replace(lot, time_ns=START_NS + DAY_NS),)))
    assert late.notes[-1].startswith("1.5 BTC of 2024-05-21")


def test_coins_that_were_had_before_the_ledger_are_lots_once_they_are_given() -> None:
    """A fee from an account that coins came to by a transfer from one that is not told of."""
    moved = TransferNoted("t", "away", "coinm", "BTC", 1.0, 0.0, "arrived", "", START_NS)
    fee = CashBooked("f", "coinm", "BTC", -0.01, "fee", START_NS + 10 * DAY_NS)
    with pytest.raises(LedgerError, match="give those coins with --lots FILE"):
        year([*BOUGHT[:3], moved, fee])
    lots = tuple(CoinLot(f"m{n}", "BTC", START_NS - n, 0.005, 50.0) for n in (3, 2, 1))
    found = year([*BOUGHT[:3], moved, fee], LotRules(given=lots))
    assert found.coin_gain == pytest.approx(0.01 * 40_000 - 100)
    assert [one.coins for one in found.disposals] == [0.005, 0.005]
    assert len(found.notes) == 1  # the third lot was not needed


def test_coins_that_never_came_are_refused() -> None:
    """It says when, from where and how many; owed they may be, where the owner says so."""
    away = [*BOUGHT[:4], flow(3, -1.25, 20)]
    with pytest.raises(LedgerError, match=r"2024-06-09T00:00:00Z: 1\.25 BTC go from vault"):
        year(away)
    found = year(away, LotRules(loans=True))
    assert [(one.coins, one.cost) for one in found.after] == [(-0.25, -12_500.0)]


@pytest.mark.parametrize(
    ("picks", "said"),
    [
        ([("4.1", 2.0)], r"lot 4\.1 has 1 BTC left then, not 2 BTC"),
        ([("9.1", 0.5)], r"lot 9\.1 has 0 BTC left then"),
        ([("4.1", 0.75), ("5.1", 0.5)], "are of more coins than it takes"),
    ],
)
def test_lots_that_cannot_be_chosen_are_refused(picks: list[tuple[str, float]], said: str) -> None:
    """A lot that is not there, has too few coins, or more than the move takes."""
    with pytest.raises(LedgerError, match=said):
        year([*BOUGHT, SOLD], LotRules("specific", {"6.1": picks}))


def test_what_happened_counts_when_it_happened() -> None:
    """Not when it was written: an older row that is imported later is the first lot."""
    found = year([*BOUGHT[:3], BOUGHT[4], BOUGHT[3], SOLD])
    assert found.coin_gain == 30_000.0
    assert stamp_of(BOUGHT[3], 5) == START_NS
    assert stamp_of(day(3, 1.0), 5) == 5


def test_lots_of_each_account_are_its_own() -> None:
    """A coin of 20,000 in one account, one of 40,000 in another, which sells at 50,000."""
    events = two_accounts()
    pooled, apart = (year(events, LotRules(by_account=one)) for one in (False, True))
    assert (pooled.coin_gain, apart.coin_gain) == (30_000.0, 10_000.0)
    assert [(one.account, one.cost) for one in apart.after] == [("vault", 20_000.0)]
    assert [one.account for one in pooled.after] == [None]


def test_lots_go_with_the_coins_that_are_moved() -> None:
    """With their time and cost: what came first goes first there."""
    when = START_NS + 15 * DAY_NS
    moved = TransferNoted("t", "vault", "spot", "BTC", 0.5, 0.0, "arrived", "", when)
    events = [*two_accounts()[:-1], moved, two_accounts()[-1]]
    found = year(events, LotRules(by_account=True))
    assert [(one.coins, one.cost) for one in found.disposals] == [(0.5, 10_000.0), (0.5, 20_000.0)]
    left = {one.account: (one.coins, one.cost) for one in found.after}
    assert left == {"vault": (0.5, 10_000.0), "spot": (0.5, 20_000.0)}


def test_coins_that_another_account_has_are_none_of_this_one() -> None:
    """In one pool they would be sold."""
    away = [*BOUGHT[:4], FlowBooked("x", "spot", "BTC", -0.5, "", START_NS + 20 * DAY_NS)]
    assert year(away).after[0].coins == 0.5
    with pytest.raises(LedgerError, match=r"0\.5 BTC go from spot"):
        year(away, LotRules(by_account=True))


def two_accounts() -> list[Event]:
    """Half a year's two purchases, and a sale in the second account."""
    there = [replace(flow(2, 1.0, 10), account="spot")]
    sold = FlowBooked("s", "spot", "BTC", -1.0, "", START_NS + 20 * DAY_NS)
    return [*BOUGHT[:4], *there, sold]


@given(lives, st.sampled_from(METHODS), st.integers(1, 10**6))
def test_lots_by_account_are_the_balances_and_add_up(
    life: list[Event], method: LotMethod, seed: int
) -> None:
    """In each account, and with what is on its way; realised and not are the change of wealth."""
    written, prices = lived(life), Told(seed)
    rules, at = LotRules(method, loans=True, by_account=True), START_NS + DAY_NS
    found, (moves, books) = tax_year(written, prices, ALL, rules), coin_moves(written, True)
    for (account, coin), coins in books.balances.items():
        lots = [one.coins for one in found.after if (one.account, one.coin) == (account, coin)]
        sizes = [one.coins for one in moves if one.coin == coin]
        assert close(math.fsum(lots), coins, sizes)
    units = {coin: prices.of({coin: [at]})[coin, at] for coin in ("BTC", "USDT")}
    owned = {k: v for k, v in books.gains.owned.items() if v != 0.0}
    wealth = math.fsum(coins * units[coin] for coin, coins in owned.items())
    unrealised = math.fsum(one.coins * units[one.coin] - one.cost for one in found.after)
    flows = math.fsum(one.worth for one in found.flows)
    sizes = [*sizes_of(found), wealth, *(one.coins * 100 for one in found.after)]
    assert close(found.total + unrealised, wealth - flows, [*sizes, *sizes])
