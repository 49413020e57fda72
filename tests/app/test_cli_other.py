"""The other verbs: check, init, contracts, schema, version; help and exit codes."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.app.running import MANDATE, mandate, printed, run
from tests.structure.source_tree import ROOT
from volsculpt import errors, verbs
from volsculpt.app.cli.program import EXIT_CODES
from volsculpt.app.cli.published import published, published_names
from volsculpt.contracts.catalog import load_catalog

# --- check ----------------------------------------------------------------------------


def test_check_says_what_was_understood(tmp_path: Path) -> None:
    """Accounts, positions and hedges in words."""
    result = run("check", mandate(tmp_path))
    assert result.exit_code == 0, result.output
    text = " ".join(result.stdout.split())
    for said in ("small, version 1", "vault cold", "2.5 BTC", "-20,000 52,000", "BTC: hedge 50 %"):
        assert said in text


def test_check_tells_all_that_a_mandate_can_hold(tmp_path: Path) -> None:
    """Overlays, overrides, flows, collateral and limits have their words."""
    text = (
        MANDATE
        + """
proxy = "ETH"
beta = 1.2
base = "coins"
coins = 3.0
band = { under = [0.05, 0.02], over = [0.03, 0.0] }
use = [{ account = "coinm", contract = "BTC/USD:BTC@quarter" }]
[[overlay]]
kind = "event"
mode = "at_most"
from = 2024-05-20T00:00:00Z
to = 2024-05-27T00:00:00Z
ratio = 0.2
note = "vote"
[[override]]
underlying = "BTC"
ratio = 0.8
until = 2024-06-01T00:00:00Z
[[flow]]
account = "vault"
currency = "BTC"
amount = 0.1
every = "30d"
[[collateral]]
source = ["vault"]
safe_leverage = 3
[limits]
max_leverage = 4.0
min_liquidation_distance = 0.25
max_order_usd = 250_000
"""
    )
    path = mandate(tmp_path, text.replace('proxy = "ETH"\nbeta = 1.2\n', ""))
    result = run("check", path)
    assert result.exit_code == 0, result.output
    said = " ".join(result.stdout.split())
    for words in (
        "of 3 BTC (base = coins)",
        "more than 5 % under, back to within 2 %, or more than 3 % over",
        "with BTC/USD:BTC@quarter on coinm",
        "every hedge: at most 20 %, from 2024-05-20 00:00 UTC to 2024-05-27 00:00 UTC (vote)",
        "BTC: 80 % by hand until 2024-06-01 00:00 UTC",
        "0.1 BTC to vault, every 30 days",
        "from vault; more above 4x leverage, to 3x; release below 2x",
        "an order at most 250,000 USD",
    ):
        assert words in said


def test_check_tells_every_problem(tmp_path: Path) -> None:
    """What cannot be used is exit code 2, as text and as JSON."""
    path = mandate(tmp_path, "version = 1\nwrong = 1\nbad = 2\n")
    result = run("check", path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "wrong" in result.stderr
    found = run("check", path, "--json")
    assert found.exit_code == 2
    said = json.loads(found.stdout)
    assert (said["valid"], said["mandate"]) == (False, None)
    assert len(said["problems"]) >= 2
    Draft202012Validator(published("check")).validate(said)


# --- contracts ------------------------------------------------------------------------


def test_contracts_are_listed() -> None:
    """All of them, or those of a venue and a coin; dated ones by calendar."""
    everything = run("contracts", "list")
    assert everything.exit_code == 0, everything.output
    assert "deribit:BTC/USD:BTC " in everything.stdout
    assert max(map(len, everything.stdout.splitlines())) <= 80
    assert "binance:1000SHIB/USDT:USDT  " in everything.stdout
    some = run("contracts", "list", "--venue", "bybit", "--coin", "ETH").stdout
    assert "bybit:ETH/USD:ETH" in some
    assert "BTC/USD:BTC " not in some
    assert "quarters, at 08:00 UTC" in some


@pytest.mark.parametrize("written", ["SHIB", "shib", "1000SHIB", "kSHIB", "SHIB1000"])
def test_a_coin_is_found_at_all_venues(written: str) -> None:
    """However it is counted; sizes in coins, what no plan can size and what to do about it."""
    result = run("contracts", "find", written, "--width", "80")
    assert result.exit_code == 0, result.output
    text = result.stdout
    assert re.match(r"SHIB, [0-9]+ contracts, [0-9]+ can be planned\n", text)
    assert "binance:1000SHIB/USDT:USDT  linear  1000SHIBUSDT  1,000 SHIB  0.000001    1" in text
    assert "bybit:SHIB1000/USDT:USDT    0.02 % / 0.055 %  unknown      unknown  10" in text
    lacking = text[text.index("WHAT NO PLAN CAN SIZE") :]
    assert "- bybit:SHIB1000/USDT:USDT: unknown is maintenance margin" in lacking
    assert "[contract.margin]" in lacking
    assert "binance" not in lacking
    found = text.removesuffix(lacking)
    others = [one for one in load_catalog().venues() if f"{one}:" not in found]
    assert f"None in the catalog: {', '.join(others)}." in lacking


def test_what_is_found_is_told_in_full() -> None:
    """Hours of funding, highest leverage of tiers and of a slope, least orders, dated contracts."""
    text = run("contracts", "find", "BTC", "--width", "80").stdout
    rows = {line.split()[0]: line.split() for line in text.splitlines() if " % / " in line}
    assert rows["binance:BTC/USDT:USDT"][6:] == ["8", "h", "125x", "0.001,", "100", "USDT"]
    assert rows["deribit:BTC/USD:BTC"][6:] == ["8", "h", "50x", "1"]
    assert rows["kraken:BTC/USD:BTC"][6:] == ["1", "h", "50x", "1"]
    assert "- okx:BTC/USD:BTC-YYMMDD: quarters, months, weeks, at 08:00 UTC; needs" in text
    assert max(map(len, text.splitlines())) <= 80
    found = {one["key"]: one for one in printed("contracts", "find", "BTC")["contracts"]}
    assert found["deribit:BTC/USD:BTC"]["max_leverage"] == 50
    assert found["okx:BTC/USD:BTC"]["max_leverage"] is None
    assert found["okx:BTC/USD:BTC"]["needs"] == ["margin"]


def test_a_file_of_ones_own_makes_a_coin_found(tmp_path: Path) -> None:
    """A coin that no venue lists is refused with those that are; a contracts file adds it."""
    refused = run("contracts", "find", "PENGU")
    assert refused.exit_code == 3
    assert "no venue of the catalog has a contract on 'PENGU'; it has ADA," in refused.stderr
    assert 'did you mean "DOGE"?' in run("contracts", "find", "dogee").stderr
    own = tmp_path / "own.toml"
    own.write_text(
        'venue = "bybit"\n[[contract]]\nsymbol = "PENGU/USDT:USDT"\npayoff = "linear"\n'
        "multiplier = 1\n",
        encoding="utf-8",
    )
    text = run("contracts", "find", "PENGU", "--contracts", own).stdout
    assert text.startswith("PENGU, 1 contract, 0 can be planned\n")
    assert "unknown is the taker fee" in text


def test_a_contract_that_no_plan_can_use_is_marked(tmp_path: Path) -> None:
    """In words and in JSON, a family too; what is marked is what a plan refuses."""
    some = run("contracts", "list", "--venue", "bybit", "--width", "100").stdout.splitlines()
    marked = {line.split()[0]: line.rstrip().endswith(" margin") for line in some if line}
    assert marked["bybit:SOL/USDT:USDT"]
    assert not marked["bybit:BTC/USD:BTC"]
    assert any("needs [family.margin]" in line for line in some)
    found = printed("contracts", "list")["contracts"]
    assert {one["key"] for one in found if one["needs"]} == {
        one["key"] for one in found if one["margin"] is None or one["fees"]["taker"] is None
    }
    narrow = run("contracts", "list", "--coin", "SOL", "--width", "80").stdout
    assert " margin\n" in narrow
    assert max(map(len, narrow.splitlines())) <= 80


SOL = """version = 1
contracts_file = "contracts.toml"
[[account]]
name = "usdm"
kind = "margin"
venue = "bybit"
balances = { SOL = 100, USDT = 20_000 }
[[hedge]]
underlying = "SOL"
ratio = 0.5
use = [{ account = "usdm", contract = "SOL/USDT:USDT" }]
"""


def test_the_contract_of_the_docs_can_be_planned(tmp_path: Path) -> None:
    """The example of docs/mandate.md gives what lacks; without it the refusal names it."""
    text = (ROOT / "docs" / "mandate.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(# contracts\.toml:.*?)```", text, re.DOTALL)
    (tmp_path / "contracts.toml").write_text(example, encoding="utf-8")
    planned = printed("plan", mandate(tmp_path, SOL), "--price", "SOL=150")
    (order,) = planned["orders"]
    assert (order["contract"], order["contracts"]) == ("SOL/USDT:USDT", 50.0)
    bare = mandate(tmp_path, SOL.replace('contracts_file = "contracts.toml"\n', ""))
    refused = run("plan", bare, "--price", "SOL=150")
    assert refused.exit_code == 3
    said = " ".join(refused.stderr.split())
    assert "give [contract.margin] for it in your contracts file" in said
    assert 'contracts_file = "FILE"' in said


def test_a_contract_is_shown_with_its_sources() -> None:
    """Every figure points to a source, and what is unknown is said."""
    result = run("contracts", "show", "bybit:BTC/USD:BTC")
    assert result.exit_code == 0, result.output
    assert re.search(r"taker fee +0\.055 % +\[\d\]", result.stdout)
    assert re.search(r"liquidation fee +unknown", result.stdout)
    assert "[1] Bybit" in result.stdout


def test_a_dated_contract_is_shown() -> None:
    """A day of the calendar makes a contract, with its expiry."""
    result = run("contracts", "show", "bybit:BTC/USD:BTC-241227")
    assert re.search(r"expires +2024-12-27 08:00 UTC", result.stdout)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("show", "bybit:BTC/USD"), 3, "bybit"),
        (("show", "nowhere:BTC/USD:BTC"), 3, "nowhere"),
        (("show", "BTC"), 2, "VENUE:SYMBOL"),
        (("list", "--venue", "bybitt"), 3, 'did you mean "bybit"?'),
        (("list", "--contracts", "none.toml"), 3, "none.toml"),
    ],
)
def test_unknown_contracts_are_told(words: tuple[str, ...], code: int, message: str) -> None:
    """A wrong name is an error in words, exit code 3."""
    result = run("contracts", *words)
    assert (result.exit_code, result.stdout) == (code, "")
    assert message in " ".join(result.stderr.split())


def test_own_contracts_are_laid_over(tmp_path: Path) -> None:
    """A user's file changes a figure and adds its name as the source."""
    own = tmp_path / "own.toml"
    own.write_text(
        '[[contract]]\nvenue = "bybit"\nsymbol = "BTC/USD:BTC"\nfees = { taker = 0.0003 }\n'
    )
    result = run("contracts", "show", "bybit:BTC/USD:BTC", "--contracts", own)
    assert re.search(r"taker fee +0\.03 %", result.stdout)
    assert "own.toml" in result.stdout


# --- schemas, version, help -----------------------------------------------------------


@pytest.mark.parametrize("name", published_names())
def test_a_schema_is_printed(name: str) -> None:
    """Each published schema is a valid one, printed whole."""
    found = printed("schema", name)
    Draft202012Validator.check_schema(found)
    assert found == published(name)
    assert json.loads(run("schema", name).stdout) == found


def test_what_is_printed_is_as_published(tmp_path: Path) -> None:
    """`--json` of each verb obeys its schema."""
    samples = {
        "check": printed("check", mandate(tmp_path)),
        "init": printed("init", tmp_path / "new.toml", "--yes"),
        "contracts": printed("contracts", "list"),
        "version": printed("version"),
    }
    for name, sample in samples.items():
        Draft202012Validator(published(name)).validate(sample)
    Draft202012Validator(published("contracts")).validate(printed("contracts", "find", "SOL"))
    one = printed("contracts", "show", "deribit:BTC/USD:BTC-241227")
    Draft202012Validator(published("contracts")).validate(one)
    assert one["contracts"][0]["key"] == "deribit:BTC/USD:BTC-241227"


def test_published_objects_name_all_their_keys() -> None:
    """No schema of ours lets an unnamed key pass, and each key is described."""
    for name in {*published_names()} - {"mandate"}:
        for table in tables_of(published(name)):
            assert table["additionalProperties"] is False
            assert table["required"] == list(table["properties"])


def tables_of(found: dict[str, dict[str, dict[str, object]]]) -> Iterator[dict[str, object]]:
    """The objects with fixed keys of a schema."""
    yield found  # type: ignore[misc]
    yield from found.get("$defs", {}).values()


def test_the_version_is_printed() -> None:
    """As a verb, as JSON, and as the option that people try first."""
    version = printed("version")["version"]
    assert run("version").stdout == f"volsculpt {version}\n"
    assert run("--version").stdout == f"{version}\n"


def test_help_tells_the_exit_codes() -> None:
    """Each class of error has its code in --help and on the page of the command line."""
    page = Path(__file__).parents[2] / "docs" / "cli.md"
    told = {int(code) for code in re.findall(r"^  (\d+) +", EXIT_CODES, flags=re.MULTILINE)}
    kinds = [one for one in vars(errors).values() if isinstance(one, type)]
    codes = {one.exit_code for one in kinds if issubclass(one, errors.VolsculptError)}
    assert told == {0, *codes}
    assert EXIT_CODES.strip("\b\n") in run("--help").stdout.replace("\n  ", "\n")
    assert {int(c) for c in re.findall(r"^\| (\d+) \|", page.read_text(), re.MULTILINE)} == told


def test_one_of_a_unit_is_no_plural(tmp_path: Path) -> None:
    """A year, a day and an hour: of a run, a hedge, a contract's funding, a flow."""
    flow = "\n[[flow]]\naccount = 'vault'\ncurrency = 'BTC'\namount = 1\nevery = '1d'\n"
    (tmp_path / "flow").mkdir()
    path = mandate(tmp_path / "flow", MANDATE + flow)
    year = ("--from", "2021-01-01", "--to", "2022-01-01", "--step", "1d", "--draws", "0")
    hedge = ("hedge", "1", "BTC", "--for", "1d", "--price", "BTC=60000", "--file", tmp_path / "h")
    told = {
        ", 1 year\n": ("backtest", mandate(tmp_path), *year),
        "Funding over 1 day is": hedge,
        "a rate for 1 hour,": ("contracts", "show", "kraken:BTC/USD:BTC"),
        "every 1 day": ("check", path),
    }
    for words, command in told.items():
        result = run(*command)
        assert result.exit_code == 0, result.output
        assert words in result.stdout, result.stdout


def test_an_unexpected_error_keeps_its_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake of the program is not dressed up as one of the user."""

    def broken(path: Path) -> None:
        raise ZeroDivisionError(path)

    monkeypatch.setattr(verbs, "load", broken)
    result = run("check", mandate(tmp_path))
    assert isinstance(result.exception, ZeroDivisionError)


def test_a_word_that_is_no_verb() -> None:
    """An unknown verb is a usage error."""
    assert run("plam").exit_code == 2
