"""Laws of the made-up market of any coins and contracts; tolerances are standard errors."""

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pytest

from tests.market.made import same
from volsculpt.contracts.catalog import load_catalog
from volsculpt.contracts.catalog_money import money
from volsculpt.contracts.spec import Contract, Funding
from volsculpt.errors import HistoryError
from volsculpt.market.align import align, clock_of
from volsculpt.market.coin_table import coins_in_table, fiat_price, made_up_coin
from volsculpt.market.frames import columns_of
from volsculpt.market.gate import Floats
from volsculpt.market.history import History
from volsculpt.market.made_up import FIVE_YEARS, MadeUpWorld, PricedContract, made_up
from volsculpt.market.market_paths import PATHS, episodes, market_moves, market_path
from volsculpt.market.quality import check_series
from volsculpt.market.rates import fraction_paid
from volsculpt.market.series import Bars
from volsculpt.market.synthetic import START_NS
from volsculpt.units import DAY_NS, HOUR_NS, YEAR_NS

ERRORS = 5.0  # standard errors: one in two million by chance
COINS = ("BTC", "ETH", "SOL", "DOGE")
FEBRUARY = date(2020, 2, 28)  # the last Friday of a month
YEARS = FIVE_YEARS / 8760.0


def world(path: str = "mixed", seed: int = 4) -> MadeUpWorld:
    """Five years of a path."""
    return MadeUpWorld(market_path(path), seed)


def listed(*keys: str) -> list[PricedContract]:
    """Contracts of the catalog, from the beginning on."""
    found = [load_catalog().get(*key.split(":", 1)) for key in keys]
    return [PricedContract(one, START_NS) for one in found]


KINDS = (
    "binance:BTC/USD:BTC",
    "kraken:ETH/USD:USD",
    "deribit:BTC/USDC:USDC",
    "bybit:1000PEPE/USDT:USDT",
    "okx:BTC/USD:BTC-211231",
)


@cache
def market(path: str = "mixed", seed: int = 4) -> History:
    """Coins, and contracts of every kind of the catalog."""
    return made_up(world(path, seed), listed(*KINDS), (*COINS, "EUR", "EURC"))


def moves(history: History, coin: str) -> Floats:
    """Hourly log returns of a coin's index."""
    series = history.index[coin]
    assert isinstance(series, Bars)
    found: Floats = np.log(series.close / series.open)
    return found


@pytest.mark.parametrize("path", PATHS)
def test_bars_hang_together(path: str) -> None:
    """Prices are above 0, highs reach both ends, each bar opens at the close before, none lacks."""
    for one in market(path).series:
        if isinstance(one, Bars):
            assert one.low.min() > 0.0
            assert (one.high >= np.maximum(one.open, one.close)).all()
            assert (one.low <= np.minimum(one.open, one.close)).all()
            assert same(one.open[1:], one.close[:-1])
            assert set(np.diff(one.open_ns)) == {HOUR_NS}
        assert check_series(one).count("gap") + check_series(one).count("missing") == 0
        assert one.label.source == f"synthetic, seed 4, {path}"


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("path", ["mixed", "calm", "bull"])
def test_coins_correlate_as_the_table_says(path: str, seed: int) -> None:
    """With BTC by their own figure, with each other by the product, over five years.

    Of products of Student t with volatility that changes the error is that of fewer hours: those of
    the wildest regime count most, a twentieth of all.
    """
    history = made_up(world(path, seed), (), COINS)
    made = np.corrcoef([moves(history, coin) for coin in COINS])
    own = np.array([made_up_coin(coin).correlation for coin in COINS])
    asked = np.outer(own, own)
    np.fill_diagonal(asked, 1.0)
    assert np.abs(made - asked).max() < ERRORS / np.sqrt(FIVE_YEARS / 20.0)


@pytest.mark.parametrize("path", ["mixed", "calm", "bull"])
def test_coins_move_by_their_beta(path: str) -> None:
    """The slope of a coin's moves on those of BTC is the table's."""
    history = market(path)
    market_moved = moves(history, "BTC")
    for coin in COINS[1:]:
        beta = np.cov(moves(history, coin), market_moved)[0, 1] / market_moved.var()
        assert beta == pytest.approx(made_up_coin(coin).beta, rel=0.1)


@pytest.mark.parametrize("path", PATHS)
def test_funding_has_the_mean_that_the_path_states(path: str) -> None:
    """Over the whole time, at every venue, whatever its hours: nothing flatters a hedge unsaid."""
    stated = market_path(path).funding
    found = market(path).funding
    assert len(found) == 4
    for rates in found.values():
        yearly = rates.rate.sum() / (len(rates.rate) * rates.interval_hours[0] / 8760.0)
        assert yearly == pytest.approx(stated, abs=1e-12)
        assert rates.rate.std() > 1e-6


def test_funding_comes_at_the_hours_of_the_venue() -> None:
    """Every eight hours, every hour, and every hour what accrues all the time."""
    found = {key: set(one.interval_hours) for key, one in market().funding.items()}
    hours = {"binance": {8.0}, "kraken": {1.0}, "deribit": {1.0}, "bybit": {8.0}}
    assert {key.partition(":")[0]: one for key, one in found.items()} == hours


def test_nothing_is_earned_on_average_unless_a_path_says_so() -> None:
    """The usual market and the calm one have no carry, and end where they began."""
    for name in ("mixed", "calm"):
        assert (market_path(name).funding, market_path(name).growth) == (0.0, 0.0)
    for one in PATHS.values():
        moved = market_moves(one, 9, FIVE_YEARS).moved.sum()
        assert moved == pytest.approx(one.growth * YEARS, abs=1e-9)


def test_the_same_seed_gives_the_same_bits() -> None:
    """Another seed and another path give others."""
    again = made_up(world(), listed(*KINDS), (*COINS, "EUR", "EURC"))
    for one, two in zip(market().series, again.series, strict=True):
        assert one.label == two.label
        theirs = columns_of(two)
        assert all(same(values, theirs[name]) for name, values in columns_of(one).items())
    for other in (market(seed=5), market("calm")):
        assert not same(moves(market(), "BTC"), moves(other, "BTC"))


def test_another_coin_changes_no_price() -> None:
    """Of coins, contracts and money that were there, to the bit."""
    few = made_up(world(), listed("binance:BTC/USD:BTC"), ("BTC", "ETH"))
    assert set(few.index) == {"BTC", "ETH"}
    many = {one.label: one for one in market().series}
    for one in few.series:
        theirs = columns_of(many[one.label])
        assert all(same(values, theirs[name]) for name, values in columns_of(one).items())


def test_a_contract_costs_its_index() -> None:
    """In its quote, for as many coins as its price is of; a dated one to the cent on its day."""
    history = market()
    got = align(history, clock_of(history.only([]), step_ns=DAY_NS))
    index = {name: got.index.value[:, n] for n, name in enumerate(got.currencies)} | {"USD": 1.0}
    for column, key in enumerate(got.contracts):
        one = load_catalog().get(*key.split(":", 1))
        fair = index[one.base] / index[one.quote] * one.base_count
        known = got.mark.available[:, column] & (got.mark.source[:, column] == 1)
        basis = got.mark.value[known, column] / fair[known] - 1.0
        assert known.sum() > 300
        assert 1e-5 < np.abs(basis).max() < 0.2, key
    dated = history.mark["okx:BTC/USD:BTC-211231"]
    spot = history.index["BTC"]
    assert isinstance(dated, Bars)
    assert isinstance(spot, Bars)
    row = int(np.searchsorted(spot.available_ns, dated.end_ns))
    assert dated.close[-1] == pytest.approx(spot.close[row], rel=1e-12)


def test_all_of_the_catalog_can_be_priced() -> None:
    """Each perpetual of every venue, for two months, and the next of each family."""
    catalog = load_catalog()
    short = replace(world(), hours=24 * 60)
    every = [one for one in catalog.contracts() if one.expiry_ns is None]
    every += [one.dated(FEBRUARY) for one in catalog.families() if one.lists(FEBRUARY)]
    history = made_up(short, [PricedContract(one, START_NS) for one in every], ())
    assert set(history.mark) == set(history.last) == {one.key for one in every}
    assert set(history.funding) == {one.key for one in every if one.expiry_ns is None}
    assert len(every) > 100


def quanto(**changed: object) -> Contract:
    """A contract of one's own: BTC's price, settled in ETH."""
    made = Contract("own", "BTC/USD:ETH", "BTC", "USD", "ETH", "quanto", 0.01)
    return replace(made, **changed)  # type: ignore[arg-type]


def test_contracts_of_ones_own_are_priced() -> None:
    """Quanto, in another coin, with absolute rates, of a coin that nobody knows."""
    absolute = Funding("stamp", "absolute", 4.0)
    some = (
        quanto(),
        quanto(symbol="ETH/BTC:BTC", base="ETH", quote="BTC", settle="BTC"),
        quanto(symbol="1000NEW/EUR:EUR", base="NEW", base_count=1000.0, funding=absolute),
    )
    some = (*some[:2], replace(some[2], quote="EUR", settle="EUR"))
    history = made_up(
        replace(world(), usual={"NEW": 0.01}), [PricedContract(one, START_NS) for one in some], ()
    )
    assert set(history.index) == {"BTC", "ETH", "EUR", "NEW"}
    ratio = history.mark["own:ETH/BTC:BTC"]
    assert isinstance(ratio, Bars)
    assert ratio.open[0] == pytest.approx(2_500 / 60_000, rel=1e-3)
    rates, mark = history.funding["own:1000NEW/EUR:EUR"], history.mark["own:1000NEW/EUR:EUR"]
    assert isinstance(mark, Bars)
    rows = (rates.stamp_ns[:-1] - START_NS) // HOUR_NS
    paid = fraction_paid(some[2], rates.rate[:-1], mark.open[rows])
    plain = made_up(
        replace(world(), usual={"NEW": 0.01}),
        [PricedContract(replace(some[2], funding=None), START_NS)],
        (),
    )
    eight = plain.funding["own:1000NEW/EUR:EUR"]
    assert set(rates.interval_hours) == {4.0}
    assert paid.std() == pytest.approx(0.5 * eight.rate.std(), rel=0.1)


def test_prices_begin_where_they_are_told_to() -> None:
    """At the time that was said; coins that nothing is said of where the table has them."""
    later = START_NS + 400 * DAY_NS
    told = replace(world(), prices={"SOL": 20.0, "EUR": 1.5}, priced_ns=later, usual={"ZZZ": 7.0})
    history = made_up(told, (), ("BTC", "SOL", "EUR", "ZZZ", "ZZY"))
    begin = {"BTC": 60_000.0, "ZZZ": 7.0, "ZZY": 1.0}
    for name, price in begin.items():
        series = history.index[name]
        assert isinstance(series, Bars)
        assert series.open[0] == pytest.approx(price, rel=1e-12)
    for name, price in {"SOL": 20.0, "EUR": 1.5}.items():
        series = history.index[name]
        assert isinstance(series, Bars)
        assert series.open[400 * 24] == pytest.approx(price, rel=1e-12)
    assert any("SOL is made up" in line and "20 USD" in line for line in history.notes)


def test_money_wobbles_and_stays() -> None:
    """Stablecoins are near what they stand for, government money near its price."""
    history = market()
    for name, near in (("EUR", 1.1), ("USDT", 1.0), ("USDC", 1.0)):
        series = history.index[name]
        assert isinstance(series, Bars)
        assert abs(np.log(series.close / near)).max() < 0.35, name
        assert series.close.std() > 1e-4
    tether, circle = history.index["USDT"], history.index["USDC"]
    assert isinstance(tether, Bars)
    assert isinstance(circle, Bars)
    assert abs(np.corrcoef(tether.close, circle.close)[0, 1]) < 0.5
    euro, coin = history.index["EUR"], history.index["EURC"]
    assert isinstance(euro, Bars)
    assert isinstance(coin, Bars)
    assert abs(coin.close / euro.close - 1.0).max() < 0.1
    told = made_up(replace(world(), pegs={"USDT": None, "MINE": "EUR"}), (), ("USDT", "MINE"))
    mine, like_any = told.index["MINE"], told.index["USDT"]
    assert isinstance(mine, Bars)
    assert isinstance(like_any, Bars)
    assert abs(mine.close / euro.close - 1.0).max() < 0.1
    assert np.log(like_any.close).std() > 0.05


def test_the_table_has_what_it_needs() -> None:
    """A beta, a correlation up to 1 and words of each coin; a price above 0 of all money."""
    for name in (*coins_in_table(), "what nobody knows"):
        coin = made_up_coin(name)
        assert coin.price is None or coin.price > 0.0
        assert 0.0 < coin.correlation <= 1.0
        assert 0.0 < coin.beta < 3.0
        assert coin.what
    assert [one for one in money()[0] - {"USD"} if not (fiat_price(one) or 0.0) > 0.0] == []


def test_a_wrapped_coin_is_the_one_it_wraps() -> None:
    """At its own price."""
    history = made_up(world(), (), ("ETH", "WSTETH"))
    assert np.allclose(moves(history, "ETH"), moves(history, "WSTETH"), atol=1e-12)


def test_episodes_come_as_often_as_they_say() -> None:
    """Squeezes each month, crashes each year; worked figures of the first."""
    squeeze, crash = PATHS["squeeze"].episode, PATHS["crash"].episode
    assert squeeze is not None
    assert crash is not None
    level = episodes(squeeze._replace(move=0.5), 24 * 365)
    first = squeeze.first_day * 24
    assert [round(float(level[first + h]), 2) for h in (0, 12, 24, 72)] == [0.0, 0.25, 0.5, 0.35]
    assert (np.diff(level) > 0.02).sum() == 24 * 12
    assert episodes(crash, FIVE_YEARS).min() == pytest.approx(crash.move)


@pytest.mark.parametrize(("path", "growth"), [("bull", 2.0**YEARS), ("calm", 1.0), ("crash", 1.0)])
def test_paths_go_where_they_say(path: str, growth: float) -> None:
    """Over five years."""
    series = market(path).index["BTC"]
    assert isinstance(series, Bars)
    assert series.close[-1] / series.open[0] == pytest.approx(growth, rel=1e-6)
    deepest = float((series.low / np.maximum.accumulate(series.high)).min())
    assert (deepest < 0.4) == (path == "crash")


def test_what_cannot_be_made_up_is_said() -> None:
    """A path of no name, rates that no history holds, a time of nothing."""
    with pytest.raises(HistoryError, match="no made-up market 'moon'; choose one of mixed, calm"):
        market_path("moon")
    dear = PricedContract(quanto(funding=Funding("stamp", "absolute")), START_NS)
    with pytest.raises(HistoryError, match=r'own:BTC/USD:ETH: absolute .* rate_unit = "fraction"'):
        made_up(world(), [dear], ())
    with pytest.raises(HistoryError, match="24 hours or more, not 5"):
        made_up(replace(world(), hours=5), (), ("BTC",))


def test_what_has_ended_before_has_no_prices() -> None:
    """A dated contract of another time is left out."""
    late = replace(world(), start_ns=START_NS + 3 * YEAR_NS)
    assert made_up(late, listed("okx:BTC/USD:BTC-211231"), ()).contracts == ()
