"""The kernel as it is written, on the records that the compiled one takes.

It needs no compiler, so a changed formula is judged in seconds: VOLSCULPT_PLAIN=1.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.simulate.worlds import KINDS
from volsculpt.book.state import Layout, State
from volsculpt.decide.rules import Answer, Rules, Work
from volsculpt.decide.triggers import Triggers
from volsculpt.exchange.rows import Step
from volsculpt.simulate import backtest, kernel, look_ahead, series, static_hedge, walk_forward
from volsculpt.simulate import ran as finished
from volsculpt.simulate import run as mandate_run
from volsculpt.simulate.lanes import Array, Room, plain_of, record_type, room_class, write
from volsculpt.simulate.one_lane import LaneBooks


def room_of(layouts: Array) -> Room:
    """The size class of records of layouts."""
    step = 0
    while record_type(Layout, room_class(step)) != layouts.dtype:
        step += 1
    return room_class(step)


def plain_run(*arguments: Any) -> None:  # noqa: ANN401
    """Takes what the compiled kernel takes, and leaves the same behind."""
    books, rest = arguments[0], arguments[1:]
    room = room_of(books.layouts)
    plain = [
        [plain_of(kind, record, room) for record in table]
        for kind, table in zip((*KINDS, Triggers), books, strict=True)
    ]
    kernel.run(LaneBooks(*plain), *rest)
    for table, rows in zip(books, plain, strict=True):
        for record, row in zip(table, rows, strict=True):
            write(record, row)


def plain_follow(books: series.StampBooks, *rest: Any) -> None:  # noqa: ANN401
    """Takes what the compiled series take, and writes the same."""
    kinds = (Layout, Rules, State, Work, Answer, Step)
    tables: Any = books
    room = room_of(tables.layouts)
    plain: list[Any] = [
        [plain_of(kind, record, room) for record in table]
        for kind, table in zip(kinds, tables, strict=True)
    ]
    series.follow(series.StampBooks(*plain), *rest)


def plain_look_ahead(layouts: Array, *rest: Any) -> None:  # noqa: ANN401
    """Takes what the compiled one takes, and writes the same."""
    look_ahead.look_ahead([plain_of(Layout, layouts[0], room_of(layouts))], *rest)


@contextmanager
def plainly() -> Iterator[None]:
    """Inside it whole backtests run as they are written."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mandate_run, "compiled_run", lambda: plain_run)
        patch.setattr(walk_forward, "compiled_run", lambda: plain_run)
        patch.setattr(static_hedge, "compiled_run", lambda: plain_run)
        patch.setattr(backtest, "compiled_look_ahead", lambda: plain_look_ahead)
        patch.setattr(finished, "compiled_follow", lambda: plain_follow)
        yield
