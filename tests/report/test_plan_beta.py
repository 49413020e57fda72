"""The beta of a whole book in a plan: measured on stored prices, silent without them."""

import json
from pathlib import Path

import numpy as np
import pytest

import volsculpt as vs
from tests.market.made import BTC, LAST, START_NS
from tests.simulate.histories import bars_of
from tests.simulate.stores import HEAD, stored
from volsculpt.market.series import Label
from volsculpt.report.plan import Plan
from volsculpt.report.rows.plan_beta import book_return, least_left
from volsculpt.units import DAY_NS

SOL = Label("binance", "SOL", "index", "USD", "made by hand")
DAYS, SPREAD = 120, 0.004  # of SOL's own hourly moves, beside 1.3 times those of BTC of 0.006
TEXT = f"""{HEAD}[[account]]
name = "vault"
kind = "cold"
balances = {{{{ SOL = 400 }}}}
[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
balances = {{{{ USD = 1000, BTC = 0.5 }}}}
[[hedge]]
underlying = "SOL"
ratio = 1.0
{{by}}
use = "inverse perpetual"
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made-up prices by the hour, of a beta of 1.3."""
    dice = np.random.default_rng(4)
    btc, own = 0.006 * dice.standard_normal(DAYS * 24), SPREAD * dice.standard_normal(DAYS * 24)
    bitcoin, sol = 60_000.0 * np.exp(np.cumsum(btc)), 150.0 * np.exp(np.cumsum(1.3 * btc + own))
    folder = tmp_path_factory.mktemp("beta")
    return stored(folder, [bars_of(BTC, bitcoin), bars_of(LAST, bitcoin), bars_of(SOL, sol)])


def planned(store: Path, by: str, **how: object) -> Plan:
    """The plan of a mandate that hedges SOL so."""
    path = store / "mandate.toml"
    path.write_text(TEXT.format(by=by), encoding="utf-8")
    return vs.plan(path, **how)  # type: ignore[arg-type]


def test_the_beta_before_and_after(store: Path) -> None:
    """1.3 of the share in SOL and that in BTC before, BTC alone after; SOL's own risk is left."""
    plan = planned(store, 'proxy = "BTC"\nbeta = 1.3', at=START_NS + 110 * DAY_NS, data=store)
    beta = plan.book_beta
    assert beta is not None
    sol, btc = (
        next(row.delta_usd for row in plan.exposure if row.currency == name) / plan.wealth_usd
        for name in ("SOL", "BTC")
    )
    assert (beta.to, beta.days) == ("BTC", 109)
    assert abs(beta.before - (1.3 * sol + btc)) < 3.0 * beta.before_std
    assert abs(beta.after - btc) < 3.0 * beta.after_std
    risk = sol**2 * SPREAD**2
    left = (risk + (btc * 0.006) ** 2) / (risk + ((1.3 * sol + btc) * 0.006) ** 2)
    assert beta.variance_left == pytest.approx(left, rel=0.25)
    assert beta.variance_left_low is not None
    assert beta.variance_left_high is not None
    assert beta.variance_left_low < beta.variance_left < beta.variance_left_high
    alone = risk / (risk + ((1.3 * sol + btc) * 0.006) ** 2)
    assert beta.variance_unhedgeable == pytest.approx(alone, rel=0.25)
    assert beta.variance_unhedgeable < beta.variance_left


def test_what_a_ratio_leaves_open_is_not_unhedgeable(store: Path) -> None:
    """Half of SOL is left open by choice: more variance is left, no more cannot be taken."""
    path = store / "mandate.toml"
    whole = TEXT.format(by='proxy = "BTC"\nbeta = 1.3')
    found = []
    for text in (whole, whole.replace("ratio = 1.0", "ratio = 0.5")):
        path.write_text(text, encoding="utf-8")
        beta = vs.plan(path, at=START_NS + 110 * DAY_NS, data=store).book_beta
        assert beta is not None
        found.append(beta)
    full, half = found
    assert half.variance_left > 2.0 * full.variance_left
    assert half.variance_unhedgeable == pytest.approx(full.variance_unhedgeable, rel=1e-6)
    assert half.variance_unhedgeable_low is not None
    assert half.variance_unhedgeable_high is not None
    assert half.variance_unhedgeable_high < half.variance_left


def test_no_size_leaves_less_than_the_least() -> None:
    """Whatever is sold of what is traded; all of a book of traded coins can be taken."""
    dice = np.random.default_rng(1)
    one, other, noise = dice.standard_normal((3, 200))
    book = 1.3 * one - 0.4 * other + 0.5 * noise
    least = float(np.var(least_left(book, [one, other])))
    for a, b in dice.normal(0.0, 1.0, (50, 2)):
        assert np.var(book - a * one - b * other) >= least
    assert np.var(least_left(2.0 * one - other, [one, other])) < 1e-20
    assert least_left(book, []) is book


def test_it_is_shown_and_published(store: Path) -> None:
    """In words on the page, as an object in JSON."""
    plan = planned(store, 'proxy = "BTC"\nbeta = 1.3', at=START_NS + 110 * DAY_NS, data=store)
    text = " ".join(
        line.text
        for section in plan.page().sections
        for line in section.items
        if hasattr(line, "text")
    )
    assert "when BTC rises 1 %, your wealth moves" in text
    assert "is what no size of the contracts in use takes away" in text
    published = json.loads(json.dumps(plan.as_dict()))["book_beta"]
    assert set(published) == {
        "to",
        "days",
        "before",
        "before_std",
        "after",
        "after_std",
        "variance_left",
        "variance_left_low",
        "variance_left_high",
        "variance_unhedgeable",
        "variance_unhedgeable_low",
        "variance_unhedgeable_high",
    }


def test_it_is_silent_where_it_is_not_known(store: Path) -> None:
    """Prices that are given, a short history, a coin without a price in the store."""
    by = 'proxy = "BTC"\nbeta = 1.3'
    given = planned(store, by, prices={"BTC": 60_000.0, "SOL": 150.0})
    assert given.book_beta is None
    assert not any("beta of the book" in line for line in given.notes)
    assert planned(store, by, at=START_NS + 50 * DAY_NS, data=store).book_beta is None


def test_what_a_book_gained_is_what_its_coins_did() -> None:
    """60 % of wealth in what rose 1 %, less 30 % in what rose 2 %."""
    returns = {"BTC": np.array([0.01, 0.0]), "ETH": np.array([0.02, 0.01])}
    found = book_return({"BTC": 60.0, "ETH": -30.0}, returns, 100.0)
    assert found == pytest.approx([0.0, -0.003])
