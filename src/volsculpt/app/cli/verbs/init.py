"""`volsculpt init`: a first mandate from a few answers, and its plan at once."""

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volsculpt.app.cli.failing import error_text
from volsculpt.app.cli.next_command import plan_command
from volsculpt.app.cli.options import AsJsonOption
from volsculpt.app.cli.output import (
    is_colored,
    is_terminal,
    print_json,
    print_text,
    width_or_terminal,
)
from volsculpt.app.cli.prices import PricesOption, prices_and_rates
from volsculpt.errors import MandateError, VolsculptError

if TYPE_CHECKING:
    from volsculpt.mandate.answers import MandateAnswers
    from volsculpt.mandate.init import Question

GROUP = "decide"
EXAMPLE = "volsculpt init mandate.toml --coin BTC=2.5 --venue bybit --ratio 0.5 --yes"

Text = str | None
USUAL_FILE = Path("mandate.toml")


NewFileArgument = Annotated[Path, typer.Argument(metavar="PATH", help="The file to write.")]
KeptCoinsOption = Annotated[
    list[str] | None,
    typer.Option("--coin", metavar="NAME=AMOUNT", help="A coin kept safe. Repeat it for more."),
]
HoldOption = Annotated[
    Text, typer.Option("--hold", metavar="COINS", help='In its place, all: "2.5 BTC, 40 ETH".')
]
MandateNameOption = Annotated[Text, typer.Option("--name", help="Name of the mandate.")]
HedgeVenueOption = Annotated[Text, typer.Option("--venue", help="Exchange for the hedge.")]
FuturesAccountOption = Annotated[Text, typer.Option("--account", help="Futures account there.")]
MarginThereOption = Annotated[
    Text, typer.Option("--margin", metavar="COINS", help='Coins in it, as "0.5 BTC".')
]
WorryOption = Annotated[
    Text,
    typer.Option(
        "--worry", help="fall, date, lock, income, risk, altcoins or production. Default: fall."
    ),
]
EventOption = Annotated[
    Text,
    typer.Option("--event", metavar="FROM/TO", help="Of date: 2026-12-10/7d, or both days."),
]
TermOption = Annotated[
    Text,
    typer.Option("--term", help="Of lock and income: quarter, month, week or perpetual."),
]
WealthVolatilityOption = Annotated[
    Text, typer.Option("--volatility", help="Of risk: what wealth may move a year, 40%.")
]
ProxyCoinOption = Annotated[
    Text, typer.Option("--proxy", help="Of altcoins: hedged with BTC or ETH.")
]
ProductionOption = Annotated[
    Text,
    typer.Option("--production", metavar="COINS/TIME", help="Of production: 0.1 BTC/month."),
]
ContractKindOption = Annotated[
    Text,
    typer.Option(
        "--contracts", metavar="KIND", help="inverse, linear, or best: inverse if offered."
    ),
]
HedgedShareOption = Annotated[Text, typer.Option("--ratio", help="Share to hedge, 0 to 1.")]
MovableOption = Annotated[
    Text,
    typer.Option(
        "--movable", metavar="COINS", help="What may move for margin: all, none or coins."
    ),
]
SafeLeverageOption = Annotated[
    Text, typer.Option("--safe-leverage", help="Leverage to keep by moving coins, or none.")
]
AskNothingOption = Annotated[bool, typer.Option("--yes", help="Ask nothing; take the defaults.")]
OverwriteOption = Annotated[bool, typer.Option("--force", help="Overwrite the file.")]


def init(
    path: NewFileArgument = USUAL_FILE,
    coin: KeptCoinsOption = None,
    hold: HoldOption = None,
    name: MandateNameOption = None,
    venue: HedgeVenueOption = None,
    account: FuturesAccountOption = None,
    margin: MarginThereOption = None,
    worry: WorryOption = None,
    event: EventOption = None,
    term: TermOption = None,
    volatility: WealthVolatilityOption = None,
    proxy: ProxyCoinOption = None,
    production: ProductionOption = None,
    contracts: ContractKindOption = None,
    ratio: HedgedShareOption = None,
    movable: MovableOption = None,
    safe_leverage: SafeLeverageOption = None,
    price: PricesOption = None,
    yes: AskNothingOption = False,
    force: OverwriteOption = False,
    as_json: AsJsonOption = False,
) -> None:
    """Write a first mandate from a few answers, and plan it.

    In a terminal it asks what you hold, where you would hedge and what worries you; what an
    option answers is not asked. It shows the file, and plans it where --price says what coins cost.
    """
    refuse_existing(path, force)
    if coin and hold is not None:
        problem = "it and --coin both say what you hold; give one of them"
        raise typer.BadParameter(problem, param_hint="--hold")
    given = {
        "name": name,
        "cold": vault(coin or []) if hold is None else hold,
        "venue": venue,
        "margin_account": account,
        "margin": margin,
        "worry": worry,
        "event": event,
        "term": term,
        "volatility": volatility,
        "proxy": proxy,
        "production": production,
        "contracts": contracts,
        "ratio": ratio,
        "movable": movable,
        "safe_leverage": safe_leverage,
    }
    prices_and_rates(price or [], [])
    texts = {key: text for key, text in given.items() if text is not None}
    asks = is_terminal() and not yes
    if not (asks or yes or "cold" in texts):
        typer.echo("no terminal, so nothing is asked: 1 BTC is taken; --hold says others", err=True)
    write(path, texts, not asks, as_json, price)


def refuse_existing(path: Path, force: bool) -> None:
    """Raise MandateError where a file would be overwritten, or has no folder to stand in."""
    if path.exists() and not force:
        raise MandateError(f"{path}: exists already; give another PATH, or --force to overwrite it")
    if not path.absolute().parent.is_dir():
        raise MandateError(f"{path}: there is no folder {path.parent}")


def vault(coins: list[str]) -> str | None:
    """The answer that NAME=AMOUNT options stand for. Worked: BTC=2 is "vault: 2 BTC"."""
    pairs = [text.partition("=") for text in coins]
    for name, sign, number in pairs:
        if not (name and sign and number):
            problem = f"{name + sign + number!r}: write NAME=AMOUNT, for example BTC=2.5"
            raise typer.BadParameter(problem, param_hint="--coin")
    return "vault: " + ", ".join(f"{number} {name}" for name, _, number in pairs) if pairs else None


def write(
    path: Path,
    given: dict[str, str],
    silent: bool,
    as_json: bool,
    price: list[str] | None = None,
) -> None:
    """Ask what is missing, write the file, read it back, show it, plan it where prices are told.

    Args: path: of the mandate; given: answers by field; silent: ask nothing; as_json: print JSON;
    price: US dollars by coin, as written: BTC=60000.
    """
    from volsculpt.mandate.init import render_mandate

    answers = answered(given, silent)
    text = render_mandate(answers, price or [])
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise MandateError(f"{path}: cannot be written: {error.strerror}") from None
    problem, warnings = read_back(path)
    if as_json:
        made = {"path": str(path), "coins": answers.coins(), "problem": problem}
        print_json({"schema": 1, **made, "warnings": warnings, "worry": answers.worry})
    else:
        tell(path, answers, (text, warnings), price or [])
    if problem is not None:  # its object is printed already, and stays the only one
        refused = MandateError(f"the mandate was written but cannot be planned yet: {problem}")
        typer.echo(error_text(refused), err=True)
        raise typer.Exit(refused.exit_code)
    if not as_json:
        plan_at_once(path, answers, prices_and_rates(price or [], [])[0], silent)


def tell(
    path: Path, answers: "MandateAnswers", made: tuple[str, list[str]], price: list[str]
) -> None:
    """The file, what to look at, and what comes next.

    Args: path: of the mandate; answers; made: its text, and the warnings of its first reading;
    price: as in `write`.
    """
    from volsculpt.mandate.init import example_prices
    from volsculpt.text import warning_words

    text, warnings = made
    typer.echo(f"wrote {path}")
    typer.echo(textwrap.indent(text, "  ").rstrip())
    for line in warnings:
        typer.echo(wrapped(f"! {warning_words(line)}"))
    prices = [*price, *example_prices(answers, {one.partition("=")[0].strip() for one in price})]
    typer.echo(f"next: {plan_command(path, {'--price': prices})}")


def plan_at_once(
    path: Path, answers: "MandateAnswers", prices: dict[str, float], silent: bool
) -> None:
    """Plan what was written, where prices are told or a person tells them.

    Args: path: of the mandate; answers; prices: US dollars by coin; silent: ask nothing.
    """
    from volsculpt import verbs
    from volsculpt.app.cli.options import Color

    if not prices and (silent or not typer.confirm("Plan it now?", default=True, err=True)):
        return
    for coin in [] if silent else answers.priced():
        found = prices.get(coin) or prompted_price(coin)
        if found is None:
            return
        prices = prices | {coin: found}
    made = verbs.plan(path, prices=prices)
    print_text("\n" + made.table(width_or_terminal(None), is_colored(Color.AUTO)))


def prompted_price(coin: str) -> float | None:
    """What one coin costs, asked until it is a price; None: nobody says."""
    words = f"What does one {coin} cost in US dollars? (as 60000; Enter: no plan)"
    while True:
        text = typer.prompt(words, default="", show_default=False, err=True)
        if not text:
            return None
        try:
            return prices_and_rates([f"{coin}={text}"], [])[0][coin]
        except VolsculptError as error:
            typer.echo(str(error), err=True)


def answered(given: dict[str, str], silent: bool) -> "MandateAnswers":
    """All answers: those given, and what a person says to the questions that are left.

    What does not go together is told, and only what may mend it is asked again; Enter keeps what
    was answered before.
    """
    from volsculpt.mandate.answers import AnswerError
    from volsculpt.mandate.init import QUESTIONS, answers_from, refuse_unused
    from volsculpt.verbs import now_ns

    for question in QUESTIONS:
        if question.field in given:
            question.read(given[question.field])
    texts = dict(given) if silent else prompted(given, {})
    while True:
        try:
            answers = answers_from(texts, now_ns())
            refuse_unused(given, answers.worry)
            return answers
        except AnswerError as error:
            again = [name for name in error.fields if name in texts and name not in given]
            if silent or not again:
                raise
            typer.echo(str(error), err=True)
            before = dict(texts) if len(again) > 1 else {}  # the only one is what was wrong
            if before:
                typer.echo("one of these has to change; Enter keeps what you answered", err=True)
            kept = {name: texts[name] for name in texts if name not in again}
            texts = fitting(prompted(kept, before), given)


def prompted(given: dict[str, str], before: dict[str, str]) -> dict[str, str]:
    """Answers given, with those to the questions that a terminal asks.

    Args: given: by field; before: answers that Enter keeps, by field.
    """
    from volsculpt.mandate.init import QUESTIONS, default_of

    texts = dict(given)
    for question in QUESTIONS:
        if question.field in texts or not question.is_prompted:
            continue
        if question.is_for(texts.get("worry", "fall").strip().lower()):
            if question.field == "worry":
                tell_worries()
            usual = default_of(question, texts)
            texts[question.field] = answer(question, before.get(question.field, usual))
    return texts


def fitting(texts: dict[str, str], given: dict[str, str]) -> dict[str, str]:
    """Answers without those that another worry was asked. given: what options say, which stays."""
    from volsculpt.mandate.init import QUESTIONS

    worry = texts.get("worry", "fall").strip().lower()
    others = {one.field for one in QUESTIONS if not one.is_for(worry)} - given.keys()
    return {name: text for name, text in texts.items() if name not in others}


def tell_worries() -> None:
    """The choices of the question, with what each is."""
    from volsculpt.mandate.answers import WORRIES

    for name, one in WORRIES.items():
        typer.echo(f"  {name:<12}{one.words}", err=True)


def answer(question: "Question", default: str) -> str:
    """Ask until the answer can be read; on stderr, so that --json stays alone on stdout.

    default: what Enter means.
    """
    from volsculpt.mandate.init import catalog_holdings

    read = catalog_holdings if question.field == "cold" else question.read
    example = f" (as {question.example})" if question.example not in ("", default) else ""
    while True:
        text: str = typer.prompt(
            f"{question.prompt}{example}", default=default, show_default=bool(default), err=True
        )
        try:
            read(text)
        except VolsculptError as error:
            typer.echo(str(error), err=True)
        else:
            return text


def read_back(path: Path) -> tuple[str | None, list[str]]:
    """(what is wrong with the file just written, what a reader should look at).

    Wrong is, for example, a coin that its exchange does not list.
    """
    from volsculpt import verbs
    from volsculpt.mandate.setup import check_decidable
    from volsculpt.watch.empty_margin import unable

    try:
        found = verbs.load(path)
        check_decidable(found, verbs.now_ns())
        return None, [*unable(found, verbs.now_ns()), *found.warnings]
    except VolsculptError as error:
        return str(error), []


def wrapped(line: str) -> str:
    """A line at the width of the terminal, what does not fit below its text."""
    columns = width_or_terminal(None)
    return textwrap.fill(line, columns, subsequent_indent="  ", break_on_hyphens=False)
