"""Which currencies move with the market: coins do, stablecoins and fiat do not."""

FIAT = frozenset(
    (
        "USD EUR GBP CHF JPY CAD AUD NZD SGD HKD CNY KRW BRL TRY SEK NOK DKK PLN CZK INR MXN ZAR"
    ).split()
)
STABLE = frozenset(
    "USDT USDC DAI FDUSD TUSD PYUSD USDE USDS BUSD USDP GUSD RLUSD USD1 LUSD FRAX CRVUSD".split()
)


def is_fiat(currency: str) -> bool:
    """True for government money; 1 USD of it needs a price unless it is USD itself."""
    return currency in FIAT


def is_stable(currency: str) -> bool:
    """True for a coin meant to be worth one US dollar."""
    return currency in STABLE


def moves(currency: str) -> bool:
    """True for a coin whose price is the risk being measured."""
    return currency not in FIAT and currency not in STABLE
