"""What a file does not tell, apart from what is wrong in it."""

from volsculpt.errors import HistoryError


class Unclear(HistoryError):
    """A file that is not understood: of another kind, or it does not tell what it is of.

    Of a folder such files are listed and the others stored; what is wrong stops an import.
    """


class OneStamp(Unclear):
    """A single row, which does not tell the length of its bar or the hours it pays for."""
