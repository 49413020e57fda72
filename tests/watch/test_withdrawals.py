"""Withdrawals that are known: told where coins for them are moved away, and kept where near."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import volsculpt as vs
from tests.laws.drawn import draw
from tests.laws.rounds import run
from tests.market.made import START_NS
from tests.simulate.plain import plainly
from tests.simulate.stores import perpetual, written
from volsculpt.errors import VolsculptError
from volsculpt.ledger.books import Books
from volsculpt.report.plan import Plan
from volsculpt.trade.control.urgent import urgent
from volsculpt.trade.execute.collateral import warnings_of
from volsculpt.units import DAY_NS, iso
from volsculpt.verbs import decision, load, plan

OWNER = """
[[account]]
name = "vault"
kind = "cold"
balances = {{ BTC = {} }}
[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
balances = {{}}
[[hedge]]
underlying = "BTC"
ratio = 1.0
[[collateral]]
source = ["vault"]
transfer_hours = 1
cost = 0.0
"""
FLOW = '[[flow]]\naccount = "vault"\ncurrency = "BTC"\namount = {}\nat = {}\n'
NOW_NS = START_NS + 2 * DAY_NS


def text(held: float, *flows: tuple[float, int]) -> str:
    """A mandate with flows: coins, days from now."""
    dated = (FLOW.format(coins, iso(NOW_NS + days * DAY_NS)) for coins, days in flows)
    return OWNER.format(held) + "".join(dated)


NOT_KEPT = "hold_for_withdrawals = false\n"


def told(mandate: str) -> list[str]:
    """The warnings of a plan that keeps nothing, where they speak of a withdrawal."""
    made = plan(f"version = 1\n{NOT_KEPT}{mandate}", time_ns=NOW_NS, prices={"BTC": 60_000.0})
    return [one for one in made.warnings if one.startswith("short_withdrawal")]


@pytest.mark.parametrize(
    ("held", "flows", "lacks"),
    [
        (5.0, [(-4.0, 3)], "4 BTC are to leave it on 2024-01-06 00:00 UTC, and 0.6695 BTC"),
        (5.0, [(-3.0, 3)], None),  # 3.3 are left
        (
            5.0,
            [(-2.0, 3), (-2.0, 9)],
            "2 BTC are to leave it on 2024-01-12 00:00 UTC, and 0.6695 BTC",
        ),
        (5.0, [(2.0, 2), (-4.0, 3)], None),  # what comes in before counts
        (5.0, [(2.0, 0), (-4.0, 3)], None),  # this very moment too, as it is not booked yet
        (5.0, [(-4.0, 0)], "4 BTC are to leave it on 2024-01-03 00:00 UTC, and 0.6695 BTC"),
        (5.0, [(-4.0, 40)], None),  # too far away to be told
        (5.0, [], None),
    ],
)
def test_a_withdrawal_without_coins_is_told(
    held: float, flows: list[tuple[float, int]], lacks: str | None
) -> None:
    """A third of what is owned goes to the exchange; the rest may not be enough."""
    found = told(text(held, *flows))
    assert len(found) == (0 if lacks is None else 1)
    assert all(lacks is not None and lacks in one for one in found)


def test_a_desk_is_alerted(tmp_path: Path) -> None:
    """In the same words, under a key of the account and the coin."""
    store = perpetual(tmp_path, np.full(24 * 9, 60_000.0))
    made = decision(load(written(tmp_path, NOT_KEPT + text(5.0, (-4.0, 3)))), at=NOW_NS, data=store)
    alerts = [one for one in urgent(made, Books(), True, {}, set(), 0) if "withdrawal" in one.key]
    assert [one.key for one in alerts] == ["withdrawal:vault|BTC"]
    assert alerts[0].text in told(text(5.0, (-4.0, 3)))[0]


@pytest.mark.parametrize(("coins", "is_short"), [(-4.0, True), (-3.0, False)])
def test_a_run_says_which_account_fell_below_zero(
    tmp_path: Path, coins: float, is_short: bool
) -> None:
    """From when, and by how much."""
    store = perpetual(tmp_path, np.full(24 * 9, 60_000.0))
    path = written(tmp_path, NOT_KEPT + text(5.0, (coins, 3)))
    with plainly():
        made = vs.backtest(path, data=store, from_ns=NOW_NS, to_ns=NOW_NS + 5 * DAY_NS, draws=0)
    found = [one for one in made.warnings if one.startswith("short_withdrawal")]
    assert len(found) == int(is_short)
    assert all("vault was below zero from 2024-01-06" in one for one in found)


@pytest.mark.parametrize(
    ("held", "flows", "is_told"),
    [
        (-0.5, [(-4.0, -1)], True),
        (-0.5, [(-4.0, -1), (-1.0, 2)], True),
        (-0.5, [], False),  # a debt that the mandate states
        (-0.5, [(4.0, -1), (-4.0, 2)], False),
        (0.5, [(-4.0, -1)], False),
    ],
)
def test_a_desk_says_that_a_vault_is_below_zero(
    tmp_path: Path, held: float, flows: list[tuple[float, int]], is_told: bool
) -> None:
    """As long as it is, once, under the key under which it was told to come."""
    store = perpetual(tmp_path, np.full(24 * 9, 60_000.0))
    made = decision(load(written(tmp_path, text(held, *flows))), at=NOW_NS, data=store)
    alerts = [one for one in urgent(made, Books(), True, {}, set(), 0) if "withdrawal" in one.key]
    assert [one.key for one in alerts] == ["withdrawal:vault|BTC"] * is_told
    assert all("vault is 0.5 BTC below zero" in one.text for one in alerts)
    assert all("the last on 2024-01-02 00:00 UTC" in one.text for one in alerts)


# --- coins that are kept --------------------------------------------------------------


def planned(mandate: str, hold: str = "7d") -> Plan:
    """A plan that keeps coins so long."""
    head = f'version = 1\nhold_for_withdrawals = "{hold}"\n'
    return plan(head + mandate, time_ns=NOW_NS, prices={"BTC": 60_000.0})


def moved(made: Plan) -> float:
    """Coins of a plan that leave the vault."""
    return sum(one.coins for one in made.transfers if one.from_ == "vault")


@pytest.mark.parametrize(
    ("flows", "kept", "leaves"),
    [
        ([], 0.0, 1.6694),
        ([(-1.0, 3)], 1.0, 1.6694),  # enough is there beside it
        ([(-4.0, 7)], 4.0, 1.0),
        ([(-4.0, 8)], 0.0, 1.6694),  # a day too far away
        ([(-4.0, 0)], 4.0, 1.0),  # this very moment: it has not left yet
        ([(-2.0, 3), (-2.0, 3)], 4.0, 1.0),
        ([(-2.0, 3), (-2.0, 5)], 4.0, 1.0),
        ([(2.0, 2), (-4.0, 3)], 2.0, 1.6694),  # what comes in before counts
        ([(-4.0, 3), (2.0, 4)], 4.0, 1.0),  # what comes in after does not
        ([(-9.0, 3)], 9.0, 0.0),  # more than is there
    ],
)
def test_coins_that_leave_soon_are_moved_nowhere(
    flows: list[tuple[float, int]], kept: float, leaves: float
) -> None:
    """Of 5 BTC 1.67 are margin of a full hedge; what is due within seven days is not among them."""
    made = planned(text(5.0, *flows))
    assert sum(one.coins for one in made.kept) == pytest.approx(kept)
    assert moved(made) == pytest.approx(leaves, abs=1e-4)
    owned = {one.currency: one.owned_coin for one in made.exposure}
    assert owned["BTC"] == pytest.approx(5.0)
    lacking = [one for one in made.warnings if one.startswith("sources_short")]
    assert bool(lacking) == (leaves < 1.6)
    assert all("stay in 'vault' for " in one for one in lacking)


def test_what_is_kept_is_told_where_margin_needs_it() -> None:
    """The plan names the amount and the date beside what is lacking, and in a table."""
    made = planned(text(5.0, (-4.0, 3)))
    (line,) = [one for one in made.warnings if one.startswith("sources_short")]
    assert "4 BTC stay in 'vault' for a withdrawal on 2024-01-06 00:00 UTC" in line
    (row,) = made.as_dict()["kept"]
    assert row == {
        "account": "vault",
        "currency": "BTC",
        "coins": 4.0,
        "lacking": 0.0,
        "first": "2024-01-06T00:00:00Z",
        "last": "2024-01-06T00:00:00Z",
        "source_of": ["coinm"],
    }
    assert any(one.title == "Kept for withdrawals" for one in made.page().sections)
    (row,) = planned(text(5.0, (-4.0, 3), (-3.0, 4))).kept
    assert (row.coins, row.lacking) == (7.0, 2.0)
    assert "withdrawals, the first on 2024-01-06 00:00 UTC, the last on 2024-01-07" in row.text


SHORT = """
[[account.position]]
contract = "BTC/USD:BTC"
contracts = -60_000
entry = 40_000
"""


def test_a_danger_says_what_is_kept() -> None:
    """A short near its end, all coins due to leave: no danger is silent because of it."""
    thin = text(1.0, (-1.0, 3)).replace("balances = {}\n", f"balances = {{ BTC = 0.55 }}\n{SHORT}")
    (danger,) = [one for one in planned(thin).dangers if one.stage == "now"]
    assert "1 BTC stay in 'vault' for a withdrawal on 2024-01-06 00:00 UTC" in danger.text
    assert moved(planned(thin)) == 0.0
    free = planned(thin, "2d")
    assert moved(free) > 0.0
    assert not any("stay in" in one.text for one in free.dangers)


def test_a_desk_says_what_is_kept(tmp_path: Path) -> None:
    """The alert of a hedge that stays small, and that of the coins it lacks."""
    store = perpetual(tmp_path, np.full(24 * 9, 60_000.0))
    path = written(tmp_path, text(5.0, (-5.0, 3)))
    made = decision(load(path), at=NOW_NS, data=store)
    alerts = [*urgent(made, Books(), True, {}, set(), 0), *warnings_of(made)]
    kept = "5 BTC stay in 'vault' for a withdrawal on 2024-01-06 00:00 UTC"
    assert {one.key for one in alerts if kept in one.text} == {
        "unhedged:BTC",
        "collateral:coinm|BTC",
    }


@pytest.mark.parametrize(("hold", "is_below"), [("false", True), ('"1h"', True), ('"7d"', False)])
def test_a_run_keeps_what_leaves(tmp_path: Path, hold: str, is_below: bool) -> None:
    """The vault has the coins on the day, and once they have left it is a source again."""
    store = perpetual(tmp_path, np.full(24 * 9, 60_000.0))
    head = f"hold_for_withdrawals = {hold}\n"
    path = written(tmp_path, head + text(5.0, (-4.0, 3), (3.0, 4)))
    with plainly():
        made = vs.backtest(path, data=store, from_ns=NOW_NS, to_ns=NOW_NS + 5 * DAY_NS, draws=0)
    (vault,) = [one for one in made.inputs.wallets if one.account == "vault"]
    assert (vault.balance_coin.min() < -1e-9) == is_below
    assert [one.amount_coin for one in made.events.flows] == [-4.0, 3.0]
    assert made.inputs.hedged_usd[0] == pytest.approx(300_000.0)
    if hold == '"7d"':
        late = [one for one in made.events.transfers if one.time_ns > NOW_NS + 3 * DAY_NS]
        assert late or vault.balance_coin[-1] > 0.0


def test_books_that_keep_coins_come_to_rest() -> None:
    """Random books whose sources keep a part, all, or more than they hold, over thirty rounds."""
    rested = 0
    for seed in range(150):
        drawn, rng = draw(seed), random.Random(seed)
        sources = {name for plan_ in drawn.setup.collateral for name in plan_.source}
        accounts = tuple(
            replace(
                one,
                kept={
                    coin: rng.choice((0.3, 1.0, 1.5)) * n
                    for coin, n in one.balances.items()
                    if n > 0.0
                },
            )
            if one.name in sources and one.kind != "margin"
            else one
            for one in drawn.setup.book.accounts
        )
        setup = replace(drawn.setup, book=replace(drawn.setup.book, accounts=accounts))
        try:
            trace = run(drawn, 30, setup=setup)
        except VolsculptError:
            continue
        plain = run(drawn, 30)
        assert trace.rested or not plain.rested, seed
        rested += trace.rested
        for account in accounts:
            for coin, kept in account.kept.items():
                least = min(kept, account.balances[coin])
                held = [
                    book.by_name()[account.name].balances.get(coin, 0.0) for book in trace.books
                ]
                assert min(held) >= least - 1e-9 * abs(least), (seed, account.name, coin)
    assert rested > 75
