"""A joint proposal of a mandate, on made-up prices: what it says, and that sizing carries it."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator

import volsculpt as vs
from tests.app.running import run
from tests.report.joint_market import (
    DAYS,
    LIMITS,
    MARGIN,
    NOW_NS,
    VAULT,
    hedge,
    own,
    proposed,
    written,
)
from tests.simulate.histories import bars_of
from tests.simulate.stores import stored
from volsculpt.app.cli.published import published
from volsculpt.errors import EstimateError
from volsculpt.hedge.estimators.joint import JointProposal
from volsculpt.market.series import Label
from volsculpt.report.rows.joint_book import joint_task, proposed_hedges
from volsculpt.units import iso

THREE = (
    VAULT.format("BTC = 2.0, ETH = 30, SOL = 300"),
    MARGIN.format("BTC = 0.5, ETH = 4.0"),
    own("BTC"),
    own("ETH"),
    hedge("SOL", 0.5, "proxy = { BTC = 0.5, ETH = 0.5 }\n"),
    LIMITS,
)


REPLACED = ("ratio", "proxy", "policy", "underlying", "base", "coins", "volatility")


def with_lines(text: str, lines: str) -> str:
    """A mandate with the proposed lines put into its hedges."""
    head, *hedges = text.split("[[hedge]]\n")
    said = {one.splitlines()[0]: one for one in lines.split("[[hedge]]\n")[1:]}
    made = [head]
    for one in hedges:
        kept = [line for line in one.splitlines() if not line.startswith(REPLACED)]
        made.append(
            "[[hedge]]\n" + said[one.splitlines()[0]].strip() + "\n" + "\n".join(kept) + "\n"
        )
    return "".join(made)


def test_sizing_carries_what_is_proposed(store: Path, tmp_path: Path) -> None:
    """The lines in the mandate: orders within a lot of the proposal, every limit holds."""
    found = proposed(store, tmp_path, *THREE)
    assert {one.limit for one in found.limits} == {"max_leverage"}
    path = tmp_path / "mandate.toml"
    path.write_text(with_lines(path.read_text(encoding="utf-8"), found.lines), encoding="utf-8")
    plan = vs.plan(path, at=NOW_NS, data=store)
    assert [one.contracts for one in plan.orders] == [one.contracts for one in found.orders]
    sold = {one.contract.partition("/")[0]: one.contracts for one in plan.orders}
    for pool in found.pools:  # contracts of 1 US dollar; the mark is the index here
        assert sold[pool.coin] == pytest.approx(pool.proposed_usd, abs=1.5)
    for row in plan.margin:
        assert row.leverage is None or row.leverage <= 4.0 + 1e-9
        assert row.liquidation_distance is None or row.liquidation_distance >= 0.2 - 1e-9
    for row in plan.decision:
        assert row.target_ratio <= 0.9


USDM = (
    '[[account]]\nname = "usdm"\nkind = "margin"\nvenue = "binance"\n'
    "balances = { USDT = 60000.0 }\n"
    '[[account.position]]\ncontract = "BTC/USDT:USDT"\ncontracts = -0.4\nentry = 90_000.0\n'
)
LINEAR = 'use = [{ account = "usdm", contract = "BTC/USDT:USDT" }]\n'
ISOLATED = MARGIN.format("BTC = 0.5").replace(
    "balances", 'margin_mode = "isolated"\nleverage = 3\nbalances'
)
ELSEWHERE = MARGIN.format("BTC = 0.5").replace('"coinm"', '"other"') + (
    '[[account.position]]\ncontract = "BTC/USD:BTC"\ncontracts = -40_000\nentry = 90_000.0\n'
)
BOTH = (
    'use = [{ account = "coinm", contract = "BTC/USD:BTC" }, '
    '{ account = "usdm", contract = "BTC/USDT:USDT" }]\n'
)


@pytest.mark.parametrize(
    ("parts", "lot_usd"),
    [
        ((VAULT.format("BTC = 2.0"), USDM, hedge("BTC", 0.5, LINEAR)), 80.0),
        (
            (
                VAULT.format("BTC = 2.0"),
                USDM,
                hedge("BTC", 0.5, f'{LINEAR}base = "coins"\ncoins = 2.5\n'),
            ),
            80.0,
        ),
        ((VAULT.format("BTC = 2.0"), ISOLATED, own("BTC")), 1.5),
        (
            (VAULT.format("BTC = 3.0"), MARGIN.format("BTC = 0.2"), USDM, hedge("BTC", 0.5, BOTH)),
            80.0,
        ),
        (
            (
                VAULT.format("BTC = 5.0, USDT = -100_000.0"),
                MARGIN.format("BTC = 1.0"),
                own("BTC") + 'base = "wealth"\n',
            ),
            1.5,
        ),
        (
            (
                VAULT.format("BTC = 2.0, USDT = 100_000.0"),
                MARGIN.format("BTC = 1.0"),
                own("BTC").replace("ratio = 0.5\n", 'policy = "vol-target"\nvolatility = 0.2\n'),
            ),
            1.5,
        ),
        (
            (
                VAULT.format("BTC = 2.0"),
                MARGIN.format("BTC = 0.5"),
                ELSEWHERE,
                own("BTC"),
            ),
            1.5,
        ),
    ],
    ids=[
        "profit of a linear short",
        "a declared base",
        "isolated",
        "two accounts",
        "wealth, and debts",
        "a policy of wealth",
        "a short that no hedge trades",
    ],
)
def test_sizing_carries_it_in_books_of_every_kind(
    store: Path, tmp_path: Path, parts: tuple[str, ...], lot_usd: float
) -> None:
    """What is short after the orders is what was proposed, and limits hold."""
    found = proposed(store, tmp_path, *parts, "[limits]\nmax_leverage = 3.0\n")
    path = tmp_path / "mandate.toml"
    path.write_text(with_lines(path.read_text(encoding="utf-8"), found.lines), encoding="utf-8")
    plan = vs.plan(path, at=NOW_NS, data=store)
    decided = vs.decision(path, at=NOW_NS, data=store)
    short = (
        -decided.answer.after[0] * decided.quoted.quote.index_usd[decided.rules.pool_currency[0]]
    )
    assert short == pytest.approx(found.pools[0].proposed_usd, abs=lot_usd)
    assert short > 10_000.0
    for row in plan.margin:
        if row.stage == "after":
            assert row.leverage is None or row.leverage <= 3.0 * 1.05 + 1e-9


def test_without_limits_it_is_regression(store: Path, tmp_path: Path) -> None:
    """Enough margin, hardly any cost: ratios near 1, betas near those of the made-up prices."""
    parts = (
        VAULT.format("SOL = 300"),
        MARGIN.format("BTC = 3.0, ETH = 40.0"),
        own("BTC"),
        own("ETH"),
        hedge("SOL", 0.5, "proxy = { BTC = 0.5, ETH = 0.5 }\n"),
    )
    found = proposed(store, tmp_path, *parts)
    assert [one.ratio for one in found.ratios] == pytest.approx([1.0, 1.0, 1.0], abs=0.02)
    to = {one.proxy: one for one in found.betas}
    assert to["BTC"].beta_std is not None
    assert abs(to["BTC"].beta - 1.3) < 3.0 * to["BTC"].beta_std
    ways = {one.way: one for one in found.ways}
    assert (
        ways["proposed"].counts_usd_annual
        <= min(one.counts_usd_annual for one in found.ways if not one.breaks) + 1.0
    )
    assert found.variance_left_low is not None
    assert found.variance_left_high is not None
    assert found.variance_left_low < found.variance_left < found.variance_left_high < 0.2


def test_a_proposal_knows_nothing_later(store: Path, tmp_path: Path) -> None:
    """The same from a store that ends at the moment."""
    cut = tmp_path / "cut"
    cut.mkdir()
    dice = np.random.default_rng(3)
    btc = 0.03 * dice.standard_normal(DAYS)
    label = Label("binance", "BTC", "index", "USD", "made by hand")
    closes = 50_000.0 * np.cumprod(1.0 + btc)
    stored(cut, [bars_of(label, closes[:401], hours=24.0)])
    parts = (MARGIN.format("BTC = 2.0"), own("BTC"), LIMITS)
    here, there = (proposed(root, tmp_path, *parts) for root in (store, cut))
    assert here.lines == there.lines
    assert here.ways == there.ways


def test_one_coin(store: Path, tmp_path: Path) -> None:
    """Up to the most that the mandate allows, and what that costs is told."""
    found = proposed(store, tmp_path, MARGIN.format("BTC = 2.0"), own("BTC"), LIMITS)
    (ratio,) = found.ratios
    assert (ratio.ratio_now, ratio.ratio, ratio.most) == (0.5, 0.9, 0.9)
    assert [(one.limit, one.of) for one in found.limits] == [("max_ratio", "BTC")]
    assert found.betas == []
    assert "ratio = 0.9\n" in found.lines


def test_a_coin_without_contracts_is_hedged_by_the_others(store: Path, tmp_path: Path) -> None:
    """LINK has no hedge: that of BTC takes its share in common, as far as it may go."""
    vault = VAULT.format("LINK = 5000")
    more = "[limits]\nmax_ratio = 3.0\n"
    alone = proposed(store, tmp_path, MARGIN.format("BTC = 2.0"), own("BTC"), more)
    beside = proposed(store, tmp_path, vault, MARGIN.format("BTC = 2.0"), own("BTC"), more)
    assert alone.ratios[0].ratio == pytest.approx(1.0, abs=0.01)
    assert beside.ratios[0].ratio > 1.3


def test_twins_and_a_mirror(store: Path, tmp_path: Path) -> None:
    """Two coins that are one, and one that goes the other way: finite, and its beta below 0."""
    parts = (
        VAULT.format("SOL = 300, TWIN = 300, MIRROR = 1000"),
        MARGIN.format("BTC = 3.0"),
        own("BTC"),
        *(hedge(coin, 0.5, 'proxy = "BTC"\n') for coin in ("SOL", "TWIN", "MIRROR")),
    )
    found = proposed(store, tmp_path, *parts)
    betas = {one.underlying: one for one in found.betas}
    assert betas["SOL"].beta == pytest.approx(betas["TWIN"].beta, abs=1e-4)
    assert betas["MIRROR"].beta < 0.0
    assert "proxy = { BTC = -0." in found.lines


def test_the_command(store: Path, tmp_path: Path) -> None:
    """JSON as published, a page of 80 columns, a page for browsers; what goes with it, and not."""
    path = written(tmp_path, *THREE)
    words = ("ratio", path, "--joint", "--to", iso(NOW_NS), "--data", store)
    done = run(*words, "--json", "--report", tmp_path / "page.html")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    Draft202012Validator(published("ratio-joint")).validate(found)
    assert found["draws"] == 200
    shown = run(*words)
    assert max(map(len, shown.stdout.splitlines())) <= 80
    assert "TO PUT INTO THE MANDATE" in shown.stdout
    html = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "max_leverage of coinm" in html
    assert '<p class="verdict">proposed: ' in html
    for wrong, text in (
        (("ratio", path, "--joint", "--data", store), "--joint needs the moment"),
        ((*words, "--step", "7d"), "does not go with --joint"),
        (("ratio", path, "--carry", "--data", store), "needs --joint"),
        ((*words, "--report", tmp_path / "page.png"), "must end in .html"),
    ):
        refused = run(*wrong)
        assert refused.exit_code == 2
        assert text in " ".join(refused.stderr.split()).replace("│ ", "")


def test_what_lies_over_the_policies_is_told_and_acts(store: Path, tmp_path: Path) -> None:
    """An override of 0.1 leaves the proposal as it is, and the orders are those with it."""
    over = '[[override]]\nunderlying = "BTC"\nratio = 0.1\nuntil = 2099-01-01T00:00:00Z\n'
    parts = (VAULT.format("BTC = 2.0"), MARGIN.format("BTC = 1.0"), own("BTC"))
    alone, found = (proposed(store, tmp_path, *parts, more) for more in ("", over))
    assert found.lines == alone.lines
    assert [one for one in found.warnings if one.startswith("overlays:")]
    assert not [one for one in alone.warnings if one.startswith("overlays:")]
    (order,) = found.orders
    usd = 0.1 * 3.0 * found.pools[0].proposed_usd / (found.ratios[0].ratio * 3.0)
    assert order.contracts == pytest.approx(usd, rel=1e-3)


def test_a_beta_that_no_mandate_takes_is_no_proposal(store: Path, tmp_path: Path) -> None:
    """Lines are there to be put into a mandate, which refuses more than 10."""
    decision = vs.decision(written(tmp_path, *THREE), at=NOW_NS, data=store)
    task = joint_task(decision, {})
    betas = ((1.0,), (1.0,), (9.5, -8.0))
    made = JointProposal((0.0, 0.0), (0.5, 0.5, 0.5), betas, 0.0, ())
    assert proposed_hedges(task, made)[2][2] == [9.5, -8.0]
    with pytest.raises(EstimateError, match=r"SOL would ask for a beta of 12, more than the 10"):
        proposed_hedges(task, replace(made, betas=(*betas[:2], (12.0, -8.0))))
