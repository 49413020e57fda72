"""Files and names that no one writes on purpose: what the program answers, and its exit code."""

import json
from pathlib import Path

import pytest

from tests.app.running import MANDATE, mandate, run
from volsculpt.app.cli.problems import MOST_PROBLEMS, problems_text

AT = "--time=2024-05-20T00:00:00Z"
PRICE = "--price=BTC=60000"
DEEP = "[" * 20_000


def test_of_very_many_problems_the_first_are_told(tmp_path: Path) -> None:
    """And how many follow; `check --json` lists all of them."""
    accounts = (f'[[account]]\nname = "a{n}"\nkind = "cold"\nodd = 1\n' for n in range(300))
    file = mandate(tmp_path, "version = 1\n" + "".join(accounts))
    result = run("plan", file, PRICE)
    lines = result.stderr.splitlines()
    assert result.exit_code == 2
    assert lines[0] == "volsculpt: 300 problems"
    assert len(lines) == 1 + MOST_PROBLEMS + 1
    assert lines[-1] == "- and 280 more; `volsculpt check MANDATE --json` has all"
    assert len(json.loads(run("check", file, "--json").stdout)["problems"]) == 300


@pytest.mark.parametrize("count", [1, 2, MOST_PROBLEMS])
def test_few_problems_are_all_told(count: int) -> None:
    """Nothing follows where nothing is left."""
    problems = [f"m.toml: thing {n}" for n in range(count)]
    text = problems_text(problems)
    assert all(one in text for one in problems)
    assert "more" not in text


def test_nothing_in_an_error_steers_the_terminal() -> None:
    """No colour, no title, no order of letters from a file; lines stay lines."""
    text = problems_text(["m.toml: \x1b[31mred\x9b1m \x07 \u202eturned\nsecond line"])
    assert text == "volsculpt: m.toml:  [31mred 1m    turned\nsecond line"


@pytest.mark.parametrize(
    ("content", "exit_code"),
    [
        (b"", 2),
        (b"\xef\xbb\xbf" + MANDATE.encode(), 0),
        (MANDATE.encode("utf-16"), 2),
        (bytes(range(256)) * 50, 2),
        (b"version = 1\n\0\0", 2),
        (f"x = {DEEP}".encode(), 2),
    ],
    ids=["empty", "with a mark", "UTF-16", "bytes", "zeros", "too deep"],
)
def test_a_mandate_of_any_bytes_is_read_or_refused_in_words(
    tmp_path: Path, content: bytes, exit_code: int
) -> None:
    """One line that begins with the program and names the file, never a trace."""
    file = tmp_path / "m.toml"
    file.write_bytes(content)
    result = run("plan", file, PRICE, AT)
    assert result.exit_code == exit_code, result.output
    assert exit_code == 0 or result.stderr.startswith(f"volsculpt: {file}: ")


@pytest.mark.parametrize(
    ("content", "exit_code"),
    [
        (b"\xef\xbb\xbf[index]\nBTC = 60_000", 0),
        (b"\xff\xfe", 4),
        (f"x = {DEEP}".encode(), 4),
        (b"[index]\nBTC = 1" + b"0" * 5_000, 4),
        (b"index = 3", 4),
        (b"funding = [1]", 4),
    ],
    ids=["with a mark", "UTF-16", "too deep", "digits", "no table", "a list"],
)
def test_quotes_of_any_bytes_are_read_or_refused_in_words(
    tmp_path: Path, content: bytes, exit_code: int
) -> None:
    """As a mandate is, with the exit code of prices."""
    file = tmp_path / "q.toml"
    file.write_bytes(content)
    result = run("plan", mandate(tmp_path), "--quotes", file, AT)
    assert result.exit_code == exit_code, result.output
    assert exit_code == 0 or result.stderr.startswith(f"volsculpt: {file}: ")


@pytest.mark.parametrize(("content", "exit_code"), [("x = " + DEEP, 2), ("\ufeff", 0)])
def test_contracts_of_any_bytes_are_read_or_refused_in_words(
    tmp_path: Path, content: str, exit_code: int
) -> None:
    """A contracts file is read as a mandate is."""
    (tmp_path / "own.toml").write_text(content, encoding="utf-8")
    text = 'version = 1\ncontracts_file = "own.toml"\n' + MANDATE.replace("version = 1", "")
    result = run("plan", mandate(tmp_path, text), PRICE, AT)
    assert result.exit_code == exit_code, result.output
    assert "Traceback" not in result.output


def test_a_name_of_two_hundred_letters_breaks_no_table(tmp_path: Path) -> None:
    """It is folded; no line is wider than the terminal."""
    text = MANDATE.replace("coinm", "c" * 200).replace("vault", "v" * 200)
    result = run("plan", mandate(tmp_path, text), PRICE, AT, "--width=80")
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_coins_without_number_are_not_all_named(tmp_path: Path) -> None:
    """Prices that are missing are told in a line, however many they are."""
    hedges = "".join(f'[[hedge]]\nunderlying = "C{n}"\nratio = 0.5\n' for n in range(500))
    result = run("plan", mandate(tmp_path, MANDATE + hedges), PRICE, AT)
    assert result.exit_code == 4
    assert "C18, C19 and 480 more: add --price C0=PRICE" in result.stderr
    assert len(result.stderr) < 1_000
