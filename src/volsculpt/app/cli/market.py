"""Which market a verb runs through: its folder, its first and last moment."""

from pathlib import Path
from typing import Annotated

import typer

A_MOMENT = "a day (2021-01-01, its midnight UTC) or 2021-01-01T08:00:00Z"  # as options take one

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
        help=f"The first moment: {A_MOMENT}. Default: where the synthetic market begins.",
    ),
]
ToTimeOption = Annotated[
    str | None,
    typer.Option("--to", metavar="TIME", help="The last moment, written the same way."),
]
AtMomentOption = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="TIME",
        help=f"The moment: {A_MOMENT}. Default: the end of what is stored of the coin.",
    ),
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


def span_of(both: tuple[str, str], flag: str) -> tuple[int, int]:
    """Nanoseconds of the two ends that one option takes."""
    first, last = (moment_ns(one, flag) for one in both)
    if first >= last:
        problem = f"{both[1]} is not after {both[0]}; write the earlier of them first"
        raise typer.BadParameter(problem, param_hint=flag)
    return first, last


def moment_ns(text: str, flag: str) -> int:
    """Nanoseconds UTC of an ISO time with an offset, or of a day: its midnight UTC."""
    from volsculpt.errors import PriceError
    from volsculpt.market.quotes import time_ns_of

    try:
        return time_ns_of(text, flag)
    except PriceError as error:
        problem = str(error).removeprefix(f"{flag}: ")
        raise typer.BadParameter(problem, param_hint=flag) from None
