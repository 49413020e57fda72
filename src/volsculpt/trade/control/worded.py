"""Words that fail hold nothing back: the error becomes an alert, and the step goes on."""

import traceback
from collections.abc import Callable, Iterable, Sequence
from pathlib import PurePath
from typing import TypeVar

from volsculpt.trade.observe.observed import Alert

Worded = TypeVar("Worded")
KIND = "words"


def worded(
    what: str, make: Callable[[], Iterable[Worded]], alerts: list[Alert]
) -> Iterable[Worded]:
    """What is made before anything fails; a failure is added to `alerts`, whatever it is.

    Of what a decision is told with, never of what it is made or judged by.

    Args: what: is told, for the key and the text; alerts: those of the step.
    """
    found = list[Worded]()
    try:
        for one in make():
            found.append(one)
    except Exception as error:
        alerts.append(_failure(what, error))
    return found


def has_failed(alerts: Sequence[Alert]) -> bool:
    """Whether some of them could not be worded, so that none of them is over by being absent."""
    return any(one.key.startswith(f"{KIND}:") for one in alerts)


def _failure(what: str, error: Exception) -> Alert:
    """The alert of an error: the last line of its traceback, and where it was raised."""
    last = traceback.format_exception_only(error)[-1].strip()
    place = traceback.extract_tb(error.__traceback__)[-1]
    text = (
        f"{what} could not be told: {last} ({PurePath(place.filename).name}:{place.lineno}, "
        f"{place.name}); this is a fault of the program: the decision is made and sent without "
        f"these words, so look at margin and hedges yourself until it is mended"
    )
    return Alert(f"words:{what}", "critical", text)
