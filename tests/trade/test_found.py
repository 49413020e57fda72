"""Positions that were there before a ledger began: asked about once, and left alone till then."""

from collections.abc import Awaitable, Callable

import pytest

from tests.trade.desks import KEY, TEXT, Bench, new_desk, run, small
from tests.trade.test_desk import contracts, levels
from volsculpt.errors import LedgerError
from volsculpt.ledger.events import Alerted, Operated
from volsculpt.ledger.ledger import open_ledger
from volsculpt.ledger.store import MemoryStore
from volsculpt.trade.control.operate import operate

SLOT = ("coinm", KEY)
QUESTION = f"found:coinm|{KEY}"


def held(count: float) -> str:
    """The mandate's words for a position of the futures account."""
    said = f'contract = "BTC/USD:BTC"\ncontracts = {count}\nentry = 7200.0\n'
    return TEXT.replace("[[hedge]]", f"[[account.position]]\n{said}\n[[hedge]]", 1)


def on_foreign(
    work: Callable[[Bench], Awaitable[None]], says: str = TEXT, count: float = -20_000.0
) -> None:
    """A fresh desk whose mandate `says` what it says, on an account that holds `count`."""

    async def main(bench: Bench) -> None:
        bench.mandate = small(says)
        bench.desk = new_desk(bench.mandate, bench.ledger, bench.venue, bench.clock)
        await bench.desk.start()
        await work(bench)

    run(main, mandate=small(held(count)))


def told(bench: Bench, kind: str) -> list[Alerted]:
    """Alerts of a kind, their ends left out."""
    alerts = [one.event for one in bench.ledger.entries(kinds=("alert",))]
    return [
        one
        for one in alerts
        if isinstance(one, Alerted) and one.key.startswith(f"{kind}:") and not one.over
    ]


@pytest.mark.parametrize("count", [-20_000.0, 3.0, 9_000.0])
def test_what_the_mandate_does_not_state_is_left_alone_and_told(count: float) -> None:
    """Neither bought back nor hedged a second time; one alert, at once, with what to do."""

    async def work(bench: Bench) -> None:
        assert levels(bench) == {QUESTION: "critical"}
        await bench.hours(5)
        assert contracts(bench) == count
        assert not bench.ledger.books.orders
        (alert,) = told(bench, "found")
        assert f"{count:+,.0f} contracts" in alert.text
        assert "volsculpt adopt" in alert.text

    on_foreign(work, count=count)


def test_what_is_adopted_is_kept_and_told() -> None:
    """Once a person says so it is part of the hedge, and the question is over."""

    async def work(bench: Bench) -> None:
        await bench.hours(2)
        said = await operate(bench.desk, "adopt", {"contract": "BTC/USD:BTC"}, "me")
        assert said == f"adopted: -20,000 contracts of {KEY} on coinm"
        (alert,) = told(bench, "adopted")
        assert "adopted by me: -20,000" in alert.text
        await bench.hours(5)
        assert bench.ledger.books.orders
        assert contracts(bench) == pytest.approx(-12_500.0, rel=0.08)
        assert not levels(bench)
        assert await operate(bench.desk, "adopt", {}, "me") == "nothing waits to be adopted"

    on_foreign(work)


def test_a_question_outlives_a_restart_and_names_can_be_chosen() -> None:
    """It is in the ledger; another account answers nothing, a name that is none is refused."""

    async def work(bench: Bench) -> None:
        await bench.restart().start()
        assert "nothing waits" in await operate(bench.desk, "adopt", {"account": "vault"}, "me")
        for verb in ("accept", "adopt"):
            with pytest.raises(LedgerError, match=r"--account nope: .*; it has coinm"):
                await operate(bench.desk, verb, {"account": "nope"}, "me")
        with pytest.raises(LedgerError, match=r"--contract ETH/USD:ETH: .*; it has BTC/USD:BTC"):
            await operate(bench.desk, "adopt", {"contract": "ETH/USD:ETH"}, "me")
        await bench.hours(3)
        assert contracts(bench) == -20_000.0
        assert len(told(bench, "found")) == 1
        assert set(bench.ledger.books.found) == {SLOT}

    on_foreign(work)


def test_what_the_mandate_states_needs_no_question() -> None:
    """A position that the mandate has is the desk's own from the first step on."""

    async def work(bench: Bench) -> None:
        assert not levels(bench)
        await bench.hours(5)
        assert contracts(bench) == pytest.approx(-12_500.0, rel=0.08)

    on_foreign(work, held(-20_000))


def test_another_count_than_the_mandates_is_asked_about() -> None:
    """Some of it may be somebody else's; a mandate that says all of it answers at its start."""

    async def work(bench: Bench) -> None:
        await bench.hours(2)
        assert contracts(bench) == -20_000.0
        assert QUESTION in levels(bench)
        bench.mandate = small(held(-20_000))
        await bench.restart().start()
        assert len(told(bench, "adopted")) == 1
        await bench.hours(3)
        assert bench.ledger.books.orders
        assert not levels(bench)

    on_foreign(work, held(-15_000))


def test_a_position_closed_by_its_owner_is_no_question() -> None:
    """Whoever opened it closes it: the leg is free, and what the desk opens there is its own."""

    async def work(bench: Bench) -> None:
        await bench.hours(1)
        await bench.venue.upset("coinm", KEY, 1.0, "trade")
        await bench.hours(6)
        assert not bench.ledger.books.found
        assert contracts(bench) == pytest.approx(-12_500.0, rel=0.08)
        assert not levels(bench)

    on_foreign(work)


def test_flatten_closes_what_is_adopted_alone() -> None:
    """A position nobody adopted stays, and the answer names it; adopted it is closed."""

    async def work(bench: Bench) -> None:
        said = await operate(bench.desk, "flatten", {"confirmed": True}, "me")
        assert said == f"0 closing orders sent, paused; left alone, for they are not adopted: {KEY}"
        assert contracts(bench) == -20_000.0
        await operate(bench.desk, "adopt", {}, "me")
        said = await operate(bench.desk, "flatten", {"confirmed": True}, "me")
        assert "nothing is left open" in said
        assert contracts(bench) == 0.0

    on_foreign(work)


def test_a_lost_ledger_does_not_open_a_second_hedge() -> None:
    """The hedge of a ledger that is gone waits for `adopt`, and is gone on with from there."""

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(5)
        before = contracts(bench)
        bench.ledger = open_ledger(MemoryStore())
        bench.desk = new_desk(bench.mandate, bench.ledger, bench.venue, bench.clock)
        await bench.desk.start()
        await bench.hours(3)
        assert contracts(bench) == before
        await operate(bench.desk, "adopt", {}, "me")
        bench.desk.append([Operated("override", {"ratio": 0.7, "until_ns": 2**62})])
        await bench.hours(4)
        assert contracts(bench) == pytest.approx(before * 7 / 6, rel=0.05)

    run(work)
