"""The way to a running desk: a socket beside its ledger that takes one JSON object a line."""

import asyncio
import json
import os
import socket
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from select import select
from typing import Any

from volsculpt.errors import LedgerError, VolsculptError
from volsculpt.parsing import json_of
from volsculpt.trade.control.session import Session

LONGEST = 90  # of a socket's path; systems allow little more
PATIENCE_S = 60.0
SLOW_S = 3.0  # after so long without an answer who asks is told that it waits


def socket_path(ledger: Path) -> Path:
    """Where the desk of a ledger listens: beside it, or in the temporary folder if that is long."""
    beside = ledger.absolute().with_name(ledger.name + ".sock")
    if len(str(beside)) <= LONGEST:
        return beside
    name = sha256(str(beside).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"volsculpt-{name}.sock"


class Control:
    """Listens for one session. Only the owner of the file may speak to it."""

    def __init__(self, session: Session, path: Path) -> None:
        self.session, self.path = session, path
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> "Control":
        with suppress(FileNotFoundError):
            self.path.unlink()  # left by a killed process: the ledger's lock is ours now
        before = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._serve, str(self.path))
        finally:
            os.umask(before)
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._server is not None:
            self._server.close()
        with suppress(FileNotFoundError):
            self.path.unlink()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, one answer."""
        try:
            line = await asyncio.wait_for(reader.readline(), PATIENCE_S)
            writer.write(json.dumps(await self._answer(line)).encode() + b"\n")
            await writer.drain()
        except (OSError, TimeoutError):
            return  # who asked has gone
        finally:
            writer.close()

    async def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            request = json_of(line)
            reply = await self.session.command(
                request["verb"], request["given"], request.get("who", "")
            )
        except VolsculptError as error:
            return {"error": str(error)}
        except (ValueError, KeyError, TypeError) as error:
            return {"error": f"not a request: {error}"}
        return {"said": reply}


def say_nothing() -> None:
    """Wait in silence."""


def send_command(
    ledger: Path,
    verb: str,
    arguments: Mapping[str, Any],
    on_wait: Callable[[], None] = say_nothing,
) -> str | None:
    """Ask the desk that runs on a ledger; None when none runs. Raises LedgerError: it refused.

    Args: ledger: its file; verb: its name; arguments: by name; on_wait: called once where it takes
    long to answer.
    """
    path = socket_path(ledger)
    who = os.environ.get("USER", "")
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(PATIENCE_S)
            line.connect(str(path))
            line.sendall(
                json.dumps({"verb": verb, "given": dict(arguments), "who": who}).encode() + b"\n"
            )
            if not select([line], [], [], SLOW_S)[0]:
                on_wait()
            received = line.makefile("rb").readline()
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    except OSError as error:
        kill = ledger.with_name(f"{ledger.name}.kill")
        raise LedgerError(
            f"{path}: the desk did not answer within {PATIENCE_S:g} seconds ({error}), so nothing "
            f"is known to be done; look whether it hangs, and `touch {kill}` (or the kill_file of "
            f"[guard]) so that it sends nothing once it goes on"
        ) from None
    if not received:
        raise LedgerError(f"{path}: the desk stopped before it answered; ask again")
    answer = json.loads(received)
    if "error" in answer:
        raise LedgerError(answer["error"])
    return str(answer["said"])
