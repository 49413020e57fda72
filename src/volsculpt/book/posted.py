"""What an isolated position has posted, and at which leverage it is set to post."""

from volsculpt.book.holdings import Account, Position
from volsculpt.book.owners import cost_of
from volsculpt.errors import BookError


def posted_coins(account: Account, held: Position) -> float:
    """Coins posted to an isolated position: as given, or |cost| / leverage."""
    if held.margin is not None:
        return held.margin
    leverage = held.leverage or account.leverage
    if leverage is None:
        raise BookError(
            f"account '{account.name}', position {held.contract.symbol}: an isolated position "
            f"needs margin (coins posted) or leverage"
        )
    return abs(cost_of(held)) / leverage


def position_leverage(account: Account, held: Position | None) -> float:
    """The leverage an isolated position is set to; 1 when none is said."""
    stated = (held.leverage if held else None) or account.leverage
    if stated is None and held is not None and held.margin:
        stated = max(1.0, abs(cost_of(held)) / held.margin)
    return stated if stated is not None else 1.0
