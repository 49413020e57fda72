"""A desk counts a bonus until its ledger says that coins left, or that it was liquidated."""

import pytest

from tests.ledger.samples import filled
from tests.mandate.samples import BOOK
from volsculpt.ledger.booking import book
from volsculpt.ledger.books import Books, TransferBooked
from volsculpt.ledger.entry import Entry
from volsculpt.ledger.events import FillReason, TransferNoted
from volsculpt.mandate.load import parse_mandate
from volsculpt.trade.observe.assemble import LastPrices, assemble
from volsculpt.trade.observe.observed import Observation


def moved(source: str, gone: float) -> Books:
    """Books with one transfer."""
    made = TransferNoted("t", source, "elsewhere", "BTC", 0.1, 0.0, "sent")
    return Books(transfers={"t": TransferBooked(made, 0, gone)})


def filled_for(account: str, reason: FillReason) -> Books:
    """Books with one fill that no order of ours asked for."""
    books = Books()
    book(books, Entry(1, 0, filled(account=account, reason=reason), ""))
    return books


@pytest.mark.parametrize(
    ("books", "is_there"),
    [
        (Books(), True),
        (moved("vault", 0.1), True),
        (moved("coinm", 0.0), True),
        (moved("coinm", 0.1), False),
        (filled_for("other", "liquidation"), True),
        (filled_for("coinm", "delivery"), True),
        (filled_for("coinm", "adl"), True),
        (filled_for("coinm", "liquidation"), False),
    ],
)
def test_a_bonus_is_counted_until_it_is_gone(books: Books, is_there: bool) -> None:
    """What has not left yet, another account and a delivery take nothing."""
    mandate = parse_mandate(BOOK + "bonus = { BTC = 0.5 }\n")
    made = assemble(mandate, books, Observation(0), {}, LastPrices(), lambda _: None)
    account = made.setup.book.account("coinm")
    assert account is not None
    assert account.bonus == ({"BTC": 0.5} if is_there else {})
