"""`volsculpt carry`: the table, the object, the page, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.app.running import run
from tests.hedge.a_market import BEGIN_NS, DAYS, FORWARD, KEY, a_history, changed_after
from volsculpt.app.cli.published import published
from volsculpt.contracts.catalog import load_catalog
from volsculpt.hedge.carry.survey import carry_survey
from volsculpt.hedge.carry.terms import CarryTerms
from volsculpt.market.history import History, history_of
from volsculpt.market.series import Label, Prices
from volsculpt.market.store import save
from volsculpt.report.charts.carry import curve_chart
from volsculpt.units import DAY_NS, HOUR_NS, iso

AT_NS = BEGIN_NS + (DAYS - 20) * DAY_NS
AT = iso(AT_NS)
QUARTER = "binance:BTC/USD:BTC-210625"


def stored(folder: Path, history: History) -> Path:
    """A history in a store, and a dated contract that is 2 % dearer than the coin."""
    index = history.index["BTC"]
    label = Label("binance", "BTC/USD:BTC-210625", "last", "USD", "made by hand")
    stamps = AT_NS + HOUR_NS * (1 + 0 * index.stamps[:1]) - 2 * HOUR_NS
    row = int((index.available_ns <= int(stamps[0])).sum()) - 1
    dated = Prices(label, stamps, 1.02 * index.close[row : row + 1])
    others = [one for one in history.series if one.label != FORWARD]
    for one in (*others, dated):
        save(folder, one, BEGIN_NS)
    return folder


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the made-up market."""
    return stored(tmp_path_factory.mktemp("carry"), a_history())


def printed(root: Path, *options: str, of: str = "BTC") -> dict[str, Any]:
    """What --json prints, as its schema says."""
    result = run("carry", of, "--data", root, "--json", *options)
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    Draft202012Validator(published("carry")).validate(found)
    return dict(found)


def test_every_priced_contract_is_told_the_best_first(root: Path) -> None:
    """The quarter by its premium, the perpetual by its funding; both net of costs."""
    (coin,) = printed(root, "--at", AT)["coins"]
    assert (coin["coin"], coin["as_of"], coin["days"]) == ("BTC", AT, 90.0)
    rows = {one["contract"]: one for one in coin["contracts"]}
    assert set(rows) == {KEY, QUARTER}
    dated = rows[QUARTER]
    assert dated["premium_ratio"] == pytest.approx(0.02, abs=0.01)
    costs = dated["enter_ratio"] + dated["leave_ratio"] + dated["margin_ratio"]
    assert dated["net_ratio"] == pytest.approx(dated["expected_ratio"] - costs)
    nets = [one["net_annual"] for one in coin["contracts"] if one["net_annual"] is not None]
    assert nets == sorted(nets, reverse=True)
    assert len(nets) == 2
    assert [span["days"] for span in rows[KEY]["past_funding"]] == [7, 30, 90]


def test_size_and_money_elsewhere_count(root: Path) -> None:
    """Ten coins earn ten times the dollars; margin at 4 % a year takes from what is left."""
    (one,), (ten,) = (printed(root, "--at", AT, "--size", size)["coins"] for size in ("1", "10"))
    (dear,) = printed(root, "--at", AT, "--cash-rate", "0.04")["coins"]
    for small, large, less in zip(
        one["contracts"], ten["contracts"], dear["contracts"], strict=True
    ):
        assert large["net_usd"] == pytest.approx(10.0 * small["net_usd"])
        assert less["net_ratio"] < small["net_ratio"]
        assert less["margin_ratio"] > 0.0


def test_what_comes_later_changes_nothing(root: Path, tmp_path: Path) -> None:
    """With another future of everything the same is told, to the bit."""
    other = stored(tmp_path, changed_after(a_history(), AT_NS, 1.5))
    assert printed(root, "--at", AT)["coins"] == printed(other, "--at", AT)["coins"]


def test_a_page_has_the_table_and_the_curve(root: Path, tmp_path: Path) -> None:
    """And a picture of the curve alone; without a dated contract there is none to draw."""
    page, picture = tmp_path / "carry.html", tmp_path / "carry.png"
    result = run("carry", "BTC", "--data", root, "--at", AT, "--report", page, "--report", picture)
    assert result.exit_code == 0, result.output
    assert "sold forward" in page.read_text(encoding="utf-8")
    assert picture.read_bytes().startswith(b"\x89PNG")
    before = iso(AT_NS - 30 * DAY_NS)
    left = tmp_path / "left.html"
    result = run(
        "carry", "BTC", "--data", root, "--at", before, "--report", left, "--report", picture
    )
    assert result.exit_code == 2
    assert "there is no curve to draw" in result.output
    assert not left.exists()


def test_the_curve_goes_from_today_to_each_delivery(root: Path) -> None:
    """In US dollars, and as the premium a year of the table."""
    found = carry_survey(root, load_catalog(), "BTC", CarryTerms(), AT_NS)
    chart = curve_chart(found)
    assert chart is not None
    price, premium = chart.panels
    dated = next(one for one in found.rows if one.contract.key == QUARTER)
    line = next(one for one in price.traces if one.kind == "line")
    assert list(line.x) == [AT_NS, dated.contract.expiry_ns]
    assert list(line.y) == pytest.approx([found.index_usd, found.index_usd * (1.0 + dated.premium)])
    assert [list(one.y) for one in premium.traces] == [[dated.premium_annual]] * 2


def test_the_text_says_the_best_and_what_is_not_known(root: Path) -> None:
    """In one sentence; a perpetual without funding is named, not taken as free."""
    result = run("carry", "BTC", "--data", root, "--at", AT, "--width", "80")
    assert result.exit_code == 0, result.output
    assert "a year after all costs" in " ".join(result.output.split())
    assert max(len(line) for line in result.output.splitlines()) <= 80


def test_a_mandate_is_told_coin_by_coin(root: Path, tmp_path: Path) -> None:
    """The coins it hedges, of its own catalog."""
    file = tmp_path / "mine.toml"
    run("init", file, "--venue", "bybit", "--coin", "BTC=1")
    found = printed(root, "--at", AT, of=str(file))
    assert [one["coin"] for one in found["coins"]] == ["BTC"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--size", "0"), "name coins above 0"),
        (("--horizon", "soon"), "--horizon"),
        (("--half-spread", "-1"), "-1 is no share of price; write 0.0001"),
        (("--cash-rate", "4"), "--cash-rate: 4.0 is no rate a year from 0 to 1"),
        (("--slippage", "0.5"), "must be 0.2 or less"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    root: Path, options: tuple[str, ...], words: str
) -> None:
    """Each with what would."""
    result = run("carry", "BTC", "--data", root, *options)
    assert result.exit_code == 2
    assert words in " ".join(result.output.split())


def test_a_moment_without_a_price_is_said(root: Path) -> None:
    """Before the store begins, and of a coin that it has not."""
    result = run("carry", "BTC", "--data", root, "--at", iso(BEGIN_NS - 40 * DAY_NS))
    assert result.exit_code == 8
    assert "no price of BTC in the day before" in " ".join(result.output.split())
    assert run("carry", "NOCOIN", "--data", root).exit_code != 0
    assert run("carry", "ETH", "--data", root).exit_code == 8


def test_a_stored_contract_that_the_catalog_does_not_know_is_named(tmp_path: Path) -> None:
    """With its key; its fees are not guessed."""
    history = a_history()
    label = Label("nowhere", "BTC/USD:BTC", "last", "USD", "made by hand")
    index = history.index["BTC"]
    odd = history_of([*history.series, Prices(label, index.stamps, index.close)])
    (coin,) = printed(stored(tmp_path, odd), "--at", AT)["coins"]
    assert coin["unknown_to_catalog"] == ["nowhere:BTC/USD:BTC"]
