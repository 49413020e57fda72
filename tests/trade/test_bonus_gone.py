"""A desk counts a bonus until its ledger says that coins left, or a liquidation stands."""

import pytest

from tests.mandate.samples import BOOK
from volsculpt.ledger.books import AlertBooked, Books, TransferBooked
from volsculpt.ledger.events import TransferNoted
from volsculpt.mandate.load import parse_mandate
from volsculpt.trade.observe.assemble import LastPrices, assemble
from volsculpt.trade.observe.observed import Observation


def moved(source: str, gone: float) -> Books:
    """Books with one transfer."""
    made = TransferNoted("t", source, "elsewhere", "BTC", 0.1, 0.0, "sent")
    return Books(transfers={"t": TransferBooked(made, 0, gone)})


def alerted(key: str) -> Books:
    """Books with one alert that is not over."""
    return Books(alerts={key: AlertBooked(key, "critical", "", 0)})


@pytest.mark.parametrize(
    ("books", "is_there"),
    [
        (Books(), True),
        (moved("vault", 0.1), True),
        (moved("coinm", 0.0), True),
        (moved("coinm", 0.1), False),
        (alerted("read:coinm"), True),
        (alerted("lost:other|bybit:BTC/USD:BTC|liquidation"), True),
        (alerted("lost:coinm|bybit:BTC/USD:BTC|delivery"), True),
        (alerted("lost:coinm|bybit:BTC/USD:BTC|liquidation"), False),
    ],
)
def test_a_bonus_is_counted_until_it_is_gone(books: Books, is_there: bool) -> None:
    """What has not left yet, another account and a delivery take nothing."""
    mandate = parse_mandate(BOOK + "bonus = { BTC = 0.5 }\n")
    made = assemble(mandate, books, Observation(0), {}, LastPrices(), lambda _: None)
    account = made.setup.book.account("coinm")
    assert account is not None
    assert account.bonus == ({"BTC": 0.5} if is_there else {})
