"""Every state in which the desk stops or holds back has an alert that names its remedy."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.trade.desks import KEY, TEXT, Bench, new_desk, run, small
from tests.trade.test_desk import Silent
from volsculpt.ledger.events import Alerted, Operated, TransferNoted
from volsculpt.mandate.load import load_mandate
from volsculpt.trade.control.operate import operate
from volsculpt.trade.execute.guard import ALWAYS, CHECKS, REMEDIES
from volsculpt.trade.paper.faults import Faults, FaultyVenue

SERIES = TEXT.replace('policy = "fixed"\nratio = 0.6', 'policy = "series"\nfile = "ratio.csv"')
Act = Callable[[Bench], Awaitable[None]]


@dataclass(frozen=True)
class State:
    """One state: its mandate, what brings it about, its alert's key and a word of its remedy."""

    name: str
    begin: Act
    key: str
    remedy: str
    more: str = ""
    end: Act | None = None
    started: bool = True


async def kill(bench: Bench) -> None:
    """Set the kill switch."""
    assert bench.desk.kill_file is not None
    bench.desk.kill_file.touch()


async def revive(bench: Bench) -> None:
    """Remove the kill switch."""
    assert bench.desk.kill_file is not None
    bench.desk.kill_file.unlink()


async def pause(bench: Bench) -> None:
    """Pause by hand."""
    await operate(bench.desk, "pause", {}, "me")


async def resume(bench: Bench) -> None:
    """Resume, latches reset."""
    await operate(bench.desk, "resume", {"reset": True}, "me")


async def lose(bench: Bench) -> None:
    """Lose most of what the owner has, as a changed mandate says."""
    text = (TEXT + "[guard]\nmax_drawdown = 0.3\n").replace("{ BTC = 2.0 }", "{ BTC = 0.2 }")
    bench.mandate = small(text)
    kill_file = bench.desk.kill_file
    await bench.restart().start()
    bench.desk.kill_file = kill_file


def failing(**rates: float) -> Act:
    """A venue that fails in one way from now on."""

    async def begin(bench: Bench) -> None:
        venue = FaultyVenue(bench.venue, bench.clock, replace(Faults(), **rates), 1)  # type: ignore[arg-type]
        bench.desk = new_desk(bench.mandate, bench.ledger, venue, bench.clock)
        bench.desk._notices.absent_ns.clear()

    return begin


async def silent(bench: Bench) -> None:
    """An order whose outcome nobody knows, and that no read finds."""
    venue = Silent(bench.venue, hidden=99, lost=True)
    bench.desk = new_desk(bench.mandate, bench.ledger, venue, bench.clock)  # type: ignore[arg-type]


async def found_coins(bench: Bench) -> None:
    """Coins that nothing explains."""
    bench.world.holdings.move("coinm", "BTC", 0.25)


async def stuck(bench: Bench) -> None:
    """A transfer that does not arrive."""
    noted = TransferNoted("vt-x-1", "vault", "coinm", "BTC", 0.01, 0.0, "sent")
    bench.desk.append([noted])


async def nothing(bench: Bench) -> None:
    """The mandate alone brings it about."""


READS = '[desk]\norder_valid = "2d"\n'
STATES = (
    State("kill switch", kill, "kill", "remove", end=revive),
    State("pause", pause, "paused", "volsculpt resume", end=resume),
    State(
        "latch",
        lose,
        "latch:drawdown",
        "volsculpt resume --reset",
        "[guard]\nmax_drawdown = 0.3\n",
        resume,
    ),
    State(
        "too large", nothing, f"guard:coinm|{KEY}|size", "[guard]", "[guard]\nmax_order_usd = 9\n"
    ),
    State("failing reads", failing(failed_balance=1.0), "read:coinm", "could not be read"),
    State("no price", failing(missing_mark=1.0), "read:bybit", "gave no price"),
    State("no coin stated", failing(missing_balance=1.0), "lacks:coinm", "volsculpt accept"),
    State("never read", failing(failed_balance=1.0), "read:coinm", "read", started=False),
    State("a difference", found_coins, "balance:coinm|BTC", "volsculpt accept"),
    State("unknown order", silent, "order:", "cancel it", READS, started=False),
    State("slow transfer", stuck, "transfer:vt-x-1", "volsculpt arrived"),
)


def told(bench: Bench) -> list[Alerted]:
    """Every alert that was told."""
    found = [one.event for one in bench.ledger.entries(kinds=("alert",))]
    return [one for one in found if isinstance(one, Alerted) and not one.waits]


@pytest.mark.parametrize("state", STATES, ids=lambda one: one.name.replace(" ", "-"))
def test_a_state_that_holds_back_is_told_once(state: State, tmp_path: Path) -> None:
    """One alert with the remedy while it lasts; another, with how long it lasted, at its end."""

    async def work(bench: Bench) -> None:
        bench.desk.kill_file = tmp_path / "kill"
        if state.started:
            await bench.desk.start()
            await bench.hours(1)
        await state.begin(bench)
        if not state.started:
            await bench.desk.start()
        await bench.hours(7)
        mine = [one for one in told(bench) if one.key.startswith(state.key)]
        (begun,) = [one for one in mine if not one.over]
        assert state.remedy in begun.text
        if state.end is not None:
            await state.end(bench)
            await bench.hours(1)
            over = [one for one in told(bench) if one.key == begun.key and one.over]
            assert "lasted" in over[-1].text

    run(work, mandate=small(TEXT + state.more))


def test_a_policy_without_an_answer_is_told(tmp_path: Path) -> None:
    """A series that has no ratio yet keeps what is held, and says so once."""
    (tmp_path / "ratio.csv").write_text("time,ratio\n2099-01-01T00:00:00Z,0.5\n")
    (tmp_path / "mandate.toml").write_text(SERIES)

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(6)
        (alert,) = told(bench)
        assert alert.key == "aim:BTC"
        assert "volsculpt override" in alert.text

    run(work, mandate=load_mandate(tmp_path / "mandate.toml"))


def test_wealth_eaten_by_debts_is_told() -> None:
    """3 BTC and more owed than they are worth: nothing is sold, and that is told at once."""
    owing = TEXT.replace("{ BTC = 2.0 }", "{ BTC = 2.0, USDT = -1e7 }")
    owing = owing.replace("ratio = 0.6", 'ratio = 0.6\nbase = "wealth"')

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(2)
        (alert,) = [one for one in told(bench) if one.key == "wealth:BTC"]
        assert alert.level == "critical"
        assert "a short is kept, up to all of your coins, and a long is closed" in alert.text

    run(work, mandate=small(owing))


def test_every_rule_of_the_guard_has_a_remedy() -> None:
    """The kill switch and latches have alerts of their own; every other rule says what to do."""
    assert {*ALWAYS, *CHECKS} - {"kill", "latch"} == set(REMEDIES)


RESTING = (
    TEXT
    + """
[send]
way = "chase"
reprice = "10s"
timeout = "11m"
"""
)


@pytest.mark.parametrize("how", ["pause", "written", "kill", "kill and step"])
def test_what_stops_a_desk_cancels_what_rests(how: str, tmp_path: Path) -> None:
    """A limit order rests: it is cancelled by the command, at once, or by the next look."""

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.desk.step()
        (client,) = bench.ledger.books.slots.values()
        bench.desk.kill_file = tmp_path / "kill"
        if how == "pause":
            said = await operate(bench.desk, "pause", {}, "me")
            assert f"; cancelled what rested: {KEY} on coinm, -" in said
        elif how == "written":
            bench.desk.append([Operated("pause", {})])
            await bench.desk.tend()
        else:
            bench.desk.kill_file.touch()
            await (bench.desk.tend() if how == "kill" else bench.desk.step())
        await bench.desk.observe()
        assert bench.ledger.books.orders[client].outcome == "cancelled"
        assert not bench.ledger.books.slots
        await bench.hours(2)
        assert list(bench.ledger.books.orders) == [client]

    run(work, mandate=small(RESTING))
