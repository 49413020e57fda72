"""Next steps in words: coins to bring, where they are, how to come by them, then the order."""

from collections.abc import Mapping
from typing import Protocol

from volsculpt.contracts.currencies import moves
from volsculpt.text import coins, contracts, leverage, safe_price, signed_percent
from volsculpt.watch.coins import who_has
from volsculpt.watch.nextstep import NextStepRow


def step_words(row: NextStepRow, tick: float | None = None) -> tuple[str, str, str]:
    """The two steps and what they lead to, as commands. tick: price step of its margin group."""
    then = f"{row.side.upper()} {contracts(row.contracts)} of {row.contract}"
    return (
        bring_words(row),
        f"{then} on {row.account} ({row.venue}), once the coins are there",
        f"with both it {stands_words(row, tick)}",
    )


class Stands(Protocol):
    """How a margin group stands: None where nothing is held, or nothing liquidates."""

    @property
    def leverage(self) -> float | None:
        """Face of its futures over equity."""

    @property
    def liquidation_price(self) -> float | None:
        """In quote."""

    @property
    def liquidation_move(self) -> float | None:
        """Of all coins, a fraction."""


def stands_words(row: Stands, tick: float | None = None) -> str:
    """How a group stands with a step done. Worked: "stands at 3x and is never liquidated".

    tick: the price step of the contract that its liquidation is told in, where that is known.
    """
    if row.leverage is None:
        is_flat = row.liquidation_price is None
        return "holds nothing any more" if is_flat else "has its margin used up all the same"
    end = "is never liquidated"
    if row.liquidation_price is not None and row.liquidation_move is not None:
        at = safe_price(row.liquidation_price, row.liquidation_move, tick)
        end = f"is liquidated at {at} ({signed_percent(row.liquidation_move)})"
    return f"stands at {leverage(row.leverage)} and {end}"


def bring_words(row: NextStepRow) -> str:
    """The coins of a step as a command, with where they are and what is lacking."""
    how = _deposit_words(row) if not moves(row.currency) else None
    return bring_to(row.account, row.coins, row.currency, row.available, row.lacking, how)


def _deposit_words(row: NextStepRow) -> str:
    """How to come by the money of a step: what is sold for it needs no hedge."""
    if row.sold is None:
        return "deposit them"
    sold = f"{coins(row.sold.coins)} {row.sold.coin} for {coins(row.sold.brings)} of them"
    then = f"then {row.side} only {contracts(row.sold.contracts)}"
    return f"deposit them, or sell {sold} and {then}, as what is sold needs no hedge"


def bring_to(
    account: str,
    wanted: float,
    currency: str,
    available: Mapping[str, float],
    lacking: float,
    how: str | None = None,
) -> str:
    """Coins to bring to an account as a command: MOVE where accounts have them all.

    Args: account, currency: their names; wanted: coins; available: by account, what backs nothing;
    lacking: coins beyond those; how: to come by them, None: as `coins_words` says.
    """
    verb = "BRING" if lacking > 0.0 else "MOVE"
    where = coins_words(available, currency, lacking, how)
    return f"{verb} {coins(wanted)} {currency} TO {account} ({where})"


BUY = "buy them or deposit them"
SELL = "deposit them, or sell coins for them, which need no hedge then"


def coins_words(
    available: Mapping[str, float], currency: str, lacking: float, how: str | None = None
) -> str:
    """Where coins are, what is lacking, and how to come by it.

    Worked: "vault has 1 BTC"; "bank has 500 USDT; 4,515 more are lacking: deposit them".

    Args: available: by account; currency: of the coins; lacking: those that no account has to
    spare; how: to come by them.
    """
    have = who_has(available, currency)
    get = how or (BUY if moves(currency) else SELL)
    if not have:
        return f"no account has any to spare: {get}"
    return f"{have}; {coins(lacking)} more are lacking: {get}" if lacking > 0.0 else have
