"""Running the program in a test: a small mandate, and what a verb printed."""

import json
import re
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from volsculpt.app.cli.finding import command, verb_names
from volsculpt.app.cli.program import app

MANDATE = """
version = 1
name = "small"

[[account]]
name = "vault"
kind = "cold"
balances = { BTC = 2.5 }

[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
balances = { BTC = 0.5 }
[[account.position]]
contract = "BTC/USD:BTC"
contracts = -20_000
entry = 52_000.0

[[hedge]]
underlying = "BTC"
ratio = 0.5
"""
QUOTES = """
as_of = 2024-05-20T00:00:00Z
[index]
BTC = 60_000.0
[contract]
"bybit:BTC/USD:BTC" = 60_030.0
[funding]
"bybit:BTC/USD:BTC" = 0.0001
"""


TELLS_OF_OTHERS = (["schema"], ["check"], ["explain"])  # what they print is of other verbs


def run(*words: str | Path, typed: str | None = None, **env: str) -> Result:
    """What `volsculpt WORDS` does."""
    quiet = {"NO_COLOR": "", "COLUMNS": "80", "TERM": "xterm"} | env
    said = [str(word) for word in words]
    result = CliRunner().invoke(app, said, input=typed, env=quiet)
    told = result.exit_code or said[:1] not in TELLS_OF_OTHERS
    strange = foreign_options(said, result.output) if told else []
    assert not strange, f"{said[0]} has no {strange}, which it advises: {result.output}"
    return result


def foreign_options(words: list[str], told: str) -> list[str]:
    """Options that a message names and the verb that printed it does not have.

    But for those of a command that it quotes, and those that were typed.
    """
    verb = command(words[0]) if words and words[0] in verb_names() else None
    for word in words[1:]:
        verb = getattr(verb, "commands", {}).get(word, verb)
    if verb is None:
        return []
    own = {flag for one in verb.params for flag in one.opts} | {"--help"}
    plain = re.sub(r"`[^`]*`|volsculpt [a-z-]+ [^;,]*", " ", " ".join(told.split()))
    return [
        one for one in re.findall(r"(?<![\w-])--[a-z][a-z-]*", plain) if not {one} & {*own, *words}
    ]


def printed(*words: str | Path) -> dict[str, Any]:
    """The JSON object that a verb that succeeds prints, and nothing else."""
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def mandate(folder: Path, text: str = MANDATE) -> Path:
    """A mandate file."""
    path = folder / "small.toml"
    path.write_text(text, encoding="utf-8")
    return path


def quotes(folder: Path) -> Path:
    """A quotes file for it."""
    path = folder / "quotes.toml"
    path.write_text(QUOTES, encoding="utf-8")
    return path
