"""What the kernel is given, and one lane of it: a book, the market it goes through, its log."""

from collections.abc import Sequence
from typing import NamedTuple

from volsculpt.book.state import Layout, State
from volsculpt.decide.rules import Answer, Rules, Work
from volsculpt.decide.triggers import Triggers
from volsculpt.exchange.events import EventPage
from volsculpt.exchange.rows import Bar, Pending, Step, Terms


class LaneBooks(NamedTuple):
    """Records: one layout, one bar and price set a path, one of the rest a lane; one of rows."""

    layouts: Sequence[Layout]
    rules: Sequence[Rules]
    terms: Sequence[Terms]
    states: Sequence[State]
    pendings: Sequence[Pending]
    answers: Sequence[Answer]
    works: Sequence[Work]
    pages: Sequence[EventPage]
    bars: Sequence[Bar]
    prices: Sequence[Step]
    triggers: Sequence[Triggers]  # scratch


class StepSpan(NamedTuple):
    """The steps of a run, and which parts of the first and the last of them are its own."""

    from_step: int
    to_step: int
    resumed: int  # 1: the first begins with its decision
    halts: int  # 1: the last is left before its decision


class Lane(NamedTuple):
    """One lane: its book and its scratch; no arrays, which are slow to pass in a record."""

    layout: Layout
    rules: Rules
    terms: Terms
    state: State
    pending: Pending
    answer: Answer
    work: Work
    page: EventPage
    bar: Bar
    prices: Step
    rows: Triggers
    path: int
    lane: int
    noted: int  # 1: what happens is written to the log, not wealth alone
