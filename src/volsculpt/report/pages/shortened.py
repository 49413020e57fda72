"""Text cut to a number of lines of a terminal, for pages of one screen."""

from volsculpt.report.document import clean, tied

ROOM = 78  # of 80 columns, less the indent of a line after the first
MOST_LINES = 15  # of a verdict, title and blank lines among them
CUT = "..."
TIE = "\N{NO-BREAK SPACE}"


def height(text: str) -> int:
    """Lines that a text takes at 80 columns."""
    return len(_wrapped(text))


def shortened(text: str, lines: int) -> str:
    """A text that takes no more than so many lines; what is cut off is three dots.

    Worked: eight lines of text, 2 -> the first two, the last word of which is "...".
    """
    wrapped = _wrapped(text)
    if len(wrapped) <= lines:
        return text
    words = " ".join(wrapped[:lines]).split(" ")
    while len(_wrapped(" ".join([*words, CUT]))) > lines:
        words.pop()
    return " ".join([*words, CUT]).replace(TIE, " ")


def _wrapped(text: str) -> list[str]:
    """The lines as the terminal breaks them: what is longer than one begins on its own."""
    lines = [""]
    for word in tied(clean(text), TIE).split(" "):
        if len(lines[-1]) + len(word) + bool(lines[-1]) <= ROOM:
            lines[-1] = f"{lines[-1]} {word}".lstrip(" ")
            continue
        parts = [word[at : at + ROOM] for at in range(0, len(word), ROOM)]
        lines = [*lines, *parts] if lines[-1] else parts
    return lines
