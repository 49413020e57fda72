"""`volsculpt paper`: keep the hedge on a paper venue, with the very desk that trades live."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volsculpt.app.cli.desk import page_of
from volsculpt.app.cli.made_up import (
    BeginPriceOption,
    BeginQuotesOption,
    MarketOption,
    check_made_up,
    requested_market,
)
from volsculpt.app.cli.market import (
    A_MOMENT,
    AllowMissingOption,
    DataRootOption,
    FromFirstOption,
    FromTimeOption,
    ToTimeOption,
    moment_ns,
    span,
)
from volsculpt.app.cli.options import (
    AsJsonOption,
    Color,
    ColorOption,
    FullOption,
    MandateFileArgument,
    WidthOption,
)
from volsculpt.app.cli.output import print_json, print_page

if TYPE_CHECKING:
    from volsculpt.trade.paper.opening import PaperMarket

GROUP = "keep"
EXAMPLE = "volsculpt paper mandate.toml --synthetic 7 --steps 24"

LedgerOption = Annotated[
    str | None,
    typer.Option(
        "--ledger",
        metavar="PLACE",
        help="Ledger: a file, postgresql+psycopg://USER@HOST/DATABASE, or memory:. Default: the "
        "mandate's name with .ledger, in this folder.",
    ),
]
SeedOption = Annotated[
    int | None,
    typer.Option("--synthetic", metavar="SEED", min=0, help="Seed of the made-up market."),
]
SpeedOption = Annotated[
    str,
    typer.Option(
        "--speed", metavar="SPEED", help="fast: as fast as it goes; real; or so many times real."
    ),
]
StepsOption = Annotated[
    int | None, typer.Option("--steps", min=1, help="Stop after so many decisions.")
]
UntilOption = Annotated[
    str | None,
    typer.Option("--until", metavar="TIME", help=f"Stop at this time of the market: {A_MOMENT}."),
]
TroubleOption = Annotated[
    int | None,
    typer.Option("--faults", metavar="SEED", help="Let the venue fail by chance, by this seed."),
]
MetricsPortOption = Annotated[
    int | None,
    typer.Option("--metrics", metavar="PORT", help="Serve /metrics and /health on 127.0.0.1."),
]
HealthOption = Annotated[
    Path | None, typer.Option("--health", metavar="FILE", help="A file written at each step.")
]
LogOption = Annotated[
    Path | None,
    typer.Option("--log", metavar="FILE", help="Write alerts as JSON lines to this file."),
]


def paper(
    mandate: MandateFileArgument,
    ledger: LedgerOption = None,
    data: DataRootOption = None,
    from_time: FromTimeOption = None,
    to_time: ToTimeOption = None,
    from_first: FromFirstOption = False,
    synthetic: SeedOption = None,
    market: MarketOption = None,
    price: BeginPriceOption = None,
    quotes: BeginQuotesOption = None,
    speed: SpeedOption = "fast",
    steps: StepsOption = None,
    until: UntilOption = None,
    allow_missing_funding: AllowMissingOption = False,
    faults: TroubleOption = None,
    metrics: MetricsPortOption = None,
    health: HealthOption = None,
    log: LogOption = None,
    full: FullOption = False,
    as_json: AsJsonOption = False,
    color: ColorOption = Color.AUTO,
    width: WidthOption = None,
) -> None:
    """Keep the hedge on paper.

    The desk that trades live, on a venue made of history or of a synthetic market. What it
    does is in the ledger; start it again and it goes on.
    """
    from volsculpt import verbs
    from volsculpt.app.cli.ticker import Ticker
    from volsculpt.trade.paper.opening import paper_market
    from volsculpt.trade.paper.running import PaperRun, run_paper

    if data is not None and synthetic is not None:
        raise typer.BadParameter("give it or --data, not both", param_hint="--synthetic")
    check_made_up(data, market, price, quotes)
    loaded = verbs.load(mandate)
    run = PaperRun(
        ledger=ledger if ledger is not None else ledger_name(mandate),
        speed=speed_of(speed),
        steps=steps,
        until_ns=None if until is None else moment_ns(until, "--until"),
        trouble_seed=faults,
        metrics_port=metrics,
        health=health,
    )
    log_to(log)
    ends = span(from_time, to_time)
    history = requested_market(loaded, ends, market, price, quotes, synthetic)
    choice = (history, data, (*ends, None), allow_missing_funding, from_first)
    world = paper_market(run.as_begun(loaded), *choice)
    describe(world)
    with Ticker(loaded.name, quiet=as_json) as ticker:
        done = run_paper(loaded, world, run, ticker)
    tell_end(world, run.until_ns, done)
    if as_json:
        print_json(ticker.final())
    else:
        print_page(page_of(ticker.final(), full), width, color)


def describe(market: "PaperMarket") -> None:
    """Say of a market, on standard error, what a reader must know before any step.

    Where that is closed the desk notes it at its first step.
    """
    with suppress(OSError):
        _described(market)


def _described(market: "PaperMarket") -> None:
    """The lines of `describe`. Raises OSError: standard error is closed."""
    if market.is_synthetic:
        from volsculpt.market.market_paths import which_market

        words = which_market(market.warnings)
        typer.echo(f"this is the synthetic market{words}, not a real one", err=True)
    from volsculpt.text import warning_words

    for line in market.warnings:
        if not line.startswith("synthetic:"):
            typer.echo(warning_words(line), err=True)


def tell_end(market: "PaperMarket", until_ns: int | None, steps: int) -> None:
    """Say, on standard error, that nothing was done, or that the market ended before --until.

    Args: market: of the run; until_ns: asked for, ns UTC; steps: made.
    """
    from volsculpt.text import moment

    end_ns = market.stamps_ns[-1]
    end = f"the market of this run ends at {moment(end_ns)}"
    if steps == 0:
        typer.echo(
            f"no step was made: {end}, and the next step of the desk is not before", err=True
        )
    elif until_ns is not None and until_ns > end_ns:
        typer.echo(f"{end}, before --until", err=True)


def ledger_name(mandate: Path) -> str:
    """The ledger of a mandate where none is named: its name with .ledger, in this folder."""
    return f"{mandate.stem}.ledger"


def speed_of(text: str) -> float | None:
    """fast: None; real: 1.0; else the number."""
    named: dict[str, float | None] = {"fast": None, "real": 1.0}
    if text in named:
        return named[text]
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0.0 < speed <= 1e9:
        problem = f"{text!r} is no speed; write fast, real, or a number such as 3600"
        raise typer.BadParameter(problem, param_hint="--speed")
    return speed


def log_to(path: Path | None) -> None:
    """Alerts as JSON lines, to a file; nowhere else unless asked."""
    import logging

    from volsculpt.trade.control.notify import JsonLines, LogFile

    desk = logging.getLogger("volsculpt.desk")
    desk.propagate = False
    desk.setLevel(logging.INFO)
    if path is None:
        desk.addHandler(logging.NullHandler())
        return
    try:
        handler = LogFile(path, encoding="utf-8")
    except OSError as error:
        problem = f"{path}: cannot be written: {error.strerror}"
        raise typer.BadParameter(problem, param_hint="--log") from None
    handler.setFormatter(JsonLines())
    desk.addHandler(handler)
