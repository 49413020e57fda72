"""What is to be added needs its own files and no entry in a list: tried on a copy of the package.

The page ARCHITECTURE.md counts the files; here nothing but the new ones is written.
"""

import json
import re
from pathlib import Path

from tests.structure.copied import copied, run_copy

VERB = '''"""`volsculpt greet`: says good day."""

from volsculpt.app.cli.options import AsJsonOption
from volsculpt.app.cli.output import print_json, print_text

GROUP = "help"
EXAMPLE = "volsculpt greet"


def greet(as_json: AsJsonOption = False) -> None:
    """Say good day."""
    if as_json:
        print_json({"schema": 1, "said": "good day"})
    else:
        print_text("good day")
'''
SCHEMA = json.dumps(
    {
        "description": "What `volsculpt greet --json` prints.",
        "type": "object",
        "additionalProperties": False,
        "required": ["schema", "said"],
        "properties": {"schema": {"const": 1}, "said": {"type": "string"}},
    }
)
POLICY = '''"""A share of what the owner would hedge."""

from dataclasses import dataclass
from typing import ClassVar

from volsculpt.hedge.answer import Aim
from volsculpt.hedge.policy import Parameter, Policy


@dataclass(frozen=True, slots=True)
class ShareOf(Policy):
    """part of ratio."""

    NAME: ClassVar[str] = "share-of"
    SUMMARY: ClassVar[str] = "a part of a ratio"
    DOCS: ClassVar[str] = "A part of a ratio."
    PARAMETERS: ClassVar[tuple[Parameter, ...]] = (
        Parameter("ratio", "ratio", "the whole.", 0.5, unit="of the base"),
        Parameter("part", "number", "the part.", 0.5, unit="of it", above=0.0, most=1.0),
    )

    ratio: float
    part: float

    def step(self, memory, given):
        return Aim(self.ratio * self.part, reasons=("a part of it",)), memory

    def words(self):
        return "hedge a part"
'''
VENUE = """venue = "bitmex"

[source]
page = "BitMEX GET /api/v1/instrument, XBTUSD, 2024-11-24"

[[contract]]
symbol = "BTC/USD:BTC"
native_symbol = "XBTUSD"
payoff = "inverse"
multiplier = 1
tick = 0.1
lot = 100
minimum = 100
fees = { maker = 0.0005, taker = 0.0005, delivery = 0 }
funding = { kind = "stamp", rate_unit = "fraction", interval_hours = 4 }
sources = { default = "page" }
[contract.margin]
unit = "value"
base = "mark"
tiers = [{ floor = 0, rate = 0.005, max_leverage = 100 }]
"""
MANDATE = """version = 1
[[account]]
name = "vault"
kind = "cold"
balances = { BTC = 2.0 }
[[account]]
name = "coinm"
kind = "margin"
venue = "VENUE"
balances = { BTC = 1.0 }
[[hedge]]
underlying = "BTC"
HEDGE
"""


def mandate(folder: Path, venue: str, hedge: str) -> str:
    """The name of a mandate with one account at a venue, and one hedge."""
    text = MANDATE.replace("VENUE", venue).replace("HEDGE", hedge)
    (folder / "m.toml").write_text(text, encoding="utf-8")
    return "m.toml"


def test_a_verb_is_its_file_and_its_schema(tmp_path: Path) -> None:
    """It is listed, runs, is suggested for a near name, and its schema is published."""
    package = copied(
        tmp_path, {"app/cli/verbs/greet.py": VERB, "app/cli/schemas/greet.json": SCHEMA}
    )
    assert run_copy(package, "greet").stdout == "good day\n"
    assert re.search(r"  greet +Say good day\.\n", run_copy(package, "--help").stdout)
    assert "  Example:\n    volsculpt greet\n" in run_copy(package, "greet", "--help").stdout
    assert "Did you mean 'greet'?" in run_copy(package, "gret").stderr
    assert json.loads(run_copy(package, "schema", "greet").stdout) == json.loads(SCHEMA)


def test_a_venue_is_its_file(tmp_path: Path) -> None:
    """Its contracts are listed, a mandate hedges there, and its usual funding is known."""
    package = copied(tmp_path, {"contracts/data/bitmex.toml": VENUE})
    assert "bitmex" in run_copy(package, "contracts", "list", "--venue", "bitmex").stdout
    name = mandate(tmp_path, "bitmex", "ratio = 0.5")
    plan = json.loads(run_copy(package, "plan", name, "--price", "BTC=60000", "--json").stdout)
    assert [(one["venue"], one["contracts"]) for one in plan["orders"]] == [("bitmex", 90_000)]
    hours = "from volsculpt.market.paid import usual_hours as u; print(u('bitmex', 'X/USD:X'))"
    (tmp_path / "hours.py").write_text(hours, encoding="utf-8")
    assert run_copy(package.parent / "hours").stdout == "(4.0, False)\n"


def test_a_policy_is_its_file(tmp_path: Path) -> None:
    """Its keys are read and refused elsewhere, it is in the schema, decides, and is told of."""
    package = copied(tmp_path, {"hedge/policies/share_of.py": POLICY})
    asks = 'policy = "share-of"\nratio = 0.8\npart = 0.5'
    name = mandate(tmp_path, "bybit", asks)
    said = json.loads(run_copy(package, "plan", name, "--price", "BTC=60000", "--json").stdout)
    (decision,) = said["decision"]
    assert (decision["policy"], decision["target_ratio"]) == ("share-of", 0.4)
    assert decision["reasons"][0] == "a part of it"
    assert "hedge a part" in run_copy(package, "check", name).stdout
    hedge = json.loads(run_copy(package, "schema", "mandate").stdout)["$defs"]["HedgeTable"]
    assert "share-of" in hedge["properties"]["policy"]["enum"]
    assert hedge["properties"]["part"]["maximum"] == 1.0
    wrong = mandate(tmp_path, "bybit", asks.replace("share-of", "fixed"))
    told = run_copy(package, "check", wrong).stderr
    assert 'part = 0.5: belongs to policy = "share-of", not "fixed"' in told
