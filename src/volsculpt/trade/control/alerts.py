"""Alerts by rule: sent once when a condition has lasted, and once when it is over. Pure.

Troubles that often pass by themselves (a read that fails, a row that comes late) are noted at
once and sent only when they last: `PATIENCE` names each such kind. Once sent they end only after
a rest, so that what comes and goes is one alert and not many. A warning of a kind of `RECURRING`
that comes again within a day of its end is noted only, until it lasts that long or is worse by a
quarter than when it was told. An alert keeps
the gravest level it had: it is sent again where it grows graver, not where it swings, and where it
is as grave again after a week in which it was not. What a venue closed or cut is no condition that
ends: it stays until it is acknowledged, or for a week, and is sent again when it happens again.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from volsculpt.ledger.books import AlertBooked, Books, LossBooked, rank
from volsculpt.ledger.events import Alerted, Filled
from volsculpt.mandate.desk import DeskRules
from volsculpt.text import amount, contracts, duration, moment, price, signed, usd
from volsculpt.trade.observe.observed import Alert
from volsculpt.units import DAY_NS

BY_VENUE = {
    "liquidation": "LIQUIDATED",
    "adl": "CUT BY THE VENUE (auto-deleveraging)",
}
LOSS = "lost"
LOSS_STAYS_NS = 7 * DAY_NS  # so long it is told that a position was closed, to whom nobody acks

READS, ROWS = "reads_fail_ns", "rows_late_ns"  # fields of DeskRules
PATIENCE = {
    "read": READS,
    "clock": READS,
    "lacks": READS,
    "adopt": READS,
    "unread": READS,
    "data": READS,
    "guard stale": READS,
    "guard slot": READS,
    "order": READS,
    "aim": READS,
    "unmet": READS,
    "mends": READS,
    "unpriced": READS,
    "rejected": READS,
    "balance": ROWS,
    "position": ROWS,
    "waits": ROWS,
}
# What prices bring and take away, or a net that fails now and then: a warning that was over and
# comes again is no news.
RECURRING = ("danger", "guard", "rejected", "unmet", "untold")
REST_NS = DAY_NS
WORSE = 0.25  # one that recurs is news where so much less is left than when it was told last
EASED_NS = 7 * DAY_NS  # a grave alert that was less so for as long is news when it is again


@dataclass(slots=True)
class Notices:
    """What alerts need beside the ledger.

    absent_ns: since when one that was sent is absent. ended_ns: when one was over, of RECURRING.
    eased_ns: since when one is less grave than it was. reported_left: what was left when one was
    told.
    """

    rules: DeskRules
    absent_ns: dict[str, int] = field(default_factory=dict)
    ended_ns: dict[str, int] = field(default_factory=dict)
    eased_ns: dict[str, int] = field(default_factory=dict)
    reported_left: dict[str, float] = field(default_factory=dict)

    def alerts(
        self, books: Books, alerts: Sequence[Alert], now_ns: int, ends: bool = True
    ) -> list[Alerted]:
        """What is new to note or to send, and, where this snapshot ends alerts, what is over.

        Worked, with steps of an hour and reads_fail of two: a read that fails at 1, 2 and 3
        o'clock is noted at 1 and sent at 3; one that fails at 1 and not at 2 is never sent.

        Args: alerts: of this snapshot; now_ns: ns UTC; ends: alerts that are not among them may be
        over.
        """
        now = {alert.key: alert for alert in alerts}
        for key in now:
            self.absent_ns.pop(key, None)
        there = dict(books.alerts)
        acknowledged = [one for one in there.values() if one.is_acknowledged and one.key in now]
        again = [there.pop(one.key) for one in acknowledged if _is_news(one, now[one.key])]
        begun = [self._begun(there.get(key), one, now_ns) for key, one in now.items()]
        over = [
            _over(one, now_ns)
            for key, one in books.alerts.items()
            if ends and key not in now and self._is_over(one, now_ns)
        ]
        ended = [one.key for one in over if one.key.partition(":")[0] in RECURRING]
        self.ended_ns |= dict.fromkeys(ended, now_ns)
        for event in begun:
            if event is not None and not event.waits:
                self._note_left(now[event.key])
        ends_first = [_over(one, now_ns) for one in again]
        return [*ends_first, *(one for one in begun if one is not None), *over]

    def _begun(self, noted: AlertBooked | None, one: Alert, now_ns: int) -> Alerted | None:
        """The event of an alert that is due; None: it is as it was."""
        since_ns = noted.since_ns if noted is not None else now_ns
        lasted_ns = now_ns - since_ns
        reported = noted is not None and not noted.waits
        waits = not reported and lasted_ns < self._wait_ns(one, since_ns)
        same = noted is not None and noted.waits == waits and not _is_news(noted, one)
        if noted is not None and same and not self._is_graver(noted, one, now_ns):
            return None
        text = f"{one.text} (for {duration(lasted_ns)})" if lasted_ns and not reported else one.text
        return Alerted(one.key, one.level, text, waits=waits)

    def _is_graver(self, noted: AlertBooked, one: Alert, now_ns: int) -> bool:
        """Whether an alert is graver than was told, or as grave after a week of being less so."""
        if rank(one.level) < rank(noted.level):
            self.eased_ns.setdefault(one.key, now_ns)
            return False
        eased_ns = self.eased_ns.pop(one.key, now_ns)
        return rank(one.level) > rank(noted.level) or now_ns - eased_ns >= EASED_NS

    def _wait_ns(self, one: Alert, since_ns: int) -> int:
        """How long an alert that is there since a time may last unsent (ns)."""
        ended_ns = self.ended_ns.get(one.key)
        recurs = ended_ns is not None and since_ns - ended_ns < REST_NS
        is_muted = recurs and one.level == "warning" and not self._is_worse(one)
        return REST_NS if is_muted else self._patience_ns(one.key)

    def _note_left(self, one: Alert) -> None:
        """Remember how near the worst an alert was when it was told."""
        if one.left is not None:
            self.reported_left[one.key] = one.left

    def _is_worse(self, one: Alert) -> bool:
        """Whether an alert is worse, by a step, than when it was told last."""
        before = self.reported_left.get(one.key)
        return before is not None and one.left is not None and one.left <= before * (1.0 - WORSE)

    def _patience_ns(self, key: str) -> int:
        """How long a condition of this kind may last unsent (ns); 0: it is sent at once."""
        name = PATIENCE.get(kind_of(key))
        return int(getattr(self.rules, name)) if name is not None else 0

    def _is_over(self, one: AlertBooked, now_ns: int) -> bool:
        """Whether a condition that is not there now is over: sent ones that flap take a rest."""
        if not one.waits and self._patience_ns(one.key):
            since_ns = self.absent_ns.setdefault(one.key, now_ns)
            if now_ns - since_ns < self.rules.every_ns:
                return False
        self.absent_ns.pop(one.key, None)
        return True


def _is_news(noted: AlertBooked | None, one: Alert) -> bool:
    """Whether what an alert tells of has happened again: a loss is told anew, known or not."""
    return noted is not None and noted.text != one.text and kind_of(one.key) == LOSS


def kind_of(key: str) -> str:
    """The kind of an alert, by its key; of what the guard refused the rule is a part of it."""
    kind = key.partition(":")[0]
    return f"guard {key.rpartition('|')[2]}" if kind == "guard" else kind


def _over(one: AlertBooked, now_ns: int) -> Alerted:
    """The end of an alert, with how long it lasted."""
    text = f"{one.text.partition(' (for ')[0]} (lasted {duration(now_ns - one.since_ns)})"
    return Alerted(one.key, one.level, text, over=True, waits=one.waits)


def to_tell(books: Books, found: Sequence[Alerted]) -> list[Alerted]:
    """Of alerts that were just booked those that people are told: no noted and no known ones.

    The end of one that was told is told, known or not: it is booked no more.
    """
    return [one for one in found if not one.waits and not _is_acknowledged(books, one)]


def _is_acknowledged(books: Books, alert: Alerted) -> bool:
    booked = books.alerts.get(alert.key)
    return booked is not None and booked.is_acknowledged


def lost_positions(fills: Sequence[Filled]) -> Iterator[Alert]:
    """Fills that no order of ours asked for: delivery, by hand; `standing_losses` has the rest."""
    for fill in fills:
        if fill.reason in BY_VENUE:
            continue
        delivered = fill.reason == "delivery"
        how = "was delivered" if delivered else "was traded by somebody else"
        text = (
            f"{fill.contract} on {fill.account}: {signed(fill.contracts)} contracts at "
            f"{price(fill.price)}: the position {how}"
        )
        key = f"lost:{fill.account}|{fill.contract}|{fill.reason}"
        yield Alert(key, "info" if delivered else "critical", text)


def standing_losses(
    books: Books, now_ns: int, is_not_own: Callable[[tuple[str, str]], bool]
) -> Iterator[Alert]:
    """What a venue closed or cut: told until a person knows of it, or for a week.

    Args: now_ns: ns UTC; is_not_own: whether a contract (account, key) is somebody else's.
    """
    for key, one in books.losses.items():
        place = (one.account, one.contract)
        if now_ns - one.stamp_ns < LOSS_STAYS_NS and not is_not_own(place):
            yield Alert(key, "critical", loss_words(one))


def loss_words(one: LossBooked) -> str:
    """A loss: when, at what price, what was lost, what to do.

    Worked: "coinm LIQUIDATED at 69,278, 2020-01-11 13:00 UTC: +176,068 of BTC/USD:BTC, none left;
    lost 0.4712 BTC (32,298 USD); …".
    """
    left = f"{contracts(abs(one.left))} left" if one.left else "none left"
    size = f"{signed(one.closed.contracts)} of {one.contract.partition(':')[2]}, {left}"
    where = f"at {price(one.closed.entry)}, {moment(one.stamp_ns)}"
    return (
        f"{one.account} {BY_VENUE[one.reason]} {where}: {size}; "
        f"{lost_words(one)}; the desk hedges again as far as the margin left there allows: "
        f"add coins for more, then `volsculpt ack` this"
    )


def lost_words(one: LossBooked) -> str:
    """What went with a loss, or came. Worked: "lost 0.4712 BTC (32,298 USD)"."""
    lost = {name: coins for name, coins in one.coins.items() if coins != 0.0}
    total = sum(lost.values()) if len(lost) == 1 else one.usd or 0.0
    verb = "lost" if total <= 0.0 else "earned"
    parts = " and ".join(amount(abs(coins), name) for name, coins in lost.items())
    worth = f" ({usd(abs(one.usd))} USD)" if one.usd is not None else ""
    return f"{verb} {parts or 'nothing'}{worth if parts else ''}"
