"""`volsculpt plan --at`: with stored prices, as they were known then."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import volsculpt as vs
from tests.app.running import mandate, printed, quotes, run
from tests.app.test_cli_data import stored
from volsculpt.app.cli.published import published

AT = "2024-01-02T08:30:00Z"
HAND = ("--price=BTC=60300", "--price=bybit:BTC/USD:BTC=60300", "--funding=bybit:BTC/USD:BTC=1e-4")


def test_stored_prices_plan_as_prices_given_by_hand(tmp_path: Path) -> None:
    """What is printed is the same, but for what is said of the store."""
    path, root = mandate(tmp_path), stored(tmp_path)
    found = printed("plan", path, "--at", AT, "--data", root)
    by_hand = printed("plan", path, "--time", AT, *HAND)
    Draft202012Validator(published("plan")).validate(found)
    assert found["as_of"] == AT
    extra = [line for line in found["warnings"] if line not in by_hand["warnings"]]
    assert [line.partition(":")[0] for line in extra] == ["mark_for_last"]
    assert found | {"warnings": []} == by_hand | {"warnings": []}


def test_options_win_over_the_store(tmp_path: Path) -> None:
    """A flag or a quotes file replaces a stored figure; the moment stays."""
    path, root = mandate(tmp_path), stored(tmp_path)
    flags = ["plan", path, "--at", AT, "--data", root]
    own = printed(*flags, "--price", "bybit:BTC/USD:BTC=60400")
    assert own["orders"][0]["reference_price"] == 60_400.0
    moved = printed(*flags, "--price", "BTC=90450")  # the mark is index x last mark / last index
    assert moved["orders"][0]["reference_price"] == 90_450.0
    assert any(line.startswith("moved_mark: ") for line in moved["warnings"])
    filed = printed(*flags, "--quotes", quotes(tmp_path))
    assert (filed["as_of"], filed["orders"][0]["reference_price"]) == (AT, 60_030.0)


def test_a_day_is_its_midnight(tmp_path: Path) -> None:
    """For the command line, and for Python."""
    path, root = mandate(tmp_path), stored(tmp_path)
    by_day = printed("plan", path, "--at", "2024-01-03", "--data", root)
    assert by_day == printed("plan", path, "--at", "2024-01-03T00:00:00Z", "--data", root)
    assert vs.plan(path, at="2024-01-03", data=root).as_of == by_day["as_of"]


def test_the_folder_is_found_as_data_finds_it(tmp_path: Path) -> None:
    """Without --data it is VOLSCULPT_DATA's."""
    root = stored(tmp_path)
    result = run("plan", mandate(tmp_path), "--at", AT, VOLSCULPT_DATA=str(root))
    assert result.exit_code == 0, result.output
    assert "mark_for_last" in result.stdout


def test_an_old_price_is_told(tmp_path: Path) -> None:
    """Hours after the last bar the plan says how old its prices are."""
    root = stored(tmp_path)
    found = printed("plan", mandate(tmp_path), "--at", "2024-01-09T20:00:00Z", "--data", root)
    assert "old_price: the last stored price of BTC is 12 hours old" in found["warnings"]


@pytest.mark.parametrize(
    ("flags", "code", "message"),
    [
        (
            ("--at", "2023-01-01T00:00:00Z"),
            8,
            "none of it known at 2023-01-01; choose a time inside",
        ),
        (
            ("--at", AT, "--data", "none"),
            8,
            "none: there is no such folder; `volsculpt data import FOLDER",
        ),
        (("--at", "2024-01-02T08:00"), 2, "write a day, 2021-01-01, or"),
        (("--at", "2300-01-02"), 2, "'2300-01-02' is no time"),
        (("--at", "soon"), 2, "'soon' is no time"),
        (("--at", AT, "--time", AT), 2, "leave --time out"),
        (("--price", "BTC=1", "--data", "x"), 2, "means nothing without --at"),
    ],
)
def test_a_time_that_cannot_be_planned(
    tmp_path: Path, flags: tuple[str, ...], code: int, message: str
) -> None:
    """Each mistake has its exit code, and stdout stays empty."""
    root = stored(tmp_path)
    result = run("plan", mandate(tmp_path), *flags, VOLSCULPT_DATA=str(root))
    assert (result.exit_code, result.stdout) == (code, "")
    assert message in " ".join(result.stderr.replace("│", " ").split())


def test_a_price_that_is_not_stored_names_its_flag(tmp_path: Path) -> None:
    """ETH is held and not stored: the message is that of a price that is missing."""
    text = mandate(tmp_path).read_text().replace("{ BTC = 2.5 }", "{ BTC = 2.5, ETH = 1 }")
    flags = ["plan", mandate(tmp_path, text), "--at", AT, "--data", stored(tmp_path)]
    result = run(*flags)
    assert result.exit_code == 4
    assert "--price ETH=" in result.stderr
    assert run(*flags, "--price", "ETH=3000").exit_code == 0


def test_python_takes_the_same_time(tmp_path: Path) -> None:
    """As text, as a datetime, as nanoseconds; a time without an offset is refused."""
    path, root = mandate(tmp_path), stored(tmp_path)
    moment = datetime(2024, 1, 2, 8, 30, tzinfo=UTC)
    plans = [
        vs.plan(path, at=at, data=root).as_dict()
        for at in (AT, moment, int(moment.timestamp()) * 10**9)
    ]
    assert plans[0] == plans[1] == plans[2]
    for wrong in ("soon", "2024-01-02T08:30"):
        with pytest.raises(vs.VolsculptError, match="write a day, 2021-01-01, or"):
            vs.plan(path, at=wrong, data=root)
