"""Income that a run hedges before it arrives, by the ratio alone and by a ladder of its dates."""

from datetime import UTC, datetime

import pytest

import volsculpt as vs
from volsculpt.mandate.load import parse_mandate
from volsculpt.market.times import run_span
from volsculpt.report.backtest import BacktestReport
from volsculpt.simulate.run import RunRequest, prepared
from volsculpt.units import iso

pytestmark = pytest.mark.usefixtures("kernel")

MINER = """
version = 1
hedge_flows = {flows}
flow_horizon = "60d"

[[account]]
name = "vault"
kind = "cold"
balances = {{ BTC = 2.0 }}

[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
balances = {{ BTC = 2.0 }}

[[flow]]
account = "vault"
currency = "BTC"
amount = 1.0
every = "30d"
from = 2024-01-20T00:00:00Z

[[hedge]]
underlying = "BTC"
ratio = {ratio}
use = [{use}{{ account = "coinm", contract = "BTC/USD:BTC" }}]
"""
DATED = (
    '{ account = "coinm", contract = "BTC/USD:BTC@quarter" }, '
    '{ account = "coinm", contract = "BTC/USD:BTC@next_quarter" }, '
)
PERPETUAL = "bybit:BTC/USD:BTC"
MARCH, JUNE = "bybit:BTC/USD:BTC-240329", "bybit:BTC/USD:BTC-240628"


def ran(flows: str, use: str = "", ratio: float = 0.5, to: str = "2024-05-01") -> BacktestReport:
    """The run of a miner in the made-up market, from the start of 2024 on."""
    text = MINER.format(flows=flows, use=use, ratio=ratio)
    return vs.backtest(text, from_ns="2024-01-01", to_ns=to, step_ns="1d", draws=0)


def contracts_on(made: BacktestReport, contract: str, day: str) -> float:
    """Contracts held of one on a day."""
    moment = int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * 10**9
    place = int((made.inputs.stamps_ns <= moment).sum()) - 1
    paths = [one for one in made.inputs.legs if one.contract == contract]
    return float(paths[0].contracts[place]) if paths else 0.0


def coins_sold(made: BacktestReport, day: str) -> float:
    """Coins of all contracts on a day, at the price of the coin."""
    moment = int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * 10**9
    place = int((made.inputs.stamps_ns <= moment).sum()) - 1
    total = sum(float(one.contracts[place]) for one in made.inputs.legs)
    return -total / float(made.inputs.price_usd[place])


def test_income_in_sight_is_hedged_before_it_arrives() -> None:
    """Sixty days hold two dates: a half of 6 BTC, where flows alone would be a half of 4."""
    ahead, late = (coins_sold(ran(flows), "2024-01-05") for flows in ("true", "false"))
    assert ahead == pytest.approx(1.5 * late, rel=0.001)


def test_what_is_to_come_is_a_balance_of_its_own_that_moves_on() -> None:
    """Two dates in sight at any time; what has arrived stands in the vault."""
    made = ran("true")
    coming = next(one for one in made.inputs.wallets if one.account == "vault (to come)")
    vault = next(one for one in made.inputs.wallets if one.account == "vault")
    assert set(coming.balance_coin.tolist()) == {2.0}
    assert (vault.balance_coin[0], vault.balance_coin[-1]) == (2.0, 6.0)
    assert [one.account for one in made.events.flows] == ["vault"] * 4
    assert any("counts flows of BTC of the next 60 days" in line for line in made.notes)


def test_each_date_is_sold_with_its_own_contract() -> None:
    """In January: those of 20 January and 19 February with March; later June's, when in sight."""
    made = ran('"by date"', DATED)
    price = float(made.inputs.price_usd[0])
    assert contracts_on(made, MARCH, "2024-01-05") == pytest.approx(-1.0 * price, rel=0.05)
    assert contracts_on(made, JUNE, "2024-01-05") == 0.0
    assert contracts_on(made, JUNE, "2024-02-25") < 0.0
    everything = coins_sold(ran("true"), "2024-01-05")
    assert coins_sold(made, "2024-01-05") == pytest.approx(everything, rel=0.02)


def test_a_ladder_sells_in_all_what_the_ratio_asks() -> None:
    """Through rolls and deliveries the held ratio is within its band of a run without a ladder."""
    plain, made = ran("true"), ran('"by date"', DATED)
    held = [one.inputs.hedges[0].held_ratio[2:] for one in (plain, made)]
    assert abs(held[0] - held[1]).max() < 0.04
    assert held[1].mean() == pytest.approx(0.5, abs=0.01)


def test_a_contract_of_march_is_gone_by_april() -> None:
    """It is closed before it expires, and the others carry what was kept."""
    made = ran('"by date"', DATED)
    assert contracts_on(made, MARCH, "2024-04-15") == 0.0
    assert contracts_on(made, PERPETUAL, "2024-04-15") < contracts_on(made, PERPETUAL, "2024-01-05")


def test_a_ladder_is_looked_at_once_income_is_there() -> None:
    """At the decision after it is booked, also where as much comes into sight at that moment."""
    mandate = parse_mandate(MINER.format(flows='"by date"', use=DATED, ratio=0.5))
    span = run_span("2024-01-10", "2024-03-10", "1h")
    made = prepared(mandate, None, None, RunRequest(span)).start
    stamps = made.spec.aligned.stamp_ns
    looks = {iso(int(stamps[step])) for step in made.climbed}
    assert {"2024-01-20T01:00:00Z", "2024-02-19T01:00:00Z"} < looks
    assert all(f"2024-02-{day}T00:00:00Z" in looks for day in range(10, 29))
    assert len(looks) < 70


PLEDGED = """
[[account]]
name = "bank"
kind = "loan"
balances = { BTC = 1.0, USD = -10_000 }

[[flow]]
account = "bank"
currency = "BTC"
amount = 1.0
at = 2024-03-01T00:00:00Z

[[flow]]
account = "vault"
currency = "BTC"
amount = -1.0
at = 2024-03-01T00:00:00Z
"""


def test_coins_moved_to_a_pledge_are_no_income_of_a_run() -> None:
    """Wealth starts with what is owned, and nothing is paid in or out as they move."""
    text = MINER.format(flows='"by date"', use=DATED, ratio=0.5).split("[[flow]]")
    text = text[0] + PLEDGED + "[[hedge]]" + text[1].split("[[hedge]]")[1]
    made = vs.backtest(text, from_ns="2024-01-01", to_ns="2024-05-01", step_ns="1d", draws=0)
    price = float(made.inputs.price_usd[0])
    assert made.inputs.hedged_usd[0] == pytest.approx(5.0 * price - 10_000.0, rel=1e-3)
    coming = [one for one in made.inputs.wallets if one.account.endswith("(to come)")]
    assert not any(one.balance_coin.any() for one in coming)
    assert sum(one.amount_usd for one in made.events.flows) == pytest.approx(0.0, abs=1e-6)


COSTS = """
[[account]]
name = "giro"
kind = "spot"
balances = { USD = 500_000 }

[[flow]]
account = "giro"
currency = "USD"
amount = -20_000
every = "30d"
from = 2024-01-10T00:00:00Z
"""


def test_both_ways_count_the_same_kind_ahead_and_say_what() -> None:
    """Coins that are hedged, and no costs in dollars: those have no price to be hedged.

    What a run starts with is a plan's wealth and what is to come.
    """
    for flows in ("true", '"by date"'):
        text = MINER.format(flows=flows, use="", ratio=0.5) + COSTS
        made = vs.backtest(text, from_ns="2024-01-01", to_ns="2024-02-01", step_ns="1d", draws=0)
        price = float(made.inputs.price_usd[0])
        owned = 4.0 * price + 500_000.0
        assert made.inputs.hedged_usd[0] == pytest.approx(owned + 2.0 * price)
        plan = vs.plan(text, time_ns="2024-01-01", prices={"BTC": price})
        assert plan.wealth_usd == pytest.approx(owned)
        (line,) = [one for one in made.notes if one.startswith("wealth of this run")]
        what = "income" if flows == '"by date"' else "flows"
        assert f"counts {what} of BTC of the next 60 days" in line
        assert f"{2.0 * price:,.0f} USD at the start" in line
        assert not any(one.coming_coin for one in plan.exposure if one.currency == "USD")


def test_a_ratio_of_all_wealth_counts_what_is_paid_ahead_too() -> None:
    """Then costs to come are a part of what it is a ratio of."""
    text = MINER.format(flows="true", use="", ratio=0.5) + COSTS
    text = text.replace("ratio = 0.5", 'ratio = 0.5\nbase = "wealth"')
    plan = vs.plan(text, time_ns="2024-01-01", prices={"BTC": 50_000.0})
    (row,) = (one for one in plan.exposure if one.currency == "USD")
    assert row.coming_coin == -40_000.0
