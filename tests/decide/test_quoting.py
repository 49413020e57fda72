"""From prices by name to a quote: pegs, and every missing price at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import account, inverse, vault
from volsculpt.book.flatten import flatten
from volsculpt.book.holdings import Book
from volsculpt.decide.quoting import beside, flat_quote, need_prices, unused_warnings
from volsculpt.errors import PriceError
from volsculpt.market.quotes import Quotes


def quoted(index: dict[str, float], held: list[str], **told: str | None) -> dict[str, float]:
    """US dollars for one of each currency held."""
    flat = flatten(Book((vault(**dict.fromkeys(held, 1.0)),), pegs=told))
    found = flat_quote(flat, Quotes(0, index))
    return dict(zip(flat.currencies, found.quote.index_usd, strict=True))


def test_a_stablecoin_is_worth_its_peg() -> None:
    """One in euros is worth a euro, and each assumption is told."""
    flat = flatten(Book((vault(EURC=1.0, USDT=1.0, XSGD=1.0, XUSD=1.0),), pegs={"XUSD": "USD"}))
    found = flat_quote(flat, Quotes(0, {"EUR": 1.08, "SGD": 0.75}))
    assert found.quote.index_usd[:4] == [1.08, 1.0, 0.75, 1.0]
    assert found.warnings == [
        f"assumed_peg: {coin} is taken at 1 {peg}; give --price {coin}=PRICE to value it"
        for coin, peg in (("EURC", "EUR"), ("USDT", "USD"), ("XSGD", "SGD"), ("XUSD", "USD"))
    ]


def test_a_price_of_its_own_wins() -> None:
    """A stablecoin off its peg is valued at what it costs; its peg needs no price then."""
    assert quoted({"EURC": 1.01, "USDT": 0.9}, ["EURC", "USDT"]) == {
        "EURC": 1.01,
        "USDT": 0.9,
        "USD": 1.0,
    }


def test_all_that_is_missing_is_told_at_once() -> None:
    """Each as a flag to fill in, without an invented number; a peg is asked for once."""
    with pytest.raises(PriceError) as caught:
        quoted({"BTC": 60_000.0}, ["BTC", "ETH", "EURC", "EURT", "SOL", "USDT", "EUR"])
    assert str(caught.value) == (
        "no price for ETH, EUR and SOL: add --price ETH=PRICE --price EUR=PRICE --price "
        "SOL=PRICE (US dollars for one of each; prices of EURC and EURT themselves do too)"
    )


def test_one_that_is_missing_is_told_as_one() -> None:
    """The short form."""
    with pytest.raises(PriceError) as caught:
        quoted({}, ["ETH"])
    assert str(caught.value) == "no price for ETH: add --price ETH=PRICE (US dollars for one ETH)"


def test_a_coin_that_may_be_wrapped_is_told_as_such() -> None:
    """One that no contract is on and whose name ends with one that some is on."""
    with pytest.raises(PriceError) as caught:
        need_prices(["WBTC", "BTC", "QQQQ"], Quotes(0, {"BTC": 60_000.0}))
    ends = 'WBTC: if it is BTC, wrapped or staked, [assets.WBTC] underlying = "BTC" in a mandate'
    assert str(caught.value).endswith(f"(US dollars for one of each); {ends} hedges it as that")


@given(
    held=st.sets(st.sampled_from(["BTC", "ETH", "SOL", "EUR", "EURC", "USDT", "XSGD"]), min_size=1),
    given_=st.sets(st.sampled_from(["BTC", "ETH", "SOL", "EUR", "EURC", "SGD"])),
)
def test_what_is_asked_for_suffices(held: set[str], given_: set[str]) -> None:
    """With every flag of the message filled in there is a quote; without one there is none."""
    index = dict.fromkeys(given_, 2.0)
    try:
        quoted(index, sorted(held))
    except PriceError as error:
        words = str(error).split()
        asked = [w.removesuffix("=PRICE") for w in words if w.endswith("=PRICE")]
        assert asked
        quoted(index | dict.fromkeys(asked, 2.0), sorted(held))
        for left in asked:
            rest = dict.fromkeys(set(asked) - {left}, 2.0)
            with pytest.raises(PriceError, match=f"no price for {left}:"):
                quoted(index | rest, sorted(held))


def test_dollars_are_what_is_counted_in() -> None:
    """A price of USD is a mistake, and told before what is missing."""
    with pytest.raises(PriceError, match="take --price USD out"):
        need_prices(["ETH"], Quotes(0, {"USD": 0.9}))


def test_a_peg_and_a_numeraire_are_not_unused() -> None:
    """EUR is needed by EURC, CHF counts wealth; what nothing needs is told with its kind."""
    flat = flatten(Book((vault(EURC=1.0),)))
    given_ = Quotes(0, {"EUR": 1.08, "CHF": 1.1, "ETC": 20.0}, funding={"bybit:X": 0.0001})
    assert unused_warnings(flat, given_, "CHF") == [
        "unused_price: nothing here is called ETC; did you mean EURC?",
        "unused_funding: nothing here is called bybit:X",
    ]


def test_a_name_in_other_capitals_is_pointed_at() -> None:
    """eth is given where ETH is held: the error says so beside the flag to fill in."""
    with pytest.raises(PriceError, match=r"--price ETH=PRICE .*; eth was given: write the name"):
        need_prices(["ETH", "USD"], Quotes(0, {"eth": 3_000.0}))


@pytest.mark.parametrize(
    ("mark", "far"),
    [(60_000.0, ""), (71_000.0, ""), (49_000.0, ""), (73_000.0, "21.67 %"), (47_000.0, "21.67 %")],
)
def test_a_mark_far_from_its_index_is_asked_about(mark: float, far: str) -> None:
    """More than a fifth either way may be a typing error; the mark is taken as it is."""
    contract = inverse()
    flat = flatten(Book((account("coinm"),)), (("coinm", contract),))
    found = flat_quote(flat, Quotes(0, {"BTC": 60_000.0}, {contract.key: mark}))
    assert found.quote.mark == [mark]
    told = [line for line in found.warnings if line.startswith("mark_far_from_index")]
    assert [f"is {far} away" in line for line in told] == ([True] if far else [])


KEPT = Quotes(
    0,
    {"BTC": 62_772.01, "USDT": 0.998, "ETH": 3_400.0},
    {
        "bybit:BTC/USD:BTC": 62_706.5,
        "bybit:BTC/USDT:USDT": 62_830.0,
        "bybit:ETH/USD:ETH": 3_399.0,
        "bybit:SOL/USD:SOL": 140.0,
    },
)


def test_a_stored_mark_moves_with_the_price_given_of_its_coin() -> None:
    """Index x last mark / last index, of base and quote alike; marks of other coins stay."""
    found, notes = beside(KEPT, Quotes(0, {"BTC": 100_000.0, "USDT": 0.5}))
    moved = 100_000.0 / 62_772.01
    assert found.index == {"BTC": 100_000.0, "USDT": 0.5, "ETH": 3_400.0}
    assert found.contract == pytest.approx(
        KEPT.contract
        | {
            "bybit:BTC/USD:BTC": 62_706.5 * moved,
            "bybit:BTC/USDT:USDT": 62_830.0 * moved * 0.998 / 0.5,
        }
    )
    assert [one.partition(" is taken at ")[0] for one in notes] == [
        "moved_mark: bybit:BTC/USD:BTC",
        "moved_mark: bybit:BTC/USDT:USDT",
    ]
    assert "99,895.6: its earlier price 62,706.5, moved" in notes[0]


def test_a_mark_that_is_given_stays_beside_an_index_that_is_given() -> None:
    """Both are of the one who gives them; so does one whose index is given as it was."""
    stated = Quotes(0, {"BTC": 100_000.0, "ETH": 3_400.0}, {"bybit:BTC/USD:BTC": 99_000.0})
    found, notes = beside(KEPT, stated)
    assert found.contract["bybit:BTC/USD:BTC"] == 99_000.0
    assert found.contract["bybit:ETH/USD:ETH"] == 3_399.0
    assert not any("BTC/USD:BTC" in one or "ETH" in one for one in notes)


def test_a_mark_without_an_index_of_its_time_is_derived() -> None:
    """It cannot move, and never stands as it was; a peg stands for a stablecoin without one."""
    found, notes = beside(KEPT, Quotes(0, {"SOL": 200.0}))
    assert "bybit:SOL/USD:SOL" not in found.contract
    assert notes == ()
    key = "bybit:XRP/EURC:EURC"
    pegged = Quotes(0, {"XRP": 2.0, "EUR": 1.0}, {key: 1.9})
    for coin in ("EUR", "EURC"):
        assert beside(pegged, Quotes(0, {coin: 1.25}))[0].contract[key] == pytest.approx(1.52)


def test_a_stated_mark_moves_with_a_stated_index_alone() -> None:
    """A file that states both moves with a flag; one that states the mark alone is as given."""
    file = Quotes(0, {"BTC": 60_000.0}, {"b:BTC/USD:BTC": 60_060.0, "b:odd": 3.0})
    over = {"BTC": 90_000.0, "SOL": 1.0}
    found, _ = beside(file, Quotes(0, over), is_stated=True)
    assert found.contract == pytest.approx({"b:BTC/USD:BTC": 90_090.0, "b:odd": 3.0})
    alone = Quotes(0, {}, {"b:SOL/USD:SOL": 1.1})
    assert beside(alone, Quotes(0, over), is_stated=True)[0].contract == alone.contract
