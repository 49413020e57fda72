"""Events to come: when a hedge begins that today's decision knows nothing of, and what it needs.

Decided by the same functions at the moment at which the event begins, on the book that this plan
leads to and at the prices of now.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from volsculpt.book.state import State
from volsculpt.decide.step import Decision, decide
from volsculpt.errors import VolsculptError
from volsculpt.hedge.aim import Overlays, overlaid
from volsculpt.hedge.spec import EventOverlay, Hedge, Tilt
from volsculpt.mandate.objects import Mandate
from volsculpt.mandate.setup import setup_of
from volsculpt.market.quotes import Quotes
from volsculpt.text import amount, moment
from volsculpt.units import iso_trimmed
from volsculpt.watch.at_once import NextNowRow
from volsculpt.watch.filled import filled
from volsculpt.watch.later import on_book
from volsculpt.watch.nextstep import NextStepRow, book_then, next_steps
from volsculpt.watch.step_words import bring_to

MOST_EVENTS = 5  # the next ones; those after them are told once these have begun


@dataclass(frozen=True, slots=True)
class EventHedge:
    """The target of a coin before an event (None: unknown), and while it lasts."""

    underlying: str
    ratio_before: float | None
    ratio: float


@dataclass(frozen=True, slots=True)
class EventCoins:
    """Coins that an account needs by an event.

    available: where they are, by account; lacking: coins beyond those; planned: a [[collateral]]
    plan moves them when it begins.
    """

    account: str
    currency: str
    coins: float
    available: dict[str, float]
    lacking: float
    planned: bool


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event to come, at the prices of now. begins, ends: ISO times; orders: of its first look.

    No order where the contracts that are held do already.
    """

    begins: str
    ends: str
    hedges: list[EventHedge]
    orders: list[NextNowRow] = field(default_factory=list)
    coins: list[EventCoins] = field(default_factory=list)


# --- when -----------------------------------------------------------------------------


def coming_spans(hedge: Hedge, overlays: Overlays, now_ns: int) -> list[tuple[int, int]]:
    """From when to when dated overlays of a hedge hold that have not begun. now_ns: ns UTC."""
    dated: list[Tilt | EventOverlay] = [*overlays.tilts, *overlays.events]
    mine = [one for one in dated if one.underlying in (None, hedge.underlying)]
    return [(one.from_ns, one.to_ns) for one in mine if one.from_ns > now_ns]


def dated_ratio(hedge: Hedge, ratio: float, time_ns: int, overlays: Overlays) -> float:
    """A ratio after the tilts, events and overrides of a time.

    Args: ratio: 1.0 = fully hedged; time_ns: ns UTC.
    """
    for one in overlays.tilts:
        mine = one.underlying in (None, hedge.underlying)
        ratio += one.add if mine and one.from_ns <= time_ns < one.to_ns else 0.0
    return overlaid(hedge, ratio, time_ns, overlays)[0]


def ending_notes(decision: Decision) -> list[str]:
    """When events that hold now end: what they ask for is no longer asked for then."""
    now_ns = decision.time_ns
    return [
        f"an event holds until {moment(iso_trimmed(one.to_ns))}; then the hedge of "
        f"{one.underlying or 'every coin'} is again what its policy asks for"
        for one in decision.setup.overlays.events
        if one.from_ns <= now_ns < one.to_ns
    ]


# --- what it needs --------------------------------------------------------------------


def coming_events(
    mandate: Mandate, quotes: Quotes, decision: Decision, after: State
) -> list[EventRow]:
    """What dated overlays of a mandate ask for that have not begun, the next first.

    Args: quotes: of the decision; after: the book once its orders fill.
    """
    now_ns, overlays = decision.time_ns, decision.setup.overlays
    spans = {
        span for hedge in decision.setup.hedges for span in coming_spans(hedge, overlays, now_ns)
    }
    book = book_then(decision, after) or after
    return list(_rows(mandate, quotes, decision, book, sorted(spans)[:MOST_EVENTS]))


def _rows(
    mandate: Mandate,
    quotes: Quotes,
    decision: Decision,
    book: State,
    spans: list[tuple[int, int]],
) -> Iterator[EventRow]:
    """A row an event; none of one that cannot be decided ahead, as its contracts will have expired.

    Args: mandate, quotes, decision: as above; book: before it; spans: from when to when, ns UTC.
    """
    for begin_ns, end_ns in spans:
        at, decided = replace(quotes, as_of_ns=begin_ns), (decision.features, decision.memory)
        try:
            then = decide(setup_of(mandate, begin_ns), at, begin_ns, *decided)
        except VolsculptError:
            continue
        is_same = (then.flat.legs, then.flat.wallets) == (decision.flat.legs, decision.flat.wallets)
        late = on_book(then, book) if is_same else then
        hedges = _hedges(decision, late)
        if hedges:
            yield EventRow(iso_trimmed(begin_ns), iso_trimmed(end_ns), hedges, *_to_do(late))


def event_warnings(rows: list[EventRow]) -> list[str]:
    """Coins that an event needs and that nothing moves there."""
    return [
        f"event_margin: before {moment(row.begins)} {event_coins_words(one)}; without them the "
        f"hedge that begins then cannot be opened whole"
        for row in rows
        for one in row.coins
        if not one.planned
    ]


def event_coins_words(one: EventCoins) -> str:
    """Worked: "MOVE 0.06678 BTC TO futures (vault has 0.2 BTC)"; of a plan "from vault"."""
    if one.planned:
        sources = " and ".join(one.available)
        return f"MOVE {amount(one.coins, one.currency)} from {sources} to {one.account}"
    return bring_to(one.account, one.coins, one.currency, one.available, one.lacking)


def _hedges(decision: Decision, late: Decision) -> list[EventHedge]:
    """The hedges whose target is another one then."""
    pairs = zip(decision.setup.hedges, decision.aims, late.aims, strict=True)
    return [
        EventHedge(hedge.underlying, now.ratio, then.ratio)
        for hedge, now, then in pairs
        if then.ratio is not None and now.ratio != then.ratio
    ]


def _to_do(late: Decision) -> tuple[list[NextNowRow], list[EventCoins]]:
    """(orders when it begins, with those that wait for coins; coins that are needed by then)."""
    traded, coins = dict[tuple[str, str], float](), list[EventCoins]()
    for leg, size in enumerate(late.answer.trade):
        account, contract = late.flat.legs[leg]
        if size != 0.0:
            traded[account, contract.symbol] = size
    for row in next_steps(late, filled(late)):
        size = row.contracts if row.side == "buy" else -row.contracts
        traded[row.account, row.contract] = traded.get((row.account, row.contract), 0.0) + size
        coins.append(_coins(row))
    return [NextNowRow(*names, size) for names, size in traded.items()], coins


def _coins(row: NextStepRow) -> EventCoins:
    return EventCoins(row.account, row.currency, row.coins, row.available, row.lacking, row.planned)
