"""Which market a verb runs through: its folder, its first and last moment."""

from pathlib import Path
from typing import Annotated

import typer

YEARS = (1970, 2200)  # nanoseconds of other years do not fit

DataRootOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="ROOT",
        help="Folder of stored histories; needs --from and --to. Default: the synthetic market.",
    ),
]
FromTimeOption = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="TIME",
        help="The first moment: a day (2021-01-01, midnight UTC) or 2021-01-01T08:00:00Z. "
        "Default: where the synthetic market begins.",
    ),
]
ToTimeOption = Annotated[
    str | None,
    typer.Option("--to", metavar="TIME", help="The last moment, written the same way."),
]
FromFirstOption = Annotated[
    bool,
    typer.Option(
        "--from-first",
        help="Begin when all prices are known, where that is after --from, with a warning.",
    ),
]
AllowMissingOption = Annotated[
    bool,
    typer.Option(
        "--allow-missing-funding", help="Count funding that is not stored as none, with a warning."
    ),
]
IndexVenueOption = Annotated[
    str | None,
    typer.Option(
        "--index-venue",
        metavar="VENUE",
        help="Take the coin's prices of this venue. Default: the best that is stored; the "
        "notes say which.",
    ),
]


def span(from_time: str | None, to_time: str | None) -> tuple[int | None, int | None]:
    """Nanoseconds of both ends, None where none is given."""
    first = None if from_time is None else moment_ns(from_time, "--from")
    last = None if to_time is None else moment_ns(to_time, "--to")
    if first is not None and last is not None and first >= last:
        problem = f"{to_time} is not after --from {from_time}"
        raise typer.BadParameter(problem, param_hint="--to")
    return first, last


def moment_ns(text: str, flag: str) -> int:
    """Nanoseconds UTC of an ISO time with an offset, or of a day: its midnight UTC."""
    from datetime import UTC, datetime

    from volsculpt.market.quotes import stamp_ns

    try:
        moment = datetime.fromisoformat(text)
        if len(text) == len("2021-01-01"):
            moment = moment.replace(tzinfo=UTC)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not YEARS[0] <= moment.year < YEARS[1]:
        problem = f"{text!r} is no time; write a day, 2021-01-01, or 2021-01-01T08:00:00Z"
        raise typer.BadParameter(problem, param_hint=flag)
    return stamp_ns(moment, flag)
