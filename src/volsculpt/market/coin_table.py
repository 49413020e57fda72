"""What a coin of the made-up market is: where it begins and how it moves with BTC.

The table is `coin_table.toml`. A coin that is not in it moves like one of the middle of it.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

OTHER = "other"  # the row of coins that the table does not have
PLACE = Path(__file__).with_name("coin_table.toml")


@dataclass(frozen=True, slots=True)
class MadeUpCoin:
    """A coin of the made-up market.

    price: US dollars to begin at, None = the table does not know. beta: moves for 1 of BTC.
    correlation: of hourly moves with BTC. moves_as: whose own moves it has. what: in words.
    """

    name: str
    price: float | None
    beta: float
    correlation: float
    moves_as: str
    what: str


def made_up_coin(name: str) -> MadeUpCoin:
    """The coin of a name. Worked: BTC begins at 60,000, with beta 1 and correlation 1."""
    table = _table()
    row = table["coin"].get(name, table[OTHER])
    return MadeUpCoin(
        name,
        row.get("price"),
        row["beta"],
        row["correlation"],
        row.get("like", name),
        row["what"],
    )


def fiat_price(currency: str) -> float | None:
    """US dollars for one unit of government money; None where the table has none."""
    found: float | None = _table()["fiat"].get(currency)
    return found


@cache
def _table() -> dict[str, Any]:
    """The file, read once."""
    return tomllib.loads(PLACE.read_text(encoding="utf-8"))
