"""Who owns what of a position and of a balance: what is told, less what is not own."""

import pytest

from tests.factories import account, inverse, linear
from volsculpt.book.flatten import flatten
from volsculpt.book.holdings import Book, NotOwn, Position
from volsculpt.book.owners import SAME_CONTRACTS, Split, cost_of, is_lacking, own_coins, split
from volsculpt.contracts.spec import Contract

ONE, LINEAR = inverse(multiplier=10.0), linear(multiplier=0.1)


def cost(contract: Contract, size: float, price: float) -> float:
    """Signed value at a price."""
    faces = size * contract.multiplier
    return faces / price if contract.payoff == "inverse" else faces * price


@pytest.mark.parametrize("contract", [ONE, LINEAR])
@pytest.mark.parametrize("theirs", [None, 0.0, -30.0, 5.0, 0.6])
@pytest.mark.parametrize("held", [None, -50.0, -15.0, 0.4])
def test_a_position_is_split_by_contracts_and_by_cost(
    contract: Contract, theirs: float | None, held: float | None
) -> None:
    """The owner's part is what is held less theirs; together they cost what the venue says."""
    said = NotOwn(contract, theirs, None if theirs is None else 40_000.0)
    line = None if held is None else Position(contract, held, 50_000.0)
    own, own_cost, others, others_cost = split(account(not_own=(said,)), contract, line)
    whole = 0.0 if held is None else held
    assert others == (whole if theirs is None else theirs)
    assert own == pytest.approx(whole - others, abs=1e-12)
    assert others_cost == pytest.approx(
        cost(contract, others, 50_000.0 if theirs is None else 40_000.0)
    )
    assert own_cost + others_cost == pytest.approx(cost(contract, whole, 50_000.0))


def test_all_is_own_where_nothing_is_told() -> None:
    """Of another contract neither; what nobody holds is nothing."""
    one = account(not_own=(NotOwn(LINEAR, 3.0, 1.0), NotOwn(inverse("ETH"))))
    held = Position(ONE, -5.0, 50_000.0)
    assert split(one, ONE, held) == Split(-5.0, cost_of(held), 0.0, 0.0)
    assert split(one, ONE, None) == Split(0.0, 0.0, 0.0, 0.0)
    assert cost_of(held) == -5.0 * 10.0 / 50_000.0


def test_parts_are_counted_to_the_lot() -> None:
    """0.4 held beside 0.6: -0.2, not a hair off."""
    said = NotOwn(LINEAR, 0.6, 1.0)
    assert split(account(not_own=(said,)), LINEAR, Position(LINEAR, 0.4, 1.0)).own == -0.2


def test_a_contract_is_somebodys_whole_where_no_count_is_told() -> None:
    """A part of it is not the whole, and what nothing is told of is own."""
    one = account(not_own=(NotOwn(LINEAR, 3.0, 1.0), NotOwn(ONE)))
    assert [one.is_not_own(key) for key in (ONE.key, LINEAR.key, "other")] == [True, False, False]
    assert one.not_own_of(ONE.key) == NotOwn(ONE)
    assert one.not_own_of("other") is None


@pytest.mark.parametrize(
    ("held", "not_own", "is_less"),
    [
        (-15_000.0, -20_000.0, True),
        (-20_000.0, -20_000.0, False),
        (-20_000.0 + SAME_CONTRACTS / 2.0, -20_000.0, False),
        (-20_000.0 + SAME_CONTRACTS * 2.0, -20_000.0, True),
        (-25_000.0, -20_000.0, False),
        (-15_000.0, 5_000.0, False),
        (1.0, 0.5, False),
        (1.0, 0.0, False),
        (1.0, -0.5, True),
    ],
)
def test_a_venue_holds_less_of_a_short_than_is_not_own(
    held: float, not_own: float, is_less: bool
) -> None:
    """The rest would be long, which is nothing to ask about where it may be."""
    assert is_lacking(held, not_own, may_be_long=False) is is_less
    assert is_lacking(held, not_own, may_be_long=True) is False


def test_coins_that_are_not_own_are_no_balance() -> None:
    """1 BTC, 0.2 of it not own: 0.8; nothing told of an asset is nothing of it."""
    one = account("one", {"BTC": 1.0, "ETH": 2.0}, not_own_coins={"BTC": 0.2, "XRP": 5.0})
    assert [own_coins(one, asset) for asset in ("BTC", "ETH", "DOGE")] == [0.8, 2.0, 0.0]
    flat = flatten(Book((one,)))
    assert dict(zip(flat.currencies, flat.state.wallet, strict=False)) == {"BTC": 0.8, "ETH": 2.0}
