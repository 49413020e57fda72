"""A digest of the sources that decide, so that a stored decision says what made it."""

import hashlib
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

DECIDING = ("contracts", "book", "hedge", "decide")  # all that `aim` and `act` run through
MONEY = "data/currencies.toml"  # which currencies do not move decides too
UNITS = "units.py"  # its lengths of time are frozen into what is compiled


def sources_digest(folders: Iterable[str], more: str = "") -> str:
    """16 letters that name every Python file of some folders of the package, byte for byte.

    Constants count too, the lengths of time and the table of what is money. more: what else the
    answer depends on, a compiler's version say.
    """
    root = Path(__file__).parent
    total = hashlib.sha256((root / UNITS).read_bytes())
    for folder in folders:
        for file in sorted([*(root / folder).rglob("*.py"), *(root / folder).glob(MONEY)]):
            total.update(file.name.encode() + file.read_bytes())
    total.update(more.encode())
    return total.hexdigest()[:16]


@cache
def deciding_digest() -> str:
    """The digest of what decides, read once: sources do not change under a running program."""
    return sources_digest(DECIDING)


def digest(plain: object) -> str:
    """16 letters that name plain values, whatever the order of their keys."""
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
