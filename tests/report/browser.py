"""A browser without a window, asked through a pipe: what a page measures, and its picture."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
    *("--remote-debugging-pipe", "--disable-background-networking"),
)


def browser_found() -> str | None:
    """Where a browser of the kind is installed."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Browser:
    """One tab, by the DevTools protocol (a message ends with a zero byte)."""

    def __init__(self, program: str) -> None:
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        given, self.to = os.pipe()
        self.from_, taken = os.pipe()
        command = [program, *FLAGS, f"--user-data-dir={self.folder.name}", "about:blank"]
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{given} 4>&{taken}', "browser", *command],
            pass_fds=(given, taken),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(given)
        os.close(taken)
        self.count, self.rest, self.session = 0, b"", ""
        self.wrong: list[str] = []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        attached = self.ask("Target.attachToTarget", targetId=target, flatten=True)
        self.session = attached["sessionId"]
        self.ask("Page.enable")
        self.ask("Runtime.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.terminate()
        self.process.wait()
        os.close(self.to)
        os.close(self.from_)
        self.folder.cleanup()

    def ask(self, method: str, **params: Any) -> dict[str, Any]:  # noqa: ANN401
        """A command and its answer."""
        self.count += 1
        message = {"id": self.count, "method": method, "params": params}
        message |= {"sessionId": self.session} if self.session else {}
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while (told := self.told()).get("id") != self.count:
            pass
        if "error" in told:
            raise RuntimeError(f"{method}: {told['error']}")
        return dict(told["result"])

    def told(self) -> dict[str, Any]:
        """The next message; what went wrong in a script is kept."""
        while b"\0" not in self.rest:
            self.rest += os.read(self.from_, 1 << 20)
        one, _, self.rest = self.rest.partition(b"\0")
        told: dict[str, Any] = json.loads(one)
        if told.get("method") == "Runtime.exceptionThrown":
            details = told["params"]["exceptionDetails"]
            self.wrong.append(details.get("exception", {}).get("description", details["text"]))
        return told

    def show(self, path: Path, width: int, height: int, dark: bool) -> None:
        """Load a page and let its charts be drawn. width, height: of the window, pixels."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.ask("Emulation.setDeviceMetricsOverride", **size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])
        self.ask("Page.navigate", url=path.absolute().as_uri())
        while self.told().get("method") != "Page.loadEventFired":
            pass
        self.wait()

    def wait(self, milliseconds: int = 400) -> None:
        """Let what was begun be drawn."""
        self.say(f"new Promise(done => setTimeout(done, {milliseconds}))")

    def say(self, script: str) -> Any:  # noqa: ANN401
        """What a script comes to."""
        told = self.ask(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in told:
            raise RuntimeError(str(told["exceptionDetails"]))
        return told["result"].get("value")

    def picture(self, path: Path) -> None:
        """All of the page as a PNG, however long."""
        told = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(told["data"]))
