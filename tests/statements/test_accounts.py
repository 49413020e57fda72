"""An account of a statement in a mandate's text: figures are new, all else stays."""

import pytest

from volsculpt.errors import MandateError
from volsculpt.mandate.load import parse_mandate
from volsculpt.statements.accounts import StatedAccount, StatedPosition, merged_into

MANDATE = """\
# all that is mine
version = 1

[[account]]  # the futures
name = "coinm"
kind = "margin"   # as it is
venue = "bybit"
balances = { BTC = 1 }  # of May

[[account.position]]  # the short
contract = "BTC/USD:BTC"
contracts = -5_000  # signed
entry = 1.0

[[account.position]]
contract = "ETH/USD:ETH"
contracts = -50
entry = 3_000.0

# what is hedged
[[hedge]]
underlying = "BTC"
ratio = 0.5
"""
SHORT = StatedPosition("BTC/USD:BTC", -6_000.0, 50_000.5)
TABLE = StatedAccount("coinm", "margin", "bybit", {"BTC": 1.5, "ETH": 2.0}, [SHORT])


def test_an_account_that_is_there_gets_its_figures() -> None:
    """Remarks, order and other keys stay; a position that is closed goes."""
    text = merged_into(MANDATE, TABLE)
    assert "balances = { BTC = 1.5, ETH = 2 }  # of May\n" in text
    assert "[[account.position]]  # the short\n" in text
    assert "contracts = -6000  # signed\nentry = 50000.5\n" in text
    assert "ETH/USD:ETH" not in text
    for kept in (
        "# all that is mine",
        "# the futures",
        "# as it is",
        "# what is hedged\n[[hedge]]",
    ):
        assert kept in text
    again = parse_mandate(text).book.accounts[0]
    assert dict(again.balances) == {"BTC": 1.5, "ETH": 2.0}
    assert merged_into(text, TABLE) == text


def test_positions_that_the_statement_does_not_tell_stay() -> None:
    """It says nothing of them, not that there are none."""
    text = merged_into(MANDATE, StatedAccount("coinm", "margin", "bybit", {"BTC": 1.5}, None))
    assert "contracts = -5_000  # signed" in text
    assert "ETH/USD:ETH" in text


def test_a_new_position_and_a_new_account_are_added() -> None:
    """Behind what is there; balances too where there were none."""
    bare = MANDATE.replace("balances = { BTC = 1 }  # of May\n", "")
    other = StatedPosition("ETH/USD:ETH", -10.0, 3_100.0)
    text = merged_into(
        bare, StatedAccount("coinm", "margin", "bybit", {"BTC": 1.0}, [SHORT, other])
    )
    assert 'name = "coinm"\nbalances = { BTC = 1 }\n' in text
    assert "contracts = -10\nentry = 3100" in text
    text = merged_into(text, StatedAccount("my spot", "spot", "kraken", {"BTC": 0.25}))
    assert [one.name for one in parse_mandate(text).book.accounts] == ["coinm", "my spot"]


def test_balances_in_a_table_of_their_own_are_refused() -> None:
    """With what to write instead."""
    odd = MANDATE.replace("balances = { BTC = 1 }  # of May", "[account.balances]\nBTC = 1")
    with pytest.raises(MandateError, match="write them in one line"):
        merged_into(odd, TABLE)


@pytest.mark.parametrize("name", ["o'hare", 'a "b" c', "a\\b"])
def test_odd_names_are_written_so_that_they_are_read(name: str) -> None:
    """Quotes and backslashes."""
    text = merged_into("version = 1\n", StatedAccount(name, "spot", "okx", {"1INCH": 2.0}))
    assert parse_mandate(text).book.accounts[0].name == name
