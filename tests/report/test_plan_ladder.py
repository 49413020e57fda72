"""Income hedged by its own dates: which contract carries it, and how it goes."""

from random import Random

import pytest

from volsculpt.mandate.load import parse_mandate
from volsculpt.report.pages.plan import content
from volsculpt.report.plan import Plan
from volsculpt.verbs import plan

HEAD = """
version = 1
hedge_flows = "by date"
flow_horizon = "180d"
"""
ACCOUNTS = """
[[account]]
name = "vault"
kind = "cold"
balances = { BTC = 2.0 }

[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
balances = { BTC = 3.0 }
"""
INCOME = """
[[flow]]
account = "vault"
currency = "BTC"
amount = 0.5
every = "30d"
from = 2024-06-10T00:00:00Z
"""
HEDGE = """
[[hedge]]
underlying = "BTC"
ratio = 0.5
use = [
    { account = "coinm", contract = "BTC/USD:BTC@quarter" },
    { account = "coinm", contract = "BTC/USD:BTC@next_quarter" },
    { account = "coinm", contract = "BTC/USD:BTC" },
]
"""
JUNE, SEPTEMBER, PERPETUAL = "BTC/USD:BTC-240628", "BTC/USD:BTC-240927", "BTC/USD:BTC"
MINER = HEAD + ACCOUNTS + INCOME + HEDGE


def planned(text: str = MINER, day: str = "2024-05-20", price: float = 60_000.0) -> Plan:
    """The plan of a mandate."""
    return plan(text, time_ns=day, prices={"BTC": price})


def sold(made: Plan) -> dict[str, float]:
    """Signed contracts by symbol, of the orders."""
    return {
        row.contract: row.contracts if row.side == "buy" else -row.contracts for row in made.orders
    }


def held(*positions: tuple[str, float]) -> str:
    """Positions entered at 60,000, as they stand in the margin account."""
    return "".join(
        f'\n[[account.position]]\ncontract = "{symbol}"\ncontracts = {size}\nentry = 60_000\n'
        for symbol, size in positions
    )


def with_positions(text: str, *positions: tuple[str, float]) -> str:
    """A mandate whose margin account holds them."""
    return text.replace(
        "balances = { BTC = 3.0 }\n", "balances = { BTC = 3.0 }\n" + held(*positions)
    )


def test_each_date_goes_to_the_first_contract_that_reaches_it() -> None:
    """June: 0.5 BTC. July to September: 1.5. October, November and what is owned: the perpetual."""
    made = planned()
    assert sold(made) == {JUNE: -15_000.0, SEPTEMBER: -45_000.0, PERPETUAL: -180_000.0}
    rows = [(row.contract, row.coins, row.count, row.wanted_coin) for row in made.ladder]
    assert rows == [(JUNE, 0.5, 1, 0.25), (SEPTEMBER, 1.5, 3, 0.75), (None, 1.0, 2, 0.5)]
    assert [row.sold_after_coin for row in made.ladder] == [0.25, 0.75, None]
    assert "Income by its dates" in [one.title for one in content(made).sections]


def test_together_as_much_is_sold_as_without_a_ladder() -> None:
    """How much is the answer of one rule: the ladder only says by which contracts."""
    plain = planned(MINER.replace('"by date"', "true"))
    assert sum(sold(planned()).values()) == sum(sold(plain).values())


def test_a_date_on_the_day_of_an_expiry_is_carried_by_it() -> None:
    """Income at the very moment of the expiry is reached; a second later it is not."""
    once = "at = 2024-06-28T08:00:{}Z"
    text = MINER.replace('every = "30d"\nfrom = 2024-06-10T00:00:00Z', once.format("00"))
    assert sold(planned(text))[JUNE] == -15_000.0
    late = sold(planned(text.replace(once.format("00"), once.format("01"))))
    assert (late.get(JUNE), late[SEPTEMBER]) == (None, -15_000.0)


def test_a_move_of_the_price_trades_no_rung() -> None:
    """At 66,000 what the rungs sold at 60,000 is still what their income asks for."""
    text = with_positions(MINER, (JUNE, -15_000), (SEPTEMBER, -45_000), (PERPETUAL, -180_000))
    made = planned(text, price=66_000.0)
    assert {JUNE, SEPTEMBER}.isdisjoint(sold(made))


def test_a_rung_goes_as_its_income_is_delivered_and_sold() -> None:
    """After the tenth of June 0.5 BTC has come and gone: the June rung is bought back, no other."""
    text = with_positions(MINER, (JUNE, -15_000), (SEPTEMBER, -45_000), (PERPETUAL, -165_000))
    text = text.replace('"180d"', '"120d"')
    made = planned(text, "2024-06-10T00:00:01Z")
    assert sold(made) == {JUNE: 15_000.0}
    (line,) = [one for one in made.decision[0].reasons if JUNE in one]
    assert "the income it was sold for has arrived" in line


def test_delivered_and_kept_the_others_take_it_over() -> None:
    """The 0.5 BTC stays in the vault: as much is sold of the perpetual as is bought of June."""
    text = with_positions(MINER, (JUNE, -15_000), (SEPTEMBER, -45_000), (PERPETUAL, -165_000))
    text = text.replace('"180d"', '"120d"').replace("BTC = 2.0", "BTC = 2.5")
    assert sold(planned(text, "2024-06-10T00:00:01Z")) == {JUNE: 15_000.0, PERPETUAL: -15_000.0}


def test_a_part_delivered_is_bought_back_from_its_own_rung() -> None:
    """Two of three dates of September are left: its rung gives, and not the perpetual."""
    text = with_positions(MINER, (SEPTEMBER, -45_000), (PERPETUAL, -150_000))
    made = planned(text.replace('"180d"', '"60d"'), "2024-07-10T00:00:01Z")
    assert sold(made) == {SEPTEMBER: 15_000.0}


def test_what_leaves_is_not_taken_off_income() -> None:
    """Coins to be sold on the day they come are at risk until then: both dates count as income."""
    sale = INCOME.replace("amount = 0.5", "amount = -0.5")
    assert sold(planned(MINER + sale)) == sold(planned())


def test_dated_contracts_alone_carry_what_is_owned_too() -> None:
    """Without a perpetual in use the last of them is no rung."""
    text = MINER.replace('    { account = "coinm", contract = "BTC/USD:BTC" },\n', "")
    made = sold(planned(text))
    assert made == {JUNE: -15_000.0, SEPTEMBER: -225_000.0}


def test_each_coin_has_its_own_ladder_at_its_own_venue() -> None:
    """10 ETH by June are 3,000 contracts of ten dollars at binance, beside the ladder of BTC."""
    eth = INCOME.replace("BTC", "ETH").replace("amount = 0.5", "amount = 10.0")
    hedge = HEDGE.replace("BTC", "ETH").replace("ratio = 0.5", "ratio = 1.0")
    other = ACCOUNTS.split("\n\n")[1].replace("coinm", "eth-m").replace("bybit", "binance")
    other = other.replace("BTC = 3.0", "ETH = 60.0")
    text = MINER + other + eth + hedge.replace("coinm", "eth-m")
    made = plan(text, time_ns="2024-05-20", prices={"BTC": 60_000.0, "ETH": 3_000.0})
    assert sold(made)["ETH/USD:ETH-240628"] == -3_000.0
    assert sold(made)[JUNE] == -15_000.0


def test_what_margin_does_not_carry_follows_on_no_full_rung() -> None:
    """The order that waits for coins is of the perpetual: the rungs hold all of their income."""
    text = MINER.replace("balances = { BTC = 3.0 }", "balances = { BTC = 1.0 }")
    made = planned(text + "[limits]\nmax_leverage = 2.0\n")
    assert sold(made)[JUNE] == -15_000.0
    assert [row.contract for row in made.next_steps] == [PERPETUAL]
    assert not any("lets an account hold" in line for line in made.decision[0].reasons)


def test_a_use_without_dated_contracts_is_told() -> None:
    """Then the perpetual carries the income, and the warning says what to put before it."""
    short = 'use = [{ account = "coinm", contract = "BTC/USD:BTC" }]\n'
    text = HEAD + ACCOUNTS + INCOME + '[[hedge]]\nunderlying = "BTC"\nratio = 0.5\n' + short
    (line,) = parse_mandate(text).warnings
    assert 'contract = "BTC/USD:BTC@quarter"' in line
    assert sold(planned(text)) == {PERPETUAL: -240_000.0}


@pytest.mark.parametrize("said", ["1", '"by dates"', "0.5"])
def test_other_words_are_refused_with_all_three(said: str) -> None:
    """Nothing that is neither true, false nor by date."""
    with pytest.raises(Exception, match='true, false or "by date"'):
        parse_mandate(MINER.replace('"by date"', said))


@pytest.mark.parametrize(("over", "gives"), [(0, PERPETUAL), (450, PERPETUAL), (9_000, SEPTEMBER)])
def test_what_was_sold_a_little_below_the_mark_does_not_tear_a_rung_apart(
    over: int, gives: str
) -> None:
    """One per cent too much of a rung is no reason to buy it back; a fifth goes from it first."""
    rungs = ((JUNE, -15_000), (SEPTEMBER, -45_000 - over), (PERPETUAL, -180_000))
    found = sold(planned(with_positions(MINER, *rungs), price=50_000.0))
    assert gives in found
    if gives == PERPETUAL:
        assert {JUNE, SEPTEMBER}.isdisjoint(found)


CASE = HEAD + (ACCOUNTS + HEDGE).replace("bybit", "binance").replace("ratio = 0.5", "ratio = 0.6")
DATES = "".join(
    f'\n[[flow]]\naccount = "vault"\ncurrency = "BTC"\namount = 3\nat = {day}T00:00:00Z\n'
    for day in ("2024-08-10", "2024-09-10")
)


def rung_case(september: float, perpetual: float, price: float) -> Plan:
    """22 BTC and 6 to come by September at 60 %, with these contracts of 100 dollars sold."""
    text = CASE.replace("BTC = 2.0", "BTC = 13").replace("BTC = 3.0", "BTC = 9") + DATES
    positions = held((SEPTEMBER, -september), (PERPETUAL, -perpetual))
    text = text.replace("balances = { BTC = 9 }\n", "balances = { BTC = 9 }\n" + positions)
    return planned(text, "2024-07-15", price)


def test_a_rung_gives_no_more_than_it_has_too_much() -> None:
    """3.7 BTC sold for 3.6 at a price that fell: 0.1 of them, then the perpetual the rest."""
    made = rung_case(2_220.0, 8_100.0, 45_000.0)
    assert sold(made) == {SEPTEMBER: 60.0}
    assert any(
        f"next decision buys 1,152 contracts of {PERPETUAL}" in line
        for line in made.decision[0].reasons
    )
    assert not any("in one order" in line for line in made.decision[0].reasons)
    assert sold(rung_case(2_160.0, 8_100.0, 45_000.0)) == {PERPETUAL: 1_161.0}


def test_what_a_venue_takes_no_order_for_stays() -> None:
    """A rung that holds two contracts too much keeps them: two per cent are no reason."""
    assert sold(rung_case(2_162.0, 8_100.0, 45_000.0)).keys() == {PERPETUAL}


@pytest.mark.parametrize("seed", range(4))
def test_no_move_of_the_price_takes_a_rung_below_its_income(seed: int) -> None:
    """Thirty decisions: it gives what it had too much, once, and is never sold or bought again."""
    prices, traded = Random(seed), 0.0
    september, perpetual = 2_220.0, 8_100.0
    for _ in range(30):
        found = sold(rung_case(september, perpetual, prices.uniform(40_000.0, 80_000.0)))
        september -= found.get(SEPTEMBER, 0.0)
        perpetual -= found.get(PERPETUAL, 0.0)
        traded += abs(found.get(SEPTEMBER, 0.0))
        assert september >= 2_160.0
    assert traded <= 60.0
