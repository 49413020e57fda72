"""A user's contracts file: what it adds, what it overrides, and what it is told when wrong."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

import volsculpt.contracts.catalog as module
from volsculpt.contracts.catalog import BUILT_IN, load_catalog, read_contracts
from volsculpt.contracts.catalog_build import contract_of, merged
from volsculpt.contracts.catalog_file import parse_file
from volsculpt.contracts.expiries import instant_ns
from volsculpt.contracts.spec import Orders, Tier
from volsculpt.errors import ContractError

MINE = """
venue = "mine"
[[contract]]
symbol = "BTC/USD:BTC"
payoff = "inverse"
multiplier = 1
"""
DATED = MINE.replace("BTC/USD:BTC", "BTC/USD:BTC-241227")
BYBIT = 'venue = "bybit"\n[[contract]]\nsymbol = "BTC/USD:BTC"\n'
FAMILY = MINE.replace("contract", "family")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a test writes its contracts file."""
    return tmp_path / "contracts.toml"


def told(file: Path, text: str) -> str:
    """The message that a file with this text gets."""
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ContractError) as caught:
        load_catalog(file)
    return str(caught.value)


def test_a_file_adds_a_venue_and_a_contract(file: Path) -> None:
    """The least a new contract needs is symbol, payoff and multiplier."""
    file.write_text(MINE, encoding="utf-8")
    catalog = load_catalog(file)
    (contract,) = read_contracts(file)
    assert contract == catalog.get("mine", "BTC/USD:BTC")
    assert (contract.multiplier, contract.lot, contract.margin) == (1.0, 1.0, None)
    assert contract.sources == {"multiplier": "given in contracts.toml"}
    assert catalog.venues() == sorted([*BUILT_IN, "mine"])


def test_a_file_overrides_one_figure(file: Path) -> None:
    """A negotiated fee replaces the published one; all else stays, with its source."""
    file.write_text(BYBIT + "fees = { taker = 0.0003 }\n", encoding="utf-8")
    before, after = (c.get("bybit", "BTC/USD:BTC") for c in (load_catalog(), load_catalog(file)))
    assert (after.fees.taker, after.fees.maker) == (0.0003, before.fees.maker)
    assert (after.margin, after.funding, after.tick) == (before.margin, before.funding, before.tick)
    changed = {name for name in after.sources if after.sources[name] != before.sources[name]}
    assert changed == {"fees.taker"}
    assert after.sources["fees.taker"] == "given in contracts.toml"


def test_the_built_in_catalog_is_untouched_by_a_file(file: Path) -> None:
    """Two catalogs in one process do not mix."""
    file.write_text(BYBIT + "multiplier = 5\n", encoding="utf-8")
    assert load_catalog(file).get("bybit", "BTC/USD:BTC").multiplier == 5
    assert load_catalog().get("bybit", "BTC/USD:BTC").multiplier == 1


def test_tiers_are_replaced_as_a_whole(file: Path) -> None:
    """A table of tiers is one figure; the rest of the margin rule stays."""
    file.write_text(BYBIT + "margin = { tiers = [{ floor = 0, rate = 0.02 }] }\n", encoding="utf-8")
    contract = load_catalog(file).get("bybit", "BTC/USD:BTC")
    assert contract.need_margin().tiers == (Tier(0.0, 0.02, None),)
    assert contract.sources["margin"].startswith("given in contracts.toml; the rest: Bybit")


def test_another_kind_of_margin_replaces_the_rule(file: Path) -> None:
    """Tiers over a slope leave nothing of the slope behind."""
    file.write_text(
        'venue = "deribit"\n[[contract]]\nsymbol = "BTC/USD:BTC"\n'
        "margin = { tiers = [{ floor = 0, rate = 0.02 }] }\n",
        encoding="utf-8",
    )
    margin = load_catalog(file).get("deribit", "BTC/USD:BTC").need_margin()
    assert load_catalog().get("deribit", "BTC/USD:BTC").need_margin().kind == "slope"
    assert (margin.kind, margin.rate_base, margin.rate_slope) == ("tiers", 0.0, 0.0)


def test_margin_can_be_supplied_where_it_is_unknown(file: Path) -> None:
    """What the catalog leaves out, a file gives."""
    file.write_text(
        'venue = "okx"\n[[contract]]\nsymbol = "BTC/USD:BTC"\n[contract.margin]\n'
        'unit = "contracts"\ntiers = [{ floor = 0, rate = 0.004, max_leverage = 100 }]\n',
        encoding="utf-8",
    )
    contract = load_catalog(file).get("okx", "BTC/USD:BTC")
    assert contract.need_margin().tiers[0].maintenance_rate == 0.004


def test_overriding_a_family_reaches_its_contracts(file: Path) -> None:
    """A figure of a family holds for every day."""
    file.write_text(
        'venue = "bybit"\n[[family]]\nsymbol = "BTC/USD:BTC"\nfees = { taker = 0.0003 }\n',
        encoding="utf-8",
    )
    catalog = load_catalog(file)
    assert catalog.get("bybit", "BTC/USD:BTC-241227").fees.taker == 0.0003
    assert catalog.get("bybit", "BTC/USD:BTC").fees.taker == 0.00055


def test_overriding_one_dated_contract(file: Path) -> None:
    """A dated contract takes from its family what the file does not say, expiry included."""
    text = BYBIT.replace("BTC/USD:BTC", "BTC/USD:BTC-241227") + "tick = 0.25\n"
    file.write_text(text, encoding="utf-8")
    catalog = load_catalog(file)
    contract = catalog.get("bybit", "BTC/USD:BTC-241227")
    plain = load_catalog().get("bybit", "BTC/USD:BTC-241227")
    assert (contract.tick, contract.expiry_ns) == (0.25, plain.expiry_ns)
    assert contract.native_symbol == plain.native_symbol == "BTCUSDZ24"
    time_ns = instant_ns(datetime(2024, 11, 1, tzinfo=UTC))
    assert catalog.resolve("bybit", "BTC/USD:BTC@quarter", time_ns) == contract
    assert catalog.perpetuals("bybit", "BTC", "inverse") == [catalog.get("bybit", "BTC/USD:BTC")]


def test_a_dated_contract_on_a_day_of_no_calendar(file: Path) -> None:
    """Its figures are its family's, but neither when it expires nor what its venue calls it."""
    text = BYBIT.replace("BTC/USD:BTC", "BTC/USD:BTC-241225")
    assert "expiry is missing" in told(file, text)
    file.write_text(text + "expiry = 2024-12-25T09:00:00Z\n", encoding="utf-8")
    contract = load_catalog(file).get("bybit", "BTC/USD:BTC-241225")
    plain = load_catalog().get("bybit", "BTC/USD:BTC-241227")
    assert contract.expiry_ns == instant_ns(datetime(2024, 12, 25, 9, tzinfo=UTC))
    assert (contract.native_symbol, contract.funding) == (None, None)
    assert (contract.margin, contract.fees) == (plain.margin, plain.fees)


def test_a_file_adds_a_family(file: Path) -> None:
    """A new venue's quarterly contracts are named by rule at once."""
    file.write_text(FAMILY + 'calendars = ["quarter"]\nexpiry_time = "15:30"\n', encoding="utf-8")
    time_ns = instant_ns(datetime(2024, 11, 1, tzinfo=UTC))
    contract = load_catalog(file).resolve("mine", "BTC/USD:BTC@next_quarter", time_ns)
    assert contract.symbol == "BTC/USD:BTC-250328"
    assert contract.expiry_ns == instant_ns(datetime(2025, 3, 28, 15, 30, tzinfo=UTC))


def test_a_dated_contract_and_an_interval(file: Path) -> None:
    """Times in the file become ns UTC, whatever their offset."""
    file.write_text(
        DATED + "expiry = 2024-12-27T09:00:00+01:00\n"
        "valid_from = 2024-06-28T08:00:00Z\nvalid_to = 2024-12-27T07:00:00Z\n",
        encoding="utf-8",
    )
    (contract,) = read_contracts(file)
    assert contract.expiry_ns == instant_ns(datetime(2024, 12, 27, 8, tzinfo=UTC))
    catalog = load_catalog(file)
    with pytest.raises(ContractError, match="exists until 2024-12-27T07:00:00Z"):
        catalog.get("mine", contract.symbol, contract.valid_to_ns)


def test_sources_may_be_named_or_written_out(file: Path) -> None:
    """A figure's source is the nearest said: the figure, its group, the default."""
    file.write_text(
        MINE + "tick = 0.5\nfees = { maker = 0, taker = 0.0005 }\n"
        'sources = { default = "info", fees.taker = "fee page, 2026-01-02", fees.maker = "info" }\n'
        '[source]\ninfo = "instrument list, 2026-01-01"\n',
        encoding="utf-8",
    )
    (contract,) = read_contracts(file)
    assert contract.sources == {
        "multiplier": "instrument list, 2026-01-01",
        "tick": "instrument list, 2026-01-01",
        "fees.maker": "instrument list, 2026-01-01",
        "fees.taker": "fee page, 2026-01-02",
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            MINE.replace("multiplier", "multiplyer"),
            'multiplyer: is not a known key; did you mean "',
        ),
        (MINE + 'settle = "BTC"', "settle: is not a known key; it is read from the symbol"),
        (MINE + 'tick = "half"', "tick: 'half' is not a number"),
        (MINE + "tick = true", "tick: True is not a number"),
        (MINE + "tick = nan", "tick: nan is not finite; leave the key out when it is unknown"),
        (MINE.replace("= 1", "= 0"), "multiplier: 0 must be above 0"),
        (MINE + "lot = -1", "lot: -1 must be above 0"),
        (MINE.replace("inverse", "reverse"), "payoff: 'reverse' is not allowed; allowed: inverse,"),
        (MINE.replace("multiplier = 1", ""), "multiplier is missing; a new contract needs it"),
        (MINE.replace("USD:BTC", "USDT:USDT"), "an inverse contract settles in its base coin, BTC"),
        (MINE.replace("inverse", "linear"), "a linear contract does not settle in its base coin"),
        (MINE.replace("inverse", "quanto"), "a quanto contract settles in a third currency"),
        (MINE + "fees = { taker = 0.5 }", "fees.taker: 0.5 is a fraction of the value: write 0.05"),
        (MINE + "fees = { taker = -0.1 }", "fees.taker: -0.1 must not be negative"),
        (MINE + "fees = 0.1", "fees: 0.1 is not a table with the keys maker, taker"),
        (MINE + "orders = { least = 5 }", 'orders.least: is not a known key; did you mean "least_'),
        (MINE + "orders = { least_value = 0 }", "orders.least_value: 0 must be above 0"),
        (MINE + "orders = { reduce_only_exempt = 1 }", "reduce_only_exempt: 1 is neither true nor"),
        (MINE + "orders = { price_down = 5 }", "orders.price_down: 5 is a fraction of the value"),
        (MINE + "position_most = -1", "position_most: -1 must be above 0"),
        (MINE + 'funding = { kind = "hourly" }', "funding.kind: 'hourly' is not allowed"),
        (DATED, "expiry is missing; give expiry = 2024-12-27T08:00:00Z"),
        (DATED + "expiry = 2024-12-27T08:00:00", "has no offset; add Z for UTC"),
        (DATED + 'expiry = "2024-12-27T08:00:00Z"', "is not a time; write 2024-12-27T08:00:00Z"),
        (DATED + "expiry = 2024-12-28T08:00:00Z", "is not on the day in the symbol, 2024-12-27"),
        (MINE + "expiry = 2024-12-27T08:00:00Z", "has the day in its symbol; write BTC/USD:BTC-"),
        (
            DATED + "expiry = 2024-12-27T08:00:00Z\nfunding = { interval_hours = 8 }",
            "funding: a dated contract pays none",
        ),
        (
            MINE + "valid_from = 2024-02-01T00:00:00Z\nvalid_to = 2024-01-01T00:00:00Z",
            "valid_to: 2024-01-01T00:00:00Z must be after valid_from",
        ),
        (
            MINE + "valid_from = 2024-01-01T00:00:00Z\nvalid_to = 2024-01-01T00:00:00Z",
            "valid_to: 2024-01-01T00:00:00Z must be after valid_from",
        ),
        (MINE.replace("BTC/USD:BTC", "BTCUSD"), "symbol 'BTCUSD' is not in unified notation"),
        (MINE.replace('"BTC/USD:BTC"', "5"), "symbol: 5 is not a text"),
        (MINE.replace('venue = "mine"', ""), 'give venue = "..." in it, or once at the top'),
        ('venue = "mine"\n[[contract]]\nlot = 1', '[[contract]] without a symbol: give symbol = "'),
        ('venue = "mine"\n[contract]\nlot = 1', "write [[contract]] with two brackets"),
        ("[[contracts]]", '[contracts] is not known here; did you mean "contract"?'),
        ("venue = ", "is not valid TOML"),
        (MINE + MINE.replace('venue = "mine"', ""), "stands twice in this file; keep one"),
        (FAMILY, "calendars is missing; give a list out of quarter, month, week"),
        (FAMILY + 'calendars = ["year"]', "calendars: ['year'] is not a list out of quarter"),
        (FAMILY + 'calendars = ["week"]', 'expiry_time is missing; give it as "08:00"'),
        (FAMILY + 'expiry_time = "8 am"', "expiry_time: '8 am' is not a clock time such as"),
        (FAMILY + 'expiry_zone = "London"', 'is neither "UTC" nor a name such as "Europe/London"'),
        (FAMILY + 'native_symbol = "B{year}"', "native_symbol: 'B{year}' may hold only {yymmdd}"),
        (FAMILY.replace(":BTC", ":BTC-241227"), "a family has no date in its symbol"),
        (MINE + 'sources = { tick = "page 2026" }', "sources: tick is not a figure of this"),
        (MINE + 'sources = { default = "inf" }\n[source]\ninfo = "x"', 'did you mean "info"?'),
        (MINE + 'sources = "page"', "sources: is not a table"),
    ],
)
def test_a_wrong_file_is_told_what_to_do(file: Path, text: str, message: str) -> None:
    """Each message names the file and what is wrong in words that lead to the fix."""
    said = told(file, text)
    assert message in said
    assert said.startswith(str(file))


@pytest.mark.parametrize(
    ("margin", "message"),
    [
        ("tiers = [{ floor = 5, rate = 0.1 }]", "margin.tiers: the first floor is 5; it must be 0"),
        (
            "tiers = [{ floor = 0, rate = 0 }, { floor = 9, rate = 0.2 }, { floor = 3, rate = 1 }]",
            "floor 3 of tier 3 does not rise above 9; sort the tiers by floor",
        ),
        (
            "tiers = [{ floor = 0, rate = 0.1 }, { floor = 9, rate = 0.1 }]",
            "rate 0.1 of tier 2 does not rise above 0.1; rates rise with size",
        ),
        ("tiers = [{ floor = 0, rate = 5 }]", "margin.tiers.1.rate: 5 is a fraction of the value"),
        ("tiers = [{ floor = 0, rte = 0.1 }]", "margin.tiers.1.rte: is not a known key; did you"),
        ("tiers = [{ floor = 0 }]", "margin.tiers.1: needs both floor and rate"),
        ("tiers = [{ floor = 0, rate = 0.1, cum = 0 }]", "it is computed from floors and rates"),
        ("tiers = []", "margin.tiers: is not a list of tiers"),
        ('base = "mark"', 'margin.tiers is missing; kind "tiers" needs it'),
        ("rate_base = 0.01", 'margin.rate_slope is missing; kind "slope" needs it'),
        (
            "rate_slope = 0.1\ntiers = [{ floor = 0, rate = 0.1 }]",
            'margin.rate_slope: kind "tiers" has none; drop it',
        ),
    ],
)
def test_a_wrong_margin_rule_is_told_what_to_do(file: Path, margin: str, message: str) -> None:
    """Margin decides liquidation, so nothing doubtful passes."""
    assert message in told(file, f"{MINE}[contract.margin]\n{margin}\n")


def test_order_limits_merge_key_by_key(file: Path) -> None:
    """An owner's least value replaces the published one; what else is known of orders stays."""
    more = "orders = { least_value = 7, market_most = 50 }\nposition_most = 9\n"
    file.write_text(MINE + more, encoding="utf-8")
    (contract,) = read_contracts(file)
    assert contract.orders == Orders(least_value=7.0, market_most=50.0)
    assert contract.sources["orders.market_most"] == "given in contracts.toml"
    base = parse_file(MINE + more, "built-in", "page, 2026")[0]
    over = parse_file(MINE.replace("payoff", "#") + "orders = { least_value = 5 }", "mine", "said")
    built = contract_of(merged(base, over[0]))
    assert built.orders == Orders(least_value=5.0, market_most=50.0)
    assert (built.sources["orders.least_value"], built.sources["orders.market_most"]) == (
        "said",
        "page, 2026",
    )


def test_tiers_by_contracts_may_keep_a_rate(file: Path) -> None:
    """With one rate for the whole position, two tiers may differ in leverage alone."""
    file.write_text(
        MINE + 'margin = { unit = "contracts", tiers = [{ floor = 0, rate = 0.1 }, '
        "{ floor = 9, rate = 0.1 }] }\n",
        encoding="utf-8",
    )
    (contract,) = read_contracts(file)
    assert len(contract.need_margin().tiers) == 2


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A path that leads nowhere is a ContractError, not a traceback."""
    with pytest.raises(ContractError, match=r"none\.toml: the contracts file cannot be read"):
        load_catalog(tmp_path / "none.toml")


def test_built_in_files_must_name_every_source() -> None:
    """The catalog cannot grow a figure without saying where it was read."""
    with pytest.raises(ContractError, match="sources: multiplier has no source"):
        parse_file(MINE, "built-in", unsourced=None)


def test_the_example_of_the_readme_works(file: Path) -> None:
    """The file that the README shows is one that loads."""
    readme = Path(module.__file__).with_name("README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", readme, flags=re.DOTALL)
    file.write_text(example, encoding="utf-8")
    added, changed = read_contracts(file)
    assert added.key == "bitmex:BTC/USD:BTC"
    assert (changed.key, changed.fees.taker) == ("bybit:BTC/USD:BTC", 0.0003)
