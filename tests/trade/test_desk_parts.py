"""Parts of the desk: collateral by hand, ways of sending, alerts that leave, figures, schedules."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.trade.desks import KEY, TEXT, Bench, intents, new_desk, run, small
from tests.trade.kills import run as killed
from volsculpt.errors import HistoryError
from volsculpt.hedge.answer import Aim, Band, aim_of, plain
from volsculpt.hedge.market_features import Features
from volsculpt.hedge.policies.callable import CallablePolicy
from volsculpt.hedge.policy import HedgeSummary, PolicyInput
from volsculpt.ledger.events import Alerted, Filled
from volsculpt.mandate.desk import DeskRules
from volsculpt.market.history import History
from volsculpt.market.synthetic import synthetic
from volsculpt.report.pages.desk import status
from volsculpt.trade.connections import Connections
from volsculpt.trade.control.metrics import Metrics, metrics
from volsculpt.trade.control.notify import Notifier
from volsculpt.trade.control.operate import operate
from volsculpt.trade.control.session import Session
from volsculpt.trade.desk import Desk
from volsculpt.trade.paper.opening import paper_market
from volsculpt.trade.paper.terms import PaperTerms
from volsculpt.units import HOUR_NS, SECOND_NS, iso

THIN = TEXT.replace("balances = { BTC = 1.0 }", "balances = { BTC = 0.3 }").replace(
    "max_order_usd = 5_000", "max_order_usd = 50_000"
)


def test_collateral_moves_and_arrives() -> None:
    """A top-up is noted, sent, followed; what arrives is booked less its cost."""

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(4)
        moved = list(bench.ledger.books.transfers.values())
        assert moved
        assert moved[0].noted.state == "arrived"
        for name in ("vault", "coinm"):
            true = bench.world.holdings.balances(name)["BTC"]
            assert bench.ledger.books.balances[name, "BTC"] == pytest.approx(true, abs=1e-9)

    terms = PaperTerms(transfer_delay_ns=HOUR_NS, transfer_cost=0.0002)
    run(work, mandate=small(THIN), terms=terms)


def test_a_person_moves_what_no_venue_can_carry() -> None:
    """An alert says exactly what to move; the coins are seen in the statement they reach."""

    async def work(bench: Bench) -> None:
        connections = Connections({"bybit": bench.venue})
        bench.desk = Desk(bench.mandate, bench.ledger, connections, bench.clock)
        await bench.desk.start()
        await bench.hours(1)
        (noted,) = (one.noted for one in bench.ledger.books.transfers.values())
        assert noted.state == "asked"
        text = bench.ledger.books.alerts[f"move:{noted.transfer_id}"].text
        assert f"move {noted.coins:.8f} BTC from 'vault' to 'coinm'" in text
        await bench.hours(1)
        assert len(bench.ledger.books.transfers) == 1
        bench.world.holdings.move("coinm", "BTC", noted.coins)
        await bench.hours(2)
        assert bench.ledger.books.transfers[noted.transfer_id].noted.state == "arrived"
        assert not any(key.startswith("move:") for key in bench.ledger.books.alerts)
        held = bench.ledger.books.balances["coinm", "BTC"]
        assert held == pytest.approx(bench.world.holdings.balances("coinm")["BTC"], abs=1e-9)

    run(work, mandate=small(THIN))


def test_a_transfer_told_by_hand_has_arrived() -> None:
    """An operator's word ends a transfer whose target nobody states."""

    async def work(bench: Bench) -> None:
        connections = Connections({"bybit": bench.venue})
        bench.desk = Desk(bench.mandate, bench.ledger, connections, bench.clock)
        await bench.desk.start()
        await bench.hours(1)
        (name,) = bench.ledger.books.transfers
        await operate(bench.desk, "arrived", {"transfer": name}, "me")
        assert bench.ledger.books.transfers[name].noted.state == "arrived"

    run(work, mandate=small(THIN))


@pytest.mark.parametrize("way", ["chase", "slices"])
def test_other_ways_of_sending_fill_in_time(way: str) -> None:
    """A chase, and slices: several orders, one alive at a time, never more than decided."""
    text = TEXT.replace("max_order_usd = 5_000", "max_order_usd = 50_000")
    text += f'[send]\nway = "{way}"\n'

    async def work(bench: Bench) -> None:
        until = bench.clock.now_ns() + 4 * HOUR_NS
        await Session(bench.desk, bench.clock, until).run()
        books = bench.ledger.books
        held = books.positions["coinm", KEY].contracts
        assert -13_500 < held < -12_000
        assert held == bench.world.holdings.positions("coinm")[KEY][0]
        assert len(books.orders) > 1

    run(work, mandate=small(text), terms=PaperTerms())


def test_a_function_is_asked_on_its_schedule() -> None:
    """Between two calls its answer holds, also after a restart from its memory."""
    asked: list[int] = []

    def policy(time_ns: int, features: object, book: object, memory: object) -> tuple[float, int]:
        asked.append(time_ns)
        return 0.1 * len(asked), len(asked)

    asks = CallablePolicy(policy, 3 * SECOND_NS, "here")
    book = HedgeSummary("BTC", 60_000.0, 1.0, 1.0, 1.0, 0.0, 60_000.0)
    memory, said = None, []
    for second in range(7):
        now = second * SECOND_NS
        answer, memory = asks.step(memory, PolicyInput(now, Features(now), book))
        memory = json.loads(json.dumps(memory))
        said.append(answer.ratio)
    assert asked == [0, 3 * SECOND_NS, 6 * SECOND_NS]
    assert said == pytest.approx([0.1] * 3 + [0.2] * 3 + [0.3])
    aim = Aim(0.5, reasons=("why",), band=Band(0.1), cap=0.9)
    assert aim_of(json.loads(json.dumps(plain(aim)))) == aim


def test_alerts_reach_a_webhook_and_a_program(tmp_path: Path) -> None:
    """Each alert is posted and run once; a webhook that fails stops nothing."""
    got: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        size = int(head.lower().split(b"content-length:")[1].split()[0])
        got.append(await reader.readexactly(size))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async def main() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        command = ("sh", "-c", f'echo "$0" >> {tmp_path}/told')
        rules = DeskRules(webhook=f"http://127.0.0.1:{port}/x", command=command)
        notifier = Notifier("small", rules)
        notifier.emit([Alerted("a", "critical", "it burns")], 5)
        await notifier.channels.settled()
        server.close()
        notifier.emit([Alerted("a", "critical", "it burns", over=True)], 6)
        await notifier.channels.settled()

    asyncio.run(main())
    (posted,) = map(json.loads, got)
    assert (posted["key"], posted["text"], posted["over"]) == ("a", "it burns", False)
    assert (tmp_path / "told").read_text() == "small: critical: it burns\n"


def test_figures_for_prometheus() -> None:
    """Positions, ratios and alerts as plain text, served on the own machine."""

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(5)
        text = metrics(bench.desk)
        assert 'volsculpt_position_contracts{account="coinm",contract="bybit:BTC/USD:BTC"}' in text
        assert 'volsculpt_target_ratio{underlying="BTC"} 0.6' in text
        async with Metrics(bench.desk, 0) as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(b"GET /metrics HTTP/1.1\r\n\r\n")
            told = (await reader.read()).decode()
            assert told.startswith("HTTP/1.1 200 OK")
            assert text.splitlines()[1] in told
            writer.close()

    run(work)


def figures_of(text: str) -> dict[str, float]:
    """Each line of what Prometheus reads, but its comments."""
    rows = [one.rpartition(" ") for one in text.splitlines() if not one.startswith("#")]
    return {name: float(figure) for name, _, figure in rows}


def test_figures_of_margin_prices_and_gains_for_prometheus() -> None:
    """Those of `status`; before the first decision, and of what there is not, none."""

    async def work(bench: Bench) -> None:
        begun = figures_of(metrics(bench.desk))
        named = ("volsculpt_equity", "volsculpt_gained", "volsculpt_price", "volsculpt_last_liq")
        assert [one for one in begun if one.startswith(named)] == []
        await bench.desk.start()
        await bench.hours(6)
        told = figures_of(metrics(bench.desk))
        said = status(bench.ledger, is_running=True)
        (row,) = said["margin"]
        place = '{account="coinm",group="BTC"}'
        names = "equity_coin equity_usd leverage liquidation_price liquidation_distance".split()
        for name in names:
            assert told[f"volsculpt_{name}{place}"] == pytest.approx(row[name], rel=1e-9)
        assert told[f'volsculpt_mark{{contract="{KEY}"}}'] == pytest.approx(row["price"])
        assert told['volsculpt_price_usd{currency="BTC"}'] > 0.0
        for key, usd in said["since_start"].items():
            if key != "since":
                source = key.removesuffix("_usd")
                figure = told[f'volsculpt_gained_usd{{source="{source}"}}']
                assert figure == pytest.approx(usd, rel=1e-9, abs=1e-9)
        assert "volsculpt_last_liquidation_seconds" not in told
        await bench.venue.upset("coinm", KEY, 1.0, "liquidation")
        await bench.hours(1)
        after, said = figures_of(metrics(bench.desk)), status(bench.ledger, is_running=True)
        at = said["last_liquidation"]
        assert (at["account"], at["contract"], at["reason"]) == ("coinm", KEY, "liquidation")
        assert iso(int(after["volsculpt_last_liquidation_seconds"]) * SECOND_NS) == at["time"]

    run(work)


def test_missing_funding_is_not_none() -> None:
    """A history without funding is refused, or counted with a warning when that is asked for."""
    history = synthetic(3, 72).history
    bare = History(history.index, history.mark, history.last, {})
    span = (None, None, None)
    with pytest.raises(HistoryError, match="missing_funding"):
        paper_market(small(), bare, None, span)
    found = paper_market(small(), bare, None, span, allow_missing_funding=True)
    assert any("missing_funding" in line for line in found.warnings)


def test_the_kill_switch_stops_everything(tmp_path: Path) -> None:
    """While its file is there nothing is sent; without it the hedge is built."""
    switch = tmp_path / "kill"

    async def work(bench: Bench) -> None:
        connections = Connections({"bybit": bench.venue}, carries_cold=True)
        desk = Desk(bench.mandate, bench.ledger, connections, bench.clock, kill_file=switch)
        bench.desk = desk
        switch.touch()
        await desk.start()
        await bench.hours(2)
        assert not bench.ledger.books.orders
        switch.unlink()
        await bench.hours(1)
        assert len(bench.ledger.books.orders) == 1

    run(work)


def test_a_drawdown_latches_until_it_is_reset() -> None:
    """Wealth far below its peak stops every order that is no reduction."""
    text = TEXT + "[guard]\nmax_drawdown = 0.3\n"

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(1)
        bench.world.holdings.move("vault", "BTC", -1.5)
        bench.mandate = small(text.replace("{ BTC = 2.0 }", "{ BTC = 0.5 }"))
        await bench.restart().start()
        count = len(bench.ledger.books.orders)
        await bench.hours(2)
        assert "drawdown" in bench.ledger.books.latches
        orders = intents(bench)[count:]
        assert all(one.reduce_only for one in orders)
        await operate(bench.desk, "resume", {"reset": True}, "me")
        await bench.hours(1)
        assert not bench.ledger.books.latches

    run(work, mandate=small(text))


@pytest.mark.slow
def test_a_real_process_survives_being_killed(tmp_path: Path) -> None:
    """SIGKILL three times on real files: every ledger whole, nothing lost, nothing doubled."""
    fills, orders = killed(3, 5, tmp_path)
    assert fills > 0
    assert orders > 0


def test_fills_told_in_any_order_are_booked_in_theirs() -> None:
    """What was told last but happened first is booked first."""

    async def work(bench: Bench) -> None:
        await bench.desk.start()
        await bench.hours(3)
        desk = new_desk(bench.mandate, bench.ledger, bench.venue, bench.clock)
        activity = bench.venue.activity

        async def turned(account: str, cursor: str | None) -> object:
            said = await activity(account, cursor)
            return replace(said, fills=tuple(reversed(said.fills)))

        bench.venue.activity = turned  # type: ignore[method-assign,assignment]
        await bench.venue.upset("coinm", KEY, 0.5)
        await bench.venue.upset("coinm", KEY, 0.5)
        await desk.step()
        lots = [one.event.lot_id for one in bench.ledger.entries(kinds=("fill",)) if is_fill(one)]
        assert lots == sorted(lots, key=lambda lot: (len(lot), lot))

    run(work)


def is_fill(entry: object) -> bool:
    """Whether an entry is a fill."""
    return isinstance(getattr(entry, "event", None), Filled)
