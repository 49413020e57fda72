"""Ways to people and monitors that fail: each is an alert until it works again, never an end."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from volsculpt.trade.observe.observed import Alert


@dataclass(slots=True)
class Channels:
    """What tells of a desk and does not work now. failing: the alert of each, by its name.

    telling: what is still being told, in threads: their time is ours, also where a desk's jumps.
    """

    failing: dict[str, Alert] = field(default_factory=dict)
    telling: set[asyncio.Task[None]] = field(default_factory=set)

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

    def start(self, channel: str, tell: Callable[[], str | None]) -> None:
        """Tell in the background; needs a running event loop. tell: None, or why it failed."""
        task = asyncio.get_running_loop().create_task(self._delivered(channel, tell))
        self.telling.add(task)
        task.add_done_callback(self.telling.discard)

    async def _delivered(self, channel: str, tell: Callable[[], str | None]) -> None:
        """Wait for a thread that tells, and note what came of it."""
        why = await asyncio.to_thread(tell)
        if why is None:
            self.works(channel)
        else:
            self.failed(channel, why)

    async def settled(self) -> None:
        """Wait for all that is being told; each of them ends by itself."""
        if self.telling:
            await asyncio.wait(set(self.telling))
