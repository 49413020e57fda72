"""`/metrics` for Prometheus, from the books of a running desk; plain text on the own machine."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict

from volsculpt.book.loans import sides_of
from volsculpt.ledger.books import Books
from volsculpt.ledger.events import ALERT_LEVELS
from volsculpt.ledger.gains import gains_of
from volsculpt.trade.desk import Desk
from volsculpt.units import SECOND_NS
from volsculpt.watch.loans import loans_of
from volsculpt.watch.standing import standings, with_fills

HOST = "127.0.0.1"
PATIENCE_S = 10.0


def metrics(desk: Desk) -> str:
    """Every figure as Prometheus reads it."""
    return "".join(f"{line}\n" for line in _lines(desk))


def _lines(desk: Desk) -> Iterator[str]:
    books = desk.ledger.books
    yield "# TYPE volsculpt_events gauge"
    yield f"volsculpt_events {desk.ledger.head[0]}"
    yield "# TYPE volsculpt_paused gauge"
    yield f"volsculpt_paused {int(books.paused)}"
    yield "# TYPE volsculpt_latches gauge"
    yield f"volsculpt_latches {len(books.latches)}"
    if books.last_decision_ns is not None:
        yield "# TYPE volsculpt_last_decision_seconds gauge"
        yield f"volsculpt_last_decision_seconds {books.last_decision_ns / SECOND_NS:.3f}"
    yield "# TYPE volsculpt_alerts gauge"
    levels = Counter(one.level for one in books.alerts.values() if not one.waits)
    yield from (f'volsculpt_alerts{{level="{level}"}} {levels[level]}' for level in ALERT_LEVELS)
    known = sum(one.is_acknowledged for one in books.alerts.values())
    yield "# TYPE volsculpt_alerts_acknowledged gauge"
    yield f"volsculpt_alerts_acknowledged {known}"
    yield "# TYPE volsculpt_alerts_waiting gauge"
    yield f"volsculpt_alerts_waiting {sum(one.waits for one in books.alerts.values())}"
    yield "# TYPE volsculpt_passed_total counter"
    yield from (
        f'volsculpt_passed_total{{kind="{escaped(kind)}"}} {count}'
        for kind, count in sorted(books.passed.items())
    )
    yield "# TYPE volsculpt_orders_alive gauge"
    yield f"volsculpt_orders_alive {len(books.slots)}"
    yield "# TYPE volsculpt_orders_total counter"
    yield f"volsculpt_orders_total {len(books.orders)}"
    yield "# TYPE volsculpt_position_contracts gauge"
    for (account, key), held in sorted(books.positions.items()):
        labels = f'account="{escaped(account)}",contract="{escaped(key)}"'
        yield f"volsculpt_position_contracts{{{labels}}} {held.contracts:.10g}"
    yield from _hedges(desk)
    yield from _margin(desk)
    yield from _loans(desk)
    yield from _gains(desk.ledger.books)


def _hedges(desk: Desk) -> Iterator[str]:
    """Held and target ratios, and wealth, of the last decision; what is unknown is left out."""
    made = desk.last.decision if desk.last is not None else None
    if made is None:
        return
    yield "# TYPE volsculpt_held_ratio gauge"
    for row, hedge in enumerate(made.setup.hedges):
        if made.answer.base[row] > 0.0 and made.summaries[row].held_ratio is not None:
            label = f'{{underlying="{escaped(hedge.underlying)}"}}'
            yield f"volsculpt_held_ratio{label} {made.answer.held[row]:.10g}"
    yield "# TYPE volsculpt_target_ratio gauge"
    for hedge, aim in zip(made.setup.hedges, made.aims, strict=True):
        if aim.ratio is not None:
            label = f'{{underlying="{escaped(hedge.underlying)}"}}'
            yield f"volsculpt_target_ratio{label} {aim.ratio:.10g}"
    if made.wealth_usd is not None:
        yield "# TYPE volsculpt_wealth_usd gauge"
        yield f"volsculpt_wealth_usd {made.wealth_usd:.2f}"


def _margin(desk: Desk) -> Iterator[str]:
    """Each group with contracts at the last decision's prices; what there is not is left out."""
    made = desk.last.decision if desk.last is not None else None
    if made is None:
        return
    quote = made.quoted.quote
    held = with_fills(made.flat, quote, made.answer, desk.ledger.books)
    rows = standings(held, quote, made.setup.missing.unpriced)
    figures: dict[str, Sequence[float | None]] = {
        "equity_coin": [one.equity_coin for one in rows],
        "equity_usd": [one.equity_usd for one in rows],
        "leverage": [one.leverage for one in rows],
        "liquidation_price": [one.liquidation_price for one in rows],
        "liquidation_distance": [one.liquidation_distance for one in rows],
    }
    names = [{"account": one.account, "group": one.group} for one in rows]
    for figure, values in figures.items():
        yield from _family(figure, zip(names, values, strict=True))


def _loans(desk: Desk) -> Iterator[str]:
    """What is owed and pledged in each loan at the last decision, and its loan-to-value."""
    made = desk.last.decision if desk.last is not None else None
    loans = [] if made is None else loans_of(made.setup.book)
    if made is None or not loans:
        return
    own = (made.flat, made.flat.state, made.quoted.quote)
    sides = [({"account": one.name}, sides_of(*own, one.name)) for one in loans]
    yield from _family("loan_owed_usd", ((name, one.owed_usd) for name, one in sides))
    yield from _family("loan_pledged_usd", ((name, one.pledged_usd) for name, one in sides))
    yield from _family("loan_to_value", ((name, one.ltv) for name, one in sides))


def _gains(books: Books) -> Iterator[str]:
    """Prices, what was earned since the start, the last liquidation."""
    index, marks = books.gains.index_usd, books.gains.mark
    yield from _family("price_usd", (({"currency": one}, usd) for one, usd in index.items()))
    yield from _family("mark", (({"contract": one}, mark) for one, mark in marks.items()))
    earned = gains_of(books)
    if earned is not None:
        parts = asdict(earned)
        begun_ns = parts.pop("begun_ns")
        named = (({"source": key.removesuffix("_usd")}, usd) for key, usd in parts.items())
        yield from _family("gained_usd", named)
        yield from _family("begun_seconds", [({}, begun_ns / SECOND_NS)])
    if books.last_liquidation is not None:
        at = books.last_liquidation.stamp_ns / SECOND_NS
        yield from _family("last_liquidation_seconds", [({}, at)])


def _family(name: str, rows: Iterable[tuple[Mapping[str, str], float | None]]) -> Iterator[str]:
    """A gauge and its rows; those that are not known are left out."""
    yield f"# TYPE volsculpt_{name} gauge"
    for labels, figure in rows:
        if figure is not None:
            told = ",".join(f'{key}="{escaped(text)}"' for key, text in labels.items())
            yield f"volsculpt_{name}{f'{{{told}}}' if told else ''} {figure:.12g}"


def escaped(text: str) -> str:
    """A label's value as the format wants it."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


class Metrics:
    """A small server of `/metrics` and `/health` for one desk."""

    def __init__(self, desk: Desk, port: int) -> None:
        self.desk, self.port = desk, port
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> "Metrics":
        self._server = await asyncio.start_server(self._serve, HOST, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, one answer, and the line is closed."""
        try:
            request = (await asyncio.wait_for(reader.readline(), PATIENCE_S)).split()
            path = request[1] if len(request) > 1 else b""
            pages = {b"/metrics": metrics(self.desk), b"/health": "well\n"}
            status = "200 OK" if path in pages else "404 Not Found"
            body = pages.get(path, "there is /metrics and /health\n").encode()
            head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4\r\n"
            writer.write(f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode())
            writer.write(body)
            await writer.drain()
        except (OSError, TimeoutError):
            return  # who asked has gone
        finally:
            writer.close()
