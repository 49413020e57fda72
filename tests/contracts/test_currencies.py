"""Which currencies move with the market, as the catalog says and as an owner tells."""

import tomllib

import pytest

from tests.factories import account, flat_at, linear, vault
from volsculpt.book.flatten import flatten
from volsculpt.book.holdings import Book
from volsculpt.contracts import catalog_money
from volsculpt.contracts.currencies import is_fiat, is_stable, moves, peg_of
from volsculpt.simulate.scenario import outcome

STABLES = {
    "USDT": "USD",
    "USDC": "USD",
    "DAI": "USD",
    "USDS": "USD",
    "USDD": "USD",
    "FDUSD": "USD",
    "TUSD": "USD",
    "PYUSD": "USD",
    "GUSD": "USD",
    "USDP": "USD",
    "USDe": "USD",
    "EURC": "EUR",
    "EURT": "EUR",
    "XSGD": "SGD",
    "BRZ": "BRL",
    "TRYB": "TRY",
    "GYEN": "JPY",
}


@pytest.mark.parametrize(("coin", "peg"), STABLES.items())
def test_a_stablecoin_has_a_peg(coin: str, peg: str) -> None:
    """It is worth one of some money, and does not move with coins."""
    assert (peg_of(coin), is_stable(coin), moves(coin), is_fiat(coin)) == (peg, True, False, False)


@pytest.mark.parametrize("money", ["USD", "EUR", "SGD", "BRL", "TRY", "JPY", "AED", "UYU"])
def test_government_money_has_none(money: str) -> None:
    """It is what the others are pegged to."""
    assert (peg_of(money), is_stable(money), moves(money), is_fiat(money)) == (
        None,
        False,
        False,
        True,
    )


@pytest.mark.parametrize("coin", ["BTC", "ETH", "USTC", "EUL", "stETH", "PAXG", "usual", "1INCH"])
def test_the_rest_are_coins(coin: str) -> None:
    """A name that looks like money is none for that."""
    assert (peg_of(coin), moves(coin)) == (None, True)


def test_every_peg_is_money() -> None:
    """The table leads straight to government money, names nothing twice, and has its source."""
    fiat, pegs = catalog_money.money()
    read = tomllib.loads(catalog_money._DATA.read_text(encoding="utf-8"))
    assert set(pegs.values()) <= fiat
    assert not set(pegs) & fiat
    assert sum(len(coins) for coins in read["stable"].values()) == len(pegs)
    assert all(name == name.upper() for name in pegs)
    assert set(read["source"]) == {"fiat", "pegs"}


def test_an_owner_knows_better() -> None:
    """What is told wins: a stablecoin the table lacks, and one that has lost its peg."""
    told = {"XUSD": "USD", "DAI": None}
    assert (peg_of("XUSD", told), moves("XUSD", told)) == ("USD", False)
    assert (peg_of("DAI", told), moves("DAI", told)) == (None, True)


@pytest.mark.parametrize(
    ("coin", "told", "left"),
    [
        ("EURC", {}, 1_000.0),
        ("USDD", {}, 1_000.0),
        ("XUSD", {}, 500.0),
        ("XUSD", {"XUSD": "USD"}, 1_000.0),
        ("DAI", {"DAI": None}, 500.0),
    ],
)
def test_what_is_pegged_is_not_shocked(coin: str, told: dict[str, str | None], left: float) -> None:
    """A fall of all coins by half leaves it, in wallets and in the powers of contracts."""
    book = Book((vault(**{coin: 1_000.0}),), pegs=told)
    flat, quote = flat_at(book, {coin: 1.0})
    assert outcome(flat, flat.state, quote, -0.5).hedged_usd == pytest.approx(left)


def test_a_contract_in_a_told_stablecoin_moves_as_its_coin() -> None:
    """Its mark and its settlement currency scale by what the owner tells, in every column."""
    contract = linear("BTC", settle="XUSD")
    for told, powers in (({}, (0, 1)), ({"XUSD": "USD"}, (1, 0))):
        book = Book((account("a", {"XUSD": 1.0}),), pegs=told)
        legs = flatten(book, [("a", contract)]).layout.legs
        assert (legs.mark_power[0], legs.settle_power[0]) == powers
