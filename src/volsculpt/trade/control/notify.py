"""Telling people: each alert to the log, and where the mandate says, to a webhook and a program.

Telling never holds up the desk and never fails it: what could not be told is an alert itself.
"""

import json
import logging
import subprocess
import sys
from collections.abc import Sequence
from functools import partial

import httpx

from volsculpt.ledger.events import Alerted
from volsculpt.mandate.desk import DeskRules
from volsculpt.trade.control.channels import Channels
from volsculpt.watch.unheard import host_of, unheard

PATIENCE_S = 10.0
LOG_REMEDY = "free space or let it be written, or start the desk with another --log"
GOES_ON = "alerts do not arrive there; the desk goes on, `volsculpt status` has them"
LEVELS = {"info": logging.INFO, "warning": logging.WARNING, "critical": logging.CRITICAL}

log = logging.getLogger("volsculpt.desk")


class JsonLines(logging.Formatter):
    """One JSON object a line: what the record carries, level and logger beside it."""

    def format(self, record: logging.LogRecord) -> str:
        """A record as a line."""
        line = {"level": record.levelname.lower(), "what": record.getMessage()}
        line |= getattr(record, "figures", {})
        return json.dumps(line, ensure_ascii=False, default=str)


class LogFile(logging.FileHandler):
    """A log of alerts. error: why the last line could not be written; None: it was."""

    error: BaseException | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line."""
        self.error = None
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - of the library
        """A line that could not be written is told by other ways."""
        self.error = sys.exc_info()[1]


class Notifier:
    """Where alerts of one mandate go. channels: what of it fails is noted there."""

    def __init__(self, mandate: str, rules: DeskRules) -> None:
        self.mandate, self.rules = mandate, rules
        self.channels = Channels()
        for channel, text in unheard(rules).items():
            self.channels.failed(channel, text)

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
            self._look_at_log()
            if self.rules.webhook is not None:
                self.channels.start("webhook", partial(posted, self.rules.webhook, message))
            if self.rules.command and not alert.over:
                words = f"{self.mandate}: {alert.level}: {alert.text}"
                self.channels.start("command", partial(run, self.rules.command, words))

    def _look_at_log(self) -> None:
        """Note whether the log file took the last line."""
        for handler in log.handlers:
            if isinstance(handler, LogFile):
                with self.channels.tried("log", f"--log {handler.baseFilename}", LOG_REMEDY):
                    if handler.error is not None:
                        raise OSError(str(handler.error))


def posted(address: str, message: dict[str, object]) -> str | None:
    """Post an alert. None: it arrived; else why not, without the address, which may be secret."""
    try:
        httpx.post(address, json=message, timeout=PATIENCE_S).raise_for_status()
    except httpx.HTTPStatusError as error:
        why = f"it answers {error.response.status_code}"
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        why = str(error) or type(error).__name__
    else:
        return None
    log.error("webhook failed", extra={"figures": {"error": why}})
    return (
        f"the webhook of [desk] at {host_of(address)} was not told ({why}): {GOES_ON}; look at "
        f"what listens there, or correct webhook in the mandate"
    )


def run(command: Sequence[str], words: str) -> str | None:
    """Run a program with the text as its last argument. None: it ended well; else why not."""
    try:
        code = subprocess.run([*command, words], timeout=PATIENCE_S, check=False).returncode
        why = f"it ended with {code}" if code else None
    except subprocess.TimeoutExpired:
        why = f"it did not end within {PATIENCE_S:g} seconds"
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
    if why is None:
        return None
    log.error("command failed", extra={"figures": {"error": why}})
    return (
        f"the command of [desk], {command[0]}, told nobody ({why}): {GOES_ON}; try it by hand, or "
        f"correct command in the mandate"
    )
