"""The libraries that fit: found when they are needed, and named when they are not there."""

from collections.abc import Iterator
from contextlib import contextmanager

from volsculpt.errors import MissingExtra


@contextmanager
def models() -> Iterator[None]:
    """Around an import of a fitting library. Raises MissingExtra that says what to install."""
    try:
        yield
    except ImportError as error:
        raise MissingExtra(
            f"hedge ratios are fitted by libraries of the extra `models`, of which {error.name} is "
            f"not installed: pip install 'volsculpt[models]'"
        ) from None
