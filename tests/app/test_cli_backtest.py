"""`volsculpt backtest`, on some weeks of the synthetic market."""

import json
import re
import subprocess
import sys
import webbrowser
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.app.running import mandate, printed, run
from tests.mandate.samples import SHORTEST
from tests.structure.source_tree import ROOT
from volsculpt.app.cli.published import published
from volsculpt.errors import HistoryError
from volsculpt.market.synthetic import demo_market
from volsculpt.simulate import compiled
from volsculpt.simulate import run as mandate_run
from volsculpt.verbs import backtest

WEEKS = ("--from=2020-03-01", "--to=2020-04-12", "--step=8h")
MANDATE = ROOT / "examples" / "history.toml"
SYNTHETIC = "no --data: this is the synthetic market, not a real one\n"


@pytest.fixture(autouse=True)
def warm(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said does not depend on whether some other test has compiled already."""
    monkeypatch.setattr(compiled, "is_kept", lambda place: True)


def test_a_backtest_is_printed() -> None:
    """With --full the three books, the span, and that the market is made up."""
    result = run("backtest", MANDATE, *WEEKS, "--full")
    assert result.exit_code == 0, result.output
    lines = result.stdout.split("\n")
    assert (
        lines[0] == "history, synthetic backtest from 2020-03-01 00:00 UTC to 2020-04-12 00:00 UTC,"
    )
    assert [
        word for word in ("Hedged:", "Unhedged:", "Static hedge:") if word in result.stdout
    ] != []
    assert (
        "! this market is made up; it proves nothing about real ones [synthetic]" in result.stdout
    )
    assert result.stderr == SYNTHETIC
    assert max(len(line) for line in lines) <= 80


def test_a_verdict_of_one_screen_is_printed_first() -> None:
    """That prices are made up before any figure; the tables are those of --full."""
    result = run("backtest", MANDATE, *WEEKS)
    assert result.exit_code == 0, result.output
    lines = result.stdout.rstrip("\n").split("\n")
    assert lines[:3] == [
        "history, backtest from 2020-03-01 to 2020-04-12, 42 days",
        "",
        "! the prices are made up: this proves nothing about real ones",
    ]
    assert lines[-1] == "all tables: --full; charts: --report page.html; every figure: --json"
    assert len(lines) <= 17
    assert "WHAT HAPPENED" not in result.stdout


def test_a_mandate_without_hedges_is_refused_in_words(tmp_path: Path) -> None:
    """There are no contracts, no ratios and no trades to run: what to add is said."""
    bare = 'version = 1\n[[account]]\nname = "vault"\nkind = "cold"\nbalances = { BTC = 1 }\n'
    result = run("backtest", mandate(tmp_path, bare), *WEEKS)
    assert result.exit_code == 5, result.output
    assert "there is no [[hedge]], so nothing to backtest; add one" in result.stderr
    assert "Traceback" not in result.output


def test_json_is_as_published() -> None:
    """`--json` prints one object of the published form, with the series when they are asked for."""
    plain = printed("backtest", MANDATE, *WEEKS)
    Draft202012Validator(published("backtest")).validate(plain)
    assert plain["series"] is None
    assert (plain["begins"], plain["days"]) == ("2020-03-01T00:00:00Z", 42)
    whole = printed("backtest", MANDATE, *WEEKS, "--series")
    Draft202012Validator(published("backtest")).validate(whole)
    assert len(whole["series"]["time_ms"]) == 42 * 3 + 1
    assert {**whole, "series": None, "rolling": None} == plain


def test_every_payment_is_printed_when_it_is_asked_for() -> None:
    """With `--full`; else their totals alone, which say the same."""
    plain = printed("backtest", MANDATE, *WEEKS)
    full = printed("backtest", MANDATE, *WEEKS, "--full")
    Draft202012Validator(published("backtest")).validate(full)
    cash = full["events"]["cash"]
    assert plain["events"] == {**full["events"], "cash": None}
    totals = plain["events"]["cash_totals"]
    assert sum(one["times"] for one in totals) == len(cash)
    for total in totals:
        own = [one for one in cash if one["contract"] == total["contract"]]
        assert sum(one["coins"] for one in own) == pytest.approx(total["coins"], rel=1e-12)


def test_costs_are_paid() -> None:
    """A wider spread and slippage cost more; without both, only the last price against the mark."""
    cost = {share: slippage("--half-spread", share) for share in ("0", "0.0001", "0.01")}
    assert cost["0.01"] < cost["0.0001"] < cost["0"]
    assert slippage("--half-spread", "0.01 %") == cost["0.0001"]
    assert slippage("--half-spread", "0.01%", "--slippage", "0%") == cost["0.0001"]
    both = slippage("--half-spread=0.0001", "--slippage=0.99%")
    assert both == pytest.approx(cost["0.01"], rel=1e-9)


def test_every_fill_says_why() -> None:
    """What the hedge held and what it was to hold, when the order was decided."""
    orders = printed("backtest", MANDATE, *WEEKS)["events"]["orders"]
    assert orders[0]["reason"] == "first decision"
    later = [one["reason"] for one in orders if one["reason"] != "first decision"]
    assert later
    assert all(re.fullmatch(r"(BTC|ETH) held [\d.]+ % of (60|40) %", one) for one in later)
    late = printed("backtest", MANDATE, *WEEKS, "--order-delay=3")["events"]["orders"]
    assert late[0]["reason"] == "first decision"


def test_a_run_loads_only_what_it_needs() -> None:
    """No store is read, no matrix multiplied, no figure drawn: nothing is loaded for them."""
    code = (
        "import sys; from volsculpt.app.cli.program import app;"
        f"app({[str(word) for word in ('backtest', MANDATE, *WEEKS)]!r}, standalone_mode=False);"
        "loaded = {'polars', 'scipy.linalg', 'plotly', 'matplotlib', 'pandas'} & set(sys.modules);"
        "print(sorted(loaded), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.split("\n")[-2] == "[]"


def slippage(*flags: str) -> float:
    """What slippage took of wealth, US dollars."""
    found = printed("backtest", MANDATE, *WEEKS, *flags)
    (usd,) = [one["usd"] for one in found["attribution"] if one["part"] == "slippage"]
    return float(usd)


def test_draws_are_asked_for() -> None:
    """As many resampled histories as asked; 2,000 when nothing is said, and none with 0."""
    made = {
        draws: printed("backtest", MANDATE, *WEEKS, *flags)["bootstrap"]["draws"]
        for draws, flags in ((2_000, ()), (50, ("--draws", "50")), (0, ("--draws=0",)))
    }
    assert made == {draws: draws for draws in made}
    bare = run("backtest", MANDATE, *WEEKS, "--draws", "0", "--full").stdout
    assert "range" not in bare[: bare.index("EVENTS")]


def test_the_default_spread_is_told() -> None:
    """What --help calls the default is what is taken."""
    assert slippage() == slippage("--half-spread", "0.0001")
    assert "[default: 0.0001]" in run("backtest", "--help").stdout


def test_orders_wait() -> None:
    """An order fills at the open after the decision, and as many steps later as asked."""
    first = {delay: first_fill("--order-delay", delay) for delay in ("0", "3")}
    assert first == {"0": "2020-03-01T00:00:00Z", "3": "2020-03-02T00:00:00Z"}


def first_fill(*flags: str) -> str:
    """When the first order was filled."""
    found = printed("backtest", MANDATE, *WEEKS, *flags)
    return str(found["events"]["orders"][0]["time"])


def test_transfers_take_time() -> None:
    """Coins that move are there at the next open, or at the end of as many steps as asked."""
    assert [steps_on_the_way(delay) for delay in ("0", "1", "5")] == [0, 0, 4]


def steps_on_the_way(delay: str) -> int:
    """At how many stamps the first transfer had left and not arrived."""
    found = printed("backtest", MANDATE, *WEEKS, "--transfer-delay", delay, "--series")
    assert found["events"]["transfers"] != []
    columns = found["series"]["columns"]
    away = [column for name, column in columns.items() if "(on its way)" in name]
    moving = [any(row) for row in zip(*away, strict=True)]
    return moving[moving.index(True) :].index(False) if any(moving) else 0


def test_a_day_is_its_midnight() -> None:
    """A day and a time with an offset that name the same moment are the same run."""
    times = ("--from=2020-03-01T01:00:00+01:00", "--to=2020-04-12T00:00:00Z", "--step=480m")
    assert printed("backtest", MANDATE, *times) == printed("backtest", MANDATE, *WEEKS)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--from", "2021-04-01", "--to", "2021-03-01"), 2, "2021-03-01 is not after --from"),
        (("--from", "2021-04-01", "--to", "2021-04-01"), 2, "is not after --from 2021-04-01"),
        (("--from", "2021-02-31"), 2, "write a day, 2021-01-01"),
        (("--from", "2021-01-01T00:00:00"), 2, "write a day, 2021-01-01"),
        (("--from", "soon"), 2, "write a day, 2021-01-01"),
        (("--to", "9999-01-01"), 2, "write a day, 2021-01-01"),
        (("--from", "2031-01-01"), 8, "there is no step of 1h"),
        (("--from", "2021-01-01", "--to", "2021-01-01T01:00:00Z", "--step", "8h"), 8, "no step"),
        (("--from", "2010-01-01", "--to", "2010-02-01"), 3, "exists from 2018-11-14"),
        (("--step", "often"), 2, "write it like 15m, 8h or 30d"),
        (("--step", "7d"), 2, "from a minute (1m) to a day (1d)"),
        (("--step", "1s"), 2, "from a minute (1m) to a day (1d)"),
        (("--half-spread", "nan"), 2, "no share of price"),
        (
            ("--half-spread", "1"),
            2,
            "no share of price: must be 0.2 or less: it is a",
        ),
        (("--half-spread", "50%"), 2, "no share of price: must be 0.2 or less"),
        (("--slippage", "half"), 2, "no share of price; write 0.0001, or 0.01%"),
        (("--slippage", "-0.1"), 2, "no share of price"),
        (("--order-delay", "-1"), 2, "--order-delay"),
        (("--draws", "-1"), 2, "--draws"),
        (("--draws", "many"), 2, "--draws"),
        (("--series",), 2, "nothing without --json"),
        (("--report", "run.pdf"), 2, ".html or .png"),
        (("--report", "no/such/run.html"), 2, "there is no folder"),
        (("--report", str(ROOT)), 2, ".html or .png"),
        (("--data", "nowhere"), 8, "needs --from and --to"),
        (
            ("--data", "nowhere", "--from", "2021-01-01", "--to", "2021-02-01"),
            8,
            "there is no such folder; `volsculpt data import FOLDER --data nowhere`",
        ),
        (("--width", "10"), 2, "--width"),
    ],
)
def test_mistakes_are_told(words: tuple[str, ...], code: int, message: str) -> None:
    """Each mistake has its exit code and a message on stderr; stdout stays empty."""
    result = run("backtest", MANDATE, *words)
    assert (result.exit_code, result.stdout) == (code, "")
    assert message in " ".join(result.stderr.split())


def test_a_contract_without_history_is_told(tmp_path: Path) -> None:
    """What a history that is given does not have is named, and what it has."""
    text = MANDATE.read_text(encoding="utf-8").replace('"bybit"', '"binance"', 1)
    with pytest.raises(HistoryError) as raised:
        backtest(mandate(tmp_path, text), demo_market().history, from_ns=1_614_556_800 * 10**9)
    told = str(raised.value)
    assert (
        "no history of binance:BTC/USD:BTC; nearest of the 48 there are: bybit:BTC/USD:BTC, "
    ) in told
    assert told.count("bybit:") == 4
    assert "bybit:BTC/USDT:USDT" in told
    assert "`volsculpt data list`" in told


def test_a_span_past_the_end_of_history_is_refused() -> None:
    """Prices that stand still prove nothing: the message says where the history ends."""
    past = ("--from=2024-12-01", "--to=2025-01-05", "--step=8h")
    for more in ((), ("--allow-missing-funding",)):
        refused = run("backtest", MANDATE, *past, *more)
        assert (refused.exit_code, refused.stdout) == (8, "")
        assert "ends at 2024-12-30" in refused.stderr


def test_a_mandate_is_read_before_anything_is_run(tmp_path: Path) -> None:
    """What is wrong with the file is all that is said."""
    result = run("backtest", mandate(tmp_path, "version = 1\nwrong = 1\n"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "wrong" in result.stderr
    assert SYNTHETIC not in result.stderr


@pytest.mark.compiled
def test_a_cold_cache_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever waits for the compiler knows why; standard output is the report alone."""
    run("backtest", MANDATE, *WEEKS)
    (ready,) = set(compiled.compiled_run()._ready.values())
    monkeypatch.setattr(compiled, "is_kept", lambda place: False)
    cold = compiled.CompiledKernel(lambda place: ready, tmp_path)
    monkeypatch.setattr(mandate_run, "compiled_run", lambda: cold)
    result = run("backtest", MANDATE, *WEEKS, "--json")
    assert result.stderr == f"{SYNTHETIC}{compiled.WAIT}; it is kept in {tmp_path}\n"
    assert json.loads(result.stdout)["name"] == "history"


def test_a_page_and_a_picture_are_written(tmp_path: Path) -> None:
    """--report writes what the file's name says, and tells so on stderr."""
    for name, start in (("run.html", b"<!doctype html>"), ("run.png", b"\x89PNG")):
        path = tmp_path / name
        result = run("backtest", MANDATE, *WEEKS, "--report", path)
        assert result.exit_code == 0, result.output
        assert path.read_bytes().startswith(start)
        assert result.stderr == f"{SYNTHETIC}wrote {path}\n"


def test_a_page_and_a_picture_of_one_run(tmp_path: Path) -> None:
    """--report may be repeated."""
    paths = [tmp_path / "run.html", tmp_path / "run.png"]
    flags = [word for path in paths for word in ("--report", path)]
    assert run("backtest", MANDATE, *WEEKS, "--draws=0", *flags).exit_code == 0
    assert all(path.stat().st_size > 10_000 for path in paths)


@pytest.mark.parametrize("found", [True, False])
def test_a_page_is_opened(found: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The one asked for, else one by the mandate's name; without a browser that is told."""
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda uri: opened.append(uri) or found)
    monkeypatch.chdir(tmp_path)
    flags = ("--draws", "0", "--open")
    own = run("backtest", MANDATE, *WEEKS, *flags, "--report", "own.png", "--report", "own.html")
    bare = run("backtest", MANDATE, *WEEKS, *flags)
    plan = run("plan", MANDATE, "--price", "BTC=60000", "--price", "ETH=3000", "--open")
    assert [own.exit_code, bare.exit_code, plan.exit_code] == [0, 0, 0], plan.output
    pages = ["own.html", "history-backtest.html", "history-plan.html"]
    assert opened == [(tmp_path / name).as_uri() for name in pages]
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted([*pages, "own.png"])
    for name, result in zip(pages, (own, bare, plan), strict=True):
        told = f"no browser was found here; open {name} yourself" in result.stderr
        assert told is not found


def test_a_report_that_cannot_be_written(tmp_path: Path) -> None:
    """A folder in the place of the file is an error in words, before anything is run."""
    (tmp_path / "run.html").mkdir()
    result = run("backtest", MANDATE, *WEEKS, "--report", tmp_path / "run.html")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "cannot be written" in " ".join(result.stderr.split())


def test_colour_is_asked_for_or_not() -> None:
    """A pipe gets none; always and never are obeyed."""
    words = ["backtest", MANDATE, *WEEKS]
    assert "\x1b" not in run(*words).stdout
    assert "\x1b" not in run(*words, "--color", "never").stdout
    assert "\x1b[1" in run(*words, "--color", "always", NO_COLOR="1").stdout


def test_the_width_is_obeyed() -> None:
    """--width, else that of the terminal."""
    words = ["backtest", MANDATE, *WEEKS]
    for width, found in ((60, run(*words, "--width", "60")), (100, run(*words, COLUMNS="100"))):
        assert width - 15 <= max(len(line) for line in found.stdout.split("\n")) <= width


def test_a_time_before_a_contract_is_told_with_the_prices_there_are(tmp_path: Path) -> None:
    """That it did not exist yet is half of it: the history begins later still, or lacks it."""
    folder = tmp_path / "data"
    run("data", "import", ROOT / "examples" / "history", "--yes", "--data", folder)
    early = ("--from", "2015-01-01", "--to", "2015-02-01")
    other = tmp_path / "other.toml"
    other.write_text(SHORTEST.replace("bybit", "binance"), encoding="utf-8")
    own = tmp_path / "own.toml"
    own.write_text(SHORTEST, encoding="utf-8")
    told = {
        (own, *early): "prices of it are here from 2020-01-01 to 2024-12-30",
        (own, *early, "--data", folder): "prices of it are here from 2024-05-17 to 2024-05-20",
        (other, *early): "leave --from and --to out, and the made-up market is of a time in which",
        (other, *early, "--data", folder): "there are no prices of it in this history",
    }
    for words, said in told.items():
        result = run("backtest", *words)
        assert (result.exit_code, said in result.stderr) == (3, True), result.stderr
        assert "on; the time asked for is" in result.stderr
