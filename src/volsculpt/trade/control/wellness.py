"""How a desk is, in a word and a sentence, for whoever watches it: the health file and /health."""

from dataclasses import dataclass

from volsculpt.text import duration, moment
from volsculpt.trade.desk import Desk

WELL, STALE, FAILED = "well", "stale", "failed"
LATE_STEPS = 2  # so many steps without one, and it is stale


@dataclass(frozen=True, slots=True)
class Wellness:
    """word: well, paused, killed, warning, danger or stale; why: what it says to that, or ""."""

    word: str
    why: str = ""

    @property
    def text(self) -> str:
        """One line. Worked: "paused: by hand, nothing is sent"."""
        return f"{self.word}: {self.why}" if self.why else self.word

    @property
    def is_alive(self) -> bool:
        """Whether it still looks: what is well, paused or in danger does."""
        return self.word not in (STALE, FAILED)


def wellness_of(desk: Desk, now_ns: int) -> Wellness:
    """How a desk is now, the gravest first. now_ns: ns UTC."""
    books = desk.ledger.books
    looked_ns = desk.last.time_ns if desk.last is not None else books.last_decision_ns
    late_ns = 0 if looked_ns is None else now_ns - looked_ns
    if looked_ns is not None and late_ns > LATE_STEPS * desk.mandate.desk.every_ns:
        return Wellness(STALE, f"no step since {moment(looked_ns)}, {duration(late_ns)} ago")
    shown = [one for one in books.alerts.values() if not one.waits]
    grave = [one for one in shown if one.level == "critical" and one.key != "kill"]
    if grave:
        return Wellness("danger", "; ".join(one.text for one in grave))
    if desk.is_killed:
        return Wellness("killed", f"{desk.kill_file} is there, nothing is sent")
    if books.paused:
        return Wellness("paused", "by hand, nothing is sent")
    warned = [one for one in shown if one.level == "warning" and not one.is_acknowledged]
    if warned:
        return Wellness("warning", "; ".join(one.text for one in warned))
    return Wellness(WELL)
