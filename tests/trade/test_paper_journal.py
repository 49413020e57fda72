"""A paper venue outlives its process: its journal, run again, is the same venue."""

from dataclasses import replace
from pathlib import Path

import pytest

import volsculpt as vs
from tests.structure.source_tree import ROOT
from tests.trade.papers import BOOK, KEY, hours_on, order, stage
from volsculpt.errors import VenueError
from volsculpt.trade.clock import VirtualClock, run_virtual
from volsculpt.trade.paper.commands import Commands
from volsculpt.trade.paper.terms import PaperTerms
from volsculpt.trade.paper.venue import PaperVenue
from volsculpt.trade.paper.world import PaperExchange
from volsculpt.trade.venue import NotDone
from volsculpt.units import HOUR_NS, SECOND_NS

TERMS = PaperTerms(order_latency_ns=30 * SECOND_NS, transfer_fail_rate=0.5, seed=2)


def lived(journal: Path | None, lives: list[int], terms: PaperTerms = TERMS) -> list[object]:
    """Forty hours of orders and transfers, the venue made anew after the hours in `lives`."""
    on = stage(BOOK)

    async def main(clock: VirtualClock) -> list[object]:
        commands = Commands(PaperExchange(on, terms), journal)
        for hour in range(40):
            if hour in lives:
                commands.shut()
                commands = Commands(PaperExchange(on, terms), journal)
            venue = PaperVenue(commands, clock)
            await hours_on(clock, 1)
            await venue.send(order(f"o{hour}", -700.0 if hour % 3 else 500.0))
            if hour % 5 == 0:
                await venue.send(order(f"r{hour}", -300.0, 7300.0))
                await venue.transfer(f"t{hour}", "vault", "coinm", "BTC", 0.1)
            if hour % 10 == 9:
                await venue.cancel("coinm", f"r{hour - 4}")
            if hour == 33:
                await venue.upset("coinm", KEY, 0.5)
        told = [await venue.statement("coinm"), await venue.statement("vault")]
        rest = [await venue.activity("coinm", None), await venue.open_orders("coinm")]
        commands.shut()
        return [*told, *rest, await venue.find_transfer("t35")]

    return run_virtual(on.feed.stamps[0], main)


def test_a_venue_lives_on(tmp_path: Path) -> None:
    """Made anew at three times, with orders and transfers under way: nothing is different."""
    never = lived(None, [])
    assert lived(tmp_path / "a.jsonl", []) == never
    assert lived(tmp_path / "b.jsonl", [1, 6, 7, 31, 36]) == never


def test_a_torn_line_never_happened(tmp_path: Path) -> None:
    """A kill in the middle of a write leaves a request that did not arrive."""
    journal, on = tmp_path / "j.jsonl", stage(BOOK)
    start = on.feed.stamps[0]
    first = Commands(PaperExchange(on, TERMS), journal)
    first.world.pass_time(start + HOUR_NS)
    first.send(order("a", -100.0), start + HOUR_NS)
    first.send(order("b", -100.0), start + HOUR_NS)
    first.shut()
    whole = journal.read_bytes()
    journal.write_bytes(whole[:-9])
    again = Commands(PaperExchange(on, TERMS), journal)
    assert again.find("coinm", "a") is not None
    assert again.find("coinm", "b") is None
    again.send(order("b", -100.0), start + HOUR_NS)
    again.shut()
    assert [one for one in journal.read_bytes().splitlines() if b'"start"' not in one] == (
        whole.splitlines()
    )


def test_each_start_has_a_number_of_its_own(tmp_path: Path) -> None:
    """So that ids are never used twice, whatever ledger stands beside the journal."""
    journal, runs = tmp_path / "j.jsonl", []
    for _ in range(3):
        commands = Commands(PaperExchange(stage(BOOK), TERMS), journal)
        runs.append(commands.run)
        commands.shut()
    assert runs == ["", "r2", "r3"]
    assert Commands(PaperExchange(stage(BOOK), TERMS)).run == ""


def test_an_id_that_is_taken_is_refused() -> None:
    """The same again is the same; another order or transfer is not answered with the old one."""
    commands = Commands(PaperExchange(stage(BOOK), TERMS))
    now = commands.world.time_ns
    made = commands.send(order("a", -100.0), now)
    assert commands.send(order("a", -100.0), now) is made
    with pytest.raises(NotDone, match="another order has the id a"):
        commands.send(order("a", -200.0), now)
    moved = commands.transfer("t", "vault", "coinm", "BTC", 0.1, now)
    assert commands.transfer("t", "vault", "coinm", "BTC", 0.1, now) is moved
    with pytest.raises(NotDone, match="another transfer has the id t"):
        commands.transfer("t", "vault", "coinm", "BTC", 0.5, now)


@pytest.mark.parametrize("torn", ["other terms", "no journal", "too deep", "another thing"])
def test_a_journal_of_another_venue_is_refused(tmp_path: Path, torn: str) -> None:
    """Other terms would make another past; a file that is something else is named."""
    journal = tmp_path / "j.jsonl"
    Commands(PaperExchange(stage(BOOK), TERMS), journal).shut()
    terms = TERMS
    if torn == "other terms":
        terms = replace(TERMS, half_spread=0.5)
    elif torn == "no journal":
        journal.write_text("once upon a time\n")
    elif torn == "too deep":
        journal.write_text("[" * 50_000 + "\n")
    else:
        journal.write_text(journal.read_text() + '{"do": 1}\n')
    with pytest.raises(VenueError, match=r"j\.jsonl: "):
        Commands(PaperExchange(stage(BOOK), terms), journal)


def test_a_run_lets_go_of_its_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once, when its desk has stopped; a program that makes many runs keeps no file open."""
    shut: list[Commands] = []
    let_go = Commands.shut
    monkeypatch.setattr(Commands, "shut", lambda self: (let_go(self), shut.append(self)))
    vs.paper(ROOT / "examples" / "history.toml", ledger=tmp_path / "a.ledger", steps=1)
    assert [one._file for one in shut] == [None]
