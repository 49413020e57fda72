"""Alerts by rule: told once when a trouble begins, and once when it is over. Pure."""

from collections.abc import Iterator, Sequence

from volsculpt.ledger.books import Books
from volsculpt.ledger.events import Alerted, Filled
from volsculpt.trade.seen import Trouble

LOST = {
    "liquidation": "was liquidated",
    "adl": "was cut by the venue's auto-deleveraging",
    "delivery": "was delivered",
}


def alerts(books: Books, troubles: Sequence[Trouble]) -> list[Alerted]:
    """What has begun since the last look, and what is over. Worked: the same twice is one."""
    now = {trouble.key: trouble for trouble in troubles}
    begun = [
        Alerted(one.key, one.level, one.text)
        for key, one in now.items()
        if key not in books.alerts or books.alerts[key].level != one.level
    ]
    over = [
        Alerted(key, one.level, one.text, over=True)
        for key, one in books.alerts.items()
        if key not in now
    ]
    return begun + over


def lost_positions(fills: Sequence[Filled]) -> Iterator[Trouble]:
    """Fills that no order of ours asked for: liquidation, deleveraging, delivery, by hand."""
    for fill in fills:
        how = LOST.get(fill.reason, "was traded by somebody else")
        level = "info" if fill.reason == "delivery" else "critical"
        text = (
            f"{fill.contract} on {fill.account}: {fill.contracts:+g} contracts at {fill.price:g}: "
            f"the position {how}"
        )
        key = f"lost:{fill.account}|{fill.contract}|{fill.reason}"
        yield Trouble(key, level, text)  # type: ignore[arg-type]
