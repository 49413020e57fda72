"""`volsculpt plan`."""

import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.app.running import mandate, printed, quotes, run
from volsculpt.app.cli.published import published

AT = "--time=2024-05-20T00:00:00Z"
EMPTY = """
version = 1
name = "empty"
[[account]]
name = "vault"
kind = "cold"
balances = { BTC = 1.0 }
[[account]]
name = "futures"
kind = "margin"
venue = "bybit"
balances = { BTC = 0.0 }
[[hedge]]
underlying = "BTC"
policy = "fixed"
ratio = 0.5
use = [{ account = "futures", contract = "BTC/USD:BTC" }]
[[collateral]]
source = ["vault"]
safe_leverage = 3
"""


def test_a_plan_is_printed(tmp_path: Path) -> None:
    """With one price there is a plan: what to do first, exit code 0."""
    result = run("plan", mandate(tmp_path), "--price", "BTC=60000", AT)
    assert result.exit_code == 0, result.output
    lines = result.stdout.split("\n")
    assert lines[0].startswith("small, 2024-05-20 00:00 UTC: wealth 176,923 USD")
    assert lines[3].startswith("SELL ")
    assert "assumed_mark" in result.stdout


def test_json_is_as_published(tmp_path: Path) -> None:
    """`plan --json` prints one object of the published form."""
    found = printed("plan", mandate(tmp_path), "--price", "BTC=60000", AT)
    Draft202012Validator(published("plan")).validate(found)
    assert found["as_of"] == "2024-05-20T00:00:00Z"
    assert found["orders"][0]["side"] == "sell"


def test_tables_show_the_book_once_coins_have_moved(tmp_path: Path) -> None:
    """An empty futures account: the figures of the step after the move stand in every table."""
    path = tmp_path / "empty.toml"
    path.write_text(EMPTY, encoding="utf-8")
    found = printed("plan", path, "--price", "BTC=60000", AT)
    Draft202012Validator(published("plan")).validate(found)
    (step,), then = found["next_steps"], found["then"]
    assert then["margin"][0]["leverage"] == step["leverage"] == pytest.approx(3.0)
    assert then["margin"][0]["liquidation_price"] == step["liquidation_price"]
    assert then["held"] == [{"underlying": "BTC", "held_ratio": pytest.approx(0.5, abs=2e-4)}]
    halved = then["scenarios"][0]["hedged_usd"]
    assert halved == pytest.approx(0.75 * 60_000.0, rel=1e-3)  # half of a fall of half
    assert found["scenarios"][0]["hedged_usd"] == 30_000.0
    text = " ".join(run("plan", path, "--price", "BTC=60000", AT).stdout.split())
    assert "once coins have moved and the orders are filled BTC is 50.01 % hedged" in text
    assert "futures BTC then 0.16666667 BTC 0.0025 3x BTC 89,550 +49.25 %" in text
    assert f"-50 % 30,000 30,000 30,000 0 {halved:,.0f}" in text
    still = printed("plan", mandate(tmp_path), "--price", "BTC=60000", AT)
    assert (still["then"] is None) == (still["transfers"] == [] and still["next_steps"] == [])


def test_quotes_come_from_a_file_and_flags_win(tmp_path: Path) -> None:
    """The file gives time, prices and rates; a flag replaces one of them."""
    files = [mandate(tmp_path), "--quotes", quotes(tmp_path)]
    found = printed("plan", *files)
    assert found["as_of"] == "2024-05-20T00:00:00Z"
    assert found["orders"][0]["reference_price"] == 60_030.0
    assert found["carry"][0]["funding_annual"] == pytest.approx(0.1095)
    own = printed(
        "plan", *files, "--price=bybit:BTC/USD:BTC=60100", "--funding=bybit:BTC/USD:BTC=-0.0001"
    )
    assert own["orders"][0]["reference_price"] == 60_100.0
    assert own["carry"][0]["funding_annual"] == pytest.approx(-0.1095)


def test_a_large_rate_is_questioned(tmp_path: Path) -> None:
    """0.01 is 1 % a stamp; 0.01% is what was meant more often, and asks nothing."""
    path, key = mandate(tmp_path), "bybit:BTC/USD:BTC"
    told = printed("plan", path, "--price", "BTC=60000", f"--funding={key}=0.01")
    assert told["carry"][0]["funding_annual"] == pytest.approx(10.95)
    (warning,) = (line for line in told["warnings"] if line.startswith("funding_large"))
    assert "is 1 % a stamp, 1,095 % a year" in warning
    assert warning.endswith(f"if 0.01 % was meant, give --funding {key}=0.01%")
    file = tmp_path / "percent.toml"
    file.write_text(f'[index]\nBTC = 60_000\n[funding]\n"{key}" = "0.01%"\n', encoding="utf-8")
    for words in (("--price", "BTC=60000", f"--funding={key}=0.01%"), ("--quotes", file)):
        plain = printed("plan", path, *words)
        assert plain["carry"][0]["funding_annual"] == pytest.approx(0.1095)
        assert not any(line.startswith("funding_large") for line in plain["warnings"])
    file.write_text(f'[index]\nBTC = 60_000\n[funding]\n"{key}" = 0.01\n', encoding="utf-8")
    assert any("1,095 %" in line for line in printed("plan", path, "--quotes", file)["warnings"])


def test_without_a_time_the_plan_speaks_of_now(tmp_path: Path) -> None:
    """The clock is read when nobody names a moment."""
    found = printed("plan", mandate(tmp_path), "--price", "BTC=60000")
    assert found["as_of"] > "2024-05-20T00:00:00Z"


def test_a_day_is_its_midnight(tmp_path: Path) -> None:
    """--time takes a day as --at of every verb does."""
    found = printed("plan", mandate(tmp_path), "--price", "BTC=60000", "--time", "2024-05-20")
    assert found["as_of"] == "2024-05-20T00:00:00Z"


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ((), 4, "--price BTC=PRICE"),
        (("--price", "BTC"), 4, "expected NAME=NUMBER"),
        (("--price", "BTC=-1"), 4, "must be positive"),
        (("--price", "BTC=nan"), 4, "must be positive and finite"),
        (("--price", "BTC=1", "--price", "BTC=2"), 4, "BTC=...: given 2 times"),
        (("--price", "BTC=60000", "--funding", "x"), 4, "expected CONTRACT=RATE"),
        (("--price", "BTC=60000", "--funding", "x=y"), 4, "the funding rate of x must be a"),
        (("--quotes", "none.toml"), 4, "none.toml: no such quotes file"),
        (("--quotes", "."), 4, ".: the quotes file cannot be read: Is a directory; name a TOML"),
        (("--price", "BTC=60000", "--time", "2024-05-20T08:00"), 2, "write a day, 2021-01-01, or"),
        (("--price", "BTC=60000", "--time", "soon"), 2, "'soon' is no time"),
        (("--price", "BTC=60000", "--width", "10"), 2, "--width"),
        (("--price", "BTC=60000", "--figure", "plan.pdf"), 2, ".html or .png"),
        (("--price", "BTC=60000", "--figure", "no/such/plan.png"), 2, "there is no folder"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, words: tuple[str, ...], code: int, message: str) -> None:
    """Each mistake has its exit code and a message on stderr; stdout stays empty."""
    result = run("plan", mandate(tmp_path), *words)
    assert (result.exit_code, result.stdout) == (code, "")
    assert message in " ".join(result.stderr.replace("│", " ").split())


def test_every_problem_of_a_mandate_is_told(tmp_path: Path) -> None:
    """Two mistakes in the file are two lines."""
    path = mandate(
        tmp_path, 'version = 1\nnames = "x"\n[[hedge]]\nunderlying = "BTC"\nratioo = 1\n'
    )
    result = run("plan", path, "--price", "BTC=60000")
    assert result.exit_code == 2
    assert "problems\n- " in result.stderr
    assert "names" in result.stderr
    assert "ratioo" in result.stderr


def test_a_page_and_a_picture_are_written(tmp_path: Path) -> None:
    """--figure writes what the file's name says, and tells so on stderr."""
    for name, start in (("plan.html", b"<!doctype html>"), ("plan.png", b"\x89PNG")):
        figure = tmp_path / name
        result = run("plan", mandate(tmp_path), "--price", "BTC=60000", "--figure", figure)
        assert result.exit_code == 0, result.output
        assert figure.read_bytes().startswith(start)
        assert result.stderr == f"wrote {figure}\n"


def test_a_figure_that_cannot_be_written(tmp_path: Path) -> None:
    """A folder in the place of the file is an error in words."""
    (tmp_path / "plan.html").mkdir()
    flags = ["--price", "BTC=60000", "--figure", tmp_path / "plan.html"]
    result = run("plan", mandate(tmp_path), *flags)
    assert result.exit_code == 2
    assert "cannot be written" in " ".join(result.stderr.split())


def test_colour_is_asked_for_or_not(tmp_path: Path) -> None:
    """A pipe gets none; always and never are obeyed."""
    words = ["plan", mandate(tmp_path), "--price", "BTC=60000"]
    assert "\x1b" not in run(*words).stdout
    assert "\x1b" not in run(*words, "--color", "never").stdout
    assert "\x1b[1" in run(*words, "--color", "always").stdout
    assert "\x1b[1" in run(*words, "--color", "always", NO_COLOR="1").stdout


def test_the_width_is_asked_for_or_the_terminals(tmp_path: Path) -> None:
    """--width is obeyed; else the terminal's, to 120."""
    words = ["plan", mandate(tmp_path), "--price", "BTC=60000"]
    for width, found in (
        (60, run(*words, "--width", "60")),
        (50, run(*words, COLUMNS="50")),
        (120, run(*words, COLUMNS="300")),
    ):
        longest = max(len(line) for line in found.stdout.split("\n"))
        assert width - 15 <= longest <= width


def test_a_plan_loads_only_what_it_needs(tmp_path: Path) -> None:
    """No rich for JSON, no plotly for text; for a fixed ratio no numpy, no market conditions."""
    words = ["plan", str(mandate(tmp_path)), "--price", "BTC=60000"]
    for flags, never in (
        (["--json"], {"rich", "plotly", "matplotlib", "numpy", "numba", "polars"}),
        ([], {"plotly", "matplotlib", "numpy", "numba", "polars"}),
    ):
        code = (
            "import sys\nfrom volsculpt.app.cli import main\n"
            f"sys.argv = ['volsculpt', *{[*words, *flags]!r}]\n"
            "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
            "print(' '.join(sorted(sys.modules)), file=sys.stderr)\n"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        loaded = set(done.stderr.split())
        assert loaded & never == set()
        reasons = ("volsculpt.hedge.regimes.", "volsculpt.hedge.estimators.")
        assert [one for one in loaded if one.startswith(reasons)] == []


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    """`volsculpt plan … | head -1` prints no traceback."""
    words = [sys.executable, "-m", "volsculpt", "plan", str(mandate(tmp_path)), "--price=BTC=60000"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == b""
