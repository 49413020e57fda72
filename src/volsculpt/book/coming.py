"""Coins that are counted ahead of time: dated flows, hedged before they are there and not owned."""

from volsculpt.book.flatten import Flat, WalletLabel
from volsculpt.book.state import Quote, State


def is_coming(label: WalletLabel) -> bool:
    """Whether a row of coins is a dated flow counted ahead: nobody has sent it yet."""
    return label.in_transit and not label.is_sent


def coming_coins(flat: Flat, state: State) -> list[float]:
    """Coins of each currency that are counted ahead; - where more is to leave than to come."""
    found = [0.0] * flat.layout.currencies
    for row, label in enumerate(flat.wallets):
        if is_coming(label):
            found[flat.layout.wallet_currency[row]] += state.wallet[row]
    return found


def coming_usd(flat: Flat, state: State, quote: Quote) -> float:
    """What is counted ahead is worth at the indexes, US dollars. Worked: 2 BTC at 60,000: 120,000.

    It moves with its price and can be hedged, and is no wealth before it is there.
    """
    coins = coming_coins(flat, state)
    return sum(
        (amount * price for amount, price in zip(coins, quote.index_usd, strict=True) if amount),
        0.0,
    )
