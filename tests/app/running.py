"""Running the program in a test: a small mandate, and what a verb printed."""

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

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


def run(*words: str | Path, typed: str | None = None, **env: str) -> Result:
    """What `volsculpt WORDS` does."""
    quiet = {"NO_COLOR": "", "COLUMNS": "80", "TERM": "xterm"} | env
    return CliRunner().invoke(app, [str(word) for word in words], input=typed, env=quiet)


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
