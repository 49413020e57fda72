"""`volsculpt features`: the table, the object, the page, and what is refused."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.app.running import run
from tests.hedge.a_market import BEGIN_NS, DAYS, FITTED, KEY, a_history, changed_after
from volsculpt.app.cli.published import published
from volsculpt.errors import MissingExtra
from volsculpt.hedge.features.garch_volatility import GarchVolatility
from volsculpt.hedge.registry import feature_classes
from volsculpt.hedge.survey import survey
from volsculpt.market.history import History
from volsculpt.market.store import save
from volsculpt.units import DAY_NS, iso

AT_NS = BEGIN_NS + (DAYS - 20) * DAY_NS
AT = iso(AT_NS)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the made-up market."""
    return stored(tmp_path_factory.mktemp("features"), a_history())


def stored(folder: Path, history: History) -> Path:
    """A history in a store."""
    for one in history.series:
        save(folder, one, BEGIN_NS)
    return folder


def printed(root: Path, *options: str) -> dict[str, Any]:
    """What --json prints, as its schema says."""
    result = run("features", "BTC", "--data", root, "--json", *options)
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    Draft202012Validator(published("features")).validate(found)
    return dict(found)


def test_every_kind_of_feature_is_told(root: Path) -> None:
    """With a figure, its age and source, its rank; a rank is beside each, not a row."""
    found = printed(root, "--at", AT)
    assert found["as_of"] == AT
    rows = found["features"]
    fitted = {one.NAME for one in FITTED} - {"garch-volatility"}  # asked for by policies alone
    named = {"rank", "forward-premium"}  # beside each; of a rule that a hedge names
    assert {one["name"] for one in rows} == set(feature_classes()) - named - fitted
    for one in rows:
        assert (one["figure"] is None) is (one["why"] is not None), one
        assert one["age_hours"] <= 5 * 24, one
        assert one["observed_age_hours"] == one["age_hours"] + one["lag_hours"], one
        assert one["source"], one
    assert sum(one["rank_ratio"] is not None for one in rows) > 0.9 * len(rows)
    streams = {one["stream"] for one in rows}
    assert {f"funding:{KEY}", f"basis:{KEY}", "series:fear_greed", "index:BTC"} <= streams


def test_the_default_is_the_end_of_what_is_stored(root: Path) -> None:
    """Without a time no clock is read."""
    assert printed(root)["as_of"] == iso(BEGIN_NS + DAYS * DAY_NS)


def test_the_future_is_not_read(root: Path, tmp_path: Path) -> None:
    """A store with another future prints the same of a moment before it, and others after."""
    other = stored(tmp_path, changed_after(a_history(), AT_NS, 1.5))
    now, then = printed(root, "--at", AT), printed(other, "--at", AT)
    assert now["features"] == then["features"]
    assert printed(root)["features"] != printed(other)["features"]


def test_the_table_is_read_at_eighty_columns(root: Path) -> None:
    """Figures in words, what is unknown with its reason, and what each is."""
    result = run("features", "BTC", "--data", root, "--at", "2020-03-01", "--width", "80")
    assert result.exit_code == 0, result.output
    text = result.stdout
    assert max(map(len, text.splitlines())) <= 80
    assert "drawdown: fall from the highest close of the window" in " ".join(text.split())
    assert "momentum, 365 days: 59 days of 1d prices of BTC" in " ".join(text.split())


def test_features_are_drawn_under_the_price(root: Path, tmp_path: Path) -> None:
    """A page with the table, a picture; named by name or by how a row begins."""
    page, picture = tmp_path / "page.html", tmp_path / "picture.png"
    plots = ("--plot", "drawdown", "--plot", "trend, half-life of 30", "--days", "60")
    reports = ("--report", page, "--report", picture)
    result = run("features", "BTC", "--data", root, "--at", AT, *plots, *reports)
    assert result.exit_code == 0, result.output
    text = page.read_text(encoding="utf-8")
    assert all(name in text for name in ("drawdown, 365 days", "trend, half-life of 30 days"))
    assert text.index('id="chart-features"') < text.index("<table")
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_what_is_drawn_is_what_was_known(root: Path) -> None:
    """The last point of each line is the figure of the table."""
    from volsculpt.hedge.survey import figures_over

    found = survey(root, "BTC", AT_NS)
    for one in found.figures:
        (last,) = figures_over(found.history, "BTC", one.feature, [AT_NS])
        assert last == one.figure, one.name


def test_an_age_is_since_what_was_observed(root: Path) -> None:
    """A yield known two days after its day is two days older, and its lag stands beside it."""
    rows = {one["name"] + one["stream"]: one for one in printed(root, "--at", AT)["features"]}
    late, early = rows["levelseries:yield_2y"], rows["levelseries:fear_greed"]
    assert late["lag_hours"] >= 48.0
    assert early["lag_hours"] < 48.0
    assert next(one for one in rows.values() if one["name"] == "trend")["lag_hours"] == 0.0
    table = run("features", "BTC", "--data", root, "--at", AT, "--width", "120").stdout
    (row,) = [one for one in table.splitlines() if one.startswith("level, series:yield_2y")]
    age, lag = late["observed_age_hours"] / 24, late["lag_hours"] / 24
    assert f"{age:g} days" in row
    assert f"{lag:g} days" in row
    (now,) = [one for one in table.splitlines() if one.startswith("momentum, 30 days")]
    assert re.search(r" now +- +binance", now)


def test_what_is_fitted_is_shown_too(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GARCH as any other; where its library is missing the others are told, and what to install."""
    why = {one["name"]: one["why"] for one in printed(root, "--at", AT)["features"]}
    assert why["garch-volatility"].endswith("import 1d prices of BTC from before 2020-01-02")

    def missing(*_: object) -> None:
        raise MissingExtra("pip install 'volsculpt[models]'")

    monkeypatch.setattr(GarchVolatility, "step", missing)
    rows = printed(root, "--at", AT)["features"]
    (garch,) = [one for one in rows if one["name"] == "garch-volatility"]
    assert garch["why"] == "pip install 'volsculpt[models]'"
    assert sum(one["figure"] is not None for one in rows) > 20


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--at", "yesterday"], 2, "write a day, 2021-01-01"),
        (
            ["--at", "2011-01-01"],
            8,
            "none of it in the two weeks before 2011-01-01; choose a time inside",
        ),
        (["--plot", "drawdown"], 2, "is drawn in a report; add --report FILE"),
        (["--report", "x.pdf"], 2, "must end in .html or .png"),
        (["--report", "x.png", "--plot", "luck"], 2, "no such feature of BTC; there is: change"),
        (["--report", "x.png", "--plot", "realised-volatility"], 2, "6 features are named and 5"),
    ],
)
def test_what_cannot_be_shown_is_refused(
    root: Path, options: list[str], code: int, message: str
) -> None:
    """With what is wrong and what to write."""
    result = run("features", "BTC", "--data", root, *options)
    assert result.exit_code == code
    assert message in " ".join(result.stderr.split())


def test_the_venue_of_the_prices_can_be_chosen(root: Path, tmp_path: Path) -> None:
    """Of two that are stored, and the notes say which was taken where none is named."""
    history = a_history()
    index = history.index["BTC"]
    other = replace(index, label=replace(index.label, venue="kraken"))
    both = stored(tmp_path, history)
    save(both, other, BEGIN_NS)
    assert printed(both, "--index-venue", "kraken", "--at", AT)["notes"] == []
    result = run("features", "BTC", "--data", both, "--at", AT)
    assert "was taken, not" in " ".join(result.stdout.split())
    none = run("features", "BTC", "--data", root, "--index-venue", "kraken")
    assert none.exit_code == 8
    assert "(indexes of kraken, the index_venue); there are those of" in " ".join(
        none.stderr.split()
    )


def test_a_coin_that_is_not_stored_is_named(root: Path) -> None:
    """With those there are."""
    result = run("features", "ETH", "--data", root)
    assert result.exit_code == 8
    assert "no prices stored of ETH; nearest of the 2 there are: " in " ".join(
        result.stderr.split()
    )
