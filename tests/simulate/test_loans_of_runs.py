"""Loans and locked coins through history: interest, levels that are passed, coins set free."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from tests.market.made import START_NS
from tests.simulate.stores import (
    FIRST_DAY,
    FULL,
    HEDGE,
    MARGIN,
    VAULT,
    parts,
    perpetual,
    rising,
    run,
)
from volsculpt.units import DAY_NS

pytestmark = pytest.mark.usefixtures("kernel")
DAYS = 10
LOAN = (
    '[[account]]\nname = "bank"\nkind = "loan"\nbalances = {{ BTC = 1.0, USD = {} }}\n'
    "interest = {{ USD = {} }}\ncall_ltv = 0.7\nliquidation_ltv = 0.8\n"
)


def day(after: int) -> str:
    """A midnight so many days after a run begins, as TOML."""
    moment = (START_NS + (FIRST_DAY + after) * DAY_NS) / 1e9
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def still(tmp_path: Path) -> Path:
    """A store in which the price stays."""
    return perpetual(tmp_path, np.full((FIRST_DAY + DAYS) * 24, 50_000.0))


def test_interest_is_paid_each_day_and_counts_as_a_cost(tmp_path: Path) -> None:
    """36,500 USD at 10 % a year: ten a day, and interest on it; a cost, and no withdrawal."""
    text = (
        VAULT.format("BTC = 1.0")
        + MARGIN.format("BTC = 1.0")
        + LOAN.format("-36_500", "0.1")
        + HEDGE.format("BTC", 0.0)
    )
    made = run(still(tmp_path), text, DAYS)
    told = parts(made)
    assert told["interest"] == pytest.approx(-36_500.0 * ((1.0 + 0.1 / 365.0) ** DAYS - 1.0))
    assert told["flows"] == 0.0
    assert made.events.flows == []
    change = made.inputs.hedged_usd[-1] - made.inputs.hedged_usd[0]
    assert change == pytest.approx(told["interest"])


def test_a_book_without_any_contract_runs(tmp_path: Path) -> None:
    """Who has a loan and no account for futures sees what it costs."""
    text = VAULT.format("BTC = 1.0") + LOAN.format("-36_500", "0.1") + HEDGE.format("BTC", 0.0)
    assert parts(run(still(tmp_path), text, DAYS))["interest"] < -80.0


def test_a_repayment_ends_the_interest_on_it(tmp_path: Path) -> None:
    """All paid back at the third midnight: three days of interest, and the flow is a deposit."""
    flow = f'[[flow]]\naccount = "bank"\ncurrency = "USD"\namount = 36_600\nat = {day(3)}\n'
    text = (
        VAULT.format("BTC = 1.0")
        + MARGIN.format("BTC = 1.0")
        + LOAN.format("-36_500", "0.1")
        + flow
    )
    made = run(still(tmp_path), text + HEDGE.format("BTC", 0.0), DAYS)
    assert parts(made)["interest"] == pytest.approx(-30.0, abs=0.02)
    assert [one.amount_coin for one in made.events.flows] == [36_600.0]
    assert parts(made)["flows"] == pytest.approx(36_600.0)


def test_a_level_that_is_passed_is_told(tmp_path: Path) -> None:
    """35,000 owed on 1 BTC from 60,000 to 40,000: past 80 % once it is below 43,750."""
    store = perpetual(tmp_path, rising(DAYS, 60_000.0, 40_000.0))
    text = (
        VAULT.format("BTC = 1.0")
        + MARGIN.format("BTC = 1.0")
        + LOAN.format("-35_000", "0")
        + HEDGE.format("BTC", 0.0)
    )
    (line,) = [one for one in run(store, text, DAYS).warnings if one.startswith("loan_")]
    assert line.startswith("loan_sold: 'bank' stood at 80")
    assert "(BTC 43," in line
    few = text.replace("-35_000", "-29_000")
    (line,) = [one for one in run(store, few, DAYS).warnings if one.startswith("loan_")]
    assert line.startswith("loan_called: 'bank' stood at 70")
    none = text.replace("-35_000", "-20_000")
    assert not any(one.startswith("loan_") for one in run(store, none, DAYS).warnings)


def test_locked_coins_are_moved_from_their_date_on(tmp_path: Path) -> None:
    """A rise calls for margin: what is locked until the fifth day is not moved before."""
    staked = (
        '[[account]]\nname = "staked"\nkind = "earn"\nbalances = { BTC = 2.0 }\n'
        f"locked_until = {day(5)}\n"
    )
    plan = '[[collateral]]\nsource = ["staked"]\n'
    text = staked + MARGIN.format("BTC = 0.3") + FULL + plan
    made = run(perpetual(tmp_path, rising(DAYS, 50_000.0, 70_000.0)), text, DAYS)
    first = min(one.time_ns for one in made.events.transfers)
    assert first >= START_NS + (FIRST_DAY + 5) * DAY_NS
    assert {one.source for one in made.events.transfers} == {"staked"}
    free = run(
        perpetual(tmp_path, rising(DAYS, 50_000.0, 70_000.0)),
        text.replace(f"locked_until = {day(5)}\n", ""),
        DAYS,
    )
    assert min(one.time_ns for one in free.events.transfers) < first
    assert any("'staked' is locked until" in line for line in made.notes)


def test_transfers_name_their_source_as_more_become_free(tmp_path: Path) -> None:
    """Before the date the vault gives, after it the account that stands first in the plan too."""
    staked = (
        '[[account]]\nname = "staked"\nkind = "earn"\nbalances = { BTC = 2.0 }\n'
        f"locked_until = {day(5)}\n"
    )
    plan = '[[collateral]]\nsource = ["staked", "vault"]\n'
    text = VAULT.format("BTC = 2.0") + staked + MARGIN.format("BTC = 0.3") + FULL + plan
    made = run(perpetual(tmp_path, rising(DAYS, 50_000.0, 90_000.0)), text, DAYS)
    end = START_NS + (FIRST_DAY + 5) * DAY_NS
    before = {one.source for one in made.events.transfers if one.time_ns < end}
    after = {one.source for one in made.events.transfers if one.time_ns > end + DAY_NS // 2}
    assert (before, after) == ({"vault"}, {"staked"})


@pytest.mark.parametrize("step_hours", [1, 8, 24])
def test_a_level_that_is_passed_inside_a_bar_is_told(tmp_path: Path, step_hours: int) -> None:
    """An hour falls to 42,785 at noon, 60,000 at midnight: the lender sells, whatever the step."""
    closes = np.full((FIRST_DAY + DAYS) * 24, 60_000.0)
    closes[(FIRST_DAY + 3) * 24 + 12] = 43_000.0
    text = (
        VAULT.format("BTC = 1.0")
        + MARGIN.format("BTC = 1.0")
        + LOAN.format("-35_000", "0")
        + HEDGE.format("BTC", 0.0)
    )
    made = run(perpetual(tmp_path, closes), text, DAYS, step_hours)
    (line,) = [one for one in made.warnings if one.startswith("loan_")]
    assert line.startswith("loan_sold: 'bank' stood at 81.8 % loan-to-value in the bar to")
    assert "(BTC 42,785)" in line
    assert "at worst 81.8 %" in line


@pytest.mark.parametrize("step_hours", [1, 8, 24])
def test_a_day_of_interest_is_a_day_whatever_the_step(tmp_path: Path, step_hours: int) -> None:
    """One day of 2,000,000 at 9 %: paid at the end of the run, where nothing was."""
    text = VAULT.format("BTC = 60.0") + LOAN.format("-2_000_000", "0.09") + HEDGE.format("BTC", 0.0)
    made = run(still(tmp_path), text, 1, step_hours)
    assert parts(made)["interest"] == pytest.approx(-2_000_000.0 * 0.09 / 365.0)


def test_interest_leaves_no_dust_in_what_is_paid_in(tmp_path: Path) -> None:
    """Coins owed at interest, whose price rises: nothing flows, to the last bit."""
    owed = LOAN.format("-7_123.45", "0.113").replace("BTC = 1.0, USD =", "USD = 90_000, BTC =")
    owed = owed.replace("BTC = -7_123.45", "BTC = -0.712345").replace("{ USD =", "{ BTC =")
    text = VAULT.format("BTC = 3.0") + owed.replace("{ BTC = 90_000", "{ USD = 90_000")
    store = perpetual(tmp_path, rising(DAYS, 50_000.0, 61_234.5))
    made = run(store, text + HEDGE.format("BTC", 0.0), DAYS, 8)
    assert parts(made)["interest"] < -5.0
    assert not made.inputs.tallies.flows.any()
