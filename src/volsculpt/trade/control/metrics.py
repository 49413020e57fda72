"""`/metrics` for Prometheus, from the books of a running desk; plain text on the own machine."""

import asyncio
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from volsculpt.book.loans import sides_of
from volsculpt.errors import ReportError
from volsculpt.ledger.books import Books
from volsculpt.ledger.events import ALERT_LEVELS
from volsculpt.ledger.gains import gains_of
from volsculpt.trade.control.wellness import wellness_of
from volsculpt.trade.desk import Desk
from volsculpt.units import SECOND_NS
from volsculpt.watch.loans import loans_of
from volsculpt.watch.standing import standings, with_fills

HOST = "127.0.0.1"
PATIENCE_S = 10.0

LabelledFigures = Iterable[tuple[Mapping[str, str], float | None]]


class DeskCollector:
    """What a desk's books and its last decision say now, as families of figures."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def collect(self) -> Iterator[Metric]:
        """Every family; the library asks for it at each page."""
        yield from _counts(self.desk)
        yield from _hedges(self.desk)
        yield from _margin(self.desk)
        yield from _loans(self.desk)
        yield from _gains(self.desk.ledger.books)


def metrics(desk: Desk) -> str:
    """Every figure as Prometheus reads it."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(DeskCollector(desk))
    return generate_latest(registry).decode()


def _family(
    name: str, words: str, samples: LabelledFigures, *, counts: bool = False
) -> Iterator[Metric]:
    """A family of figures; those that are not known are left out, and one without any is.

    Args: name: without the program's; words: what it is, and its unit; samples: labels and figure;
    counts: it only grows.
    """
    rows = [(labels, figure) for labels, figure in samples if figure is not None]
    if not rows:
        return
    kind = CounterMetricFamily if counts else GaugeMetricFamily
    family = kind(f"volsculpt_{name}", words, labels=list(rows[0][0]))
    for labels, figure in rows:
        family.add_metric(list(labels.values()), figure)
    yield family


def _counts(desk: Desk) -> Iterator[Metric]:
    """Of events, alerts, orders and contracts."""
    books = desk.ledger.books
    levels = Counter(one.level for one in books.alerts.values() if not one.waits)
    last_ns = books.last_decision_ns
    plain = {
        "events": ("Events in the ledger.", desk.ledger.head[0]),
        "paused": ("1 while a person has paused the desk.", int(books.paused)),
        "latches": ("Guards that stay set until they are reset.", len(books.latches)),
        "last_decision_seconds": (
            "When it decided last, s since 1970 UTC.",
            None if last_ns is None else last_ns / SECOND_NS,
        ),
        "alerts_acknowledged": (
            "Alerts that a person knows of.",
            sum(one.is_acknowledged for one in books.alerts.values()),
        ),
        "alerts_waiting": (
            "Alerts that may pass by themselves.",
            sum(one.waits for one in books.alerts.values()),
        ),
        "orders_alive": ("Orders that may still be filled.", len(books.slots)),
    }
    for name, (words, figure) in plain.items():
        yield from _family(name, words, [({}, figure)])
    yield from _family(
        "alerts", "Alerts by level.", (({"level": one}, levels[one]) for one in ALERT_LEVELS)
    )
    passed = (({"kind": kind}, count) for kind, count in sorted(books.passed.items()))
    yield from _family("passed", "Alerts that passed by themselves.", passed, counts=True)
    yield from _family("orders", "Orders ever meant.", [({}, len(books.orders))], counts=True)
    held = (
        ({"account": account, "contract": key}, position.contracts)
        for (account, key), position in sorted(books.positions.items())
    )
    yield from _family("position_contracts", "Contracts held, + long.", held)


def _hedges(desk: Desk) -> Iterator[Metric]:
    """Held and target ratios, and wealth, of the last decision; what is unknown is left out."""
    made = desk.last.decision if desk.last is not None else None
    if made is None:
        return
    hedges = made.setup.hedges
    held = (
        ({"underlying": hedge.underlying}, made.answer.held[row])
        for row, hedge in enumerate(hedges)
        if made.answer.base[row] > 0.0 and made.summaries[row].held_ratio is not None
    )
    yield from _family("held_ratio", "Share of the base that is hedged.", held)
    target = (
        ({"underlying": hedge.underlying}, aim.ratio)
        for hedge, aim in zip(hedges, made.aims, strict=True)
    )
    yield from _family("target_ratio", "Share of the base that the policy asks for.", target)
    yield from _family("wealth_usd", "Of the whole book, US dollars.", [({}, made.wealth_usd)])


def _margin(desk: Desk) -> Iterator[Metric]:
    """Each group with contracts at the last decision's prices; what there is not is left out."""
    made = desk.last.decision if desk.last is not None else None
    if made is None:
        return
    quote = made.quoted.quote
    held = with_fills(made.flat, quote, made.answer, desk.ledger.books)
    rows = standings(held, quote, made.setup.missing.unpriced)
    figures: dict[str, tuple[str, Sequence[float | None]]] = {
        "equity_coin": ("Of a margin group, coins.", [one.equity_coin for one in rows]),
        "equity_usd": ("Of a margin group, US dollars.", [one.equity_usd for one in rows]),
        "leverage": ("Value of contracts over equity.", [one.leverage for one in rows]),
        "liquidation_price": ("Mark that liquidates.", [one.liquidation_price for one in rows]),
        "liquidation_distance": (
            "Move of the mark to it, a fraction.",
            [one.liquidation_distance for one in rows],
        ),
    }
    names = [{"account": one.account, "group": one.group} for one in rows]
    for figure, (words, values) in figures.items():
        yield from _family(figure, words, zip(names, values, strict=True))


def _loans(desk: Desk) -> Iterator[Metric]:
    """What is owed and pledged in each loan at the last decision, and its loan-to-value."""
    made = desk.last.decision if desk.last is not None else None
    loans = [] if made is None else loans_of(made.setup.book)
    if made is None or not loans:
        return
    own = (made.flat, made.flat.state, made.quoted.quote)
    sides = [({"account": one.name}, sides_of(*own, one.name)) for one in loans]
    owed = ((name, one.owed_usd) for name, one in sides)
    yield from _family("loan_owed_usd", "Owed in a loan, US dollars.", owed)
    pledged = ((name, one.pledged_usd) for name, one in sides)
    yield from _family("loan_pledged_usd", "Its collateral, US dollars.", pledged)
    ratio = ((name, one.ltv) for name, one in sides)
    yield from _family("loan_to_value", "Owed over pledged, a fraction.", ratio)


def _gains(books: Books) -> Iterator[Metric]:
    """Prices, what was earned since the start, the last liquidation."""
    index, marks = books.gains.index_usd, books.gains.mark
    coins = (({"currency": one}, usd) for one, usd in index.items())
    yield from _family("price_usd", "Index of a currency, US dollars.", coins)
    contracts = (({"contract": one}, mark) for one, mark in marks.items())
    yield from _family("mark", "Of a contract, in its quote currency.", contracts)
    earned = gains_of(books)
    if earned is not None:
        parts = asdict(earned)
        begun_s = parts.pop("begun_ns") / SECOND_NS
        named = (({"source": key.removesuffix("_usd")}, usd) for key, usd in parts.items())
        yield from _family("gained_usd", "Since the start, US dollars, + earned.", named)
        yield from _family("begun_seconds", "The start, s since 1970 UTC.", [({}, begun_s)])
    if books.last_liquidation is not None:
        at_s = books.last_liquidation.stamp_ns / SECOND_NS
        words = "The last liquidation, s since 1970 UTC."
        yield from _family("last_liquidation_seconds", words, [({}, at_s)])


class Metrics:
    """A small server of `/metrics` and `/health` for one desk.

    The library's own runs in a thread, where books could change while they are read.
    """

    def __init__(self, desk: Desk, port: int) -> None:
        self.desk, self.port = desk, port
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> "Metrics":
        """Listen. Raises ReportError: the port cannot be had."""
        try:
            self._server = await asyncio.start_server(self._serve, HOST, self.port)
        except OSError as error:
            raise ReportError(
                f"--metrics {self.port}: {HOST}:{self.port} cannot be listened on "
                f"({os.strerror(error.errno) if error.errno else error}); name another port, or "
                f"stop what uses it; the desk was not started, and its ledger is as it was"
            ) from None
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._server is not None:
            self._server.close()

    def _page(self, path: bytes) -> tuple[str, str]:
        """(status, text) of what is asked for; a desk that does not look is no service."""
        if path == b"/metrics":
            return "200 OK", metrics(self.desk)
        if path == b"/health":
            how = wellness_of(self.desk, self.desk.clock.now_ns())
            return "200 OK" if how.is_alive else "503 Service Unavailable", f"{how.text}\n"
        return "404 Not Found", "there is /metrics and /health\n"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, one answer, and the line is closed."""
        try:
            request = (await asyncio.wait_for(reader.readline(), PATIENCE_S)).split()
            path = request[1] if len(request) > 1 else b""
            status, text = self._page(path)
            body = text.encode()
            head = f"HTTP/1.1 {status}\r\nContent-Type: {CONTENT_TYPE_PLAIN_0_0_4}\r\n"
            writer.write(f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode())
            writer.write(body)
            await writer.drain()
        except (OSError, TimeoutError):
            return  # who asked has gone
        finally:
            writer.close()
