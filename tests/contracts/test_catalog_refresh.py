"""scripts/catalog.py: from what venues answered to the generated part of the catalog."""

import json
import tomllib
from pathlib import Path
from typing import Any

from scripts.catalog import DATA, PLAN, entries, exact, venue_file
from volsculpt.contracts.catalog_build import contract_of
from volsculpt.contracts.catalog_file import entries_of
from volsculpt.contracts.spec import Contract

COLUMNS = (
    "market,symbol,type,description,quote_currency,contract_multiplier,minimum_price_variation,"
    "lot_size,market_ticker,minimum_order_size,price_magnifier,strike_multiplier\n"
)
LEAN = f"""{COLUMNS}\
binance,AAAUSD,cryptofuture,AAAUSD_PERP,USD,10,0.010,1,AAAUSD_PERP
binance,1000BBBUSDT,cryptofuture,1000BBBUSDT,USDT,1,0.0000001,1,1000BBBUSDT
bybit,BBBUSDT,cryptofuture,BBB1000USDT,USDT,1,0.0000010,100,BBB1000USDT,100
bybit,AAAUSDT,cryptofuture,AAAUSDT,USDT,1,0.1,1,AAAUSDT,1
bybit,CCCUSDT,cryptofuture,CCCUSDT,USDT,1,0.1,1,CCCUSDT,1
binance,AAAUSDT,crypto,AAAUSDT,USDT,1,0.01,0.00001,AAAUSDT,5
cme,BTC,future,Bitcoin Futures,USD,5.0,5.0,1.0
"""
TIERS = """{"1000BBB/USDT:USDT": [
{"minNotional": 0.0, "maxNotional": 5000.0, "maintenanceMarginRate": 0.0065, "maxLeverage": 75.0},
{"minNotional": 5000.0, "maxNotional": 1e6, "maintenanceMarginRate": 0.5, "maxLeverage": 1.0}]}"""
BYBIT = {
    "symbol": "AAAUSDT",
    "priceFilter": {"tickSize": "0.0500"},
    "lotSizeFilter": {
        "maxOrderQty": "900",
        "minOrderQty": "0.20",
        "qtyStep": "0.10",
        "maxMktOrderQty": "90",
        "minNotionalValue": "5",
    },
    "fundingInterval": "240",
}
OKX = {
    "instId": "AAA-USDT-SWAP",
    "ctType": "linear",
    "ctVal": "0.1",
    "ctMult": "10",
    "ctValCcy": "AAA",
    "settleCcy": "USDT",
    "lotSz": "0.1",
    "minSz": "0.1",
    "tickSz": "0.0001",
    "maxMktSz": "500",
    "maxLmtSz": "7000",
}
PLANNED = {
    "coins": ["AAA", "BBB"],
    "source": {
        "lean": "Lean, 2025",
        "binance_tiers": "brackets, 2026",
        "bybit": "Bybit, 2025",
        "okx": "OKX, 2024",
        "stated": "a page, 2020",
        "unused": "nothing, 2020",
    },
    "funding": [
        {"venue": "binance", "payoff": "inverse", "interval_hours": 8, "source": "stated"},
        {
            "venue": "bybit",
            "payoff": "linear",
            "coins": ["AAA"],
            "interval_hours": 1,
            "source": "stated",
        },
    ],
}


def listed(folder: Path) -> dict[str, Contract]:
    """The contracts that are made of the files above, read as the catalog reads them."""
    (folder / "lean.csv").write_text(LEAN, encoding="utf-8")
    (folder / "binance_leverage_tiers.json").write_text(TIERS, encoding="utf-8")
    (folder / "bybit.json").write_text(json.dumps({"result": {"list": [BYBIT]}}), encoding="utf-8")
    (folder / "okx.json").write_text(json.dumps({"data": [OKX]}), encoding="utf-8")
    found: dict[str, Contract] = {}
    for venue, made in entries(folder, PLANNED).items():
        raw: dict[str, Any] = json.loads(venue_file(venue, made, PLANNED))
        assert "unused" not in raw["source"]
        for entry in entries_of(raw, venue, None):
            found[f"{venue}:{entry.symbol}"] = contract_of(entry)
    return found


def test_figures_are_read_as_they_are_written() -> None:
    """Trailing zeros and exponents change nothing, and no digit is lost."""
    assert [exact(text) for text in ("0.010", "1E-10", "100", "0.0000010", "5000.0")] == [
        0.01,
        1e-10,
        100,
        1e-6,
        5000,
    ]


def test_coins_that_are_asked_for_are_listed_and_no_spot(tmp_path: Path) -> None:
    """By the venue's own name, a thousand of a coin too; others and other markets are left out."""
    assert set(listed(tmp_path)) == {
        "binance:AAA/USD:AAA",
        "binance:1000BBB/USDT:USDT",
        "bybit:BBB1000/USDT:USDT",
        "bybit:AAA/USDT:USDT",
        "okx:AAA/USDT:USDT",
    }


def test_tiers_and_the_largest_position_come_with_their_source(tmp_path: Path) -> None:
    """The last bracket's end is the largest position; an inverse contract has no tiers here."""
    found = listed(tmp_path)
    many = found["binance:1000BBB/USDT:USDT"]
    assert [(t.floor, t.maintenance_rate, t.max_leverage) for t in many.need_margin().tiers] == [
        (0.0, 0.0065, 75.0),
        (5000.0, 0.5, 1.0),
    ]
    assert (many.position_most_value, many.base, many.base_count) == (1e6, "BBB", 1e3)
    assert (many.sources["margin"], many.sources["tick"]) == ("brackets, 2026", "Lean, 2025")
    assert (many.funding, many.minimum) == (None, None)
    inverse = found["binance:AAA/USD:AAA"]
    assert (inverse.needs, inverse.multiplier, inverse.tick) == (("margin",), 10, 0.01)
    assert inverse.funding is not None
    assert inverse.sources["funding"] == "a page, 2020"


def test_a_venue_s_own_answer_goes_before_a_table_of_others(tmp_path: Path) -> None:
    """Bybit's steps, limits and minutes of funding stand in place of Lean's and what is stated."""
    own = listed(tmp_path)["bybit:AAA/USDT:USDT"]
    assert (own.tick, own.lot, own.minimum) == (0.05, 0.1, 0.2)
    assert (own.orders.least_value, own.orders.market_most, own.orders.limit_most) == (5, 90, 900)
    assert own.funding is not None
    assert own.funding.interval_hours == 4
    assert own.sources["orders.least_value"] == own.sources["funding"] == "Bybit, 2025"
    swap = listed(tmp_path)["okx:AAA/USDT:USDT"]
    assert (swap.multiplier, swap.lot, swap.orders.market_most) == (1, 0.1, 500)


def test_what_is_in_the_catalog_names_the_sources_of_the_plan() -> None:
    """A source that is corrected in scripts/catalog.toml alone would not be shown."""
    said = tomllib.loads(PLAN.read_text(encoding="utf-8"))["source"]
    for path in DATA.glob("*.json"):
        written = json.loads(path.read_text(encoding="utf-8"))["source"]
        fees = {name for name in written if name.startswith("fees_")}
        assert {name: written[name] for name in written.keys() - fees}.items() <= said.items()
