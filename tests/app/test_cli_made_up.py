"""Every venue, every example and every path of the made-up market, as a new user tries them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.app.running import printed, run
from tests.simulate.plain import plainly
from tests.structure.source_tree import ROOT
from volsculpt.contracts.catalog import BUILT_IN
from volsculpt.market.market_paths import PATHS

EXAMPLES = sorted(
    path
    for path in (ROOT / "examples").rglob("*.toml")
    if "[[hedge]]" in path.read_text(encoding="utf-8")
)
FEW = ("--step=8h", "--draws=0")
THIN = """
version = 1
name = "thin"
[[account]]
name = "vault"
kind = "cold"
balances = { BTC = 10 }
[[account]]
name = "f"
kind = "margin"
venue = "okx"
balances = { USDT = 200_000 }
[[account.position]]
contract = "BTC/USDT:USDT"
contracts = -1_000
entry = 60_000.0
[[hedge]]
underlying = "BTC"
ratio = 1
use = [{ account = "f", contract = "BTC/USDT:USDT" }]
"""


def written(folder: Path, venue: str, kind: str) -> Path:
    """What `volsculpt init` writes for a venue."""
    path = folder / f"{venue}-{kind}.toml"
    words = ("--venue", venue, "--contracts", kind, "--coin", "BTC=2", "--yes")
    assert run("init", path, *words, "--margin", "0.5 BTC, 90000 USDT").exit_code == 0
    return path


def days_later(path: Path, *words: str | Path) -> dict[str, Any]:
    """A backtest of three days from the third day of its made-up market on."""
    with plainly():
        return printed("backtest", path, *FEW, *words)


@pytest.mark.parametrize("kind", ["best", "linear"])
@pytest.mark.parametrize("venue", BUILT_IN)
def test_every_venue_can_be_tried_at_once(venue: str, kind: str, tmp_path: Path) -> None:
    """`init`, then plan, backtest and paper, without any data."""
    path = written(tmp_path, venue, kind)
    assert run("plan", path, "--price", "BTC=60000", "--price", "USDT=1").exit_code == 0
    made = days_later(path, "--from=2023-03-01", "--to=2023-03-04")
    assert "synthetic" in json.dumps(made["warnings"])
    steps = run("paper", path, "--ledger", "memory:", "--steps", "3")
    assert steps.exit_code == 0, steps.output


@pytest.mark.slow
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda one: one.stem)
def test_every_example_runs(path: Path) -> None:
    """Backtest and paper; funding that is swept is only backtested, and says so."""
    days_later(path, "--from=2023-03-01", "--to=2023-03-04")
    steps = run("paper", path, "--ledger", "memory:", "--steps", "3")
    swept = "a desk does not sweep funding" in steps.output
    assert steps.exit_code == (2 if swept else 0), steps.output
    assert swept == ("[[sweep]]" in path.read_text(encoding="utf-8"))


def test_a_thin_short_is_liquidated_in_a_squeeze_alone(tmp_path: Path) -> None:
    """A month holds one, in which a third of the price as margin is not enough."""
    path = tmp_path / "thin.toml"
    path.write_text(THIN, encoding="utf-8")
    month = ("--from=2021-03-01", "--to=2021-04-01", "--price=BTC=60000")
    for name, is_thin in (("calm", False), ("squeeze", True)):
        events = days_later(path, *month, "--market", name)["events"]
        assert (events["liquidations"] != []) == is_thin


@pytest.mark.parametrize("verb", ["backtest", "paper"])
def test_help_names_every_path(verb: str) -> None:
    """The option's words are written before any market is known."""
    words = " ".join(run(verb, "--help").stdout.split())
    assert f"{', '.join([*PATHS][:-1])} or {[*PATHS][-1]}" in words


@pytest.mark.parametrize("market", PATHS)
def test_each_path_says_what_it_is(market: str, tmp_path: Path) -> None:
    """In the first line of the verdict, on paper too; the same words give the same figures."""
    path = written(tmp_path, "bybit", "inverse")
    span = ("--from=2021-03-01", "--to=2021-03-04", "--market", market)
    with plainly():
        shown = [run("backtest", path, *FEW, *span) for _ in range(2)]
    assert shown[0].stdout == shown[1].stdout
    words = f"the prices are made up ({market}: {PATHS[market].words}): this proves nothing"
    assert words in " ".join(shown[0].stdout.split())
    desk = run("paper", path, "--ledger", "memory:", "--steps", "1", "--market", market)
    assert f"synthetic market ({market}: {PATHS[market].words})" in desk.stderr


def test_a_market_begins_at_the_prices_that_are_given(tmp_path: Path) -> None:
    """`--quotes`, and `--price` before it, in a backtest and on paper."""
    path = written(tmp_path, "okx", "best")
    later = ("--from=2021-03-01", "--to=2021-03-04", "--series")
    made = days_later(path, *later, "--price", "BTC=12345")
    assert json.dumps(made).count("12,345 USD at the beginning") == 1
    file = tmp_path / "quotes.toml"
    file.write_text("[index]\nBTC = 23_456\nSOL = 1\n", encoding="utf-8")
    quoted = ("--quotes", file)
    assert "23,456 USD at the beginning" in json.dumps(days_later(path, *later, *quoted))
    both = days_later(path, *later, *quoted, "--price", "BTC=12345")
    assert "12,345 USD at the beginning" in json.dumps(both)
    desk = run("paper", path, "--ledger", "memory:", "--steps", "1", *quoted)
    assert desk.exit_code == 0, desk.output


@pytest.mark.parametrize("other", [("--market", "calm"), ("--price", "BTC=1000"), ()])
def test_a_desk_goes_on_in_its_own_market_alone(other: tuple[str, ...], tmp_path: Path) -> None:
    """Another path or price than it was begun with is refused; one that names none goes on."""
    path, ledger = written(tmp_path, "okx", "best"), tmp_path / "a.ledger"
    begun = ("paper", path, "--ledger", ledger, "--steps", "2")
    assert run(*begun, "--market", "squeeze").exit_code == 0
    assert run(*begun, "--market", "squeeze").exit_code == 0
    refused = run(*begun, *other)
    assert refused.exit_code == 11, refused.output
    assert "other accounts, terms or market" in refused.stderr
    journal = tmp_path / "a.ledger.venue"
    head, _, rest = journal.read_text(encoding="utf-8").partition("\n")
    unnamed = {name: one for name, one in json.loads(head).items() if name != "made_up"}
    journal.write_text(f"{json.dumps(unnamed)}\n{rest}", encoding="utf-8")
    assert run(*begun, "--market", "squeeze").exit_code == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--market", "moon"), 8, "no made-up market 'moon'; choose one of mixed, calm, bull"),
        (("--market", "calm", "--data", "x"), 2, "it is of the made-up market, and --data names"),
        (("--quotes", "x", "--data", "x"), 2, "it is of the made-up market, and --data names"),
        (("--quotes", "x"), 4, "x: no such quotes file"),
        (("--price", "BTC=1", "--data", "x"), 2, "it is of the made-up market, and --data names"),
        (
            ("--market", "calm", "--from=2015-01-01", "--to=2015-02-01"),
            3,
            "leave --from and --to out, and the made-up market is of a time in which it exists",
        ),
        (("--price", "ETX=1"), 4, "--price ETX: the mandate has no ETX; its market has BTC"),
        (("--price", "BTC=1", "--price", "BTC=2"), 4, "given 2 times; keep one"),
        (("--price", "BTC=-1"), 4, "--price"),
    ],
)
@pytest.mark.parametrize("verb", ["backtest", "paper"])
def test_what_cannot_be_made_up_is_told(
    verb: str, words: tuple[str, ...], code: int, said: str, tmp_path: Path
) -> None:
    """The option, what is wrong with it, and the fix."""
    path = written(tmp_path, "okx", "best")
    more = ("--ledger", "memory:") if verb == "paper" else ()
    result = run(verb, path, *words, *more)
    assert result.exit_code == code, result.output
    assert said in " ".join(result.stderr.replace("│", " ").split())
