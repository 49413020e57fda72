"""Telling people: each alert to the log, and where the mandate says, to a webhook and a program.

Telling never holds up the desk and never fails it: what could not be told is in the log.
"""

import asyncio
import json
import logging
from collections.abc import Coroutine, Sequence

import httpx

from volsculpt.ledger.events import Alerted
from volsculpt.mandate.desk import DeskRules

PATIENCE_S = 10.0
LEVELS = {"info": logging.INFO, "warning": logging.WARNING, "critical": logging.CRITICAL}

log = logging.getLogger("volsculpt.desk")


class JsonLines(logging.Formatter):
    """One JSON object a line: what the record carries, level and logger beside it."""

    def format(self, record: logging.LogRecord) -> str:
        """A record as a line."""
        line = {"level": record.levelname.lower(), "what": record.getMessage()}
        line |= getattr(record, "figures", {})
        return json.dumps(line, ensure_ascii=False, default=str)


class Notifier:
    """Where alerts of one mandate go."""

    def __init__(self, mandate: str, rules: DeskRules) -> None:
        self.mandate, self.rules = mandate, rules
        self._telling: set[asyncio.Task[None]] = set()

    def emit(self, alerts: Sequence[Alerted], time_ns: int) -> None:
        """Tell these, in the background; needs a running event loop when anybody is to be told."""
        for alert in alerts:
            message = {
                "mandate": self.mandate,
                "time_ns": time_ns,
                "key": alert.key,
                "alert": alert.level,
                "text": alert.text,
                "over": alert.over,
            }
            level = logging.INFO if alert.over else LEVELS[alert.level]
            log.log(level, "alert", extra={"figures": message})
            if self.rules.webhook is not None:
                self._start(self._post(self.rules.webhook, message))
            if self.rules.command and not alert.over:
                self._start(self._run(alert))

    def _start(self, telling: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(telling)
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _post(self, address: str, message: dict[str, object]) -> None:
        """Post an alert; a failure is logged."""
        try:
            async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
                answer = await client.post(address, json=message)
                answer.raise_for_status()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            log.error("webhook failed", extra={"figures": {"error": str(error)}})

    async def _run(self, alert: Alerted) -> None:
        """Run the program with the text as its last argument; a failure is logged."""
        try:
            started = await asyncio.create_subprocess_exec(
                *self.rules.command, f"{self.mandate}: {alert.level}: {alert.text}"
            )
            code = await asyncio.wait_for(started.wait(), PATIENCE_S)
        except (OSError, TimeoutError) as error:
            log.error("command failed", extra={"figures": {"error": str(error)}})
            return
        if code != 0:
            log.error("command failed", extra={"figures": {"exit_code": code}})

    async def finish(self) -> None:
        """Wait for what is still being told."""
        if self._telling:
            await asyncio.wait(set(self._telling), timeout=PATIENCE_S)
