"""Every contract of every venue: as in the catalog, by rule and day, and with a file over it."""

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tests.snapshots.books import Words
from volsculpt.contracts.catalog import BUILT_IN, Catalog, load_catalog
from volsculpt.contracts.expiries import RULES, instant_ns
from volsculpt.contracts.spec import Contract
from volsculpt.errors import ContractError

DAYS = [instant_ns(datetime(2024, month, 25, 9, tzinfo=UTC)) for month in (2, 6, 11, 12)]
ROLLS = (0.0, 6.5)
CHANGES = """tick = 0.25
lot = 3
fees = { taker = 0.0003, delivery = 0.0001 }
orders = { least_value = 7, market_most = 4000 }
margin = { tiers = [{ floor = 0, rate = 0.02, max_leverage = 20 }, { floor = 9, rate = 0.04 }] }
"""


def said(contracts: Iterable[Contract]) -> Words:
    """All figures of contracts, where they are from left out."""
    return {"contracts": [repr(replace(one, sources={})) for one in contracts]}


def dated(catalog: Catalog, venue: str) -> Iterable[Contract]:
    """What each rule of each family means at some times."""
    for family in catalog.families(venue):
        for rule in RULES:
            for time_ns in DAYS:
                for days in ROLLS:
                    try:
                        yield catalog.resolve(venue, f"{family.symbol}@{rule}", time_ns, days)
                    except ContractError:
                        continue  # it has no such calendar


def changed(catalog: Catalog, venue: str) -> Catalog:
    """The catalog with a file over it: a perpetual, a family and one of its contracts."""
    names = [("contract", one.symbol) for one in catalog.contracts(venue)[:2]]
    names += [("family", one.symbol) for one in catalog.families(venue)[:1]]
    names += [("contract", one.symbol) for one in list(dated(catalog, venue))[:1]]
    tables = [f'[[{kind}]]\nsymbol = "{symbol}"\n{CHANGES}' for kind, symbol in names]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "contracts.toml")
        file.write_text(f'venue = "{venue}"\n' + "".join(tables), encoding="utf-8")
        return load_catalog(file)


def figures(venue: str) -> Iterator[tuple[str, Words]]:
    """(what, its contracts) of a venue: its own and its families' by day, and with a file over."""
    plain = load_catalog()
    for name, catalog in (("catalog", plain), ("with a file", changed(plain, venue))):
        yield name, said(catalog.contracts(venue))
        yield f"{name}, dated", said(dated(catalog, venue))


NAMES = sorted(BUILT_IN)
GROWS = True  # a venue that is added is a file; it is held to what it was once it is stored
