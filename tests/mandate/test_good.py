"""Mandates that are read, and what becomes of them."""

from pathlib import Path

import pytest

from tests.mandate.samples import BOOK, SECTION9, SHORTEST, THREE_ACCOUNTS
from volsculpt.book.flatten import flatten
from volsculpt.book.holdings import Flow, Sweep, Transfer, Wrapped
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.hedge.answer import Band
from volsculpt.hedge.policies.fixed import FixedPolicy
from volsculpt.hedge.spec import EventOverlay, Override, Proxy, Tilt, Use
from volsculpt.mandate.load import load_mandate, parse_mandate
from volsculpt.mandate.objects import Mandate
from volsculpt.mandate.setup import sweep_notes
from volsculpt.units import duration_ns, iso

DAY = 86_400 * 10**9


@pytest.fixture(scope="module")
def sample() -> Mandate:
    """The design's sample, read."""
    return load_mandate(SECTION9)


@pytest.fixture(scope="module")
def desk() -> Mandate:
    """A desk with two venues and three margin accounts."""
    return load_mandate(THREE_ACCOUNTS)


def test_the_sample_names_itself(sample: Mandate) -> None:
    """The head of the file is kept as it is written."""
    assert (sample.name, sample.version, sample.numeraire) == ("treasury", 1, "USD")
    assert sample.path == SECTION9


def test_the_sample_holds_what_it_says(sample: Mandate) -> None:
    """Balances, the position with its contract, the wrapped asset and the flow."""
    vault, coinm = sample.book.accounts
    assert (vault.kind, vault.margin_mode, vault.balances) == (
        "cold",
        None,
        {"BTC": 2.5, "ETH": 40},
    )
    assert (coinm.kind, coinm.margin_mode, coinm.venue) == ("margin", "cross", "bybit")
    (held,) = coinm.positions
    assert (held.contract.key, held.contracts, held.entry) == ("bybit:BTC/USD:BTC", -20_000, 52_000)
    assert sample.book.wrapped == {"stETH": Wrapped("ETH", 1.0)}
    assert sample.book.flows == (Flow("vault", "BTC", 0.1, None, 30 * DAY),)


def test_the_sample_hedges_what_it_says(sample: Mandate) -> None:
    """A hedge with all its keys, and a proxied one that takes the contracts of its proxy."""
    btc, eth = sample.hedges
    assert btc.policy == FixedPolicy(1.0)
    assert btc.band == Band(0.05, 0.02, 0.05, 0.02)
    assert btc.use == (Use("coinm", "BTC/USD:BTC", 7.0),)
    assert (eth.proxies, eth.base, eth.use) == ((Proxy("BTC", 1.2),), "equity", btc.use)
    assert sample.hedge("ETH") is eth
    assert sample.hedge("SOL") is None


def test_the_sample_has_one_event_and_one_override(sample: Mandate) -> None:
    """Times become nanoseconds UTC."""
    start, end, until = (1_716_163_200, 1_716_768_000, 1_717_200_000)
    event = EventOverlay("at_least", start * 10**9, end * 10**9, 1.0, "ETF ruling", "BTC")
    assert (sample.events, sample.tilts) == ((event,), ())
    assert sample.overrides == (Override(0.8, until * 10**9, "before the vote", "ETH"),)


def test_the_sample_plans_collateral_within_limits(sample: Mandate) -> None:
    """The plan is for every margin account; the limits are as written."""
    plan = CollateralPlan(("vault",), (2.0, 3.0, 3.0, 4.0), None, None, 1.0, 0.0002)
    assert sample.collateral == (plan,)
    assert sample.limits == Limits(0.0, 1.0, 4.0, 0.25, 250_000, 0.0)


def test_the_sample_needs_no_warning(sample: Mandate) -> None:
    """What was not said is told; nothing is wrong."""
    assert sample.warnings == ()
    assert sample.notes == (
        "ETH: trades what the hedge on its proxy BTC trades",
        "ETH: band { trigger = 0.02, settle = 0 }, none was given",
    )


def test_what_is_absent_means_what_the_design_says() -> None:
    """No limits but ratio 0 to 1; base equity; band 0.02, 0; cross margin; no collateral plan."""
    mandate = parse_mandate(SHORTEST)
    (hedge,) = mandate.hedges
    assert mandate.limits == Limits(0.0, 1.0, None, None, None, 0.0)
    assert (hedge.base, hedge.coins, hedge.proxies) == ("equity", None, ())
    assert hedge.band == Band(0.02, 0.0, 0.02, 0.0)
    assert [account.margin_mode for account in mandate.book.accounts] == [None, "cross"]
    assert (mandate.collateral, mandate.events, mandate.tilts, mandate.overrides) == (
        (),
        (),
        (),
        (),
    )
    assert (mandate.hedge_flows, mandate.flow_horizon_ns) == (False, 30 * DAY)
    assert (mandate.name, mandate.numeraire, mandate.path) == ("mandate", "USD", None)
    assert (mandate.assumed_accounts, mandate.warnings) == ((), ())


def test_what_was_taken_is_said() -> None:
    """The shortest mandate tells which contract it took, and which band."""
    mandate = parse_mandate(SHORTEST)
    assert mandate.hedges[0].use == (Use("coinm", "BTC/USD:BTC", 7.0),)
    taken, band = mandate.notes
    assert taken.startswith("BTC: trades BTC/USD:BTC in account 'coinm', the only margin account")
    assert band == "BTC: band { trigger = 0.02, settle = 0 }, none was given"


def test_a_mandate_without_name_has_that_of_its_file(tmp_path: Path) -> None:
    """`fund.toml` is the mandate fund."""
    path = tmp_path / "fund.toml"
    path.write_text(SHORTEST, encoding="utf-8")
    assert load_mandate(str(path)).name == "fund"


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    """Some editors begin a file with one."""
    path = tmp_path / "fund.toml"
    path.write_text(SHORTEST, encoding="utf-8-sig")
    assert load_mandate(path).hedges[0].underlying == "BTC"


def test_an_overlay_without_underlying_is_for_every_hedge() -> None:
    """The mode of an event is at_least unless it says otherwise."""
    event = '[[overlay]]\nkind = "event"\nratio = 1\n'
    times = "from = 2024-05-20T00:00:00Z\nto = 2024-05-21T00:00:00Z\n"
    (found,) = parse_mandate(SHORTEST + event + times).events
    assert (found.underlying, found.mode, found.note) == (None, "at_least", "")


def test_a_desk_of_three_accounts_is_read(desk: Mandate) -> None:
    """Cross, isolated and unified; inverse, dated and linear; a loan and a locked account."""
    accounts = {account.name: account for account in desk.book.accounts}
    assert [a.margin_mode for a in accounts.values()] == [
        None,
        None,
        "cross",
        "isolated",
        "unified",
    ]
    assert accounts["lender"].balances["USDC"] == -50_000
    assert iso(accounts["lender"].locked_until_ns or 0) == "2024-08-31T22:00:00Z"
    assert [p.contract.symbol for p in accounts["coinm"].positions] == [
        "BTC/USD:BTC",
        "BTC/USD:BTC-240628",
    ]
    assert accounts["coinm"].orders[0].remaining == -500
    assert (accounts["iso"].leverage, accounts["iso"].positions[0].margin) == (5, 9_000)
    assert accounts["uta"].collateral_weights == {"BTC": 0.95, "USDT": 1}


def test_a_desk_has_flows_and_coins_under_way(desk: Mandate) -> None:
    """A withdrawal once, an income every week from a day on, and a transfer."""
    once, weekly = desk.book.flows
    assert (once.amount, once.every_ns, iso(once.at_ns or 0)) == (
        -0.5,
        None,
        "2024-06-01T00:00:00Z",
    )
    assert (weekly.every_ns, iso(weekly.at_ns or 0)) == (7 * DAY, "2024-06-03T00:00:00Z")
    (transfer,) = desk.book.transfers
    assert transfer == Transfer("BTC", 0.25, "coinm", "vault", transfer.arrives_ns)
    assert (desk.hedge_flows, desk.flow_horizon_ns, desk.numeraire) == (True, 14 * DAY, "EUR")


def test_a_desk_hedges_with_every_kind_of_contract(desk: Mandate) -> None:
    """Words become symbols; a rule stays a rule, with its own or the hedge's days."""
    btc, eth = desk.hedges
    assert btc.use == (
        Use("coinm", "BTC/USD:BTC@quarter", 5),
        Use("coinm", "BTC/USD:BTC@next_quarter", 10),
        Use("uta", "BTC/USDT:USDT", 5),
    )
    assert eth.use == (Use("iso", "ETH/USDT:USDT", 7), Use("coinm", "ETH/USD:ETH", 7))
    assert (btc.base, btc.coins, btc.band) == ("coins", 12, Band(0.05, 0.02, 0.03, 0.0))
    assert (eth.base, eth.band) == ("wealth", Band(0.1, 0.0, 0.1, 0.0))


def test_a_desk_is_flattened(desk: Mandate) -> None:
    """What is read is a book that the layout accepts, with every leg of the hedges."""
    now = 1_716_163_200 * 10**9
    legs = [(name, c) for hedge in desk.hedges for name, c, _ in desk.legs(hedge, now)]
    flat = flatten(desk.book, legs)
    assert [flat.leg(name, contract) >= 0 for name, contract in legs] == [True] * len(legs)


def test_the_plan_that_says_more_comes_first(desk: Mandate) -> None:
    """The first plan that fits a group decides, so the general one stands last."""
    special, general = desk.collateral
    assert (special.account, special.currency, special.cost) == ("iso", "USDT", 1)
    assert (general.account, general.leverage_band) == (None, (2.0, 3.0, 3.0, 4.0))


def test_a_tilt_is_read(desk: Mandate) -> None:
    """A tilt has a sign of its own and no mode."""
    (tilt,) = desk.tilts
    assert tilt == Tilt(-0.1, tilt.from_ns, tilt.to_ns, "carry is rich", None)


@pytest.mark.parametrize(
    ("safe", "band"),
    [("3", (2.0, 3.0, 3.0, 4.0)), ("1.5", (1.0, 1.5, 1.5, 2.0)), ("6", (4.0, 6.0, 6.0, 8.0))],
)
def test_a_safe_leverage_is_a_band_around_it(safe: str, band: tuple[float, ...]) -> None:
    """safe_leverage = 3 stands for [2, 3, 3, 4], and others in proportion."""
    plan = f'[[collateral]]\nsource = ["vault"]\nsafe_leverage = {safe}\n'
    assert parse_mandate(BOOK + plan).collateral[0].leverage_band == band


def test_a_plan_without_leverage_has_the_usual_one() -> None:
    """No band given is [2, 3, 3, 4], and said."""
    mandate = parse_mandate(BOOK + '[[collateral]]\nsource = ["vault"]\n')
    assert mandate.collateral[0].leverage_band == (2.0, 3.0, 3.0, 4.0)
    assert mandate.notes == ("[[collateral]] 1: leverage_band [2, 3, 3, 4], none given",)


@pytest.mark.parametrize(
    ("ratio", "warning"),
    [
        ("1.5", "ratio 1.5 will be held to 1, the max_ratio of [limits]"),
        ("-0.1", "ratio -0.1 will be held to 0, the min_ratio of [limits]"),
        ("3", "ratio 3 will be held to 1, the max_ratio of [limits]; a ratio of 0.5 is 50 %"),
    ],
)
def test_a_ratio_beyond_the_limits_is_warned_of(ratio: str, warning: str) -> None:
    """It is not refused: limits may change, and the plan says what they do."""
    warnings = parse_mandate(SHORTEST.replace("0.5", ratio)).warnings
    assert warnings == (f"[[hedge]] 1 (BTC): {warning}",)


def test_contracts_of_ones_own_are_read(tmp_path: Path) -> None:
    """A contracts file beside the mandate adds what the catalog lacks."""
    (tmp_path / "own.toml").write_text(
        'venue = "mex"\n[[contract]]\nsymbol = "BTC/USD:BTC"\n'
        'payoff = "inverse"\nmultiplier = 100\n',
        encoding="utf-8",
    )
    path = tmp_path / "m.toml"
    text = SHORTEST.replace('"bybit"', '"mex"').replace(
        "version = 1", 'version = 1\ncontracts_file = "own.toml"'
    )
    path.write_text(text, encoding="utf-8")
    mandate = load_mandate(path)
    assert mandate.catalog.get("mex", "BTC/USD:BTC").multiplier == 100
    assert mandate.hedges[0].use == (Use("coinm", "BTC/USD:BTC", 7.0),)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("15m", 900), ("8h", 28_800), ("1d", 86_400), ("2w", 1_209_600)],
)
def test_durations_are_nanoseconds(text: str, seconds: int) -> None:
    """A whole number and a unit."""
    assert duration_ns(text) == seconds * 10**9


def test_a_time_may_stand_in_quotes_or_have_an_offset() -> None:
    """Both forms are the same instant, to the microsecond."""
    override = "[[override]]\nratio = 1\nuntil = {}\n"
    plain = parse_mandate(BOOK + override.format("2024-06-01T02:00:00.000001+02:00")).overrides
    quoted = parse_mandate(BOOK + override.format('"2024-06-01T00:00:00.000001Z"')).overrides
    assert plain == quoted
    assert plain[0].until_ns == 1_717_200_000_000_001_000


def test_funding_may_be_swept() -> None:
    """The sweep that names an account goes before the one for every account."""
    text = BOOK + '[[sweep]]\nto = "vault"\n'
    text += '[[sweep]]\naccount = "coinm"\nto = "vault"\ninto = "USD"\ncost = 0.001\n'
    mandate = parse_mandate(text)
    assert mandate.book.sweep_of("coinm") == Sweep("vault", "USD", "coinm", 0.001)
    assert mandate.book.sweep_of("usdm") == Sweep("vault")
    every, named = sweep_notes(mandate)
    assert every == "funding received in every margin account is moved to 'vault' as it comes"
    assert named.endswith("is sold into USD and moved to 'vault' as it comes, at a cost of 0.1 %")
    assert parse_mandate(BOOK).book.sweep_of("coinm") is None
