"""`volsculpt hedge`: what to do about the price risk of coins, with no file to write first."""

import shlex
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volsculpt.app.cli.market import A_MOMENT, moment_ns
from volsculpt.app.cli.options import AsJsonOption, Color, ColorOption, WidthOption
from volsculpt.app.cli.output import is_colored, print_json, print_text, width_or_terminal
from volsculpt.app.cli.prices import FundingOption, PricesOption, prices_and_rates
from volsculpt.errors import MandateError
from volsculpt.units import fraction_of

if TYPE_CHECKING:
    from volsculpt.mandate.quick import HedgeRequest

GROUP = "decide"
EXAMPLE = "volsculpt hedge 1.3 ETH 0.2 BTC --price ETH=3000 --price BTC=60000"

Text = str | None
USUAL_FILE = "hedge.toml"
ENDS = ("--for", "--until", "--lock")

CoinsArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="COINS", help="What you own: 1.3 ETH 0.2 BTC, or ETH=1.3.", show_default=False
    ),
]


RatioOption = Annotated[str, typer.Option("--ratio", help="Share to hedge, 100% or 0.5.")]
LengthOption = Annotated[
    Text, typer.Option("--for", metavar="LENGTH", help="How long, 30d or 8w. Default: 30d.")
]
EndOption = Annotated[
    Text, typer.Option("--until", metavar="TIME", help=f"To when, in its place: {A_MOMENT}.")
]
LockOption = Annotated[
    Text,
    typer.Option(
        "--lock",
        metavar="RULE",
        help="Sell dated contracts, to their delivery: quarter, next_quarter, month or week.",
    ),
]
ExchangeOption = Annotated[str, typer.Option("--venue", help="Exchange for the hedge.")]
FallOption = Annotated[str, typer.Option("--fall", help="The fall that its effect is told for.")]
MarginOption = Annotated[
    Text,
    typer.Option(
        "--margin", metavar="COINS", help="What stands in the futures account. Default: none."
    ),
]
PlannedForOption = Annotated[
    Text, typer.Option("--time", metavar="TIME", help=f"When: {A_MOMENT}. Default: now.")
]
StoredTimeOption = Annotated[
    Text,
    typer.Option(
        "--at",
        metavar="TIME",
        help=f"Take stored prices, as known then: {A_MOMENT}. Default: the last stored.",
    ),
]
StoreOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="ROOT",
        help="Folder of stored prices and funding. Default, where no price is given: "
        "VOLSCULPT_DATA, else data in this folder.",
    ),
]
MandateToWriteOption = Annotated[
    Path | None,
    typer.Option(
        "--file",
        metavar="FILE",
        help=f"The mandate to write. Default: {USUAL_FILE}, numbered where another one stands.",
    ),
]


def hedge(
    coins: CoinsArgument,
    ratio: RatioOption = "100%",
    length: LengthOption = None,
    until: EndOption = None,
    lock: LockOption = None,
    venue: ExchangeOption = "bybit",
    fall: FallOption = "20%",
    margin: MarginOption = None,
    price: PricesOption = None,
    funding: FundingOption = None,
    time: PlannedForOption = None,
    at: StoredTimeOption = None,
    data: StoreOption = None,
    file: MandateToWriteOption = None,
    as_json: AsJsonOption = False,
    color: ColorOption = Color.AUTO,
    width: WidthOption = None,
) -> None:
    """Say what to do about the risk of coins, with no file.

    What to move and sell, what it costs, when to lift it, and what can go wrong. It writes the
    mandate that it planned, for every other verb.
    """
    request = request_of(ratio, (length, until, lock), venue, fall, margin)
    named = [in_capitals(text) for text in price or []]
    prices, rates = prices_and_rates(named, funding or [])
    root = usual_data(data, at, prices, " ".join(coins))
    if time is not None and (at is not None or root is not None):
        problem = "it goes with --price; --at names the moment of stored prices"
        raise typer.BadParameter(problem, param_hint="--time")
    from dataclasses import replace

    from volsculpt.quick import quick_hedge

    found = quick_hedge(
        " ".join(coins),
        request=request,
        prices=prices,
        funding=rates,
        time_ns=None if time is None else moment_ns(time, "--time"),
        at=None if at is None else moment_ns(at, "--at"),
        data=root,
    )
    path = written(file, found.mandate)
    stored = None if found.rows.price_age_days is None else found.rows.as_of
    command = plan_command(path, named, funding or [], stored, data)
    found = replace(found, rows=replace(found.rows, file=str(path), next_command=command))
    if as_json:
        print_json(found.as_dict())
    else:
        print_text(found.table(width_or_terminal(width), is_colored(color)))


def request_of(
    ratio: str, ends: tuple[Text, Text, Text], venue: str, fall: str, margin: Text
) -> "HedgeRequest":
    """What was asked for.

    Args: ratio, venue, fall, margin: as written; ends: --for, --until and --lock, one at most.
    """
    from volsculpt.mandate.init import coins_there
    from volsculpt.mandate.init import venue as known_venue
    from volsculpt.mandate.quick import HedgeRequest

    length, until, lock = ends
    only_one(ends)
    usual = HedgeRequest()
    return HedgeRequest(
        venue=known_venue(venue),
        ratio=share_of(ratio),
        margin=coins_there(margin or ""),
        length_ns=usual.length_ns if length is None else hedge_length_ns(length),
        until_ns=None if until is None else moment_ns(until, "--until"),
        lock=lock,
        fall=fall_of(fall),
    )


def only_one(ends: tuple[Text, Text, Text]) -> None:
    """Refuse options that each say when the hedge ends."""
    names = zip(ENDS, ends, strict=True)
    given = [name for name, text in names if text is not None]
    if len(given) > 1:
        problem = f"{' and '.join(given)} each say when the hedge ends; give one of them"
        raise typer.BadParameter(problem, param_hint=given[-1])


def share_of(text: str) -> float:
    """A ratio from 0 to 1."""
    from volsculpt.mandate.init import share

    try:
        return share(text)
    except MandateError as error:
        bet = "; more than 100 % is a bet on a fall, which a mandate allows (max_ratio)"
        problem = f"{error}{bet if (fraction_of(text) or 0.0) > 1.0 else ''}"
        raise typer.BadParameter(problem, param_hint="--ratio") from None


def hedge_length_ns(text: str) -> int:
    """A length of a day or more. Worked: "30d", "30 d" and "30 days" are the same."""
    from volsculpt.mandate.quick import LONGEST_NS
    from volsculpt.units import DAY_NS, long_length_ns

    try:
        found, why = long_length_ns(text), ""
    except ValueError as error:
        found, why = 0, f"; {error}" if "months" in str(error) else ""
    if not DAY_NS <= found <= LONGEST_NS:
        usual = "write a day or more, to ten years: 30d or 8w (or --until 2027-01-01)"
        problem = f"{text!r}: {usual}{why}"
        raise typer.BadParameter(problem, param_hint="--for")
    return found


def fall_of(text: str) -> float:
    """A fall of all coins, above 0 and below 100 %. Worked: "20%" and "0.2" are both 0.2."""
    found = fraction_of(text)
    if found is None or not 0.0 < found < 1.0:
        meant = ""
        if found is not None and 1.0 <= found < 100.0 and "%" not in text:
            meant = f"; did you mean {found:g}%?"
        problem = f"{text!r}: write a fall above 0 % and below 100 %, for example 20%{meant}"
        raise typer.BadParameter(problem, param_hint="--fall")
    return found


def in_capitals(price: str) -> str:
    """A price whose coin was written in small letters. Worked: "btc=60000" is "BTC=60000"."""
    name, sign, number = price.partition("=")
    return f"{name.upper() if name.islower() and ':' not in name else name}{sign}{number}"


def usual_data(data: Path | None, at: Text, prices: dict[str, float], coins: str) -> Path | None:
    """The folder of stored prices: the one named, else the usual one where no price is given.

    Args: data, at, prices: as given; coins: as written. The usual one counts where it has them all.
    """
    from volsculpt.market.place import data_place

    usual = data_place().root
    if data is not None or at is not None or prices or not usual.is_dir():
        return data
    from volsculpt.contracts.currencies import moves
    from volsculpt.mandate.coin_text import coins_of
    from volsculpt.market.funding_past import prices_end_ns

    names = [coin for coin in coins_of(coins) if moves(coin)]
    return usual if prices_end_ns(usual, names) is not None else None


def written(file: Path | None, text: str) -> Path:
    """Write the mandate, never over another one; the path. file: None takes a free name."""
    usual = Path(USUAL_FILE)
    numbered = (usual.with_stem(f"{usual.stem}-{number}") for number in count(2))
    path = file if file is not None else usual
    while not is_free(path, text):
        if file is not None:
            raise MandateError(f"{path}: another file stands there; give another --file")
        path = next(numbered)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        problem = f"{path}: cannot be written: {error.strerror}; give --file where it can be"
        raise MandateError(problem) from None
    return path


def plan_command(
    path: Path, price: list[str], funding: list[str], at: Text, data: Path | None
) -> str:
    """The command that plans the same again.

    Args: path: of the mandate; price, funding, data: as they were given; at: of stored prices.
    """
    flags = [f"--price {shlex.quote(one)}" for one in price]
    flags += [f"--funding {shlex.quote(one)}" for one in funding]
    flags += [] if at is None else [f"--at {at}"]
    flags += [] if data is None else [f"--data {shlex.quote(str(data))}"]
    return " ".join(["volsculpt plan", shlex.quote(str(path)), *flags])


def is_free(path: Path, text: str) -> bool:
    """Whether a text may be written there: nothing is, or the same is."""
    try:
        return path.read_text(encoding="utf-8") == text
    except FileNotFoundError:
        return True
    except (OSError, UnicodeDecodeError):
        return False
