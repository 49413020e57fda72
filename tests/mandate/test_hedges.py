"""Which coins are hedged, with which contracts in which account."""

import pytest

from tests.mandate.samples import BOOK, SHORTEST
from volsculpt.contracts import catalog as catalog_module
from volsculpt.errors import ContractError, MandateError
from volsculpt.hedge.policies.fixed import FixedPolicy
from volsculpt.hedge.spec import BetaRule, Proxy, Use
from volsculpt.mandate.load import parse_mandate
from volsculpt.mandate.objects import Mandate
from volsculpt.units import DAY_NS

NOV_2024 = 1_730_419_200 * 10**9  # 2024-11-01
DEC_22_2024 = 1_734_825_600 * 10**9  # 5 days before the December contract expires
INVERSE = 'use = "inverse perpetual"\n'
LINEAR = 'use = "linear perpetual"\n'


def hedge(underlying: str, more: str = "", ratio: float = 1) -> str:
    """One hedge table."""
    return f'[[hedge]]\nunderlying = "{underlying}"\nratio = {ratio}\n{more}'


def account(name: str, venue: str, balances: str = "{}") -> str:
    """One more margin account."""
    head = f'[[account]]\nname = "{name}"\nkind = "margin"\n'
    return f'{head}venue = "{venue}"\nbalances = {balances}\n'


def picks(mandate: Mandate) -> dict[str, tuple[Use, ...]]:
    """What each hedged coin uses."""
    return {one.underlying: one.use for one in mandate.hedges}


# --- every coin -----------------------------------------------------------------------


def test_a_star_covers_every_coin_held_that_has_no_own_hedge() -> None:
    """Coins that move, wrapped ones as what they stand for, coins under way; each once."""
    text = BOOK.replace("ETH = 40", "stETH = 40, USDT = 100, EUR = 5, SOL = 0")
    text += '[assets.stETH]\nunderlying = "ETH"\n'
    text += '[[transfer]]\ncurrency = "LTC"\namount = 1\nto = "coinm"\n'
    mandate = parse_mandate(text + hedge("*", ratio=0.4) + hedge("BTC", ratio=0.9))
    ratios = {h.underlying: h.policy for h in mandate.hedges}
    assert ratios == {"ETH": FixedPolicy(0.4), "LTC": FixedPolicy(0.4), "BTC": FixedPolicy(0.9)}
    assert picks(mandate)["ETH"] == (Use("coinm", "ETH/USD:ETH", 7.0),)
    assert '[[hedge]] 1 on "*" covers ETH, LTC' in mandate.notes


def test_a_star_warns_of_a_coin_that_nothing_can_hedge() -> None:
    """A coin without contract is no error: it is unhedgeable, and said."""
    mandate = parse_mandate(BOOK.replace("ETH = 40", "PENGU = 9") + hedge("*"))
    assert picks(mandate)["PENGU"] == ()
    (warning,) = mandate.warnings
    assert warning.startswith("PENGU cannot be hedged: no margin account can hold an inverse perp")


def test_a_star_passes_over_an_account_that_lacks_one_of_the_coins() -> None:
    """An account named for every coin is used where it can be."""
    text = BOOK.replace("ETH = 40", "PENGU = 9")
    mandate = parse_mandate(text + hedge("*", 'use = [{ account = "coinm" }]\n'))
    assert picks(mandate) == {"BTC": (Use("coinm", "BTC/USD:BTC", 7.0),), "PENGU": ()}
    assert mandate.warnings[0].startswith("PENGU: account 'coinm' is passed over: bybit has no")


def test_a_star_with_a_proxy_takes_the_contracts_of_its_hedge() -> None:
    """Every other coin is hedged by BTC."""
    mandate = parse_mandate(BOOK + hedge("BTC") + hedge("*", 'proxy = "BTC"\nbeta = 1.3\n'))
    eth = mandate.hedge("ETH")
    assert eth is not None
    assert (eth.proxies, eth.use) == ((Proxy("BTC", 1.3),), mandate.hedges[0].use)


def test_one_contract_may_hedge_all_that_is_held() -> None:
    """The coin of the contract by itself, every other one by proxy; the notes say so."""
    table = hedge("*", 'proxy = "BTC"\nuse = "inverse perpetual"\n')
    mandate = parse_mandate(BOOK + table)
    proxies = {one.underlying: one.proxies for one in mandate.hedges}
    assert proxies == {"BTC": (), "ETH": (Proxy("BTC"),)}
    assert set(picks(mandate).values()) == {(Use("coinm", "BTC/USD:BTC", 7.0),)}
    assert "BTC: hedged with its own contracts, as the proxy of the others" in mandate.notes


def test_several_proxies_have_a_beta_each() -> None:
    """Words in `use` stand for a contract on each; one of beta 0 is left out, and said."""
    proxies = 'proxy = { BTC = 0.6, ETH = 0.5, ADA = 0 }\nuse = "inverse perpetual"\n'
    mandate = parse_mandate(BOOK + hedge("SOL", proxies))
    (sol,) = mandate.hedges
    assert sol.proxies == (Proxy("BTC", 0.6), Proxy("ETH", 0.5))
    assert [use.rule for use in sol.use] == ["BTC/USD:BTC", "ETH/USD:ETH"]
    assert "SOL: beta 0 to ADA, so it is left out" in mandate.notes


def test_several_proxies_take_the_contracts_of_their_hedges() -> None:
    """In the order of the proxies."""
    own = hedge("BTC") + hedge("ETH", INVERSE)
    mandate = parse_mandate(BOOK + own + hedge("SOL", "proxy = { ETH = 0.5, BTC = 0.6 }\n"))
    first, second, sol = mandate.hedges
    assert sol.use == (*second.use, *first.use)


def test_a_beta_below_0_is_warned_of_where_no_long_is_allowed() -> None:
    """It asks for one."""
    text = BOOK + hedge("ETH", 'proxy = "BTC"\nbeta = -0.5\n' + INVERSE)
    (said,) = [line for line in parse_mandate(text).warnings if "asks for a long" in line]
    assert said.startswith("ETH: beta -0.5 to BTC asks for a long of BTC")
    allowed = parse_mandate(text + "[limits]\nallow_long = true\n")
    assert not any("asks for a long" in line for line in allowed.warnings)


def test_betas_may_be_estimated() -> None:
    """By a word or a table; what is stated beside it stands where there is no fit."""
    by = 'use = "inverse perpetual"\nbetas = '
    listed = parse_mandate(BOOK + hedge("SOL", f'proxy = ["BTC", "ETH"]\n{by}"estimated"\n'))
    assert listed.hedges[0].betas == BetaRule()
    assert listed.hedges[0].proxies == (Proxy("BTC", 0.5), Proxy("ETH", 0.5))
    table = '{ estimator = "ols", window = "365d", refit = "7d", max_age = "60d" }'
    stated = parse_mandate(BOOK + hedge("SOL", f"proxy = {{ BTC = 1.4 }}\n{by}{table}\n"))
    days = [one * DAY_NS for one in (365, 7, 60)]
    assert stated.hedges[0].betas == BetaRule("ols", *days, is_given=True)
    assert stated.hedges[0].proxies == (Proxy("BTC", 1.4),)
    assert not any("none was given" in line for line in listed.notes if "beta" in line)


def test_a_star_with_nothing_held_is_a_note() -> None:
    """An empty book has nothing to hedge."""
    assert parse_mandate("version = 1\n" + hedge("*")).notes == (
        '[[hedge]] 1 on "*" covers no coin',
    )


# --- contracts in words -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("use", "rule"),
    [
        ("", "BTC/USD:BTC"),
        (INVERSE, "BTC/USD:BTC"),
        (LINEAR, "BTC/USDT:USDT"),
        ('use = "BTC/USD:BTC@quarter"\n', "BTC/USD:BTC@quarter"),
        ('use = [{ account = "coinm" }]\n', "BTC/USD:BTC"),
        ('use = [{ account = "coinm", contract = "linear perpetual" }]\n', "BTC/USDT:USDT"),
        ('use = [{ account = "coinm", contract = "BTC/USD:BTC-241227" }]\n', "BTC/USD:BTC-241227"),
    ],
)
def test_use_may_be_said_in_many_ways(use: str, rule: str) -> None:
    """Left out, in words, a symbol, a rule; with or without the account."""
    assert picks(parse_mandate(BOOK + hedge("BTC", use))) == {"BTC": (Use("coinm", rule, 7.0),)}


def test_a_linear_perpetual_settles_in_what_the_account_holds() -> None:
    """Of several, the one whose margin is there already; else USDT before others."""
    linear = 'use = [{ account = "k", contract = "linear perpetual" }]\n'
    text = 'version = 1\n[[account]]\nname = "v"\nkind = "cold"\nbalances = { BTC = 1 }\n'
    by_usdc = parse_mandate(text + account("k", "deribit", "{ USDC = 5 }") + hedge("BTC", linear))
    assert picks(by_usdc)["BTC"][0].rule == "BTC/USDC:USDC"
    by_usd = parse_mandate(text + account("k", "kraken") + hedge("BTC", linear))
    assert picks(by_usd)["BTC"][0].rule == "BTC/USD:USD"


def test_only_an_account_that_can_hold_the_contract_counts() -> None:
    """Two accounts are no riddle when one venue alone has the contract."""
    text = BOOK + account("d", "deribit")
    mandate = parse_mandate(text + hedge("BTC", 'use = "BTC/USDT:USDT"\n'))
    assert picks(mandate)["BTC"] == (Use("coinm", "BTC/USDT:USDT", 7.0),)


def test_a_hedge_without_any_margin_account_is_warned_of() -> None:
    """The plan still shows the exposure, and says what to add."""
    text = SHORTEST.replace('kind = "margin"\nvenue = "bybit"', 'kind = "spot"')
    mandate = parse_mandate(text)
    assert picks(mandate) == {"BTC": ()}
    assert mandate.warnings[0].startswith("BTC cannot be hedged: no margin account")


def test_a_symbol_that_no_account_has_is_refused() -> None:
    """Said without account too, a misspelled symbol is a mistake and not a missing account."""
    with pytest.raises(MandateError, match='use = "BTC/USD:BTX": bybit has no contract'):
        parse_mandate(BOOK + hedge("BTC", 'use = "BTC/USD:BTX"\n'))


def test_a_hedge_on_a_coin_that_is_not_held_is_warned_of() -> None:
    """A misspelled coin shows."""
    warnings = parse_mandate(BOOK + hedge("SOL")).warnings
    assert "SOL has a [[hedge]], and no account holds any of it" in warnings


# --- accounts that do not exist yet ------------------------------------------------------


def test_an_account_is_assumed_where_its_venue_is_said() -> None:
    """It is empty, cross margin, in the book, and told of."""
    vault = SHORTEST.partition('[[account]]\nname = "coinm"')[0]
    use = 'use = [{ account = "new", venue = "okx", contract = "inverse perpetual" }]\n'
    mandate = parse_mandate(vault + hedge("BTC", use))
    assumed = mandate.book.account("new")
    assert assumed is not None
    assert (assumed.kind, assumed.venue, assumed.margin_mode) == ("margin", "okx", "cross")
    assert (assumed.balances, mandate.assumed_accounts) == ({}, ("new",))
    assert mandate.notes[0] == (
        "account 'new' does not exist yet: an empty cross margin account at okx is assumed"
    )


def test_an_assumed_account_may_be_named_elsewhere() -> None:
    """Coins can be on their way to it, and a collateral plan can be for it."""
    use = 'use = [{ account = "new", venue = "okx" }]\n'
    more = '[[transfer]]\ncurrency = "BTC"\namount = 1\nto = "new"\n'
    more += '[[collateral]]\naccount = "new"\nsource = ["vault"]\n'
    mandate = parse_mandate(BOOK + hedge("BTC", use) + hedge("ETH", use) + more)
    assert mandate.book.transfers[0].target == "new"
    assert mandate.assumed_accounts == ("new",)


def test_an_assumed_account_does_not_compete() -> None:
    """The hedge without `use` still takes the only account that is there."""
    use = 'use = [{ account = "new", venue = "okx" }]\n'
    mandate = parse_mandate(BOOK + hedge("ETH", use) + hedge("BTC"))
    assert picks(mandate)["BTC"] == (Use("coinm", "BTC/USD:BTC", 7.0),)


# --- proxies ------------------------------------------------------------------------------


def test_a_proxied_hedge_may_have_its_own_use() -> None:
    """Its contracts are on the proxy, and no hedge on the proxy is needed."""
    mandate = parse_mandate(BOOK + hedge("ETH", 'proxy = "BTC"\n' + INVERSE))
    assert picks(mandate) == {"ETH": (Use("coinm", "BTC/USD:BTC", 7.0),)}
    assert "ETH: beta 1 to BTC, none was given" in mandate.notes


def test_a_proxied_hedge_may_stand_before_that_of_its_proxy() -> None:
    """Order in the file does not matter, and is kept."""
    mandate = parse_mandate(BOOK + hedge("ETH", 'proxy = "BTC"\n') + hedge("BTC"))
    assert picks(mandate) == {"ETH": mandate.hedges[1].use, "BTC": mandate.hedges[1].use}
    assert [one.underlying for one in mandate.hedges] == ["ETH", "BTC"]


def test_a_proxy_that_cannot_be_traded_is_warned_of() -> None:
    """No account can hold it, so neither coin can be hedged."""
    text = SHORTEST.replace('kind = "margin"\nvenue = "bybit"', 'kind = "spot"')
    mandate = parse_mandate(text + hedge("ETH", 'proxy = "BTC"\n'))
    assert "ETH cannot be hedged: its proxy BTC has no contract to trade" in mandate.warnings


def test_contracts_of_a_proxied_hedge_are_on_the_proxy() -> None:
    """A contract on the coin itself is refused in the use of a proxied hedge."""
    use = 'proxy = "BTC"\nuse = [{ account = "coinm", contract = "ETH/USD:ETH" }]\n'
    with pytest.raises(MandateError, match="is on ETH, this hedge needs a contract on BTC"):
        parse_mandate(BOOK + hedge("ETH", use))


# --- contracts at a time -------------------------------------------------------------------

DATED = """[[account.position]]
contract = "BTC/USD:BTC-241227"
contracts = -100
entry = 60_000
[[account.position]]
contract = "ETH/USD:ETH"
contracts = -100
entry = 3_000
[[account.order]]
client_id = "x"
contract = "BTC/USD:BTC-250328"
contracts = -5
state = "sent"
"""
QUARTER = 'use = [{ account = "coinm", contract = "BTC/USD:BTC@quarter" }]\n'


def legs(mandate: Mandate, time_ns: int) -> list[tuple[str, str, bool]]:
    """The legs of the first hedge, by symbol."""
    found = mandate.legs(mandate.hedges[0], time_ns)
    return [(account, contract.symbol, retire) for account, contract, retire in found]


def test_a_rule_picks_the_nearest_contract_of_the_time() -> None:
    """The one held stays while more than roll_days are left; others of the pair retire."""
    mandate = parse_mandate(BOOK + DATED + hedge("BTC", QUARTER))
    assert legs(mandate, NOV_2024) == [
        ("coinm", "BTC/USD:BTC-241227", False),
        ("coinm", "BTC/USD:BTC-250328", True),
    ]


def test_a_rule_rolls_before_expiry() -> None:
    """Within roll_days the next is picked, and the one held is to be closed."""
    mandate = parse_mandate(BOOK + DATED + hedge("BTC", QUARTER))
    assert legs(mandate, DEC_22_2024) == [
        ("coinm", "BTC/USD:BTC-250328", False),
        ("coinm", "BTC/USD:BTC-241227", True),
    ]


def test_roll_days_decide_when() -> None:
    """With 3 days the same contract is still the pick 5 days before its expiry."""
    mandate = parse_mandate(BOOK + DATED + hedge("BTC", "roll_days = 3\n" + QUARTER))
    assert legs(mandate, DEC_22_2024)[0] == ("coinm", "BTC/USD:BTC-241227", False)


def test_an_expired_contract_is_not_a_leg() -> None:
    """What has been delivered cannot be traded any more."""
    mandate = parse_mandate(BOOK + DATED + hedge("BTC", QUARTER))
    later = DEC_22_2024 + 30 * 86_400 * 10**9
    assert legs(mandate, later) == [("coinm", "BTC/USD:BTC-250328", False)]


def test_a_symbol_retires_nothing() -> None:
    """Only a rule leaves contracts behind; the order of use is kept, each contract once."""
    use = 'use = [{ account = "coinm" }, { account = "coinm", contract = "BTC/USD:BTC" }]\n'
    mandate = parse_mandate(BOOK + DATED + hedge("BTC", use))
    assert legs(mandate, NOV_2024) == [("coinm", "BTC/USD:BTC", False)]
    said = "[[hedge]] 1 (BTC): use, number 2 names BTC/USD:BTC once more; it counts once"
    assert mandate.warnings == (said,)
    assert len(mandate.hedges[0].use) == 1


@pytest.mark.parametrize(("days", "kept"), [("7", 1), ("9", 2)])
def test_a_rule_with_other_days_is_another(days: str, kept: int) -> None:
    """A rule named twice may mean two contracts around a roll; with the same days it does not."""
    entry = '{{ account = "coinm", contract = "BTC/USD:BTC@quarter", roll_days = {} }}'
    use = f"use = [{entry.format(7)}, {entry.format(days)}]\n"
    mandate = parse_mandate(BOOK + hedge("BTC", use))
    assert (len(mandate.hedges[0].use), len(mandate.warnings)) == (kept, 2 - kept)


def test_a_contract_that_does_not_exist_at_the_time_is_told() -> None:
    """The catalog's own words: when it began or ended."""
    mandate = parse_mandate(BOOK + hedge("BTC", 'use = "BTC/USD:BTC-241227"\n'))
    with pytest.raises(ContractError, match="exists until 2024-12-27T08:00:00Z"):
        legs(mandate, DEC_22_2024 + 30 * 86_400 * 10**9)


@pytest.mark.parametrize(("most", "warned"), [("1.5", True), ("2", False), ("4", False)])
def test_a_limit_below_the_band_beside_it_is_a_warning(most: str, warned: bool) -> None:
    """A plan that releases below 2 is never asked where 1.5 is the most."""
    text = BOOK + hedge("BTC") + '[[collateral]]\nsource = ["vault"]\n'
    warnings = parse_mandate(text + f"[limits]\nmax_leverage = {most}\n").warnings
    said = "[[collateral]] 1: its leverage_band begins at 2, above the max_leverage of [limits]"
    assert [one.startswith(said) for one in warnings] == [True] * warned


def test_what_a_plan_can_size_goes_before_an_inverse_it_cannot() -> None:
    """Binance lists SOL both ways, its inverse margin unknown: without `use` the linear trades."""
    text = BOOK.replace("ETH = 40", "SOL = 40").replace('"bybit"', '"binance"')
    mandate = parse_mandate(text + hedge("SOL"))
    assert picks(mandate)["SOL"] == (Use("coinm", "SOL/USDT:USDT", 7.0),)
    assert any("binance:SOL/USD:SOL is passed over" in note for note in mandate.notes)
    named = parse_mandate(text + hedge("SOL") + 'use = "inverse perpetual"\n')
    assert picks(named)["SOL"] == (Use("coinm", "SOL/USD:SOL", 7.0),)


def test_where_no_plan_can_size_any_the_inverse_is_still_meant() -> None:
    """Bybit's margin of SOL is unknown both ways: a contracts file gives that of the inverse."""
    mandate = parse_mandate(BOOK.replace("ETH = 40", "SOL = 40") + hedge("SOL"))
    assert picks(mandate)["SOL"] == (Use("coinm", "SOL/USD:SOL", 7.0),)


def test_a_coin_with_dated_contracts_alone_is_told_their_rule() -> None:
    """Kraken has futures of SOL and, here, no perpetual: the rule is what to write in `use`."""
    text = BOOK.replace("ETH = 40", "SOL = 40").replace('"bybit"', '"kraken"')
    (warning,) = [
        one for one in parse_mandate(text + hedge("SOL")).warnings if "cannot be hedged" in one
    ]
    assert 'write use = "SOL/USD:USD@quarter", add an [[account]]' in warning
    assert "volsculpt contracts find SOL" in warning
    mandate = parse_mandate(text + hedge("SOL", 'use = "SOL/USD:USD@quarter"\n'))
    assert picks(mandate)["SOL"] == (Use("coinm", "SOL/USD:USD@quarter", 7.0),)


def test_a_mandate_reads_the_files_of_its_own_venues(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four other venues would be parsed for nothing at every start; a small letter needs them."""
    read: set[str] = set()
    built_in = catalog_module._built_in
    monkeypatch.setattr(catalog_module, "_built_in", lambda name: read.add(name) or built_in(name))
    parse_mandate(BOOK + hedge("BTC"))
    assert read == {"bybit"}
    parse_mandate(BOOK.replace("ETH = 40", "stETH = 40") + hedge("BTC"))
    assert read == set(catalog_module.BUILT_IN)
