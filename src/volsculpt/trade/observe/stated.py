"""A mandate's number of a venue's coins that is changed after the start moves nothing: it is told.

Pure.
"""

from collections.abc import Iterator

from volsculpt.ledger.books import Books
from volsculpt.mandate.objects import Mandate
from volsculpt.text import amount
from volsculpt.text import coins as of_coins
from volsculpt.trade.observe.observed import Alert
from volsculpt.trade.observe.recall import Recall

NEAR = 0.01  # of the coins stated: this near is what is held


def stated_alerts(
    mandate: Mandate, books: Books, recall: Recall, ledger: str, is_paper: bool
) -> Iterator[Alert]:
    """Accounts of which the mandate states other coins than at the start, and than are held.

    Args: books, recall: of the ledger; ledger: its name, for the command; is_paper: whether the
    venues are of paper, where a command moves coins.
    """
    for account in mandate.book.accounts:
        begun = recall.stated.get(account.name)
        if begun is None or account.name not in books.adopted:
            continue
        for coin in sorted({*begun, *account.balances}):
            stated = account.balances.get(coin, 0.0)
            held = books.balances.get((account.name, coin), 0.0)
            is_changed = abs(stated - begun.get(coin, 0.0)) > 1e-12 * max(1.0, abs(stated))
            if is_changed and abs(stated - held) > NEAR * max(abs(stated), abs(held)):
                yield _alert(mandate, account.name, (coin, stated, held), ledger, is_paper)


def _alert(
    mandate: Mandate, name: str, coins: tuple[str, float, float], ledger: str, is_paper: bool
) -> Alert:
    """The alert of one coin. coins: its name, stated and held."""
    coin, stated, held = coins
    words = f"{name}: stated {amount(stated, coin)}, held {amount(held, coin)}"
    text = f"{words}: the balances of a venue are the venue's, so another number moves no coins; "
    if is_paper:
        size = of_coins(abs(stated - held)).replace(",", "")
        ends = _ends(mandate, name, coins)
        text += f"use `volsculpt move {ledger} {size}{coin} {ends}`, or state what it began with"
    else:
        text += "move them at the venue, or state what it began with"
    return Alert(f"stated:{name}|{coin}", "warning", text)


def _ends(mandate: Mandate, name: str, coins: tuple[str, float, float]) -> str:
    """From where to where: another account that holds as many, else outside."""
    coin, stated, held = coins
    if stated < held:
        return f"--from {name}"
    others = (one for one in mandate.book.accounts if one.kind in ("cold", "spot"))
    source = next((one for one in others if one.balances.get(coin, 0.0) >= stated - held), None)
    return f"--to {name}" if source is None else f"--from {source.name} --to {name}"
