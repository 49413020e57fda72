"""What selling forward earns, from Python: the object of the command, frames, refusals."""

import json
from math import inf, nan
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import volsculpt as vs
from tests.app.running import run
from tests.app.test_cli_carry import AT, QUARTER, stored
from tests.hedge.a_market import KEY, a_history
from tests.report.test_python_requests import refused

NO_HEDGE = 'version = 1\n[[account]]\nname = "v"\nkind = "cold"\nbalances = { BTC = 1.0 }\n'
HEDGED = NO_HEDGE + (
    '[[account]]\nname = "m"\nkind = "margin"\nvenue = "bybit"\n'
    '[[hedge]]\nunderlying = "BTC"\nratio = 0.5\n'
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the made-up market."""
    return stored(tmp_path_factory.mktemp("carry"), a_history())


def test_it_is_what_the_command_prints(root: Path) -> None:
    """Of a coin and of a mandate, at the same terms."""
    terms = vs.CarryTerms(days=30, coins=10, cash_rate=0.04)
    options = ("--horizon", "30d", "--size", "10", "--cash-rate", "0.04")
    done = run("carry", "BTC", "--data", root, "--at", AT, "--json", *options)
    found = vs.carry("BTC", at=AT, data=root, terms=terms)
    assert json.loads(found.to_json()) == json.loads(done.stdout)
    of_mandate = vs.carry(HEDGED, at=AT, data=root, terms=terms)
    assert of_mandate.as_dict()["coins"] == found.as_dict()["coins"]
    assert "sold by" in found.table(width=100)


def test_its_tables_are_the_published_rows(root: Path) -> None:
    """Every column, typed; a row for each contract of each coin."""
    found = vs.carry("BTC", at=AT, data=root)
    (coin,) = found.as_dict()["coins"]
    frame = found.to_polars()
    assert set(frame["contract"]) == {KEY, QUARTER}
    assert set(frame.columns) == {"coin", *coin["contracts"][0]} - {"past_funding"}
    assert frame.schema["net_annual"] == pl.Float64
    assert frame["net_annual"].to_list() == [one["net_annual"] for one in coin["contracts"]]
    assert found.to_pandas()["contract"].tolist() == frame["contract"].to_list()
    assert found.to_polars("past_funding")["days"].to_list() == [7, 30, 90]
    assert set(found.to_polars("coins").columns) == set(coin) - {"contracts"}


def test_its_curve_is_a_figure(root: Path, tmp_path: Path) -> None:
    """Where a dated contract is priced; else it is said that there is none."""
    found = vs.carry("BTC", at=AT, data=root)
    assert found.figure().layout.title is not None
    found.to_png(tmp_path / "carry.png")
    assert "sold forward" in found.to_html()
    bare = vs.carry("BTC", at="2020-06-01", data=root)
    assert "this carry has no chart" in refused(bare.figure)
    assert "this carry has no chart" in refused(bare.to_png, tmp_path / "none.png")
    assert "Carry" in bare.to_html()


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ({"days": 0}, "days: 0: name days above 0"),
        ({"days": nan}, "days: nan: name days above 0"),
        ({"days": 10**6}, "days: 1000000: name days above 0"),
        ({"coins": -1}, "coins: -1: name coins above 0"),
        ({"coins": inf}, "coins: inf: name coins above 0"),
        ({"coins": "1"}, "coins: '1': name coins above 0"),
        ({"half_spread": 5}, "half_spread: 5 is no share of price"),
        ({"slippage": -1}, "slippage: -1 is no share of price"),
        ({"cash_rate": 4}, "cash_rate: 4 is no rate a year from 0 to 1"),
        ({"cash_rate": None}, "cash_rate: None is no rate"),
    ],
)
def test_terms_that_cannot_be_meant_are_refused(named: dict[str, Any], message: str) -> None:
    """In the record itself, by the rule that the command has."""
    assert message in refused(vs.CarryTerms, **named)


def test_what_it_cannot_tell_of_is_named(root: Path) -> None:
    """A moment, a store, terms, a mandate without a hedge."""
    assert "at: 'x' is no time" in refused(vs.carry, "BTC", at="x", data=root)
    assert "data: 5 is no folder" in refused(vs.carry, "BTC", data=5)
    assert "write terms=vs.CarryTerms(...)" in refused(vs.carry, "BTC", data=root, terms=(1,))
    assert "hedge: there is none" in refused(vs.carry, NO_HEDGE, data=root)
    assert "mandate: 5 is none" in refused(vs.carry, 5, data=root)
    assert refused(vs.carry, "NOCOIN", data=root)
