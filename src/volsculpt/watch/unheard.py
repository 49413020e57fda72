"""Whether alerts can reach whom the mandate names, as far as this machine can tell beforehand."""

import shutil
from urllib.parse import urlsplit

from volsculpt.mandate.desk import DeskRules


def unheard(rules: DeskRules) -> dict[str, str]:
    """Of what `[desk]` names for alerts, what cannot work: "webhook", "command" -> why."""
    found = {}
    if rules.webhook is not None and (wrong := _wrong(rules.webhook)):
        found["webhook"] = (
            f"[desk] webhook tells nobody: {wrong}; write the whole address, for example "
            f'webhook = "https://a.b/c"'
        )
    if rules.command and shutil.which(rules.command[0]) is None:
        found["command"] = (
            f"[desk] command tells nobody: there is no program '{rules.command[0]}' that may be "
            f"run on this machine; install it, or correct command in the mandate"
        )
    return found


def host_of(address: str) -> str:
    """Where an address leads, without its path, which may be secret; "" where it leads nowhere."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _wrong(address: str) -> str:
    """What is wrong with an address; "": nothing that can be seen."""
    try:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https"):
            return "its address does not begin with http:// or https://"
        if not parts.hostname or any(one.isspace() for one in address):
            return "its address names no machine"
        return "" if parts.port != 0 else "its port is 0"
    except ValueError as error:
        return f"its address cannot be read ({error})"
