"""The short face of a plan: its figures against those worked by hand, and its words."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

import volsculpt as vs
from tests.report.hedges import BYBIT, NOW, QUARTER, hedged, text_of
from volsculpt.app.cli.published import published
from volsculpt.errors import MandateError, PriceError
from volsculpt.market.series import FundingRates, Label, Prices
from volsculpt.market.store import save
from volsculpt.report.pages.hedge import funding_words
from volsculpt.report.rows import hedge as rows
from volsculpt.report.rows.hedge import HedgeFunding
from volsculpt.report.rows.hedge_inputs import shocks_of
from volsculpt.simulate.scenario import SHOCKS
from volsculpt.units import DAY_NS, HOUR_NS

SCHEMA = published("hedge")
ROWS = {
    "step": rows.HedgeStep,
    "sale": rows.HedgeSale,
    "funding": rows.HedgeFunding,
    "end": rows.HedgeEnd,
    "move": rows.HedgeMove,
    "closing": rows.HedgeClosing,
    "lock": rows.HedgeLock,
}


# --- what it does and what to do ------------------------------------------------------


def test_what_is_owned_falls_without_the_hedge_alone() -> None:
    """1.3 ETH and 0.2 BTC are 15,900; a fifth of that is lost, or four fifths of the fees."""
    found = hedged("1.3 ETH 0.2 BTC").rows
    assert found.owned_usd == pytest.approx(15_900.0)
    assert found.unhedged_loss_usd == pytest.approx(3_180.0)
    assert found.hedged_loss_usd == pytest.approx(15_900.0 * 0.00055 * 0.8)  # paid in coins
    sentence = "You own 15,900 USD; hedged, a fall of 20 % costs you 7 USD, not 3,180."
    assert sentence in text_of(hedged("1.3 ETH 0.2 BTC"))


def test_the_steps_are_those_of_the_plan() -> None:
    """A third of the coins and the fee, the dollars as contracts, bought back after 30 days."""
    found = hedged("1.3 ETH 0.2 BTC").rows
    move, eth, btc, lift = found.steps
    assert [one.number for one in found.steps] == [1, 2, 3, 4]
    assert (move.action, move.source, move.account) == ("move", "wallet", "futures")
    fee = 1.00055 / 3.0 + 0.00055 - 0.00055 / 3.0  # a third is left once the fee is paid
    assert move.coins == pytest.approx({"ETH": 1.3 * fee, "BTC": 0.2 * fee}, rel=1e-4)
    assert (eth.action, eth.symbol, eth.contracts) == ("sell", "ETHUSD", 3_900.0)
    assert (btc.action, btc.symbol, btc.contracts) == ("sell", "BTCUSD", 12_000.0)
    assert (lift.action, lift.at) == ("lift", "2024-06-19T00:00:00Z")
    assert (found.days, found.until) == (30.0, lift.at)


def test_five_moves_are_shown_and_where_it_is_liquidated() -> None:
    """The coins alone; the short is gone at half as much again, with a third of its coins."""
    found = hedged("0.2 BTC").rows
    assert [row.shock_ratio for row in found.moves] == [-0.5, -0.2, 0.0, 0.2, 0.5]
    bare = [6_000.0, 9_600.0, 12_000.0, 14_400.0, 18_000.0]
    assert [row.unhedged_usd for row in found.moves] == pytest.approx(bare)
    assert [row.closed for row in found.moves] == [[], [], [], [], ["BTC"]]
    assert found.moves[2].hedged_usd == pytest.approx(12_000.0 - 6.6)
    left = 0.2 - 0.2 / 3.0 - 0.2 * 0.00055  # all but the margin and the fee, at 90,000
    assert found.moves[4].hedged_usd == pytest.approx(left * 90_000.0)
    (end,) = found.moves[4].liquidated
    assert (end.coin, end.price, end.move) == (
        "BTC",
        pytest.approx(89_550.0),
        pytest.approx(0.4925),
    )
    said = "* liquidated at BTC 89,550: margin lost, rest unhedged"
    assert said in text_of(hedged("0.2 BTC"))


def test_wealth_after_a_liquidation_is_that_of_a_stress() -> None:
    """The outcome of the book that all steps lead to; where nothing ends, nothing is said."""
    found = hedged("1.3 ETH 0.2 BTC", {"ratio": 0.8})
    assert found.plan.then is not None
    told = {row.shock_ratio: row for row in found.plan.then.scenarios}
    for row in found.rows.moves:
        stressed = told[row.shock_ratio]
        assert row.hedged_usd == stressed.hedged_usd
        assert [one.price for one in row.liquidated] == [one.price for one in stressed.liquidated]
    assert [len(row.liquidated) for row in found.rows.moves] == [0, 0, 0, 0, 2]
    assert "margin lost" not in text_of(hedged("0.2 BTC", {"ratio": 0.0}))


@pytest.mark.parametrize(
    ("fall", "shown"),
    [
        (0.2, [-0.5, -0.2, 0.0, 0.2, 0.5]),
        (0.5, [-0.5, -0.3, 0.0, 0.3, 0.5]),
        (0.8, [-0.8, -0.5, 0.0, 0.5, 0.8]),
        (0.123, [-0.5, -0.123, 0.0, 0.123, 0.5]),
    ],
)
def test_the_moves_hold_the_fall_that_was_asked_for(fall: float, shown: list[float]) -> None:
    """Five of them, in order, none twice."""
    assert shocks_of(fall) == shown
    found = hedged("0.2 BTC", {"fall": fall}).rows
    assert [row.shock_ratio for row in found.moves] == shown
    assert found.unhedged_loss_usd == pytest.approx(12_000.0 * fall)


def test_what_ends_it_is_told_a_coin() -> None:
    """0.99 of the dollars stand on the coins left: (1.3 - 0.43333) ETH are 3,861 at 4,455."""
    eth, btc = hedged("1.3 ETH 0.2 BTC").rows.ends
    assert (eth.coins, eth.liquidation_price) == (["ETH"], pytest.approx(4_455.0))
    assert eth.liquidation_move == pytest.approx(0.485)
    assert (eth.add_move, eth.add_price) == pytest.approx((0.125, 3_375.0), rel=1e-5)
    assert eth.add_coin == pytest.approx(1.3 * 2.0 / 27.0, rel=1e-5)  # from 4 times back to 3
    assert (btc.coins, btc.liquidation_price) == (["BTC"], pytest.approx(89_550.0))
    words = text_of(hedged("1.3 ETH 0.2 BTC"))
    assert "ETH: liquidated at 4,455 (+48.5 %); add 0.0963 ETH at 3,375 (+12.5 %)." in words


def test_coins_to_spare_at_the_venue_hide_no_price_at_which_to_add() -> None:
    """1 ETH of 2.3 is there and half is sold: 1.15x, which the plan would bring back to 3x.

    The hedge is told with the coins where they are: 4x is at 3 x 3,450 over 4 (1.15 - 1), the fee
    taken off; and the BTC beside it is told as ever.
    """
    found = hedged("1.3 ETH 0.2 BTC", {"ratio": 0.5, "margin": "1 ETH"}).rows
    eth, btc = (next(one for one in found.ends if one.coins == [coin]) for coin in ("ETH", "BTC"))
    equity = 1.0 - 1.15 * 0.00055
    assert eth.add_price == pytest.approx(3.0 * 3_450.0 / (4.0 * (1.15 - equity)), rel=1e-5)
    assert eth.add_coin == pytest.approx(3_450.0 / (eth.add_price or 0.0) / 12.0, rel=1e-4)
    assert (eth.add_price or 0.0) < (eth.liquidation_price or 0.0)
    assert (btc.add_price, btc.add_coin) == pytest.approx((67_500.0, 0.1 * 2.0 / 27.0), rel=1e-5)


@pytest.mark.parametrize("margin", ["0.3 ETH", "0.7 ETH", "2 ETH", "0.05 BTC", "1 ETH 1 BTC"])
@pytest.mark.parametrize("venue", ["bybit", "okx", "kraken"])
def test_every_hedge_that_can_be_liquidated_says_where_to_add(margin: str, venue: str) -> None:
    """Whatever lies at the venue, and before it is liquidated."""
    for ratio in (0.1, 0.5, 1.0):
        how = {"ratio": ratio, "margin": margin, "venue": venue}
        for end in hedged("1.3 ETH 0.2 BTC", how).rows.ends:
            if end.liquidation_move is not None:
                assert 0.0 < (end.add_move or 0.0) < end.liquidation_move, (how, end)
                assert (end.add_coin or 0.0) > 0.0


def test_a_part_is_hedged_and_still_told_when_to_add() -> None:
    """Half of a coin: half of the dollars, and nothing but coins to add as it rises."""
    found = hedged("1 BTC", {"ratio": 0.5})
    assert [one.contracts for one in found.rows.steps if one.action == "sell"] == [30_000.0]
    assert found.rows.ends[0].add_coin == pytest.approx(0.5 * 2.0 / 27.0, rel=1e-5)
    assert found.rows.hedged_loss_usd == pytest.approx(6_000.0 + 16.5 * 0.8)
    assert "sell 50 % of them for 30,000 USD: no margin to watch, but fewer coins" in text_of(found)


def test_coins_at_the_venue_are_owned_and_hedged_too() -> None:
    """0.1 BTC there and 1 in the wallet: 66,000, and less to move."""
    found = hedged("1 BTC", {"margin": {"BTC": 0.1}}).rows
    alone = hedged("1 BTC").rows
    assert found.owned_usd == pytest.approx(66_000.0)
    assert found.unhedged == []
    assert found.steps[0].coins["BTC"] < alone.steps[0].coins["BTC"] - 0.06


# --- what it costs --------------------------------------------------------------------


def test_fees_and_funding_are_told_for_the_whole_time() -> None:
    """0.055 % each way; 0.01 % three times a day for 30 days is 0.9 % of 12,000."""
    found = hedged("0.2 BTC", funding={BYBIT: 0.0001}).rows
    assert (found.fees_in_usd, found.fees_out_usd) == pytest.approx((6.6, 6.6))
    (row,) = found.funding
    assert row.held_usd == pytest.approx(-12_000.0)
    assert row.now_usd == pytest.approx(108.0)
    assert row.now_annual == pytest.approx(0.1095)
    assert (row.low_usd, row.high_usd, row.since) == (None, None, None)
    text = text_of(hedged("0.2 BTC", funding={BYBIT: 0.0001}))
    assert "Funding over 30 days: +108 USD at the rate of now (+ earns); its low and high" in text


def test_funding_that_nobody_knows_is_no_zero() -> None:
    """It is said, with what an example would make and the option that gives it."""
    found = hedged("0.2 BTC", {"length_ns": 10 * DAY_NS})
    (row,) = found.rows.funding
    assert (row.now_usd, row.now_annual) == (None, None)
    assert row.example_usd == pytest.approx(36.0)
    text = text_of(found)
    assert f"Funding over 10 days is not known (--funding {BYBIT}=RATE)" in text
    assert "at 0.03 % a day, 0.01 % a payment, it earns 36 USD, at -0.03 % it costs as much" in text


def test_of_two_coins_one_known_rate_is_no_sum() -> None:
    """What is known of bitcoin says nothing of ether, and is told beside what ether might earn."""
    text = text_of(hedged("1.3 ETH 0.2 BTC", funding={BYBIT: 0.0001}))
    assert "Funding over 30 days: +108 USD of BTC at the rate of now (+ earns); of ETH not" in text
    assert "of ETH not known (--funding bybit:ETH/USD:ETH=RATE): at 0.03 % a day" in text
    assert "it earns 35.10 USD, at -0.03 % it costs as much" in text


def test_every_rate_that_is_not_known_is_named() -> None:
    """One as the option has it, the others by their coin."""
    prices = {"XRP": 1.0}
    text = text_of(hedged("1.3 ETH 0.2 BTC 1000 XRP", {"venue": "binance"}, prices))
    flag = "is not known (--funding binance:ETH/USD:ETH=RATE, BTC and XRP likewise)"
    assert flag in text


@pytest.mark.parametrize(
    ("venue", "payment"), [("bybit", "0.01 %"), ("kraken", "0.00125 %"), ("okx", "0.01 %")]
)
def test_the_example_of_funding_is_the_same_a_day_at_every_venue(venue: str, payment: str) -> None:
    """30 days of 0.03 % of 12,000, however often a venue pays."""
    found = hedged("0.2 BTC", {"venue": venue})
    assert found.rows.funding[0].example_usd == pytest.approx(108.0, rel=1e-3)
    assert f"at 0.03 % a day, {payment} a payment, it earns 108 USD" in text_of(found)


def stored(root: Path) -> int:
    """Prices of a day at 60,000, and funding of 200 stamps that rises evenly; their end."""
    label = Label("bitstamp", "BTC", "index", "USD", "made")
    stamps = NOW + np.arange(-24, 1, dtype=np.int64) * HOUR_NS
    save(root, Prices(label, stamps, np.full(25, 60_000.0)), 0)
    mark = dataclasses.replace(label, venue="bybit", symbol="BTC/USD:BTC", role="mark")
    save(root, Prices(mark, stamps, np.full(25, 60_000.0)), 0)
    paid = NOW + np.arange(-199, 1, dtype=np.int64) * 8 * HOUR_NS
    rates = 1e-6 * np.arange(200)
    funded = dataclasses.replace(mark, role="funding")
    save(root, FundingRates(funded, paid, rates, np.full(200, 8.0)), 0)
    return NOW


def test_stored_funding_tells_its_low_and_its_high(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 110 stretches of 90 stamps, from the 44.5th millionth to the 153.5th; now 199."""
    stored(tmp_path)
    monkeypatch.setattr("volsculpt.quick.now_ns", lambda: NOW + 5 * DAY_NS)
    found = vs.quick_hedge("0.2 BTC", data=tmp_path)
    (row,) = found.rows.funding
    low, high = (1e-6 * (44.5 + q * 109.0) for q in (0.05, 0.95))
    assert (row.low_usd, row.high_usd) == pytest.approx((12_000 * 90 * low, 12_000 * 90 * high))
    assert row.now_usd == pytest.approx(12_000 * 90 * 199e-6)
    assert (found.rows.as_of, found.rows.price_age_days) == ("2024-05-20T00:00:00Z", 5.0)
    text = text_of(found)
    assert "BTC 60,000 USD, stored, 5 days old" in text
    assert "these prices are 5 days old: before you act, give --price BTC=PRICE" in text
    assert "+53.95 USD at its low, +214.92 at the rate of now, +159.89 at its high" in text
    assert "(5 and 95 % of such times since 2024-03-14)" in text


def test_lows_of_several_perpetuals_are_told_to_be_of_their_own_times() -> None:
    """They are added up, though one of them is known for longer."""
    rows = [
        HedgeFunding(f"bybit:{pair}", 1e4, -0.1, 0.1, 0.3, -1.0, 2.0, 5.0, since, 9.0, 1e-4)
        for pair, since in (("BTC/USD:BTC", "2018-11-15"), ("ETH/USD:ETH", "2023-01-01"))
    ]
    assert funding_words(rows, 30.0) == (
        "Funding over 30 days, + earns: -2 USD at its low, +4 at the rate of now, +10 at "
        "its high (5 and 95 % of each one's such times, added up: BTC/USD:BTC since 2018-11-15, "
        "ETH/USD:ETH since 2023-01-01)."
    )


def test_fresh_stored_prices_are_no_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half an hour is told, and nothing more."""
    stored(tmp_path)
    monkeypatch.setattr("volsculpt.quick.now_ns", lambda: NOW + HOUR_NS // 2)
    text = text_of(vs.quick_hedge("0.2 BTC", at=NOW, data=tmp_path))
    assert "stored, 30 minutes old" in text
    assert "before you act, give" not in text


# --- what is refused, and how it is shown ---------------------------------------------


def test_an_end_that_is_over_is_refused() -> None:
    """A day before the moment planned for, and the moment itself."""
    for until in (NOW - DAY_NS, NOW):
        with pytest.raises(MandateError, match="is not after 2024-05-20T00:00:00Z"):
            hedged("0.2 BTC", {"until_ns": until})
    assert hedged("0.2 BTC", {"until_ns": NOW + 3 * DAY_NS}).rows.days == 3.0


def test_a_price_that_is_missing_is_asked_for() -> None:
    """By its option."""
    with pytest.raises(PriceError, match="--price BTC=PRICE"):
        vs.quick_hedge("0.2 BTC", time_ns=NOW)


def test_the_plan_is_that_of_the_mandate() -> None:
    """Both say the same: what is short in the end is what the plan holds then."""
    found = hedged("1.3 ETH 0.2 BTC", {"fall": 0.25})
    assert "balances = { ETH = 1.3, BTC = 0.2 }" in found.mandate
    assert found.plan.then is not None
    assert {*SHOCKS, -0.25} < {one.shock_ratio for one in found.plan.scenarios}
    sold = [one.contracts for one in found.rows.steps if one.action == "sell"]
    assert sold == [one.contracts for one in found.plan.next_steps]
    assert found.rows.moves[1].hedged_usd in [one.hedged_usd for one in found.plan.then.scenarios]


def test_it_is_printed_as_published() -> None:
    """Each kind of row has its names, in order; each object its schema."""
    for name, kind in ROWS.items():
        fields = [field.name for field in dataclasses.fields(kind)]
        assert SCHEMA["$defs"][name]["required"] == fields
        assert list(SCHEMA["$defs"][name]["properties"]) == fields
    whole = [field.name for field in dataclasses.fields(rows.HedgeRows)]
    assert SCHEMA["required"] == ["schema", *whole] == list(SCHEMA["properties"])
    for how, prices in (({}, {}), ({"lock": "quarter"}, {QUARTER: 60_600.0})):
        found = hedged("0.2 BTC", how, prices=prices)
        Draft202012Validator(SCHEMA).validate(json.loads(found.to_json()))
    assert set(hedged("0.2 BTC").tables()) == {"steps", "funding", "ends", "moves"}
    assert list(hedged("0.2 BTC").to_polars()["action"]) == ["move", "sell", "lift"]


@pytest.mark.parametrize(
    ("coins", "how", "prices"),
    [
        ("1.3 ETH 0.2 BTC", {}, {}),
        ("1.3 ETH 0.2 BTC 10 SOL", {"venue": "binance"}, {}),
        ("1.3 ETH 0.2 BTC 10 SOL 300 USDT", {"venue": "binance"}, {}),
        ("1e6 BTC", {}, {}),
        ("1e6 BTC 1e6 ETH 1e6 SOL", {"venue": "binance"}, {}),
        ("0.2 BTC", {"lock": "quarter"}, {QUARTER: 60_600.0}),
        ("0.0001 BTC", {"venue": "binance"}, {}),
    ],
)
@pytest.mark.parametrize("color", [False, True])
def test_it_is_one_screen(
    coins: str, how: dict[str, Any], prices: dict[str, float], color: bool
) -> None:
    """25 lines of 80 columns at most."""
    lines = hedged(coins, how, prices).table(80, color).rstrip("\n").split("\n")
    assert len(lines) <= 25
    if not color:
        assert max(map(len, lines)) <= 80


def test_of_coins_that_are_lacking_none_are_in_the_wallet() -> None:
    """However large the first order is: what is brought is all that is moved there."""
    found = hedged("1e6 BTC 1e6 SOL", {"venue": "binance"}).rows
    bring, move = found.steps[:2]
    assert (set(bring.coins), set(move.coins)) == ({"USDT"}, {"BTC"})
    assert found.owned_usd == pytest.approx(1e6 * 60_150.0)


@pytest.mark.parametrize("width", [20, 40, 60, 120])
def test_it_fits_any_terminal(width: int) -> None:
    """No line is wider than asked for."""
    lines = hedged("1.3 ETH 0.2 BTC").table(width).split("\n")
    assert max(map(len, lines)) <= width


def test_what_is_sold_instead_is_coins_not_money() -> None:
    """33 % of 15,900 dollars of coins; 500 USDC beside them are sold already."""
    found = hedged("1.3 ETH 0.2 BTC 500 USDC", {"ratio": 0.33})
    assert (found.rows.owned_usd, found.rows.coins_usd) == pytest.approx((16_400.0, 15_900.0))
    assert "Instead: sell 33 % of them for 5,247 USD" in text_of(found)
    on_margin = hedged("0.2 BTC 500 USDC", {"margin": {"BTC": 0.1}})
    assert "Instead: sell all for 18,000 USD" in text_of(on_margin)


def test_a_price_given_beside_stored_ones_is_not_called_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is it asked for; the stored mark of the contract moves with it, and so the size."""
    stored(tmp_path)
    monkeypatch.setattr("volsculpt.quick.now_ns", lambda: NOW + 5 * DAY_NS)
    found = vs.quick_hedge("0.2 BTC", prices={"BTC": 90_000.0}, at=NOW, data=tmp_path)
    assert found.rows.steps[1].contracts == 18_000.0
    assert found.rows.prices_given == ["BTC"]
    text = text_of(found)
    assert "BTC 90,000 USD, as given" in text
    assert "stored, 5 days" not in text
    assert "before you act" not in text
    both = vs.quick_hedge("0.2 BTC 1 ETH", prices={"ETH": 3_000.0}, at=NOW, data=tmp_path)
    assert "BTC 60,000 USD, stored, 5 days old; ETH 3,000 USD, as given" in text_of(both)
    assert "before you act, give --price BTC=PRICE " in text_of(both)


def test_the_mandate_names_the_prices_that_were_given() -> None:
    """The command in its head is one for this day, not for an example."""
    found = hedged("0.2 BTC", prices={"BTC": 71_234.5, BYBIT: 71_200.0})
    head = found.rows.mandate.split("\n")[1]
    assert head == f"# Next: volsculpt plan THIS_FILE --price BTC=71234.5 --price {BYBIT}=71200"
