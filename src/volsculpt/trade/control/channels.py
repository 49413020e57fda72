"""Ways to people and monitors that fail: each is an alert until it works again, never an end."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from volsculpt.trade.observe.observed import Alert


@dataclass(slots=True)
class Channels:
    """What tells of a desk and does not work now. failing: the alert of each, by its name."""

    failing: dict[str, Alert] = field(default_factory=dict)

    def failed(self, channel: str, text: str) -> None:
        """A channel told nobody. text: which, why, and what to do."""
        self.failing[channel] = Alert(f"untold:{channel}", "warning", text)

    def works(self, channel: str) -> None:
        """A channel has told what it was to tell."""
        self.failing.pop(channel, None)

    @contextmanager
    def tried(self, channel: str, what: str, remedy: str) -> Iterator[None]:
        """Tell through a channel of the system; where that fails it is noted and all goes on.

        Args: channel: its name; what: the file or stream, in words; remedy: what to do about it.
        """
        try:
            yield
        except OSError as error:
            why = error.strerror or str(error)
            self.failed(channel, f"{what} cannot be written ({why}); the desk goes on: {remedy}")
        else:
            self.works(channel)
