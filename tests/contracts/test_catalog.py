"""The built-in catalog: complete with sources, true to published tables, found by name."""

import dataclasses
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volsculpt.contracts import catalog as module
from volsculpt.contracts.catalog import BUILT_IN, Catalog, load_catalog
from volsculpt.contracts.catalog_build import Family
from volsculpt.contracts.expiries import expiry_ns, instant_ns
from volsculpt.contracts.margin import cumulative_amounts
from volsculpt.contracts.spec import Contract
from volsculpt.errors import ContractError
from volsculpt.units import DAY_NS

CATALOG = load_catalog()
FAMILIES = CATALOG.families()
LISTED = [*CATALOG.contracts(), *(family.template for family in FAMILIES)]
NOW = instant_ns(datetime(2024, 11, 1, tzinfo=UTC))


def ids(contract: Contract) -> str:
    """The name a test report shows."""
    return contract.key


def amounts(venue: str, symbol: str) -> list[float]:
    """The cumulative amounts of a contract's tiers."""
    tiers = CATALOG.get(venue, symbol).need_margin().tiers
    return cumulative_amounts([t.floor for t in tiers], [t.maintenance_rate for t in tiers])


def given_figures(contract: Contract) -> set[str]:
    """Names of the figures that are not None, as `sources` calls them."""
    names = {"multiplier", "lot"}
    plain = ("tick", "minimum", "funding", "margin", "position_most", "position_most_value")
    names |= {name for name in plain if getattr(contract, name) is not None}
    fees = ("maker", "taker", "delivery", "liquidation")
    names |= {f"fees.{fee}" for fee in fees if getattr(contract.fees, fee) is not None}
    orders = dataclasses.asdict(contract.orders)
    names |= {f"orders.{figure}" for figure, said in orders.items() if said is not None}
    return names


def test_a_data_file_is_a_built_in_venue() -> None:
    """Venues are found by their files: none lies unused, each is of the venue of its name."""
    data = Path(module.__file__).parent / "data"
    named = {path.stem for path in data.glob("*.toml")} - {"currencies"}
    assert named == set(BUILT_IN) == set(CATALOG.venues())
    assert {path.stem for path in data.glob("*.json")} <= named
    assert all(one.venue == venue for venue in BUILT_IN for one in CATALOG.contracts(venue))


@pytest.mark.parametrize("contract", LISTED, ids=ids)
def test_every_figure_has_a_source_with_a_date(contract: Contract) -> None:
    """Whatever the catalog says, it says where it was read, and when."""
    assert given_figures(contract) <= set(contract.sources)
    assert all(re.search(r"20[12]\d", text) for text in contract.sources.values())


@pytest.mark.parametrize("contract", LISTED, ids=ids)
def test_every_contract_makes_sense(contract: Contract) -> None:
    """Inverse settles in the coin, linear does not; sizes and fees are plausible."""
    assert (contract.settle == contract.base) is (contract.payoff == "inverse")
    assert contract.multiplier > 0
    assert 0 < contract.lot <= (contract.minimum or contract.lot)
    assert contract.fees.taker is not None
    assert 0 < contract.fees.taker < 0.001
    assert contract.native_symbol


@pytest.mark.parametrize("venue", BUILT_IN)
def test_funding_of_the_largest_perpetuals_is_known(venue: str) -> None:
    """How often a venue's perpetuals on BTC pay, and its inverse ones on BTC and ETH."""
    listed = CATALOG.contracts(venue)
    assert listed or CATALOG.families(venue)
    every = {coin: CATALOG.perpetuals(venue, coin) for coin in ("BTC", "ETH")}
    largest = [*every["BTC"], *(one for one in every["ETH"] if one.payoff == "inverse")]
    assert [one.key for one in largest if one.funding is None] == []


@pytest.mark.parametrize("venue", BUILT_IN)
def test_a_coin_has_one_inverse_perpetual_and_dated_ones_beside_it(venue: str) -> None:
    """Under the symbol that a first mandate names, whichever coins a venue has."""
    listed = CATALOG.contracts(venue)
    inverse = {one.symbol: one for one in listed if one.payoff == "inverse"}
    assert list(inverse) == [f"{one.base}/USD:{one.base}" for one in inverse.values()]
    dated = [one for one in CATALOG.families(venue) if one.template.payoff == "inverse"]
    assert not inverse or {one.symbol for one in dated} <= set(inverse)


def test_no_venue_with_btc_and_eth_both_ways_is_lost() -> None:
    """A coin owner finds five with inverse perpetuals and quarters of both, and linear ones."""
    quarters = {(one.venue, one.symbol) for one in FAMILIES if "quarter" in one.calendars}
    both = [
        venue
        for venue in BUILT_IN
        if {(venue, "BTC/USD:BTC"), (venue, "ETH/USD:ETH")} <= quarters
        and CATALOG.perpetuals(venue, "ETH", "inverse")
        and CATALOG.perpetuals(venue, "BTC", "linear")
    ]
    assert len(both) >= 5


@pytest.mark.parametrize(
    ("venue", "symbol", "multiplier", "lot"),
    [
        ("binance", "BTC/USD:BTC", 100, 1),
        ("binance", "ETH/USD:ETH", 10, 1),
        ("binance", "BTC/USDT:USDT", 1, 0.001),
        ("bybit", "BTC/USD:BTC", 1, 1),
        ("bybit", "ETH/USDT:USDT", 1, 0.01),
        ("okx", "BTC/USD:BTC", 100, 0.1),
        ("okx", "BTC/USDT:USDT", 0.01, 0.01),
        ("okx", "ETH/USDT:USDT", 0.1, 0.01),
        ("deribit", "BTC/USD:BTC", 10, 1),
        ("deribit", "ETH/USD:ETH", 1, 1),
        ("kraken", "BTC/USD:BTC", 1, 1),
        ("kraken", "BTC/USD:USD", 1, 0.0001),
    ],
)
def test_contract_sizes(venue: str, symbol: str, multiplier: float, lot: float) -> None:
    """Sizes as the exchanges' own instrument lists gave them in 2024 to 2026."""
    contract = CATALOG.get(venue, symbol)
    assert (contract.multiplier, contract.lot) == (multiplier, lot)


def test_binance_coin_margined_amounts() -> None:
    """Binance FAQ ceccfcfb, 2021-02, prints 0.56, 1.81 and 11.81 BTC for levels 4, 5 and 7."""
    expected = [0, 0.01, 0.11, 0.56, 1.81, 6.81, 11.81]
    assert amounts("binance", "BTC/USD:BTC")[:7] == pytest.approx(expected, abs=5e-9)


def test_binance_usdt_amounts() -> None:
    """The `cum` column of GET /fapi/v1/leverageBracket for BTCUSDT and ETHUSDT, 2024-10."""
    btc = [0, 50, 950, 11450, 131450, 481450, 2981450, 14481450, 26481450, 41481450, 121481450]
    eth = [0, 50, 950, 11450, 131450, 381450, 2006450, 9506450, 17506450, 27506450, 80506450]
    assert amounts("binance", "BTC/USDT:USDT") == pytest.approx([*btc, 421481450], rel=1e-12)
    assert amounts("binance", "ETH/USDT:USDT") == pytest.approx([*eth, 280506450], rel=1e-12)


def test_binance_dated_amounts() -> None:
    """The `cum` column of GET /fapi/v1/leverageBracket for BTCUSDT_241227, 2024-10."""
    expected = [0, 500, 11750, 111750, 211750, 461750, 2461750, 12461750]
    got = amounts("binance", "BTC/USDT:USDT-241227")
    assert got == pytest.approx(expected, rel=1e-12)


COINS = ["SOL", "XRP", "ADA", "LINK", "DOGE", "LTC", "AVAX", "BNB", "DOT", "BCH"]
THOUSANDS = {"1000SHIB": 1e3, "1000PEPE": 1e3, "1000BONK": 1e3, "1MBABYDOGE": 1e6}


@pytest.mark.parametrize("coin", [*COINS, "SHIB", "PEPE", "BONK", "FLOKI", "SATS"])
def test_a_coin_that_people_own_can_be_planned_somewhere(coin: str) -> None:
    """Each has a perpetual with maintenance margin and fees, and Binance's tells its tiers."""
    found = [one for venue in BUILT_IN for one in CATALOG.perpetuals(venue, coin)]
    assert any(not one.needs for one in found)
    (linear,) = CATALOG.perpetuals("binance", coin, "linear")
    assert len(linear.need_margin().tiers) >= 7


@pytest.mark.parametrize("coin", COINS)
def test_coin_margined_contracts_of_other_coins_are_10_dollars(coin: str) -> None:
    """Binance's COIN-M specification, 2020-06: 100 USD for BTC, 10 USD for other coins."""
    (inverse,) = CATALOG.perpetuals("binance", coin, "inverse")
    assert (inverse.multiplier, inverse.lot, inverse.settle) == (10, 1, coin)
    assert inverse.needs == ("margin",)


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        # the `cum` column of GET /fapi/v1/leverageBracket, 2026-09
        (
            "SOL/USDT:USDT",
            [0, 75, 1475, 11475, 31475, 231475, 2231475, 4231475, 16731475, 66731475],
        ),
        (
            "1000SHIB/USDT:USDT",
            [0, 87.5, 837.5, 1837.5, 5837.5, 45837.5, 195837.5, 320837.5, 1070837.5, 2820837.5],
        ),
    ],
)
def test_binance_usdt_amounts_of_other_coins(symbol: str, expected: list[float]) -> None:
    """What the venue itself prints beside the tiers that are generated."""
    assert amounts("binance", symbol) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("listed", "count"), THOUSANDS.items())
def test_coins_counted_in_thousands_are_the_coin(listed: str, count: float) -> None:
    """One contract of Binance is one of what is listed, and a thousand or a million of the coin."""
    contract = CATALOG.get("binance", f"{listed}/USDT:USDT")
    assert (contract.base_count, contract.multiplier, contract.lot) == (count, 1, 1)
    assert listed.endswith(contract.base)
    assert not contract.base[0].isdigit()


def test_kraken_levels_of_other_coins() -> None:
    """Class B, 1 % to 25 %: a position of 1,000,000 USD is kept with 18,750 USD."""
    (dot,) = CATALOG.perpetuals("kraken", "DOT")
    tiers = dot.need_margin().tiers
    assert [one.floor for one in tiers][:4] == [0, 250_000, 750_000, 1_000_000]
    sliced = 250_000 * 0.01 + 500_000 * 0.02 + 250_000 * 0.025
    assert 1_000_000 * tiers[2].maintenance_rate - amounts("kraken", dot.symbol)[2] == sliced
    assert tiers[-1].initial == 0.5


def test_okx_tiers_of_ada() -> None:
    """OKX's notice of 2023-10-27: 50x to 1,500 contracts of 100 ADA, 33.33x from 3,000 on."""
    (ada,) = CATALOG.perpetuals("okx", "ADA")
    margin = ada.need_margin()
    assert (ada.multiplier, margin.unit, margin.known_to) == (100, "contracts", 6_000)
    assert [one.initial for one in margin.tiers] == [0.02, 0.025, 0.03]


def test_bybit_usdt_deductions() -> None:
    """All 20 deductions that Bybit's Margin Parameters page prints for BTCUSDT."""
    expected = [0, 1200, 3020, 4300, 5820, 8460, 15460, 20500, 46000, 66000]
    expected += [80000, 160000, 300000, 452000, 502000, 777000, 837000, 967000, 1107000, 1482000]
    assert amounts("bybit", "BTC/USDT:USDT") == pytest.approx(expected, abs=0.5)


def test_bybit_inverse_deduction() -> None:
    """GET /v5/market/risk-limit, 2026-09-26, gives mmDeduction 0.75 for BTCUSD's level 2."""
    assert amounts("bybit", "BTC/USD:BTC")[:2] == pytest.approx([0, 0.75])


def test_bybit_inverse_leverage_is_one_over_the_initial_rate() -> None:
    """Initial margin is maintenance plus half a percent at each level, up to 18.18x."""
    for tier in CATALOG.get("bybit", "BTC/USD:BTC").need_margin().tiers:
        assert tier.max_leverage == pytest.approx(1 / (tier.maintenance_rate + 0.005), abs=0.01)


def test_deribit_slope() -> None:
    """25 BTC need 1.125 % maintenance, Deribit's margin table; initial starts at 2 %."""
    margin = CATALOG.get("deribit", "BTC/USD:BTC").need_margin()
    assert margin.kind == "slope"
    assert margin.rate_base + 25 * margin.rate_slope == pytest.approx(0.01125)
    assert margin.initial_rate == 0.02


def test_unknown_margin_is_refused_not_invented() -> None:
    """OKX's coin-margined tiers have no source, so what needs them says how to supply them."""
    with pytest.raises(ContractError, match="okx:BTC/USD:BTC: maintenance margin is unknown"):
        CATALOG.get("okx", "BTC/USD:BTC").need_margin()


def test_tables_known_in_part_say_how_far() -> None:
    """Where only the first level is sourced, the size it holds for stands beside it."""
    for one in LISTED:
        if one.margin is not None and len(one.margin.tiers) == 1:
            in_part = "level 1 only" in one.sources["margin"]
            assert (one.margin.known_to is not None) is in_part, one.key


# --- dated contracts ------------------------------------------------------------------


def test_a_dated_symbol_is_made_from_its_family() -> None:
    """Same figures as the family, its own expiry and native name, no funding."""
    contract = CATALOG.get("bybit", "BTC/USD:BTC-241227")
    assert contract.expiry_ns == expiry_ns(date(2024, 12, 27), "08:00", UTC)
    assert contract.native_symbol == "BTCUSDZ24"
    assert contract.funding is None
    assert (contract.base, contract.settle, contract.tick) == ("BTC", "BTC", 0.5)


def test_a_day_without_expiry_names_the_nearest() -> None:
    """A typing error in a date is answered with the dates around it."""
    message = "the nearest are BTC/USD:BTC-240927 and BTC/USD:BTC-241227"
    with pytest.raises(ContractError, match=message):
        CATALOG.get("bybit", "BTC/USD:BTC-241226")


def test_a_monthly_day_needs_a_monthly_calendar() -> None:
    """OKX lists BTC by month and ETH, as far as sourced, by week and quarter."""
    time_ns = instant_ns(datetime(2025, 1, 20, tzinfo=UTC))
    assert CATALOG.resolve("okx", "BTC/USD:BTC@month", time_ns).symbol == "BTC/USD:BTC-250131"
    with pytest.raises(ContractError, match="by quarter, week, not by month; use one of @quarter"):
        CATALOG.resolve("okx", "ETH/USD:ETH@month", time_ns)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f"{f.venue}:{f.symbol}")
@given(time_ns=st.integers(1_600_000_000 * 10**9, 2_200_000_000 * 10**9), roll=st.floats(0, 30))
def test_rules_of_every_family(family: Family, time_ns: int, roll: float) -> None:
    """The contract a rule means lives longer than the roll days, and get() finds it again."""
    for calendar in family.calendars:
        rule = f"{family.symbol}@{calendar}"
        contract = CATALOG.resolve(family.venue, rule, time_ns, roll)
        assert contract.expiry_ns is not None
        assert contract.expiry_ns - time_ns > round(roll * DAY_NS)
        assert CATALOG.get(family.venue, contract.symbol) == contract


def test_resolve_takes_a_plain_symbol_too() -> None:
    """A `use` line without a rule means what it names."""
    assert CATALOG.resolve("bybit", "BTC/USD:BTC", NOW) is CATALOG.get("bybit", "BTC/USD:BTC")


@pytest.mark.parametrize(("before_ns", "day"), [(1, "250328"), (0, "250627")])
def test_without_roll_days_a_contract_is_used_to_its_end(before_ns: int, day: str) -> None:
    """One nanosecond before its expiry it still is the nearest."""
    expiry_ns = instant_ns(datetime(2025, 3, 28, 8, tzinfo=UTC))
    found = CATALOG.resolve("bybit", "BTC/USD:BTC@quarter", expiry_ns - before_ns)
    assert found.symbol == f"BTC/USD:BTC-{day}"


# --- asking for what is not there -----------------------------------------------------


@pytest.mark.parametrize(
    ("venue", "symbol", "message"),
    [
        ("Bybit", "BTC/USD:BTC", "venue 'Bybit' is unknown; did you mean \"bybit\"?"),
        ("nowhere9", "BTC/USD:BTC", f"known: {', '.join(BUILT_IN)}"),
        ("bybit", "BTCUSD", "bybit calls it BTCUSD; write 'BTC/USD:BTC' here"),
        ("bybit", "btc/usd:btc", "did you mean 'BTC/USD:BTC'?"),
        ("bybit", "BTC/USD:BTC@quarter", "is a rule; it means a contract only at a time"),
        ("bybit", "ZZZZ/QQQ:ZZZZ-241227", "has no contract 'ZZZZ/QQQ:ZZZZ-241227'; known:"),
        ("bybit", "ZZZZ/QQQ:ZZZZ", "known: BTC/USD:BTC, ETH/USD:ETH"),
        ("bybit", "BTC-PERP", "unified notation"),
    ],
)
def test_unknown_names_are_answered_with_known_ones(venue: str, symbol: str, message: str) -> None:
    """Each message says what would be right."""
    with pytest.raises(ContractError, match=re.escape(message)):
        CATALOG.get(venue, symbol)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("BTC/USD:BTC@quater", "rule @quater is unknown; allowed: @quarter"),
        ("SOL/USD:SOL@quarter", "has no dated contracts of 'SOL/USD:SOL'"),
        ("BTC/USD:BTC@month", "not by month; use one of @quarter"),
    ],
)
def test_unknown_rules_are_refused(rule: str, message: str) -> None:
    """Each message says which rules there are."""
    with pytest.raises(ContractError, match=re.escape(message)):
        CATALOG.resolve("bybit", rule, NOW, 7)


def test_before_its_first_day_a_contract_does_not_exist() -> None:
    """Bybit's BTCUSD opened at 2018-11-14 16:00 UTC; a backtest cannot use it earlier."""
    opened = instant_ns(datetime(2018, 11, 14, 16, tzinfo=UTC))
    assert CATALOG.get("bybit", "BTC/USD:BTC", opened).symbol == "BTC/USD:BTC"
    with pytest.raises(ContractError, match="exists from 2018-11-14T16:00:00Z on"):
        CATALOG.get("bybit", "BTC/USD:BTC", opened - 1)


def test_at_its_expiry_a_contract_no_longer_exists() -> None:
    """The life of a dated contract ends before the instant of its delivery."""
    expiry = expiry_ns(date(2024, 12, 27), "08:00", UTC)
    assert CATALOG.get("bybit", "BTC/USD:BTC-241227", expiry - 1).expiry_ns == expiry
    with pytest.raises(ContractError, match="exists until 2024-12-27T08:00:00Z"):
        CATALOG.get("bybit", "BTC/USD:BTC-241227", expiry)


def test_only_the_venues_asked_for_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan on one venue does not pay for the others."""
    read: list[str] = []
    built_in = module._built_in
    monkeypatch.setattr(module, "_built_in", lambda venue: read.append(venue) or built_in(venue))
    fresh = Catalog()
    fresh.get("bybit", "BTC/USD:BTC")
    fresh.get("bybit", "BTC/USD:BTC-241227")
    assert read == ["bybit"]


def test_a_pair_without_dated_contracts_is_told_those_that_have_them() -> None:
    """Their names, so that the right one can be copied."""
    venue = FAMILIES[0].venue
    pairs = [one.symbol for one in CATALOG.families(venue)]
    with pytest.raises(ContractError, match="no dated contracts of") as told:
        CATALOG.resolve(venue, "NONE/USD:NONE@quarter", NOW, 7.0)
    assert f"it has them of: {', '.join(pairs)} (" in str(told.value)
