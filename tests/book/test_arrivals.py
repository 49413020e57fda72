"""A book whose coins on their way are there already."""

from tests.factories import account, vault
from volsculpt.book.holdings import Book, Transfer, with_arrivals


def test_what_is_on_its_way_is_where_it_goes_to() -> None:
    """Added to what is there, of each currency; every other balance stays, and nothing travels."""
    accounts = (vault(BTC=2.0), account("one", {"BTC": 0.5}), account("two", {"USDT": 7.0}))
    sent = (
        Transfer("BTC", 0.25, "one"),
        Transfer("BTC", 0.125, "one"),
        Transfer("ETH", 3.0, "two"),
    )
    book = with_arrivals(Book(accounts, transfers=sent))
    assert [dict(one.balances) for one in book.accounts] == [
        {"BTC": 2.0},
        {"BTC": 0.875},
        {"USDT": 7.0, "ETH": 3.0},
    ]
    assert book.transfers == ()
