"""Contracts and coins counted in thousands: 1000SHIB and SHIB1000 are 1,000 SHIB, kBONK 1,000 BONK.

Venues quote coins of a tiny price so; the price of such a contract is that of so many coins.
"""

import re

THOUSANDS = re.compile(r"(10{3,7}|1M)([A-Za-z][A-Za-z0-9]+)")
AFTER = re.compile(r"([A-Z]{3,})(10{3,7})")
KILO = re.compile(r"k([A-Z][A-Z0-9]+)")
# coins and tokens whose own name looks so
COINS = frozenset({"1MIL", "1MT", "1MDC", "1000X", "kBTC", "kETH", "kSOL", "kHYPE", "kUSD"})


def counted(name: str) -> tuple[str, float]:
    """(coin, how many of it one stands for) of a base as a venue writes it; itself and 1 else.

    Worked: 1000SHIB is (SHIB, 1000), SHIB1000 too, 10000SATS (SATS, 10000), 1MBABYDOGE (BABYDOGE,
    1000000), kBONK (BONK, 1000), 1INCH (1INCH, 1).
    """
    kilo = KILO.fullmatch(name)
    if kilo is not None and name not in COINS:
        return kilo[1], 1e3
    after = AFTER.fullmatch(name)
    if after is not None and name not in COINS:
        return after[1], float(after[2])
    return counted_asset(name)


def counted_asset(name: str) -> tuple[str, float]:
    """The same of what an account holds; there a small k and a number last are a token's own."""
    found = THOUSANDS.fullmatch(name)
    if found is None or name in COINS:
        return name, 1.0
    return found[2], 1e6 if found[1] == "1M" else float(found[1])
