"""Coins that no contract of the catalog is on, told by `check` before a plan asks for a price."""

import pytest

from tests.mandate.samples import BOOK
from volsculpt.contracts.currencies import stands_for_words
from volsculpt.mandate.load import parse_mandate
from volsculpt.watch.empty_margin import unable
from volsculpt.watch.unlisted import unlisted

NOW_NS = 1_704_067_200_000_000_000
COLD = '[[account]]\nname = "more"\nkind = "cold"\nbalances = {{ {} }}\n'
HEDGE = '[[hedge]]\nunderlying = "{}"\nratio = 0.5\n'


@pytest.mark.parametrize(
    ("more", "coins"),
    [
        (COLD.format("ZZZZ = 4"), ["ZZZZ"]),
        (COLD.format("ZZZZ = 0"), []),
        (COLD.format("ZZZZ = 4, YYYY = 2") + HEDGE.format("ZZZZ"), ["ZZZZ", "YYYY"]),
        (HEDGE.format("ZZZZ"), ["ZZZZ"]),
        (COLD.format("ZZZZ = 4") + HEDGE.format("ZZZZ") + 'proxy = "BTC"\nuse = "BTC/USD:BTC"', []),
        (COLD.format("USDT = 4, EUR = 5, SOL = 6"), []),
        (COLD.format("stETH = 4") + '[assets.stETH]\nunderlying = "ETH"', []),
        (COLD.format("XUSD = 4") + '[assets.XUSD]\npeg = "USD"', []),
        (COLD.format("1000ZZZZ = 4"), ["ZZZZ"]),
        (COLD.format("wZZZZ = 4") + '[assets.wZZZZ]\nunderlying = "ZZZZ"', ["ZZZZ"]),
        ('[[transfer]]\ncurrency = "ZZZZ"\namount = 1\nto = "vault"', ["ZZZZ"]),
        ('[[flow]]\naccount = "vault"\ncurrency = "ZZZZ"\namount = 1\nevery = "30d"', ["ZZZZ"]),
    ],
)
def test_a_coin_that_no_contract_is_on_is_told_once(more: str, coins: list[str]) -> None:
    """Wherever it stands, wrapped ones by their coin; not money, not what a proxy hedges."""
    mandate = parse_mandate(BOOK + more)
    found = unlisted(mandate)
    assert [text.partition(" is on ")[2].partition(":")[0] for text in found] == coins
    assert [text for text in unable(mandate, NOW_NS) if text.startswith("unlisted_coin")] == found


@pytest.mark.parametrize("name", ["WBTC", "cbBTC"])
def test_a_wrapped_coin_is_told_its_table_first_and_then_no_more(name: str) -> None:
    """What is told first is what ends the warning, and the coins count as the other's."""
    alone = BOOK + COLD.format(f"{name} = 4")
    (told,) = unlisted(parse_mandate(alone))
    table = f'[assets.{name}] underlying = "BTC"'
    assert f"is on {name}: if it is BTC, wrapped or staked, {table}" in told
    assert "only a proxy" not in told
    assert unlisted(parse_mandate(alone + table.replace("] ", "]\n"))) == []


@pytest.mark.parametrize(
    ("name", "coin"),
    [
        ("WBTC", "BTC"),
        ("wstETH", "ETH"),
        ("JitoSOL", "SOL"),
        ("WBTTC", "BTTC"),
        ("BTC", None),
        ("FOO", None),
        ("SOMETHINGBTC", None),
        ("XOP", None),
    ],
)
def test_the_coin_an_asset_stands_for_is_read_off_its_name(name: str, coin: str | None) -> None:
    """The longest coin that it ends with, after a few letters; no two letters are a coin's."""
    said = stands_for_words(name, ["BTC", "ETH", "SOL", "BTTC", "TC", "OP"])
    assert (said is None) is (coin is None)
    assert said is None or f'[assets.{name}] underlying = "{coin}"' in said
