"""A line for each step of a desk in which something happened; in a terminal, one for the rest."""

import sys
import textwrap
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any

import typer

from volsculpt.app.cli.output import width_or_terminal
from volsculpt.text import coins, duration, minute_of, percent, price, signed, with_moments
from volsculpt.units import DAY_NS

if TYPE_CHECKING:
    from volsculpt.ledger.books import AlertBooked
    from volsculpt.trade.desk import Desk, Stepped

WIDTH = 79


class Ticker:
    """Follows a desk on standard error; `final` is its status when it has stopped."""

    def __init__(self, name: str, quiet: bool) -> None:
        self.name, self.quiet = name, quiet
        self._desk: Desk | None = None
        self._final: dict[str, Any] = {}
        self._open: dict[str, AlertBooked] = {}
        self._before: set[str] = set()  # keys of alerts open since before this start, not told yet
        self._refused_ns: dict[str, int] = {}
        self._live = sys.stderr.isatty() and not quiet

    def __enter__(self) -> "Ticker":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live:
            sys.stderr.write("\r" + " " * WIDTH + "\r")

    def ready(self, desk: "Desk") -> None:
        """The desk is about to start: what is open since before is told as still there, or over."""
        self._desk = desk
        self._open = reported_alerts(desk)
        self._before = set(self._open)

    def stepped(self, made: "Stepped") -> None:
        """Tell what a step did."""
        if self.quiet:
            return
        lines = [*self._alerts(made.time_ns), *changes_of(made), *self._refusals(made)]
        if self._live:
            sys.stderr.write("\r" + " " * WIDTH + "\r")
        when = minute_of(made.time_ns)
        for line in lines:
            typer.echo(wrapped(f"{when}  {with_moments(line)}"), err=True)
        if self._live:
            sys.stderr.write(f"{when}  {held(made)}"[:WIDTH])
            sys.stderr.flush()

    def _alerts(self, time_ns: int) -> list[str]:
        """Alerts that have begun, grown graver or ended since the last step. time_ns: ns UTC."""
        assert self._desk is not None
        now, texts = reported_alerts(self._desk), self._desk.found_texts
        still = [
            f"! {texts.get(key, one.text)}, still (alert {one.number})"
            for key, one in now.items()
            if key in self._before and not one.is_acknowledged
        ]
        begun = [
            f"! {one.text} (alert {one.number})"
            for key, one in now.items()
            if key not in self._before
            and _text(self._open.get(key)) != one.text
            and not one.is_acknowledged
        ]
        over = [over_words(one, time_ns) for key, one in self._open.items() if key not in now]
        self._open, self._before = now, set()
        return still + begun + over

    def _refusals(self, made: "Stepped") -> list[str]:
        """Orders that the guard refused: each once a day, and not where an alert tells it."""
        found = []
        for one, why in made.refused:
            key = f"guard:{one.account}|{one.contract}|{why.rule}"
            is_news = made.time_ns - self._refused_ns.get(key, -DAY_NS) >= DAY_NS
            self._refused_ns[key] = made.time_ns
            if is_news and key not in self._open:
                found.append(f"refused {signed(one.contracts)} {one.contract}: {why.why}")
        return found

    def final(self) -> dict[str, Any]:
        """The status at the end, from the books as they were when the ledger was closed."""
        return self._final

    def stopped(self, desk: "Desk") -> None:
        """The desk has stopped; its ledger is still open."""
        from volsculpt.report.pages.desk import status

        self._final = status(desk.ledger, is_running=False)


def reported_alerts(desk: "Desk") -> "dict[str, AlertBooked]":
    """Alerts of a desk that were told and are not over, as they are now."""
    noted = desk.ledger.books.alerts
    return {key: replace(one) for key, one in noted.items() if not one.waits}


def _text(one: "AlertBooked | None") -> str | None:
    return None if one is None else one.text


def over_words(one: "AlertBooked", time_ns: int) -> str:
    """The end of an alert in one line, told by its number. Worked: "over: alert 3, coinm (…)".

    time_ns: of its end, ns UTC.
    """
    subject, lasted = one.text.partition(": ")[0], duration(time_ns - one.since_ns)
    return f"over: alert {one.number}, {subject} (it lasted {lasted})"


def wrapped(line: str) -> str:
    """A line at the width of the terminal, what does not fit below its text."""
    columns = width_or_terminal(None)
    return textwrap.fill(line, columns, subsequent_indent=" " * 22, break_on_hyphens=False)


def changes_of(made: "Stepped") -> list[str]:
    """What a step sent and moved, in lines; none where it left all as it is."""
    found = []
    for order in made.sent:
        side = "sell" if order.contracts < 0.0 else "buy"
        size = f"{coins(abs(order.contracts))} {order.contract.partition(':')[2]}"
        found.append(f"{side} {size} on {order.account} at about {price(order.reference_price)}")
    return found + [
        f"move {coins(one.coins)} {one.currency} from {one.source} to {one.target}"
        for one in made.moves
    ]


def held(made: "Stepped") -> str:
    """Held ratios against their targets."""
    decision = made.decision
    if decision is None:
        return "nothing decided: " + "; ".join(made.why)
    parts = []
    for row, hedge in enumerate(decision.setup.hedges):
        target = decision.aims[row].ratio
        target_text = "as held" if target is None else f"of {percent(target)}"
        if decision.answer.base[row] > 0.0:
            parts.append(f"{hedge.underlying} {percent(decision.answer.held[row])} {target_text}")
    return "  ".join(parts)
