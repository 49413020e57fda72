"""An account that a desk shares with somebody else: it leaves alone what is not its own."""

import pytest

from tests.factories import inverse
from tests.trade.desks import KEY, TEXT, Bench, new_desk, run, small
from tests.trade.test_desk import contracts, levels
from tests.trade.test_found import told
from volsculpt.trade.control.operate import operate

OTHER = "bybit:ETH/USD:ETH"
INVERSE = inverse()
SAID = f"not_own:coinm|{KEY}"
FOUND = f"found:coinm|{KEY}"


def text(position: str = "", not_own: str = "", balances: str = "") -> str:
    """The small mandate with tables of its futures account, and perhaps other balances."""
    tables = [position and f"[[account.position]]\n{position}"]
    tables += [f"[[account.not_own]]\n{one}" for one in not_own.split("---") if one]
    found = TEXT.replace("[[hedge]]", "\n".join([*tables, "[[hedge]]"]), 1)
    return found.replace("balances = { BTC = 1.0 }", balances or "balances = { BTC = 1.0 }")


def at(count: float, symbol: str = "BTC/USD:BTC", entry: float = 7200.0) -> str:
    """The words of a position."""
    return f'contract = "{symbol}"\ncontracts = {count}\nentry = {entry}\n'


PART = 'contract = "BTC/USD:BTC"\ncontracts = -20_000\n'
ALONE = -12_668.0  # what the small mandate holds on an account of its own
PLENTY = "balances = { BTC = 9.0 }"
COINS = 'coin = "BTC"\namount = 8.0\n'  # somebody else's: margin for his contracts


def on(work: object, venue: str, says: str) -> None:
    """A desk of a mandate that `says` so, on accounts as the mandate `venue` has them."""

    async def main(bench: Bench) -> None:
        bench.mandate = small(says)
        bench.desk = new_desk(bench.mandate, bench.ledger, bench.venue, bench.clock)
        await bench.desk.start()
        await work(bench)  # type: ignore[operator]

    run(main, mandate=small(venue))


@pytest.mark.parametrize("count", [-20_000.0, 20_000.0])
def test_a_part_that_is_not_own_is_left_alone(count: float) -> None:
    """The desk builds what it would alone, beside it, and rests; nothing is asked."""
    part = f'contract = "BTC/USD:BTC"\ncontracts = {count}\n---{COINS}'

    async def work(bench: Bench) -> None:
        await bench.hours(30)
        assert contracts(bench) == pytest.approx(ALONE + count, abs=160.0)
        assert len(bench.ledger.books.orders) <= 5
        assert not levels(bench)

    on(work, text(at(count), "", PLENTY), text(at(count), part, PLENTY))


def test_a_part_needs_no_position_in_the_mandate() -> None:
    """Given with its entry it is all that the account is taken to hold."""

    async def work(bench: Bench) -> None:
        await bench.hours(8)
        assert contracts(bench) == pytest.approx(ALONE - 20_000.0, abs=160.0)
        assert not levels(bench)

    says = text("", f"{PART}entry = 7200.0\n---{COINS}", PLENTY)
    on(work, text(at(-20_000), "", PLENTY), says)


def test_a_contract_that_is_not_own_is_no_news() -> None:
    """Whoever trades it trades it; nothing is asked, told, adopted or closed."""
    says = text("", 'contract = "ETH/USD:ETH"\n')
    venue = text(at(-500, "ETH/USD:ETH", 150.0), "", "balances = { BTC = 1.0, ETH = 20.0 }")

    async def work(bench: Bench) -> None:
        await bench.hours(3)
        await bench.venue.upset("coinm", OTHER, 0.5, "trade")
        await bench.hours(6)
        assert contracts(bench) == pytest.approx(ALONE, abs=160.0)
        assert not levels(bench)
        assert await operate(bench.desk, "adopt", {}, "me") == "nothing waits to be adopted"
        said = await operate(bench.desk, "flatten", {"confirmed": True}, "me")
        assert said == f"1 closing orders sent, paused; left alone, for they are not own: {OTHER}"
        assert bench.world.holdings.positions("coinm") == {OTHER: (-250.0, 150.0)}
        bench.mandate = small(text())
        await bench.restart().start()
        await bench.hours(1)
        assert f"found:coinm|{OTHER}" in levels(bench)

    on(work, venue, says.replace("{ BTC = 1.0 }", "{ BTC = 1.0, ETH = 20.0 }"))


def test_somebody_who_trades_a_shared_contract_is_asked_about() -> None:
    """What is own cannot be told any more: nothing is traded until the mandate says so."""
    says = text(at(-20_000), f"{PART}---{COINS}", PLENTY)

    async def work(bench: Bench) -> None:
        await bench.hours(6)
        held = contracts(bench)
        await bench.venue.upset("coinm", KEY, 0.25, "trade")
        left = contracts(bench)
        count = len(bench.ledger.books.orders)
        await bench.hours(4)
        assert contracts(bench) == left != held
        assert len(bench.ledger.books.orders) == count
        assert len(told(bench, "found")) == 1
        part = f'contract = "BTC/USD:BTC"\ncontracts = {left - ALONE}\n'
        bench.mandate = small(text(at(left), f"{part}---{COINS}", PLENTY))
        await bench.restart().start()
        await bench.hours(3)
        assert FOUND not in levels(bench)
        assert contracts(bench) == pytest.approx(left, abs=200.0)

    on(work, text(at(-20_000), "", PLENTY), says)


def test_a_difference_that_is_accepted_is_asked_about() -> None:
    """A venue's figure is taken; whose the change is, is another question."""
    says = text(at(-20_000), f"{PART}---{COINS}", PLENTY)

    async def work(bench: Bench) -> None:
        await bench.hours(6)
        place = ("coinm", KEY)
        leg = bench.world.holdings.flat.leg("coinm", INVERSE)
        bench.world.holdings.state.contracts[leg] += 4_000.0
        await bench.hours(3)
        assert f"position:coinm|{KEY}" in levels(bench)
        await operate(bench.desk, "accept", {}, "me")
        assert bench.ledger.books.found == {place: None}
        left = contracts(bench)
        await bench.hours(3)
        assert contracts(bench) == left
        assert levels(bench)[FOUND] == "critical"
        await operate(bench.desk, "adopt", {}, "me")
        await bench.hours(3)
        assert contracts(bench) < left - 1_000.0
        assert not levels(bench)

    on(work, text(at(-20_000), "", PLENTY), says)


@pytest.mark.parametrize("there", [-15_000.0, 0.0])
def test_a_venue_that_holds_less_than_what_is_not_own_stops_the_contract(there: float) -> None:
    """No long of the owner's is made up and sold: an alert says what to correct."""
    venue = text(at(there) if there else "", "", PLENTY)

    async def work(bench: Bench) -> None:
        await bench.hours(4)
        assert contracts(bench) == there
        assert levels(bench)[SAID] == "critical"
        assert "correct [[account.not_own]]" in bench.ledger.books.alerts[SAID].text
        said = await operate(bench.desk, "flatten", {"confirmed": True}, "me")
        assert said.startswith("0 closing orders sent")
        assert contracts(bench) == there

    on(work, venue, text(at(-20_000), f"{PART}---{COINS}", PLENTY))


def test_coins_that_are_not_there_stop_the_account() -> None:
    """The venue holds 1 BTC of which 8 are said to be somebody else's."""

    async def work(bench: Bench) -> None:
        await bench.hours(4)
        assert contracts(bench) == 0.0
        assert levels(bench)["not_own:coinm|BTC"] == "critical"

    on(work, text(), text("", COINS, PLENTY))


@pytest.mark.parametrize(("count", "reduces"), [(-20_000.0, True), (5_000.0, False)])
def test_flatten_closes_what_is_own_and_no_more(count: float, reduces: bool) -> None:
    """Beside a long an order to close is plain: a venue would refuse it reduce-only."""
    part = f'contract = "BTC/USD:BTC"\ncontracts = {count}\n---{COINS}'

    async def work(bench: Bench) -> None:
        await bench.hours(6)
        said = await operate(bench.desk, "flatten", {"confirmed": True}, "me")
        assert said == f"1 closing orders sent, paused; left alone, for they are not own: {KEY}"
        assert contracts(bench) == count
        (*_, last) = bench.ledger.books.orders.values()
        assert last.intended.reduce_only is reduces
        assert last.outcome == "filled"

    on(work, text(at(count), "", PLENTY), text(at(count), part, PLENTY))


def test_a_smaller_target_buys_back_what_is_own_alone() -> None:
    """With a ratio of 0 the desk ends flat beside both a short and a long of somebody else."""
    for count in (-20_000.0, 5_000.0):
        part = f'contract = "BTC/USD:BTC"\ncontracts = {count}\n---{COINS}'
        says = text(at(count - 9_000.0), part, PLENTY).replace("ratio = 0.6", "ratio = 0.0")

        async def work(bench: Bench, count: float = count) -> None:
            await bench.hours(6)
            assert contracts(bench) == count
            assert not levels(bench)

        on(work, text(at(count - 9_000.0), "", PLENTY), says)
