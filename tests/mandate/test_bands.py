"""Bands of hedges: stated, left out, or found from what a trade of their contracts costs."""

from pathlib import Path

import pytest

from volsculpt.errors import MandateError
from volsculpt.hedge.answer import Band
from volsculpt.hedge.auto_band import NARROWEST, cube_root_width
from volsculpt.mandate.load import load_mandate, parse_mandate
from volsculpt.mandate.objects import Mandate

TEXT = """
version = 1
name = "t"
[[account]]
name = "vault"
kind = "cold"
balances = {{ BTC = 2, ETH = 9 }}
[[account]]
name = "f"
kind = "margin"
venue = "bybit"
balances = {{ BTC = 1 }}
fees = {{ taker = 0.0004 }}
[[hedge]]
underlying = "BTC"
use = "inverse perpetual"
{}
"""
OVERRIDE = "[[override]]\nratio = 1\nuntil = 2030-01-01T00:00:00Z"
PROXIED = """
[[hedge]]
underlying = "ETH"
ratio = 0.2
proxy = "BTC"
band = "auto"
"""


def read(lines: str) -> Mandate:
    """A hedge of bitcoin with these keys."""
    return parse_mandate(TEXT.format(lines))


def width(lines: str) -> float:
    """Half of its band, the same on both sides and, less the fee of 0.04 %, to trade back to."""
    band = read(lines).hedges[0].band
    width, settle = band.under_trigger, band.under_settle
    assert band == Band(width, settle, width, settle)
    assert settle == pytest.approx(width - 0.0004)
    return band.under_trigger


def test_it_is_found_from_the_fee_that_the_account_pays() -> None:
    """0.04 % and 0.01 % of spread, half hedged; the plan says the figure and why."""
    assert width('ratio = 0.5\nband = "auto"') == cube_root_width(0.0005, 3.0, 0.25)
    said = "ratio = 0.5\nband = { aversion = 2, half_spread = 0.0006 }"
    assert width(said) == pytest.approx(cube_root_width(0.001, 2.0, 0.25))
    assert width("ratio = 0.9\nband = { half_spread = 0 }") == pytest.approx(
        cube_root_width(0.0004, 3.0, 0.09)
    )
    note = next(one for one in read('ratio = 0.5\nband = "auto"').notes if "band" in one)
    assert note == (
        "BTC: band 2.5 % either side: a trade costs 0.05 % (fee 0.04 %, half a spread 0.01 %), "
        "aversion 3; at a volatility of 60 % its trades cost 0.022 % a year; found at a ratio of "
        "50 %"
    )


def test_where_no_ratio_is_stated_it_is_that_of_a_half() -> None:
    """A volatility target: its widest. Of a stated number of coins the narrowest."""
    target = 'policy = "vol-target"\nvolatility = 0.3\nband = "auto"'
    assert width(target) == cube_root_width(0.0005, 3.0, 0.25)
    assert width('ratio = 0.5\nbase = "coins"\ncoins = 1\nband = "auto"') == NARROWEST


def test_a_proxied_hedge_pays_what_its_proxy_trades() -> None:
    """The fee of the contract on bitcoin, at the ratio of the coin itself."""
    made = read("ratio = 0.5\nband = { trigger = 0.1 }" + PROXIED)
    assert made.hedges[0].band == Band(0.1, 0.0, 0.1, 0.0)
    assert made.hedges[1].band.under_trigger == pytest.approx(cube_root_width(0.0005, 3.0, 0.16))


def test_an_unknown_fee_is_asked_for(tmp_path: Path) -> None:
    """No figure is invented where neither catalog nor account states one."""
    contract = 'venue = "mine"\n[[contract]]\nsymbol = "BTC/USD:BTC"\npayoff = "inverse"\n'
    (tmp_path / "own.toml").write_text(f"{contract}multiplier = 1\n", encoding="utf-8")
    text = TEXT.format('ratio = 0.5\nband = "auto"').replace('"bybit"', '"mine"')
    text = text.replace("version = 1", 'version = 1\ncontracts_file = "own.toml"')
    path = tmp_path / "m.toml"
    path.write_text(text, encoding="utf-8")
    assert load_mandate(path).hedges[0].band.under_trigger > NARROWEST
    path.write_text(text.replace("fees = { taker = 0.0004 }", ""), encoding="utf-8")
    with pytest.raises(MandateError, match="the taker fee of its first contract is not"):
        load_mandate(path)


@pytest.mark.parametrize(
    ("lines", "sides"),
    [
        ("ratio = 0.5\nband = { trigger = 5 }", ["below", "above"]),
        ("ratio = 0.5\nband = { under = [5, 0], over = [0.05, 0] }", ["below"]),
        ("ratio = 0.5\nband = { under = [0.05, 0], over = [5, 0] }", ["above"]),
        ("ratio = 0.5\nband = { trigger = 0.6 }", ["below"]),
        ("ratio = 0.5\nband = { trigger = 0.4 }", []),
        ("ratio = 1\nband = { trigger = 0.9 }", []),
        ("ratio = 0\nband = { trigger = 0.1 }", []),
        ("ratio = 0.01", []),
        ('ratio = 0.01\nband = "auto"', []),
        ('ratio = 0.004\nband = "auto"', ["below"]),
        ("ratio = 0.5\nband = { aversion = 0.0001 }", ["below"]),
        ("ratio = 0.5\nband = { aversion = 0.00001 }", ["below", "above"]),
        ("ratio = 2\nband = { trigger = 1.5 }\n[limits]\nmax_ratio = 2", []),
        ("ratio = 1\nband = { trigger = 1.5 }\n[limits]\nmin_ratio = -1", []),
        ("ratio = 0.1\nband = { trigger = 0.2 }\n" + OVERRIDE, []),
    ],
)
def test_a_side_that_no_ratio_leaves_is_a_warning(lines: str, sides: list[str]) -> None:
    """A band beyond what ratios can be off trades never: it is said, by side, and let be."""
    found = [one for one in read(lines).warnings if "band: " in one]
    assert [one.partition("band: ")[2].partition(" the")[0] for one in found] == sides


def test_a_band_in_percent_is_told_the_fraction_it_stands_for() -> None:
    """5 for 5 % is 0.05; what may be meant as it stands is told no other figure."""
    below, above = read("ratio = 0.5\nband = { trigger = 5 }").warnings
    assert below == (
        "[[hedge]] 1 (BTC): band: below the target it trades only when more than 500 % off, and "
        "the target never rises above 50 %, so the hedge is never opened; did you mean 0.05?"
    )
    assert above.endswith(
        "never falls below 0 %, so the hedge is never reduced; did you mean 0.05?"
    )
    assert "mean" not in read("ratio = 0.5\nband = { trigger = 0.6 }").warnings[0]
    found = read("ratio = 0.5\nband = { aversion = 0.00001 }").warnings
    assert found[0].endswith(
        "so the hedge is never opened; aversion = 3 is usual, and a larger one makes the band "
        "narrower"
    )
    (found,) = read('ratio = 0.004\nband = "auto"').warnings
    assert found.endswith("never opened; none that is found is narrower, one in numbers may be")
