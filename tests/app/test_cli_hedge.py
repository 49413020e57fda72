"""`volsculpt hedge`: coins in, one screen out, and the mandate beside it."""

import json
import shlex
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.app.running import printed, run
from tests.app.test_cli_data import stored
from volsculpt.app.cli.published import published
from volsculpt.contracts.catalog import load_catalog

PRICED = ("--price", "ETH=3000", "--price", "BTC=60000", "--time", "2024-05-20")
ONE = ("hedge", "0.2", "BTC", "--price", "BTC=60000", "--time", "2024-05-20")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder to stand in."""
    monkeypatch.delenv("VOLSCULPT_DATA", raising=False)
    with chdir(tmp_path):
        yield tmp_path


def test_no_file_is_needed_and_one_is_written(folder: Path) -> None:
    """One screen, in the order in which its owner asks; the file plans the same."""
    result = run("hedge", "1.3", "eth", "0.2", "btc", *PRICED)
    assert result.exit_code == 0, result.output
    lines = result.stdout.rstrip("\n").split("\n")
    assert len(lines) <= 25
    assert max(map(len, lines)) <= 80
    told = (
        "ETH 3,000",
        "You own",
        "1. MOVE",
        "2. SELL",
        "4. LIFT on 2024-06-19",
        "Fees",
        "ETH: liq",
    )
    told += ("if all move", "Instead:", "Wrote hedge.toml. All tables: volsculpt plan hedge.toml")
    places = [result.stdout.index(text) for text in told]
    assert places == sorted(places)
    plan = printed("plan", "hedge.toml", *PRICED)
    assert [step["contracts"] for step in plan["next_steps"]] == [3_900.0, 12_000.0]
    assert [file.name for file in folder.iterdir()] == ["hedge.toml"]


def test_the_command_that_is_named_works() -> None:
    """With the prices that were given, in capitals, and rates in quotes where they need them."""
    words = ("--price", "btc=60000", "--funding", "bybit:BTC/USD:BTC=0.01%")
    found = printed("hedge", "0.2btc", *words)
    command = shlex.split(found["next_command"])
    assert command[:3] == ["volsculpt", "plan", "hedge.toml"]
    result = run(*command[1:])
    assert result.exit_code == 0, result.output
    assert "+10.95 %" in result.stdout


@pytest.mark.parametrize(
    "options",
    [
        ("--price", "BTC=60000", "--time", "2024-05-20"),
        ("--price", "BTC=60000", "--time", "2024-05-20T08:00:00Z", "--lock", "quarter"),
        ("--price", "BTC=60000", "--funding", "bybit:BTC/USD:BTC=-0.01%", "--time", "2024-01-01"),
    ],
)
def test_the_command_that_is_named_plans_the_same_moment(options: tuple[str, ...]) -> None:
    """Its plan is of the screen's moment and holds the screen's steps."""
    dated = ("--price", "bybit:BTC/USD:BTC-240628=60600") if "--lock" in options else ()
    found = printed("hedge", "0.2", "BTC", *options, *dated)
    command = shlex.split(found["next_command"])
    plan = json.loads(run(*command[1:], "--json").stdout)
    assert plan["as_of"] == found["as_of"]
    sold = [step["contracts"] for step in found["steps"] if step["action"] == "sell"]
    assert [step["contracts"] for step in plan["next_steps"]] == sold


def test_no_file_is_overwritten(folder: Path) -> None:
    """The same question keeps its file; another takes the next name; a named one is refused."""
    assert printed(*ONE)["file"] == "hedge.toml"
    assert printed(*ONE)["file"] == "hedge.toml"
    assert printed(*ONE, "--ratio", "50%")["file"] == "hedge-2.toml"
    assert printed(*ONE, "--ratio", "0.25")["file"] == "hedge-3.toml"
    assert printed(*ONE, "--file", "mine.toml")["file"] == "mine.toml"
    (folder / "mine.toml").write_text("# edited\n", encoding="utf-8")
    refused = run(*ONE, "--file", "mine.toml")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "mine.toml: another file stands there; give another --file" in refused.stderr
    assert (folder / "mine.toml").read_text(encoding="utf-8") == "# edited\n"


def test_a_file_that_cannot_be_written_is_told() -> None:
    """With the option that names another place."""
    refused = run(*ONE, "--file", "no/such/folder.toml")
    assert refused.exit_code == 2
    assert "cannot be written" in refused.stderr
    assert "give --file" in refused.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("1.3", "ETH", "0.2", "BTC"),
        ("1.3 ETH, 0.2 BTC",),
        ("1.3eth", "0.2btc"),
        ("ETH=1.3", "BTC=0.2"),
        ("1.3", "ETH,", "0.2", "BTC"),
    ],
)
def test_coins_are_taken_in_any_natural_form(words: tuple[str, ...]) -> None:
    """In one word or several."""
    assert printed("hedge", *words, *PRICED)["coins"] == {"ETH": 1.3, "BTC": 0.2}


def test_what_is_printed_is_as_published() -> None:
    """Perpetual and dated, with what a person asked for in it."""
    schema = Draft202012Validator(published("hedge"))
    plain = printed(*ONE, "--for", "10 days", "--fall", "0.3", "--margin", "0.1 BTC")
    schema.validate(plain)
    asked = (plain["days"], plain["fall_ratio"], plain["owned_usd"])
    assert asked == pytest.approx((10.0, 0.3, 18_000.0))
    dated = ("--price", "bybit:BTC/USD:BTC-240628=60600")
    locked = printed(*ONE, "--lock", "quarter", *dated)
    schema.validate(locked)
    assert locked["until"] == "2024-06-28T08:00:00Z"
    assert printed(*ONE, "--until", "2024-05-30")["days"] == 10.0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--for", "30d", "--lock", "quarter"), 2, "--for and --lock each say when the hedge ends"),
        (("--for", "30d", "--until", "2024-06-01"), 2, "give one of them"),
        (("--until", "2024-06-01", "--lock", "week"), 2, "give one of them"),
        (("--fall", "150%"), 2, "write a fall above 0 % and below 100 %"),
        (("--fall", "20"), 2, "did you mean 20%?"),
        (("--fall", "0"), 2, "write a fall above 0 %"),
        (("--fall", "-20%"), 2, "write a fall above 0 %"),
        (("--fall", "much"), 2, "write a fall above 0 %"),
        (("--ratio", "1.2"), 2, "more than 100 % is a bet on a fall"),
        (("--ratio", "120%"), 2, "write a ratio between 0 and 1"),
        (("--ratio", "half"), 2, "write a number"),
        (("--for", "1m"), 2, "write a day or more"),
        (("--for", "3 fortnights"), 2, "write a day or more"),
        (("--for", "3m"), 2, 'write "3 months" or 91d'),
        (("--for", "0d"), 2, "write a day or more"),
        (("--for", "11000d"), 2, "to ten years"),
        (("--until", "soon"), 2, "is no time"),
        (("--until", "2024-05-19"), 2, "is not after 2024-05-20 00:00 UTC"),
        (("--venue", "ftx"), 2, f"choose one of {', '.join(load_catalog().venues())}"),
        (("--margin", "lots"), 2, "write an amount and a currency"),
        (("--lock", "quarter"), 4, "--price bybit:BTC/USD:BTC-240628=PRICE"),
        (("--lock", "year"), 2, '"year": choose one of quarter'),
        (("--at", "2024-05-20"), 2, "--at names the moment"),
    ],
)
def test_what_cannot_be_meant_is_said_and_writes_nothing(
    folder: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    """In words, with the fix; no file is left behind."""
    result = run(*ONE, *words)
    assert result.exit_code == code, result.output
    assert said in " ".join(result.stderr.split())
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("coins", "code", "said"),
    [
        (("1", "FOO"), 2, "FOO: no contract of the catalog is on it"),
        (("1", "WBTC"), 2, "is on it; if it is BTC, wrapped or staked, [assets.WBTC] underlying"),
        (("1", "stETH"), 2, '[assets.stETH] underlying = "ETH" in a mandate hedges it as that'),
        (("1", "SOL"), 2, "--venue binance has one"),
        (("100", "USDT"), 2, "has no price risk to hedge"),
        (("1", "BTC"), 4, "--price BTC=PRICE"),
    ],
)
def test_coins_that_cannot_be_hedged_are_told(coins: tuple[str, ...], code: int, said: str) -> None:
    """What they are, what there is, and which option helps."""
    result = run("hedge", *coins)
    assert result.exit_code == code, result.output
    assert said in result.stderr


def test_an_error_is_an_object_too() -> None:
    """With --json, on standard output."""
    result = run("hedge", "1", "FOO", "--json")
    assert '"exit_code": 2' in result.stdout


def test_stored_prices_are_taken_with_their_age(folder: Path) -> None:
    """To the end of what is stored, or as of a time; in the usual folder without a price."""
    root = stored(folder)
    found = printed("hedge", "0.2", "BTC", "--data", root)
    assert found["price_age_days"] > 1.0
    assert f"--at {found['as_of']} --data" in found["next_command"]
    result = run("hedge", "0.2", "BTC", "--data", root)
    assert "! these prices are" in result.stdout
    early = printed("hedge", "0.2", "BTC", "--data", root, "--at", "2024-01-02T08:30:00Z")
    assert early["as_of"] == "2024-01-02T08:30:00Z"
    assert early["funding"][0]["now_usd"] is not None
    command = shlex.split(early["next_command"])
    assert run(*command[1:]).exit_code == 0
    usual = run("hedge", "0.2", "BTC", VOLSCULPT_DATA=str(root))
    assert ", stored, " in usual.stdout
    given = run("hedge", "0.2", "BTC", "--price", "BTC=60000", VOLSCULPT_DATA=str(root))
    assert ", as given" in given.stdout


def test_a_usual_folder_that_lacks_a_coin_is_passed_over(folder: Path) -> None:
    """The price is asked for by its option, as where there is no folder."""
    root = stored(folder)
    result = run("hedge", "1", "SOL", "--venue", "binance", VOLSCULPT_DATA=str(root))
    assert result.exit_code == 4
    assert "--price SOL=PRICE" in result.stderr


def test_colour_is_printed_only_when_asked_for() -> None:
    """The same words."""
    plain, colored = run(*ONE), run(*ONE, "--color", "always")
    assert "\x1b[" not in plain.stdout
    assert "\x1b[" in colored.stdout
