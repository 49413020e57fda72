"""What joint proposals cost and earn, what coins they bring, and what cannot be proposed."""

from pathlib import Path

import pytest

import volsculpt as vs
from tests.report.joint_market import (
    LIMITS,
    MARGIN,
    VAULT,
    hedge,
    own,
    proposed,
)
from volsculpt.contracts.costs import HALF_SPREAD
from volsculpt.errors import EstimateError, MandateError


def test_coins_that_a_plan_may_bring_in(store: Path, tmp_path: Path) -> None:
    """An empty margin account: nothing without a collateral plan, its band with one."""
    vault, margin = VAULT.format("BTC = 2.0"), MARGIN.format("BTC = 0.0")
    nothing = proposed(store, tmp_path, vault, margin, own("BTC"), LIMITS)
    assert nothing.pools[0].proposed_usd == pytest.approx(0.0, abs=1.0)
    plan = '[[collateral]]\nsource = ["vault"]\nsafe_leverage = 3\n'
    found = proposed(store, tmp_path, vault, margin, own("BTC"), plan, LIMITS)
    assert found.ratios[0].ratio == pytest.approx(0.9)
    assert found.orders == [], "coins first; the next plan sells"


def test_funding_counts_if_asked(store: Path, tmp_path: Path) -> None:
    """0.01 % each eight hours: a short earns 10.95 % a year; what is not stored is named."""
    parts = (MARGIN.format("BTC = 2.0"), own("BTC"), LIMITS)
    found = proposed(store, tmp_path, *parts, carry=True)
    (way,) = (one for one in found.ways if one.way == "proposed")
    assert way.carry_usd_annual == pytest.approx(0.1095 * found.pools[0].proposed_usd, rel=1e-6)
    usdt = hedge("BTC", 0.5, 'use = [{ account = "coinm", contract = "BTC/USDT:USDT" }]\n')
    parts = (VAULT.format("BTC = 2.0"), MARGIN.format("USDT = 90000.0"), usdt)
    with pytest.raises(
        vs.HistoryError, match=r"no funding of bybit:BTC/USDT:USDT .* leave --carry"
    ):
        proposed(store, tmp_path, *parts, carry=True)


CHEAP = "fees = {{ taker = {} }}\n"


@pytest.mark.parametrize(("first", "second"), [(0.0005, 0.0001), (0.0001, 0.0005)])
def test_costs_are_those_of_the_contracts_in_their_order(
    store: Path, tmp_path: Path, first: float, second: float
) -> None:
    """Two accounts, the first filled as far as its margin goes, whichever is cheaper."""
    both = ", ".join(f'{{ account = "{name}", contract = "BTC/USD:BTC" }}' for name in ("a", "b"))
    accounts = [
        MARGIN.format("BTC = 0.3").replace("coinm", name) + CHEAP.format(fee)
        for name, fee in (("a", first), ("b", second))
    ]
    bitcoin = hedge("BTC", 0.5, f"use = [{both}]\n")
    found = proposed(store, tmp_path, VAULT.format("BTC = 1.2"), *accounts, bitcoin, LIMITS)
    (way,) = (one for one in found.ways if one.way == "proposed")
    sold = {one.account: one.face_usd for one in found.orders}
    assert set(sold) == {"a", "b"}
    paid = sold["a"] * (first + HALF_SPREAD) + sold["b"] * (second + HALF_SPREAD)
    assert way.trade_cost_usd == pytest.approx(paid, rel=5e-3)
    warned = [line for line in found.warnings if line.startswith("order: contracts are filled")]
    assert bool(warned) is (first > second)


@pytest.mark.parametrize(
    ("parts", "error", "said"),
    [
        (
            (MARGIN.format("BTC = 0.1"), VAULT.format("BTC = 1.0"),
             own("BTC") + 'base = "coins"\ncoins = 0.2\n', "[limits]\nmax_leverage = 2.0\n"),
            EstimateError, "BTC asks for more .* at its lowest ratio too",
        ),
        ((VAULT.format("BTC = 2.0"),), MandateError, "nothing to propose"),
        (
            (MARGIN.format("BTC = 0.1"), VAULT.format("BTC = 2.0"), own("BTC"),
             "[limits]\nmin_ratio = 0.9\nmax_leverage = 2.0\n"),
            EstimateError, "no ratios obey all limits",
        ),
        (
            (VAULT.format("SOL = 10, DOT = 10"), MARGIN.format("BTC = 1.0"), own("BTC")),
            vs.PriceError, "DOT",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_proposed_says_why(
    store: Path, tmp_path: Path, parts: tuple[str, ...], error: type[Exception], said: str
) -> None:
    """No hedge, limits that contradict each other, a coin without prices."""
    with pytest.raises(error, match=said):
        proposed(store, tmp_path, *parts)


def test_too_few_days_are_refused(store: Path, tmp_path: Path) -> None:
    """A window of 90 days: half of them fit nothing."""
    with pytest.raises(EstimateError, match="days of returns are too few"):
        proposed(store, tmp_path, MARGIN.format("BTC = 2.0"), own("BTC"), days=90)


COINM = 'use = [{ account = "coinm", contract = "BTC/USD:BTC" }]\n'
ROLLING = """[[account.position]]
contract = "BTC/USD:BTC-250328"
contracts = -60_000
entry = 60_000.0
"""


def test_a_leg_that_rolls_frees_its_margin(store: Path, tmp_path: Path) -> None:
    """Short 60,000 in a contract that is left: as much is held, and its margin carries the next."""
    use = 'roll_days = {}\nuse = [{{ account = "coinm", contract = "BTC/USD:BTC@quarter" }}]\n'
    accounts = (VAULT.format("BTC = 1.0"), MARGIN.format("BTC = 0.6") + ROLLING)
    limits = "[limits]\nmax_leverage = 2.0\n"
    stays, rolls = (
        proposed(store, tmp_path, *accounts, hedge("BTC", 0.5, use.format(days)), limits)
        for days in (50, 60)
    )
    assert {one.account for one in stays.orders} == {one.account for one in rolls.orders}
    for one in (stays, rolls):
        assert one.pools[0].held_usd == pytest.approx(60_000.0)
        assert one.ratios[0].ratio == pytest.approx(0.716, abs=0.002)
    assert stays.ways[1] == rolls.ways[1]


def test_a_book_deep_in_debt_has_a_proposal(store: Path, tmp_path: Path) -> None:
    """2.6 BTC and 150,000 owed: a day takes more than all of it unhedged, so no range is told."""
    parts = (VAULT.format("BTC = 2.0, USD = -150000"), MARGIN.format("BTC = 0.6"))
    deep = hedge("BTC", 0.5, 'base = "wealth"\n' + COINM)
    found = proposed(store, tmp_path, *parts, deep)
    assert found.ratios[0].ratio > 0.9
    assert (found.variance_left_low, found.variance_left_high) == (None, None)
