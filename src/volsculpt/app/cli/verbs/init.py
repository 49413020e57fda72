"""`volsculpt init`: a first mandate from a few answers."""

import shlex
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volsculpt.app.cli.failing import error_text
from volsculpt.app.cli.options import AsJsonOption
from volsculpt.app.cli.output import print_json, width_or_terminal
from volsculpt.errors import MandateError, VolsculptError

if TYPE_CHECKING:
    from volsculpt.mandate.init import Question

GROUP = "decide"
EXAMPLE = "volsculpt init mandate.toml --coin BTC=2.5 --venue bybit --ratio 0.5 --yes"

Text = str | None


def init(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The file to write.")] = Path(
        "mandate.toml"
    ),
    coin: Annotated[
        list[str] | None,
        typer.Option("--coin", metavar="NAME=AMOUNT", help="A coin kept safe. Repeat it for more."),
    ] = None,
    name: Annotated[Text, typer.Option("--name", help="Name of the mandate.")] = None,
    venue: Annotated[Text, typer.Option("--venue", help="Exchange for the hedge.")] = None,
    account: Annotated[Text, typer.Option("--account", help="Futures account there.")] = None,
    margin: Annotated[
        Text, typer.Option("--margin", metavar="COINS", help='Coins in it, as "0.5 BTC".')
    ] = None,
    contracts: Annotated[
        Text, typer.Option("--contracts", metavar="KIND", help="inverse or linear.")
    ] = None,
    ratio: Annotated[Text, typer.Option("--ratio", help="Share to hedge, 0 to 1.")] = None,
    safe_leverage: Annotated[
        Text, typer.Option("--safe-leverage", help="Leverage to keep by moving coins, or none.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing; take the defaults.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
    as_json: AsJsonOption = False,
) -> None:
    """Write a first mandate from a few answers.

    It asks what you hold and how much to hedge. What an option answers is not asked; with
    --yes nothing is.
    """
    refuse_existing(path, force)
    given = {
        "name": name,
        "cold": vault(coin or []),
        "venue": venue,
        "margin_account": account,
        "margin": margin,
        "contracts": contracts,
        "ratio": ratio,
        "safe_leverage": safe_leverage,
    }
    write(path, {key: text for key, text in given.items() if text is not None}, yes, as_json)


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


def write(path: Path, given: dict[str, str], yes: bool, as_json: bool) -> None:
    """Ask what is missing, write the file, read it back, say what to do next.

    Args: path: of the mandate; given: answers by field; yes: ask nothing; as_json: print JSON.
    """
    from volsculpt.mandate.init import QUESTIONS, answers_from, render_mandate

    if not yes:
        missing = [question for question in QUESTIONS if question.field not in given]
        given = given | {question.field: answer(question) for question in missing}
    answers = answers_from(given)
    text = render_mandate(answers)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise MandateError(f"{path}: cannot be written: {error.strerror}") from None
    problem, warnings = read_back(path)
    if as_json:
        made = {"path": str(path), "coins": answers.coins(), "problem": problem}
        print_json({"schema": 1, **made, "warnings": warnings})
    else:
        from volsculpt.text import warning_words

        typer.echo(f"wrote {path}")
        for text in warnings:
            typer.echo(wrapped(f"! {warning_words(text)}"))
        typer.echo(
            f"next: volsculpt plan {shlex.quote(str(path))}{example_prices(answers.coins())}"
        )
    if problem is not None:  # its object is printed already, and stays the only one
        refused = MandateError(f"the mandate was written but cannot be planned yet: {problem}")
        typer.echo(error_text(refused), err=True)
        raise typer.Exit(refused.exit_code)


def answer(question: "Question") -> str:
    """Ask until the answer can be read; on stderr, so that --json stays alone on stdout."""
    while True:
        text: str = typer.prompt(
            question.prompt, default=question.default, show_default=bool(question.default), err=True
        )
        try:
            question.read(text)
        except VolsculptError as error:
            typer.echo(str(error), err=True)
        else:
            return text


def read_back(path: Path) -> tuple[str | None, list[str]]:
    """(what is wrong with the file just written, what a reader should look at).

    Wrong is, for example, a coin that its exchange does not list.
    """
    from volsculpt import verbs
    from volsculpt.watch.empty_margin import unable

    try:
        found = verbs.load(path)
        return None, [*unable(found, verbs.now_ns()), *found.warnings]
    except VolsculptError as error:
        return str(error), []


def wrapped(line: str) -> str:
    """A line at the width of the terminal, what does not fit below its text."""
    columns = width_or_terminal(None)
    return textwrap.fill(line, columns, subsequent_indent="  ", break_on_hyphens=False)


def example_prices(coins: list[str]) -> str:
    """Flags to fill in. Worked: [BTC] is " --price BTC=60000"."""
    known = {"BTC": "60000", "ETH": "3000"}
    return "".join(f" --price {coin}={known.get(coin, 'PRICE')}" for coin in coins)
