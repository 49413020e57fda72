"""`volsculpt explain`: what a word of the field means."""

from typing import Annotated

import typer

from volsculpt.app.cli.options import AsJsonOption, Color, ColorOption, WidthOption
from volsculpt.app.cli.output import print_json, print_page

GROUP = "help"
EXAMPLE = "volsculpt explain inverse"

WordsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="WORD",
        help="A word, or what it is called elsewhere: funding, coin-margined. Default: the list.",
        show_default=False,
    ),
]


def explain(
    word: WordsArgument = None,
    as_json: AsJsonOption = False,
    color: ColorOption = Color.AUTO,
    width: WidthOption = None,
) -> None:
    """Say what a word of the field means.

    In a plain sentence, with a worked example, its other names, and where to read on.
    """
    from volsculpt.report.pages.glossary import list_page, word_page
    from volsculpt.report.rows.glossary import called, near, words, words_dict

    found = words()
    wanted = " ".join(word or [])
    chosen = called(wanted, found) if wanted else None
    if wanted and chosen is None:
        problem = (
            f"no word is called {wanted!r}; nearest: {', '.join(near(wanted, found))}; "
            f"volsculpt explain lists all"
        )
        raise typer.BadParameter(problem, param_hint="WORD")
    if as_json:
        print_json(words_dict(found if chosen is None else [chosen]))
    else:
        print_page(list_page(found) if chosen is None else word_page(chosen), width, color)
