"""Write the generated part of the catalog: python -m scripts.catalog RAW

RAW is a folder with what venues answered, downloaded by whoever refreshes the catalog; nothing is
downloaded here, and nothing of it is kept but the figures:

    lean.csv                      rows of QuantConnect/Lean's symbol-properties-database.csv
    binance_leverage_tiers.json   GET /fapi/v1/leverageBracket in ccxt's form, as freqtrade ships it
    bybit.json                    GET /v5/market/instruments-info
    okx.json                      GET /api/v5/public/instruments

scripts/catalog.toml says which coins are listed and where each file is from. Fees are those of the
venue's BTC perpetual. A figure that no file has stays out. Written is
src/volsculpt/contracts/data/VENUE.json, a contract a line.
"""

import csv
import json
import sys
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from volsculpt.contracts.catalog import Catalog
from volsculpt.contracts.counted import counted

DATA = Path(__file__).parent.parent / "src" / "volsculpt" / "contracts" / "data"
PLAN = Path(__file__).with_suffix(".toml")
Entry = dict[str, Any]


def exact(text: object) -> float | int:
    """A figure as a venue writes it, exactly: an integer where it is one. "0.010" is 0.01."""
    figure = Decimal(str(text))
    return int(figure) if figure == figure.to_integral_value() else float(figure)


def read_json(path: Path) -> Entry:
    """A JSON file with its figures as they are written."""
    return json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)


# --- entries of each raw file -----------------------------------------------------------


def lean_entries(path: Path, coins: list[str]) -> Iterator[tuple[str, Entry]]:
    """(venue, entry) of each contract on one of `coins` in Lean's table."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["type"] != "cryptofuture" or row["market"] not in ("binance", "bybit"):
                continue
            listed = row["market_ticker"].removesuffix("_PERP").removesuffix(row["quote_currency"])
            if counted(listed)[0] in coins:
                yield row["market"], lean_entry(row, listed)


def lean_entry(row: dict[str, str], listed: str) -> Entry:
    """A row of Lean's table on what the venue writes as `listed`; USD is the quote of inverse."""
    quote, ticker = row["quote_currency"], row["market_ticker"]
    is_inverse = quote == "USD"
    entry: Entry = {
        "symbol": f"{listed}/{quote}:{listed if is_inverse else quote}",
        "native_symbol": ticker,
        "payoff": "inverse" if is_inverse else "linear",
        "multiplier": exact(row["contract_multiplier"]),
        "tick": exact(row["minimum_price_variation"]),
        "lot": exact(row["lot_size"]),
    }
    if row.get("minimum_order_size"):
        entry["minimum"] = exact(row["minimum_order_size"])
    return entry | {"sources": {"default": "lean"}}


def add_tiers(entry: Entry, brackets: dict[str, list[Entry]]) -> None:
    """Binance's margin tiers and the largest position, where they are known for the symbol."""
    rows = brackets.get(entry["symbol"])
    if entry["payoff"] != "linear" or not rows:
        return
    tiers = [
        {
            "floor": exact(row["minNotional"]),
            "rate": exact(row["maintenanceMarginRate"]),
            "max_leverage": exact(row["maxLeverage"]),
        }
        for row in rows
    ]
    entry["margin"] = {"base": "mark", "tiers": tiers}
    entry["position_most_value"] = exact(rows[-1]["maxNotional"])
    entry["sources"] |= dict.fromkeys(("margin", "position_most_value"), "binance_tiers")


def add_bybit(entry: Entry, instruments: dict[str, Entry]) -> None:
    """What Bybit's own answer says of orders and funding, in place of Lean's figures."""
    said = instruments.get(entry["native_symbol"])
    if said is None:
        return
    lots = said["lotSizeFilter"]
    entry["tick"] = exact(said["priceFilter"]["tickSize"])
    entry["lot"], entry["minimum"] = exact(lots["qtyStep"]), exact(lots["minOrderQty"])
    entry["orders"] = {
        "least_value": exact(lots["minNotionalValue"]),
        "market_most": exact(lots["maxMktOrderQty"]),
        "limit_most": exact(lots["maxOrderQty"]),
    }
    entry["funding"] = stamp_funding(Decimal(said["fundingInterval"]) / 60)
    own = ("tick", "lot", "minimum", "orders", "funding")
    entry["sources"] |= dict.fromkeys(own, "bybit")


def okx_entry(said: Entry) -> Entry:
    """A linear swap of OKX."""
    coin, quote = said["ctValCcy"], said["settleCcy"]
    return {
        "symbol": f"{coin}/{quote}:{quote}",
        "native_symbol": said["instId"],
        "payoff": said["ctType"],
        "multiplier": exact(Decimal(said["ctVal"]) * Decimal(said["ctMult"])),
        "tick": exact(said["tickSz"]),
        "lot": exact(said["lotSz"]),
        "minimum": exact(said["minSz"]),
        "orders": {"market_most": exact(said["maxMktSz"]), "limit_most": exact(said["maxLmtSz"])},
        "sources": {"default": "okx"},
    }


# --- what holds for all of a venue ------------------------------------------------------


def stamp_funding(hours: object) -> Entry:
    """Funding at fixed times, a fraction of the value."""
    return {"kind": "stamp", "rate_unit": "fraction", "interval_hours": exact(hours)}


def add_funding(venue: str, entry: Entry, stated: list[Entry]) -> None:
    """The funding that scripts/catalog.toml states for the contract, where no raw file did."""
    coin = counted(entry["symbol"].partition("/")[0])[0]
    for one in stated:
        fits = (one["venue"], one["payoff"]) == (venue, entry["payoff"])
        if fits and coin in one.get("coins", [coin]) and "funding" not in entry:
            entry["funding"] = stamp_funding(one["interval_hours"])
            entry["sources"]["funding"] = one["source"]


def add_fees(venue: str, entry: Entry, sources: Entry) -> None:
    """Maker and taker fee of the venue's BTC perpetual of the same payoff, with their source."""
    like = Catalog().perpetuals(venue, "BTC", entry["payoff"])[0]
    entry["fees"] = {"maker": like.fees.maker, "taker": like.fees.taker}
    name = f"fees_{entry['payoff']}"
    sources[name] = like.sources["fees.taker"]
    entry["sources"]["fees"] = name


def entries(raw: Path, plan: Entry) -> dict[str, list[Entry]]:
    """The entries of each venue, from all raw files."""
    brackets = read_json(raw / "binance_leverage_tiers.json")
    bybit = {one["symbol"]: one for one in read_json(raw / "bybit.json")["result"]["list"]}
    found: dict[str, list[Entry]] = {"binance": [], "bybit": [], "okx": []}
    for venue, entry in lean_entries(raw / "lean.csv", plan["coins"]):
        if venue == "binance":
            add_tiers(entry, brackets)
        else:
            add_bybit(entry, bybit)
        found[venue].append(entry)
    for said in read_json(raw / "okx.json")["data"]:
        if said["ctType"] == "linear" and said["ctValCcy"] in plan["coins"]:
            found["okx"].append(okx_entry(said))
    return found


def venue_file(venue: str, listed: list[Entry], plan: Entry) -> str:
    """The text of data/VENUE.json: sources that are used, and a contract a line, by coin."""
    texts = dict(plan["source"])
    for entry in listed:
        add_funding(venue, entry, plan["funding"])
        add_fees(venue, entry, texts)
    order = {coin: row for row, coin in enumerate(plan["coins"])}
    listed.sort(key=lambda one: order[counted(one["symbol"].partition("/")[0])[0]])
    used = {name for entry in listed for name in entry["sources"].values()}
    sources = json.dumps({name: text for name, text in texts.items() if name in used}, indent=2)
    lines = ",\n".join(json.dumps(entry) for entry in listed)
    return f'{{"venue": "{venue}",\n"source": {sources},\n"contract": [\n{lines}\n]}}\n'


def main(raw: Path) -> None:
    """Write the file of each venue that the raw files tell of."""
    plan = tomllib.loads(PLAN.read_text(encoding="utf-8"))
    for venue, listed in entries(raw, plan).items():
        (DATA / f"{venue}.json").write_text(venue_file(venue, listed, plan), encoding="utf-8")
        print(f"{venue}: {len(listed)} contracts")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
