"""A hedge asked for in one line: coins as people write them, and the mandate they make."""

import pytest

from volsculpt.contracts.catalog import load_catalog
from volsculpt.errors import ContractError, MandateError
from volsculpt.mandate.coin_text import coins_of, spelled
from volsculpt.mandate.init import render_mandate
from volsculpt.mandate.load import parse_mandate
from volsculpt.mandate.quick import HedgeRequest, contract_for, quick_answers
from volsculpt.market.quotes import time_ns_of

CATALOG = load_catalog()
NOW = time_ns_of("2024-05-20", "now")


@pytest.mark.parametrize(
    "text",
    [
        "1.3 ETH 0.2 BTC",
        "1.3 ETH, 0.2 BTC",
        "1.3eth 0.2btc",
        "1.3eth,0.2btc",
        "ETH=1.3 BTC=0.2",
        "ETH=1.3, btc = 0.2",
        "eth: 1.3 btc: 0.2",
        "ETH 1.3 BTC 0.2",
        "1.3 eth and 0.2 btc",
        "1.3 ETH + 0.2 BTC",
        "0.2 BTC 0.3 ETH 1 ETH",
        "1_3e-1 eth 2e-1btc",
    ],
)
def test_coins_are_read_in_any_natural_form(text: str) -> None:
    """Numbers before names or behind, with or without commas, in small letters."""
    assert coins_of(text) == pytest.approx({"ETH": 1.3, "BTC": 0.2})


def test_a_name_may_begin_with_a_digit() -> None:
    """1INCH is a coin, and no amount."""
    assert coins_of("5 1INCH 2 BTC") == {"1INCH": 5.0, "BTC": 2.0}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no coin is named"),
        ("BTC", "write an amount and a currency"),
        ("1.3", "write an amount and a currency"),
        ("1,3 ETH", "a comma parts coins"),
        ("0 BTC", "write an amount above 0"),
        ("-1 BTC", "write what you hold"),
        ("1.3 ETH0.2 BTC", "write an amount and a currency"),
    ],
)
def test_what_is_no_coin_is_said(text: str, said: str) -> None:
    """In words, with what to write instead."""
    with pytest.raises(MandateError, match=said):
        coins_of(text)


def test_coins_are_spelled_as_the_catalog_does() -> None:
    """Whatever the letters; money is no coin to look up."""
    assert spelled({"Eth": 1.0, "BTC": 2.0, "USDT": 5.0}, CATALOG) == {
        "ETH": 1.0,
        "BTC": 2.0,
        "USDT": 5.0,
    }


@pytest.mark.parametrize(
    ("coin", "said"),
    [("BTCC", "did you mean BTC"), ("QQQQ", "check how it is spelled"), ("QQQQ", "contracts list")],
)
def test_a_coin_that_nobody_knows_is_told(coin: str, said: str) -> None:
    """With the nearest that is known, those there are, and the way round."""
    with pytest.raises(MandateError, match=rf"{coin}: no contract .*{said}") as found:
        spelled({coin: 1.0}, CATALOG)
    assert "proxy" in str(found.value)


@pytest.mark.parametrize(
    ("venue", "lock", "coin", "contract"),
    [
        ("bybit", None, "BTC", "inverse perpetual"),
        ("binance", None, "SOL", "linear perpetual"),
        ("okx", None, "BTC", "linear perpetual"),
        ("bybit", "quarter", "BTC", "BTC/USD:BTC-240628"),
        ("bybit", "next_quarter", "BTC", "BTC/USD:BTC-240927"),
        ("okx", "quarter", "BTC", "BTC/USD:USD-240628"),
        ("deribit", "month", "ETH", "ETH/USD:ETH-240531"),
    ],
)
def test_what_hedges_a_coin_can_be_planned(
    venue: str, lock: str | None, coin: str, contract: str
) -> None:
    """Inverse before linear, and only what a plan can size: OKX's inverse has none."""
    request = HedgeRequest(venue=venue, lock=lock)
    assert contract_for(CATALOG, coin, request, NOW) == contract


def test_a_delivery_of_the_next_days_is_passed_over() -> None:
    """Six days before the end of June the quarter is that of September."""
    late = time_ns_of("2024-06-22T12:00:00Z", "now")
    found = contract_for(CATALOG, "BTC", HedgeRequest(lock="quarter"), late)
    assert found == "BTC/USD:BTC-240927"


@pytest.mark.parametrize(
    ("venue", "lock", "coin", "said"),
    [
        ("bybit", None, "SOL", "bybit lists no perpetual on it .* --venue binance has one"),
        ("bybit", "quarter", "ETH", "no dated contract .* --venue binance or --venue deribit"),
        ("binance", "quarter", "DOGE", "DOGE: binance lists no dated contract .* a plan can size"),
    ],
)
def test_a_coin_that_a_venue_cannot_hedge_is_told(
    venue: str, lock: str | None, coin: str, said: str
) -> None:
    """With the venues that can, by the option that names one."""
    with pytest.raises(MandateError, match=said):
        contract_for(CATALOG, coin, HedgeRequest(venue=venue, lock=lock), NOW)


def test_a_rule_that_a_venue_lacks_is_told() -> None:
    """Bybit has no months; a year is no rule at all."""
    with pytest.raises(ContractError, match="use one of @quarter"):
        contract_for(CATALOG, "BTC", HedgeRequest(lock="month"), NOW)
    with pytest.raises(MandateError, match='"year": choose one of quarter, next_quarter, month'):
        contract_for(CATALOG, "BTC", HedgeRequest(lock="year"), NOW)


def test_the_answers_make_a_mandate() -> None:
    """Coins in the wallet, margin at the venue, a hedge each, coins moved to three times."""
    request = HedgeRequest("binance", 0.5, {"BTC": 0.1})
    answers = quick_answers(CATALOG, {"BTC": 0.2, "SOL": 10.0, "USDT": 5.0}, request, NOW)
    made = parse_mandate(render_mandate(answers))
    wallet, futures = made.book.accounts
    assert (wallet.name, wallet.balances) == ("wallet", {"BTC": 0.2, "SOL": 10.0, "USDT": 5.0})
    assert (futures.venue, futures.balances) == ("binance", {"BTC": 0.1})
    assert [hedge.underlying for hedge in made.hedges] == ["BTC", "SOL"]
    assert [hedge.coins for hedge in made.hedges] == pytest.approx([0.3, 10.0])
    assert made.collateral[0].leverage_band[2] == 3.0


def test_a_whole_hedge_follows_what_is_owned() -> None:
    """A part is one of a number of coins, so that nothing is traded as prices move."""
    for ratio, base in ((1.0, "equity"), (0.5, "coins"), (0.0, "equity")):
        answers = quick_answers(CATALOG, {"BTC": 0.2}, HedgeRequest(ratio=ratio), NOW)
        assert parse_mandate(render_mandate(answers)).hedges[0].base == base


def test_what_has_no_risk_is_not_hedged() -> None:
    """Money alone, and a venue that nobody knows."""
    with pytest.raises(MandateError, match="USDT: has no price risk"):
        quick_answers(CATALOG, {"USDT": 5.0}, HedgeRequest(), NOW)
    with pytest.raises(MandateError, match='venue "ftx": choose one of binance'):
        quick_answers(CATALOG, {"BTC": 5.0}, HedgeRequest("ftx"), NOW)


def test_margin_is_text_or_amounts_by_coin() -> None:
    """As what is owned is; none is none."""
    assert HedgeRequest(margin="0.1 BTC 2 eth").margin == {"BTC": 0.1, "ETH": 2.0}  # type: ignore[arg-type]
    assert HedgeRequest(margin={"BTC": 0.1}).margin == {"BTC": 0.1}
    assert HedgeRequest().margin == {}


@pytest.mark.parametrize("nothing", ["", "0", "none", "0 BTC", "Nothing"])
def test_an_empty_account_is_told_in_any_words(nothing: str) -> None:
    """As where `init` asks for it."""
    assert HedgeRequest(margin=nothing).margin == {}  # type: ignore[arg-type]
