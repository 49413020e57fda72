"""What an owner must see first: danger, hedges that do not come about, orders a venue refuses."""

from dataclasses import replace

import pytest

from tests.factories import account, decided, fixed, inverse, vault
from tests.trade.desks import KEY, TEXT, Bench, run, small
from tests.trade.plain_terms import plain_terms
from tests.trade.test_states import told
from volsculpt.book.holdings import Book, Position
from volsculpt.decide.limits import Limits
from volsculpt.decide.step import Decision, Missing, decide
from volsculpt.hedge.policies.fixed import FixedPolicy
from volsculpt.hedge.policies.weight import WeightPolicy
from volsculpt.hedge.spec import Hedge, Proxy
from volsculpt.ledger.books import Books
from volsculpt.ledger.events import Alerted, Operated
from volsculpt.market.quotes import Quotes
from volsculpt.report.pages.desk import status, status_page
from volsculpt.trade.connections import Connections
from volsculpt.trade.control.urgent import urgent
from volsculpt.trade.desk import Desk
from volsculpt.trade.paper.faults import Faults
from volsculpt.trade.paper.terms import PaperTerms
from volsculpt.units import HOUR_NS

ALONE = TEXT.partition("[[collateral]]")[0]
EMPTY = ALONE.replace("{ BTC = 1.0 }", "{}")


def first_lines(bench: Bench) -> list[str]:
    """The section that stands first on the page of a status."""
    page = status_page(status(bench.ledger, is_running=True))
    return [getattr(item, "text", "") for item in page.sections[0].items]


@pytest.mark.parametrize("coins", ["{}", "{ BTC = 0.0003 }", "{ BTC = 0.0005 }"])
def test_a_hedge_that_never_comes_about_is_told_once_with_its_coins(coins: str) -> None:
    """At the first step, not at each: how many coins, from where; `status` begins with it."""

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(30)
        alerts = [one for one in told(bench) if one.key == "unhedged:BTC"]
        assert len(alerts) == 1
        assert alerts[0].text.startswith("BTC NOT HEDGED AT ALL, 60 % is wanted: MOVE 0.")
        assert "BTC TO coinm (vault has 2 BTC)" in alerts[0].text
        (line,) = first_lines(bench)
        assert line.startswith("BTC NOT HEDGED AT ALL")
        assert "(alert 1, since 20" in line

    run(work, mandate=small(ALONE.replace("{ BTC = 1.0 }", coins)))


def test_a_hedge_short_of_its_target_is_told_when_it_lasts() -> None:
    """A limit holds it at a part: told at the third step, with the coins that lift it."""
    text = ALONE.replace("{ BTC = 1.0 }", "{ BTC = 0.1 }") + "[limits]\nmax_leverage = 3.0\n"

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(8)
        alerts = [one for one in told(bench) if one.key == "unmet:BTC"]
        assert len(alerts) == 1
        assert "BTC is hedged" in alerts[0].text
        assert "BTC TO coinm (vault has 2 BTC)" in alerts[0].text

    run(work, mandate=small(text))


def test_a_hedge_on_its_way_is_no_news() -> None:
    """Slices of max_order_usd, and coins that the desk moves itself, are not told."""

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(30)
        assert [one for one in told(bench) if one.key.startswith(("unmet", "unhedged"))] == []

    run(work, mandate=small(TEXT.replace("{ BTC = 1.0 }", "{}")))


def test_danger_stands_first_in_the_status_and_is_an_alert() -> None:
    """A margin that a small rise uses up: the remedy leads, in text and as plain values."""
    text = ALONE.replace("{ BTC = 1.0 }", "{ BTC = 0.14 }") + "[guard]\nmax_leverage = 30\n"

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(3)
        key = "danger:coinm|BTC"
        assert [one.key for one in told(bench)].count(key) == 1
        said = status(bench.ledger, is_running=True)
        assert said["urgent"][0]["key"] == key
        assert "TO coinm" in said["urgent"][0]["text"]
        assert "ORDERS" not in said["urgent"][0]["text"]
        assert first_lines(bench)[0].startswith("coinm: ADD ")

    run(work, mandate=small(text))


def test_what_the_first_orders_bring_is_told_as_they_leave() -> None:
    """A margin that is safe until its first order fills: told in that very step, not the next."""
    text = ALONE.replace("{ BTC = 1.0 }", "{ BTC = 0.14 }") + "[guard]\nmax_leverage = 30\n"

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.desk.step()
        assert bench.ledger.books.positions["coinm", KEY].contracts < 0.0
        (line,) = [one for one in first_lines(bench) if one.startswith("coinm: ")]
        assert line.startswith("coinm: ADD 0.")
        assert "once the orders fill, a rise of " in line
        assert "ORDERS" not in line
        assert [one.key for one in told(bench)].count("danger:coinm|BTC") == 1

    run(work, mandate=small(text.replace("max_order_usd = 5_000\n", "")))


@pytest.mark.parametrize("contracts", [-30_000.0, -50_000.0])
def test_a_danger_lasts_while_orders_bring_its_end_nearer(contracts: float) -> None:
    """A short that is near its end, or not yet, and grows: one alert, whatever stage it is of."""
    used = inverse()
    position = Position(used, contracts, 60_000.0)
    book = Book((vault(BTC=1.0), account("coinm", {"BTC": 0.2}, (position,))))
    decision = decided(book, [fixed()], [[("coinm", used, False)]], {"BTC": 60_000.0})
    assert decision.answer.trade[0] < 0.0
    found = [one for one in urgent(decision, Books(), True, {}, set(), 0) if "danger" in one.key]
    (alert,) = found
    assert "once the orders fill, a rise of " in alert.text
    assert "BEFORE" not in alert.text


NARROW = (
    TEXT.replace("{ BTC = 1.0 }", "{ BTC = 0.14 }")
    .replace("[0.5, 1.0, 1.5, 2.5]", "[2, 3, 3, 4]")
    .replace("transfer_hours = 1", "transfer_hours = 3")
    .replace("max_leverage = 3.0\nmax_order_usd = 5_000\n", "")
)
HELD = """
[[account.position]]
contract = "BTC/USD:BTC"
contracts = -9_200
entry = 7_100

[[hedge]]"""


def noted(bench: Bench) -> list[Alerted]:
    """All that was written of alerts, told or not."""
    entries = bench.ledger.entries(kinds=("alert",))
    return [one.event for one in entries if isinstance(one.event, Alerted)]


async def in_danger(bench: Bench, by_desk: bool) -> list[list[str]]:
    """What `status` begins with, hour by hour, where the margin is all but used up."""
    if not by_desk:
        connections = Connections({"bybit": bench.venue})
        bench.desk = Desk(bench.mandate, bench.ledger, connections, bench.clock)
    await bench.desk.start()
    found = []
    for _ in range(3):
        await bench.hours(1)
        found.append(first_lines(bench))
    return found


def test_coins_that_the_desk_moves_are_not_its_owners_to_move() -> None:
    """At first it says that it moves them, then that they are on their way; never MOVE, or BUY.

    Where it is critical: what it does as a matter of course is no alert.
    """

    async def work(bench: Bench) -> None:
        begun, *later = await in_danger(bench, by_desk=True)
        assert begun[0].startswith("coinm: THE DESK MOVES 0.")
        assert " BTC TO coinm" in begun[0]
        for lines in later:
            assert lines[0].startswith("coinm: WAIT FOR 0.")
            assert " BTC ON THEIR WAY TO coinm" in lines[0]

    held = HELD.replace("-9_200", "-9_900")
    run(work, mandate=small(NARROW.replace("\n[[hedge]]", held)), terms=slow())


def test_what_the_desk_mends_by_itself_is_told_only_where_it_lasts() -> None:
    """A margin that is near its end, not critically: noted while coins are on their way there."""

    async def work(bench: Bench) -> None:
        for lines in await in_danger(bench, by_desk=True):
            assert not any("coinm: " in line for line in lines)
            assert not any(key.startswith("danger:") for key in bench.ledger.books.alerts)
        kept = [one for one in noted(bench) if one.key == "mends:coinm|BTC"]
        assert [(one.level, one.waits) for one in kept] == [("info", True), ("info", False)]
        assert kept[0].text.startswith("coinm: THE DESK MOVES 0.")
        assert kept[1].text.startswith("coinm: WAIT FOR 0.")  # two hours later
        await bench.hours(4)
        assert "mends:coinm|BTC" not in bench.ledger.books.alerts

    run(work, mandate=small(NARROW.replace("\n[[hedge]]", HELD)), terms=slow())


def test_coins_that_no_venue_carries_stay_their_owners_to_move() -> None:
    """MOVE, at the first step and while they are waited for, beside the alert of the transfer."""

    async def work(bench: Bench) -> None:
        for lines in await in_danger(bench, by_desk=False):
            assert lines[0].startswith("coinm: MOVE 0.")
            assert "WAY" not in lines[0]
        assert any(key.startswith("move:") for key in bench.ledger.books.alerts)

    run(work, mandate=small(NARROW.replace("\n[[hedge]]", HELD)), terms=slow())


def test_a_desk_that_is_paused_moves_nothing() -> None:
    """What it would move is its owner's again."""

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        bench.desk.append([Operated("pause", {})])
        await bench.hours(1)
        assert any(line.startswith("coinm: MOVE 0.") for line in first_lines(bench))

    run(work, mandate=small(NARROW.replace("\n[[hedge]]", HELD)), terms=slow())


def slow() -> PaperTerms:
    """A venue whose transfers take three hours."""
    return plain_terms(transfer_delay_ns=3 * HOUR_NS)


def broken(*_: object) -> list[object]:
    """Words that fail."""
    return [1 / 0]


@pytest.mark.parametrize(
    ("where", "name", "what"),
    [
        ("control.urgent", "dangers", "danger"),
        ("control.urgent", "next_steps", "unmet hedges"),
        ("control.urgent", "_rejected", "rejected orders"),
        ("desk", "warnings_of", "collateral"),
        ("desk", "held_back", "held back"),
        ("desk", "all_reasons", "reasons"),
    ],
)
def test_words_that_fail_stop_no_decision(
    monkeypatch: pytest.MonkeyPatch, where: str, name: str, what: str
) -> None:
    """The hedge is decided, written and sent; the error is a critical alert, told once."""
    monkeypatch.setattr(f"volsculpt.trade.{where}.{name}", broken)

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(4)
        assert list(bench.ledger.entries(kinds=("decision",))) != []
        alerts = [one for one in told(bench) if one.key.startswith("words:")]
        assert [(one.key, one.level) for one in alerts] == [(f"words:{what}", "critical")]
        assert "ZeroDivisionError: division by zero (test_urgent.py:" in alerts[0].text
        held = bench.ledger.books.positions["coinm", KEY].contracts
        assert held < 0.0

    run(work)


def test_an_alert_does_not_end_where_it_cannot_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A danger that could not be worded is not over; it ends once the words are back."""
    text = ALONE.replace("{ BTC = 1.0 }", "{ BTC = 0.14 }") + "[guard]\nmax_leverage = 30\n"

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(3)
        monkeypatch.setattr("volsculpt.trade.control.urgent.dangers", broken)
        await bench.hours(30)
        assert [one.over for one in told(bench) if one.key == "danger:coinm|BTC"] == [False]
        monkeypatch.undo()
        await bench.hours(3)
        assert [one.over for one in told(bench) if one.key == "words:danger"] == [False, True]

    run(work, mandate=small(text))


def test_the_desk_closes_a_position_that_its_words_have_no_leverage_for() -> None:
    """An isolated short closed in parts, coins moved between: no alert of words is there."""
    held = """[[account.position]]
contract = "BTC/USD:BTC"
contracts = -9_000
entry = 60_000
margin = 0.2
leverage = 20

[[hedge]]"""
    text = TEXT.replace("{ BTC = 1.0 }", '{ BTC = 0.2 }\nmargin_mode = "isolated"')
    text = text.replace("[[hedge]]", held).replace("ratio = 0.6", "ratio = 0.0")
    text += "min_liquidation_distance = 0.9\n"

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(6)
        assert [one.key for one in told(bench) if one.key.startswith("words:")] == []
        assert bench.ledger.books.positions["coinm", KEY].contracts == 0.0

    run(work, mandate=small(text))


def test_what_the_venue_refuses_again_and_again_is_told_once() -> None:
    """Every order rejected for ten hours: one alert, with the venue's word and how long."""

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(10)
        (alert,) = [one for one in told(bench) if one.key == f"rejected:coinm|{KEY}"]
        assert "refuses the order of -" in alert.text
        assert "(for 2 hours)" in alert.text

    run(work, faults=Faults(rejected=1.0))


def test_an_empty_account_that_is_filled_ends_the_alert() -> None:
    """Coins arrive: the hedge is made, and the alert is over."""

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(2)
        bench.world.holdings.move("coinm", "BTC", 0.6)
        await bench.hours(3)
        mine = [one for one in told(bench) if one.key == "unhedged:BTC"]
        assert [one.over for one in mine] in ([False], [False, True])

    run(work, mandate=small(EMPTY))


def test_a_loan_near_its_level_is_told_with_what_mends_it() -> None:
    """Once, as a warning of its own kind; a safe one is no news."""
    loan = '[[account]]\nname = "bank"\nkind = "loan"\nbalances = {{ BTC = 1.0, USD = {} }}\n'
    terms = "interest = {{ USD = 0.05 }}\nliquidation_ltv = 0.8\n"

    def of(owed: float) -> str:
        return TEXT.replace("[[hedge]]", (loan + terms).format(owed) + "\n[[hedge]]", 1)

    async def near(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(3)
        (alert,) = [one for one in told(bench) if one.key == "loan:bank"]
        assert alert.text.startswith("bank: ADD ")
        assert "its lender sells what is pledged" in alert.text

    async def safe(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(3)
        assert [one for one in told(bench) if one.key == "loan:bank"] == []

    run(near, mandate=small(of(-37_000.0)))
    run(safe, mandate=small(of(-1_000.0)))


def test_a_hedge_whose_price_is_not_known_is_not_laid_to_its_limits() -> None:
    """Nothing is bought or sold while the price of what is hedged is missing."""
    used = inverse()
    book = Book((vault(BTC=1.0), account("coinm", {"BTC": 1.0})))
    known = decided(book, [fixed()], [[("coinm", used, False)]], {"BTC": 60_000.0})
    missing = Missing(frozenset({("coinm", used.key)}), frozenset({"BTC"}))
    decision = decide(replace(known.setup, missing=missing), Quotes(0, {"BTC": 60_000.0}), 0)
    (alert,) = urgent(decision, Books(), True, {}, set(), 0)
    assert alert.text.startswith("BTC NOT HEDGED AT ALL, 100 % is wanted: a price, a balance or an")
    assert "limits" not in alert.text


def unmet(decision: Decision) -> list[str]:
    """What is told of hedges that are not as they are wanted."""
    found = urgent(decision, Books(), True, {}, frozenset(), decision.time_ns)
    return [one.text for one in found if one.key.startswith(("unmet", "unhedged"))]


def test_a_hedge_that_has_nothing_to_sell_is_no_alert() -> None:
    """A coin below its weight, by its own contracts or by a proxy, beside others or alone."""
    contract, prices = inverse("BTC"), {"BTC": 30_000.0, "XMR": 150.0}
    use = [("coinm", contract, False)]
    low = Hedge("XMR", WeightPolicy(0.3), "wealth", proxies=(Proxy("BTC", 1.0),))
    own = Hedge("BTC", WeightPolicy(0.9), "wealth")
    coins = account("coinm", {"BTC": 0.1})
    for hedges in ([low], [own], [own, low]):
        book = Book((vault(XMR=100.0), coins))
        assert unmet(decided(book, hedges, [use] * len(hedges), prices, Limits())) == []


def test_a_long_that_is_not_allowed_is_told_with_the_key_that_allows_it() -> None:
    """By a beta below 0 a hedge asks for a long: no limit is named where there is none."""
    hedge = Hedge("XMR", FixedPolicy(1.0), proxies=(Proxy("BTC", -0.5),))
    book = Book((vault(XMR=100.0), account("coinm", {"BTC": 0.1})))
    prices = {"BTC": 30_000.0, "XMR": 150.0}
    (text,) = unmet(decided(book, [hedge], [[("coinm", inverse("BTC"), False)]], prices, Limits()))
    assert "NOT HEDGED AT ALL, 100 % is wanted: the target asks for a long" in text
    assert "allow_long" in text
    assert "limits allow no more" not in text
